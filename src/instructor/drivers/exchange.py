"""What our own senders share, and do no I/O for: the request as it is posted, the answer as it is read, errors by table.

    Exchange: Call.wire ─▶ Posting ─▶ (posted by `http`) ─▶ status, headers, bytes ─▶ Answer, or the error that it is

Foreign exceptions are translated here, once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from ..adapter import Adapter, Endpoint, Framing
from ..effects import Answer
from ..errors import (
    ConfigurationError,
    ConnectionFailed,
    ProtocolError,
    ProviderError,
    ProviderTimeout,
    WrongClient,
)
from ..sdks import described
from ..values import dataclass
from .body import Body
from .reading import NotJson, parsed
from .view import View

EXTRAS = ("extra_body", "extra_query", "extra_headers")
"""Parameters of the SDKs' methods that are not fields of the body."""

REQUEST_IDS = ("x-request-id", "request-id", "x-amzn-requestid", "mistral-correlation-id", "x-debug-trace-id")

NO_STREAM = "the server answered in one piece where a stream was asked for"

CONNECT_TIMEOUT = 5.0


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
