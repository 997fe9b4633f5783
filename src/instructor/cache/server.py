"""Answers on a Redis server (or one that speaks its protocol: Valkey, KeyDB, Dragonfly), shared by machines."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ..errors import ConfigurationError, MissingExtra
from ..memo import lasting

if TYPE_CHECKING:
    import redis
    import redis.asyncio


class RedisCache:
    """Keeps answers on a server, which lets them go when their time has passed.

    Args:
        client: an address (`redis://…`, `rediss://…`, `unix://…`), a `redis.Redis`, or a `redis.asyncio.Redis`, which
            serves asynchronous clients alone. With an address, each kind of client is made when it is first needed.
        ttl: seconds for which an answer is kept; None for no end.
        prefix: stands before each key.

    Raises:
        MissingExtra: the `redis` package is not installed.
        ConfigurationError: the client is something else.
    """

    def __init__(
        self, client: str | redis.Redis | redis.asyncio.Redis, *, ttl: float | None = None, prefix: str = "instructor:"
    ) -> None:
        try:
            import redis
            import redis.asyncio
        except ImportError:
            raise MissingExtra("redis", "redis", "keep answers on a Redis server") from None
        self._ttl, self._prefix = lasting(ttl), prefix
        self._url: str | None = None
        self._client: redis.Redis | None = None
        self._given: redis.asyncio.Redis | None = None
        self._of_loop: WeakKeyDictionary[Any, redis.asyncio.Redis] = WeakKeyDictionary()
        if isinstance(client, str):
            self._url = client
            self._client = redis.Redis.from_url(client)  # opens nothing yet, and checks the address
        elif isinstance(client, redis.Redis):
            self._client = client
        elif isinstance(client, redis.asyncio.Redis):
            self._given = client
        else:
            raise ConfigurationError(
                f"RedisCache takes an address, a redis.Redis or a redis.asyncio.Redis, not {type(client).__name__}"
            )

    def get(self, key: str) -> bytes | None:
        """What is kept under the key."""
        return _bytes(self._sync().get(self._prefix + key))

    def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        """Keep it, for `ttl` seconds or the cache's own."""
        self._sync().set(self._prefix + key, value, px=self._millilasting(ttl))

    async def aget(self, key: str) -> bytes | None:
        """As `get`, without blocking the loop."""
        client = self._async()
        return (
            await asyncio.to_thread(self.get, key) if client is None else _bytes(await client.get(self._prefix + key))
        )

    async def aset(self, key: str, value: bytes, ttl: float | None = None) -> None:
        """As `set`, without blocking the loop."""
        client = self._async()
        if client is None:
            await asyncio.to_thread(self.set, key, value, ttl)
        else:
            await client.set(self._prefix + key, value, px=self._millilasting(ttl))

    def close(self) -> None:
        """Close the synchronous client, if it was made here."""
        if self._url is not None and self._client is not None:
            self._client.close()

    async def aclose(self) -> None:
        """Close what was made here, the asynchronous client of this event loop too."""
        self.close()
        made = self._of_loop.pop(asyncio.get_running_loop(), None)
        if made is not None:
            await made.aclose()

    def _sync(self) -> redis.Redis:
        if self._client is None:
            raise ConfigurationError(
                "this RedisCache has a redis.asyncio client, which a synchronous call cannot use: give it a redis.Redis, "
                "or an address, which serves both"
            )
        return self._client

    def _async(self) -> redis.asyncio.Redis | None:
        """The asynchronous client: the caller's, or one for each event loop, as connections belong to one."""
        if self._url is None:
            return self._given
        loop = asyncio.get_running_loop()
        if loop not in self._of_loop:
            import redis.asyncio

            self._of_loop[loop] = redis.asyncio.Redis.from_url(self._url)
        return self._of_loop[loop]

    def _millilasting(self, ttl: float | None) -> int | None:
        left = lasting(ttl) or self._ttl
        return None if left is None else max(1, round(left * 1000))

    def __repr__(self) -> str:
        return f"RedisCache(prefix={self._prefix!r})"


def _bytes(value: Any) -> bytes | None:
    """What a client gave; one with `decode_responses=True` gives text."""
    return value.encode() if isinstance(value, str) else value
