"""What is under way, and about how long the rest will take.

    [12:40, about 25 min left] per call, text: round 3 of 25        in one line of a terminal that somebody may look at,
                                                                    else a line for each thing that is measured

What is left is guessed: each case by the time that it took when the whole was last run, times how long this run has taken
for the cases that it has done, beside that.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping


class Progress:
    """`expected`: the cases to come, and seconds that each takes in full; without them it says nothing but notes. `pace` is how
    long this run takes for one of these seconds, if that is known before the first case is done."""

    def __init__(self, expected: Mapping[str, float] | None = None, pace: float | None = None) -> None:
        self._left = dict(expected or {})
        self._silent = expected is None
        self._pace = pace
        self._begun = time.monotonic()
        self._done = self._now = 0.0
        self._since = self._begun
        self._said = ""

    def case(self, name: str) -> None:
        """This case begins; the one before is done."""
        self._done += self._now
        self._since = time.monotonic()
        if self._done:
            self._pace = (self._since - self._begun) / self._done
        self._now = self._left.pop(name, 0.0)

    def left(self) -> float | None:
        """Seconds to go, about; None as long as nothing is known."""
        if self._pace is None:
            return None
        spent = time.monotonic() - self._since
        return self._pace * sum(self._left.values()) + max(0.0, self._pace * self._now - spent)

    @property
    def seconds(self) -> float:
        """How long this case has taken so far."""
        return time.monotonic() - self._since

    @property
    def minutes(self) -> str:
        """How long it has taken so far."""
        return f"{(time.monotonic() - self._begun) / 60:.0f} minutes"

    def say(self, what: str, now: str) -> None:
        """What is measured, and what of it now."""
        if self._silent:
            return
        if sys.stderr.isatty():
            print(f"\r\033[K{self._clock()} {what}: {now}"[:120], end="", file=sys.stderr, flush=True)
        elif what != self._said:
            self._said = what
            print(f"{self._clock()} {what}", file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """A line that stays."""
        clear = "\r\033[K" if sys.stderr.isatty() else ""
        print(f"{clear}{text}", file=sys.stderr, flush=True)

    def _clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._begun), 60)
        left = self.left()
        return f"[{minutes:02}:{seconds:02}{'' if left is None else f', about {left / 60:.0f} min left'}]"
