"""What was aimed at, beside what was measured: a line for each, with the existing library's figure of the same run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .bench import quartiles
from .libraries import EXISTING, FLOOR, OURS_HTTP, OURS_SDK, RAW_SDK
from .table import NOTHING, Row, Table, growth, number, ratios

Rows = Mapping[str, Row]
Find = Callable[[Rows, str], Sequence[float]]
"""The figures of a row, one for each round."""


def ratio(metric: str, against: str) -> Find:
    """Times another row's."""

    def find(rows: Rows, key: str) -> Sequence[float]:
        return ratios(rows[key], rows[against], metric) if {key, against} <= rows.keys() else ()

    return find


def figure(metric: str, scale: float = 1.0) -> Find:
    """The figure itself."""

    def find(rows: Rows, key: str) -> Sequence[float]:
        return [each * scale for each in rows[key].samples.get(metric, ())] if key in rows else ()

    return find


def exponent(metric: str, sizes: Sequence[int]) -> Find:
    """How it grows."""

    def find(rows: Rows, key: str) -> Sequence[float]:
        found = growth(rows[key], metric, sizes) if key in rows else None
        return [found[0]] if found else ()

    return find


@dataclass(frozen=True, slots=True)
class Target:
    """One line: `bound` is the most, or the `least`, that was aimed at. The existing library's figure is that of its row in
    the same table, or, with `beside`, of the same row in another."""

    words: str
    table: str
    row: str
    find: Find
    bound: float
    unit: str
    least: bool = False
    beside: str | None = None

    def cells(self, tables: Mapping[str, Rows]) -> list[str] | None:
        """What the line says; None where nothing was measured."""
        rows = tables.get(self.table, {})
        found = self.find(rows, self.row)
        if not found:
            return None
        low, middle, high = quartiles(found)
        met = middle >= self.bound if self.least else middle <= self.bound
        spread = f" ({number(low)}–{number(high)})" if len(found) > 1 else ""
        other = self.find(tables.get(self.beside, {}), self.row) if self.beside else self.find(rows, EXISTING.name)
        return [
            self.words,
            f"{'≥' if self.least else '≤'} {number(self.bound)}{self.unit}",
            f"{number(middle)}{self.unit}{spread}",
            "met" if met else "**not met**",
            f"{number(statistics.median(other))}{self.unit}" if other else NOTHING,
        ]


def _targets() -> Iterator[Target]:
    start, rival, http, sdk, raw, floor = (
        "import",
        "import/existing",
        OURS_HTTP.name,
        OURS_SDK.name,
        RAW_SDK.name,
        FLOOR.name,
    )
    pydantic = ratio("cpu", "pydantic")
    yield Target("`import instructor` ÷ `import pydantic`", start, "instructor", pydantic, 0.35, "×", beside=rival)
    words = '`from_provider("openai/…")` ÷ `import pydantic`'
    yield Target(words, start, "from_provider", pydantic, 2.5, "×", beside=rival)
    for name, made in (("openai", "OpenAI"), ("anthropic", "Anthropic")):
        words = f"`from_{name}({made}())` ÷ `{made}()`"
        yield Target(words, start, f"from_{name}", ratio("cpu", f"{name}()"), 1.03, "×", beside=rival)
    own = {"text": 0.7, "history": 0.15, "large": 0.8, "images": 0.7}
    labels = {"text": "1 message", "history": "50 messages", "large": "40 fields", "images": "3 images"}
    for metric, way in (("cpu", "sync"), ("acpu", "async")):
        for job, bound in own.items():
            words = f"per call, own sender ÷ raw SDK: {labels[job]}, {way}"
            yield Target(words, f"percall/{job}", http, ratio(metric, raw), bound, "×")
        for job in own:
            words = f"per call, SDK's client ÷ raw SDK: {labels[job]}, {way}"
            yield Target(words, f"percall/{job}", sdk, ratio(metric, raw), 1.1, "×")
    for job, bound in (("text", 60), ("history", 100), ("large", 120)):
        yield Target(f"the library alone: {labels[job]}", "alone", sdk, figure(f"cpu {job}", 1e6), bound, " µs")
    yield Target("10 MB image to the wire, own sender: memory", "media/wire", http, figure("traced"), 0.5, " MB per MB")
    yield Target("10 MB image to the wire, own sender ÷ floor", "media/wire", http, ratio("cpu", floor), 1.5, "×")
    for each, way in ((http, "own sender"), (sdk, "SDK's client")):
        words = f"each extra retry with 10 MB ÷ one raw SDK call, {way}"
        yield Target(words, "retries", each, figure("share"), 0.4, "×")
    for each, bound, way in ((http, 0.5, "own sender"), (sdk, 1.4, "SDK's client")):
        for size in (100_000, 1_000_000):
            words = f"partial, table of {size:,} characters ÷ raw SDK's stream, {way}"
            yield Target(words, "streaming/table", each, ratio(f"cpu {size}", raw), bound, "×")
    for kind in ("text", "table", "rows", "big"):
        words = f"streaming, {kind}: growth from 10,000 to 1,000,000 characters"
        yield Target(words, f"streaming/{kind}", sdk, exponent("cpu", (10_000, 100_000, 1_000_000)), 1.1, "")
    for each, way in ((http, "own sender"), (sdk, "SDK's client")):
        words = f"longest gap in the event loop while 50 pictures arrive slowly, {way}"
        yield Target(words, "crowd/50", each, figure("gap", 1e3), 20, " ms")
    for each, way in ((http, "own sender"), (sdk, "SDK's client")):
        words = f"many at once, 1 MB image each, calls per CPU second ÷ raw SDK, {way}"
        yield Target(words, "crowd/files", each, ratio("rate", raw), 3, "×", least=True)
        words = f"many at once, 1 MB image each, memory per call, {way}"
        yield Target(words, "crowd/files", each, figure("memory", 1e-6), 0.5, " MB")


TARGETS: Sequence[Target] = tuple(_targets())


def verdicts(tables: Sequence[Table]) -> str:
    """The table of targets, as far as they were measured; empty if none was."""
    by_key = {table.key: {row.key: row for row in table.rows} for table in tables if table.key}
    lines = [cells for target in TARGETS if (cells := target.cells(by_key))]
    if not lines:
        return ""
    head = [["what", "aimed at", "ours (quartiles)", "", "existing library"], ["---", "---:", "---:", "---", "---:"]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in head + lines)
