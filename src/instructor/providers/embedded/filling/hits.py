"""Where labels are printed: whole cells, text before a colon, and the first words of a cell.

"Total" │ "Total:"        whole        "Name: Jason  Age: 20"    one hit per colon
"Total: 12.00"            colon        "TotalDue$12.00"          the first words, then what looks like a value
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ....values import dataclass
from .labels import LabelIndex, Match, fold
from .layout import Cell, Layout

_COLON = re.compile(r"(?<!\d)\s*(?::(?!//)|=)|(?<=\d)\s*(?::(?!\d|//)|=)")
_ASIDE = re.compile(r"\s*[(\[][^)\]]{0,30}[)\]]|\s+@?\s*\d{1,2}(?:[.,]\d+)?\s?%|\s*[*.]+$")
_INNER = re.compile(r"[(\[]([^\W\d_][^)\]]{2,})[)\]]")
_CURRENCY = re.compile(r"\s+(?:in\s+)?(?:USD|EUR|GBP|CHF|CAD|AUD|[$€£])$")
_WORD_START = re.compile(r"\S+")
_VALUE_START = re.compile(r"\.?\s*[\d$€£¥(+#]|\.\s+\S|\s*[A-Z]{2,}|\s+\S")
_MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """A label at `cell.text[start:end]`; its value begins at `end`. `stop` is where the next label begins."""

    cell: Cell
    start: int
    end: int
    stop: int
    match: Match
    colon: bool
    whole: bool

    @property
    def rest(self) -> str:
        """What follows the label in the same cell."""
        return self.cell.text[self.end : self.stop].strip(" :.=")


def find_hits(layout: Layout, index: LabelIndex) -> dict[int, list[Hit]]:
    """The labels in every cell, by the cell's id, left to right."""
    found = {
        cell.id: list(_in_cell(cell, index, last=cell is line.cells[-1]))
        for line in layout.lines
        for cell in line.cells
    }
    return {key: hits for key, hits in found.items() if hits}


def _in_cell(cell: Cell, index: LabelIndex, last: bool) -> Iterator[Hit]:
    """The labels in one cell; `last`: no other cell follows in its line."""
    spans = list(_before_colons(cell.text, index))
    if spans:
        for i, (start, end, match) in enumerate(spans):
            stop = spans[i + 1][0] if i + 1 < len(spans) else len(cell.text)
            yield Hit(cell, start, end, stop, match, True, False)
        return
    size = len(cell.text)
    short = list(variants(cell.text)) if size <= 60 else []
    surely = [_lowered(named, factor) for text, factor in short if (named := index.sure(text)) is not None]
    if surely:
        yield Hit(cell, 0, size, size, max(surely, key=lambda match: bool(match.slots)), False, True)
        return
    first = _first_words(cell.text, index)
    if first is not None and (last or any(char.isdigit() for char in cell.text[first[0] :])):
        yield Hit(cell, 0, first[0], size, first[1], False, False)
        return
    for text, factor in short:
        named = index.guess(text)
        if named is not None:
            yield Hit(cell, 0, size, size, _lowered(named, factor), False, True)
            return


def variants(text: str) -> Iterator[tuple[str, float]]:
    """A label as printed, without an aside ("(USD)", "20%"), the aside, and each half of a two-language one."""
    yield text, 1.0
    stripped = _CURRENCY.sub("", _ASIDE.sub("", text)).strip()
    if stripped and stripped != text:
        yield stripped, 0.98
    inner = _INNER.search(text)
    if inner is not None:
        yield inner[1], 0.85
    if "/" in text:
        for half in text.split("/"):
            if len(half.strip()) >= 3:
                yield half.strip(), 0.9


def _lowered(match: Match, factor: float) -> Match:
    return match if factor == 1.0 else replace(match, quality=match.quality * factor)


def _before_colons(text: str, index: LabelIndex) -> Iterator[tuple[int, int, Match]]:
    """(start, end, match) of each label before a colon: the longest run of words that is one."""
    begin = 0
    for colon in _COLON.finditer(text):
        segment = text[begin : colon.start()]
        starts = [begin + word.start() for word in _WORD_START.finditer(segment)]
        if not starts:
            continue
        best: tuple[int, Match] | None = None
        for start in starts[-_MOST_WORDS:]:
            for label, factor in variants(text[start : colon.start()]):
                match = index.find(label)
                if match is not None and (best is None or _better(_lowered(match, factor), best[1])):
                    best = (start, _lowered(match, factor))
        if best is None and any(char.isalpha() for char in segment) and len(starts) <= _MOST_WORDS:
            # Unknown, yet a label: whatever stands before it ends here.
            best = (starts[0] if begin == 0 else starts[-1], Match("", 1.0, ()))
        if best is not None:
            yield best[0], colon.end(), best[1]
            begin = colon.end()


def _better(match: Match, best: Match) -> bool:
    """Whether a shorter label is the better one: asked for when the longer is not, or clearly closer."""
    if bool(match.slots) != bool(best.slots):
        return bool(match.slots)
    return match.quality > best.quality + 0.02


def _first_words(text: str, index: LabelIndex) -> tuple[int, Match] | None:
    """(end, match) of the longest label a cell begins with, when what follows may be a value."""
    key, places = fold(text)
    for length in index.lengths:
        if length >= len(key):
            continue
        match = index.exact(key[:length])
        end = places[length - 1] + 1
        if match is None or length < 2 or not _VALUE_START.match(text[end:]):
            continue
        if end < len(text) and text[end].isdigit() and text[end - 1].isdigit():
            continue
        return end, match
    return _nearly_first(text, index)


def _nearly_first(text: str, index: LabelIndex) -> tuple[int, Match] | None:
    """The same with slips in the letters, only before something like an amount, a date or a number."""
    value = re.search(r"\s+[#$€£¥]?\s?\d", text)
    if value is None or value.start() == 0 or value.start() > 40:
        return None
    for label, factor in variants(text[: value.start()]):
        match = index.find(label)
        if match is not None:
            return value.start(), _lowered(match, factor)
    return None
