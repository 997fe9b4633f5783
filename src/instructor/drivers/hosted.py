"""Sending to a model that is served in this process: started by the first request, stopped with the last client.

    Lease ──start once──▶ Pool: identity ─▶ the running server, and how many hold it
      ▲                      └─ the last release stops it
    HostedSender · AsyncHostedSender     the HTTP senders, at the address that the lease gives

Starting and stopping block, so the asynchronous sender does both in a thread. Between two servers of one process there is
nothing but loopback: no proxy of the environment is asked.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Hashable
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING, Any

from ..adapter import Hosted, Provider, Running
from ..effects import Answer, Call, Open
from ..errors import ConfigurationError
from ..values import dataclass
from .exchange import Exchange, check_client
from .http import AsyncHttpSender, HttpSender
from .streams import AsyncBytesStream, BytesStream

if TYPE_CHECKING:
    import httpx2


@dataclass(slots=True)
class Holding:
    """One server and those who hold it. The lock is held while it starts, so that it starts once."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    running: Running | None = None
    holders: int = 0


class Pool:
    """The servers of this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a lease may be collected, and given back, in the midst of anything
        self._held: dict[Hashable, Holding] = {}

    def take(self, hosted: Hosted) -> Running:
        """The running server, started if it is not."""
        with self._lock:
            holding = self._held.setdefault(hosted.identity, Holding())
            holding.holders += 1
        try:
            with holding.lock:
                if holding.running is None:
                    holding.running = hosted.start()
                return holding.running
        except BaseException:
            self.give_back(hosted.identity)
            raise

    def give_back(self, identity: Hashable) -> None:
        """One holder less; with the last one the server stops."""
        with self._lock:
            holding = self._held.get(identity)
            if holding is None:
                return
            holding.holders -= 1
            if holding.holders:
                return
            del self._held[identity]
            running, holding.running = holding.running, None
        if running is not None:
            running.stop()

    @property
    def running(self) -> tuple[Running, ...]:
        """Those that run now."""
        with self._lock:
            return tuple(holding.running for holding in self._held.values() if holding.running is not None)

    def stop_all(self) -> None:
        """Stop what still runs, before the interpreter takes itself apart."""
        with self._lock:
            left = [holding.running for holding in self._held.values() if holding.running is not None]
            self._held.clear()
        for running in left:
            running.stop()


POOL = Pool()
atexit.register(POOL.stop_all)


class Lease:
    """One client's hold on a server, taken with the first request."""

    def __init__(self, hosted: Hosted, pool: Pool = POOL) -> None:
        self._hosted, self._pool = hosted, pool
        self._lock = threading.Lock()
        self._running: Running | None = None
        self._ended = False

    def running(self) -> Running:
        """The server.

        Raises:
            ConfigurationError: the client is closed, or the server does not start.
        """
        with self._lock:
            if self._ended:
                raise ConfigurationError("this client is closed: make another one with from_provider()")
            if self._running is None:
                self._running = self._pool.take(self._hosted)
            return self._running

    def end(self) -> None:
        """Give the server back, once."""
        with self._lock:
            held, self._running, self._ended = self._running is not None, None, True
        if held:
            self._pool.give_back(self._hosted.identity)

    def __del__(self) -> None:
        # callers seldom close a client
        try:
            self.end()
        except Exception:  # at the interpreter's end half of what is needed may be gone
            return


class HostedSender:
    """Posts to the server that its lease gives."""

    def __init__(self, lease: Lease, make: Callable[[Running], HttpSender]) -> None:
        self._lease, self._make = lease, make
        self._sender: HttpSender | None = None
        self._lock = threading.Lock()

    def send(self, call: Call) -> Answer:
        return self._started().send(call)

    def open(self, call: Open) -> BytesStream:
        return self._started().open(call)

    def _started(self) -> HttpSender:
        running = self._lease.running()
        with self._lock:
            self._sender = self._sender or self._make(running)
            return self._sender

    def close(self) -> None:
        if self._sender is not None:
            self._sender.close()
        self._lease.end()


class AsyncHostedSender:
    """As `HostedSender`, off the loop while the server starts and stops."""

    def __init__(self, lease: Lease, make: Callable[[Running], AsyncHttpSender]) -> None:
        self._lease, self._make = lease, make
        self._sender: AsyncHttpSender | None = None

    async def send(self, call: Call) -> Answer:
        return await (await self._started()).send(call)

    async def open(self, call: Open) -> AsyncBytesStream:
        return await (await self._started()).open(call)

    async def _started(self) -> AsyncHttpSender:
        import asyncio

        running = await asyncio.to_thread(self._lease.running)
        if self._sender is None:  # several requests may have waited for the server
            self._sender = self._make(running)
        return self._sender

    async def close(self) -> None:
        import asyncio

        if self._sender is not None:
            await self._sender.close()
        await asyncio.to_thread(self._lease.end)


def sender_of(
    provider: Provider,
    hosted: Hosted,
    asynchronous: bool,
    timeout: float | None,
    client: httpx2.Client | httpx2.AsyncClient | None,
    base_url: str | None = None,
) -> HostedSender | AsyncHostedSender:
    """The sender for a hosted model; `client` is the caller's, None for one of its own."""
    if base_url:
        raise ConfigurationError(f"{provider.adapter.name} runs in this process: it has no base_url")
    check_client(client, asynchronous)
    make: Any = partial(_connected, provider, asynchronous, timeout, client)
    lease = Lease(hosted)
    return AsyncHostedSender(lease, make) if asynchronous else HostedSender(lease, make)


def _connected(provider: Provider, asynchronous: bool, timeout: float | None, client: Any, running: Running) -> Any:
    assert provider.endpoint is not None
    exchange = Exchange(provider.adapter, provider.endpoint, running.key, running.base_url)
    sender = AsyncHttpSender if asynchronous else HttpSender
    return sender(exchange, timeout, client, trust_env=False)  # the server is in this process
