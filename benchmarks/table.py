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

__all__ = ["Column", "Growth", "Median", "Ratio", "Row", "Samples", "Table", "number"]

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
        pairs = zip(row.samples.get(self.metric, ()), reference.samples.get(self.metric, ()), strict=False)
        ratios = [own / other for own, other in pairs if other]
        return f"{number(statistics.median(ratios))}×" if ratios else NOTHING


@dataclass(frozen=True, slots=True)
class Growth:
    """The exponent with which a figure grows, from the smallest of `sizes` to the largest that was measured."""

    heading: str
    metric: str
    sizes: Sequence[int]

    def cell(self, row: Row, rows: dict[str, Row]) -> str:
        known = [size for size in self.sizes if row.samples.get(f"{self.metric} {size}")]
        if len(known) < 2 or known[0] != self.sizes[0]:
            return NOTHING
        low, high = (quartiles(row.samples[f"{self.metric} {size}"])[1] for size in (known[0], known[-1]))
        if not low or not high:
            return NOTHING
        exponent = math.log(high / low) / math.log(known[-1] / known[0])
        return f"{exponent:.2f}{'' if known[-1] == self.sizes[-1] else f' (to {known[-1]:,})'}"


@dataclass(frozen=True, slots=True)
class Table:
    """A title, rows and columns. Columns that refer to a row that was not measured are left out."""

    title: str
    first: str
    rows: Sequence[Row]
    columns: Sequence[Column]
    notes: Sequence[str] = field(default=())

    def markdown(self) -> str:
        """The table, headed by its title, followed by its notes."""
        rows = {row.key: row for row in self.rows}
        columns = [each for each in self.columns if getattr(each, "against", None) in {None, *rows}]
        lines = [
            [self.first, *(column.heading for column in columns)],
            ["---", *["---:"] * len(columns)],
            *([row.label, *(column.cell(row, rows) for column in columns)] for row in self.rows),
        ]
        drawn = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        return "\n\n".join([f"### {self.title}", drawn, *self.notes])


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
