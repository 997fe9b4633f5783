"""What asking again costs when a large picture rides along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from benchmarks.bench import Bench
from benchmarks.libraries import EXISTING, RAW_SDK, Library
from benchmarks.plots import Bars
from benchmarks.processes import Worker
from benchmarks.table import Median, Ratio, Row, Table, number
from benchmarks.work import pictures

NAME = "Retries"
ABOUT = """\
The same call with a large JPEG file, answered at once by what validates, and again by answers that do not before one that
does. An *extra retry* is the difference, for each of them: the request built and sent anew, with the feedback, and the answer
read. Beside it one call of the raw SDK, which is what asking again by hand would cost. Processes that stay."""


def run(bench: Bench) -> Sequence[Table]:
    """One table."""
    files, count = pictures(bench.folder, 1, bench.scale.large_bytes), bench.scale.retries
    libraries = [RAW_SDK, *bench.able("prepare", "retries")]
    keys = [(library, again) for library in libraries for again in (0, count) if library != RAW_SDK or not again]
    with ExitStack() as stack:
        workers: Mapping[tuple[Library, int], Worker] = {
            key: stack.enter_context(bench.worker(key[0])) for key in keys if key[0] in bench.libraries
        }

        def prepare(key: tuple[Library, int]) -> None:
            library, again = key
            options = {"retries": count} if library != RAW_SDK else None
            place = f"again-{again}" if again else None
            bench.prepare(workers[library, again], library, "image", files, place=place, options=options)

        def measure(key: tuple[Library, int]) -> Mapping[str, float]:
            if bench.scale.tiny:  # one process for both
                prepare(key)
            figures: Mapping[str, float] = workers[key].ask("many", 0.0)
            return figures

        able = list(workers) if bench.scale.tiny else bench.prepared(workers, prepare, NAME.lower())
        samples = bench.rounds(min(10, bench.scale.rounds), able, measure, NAME.lower())
    bench.seen()
    rows = [_row(library, samples, count) for library in libraries if (library, 0) in samples]
    columns = (
        Median("no retry: CPU, ms (quartiles)", "cpu", 1e3, spread=True),
        Ratio("÷ raw SDK", "cpu", RAW_SDK.name),
        Median("each extra retry: CPU, ms (quartiles)", "extra", 1e3, spread=True),
        Median("÷ one raw SDK call (quartiles)", "share", spread=True),
        Ratio("÷ existing", "extra", EXISTING.name),
    )
    title = f"{count} {'retry' if count == 1 else 'retries'} with {number(bench.scale.large_bytes / 1e6)} MB"
    plots = [Bars("retries", "Each extra retry", "share", "times one call of the raw SDK")]
    return [Table(title, "library", rows, columns, bench.absent("prepare", "retries"), "retries", plots)]


def _row(library: Library, samples: Mapping[tuple[Library, int], Mapping[str, Sequence[float]]], count: int) -> Row:
    without = samples[library, 0]
    more = samples.get((library, count))
    if more is None:
        return Row(library.name, library.label, without)
    raw = samples.get((RAW_SDK, 0), {}).get("cpu", ())
    extra = [max(0.0, with_ - none) / count for with_, none in zip(more["cpu"], without["cpu"], strict=False)]
    share = [each / one for each, one in zip(extra, raw, strict=False)]
    return Row(library.name, library.label, {**without, "extra": extra, **({"share": share} if share else {})})
