"""Connections to addresses that were checked, kept between downloads.

    GET of a URL at an address ─▶ pool, by scheme, name, address and port ─ a free one ─▶ used again
                                    └─ none ─▶ TCP to the address (or to a proxy, and a tunnel on to the address)
                                               └─▶ TLS with the URL's name: the server's, and the certificate's

A pool knows its connections by host. Here that is the name *and* the address: two names at one address never share a
connection, and a name never rides on one to an address that was not checked for it. There are no cookies, and nothing
of the environment is read.
"""

from __future__ import annotations

import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import httpcore2

from ..effects import Get

if TYPE_CHECKING:
    from httpcore2 import SOCKET_OPTION

CONNECT_TIMEOUT = 10.0
KEPT, KEPT_SECONDS = 16, 15.0
"""How many free connections are held, and how long."""
MAX_HEAD_BYTES = 16_384
"""Of what a proxy answers before the tunnel is open."""

FAILURES = (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError, httpcore2.TimeoutException)
"""What a pool raises when an exchange fails."""

NAME_AND_ADDRESS = " "
"""What stands between the two in a pool's host: it is in neither."""

_clock = threading.local()


@cache
def tls() -> ssl.SSLContext:
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)


def pool(proxy: str | None) -> httpcore2.ConnectionPool:
    """Connections for blocking code."""
    return httpcore2.ConnectionPool(network_backend=_Backend(proxy), **_options())


def async_pool(proxy: str | None) -> httpcore2.AsyncConnectionPool:
    """Connections for one event loop."""
    return httpcore2.AsyncConnectionPool(network_backend=_AsyncBackend(proxy), **_options())


def _options() -> dict[str, Any]:
    return {
        "ssl_context": tls(),
        "max_connections": None,
        "max_keepalive_connections": KEPT,
        "keepalive_expiry": KEPT_SECONDS,
    }


def request(get: Get) -> dict[str, Any]:
    """The arguments of a pool's `stream` for one exchange."""
    parts = urlsplit(get.url)
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    host = f"{parts.hostname}{NAME_AND_ADDRESS}{get.address}"
    wait = min(get.read_timeout, get.timeout)
    return {
        "method": "GET",
        "url": httpcore2.URL(scheme=parts.scheme, host=host, port=parts.port, target=target),
        "headers": {**get.headers, "host": parts.netloc.rpartition("@")[2]},
        "extensions": {
            "sni_hostname": parts.hostname,
            "timeout": {"connect": min(CONNECT_TIMEOUT, get.timeout), "read": wait, "write": wait, "pool": get.timeout},
        },
    }


def until(moment: float) -> None:
    """Let no read of this thread outlast the moment, however slowly bytes come."""
    _clock.end = moment


def _left(timeout: float | None) -> float | None:
    left: float = getattr(_clock, "end", time.monotonic() + CONNECT_TIMEOUT) - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the time is up")
    return left if timeout is None else min(left, timeout)


# ── connecting ───────────────────────────────────────────────────────────────────────────────────


class _Timed(httpcore2.NetworkStream):
    """A blocking connection whose waits end when the download's time does."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.SyncBackend):
    """Connects to the address of a pool's host."""

    def __init__(self, proxy: str | None) -> None:
        self._proxy = proxy

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        address = host.rpartition(NAME_AND_ADDRESS)[2]
        first, second = _way(self._proxy, address, port)
        stream = _Timed(super().connect_tcp(first, second, timeout, local_address, socket_options))
        if self._proxy is None:
            return stream
        try:
            stream.write(_connect(self._proxy, address, port), timeout)
            head = b""
            while not _opened(head):
                head += _some(stream.read(MAX_HEAD_BYTES, timeout))
        except BaseException:
            stream.close()
            raise
        return stream


class _Handshaking(httpcore2.AsyncNetworkStream):
    """A connection that is closed if its handshake is cancelled, which the library's own is only if it fails."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self.read, self.write, self.aclose = stream.read, stream.write, stream.aclose  # type: ignore[method-assign]
        self.get_extra_info = stream.get_extra_info  # type: ignore[method-assign]

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class has it
    ) -> httpcore2.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            await self._stream.aclose()
            raise


class _AsyncBackend(httpcore2.AsyncNetworkBackend):
    """Connects to the address of a pool's host, without blocking the loop."""

    def __init__(self, proxy: str | None) -> None:
        self._proxy = proxy
        self._inner: Any = httpcore2.AnyIOBackend()  # of another type where anyio is missing, which httpx2 asks for

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class has it
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        address = host.rpartition(NAME_AND_ADDRESS)[2]
        first, second = _way(self._proxy, address, port)
        stream = _Handshaking(await self._inner.connect_tcp(first, second, timeout, local_address, socket_options))
        if self._proxy is None:
            return stream
        try:
            await stream.write(_connect(self._proxy, address, port), timeout)
            head = b""
            while not _opened(head):
                head += _some(await stream.read(MAX_HEAD_BYTES, timeout))
        except BaseException:
            await stream.aclose()
            raise
        return stream


# ── a tunnel through a proxy (RFC 9110 §9.3.6) ───────────────────────────────────────────────────


def _way(proxy: str | None, address: str, port: int) -> tuple[str, int]:
    """Where the connection goes first."""
    if proxy is None:
        return address, port
    parts = urlsplit(proxy)
    return parts.hostname or "", parts.port or 80


def _connect(proxy: str, address: str, port: int) -> bytes:
    """The request for a tunnel to the address: for both schemes, so that no proxy looks a name up again."""
    place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    parts = urlsplit(proxy)
    key = b64encode(f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()).decode()
    shown = f"Proxy-Authorization: Basic {key}\r\n" if parts.username else ""
    return f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{shown}\r\n".encode("ascii")


def _opened(head: bytes) -> bool:
    """Whether the proxy has opened the tunnel; False while it has not said."""
    said, end, rest = head.partition(b"\r\n\r\n")
    if not end and len(head) <= MAX_HEAD_BYTES:
        return False
    words = said.split(b"\r\n", 1)[0].split(b" ", 2)
    status = words[1].decode("latin-1") if len(words) > 1 else "nothing"
    if not end or rest or not words[0].startswith(b"HTTP/1.") or not (status.isdigit() and status[0] == "2"):
        raise httpcore2.ProxyError(f"the proxy opens no tunnel to the address: it answers {status:.20}")
    return True


def _some(piece: bytes) -> bytes:
    if not piece:
        raise httpcore2.ProxyError("the proxy closed the connection")
    return piece
