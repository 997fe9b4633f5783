"""The turnstile: what else lives in the event loop gets its turn, however many flows are ready at once. Nothing here is timed:
turns of the loop are counted, and the clock is turned by hand."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from pydantic import BaseModel

import instructor
from instructor.drivers import AsyncWorld, Deadline, apump, arun, turnstile
from instructor.drivers.turnstile import BUSY, Turnstile
from instructor.drivers.view import View
from instructor.effects import Answer, Await, Call, Emit, Flow, Item, Now, Stream, Together
from instructor.events import Event
from instructor.hooks import Hooks

CROWD = 20


class Turns:
    """Counts the turns of the loop that is running, and what is done in each."""

    def __init__(self) -> None:
        self._now, self.done = 0, Counter[int]()
        self._counting = asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._now += 1
        self._counting = asyncio.get_running_loop().call_soon(self._turn)

    def note(self) -> None:
        self.done[self._now] += 1

    def stop(self) -> None:
        self._counting.cancel()


@pytest.fixture
async def turns() -> AsyncIterator[Turns]:
    counted = Turns()
    yield counted
    counted.stop()


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that is always busy: whatever flows do is too much for one turn."""
    monkeypatch.setattr(turnstile, "BUSY", 0.0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


# ── the turnstile by itself ──────────────────────────────────────────────────────────────────────


async def test_flows_that_are_ready_at_once_share_a_turn_until_they_have_kept_the_loop_busy(turns: Turns) -> None:
    clock = Clock()
    stile, loop, order = Turnstile(clock), asyncio.get_running_loop(), list[int]()

    async def flow(number: int) -> None:
        await stile.passed(loop)
        order.append(number)
        turns.note()
        clock.now += BUSY / 4

    await asyncio.gather(*map(flow, range(CROWD)))
    assert order == list(range(CROWD))
    assert list(turns.done.values()) == [4] + [1] * (CROWD - 4)


async def test_whoever_comes_alone_does_not_wait() -> None:
    clock = Clock()
    stile, loop = Turnstile(clock), asyncio.get_running_loop()
    for _ in range(5):
        with pytest.raises(StopIteration):
            stile.passed(loop).send(None)
        clock.now += 10 * BUSY
        await asyncio.sleep(0)


async def test_nobody_overtakes_a_line() -> None:
    clock = Clock()
    stile, loop, order = Turnstile(clock), asyncio.get_running_loop(), list[str]()

    async def flow(name: str) -> None:
        await stile.passed(loop)
        order.append(name)
        clock.now += BUSY * (name == "a")

    early = [asyncio.create_task(flow(name)) for name in "abcd"]
    await asyncio.sleep(0)
    clock.now = 0.0
    await asyncio.gather(flow("e"), *early)
    assert order == list("abcde")


async def test_who_is_cancelled_leaves_the_line_and_holds_up_nobody(busy: None, turns: Turns) -> None:
    stile, loop, passed = Turnstile(Clock()), asyncio.get_running_loop(), list[int]()

    async def flow(number: int) -> None:
        await stile.passed(loop)
        passed.append(number)
        turns.note()

    tasks = [asyncio.create_task(flow(number)) for number in range(CROWD)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert passed == [0, *range(1, CROWD, 2)]  # the first had passed already
    assert sum(isinstance(end, asyncio.CancelledError) for end in ended) == CROWD // 2 - 1
    assert max(turns.done.values()) == 1


async def test_a_line_that_is_cancelled_as_a_whole_leaves_the_way_free(busy: None) -> None:
    stile, loop = Turnstile(Clock()), asyncio.get_running_loop()
    tasks = [asyncio.create_task(stile.passed(loop)) for _ in range(CROWD)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)
    with pytest.raises(StopIteration):
        stile.passed(loop).send(None)


def test_a_loop_is_not_held() -> None:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(turnstile.passed())
    gone = weakref.ref(loop)
    loop.close()
    del loop
    gc.collect()
    assert gone() is None


# ── the drivers ──────────────────────────────────────────────────────────────────────────────────


async def come_to(flow: Flow[Any]) -> Any:
    deadline = Deadline.after(None)
    return await arun(flow, AsyncWorld(None, Hooks(), deadline), deadline)  # type: ignore[arg-type]


async def pumped(stream: Stream[Any]) -> list[Any]:
    deadline = Deadline.after(None)
    world = AsyncWorld(None, Hooks(), deadline)  # type: ignore[arg-type]
    return [item async for item in apump(stream, world, deadline)]


def ready_together(count: int) -> Callable[[], Awaitable[Any]]:
    """Something to wait for that comes to all in the same turn."""
    barrier = asyncio.Barrier(count)
    return barrier.wait


async def test_answers_that_come_together_are_read_one_in_a_turn(busy: None, turns: Turns) -> None:
    together = ready_together(CROWD)

    def flow() -> Flow[None]:
        yield Await(together)
        turns.note()

    await asyncio.gather(*(come_to(flow()) for _ in range(CROWD)))
    assert list(turns.done.values()) == [1] * CROWD


async def test_streams_begin_and_are_read_one_in_a_turn(busy: None, turns: Turns) -> None:
    together = ready_together(CROWD)

    def stream() -> Stream[int]:
        turns.note()
        yield Await(together)
        turns.note()
        yield Item(1)

    assert await asyncio.gather(*(pumped(stream()) for _ in range(CROWD))) == [[1]] * CROWD
    assert list(turns.done.values()) == [1] * 2 * CROWD


async def test_flows_side_by_side_begin_one_in_a_turn(busy: None, turns: Turns) -> None:
    def one(number: int) -> Flow[int]:
        turns.note()
        yield Now()
        return number

    def flow() -> Flow[Any]:
        return (yield Together(tuple(map(one, range(CROWD))), CROWD))

    assert await come_to(flow()) == tuple(range(CROWD))
    assert list(turns.done.values()) == [1] * CROWD


async def test_what_takes_no_time_needs_no_turn(busy: None, turns: Turns) -> None:
    def flow() -> Flow[None]:
        for _ in range(5):
            yield Now()
            yield Emit(Event())
            turns.note()

    await asyncio.gather(*(come_to(flow()) for _ in range(CROWD)))
    assert list(turns.done.values()) == [5 * CROWD]


async def test_a_flow_learns_that_it_was_cancelled_in_line(busy: None) -> None:
    together, left, begun = ready_together(CROWD), list[int](), asyncio.Event()

    def flow(number: int) -> Flow[None]:
        try:
            yield Await(together)
        finally:
            left.append(number)
            begun.set()

    tasks = [asyncio.create_task(come_to(flow(number))) for number in range(CROWD)]
    await begun.wait()
    assert len(left) < CROWD
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(left) == list(range(CROWD))


# ── a client ─────────────────────────────────────────────────────────────────────────────────────


class User(BaseModel):
    name: str


class Counting:
    """A provider whose answers come together; notes in which turn each request goes out."""

    def __init__(self, turns: Turns, count: int) -> None:
        self._turns, self._together = turns, ready_together(count)

    async def send(self, call: Call) -> Answer:
        self._turns.note()
        await self._together()
        name = call.wire["tools"][0]["function"]["name"]
        made = {"type": "function", "id": "1", "function": {"name": name, "arguments": json.dumps({"name": "Ada"})}}
        message = {"role": "assistant", "content": None, "tool_calls": [made]}
        wire = {"model": "m", "choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}]}
        return Answer(wire, View(wire))

    async def close(self) -> None:
        """Nothing is open."""


async def test_calls_that_begin_together_are_sent_one_in_a_turn(busy: None, turns: Turns) -> None:
    client = instructor.from_provider("openai/gpt-4o-mini", api_key="k", async_client=True, mode=instructor.Mode.TOOLS)
    client._sender = Counting(turns, CROWD)  # type: ignore[assignment]
    got = await asyncio.gather(*(client.create(User, f"{number}?") for number in range(CROWD)))
    assert got == [User(name="Ada")] * CROWD
    assert list(turns.done.values()) == [1] * CROWD
