"""What the loopback server answers next: a queue of lines, and the faults that befall them.

    Line = Answer | Failure | Raw      what comes back
    Wire                               how it comes back: late, in drips, cut off
    Script                             the queue; empty, it gives `Sample()`, without end

A fault waits in the queue with the lines and befalls the answer after it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, TypeAlias

from ..values import dataclass
from .turns import Answer, Sample


@dataclass(frozen=True, slots=True)
class Failure:
    """An error status with a body of the provider's shape, or the given one.

    With `after` a number of events, a streamed answer begins well and fails then.
    """

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """These bytes, whatever was asked. Without a length they are sent in chunks."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    chunked: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """How an answer travels. `cut` is the number of body bytes after which the connection breaks; -1: before any
    byte of the answer, its headers included."""

    delay: float = 0
    cut: int | None = None
    drip: tuple[int, float] | None = None

    def over(self, other: Wire) -> Wire:
        """Both faults; this one's where they are the same."""
        return Wire(
            self.delay + other.delay,
            other.cut if self.cut is None else self.cut,
            self.drip or other.drip,
        )

    def shaped(self, pieces: Iterable[bytes], halted: threading.Event) -> Iterator[bytes]:
        """`pieces` as they travel; ends early if cut, or when the server is halted."""
        left = self.cut
        for piece in self._dripping(pieces, halted):
            if left is not None and len(piece) >= left:
                yield piece[:left]
                return
            left = None if left is None else left - len(piece)
            yield piece

    def _dripping(self, pieces: Iterable[bytes], halted: threading.Event) -> Iterator[bytes]:
        if self.drip is None:
            yield from pieces
            return
        size, seconds = self.drip
        for piece in pieces:
            for start in range(0, len(piece), size):
                yield piece[start : start + size]
                if halted.wait(seconds):
                    return


Line: TypeAlias = Answer | Failure | Raw


class Script:
    """The queue. Safe to use from many threads."""

    def __init__(self) -> None:
        self._queue: deque[Line | Wire] = deque()
        self._lock = threading.Lock()

    def add(self, line: Line | Wire) -> None:
        """Put a line, or a fault for the line after it, at the end."""
        with self._lock:
            self._queue.append(line)

    def next(self) -> tuple[Line, Wire]:
        """Take the next line with its faults; a sample when there is none."""
        wire = Wire()
        with self._lock:
            while self._queue:
                head = self._queue.popleft()
                if not isinstance(head, Wire):
                    return head, wire
                wire = head.over(wire)
        return Sample(), wire

    def clear(self) -> None:
        """Forget what is queued."""
        with self._lock:
            self._queue.clear()

    def __len__(self) -> int:
        """How many answers wait."""
        with self._lock:
            return sum(not isinstance(line, Wire) for line in self._queue)
