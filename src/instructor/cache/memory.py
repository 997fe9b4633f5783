"""Answers in this process's memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from ..errors import ConfigurationError
from ..memo import lasting


class MemoryCache:
    """Keeps at most so many answers and bytes; those that were not asked for the longest go first.

    Safe to share between threads and clients. It is gone with the process.

    Args:
        max_items: the most answers.
        max_bytes: the most bytes of all answers together.
        ttl: seconds for which an answer is kept; None for no end.
        clock: tells the time in seconds.
    """

    in_memory = True
    """Asking it takes no thread."""

    def __init__(
        self,
        max_items: int = 1024,
        *,
        max_bytes: int = 64 * 1024 * 1024,
        ttl: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_items, self._max_bytes = count(max_items, "max_items"), count(max_bytes, "max_bytes")
        self._ttl, self._clock, self._lock = lasting(ttl), clock, Lock()
        self._rows: OrderedDict[str, tuple[bytes, float | None]] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> bytes | None:
        """What is kept under the key."""
        with self._lock:
            value, end = self._rows.get(key, (None, None))
            if value is None:
                return None
            if end is not None and end <= self._clock():
                self._forget(key)
                return None
            self._rows.move_to_end(key)
            return value

    def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        """Keep it, for `ttl` seconds or the cache's own.

        Raises:
            ValueError: it is larger than the whole cache may be.
        """
        if len(value) > self._max_bytes:
            raise ValueError(
                f"an answer of {len(value):,} bytes is larger than the cache's max_bytes, {self._max_bytes:,}"
            )
        left = lasting(ttl) or self._ttl
        with self._lock:
            if key in self._rows:
                self._forget(key)
            self._rows[key] = (bytes(value), None if left is None else self._clock() + left)
            self._bytes += len(value)
            while len(self._rows) > self._max_items or self._bytes > self._max_bytes:
                self._forget(next(iter(self._rows)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._rows.clear()
            self._bytes = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"MemoryCache({len(self._rows):,} answers, {self._bytes:,} bytes)"

    def _forget(self, key: str) -> None:
        value, _ = self._rows.pop(key)
        self._bytes -= len(value)


def count(value: object, name: str) -> int:
    """A positive whole number.

    Raises:
        ConfigurationError: it is something else.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise ConfigurationError(f"{name} is a positive whole number, not {value!r:.60}")
