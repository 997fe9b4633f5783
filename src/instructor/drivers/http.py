"""Our own senders: the encoded request posted with httpx2, no SDK.

    HttpSender · AsyncHttpSender     one connection pool each, kept alive, made on first use
    Exchange                        what both share: the request, reading the answer, errors by table

Foreign exceptions are translated here, once, with `from`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from ..adapter import Adapter, Endpoint, Framing
from ..effects import Answer, Call, Open
from ..errors import (
    ConfigurationError,
    ConnectionFailed,
    ProtocolError,
    ProviderError,
    ProviderTimeout,
    WrongClient,
)
from ..filing import Filing
from ..media import PAUSE
from ..sdks import described
from ..values import dataclass
from .body import WHOLE_BYTES, Body, joined
from .reading import NotJson, parsed
from .streams import AsyncBytesStream, BytesStream, decoder
from .view import View

if TYPE_CHECKING:
    import httpx2

DEFAULT_TIMEOUT = 600.0
"""Seconds for one attempt, as the OpenAI and Anthropic SDKs have it."""

EXTRAS = ("extra_body", "extra_query", "extra_headers")
"""Parameters of the SDKs' methods that are not fields of the body."""

REQUEST_IDS = ("x-request-id", "request-id", "x-amzn-requestid", "mistral-correlation-id", "x-debug-trace-id")

NO_STREAM = "the server answered in one piece where a stream was asked for"

CONNECT_TIMEOUT = 5.0
MAX_ANSWER_BYTES = 256 * 1024 * 1024
"""A longer answer is not one: reading stops."""


