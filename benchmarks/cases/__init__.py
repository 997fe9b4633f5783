"""The cases, each a module with `NAME`, `ABOUT` and `run(bench) -> [Table, …]`. A new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from benchmarks.bench import Bench
from benchmarks.table import Table

from . import crowd, image, imports, percall, streaming


class Case(Protocol):
    """What a case's module has."""

    NAME: str
    ABOUT: str

    def run(self, bench: Bench) -> Sequence[Table]: ...


CASES: Mapping[str, Case] = {
    "import": imports,
    "percall": percall,
    "image": image,
    "crowd": crowd,
    "streaming": streaming,
}
