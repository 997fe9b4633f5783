"""The outside world: the only network, clock and event loop in the house.

run(flow, world) · arun(flow, world)     drive a flow: perform each effect, send its answer back
pump(stream, world) · apump(…)           the same, handing its items to the caller; closing it closes the connection
World · AsyncWorld                       one row per effect
Sender                                   what performs a Call:
    http.HttpSender · AsyncHttpSender    our own, over httpx2, no SDK
    sdk.SdkSender · AsyncSdkSender       the caller's own SDK client
    local.LocalSender · AsyncLocalSender a provider in this process
download.Downloads · AsyncDownloads      Resolve and Get, pinned to the checked address; one for each client
storage.read                             Read: an object of a storage, through fsspec
filing.perform · aperform                Filing: the provider's Files API, through any sender
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import TimeoutError as NotDone
from concurrent.futures import wait
from dataclasses import replace
from functools import partial
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
from ..errors import ConfigurationError, ProviderTimeout
from ..filing import Filing
from ..hooks import Hooks, report
from ..spending import Progress
from ..values import dataclass
from . import download, filing, portal, storage, streams
from .abreast import abreast
from .stepping import Steps
from .telling import Teller

T = TypeVar("T")


class Sender(Protocol):
    """Performs a Call. Raises ProviderError."""

    def send(self, call: Call) -> Answer: ...
    def open(self, call: Open) -> streams.Stream: ...
    def close(self) -> None: ...


class AsyncSender(Protocol):
    """Performs a Call without blocking the loop. Raises ProviderError."""

    async def send(self, call: Call) -> Answer: ...
    async def open(self, call: Open) -> streams.AsyncStream: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock after which nothing is begun; None for no end."""

    seconds: float | None
    at: float | None

    @classmethod
    def after(cls, seconds: float | None) -> Deadline:
        return cls(seconds, None if seconds is None else time.monotonic() + seconds)

    def left(self, other: float | None = None) -> float | None:
        """Seconds left, at most `other`.

        Raises:
            ProviderTimeout: none is left.
        """
        if self.at is None:
            return other
        left = self.at - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left if other is None else min(left, other)

    def within(self, seconds: float | None) -> Deadline:
        """The moment after so many seconds, if it comes before this one."""
        sooner = Deadline.after(seconds)
        return sooner if sooner.at is not None and (self.at is None or sooner.at < self.at) else self

    def passed(self) -> ProviderTimeout:
        """The error to raise once the moment has come."""
        return ProviderTimeout(f"no valid answer within the timeout of {self.seconds:g} s")


