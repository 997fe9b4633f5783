"""Sending through an SDK's client that is driven over a `Bridge`: Google's, Mistral's, Cohere's, AWS's, …

    wire ─▶ media as base64 or bytes ─▶ bridge.call(client, …) ─▶ the SDK's answer ─▶ bridge.json ─▶ Answer
                                                               └▶ the SDK's events ─▶ bridge.json ─▶ JSON events

The SDK's exceptions are translated by the bridge, once, with `from`.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, NoReturn

from ..adapter import Adapter, Bridge, Sdk
from ..effects import Answer, Call, Open
from ..errors import ConnectionFailed, InstructorError, MessageError, ProtocolError, ProviderTimeout, RequestError
from ..media import materialised, reads_files
from .body import offence
from .exchange import NO_STREAM, REQUEST_IDS, retry_after
from .sdk import in_time


class _Bridged:
    """What both senders share."""

    def __init__(self, adapter: Adapter, sdk: Sdk, client: Any) -> None:
        assert sdk.bridge is not None
        self._adapter, self._sdk, self._client = adapter, sdk, client
        self._bridge: Bridge = sdk.bridge

    def _begin(self, call: Call | Open, wire: Any, *, asynchronous: bool) -> Any:
        return self._bridge.call(
            self._client,
            wire,
            streaming=isinstance(call, Open),
            asynchronous=asynchronous,
            timeout=call.timeout,
        )

    def _answer(self, raw: Any) -> Answer:
        return Answer(self._bridge.json(raw), raw)

    def _raise(self, error: Exception, call: Call | Open) -> NoReturn:
        ours = _own(self._adapter, self._sdk, self._bridge, error, call)
        if ours is error:
            raise error
        raise ours from error


class BridgedSender(_Bridged):
    """Sends with a synchronous SDK client."""

    def send(self, call: Call) -> Answer:
        wire = materialised(call.wire, raw=self._bridge.raw_bytes)
        try:
            return self._answer(in_time(partial(self._begin, call, wire, asynchronous=False), call.timeout))
        except Exception as error:
            self._raise(error, call)

    def open(self, call: Open) -> BridgedStream:
        """The SDK's events as they arrive."""
        wire = materialised(call.wire, raw=self._bridge.raw_bytes)
        try:
            events = self._begin(call, wire, asynchronous=False)
        except Exception as error:
            self._raise(error, call)
        return BridgedStream(self._bridge, events, partial(self._raise, call=call))

    def close(self) -> None:
        """Nothing: the client is the caller's."""


class AsyncBridgedSender(_Bridged):
    """Sends with an asynchronous SDK client; one that is synchronous runs in threads."""

    async def send(self, call: Call) -> Answer:
        wire = await self._wire(call)
        try:
            return self._answer(await self._begun(call, wire))
        except Exception as error:
            self._raise(error, call)

    async def open(self, call: Open) -> AsyncBridgedStream:
        """The SDK's events as they arrive."""
        wire = await self._wire(call)
        try:
            events = await self._begun(call, wire)
        except Exception as error:
            self._raise(error, call)
        return AsyncBridgedStream(self._bridge, events, partial(self._raise, call=call))

    async def _begun(self, call: Call | Open, wire: Any) -> Any:
        if getattr(self._bridge, "blocks", False):
            return await _aside(partial(self._begin, call, wire, asynchronous=False))
        return await _awaited(self._begin(call, wire, asynchronous=True))

    async def _wire(self, call: Call | Open) -> Any:
        import asyncio

        make = partial(materialised, call.wire, raw=self._bridge.raw_bytes)
        return await asyncio.to_thread(make) if reads_files(call.wire) else make()

    async def close(self) -> None:
        """Nothing: the client is the caller's."""


class BridgedStream:
    """The events of an SDK's iterator."""

    def __init__(self, bridge: Bridge, events: Any, fail: Callable[[Exception], NoReturn]) -> None:
        self._bridge, self._events, self._fail = bridge, events, fail
        self._iterator: Iterator[Any] = iter(events)

    def next(self) -> list[Mapping[str, Any]] | None:
        try:
            event = next(self._iterator, _END)
        except Exception as error:
            self._fail(error)
        return None if event is _END else [self._bridge.json(event)]

    def close(self) -> None:
        _close(self._events, self._iterator)


