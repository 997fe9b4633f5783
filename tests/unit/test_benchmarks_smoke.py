"""The benchmarks do not rot: every case at tiny size, with the libraries of this environment, and the page they make."""

from __future__ import annotations

import ast
import http.client
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image as Pillow

from benchmarks import __main__ as command
from benchmarks import documents, environments, kinds, processes, progress, summary, work
from benchmarks.bench import Bench, goes_on, plain, quartiles
from benchmarks.cases import CASES, SECONDS, sources
from benchmarks.cases.streaming import predicted
from benchmarks.libraries import (
    EVERYTHING,
    EXISTING,
    FLOOR,
    LANGCHAIN,
    LIBRARIES,
    OURS_HTTP,
    OURS_SDK,
    RAW_PINNED,
    RAW_SDK,
    RETRIES,
    SOURCES,
    Library,
)
from benchmarks.processes import Failed, Lines, Worker
from benchmarks.report import page
from benchmarks.scale import FULL, TINY
from benchmarks.table import Growth, Median, Ratio, Row, Table, number
from benchmarks.targets import TARGETS, UNEXPLAINED, Target, not_reached, table_of, verdicts
from instructor.media import autodetect

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="memory is measured as Linux and macOS tell it")


HERE = (OURS_HTTP, OURS_SDK, RAW_SDK, FLOOR)


@contextmanager
def opened(folder: Path) -> Iterator[Bench]:
    """A bench at tiny size with what this environment holds of our own."""
    ours = environments.environment(environments.OURS)
    with Bench(TINY, HERE, [ours], folder) as bench:
        yield bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[Sequence[Table], str]]:
    """The tables and the page of every case; in two halves side by side, since nobody reads these figures."""
    halves = (["import"], [name for name in CASES if name != "import"])
    folders = [tmp_path_factory.mktemp("bench") for _ in halves]  # not in the threads: mktemp is not made for them

    def run(names: Sequence[str], folder: Path) -> dict[str, tuple[Sequence[Table], str]]:
        done = {}
        with opened(folder) as bench:
            for name in names:
                case = CASES[name]
                tables = case.run(bench)
                written = page(bench, {case.NAME: tables}, {case.NAME: case.ABOUT}, ["nothing else"], "plots")
                done[name] = tables, written
            assert bench.left_out == []
        return done

    with ThreadPoolExecutor() as pool:
        first, second = pool.map(run, halves, folders)
    return {**first, **second}


@pytest.mark.parametrize("name", CASES)
def test_every_case_runs(name: str, measured: Mapping[str, tuple[Sequence[Table], str]]) -> None:
    tables, written = measured[name]
    for table in tables:
        rows = {row.key.removeprefix("first:") for row in table.rows}
        assert rows & {OURS_HTTP.name, OURS_SDK.name, "ours"}
        assert len(rows) > 1
        for row in table.rows:
            measured_of = {metric.split()[0] for metric in row.samples}
            assert measured_of >= {"cpu", "wall"}, row.key
            for metric, figures in row.samples.items():
                assert min(figures) > 0 or metric.split()[0] not in {"cpu", "wall"}, row.key
            assert min(min(figures) for figures in row.samples.values()) >= 0, row.key
        assert f"### {table.title}" in written
    assert written.startswith("<!-- Written by")
    assert all(line.endswith("|") for line in written.splitlines() if line.startswith("|"))
    assert str(environments.ROOT) not in written
    assert "existing |" not in written


def test_every_plot_is_a_picture(measured: Mapping[str, tuple[Sequence[Table], str]], tmp_path: Path) -> None:
    tables = [table for drawn, _ in measured.values() for table in drawn]
    plots = [(plot, table.rows) for table in tables for plot in table.plots]
    names = [plot.name for plot, _ in plots]
    assert len(set(names)) == len(names) > 20
    for plot, rows in plots:
        root = ET.fromstring(plot.svg(rows))
        said = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
        assert {plot.title, *(plain(row.label) for row in rows if _is_drawn(plot, row))} <= said
    pages = "".join(written for _, written in measured.values())
    assert all(f"](plots/{name}.svg)" in pages for name in names)
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "old.svg").touch()
    command._draw(tmp_path / "plots", tables)
    assert {path.stem for path in (tmp_path / "plots").iterdir()} == set(names)


