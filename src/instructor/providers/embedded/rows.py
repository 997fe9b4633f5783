"""Pieces of text on a plane → rows in reading order. Geometry only: no picture, no library.

Piece … ──level──→ Word … ──rows──→ Row …

level   turns the page upright (the median slope of the long pieces), then irons out what slope is left:
        in a photograph lines fan out, so the slope is fitted as a straight line over the height of the page
rows    a word joins a row when it overlaps every word in it; so a tall logo or cell beside two lines does
        not tie them together
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import atan2, cos, hypot, pi, sin, tan
from statistics import fmean

from ...values import dataclass
from .reading import Box, Row, Word

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
"""Corners from the top left, clockwise."""

LONG = 2.0
"""Only pieces at least so many times wider than high have a slope worth believing."""
FAN = 6
"""Fewer long pieces than this do not show how lines fan out."""
NEAR, FAR = 0.5, 0.3
"""Vertical overlap (share of the lower box) that a word needs with the last, and with any, word of its row."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in a box that may stand askew."""

    text: str
    quad: Quad
    confidence: float


def width(quad: Quad) -> float:
    """The length of the longer of top and bottom edge."""
    a, b, c, d = quad
    return max(hypot(b[0] - a[0], b[1] - a[1]), hypot(c[0] - d[0], c[1] - d[1]))


def height(quad: Quad) -> float:
    """The length of the longer of left and right edge."""
    a, b, c, d = quad
    return max(hypot(d[0] - a[0], d[1] - a[1]), hypot(c[0] - b[0], c[1] - b[1]))


def level(pieces: Sequence[Piece], size: tuple[float, float]) -> tuple[Word, ...]:
    """The pieces as words with upright boxes, as they would stand on a page held straight."""
    centre = (size[0] / 2, size[1] / 2)
    tilt = _median([(_slope(p.quad), width(p.quad)) for p in pieces if _is_long(p.quad)])
    turned = [(p, _turn(p.quad, centre, -tilt)) for p in pieces]
    start, growth = _fan([quad for _, quad in turned if _is_long(quad)])
    return tuple(Word(p.text, _box(_iron(quad, centre, start, growth)), p.confidence) for p, quad in turned)


def rows(words: Iterable[Word], page: int = 1) -> tuple[Row, ...]:
    """The words grouped to rows: top to bottom, and left to right within a row."""
    found: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.box[0]):
        fits = [row for row in found if _belongs(word, row)]
        if fits:
            max(fits, key=lambda row: _overlap(word.box, row[-1].box)).append(word)
        else:
            found.append([word])
    found.sort(key=lambda row: fmean((w.box[1] + w.box[3]) / 2 for w in row))
    return tuple(Row(tuple(row), page) for row in found)


def _belongs(word: Word, row: Sequence[Word]) -> bool:
    return _overlap(word.box, row[-1].box) >= NEAR and all(_overlap(word.box, w.box) >= FAR for w in row)


def _overlap(a: Box, b: Box) -> float:
    lower = min(a[3] - a[1], b[3] - b[1])
    return (min(a[3], b[3]) - max(a[1], b[1])) / lower if lower > 0 else 0.0


def _is_long(quad: Quad) -> bool:
    return width(quad) >= LONG * height(quad)


def _slope(quad: Quad) -> float:
    a, b, c, d = quad
    return atan2(b[1] - a[1] + c[1] - d[1], b[0] - a[0] + c[0] - d[0])


def _median(weighted: list[tuple[float, float]]) -> float:
    """The weighted median; 0 of nothing."""
    weighted.sort()
    half = sum(weight for _, weight in weighted) / 2
    for value, weight in weighted:
        half -= weight
        if half <= 0:
            return value
    return 0.0


def _turn(quad: Quad, centre: Point, angle: float) -> Quad:
    c, s = cos(angle), sin(angle)

    def point(p: Point) -> Point:
        x, y = p[0] - centre[0], p[1] - centre[1]
        return centre[0] + x * c - y * s, centre[1] + x * s + y * c

    a, b, c_, d = quad
    return point(a), point(b), point(c_), point(d)


def _fan(quads: Sequence[Quad]) -> tuple[float, float]:
    """`(start, growth)` of slope = start + growth · y, by weighted least squares."""
    if len(quads) < FAN:
        return 0.0, 0.0
    points = [(fmean(p[1] for p in q), _slope(q), width(q)) for q in quads if abs(_slope(q)) < pi / 18]
    total = sum(w for _, _, w in points)
    if not total:
        return 0.0, 0.0
    y0 = sum(y * w for y, _, w in points) / total
    s0 = sum(s * w for _, s, w in points) / total
    spread = sum(w * (y - y0) ** 2 for y, _, w in points)
    growth = sum(w * (y - y0) * (s - s0) for y, s, w in points) / spread if spread else 0.0
    return s0 - growth * y0, growth


def _iron(quad: Quad, centre: Point, start: float, growth: float) -> Quad:
    def point(p: Point) -> Point:
        return p[0], p[1] - tan(start + growth * p[1]) * (p[0] - centre[0])

    a, b, c, d = quad
    return point(a), point(b), point(c), point(d)


def _box(quad: Quad) -> Box:
    xs, ys = [p[0] for p in quad], [p[1] for p in quad]
    return min(xs), min(ys), max(xs), max(ys)
