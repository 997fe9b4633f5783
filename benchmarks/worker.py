"""A process in which one library works, told what to do by lines of JSON.

    python -m benchmarks.worker <module of benchmarks.libraries>

    {"prepare": {"url": …, "job": …, "files": […]}}    makes the client and does the job once, or asks for the document of
                                                        that name; checks what came back, tells how long that took
    {"many": seconds} · {"once": […]} · {"traced": […]}    measures, see `gauge`; the latter two with other files
    {"crowd": {"url": …, "job": …, "places": […]}}      measures as many calls at once, each with the picture at a place
    {"versions": [distribution, …]}                    what is installed here

Every line is answered by one: the result, or `{"failed": "…"}`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module, metadata
from typing import Any

from . import gauge


class Wrong(Exception):
    """A library did not bring back what the server sent."""


class Worker:
    """The library's function, once it is prepared."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._call: Callable[[Sequence[str]], Any] | None = None
        self._files: Sequence[str] = ()

    def prepare(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make the client, do the job once, look at what came back."""
        library = import_module(f"benchmarks.libraries.{self._module}")
        from . import documents, work

        self._files = told["files"]
        if document := documents.named(told["job"]):
            call: Callable[[Sequence[str]], Any] = library.stream(told["url"], document)
            brought: Callable[[Any], bool] = document.brought
        else:
            job = work.JOBS[told["job"]]
            call = library.prepare(told["url"], job)
            brought = job.brought
        wall = time.perf_counter()
        got = call(self._files)
        wall = time.perf_counter() - wall
        if not brought(got):
            raise Wrong(f"{self._module} brought back {got!r:.1000}")
        self._call = call
        return {"wall": wall}

    def many(self, seconds: float) -> Mapping[str, float]:
        """Calls for a while."""
        return gauge.many(self._prepared(self._files), seconds)

    def once(self, files: Sequence[str]) -> Mapping[str, float]:
        """One call, with its memory."""
        return gauge.once(self._prepared(files))

    def traced(self, files: Sequence[str]) -> Mapping[str, float]:
        """One call, with Python's allocations."""
        return gauge.traced(self._prepared(files))

    def crowd(self, told: Mapping[str, Any]) -> Mapping[str, float]:
        """Calls side by side, with an asynchronous client; what each brought back is looked at."""
        from . import work

        job = work.JOBS[told["job"]]
        begin = import_module(f"benchmarks.libraries.{self._module}").crowd(told["url"], job)

        async def checked(place: str) -> None:
            if not job.brought(got := await begin(place)):
                raise Wrong(f"{self._module} brought back {got!r:.1000}")

        return gauge.crowd(checked, told["places"])

    def versions(self, names: list[str]) -> Mapping[str, str]:
        """Versions of what is installed among these."""
        return {name: version for name in names if (version := _version(name))}

    def _prepared(self, files: Sequence[str]) -> Callable[[], Any]:
        if self._call is None:
            raise Wrong("nothing is prepared")
        return partial(self._call, files)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def main() -> None:
    """Answer line by line until there are no more. What libraries print goes to the standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker(sys.argv[1])
    for line in sys.stdin:
        ((name, told),) = json.loads(line).items()
        try:
            said: Mapping[str, Any] = getattr(worker, name)(told)
        except Exception as error:
            said = {"failed": f"{type(error).__name__}: {error}"[:2000]}
        print(json.dumps(said), file=answers, flush=True)


if __name__ == "__main__":
    main()
