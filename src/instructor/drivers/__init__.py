"""The outside world: the only network, clock and event loop in the house.

run(flow, world) · arun(flow, world)     drive a flow: perform each effect, send its answer back
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
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from ..effects import Answer, Call, Effect, Emit, Flow, Get, Resolve, Sleep, Work
from ..errors import ConfigurationError, ProviderTimeout
from ..hooks import Hooks, report
from . import download

T = TypeVar("T")


class Sender(Protocol):
    """Performs a Call. Raises ProviderError."""

    def send(self, call: Call) -> Answer: ...
    def close(self) -> None: ...


class AsyncSender(Protocol):
    """Performs a Call without blocking the loop. Raises ProviderError."""

    async def send(self, call: Call) -> Answer: ...
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
        self._rows: Mapping[type, Callable[[Any], Any]] = {
            Call: self._call,
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
        self._rows: Mapping[type, Callable[[Any], Awaitable[Any]]] = {
            Call: self._call,
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


async def _in_time(world: AsyncWorld, effect: Effect, deadline: Deadline) -> Any:
    if deadline.at is None or isinstance(effect, Emit):  # hooks are told of what comes after the deadline, too
        return await world.perform(effect)
    try:
        async with asyncio.timeout_at(_loop_time(deadline.at)) as clock:
            return await world.perform(effect)
    except TimeoutError as error:
        if isinstance(error, ProviderTimeout) or not clock.expired():
            raise
        raise deadline.passed() from None


def _sending(flow: Flow[Any], answer: Any) -> Callable[[], Effect]:
    return lambda: flow.send(answer)


def _throwing(flow: Flow[Any], error: BaseException) -> Callable[[], Effect]:
    return lambda: flow.throw(error)


def _loop_time(moment: float) -> float:
    return asyncio.get_running_loop().time() + (moment - time.monotonic())