class Content(Protocol):
    """The bytes of a request, in pieces; `streams` says whether some are read from disk as they go out. Before one that may
    have to be waited for, an empty one comes: `media.PAUSE`."""

    @property
    def length(self) -> int: ...
    @property
    def streams(self) -> bool: ...
    def __iter__(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Posting:
    """One request: `options` are httpx2's `headers` and `params`."""

    url: str
    body: Content | None
    options: dict[str, Any]


class Exchange:
    """One provider's endpoint, key and adapter."""

    def __init__(
        self, adapter: Adapter, endpoint: Endpoint, key: str, base_url: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.adapter, self.framing = adapter, endpoint.framing
        self._endpoint, self.base_url = endpoint, base_url.rstrip("/")
        self._headers = {"content-type": "application/json", **endpoint.headers(key), **(headers or {})}
        self.identity = (key, self.base_url)

    @property
    def headers(self) -> Mapping[str, str]:
        """Those of every request, the key among them."""
        return self._headers

    @property
    def signs(self) -> bool:
        """Whether a request is read whole before it is sent, and credentials are looked for: that takes its time."""
        return self._endpoint.sign is not None and "authorization" not in self._headers

    def request(self, wire: Mapping[str, Any], streaming: bool) -> Posting:
        """What is posted. `extra_…` in the wire dict mean what they mean to the SDKs."""
        fields = {key: value for key, value in wire.items() if key not in EXTRAS}
        more, query, extra = (wire.get(key) or {} for key in EXTRAS)
        place = self._endpoint.place
        path, fields = place(fields, streaming) if place else (self._endpoint.path, fields)
        path, _, fixed = path.partition("?")
        query = {**dict(parse_qsl(fixed)), **query}
        body, url = Body({**fields, **more}), self.base_url + path
        headers = {**self._headers, **{key.lower(): value for key, value in extra.items()}}
        if self._endpoint.sign and "authorization" not in headers:
            whole = f"{url}?{urlencode(query)}" if query else url
            headers.update(self._endpoint.sign("POST", whole, headers, b"".join(body)))
        headers["content-length"] = str(body.length)
        return Posting(url, body, {"headers": headers, "params": query} if query else {"headers": headers})

    def answer(self, status: int, headers: Mapping[str, str], data: bytes) -> Answer:
        """The answer, or the error that it is."""
        kind = headers.get("content-type", "")
        try:
            wire = parsed(data)
        except NotJson:
            wire = None
        if status >= 400:
            raise self.failure(status, headers, wire if wire is not None else data[:2000].decode("utf-8", "replace"))
        if not isinstance(wire, dict):
            raise ProtocolError(
                f"the answer is not a JSON object but {kind or 'of no type'}, {len(data):,} bytes: "
                "is the base URL right, or a proxy in between?",
                provider=self.adapter.name,
                status=status,
            )
        if is_failure(wire):
            raise self.failure(status, headers, wire)
        return Answer(wire, View(wire), headers)

    def failure(self, status: int, headers: Mapping[str, str], body: Any) -> ProviderError:
        if kind := headers.get("x-amzn-errortype"):  # AWS names an error there, and not in the body
            body = {**(body if isinstance(body, Mapping) else {"message": str(body)}), "__type": kind}
        error = self.adapter.error(status, body)
        told = retry_after(headers)
        error.retry_after = error.retry_after if told is None else told
        error.request_id = next((headers[name] for name in REQUEST_IDS if headers.get(name)), None)
        return error

    def no_stream(self, status: int, headers: Mapping[str, str], data: bytes) -> ProviderError:
        """The error that an answer is which should have been a stream."""
        try:
            self.answer(status, headers, data)
        except ProviderError as error:
            return error
        return ProtocolError(NO_STREAM, provider=self.adapter.name)

    def broken(self, error: Exception, timeout: float) -> ProviderError:
        """The exception of an HTTP library as one of ours."""
        import httpx2

        name = self.adapter.name
        if isinstance(error, httpx2.ConnectTimeout):
            return ConnectionFailed(f"no connection to {self.base_url} within {CONNECT_TIMEOUT:g} s", provider=name)
        if isinstance(error, httpx2.TimeoutException):
            return ProviderTimeout(f"no complete answer within {round(timeout, 2):g} s", provider=name)
        if isinstance(error, httpx2.ConnectError):
            return ConnectionFailed(f"no connection to {self.base_url}: {error}", provider=name)
        return ConnectionFailed(f"the connection broke ({type(error).__name__}: {error})", provider=name)


def is_stream(status: int, headers: Mapping[str, str], framing: Framing = Framing.SSE) -> bool:
    """Whether an answer is a stream of this framing."""
    return status < 400 and headers.get("content-type", "").startswith(framing.value)


def is_failure(wire: Mapping[str, Any]) -> bool:
    """Whether an answer under a status of success is an error object and nothing else."""
    return bool(wire.get("error")) and not wire.get("choices") and not wire.get("content")


def check_key(key: str) -> str:
    """The key, if it can stand in a header. What it is does not go into the error.

    Raises:
        ConfigurationError: it has line breaks, or characters beyond ASCII.
    """
    if key.isascii() and key.isprintable() and key == key.strip():
        return key
    raise ConfigurationError("api_key holds white space, a line break or a character beyond ASCII: pass it stripped")


def check_base(url: str) -> str:
    """The base URL, if it is one.

    Raises:
        ConfigurationError: it has no scheme or no host.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return url
    except ValueError:
        pass
    raise ConfigurationError(f"base_url is an address such as 'https://host/v1', not {url!r:.100}")


def check_client(client: object, asynchronous: bool) -> None:
    """Raise WrongClient unless the caller's HTTP client, if there is one, is httpx2's of the right kind."""
    if client is None:
        return
    import httpx2

    wanted = httpx2.AsyncClient if asynchronous else httpx2.Client
    if not isinstance(client, wanted):
        raise WrongClient(f"http_client is an httpx2.{wanted.__name__} here, not {described(client)}")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the provider asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        given = headers.get(name)
        if not given:
            continue
        try:
            return max(0.0, float(given) * scale)
        except ValueError:
            return _until(given)
    return None


def _until(date: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except (ValueError, OverflowError):  # no date, or one of a year beyond all
        return None


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
    """Posts with an `httpx2.Client`, its own or the caller's."""

    def __init__(self, exchange: Exchange, timeout: float | None, client: httpx2.Client | None = None) -> None:
        self._exchange, self._timeout = exchange, timeout or DEFAULT_TIMEOUT
        self.base_url = exchange.base_url
        self._client, self._own = client, client is None
        self._making = threading.Lock()

    @property
    def to(self) -> Exchange:
        """Where it sends to."""
        return self._exchange

    def send(self, call: Call) -> Answer:
        response = self._post(call)
        return self._exchange.answer(response.status_code, response.headers, self._rest(response, call))

    def open(self, call: Open) -> BytesStream:
        response = self._post(call)
        framing = self._exchange.framing
        if not is_stream(response.status_code, response.headers, framing):
            raise self._exchange.no_stream(response.status_code, response.headers, self._rest(response, call))
        failed = partial(self._exchange.broken, timeout=call.timeout or self._timeout)
        name = self._exchange.adapter.name
        return BytesStream(decoder(framing, name), response.iter_bytes(), response.close, failed, response.headers)

    def exchange(self, method: str, post: Posting, call: Filing) -> tuple[int, Mapping[str, str], bytes]:
        """Any exchange with the same host, and the same key: status, headers, body."""
        response = self._sent(method, post, call)
        return response.status_code, response.headers, self._rest(response, call)

    def _post(self, call: Call | Open) -> httpx2.Response:
        return self._sent("POST", self._exchange.request(call.wire, isinstance(call, Open)), call)

    def _sent(self, method: str, post: Posting, call: Call | Open | Filing) -> httpx2.Response:
        import httpx2

        seconds = call.timeout or self._timeout
        with self._making:  # the first calls may come from many threads
            client = self._client = self._client or httpx2.Client(timeout=self._timeout)
        content = _content(post.body)
        request = client.build_request(method, post.url, content=content, timeout=_timeout(seconds), **post.options)
        try:
            return client.send(request, stream=True)
        except httpx2.TransportError as error:
            raise self._exchange.broken(error, seconds) from error

    def _rest(self, response: httpx2.Response, call: Call | Open | Filing) -> bytes:
        seconds = call.timeout or self._timeout
        reader = _Reader(self._exchange.adapter.name, seconds)
        try:
            for piece in response.iter_bytes():
                reader.add(piece)
        except ProviderError:
            raise
        except Exception as error:
            raise self._exchange.broken(error, seconds) from error
        finally:
            response.close()
        return bytes(reader.data)

    def close(self) -> None:
        if self._own and self._client is not None:
            self._client.close()

    def __del__(self) -> None:
        # callers seldom close a client; the SDKs' close themselves like this too
        try:
            self.close()
        except Exception:  # at the interpreter's end half of what is needed may be gone
            return


class AsyncHttpSender:
    """Posts with an `httpx2.AsyncClient`, its own or the caller's."""

    def __init__(self, exchange: Exchange, timeout: float | None, client: httpx2.AsyncClient | None = None) -> None:
        self._exchange, self._timeout = exchange, timeout or DEFAULT_TIMEOUT
        self.base_url = exchange.base_url
        self._client, self._own = client, client is None

    @property
    def to(self) -> Exchange:
        """Where it sends to."""
        return self._exchange

    async def send(self, call: Call) -> Answer:
        response = await self._post(call)
        return self._exchange.answer(response.status_code, response.headers, await self._rest(response, call))

    async def open(self, call: Open) -> AsyncBytesStream:
        response = await self._post(call)
        framing = self._exchange.framing
        if not is_stream(response.status_code, response.headers, framing):
            rest = await self._rest(response, call)
            raise self._exchange.no_stream(response.status_code, response.headers, rest)
        failed = partial(self._exchange.broken, timeout=call.timeout or self._timeout)
        name = self._exchange.adapter.name
        return AsyncBytesStream(
            decoder(framing, name), response.aiter_bytes(), response.aclose, failed, response.headers
        )

    async def exchange(self, method: str, post: Posting, call: Filing) -> tuple[int, Mapping[str, str], bytes]:
        """As `HttpSender.exchange`."""
        response = await self._sent(method, post, call)
        return response.status_code, response.headers, await self._rest(response, call)

    async def _post(self, call: Call | Open) -> httpx2.Response:
        import asyncio

        make = partial(self._exchange.request, call.wire, isinstance(call, Open))
        post = await asyncio.to_thread(make) if self._exchange.signs else make()
        return await self._sent("POST", post, call)

    async def _sent(self, method: str, post: Posting, call: Call | Open | Filing) -> httpx2.Response:
        import httpx2

        seconds = call.timeout or self._timeout
        client = self._client = self._client or httpx2.AsyncClient(timeout=self._timeout)
        content = await _acontent(post.body)
        request = client.build_request(method, post.url, content=content, timeout=_timeout(seconds), **post.options)
        try:
            return await client.send(request, stream=True)
        except httpx2.TransportError as error:
            raise self._exchange.broken(error, seconds) from error

    async def _rest(self, response: httpx2.Response, call: Call | Open | Filing) -> bytes:
        seconds = call.timeout or self._timeout
        reader = _Reader(self._exchange.adapter.name, seconds)
        try:
            async for piece in response.aiter_bytes():
                reader.add(piece)
        except ProviderError:
            raise
        except Exception as error:
            raise self._exchange.broken(error, seconds) from error
        finally:
            await response.aclose()
        return bytes(reader.data)

    async def close(self) -> None:
        if self._own and self._client is not None:
            await self._client.aclose()


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
