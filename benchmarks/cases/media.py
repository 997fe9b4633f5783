"""A large picture from a file to the wire, and a photo of a phone made to fit: a fresh process for every measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import fitting
from benchmarks.bench import Bench
from benchmarks.libraries import EXISTING, FLOOR, OURS_HTTP, RAW_SDK, Library
from benchmarks.plots import Bars
from benchmarks.table import Median, Ratio, Row, Table
from benchmarks.work import pictures

NAME = "Media"
ABOUT = """\
A JPEG file, from its path to the last byte on the connection and the validated object back. Every measurement is a new
process that has done the same call once with a picture of 20 kB, so imports and connections are not in it. Memory is the
growth of the resident set at its highest, and beside it the peak of what Python's allocators handed out (tracemalloc, in
processes of its own), both in MB for each MB of the file. The floor reads, encodes and sends in chunks.

Then a photo as phones take it, made to fit for Anthropic (8,000 pixels a side, 10 MB of base64): `Image.fit`, beside the
lines of Pillow that one would write by hand. Every measurement is a new process that has fitted a small one before."""

FITTED = "A photo of {megapixels:.0f} megapixels made to fit for Anthropic"
WAYS = {"ours": "**ours**, `Image.fit`", "pillow": "Pillow by hand"}


def run(bench: Bench) -> Sequence[Table]:
    """To the wire; then made to fit."""
    return [_to_the_wire(bench, bench.scale.large_bytes), _fitted(bench)]


def _to_the_wire(bench: Bench, size: int) -> Table:
    small = pictures(bench.folder, 1, min(size, 20_000))
    large = pictures(bench.folder, 1, size)

    def measured(library: Library, how: str) -> Mapping[str, float]:
        with bench.worker(library) as worker:
            bench.prepare(worker, library, "image", small)
            figures: Mapping[str, float] = worker.ask(how, large)
        return {name: figure / size if name in {"memory", "traced"} else figure for name, figure in figures.items()}

    title = f"{size / 1e6:g} MB JPEG file"
    able, rounds = bench.able("prepare"), min(10, bench.scale.fresh_rounds)
    samples = bench.rounds(rounds, able, lambda library: measured(library, "once"), title, warm=False)
    traced = bench.rounds(  # what is allocated hardly varies
        min(3, rounds), samples, lambda library: measured(library, "traced"), f"{title}, allocations", warm=False
    )
    bench.seen()
    rows = [Row(each.name, each.label, {**samples[each], **traced.get(each, {})}) for each in able if each in samples]
    columns = (
        Median("CPU, ms (quartiles)", "cpu", 1e3, spread=True),
        Ratio("÷ raw SDK", "cpu", RAW_SDK.name),
        Ratio("÷ existing", "cpu", EXISTING.name),
        Ratio("÷ floor", "cpu", FLOOR.name),
        Median("wall, ms", "wall", 1e3),
        Median("memory, MB per MB (quartiles)", "memory", spread=True),
        Median("Python's own peak, MB per MB", "traced"),
    )
    plots = [
        Bars("media-wire", title, "cpu", "ms of CPU", 1e3),
        Bars("media-memory", f"{title}: memory", "memory", "MB per MB of the file"),
    ]
    return Table(title, "library", rows, columns, bench.absent("prepare"), "media/wire", plots)


def _fitted(bench: Bench) -> Table:
    width, height = bench.scale.photo
    small, large = (str(fitting.photo(bench.folder, *size)) for size in ((160, 120), (width, height)))

    def measure(way: str) -> Mapping[str, float]:
        with bench.worker(OURS_HTTP) as worker:
            figures: Mapping[str, float] = worker.ask("fitted", {"way": way, "before": small, "file": large})
        return figures

    title = FITTED.format(megapixels=width * height / 1e6)
    samples = bench.rounds(min(bench.scale.fresh_rounds, 5), WAYS, measure, title, warm=False, budget=60.0)
    rows = [Row(way, label, samples[way]) for way, label in WAYS.items() if way in samples]
    columns = (
        Median("wall, ms (quartiles)", "wall", 1e3, spread=True),
        Median("CPU, ms", "cpu", 1e3),
        Ratio("÷ Pillow", "cpu", "pillow"),
        Median("memory, MB", "memory", 1e-6),
        Median("sent, kB", "sent", 1e-3),
    )
    notes = ["Not here: the other libraries, which send a photo as it is."]
    return Table(title, "way", rows, columns, notes)
