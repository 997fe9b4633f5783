"""Lists of objects, from tables by their header.

Qty   Description        Price    Total        headers.header: which column is which property
──┬── ─────┬─────        ──┬──    ──┬──
  2    Coffee beans      12.00    24.00        a row: each cell goes to the column it overlaps, or lines up with
       dark roast                              no number: the description goes on
                      Subtotal    24.00        a label of a sum, a wide gap, a line of other things: the end
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from ....values import dataclass
from ..reading import Box
from .coerce import Hints, coerce
from .concepts import SUMMARY_WORDS
from .headers import Column, columns_of, header, share_of
from .labels import concepts_of
from .layout import Cell, Layout, Line
from .slots import Slot

_AMOUNT = re.compile(r"\d[.,]\d{2}(?!\d)")
_FIRST_GAP, _NEXT_GAP = 4.0, 2.2
_SUMS = frozenset({"total", "subtotal", "tax", "change", "tip", "discount", "shipping", "service"})
_PERHAPS_SUMS = frozenset({"net", "gross", "cash", "deposit", "service", "rounded"})
"""Labels of sums that may also be items: a fishing net, a service."""
Texts = dict[int, list[str]]
"""What stands in each column of a row."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows read under one header: values by leaf, and the cells they came from."""

    rows: tuple[Mapping[int, Any], ...]
    cells: frozenset[int]
    line: int
    score: float


@dataclass(slots=True)
class _Growing:
    """A table while its rows are read; local to `_read`."""

    last: Line
    rows: list[Texts] = field(default_factory=list[Texts])
    cells: set[int] = field(default_factory=set[int])
    gap: float = 0.0


def find_tables(layout: Layout, leaves: Sequence[Slot], hints: Hints, round: int = 0) -> list[Table]:
    """Every table whose header names the leaves, in reading order."""
    index = columns_of(leaves, round)
    tables: list[Table] = []
    read = frozenset[int]()
    for line in layout.lines:
        columns = None if line.cells[0].id in read else header(line, leaves, index)
        if columns is None:
            continue
        table = _read(layout, line, columns, leaves, hints)
        if table.rows:
            tables.append(table)
            read |= table.cells
    return tables


def _read(layout: Layout, head: Line, columns: Sequence[Column], leaves: Sequence[Slot], hints: Hints) -> Table:
    """The rows under a header, until it ends."""
    grown = _Growing(head, cells={cell.id for cell in head.cells})
    for line in layout.lines[head.index + 1 :]:
        if _ends(grown, line, next_line(layout, line), columns):
            break
        if line.page != grown.last.page and line.text == head.text:
            grown.cells.update(cell.id for cell in line.cells)
            grown.last = line
            continue
        texts = _texts(line, columns)
        near = _step(grown.last, line) <= 1.0 * _height(line)
        if _begins_row(texts, columns, leaves, hints):
            grown.rows.append(texts)
        elif grown.rows and near and _continues(texts, columns, leaves):
            for column, more in texts.items():
                grown.rows[-1].setdefault(column, []).extend(more)
        else:
            break
        grown.gap = max(grown.gap, _step(grown.last, line))
        grown.last = line
        grown.cells.update(cell.id for cell in line.cells)
    rows = (_typed(row, columns, leaves, hints) for row in grown.rows)
    score = sum(column.score for column in columns)
    return Table(tuple(row for row in rows if row), frozenset(grown.cells), head.index, score)


def _height(line: Line) -> float:
    return max(max(cell.height for cell in line.cells), 1.0)


def _step(upper: Line, lower: Line) -> float:
    return lower.top - upper.bottom if upper.page == lower.page else 0.0


def next_line(layout: Layout, line: Line) -> Line | None:
    """The line after `line`, of the same page."""
    after = layout.lines[line.index + 1 : line.index + 2]
    return after[0] if after and after[0].page == line.page else None


def _ends(grown: _Growing, line: Line, after: Line | None, columns: Sequence[Column]) -> bool:
    """Whether `line` lies beyond the table: another medium, a sum, or a gap wider than those between the rows."""
    last = grown.last
    if line.page[0] != last.page[0] or line.page[1] > last.page[1] + 1:
        return True
    if is_sum(line, after) and len(line.cells) < max(len(columns), 3):
        return True
    widest = _FIRST_GAP * _height(line) if not grown.rows else max(_NEXT_GAP * _height(line), _NEXT_GAP * grown.gap)
    return _step(last, line) > widest


def is_sum(line: Line, after: Line | None = None) -> bool:
    """Whether a line is a sum by the label in one of its cells: "Subtotal", "VAT 20%", "Paid by Visa", "Total items".

    "Net", "Cash" and their like are one where no item follows.
    """
    if any(_labels_sum(cell.text) for cell in line.cells):
        return True
    return _perhaps_sum(line) and (after is None or _perhaps_sum(after) or is_sum(after) or not _priced(after))


def _perhaps_sum(line: Line) -> bool:
    first = _label_words(line.cells[0].text)
    return " ".join(first) in _PERHAPS_SUMS and (len(line.cells) == 2 or _priced(line))


def _priced(line: Line) -> bool:
    return bool(_AMOUNT.search(line.text)) and any(char.isalpha() for char in line.text)


def _label_words(text: str) -> list[str]:
    """The words of a label in lower case, without numbers, signs and currency."""
    label = "".join(char if char.isalpha() or char in " '" else " " for char in text.replace("-", "")).split()
    while label and label[-1].upper() in ("USD", "EUR", "GBP", "CHF"):
        label.pop()
    return [word.lower() for word in label]


