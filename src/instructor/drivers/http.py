"""Our own senders: the encoded request posted with httpx2, no SDK.

    Call | Open | Filing ─▶ Exchange.request ─▶ Posting ─▶ a place in a client (`lanes`) ─▶ posted ─▶ Exchange.answer ─▶ Answer

Clients are made with the first request, and kept: a connection serves one call after the other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ..effects import Answer, Call, Open
from ..errors import ProtocolError, ProviderTimeout
from ..filing import Filing
from ..media import PAUSE
from .body import WHOLE_BYTES, joined
from .exchange import CONNECT_TIMEOUT, Content, Exchange, Posting, is_stream
from .lanes import WIDTH, Lanes, PerLoop, Place
from .streams import AsyncBytesStream, BytesStream, decoder

if TYPE_CHECKING:
    import httpx2

DEFAULT_TIMEOUT = 600.0
"""Seconds for one attempt, as the OpenAI and Anthropic SDKs have it."""

MAX_ANSWER_BYTES = 256 * 1024 * 1024
"""A longer answer is not one: reading stops."""


Sent = tuple["httpx2.Response", Callable[[], None]]
"""A response, and what closes it."""
AsyncSent = tuple["httpx2.Response", Callable[[], Awaitable[None]]]


def _made(kind: str, trust_env: bool) -> Any:
    import httpx2

    limits = httpx2.Limits(max_connections=WIDTH, max_keepalive_connections=WIDTH)
    return getattr(httpx2, kind)(limits=limits, trust_env=trust_env)


def _timeout(seconds: float) -> httpx2.Timeout:
    import httpx2

    return httpx2.Timeout(seconds, connect=min(CONNECT_TIMEOUT, seconds))


class _Reader:
    """Collects an answer, within a size and until a moment."""

    def __init__(self, name: str, timeout: float) -> None:
        self._name, self._timeout, self._end = name, timeout, time.monotonic() + timeout
        self.data = bytearray()

    def add(self, piece: bytes) -> None:
        self.data += piece
        if len(self.data) > MAX_ANSWER_BYTES:
            raise ProtocolError(f"the answer is over {MAX_ANSWER_BYTES:,} bytes", provider=self._name)
        if time.monotonic() > self._end:
            raise ProviderTimeout(f"no complete answer within {round(self._timeout, 2):g} s", provider=self._name)


class HttpSender:
    """Posts with `httpx2.Client`s of its own, or the caller's."""

    def __init__(
        self, exchange: Exchange, timeout: float | None, client: httpx2.Client | None = None, trust_env: bool = True
    ) -> None:
        self._exchange, self._timeout = exchange, timeout or DEFAULT_TIMEOUT
        self.base_url, self._own = exchange.base_url, client is None
        self._lanes = Lanes(partial(_made, "Client", trust_env), client)
        self._choosing = threading.RLock()  # a stream may be collected, and so leave, in the midst of anything

    @property
    def to(self) -> Exchange:
        """Where it sends to."""
        return self._exchange

    def send(self, call: Call) -> Answer:
        response, close = self._post(call)
        return self._exchange.answer(response.status_code, response.headers, self._rest(response, close, call))

    def open(self, call: Open) -> BytesStream:
        response, close = self._post(call)
        framing = self._exchange.framing
        if not is_stream(response.status_code, response.headers, framing):
            raise self._exchange.no_stream(response.status_code, response.headers, self._rest(response, close, call))
        failed = partial(self._exchange.broken, timeout=call.timeout or self._timeout)
        name = self._exchange.adapter.name
        return BytesStream(decoder(framing, name), response.iter_bytes(), close, failed, response.headers)

    def exchange(self, method: str, post: Posting, call: Filing) -> tuple[int, Mapping[str, str], bytes]:
        """Any exchange with the same host, and the same key: status, headers, body."""
        response, close = self._sent(method, post, call)
        return response.status_code, response.headers, self._rest(response, close, call)

    def _post(self, call: Call | Open) -> Sent:
        return self._sent("POST", self._exchange.request(call.wire, isinstance(call, Open)), call)

    def _sent(self, method: str, post: Posting, call: Call | Open | Filing) -> Sent:
        import httpx2

        seconds = call.timeout or self._timeout
        with self._choosing:  # calls may come from many threads
            place = self._lanes.take()
        try:
            content = _content(post.body)
            request = place.client.build_request(
                method, post.url, content=content, timeout=_timeout(seconds), **post.options
            )
            response = place.client.send(request, stream=True)
        except BaseException as error:
            self._leave(place)
            if isinstance(error, httpx2.TransportError):
                raise self._exchange.broken(error, seconds) from error
            raise
        return response, partial(self._close, response, place)

    def _close(self, response: httpx2.Response, place: Place[httpx2.Client]) -> None:
        try:
            response.close()
        finally:
            self._leave(place)

    def _leave(self, place: Place[httpx2.Client]) -> None:
        with self._choosing:
            place.leave()

    def _rest(self, response: httpx2.Response, close: Callable[[], None], call: Call | Open | Filing) -> bytes:
        import httpx2

        seconds = call.timeout or self._timeout
        reader = _Reader(self._exchange.adapter.name, seconds)
        try:
            for piece in response.iter_bytes():
                reader.add(piece)
        except httpx2.RequestError as error:
            raise self._exchange.broken(error, seconds) from error
        finally:
            close()
        return bytes(reader.data)

    def close(self) -> None:
        for client in self._lanes.clients() if self._own else ():
            client.close()

    def __del__(self) -> None:
        # callers seldom close a client; the SDKs' close themselves like this too
        try:
            self.close()
        except Exception:  # at the interpreter's end half of what is needed may be gone
            return


