"""Real exchanges, recorded once and replayed without a key and without a network.

    with record("tapes/user.json") as tape:         mode      the tape is there        it is not
        client = tape.from_provider("openai/…")     ────      ─────────────────        ─────────
        client.create(User, …)                      once      replayed                 recorded
                                                    replay    replayed                 ReplayError
    Tape.attach(client) ─▶ a copy of the client     new       replayed, and what is    recorded
         │                 with another sender                not on it recorded
         ▼                                          always    recorded anew            recorded
    request ─▶ on the tape? ── yes ─▶ its answer
                   └─ no ─▶ recording: sent, and kept     else ReplayError, with what differs

A request is what goes out as JSON, with media elided (`tapes`): a changed prompt, schema, model or picture is another
request. Each recorded exchange is replayed once; the order is free, so that calls may run side by side.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from threading import Lock
from typing import Any, Literal, Self, TypeVar, get_args, overload

from ..adapter import Adapter
from ..client import AsyncInstructor, Instructor
from ..connect import from_provider
from ..drivers import AsyncSender, Sender
from ..drivers.streams import AsyncStream, JsonEvent, Stream
from ..drivers.view import shown
from ..effects import Answer, Call, Open
from ..errors import ConfigurationError, ConnectionFailed, MissingKey, ProviderError, ReplayError
from . import tapes
from .tapes import Ending, Exchange

Recording = Literal["once", "replay", "new", "always"]

MODE_VARIABLE = "INSTRUCTOR_RECORD"
"""The environment variable that says the mode where a test does not."""

C = TypeVar("C", bound=Instructor | AsyncInstructor)


def record(
    path: str | os.PathLike[str], mode: Recording | None = None, *, scrub: Callable[[Any], Any] | None = None
) -> Tape:
    """A tape at this path; use it in a `with` block, at whose end it is written.

    Args:
        path: a JSON file; folders above it are made.
        mode: `"once"` records where there is no tape, and else replays; `"replay"` never sends anything; `"new"` records
            what is not on the tape; `"always"` records anew. None: what the environment variable INSTRUCTOR_RECORD says,
            else `"once"`.
        scrub: is given each request and answer as it would be stored, and returns what is stored and compared instead.

    Raises:
        ConfigurationError: there is no such mode, or the file is no tape.
        ReplayError: with `"replay"`, there is no tape.
    """
    chosen: Any = mode or os.environ.get(MODE_VARIABLE) or "once"
    if chosen not in get_args(Recording):
        raise ConfigurationError(f"a tape's mode is one of {', '.join(get_args(Recording))}, not {chosen!r:.40}")
    return Tape(Path(path), chosen, scrub)


class Tape:
    """Recorded exchanges. Made by `record`."""

    def __init__(self, path: Path, mode: Recording, scrub: Callable[[Any], Any] | None = None) -> None:
        self.path, self._scrub, self._lock = path, scrub or (lambda value: value), Lock()
        there = path.exists()
        if mode == "replay" and not there:
            raise ReplayError(f'there is no tape {str(path)!r}: record it with mode="once" and a key')
        self.exchanges = tapes.load(path.read_text(encoding="utf-8"), str(path)) if there and mode != "always" else []
        self.records = mode in ("new", "always") or not there
        """Whether requests that are not on the tape are sent."""
        self._secrets: set[str] = set()
        self._grown = False

    # ── clients ──────────────────────────────────────────────────────────────────────────────

    def attach(self, client: C) -> C:
        """A copy of the client that sends through this tape; the client itself stays as it is."""
        taped = copy(client)
        self._secrets |= _keys(client)
        taped._sender = (_Taped if isinstance(client, Instructor) else _AsyncTaped)(self, client)
        return taped

    @overload
    def from_provider(self, model: str, *, async_client: Literal[False] = False, **options: Any) -> Instructor: ...
    @overload
    def from_provider(self, model: str, *, async_client: Literal[True], **options: Any) -> AsyncInstructor: ...
    def from_provider(self, model: str, **options: Any) -> Any:
        """As `instructor.from_provider`, on this tape. No key is needed to replay."""
        try:
            return self.attach(from_provider(model, **options))
        except MissingKey:
            if self.records:
                raise
        return self.attach(from_provider(model, **{**options, "api_key": "replayed"}))

    # ── what senders ask ─────────────────────────────────────────────────────────────────────

    def asked(self, provider: str, call: Call | Open) -> Exchange:
        """The request as it stands on a tape. Reads the content of media."""
        request = self._scrub(tapes.elided(call.wire, self._secrets))
        return Exchange(provider, isinstance(call, Open), request)

    def find(self, asked: Exchange) -> Exchange | None:
        """The recorded exchange for a request, which is then used; None: it is to be sent, and is being recorded.

        Raises:
            ReplayError: it is not on the tape, and nothing may be sent.
        """
        with self._lock:
            for known in self.exchanges:
                if known.over and not known.used and known.asked == asked.asked:
                    known.used = True
                    return known
            if self.records:
                asked.used = True
                self.exchanges.append(asked)
                self._grown = True
                return None
        raise self._refusal(asked)

    def keep(self, value: Any) -> Any:
        """An answer as it may be stored."""
        return self._scrub(tapes.without_secrets(value, self._secrets))

    def _refusal(self, asked: Exchange) -> ReplayError:
        again = f'if the change is meant, record anew: mode="always", or {MODE_VARIABLE}=always'
        times = sum(known.asked == asked.asked for known in self.exchanges)
        if times:
            problem = f"the request was sent {times + 1} times, and is on the tape {self.path} {times} times; {again}"
            return ReplayError(problem, request=asked.request, nearest=asked.request)
        nearest = tapes.nearest(asked, self.exchanges)
        if nearest is None:
            return ReplayError(f"the tape {self.path} is empty; {again}", request=asked.request)
        changed = tapes.difference(nearest, asked)
        return ReplayError(
            f"the request is not on the tape {self.path}; {again}. What differs from the nearest recorded one:\n{changed}",
            request=asked.request,
            nearest=nearest.request,
            difference=changed,
        )

    # ── the file ─────────────────────────────────────────────────────────────────────────────

    @property
    def unused(self) -> list[Exchange]:
        """Recorded exchanges that were not asked for."""
        return [exchange for exchange in self.exchanges if not exchange.used]

    def save(self) -> None:
        """Write what was recorded. The end of the `with` block does it."""
        if not self._grown:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        with self._lock:
            beside.write_text(tapes.dump(self.exchanges), encoding="utf-8")
        os.replace(beside, self.path)
        self._grown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:  # of a test that failed there may be half an exchange
            self.save()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            await asyncio.to_thread(self.save)

    def __repr__(self) -> str:
        return f"Tape({str(self.path)!r}, {len(self.exchanges)} exchanges)"


def _keys(client: Instructor | AsyncInstructor) -> set[str]:
    """The keys that a client is known to hold: its SDK's, and those of the provider's environment variables."""
    endpoint = client._provider.endpoint
    named = {os.environ.get(name, "") for name in endpoint.key_names} if endpoint else set()
    given = getattr(client.client, "api_key", None)
    return {key for key in {*named, given} if isinstance(key, str) and len(key) >= 8}


# ── senders ──────────────────────────────────────────────────────────────────────────────────────


class _Player:
    """What both senders share: making of an exchange what a sender gives."""

    def __init__(self, tape: Tape, client: Any) -> None:
        self._tape, self._client = tape, client
        self._sender: Any = client._sender
        self._adapter: Adapter = client._provider.adapter
        self.base_url = getattr(client._sender, "base_url", "")

    def _asked(self, call: Call | Open) -> Exchange:
        return self._tape.asked(self._adapter.name, call)

    def _played(self, known: Exchange) -> Answer:
        if known.error is not None:
            error = self._adapter.error(int(known.error["status"]), known.error["body"])
            error.retry_after = 0.0  # nobody has to be waited for
            raise error
        wire = known.answer or {}
        return Answer(wire, shown(wire, known.kind, self._client.client))

    def _keep(self, asked: Exchange, answer: Answer) -> Answer:
        asked.answer = self._tape.keep(answer.wire)
        asked.kind = f"{type(answer.raw).__module__}:{type(answer.raw).__qualname__}" if self._client.client else ""
        return answer

    def _failed(self, asked: Exchange, error: ProviderError) -> None:
        if error.status is not None:  # a connection that failed says nothing that could be replayed
            asked.error = {"status": error.status, "body": self._tape.keep(error.body)}


class _Taped(_Player):
    """A sender that asks the tape first."""

    _sender: Sender

    def send(self, call: Call) -> Answer:
        asked = self._asked(call)
        known = self._tape.find(asked)
        if known is not None:
            return self._played(known)
        try:
            return self._keep(asked, self._sender.send(call))
        except ProviderError as error:
            self._failed(asked, error)
            raise

    def open(self, call: Open) -> Stream:
        asked = self._asked(call)
        known = self._tape.find(asked)
        if known is not None:
            if known.error is not None:
                self._played(known)
            return _Replayed(known, self._adapter.name)
        try:
            return _Listening(self._tape, asked, self._sender.open(call))
        except ProviderError as error:
            self._failed(asked, error)
            raise

    def close(self) -> None:
        self._sender.close()


class _AsyncTaped(_Player):
    """As `_Taped`, asynchronous."""

    _sender: AsyncSender

    async def send(self, call: Call) -> Answer:
        asked = await asyncio.to_thread(self._asked, call)
        known = self._tape.find(asked)
        if known is not None:
            return self._played(known)
        try:
            return self._keep(asked, await self._sender.send(call))
        except ProviderError as error:
            self._failed(asked, error)
            raise

    async def open(self, call: Open) -> AsyncStream:
        asked = await asyncio.to_thread(self._asked, call)
        known = self._tape.find(asked)
        if known is not None:
            if known.error is not None:
                self._played(known)
            return _AsyncReplayed(known, self._adapter.name)
        try:
            return _AsyncListening(self._tape, asked, await self._sender.open(call))
        except ProviderError as error:
            self._failed(asked, error)
            raise

    async def close(self) -> None:
        await self._sender.close()


# ── streams ──────────────────────────────────────────────────────────────────────────────────────


def _replay(known: Exchange, provider: str) -> Iterator[list[JsonEvent]]:
    """The recorded events, and the end that the stream had."""
    for event in known.events:
        yield [event]
    if known.end == "broken":
        raise ConnectionFailed("the connection broke here when this was recorded", provider=provider)
    if known.end == "closed":
        raise ReplayError("more of a stream is wanted than was read when it was recorded: record it anew")


class _Replayed:
    """A recorded stream."""

    def __init__(self, known: Exchange, provider: str) -> None:
        self._events = _replay(known, provider)

    def next(self) -> list[JsonEvent] | None:
        return next(self._events, None)

    def close(self) -> None:
        """Nothing is open."""


class _AsyncReplayed:
    """As `_Replayed`, asynchronous."""

    def __init__(self, known: Exchange, provider: str) -> None:
        self._events = _replay(known, provider)

    async def next(self) -> list[JsonEvent] | None:
        return next(self._events, None)

    async def close(self) -> None:
        """Nothing is open."""


class _Heard:
    """Notes what comes of a stream."""

    def __init__(self, tape: Tape, asked: Exchange, stream: Any) -> None:
        self._tape, self._asked, self._stream = tape, asked, stream

    def _note(self, events: list[JsonEvent] | None) -> list[JsonEvent] | None:
        if events is None:
            self._end("complete")
        else:
            self._asked.events += self._tape.keep(list(events))
        return events

    def _end(self, how: Ending) -> None:
        self._asked.end = self._asked.end or how


class _Listening(_Heard):
    """A stream that is being recorded."""

    def next(self) -> list[JsonEvent] | None:
        try:
            return self._note(self._stream.next())
        except ProviderError:
            self._end("broken")
            raise

    def close(self) -> None:
        self._end("closed")
        self._stream.close()


class _AsyncListening(_Heard):
    """As `_Listening`, asynchronous."""

    async def next(self) -> list[JsonEvent] | None:
        try:
            return self._note(await self._stream.next())
        except ProviderError:
            self._end("broken")
            raise

    async def close(self) -> None:
        self._end("closed")
        await self._stream.close()