def _is_drawn(plot: Any, row: Row) -> bool:
    return any(metric == plot.metric or metric.rpartition(" ")[0] == plot.metric for metric in row.samples)


def test_every_target_finds_its_row(measured: Mapping[str, tuple[Sequence[Table], str]]) -> None:
    tables = {table.key: {row.key for row in table.rows} for drawn, _ in measured.values() for table in drawn}
    tables |= {f"crowd/{count}": tables[f"crowd/{TINY.crowds[0]}"] for count in FULL.crowds}
    for target in TARGETS:
        assert target.row in tables[target.table], target.words


def test_what_targets_say() -> None:
    rows = [
        Row(OURS_HTTP.name, "a", {"cpu": [1.0, 1.0], "acpu": [5.0, 9.0]}),
        Row(RAW_SDK.name, "b", {"cpu": [2.0, 4.0], "acpu": [5.0, 5.0]}),
        Row("existing", "c", {"cpu": [4.0, 8.0]}),
    ]
    found = verdicts([Table("T", "what", rows, (), key="percall/text")])
    assert table_of(found).splitlines()[2:] == [
        "| per call, own sender ÷ raw SDK: 1 message, sync | ≤ 0.700× | 0.375× (0.312–0.438) | met | – | 2.00× |",
        "| per call, own sender ÷ raw SDK: 1 message, async | ≤ 0.700× | 1.40× (1.20–1.60) | **not met** | – | – |",
    ]
    assert not_reached(found).splitlines() == [
        "- per call, own sender ÷ raw SDK: 1 message, async: aimed at ≤ 0.700×, reached 1.40×",
        "",
        UNEXPLAINED,
    ]
    assert not_reached(found[:1]).startswith("All that was aimed at")
    assert verdicts([Table("T", "what", rows, ())]) == []


def test_why_a_target_is_not_reached() -> None:
    """With the figures of the run in it, once for all that have the same reason; the floor is told where it is above, too."""
    slow = [Row(OURS_HTTP.name, "a", {"gap": [0.05]}), Row(OURS_SDK.name, "b", {"gap": [0.06]})]
    floor = Row(FLOOR.name, "c", {"gap": [0.043]})
    told = verdicts([Table("T", "what", [*slow, floor], (), key="crowd/50")])
    assert [verdict.below_floor for verdict in told] == [True, True]
    assert "| 50.0 ms | **not met**, nor by the floor | 43.0 ms | – |" in table_of(told)
    first, second, reason = not_reached(told).split("\n", 2)
    assert "reached 50.0 ms; floor 43.0 ms" in first
    assert "reached 60.0 ms" in second
    assert "{" not in reason
    assert "43.0 ms" in reason
    quick = Row(FLOOR.name, "c", {"gap": [0.01]})
    told = verdicts([Table("T", "what", [slow[0], quick], (), key="crowd/50")])
    assert "| 50.0 ms | **not met** | 10.0 ms | – |" in table_of(told)


@pytest.mark.parametrize("target", [target for target in TARGETS if target.why], ids=lambda target: target.words)
def test_reasons_can_be_written(target: Target) -> None:
    assert "{" not in target.why.format(ours="1", floor="2", aim="3")


def test_what_fails_is_said_and_the_rest_goes_on(bench: Bench) -> None:
    def attempt(library: Library) -> Mapping[str, float]:
        if library == EXISTING:
            raise Failed("no such\n  thing")
        return {"cpu": 1.0}

    assert bench.prepared([EXISTING, FLOOR], attempt, "streams") == [FLOOR]
    assert bench.rounds(1, [EXISTING, FLOOR], attempt, "calls") == {FLOOR: {"cpu": [1.0]}}
    assert bench.rounds(1, [(EXISTING, "prepare")], lambda key: attempt(key[0]), "calls") == {}
    assert bench.left_out == [
        "existing library, streams: no such thing",
        "existing library, calls: no such thing",
        "existing library, prepare, calls: no such thing",
    ]


