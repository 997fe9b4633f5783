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

    def measure(library: Library) -> Mapping[str, float]:
        figures: dict[str, float] = {}
        for how in ("once", "traced"):
            with bench.worker(library) as worker:
                bench.prepare(worker, library, "image", small)
                figures |= worker.ask(how, large)
        return {**figures, "memory": figures["memory"] / size, "traced": figures["traced"] / size}

    libraries = bench.willing(bench.able("prepare"), measure, "media, to the wire", trial=True)
    samples = bench.rounds(bench.scale.fresh_rounds, libraries, measure, "media, to the wire")
    bench.seen()
    rows = [Row(library.name, library.label, samples[library]) for library in libraries]
    columns = (
        Median("CPU, ms (quartiles)", "cpu", 1e3, spread=True),
        Ratio("÷ raw SDK", "cpu", RAW_SDK.name),
        Ratio("÷ existing", "cpu", EXISTING.name),
        Ratio("÷ floor", "cpu", FLOOR.name),
        Median("wall, ms", "wall", 1e3),
        Median("memory, MB per MB (quartiles)", "memory", spread=True),
        Median("Python's own peak, MB per MB", "traced"),
    )
    title = f"{size / 1e6:g} MB JPEG file"
    plots = [
        Bars("media-wire", title, "cpu", "ms of CPU", 1e3),
        Bars("media-memory", f"{title}: memory", "memory", "MB per MB of the file"),
    ]
    return Table(title, "library", rows, columns, key="media/wire", plots=plots)


def _fitted(bench: Bench) -> Table:
    width, height = bench.scale.photo
    small, large = (str(fitting.photo(bench.folder, *size)) for size in ((160, 120), (width, height)))

    def measure(way: str) -> Mapping[str, float]:
        with bench.worker(OURS_HTTP) as worker:
            figures: Mapping[str, float] = worker.ask("fitted", {"way": way, "before": small, "file": large})
        return figures

    samples = bench.rounds(min(bench.scale.fresh_rounds, 5), tuple(WAYS), measure, "media, made to fit")
    rows = [Row(way, label, samples[way]) for way, label in WAYS.items()]
    columns = (
        Median("wall, ms (quartiles)", "wall", 1e3, spread=True),
        Median("CPU, ms", "cpu", 1e3),
        Ratio("÷ Pillow", "cpu", "pillow"),
        Median("memory, MB", "memory", 1e-6),
        Median("sent, kB", "sent", 1e-3),
    )
    return Table(FITTED.format(megapixels=width * height / 1e6), "way", rows, columns)
