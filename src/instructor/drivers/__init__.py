"""The outside world: the only network, clock and event loop in the house.

run(flow, world) · arun(flow, world)     drive a flow: perform each effect, send its answer back
pump(stream, world) · apump(…)           the same, handing its items to the caller; closing it closes the connection
World · AsyncWorld                       one row per effect
Sender                                   what performs a Call:
    http.HttpSender · AsyncHttpSender    our own, over httpx2, no SDK
    sdk.SdkSender · AsyncSdkSender       the caller's own SDK client
    local.LocalSender · AsyncLocalSender a provider in this process
download                                 Resolve and Get, pinned to the checked address
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from ..effects import Answer, Call, Effect, Emit, Flow, Get, Item, Next, Open, Resolve, Sleep, Stream, Work
from ..errors import ConfigurationError, ProviderTimeout
from ..hooks import Hooks, report
from . import download, streams

T = TypeVar("T")
E = TypeVar("E")


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

    def passed(self) -> ProviderTimeout:
        """The error to raise once the moment has come."""
        return ProviderTimeout(f"no valid answer within the timeout of {self.seconds:g} s")


class World:
    """Performs effects, blocking."""

    def __init__(self, sender: Sender, hooks: Hooks, deadline: Deadline) -> None:
        self._sender, self._hooks, self._deadline = sender, hooks, deadline
        self._opened: streams.Stream | None = None
        self._rows: Mapping[type, Callable[[Any], Any]] = {
            Call: self._call,
            Open: self._open,
            Next: self._next,
            Work: lambda effect: effect.run(),
            Emit: self._emit,
            Sleep: self._sleep,
            Resolve: download.resolve,
            Get: self._get,
        }

    def perform(self, effect: Effect) -> Any:
        """The effect's answer."""
        return self._rows[type(effect)](effect)

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

    def _get(self, effect: Get) -> Any:
        return download.get(replace(effect, timeout=self._deadline.left(effect.timeout) or effect.timeout))

    def _sleep(self, effect: Sleep) -> None:
        time.sleep(_nap(effect, self._deadline))

    def _emit(self, effect: Emit) -> None:
        for handler in self._hooks.handlers(effect.event) if self._hooks else ():
            try:
                if inspect.isawaitable(result := handler(*effect.args, **effect.kwargs)):
                    close = getattr(result, "close", None)
                    if close is not None:
                        close()
                    raise ConfigurationError("an asynchronous hook handler needs an asynchronous client")
            except Exception as error:
                report(handler, error)


class AsyncWorld:
    """Performs effects without blocking the loop."""

    def __init__(self, sender: AsyncSender, hooks: Hooks, deadline: Deadline) -> None:
        self._sender, self._hooks, self._deadline = sender, hooks, deadline
        self._opened: streams.AsyncStream | None = None
        self._rows: Mapping[type, Callable[[Any], Awaitable[Any]]] = {
            Call: self._call,
            Open: self._open,
            Next: lambda effect: effect.handle.next(),
            Work: lambda effect: asyncio.to_thread(effect.run),
            Emit: self._emit,
            Sleep: self._sleep,
            Resolve: lambda effect: asyncio.to_thread(download.resolve, effect),
            Get: self._get,
        }

    async def perform(self, effect: Effect) -> Any:
        """The effect's answer."""
        return await self._rows[type(effect)](effect)

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

    async def _get(self, effect: Get) -> Any:
        return await download.aget(replace(effect, timeout=self._deadline.left(effect.timeout) or effect.timeout))

    async def _sleep(self, effect: Sleep) -> None:
        await asyncio.sleep(_nap(effect, self._deadline))

    async def _emit(self, effect: Emit) -> None:
        for handler in self._hooks.handlers(effect.event) if self._hooks else ():
            try:
                if inspect.isawaitable(result := handler(*effect.args, **effect.kwargs)):
                    await result
            except Exception as error:
                report(handler, error)


def _nap(effect: Sleep, deadline: Deadline) -> float:
    left = deadline.left(effect.seconds)
    if left is not None and left < effect.seconds:
        raise deadline.passed()
    return effect.seconds


def run(flow: Flow[T], world: World) -> T:
    """Drive a flow to its end."""
    step: Callable[[], Effect] = flow.__next__
    while True:
        try:
            effect = step()
        except StopIteration as end:
            result: T = end.value
            return result
        try:
            answer = world.perform(effect)
        except BaseException as error:
            step = _throwing(flow, error)
        else:
            step = _sending(flow, answer)


async def arun(flow: Flow[T], world: AsyncWorld, deadline: Deadline) -> T:
    """Drive a flow to its end. At the deadline the effect that is under way is cancelled."""
    step: Callable[[], Effect] = flow.__next__
    while True:
        try:
            effect = step()
        except StopIteration as end:
            result: T = end.value
            return result
        try:
            answer = await _in_time(world, effect, deadline)
        except BaseException as error:
            step = _throwing(flow, error)
        else:
            step = _sending(flow, answer)


def pump(stream: Stream[T], world: World) -> Iterator[T]:
    """Drive a stream, handing its items over as they come."""
    step: Callable[[], Effect | Item[T]] = stream.__next__
    try:
        while True:
            try:
                effect = step()
            except StopIteration:
                return
            if isinstance(effect, Item):
                yield effect.value
                step = stream.__next__
                continue
            try:
                answer = world.perform(effect)
            except BaseException as error:
                step = _throwing(stream, error)
            else:
                step = _sending(stream, answer)
    finally:
        stream.close()
        world.close()


async def apump(stream: Stream[T], world: AsyncWorld, deadline: Deadline) -> AsyncIterator[T]:
    """Drive a stream, handing its items over as they come."""
    step: Callable[[], Effect | Item[T]] = stream.__next__
    try:
        while True:
            try:
                effect = step()
            except StopIteration:
                return
            if isinstance(effect, Item):
                yield effect.value
                step = stream.__next__
                continue
            try:
                answer = await _in_time(world, effect, deadline)
            except BaseException as error:
                step = _throwing(stream, error)
            else:
                step = _sending(stream, answer)
    finally:
        stream.close()
        await world.close()


async def _in_time(world: AsyncWorld, effect: Effect, deadline: Deadline) -> Any:
    if deadline.at is None or isinstance(effect, Emit):  # hooks are told of what comes after the deadline, too
        return await world.perform(effect)
    clock = asyncio.timeout_at(_loop_time(deadline.at))
    try:
        async with clock:
            return await world.perform(effect)
    except TimeoutError as error:
        if isinstance(error, ProviderTimeout) or not clock.expired():
            raise
        raise deadline.passed() from None


def _sending(flow: Generator[E, Any, Any], answer: Any) -> Callable[[], E]:
    return lambda: flow.send(answer)


def _throwing(flow: Generator[E, Any, Any], error: BaseException) -> Callable[[], E]:
    return lambda: flow.throw(error)


def _loop_time(moment: float) -> float:
    return asyncio.get_running_loop().time() + (moment - time.monotonic())
