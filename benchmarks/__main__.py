"""Run the benchmarks and write the page.

python -m benchmarks                       everything, into docs/benchmarks.md and docs/benchmarks/*.svg; about an hour
python -m benchmarks --quick               few rounds and smaller sizes, printed; some minutes
python -m benchmarks percall alone         single cases, printed; also as --cases percall,alone
python -m benchmarks … --out <page>        another page; its plots go into a folder beside it, of the same name
python -m benchmarks … --only ours_http,raw_sdk,floor     some of the libraries
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .bench import FULL, QUICK, Bench, Failed
from .cases import CASES
from .environments import OURS, RIVALS, ROOT, Environment, NotInstallable, environment
from .libraries import LIBRARIES, Library
from .report import page, progress
from .table import Table

PAGE = ROOT / "docs" / "benchmarks.md"


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
    parser.add_argument("--out", type=Path, help="the page to write (docs/benchmarks.md, if all cases run in full)")
    told = parser.parse_args(given)
    told.cases = [name for names in (*told.named, told.cases) for name in names] or list(CASES)
    return told


def _environments(libraries: Sequence[Library]) -> tuple[list[Environment], list[str]]:
    """What there is, and why the rest is not."""
    made, missing = [environment(OURS)], []
    for name in (name for name in RIVALS if any(library.environment == name for library in libraries)):
        try:
            made.append(environment(name))
        except NotInstallable as error:
            progress(str(error))
            missing.append(f"the libraries of the environment `{name}`, which could not be installed.")
    return made, missing


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, write."""
    if sys.platform == "win32":
        sys.exit("The benchmarks measure memory as Linux and macOS tell it: they do not run on Windows")
    told = _arguments(given)
    environments, missing = _environments(told.only)
    with (
        tempfile.TemporaryDirectory() as folder,
        Bench(QUICK if told.quick else FULL, told.only, environments, Path(folder)) as bench,
    ):
        tables = _measured(bench, told.cases)
        whole = not told.quick and len(tables) == len(CASES) and told.only == list(LIBRARIES)
        out = told.out or (PAGE if whole else None)
        about = {CASES[name].NAME: CASES[name].ABOUT for name in told.cases}
        written = page(bench, tables, about, [*missing, *bench.left_out], out.stem if out else None)
    print(written)
    if out:
        out.write_text(written, encoding="utf-8")
        _draw(out.with_suffix(""), [table for drawn in tables.values() for table in drawn])
        progress(f"written to {out}")
    if len(tables) < len(told.cases):
        sys.exit("not every case could be measured; see above")


def _measured(bench: Bench, names: Sequence[str]) -> dict[str, Sequence[Table]]:
    """The tables of each case, by its title. What takes long is not lost because one case fails."""
    tables: dict[str, Sequence[Table]] = {}
    for name in dict.fromkeys(names):
        progress(f"{CASES[name].NAME} …")
        try:
            tables[CASES[name].NAME] = CASES[name].run(bench)
        except Failed as error:
            progress(f"{name}: {error}")
            bench.left_out.append(f"the case `{name}`: {str(error)[:300]}")
    return tables


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