class AsyncHttpSender:
    """Posts with `httpx2.AsyncClient`s of its own, or the caller's. Its own may be used by several loops: each has others."""

    def __init__(
        self,
        exchange: Exchange,
        timeout: float | None,
        client: httpx2.AsyncClient | None = None,
        trust_env: bool = True,
    ) -> None:
        self._exchange, self._timeout = exchange, timeout or DEFAULT_TIMEOUT
        self.base_url = exchange.base_url
        make: Callable[[], Lanes[httpx2.AsyncClient]] = partial(Lanes, partial(_made, "AsyncClient", trust_env), client)
        self._lanes = PerLoop(make, _all_closed if client is None else _left_open)

    @property
    def to(self) -> Exchange:
        """Where it sends to."""
        return self._exchange

    async def send(self, call: Call) -> Answer:
        response, close = await self._post(call)
        return self._exchange.answer(response.status_code, response.headers, await self._rest(response, close, call))

    async def open(self, call: Open) -> AsyncBytesStream:
        response, close = await self._post(call)
        framing = self._exchange.framing
        if not is_stream(response.status_code, response.headers, framing):
            rest = await self._rest(response, close, call)
            raise self._exchange.no_stream(response.status_code, response.headers, rest)
        failed = partial(self._exchange.broken, timeout=call.timeout or self._timeout)
        name = self._exchange.adapter.name
        return AsyncBytesStream(decoder(framing, name), response.aiter_bytes(), close, failed, response.headers)

    async def exchange(self, method: str, post: Posting, call: Filing) -> tuple[int, Mapping[str, str], bytes]:
        """As `HttpSender.exchange`."""
        response, close = await self._sent(method, post, call)
        return response.status_code, response.headers, await self._rest(response, close, call)

    async def _post(self, call: Call | Open) -> AsyncSent:
        import asyncio

        make = partial(self._exchange.request, call.wire, isinstance(call, Open))
        post = await asyncio.to_thread(make) if self._exchange.signs else make()
        return await self._sent("POST", post, call)

    async def _sent(self, method: str, post: Posting, call: Call | Open | Filing) -> AsyncSent:
        import httpx2

        seconds = call.timeout or self._timeout
        place = (await self._lanes.get()).take()
        try:
            content = await _acontent(post.body)
            request = place.client.build_request(
                method, post.url, content=content, timeout=_timeout(seconds), **post.options
            )
            response = await place.client.send(request, stream=True)
        except BaseException as error:
            place.leave()
            if isinstance(error, httpx2.TransportError):
                raise self._exchange.broken(error, seconds) from error
            raise
        return response, partial(_aclose, response, place)

    async def _rest(
        self, response: httpx2.Response, close: Callable[[], Awaitable[None]], call: Call | Open | Filing
    ) -> bytes:
        import httpx2

        seconds = call.timeout or self._timeout
        reader = _Reader(self._exchange.adapter.name, seconds)
        try:
            async for piece in response.aiter_bytes():
                reader.add(piece)
        except httpx2.RequestError as error:
            raise self._exchange.broken(error, seconds) from error
        finally:
            await close()
        return bytes(reader.data)

    async def close(self) -> None:
        """Close the connections of the loop that is running; those of another are closed with it."""
        await self._lanes.close()


async def _all_closed(lanes: Lanes[httpx2.AsyncClient]) -> None:
    for client in lanes.clients():
        await client.aclose()


async def _left_open(_: Lanes[httpx2.AsyncClient]) -> None:
    """The client is the caller's."""


async def _aclose(response: httpx2.Response, place: Place[httpx2.AsyncClient]) -> None:
    try:
        await response.aclose()
    finally:
        place.leave()


def _content(body: Content | None) -> bytes | Iterator[bytes] | None:
    if body is None:
        return None
    return b"".join(body) if body.length <= WHOLE_BYTES else (piece for piece in joined(body) if piece)


async def _acontent(body: Content | None) -> bytes | AsyncIterator[bytes] | None:
    if body is None or not body.streams:
        content = _content(body)
        return content if content is None or isinstance(content, bytes) else _passed_on(content)
    import asyncio

    if body.length <= WHOLE_BYTES:
        return await asyncio.to_thread(b"".join, body)
    return from_files(body)


async def _passed_on(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def from_files(body: Iterable[bytes]) -> AsyncIterator[bytes]:
    """The pieces of a body that is read from files. Where one may have to be waited for, a thread takes the step. What the
    system has in memory of a file is read and encoded at once: a visit to a thread costs more than that."""
    import asyncio

    pieces = joined(body)
    for piece in pieces:
        if found := piece or await asyncio.to_thread(next, pieces, PAUSE):
            yield found
