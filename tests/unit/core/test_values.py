"""Our `dataclass` is the standard library's, but for what it costs: the same classes are made with both."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import sys
from collections.abc import Callable
from dataclasses import field
from types import ModuleType
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from instructor import values

T = TypeVar("T")
Make = Callable[..., Any]

BOTH = pytest.mark.parametrize("make", [dataclasses.dataclass, values.dataclass], ids=["standard", "ours"])


def frozen(make: Make) -> Any:
    @make(frozen=True, slots=True)
    class Point:
        """A point."""

        ORIGIN: ClassVar[str] = "0,0"
        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list, compare=False)
        note: str = field(default="-", repr=False)
        length: float = field(init=False, default=0.0)

        def __post_init__(self) -> None:
            object.__setattr__(self, "length", float(self.x + self.y))

    return Point


def open_one(make: Make) -> Any:
    @make(slots=True)
    class Count:
        n: int = 0
        held: list[int] = field(default_factory=list)

    return Count


@BOTH
def test_making(make: Make) -> None:
    point_of: Any = frozen(make)
    point = point_of(1, tags=["a"])
    assert (point.x, point.y, point.tags, point.note, point.length) == (1, 2, ["a"], "-", 3.0)
    assert repr(point).endswith("Point(x=1, y=2, tags=['a'], length=3.0)")
    assert point_of.ORIGIN == "0,0"
    assert point_of(1).tags is not point_of(1).tags
    assert not hasattr(point, "__dict__")
    for wrong in ((), (1, 2, [], "-", 3.0)):
        with pytest.raises(TypeError):
            point_of(*wrong)
    with pytest.raises(TypeError):
        point_of(1, z=1)


@BOTH
def test_equality_and_hashes(make: Make) -> None:
    point_of, count_of = frozen(make), open_one(make)
    assert point_of(1, tags=["a"]) == point_of(1)
    assert hash(point_of(1, tags=["a"])) == hash(point_of(1))
    assert point_of(1) != point_of(2)
    assert point_of(1) != (1, 2)
    assert count_of(1) == count_of(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(count_of(1))

    @make(frozen=True, slots=True, eq=False)
    class Same:
        x: int

    assert Same(1) != Same(1)
    assert len({Same(1), Same(1)}) == 2


@BOTH
def test_frozen_and_not(make: Make) -> None:
    point, count = frozen(make)(1), open_one(make)()
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x
    with pytest.raises((AttributeError, TypeError)):
        point.other = 2
    count.n += 1
    assert count.n == 1


@BOTH
def test_what_the_module_dataclasses_has_for_them(make: Make) -> None:
    point_of: Any = frozen(make)
    point = point_of(1)
    assert dataclasses.is_dataclass(frozen(make))
    assert [one.name for one in dataclasses.fields(point)] == ["x", "y", "tags", "note", "length"]
    assert dataclasses.replace(point, y=5).length == 6.0
    assert values.replace(point, y=5) == dataclasses.replace(point, y=5)
    assert values.replace(point, y=5).tags is point.tags
    with pytest.raises(TypeError):
        values.replace(point, z=5)
    assert dataclasses.asdict(point) == {"x": 1, "y": 2, "tags": [], "note": "-", "length": 3.0}
    match point:
        case point_of(1, y):
            assert y == 2
        case _:
            raise AssertionError


@BOTH
def test_copies(make: Make) -> None:
    point = frozen(make)(1, tags=["a"])
    assert copy.copy(point) == point
    assert copy.copy(point).tags is point.tags
    assert copy.deepcopy(point) == point
    assert copy.deepcopy(point).tags is not point.tags


@BOTH
def test_signatures_before_the_first_object(make: Make) -> None:
    told = inspect.signature(frozen(make))
    assert list(told.parameters) == ["x", "y", "tags", "note"]
    assert str(told) == "(x: 'int', y: 'int' = 2, tags: 'list[str]' = <factory>, note: 'str' = '-') -> None"


@BOTH
@pytest.mark.parametrize("extend", [dataclasses.dataclass, values.dataclass], ids=["standard", "ours"])
def test_subclasses(make: Make, extend: Make) -> None:
    point_of: Any = frozen(make)

    @extend(frozen=True, slots=True, kw_only=True)
    class Named(point_of):  # type: ignore[misc]
        name: str
        z: int = 3

    named = Named(1, name="a")
    assert (named.x, named.y, named.name, named.z, named.length) == (1, 2, "a", 3, 3.0)
    assert Named.__match_args__ == ("x", "y", "tags", "note")
    assert values.replace(named, z=4) == Named(1, name="a", z=4)
    assert named != point_of(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        named.x = 2
    with pytest.raises(TypeError):
        Named(1, "a")


@BOTH
def test_generic_ones(make: Make) -> None:
    @make(frozen=True, slots=True)
    class Box(Generic[T]):
        item: T

    assert Box(1) == Box(1)


@BOTH
def test_own_methods_stay(make: Make) -> None:
    @make(frozen=True, slots=True)
    class Quiet:
        secret: str

        def __repr__(self) -> str:
            return "Quiet"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Quiet)

    assert repr(Quiet("s")) == "Quiet"
    assert Quiet("a") == Quiet("b")


@BOTH
def test_pickles(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("somewhere")
    monkeypatch.setitem(sys.modules, "somewhere", module)
    point_of: Any = frozen(make)
    point_of.__module__, point_of.__qualname__, module.Point = "somewhere", "Point", point_of  # type: ignore[attr-defined]
    data = pickle.dumps(point_of(1, tags=["a"]))
    monkeypatch.setattr(module, "Point", point_of)
    again = pickle.loads(data)
    assert (again, again.tags) == (point_of(1), ["a"])


def test_pickles_of_a_class_that_has_made_no_object_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("somewhere")
    monkeypatch.setitem(sys.modules, "somewhere", module)
    first, second = frozen(values.dataclass), frozen(values.dataclass)
    for cls in (first, second):
        cls.__module__, cls.__qualname__ = "somewhere", "Point"
    module.Point = first  # type: ignore[attr-defined]
    data = pickle.dumps(first(1))
    module.Point = second  # type: ignore[attr-defined]
    again = pickle.loads(data)
    assert type(again) is second
    assert again == second(1)
