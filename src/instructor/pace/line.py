"""Waiting one's turn: requests go out in the order in which they came, when the client's limits let them.

    with pace.visit(…) as visit:                                        ┌──── refused: a pause, a smaller share ◀───┐
        enter ─▶ [Now] ─▶ may go? ── no ─▶ [Wait] ─▶ [Now] … ── yes ─▶ the request ─▶ answered: what it really took
    leaves at the end, whatever happens

One implementation for threads and tasks: the flow asks for the time and for waits, the state under one lock knows neither
clock nor loop. Whoever is first in line waits for a moment; the others wait until it is their turn.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from math import inf
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..effects import Effect, Emit, Flow, Now, Wait
from ..errors import ConfigurationError, Overloaded, ProviderError, RateLimited
from ..events import Slowed
from ..values import dataclass
from .headers import Told, told
from .limits import Bucket, RateLimits, Share

if TYPE_CHECKING:
    from concurrent.futures import Future

logger = logging.getLogger("instructor")

REFUSALS = (RateLimited, Overloaded)
"""What says that less would be more: 429, 503, 529."""

WEIGHT = 0.05
"""The part by which one answer moves what is expected of the next."""

SOON = 1e-6
"""Seconds that are not waited."""


class Free:
    """No limits."""

    def enter(self) -> Iterable[Effect]:
        return ()

    def failed(self, error: ProviderError) -> Iterable[Effect]:
        return ()

    def answered(self, tokens: int, headers: Mapping[str, str] | None = None) -> Iterable[Effect]:
        return ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing was held."""


FREE = Free()


@dataclass(slots=True, eq=False)
class _Place:
    """Somebody in line, or under way."""

    need: float
    woken: Future[None] | None = None
    admitted: float | None = None
    first: bool = False
    """Goes to the front: it has been under way already, or belongs to one that is."""
    inside: bool = False
    """Asked for by what is done with another one's answer, which would wait for it: takes no place of its own."""


class Pace:
    """How fast a client sends: its limits, and what is known at the moment. Shared by threads and tasks."""

    def __init__(self, limits: RateLimits) -> None:
        self.limits = limits
        # a call may be collected, and so leave, in the midst of anything: also where its own thread holds the lock
        self._lock, self._line = RLock(), deque[_Place]()
        self._under_way = 0
        self._paused, self._share = -inf, Share()
        self._cut = -inf
        self._requests = Bucket(limits.requests_per_minute) if limits.requests_per_minute else None
        self._tokens = Bucket(limits.tokens_per_minute) if limits.tokens_per_minute else None
        self._extra: float | None = None
        """What answers took beyond their estimates, on the average."""

    @classmethod
    def of(cls, limits: object) -> Pace | None:
        """What `limits=` stands for: `RateLimits`, or the `limits` of another client, shared with it.

        Raises:
            ConfigurationError: it is something else.
        """
        if limits is None or isinstance(limits, cls):
            return limits
        if isinstance(limits, RateLimits):
            return cls(limits)
        raise ConfigurationError(
            f"limits are an instructor.RateLimits, or another client's limits, not {type(limits).__name__}"
        )

    def __repr__(self) -> str:
        return f"Pace({self.limits}, {self.under_way} under way, {self.waiting} waiting)"

    @property
    def under_way(self) -> int:
        """Requests that have gone out and are not answered yet."""
        return self._under_way

    @property
    def waiting(self) -> int:
        """Requests that wait for their turn."""
        return len(self._line)

    @property
    def counts_tokens(self) -> bool:
        """Whether an estimate is of use."""
        return self._tokens is not None

    def visit(self, who: str, need: int, patience: float = inf) -> Visit:
        """A request that is estimated to take so many tokens. It does not wait for longer than `patience` for the end of a
        pause."""
        return Visit(self, who, need, patience)

    # ── one place ────────────────────────────────────────────────────────────────────────────────

    def _join(self, place: _Place) -> None:
        with self._lock:
            if self._tokens is not None:
                place.need += self._extra or 0.0
            (self._line.appendleft if place.first else self._line.append)(place)

    def _try(self, place: _Place, now: float) -> tuple[float, Future[None]] | None:
        """None: it may go, and has. Else the seconds until that may be so, and what is done when somebody makes room."""
        from concurrent.futures import Future

        with self._lock:
            place.woken = woken = Future[None]()  # before anything is looked at: who leaves meanwhile says so
            first = self._line[0] is place
            wait = self._wait(place, now) if first else inf
            if wait > 0:
                return wait, woken
            place.woken = None
            self._line.popleft()
            self._under_way += 1
            place.admitted = now
            if self._requests is not None:
                self._requests.take(1)
            if self._tokens is not None:
                self._tokens.take(place.need)
            after = self._next()
        _wake(after)
        return None

    def _wait(self, place: _Place, now: float) -> float:
        share = self._share.at(now)
        waits = [self._paused - now]
        most = self.limits.concurrency
        if most is not None and not place.inside and self._under_way >= max(1, int(most * share)):
            room = (self._under_way + 1) / most
            waits.append(inf if self._under_way >= most else self._share.wait(room, now))
        for bucket, need in ((self._requests, 1.0), (self._tokens, place.need)):
            if bucket is not None:
                bucket.fill(now, self._share.at)
                waits.append(bucket.wait(need, share))
        longest = max(waits)
        return longest if longest > SOON else 0.0

    def _pause_left(self, now: float) -> float:
        return max(0.0, self._paused - now)

    def _leave(self, place: _Place, *, returned: float = 0.0) -> None:
        """Out of the line, or no longer under way. `returned`: tokens that were not taken after all."""
        with self._lock:
            if place.admitted is not None:
                self._under_way -= 1
                place.admitted, place.first = None, True
                if self._tokens is not None:
                    self._tokens.take(-returned)
            elif place in self._line:
                self._line.remove(place)
            woken = self._next()
        _wake(woken)

    def _next(self) -> Future[None] | None:
        """What whoever is first waits for, handed out once. The lock is held."""
        if not self._line:
            return None
        woken, self._line[0].woken = self._line[0].woken, None
        return woken

    # ── what providers say ───────────────────────────────────────────────────────────────────────

    def _refused(self, place: _Place, error: ProviderError, now: float) -> Slowed | None:
        """Slower from now on; once for all requests that went out before anybody knew."""
        with self._lock:
            self._paused = max(self._paused, now + (error.retry_after or 0.0))
            fresh = place.admitted is not None and place.admitted >= self._cut
            if fresh:
                self._cut = now
                self._share.cut(now, self._paused)
            share = self._share.at(now)
            impatient = [each.woken for each in self._line]  # who would not wait for as long learns it now
            for each in self._line:
                each.woken = None
        for woken in impatient:
            _wake(woken)
        return Slowed(error=error, share=share, pause=error.retry_after or 0.0) if fresh else None

    def _answered(self, place: _Place, estimated: float, tokens: int, said: Told, now: float) -> None:
        with self._lock:
            if self._tokens is not None and tokens:
                self._tokens.take(tokens - place.need)
                more = tokens - estimated
                self._extra = more if self._extra is None else self._extra + WEIGHT * (more - self._extra)
                self._extra = max(0.0, self._extra)
            for bucket, left in ((self._requests, said.requests), (self._tokens, said.tokens)):
                if bucket is not None and left is not None:
                    bucket.fill(now, self._share.at)
                    bucket.level = min(bucket.level, left)
            self._paused = max(self._paused, now + said.pause) if said.pause else self._paused
            woken = self._next()
        _wake(woken)


