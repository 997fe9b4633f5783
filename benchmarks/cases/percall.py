"""What one call costs, synchronous and asynchronous: processes that stay, client and connection kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from benchmarks.bench import Bench
from benchmarks.libraries import EXISTING, FLOOR, RAW_SDK, Library
from benchmarks.plots import Bars
from benchmarks.processes import Worker
from benchmarks.table import Median, Ratio, Row, Table
from benchmarks.work import JOBS, pictures

NAME = "Per call"
ABOUT = """\
One call through OpenAI's dialect with a client and a connection that are already there: from the caller's messages to the
validated object. CPU is the calling process alone, all threads, the server not counted; wall time includes the server and
whatever else ran. *Raw SDK* passes a schema made beforehand and validates by hand; the *floor* posts a body made
beforehand with httpx2 and validates the answer. *async*: one call after the other in an event loop, with the asynchronous
client."""

MEASURED = ("text", "history", "large", "images")
COLUMNS = (
    Median("CPU, ms (quartiles)", "cpu", 1e3, spread=True),
    Ratio("÷ raw SDK", "cpu", RAW_SDK.name),
    Ratio("÷ existing", "cpu", EXISTING.name),
    Ratio("÷ floor", "cpu", FLOOR.name),
    Median("wall, ms", "wall", 1e3),
    Median("async: CPU, ms (quartiles)", "acpu", 1e3, spread=True),
    Ratio("÷ raw SDK", "acpu", RAW_SDK.name),
    Ratio("÷ existing", "acpu", EXISTING.name),
    Ratio("÷ floor", "acpu", FLOOR.name),
    Median("body, kB", "sent", 1e-3),
)


Key = tuple[Library, str]
WAYS = {"prepare": "", "aprepare": "a"}


def run(bench: Bench) -> Sequence[Table]:
    """One table for each job, all of them with the same processes: one for each library and way."""
    with ExitStack() as stack:
        keys = [(library, way) for library in bench.able(*WAYS) for way in WAYS]
        workers = {key: stack.enter_context(bench.worker(key[0])) for key in keys}
        return [_table(bench, name, workers) for name in MEASURED]


def _table(bench: Bench, name: str, workers: Mapping[Key, Worker]) -> Table:
    files = pictures(bench.folder, JOBS[name].pictures, bench.scale.small_bytes)

    def prepare(key: Key) -> None:
        bench.prepare(workers[key], key[0], name, files, key[1])

    def measure(key: Key) -> Mapping[str, float]:
        if bench.scale.tiny:  # one process for both
            prepare(key)
        figures = workers[key].ask("many", bench.scale.seconds)
        return {f"{WAYS[key[1]]}{metric}": figure for metric, figure in figures.items()}

    what = f"per call, {JOBS[name].label}"
    able = list(workers) if bench.scale.tiny else bench.prepared(workers, prepare, what)
    samples = bench.rounds(bench.scale.rounds, able, measure, what)
    sent = bench.seen()
    libraries = dict.fromkeys(library for library, _ in samples)
    rows = [
        Row(
            library.name,
            library.label,
            {
                **samples.get((library, "prepare"), {}),
                **samples.get((library, "aprepare"), {}),
                "sent": [figure for figure in [sent.get(f"{library.name}/{name}")] if figure is not None],
            },
        )
        for library in bench.libraries
        if library in libraries
    ]
    plots = [
        Bars(f"percall-{name}", f"{JOBS[name].label}, synchronous", "cpu", "ms of CPU", 1e3),
        Bars(f"percall-{name}-async", f"{JOBS[name].label}, asynchronous", "acpu", "ms of CPU", 1e3),
    ]
    return Table(JOBS[name].label, "library", rows, COLUMNS, bench.absent(*WAYS), f"percall/{name}", plots)
