"""HTTP clients of our own senders: side by side, and, asynchronously, those of each event loop.

    Lanes     ─ take() ─▶ Place: the first client with room, until it is left
    PerLoop   ─ get() ─▶ what belongs to the loop that is running, closed with it

An HTTP client's pool looks through all its connections, and all that wait for one, whenever a request begins or ends. So a
client is given no more requests at a time than it has connections, and the next hundred get another client.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    import asyncio

C = TypeVar("C")
T = TypeVar("T")

WIDTH = 100
"""Requests at a time in one client."""
MOST = 10
"""Clients at most: a thousand requests at a time, as the OpenAI and Anthropic SDKs have it. What is more waits for a
connection."""


class Place(Generic[C]):
    """One request's place, until it is left."""

    __slots__ = ("_lane", "client")

    def __init__(self, lane: _Lane[C]) -> None:
        self._lane: _Lane[C] | None = lane
        self.client = lane.client
        lane.busy += 1

    def leave(self) -> None:
        """Let another have it. May be said again."""
        if self._lane is not None:
            self._lane.busy -= 1
            self._lane = None


class _Lane(Generic[C]):
    def __init__(self, client: C) -> None:
        self.client, self.busy = client, 0


class Lanes(Generic[C]):
    """Clients that are alike, made as they are needed. One that is `given` is the only one."""

    def __init__(self, make: Callable[[], C], given: C | None = None) -> None:
        self._make, self._most = make, MOST if given is None else 1
        self._lanes = [] if given is None else [_Lane(given)]

    def take(self) -> Place[C]:
        """A place in the first that has room; where none has, in the one with the fewest."""
        for lane in self._lanes:
            if lane.busy < WIDTH:
                return Place(lane)
        if len(self._lanes) < self._most:
            self._lanes.append(_Lane(self._make()))
            return Place(self._lanes[-1])
        return Place(min(self._lanes, key=lambda lane: lane.busy))

    def clients(self) -> list[C]:
        """Those that there are."""
        return [lane.client for lane in self._lanes]


class PerLoop(Generic[T]):
    """One value for each event loop that asks.

    Loops end the asynchronous generators that were begun in them: `asyncio.run` when it is done, and each loop when nobody
    holds one any more. So a value is closed while it still can be, though callers seldom close a client.
    """

    def __init__(self, make: Callable[[], T], close: Callable[[T], Awaitable[None]]) -> None:
        self._make, self._close = make, close
        self._held: dict[asyncio.AbstractEventLoop, AsyncGenerator[T, None]] = {}

    async def get(self) -> T:
        """That of the loop that is running."""
        import asyncio

        loop = asyncio.get_running_loop()
        held = self._held.get(loop)
        if held is None:
            self._held = {loop: held for loop, held in self._held.items() if not loop.is_closed()}
            held = self._held[loop] = self._hold()
        return await anext(held)

    async def close(self) -> None:
        """Close that of the loop that is running. Whoever asks later gets a new one."""
        import asyncio

        if held := self._held.pop(asyncio.get_running_loop(), None):
            await held.aclose()

    async def _hold(self) -> AsyncGenerator[T, Any]:
        value = self._make()
        try:
            while True:
                yield value
        finally:
            await self._close(value)
