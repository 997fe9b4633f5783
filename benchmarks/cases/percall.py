"""What one call costs: processes that stay, client and connection kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from benchmarks.bench import Bench, Worker
from benchmarks.libraries import EXISTING, FLOOR, RAW_SDK, Library
from benchmarks.table import Median, Ratio, Row, Table
from benchmarks.work import JOBS, pictures

NAME = "Per call"
ABOUT = """\
One call through OpenAI's dialect with a client and a connection that are already there: from the caller's messages to the
validated object. CPU is the calling process alone, all threads, the server not counted; wall time includes the server and
whatever else ran. *Raw SDK* passes a schema made beforehand and validates by hand; the *floor* posts a body made
beforehand with httpx2 and validates the answer."""

MEASURED = ("text", "history", "large", "images")
COLUMNS = (
    Median("CPU, ms (quartiles)", "cpu", 1e3, spread=True),
    Ratio("÷ raw SDK", "cpu", RAW_SDK.name),
    Ratio("÷ existing", "cpu", EXISTING.name),
    Ratio("÷ floor", "cpu", FLOOR.name),
    Median("wall, ms", "wall", 1e3),
    Median("body, kB", "sent", 1e-3),
)


def run(bench: Bench) -> Sequence[Table]:
    """One table for each job, all of them with the same processes."""
    with ExitStack() as stack:
        workers = {library: stack.enter_context(bench.worker(library)) for library in bench.libraries}
        return [_table(bench, name, workers) for name in MEASURED]


def _table(bench: Bench, name: str, workers: Mapping[Library, Worker]) -> Table:
    files = pictures(bench.folder, JOBS[name].pictures, bench.scale.small_bytes)
    for library, worker in workers.items():
        bench.prepare(worker, library, name, files)
    samples = bench.rounds(
        bench.scale.rounds,
        tuple(workers),
        lambda library: workers[library].ask("many", bench.scale.seconds),
        f"per call, {name}",
    )
    sent = bench.seen()
    rows = [
        Row(library.name, library.label, {**samples[library], "sent": [sent[f"{library.name}/{name}"]]})
        for library in workers
    ]
    return Table(JOBS[name].label, "library", rows, COLUMNS)
