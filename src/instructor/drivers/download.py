"""Resolve and Get: name look-ups, and GETs that connect to one checked address.

    Downloads · AsyncDownloads      one for each client: its free connections, and the bodies that it keeps
        Get ─▶ cache ─ fresh ─▶ Got
                 └─▶ connections.pool ─▶ status, headers, body (bounded in bytes and time) ─▶ cache ─▶ Got

The whole exchange ends after `timeout` seconds, however slowly its bytes come; a wait for the next of them ends after
`read_timeout`. A body that nobody will look at, of an error or a redirect, is read only to keep the connection.
"""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from ..effects import Get, Got, Resolve
from ..errors import ConnectionFailed, InstructorError, MediaTooLarge, ProviderTimeout
from ..fetch.caching import Bodies
from .lanes import PerLoop
from .sdk import in_time

if TYPE_CHECKING:
    import httpcore2

DRAINED_BYTES = 64 * 1024
"""The most that is read of a body that nobody looks at."""

TRIES = 2
"""A connection that was kept may be closed at its other end just as it is used: a GET is then made once more."""


def resolve(effect: Resolve) -> tuple[str, ...]:
    """The addresses of a host, in the order of preference that the system gives."""
    look_up = partial(socket.getaddrinfo, effect.host, effect.port, type=socket.SOCK_STREAM)
    try:
        found = in_time(look_up, effect.timeout)
    except (OSError, UnicodeError) as error:
        if isinstance(error, InstructorError):
            raise
        raise ConnectionFailed(f"{effect.host}: {getattr(error, 'strerror', None) or error}") from error
    return tuple(dict.fromkeys(str(row[4][0]) for row in found))


class Downloads:
    """Performs Gets, blocking. May be used by several threads."""

    def __init__(self, cache_bytes: int = 0) -> None:
        self._cache = Bodies(cache_bytes)
        self._pools: dict[str | None, httpcore2.ConnectionPool] = {}
        self._making = threading.Lock()

    def get(self, effect: Get) -> Got:
        """The answer to one GET, or what was kept of an earlier one."""
        kept = self._cache.find(effect)
        if kept is not None and time.monotonic() < kept.until:
            return kept.got
        got = self._exchange(kept.asking(effect) if kept else effect)
        return self._cache.settled(effect, kept, got, time.monotonic())

    def _exchange(self, effect: Get) -> Got:
        from . import connections

        end = time.monotonic() + effect.timeout
        connections.until(end)
        for last in range(1, TRIES + 1):
            one = _Exchange(effect)
            try:
                with self._pool(effect.proxy).stream(**connections.request(effect)) as response:
                    one.begin(response.status, response.headers)
                    for piece in response.iter_stream():
                        if time.monotonic() > end:
                            raise one.late()
                        if not one.add(piece):
                            break
                return one.got()
            except connections.FAILURES as error:
                if last == TRIES or not one.may_be_made_again(error):
                    raise one.failed(error) from error
        raise AssertionError("a try returns or raises")

    def _pool(self, proxy: str | None) -> httpcore2.ConnectionPool:
        from . import connections

        with self._making:
            found = self._pools.get(proxy)
            if found is None:
                found = self._pools[proxy] = connections.pool(proxy)
            return found

    def close(self) -> None:
        """Close the free connections. Later Gets open new ones."""
        with self._making:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()

    def __del__(self) -> None:
        # callers seldom close a client
        try:
            self.close()
        except Exception:  # at the interpreter's end half of what is needed may be gone
            return