def _wake(woken: Future[None] | None) -> None:
    # outside of the lock: what hangs on a future runs here. Whoever no longer waits has cancelled it
    if woken is not None and woken.set_running_or_notify_cancel():
        woken.set_result(None)


class Visit:
    """One request's way through a client's limits, as often as it is sent."""

    def __init__(self, pace: Pace, who: str, need: int, patience: float) -> None:
        self._pace, self._who, self._patience = pace, who, patience
        self._estimated = float(need)
        self._place = _Place(self._estimated)

    def enter(self) -> Flow[None]:
        """Wait until it may go.

        Raises:
            RateLimited: the provider has asked for a pause that is longer than patience. Nothing was sent.
        """
        place, pace = self._place, self._pace
        place.need = self._estimated
        outer = [each for each in _visits.get() if each.under_way]
        place.inside = any(each._pace is pace for each in outer)
        place.first = place.first or place.inside
        pace._join(place)
        try:
            while True:
                now: float = yield Now()
                pause = pace._pause_left(now)
                if pause > self._patience:
                    raise RateLimited(
                        f"the provider has asked this client to wait, for {pause:.0f} s more: nothing was sent",
                        provider=self._who,
                        retry_after=pause,
                    )
                waiting = pace._try(place, now)
                if waiting is None:
                    _visits.set((*outer, self))
                    return
                seconds, woken = waiting
                yield Wait(woken, seconds if seconds < inf else None)
        except BaseException:
            pace._leave(place)
            raise

    @property
    def under_way(self) -> bool:
        """Whether a request has gone out whose answer is not at its end."""
        return self._place.admitted is not None

    def failed(self, error: ProviderError) -> Flow[None]:
        """The request brought no answer."""
        if self._place.admitted is None:
            return
        slowed = self._pace._refused(self._place, error, (yield Now())) if isinstance(error, REFUSALS) else None
        turned_away = error.status is not None  # it was not worked on, so it took no tokens
        self._pace._leave(self._place, returned=self._place.need if turned_away else 0.0)
        if slowed is not None:
            pause = f", after a pause of {slowed.pause:.1f} s" if slowed.pause else ""
            logger.warning(
                "%s refuses (%s): this client sends at %.0f %% of its limits%s",
                self._who,
                error.status,
                slowed.share * 100,
                pause,
            )
            yield Emit(slowed)

    def answered(self, tokens: int, headers: Mapping[str, str] | None = None) -> Flow[None]:
        """The answer has come: what it took (0: not told), and what the provider says of what is left."""
        if self._place.admitted is not None:
            self._pace._answered(self._place, self._estimated, tokens, told(headers), (yield Now()))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pace._leave(self._place)


_visits: ContextVar[tuple[Visit, ...]] = ContextVar("instructor_visits", default=())
"""The visits in which this code runs: handlers, validators and readers of a stream may ask the same client again."""
