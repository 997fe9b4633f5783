"""What the library alone costs, with the SDK's client replaced by a stub, and what looking for pictures in texts adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from benchmarks.bench import Bench
from benchmarks.libraries import EXISTING, FLOOR, Library
from benchmarks.plots import Bars
from benchmarks.processes import Worker
from benchmarks.table import Column, Median, Ratio, Row, Table
from benchmarks.work import JOBS

NAME = "The library alone"
ABOUT = """\
One synchronous `create` over an SDK's client whose methods are replaced by a stub that gives an object made beforehand: no
request is built by the SDK, nothing is sent, nothing parsed. The floor validates the answer's JSON and does nothing else.

Then the same with prompts of one long string each, once as they are and once with `autodetect_images=True`, for which every
text of a user has to be looked at: a path, an address, base64, or a text after all."""

MEASURED = ("text", "history", "large")


def run(bench: Bench) -> Sequence[Table]:
    """One table for the jobs, one for long prompts."""
    with ExitStack() as stack:
        workers = {library: stack.enter_context(bench.worker(library)) for library in bench.able("alone")}
        return [_jobs(bench, workers), _prompts(bench, workers)]


def _measured(
    bench: Bench, workers: Mapping[Library, Worker], job: str, what: str, **options: bool
) -> Mapping[Library, Mapping[str, Sequence[float]]]:
    def prepare(library: Library) -> None:
        bench.prepare(workers[library], library, job, function="alone", options=options)

    what = f"alone, {what}"
    libraries = bench.prepared(workers, prepare, what)
    return bench.rounds(
        bench.scale.rounds, libraries, lambda library: workers[library].ask("many", bench.scale.seconds), what
    )


def _jobs(bench: Bench, workers: Mapping[Library, Worker]) -> Table:
    samples: dict[Library, dict[str, Sequence[float]]] = {library: {} for library in workers}
    columns: list[Column] = []
    for name in MEASURED:
        for library, figures in _measured(bench, workers, name, name).items():
            samples[library] |= {f"{metric} {name}": each for metric, each in figures.items()}
        columns += [
            Median(f"{JOBS[name].label}: CPU, µs (quartiles)", f"cpu {name}", 1e6, spread=True),
            Ratio("÷ existing", f"cpu {name}", EXISTING.name),
            Ratio("÷ floor", f"cpu {name}", FLOOR.name),
        ]
    rows = [Row(library.name, _label(library), figures) for library, figures in samples.items() if figures]
    plots = [Bars(f"alone-{name}", JOBS[name].label, f"cpu {name}", "µs of CPU", 1e6) for name in MEASURED]
    notes = bench.absent("alone")
    return Table("One `create`, the SDK replaced by a stub", "library", rows, columns, notes, "alone", plots)


def _prompts(bench: Bench, workers: Mapping[Library, Worker]) -> Table:
    samples: dict[tuple[Library, bool], dict[str, Sequence[float]]] = {}
    columns: list[Column] = []
    asked = {library: worker for library, worker in workers.items() if library != FLOOR}
    for size in bench.scale.prompts:
        for detect in (False, True):
            what = f"prompt of {size:,} characters{', looked at' if detect else ''}"
            for library, figures in _measured(bench, asked, f"prompt-{size}", what, autodetect=detect).items():
                held = samples.setdefault((library, detect), {})
                held |= {f"{metric} {size}": each for metric, each in figures.items()}
        columns.append(Median(f"{size:,} characters: CPU, µs (quartiles)", f"cpu {size}", 1e6, spread=True))
    rows = [
        Row(
            f"{library.name}{'/detect' if detect else ''}",
            f"{_label(library)}{', `autodetect_images=True`' if detect else ''}",
            figures,
        )
        for (library, detect), figures in samples.items()
    ]
    notes = ["Not here: the floor, which looks for nothing; the others, which have no such option."]
    return Table("Pictures looked for in long prompts", "library", rows, columns, notes, "alone/prompts")


def _label(library: Library) -> str:
    if library == FLOOR:
        return "floor: answer validated"
    return "**ours**" if "**" in library.label else library.label
