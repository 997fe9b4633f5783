"""What the extras return, as type checkers see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Annotated, assert_type

from pydantic import AfterValidator, BaseModel

from instructor import AsyncInstructor, CitationMixin, Instructor, IterableModel, Maybe, Mode, llm_validator


class User(BaseModel):
    name: str


class Fact(CitationMixin):
    quote_typos = 2
    statement: str


def maybe(client: Instructor) -> None:
    found = client.create(Maybe[User], "x")
    assert_type(found, Maybe[User])
    assert_type(found.result, User | None)
    assert_type(client.create(Maybe[list[User]], "x").result, list[User] | None)
    assert_type(client.create_partial(Maybe[User], "x"), Iterator[Maybe[User]])
    assert_type(Maybe[User](result=User(name="x")), Maybe[User])


async def asynchronous(client: AsyncInstructor) -> None:
    assert_type(await client.create(Maybe[User], "x"), Maybe[User])
    assert_type(llm_validator("is polite", client), Callable[[str], Awaitable[str]])


def lists(client: Instructor) -> None:
    assert_type(client.create(IterableModel(User), "x"), list[User])
    assert_type(client.create(IterableModel[User], "x"), list[User])


def citations(client: Instructor) -> None:
    fact = client.create(Fact, "x", context={"context": "x"})
    assert_type(fact.substring_quotes, list[str])
    assert_type(fact.get_spans("x"), Iterator[tuple[int, int]])


def validators(client: Instructor) -> None:
    judge = llm_validator("is polite", client, model="m", temperature=0)
    assert_type(judge, Callable[[str], str])

    class Letter(BaseModel):
        text: Annotated[str, AfterValidator(judge)]

    assert_type(Letter(text="x").text, str)


def modes() -> None:
    _ = Mode.ANTHROPIC_TOOLS  # type: ignore[attr-defined]
