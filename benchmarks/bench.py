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
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.request import ProxyHandler, build_opener

from . import gauge
from .environments import OURS, ROOT, Environment
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
    at once, seconds for which their pictures come, and pixels of a photo. Then sizes of pictures that are given in every
    way, calls at once and the size of the picture in each, times that an answer is asked for again, files to sniff,
    characters of prompts in which pictures are looked for; and whether a library does everything in one process, because
    nobody reads the figures."""

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
    photo: tuple[int, int] = (8064, 6048)
    sizes: tuple[int, ...] = (1_000_000, 10_000_000, 100_000_000)
    throng: tuple[int, int] = (500, 1_000_000)
    retries: int = 3
    sniffed: int = 10_000
    prompts: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    tiny: bool = False


FULL = Scale(25, 15, 1, 0.06, 20_000, 10_000_000, (1_000, 10_000, 100_000, 1_000_000), 10.0)
QUICK = Scale(
    rounds=5,
    fresh_rounds=3,
    warm_rounds=0,
    seconds=0.03,
    small_bytes=20_000,
    large_bytes=10_000_000,
    characters=(1_000, 10_000, 100_000),
    stream_seconds=1.0,
    sizes=(1_000_000,),
    throng=(100, 1_000_000),
    sniffed=2_000,
)
TINY = Scale(
    rounds=1,
    fresh_rounds=1,
    warm_rounds=0,
    seconds=0.0,
    small_bytes=2_000,
    large_bytes=300_000,
    characters=(300, 900),
    stream_seconds=0.0,
    crowds=(3,),
    drip_seconds=0.05,
    photo=(320, 240),
    sizes=(100_000,),
    throng=(3, 50_000),
    retries=1,
    sniffed=20,
    prompts=(100, 1_000),
    tiny=True,
)


QUIET = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
"""Nobody asks the network for anything while it is measured: LiteLLM would fetch its list of prices at import."""


def clean_environment() -> dict[str, str]:
    """The environment variables of measured processes: nothing that changes what a library does."""
    told = ("openai_", "anthropic_", "instructor_", "pythonpath")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().startswith(told) and not name.lower().endswith("_proxy")
    }
    return {**kept, **QUIET, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": ""}


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
        self.left_out: list[str] = []
        self._staying: dict[Library, Worker] = {}
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

    def picture(self, size: int, name: str) -> str:
        """The address of a picture of that size."""
        return f"{self._address}/file/{size}/{name}.jpg"

    def seen(self) -> Mapping[str, float]:
        """`library/job` → bytes of one body, since this was last asked."""
        with self._open(f"{self._address}/seen") as answer:
            told: Mapping[str, Sequence[int]] = json.load(answer)
        return {key: received / count for key, (count, received) in told.items()}

    def python(self, environment: str) -> str:
        """The interpreter of an environment."""
        return str(self.environments[environment].python)

    def able(self, *functions: str) -> tuple[Library, ...]:
        """The libraries that have all of these."""
        return tuple(library for library in self.libraries if library.does.issuperset(functions))

    def worker(self, library: Library) -> AbstractContextManager[Worker]:
        """A new process for a library."""
        if not self.scale.tiny:
            return self._started(library)
        if library not in self._staying:
            self._staying[library] = self._stack.enter_context(self._started(library))
        return nullcontext(self._staying[library])

    def _started(self, library: Library) -> Worker:
        return Worker([self.python(library.environment), "-m", "benchmarks.worker", library.module])

    def prepare(
        self,
        worker: Worker,
        library: Library,
        job: str,
        files: Sequence[str] = (),
        function: str = "prepare",
        *,
        place: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Mapping[str, float]:
        """Have a library do a job once, so that it can be repeated. Tells how long that took. The server's answer is that of
        `place`, or of the job; `options` are fields of the job that are not as usual."""
        url = self.url(library, place or job)
        said = {"url": url, "job": job, "files": files, "function": function, "options": options or {}}
        told: Mapping[str, float] = worker.ask("prepare", said)
        return told

    def willing(
        self, libraries: Iterable[Library], attempt: Callable[[Library], object], what: str, trial: bool = False
    ) -> list[Library]:
        """Those that can do it; of rivals that cannot, the page says so. That ours and the floor can is taken for granted:
        what is a mere `trial`, and prepares nothing, is not asked of them."""
        return [
            library
            for library in libraries
            if (trial and library.environment == OURS) or self._attempted(library, attempt, what)
        ]

    def _attempted(self, library: Library, attempt: Callable[[Library], object], what: str) -> bool:
        try:
            attempt(library)
        except Failed as error:
            if library.environment == OURS:
                raise
            self.left_out.append(f"{library.label}, {what}: {str(error)[:300]}")
            return False
        return True

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
