"""Answers taken while they arrive: processes that stay, documents that grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from benchmarks.bench import Bench, Samples, goes_on
from benchmarks.documents import CHARACTERS, KINDS, Document
from benchmarks.libraries import FLOOR, OURS_HTTP, OURS_SDK, RAW_SDK, Library
from benchmarks.plots import Lines
from benchmarks.processes import Worker
from benchmarks.table import Column, Growth, Median, Ratio, Row, Table, number

NAME = "Streaming"
LIMIT, LARGEST = 60.0, 15.0
"""Seconds: what would take longer than this once is not measured. With the largest documents that says growth alone."""
WARM = 0.25
"""Seconds: where the raw SDK takes longer, the first time is a round like others: what is made only once does not show."""

EVENTS = 8
BESIDE = "Not here: the other libraries; how they compare is above."
ABOUT = f"""\
One answer as server-sent events of OpenAI's dialect, {CHARACTERS} characters of it in each, by HTTP's chunks of {EVENTS} events
or, where it says so, of one. Everything that is handed over is taken: growing objects with `create_partial`, elements with
`create_iterable`; what comes last has been validated and is what was sent. *Raw SDK* iterates over the SDK's own chunk
objects and joins their text, without parsing it; the *floor* cuts the bytes at blank lines, reads each event as JSON and
joins the text; *LiteLLM* does as the raw SDK. CPU is the calling process alone. *Growth* is the exponent: 1 where ten times
the text cost ten times the time, 2 where it cost a hundred times."""


def run(bench: Bench) -> Sequence[Table]:
    """One table for each kind of document, then what depends on how it is written and looked at."""
    *_, large, largest = bench.scale.characters
    with ExitStack() as stack:
        there = bench.able("stream")
        case = _Streaming(bench, {library: stack.enter_context(bench.worker(library)) for library in there})
        tables = [case.growing(kind) for kind in KINDS]
        written = [Document(kind, large, 1) for kind in (["text"] if bench.scale.tiny else KINDS)]
        tables.append(case.beside(f"One event in each write, {large:,} characters", written))
        looked = [Document(kind, largest, EVENTS, read=True) for kind in ("text", "table")]
        tables.append(case.beside("Every growing object looked at", looked))
        return tables


class _Streaming:
    """The libraries' processes, and what has been seen of their speed."""

    def __init__(self, bench: Bench, workers: Mapping[Library, Worker]) -> None:
        self._bench, self._workers = bench, workers

    def growing(self, kind: str) -> Table:
        """All libraries with one kind of document, ever larger."""
        samples: dict[Library, dict[str, Sequence[float]]] = {library: {} for library in self._workers}
        took: dict[Library, dict[int, float]] = {library: {} for library in self._workers}
        sizes = self._bench.scale.characters
        notes: list[str] = []
        for size in sizes:
            limit = LARGEST if size == sizes[-1] else LIMIT
            able = [each for each in self._workers if each == RAW_SDK or predicted(took[each], size) <= limit]
            able = [each for each in able if size == sizes[0] or took[each]]  # who failed once is not asked again
            for library in self._workers:
                if library not in able and took[library] and max(took[library]) == sizes[sizes.index(size) - 1]:
                    seconds = predicted(took[library], size)
                    more = "" if size == sizes[-1] else " or more"
                    notes.append(
                        f"Not measured: {library.label} with {size:,} characters{more}, which would take about "
                        f"{number(seconds)} s."
                    )
            for library, (seconds, figures) in self._measured(Document(kind, size, EVENTS), able).items():
                took[library][size] = min(seconds, *figures["wall"])  # others' work can only add to it
                samples[library] |= {f"{metric} {size}": each for metric, each in figures.items()}
        columns: list[Column] = []
        for size in sizes:
            columns += [
                Median(f"{size:,} characters: CPU, ms (quartiles)", f"cpu {size}", 1e3, spread=True),
                Ratio("÷ raw SDK", f"cpu {size}", RAW_SDK.name),
            ]
        lowest = min(size for size in sizes if size >= 10_000 or len(sizes) < 3)
        columns.append(Growth(f"growth from {lowest:,}", "cpu", [size for size in sizes if size >= lowest]))
        title = KINDS[kind].label.capitalize()
        plots = [Lines(f"streaming-{kind}", title, "cpu", "ms of CPU", sizes, 1e3)]
        return Table(
            title,
            "library",
            _rows(samples),
            columns,
            [*notes, *self._bench.absent("stream")],
            f"streaming/{kind}",
            plots,
        )

    def beside(self, title: str, documents: Sequence[Document]) -> Table:
        """Ours, the raw SDK and the floor with documents side by side."""
        able = [library for library in self._workers if library in (OURS_HTTP, OURS_SDK, RAW_SDK, FLOOR)]
        samples: dict[Library, dict[str, Sequence[float]]] = {library: {} for library in able}
        columns: list[Column] = []
        for document in documents:
            for library, (_, figures) in self._measured(document, able).items():
                samples[library] |= {f"{metric} {document.name}": each for metric, each in figures.items()}
            columns += [
                Median(
                    f"{document.kind}, {document.characters:,}: CPU, ms (quartiles)", f"cpu {document.name}", 1e3, True
                ),
                Ratio("÷ raw SDK", f"cpu {document.name}", RAW_SDK.name),
            ]
        return Table(title, "library", _rows(samples), columns, [BESIDE])

    def _measured(self, document: Document, able: Sequence[Library]) -> Mapping[Library, tuple[float, Samples]]:
        """For each library, what the first time took, and its samples: of what takes the raw SDK long, the fewer."""
        first: dict[Library, Mapping[str, float]] = {}

        def attempt(library: Library) -> None:
            first[library] = self._bench.prepare(self._workers[library], library, document.name)

        scale, what = self._bench.scale, f"streaming, {document.name}"
        able = self._bench.prepared(able, attempt, what)
        raw = first[RAW_SDK]["wall"] if RAW_SDK in first else 0.0
        counts, budget = raw > WARM, max(scale.budget / 2, 3 * raw)
        samples = {
            each: {metric: [figure] for metric, figure in first[each].items()} if counts else {} for each in able
        }
        rounds = min(scale.rounds, max(3, int(budget / raw))) - 1 if counts else scale.rounds
        again = [each for each in able if not counts or goes_on(1, first[each]["wall"], budget)]
        more = self._bench.rounds(
            rounds,
            again,
            lambda library: self._workers[library].ask("many", scale.seconds),
            what,
            warm=not counts,
            budget=budget,
        )
        for library, figures in more.items():
            for metric, found in figures.items():
                samples[library].setdefault(metric, []).extend(found)
        return {library: (first[library]["wall"], figures) for library, figures in samples.items() if figures}


def _rows(samples: Mapping[Library, Samples]) -> list[Row]:
    return [Row(library.name, library.label, figures) for library, figures in samples.items() if figures]


def predicted(took: Mapping[int, float], size: int) -> float:
    """Seconds for a larger document, by the parabola through zero and the last two; 0 where nothing is known."""
    if len(took) < 2:
        return 0.0
    (less, fast), (more, slow) = list(took.items())[-2:]
    bend = max(0.0, (slow / more - fast / less) / (more - less))
    return (slow / more + bend * (size - more)) * size
