"""What a client may send, and how much of it is used at the moment. Pure: every moment is passed in, in seconds.

RateLimits    as the caller writes them
Bucket        so much per minute, a tenth of it at once; fills with time, and may be overdrawn
Share         how much of the limits is used: halved by a refusal, whole again within a minute
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from math import inf, isfinite
from typing import Any

from ..errors import ConfigurationError
from ..values import dataclass

BURST = 0.1
"""The part of a minute's worth that may go out at once. Providers enforce their limits over shorter times than a minute: 60 a
minute may be one a second (https://platform.claude.com/docs/en/api/rate-limits)."""

CUT = 0.5
LEAST = 1 / 16
RECOVERY = 60.0
"""Seconds from nothing to the whole: additive increase. Providers' limits are by the minute."""

ALMOST = 1e-9
"""What sums of floats may lack."""


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How much a client sends, in all its threads and tasks together.

    Attributes:
        concurrency: requests that may be under way at a time; a stream is until its end.
        requests_per_minute: requests that go out, sent-again ones included.
        tokens_per_minute: tokens in and out, estimated before a request, and corrected by what the answer says.

    None: no limit of the kind. What the provider refuses (429, 529) halves all of them for a while, and a wait that it asks
    for holds for the whole client.
    """

    concurrency: int | None = None
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None

    def __post_init__(self) -> None:
        places: Any = self.concurrency
        if places is not None and not (isinstance(places, int) and _positive(places)):
            raise ConfigurationError(f"concurrency is a whole number from 1, or None, not {places!r:.60}")
        for name in ("requests_per_minute", "tokens_per_minute"):
            value = getattr(self, name)
            if value is not None and not _positive(value):
                raise ConfigurationError(f"{name} is a number above 0, or None, not {value!r:.60}")


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value > 0


@dataclass(slots=True)
class Bucket:
    """So much per minute. It is full at first."""

    per_minute: float
    level: float = field(init=False)
    filled: float = -inf
    """The moment up to which it has been filled."""

    def __post_init__(self) -> None:
        self.level = self.most

    @property
    def most(self) -> float:
        """What it holds when it is full."""
        return max(1.0, self.per_minute * BURST)

    def fill(self, now: float, share: Callable[[float], float]) -> None:
        """Let it fill until now, at a share of its rate: the one between those of both moments."""
        if now > self.filled:
            passed = now - self.filled if isfinite(self.filled) else 0.0
            between = (share(self.filled) + share(now)) / 2
            self.level = min(self.most, self.level + passed * between * self.per_minute / 60)
            self.filled = now

    def wait(self, need: float, share: float) -> float:
        """Seconds until so much may be taken. What is more than it ever holds may be taken when it is full."""
        missing = min(need, self.most) - self.level
        return 0.0 if missing <= ALMOST * self.most else missing / (share * self.per_minute / 60)

    def take(self, amount: float) -> None:
        """Take out, or with a negative amount give back. What is not there is owed."""
        self.level = min(self.most, self.level - amount)


@dataclass(slots=True)
class Share:
    """How much of the limits is used, between 1/16 and 1."""

    low: float = 1.0
    since: float = -inf

    def at(self, now: float) -> float:
        """The share at this moment."""
        return 1.0 if self.low >= 1.0 else min(1.0, self.low + max(0.0, now - self.since) / RECOVERY)

    def cut(self, now: float, until: float) -> None:
        """A refusal: half of it from now on. It does not grow before `until`."""
        self.low, self.since = max(LEAST, self.at(now) * CUT), max(now, until)

    def wait(self, share: float, now: float) -> float:
        """Seconds until it has grown to this."""
        return max(0.0, self.since - now) + max(0.0, share - self.at(now)) * RECOVERY
