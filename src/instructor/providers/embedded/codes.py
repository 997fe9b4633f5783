"""QR and bar codes, by zxing-cpp.

picture ──→ Found(Code, corners) …      corners so that the OCR does not take the code's modules for letters

Of a bar code zxing-cpp reports the band that it scanned, so its place is grown along the bars for as long as the
picture repeats the band's pattern.
"""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING, Any

from ...values import dataclass
from .reading import Code
from .rows import Point, Quad
from .unreadable import need

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Found:
    """A code and the corners of its place in the picture."""

    code: Code
    corners: Quad


STEP = 2.0
"""Pixels by which a place grows at a time."""
SAME = 0.6
"""Correlation from which two lines across a code show the same bars."""


def codes(image: Image, page: int = 1) -> tuple[Found, ...]:
    """The codes in an RGB picture, in reading order."""
    raw = [code for code in need("zxingcpp").read_barcodes(image) if code.valid and code.text]
    if not raw:
        return ()
    grey = need("numpy").asarray(image.convert("L"), dtype="float64")
    found = [Found(Code(code.format.name, code.text, page), _grown(grey, _corners(code.position))) for code in raw]
    return tuple(sorted(found, key=lambda f: (f.corners[0][1], f.corners[0][0])))


def _corners(position: object) -> Quad:
    names = ("top_left", "top_right", "bottom_right", "bottom_left")
    a, b, c, d = ((float(p.x), float(p.y)) for p in (getattr(position, name) for name in names))
    return a, b, c, d


def _grown(grey: Any, quad: Quad) -> Quad:
    """The quad with its top and bottom edge moved outwards over lines with the same pattern."""
    a, b, c, d = quad
    a, b = _reach(grey, (a, b), 1.0)
    d, c = _reach(grey, (d, c), -1.0)
    return a, b, c, d


def _reach(grey: Any, edge: tuple[Point, Point], side: float) -> tuple[Point, Point]:
    """The edge moved square to itself: to the left of its direction (`side` 1) or to the right (-1)."""
    (x0, y0), (x1, y1) = edge
    length = hypot(x1 - x0, y1 - y0) or 1.0
    dx, dy = side * STEP * (y1 - y0) / length, -side * STEP * (x1 - x0) / length
    pattern = _line(grey, edge)
    for _ in range(round(length / STEP)):
        moved = (edge[0][0] + dx, edge[0][1] + dy), (edge[1][0] + dx, edge[1][1] + dy)
        if not _alike(pattern, _line(grey, moved)):
            break
        edge = moved
    return edge


def _line(grey: Any, edge: tuple[Point, Point]) -> Any:
    """The levels along a line; outside the picture they are 0."""
    np = need("numpy")
    (x0, y0), (x1, y1) = edge
    count = max(2, round(hypot(x1 - x0, y1 - y0)))
    xs, ys = np.linspace(x0, x1, count).round().astype(int), np.linspace(y0, y1, count).round().astype(int)
    inside = (xs >= 0) & (xs < grey.shape[1]) & (ys >= 0) & (ys < grey.shape[0])
    return np.where(inside, grey[ys.clip(0, grey.shape[0] - 1), xs.clip(0, grey.shape[1] - 1)], 0.0)


def _alike(a: Any, b: Any) -> bool:
    size = min(a.size, b.size)
    a, b = a[:size] - a[:size].mean(), b[:size] - b[:size].mean()
    scale = float((a * a).sum() * (b * b).sum()) ** 0.5
    return bool(scale) and float((a * b).sum()) >= SAME * scale
