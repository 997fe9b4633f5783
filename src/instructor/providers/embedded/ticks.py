"""Drawn check boxes: small squares, empty or ticked, beside a line of text; the recogniser takes them for letters.

sheet ──dark on light──→ outlines ──square, straight, as high as text, beside text──→ Tick(ticked, quad) …

A filled square is none (a bullet, a corner of a code), nor is one whose border is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from ...values import dataclass
from .rows import Quad, height
from .unreadable import need

SIDES = (0.5, 2.0)
"""Side of a box, in heights of the page's usual line."""
SQUARE = 1.25
"""Longer side by shorter side, at most."""
STRAY, STRAYED = 0.08, 0.012
"""At most so large a share of the outline may lie further from the square's edges than that share of its side:
the round side of a D does."""
CLOSED = 0.85
"""Share of the border that must be ink."""
TICKED, FILLED = 0.06, 0.85
"""Share of ink in the middle from which a box is ticked, and from which it is no box."""
BESIDE = 2.0
"""Text begins (or ends) within so many sides of the box."""
CONTRAST = 18
CELLS = 40


@dataclass(frozen=True, slots=True)
class Tick:
    """One drawn box on the sheet."""

    ticked: bool
    quad: Quad


def ticks(sheet: Any, quads: Sequence[Quad]) -> tuple[Tick, ...]:
    """The check boxes on a BGR sheet whose lines of text stand upright at `quads`."""
    if not quads:
        return ()
    cv2 = need("cv2")
    line = median(height(quad) for quad in quads)
    grey = cv2.cvtColor(sheet, cv2.COLOR_BGR2GRAY)
    around = 2 * int(1.5 * line) + 1
    ink = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, around, CONTRAST)
    outlines, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    outer = [outline for outline, (*_, parent) in zip(outlines, tree[0], strict=True) if parent < 0] if outlines else []
    found = [_tick(outline, ink, line) for outline in outer if 4 * SIDES[0] * line * 0.8 < len(outline)]
    return tuple(tick for tick in found if tick is not None and _beside(tick.quad, quads))


def without(sheet: Any, found: Sequence[Tick]) -> Any:
    """The sheet with the boxes painted over in the colour around them."""
    np, cv2 = need("numpy"), need("cv2")
    clean = sheet.copy()
    for tick in found:
        points = np.array(tick.quad)
        centre = points.mean(axis=0)
        grown = centre + (points - centre) * 1.3
        around = [sheet[y, x] for x, y in _inside(np, grown.round().astype(int), sheet.shape)]
        cv2.fillPoly(clean, [grown.round().astype("int32")], [int(v) for v in np.median(around, axis=0)])
    return clean


def _tick(outline: Any, ink: Any, line: float) -> Tick | None:
    """The box that an outline is, if it is one."""
    np, cv2 = need("numpy"), need("cv2")
    centre, sides, angle = cv2.minAreaRect(outline)
    short, long = min(sides), max(sides)
    if not SIDES[0] * line <= short <= long <= SIDES[1] * line or long > SQUARE * short:
        return None
    corners = _clockwise(cv2.boxPoints((centre, sides, angle)).tolist())
    target = np.array([(0, 0), (CELLS, 0), (CELLS, CELLS), (0, CELLS)], dtype="float32")
    shape = cv2.getPerspectiveTransform(np.array(corners, dtype="float32"), target)
    points = cv2.perspectiveTransform(outline.astype("float32"), shape).reshape(-1, 2)
    stray = np.minimum(points, CELLS - points).min(axis=1) > STRAY * CELLS
    cells = cv2.warpPerspective(ink, shape, (CELLS, CELLS), flags=cv2.INTER_NEAREST)
    middle = cells[CELLS // 4 : -CELLS // 4, CELLS // 4 : -CELLS // 4].mean()
    if stray.mean() > STRAYED or _border(np, cells) < CLOSED or middle >= FILLED:
        return None
    return Tick(bool(middle >= TICKED), corners)


def _border(np: Any, cells: Any) -> float:
    """Share of the four edges that has ink in their outer fifth."""
    rim = CELLS // 5
    edges = (cells[:rim].max(axis=0), cells[-rim:].max(axis=0), cells[:, :rim].max(axis=1), cells[:, -rim:].max(axis=1))
    return float(np.concatenate(edges).mean())


def _beside(box: Quad, quads: Sequence[Quad]) -> bool:
    """Whether text stands to the right or left of the box, or its line was taken to begin or end with it."""
    left, top, right, bottom = _bounds(box)
    middle, reach = (top + bottom) / 2, BESIDE * (right - left)
    for other in quads:
        x0, y0, x1, y1 = _bounds(other)
        wider = x1 - x0 > 1.5 * (right - left)
        if wider and y0 < middle < y1 and (-reach < x0 - right < reach or -reach < left - x1 < reach):
            return True
    return False


def _bounds(quad: Quad) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    return min(xs), min(ys), max(xs), max(ys)


def _clockwise(points: Sequence[Sequence[float]]) -> Quad:
    """The corners from the top left."""
    upper = sorted(((p[0], p[1]) for p in points), key=lambda p: p[1])
    a, b = sorted(upper[:2])
    d, c = sorted(upper[2:])
    return a, b, c, d


def _inside(np: Any, points: Any, shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """The points, kept on the sheet."""
    return [(int(np.clip(x, 0, shape[1] - 1)), int(np.clip(y, 0, shape[0] - 1))) for x, y in points]
