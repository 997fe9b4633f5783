"""Run the benchmarks and write the page.

python -m benchmarks                       everything, into docs/benchmarks.md, docs/benchmarks/*.svg and the README's block;
                                           about 40 minutes
python -m benchmarks --quick               few rounds and smaller sizes, printed; some minutes
python -m benchmarks --tiny                everything once, as small as can be: whether it runs, not how fast
python -m benchmarks percall alone         single cases, printed; also as --cases percall,alone
python -m benchmarks … --out <page>        another page; its plots go into a folder beside it, of the same name
python -m benchmarks … --only ours_http,raw_sdk,floor     some of the libraries
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .bench import Bench
from .cases import CASES, SECONDS
from .environments import OURS, RIVALS, ROOT, Environment, NotInstallable, environment
from .libraries import LIBRARIES, Library
from .progress import Progress
from .report import page
from .scale import FULL, QUICK, TINY
from .summary import put, summary
from .table import Table

PAGE = ROOT / "docs" / "benchmarks.md"
README = ROOT / "README.md"


def _cases(names: str) -> list[str]:
    chosen = names.split(",")
    if unknown := set(chosen) - set(CASES):
        raise argparse.ArgumentTypeError(f"no case {', '.join(sorted(unknown))}: there are {', '.join(CASES)}")
    return chosen


def _libraries(names: str) -> list[Library]:
    chosen = {name: library for library in LIBRARIES for name in (library.name,) if name in names.split(",")}
    if unknown := set(names.split(",")) - set(chosen):
        there = ", ".join(library.name for library in LIBRARIES)
        raise argparse.ArgumentTypeError(f"no library {', '.join(sorted(unknown))}: there are {there}")
    return list(chosen.values())


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("named", nargs="*", type=_cases, metavar="case", help=f"some of {', '.join(CASES)} (all)")
    parser.add_argument("--cases", type=_cases, default=[], help="the same, with commas")
    parser.add_argument(
        "--only", type=_libraries, default=list(LIBRARIES), help="some of the libraries, with commas (all)"
    )
    parser.add_argument("--quick", action="store_true", help="few rounds, printed; no page is written unless --out")
    parser.add_argument("--tiny", action="store_true", help="everything once, as small as can be: whether it runs")
    parser.add_argument("--out", type=Path, help="the page to write (docs/benchmarks.md, if all cases run in full)")
    told = parser.parse_args(given)
    told.cases = [name for names in (*told.named, told.cases) for name in names] or list(CASES)
    return told


def _environments(libraries: Sequence[Library], progress: Progress) -> tuple[list[Environment], list[str]]:
    """What there is, and why the rest is not."""
    made, missing = [environment(OURS)], []
    for name in (name for name in RIVALS if any(library.environment == name for library in libraries)):
        try:
            made.append(environment(name))
        except NotInstallable as error:
            progress.note(str(error))
            missing.append(f"the libraries of the environment `{name}`, which could not be installed.")
    return made, missing


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, write."""
    if sys.platform == "win32":
        sys.exit("The benchmarks measure memory as Linux and macOS tell it: they do not run on Windows")
    told = _arguments(given)
    scale = TINY if told.tiny else QUICK if told.quick else FULL
    progress = Progress({name: SECONDS[name] for name in told.cases}, pace=1.0 if scale == FULL else None)
    environments, missing = _environments(told.only, progress)
    whole = scale == FULL and set(told.cases) == set(CASES) and told.only == list(LIBRARIES)
    run = Run(told.out or (PAGE if whole else None), README if whole and told.out in {None, PAGE} else None, missing)
    with (
        tempfile.TemporaryDirectory() as folder,
        Bench(scale, told.only, environments, Path(folder), progress) as bench,
    ):
        try:
            for name in dict.fromkeys(told.cases):
                progress.case(name)
                run.measure(bench, name, told.cases)
                progress.note(f"{name}: done, {progress.seconds:.0f} s")
        except KeyboardInterrupt:
            progress.note("stopped")
    print(run.page)
    if run.out:
        progress.note(f"written to {run.out}, after {progress.minutes}")
    if bench.left_out or missing or run.left(told.cases):
        sys.exit("not everything could be measured: the page says what, and why")


@dataclass
class Run:
    """What has been measured so far: the page is written after every case, so that nothing is lost."""

    out: Path | None
    readme: Path | None
    missing: Sequence[str]
    tables: dict[str, Sequence[Table]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    page: str = ""

    def left(self, names: Sequence[str]) -> list[str]:
        """Cases that were not measured."""
        return [name for name in names if CASES[name].NAME not in self.tables]

    def measure(self, bench: Bench, name: str, names: Sequence[str]) -> None:
        """One case, and the page as it is then. What breaks a case breaks no other."""
        case = CASES[name]
        try:
            self.tables[case.NAME] = case.run(bench)
        except Exception as error:
            traceback.print_exc()
            self.failed.append(name)
            bench.left_out.append(f"the case `{name}`: {type(error).__name__}: {str(error)[:300]}")
        to_come = [each for each in self.left(names) if each not in self.failed]
        later = [f"the cases {', '.join(to_come)}: this run did not come to them."] if to_come else []
        about = {CASES[each].NAME: CASES[each].ABOUT for each in names}
        missing = [*self.missing, *later, *bench.left_out]
        self.page = page(bench, self.tables, about, missing, self.out.stem if self.out else None)
        if self.out:
            tables = [table for drawn in self.tables.values() for table in drawn]
            self.out.write_text(self.page, encoding="utf-8")
            _draw(self.out.with_suffix(""), tables)
            if self.readme and (short := summary(tables)):
                put(self.readme, short)


def _draw(folder: Path, tables: Sequence[Table]) -> None:
    """The plots, as files; those of an earlier run go."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for table in tables:
        for plot in table.plots:
            (folder / f"{plot.name}.svg").write_text(plot.svg(table.rows), encoding="utf-8")


if __name__ == "__main__":
    main()
