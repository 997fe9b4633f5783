"""Lists and mappings that still grow, as a snapshot shows them: immutable, equal to the list or dict of their contents.

Grown          what of an array was there; costs the same however long it is, and an element when it is looked at
GrownMapping   what of an object was there; a dict is made when somebody looks
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, SupportsIndex, TypeVar, overload

from pydantic_core import SchemaSerializer, core_schema

from ._tree import FOREVER, UNSET, Node, resolved

T = TypeVar("T")


def dumped_as(plain: Callable[[Any], Any]) -> SchemaSerializer:
    """The serializer of a type that pydantic dumps as what `plain` makes of it."""
    as_plain = core_schema.plain_serializer_function_ser_schema(plain, return_schema=core_schema.any_schema())
    return SchemaSerializer(core_schema.any_schema(serialization=as_plain))


class Grown(Sequence[T]):
    """The elements that a growing list had at a time. The last may have been growing itself."""

    __slots__ = ("_count", "_last", "_node", "_tick")
    __pydantic_serializer__ = dumped_as(list)

    def __init__(self, node: Node, tick: int) -> None:
        self._node = node
        self._tick = tick
        self._count = node.count(tick)
        self._last: Any = UNSET

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: SupportsIndex) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self._element(at) for at in range(*index.indices(self._count))]
        at = index.__index__()
        at = at + self._count if at < 0 else at
        if not 0 <= at < self._count:
            raise IndexError("list index out of range")
        return self._element(at)

    def __iter__(self) -> Iterator[T]:
        return map(self._element, range(self._count))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, list | Grown):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    def __add__(self, other: list[T] | Grown[T]) -> list[T]:
        return [*self, *other]

    def __repr__(self) -> str:
        return repr(list(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)

    def _element(self, at: int) -> T:
        found: T
        value: Any = self._node.values[at]
        if not isinstance(value, Node):
            found = resolved(value, self._tick)
            return found
        if at < self._count - 1:  # closed, or the next would not be there
            found = value.at(FOREVER)
            return found
        if self._last is UNSET:
            self._last = value.at(self._tick)
        found = self._last
        return found


class GrownMapping(Mapping[str, T]):
    """The members that a growing object had at a time."""

    __slots__ = ("_found", "_node", "_tick")
    __pydantic_serializer__ = dumped_as(dict)

    def __init__(self, node: Node, tick: int) -> None:
        self._node = node
        self._tick = tick
        self._found: dict[str, T] | None = None

    @property
    def _members(self) -> dict[str, T]:
        if self._found is None:
            self._found = dict(self._node.pairs(self._tick))
        return self._found

    def __getitem__(self, key: str) -> T:
        return self._members[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __eq__(self, other: object) -> bool:
        return self._members == dict(other) if isinstance(other, Mapping) else NotImplemented

    def __or__(self, other: Mapping[str, T]) -> dict[str, T]:
        return {**self._members, **other}

    def __repr__(self) -> str:
        return repr(self._members)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self._members),)
