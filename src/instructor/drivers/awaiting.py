"""The outside world of asynchronous clients: performing effects without blocking the event loop.

    flow ─▶ effect ─▶ performed, within the deadline ─▶ turnstile ─▶ flow, with the answer

Loaded by the first asynchronous client. What it shares with `World` is beside that one.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Protocol, TypeVar

from ..effects import (
    Answer,
    Await,
    Call,
    Effect,
    Emit,
    Flow,
    Get,
    Got,
    Item,
    Join,
    Keep,
    Load,
    Next,
    Now,
    Open,
    Read,
    Resolve,
    Sleep,
    Stream,
    Together,
    Turn,
    Wait,
    Work,
)
from ..errors import ProviderTimeout
from ..filing import Filing
from ..hooks import Hooks, report
from ..spending import Progress
from . import Deadline, download, filing, nap, storage, streams
from .stepping import Steps
from .telling import Teller
from .turnstile import passed

T = TypeVar("T")


class AsyncSender(Protocol):
    """Performs a Call without blocking the loop. Raises ProviderError."""

    async def send(self, call: Call) -> Answer: ...
    async def open(self, call: Open) -> streams.AsyncStream: ...
    async def close(self) -> None: ...


class AsyncWorld:
    """Performs effects without blocking the loop."""

    def __init__(
        self,
        sender: AsyncSender,
        hooks: Hooks,
        deadline: Deadline,
        downloads: download.AsyncDownloads | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._sender: AsyncSender = sender
        self._deadline = deadline
        self._at_first = sender, deadline
        self._teller = Teller(hooks, progress)
        self._downloads = downloads or download.AsyncDownloads()
        self._opened: streams.AsyncStream | None = None

    async def perform(self, effect: Effect) -> Any:
        """The effect's answer."""
        return await self._rows[type(effect)](self, effect)

    async def _call(self, effect: Call) -> Answer:
        return await self._sender.send(self._deadline.bounding(effect))

    async def _open(self, effect: Open) -> streams.AsyncStream:
        await self.close()
        self._opened = await self._sender.open(self._deadline.bounding(effect))
        return self._opened

    async def close(self) -> None:
        """Close the reply that is still arriving, if one is."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()

    async def _resolve(self, effect: Resolve) -> tuple[str, ...]:
        wanted = replace(effect, timeout=self._deadline.left(effect.timeout) or effect.timeout)
        return await asyncio.to_thread(download.resolve, wanted)

    async def _read(self, effect: Read) -> bytes:
        return await asyncio.to_thread(
            storage.read, replace(effect, timeout=self._deadline.left(effect.timeout) or effect.timeout)
        )

    async def _get(self, effect: Get) -> Got:
        return await self._downloads.get(replace(effect, timeout=self._deadline.left(effect.timeout) or effect.timeout))

    async def _together(self, effect: Together) -> tuple[Any, ...]:
        places = asyncio.Semaphore(effect.at_once)

        async def one(flow: Flow[Any]) -> Any:
            async with places:
                await passed()
                return await arun(flow, self, self._deadline)

        if len(effect.flows) == 1:
            done: tuple[Any, ...] = (await arun(effect.flows[0], self, self._deadline),)
        else:
            tasks = [asyncio.create_task(one(flow)) for flow in effect.flows]
            try:
                done = tuple([await task for task in tasks])
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        self._deadline.left()  # what a flow made of its end is no answer: the whole call has come to it
        return done

    async def _file(self, effect: Filing) -> Any:
        return await filing.aperform(self._sender, replace(effect, timeout=self._deadline.left(effect.timeout)))

    async def _sleep(self, effect: Sleep) -> None:
        await asyncio.sleep(nap(effect, self._deadline))

    async def _wait(self, effect: Wait) -> None:
        woken = asyncio.wrap_future(effect.woken)  # cancelling the one cancels the other
        try:
            await asyncio.wait((woken,), timeout=self._deadline.left(effect.seconds))
        finally:
            woken.cancel()

    async def _turn(self, effect: Turn) -> None:
        await self.close()
        self._at_first[1].left()
        sender, deadline = self._at_first
        self._sender, self._deadline = effect.sender or sender, deadline.within(effect.seconds)

    @property
    def deadline(self) -> Deadline:
        """The end of what goes on at the moment."""
        return self._deadline

    async def end(self) -> None:
        """Tell the hooks, if the call has not come to its end, that it will not."""
        if (abandoned := self._teller.abandoned()) is not None:
            await self._emit(Emit(abandoned))

    async def _emit(self, effect: Emit) -> None:
        for handler, args, kwargs in self._teller.listeners(effect.event):
            try:
                if inspect.isawaitable(result := handler(*args, **kwargs)):
                    await result
            except Exception as error:
                report(handler, error)

    _rows: ClassVar[Mapping[type, Callable[[Any, Any], Awaitable[Any]]]] = {
        Call: _call,
        Open: _open,
        Next: lambda _, effect: effect.handle.next(),
        Work: lambda _, effect: asyncio.to_thread(effect.run),
        Await: lambda _, effect: effect.start(),
        Load: lambda _, effect: _stored(effect.store, "get", effect.key),
        Keep: lambda _, effect: _stored(effect.store, "set", effect.key, effect.value, effect.ttl),
        Join: lambda _, effect: asyncio.shield(asyncio.wrap_future(effect.until)),  # the other call goes on
        Emit: _emit,
        Sleep: _sleep,
        Resolve: _resolve,
        Read: _read,
        Together: _together,
        Get: _get,
        Filing: _file,
        Now: lambda _, effect: _now(effect),
        Wait: _wait,
        Turn: _turn,
    }


async def _stored(store: Any, method: str, *args: Any) -> Any:
    """What a method of a cache gives: through its coroutine method, or off the loop, or at once where that takes no time."""
    later = getattr(store, f"a{method}", None)
    if later is not None:
        return await later(*args)
    now = getattr(store, method)
    return now(*args) if getattr(store, "in_memory", False) else await asyncio.to_thread(now, *args)


async def _now(effect: Now) -> float:
    return time.monotonic()


async def arun(flow: Flow[T], world: AsyncWorld, deadline: Deadline) -> T:
    """Drive a flow to its end. At the deadline the effect that is under way is cancelled."""
    steps = Steps(flow)
    for effect in steps:
        try:
            steps.answer = await _answer(world, effect)
        except BaseException as error:
            steps.failure = error
    return steps.result


async def apump(stream: Stream[T], world: AsyncWorld, deadline: Deadline) -> AsyncIterator[T]:
    """Drive a stream, handing its items over as they come."""
    await passed()
    steps = Steps(stream)
    try:
        for effect in steps:
            if isinstance(effect, Item):
                yield effect.value
                continue
            try:
                steps.answer = await _answer(world, effect)
            except BaseException as error:
                steps.failure = error
    finally:
        stream.close()
        await world.close()
        await world.end()


async def _answer(world: AsyncWorld, effect: Effect) -> Any:
    """What the effect comes to. Others may be ready by then, too: the flow goes on when it is its turn."""
    if isinstance(effect, Emit | Now | Turn):  # take no time; and hooks are told of what comes after the deadline, too
        return await world.perform(effect)
    answer = await _in_time(world, effect)
    await passed()
    return answer


async def _in_time(world: AsyncWorld, effect: Effect) -> Any:
    deadline = world.deadline
    if deadline.at is None:
        return await world.perform(effect)
    clock = asyncio.timeout_at(_loop_time(deadline.at))
    try:
        async with clock:
            return await world.perform(effect)
    except TimeoutError as error:
        if isinstance(error, ProviderTimeout) or not clock.expired():
            raise
        raise deadline.passed() from None


def _loop_time(moment: float) -> float:
    return asyncio.get_running_loop().time() + (moment - time.monotonic())
