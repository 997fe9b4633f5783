"""A list of T under the name that existing code uses. New code writes `list[T]`, or `Iterable[T]`."""

from __future__ import annotations

from types import GenericAlias
from typing import Any, TypeVar

T = TypeVar("T")


class _IterableModel:
    """`IterableModel(User)` and `IterableModel[User]` are `list[User]`.

    `create` gives the list, `create_iterable` and `create(..., stream=True)` its elements as each is complete.
    """

    def __call__(self, subtask_class: type[T]) -> type[list[T]]:
        return _list_of(subtask_class)

    def __getitem__(self, subtask_class: type[T]) -> type[list[T]]:
        return _list_of(subtask_class)

    def __repr__(self) -> str:
        return "IterableModel"


def _list_of(form: type[T]) -> type[list[T]]:
    made: Any = GenericAlias(list, (form,))
    listed: type[list[T]] = made
    return listed


IterableModel = _IterableModel()
