"""Pictures of several sizes, given in every way, to the wire; encoding alone; and files told apart by their content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from benchmarks import kinds
from benchmarks.bench import Bench
from benchmarks.libraries import EXISTING, FLOOR, RAW_SDK, SOURCES, Library
from benchmarks.plots import Bars
from benchmarks.processes import Worker
from benchmarks.table import Column, Median, Ratio, Row, Table, number
from benchmarks.work import pictures

NAME = "Sizes and sources"
ABOUT = """\
A JPEG picture to the last byte on the connection and the validated object back, as in *Media*, given as a path, as bytes, as
base64 text, or as an address. An address is fetched by the library and its content sent along. Every measurement is a new
process that has done the same call once with a picture of 20 kB. What the caller holds already (bytes, text) is not counted
as memory. The existing library hands addresses to OpenAI, too, but fetches them for Anthropic and Gemini: its row does with
an address what it does there, with this machine's address let through.

*Encoding alone* is the part of a message that a file becomes, in a process that stays; nothing is sent. *Sniffing* asks of
many small files of all kinds, without suffix, what they are; the floor opens them and reads their first 4 kB."""

WAYS = {"path": "a path", "bytes": "bytes", "base64": "base64 text", "url": "an address"}


def run(bench: Bench) -> Sequence[Table]:
    """One table for each way, then encoding alone, then sniffing."""
    return [*(_given(bench, how) for how in WAYS), _encoded(bench), _sniffed(bench)]


def _given(bench: Bench, how: str) -> Table:
    sizes = [size for size in bench.scale.sizes if how != "path" or size != bench.scale.large_bytes or bench.scale.tiny]
    libraries: Sequence[Library] = bench.able("prepare", *({how} & SOURCES))
    samples: dict[Library, dict[str, Sequence[float]]] = {library: {} for library in libraries}
    columns: list[Column] = []
    notes: list[str] = []
    for size in sizes:
        able = [library for library in libraries if size <= library.most.get(how, size)]
        notes += [
            f"Not here with {size / 1e6:g} MB: {library.label}, which takes {number(library.most[how] / 1e6)} MB at most."
            for library in libraries
            if library not in able
        ]
        for library, figures in _at(bench, how, size, able).items():
            samples[library] |= {f"{metric} {size}": each for metric, each in figures.items()}
        columns += [
            Median(f"{size / 1e6:g} MB: CPU, ms (quartiles)", f"cpu {size}", 1e3, spread=True),
            Ratio("÷ raw SDK", f"cpu {size}", RAW_SDK.name),
            Ratio("÷ floor", f"cpu {size}", FLOOR.name),
            Median("memory, MB per MB", f"memory {size}"),
        ]
    rows = [Row(library.name, library.label, figures) for library, figures in samples.items() if figures]
    largest = sizes[-1]
    plots = [
        Bars(f"sources-{how}", f"{largest / 1e6:g} MB given as {WAYS[how]}", f"cpu {largest}", "ms of CPU", 1e3),
        Bars(f"sources-{how}-memory", "The same: memory", f"memory {largest}", "MB per MB of the file"),
    ]
    if len(sizes) < len(bench.scale.sizes):
        notes.append(f"{bench.scale.large_bytes / 1e6:g} MB from a path stand under *Media*.")
    notes += bench.absent("prepare", *({how} & SOURCES))
    return Table(f"Given as {WAYS[how]}", "library", rows, columns, notes, f"sources/{how}", plots)


def _at(
    bench: Bench, how: str, size: int, libraries: Sequence[Library]
) -> Mapping[Library, Mapping[str, Sequence[float]]]:
    small, large = (_places(bench, how, each) for each in (min(size, 20_000), size))

    def measure(library: Library) -> Mapping[str, float]:
        with bench.worker(library) as worker:
            bench.prepare(worker, library, "image", small, options={"how": how})
            figures: Mapping[str, float] = worker.ask("once", large)
        return {**figures, "memory": figures["memory"] / size}

    what = f"{size / 1e6:g} MB given as {WAYS[how]}"
    rounds, budget = min(5, bench.scale.fresh_rounds), bench.scale.budget / 2
    samples = bench.rounds(rounds, libraries, measure, what, warm=False, budget=budget)
    bench.seen()
    return samples


def _places(bench: Bench, how: str, size: int) -> Sequence[str]:
    return [bench.picture(size, "picture")] if how == "url" else pictures(bench.folder, 1, size)


def _encoded(bench: Bench) -> Table:
    libraries = bench.able("encode")
    samples: dict[Library, dict[str, Sequence[float]]] = {library: {} for library in libraries}
    columns: list[Column] = []
    with ExitStack() as stack:
        workers = {library: stack.enter_context(bench.worker(library)) for library in libraries}
        for size in bench.scale.sizes:
            for library, figures in _encoded_at(bench, workers, size).items():
                samples[library] |= {f"{metric} {size}": each for metric, each in figures.items()}
            columns += [
                Median(f"{size / 1e6:g} MB: CPU, ms (quartiles)", f"cpu {size}", 1e3, spread=True),
                Ratio("÷ raw SDK", f"cpu {size}", RAW_SDK.name),
                Ratio("÷ existing", f"cpu {size}", EXISTING.name),
                Ratio("÷ floor", f"cpu {size}", FLOOR.name),
            ]
    labels = {RAW_SDK: "by hand, standard library", FLOOR: "floor: file read, pybase64"}
    rows = [Row(each.name, labels.get(each, each.label), figures) for each, figures in samples.items() if figures]
    return Table("Encoding alone, from a path", "library", rows, columns, bench.absent("encode"), "sources/encode")


def _encoded_at(
    bench: Bench, workers: Mapping[Library, Worker], size: int
) -> Mapping[Library, Mapping[str, Sequence[float]]]:
    files, what = pictures(bench.folder, 1, size), f"encoding {size / 1e6:g} MB"
    able = bench.prepared(workers, lambda each: bench.prepare(workers[each], each, "image", files, "encode"), what)
    return bench.rounds(
        min(10, bench.scale.rounds), able, lambda each: workers[each].ask("many", bench.scale.seconds), what
    )


def _sniffed(bench: Bench) -> Table:
    files = kinds.files(bench.folder, bench.scale.sniffed)
    with ExitStack() as stack:
        workers = {library: stack.enter_context(bench.worker(library)) for library in bench.able("sniff")}
        able = bench.prepared(
            workers, lambda each: bench.prepare(workers[each], each, "text", files, "sniff"), "sniffing"
        )
        samples = bench.rounds(
            min(10, bench.scale.rounds), able, lambda each: workers[each].ask("many", 0.0), "sniffing"
        )
    labels = {FLOOR: "floor: first 4 kB read"}
    rows = [
        Row(
            library.name,
            labels.get(library, "**ours**"),
            {**samples[library], "each": [figure / len(files) for figure in samples[library]["cpu"]]},
        )
        for library in samples
    ]
    columns = (
        Median("CPU, ms (quartiles)", "cpu", 1e3, spread=True),
        Median("each, µs", "each", 1e6),
        Ratio("÷ floor", "cpu", FLOOR.name),
    )
    notes = bench.absent("sniff")
    return Table(f"Sniffing {len(files):,} files", "library", rows, columns, notes, "sources/sniff")
