"""Who is to be told of an event, and with which arguments: what the loops of both drivers have in common.

Nothing is made, and no clock is read, for an event that nobody listens to.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..events import Abandoned, Event
from ..hooks import Handler, Hooks, report
from ..spending import Progress


class Teller:
    """The hooks of one call, and what an event says of it."""

    __slots__ = ("_began", "_hooks", "_progress")

    def __init__(self, hooks: Hooks, progress: Progress | None) -> None:
        self._hooks, self._progress = hooks, progress
        if progress is not None:
            progress.audience = hooks.audience
        self._began = time.monotonic() if hooks else 0.0

    def listeners(self, event: Event) -> Sequence[tuple[Handler, tuple[Any, ...], Mapping[str, Any]]]:
        """The handlers that want it, each with its arguments."""
        if not self._hooks.heard(type(event)):
            return ()
        known = self._progress.facts() if self._progress is not None else {}
        elapsed = time.monotonic() - self._began if self._began else 0.0
        try:
            return list(self._hooks.wanted(event, {**known, "elapsed": elapsed}))
        except Exception as error:
            report(self._hooks.wanted, error)
            return ()

    def abandoned(self) -> Abandoned | None:
        """The event that a call which has begun, and not ended, will not be continued; else None."""
        return self._progress.abandon() if self._progress is not None and self._progress.going else None
