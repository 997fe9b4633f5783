"""Drivers: one loop for all of them, and flows that run together."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from typing import Any

import pytest

from instructor.drivers import AsyncWorld, Deadline, World, apump, arun, pump, run
from instructor.drivers.abreast import abreast
from instructor.effects import Flow, Item, Sleep, Stream, Together, Work
from instructor.errors import ProviderTimeout
from instructor.hooks import Hooks


async def come_to(flow: Any, asynchronous: bool, seconds: float | None = None) -> Any:
    """What a flow comes to, driven either way."""
    deadline = Deadline.after(seconds)
    if asynchronous:
        return await arun(flow, AsyncWorld(None, Hooks(), deadline), deadline)  # type: ignore[arg-type]
    return await asyncio.to_thread(run, flow, World(None, Hooks(), deadline))  # type: ignore[arg-type]


both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


def fail(error: BaseException) -> Callable[[], Any]:
    def raising() -> Any:
        raise error

    return raising


def of(work: Callable[[], Any]) -> Flow[Any]:
    return (yield Work(work))


@both
async def test_answers_and_failures_reach_the_flow(asynchronous: bool) -> None:
    def flow() -> Flow[Any]:
        first, second = (yield Work(lambda: 1)), None
        try:
            yield Work(fail(KeyError("x")))
        except KeyError as error:
            second = error.args[0]
        return first, second, (yield Work(lambda: 3))

    assert await come_to(flow(), asynchronous) == (1, "x", 3)


@both
async def test_what_the_flow_does_not_catch_comes_out(asynchronous: bool) -> None:
    with pytest.raises(KeyError, match="x"):
        await come_to(of(fail(KeyError("x"))), asynchronous)


@both
async def test_items_come_in_order_between_effects(asynchronous: bool) -> None:
    closed = []

    def stream() -> Stream[int]:
        try:
            yield Item(1)
            yield Item((yield Work(lambda: 2)))
            try:
                yield Work(fail(KeyError("x")))
            except KeyError:
                yield Item(3)
        finally:
            closed.append(True)

    deadline = Deadline.after(None)
    if asynchronous:
        world = AsyncWorld(None, Hooks(), deadline)  # type: ignore[arg-type]
        assert [item async for item in apump(stream(), world, deadline)] == [1, 2, 3]
        assert await anext(apump(stream(), world, deadline)) == 1
    else:
        assert list(pump(stream(), World(None, Hooks(), deadline))) == [1, 2, 3]  # type: ignore[arg-type]
        left = pump(stream(), World(None, Hooks(), deadline))  # type: ignore[arg-type]
        assert next(left) == 1
        left.close()  # type: ignore[attr-defined]
    assert closed[:1] == [True]


@pytest.mark.parametrize("caught", [True, False])
def test_a_failure_keeps_nothing_alive(caught: bool) -> None:
    """No cycle of frames and exceptions: what a call held is free when it ends, without the collector."""

    class Large: ...

    def failing(held: Large) -> None:
        raise KeyError(held)

    def flow(held: Large) -> Flow[None]:
        try:
            yield Work(partial(failing, held))
        except KeyError:
            if not caught:
                raise
        yield Work(lambda: None)

    large = Large()
    watched = weakref.ref(large)
    gc.disable()
    try:
        with suppress(KeyError):
            run(flow(large), World(None, Hooks(), Deadline.after(None)))  # type: ignore[arg-type]
        del large
        assert watched() is None
    finally:
        gc.enable()


# ── together ─────────────────────────────────────────────────────────────────────────────────────


@both
async def test_they_run_side_by_side_and_come_back_in_order(asynchronous: bool) -> None:
    meeting = threading.Barrier(3)

    def wait(name: str, seconds: float) -> Callable[[], str]:
        def waiting() -> str:
            meeting.wait(5)
            time.sleep(seconds)
            return name

        return waiting

    def flow() -> Flow[Any]:
        return (yield Together((of(wait("a", 0.05)), of(wait("b", 0)), of(wait("c", 0.02))), 3))

    assert await come_to(flow(), asynchronous) == ("a", "b", "c")


@both
async def test_no_more_than_so_many_at_once(asynchronous: bool) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    def flow() -> Flow[Any]:
        return (yield Together(tuple(of(work) for _ in range(9)), 3))

    assert await come_to(flow(), asynchronous) == (None,) * 9
    assert most == 3


@both
@pytest.mark.parametrize("count", [0, 1])
async def test_none_and_one(asynchronous: bool, count: int) -> None:
    def flow() -> Flow[Any]:
        return (yield Together(tuple(of(lambda: 1) for _ in range(count)), 4))

    assert await come_to(flow(), asynchronous) == (1,) * count


@both
async def test_the_first_failure_in_their_order_comes_out(asynchronous: bool) -> None:
    def late() -> None:
        time.sleep(0.05)
        raise KeyError("first")

    def flow() -> Flow[Any]:
        return (yield Together((of(lambda: 1), of(late), of(fail(ValueError("second, and sooner")))), 3))

    with pytest.raises(KeyError, match="first"):
        await come_to(flow(), asynchronous)


@both
async def test_after_a_failure_nothing_is_begun(asynchronous: bool) -> None:
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        time.sleep(0.02)

    def flow() -> Flow[Any]:
        slow = [of(partial(work, n)) for n in range(20)]
        return (yield Together((of(fail(KeyError("x"))), *slow), 2))

    with pytest.raises(KeyError):
        await come_to(flow(), asynchronous)
    await asyncio.sleep(0.4)  # time for all of them
    assert len(begun) < 8


@both
async def test_the_deadline_of_the_whole_call_is_told_as_that(asynchronous: bool) -> None:
    """Though each flow makes something else of the time being up."""

    def excusing() -> Flow[str]:
        try:
            yield Sleep(5)
        except ProviderTimeout:
            return "excused"
        return "done"

    def flow() -> Flow[Any]:
        return (yield Together((excusing(), of(lambda: time.sleep(0.2))), 2))

    with pytest.raises(ProviderTimeout, match=r"within the timeout of 0\.1 s"):
        await come_to(flow(), asynchronous, 0.1)


async def test_a_cancelled_call_takes_its_flows_along() -> None:
    ended: list[str] = []

    def sleeping() -> Flow[None]:
        try:
            yield Sleep(5)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    def flow() -> Flow[Any]:
        return (yield Together((sleeping(), sleeping()), 2))

    task = asyncio.create_task(come_to(flow(), True))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["cancelled", "cancelled"]


def test_threads_see_the_callers_context() -> None:
    variable: ContextVar[str] = ContextVar("variable", default="unset")
    variable.set("mine")
    assert abreast([variable.get, variable.get, variable.get], 2) == ("mine",) * 3
