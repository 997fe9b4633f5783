"""What has been read so far, as a tree that only ever grows, and how it looked after any chunk.

    Node   an object or array        its members in order, each with the tick at which it became visible
    Rope   a text that still grows   its pieces, and its length at each tick

A tick is the number of a chunk. Nothing is ever taken out, so "the tree as it was at tick 7" needs no copy: it is
the tree and the number 7. A snapshot is such a pair in the clothes of the caller's type, and costs the same whatever
the tree's size. What it shows is made when somebody looks; what is closed is made once and shared by all snapshots.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Protocol

FOREVER = 1 << 62
"""A tick after every other."""

UNSET: Any = object()


class Shape(Protocol):
    """How a node is dressed."""

    def show(self, node: Node, tick: int) -> Any:
        """The value as it was at a tick, while it was open."""

    def whole(self, node: Node) -> Any:
        """The value once it is closed."""


class Node:
    """An object or array. `names` is parallel to `values`; in an array they are None."""

    __slots__ = ("born", "closed", "final", "names", "shape", "values")

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.names: list[Any] = []
        self.values: list[Any] = []
        self.born: list[int] = []
        self.closed: int | None = None
        self.final: Any = UNSET

    def add(self, name: Any, value: Any, tick: int) -> None:
        self.names.append(name)
        self.values.append(value)
        self.born.append(tick)

    def count(self, tick: int) -> int:
        """How many members were visible."""
        born = self.born
        return len(born) if not born or born[-1] <= tick else bisect_right(born, tick)

    def at(self, tick: int) -> Any:
        if self.closed is None or tick < self.closed:
            return self.shape.show(self, tick)
        if self.final is UNSET:
            self.final = self.shape.whole(self)
        return self.final

    def pairs(self, tick: int) -> Iterator[tuple[Any, Any]]:
        """The visible members by name, as they were."""
        for index in range(self.count(tick)):
            yield self.names[index], resolved(self.values[index], tick)


class Rope:
    """A text that grows. `final` differs from the text where its validators say so."""

    __slots__ = ("_pieces", "_text", "closed", "ends", "final", "ticks")

    def __init__(self, tick: int) -> None:
        self._pieces: list[str] = []
        self._text = ""
        self.ends = [0]
        self.ticks = [tick]
        self.closed: int | None = None
        self.final: Any = UNSET

    def grow(self, piece: str, tick: int) -> None:
        self._pieces.append(piece)
        end = self.ends[-1] + len(piece)
        if self.ticks[-1] == tick:
            self.ends[-1] = end
        else:
            self.ends.append(end)
            self.ticks.append(tick)

    @property
    def text(self) -> str:
        """All of it. The pieces are joined once, by whoever looks."""
        if self._pieces:
            self._text = "".join((self._text, *self._pieces))
            self._pieces.clear()
        return self._text

    def at(self, tick: int) -> Any:
        if self.closed is not None and tick >= self.closed and self.final is not UNSET:
            return self.final
        end = self.ends[bisect_right(self.ticks, tick) - 1]
        text = self.text
        return text if end == len(text) else text[:end]


def resolved(value: Any, tick: int) -> Any:
    """A member's value as it was at a tick."""
    return value.at(tick) if isinstance(value, Node | Rope) else value
