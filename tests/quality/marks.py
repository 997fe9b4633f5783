"""What can be drawn on a page, as frozen values, and the few layouts that produce them.

    Page ── marks: Mark …
                   ├── Text    one run of glyphs in one of the standard PDF faces
                   ├── Rule    a straight line
                   ├── Box     a rectangle, filled and/or outlined
                   └── Code    a QR or bar code

Coordinates are points, origin top left; `y` of a text is its baseline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "right", "centre"]
Colour = tuple[int, int, int]

INK: Colour = (25, 25, 30)
GREY: Colour = (105, 105, 110)
PALE: Colour = (225, 228, 232)
WHITE: Colour = (255, 255, 255)
NAVY: Colour = (22, 45, 92)
RED: Colour = (178, 34, 40)
GREEN: Colour = (20, 105, 70)


@dataclass(frozen=True, slots=True)
class Text:
    x: float
    y: float
    text: str
    size: float = 10
    font: str = "Helvetica"
    align: Align = "left"
    colour: Colour = INK


@dataclass(frozen=True, slots=True)
class Rule:
    x0: float
    y0: float
    x1: float
    y1: float
    width: float = 0.7
    colour: Colour = INK


@dataclass(frozen=True, slots=True)
class Box:
    x0: float
    y0: float
    x1: float
    y1: float
    fill: Colour | None = None
    stroke: Colour | None = INK
    width: float = 0.7


@dataclass(frozen=True, slots=True)
class Code:
    """`height` None keeps the symbol square."""

    x: float
    y: float
    width: float
    format: str
    text: str
    height: float | None = None


Mark = Text | Rule | Box | Code


@dataclass(frozen=True, slots=True)
class Page:
    width: float
    height: float
    marks: tuple[Mark, ...]
    paper: Colour = WHITE


@dataclass(frozen=True, slots=True)
class Face:
    """A family of faces with a size: what a designer picks once per document."""

    regular: str = "Helvetica"
    bold: str = "Helvetica-Bold"
    size: float = 10


SANS = Face()
SERIF = Face("Times-Roman", "Times-Bold", 11)
MONO = Face("Courier", "Courier-Bold", 9.5)


def lines(
    x: float,
    y: float,
    texts: Sequence[str],
    face: Face = SANS,
    *,
    gap: float = 1.35,
    align: Align = "left",
    bold: bool = False,
    colour: Colour = INK,
) -> Iterator[Mark]:
    """Lines of text below each other."""
    font = face.bold if bold else face.regular
    for number, text in enumerate(texts):
        yield Text(x, y + number * gap * face.size, text, face.size, font, align, colour)


def pairs(
    x: float,
    y: float,
    rows: Sequence[tuple[str, str]],
    face: Face = SANS,
    *,
    value_x: float,
    align: Align = "left",
    gap: float = 1.6,
    bold_label: bool = False,
    bold_value: bool = False,
    leader: bool = False,
) -> Iterator[Mark]:
    """Labels on the left, values on the right; `leader` draws a dotted line between them."""
    for number, (label, value) in enumerate(rows):
        here = y + number * gap * face.size
        yield Text(x, here, label, face.size, face.bold if bold_label else face.regular)
        yield Text(value_x, here, value, face.size, face.bold if bold_value else face.regular, align)
        if leader:
            start = x + (len(label) + 1) * face.size * 0.6
            stop = value_x - (len(value) + 1) * face.size * 0.6
            dots = "." * max(0, int((stop - start) / (face.size * 0.6)))
            yield Text(start, here, dots, face.size, face.regular, colour=GREY)


def below(
    x: float,
    y: float,
    cells: Sequence[Sequence[tuple[str, str]]],
    face: Face = SANS,
    *,
    widths: Sequence[float],
    row_height: float = 36,
    boxed: bool = False,
    label_size: float = 7,
    bold_value: bool = False,
) -> Iterator[Mark]:
    """A form: small labels, each with its value on the line below, in columns."""
    font = face.bold if bold_value else face.regular
    for row, entries in enumerate(cells):
        left, top = x, y + row * row_height
        for (label, value), width in zip(entries, widths, strict=False):
            if boxed:
                yield Box(left, top, left + width, top + row_height, stroke=GREY)
            yield Text(left + 4, top + label_size + 4, label, label_size, face.regular, colour=GREY)
            yield Text(left + 4, top + label_size + 6 + face.size * 1.2, value, face.size, font)
            left += width


@dataclass(frozen=True, slots=True)
class Column:
    header: str
    width: float
    align: Align = "left"


_OFFSET: dict[Align, float] = {"left": 0.0, "right": 1.0, "centre": 0.5}


def grid(
    x: float,
    y: float,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    face: Face = SANS,
    *,
    row_height: float = 18,
    ruled: Literal["none", "header", "rows", "all"] = "header",
    head_fill: Colour | None = None,
    head_colour: Colour = INK,
    pad: float = 4,
) -> Iterator[Mark]:
    """A table with a header row."""
    width = sum(column.width for column in columns)
    bottom = y + row_height * (len(rows) + 1)
    if head_fill is not None:
        yield Box(x, y, x + width, y + row_height, head_fill, None)
    for number, cells in enumerate([[column.header for column in columns], *rows]):
        top = y + number * row_height
        left = x
        font, colour = (face.bold, head_colour) if number == 0 else (face.regular, INK)
        for column, text in zip(columns, cells, strict=True):
            share = _OFFSET[column.align]
            at = left + pad + share * (column.width - 2 * pad)
            yield Text(at, top + row_height * 0.68, text, face.size, font, column.align, colour)
            left += column.width
        if ruled in ("rows", "all") or (ruled == "header" and number == 0):
            yield Rule(x, top + row_height, x + width, top + row_height, 0.5)
    if ruled == "all":
        edges = [x + sum(c.width for c in columns[:n]) for n in range(len(columns) + 1)]
        yield from (Rule(edge, y, edge, bottom, 0.5) for edge in edges)
        yield Rule(x, y, x + width, y, 0.5)


def tick(x: float, y: float, size: float, label: str, checked: bool, face: Face = SANS) -> Iterator[Mark]:
    """A drawn check box with its caption to the right; `y` is the caption's baseline."""
    yield Box(x, y - size + 1, x + size, y + 1, stroke=INK)
    if checked:
        yield Rule(x + 2, y - 1, x + size - 2, y - size + 3, 1.3)
        yield Rule(x + 2, y - size + 3, x + size - 2, y - 1, 1.3)
    yield Text(x + size + 5, y, label, face.size, face.regular)
