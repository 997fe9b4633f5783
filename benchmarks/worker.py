"""A process in which one library works, told what to do by lines of JSON.

    python -m benchmarks.worker <module of benchmarks.libraries>

    {"prepare": {"function": …, "url": …, "job": …,     makes the client and does the job once, with a function of the module,
                 "files": […], "options": {…}}}         or asks for the document of that name; `options` are the job's; checks
                                                        what came back, tells how long that took
    {"many": seconds} · {"once": […]} · {"traced": […]}    measures, see `gauge`; the latter two with other files
    {"crowd": {"url": …, "job": …, "places": […],       measures as many calls at once, each with the picture at a place: an
               "function": …}}                          address for `crowd`, a path for `aprepare`
    {"fitted": {"way": …, "before": …, "file": …}}      measures one photo made to fit, see `fitting`
    {"versions": [distribution, …]}                    what is installed here

Every line is answered by one: the result, or `{"failed": "…"}`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
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
        self._acall: Callable[[Sequence[str]], Awaitable[Any]] | None = None
        self._files: Sequence[str] = ()
        self._how = "path"
        self._loop: asyncio.Runner | None = None

    def prepare(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make the client, do the job once, look at what came back."""
        library = import_module(f"benchmarks.libraries.{self._module}")
        from . import documents, work

        name, function, self._files = told["job"], told["function"], told["files"]
        self._call = self._acall = None
        if document := documents.named(name):
            call: Any = library.stream(told["url"], document)
            brought: Callable[[Any], bool] = document.brought
        else:
            job = replace(work.job(name), **told["options"])
            self._how = job.how
            call = getattr(library, function)(told["url"], job)
            brought = job.brought if function in {"prepare", "aprepare", "alone"} else bool
        done = partial(self._awaited, call) if function == "aprepare" else call
        files = work.given(self._files, self._how)
        wall, cpu = time.perf_counter(), time.process_time()
        got = done(files)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        if not brought(got):
            raise Wrong(f"{self._module} brought back {got!r:.1000}")
        self._call, self._acall = done, call if function == "aprepare" else None
        return {"cpu": cpu, "wall": wall}

    def many(self, seconds: float) -> Mapping[str, float]:
        """Calls for a while."""
        if self._acall is not None:
            return self._runner().run(gauge.amany(partial(self._acall, self._files), seconds))
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

        job, function = work.JOBS[told["job"]], told.get("function", "crowd")
        begin = getattr(import_module(f"benchmarks.libraries.{self._module}"), function)(told["url"], job)

        async def checked(place: str) -> None:
            if not job.brought(got := await begin(place if function == "crowd" else (place,))):
                raise Wrong(f"{self._module} brought back {got!r:.1000}")

        return self._runner().run(gauge.crowd(checked, told["places"]))

    def _awaited(self, call: Callable[[Sequence[str]], Awaitable[Any]], files: Sequence[str]) -> Any:
        async def awaited() -> Any:
            return await call(files)

        return self._runner().run(awaited())

    def _runner(self) -> asyncio.Runner:
        if self._loop is None:
            self._loop = asyncio.Runner()
        return self._loop

    def fitted(self, told: Mapping[str, Any]) -> Mapping[str, float]:
        """A photo made to fit, after a small one; a way that sends nothing, so that nothing has to be prepared."""
        from . import fitting

        way, sizes = fitting.WAYS[told["way"]], list[int]()
        way(told["before"])
        figures = gauge.once(lambda: sizes.append(way(told["file"])))
        return {**figures, "sent": float(sizes[0])}

    def versions(self, names: list[str]) -> Mapping[str, str]:
        """Versions of what is installed among these."""
        return {name: version for name in names if (version := _version(name))}

    def _prepared(self, files: Sequence[str]) -> Callable[[], Any]:
        from . import work

        if self._call is None:
            raise Wrong("nothing is prepared")
        return partial(self._call, work.given(files, self._how))


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
        try:
            print(json.dumps(said), file=answers, flush=True)
        except BrokenPipeError:  # nobody wants to know any more
            break
    os._exit(0)  # some libraries take seconds to leave


if __name__ == "__main__":
    main()
