"""`dataclass` as the standard library has it, for a fraction of what it costs while a program starts.

    @dataclass(frozen=True, slots=True) ─▶ fields noted, methods shared ─▶ (first object) ─▶ __init__ compiled

The standard decorator compiles up to seven functions for each class, half a millisecond of every start, most of it for
classes that a program never makes an object of. Here one is compiled, with the first object; the others are closures. `fields`,
`replace`, `asdict`, `is_dataclass`, patterns, copies and pickles are as ever, and so are subclasses that are dataclasses of the
standard library's. To type checkers it is the standard decorator.

Not here, because nobody here needs it: `order`, `unsafe_hash`, `init=False` of a class, and `InitVar`.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
else:

    def replace(value, /, **changes):
        """The value with other fields; as that of the standard library, at a quarter of its cost."""
        own = vars(type(value)).get("__replace__")
        return dataclasses.replace(value, **changes) if own is None else own(value, **changes)

    def dataclass(cls=None, /, **params):
        """The class as a dataclass, `frozen`, with `slots`, without `eq`, `kw_only`, as it is told."""
        return _made(cls, **params) if cls is not None else lambda cls: _made(cls, **params)


class Later:
    """A value that is made when it is first looked at."""

    __slots__ = ("_make", "_value")

    _value: Any

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @staticmethod
    def seen(value: Any) -> Any:
        """The value itself, if it is one of these."""
        if not isinstance(value, Later):
            return value
        if not hasattr(value, "_value"):
            value._value = value._make()
        return value._value


class _Factory:
    """In signatures, the default that is made anew for each object."""

    def __repr__(self) -> str:
        return "<factory>"


_NEW = _Factory()


@dataclasses.dataclass
class _Probe:
    """Any dataclass of the standard library's."""

    field: int


(_probe,) = dataclasses.fields(_Probe)
_PLAIN: Any = _probe._field_type  # type: ignore[attr-defined]
"""What `dataclasses.fields` tells fields of objects by from those of classes. The module has no public name for it."""


class _Params:
    """`__dataclass_params__`, which the standard decorator asks base classes for."""

    def __init__(self, **params: bool) -> None:
        usual = {"init": True, "repr": True, "order": False, "unsafe_hash": False, "match_args": True}
        self.__dict__.update(usual, weakref_slot=False, **params)


def _made(cls: type, *, frozen: bool = False, slots: bool = False, eq: bool = True, kw_only: bool = False) -> type:
    own = _own_fields(cls, kw_only)
    fields = {name: field for base in cls.__mro__[:0:-1] for name, field in _fields_of(base).items()} | own
    inherited = {name for base in cls.__mro__[1:] for name in _slots_of(base)}
    if slots:
        cls = _slotted(cls, own, inherited)
    else:
        for name, field in own.items():
            _set_default(cls, name, field)
    more: dict[str, Any] = {
        "__dataclass_fields__": fields,
        "__dataclass_params__": _Params(frozen=frozen, slots=slots, eq=eq, kw_only=kw_only),
        "__match_args__": tuple(name for name, field in fields.items() if field.init and not field.kw_only),
        "__init__": _at_first(cls, tuple(fields.values()), frozen),
        "__signature__": _Signature(),
        "__replace__": _replacing(cls, tuple(field for field in fields.values() if field.init)),
        "__repr__": _repr(tuple(name for name, field in fields.items() if field.repr)),
    }
    if eq:
        values = _reader(tuple(name for name, field in fields.items() if field.compare))
        more["__eq__"] = _eq(values)
        more["__hash__"] = _hash(values) if frozen else None
    if frozen:
        more["__setattr__"], more["__delattr__"] = _refusing(cls, frozenset(fields))
        if slots:
            more["__getstate__"], more["__setstate__"] = _state(tuple(fields))
    given = vars(cls)
    for name, value in more.items():
        # A class with its own __eq__ has __hash__ = None from Python itself, which is nobody's word.
        if name not in given or (name == "__hash__" and given[name] is None and "__eq__" in more):
            setattr(cls, name, value)
    if cls.__doc__ is None:
        cls.__doc__ = cls.__name__
    return cls


def _own_fields(cls: type, kw_only: bool) -> dict[str, Any]:
    """What the class's own annotations name. All modules here have annotations as text."""
    own: dict[str, Any] = {}
    given = vars(cls)
    for name, annotation in cls.__annotations__.items():
        if annotation.startswith("ClassVar"):
            continue
        default = given.get(name, dataclasses.MISSING)
        field: Any = default if isinstance(default, dataclasses.Field) else dataclasses.field(default=default)
        field.name, field.type, field._field_type = name, annotation, _PLAIN
        if field.kw_only is dataclasses.MISSING:
            field.kw_only = kw_only
        own[name] = field
    return own


def _fields_of(base: type) -> dict[str, Any]:
    found: dict[str, Any] = vars(base).get("__dataclass_fields__", {})
    return {name: field for name, field in found.items() if field._field_type is _PLAIN}


