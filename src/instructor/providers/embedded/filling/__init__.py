"""Filling a JSON Schema from what was read. `fill` never invents; what it does not find, it names.

fill ─┬─ shape     the schema as a tree               layout   the readings as lines of cells
      ├─ labels    which words name which property    concepts   what documents call things
      ├─ slots · hits · pairs                         labels and the values beside and below them
      ├─ parties · sentences · clues · headlines      values without a label of their own
      ├─ records · headers · tables · receipts        lists of objects          lists   of simple values
      ├─ describe                                     facts and free text
      └─ coerce ── numbers · dates                    text to typed values
"""

from .fill import Filled, fill

__all__ = ["Filled", "fill"]
