"""What was aimed at, beside what was measured: a line for each, with the floor's figure and the existing library's, of the same
run; and why some are not reached."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from . import reasons
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
    the same table, or, with `beside`, of the same row in another; the floor's is that of the row `floor`. `why` is said where
    the target is not met: see `reasons`."""

    words: str
    table: str
    row: str
    find: Find
    bound: float
    unit: str
    least: bool = False
    beside: str | None = None
    floor: str = FLOOR.name
    why: str = ""

    def verdict(self, tables: Mapping[str, Rows]) -> Verdict | None:
        """What a run says of it; None where nothing was measured."""
        rows = tables.get(self.table, {})
        if not (ours := self.find(rows, self.row)):
            return None
        existing = self.find(tables.get(self.beside, {}), self.row) if self.beside else self.find(rows, EXISTING.name)
        return Verdict(self, quartiles(ours), len(ours) > 1, _median(self.find(rows, self.floor)), _median(existing))

    def holds(self, figure: float) -> bool:
        """Whether that is as good as what was aimed at."""
        return figure >= self.bound if self.least else figure <= self.bound

    def written(self, figure: float | None) -> str:
        """A figure, with its unit."""
        return NOTHING if figure is None else f"{number(figure)}{self.unit}"

    @property
    def aim(self) -> str:
        """What was aimed at."""
        return f"{'≥' if self.least else '≤'} {self.written(self.bound)}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run says of a target: our quartiles (a `spread`, if there was more than one round), and the medians of the floor
    and of the existing library."""

    target: Target
    ours: tuple[float, float, float]
    spread: bool
    floor: float | None
    existing: float | None

    @property
    def met(self) -> bool:
        """By our median."""
        return self.target.holds(self.ours[1])

    @property
    def below_floor(self) -> bool:
        """Whether not even the floor is as good."""
        return self.floor is not None and not self.target.holds(self.floor)

    def cells(self) -> list[str]:
        """The line of the table."""
        low, middle, high = self.ours
        spread = f" ({number(low)}–{number(high)})" if self.spread else ""
        return [
            self.target.words,
            self.target.aim,
            f"{self.target.written(middle)}{spread}",
            "met" if self.met else f"**not met**{', nor by the floor' if self.below_floor else ''}",
            self.target.written(self.floor),
            self.target.written(self.existing),
        ]

    def line(self) -> str:
        """The same in words, for a target that is not met."""
        floor = "" if self.floor is None else f"; floor {self.target.written(self.floor)}"
        return f"{self.target.words}: aimed at {self.target.aim}, reached {self.target.written(self.ours[1])}{floor}"

    def reason(self) -> str:
        """Why it is not met, as far as that is known."""
        floor, ours = self.target.written(self.floor), self.target.written(self.ours[1])
        return self.target.why.format(ours=ours, floor=floor, aim=self.target.aim) or UNEXPLAINED


UNEXPLAINED = "Why is not known: either this run was a bad one, or something has become slower."


def _median(figures: Sequence[float]) -> float | None:
    return statistics.median(figures) if figures else None


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
    yield Target(words, start, "from_provider", pydantic, 2.5, "×", beside=rival, floor="httpx2")
    for name, made in (("openai", "OpenAI"), ("anthropic", "Anthropic")):
        words = f"`from_{name}({made}())` ÷ `{made}()`"
        yield Target(
            words,
            start,
            f"from_{name}",
            ratio("cpu", f"{name}()"),
            1.03,
            "×",
            beside=rival,
            floor=f"{name}()",
            why=reasons.MADE,
        )
    own = {"text": 0.7, "history": 0.15, "large": 0.8, "images": 0.7}
    labels = {"text": "1 message", "history": "50 messages", "large": "40 fields", "images": "3 images"}
    for metric, way in (("cpu", "sync"), ("acpu", "async")):
        for job, bound in own.items():
            words = f"per call, own sender ÷ raw SDK: {labels[job]}, {way}"
            why = reasons.PICTURES if (job, way) == ("images", "async") else ""
            yield Target(words, f"percall/{job}", http, ratio(metric, raw), bound, "×", why=why)
        for job in own:
            words = f"per call, SDK's client ÷ raw SDK: {labels[job]}, {way}"
            yield Target(words, f"percall/{job}", sdk, ratio(metric, raw), 1.1, "×")
    for job, bound in (("text", 60), ("history", 100), ("large", 120)):
        yield Target(
            f"the library alone: {labels[job]}",
            "alone",
            sdk,
            figure(f"cpu {job}", 1e6),
            bound,
            " µs",
            why=reasons.ALONE,
        )
    yield Target("10 MB image to the wire, own sender: memory", "media/wire", http, figure("memory"), 0.5, " MB per MB")
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
        yield Target(words, "crowd/50", each, figure("gap", 1e3), 20, " ms", why=reasons.GAP)
    for each, way, why in ((http, "own sender", reasons.THRONG), (sdk, "SDK's client", reasons.THRONG_SDK)):
        words = f"many at once, 1 MB image each, calls per CPU second ÷ raw SDK, {way}"
        yield Target(words, "crowd/files", each, ratio("rate", raw), 3, "×", least=True, why=why)
        words = f"many at once, 1 MB image each, memory per call, {way}"
        yield Target(words, "crowd/files", each, figure("memory", 1e-6), 0.5, " MB", why=reasons.HELD)


TARGETS: Sequence[Target] = tuple(_targets())


HEAD = (
    ["what", "aimed at", "ours (quartiles)", "", "floor", "existing library"],
    ["---", "---:", "---:", "---", "---:", "---:"],
)


def verdicts(tables: Sequence[Table]) -> Sequence[Verdict]:
    """What a run says of the targets, as far as they were measured."""
    by_key = {table.key: {row.key: row for row in table.rows} for table in tables if table.key}
    return [verdict for target in TARGETS if (verdict := target.verdict(by_key))]


def table_of(found: Sequence[Verdict]) -> str:
    """All of them."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (*HEAD, *(verdict.cells() for verdict in found)))


def not_reached(found: Sequence[Verdict]) -> str:
    """Those that are not met, each with the reason; once where several have the same."""
    if all(verdict.met for verdict in found):
        return "All that was aimed at was reached in this run."
    together: dict[str, list[Verdict]] = {}
    for verdict in found:
        if not verdict.met:
            together.setdefault(verdict.reason(), []).append(verdict)
    return "\n\n".join(
        "\n".join(f"- {verdict.line()}" for verdict in verdicts) + f"\n\n{reason}"
        for reason, verdicts in together.items()
    )
