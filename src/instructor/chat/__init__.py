"""What callers pass as messages, read into neutral ones. The only reader of loose dicts.

    parse(messages) ─ str | Media | Path | list ─▶ one user message
                    └ list of messages ─ dict | SDK object ─▶ messages ─▶ parts ─▶ PARTS[type]

    neutral(native)    what a part in one dialect's form means to another dialect

What callers pass is only read, never written to. What a dialect's answer holds beside the message (ids, usage,
stop reasons) is left out when the answer is passed back as history.
"""

from .dialects import neutral
from .messages import ROLES, may_read_files, parse, words
from .parts import place

__all__ = ["ROLES", "may_read_files", "neutral", "parse", "place", "words"]
