"""Many calls at once: over pictures that come slowly, and with large ones from files. What waiting costs, what each call
holds, and whether anything holds up the event loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.bench import Bench
from benchmarks.libraries import EXISTING, FLOOR, RAW_SDK, Library
from benchmarks.plots import Bars
from benchmarks.table import Median, Ratio, Row, Table
from benchmarks.work import pictures

NAME = "Many calls at once"
ABOUT = """\
Asynchronous calls that begin together, each with a picture of 20 kB at an address of its own that comes bit by bit for one
second; the library fetches it. The wall time is that of all calls. The gap is the longest time for which the event loop did
nothing else: a task that sleeps for a millisecond, again and again, came back so much later. Every measurement is a new
process that has made one such call before. The floor fetches with httpx2, encodes, posts bytes made beforehand, and
validates; it checks no address and looks into no picture. The raw SDK's row fetches like the floor and sends with the SDK. The
existing library hands addresses to OpenAI, but fetches them for Anthropic and Gemini, within the call and blocking: its row
does that here, with this machine's address let through.

Then calls that begin together, each with a JPEG file of its own from its path. Calls per CPU second are what one core can do
at most; memory is the growth of the resident set at its highest, for each call. The floor is no bound here: it is one HTTP
client with a connection for each call, and its pool looks through all of them whenever a request begins or ends."""


def run(bench: Bench) -> Sequence[Table]:
    """One table for each number of calls with pictures that come slowly; one for files."""
    return [*(_table(bench, count) for count in bench.scale.crowds), _files(bench, *bench.scale.throng)]


def _table(bench: Bench, count: int) -> Table:
    libraries = bench.able("crowd")

    def measure(library: Library) -> Mapping[str, float]:
        told = {"url": bench.url(library, "image"), "job": "image"}
        with bench.worker(library) as worker:
            figures: Mapping[str, float] = worker.ask(
                "crowd", {**told, "places": bench.dripping(count, bench.scale.drip_seconds)}
            )
        return figures

    title = f"{count} call{'s' if count > 1 else ''} at once, pictures that come slowly"
    samples = bench.rounds(min(5, bench.scale.fresh_rounds), libraries, measure, title, warm=False)
    bench.seen()
    rows = [Row(library.name, library.label, samples[library]) for library in libraries if library in samples]
    columns = (
        Median("wall, s (quartiles)", "wall", spread=True),
        Median("longest gap, ms (quartiles)", "gap", 1e3, spread=True),
        Median("CPU, ms", "cpu", 1e3),
        Ratio("÷ floor", "cpu", FLOOR.name),
    )
    plots = [Bars(f"crowd-gap-{count}", f"{title}: longest gap", "gap", "ms", 1e3)]
    return Table(title, "library", rows, columns, bench.absent("crowd"), f"crowd/{count}", plots)


def _files(bench: Bench, count: int, size: int) -> Table:
    first = pictures(bench.folder, 1, min(size, 20_000))
    own = pictures(bench.folder, count, size, differ=True)

    def measure(library: Library) -> Mapping[str, float]:
        told = {"url": bench.url(library, "image"), "job": "image", "function": "aprepare", "places": [*first, *own]}
        with bench.worker(library) as worker:
            figures: Mapping[str, float] = worker.ask("crowd", told)
        return {**figures, "rate": count / figures["cpu"], "memory": figures["memory"] / count}

    title = f"{count} calls at once, a file of {size / 1e6:g} MB each"
    libraries, budget = bench.able("aprepare"), 2 * bench.scale.budget
    samples = bench.rounds(min(5, bench.scale.fresh_rounds), libraries, measure, title, warm=False, budget=budget)
    bench.seen()
    rows = [Row(library.name, library.label, samples[library]) for library in libraries if library in samples]
    columns = (
        Median("calls per CPU second (quartiles)", "rate", spread=True),
        Ratio("÷ raw SDK", "rate", RAW_SDK.name),
        Ratio("÷ existing", "rate", EXISTING.name),
        Ratio("÷ floor", "rate", FLOOR.name),
        Median("memory, MB per call (quartiles)", "memory", 1e-6, spread=True),
        Median("longest gap, ms", "gap", 1e3),
        Median("wall, s", "wall"),
    )
    plots = [
        Bars("crowd-rate", f"{title}: throughput", "rate", "calls per CPU second; more is better"),
        Bars("crowd-memory", f"{title}: memory", "memory", "MB per call", 1e-6),
    ]
    return Table(title, "library", rows, columns, bench.absent("aprepare"), "crowd/files", plots)