class AsyncDownloads:
    """Performs Gets without blocking the loop. May be used by several loops, which share no connection."""

    def __init__(self, cache_bytes: int = 0) -> None:
        self._cache = Bodies(cache_bytes)
        self._pools: PerLoop[_Pools] = PerLoop(dict, _closed)

    async def get(self, effect: Get) -> Got:
        """As `Downloads.get`."""
        import asyncio

        kept = self._cache.find(effect)
        if kept is not None and time.monotonic() < kept.until:
            return kept.got
        one = _Exchange(effect)
        clock = asyncio.timeout(effect.timeout)
        try:
            async with clock:
                got = await self._exchange(kept.asking(effect) if kept else effect)
        except TimeoutError as error:
            if isinstance(error, ProviderTimeout) or not clock.expired():
                raise
            raise one.late() from None
        return self._cache.settled(effect, kept, got, time.monotonic())

    async def _exchange(self, effect: Get) -> Got:
        pool = await self._pool(effect.proxy)
        from . import connections

        for last in range(1, TRIES + 1):
            one = _Exchange(effect)
            try:
                async with pool.stream(**connections.request(effect)) as response:
                    one.begin(response.status, response.headers)
                    async for piece in response.aiter_stream():
                        if not one.add(piece):
                            break
                return one.got()
            except connections.FAILURES as error:
                if last == TRIES or not one.may_be_made_again(error):
                    raise one.failed(error) from error
        raise AssertionError("a try returns or raises")

    async def _pool(self, proxy: str | None) -> httpcore2.AsyncConnectionPool:
        pools = await self._pools.get()
        if proxy not in pools:
            import asyncio

            pools.setdefault(proxy, await asyncio.to_thread(_async_pool, proxy))  # another call may have been quicker
        return pools[proxy]

    async def close(self) -> None:
        """Close this loop's free connections. Later Gets open new ones."""
        await self._pools.close()


def _async_pool(proxy: str | None) -> httpcore2.AsyncConnectionPool:
    """In a thread: importing the HTTP library and reading certificates would hold up the loop, the first time."""
    from .connections import async_pool

    return async_pool(proxy)


_Pools = dict[str | None, "httpcore2.AsyncConnectionPool"]


async def _closed(pools: _Pools) -> None:
    for pool in pools.values():
        await pool.aclose()


class _Exchange:
    """What one exchange brings, within its bounds."""

    def __init__(self, effect: Get) -> None:
        self._effect, self._end = effect, time.monotonic() + effect.timeout
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body = io.BytesIO()
        self._size = 0

    def begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Raise where the declared length is over the limit already."""
        self._status = status
        for name, value in headers:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text
        declared = self._headers.get("content-length", "")
        if status < 300 and declared.isdigit() and int(declared[:18]) > self._effect.max_bytes:
            raise self._too_large()

    def add(self, piece: bytes) -> bool:
        """Whether more is wanted."""
        self._size += len(piece)
        if self._status >= 300:
            return self._size <= DRAINED_BYTES
        if self._size > self._effect.max_bytes:
            raise self._too_large()
        self._body.write(piece)
        return True

    def got(self) -> Got:
        return Got(self._status, self._headers, self._body.getvalue())  # shared with the stream, not copied

    def may_be_made_again(self, error: Exception) -> bool:
        """Whether the connection broke before anything came."""
        import httpcore2

        return self._status == 0 and isinstance(
            error, httpcore2.ReadError | httpcore2.WriteError | httpcore2.RemoteProtocolError
        )

    def failed(self, error: Exception) -> Exception:
        """An exception of the pool as one of ours."""
        import httpcore2

        match error:
            case httpcore2.ConnectTimeout() | httpcore2.ConnectError() | httpcore2.ProxyError():
                return ConnectionFailed(
                    f"no connection to {self._effect.address}: {str(error) or type(error).__name__}"
                )
            case httpcore2.TimeoutException():
                return self.late(read=True)
        return ConnectionFailed(f"the connection broke ({type(error).__name__}: {error})")

    def late(self, *, read: bool = False) -> ProviderTimeout:
        """The error of a wait for bytes, or of the whole, that lasted too long."""
        if read and time.monotonic() < self._end:
            return ProviderTimeout(f"nothing came for {self._effect.read_timeout:g} s (MediaPolicy.read_timeout)")
        return ProviderTimeout(f"no complete answer within {self._effect.timeout:g} s (MediaPolicy.timeout)")

    def _too_large(self) -> MediaTooLarge:
        limit = self._effect.max_bytes
        return MediaTooLarge(f"over {limit:,} bytes", limit=limit)
