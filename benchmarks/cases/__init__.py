"""The cases, each a module with `NAME`, `ABOUT` and `run(bench) -> [Table, …]`. A new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from benchmarks.bench import Bench
from benchmarks.table import Table

from . import alone, crowd, imports, media, percall, retries, sources, streaming


class Case(Protocol):
    """What a case's module has."""

    NAME: str
    ABOUT: str

    def run(self, bench: Bench) -> Sequence[Table]: ...


CASES: Mapping[str, Case] = {
    "import": imports,
    "percall": percall,
    "alone": alone,
    "media": media,
    "sources": sources,
    "retries": retries,
    "crowd": crowd,
    "streaming": streaming,
}

SECONDS: Mapping[str, float] = {
    "import": 390,
    "percall": 260,
    "alone": 60,
    "media": 150,
    "sources": 480,
    "retries": 40,
    "crowd": 370,
    "streaming": 680,
}
"""What each takes in full, on two cores: for guesses of how long the rest of a run will take."""
