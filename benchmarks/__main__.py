"""Run the benchmarks and write the page.

python -m benchmarks [--cases import,percall,image,crowd,streaming] [--quick] [--out docs/benchmarks.md]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .bench import FULL, QUICK, Bench
from .cases import CASES
from .environments import OURS, RIVALS, ROOT, Environment, NotInstallable, environment
from .libraries import LIBRARIES
from .report import page, progress

PAGE = ROOT / "docs" / "benchmarks.md"


def _cases(names: str) -> list[str]:
    chosen = names.split(",")
    if unknown := set(chosen) - set(CASES):
        raise argparse.ArgumentTypeError(f"no case {', '.join(sorted(unknown))}: there are {', '.join(CASES)}")
    return chosen


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=_cases, default=list(CASES), help=f"some of {','.join(CASES)} (all)")
    parser.add_argument("--quick", action="store_true", help="few rounds, printed; no page is written unless --out")
    parser.add_argument("--out", type=Path, help="the page to write (docs/benchmarks.md, if all cases run in full)")
    return parser.parse_args(given)


def _environments() -> tuple[list[Environment], list[str]]:
    """What there is, and why the rest is not."""
    made, missing = [environment(OURS)], []
    for name in RIVALS:
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
    environments, missing = _environments()
    with (
        tempfile.TemporaryDirectory() as folder,
        Bench(QUICK if told.quick else FULL, LIBRARIES, environments, Path(folder)) as bench,
    ):
        cases = [CASES[name] for name in told.cases]
        tables = {case.NAME: case.run(bench) for case in cases}
        written = page(bench, tables, {case.NAME: case.ABOUT for case in cases}, missing)
    print(written)
    whole = not told.quick and len(cases) == len(CASES)
    if out := told.out or (PAGE if whole else None):
        out.write_text(written, encoding="utf-8")
        progress(f"written to {out}")


if __name__ == "__main__":
    main()