def _labels_sum(text: str) -> bool:
    words = _label_words(text)
    if not words or len(words) > 5:
        return False
    whole = concepts_of(" ".join(words)) & _SUMS and " ".join(words) not in (
        "price",
        "amount",
        *_PERHAPS_SUMS,
    )
    gross = words[0] in ("net", "gross") and words[-1] in ("amount", "total", "sum", "value")
    return (
        bool(whole)
        or gross
        or words[0] in ("total", "subtotal", "vat", "gst")
        or bool(set(words) & SUMMARY_WORDS and len(words) <= 3)
    )


def _texts(line: Line, columns: Sequence[Column]) -> Texts:
    """The texts of a line by column; a cell that spans several columns is divided between its words."""
    texts: Texts = {}
    if line.flat and len(line.cells) == len(columns):
        # Typed tables are often out of line, but complete.
        return {column: [cell.text] for column, cell in enumerate(line.cells)}
    for cell in line.cells:
        for column, text in _parts(cell, columns):
            texts.setdefault(column, []).append(text)
    return texts


def _parts(cell: Cell, columns: Sequence[Column]) -> Iterator[tuple[int, str]]:
    words = cell.text.split()
    if len(words) < 2 or not (_spans(cell.box, columns) or _runs_into(cell, columns)):
        yield _nearest(cell.box, columns), cell.text
        return
    runs: Texts = {}
    for word, box in _word_boxes(cell, columns):
        runs.setdefault(_nearest(box, columns), []).append(word)
    yield from ((column, " ".join(run)) for column, run in runs.items())


def _spans(box: Box, columns: Sequence[Column]) -> bool:
    """Whether a box covers the middle of two columns."""
    return sum(box[0] <= (column.box[0] + column.box[2]) / 2 <= box[2] for column in columns) > 1


def _runs_into(cell: Cell, columns: Sequence[Column]) -> bool:
    """Whether a number that was read by itself was joined to the text of the column before."""
    if len(cell.parts) < 2:
        return False
    first, *_, last = cell.parts
    numeric = any(char.isdigit() for char in last.text)
    return (
        numeric
        and _nearest(last.box, columns) != _nearest(first.box, columns)
        and any(last.box[0] < column.box[2] and column.box[0] < last.box[2] for column in columns)
    )


def _word_boxes(cell: Cell, columns: Sequence[Column]) -> Iterator[tuple[str, Box]]:
    """The pieces a cell was joined from; one that covers several columns itself, word by word in proportion."""
    pieces = [(part.text, part.box) for part in cell.parts] if len(cell.parts) > 1 else [(cell.text, cell.box)]
    for text, box in pieces:
        if not _spans(box, columns):
            yield text, box
            continue
        whole = replace(cell, text=text, box=box)
        for word in re.finditer(r"\S+", text):
            yield word[0], share_of(whole, word.start(), word.end())


def _nearest(box: Box, columns: Sequence[Column]) -> int:
    """The column that a box overlaps most, else the one whose edge or middle it comes nearest."""

    def distance(number: int) -> tuple[float, float]:
        left, _, right, _ = columns[number].box
        overlap = min(box[2], right) - max(box[0], left)
        edges = min(abs(box[0] - left), abs(box[2] - right), abs(box[0] + box[2] - left - right) / 2)
        return -max(overlap, 0.0) / max(min(box[2] - box[0], right - left), 1e-6), edges

    return min(range(len(columns)), key=distance)


def _hard(column: int, columns: Sequence[Column], leaves: Sequence[Slot]) -> bool:
    """Whether a column holds values that only some texts are (numbers, dates, …)."""
    slot = columns[column].slot
    return slot is not None and (leaves[slot].shape.kind not in ("text", "any") or leaves[slot].role != "")


def _begins_row(texts: Texts, columns: Sequence[Column], leaves: Sequence[Slot], hints: Hints) -> bool:
    """Whether a line is a row of its own: a typed column has its value; without such columns, two are filled."""
    typed = [column for column in range(len(columns)) if _hard(column, columns, leaves)]
    read = _typed(texts, columns, leaves, hints)
    if typed:
        nameless = len(typed) < len(columns) and all(column in typed for column in texts)
        worded = any(columns[column].slot not in read and _worded(texts[column]) for column in texts)
        return any(columns[column].slot in read for column in typed if column in texts) and not (nameless and worded)
    others = [column for column in texts if any(char.isdigit() for char in "".join(texts[column]))]
    return bool(read) and (len(texts) >= min(2, len(columns)) or (bool(others) and columns[others[0]].slot is None))


def _worded(texts: Sequence[str]) -> bool:
    """Whether words stand where values should: the label of a sum, set under the columns of amounts."""
    return not any(char.isdigit() for char in "".join(texts)) and sum(map(str.isalpha, "".join(texts))) >= 3


def _continues(texts: Texts, columns: Sequence[Column], leaves: Sequence[Slot]) -> bool:
    """Whether a line only carries text columns further."""
    return len(texts) == 1 and not any(_hard(column, columns, leaves) for column in texts)


def _typed(row: Texts, columns: Sequence[Column], leaves: Sequence[Slot], hints: Hints) -> dict[int, Any]:
    """The texts of a row as values of the leaves."""
    values: dict[int, Any] = {}
    for column, texts in row.items():
        slot = columns[column].slot
        if slot is None:
            continue
        found = coerce(leaves[slot].shape, " ".join(texts), hints, leaves[slot].role)
        if found is not None and found.fit >= 0.3:
            values[slot] = found.value
    return values
