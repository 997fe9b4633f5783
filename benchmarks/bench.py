"""The bench: a server, workers, and rounds in which every library takes its turn.

A round measures each library once, in an order that changes from round to round, so that whatever else the machine does
meets them all alike; ratios are taken within a round.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.request import ProxyHandler, build_opener

from . import gauge
from .environments import ROOT, Environment
from .libraries import Library

K = TypeVar("K")

Samples = Mapping[str, Sequence[float]]
"""Metric → one figure for each round."""


class Failed(Exception):
    """A measured process ended, or said that it could not."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: rounds with processes that stay, rounds with fresh ones, rounds before them that do not
    count, seconds for a sample, file sizes, characters of streamed documents, seconds for all rounds of one of these, calls
    at once, and seconds for which their pictures come."""

    rounds: int
    fresh_rounds: int
    warm_rounds: int
    seconds: float
    small_bytes: int
    large_bytes: int
    characters: tuple[int, ...]
    stream_seconds: float
    crowds: tuple[int, ...] = (1, 50)
    drip_seconds: float = 1.0


FULL = Scale(25, 15, 1, 0.06, 20_000, 10_000_000, (1_000, 10_000, 100_000, 1_000_000), 10.0)
QUICK = Scale(5, 3, 1, 0.03, 20_000, 10_000_000, (1_000, 10_000, 100_000), 3.0)
TINY = Scale(1, 1, 0, 0.0, 2_000, 300_000, (300, 900), 0.0, (3,), 0.05)


def clean_environment() -> dict[str, str]:
    """The environment variables of measured processes: nothing that changes what a library does."""
    told = ("openai_", "anthropic_", "instructor_", "pythonpath")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().startswith(told) and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": ""}


class Lines:
    """A process that answers lines with lines."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def read(self) -> str:
        """The next line it prints."""
        assert self._process.stdout is not None
        if not (line := self._process.stdout.readline()):
            raise Failed(f"a measured process ended with {self._process.wait()}; see above")
        return line

    def write(self, line: str) -> None:
        """Say a line to it."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Worker(Lines):
    """A process in which a library works: see `worker`."""

    def ask(self, name: str, told: object = None) -> Any:
        """Have it do something."""
        self.write(json.dumps({name: told}))
        said = json.loads(self.read())
        if "failed" in said:
            raise Failed(said["failed"])
        return said


class Bench:
    """What every case has: the scale, the libraries that are there, the server, a folder, and the rounds."""

    def __init__(
        self, scale: Scale, libraries: Iterable[Library], environments: Iterable[Environment], folder: Path
    ) -> None:
        self.scale, self.folder = scale, folder
        self.environments = {each.name: each for each in environments}
        self.libraries = tuple(library for library in libraries if library.environment in self.environments)
        self.noise: list[float] = []
        self._order = random.Random(0)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        server = self._stack.enter_context(Lines([sys.executable, "-m", "benchmarks.server"]))
        self._address = f"http://127.0.0.1:{int(server.read())}"
        self._open = build_opener(ProxyHandler({})).open
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def url(self, library: Library, job: str) -> str:
        """Where a library finds the server's answer to a job."""
        return f"{self._address}/{library.name}/{job}/v1"

    def dripping(self, count: int, seconds: float) -> Sequence[str]:
        """Addresses of pictures that come bit by bit, for so long; the first of them comes at once."""
        times = [0, *[round(seconds * 1000)] * count]
        return [f"{self._address}/drip/{time}/{number}.png" for number, time in enumerate(times)]

    def seen(self) -> Mapping[str, float]:
        """`library/job` → bytes of one body, since this was last asked."""
        with self._open(f"{self._address}/seen") as answer:
            told: Mapping[str, Sequence[int]] = json.load(answer)
        return {key: received / count for key, (count, received) in told.items()}

    def python(self, environment: str) -> str:
        """The interpreter of an environment."""
        return str(self.environments[environment].python)

    def worker(self, library: Library) -> Worker:
        """A new process for a library."""
        return Worker([self.python(library.environment), "-m", "benchmarks.worker", library.module])

    def prepare(self, worker: Worker, library: Library, job: str, files: Sequence[str] = ()) -> Mapping[str, float]:
        """Have a library do a job once, so that it can be repeated. Tells how long that took."""
        told: Mapping[str, float] = worker.ask("prepare", {"url": self.url(library, job), "job": job, "files": files})
        return told

    def fresh(self, environment: str, code: str) -> Mapping[str, float]:
        """Run code in an interpreter that has loaded nothing."""
        with Lines([self.python(environment), "-c", f"from benchmarks import gauge; gauge.fresh({code!r})"]) as process:
            figures: Mapping[str, float] = json.loads(process.read())
        return figures

    def rounds(
        self,
        count: int,
        keys: Sequence[K],
        measure: Callable[[K], Mapping[str, float]],
        what: str,
        turns: Callable[[K], int] | None = None,
    ) -> dict[K, Samples]:
        """Measure every key once in each round. With `turns`, a key takes part in that many rounds, and none goes before."""
        samples: dict[K, dict[str, list[float]]] = {key: {} for key in keys}
        for number in range(0 if turns else -self.scale.warm_rounds, count):
            show(f"{what}: round {number + 1} of {count}")
            self.noise.append(gauge.spin())
            now = [key for key in keys if turns is None or number < turns(key)]
            for key in self._order.sample(now, len(now)):
                for metric, figure in measure(key).items():
                    if number >= 0:
                        samples[key].setdefault(metric, []).append(figure)
        show("")
        return dict(samples)


def show(progress: str) -> None:
    """What is under way, in one line of a terminal that somebody may be looking at."""
    if sys.stderr.isatty():
        print(f"\r\033[K{progress}", end="", file=sys.stderr, flush=True)


def quartiles(figures: Sequence[float]) -> tuple[float, float, float]:
    """The first quartile, the median, the third; of a single figure, three times that."""
    if len(figures) < 2:
        return (figures[0],) * 3
    first, middle, third = statistics.quantiles(figures, n=4, method="inclusive")
    return first, middle, third