class World:
    """Performs effects, blocking."""

    def __init__(
        self,
        sender: Sender,
        hooks: Hooks,
        deadline: Deadline,
        downloads: download.Downloads | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._sender: Sender = sender
        self._deadline = deadline
        self._at_first = sender, deadline
        self._teller = Teller(hooks, progress)
        self._downloads = downloads or download.Downloads()
        self._opened: streams.Stream | None = None

    def perform(self, effect: Effect) -> Any:
        """The effect's answer."""
        return self._rows[type(effect)](self, effect)

    def _call(self, effect: Call) -> Answer:
        return self._sender.send(replace(effect, timeout=self._deadline.left(effect.timeout)))

    def _open(self, effect: Open) -> streams.Stream:
        self.close()
        self._opened = self._sender.open(replace(effect, timeout=self._deadline.left(effect.timeout)))
        return self._opened

    def _next(self, effect: Next) -> Any:
        self._deadline.left()
        return effect.handle.next()

    def close(self) -> None:
        """Close the reply that is still arriving, if one is."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _resolve(self, effect: Resolve) -> tuple[str, ...]:
        return download.resolve(replace(effect, timeout=self._deadline.left(effect.timeout) or effect.timeout))

    def _read(self, effect: Read) -> bytes:
        return storage.read(replace(effect, timeout=self._deadline.left(effect.timeout) or effect.timeout))

    def _get(self, effect: Get) -> Got:
        return self._downloads.get(replace(effect, timeout=self._deadline.left(effect.timeout) or effect.timeout))

    def _together(self, effect: Together) -> tuple[Any, ...]:
        done = abreast([partial(run, flow, self) for flow in effect.flows], effect.at_once)
        self._deadline.left()  # what a flow made of its end is no answer: the whole call has come to it
        return done

    def _file(self, effect: Filing) -> Any:
        return filing.perform(self._sender, replace(effect, timeout=self._deadline.left(effect.timeout)))

    def _join(self, effect: Join) -> None:
        try:
            effect.until.result(self._deadline.left())
        except NotDone:
            raise self._deadline.passed() from None

    def _sleep(self, effect: Sleep) -> None:
        time.sleep(_nap(effect, self._deadline))

    def _wait(self, effect: Wait) -> None:
        if not wait((effect.woken,), self._deadline.left(effect.seconds)).done:
            effect.woken.cancel()

    def _turn(self, effect: Turn) -> None:
        self.close()
        self._at_first[1].left()
        sender, deadline = self._at_first
        self._sender, self._deadline = effect.sender or sender, deadline.within(effect.seconds)

    def end(self) -> None:
        """Tell the hooks, if the call has not come to its end, that it will not."""
        if (abandoned := self._teller.abandoned()) is not None:
            self._emit(Emit(abandoned))

    def _emit(self, effect: Emit) -> None:
        for handler, args, kwargs in self._teller.listeners(effect.event):
            try:
                if inspect.isawaitable(result := handler(*args, **kwargs)):
                    close = getattr(result, "close", None)
                    if close is not None:
                        close()
                    raise ConfigurationError("an asynchronous hook handler needs an asynchronous client")
            except Exception as error:
                report(handler, error)

    _rows: ClassVar[Mapping[type, Callable[[Any, Any], Any]]] = {
        Call: _call,
        Open: _open,
        Next: _next,
        Work: lambda _, effect: effect.run(),
        Await: lambda self, effect: portal.settled(effect.start, self._deadline.left(), self._deadline.passed),
        Load: lambda _, effect: effect.store.get(effect.key),
        Keep: lambda _, effect: effect.store.set(effect.key, effect.value, effect.ttl),
        Join: _join,
        Emit: _emit,
        Sleep: _sleep,
        Resolve: _resolve,
        Read: _read,
        Together: _together,
        Get: _get,
        Filing: _file,
        Now: lambda _, effect: time.monotonic(),
        Wait: _wait,
        Turn: _turn,
    }


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
        return await self._sender.send(replace(effect, timeout=self._deadline.left(effect.timeout)))

    async def _open(self, effect: Open) -> streams.AsyncStream:
        await self.close()
        self._opened = await self._sender.open(replace(effect, timeout=self._deadline.left(effect.timeout)))
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
                return await arun(flow, self, self._deadline)

        if len(effect.flows) == 1:
            done: tuple[Any, ...] = (await one(effect.flows[0]),)
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
        await asyncio.sleep(_nap(effect, self._deadline))

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


def _nap(effect: Sleep, deadline: Deadline) -> float:
    left = deadline.left(effect.seconds)
    if left is not None and left < effect.seconds:
        raise deadline.passed()
    return effect.seconds


def run(flow: Flow[T], world: World) -> T:
    """Drive a flow to its end."""
    steps = Steps(flow)
    for effect in steps:
        try:
            steps.answer = world.perform(effect)
        except BaseException as error:
            steps.failure = error
    return steps.result


async def arun(flow: Flow[T], world: AsyncWorld, deadline: Deadline) -> T:
    """Drive a flow to its end. At the deadline the effect that is under way is cancelled."""
    steps = Steps(flow)
    for effect in steps:
        try:
            steps.answer = await _in_time(world, effect)
        except BaseException as error:
            steps.failure = error
    return steps.result


def pump(stream: Stream[T], world: World) -> Iterator[T]:
    """Drive a stream, handing its items over as they come."""
    steps = Steps(stream)
    try:
        for effect in steps:
            if isinstance(effect, Item):
                yield effect.value
                continue
            try:
                steps.answer = world.perform(effect)
            except BaseException as error:
                steps.failure = error
    finally:
        stream.close()
        world.close()
        world.end()


async def apump(stream: Stream[T], world: AsyncWorld, deadline: Deadline) -> AsyncIterator[T]:
    """Drive a stream, handing its items over as they come."""
    steps = Steps(stream)
    try:
        for effect in steps:
            if isinstance(effect, Item):
                yield effect.value
                continue
            try:
                steps.answer = await _in_time(world, effect)
            except BaseException as error:
                steps.failure = error
    finally:
        stream.close()
        await world.close()
        await world.end()


async def _in_time(world: AsyncWorld, effect: Effect) -> Any:
    deadline = world.deadline
    if deadline.at is None or isinstance(effect, Emit | Now | Turn):  # hooks are told of what comes after the deadline, too
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
