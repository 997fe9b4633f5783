"""The outside world: the only network, clock and event loop in the house.

run(flow, world) · arun(flow, world)     drive a flow: perform each effect, send its answer back
pump(stream, world) · apump(…)           the same, handing its items to the caller; closing it closes the connection
World · AsyncWorld                       one row per effect; what is asynchronous is in `awaiting`
turnstile.passed                         flows of one event loop take turns with whatever else lives in it
Sender                                   what performs a Call:
    http.HttpSender · AsyncHttpSender    our own, over httpx2, no SDK
    sdk.SdkSender · AsyncSdkSender       the caller's own SDK client
    local.LocalSender · AsyncLocalSender a provider in this process
download.Downloads · AsyncDownloads      Resolve and Get, pinned to the checked address; one for each client
storage.read                             Read: an object of a storage, through fsspec
filing.perform · aperform                Filing: the provider's Files API, through any sender
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from .._later import homes, later
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
from .stepping import Steps
from .telling import Teller

if TYPE_CHECKING:
    from . import streams
    from .awaiting import AsyncSender, AsyncWorld, apump, arun
    from .download import Downloads
else:  # synchronous programs need no event loop
    __getattr__ = later(__name__, homes(awaiting="AsyncSender AsyncWorld apump arun"))

__all__ = ["AsyncSender", "AsyncWorld", "Deadline", "Sender", "World", "apump", "arun", "pump", "run"]

T = TypeVar("T")
C = TypeVar("C", Call, Open)


class Sender(Protocol):
    """Performs a Call. Raises ProviderError."""

    def send(self, call: Call) -> Answer: ...
    def open(self, call: Open) -> streams.Stream: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock after which nothing is begun; None for no end."""

    seconds: float | None
    at: float | None

    @classmethod
    def after(cls, seconds: float | None) -> Deadline:
        return ENDLESS if seconds is None else cls(seconds, time.monotonic() + seconds)

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

    def bounding(self, effect: C) -> C:
        """The request, to be over by then.

        Raises:
            ProviderTimeout: no time is left for it.
        """
        return effect if self.at is None else replace(effect, timeout=self.left(effect.timeout))

    def within(self, seconds: float | None) -> Deadline:
        """The moment after so many seconds, if it comes before this one."""
        sooner = Deadline.after(seconds)
        return sooner if sooner.at is not None and (self.at is None or sooner.at < self.at) else self

    def passed(self) -> ProviderTimeout:
        """The error to raise once the moment has come."""
        return ProviderTimeout(f"no valid answer within the timeout of {self.seconds:g} s")


ENDLESS = Deadline(None, None)


class World:
    """Performs effects, blocking."""

    def __init__(
        self,
        sender: Sender,
        hooks: Hooks,
        deadline: Deadline,
        downloads: Downloads | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._sender: Sender = sender
        self._deadline = deadline
        self._at_first = sender, deadline
        self._teller = Teller(hooks, progress)
        self._downloads = downloads
        self._opened: streams.Stream | None = None

    def perform(self, effect: Effect) -> Any:
        """The effect's answer."""
        return self._rows[type(effect)](self, effect)

    def _call(self, effect: Call) -> Answer:
        return self._sender.send(self._deadline.bounding(effect))

    def _await(self, effect: Await) -> Any:
        from .portal import settled

        return settled(effect.start, self._deadline.left(), self._deadline.passed)

    def _open(self, effect: Open) -> streams.Stream:
        self.close()
        self._opened = self._sender.open(self._deadline.bounding(effect))
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
        from .download import resolve

        return resolve(replace(effect, timeout=self._deadline.left(effect.timeout) or effect.timeout))

    def _read(self, effect: Read) -> bytes:
        from .storage import read

        return read(replace(effect, timeout=self._deadline.left(effect.timeout) or effect.timeout))

    def _get(self, effect: Get) -> Got:
        if self._downloads is None:
            from .download import Downloads

            self._downloads = Downloads()
        return self._downloads.get(replace(effect, timeout=self._deadline.left(effect.timeout) or effect.timeout))

    def _together(self, effect: Together) -> tuple[Any, ...]:
        from .abreast import abreast

        done = abreast([partial(run, flow, self) for flow in effect.flows], effect.at_once)
        self._deadline.left()  # what a flow made of its end is no answer: the whole call has come to it
        return done

    def _file(self, effect: Filing) -> Any:
        from .filing import perform

        return perform(self._sender, replace(effect, timeout=self._deadline.left(effect.timeout)))

    def _join(self, effect: Join) -> None:
        from concurrent.futures import TimeoutError as NotDone

        try:
            effect.until.result(self._deadline.left())
        except NotDone:
            raise self._deadline.passed() from None

    def _sleep(self, effect: Sleep) -> None:
        time.sleep(nap(effect, self._deadline))

    def _wait(self, effect: Wait) -> None:
        from concurrent.futures import wait

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
        Await: _await,
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


def nap(effect: Sleep, deadline: Deadline) -> float:
    """Seconds to sleep.

    Raises:
        ProviderTimeout: it would be too long.
    """
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
