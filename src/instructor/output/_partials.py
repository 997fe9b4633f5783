"""Partial classes: a caller's model or dataclass, every field of which may still be missing.

    class User(BaseModel)   ──▶   class PartialUser(GrowingModel, User)     isinstance(snapshot, User) holds
    @dataclass class Point  ──▶   class PartialPoint(GrowingData, Point)

One is made per class. An instance holds a node of the tree and a tick, nothing else. A field is read off the tree when
somebody looks at it, and stays; `__dict__` is a property that reads them all, so that whatever looks there (`repr`,
`==`, copies, pydantic's serializer) sees plain values. A field that has not come is None; once the object is closed, it
has its default. No validator, computed field or serializer of the class runs on an instance: they are written for
whole objects.
"""

from __future__ import annotations

import copy
import dataclasses
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from ._tree import FOREVER, Node, resolved
from ._views import dumped_as

Defaults = Mapping[str, Callable[[], Any]]
"""Field names, in order, and what makes the default of each."""

_SEEN = "__growing__"
_DICT: Any = vars(BaseModel)["__dict__"]
_UNWANTED = (
    "validators field_validators root_validators model_validators field_serializers model_serializers computed_fields"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Sight:
    """What an instance shows."""

    node: Node
    tick: int
    defaults: Defaults

    def field(self, name: str) -> Any:
        """A field as it was: None where it had not come."""
        names, last = self.node.names, self.node.count(self.tick) - 1
        for index in range(last, -1, -1):
            if names[index] == name:
                return resolved(self.node.values[index], self.tick)
        return self.defaults[name]() if self._whole else None

    def fields(self) -> dict[str, Any]:
        came = dict(self.node.pairs(self.tick))
        missing = self.defaults if self._whole else {}
        return {
            name: came[name] if name in came else missing[name]() if name in missing else None for name in self.defaults
        }

    def extra(self) -> dict[str, Any]:
        """Members under keys that the class does not know. Their names are tuples."""
        return {name[0]: value for name, value in self.node.pairs(self.tick) if isinstance(name, tuple)}

    def came(self) -> set[str]:
        names = self.node.names[: self.node.count(self.tick)]
        return {name[0] if isinstance(name, tuple) else name for name in names}

    @property
    def _whole(self) -> bool:
        return self.node.closed is not None and self.tick >= self.node.closed


class _Growing:
    __slots__ = ()
    __whole__: type[Any]
    """The caller's class."""

    # What a caller's class does when a class is derived from it (registries, required arguments) is not meant for these.
    def __init_subclass__(cls, **_: Any) -> None: ...
    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None: ...


def _values(self: Any) -> dict[str, Any]:
    """All fields, read off the tree where that has not been done."""
    held: dict[str, Any] = _DICT.__get__(self)
    sight: Sight | None = getattr(self, _SEEN, None)
    if sight is not None and not held.keys() >= sight.defaults.keys():
        known = dict(held)
        held.clear()
        held.update({**sight.fields(), **known})
    return held


def _private(self: Any, _sight: Sight) -> dict[str, Any] | None:
    return {name: private.get_default() for name, private in type(self).__private_attributes__.items()} or None


_STATE: Mapping[str, Callable[[Any, Sight], Any]] = {
    "__pydantic_fields_set__": lambda _self, sight: sight.came(),
    "__pydantic_extra__": lambda self, sight: sight.extra() if _keeps_extra(self) else None,
    "__pydantic_private__": _private,
}
"""What pydantic keeps beside the fields of a model."""


def _keeps_extra(model: Any) -> bool:
    return bool(type(model).model_config.get("extra") == "allow")


def _extra(model: Any) -> dict[str, Any]:
    return model.__pydantic_extra__ or {}


class GrowingModel(_Growing):
    """What makes a model partial."""

    __slots__ = ()
    __dict__: Any = property(_values, _DICT.__set__)

    def __getattr__(self, name: str) -> Any:
        sight: Sight | None = None if name == _SEEN else getattr(self, _SEEN, None)
        if sight is not None and name in sight.defaults:
            value = _DICT.__get__(self)[name] = sight.field(name)
            return value
        if sight is not None and name in _STATE:
            value = _STATE[name](self, sight)
            object.__setattr__(self, name, value)
            return value
        return super().__getattr__(name)  # type: ignore[misc]  # pydantic's, which it hides from type checkers

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, self.__whole__):
            return NotImplemented
        return bool(vars(self) == vars(other) and _extra(self) == _extra(other))

    def __reduce__(self) -> tuple[Any, ...]:
        return _revived, (self.__whole__, {**vars(self), **_extra(self)})


