"""Many calls at once over pictures that come slowly: what waiting costs, and whether anything holds up the event loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.bench import Bench
from benchmarks.libraries import FLOOR, OURS_HTTP, OURS_SDK, Library
from benchmarks.table import Median, Ratio, Row, Table

NAME = "Pictures fetched, many calls at once"
ABOUT = """\
Asynchronous calls that begin together, each with a picture of 20 kB at an address of its own that comes bit by bit for one
second; the library fetches it. The wall time is that of all calls. The gap is the longest time for which the event loop did
nothing else: a task that sleeps for a millisecond, again and again, came back so much later. Every measurement is a new
process that has made one such call before. The floor fetches with httpx2, encodes, posts bytes made beforehand, and
validates; it checks no address and looks into no picture."""


def run(bench: Bench) -> Sequence[Table]:
    """One table for each number of calls."""
    return [_table(bench, count) for count in bench.scale.crowds]


def _table(bench: Bench, count: int) -> Table:
    libraries = [library for library in bench.libraries if library in (OURS_HTTP, OURS_SDK, FLOOR)]

    def measure(library: Library) -> Mapping[str, float]:
        told = {"url": bench.url(library, "image"), "job": "image"}
        with bench.worker(library) as worker:
            figures: Mapping[str, float] = worker.ask(
                "crowd", {**told, "places": bench.dripping(count, bench.scale.drip_seconds)}
            )
        return figures

    samples = bench.rounds(min(5, bench.scale.fresh_rounds), libraries, measure, f"crowd of {count}")
    bench.seen()
    rows = [Row(library.name, library.label, samples[library]) for library in libraries]
    columns = (
        Median("wall, s (quartiles)", "wall", spread=True),
        Median("longest gap, ms (quartiles)", "gap", 1e3, spread=True),
        Median("CPU, ms", "cpu", 1e3),
        Ratio("÷ floor", "cpu", FLOOR.name),
    )
    return Table(f"{count} call{'s' if count > 1 else ''} at once", "library", rows, columns)