def test_what_fails_later_keeps_its_rounds(bench: Bench) -> None:
    seen: list[str] = []

    def measure(key: str) -> Mapping[str, float]:
        seen.append(key)
        if seen.count("a") == 2 and key == "a":
            raise Failed("ended")
        return {"cpu": float(seen.count(key))}

    assert bench.rounds(3, ["a", "b"], measure, "calls", budget=9.0) == {
        "a": {"cpu": [1.0]},
        "b": {"cpu": [1.0, 2.0, 3.0]},
    }


def test_what_takes_long_has_fewer_rounds() -> None:
    assert goes_on(1, 1.0, 10.0)
    assert goes_on(9, 9.0, 10.0)
    assert not goes_on(10, 10.0, 10.0)
    assert goes_on(2, 9.0, 10.0)  # three in any case
    assert not goes_on(3, 13.5, 10.0)
    assert not goes_on(1, 6.0, 10.0)  # but for what takes most of it at once


def test_a_process_that_ends_or_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    with Lines([sys.executable, "-c", "input()"]) as process:
        process.write("")
        with pytest.raises(Failed, match="ended with 0"):
            process.read()
        with pytest.raises(Failed, match="has ended"):
            process.write("more")
    monkeypatch.setattr(processes, "PATIENCE", 0.1)
    with Lines([sys.executable, "-c", "input()"]) as process, pytest.raises(Failed, match="said nothing"):
        process.read()


def test_a_worker_that_has_ended_is_replaced(bench: Bench) -> None:
    with Worker([sys.executable, "-m", "benchmarks.worker", FLOOR.module]) as worker:
        bench.prepare(worker, FLOOR, "text", function="alone")
        worker._process.kill()
        worker._process.wait()
        with pytest.raises(Failed):
            worker.ask("many", 0.0)
        bench.prepare(worker, FLOOR, "text", function="alone")
        assert worker.ask("many", 0.0)["wall"] > 0


