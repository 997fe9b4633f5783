"""The page: what was measured with what, on what, and the tables."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from .bench import Bench, quartiles
from .libraries import Library
from .table import Table, number
from .targets import verdicts

DISTRIBUTIONS = ("instructor-multimodal", "instructor", "openai", "anthropic", "httpx2", "pydantic", "pydantic_core")
BESIDE = (
    "httpcore2",
    "h11",
    "jiter",
    "pybase64",
    "pydantic-ai-slim",
    "litellm",
    "langchain-core",
    "langchain-openai",
    "langchain-anthropic",
    "httpx",
    "aiohttp",
)

HEAD = """\
<!-- Written by `python -m benchmarks`. Do not edit: run it again. -->

# Benchmarks

This page is written by `make bench`, from one run; nobody edits it. All libraries send to a server on the same machine that
reads and throws away what it gets and answers with bytes made beforehand, so what is left is the cost of the library. They
take turns within every round, in an order that changes; figures are medians over the rounds, in parentheses the first and
third quartile; a ratio is the median of the ratios within the rounds. What takes seconds has fewer rounds, one at least.
Less is better, but for throughput. The existing library is the one with our import name; it and each other library have an
environment of their own, with the versions that they ask for."""

AIMED = """## Targets

What was aimed at, and what this run says of it. *Met* is said of the median; where the quartiles lie on both sides, the next
run may say otherwise."""


def page(
    bench: Bench,
    tables: Mapping[str, Sequence[Table]],
    about: Mapping[str, str],
    missing: Sequence[str],
    pictures: str | None = None,
) -> str:
    """The whole page; `tables` and `about` by the title of their case, `pictures` where the plots are."""
    parts = [HEAD, _machine(bench), _versions(bench), *(f"Not measured: {line}" for line in missing)]
    if said := verdicts([table for drawn in tables.values() for table in drawn]):
        parts += [AIMED, said]
    for title, drawn in tables.items():
        parts += [f"## {title}", about[title], *(table.markdown(pictures) for table in drawn)]
    return "\n\n".join(parts) + "\n"


def _machine(bench: Bench) -> str:
    low, middle, high = (figure * 1e3 for figure in quartiles(bench.noise))
    least, most = min(bench.noise) * 1e3, max(bench.noise) * 1e3
    python = f"{platform.python_implementation()} {platform.python_version()}"
    load = f", load average {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with {python} on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores{load}; {bench.scale.rounds} rounds per call, {bench.scale.fresh_rounds} with fresh "
        f"processes. How steady the machine was: a fixed loop of pure Python, run before every round, took "
        f"{number(middle)} ms of CPU ({number(low)}–{number(high)}; {number(least)} at least, {number(most)} at most). "
        "Where the ranges of two rows overlap, their ratio says more than their medians, and one near 1 says little."
    )


def _versions(bench: Bench) -> str:
    names = (*DISTRIBUTIONS, *BESIDE)
    lines = ["| versions | " + " | ".join(bench.environments) + " |", "| --- |" + " --- |" * len(bench.environments)]
    found: dict[str, Mapping[str, str]] = {}
    for name in bench.environments:
        with bench.worker(Library("versions", "", "", name)) as worker:
            found[name] = worker.ask("versions", names)
    lines += [
        f"| {name} | " + " | ".join(versions.get(name, "–") for versions in found.values()) + " |"
        for name in names
        if any(name in versions for versions in found.values())
    ]
    return "\n".join(lines)


def progress(text: str) -> None:
    """A line for whoever waits."""
    print(text, file=sys.stderr, flush=True)
