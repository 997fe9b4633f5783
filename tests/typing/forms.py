"""What every form of response_model comes back as, as type checkers see it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, TypedDict, TypeVar, Union, assert_type

from pydantic import BaseModel, Field

from instructor import AsyncInstructor, Instructor, Mode, Partial, RetryPolicy, ToolCall, ToolCalls

T = TypeVar("T")


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Box(BaseModel, Generic[T]):
    content: T


class Colour(Enum):
    RED = "red"


@dataclass
class Point:
    x: int


class Row(TypedDict):
    x: int


class Pair(NamedTuple):
    x: int
    y: str


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


def create(client: Instructor, model: type[Cat], unknown: Any) -> None:
    assert_type(client.create(Cat, "x"), Cat)
    assert_type(client.create(model, "x"), Cat)
    assert_type(client.create(response_model=Cat, model="m", messages=[], max_retries=RetryPolicy(1)), Cat)
    assert_type(client.create(Point, "x"), Point)
    assert_type(client.create(Row, "x"), Row)
    assert_type(client.create(Pair, "x"), Pair)
    assert_type(client.create(Box[int], "x"), Box[int])
    assert_type(client.create(Box[list[Cat]], "x").content, list[Cat])
    assert_type(client.create(list[Cat], "x"), list[Cat])
    assert_type(client.create(list[Cat | Dog], "x"), list[Cat | Dog])
    assert_type(client.create(tuple[int, str], "x"), tuple[int, str])
    assert_type(client.create(set[int], "x"), set[int])
    assert_type(client.create(dict[str, Cat], "x"), dict[str, Cat])
    assert_type(client.create(Iterable[Cat], "x"), Iterable[Cat])
    assert_type(client.create(Cat | Dog, "x"), Cat | Dog)
    assert_type(client.create(Union[Cat, Dog], "x"), Cat | Dog)  # noqa: UP007
    assert_type(client.create(Cat | None, "x"), Cat | None)
    assert_type(client.create(Optional[Cat], "x"), Cat | None)  # noqa: UP045
    assert_type(client.create(Pet, "x"), Cat | Dog)
    assert_type(client.create(Annotated[int, Field(gt=1)], "x"), int)
    assert_type(client.create(Literal["a", "b"], "x"), Literal["a", "b"])
    assert_type(client.create(Colour, "x"), Colour)
    assert_type(client.create(int, "x"), int)
    assert_type(client.create(float, "x"), float)
    assert_type(client.create(str, "x"), str)
    assert_type(client.create(bool, "x"), bool)
    assert_type(client.create(date, "x"), date)
    assert_type(client.create(Decimal, "x"), Decimal)
    assert_type(client.create(Partial[Cat], "x"), Cat)
    assert_type(client.create(None, "x"), Any)
    assert_type(client.create(messages="x"), Any)
    assert_type(client.create(unknown, "x"), Any)
    assert_type(client.chat.completions.create(Cat | None, "x"), Cat | None)
    assert_type(client.messages.create(model="m", response_model=list[Cat], messages=[]), list[Cat])


def with_completion(client: Instructor) -> None:
    assert_type(client.create_with_completion(Cat, "x"), tuple[Cat, Any])
    assert_type(client.create_with_completion(Cat | None, "x"), tuple[Cat | None, Any])
    assert_type(client.create_with_completion(list[Cat], "x"), tuple[list[Cat], Any])
    assert_type(client.create_with_completion(Literal["a"], "x"), tuple[Literal["a"], Any])
    assert_type(client.create_with_completion(None, "x"), tuple[Any, Any])
    assert_type(client.chat.completions.create_with_completion(Point, "x"), tuple[Point, Any])


def streams(client: Instructor, flag: bool) -> None:
    assert_type(client.create_partial(Cat, "x"), Iterator[Cat])
    assert_type(client.create_partial(Partial[Cat], "x"), Iterator[Cat])
    assert_type(client.create_partial(Cat | Dog, "x"), Iterator[Cat | Dog])
    assert_type(client.create_partial(Row, "x"), Iterator[Row])
    assert_type(client.create_partial(list[Cat], "x"), Iterator[list[Cat]])
    assert_type(client.create_iterable(Cat, "x"), Iterator[Cat])
    assert_type(client.create_iterable(list[Cat], "x"), Iterator[Cat])
    assert_type(client.create_iterable(Iterable[Cat], "x"), Iterator[Cat])
    assert_type(client.create_iterable(Iterable[Cat | Dog], "x"), Iterator[Cat | Dog])
    assert_type(client.create_iterable(Cat | Dog, "x"), Iterator[Cat | Dog])
    assert_type(client.create_iterable(Pair, "x"), Iterator[Pair])
    assert_type(client.create_iterable(Point, "x"), Iterator[Point])
    assert_type(client.create(Cat, "x", stream=True), Iterator[Cat])
    assert_type(client.create(Partial[Cat], "x", stream=True), Iterator[Cat])
    assert_type(client.create(Cat | None, "x", stream=True), Iterator[Cat | None])
    assert_type(client.create(list[Cat], "x", stream=True), Iterator[Cat])
    assert_type(client.create(Iterable[Cat], "x", stream=True), Iterator[Cat])
    assert_type(client.create(Pair, "x", stream=True), Iterator[Pair])
    assert_type(client.create(dict[str, int], "x", stream=True), Iterator[dict[str, int]])
    assert_type(client.create(str, "x", stream=True), Iterator[str])
    assert_type(client.create(Cat, "x", stream=False), Cat)
    assert_type(client.create(Cat, "x", stream=flag), Any)


async def asynchronous(client: AsyncInstructor, unknown: Any) -> None:
    assert_type(await client.create(Cat, "x"), Cat)
    assert_type(await client.create(Point, "x"), Point)
    assert_type(await client.create(Row, "x"), Row)
    assert_type(await client.create(Pair, "x"), Pair)
    assert_type(await client.create(Box[int], "x"), Box[int])
    assert_type(await client.create(list[Cat | Dog], "x"), list[Cat | Dog])
    assert_type(await client.create(tuple[int, str], "x"), tuple[int, str])
    assert_type(await client.create(dict[str, Cat], "x"), dict[str, Cat])
    assert_type(await client.create(Iterable[Cat], "x"), Iterable[Cat])
    assert_type(await client.create(Cat | Dog, "x"), Cat | Dog)
    assert_type(await client.create(Optional[Cat], "x"), Cat | None)  # noqa: UP045
    assert_type(await client.create(Pet, "x"), Cat | Dog)
    assert_type(await client.create(Annotated[int, Field(gt=1)], "x"), int)
    assert_type(await client.create(Literal["a", "b"], "x"), Literal["a", "b"])
    assert_type(await client.create(Colour, "x"), Colour)
    assert_type(await client.create(Decimal, "x"), Decimal)
    assert_type(await client.create(None, "x"), Any)
    assert_type(await client.create(unknown, "x"), Any)
    assert_type(await client.create_with_completion(Cat | None, "x"), tuple[Cat | None, Any])
    assert_type(await client.create_with_completion(None, "x"), tuple[Any, Any])
    assert_type(client.create_partial(Cat | Dog, "x"), AsyncIterator[Cat | Dog])
    assert_type(client.create_partial(Partial[Cat], "x"), AsyncIterator[Cat])
    assert_type(client.create_iterable(Cat, "x"), AsyncIterator[Cat])
    assert_type(client.create_iterable(Iterable[Cat | Dog], "x"), AsyncIterator[Cat | Dog])
    assert_type(await client.create(Cat, "x", stream=True), AsyncIterator[Cat])
    assert_type(await client.create(Iterable[Cat], "x", stream=True), AsyncIterator[Cat])
    assert_type(await client.create(list[Cat], "x", stream=True), AsyncIterator[Cat])
    async for cat in client.create_partial(Cat, "x"):
        assert_type(cat, Cat)


def tools(client: Instructor) -> None:
    assert_type(client.create(Iterable[Cat | Dog], "x", mode=Mode.PARALLEL_TOOLS), Iterable[Cat | Dog])
    assert_type(client.create(list[Cat | Dog], "x", mode=Mode.PARALLEL_TOOLS), list[Cat | Dog])
    assert_type(client.create(Cat, "x", tools=[create]), Cat)
    assert_type(client.create(Cat | ToolCall, "x", tools=[create, Dog]), Cat | ToolCall)
    assert_type(client.create(Cat | ToolCalls, "x", tools=[create]), Cat | ToolCalls)
    assert_type(client.create(Cat | ToolCalls, "x", tools=[create], stream=True), Iterator[Cat | ToolCalls])
    assert_type(client.create_partial(Cat | ToolCalls, "x"), Iterator[Cat | ToolCalls])
    assert_type(client.create_iterable(Cat | Dog, "x", mode=Mode.PARALLEL_TOOLS), Iterator[Cat | Dog])
    assert_type(client.create_iterable(Cat | ToolCall, "x"), Iterator[Cat | ToolCall])
    calls = client.create(Cat | ToolCalls, "x")
    if isinstance(calls, ToolCalls):
        assert_type(calls[0], ToolCall)
        client.create(Cat, [*calls.messages, *(call.result(call.run()) for call in calls)])


async def tools_asynchronously(client: AsyncInstructor) -> None:
    assert_type(await client.create(Cat | ToolCall, "x", tools=[create]), Cat | ToolCall)
    assert_type(await client.create(Cat | ToolCalls, "x", tools=[create]), Cat | ToolCalls)
    assert_type(client.create_iterable(Cat | Dog | ToolCall, "x"), AsyncIterator[Cat | Dog | ToolCall])
