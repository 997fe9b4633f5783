"""A large picture from a file to the wire: a fresh process for every measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.bench import Bench
from benchmarks.libraries import EXISTING, FLOOR, RAW_SDK, Library
from benchmarks.table import Median, Ratio, Row, Table
from benchmarks.work import pictures

NAME = "Image to the wire"
ABOUT = """\
A JPEG file, from its path to the last byte on the connection and the validated object back. Every measurement is a new
process that has done the same call once with a picture of 20 kB, so imports and connections are not in it. Memory is the
growth of the resident set at its highest, and beside it the peak of what Python's allocators handed out (tracemalloc, in
processes of its own), both in MB for each MB of the file. The floor reads, encodes and sends in chunks."""


def run(bench: Bench) -> Sequence[Table]:
    """One table for each size."""
    return [_table(bench, bench.scale.large_bytes)]


def _table(bench: Bench, size: int) -> Table:
    small = pictures(bench.folder, 1, min(size, 20_000))
    large = pictures(bench.folder, 1, size)

    def measure(library: Library) -> Mapping[str, float]:
        figures: dict[str, float] = {}
        for how in ("once", "traced"):
            with bench.worker(library) as worker:
                bench.prepare(worker, library, "image", small)
                figures |= worker.ask(how, large)
        return {**figures, "memory": figures["memory"] / size, "traced": figures["traced"] / size}

    samples = bench.rounds(bench.scale.fresh_rounds, bench.libraries, measure, "image")
    bench.seen()
    rows = [Row(library.name, library.label, samples[library]) for library in bench.libraries]
    columns = (
        Median("CPU, ms (quartiles)", "cpu", 1e3, spread=True),
        Ratio("÷ raw SDK", "cpu", RAW_SDK.name),
        Ratio("÷ existing", "cpu", EXISTING.name),
        Ratio("÷ floor", "cpu", FLOOR.name),
        Median("wall, ms", "wall", 1e3),
        Median("memory, MB per MB (quartiles)", "memory", spread=True),
        Median("Python's own peak, MB per MB", "traced"),
    )
    return Table(f"{size / 1e6:g} MB JPEG file", "library", rows, columns)
