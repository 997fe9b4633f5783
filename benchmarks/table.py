"""Samples as Markdown tables.

A table is rows of samples and columns that say what to show of them. A ratio is the median, over the rounds that both took
part in, of the row's figure by the reference row's figure of the same round.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .bench import Samples, quartiles

__all__ = ["Column", "Growth", "Median", "Plot", "Ratio", "Row", "Samples", "Table", "growth", "number", "ratios"]

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one thing."""

    key: str
    label: str
    samples: Samples


class Column(Protocol):
    """A heading, and a cell for each row."""

    @property
    def heading(self) -> str: ...

    def cell(self, row: Row, rows: dict[str, Row]) -> str: ...


@dataclass(frozen=True, slots=True)
class Median:
    """The median, `scale` times as large as it was measured; the quartiles behind it if `spread`."""

    heading: str
    metric: str
    scale: float = 1.0
    spread: bool = False
    whole: bool = False

    def cell(self, row: Row, rows: dict[str, Row]) -> str:
        if not row.samples.get(self.metric):
            return NOTHING
        write = "{:,.0f}".format if self.whole else number
        low, middle, high = (write(figure * self.scale) for figure in quartiles(row.samples[self.metric]))
        return f"{middle} ({low}–{high})" if self.spread else middle


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times the reference row's figure this is."""

    heading: str
    metric: str
    against: str

    def cell(self, row: Row, rows: dict[str, Row]) -> str:
        reference = rows.get(self.against)
        if reference is None:
            return NOTHING
        found = ratios(row, reference, self.metric)
        return f"{number(statistics.median(found))}×" if found else NOTHING


def ratios(row: Row, reference: Row, metric: str) -> list[float]:
    """How many times the reference's figure this is, in each round."""
    pairs = zip(row.samples.get(metric, ()), reference.samples.get(metric, ()), strict=False)
    return [own / other for own, other in pairs if other]


@dataclass(frozen=True, slots=True)
class Growth:
    """The exponent with which a figure grows, from the smallest of `sizes` to the largest that was measured."""

    heading: str
    metric: str
    sizes: Sequence[int]

    def cell(self, row: Row, rows: dict[str, Row]) -> str:
        found = growth(row, self.metric, self.sizes)
        if found is None:
            return NOTHING
        exponent, largest = found
        return f"{exponent:.2f}{'' if largest == self.sizes[-1] else f' (to {largest:,})'}"


def growth(row: Row, metric: str, sizes: Sequence[int]) -> tuple[float, int] | None:
    """The exponent from the smallest size to the largest that was measured, and that size."""
    known = [size for size in sizes if row.samples.get(f"{metric} {size}")]
    if len(known) < 2 or known[0] != sizes[0]:
        return None
    low, high = (quartiles(row.samples[f"{metric} {size}"])[1] for size in (known[0], known[-1]))
    if not low or not high:
        return None
    return math.log(high / low) / math.log(known[-1] / known[0]), known[-1]


class Plot(Protocol):
    """A picture of rows; its name is that of its file."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...

    def svg(self, rows: Sequence[Row]) -> str: ...


@dataclass(frozen=True, slots=True)
class Table:
    """A title, rows and columns. Columns that refer to a row that was not measured are left out. Targets call it `key`."""

    title: str
    first: str
    rows: Sequence[Row]
    columns: Sequence[Column]
    notes: Sequence[str] = field(default=())
    key: str = ""
    plots: Sequence[Plot] = field(default=())

    def markdown(self, pictures: str | None = None) -> str:
        """The table, headed by its title, followed by its notes and, if there is a folder with them, its plots."""
        rows = {row.key: row for row in self.rows}
        columns = [each for each in self.columns if getattr(each, "against", None) in {None, *rows}]
        lines = [
            [self.first, *(column.heading for column in columns)],
            ["---", *["---:"] * len(columns)],
            *([row.label, *(column.cell(row, rows) for column in columns)] for row in self.rows),
        ]
        drawn = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        shown = [f"![{plot.title}]({pictures}/{plot.name}.svg)" for plot in self.plots] if pictures else []
        return "\n\n".join([f"### {self.title}", drawn, *self.notes, *shown])


def number(figure: float) -> str:
    """Three figures that count, no exponent."""
    figure = float(f"{figure:.3g}") if abs(figure) < 1000 else figure
    if figure == 0:
        return "0"
    if abs(figure) >= 100:
        return f"{figure:,.0f}"
    digits = 0
    while digits < 6 and abs(figure) * 10**digits < 10:
        digits += 1
    return f"{figure:.{digits + 1}f}"
