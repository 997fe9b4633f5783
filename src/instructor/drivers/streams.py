"""Replies as they arrive: bytes, pulled piece by piece, as JSON events.

    decoder(framing, provider) ─▶ Decoder    bytes → JSON events (no I/O): Events, ndjson.Lines, aws.Frames
    BytesStream · AsyncBytesStream           over the response of our own sender, or the raw one that an SDK's client
                                             gives: its keys, retries and hooks are in force, and no object is made
                                             for each event
    LocalStream · AsyncLocalStream           the one answer of a provider in this process

Each has `next()`, the events that have come, or None at the end, and `close()`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Protocol

from ..adapter import Framing
from ..errors import ProtocolError
from .reading import NotJson, parsed
from .sse import EventParser

JsonEvent = Mapping[str, Any]

DONE = b"[DONE]"
"""The data that ends a stream of OpenAI's dialect."""


class Stream(Protocol):
    """A reply on its way."""

    def next(self) -> list[JsonEvent] | None: ...
    def close(self) -> None: ...


class AsyncStream(Protocol):
    """A reply on its way, without blocking the loop."""

    async def next(self) -> list[JsonEvent] | None: ...
    async def close(self) -> None: ...


class Decoder(Protocol):
    """Fed with the bytes of a reply, gives its events. `ended` once no more will come."""

    ended: bool

    def feed(self, piece: bytes) -> list[JsonEvent]: ...
    def rest(self) -> list[JsonEvent]: ...


def decoder(framing: Framing, provider: str) -> Decoder:
    """The decoder of a framing, new for each reply."""
    match framing:
        case Framing.SSE:
            return Events(provider)
        case Framing.NDJSON:
            from .ndjson import Lines

            return Lines(provider)
        case Framing.AWS:
            from .aws import Frames

            return Frames(provider)


class Events:
    """Server-sent events: the JSON in their data."""

    def __init__(self, provider: str) -> None:
        self._provider, self._parser = provider, EventParser()
        self.ended = False

    def feed(self, piece: bytes) -> list[JsonEvent]:
        return self._read(self._parser.data(piece))

    def rest(self) -> list[JsonEvent]:
        """What is left when the bytes have ended."""
        events = self._read(self._parser.rest())
        self.ended = True
        return events

    def _read(self, blocks: list[bytes]) -> list[JsonEvent]:
        events: list[JsonEvent] = []
        for data in blocks:
            if data == DONE:
                self.ended = True
            elif data and not self.ended:
                events.append(self._json(data))
        return events

    def _json(self, data: bytes) -> JsonEvent:
        try:
            event = parsed(data)
        except NotJson:
            event = None
        if not isinstance(event, dict):
            raise ProtocolError("an event of the stream is not a JSON object", provider=self._provider)
        return event


class BytesStream:
    """Events of an iterator of bytes. `failed` says what an exception of the iterator means to us."""

    def __init__(
        self,
        decoder: Decoder,
        pieces: Iterator[bytes],
        close: Callable[[], None],
        failed: Callable[[Exception], Exception],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._events, self._pieces, self._close, self._failed = decoder, pieces, close, failed
        self.headers = headers

    def next(self) -> list[JsonEvent] | None:
        while not self._events.ended:
            try:
                piece = next(self._pieces, None)
            except Exception as error:
                raise self._failed(error) from error
            events = self._events.rest() if piece is None else self._events.feed(piece)
            if events:
                return events
        return None

    def close(self) -> None:
        self._close()


class AsyncBytesStream:
    """As `BytesStream`, asynchronous."""

    def __init__(
        self,
        decoder: Decoder,
        pieces: AsyncIterator[bytes],
        close: Callable[[], Any],
        failed: Callable[[Exception], Exception],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._events, self._pieces, self._close, self._failed = decoder, pieces, close, failed
        self.headers = headers

    async def next(self) -> list[JsonEvent] | None:
        while not self._events.ended:
            try:
                piece = await anext(self._pieces, None)
            except Exception as error:
                raise self._failed(error) from error
            events = self._events.rest() if piece is None else self._events.feed(piece)
            if events:
                return events
        return None

    async def close(self) -> None:
        await self._close()


class LocalStream:
    """The one answer of a function, as one event."""

    def __init__(self, respond: Callable[[], JsonEvent]) -> None:
        self._respond: Callable[[], JsonEvent] | None = respond

    def next(self) -> list[JsonEvent] | None:
        respond, self._respond = self._respond, None
        return None if respond is None else [respond()]

    def close(self) -> None:
        """Nothing is open."""


class AsyncLocalStream:
    """As `LocalStream`; the function runs in a thread."""

    def __init__(self, respond: Callable[[], JsonEvent]) -> None:
        self._stream = LocalStream(respond)

    async def next(self) -> list[JsonEvent] | None:
        import asyncio

        return await asyncio.to_thread(self._stream.next)

    async def close(self) -> None:
        """Nothing is open."""
