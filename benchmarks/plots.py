"""Pictures of tables: SVG, written by hand, because bars and lines need no library.

    Bars     a bar for each row, with a mark for each quartile
    Lines    a line for each row, over sizes; both axes by powers of ten

Colours are those that show on light and dark pages alike, the same for a library in every picture; ours stand out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from .bench import plain, quartiles
from .table import Row, number

WIDTH, LABELS, FIGURES, BAR, GAP, TOP = 860, 330, 130, 18, 8, 40
HEIGHT, LEFT, BOTTOM = 320, 60, 40
INK, FAINT, OURS, OTHERS = "#808080", "#80808055", "#e8590c", "#6c8ebf"
COLOURS = {
    "ours_http": OURS,
    "ours_sdk": "#f59f00",
    "raw_sdk": "#1c7ed6",
    "raw_pinned": "#74a9d8",
    "existing": "#ae3ec9",
    "pydantic_ai": "#e64980",
    "litellm": "#0ca678",
    "langchain": "#74b816",
    "floor": "#868e96",
}
DECADE = 30
"""Bars are drawn by powers of ten where the longest would be that many times the shortest."""


@dataclass(frozen=True, slots=True)
class Bars:
    """The medians of a metric, `scale` times as large as they were measured. `ours`: rows that are, beside our libraries'."""

    name: str
    title: str
    metric: str
    unit: str
    scale: float = 1.0
    ours: frozenset[str] = frozenset()

    def svg(self, rows: Sequence[Row]) -> str:
        """The picture."""
        drawn = [(row, quartiles([each * self.scale for each in found])) for row in rows if (found := self._of(row))]
        highest = max((high for _, (_, _, high) in drawn), default=1.0) or 1.0
        lowest = min((low for _, (low, _, _) in drawn if low > 0), default=highest)
        place = _place(lowest, highest, WIDTH - LABELS - FIGURES)
        note = f"{self.unit}, median and quartiles{'; powers of ten' if highest / lowest > DECADE else ''}"
        body = [_text(0, 14, self.title, weight="bold"), _text(0, 30, note)]
        for at, (row, figures) in enumerate(drawn):
            body += self._bar(TOP + at * (BAR + GAP), row, figures, place)
        return _picture(TOP + len(drawn) * (BAR + GAP), body)

    def _bar(
        self,
        top: float,
        row: Row,
        figures: tuple[float, float, float],
        place: Callable[[float], float],
    ) -> Iterator[str]:
        low, middle, high = figures
        centre = top + BAR / 2
        yield _text(LABELS - 8, centre + 4, plain(row.label), anchor="end")
        yield f'<rect x="{LABELS}" y="{top:.1f}" width="{place(middle):.1f}" height="{BAR}" rx="2" fill="{self._colour(row)}"/>'
        left, right = LABELS + place(low), LABELS + place(high)
        yield (
            f'<path d="M{left:.1f} {centre:.1f}H{right:.1f}M{left:.1f} {centre - 4:.1f}v8M{right:.1f} {centre - 4:.1f}v8" '
            f'fill="none" stroke="{INK}" stroke-width="2"/>'
        )
        yield _text(max(right, LABELS + place(middle)) + 8, centre + 4, number(middle))

    def _colour(self, row: Row) -> str:
        return OURS if row.key in self.ours else _colour(row)

    def _of(self, row: Row) -> Sequence[float]:
        return row.samples.get(self.metric, ())


@dataclass(frozen=True, slots=True)
class Lines:
    """The medians of `metric size` over sizes: so many of what goes `across`."""

    name: str
    title: str
    metric: str
    unit: str
    sizes: Sequence[int]
    scale: float = 1.0
    across: str = "characters of the answer"

    def svg(self, rows: Sequence[Row]) -> str:
        """The picture."""
        series = [(row, self._points(row)) for row in rows]
        series = [(row, points) for row, points in series if points]
        figures = [figure for _, points in series for _, figure in points if figure > 0] or [1.0]
        low, high = math.floor(math.log10(min(figures))), math.ceil(math.log10(max(figures)) + 1e-9)
        first, last = math.log10(self.sizes[0]), math.log10(self.sizes[-1])
        width, height = WIDTH - LEFT - LABELS, HEIGHT - TOP - BOTTOM

        def across(size: float) -> float:
            return LEFT + (math.log10(size) - first) / ((last - first) or 1) * width

        def down(figure: float) -> float:
            return TOP + (high - math.log10(max(figure, 10**low))) / ((high - low) or 1) * height

        body = [
            _text(0, 14, self.title, weight="bold"),
            _text(0, 30, f"{self.unit} over {self.across}, median; both axes by powers of ten"),
        ]
        for power in range(low, high + 1):
            y = down(10**power)
            body += [
                f'<path d="M{LEFT} {y:.1f}h{width}" stroke="{FAINT}"/>',
                _text(LEFT - 8, y + 4, f"{10**power:,g}", "end"),
            ]
        body += [_text(across(size), HEIGHT - BOTTOM + 20, f"{size:,}", "middle") for size in self.sizes]
        ends = _apart([down(points[-1][1]) for _, points in series])
        for (row, points), end in zip(series, ends, strict=True):
            path = "L".join(f"{across(size):.1f} {down(figure):.1f}" for size, figure in points)
            colour = _colour(row)
            body += [
                f'<circle cx="{across(size):.1f}" cy="{down(figure):.1f}" r="3" fill="{colour}"/>'
                for size, figure in points
            ]
            body += [
                f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
                f'<path d="M{across(points[-1][0]):.1f} {down(points[-1][1]):.1f}L{LEFT + width + 10} {end:.1f}" '
                f'stroke="{colour}55"/>',
                _text(LEFT + width + 14, end + 4, plain(row.label), colour=colour),
            ]
        return _picture(HEIGHT, body)

    def _points(self, row: Row) -> list[tuple[int, float]]:
        found = ((size, row.samples.get(f"{self.metric} {size}")) for size in self.sizes)
        return [(size, quartiles(figures)[1] * self.scale) for size, figures in found if figures]


def _place(lowest: float, highest: float, width: float) -> Callable[[float], float]:
    if highest / lowest <= DECADE:
        return lambda figure: figure / highest * width
    low = math.log10(lowest) - 0.3
    return lambda figure: max(0.0, (math.log10(max(figure, lowest)) - low) / (math.log10(highest) - low) * width)


def _apart(places: Sequence[float], room: float = 16) -> list[float]:
    """Places for labels near where they belong, none upon another."""
    put: dict[int, float] = {}
    before = -math.inf
    for at in sorted(range(len(places)), key=places.__getitem__):
        put[at] = before = max(places[at], before + room)
    over = max(0.0, before - (HEIGHT - 8))
    return [put[at] - over for at in range(len(places))]


def _colour(row: Row) -> str:
    if row.label.startswith("**ours**, `") or row.label == "**ours**":
        return OURS
    return COLOURS.get(row.key.removeprefix("first:"), OTHERS)


def _text(x: float, y: float, said: str, anchor: str = "start", weight: str = "normal", colour: str = INK) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {where} font-weight="{weight}" fill="{colour}">{escape(said)}</text>'


def _picture(height: float, body: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" role="img"'
    return "\n".join([f'{head} font-family="system-ui, sans-serif" font-size="12">', *body, "</svg>"]) + "\n"
