"""A turnstile for the flows of an event loop: once they have kept it busy, it turns before each that goes on.

    flow ─▶ passed() ─ nobody waits, and flows have gone on for less than BUSY seconds ─▶ goes on
               └─ else: stands in line ─▶ the loop turns ─▶ the first goes on ─▶ the loop turns ─▶ the next …

What a flow does between two waits takes about a millisecond. Where fifty are ready in the same moment (calls that begin
together, pictures that end together, answers that come together) they would run one behind the other, and whatever else lives
in the loop would wait for all of them. While somebody stands in line the loop never idles: a line costs its turns alone, some
microseconds each. Whoever comes alone does not wait; that the loop has turned is learned from a callback, one in BUSY seconds
at most.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from weakref import WeakKeyDictionary

BUSY = 0.003
"""Seconds for which flows go on one behind the other."""


class Turnstile:
    """That of one event loop, which it does not hold."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._until = clock, float("-inf")
        self._turning = False
        """Whether word of the loop's next turn is under way."""
        self._line: deque[asyncio.Future[None]] = deque()

    async def passed(self, loop: asyncio.AbstractEventLoop) -> None:
        """Go on when it is one's turn. Who is cancelled leaves the line."""
        now = self._clock()
        if now < self._until and not self._line:
            return
        if not self._turning:  # the loop may have turned long ago: from here on its turns are known
            self._until, self._turning = now + BUSY, True
            loop.call_soon(self._turn, loop)
            return
        self._line.append(place := loop.create_future())
        await place

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """The loop has turned: let the first of the line go on, and once there is none, whoever comes."""
        while self._line:
            place = self._line.popleft()
            if not place.done():  # or it was cancelled
                place.set_result(None)
                loop.call_soon(self._turn, loop)
                return
        self._turning = False


_turnstiles: WeakKeyDictionary[asyncio.AbstractEventLoop, Turnstile] = WeakKeyDictionary()


async def passed() -> None:
    """Pass the turnstile of the loop that is running."""
    loop = asyncio.get_running_loop()
    found = _turnstiles.get(loop)
    if found is None:
        found = _turnstiles[loop] = Turnstile()
    await found.passed(loop)