def _slots_of(base: type) -> tuple[str, ...]:
    slots = vars(base).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _slotted(cls: type, own: dict[str, Any], inherited: set[str]) -> type:
    """The class anew, because slots cannot be added to one."""
    left_out = {"__dict__", "__weakref__", *own}
    space = {name: value for name, value in vars(cls).items() if name not in left_out}
    space["__slots__"] = tuple(name for name in own if name not in inherited)
    made = type(cls)(cls.__name__, cls.__bases__, space)
    made.__qualname__ = cls.__qualname__
    return made


def _set_default(cls: type, name: str, field: Any) -> None:
    if field.default is not dataclasses.MISSING:
        setattr(cls, name, field.default)
    elif name in vars(cls):
        delattr(cls, name)


# ── the methods ──────────────────────────────────────────────────────────────────────────────────


class _Signature:
    """What `inspect` and `help` say that a class takes, whose `__init__` may not have been compiled yet."""

    def __get__(self, instance: object, owner: Any) -> Any:
        if instance is not None:
            raise AttributeError("__signature__")
        import inspect

        getattr(owner.__init__, "compiled", lambda: None)()
        whole = inspect.signature(owner.__init__)
        return whole.replace(parameters=tuple(whole.parameters.values())[1:])


def _at_first(cls: type, fields: tuple[Any, ...], frozen: bool) -> Any:
    """An `__init__` that compiles the real one, which takes its place."""

    def compiled() -> Any:
        cls.__init__ = made = _init(cls, fields, frozen)  # type: ignore[misc]
        return made

    def first(self: Any, /, *args: Any, **kwargs: Any) -> None:
        compiled()(self, *args, **kwargs)

    first.compiled = compiled  # type: ignore[attr-defined]
    return first


def _init(cls: type, fields: tuple[Any, ...], frozen: bool) -> Any:
    """An `__init__` that writes each field through its slot: half the time of `object.__setattr__`."""
    known: dict[str, Any] = {"_NEW": _NEW, "_set": object.__setattr__}
    plain, keyed, lines = ["self"], ["*"], list[str]()
    for i, field in enumerate(fields):
        name = field.name
        given = name
        if field.default_factory is not dataclasses.MISSING:
            known[f"_made{i}"] = field.default_factory
            default, given = "=_NEW", f"_made{i}() if {name} is _NEW else {name}"
            if not field.init:
                given = f"_made{i}()"
        elif field.default is not dataclasses.MISSING:
            known[f"_default{i}"] = field.default
            default = f"=_default{i}"
            if not field.init:
                given = f"_default{i}"
        elif field.init:
            default = ""
        else:
            continue
        if field.init:
            (keyed if field.kw_only else plain).append(f"{name}{default}")
        slot = getattr(getattr(cls, name, None), "__set__", None)
        if not frozen:
            lines.append(f" self.{name} = {given}")
        elif slot is not None:
            known[f"_set{i}"] = slot
            lines.append(f" _set{i}(self, {given})")
        else:
            lines.append(f" _set(self, {name!r}, {given})")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    parameters = ", ".join(plain + (keyed if len(keyed) > 1 else []))
    exec("\n".join([f"def __init__({parameters}):", *(lines or [" pass"])]), known)
    made = known["__init__"]
    made.__qualname__, made.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    made.__annotations__ = {field.name: field.type for field in fields if field.init} | {"return": None}
    return made


def _replacing(cls: type, fields: tuple[Any, ...]) -> Any:
    """A `__replace__`, as Python 3.13 calls it, that is compiled when it is first wanted."""

    def first(self: Any, /, **changes: Any) -> Any:
        given = ", ".join([f"{field.name}=_KEPT" for field in fields])
        now = [f"self.{field.name} if {field.name} is _KEPT else {field.name}" for field in fields]
        passed = [f"{field.name}={it}" if field.kw_only else it for field, it in zip(fields, now, strict=True)]
        passed.sort(key=lambda it: "=" in it.partition(" ")[0])
        known: dict[str, Any] = {"_KEPT": object()}
        parameters = f"self, /, *, {given}" if given else "self, /"
        exec(f"def __replace__({parameters}):\n return self.__class__({', '.join(passed)})", known)
        cls.__replace__ = known["__replace__"]  # type: ignore[attr-defined]
        return known["__replace__"](self, **changes)

    return first


def _reader(names: tuple[str, ...]) -> Any:
    return attrgetter(*names) if names else lambda _: ()


def _repr(names: tuple[str, ...]) -> Any:
    def shown(self: Any) -> str:
        values = ", ".join([f"{name}={getattr(self, name)!r}" for name in names])
        return f"{type(self).__qualname__}({values})"

    return shown


def _eq(values: Any) -> Any:
    def equal(self: Any, other: Any) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return equal


def _hash(values: Any) -> Any:
    def hashed(self: Any) -> int:
        return hash(values(self))

    return hashed


def _refusing(cls: Any, names: frozenset[str]) -> tuple[Any, Any]:
    def assign(self: Any, name: str, value: Any) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def delete(self: Any, name: str) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return assign, delete


def _state(names: tuple[str, ...]) -> tuple[Any, Any]:
    def kept(self: Any) -> list[Any]:
        return [getattr(self, name) for name in names]

    def restore(self: Any, state: list[Any]) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return kept, restore
