"""The bench: a server, workers, and rounds in which every library takes its turn.

A round measures each library once, in an order that changes from round to round, so that whatever else the machine does
meets them all alike; ratios are taken within a round. What takes long leaves after fewer rounds. Who fails leaves at once,
the page says so, and the others go on.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.request import ProxyHandler, build_opener

from . import gauge
from .environments import DISTRIBUTIONS, Environment
from .libraries import Library
from .processes import Failed, Lines, Worker
from .progress import Progress
from .scale import Scale

K = TypeVar("K")

Samples = Mapping[str, Sequence[float]]
"""Metric → one figure for each round."""


class Bench:
    """What every case has: the scale, the libraries that are there, the server, a folder, and the rounds."""

    def __init__(
        self,
        scale: Scale,
        libraries: Iterable[Library],
        environments: Iterable[Environment],
        folder: Path,
        progress: Progress | None = None,
    ) -> None:
        self.scale, self.folder, self.progress = scale, folder, progress or Progress()
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

    def absent(self, *functions: str) -> Sequence[str]:
        """A note for a table of what these do: who is not in it, and why."""
        reasons: dict[str, list[str]] = {}
        for library in self.libraries:
            for function in functions:
                if reason := library.lacks.get(function):
                    reasons.setdefault(reason, []).append(plain(library.label))
                    break
        told = [f"{_all(names)} ({reason})" for reason, names in reasons.items()]
        return [f"Not here: {'; '.join(told)}."] if told else []

    def prepared(self, keys: Iterable[K], attempt: Callable[[K], object], what: str) -> list[K]:
        """Those that can do it; of the others, the page says so."""
        able = []
        for key in keys:
            self.progress.say(what, f"{_named(key)}, first time")
            try:
                attempt(key)
            except Failed as error:
                self._fails(key, what, error)
            else:
                able.append(key)
        return able

    def _fails(self, key: object, what: str, error: Failed) -> None:
        line = f"{_named(key)}, {what}: {' '.join(str(error).split())[:300]}"
        self.progress.note(line)
        self.left_out.append(line)

    def fresh(self, environment: str, code: str) -> Mapping[str, float]:
        """Run code in an interpreter that has loaded nothing."""
        with Lines([self.python(environment), "-c", f"from benchmarks import gauge; gauge.fresh({code!r})"]) as process:
            figures: Mapping[str, float] = json.loads(process.read())
        return figures

    def rounds(
        self,
        count: int,
        keys: Iterable[K],
        measure: Callable[[K], Mapping[str, float]],
        what: str,
        *,
        warm: bool = True,
        budget: float | None = None,
    ) -> dict[K, Samples]:
        """Measure every key once in each round, as long as its `budget` lasts (the scale's, or another). Without those that
        failed in the first."""
        budget = self.scale.budget if budget is None else budget
        going = list(keys)
        samples: dict[K, dict[str, list[float]]] = {key: {} for key in going}
        spent = dict.fromkeys(going, 0.0)
        for number in range(-self.scale.warm_rounds if warm else 0, count):
            self.progress.say(what, f"round {number + 1} of {count}")
            self.noise.append(gauge.spin())
            for key in self._order.sample(going, len(going)):
                begun = time.monotonic()
                try:
                    figures = measure(key)
                except Failed as error:
                    self._fails(key, what, error)
                    going.remove(key)
                    continue
                if number >= 0:
                    spent[key] += time.monotonic() - begun
                    for metric, figure in figures.items():
                        samples[key].setdefault(metric, []).append(figure)
            going = [key for key in going if number < 0 or goes_on(number + 1, spent[key], budget)]
        return {key: figures for key, figures in samples.items() if figures}

    @cached_property
    def versions(self) -> Mapping[str, Mapping[str, str]]:
        """What is installed in each environment, as far as it can be said."""
        found = {}
        for name in self.environments:
            with suppress(Failed), self.worker(Library("versions", "", "", name)) as worker:
                found[name] = worker.ask("versions", DISTRIBUTIONS)
        return found


def goes_on(times: int, spent: float, budget: float) -> bool:
    """Whether what was measured so many times is measured once more: where that fits into the budget, and up to three times
    in any case, but for what takes most of the budget at once."""
    each = spent / times
    return spent + each <= budget or (times < 3 and each < budget / 2)


def plain(label: str) -> str:
    """A label without the marks of Markdown."""
    return label.replace("**", "").replace("`", "")


def _named(key: object) -> str:
    if isinstance(key, Library):
        return plain(key.label)
    return ", ".join(map(_named, key)) if isinstance(key, tuple) else str(key)


def _all(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def quartiles(figures: Sequence[float]) -> tuple[float, float, float]:
    """The first quartile, the median, the third; of a single figure, three times that."""
    if len(figures) < 2:
        return (figures[0],) * 3
    first, middle, third = statistics.quantiles(figures, n=4, method="inclusive")
    return first, middle, third