def test_a_case_that_breaks_breaks_no_other(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        NAME, ABOUT = "Broken", ""

        @staticmethod
        def run(bench: Bench) -> Sequence[Table]:
            raise KeyError("a row")

    class Sound:
        NAME, ABOUT = "Sound", "It is."

        @staticmethod
        def run(bench: Bench) -> Sequence[Table]:
            row = Row(OURS_HTTP.name, "**ours**", {"cpu": [1.0]})
            return [Table("T", "what", [row, Row(RAW_SDK.name, "raw", {"cpu": [2.0]})], (), key="percall/text")]

    monkeypatch.setattr(command, "CASES", {"broken": Broken, "sound": Sound, "later": Sound})
    out, readme = tmp_path / "page.md", tmp_path / "README.md"
    readme.write_text(f"Before\n{summary.BEGIN}\nold\n{summary.END}\nafter\n", encoding="utf-8")
    run = command.Run(out, readme, ["a library."])
    run.measure(bench, "broken", ["broken", "sound"])
    said = out.read_text(encoding="utf-8")
    assert "Not measured: a library." in said
    assert "Not measured: the case `broken`: KeyError: 'a row'" in said
    assert "Not measured: the cases sound: this run did not come to them." in said
    assert "old" in readme.read_text(encoding="utf-8")
    assert "KeyError" in capsys.readouterr().err
    run.measure(bench, "sound", ["broken", "sound"])
    said, short = out.read_text(encoding="utf-8"), summary.block(readme.read_text(encoding="utf-8"))
    assert "did not come to" not in said
    assert "It is." in said
    assert short == summary.block(said)
    assert "| one call, 1 message | 0.500× | – | 1.00× | – |" in str(short)
    assert readme.read_text(encoding="utf-8").startswith("Before\n<!--")
    assert run.left(["broken", "sound"]) == ["broken"]


def test_the_readme_says_what_the_page_says() -> None:
    said, page_said = (
        summary.block(file.read_text(encoding="utf-8")) for file in (command.README, environments.ROOT / command.PAGE)
    )
    assert said is not None
    assert said == page_said


def test_the_short_lines_are_on_the_page(measured: Mapping[str, tuple[Sequence[Table], str]]) -> None:
    tables = {table.key: table for drawn, _ in measured.values() for table in drawn}
    for line in summary.LINES:
        metrics = {metric for row in tables[line.table].rows for metric in row.samples}
        assert line.metric.split()[0] in {metric.split()[0] for metric in metrics}, line.words
        assert line.start + OURS_HTTP.name in {row.key for row in tables[line.table].rows}, line.words


def test_who_is_not_in_a_table_is_named(bench: Bench) -> None:
    bench.libraries = LIBRARIES
    assert bench.absent("stream") == []
    assert bench.absent("prepare", RETRIES) == [
        "Not here: raw SDK, LiteLLM and LangChain (nothing is asked again with what was wrong); "
        "floor: bytes posted, answer validated (asked once)."
    ]
    assert [library for library in LIBRARIES if library not in bench.able("stream")] == [RAW_PINNED]


def test_what_is_too_large_for_somebody_is_named(tmp_path: Path) -> None:
    small = replace(FLOOR, most={"url": 50_000})
    with Bench(TINY, [OURS_HTTP, small], [environments.environment(environments.OURS)], tmp_path) as bench:
        table = sources._given(bench, "url")
    assert [row.key for row in table.rows] == [OURS_HTTP.name]
    assert f"Not here with 0.1 MB: {FLOOR.label}, which takes 0.0500 MB at most." in table.notes
    assert bench.left_out == []


def test_how_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    told = progress.Progress({"a": 100.0, "b": 300.0})
    told.case("a")
    assert told.left() is None
    now = 50.0
    told.case("b")
    assert told.left() == 150.0
    now = 100.0
    assert told.left() == 100.0
    assert progress.Progress({"a": 100.0}, pace=1.0).left() == 100.0
    assert set(SECONDS) == set(CASES)
    assert sum(SECONDS.values()) < 45 * 60


def test_an_environment_that_cannot_be_made_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def environment(name: str) -> environments.Environment:
        if name == "litellm":
            raise environments.NotInstallable("pip ended with 1")
        return environments.Environment(name, Path(sys.executable))

    monkeypatch.setattr(command, "environment", environment)
    made, missing = command._environments(LIBRARIES, progress.Progress())
    assert [each.name for each in made] == ["ours", "existing", "pydantic_ai", "langchain"]
    assert "`litellm`" in missing[0]


def test_all_do_the_same_work(measured: Mapping[str, tuple[Sequence[Table], str]]) -> None:
    tables, _ = measured["percall"]
    for table in tables:
        assert len(table.rows) == len(HERE)
        sizes = [row.samples["sent"][0] for row in table.rows]
        assert 100 < min(sizes) <= max(sizes) < 1.2 * min(sizes), table.title


def test_the_server_reads_chunks_and_lengths(bench: Bench) -> None:
    host, port = bench.url(FLOOR, "text").split("/")[2].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    for body in (b"x" * 100_000, iter([b"ab" * 5_000, b"c"])):
        connection.request("POST", "/a/text/v1/chat/completions", body, encode_chunked=not isinstance(body, bytes))
        answer = connection.getresponse()
        assert answer.status == 200
        assert b"Jason" in answer.read()
    connection.request("POST", "/a/unknown/v1/chat/completions", b"")
    answer = connection.getresponse()
    assert answer.status == 404
    answer.read()
    connection.close()
    assert bench.seen() == {"a/text": 55_000.5, "a/unknown": 0}


def test_pictures_are_pictures(tmp_path: Path) -> None:
    (path,) = work.pictures(tmp_path, 1, 150_000)
    assert Path(path).stat().st_size == 150_000
    with Pillow.open(path) as picture:
        picture.load()
        assert picture.size == (64, 48)


def test_forty_fields() -> None:
    parts = (work.Invoice, work.Address, work.Address, work.Line, work.Bank)
    assert sum(len(part.model_fields) for part in parts) == 40
    for job in work.JOBS.values():
        assert job.model.model_validate(job.answer).model_dump() == job.answer


def test_a_table() -> None:
    rows = [Row("a", "A", {"cpu": [1.0, 3.0, 2.0]}), Row("b", "B", {"cpu": [2.0, 4.0, 8.0]}), Row("c", "C", {})]
    columns = (Median("ms", "cpu", 10, spread=True), Ratio("÷ B", "cpu", "b"), Ratio("÷ none", "cpu", "none"))
    assert Table("T", "what", rows, columns, ["A note."]).markdown() == (
        "### T\n\n"
        "| what | ms | ÷ B |\n"
        "| --- | ---: | ---: |\n"
        "| A | 20.0 (15.0–25.0) | 0.500× |\n"
        "| B | 40.0 (30.0–60.0) | 1.00× |\n"
        "| C | – | – |\n\n"
        "A note."
    )


def test_a_table_of_sizes() -> None:
    rows = [
        Row("a", "A", {"ms 10": [2.0], "ms 100": [20.0, 20.0], "ms 1000": [200.0]}),
        Row("b", "B", {"ms 10": [1.0], "ms 100": [100.0]}),
        Row("c", "C", {"ms 100": [1.0]}),
    ]
    columns = (Ratio("÷ B", "ms 100", "b"), Ratio("÷ B", "ms 1000", "b"), Growth("growth", "ms", [10, 100, 1000]))
    assert Table("T", "what", rows, columns).markdown().splitlines()[4:] == [
        "| A | 0.200× | – | 1.00 |",
        "| B | 1.00× | – | 2.00 (to 100) |",
        "| C | 0.0100× | – | – |",
    ]


def test_what_would_take_too_long_is_foreseen() -> None:
    assert predicted({10: 1.0}, 1000) == 0
    assert predicted({10: 1.0, 100: 10.0}, 1000) == pytest.approx(100)
    assert predicted({10: 0.1, 100: 10.0}, 1000) == pytest.approx(1000)
    assert predicted({10: 2.0, 100: 10.0}, 1000) == pytest.approx(100)


@pytest.mark.parametrize("name", ["text", "text-10", "text-x-8", "other-10-8", ""])
def test_what_is_no_document(name: str) -> None:
    assert documents.named(name) is None


def test_documents_are_what_they_say() -> None:
    for kind in documents.KINDS:
        document = documents.Document(kind, 10_000, 8, read=True)
        assert documents.named(document.name) == document
        assert 9_000 < len(documents.text(kind, 10_000)) < 11_000
        assert document.brought(documents.text(kind, 10_000))


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (0, "0"),
        (1234.5, "1,234"),
        (99.96, "100"),
        (12.34, "12.3"),
        (1.234, "1.23"),
        (0.9996, "1.00"),
        (0.01234, "0.0123"),
    ],
)
def test_numbers(figure: float, text: str) -> None:
    assert number(figure) == text


