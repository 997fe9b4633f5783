"""CPU time and memory of the process that this runs in.

    fresh(code)    for `python -c`: what running `code` costs an interpreter that has loaded nothing yet
    once(call)     one call: CPU, wall time, growth of memory
    many(call, …)  calls for a while: CPU and wall time per call
    amany(call, …) the same for a coroutine function, in the event loop that is running
    crowd(make, …) many coroutines at once: CPU, wall time, growth of memory, and the longest that their event loop stood
                   still
    traced(call)   peak of Python's own allocations in one call

Memory is the kernel's high-water mark of this process's resident set. On Linux it is read from /proc and reset before a
measurement, because `ru_maxrss` there starts at the size of whoever started the process and never falls.

Nothing is imported at the top that an interpreter has not loaded anyway: it would be missing from the figures.
"""

from __future__ import annotations

import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

LINUX = sys.platform == "linux"


def _status(field: bytes) -> int:
    with open("/proc/self/status", "rb") as status:
        for line in status:
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    return 0


def _maxrss() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def mark() -> int:
    """Bytes to count growth from: what is resident now, where that can be asked."""
    if not LINUX:
        return _maxrss()
    try:
        with open("/proc/self/clear_refs", "wb") as reset:
            reset.write(b"5")
    except OSError:  # not permitted: growth is then counted from the highest mark so far
        return _status(b"VmHWM:")
    return _status(b"VmRSS:")


def peak() -> int:
    """The most bytes that were resident since `mark`."""
    return _status(b"VmHWM:") if LINUX else _maxrss()


def fresh(code: str) -> None:
    """Run code in this interpreter and print, as JSON, what that took."""
    compiled = compile(code, "<start>", "exec")
    modules, start = len(sys.modules), mark()
    wall, cpu = time.perf_counter(), time.process_time()
    exec(compiled, {"__name__": "start"})
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    memory, modules = peak() - start, len(sys.modules) - modules
    import json
    import os

    print(json.dumps({"cpu": cpu, "wall": wall, "memory": memory, "modules": modules}), flush=True)
    os._exit(0)  # some libraries take seconds to leave


def once(call: Callable[[], object]) -> Mapping[str, float]:
    """One call: seconds of CPU and of the clock, bytes of memory it grew by at its highest."""
    import gc

    gc.collect()
    start = mark()
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu": cpu, "wall": wall, "memory": max(0, peak() - start)}


def many(call: Callable[[], object], seconds: float) -> Mapping[str, float]:
    """Calls until `seconds` of the clock have passed, one at least: seconds of CPU and of the clock for each."""
    import gc

    gc.collect()
    count = 0
    wall, cpu = time.perf_counter(), time.process_time()
    while not count or time.perf_counter() - wall < seconds:
        call()
        count += 1
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu": cpu / count, "wall": wall / count}


async def amany(call: Callable[[], Awaitable[object]], seconds: float) -> Mapping[str, float]:
    """As `many`, one call after the other."""
    import gc

    gc.collect()
    count = 0
    wall, cpu = time.perf_counter(), time.process_time()
    while not count or time.perf_counter() - wall < seconds:
        await call()
        count += 1
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu": cpu / count, "wall": wall / count}


async def crowd(begin: Callable[[str], Awaitable[object]], places: Sequence[str]) -> Mapping[str, float]:
    """All of them at once, after one that loads what has to be loaded, in the event loop that is running."""
    import asyncio
    import gc

    gap, running = 0.0, True

    async def watch() -> None:
        nonlocal gap
        last = time.perf_counter()
        while running:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            gap, last = max(gap, now - last - 0.001), now

    first, *rest = places
    await begin(first)
    gc.collect()
    start = mark()
    watching = asyncio.create_task(watch())
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*map(begin, rest))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    running = False
    await watching
    return {"cpu": cpu, "wall": wall, "gap": gap, "memory": max(0, peak() - start)}


def traced(call: Callable[[], object]) -> Mapping[str, float]:
    """The peak of what Python's allocators handed out during one call. Slow: never together with CPU time."""
    import gc
    import tracemalloc

    gc.collect()
    tracemalloc.start()
    try:
        call()
        return {"traced": tracemalloc.get_traced_memory()[1]}
    finally:
        tracemalloc.stop()


def spin() -> float:
    """Seconds of CPU that a fixed piece of pure Python takes: what varies here is the machine, not the code."""
    cpu, total = time.process_time(), 0
    for number in range(200_000):
        total += number % 7
    return time.process_time() - cpu
