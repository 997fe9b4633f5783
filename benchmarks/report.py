"""The page: what was measured with what, on what, and the tables."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from . import gauge
from .bench import Bench, quartiles
from .environments import DISTRIBUTIONS
from .summary import SHORT, summary
from .table import Table, number
from .targets import not_reached, table_of, verdicts

HEAD = """\
<!-- Written by `python -m benchmarks`. Do not edit: run it again. -->

# Benchmarks

This page is written by `make bench`, from one run; nobody edits it. All libraries send to a server on the same machine that
reads and throws away what it gets and answers with bytes made beforehand, so what is left is the cost of the library. They
take turns within every round, in an order that changes; figures are medians over the rounds, in parentheses the first and
third quartile; a ratio is the median of the ratios within the rounds. What takes seconds has fewer rounds, one at least. Less
is better, but for throughput.

The existing library is the one with our import name; it and each other library have an environment of their own, with the
versions that they ask for. The raw SDK at the existing library's version stands where calls are measured, to tell what the
version does to them. Who is not in a table, or failed, is named with the reason."""

AIMED = """## Targets

What was aimed at, and what this run says of it. *Met* is said of the median; where the quartiles lie on both sides, the next
run may say otherwise. The floor is whatever does nothing but what cannot be left out: bytes made beforehand are posted with
httpx2 and the answer is validated; where it does not reach a target either, the target lies below it. For imports it is the
import of what is used, alone."""

MISSED = "## What was not reached, and why"


def page(
    bench: Bench,
    tables: Mapping[str, Sequence[Table]],
    about: Mapping[str, str],
    missing: Sequence[str],
    pictures: str | None = None,
) -> str:
    """The whole page; `tables` and `about` by the title of their case, `pictures` where the plots are."""
    everything = [table for drawn in tables.values() for table in drawn]
    parts = [HEAD, _machine(bench), _versions(bench), *(f"Not measured: {line}" for line in missing)]
    if short := summary(everything):
        parts += [SHORT, short]
    if found := verdicts(everything):
        parts += [AIMED, table_of(found), MISSED, not_reached(found)]
    for title, drawn in tables.items():
        parts += [f"## {title}", about[title], *(table.markdown(pictures) for table in drawn)]
    return "\n\n".join(parts) + "\n"


def _machine(bench: Bench) -> str:
    noise = [figure * 1e3 for figure in bench.noise] or [gauge.spin() * 1e3]
    (low, middle, high), least, most = quartiles(noise), min(noise), max(noise)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    load = f", load average {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with {python} on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores{load}; {bench.scale.rounds} rounds per call, {bench.scale.fresh_rounds} with fresh processes, "
        f"{bench.progress.minutes} in all. How steady the machine was: a fixed loop of pure Python, run before every round, "
        f"took {number(middle)} ms of CPU ({number(low)}–{number(high)}; {number(least)} at least, {number(most)} at most). "
        "Where the ranges of two rows overlap, their ratio says more than their medians, and one near 1 says little."
    )


def _versions(bench: Bench) -> str:
    lines = ["| versions | " + " | ".join(bench.environments) + " |", "| --- |" + " --- |" * len(bench.environments)]
    found = [bench.versions.get(name, {}) for name in bench.environments]
    lines += [
        f"| {name} | " + " | ".join(versions.get(name, "–") for versions in found) + " |"
        for name in DISTRIBUTIONS
        if any(name in versions for versions in found)
    ]
    return "\n".join(lines)