def test_quartiles_of_one() -> None:
    assert quartiles([2.0]) == (2.0, 2.0, 2.0)


def test_unknown_cases_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--cases", "import,nothing"])
    assert f"no case nothing: there are {', '.join(CASES)}" in capsys.readouterr().err
    assert command._arguments(["percall", "alone", "--cases", "import"]).cases == ["percall", "alone", "import"]
    assert command._arguments([]).cases == list(CASES)
    assert command._arguments(["--only", "floor,langchain"]).only == [LANGCHAIN, FLOOR]


def test_every_library_has_its_module() -> None:
    folder = environments.ROOT / "benchmarks" / "libraries"
    assert {library.module for library in LIBRARIES} == {path.stem for path in folder.glob("[a-z]*.py")}
    assert {library.environment for library in LIBRARIES} == {environments.OURS, *environments.RIVALS}
    for library in LIBRARIES:
        parsed = ast.parse((folder / f"{library.module}.py").read_text(encoding="utf-8"))
        functions = {each.name for each in parsed.body if isinstance(each, ast.FunctionDef)}
        assert library.does - SOURCES - {RETRIES} <= functions, library.name
        assert library.lacks.keys() <= EVERYTHING, library.name
        assert functions & EVERYTHING <= library.does or library == RAW_PINNED, library.name


def test_files_of_all_kinds(tmp_path: Path) -> None:
    files = kinds.files(tmp_path, len(kinds.BEGINNINGS))
    found = [medium.media_type for file in files if (medium := autodetect(file))]
    assert [each.partition("/")[0] for each in found if each] == [
        *["image"] * 8,
        "application",
        *["audio"] * 5,
        *["video"] * 4,
    ]
