"""Asynchronous validators, and validators that call out: what types have of them, and the flow that awaits them."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

import pytest
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    ValidationError,
    ValidationInfo,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from instructor.effects import Await, Together
from instructor.errors import ConfigurationError, ParseError, ResponseModelError
from instructor.output import (
    AsyncValidationContext,
    Items,
    Snapshots,
    async_field_validator,
    async_model_validator,
    calls_out,
    confirmed,
    problems,
    target,
)

T = TypeVar("T")


def confirm(value: Any, context: Any = None) -> Any:
    """What the flow makes of it, its coroutines awaited one after the other."""
    return _driven(confirmed(value, "Test", context))


def _driven(flow: Any) -> Any:
    step: Callable[[], Any] = flow.__next__
    while True:
        try:
            effect = step()
        except StopIteration as end:
            return end.value
        try:
            match effect:
                case Await(start):
                    answer: Any = asyncio.run(_awaited(start))
                case Together(flows):
                    answer = [_driven(one) for one in flows]
                case _:
                    raise AssertionError(effect)
        except Exception as error:
            step = partial(flow.throw, error)
        else:
            step = partial(flow.send, answer)


async def _awaited(start: Callable[[], Any]) -> Any:
    return await start()


class Item(BaseModel):
    sku: str
    count: int = 1

    @async_field_validator("sku")
    @classmethod
    async def known(cls, sku: str) -> str:
        if sku == "x":
            raise ValueError("unknown sku")
        return sku.upper()


class Order(BaseModel):
    items: list[Item] = Field(alias="lines")
    note: str = ""

    @async_model_validator()
    async def reasonable(self) -> None:
        if sum(item.count for item in self.items) > 9:
            raise ValueError("too many")


def wrong(value: Any, **options: Any) -> list[tuple[Any, str]]:
    with pytest.raises(ValidationError) as caught:
        confirm(value, **options)
    return [(row["loc"], row["msg"]) for row in caught.value.errors()]


# ── what they do ─────────────────────────────────────────────────────────────────────────────────


def test_what_a_field_s_validator_returns_takes_its_place() -> None:
    assert confirm(Item(sku="a")) == Item(sku="A")


def test_errors_say_where_in_the_answer() -> None:
    order = Order(lines=[Item(sku="a"), Item(sku="x"), Item(sku="x")])
    assert wrong(order) == [
        (("lines", 1, "sku"), "Value error, unknown sku"),
        (("lines", 2, "sku"), "Value error, unknown sku"),
    ]
    answer = '{"lines": [{"sku": "a"}, {"sku": "x"}]}'
    with pytest.raises(ValidationError) as caught:
        confirm(Order.model_validate_json(answer))
    assert problems(caught.value, answer=answer) == ('unknown sku (got "x") @ $.lines[1].sku',)


def test_a_whole_object_is_judged_only_where_nothing_within_failed() -> None:
    assert wrong(Order(lines=[Item(sku="a", count=10)])) == [((), "Value error, too many")]
    assert wrong(Order(lines=[Item(sku="x", count=10)])) == [(("lines", 0, "sku"), "Value error, unknown sku")]


def test_objects_are_found_wherever_they_are() -> None:
    class Box(BaseModel, Generic[T]):
        held: T

    class Root(RootModel[list[Item]]):
        pass

    class Pair(NamedTuple):
        left: Item
        right: int

    @dataclasses.dataclass
    class Shelf:
        item: Item

    item, done = Item(sku="a"), Item(sku="A")
    shapes: list[Callable[[Item], Any]] = [
        lambda it: [it],
        lambda it: (1, it),
        lambda it: {"k": [it]},
        lambda it: Box[Item](held=it),
        lambda it: Box[tuple[Item, ...]](held=(it,)),
        lambda it: Root([it]),
        lambda it: Pair(it, 1),
        lambda it: Shelf(it),
    ]
    for shape in shapes:
        assert confirm(shape(item.model_copy())) == shape(done), shape(done)
        assert wrong(shape(Item(sku="x")))[0][1] == "Value error, unknown sku", shape(done)


def test_what_stands_where_in_json() -> None:
    class Aliased(BaseModel):
        model_config = ConfigDict(populate_by_name=True)
        a: str = Field(validation_alias=AliasChoices("first", "second"))
        b: str = Field(validation_alias=AliasPath("deep", "er"))

        @async_field_validator("a", "b")
        @classmethod
        async def never(cls, value: str) -> str:
            raise AssertionError("never")

    assert [loc for loc, _ in wrong(Aliased(a="", b=""))] == [("first",), ("deep", "er")]

    class Root(RootModel[list[Item]]):
        pass

    assert wrong(Root([Item(sku="x")]))[0][0] == (0, "sku")


def test_dataclasses_have_them_too() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Point:
        x: int

        @async_field_validator("x")
        @classmethod
        async def twice(cls, x: int) -> int:
            return 2 * x

    assert confirm([Point(2)]) == [Point(4)]
    assert target(list[Point]).awaits


def test_a_frozen_model_is_rewritten_before_anybody_has_it() -> None:
    class Frozen(BaseModel):
        model_config = ConfigDict(frozen=True)
        x: int

        @async_field_validator("x")
        @classmethod
        async def twice(cls, x: int) -> int:
            return 2 * x

    assert confirm((Frozen(x=1), {Frozen(x=3)})) == (Frozen(x=2), {Frozen(x=6)})


def test_a_whole_object_may_be_replaced() -> None:
    class One(BaseModel):
        x: int

        @async_model_validator()
        async def next(self) -> One:
            return One(x=self.x + 1)

        @async_model_validator()
        async def twice(self) -> One:
            return One(x=self.x * 2)

    class Two(BaseModel):
        ones: tuple[One, ...]

        @async_model_validator()
        async def sees_what_it_holds(self) -> None:
            assert [one.x for one in self.ones] == [4, 6]

    assert confirm(One(x=1)) == One(x=4)
    assert confirm(Two(ones=(One(x=1), One(x=2)))).ones == (One(x=4), One(x=6))


def test_several_of_one_field_run_in_their_order() -> None:
    class Chained(BaseModel):
        x: str

        @async_field_validator("x")
        @classmethod
        async def first(cls, x: str) -> str:
            if not x:
                raise ValueError("empty")
            return f"{x}1"

        @async_field_validator("x")
        @classmethod
        async def second(cls, x: str) -> str:
            return f"{x}2"

    assert confirm(Chained(x="0")).x == "012"
    assert wrong(Chained(x="")) == [(("x",), "Value error, empty")], "the second does not judge what the first refused"


def test_a_subclass_inherits_and_overrides() -> None:
    class Kept(Item):
        pass

    class Tamed(Item):
        @async_field_validator("sku")
        @classmethod
        async def known(cls, sku: str) -> str:
            return f"<{sku}>"

    class Freed(Item):
        known: ClassVar[Any] = None

    assert confirm(Kept(sku="a")).sku == "A"
    assert confirm(Tamed(sku="x")).sku == "<x>"
    assert confirm(Freed(sku="x")).sku == "x"


def test_they_are_told_of_the_context_and_the_other_fields() -> None:
    seen: list[AsyncValidationContext] = []

    class Asking(BaseModel):
        x: int
        y: int

        @async_field_validator("y")
        @classmethod
        async def field(cls, y: int, info: ValidationInfo) -> int:
            seen.append(info)  # type: ignore[arg-type]
            return y

        @async_model_validator()
        async def whole(self, info: AsyncValidationContext) -> None:
            seen.append(info)

    confirm(Asking(x=1, y=2), context={"k": 1})
    confirm(Asking(x=1, y=2))
    assert [(info.context, info.field_name, info.data) for info in seen] == [
        ({"k": 1}, "y", {"x": 1, "y": 2}),
        ({"k": 1}, None, {"x": 1, "y": 2}),
        ({}, "y", {"x": 1, "y": 2}),
        ({}, None, {"x": 1, "y": 2}),
    ]


def test_kinds_of_errors() -> None:
    class Judged(BaseModel):
        error: Any

        @async_field_validator("error")
        @classmethod
        async def fail(cls, error: Exception) -> None:
            raise error

    for error, said in (
        (ValueError("v"), "Value error, v"),
        (AssertionError("a"), "Assertion failed, a"),
        (PydanticCustomError("my_type", "n is {n}", {"n": 3}), "n is 3"),
    ):
        assert wrong(Judged(error=error)) == [(("error",), said)]
    for other in (ZeroDivisionError(), ConfigurationError("not the answer's fault"), ParseError("of a call within")):
        with pytest.raises(type(other)):
            confirm(Judged(error=other))


# ── which types have them ────────────────────────────────────────────────────────────────────────


class Cat(BaseModel):
    kind: Literal["cat"]
    item: Item


class Dog(BaseModel):
    kind: Literal["dog"]


class Tree(BaseModel):
    children: list[Tree] = []
    item: Item | None = None


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (Item, True),
        (list[Order], True),
        (dict[str, Item | None], True),
        (Annotated[Cat | Dog, Field(discriminator="kind")], True),
        (Tree, True),
        (Dog, False),
        (list[int], False),
        (str, False),
    ],
)
def test_types_that_have_some(form: Any, expected: bool) -> None:
    assert target(form).awaits is expected


def test_a_field_that_is_not_there_is_told() -> None:
    class Wrong(BaseModel):
        x: int

        @async_field_validator("y")
        @classmethod
        async def check(cls, y: int) -> int:
            return y

    with pytest.raises(ResponseModelError, match=r"Wrong.check validates 'y', which Wrong does not have"):
        _ = target(Wrong).awaits


def test_what_is_no_asynchronous_validator() -> None:
    def plain(cls: Any, value: Any) -> Any: ...

    async def short() -> Any: ...

    for method in (plain, short):
        with pytest.raises(ConfigurationError, match=r"is an `async def` method \(cls, value\) or"):
            async_field_validator("x")(method)
        with pytest.raises(ConfigurationError, match=r"is an `async def` method \(self\) or"):
            async_model_validator()(method)


# ── validators that call out ─────────────────────────────────────────────────────────────────────

asked: list[Any] = []


@calls_out
def outside(value: Any) -> Any:
    asked.append(value)
    if value == "bad":
        raise ValueError("somebody says no")
    return value


def wrapping(value: Any, handler: Any) -> Any:
    return outside(handler(value))


class Outside(BaseModel):
    text: Annotated[str, AfterValidator(outside)]
    count: int = 0
    early: Annotated[int, BeforeValidator(outside)] = 0
    wrapped: Annotated[str, WrapValidator(calls_out(wrapping))] = ""

    @field_validator("count")
    @classmethod
    @calls_out
    def inner(cls, count: int) -> int:
        return int(outside(count))

    @calls_out
    @field_validator("count")
    @classmethod
    def outer(cls, count: int) -> int:
        return int(outside(count))


class Whole(BaseModel):
    x: int

    @model_validator(mode="after")
    @calls_out
    def ask(self) -> Whole:
        return self


class Nest(BaseModel):
    inner: list[Outside]
    again: Nest | None = None


@pytest.mark.parametrize("form", [Outside, Whole, list[Whole], Nest, dict[str, Outside | int]])
def test_types_that_call_out(form: Any) -> None:
    assert target(form).calls_out
    assert not target(Item).calls_out


def test_marks_are_for_functions() -> None:
    with pytest.raises(ConfigurationError, match="calls_out marks functions, not builtin_function_or_method"):
        calls_out(len)


ANSWER = '{"inner": [{"text": "bad", "count": 3, "early": 4, "wrapped": "w"}], "again": {"inner": []}}'


def test_they_do_not_run_while_an_answer_grows() -> None:
    asked.clear()
    snapshots = Snapshots(target(Nest))
    shown = [snapshot for at in range(len(ANSWER)) if (snapshot := snapshots.feed(ANSWER[at])) is not None]
    assert asked == []
    (inner,) = shown[-1].inner
    assert (inner.text, inner.count, inner.early, inner.wrapped) == ("bad", 3, 4, "w"), "shown without them"
    assert [row.inner[0].text for row in shown if row.inner][:5] == [None, "", "b", "ba", "bad"]
    with pytest.raises(ValidationError, match="somebody says no"):
        snapshots.close()
    assert sorted(map(str, asked)) == ["3", "3", "4", "bad", "w"], "each once"


def test_an_element_is_judged_once_when_it_closes() -> None:
    asked.clear()
    items: Items[Any] = Items(target(list[Outside]))
    assert [one.text for one in items.feed('[{"text": "a"}, {"text": "b"}')] == ["a", "b"]
    assert items.feed("]") == []
    assert items.close() == []
    assert asked.count("a") == asked.count("b") == 1