class GrowingData(_Growing):
    """What makes a dataclass partial. Its fields are `_Late`, because a default would stand in the class."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, self.__whole__):
            return NotImplemented
        return _as_dict(self) == _as_dict(other)

    def __reduce__(self) -> tuple[Any, ...]:
        return _revived, (self.__whole__, _as_dict(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return _revived(self.__whole__, copy.deepcopy(_as_dict(self), memo))


class _Late:
    """A field of a dataclass, read off the tree when it is first looked at."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        if instance is None:
            return self
        sight: Sight | None = getattr(instance, _SEEN, None)
        value = instance.__dict__[self._name] = None if sight is None else sight.field(self._name)
        return value


def _as_dict(instance: Any) -> dict[str, Any]:
    return {field.name: getattr(instance, field.name) for field in dataclasses.fields(instance)}


def _revived(whole: type[Any], values: dict[str, Any]) -> Any:
    """A partial instance with these values, no longer tied to a tree."""
    node = Node(_ALONE)
    for name, value in values.items():
        node.add(name, value, 0)
    return shown(partial_class(whole) or whole, Sight(node, FOREVER, dict.fromkeys(field_names(whole), _none)))


def _none() -> None:
    return None


class _Alone:
    """The shape of a node that no tree holds."""

    def show(self, node: Node, tick: int) -> Any:
        return dict(node.pairs(tick))

    def whole(self, node: Node) -> Any:
        return self.show(node, FOREVER)


_ALONE = _Alone()


# ── making ───────────────────────────────────────────────────────────────────────────────────────


def shown(partial: type[Any], sight: Sight) -> Any:
    """An instance of a partial class."""
    instance: Any = object.__new__(partial)
    object.__setattr__(instance, _SEEN, sight)
    return instance


def field_names(whole: type[Any]) -> tuple[str, ...]:
    if issubclass(whole, BaseModel):
        return tuple(whole.model_fields)
    return tuple(field.name for field in dataclasses.fields(whole))


@lru_cache(1024)
def _partial(whole: Any) -> type[Any] | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about names of fields: the caller's class has given rise to them already
        try:
            return _partial_model(whole) if issubclass(whole, BaseModel) else _partial_data(whole)
        except Exception:  # a caller's metaclass or __init_subclass__ may refuse: it is shown when it is complete
            return None


def partial_class(whole: Any) -> type[Any] | None:
    """The partial class of a model or dataclass; None where nothing can be derived from it."""
    return _partial(whole)


def _partial_model(whole: type[BaseModel]) -> type[Any]:
    fields = whole.model_fields
    body = {
        **_body(whole),
        "__slots__": (_SEEN,),
        "__annotations__": dict.fromkeys(fields, Any),
        "model_config": {**whole.model_config, "defer_build": True, "use_attribute_docstrings": False},
        **{name: _optional(field) for name, field in fields.items()},
    }
    metaclass: Any = type(whole)
    made: type[Any] = metaclass(f"Partial{whole.__name__}", (GrowingModel, whole), body)
    for kind in _UNWANTED.split():
        getattr(made.__pydantic_decorators__, kind).clear()
    made.model_rebuild(force=True)
    return made


def _optional(field: FieldInfo) -> Any:
    """The field, of any type and with None for a default. Its names in JSON stay."""
    return Field(
        None,
        alias=field.alias,
        validation_alias=field.validation_alias,
        serialization_alias=field.serialization_alias,
        exclude=field.exclude,
        repr=field.repr,
        description=field.description,
    )


def _partial_data(whole: type[Any]) -> type[Any]:
    slots = (_SEEN,) if "__dict__" in dir(whole) else (_SEEN, "__dict__")
    late = {field.name: _Late(field.name) for field in dataclasses.fields(whole)}
    body = {**_body(whole), "__slots__": slots, **late, "__pydantic_serializer__": dumped_as(_as_dict)}
    metaclass: Any = type(whole)
    made: type[Any] = metaclass(f"Partial{whole.__name__}", (GrowingData, whole), body)
    return made


def _body(whole: type[Any]) -> dict[str, Any]:
    return {
        "__module__": whole.__module__,
        "__qualname__": f"Partial{whole.__qualname__}",
        "__doc__": whole.__doc__,
        "__whole__": whole,
        "__hash__": None,
    }
