"""Readings laid out as one sequence of lines of cells, each with a box.

    Reading ──▶ Line … ──▶ Cell …      words that stand close are one cell; a wide gap, a tab, "|" or a
                                       comma of a CSV file begins the next one

A medium without geometry (plain text, speech) gets boxes of its own: one character is 8 wide, one line 18 high, so that
"to the right" and "below" mean the same everywhere.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace

from ....values import dataclass
from ..reading import Box, Reading, Row, Word

_CHAR, _HEIGHT, _PITCH = 8.0, 12.0, 18.0
_COLUMN = 400.0
_CLOSE = 0.6
_LEADERS = re.compile(r"(?:[._…·]\s?){3,}|…+|_{2,}")
_GLUED = re.compile(r"((?:[/.]|-)(?:19|20)\d\d)(\d\d:\d\d)")
_SPACES = re.compile(r"\s+")
_RULE = re.compile(r"[\s|:+=\-–—_*.]*")
_GAPS = re.compile(r"\t+|\s*\|\s*| {2,}")
_DELIMITED = {"text/csv": ",", "application/csv": ",", "text/tab-separated-values": "\t"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A run of words that belong together. `parts` are the words it was made of."""

    id: int
    line: int
    text: str
    box: Box
    parts: tuple[Word, ...]

    @property
    def height(self) -> float:
        """Of the box."""
        return self.box[3] - self.box[1]

    @property
    def centre(self) -> float:
        """Of the box, across."""
        return (self.box[0] + self.box[2]) / 2


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of one row, left to right; `flat` if the medium has no geometry of its own."""

    index: int
    cells: tuple[Cell, ...]
    page: tuple[int, int]
    flat: bool

    @property
    def text(self) -> str:
        """The cells joined by single spaces."""
        return " ".join(cell.text for cell in self.cells)

    @property
    def top(self) -> float:
        """Of the highest cell."""
        return min(cell.box[1] for cell in self.cells)

    @property
    def bottom(self) -> float:
        """Of the lowest cell."""
        return max(cell.box[3] for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Layout:
    """All lines of all readings. `page` of a line is (reading, page)."""

    lines: tuple[Line, ...]
    readings: tuple[Reading, ...]

    @property
    def cells(self) -> list[Cell]:
        """Every cell, in reading order."""
        return [cell for line in self.lines for cell in line.cells]

    def part(self, lines: Sequence[Line]) -> Layout:
        """A layout of some of the lines alone."""
        return Layout(
            tuple(
                replace(line, index=i, cells=tuple(replace(cell, line=i) for cell in line.cells))
                for i, line in enumerate(lines)
            ),
            self.readings,
        )

    def below(self, cell: Cell, depth: int = 1) -> list[Cell]:
        """The next `depth` cells under `cell` in its column, nearest first, each close to the one above."""
        found: list[Cell] = []
        current, here = cell, self.lines[cell.line]
        for line in self.lines[cell.line + 1 :]:
            if line.page != here.page or line.top - current.box[3] > 2.6 * max(current.height, 1.0):
                break
            under = [one for one in line.cells if _in_column(cell, one)]
            if under:
                current = min(under, key=lambda one: abs(one.box[0] - cell.box[0]))
                found.append(current)
                if len(found) == depth:
                    break
        return found


def lay_out(readings: Sequence[Reading]) -> Layout:
    """The lines of all `readings`, in order, empty ones dropped."""
    lines: list[Line] = []
    count = 0
    for number, reading in enumerate(readings):
        for position, row in enumerate(reading.rows):
            bare = all(word.box[2] <= word.box[0] for word in row.words)
            flat = bare or reading.kind in ("text", "audio")
            if bare:
                made = _flat_cells(row, reading.media_type, position)
            else:
                made = _boxed_cells(_scaled(row) if flat else row)
            cells = tuple(
                Cell(count + i, len(lines), text, box, parts) for i, (text, box, parts) in enumerate(made) if text
            )
            if cells:
                count += len(made)
                lines.append(Line(len(lines), cells, (number, row.page), flat))
    return Layout(tuple(lines), tuple(readings))


def _in_column(upper: Cell, lower: Cell) -> bool:
    """Whether `lower` stands under `upper`: left edges or centres or right edges agree, or the boxes overlap much."""
    slack = 1.2 * max(upper.height, 1.0)
    aligned = abs(upper.box[0] - lower.box[0]) <= slack or abs(upper.box[2] - lower.box[2]) <= slack
    overlap = min(upper.box[2], lower.box[2]) - max(upper.box[0], lower.box[0])
    narrow = min(upper.box[2] - upper.box[0], lower.box[2] - lower.box[0])
    return overlap > 0 and (aligned or abs(upper.centre - lower.centre) <= slack or overlap > 0.6 * narrow)


def clean(text: str) -> str:
    """`text` without leader dots, rules and blanks to write on; one kind of colon and of space, a time parted from its date."""
    bare = _GLUED.sub(r"\1 \2", _LEADERS.sub(" ", text.replace("：", ":").replace("\u00a0", " ")))
    return _SPACES.sub(" ", bare).strip(" |")


def _scaled(row: Row) -> Row:
    """A row whose boxes count characters and lines, with the boxes of a fixed pitch."""
    words = (
        replace(
            word, box=(word.box[0] * _CHAR, word.box[1] * _PITCH, word.box[2] * _CHAR, word.box[1] * _PITCH + _HEIGHT)
        )
        for word in row.words
    )
    return replace(row, words=tuple(words))


def _boxed_cells(row: Row) -> list[tuple[str, Box, tuple[Word, ...]]]:
    """Words joined where the gap between them is small against their height."""
    runs: list[list[Word]] = []
    for word in sorted((word for word in row.words if word.text.strip()), key=lambda word: word.box[0]):
        last = runs[-1][-1] if runs else None
        if last is not None and word.box[0] - last.box[2] <= _CLOSE * min(
            last.box[3] - last.box[1], word.box[3] - word.box[1]
        ):
            runs[-1].append(word)
        else:
            runs.append([word])
    return [
        (clean(" ".join(word.text for word in run)), around([word.box for word in run]), tuple(run)) for run in runs
    ]


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all `boxes`."""
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def _flat_cells(row: Row, media_type: str, position: int) -> list[tuple[str, Box, tuple[Word, ...]]]:
    """Cells of a line of characters, with boxes as if printed in a fixed pitch."""
    text = row.text.replace("\u00a0", " ").rstrip()
    top = position * _PITCH
    mark = _DELIMITED.get(media_type)
    columned = mark is not None or "|" in text or "\t" in text
    if not columned or mark is not None:
        pieces = _delimited(text, mark) if mark is not None else _spaced(text)
    else:
        pieces = [] if _RULE.fullmatch(text) else [(0, piece) for piece in _GAPS.split(text.strip(" |"))]
    cells: list[tuple[str, Box, tuple[Word, ...]]] = []
    for column, (start, piece) in enumerate(pieces):
        left = column * _COLUMN if columned else start * _CHAR
        box = (left, top, left + max(len(piece), 1) * _CHAR, top + _HEIGHT)
        cells.append((clean(piece), box, (Word(piece, box),)))
    return [cell for cell in cells if cell[0]]


def _delimited(text: str, mark: str) -> list[tuple[int, str]]:
    try:
        return [(0, piece) for piece in next(csv.reader([text.replace("\0", " ")], delimiter=mark), [])]
    except csv.Error:
        return [(0, piece) for piece in text.split(mark)]


def _spaced(text: str) -> list[tuple[int, str]]:
    """Runs of words between two spaces or more, with the place where each begins."""
    pieces: list[tuple[int, str]] = []
    start = len(text) - len(text.lstrip())
    for gap in _GAPS.finditer(text, start):
        pieces.append((start, text[start : gap.start()]))
        start = gap.end()
    return [*pieces, (start, text[start:])]
