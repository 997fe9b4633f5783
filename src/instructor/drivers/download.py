"""Resolve and Get: name look-ups, and GETs that connect to one checked address.

The URL's host is replaced by the address; the `Host` header, the TLS server name and the certificate's check keep the
name. Proxies of the environment are not used: through one, the address would be the proxy's to choose. Connections and
cookies are not shared between downloads: a pool would know them by address, and two names may share one.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from ..effects import Get, Got, Resolve
from ..errors import ConnectionFailed, MediaTooLarge, ProviderTimeout


def resolve(effect: Resolve) -> tuple[str, ...]:
    """The addresses of a host, in the order of preference that the system gives."""
    try:
        found = socket.getaddrinfo(effect.host, effect.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConnectionFailed(f"{effect.host}: {getattr(error, 'strerror', None) or error}") from error
    return tuple(dict.fromkeys(str(row[4][0]) for row in found))


class _Download:
    """One GET: its request, and its body as it comes in."""

    def __init__(self, effect: Get) -> None:
        parts = urlsplit(effect.url)
        self._effect, self._end = effect, time.monotonic() + effect.timeout
        address = f"[{effect.address}]" if ":" in effect.address else effect.address
        self.url = parts._replace(netloc=f"{address}:{parts.port}" if parts.port else address).geturl()
        self.options: dict[str, Any] = {
            "headers": {**effect.headers, "host": parts.netloc.rpartition("@")[2]},
            "extensions": {"sni_hostname": parts.hostname},
            "timeout": effect.timeout,
            "follow_redirects": False,
        }
        self._data = bytearray()

    def admit(self, headers: Mapping[str, str]) -> None:
        """Raise where the declared length is over the limit already."""
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._effect.max_bytes:
            raise self._too_large()

    def add(self, piece: bytes) -> None:
        self._data += piece
        if len(self._data) > self._effect.max_bytes:
            raise self._too_large()
        if time.monotonic() > self._end:
            raise ProviderTimeout(f"no complete answer within {self._effect.timeout:g} s")

    def got(self, status: int, headers: Mapping[str, str]) -> Got:
        return Got(status, {name.lower(): value for name, value in headers.items()}, bytes(self._data))

    def failed(self, error: Exception) -> Exception:
        import httpx2

        if isinstance(error, httpx2.ConnectTimeout | httpx2.ConnectError):
            return ConnectionFailed(f"no connection to {self._effect.address}: {error}")
        if isinstance(error, httpx2.TimeoutException):
            return ProviderTimeout(f"no complete answer within {self._effect.timeout:g} s")
        return ConnectionFailed(f"the connection broke ({type(error).__name__}: {error})")

    def _too_large(self) -> MediaTooLarge:
        limit = self._effect.max_bytes
        return MediaTooLarge(f"over {limit:,} bytes", limit=limit)


@cache
def _tls() -> ssl.SSLContext:
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)


def get(effect: Get) -> Got:
    """One GET, blocking."""
    import httpx2

    one = _Download(effect)
    try:
        with (
            httpx2.Client(trust_env=False, verify=_tls()) as client,
            client.stream("GET", one.url, **one.options) as response,
        ):
            one.admit(response.headers)
            for piece in response.iter_raw():
                one.add(piece)
            return one.got(response.status_code, response.headers)
    except httpx2.TransportError as error:
        raise one.failed(error) from error


async def aget(effect: Get) -> Got:
    """One GET, without blocking the loop."""
    import httpx2

    one = _Download(effect)
    try:
        async with (
            httpx2.AsyncClient(trust_env=False, verify=_tls()) as client,
            client.stream("GET", one.url, **one.options) as response,
        ):
            one.admit(response.headers)
            async for piece in response.aiter_raw():
                one.add(piece)
            return one.got(response.status_code, response.headers)
    except httpx2.TransportError as error:
        raise one.failed(error) from error