class AsyncBridgedStream:
    """As `BridgedStream`, asynchronous. A blocking iterator is pulled in threads."""

    def __init__(self, bridge: Bridge, events: Any, fail: Callable[[Exception], NoReturn]) -> None:
        self._bridge, self._events, self._fail = bridge, events, fail
        self._iterator: AsyncIterator[Any] = aiter(events) if isinstance(events, AsyncIterable) else _threaded(events)

    async def next(self) -> list[Mapping[str, Any]] | None:
        try:
            event = await anext(self._iterator, _END)
        except Exception as error:
            self._fail(error)
        return None if event is _END else [self._bridge.json(event)]

    async def close(self) -> None:
        for result in _close(self._events, self._iterator):
            await result


_END = object()


async def _aside(run: Callable[[], Any]) -> Any:
    """What a blocking function returns, run in a thread of its own: when nobody waits for it any more it is left behind,
    where the loop's own threads would hold up the end of the loop."""
    import asyncio

    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Any] = loop.create_future()

    def tell(value: Any, error: BaseException | None) -> None:
        if not outcome.done():
            outcome.set_result(value) if error is None else outcome.set_exception(error)

    def work() -> None:
        value, failure = None, None
        try:
            value = run()
        except BaseException as error:
            failure = error
        with suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(tell, value, failure)

    threading.Thread(target=copy_context().run, args=(work,), name="instructor-call", daemon=True).start()
    return await outcome


async def _awaited(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


async def _threaded(events: Any) -> AsyncIterator[Any]:
    import asyncio

    iterator = iter(events)
    pulling = threading.Lock()

    def pull() -> Any:
        with pulling:
            return next(iterator, _END)

    while (event := await asyncio.to_thread(pull)) is not _END:
        yield event


def _close(*streams: Any) -> list[Awaitable[Any]]:
    """Close what can be closed; returns what has to be awaited for it."""
    waiting: list[Awaitable[Any]] = []
    for stream in streams:
        close = getattr(stream, "close", None) or getattr(stream, "aclose", None)
        result = close() if callable(close) else None
        if inspect.isawaitable(result):
            waiting.append(result)
    return waiting


def _own(adapter: Adapter, sdk: Sdk, bridge: Bridge, error: Exception, call: Call | Open) -> Exception:
    """What the SDK raised, as one of ours; what is not the SDK's, as it is."""
    meaning = bridge.error(error)
    if isinstance(meaning, InstructorError):
        return meaning
    if meaning is not None:
        status, body, headers = meaning
        ours = adapter.error(status, body)
        ours.retry_after = ours.retry_after if ours.retry_after is not None else retry_after(headers)
        ours.request_id = next((headers[name] for name in REQUEST_IDS if headers.get(name)), ours.request_id)
        return ours
    if isinstance(error, ProviderTimeout):
        return ProviderTimeout(error.message, provider=adapter.name)
    names = {cls.__name__ for cls in type(error).__mro__}
    if isinstance(error, InstructorError):
        return error
    if "ConnectTimeout" in names:
        return ConnectionFailed("no connection in time", provider=adapter.name)
    if names & {"TimeoutException", "TimeoutError"}:
        limit = f" within {round(call.timeout, 2):g} s" if call.timeout else " in time"
        return ProviderTimeout(f"no complete answer{limit}", provider=adapter.name)
    if "StreamError" in names:  # httpx's, of an SDK that looks at an answer which should have been a stream
        return ProtocolError(NO_STREAM, provider=adapter.name)
    if names & {"TransportError", "ConnectionError"}:
        return ConnectionFailed(f"the connection broke ({type(error).__name__})", provider=adapter.name)
    if isinstance(error, TypeError | ValueError):
        found = offence(call.wire)
        if found is not None:
            return MessageError(found[1], where=found[0])
        return RequestError(f"the {sdk.package} package refuses the request: {_words(error)}")
    return error


def _words(error: Exception) -> str:
    """An SDK's complaint of a request. pydantic's quotes the input, which may be media: its lines are told instead."""
    told: Callable[[], list[Any]] | None = getattr(error, "errors", None)
    if told is None or not callable(told):
        return str(error)[:500]
    rows = told()[:8]
    lines = (f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in rows)
    return "; ".join(lines)
