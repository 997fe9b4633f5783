"""Every form of response model: its name, its schema, an answer that fits and one that does not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, TypeVar, Union
from uuid import UUID

import pytest
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
)
from typing_extensions import TypeAliasType, TypedDict

from instructor.errors import RequestError, ResponseModelError
from instructor.output import OPENAI_STRICT, PLAIN, express, render, target


class User(BaseModel):
    """A person with an account."""

    name: str
    age: int


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    tricks: list[str] = []


class Node(BaseModel):
    value: int
    children: list[Node] = []


class Aliased(BaseModel):
    unit_price: Decimal = Field(alias="unitPrice")
    either: int = Field(0, validation_alias=AliasChoices("first", "second"))


@dataclass
class Point:
    x: float
    y: float = 0.0


@dataclass
class Documented:
    """A place on the map."""

    where: Point = field(default_factory=lambda: Point(0, 0))


class Movie(TypedDict, total=False):
    title: str


class Pair(NamedTuple):
    left: int
    right: str


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


T = TypeVar("T")


class Box(BaseModel, Generic[T]):
    """Holds one thing."""

    item: T


class Names(RootModel[list[str]]):
    pass


class Ages(RootModel[dict[str, int]]):
    pass


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    day: date
    tags: set[str]


Score = NewType("Score", int)
Grade = TypeAliasType("Grade", Literal["a", "b"])
OLD_SPELLING = (User, str)
Pet = Annotated[Cat | Dog, Field(discriminator="kind")]

MODELS: list[tuple[Any, str, str, Any, str]] = [
    # (type, name, an answer, its value, an answer that does not fit)
    (User, "User", '{"name": "Ada", "age": 36}', User(name="Ada", age=36), '{"name": "Ada"}'),
    (Point, "Point", '{"x": 1}', Point(1.0), '{"y": 1}'),
    (Movie, "Movie", '{"title": "M"}', {"title": "M"}, '{"title": 3}'),
    (Node, "Node", '{"value": 1, "children": [{"value": 2}]}', Node(value=1, children=[Node(value=2)]), "{}"),
    (Box[int], "Box_int", '{"item": 3}', Box[int](item=3), '{"item": "x"}'),
    (Box[list[User]], "Box_list_User", '{"item": []}', Box[list[User]](item=[]), '{"item": 1}'),
    (dict[str, int], "DictOfStrAndInt", '{"a": 1}', {"a": 1}, '{"a": "x"}'),
    (dict[str, Point], "DictOfStrAndPoint", '{"a": {"x": 1}}', {"a": Point(1)}, '{"a": 1}'),
    (Ages, "Ages", '{"a": 1}', Ages({"a": 1}), '{"a": "x"}'),
    (Strict, "Strict", '{"day": "2020-01-02", "tags": ["a"]}', Strict(day=date(2020, 1, 2), tags={"a"}), "{}"),
    (Annotated[User, "note"], "User", '{"name": "Ada", "age": 36}', User(name="Ada", age=36), "{}"),
]

WRAPPED: list[tuple[Any, str, str, Any, str]] = [
    (list[User], "ListOfUser", '[{"name": "A", "age": 1}]', [User(name="A", age=1)], '[{"name": "A"}]'),
    (list, "List", "[1]", [1], '"x"'),
    (Iterable[User], "IterableOfUser", '[{"name": "A", "age": 1}]', [User(name="A", age=1)], "[1]"),
    (Iterable[Cat | Dog], "IterableOfCatOrDog", '[{"kind": "dog"}]', [Dog()], '[{"kind": "cow"}]'),
    (Sequence[int], "SequenceOfInt", "[1]", [1], '["x"]'),
    (tuple[int, str], "TupleOfIntAndStr", '[1, "a"]', (1, "a"), "[1]"),
    (tuple[int, ...], "TupleOfInt", "[1, 2]", (1, 2), '["x"]'),
    (set[int], "SetOfInt", "[1, 1]", {1}, '["x"]'),
    (Pair, "Pair", '[1, "a"]', Pair(1, "a"), '["x", "a"]'),
    (Names, "Names", '["a"]', Names(["a"]), "[1]"),
    (Cat | Dog, "CatOrDog", '{"kind": "dog", "tricks": ["sit"]}', Dog(tricks=["sit"]), '{"kind": "cow"}'),
    (Union[*OLD_SPELLING], "UserOrStr", '"x"', "x", "1"),
    (Pet, "CatOrDog", '{"kind": "cat", "lives": 3}', Cat(lives=3), '{"kind": "cow"}'),
    (list[Pet], "ListOfCatOrDog", '[{"kind": "cat"}]', [Cat()], '[{"kind": "cow"}]'),
    (User | None, "UserOrNone", "null", None, '"x"'),
    (list[Node], "ListOfNode", '[{"value": 1}]', [Node(value=1)], "[{}]"),
    (Literal["a", "b"], "LiteralOfAAndB", '"a"', "a", '"c"'),
    (Grade, "Grade", '"a"', "a", '"c"'),
    (Colour, "Colour", '"red"', Colour.RED, '"green"'),
    (int, "Int", "3", 3, '"x"'),
    (Score, "Score", "3", 3, '"x"'),
    (float, "Float", "1.5", 1.5, '"x"'),
    (bool, "Bool", "true", True, '"x"'),
    (str, "Str", '"hello"', "hello", "3"),
    (date, "Date", '"2020-01-02"', date(2020, 1, 2), '"x"'),
    (datetime, "Datetime", '"2020-01-02T03:04:05Z"', datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC), '"x"'),
    (Decimal, "Decimal", '"1.10"', Decimal("1.10"), '"x"'),
    (UUID, "UUID", f'"{UUID(int=1)}"', UUID(int=1), '"x"'),
    (Annotated[int, Field(gt=3)], "Int", "4", 4, "3"),
    (Any, "Any", "[1]", [1], "["),
]


@pytest.mark.parametrize(("form", "name", "text", "value", "wrong"), MODELS, ids=lambda x: str(x)[:40])
def test_object_forms(form: Any, name: str, text: str, value: Any, wrong: str) -> None:
    asked = target(form)
    assert asked.name == name
    assert asked.schema["type"] == "object"
    assert not asked.wrapped
    assert asked.read(text) == value
    assert asked.read(text.encode()) == value
    assert type(asked.read(text)) is type(value)
    with pytest.raises(ValidationError):
        asked.read(wrong)


@pytest.mark.parametrize(("form", "name", "text", "value", "wrong"), WRAPPED, ids=lambda x: str(x)[:40])
def test_wrapped_forms(form: Any, name: str, text: str, value: Any, wrong: str) -> None:
    asked = target(form)
    assert asked.name == name
    assert asked.wrapped
    assert asked.schema["type"] == "object"
    assert list(asked.schema["properties"]) == asked.schema["required"] == ["content"]
    assert asked.read(f'{{"content": {text}}}') == value
    assert asked.read(f' {{"content":{text}}} '.encode()) == value
    assert type(asked.read(f'{{"content": {text}}}')) is type(value)
    assert asked.read(text) == value
    for answer in (f'{{"content": {wrong}}}', wrong):
        with pytest.raises(ValidationError):
            asked.read(answer)


@pytest.mark.parametrize("row", [*MODELS, *WRAPPED], ids=lambda row: str(row[0])[:40])
def test_every_form_is_made_once_and_is_json(row: tuple[Any, ...]) -> None:
    assert target(row[0]) is target(row[0])
    assert target(row[0]).schema is target(row[0]).schema
    json.dumps(target(row[0]).schema)


def test_python_values() -> None:
    assert target(list[int]).read_python({"content": [1]}) == [1]
    assert target(list[int]).read_python([1]) == [1]
    assert target(User).read_python({"name": "A", "age": 1}) == User(name="A", age=1)
    user = User(name="A", age=1)
    assert target(User).read_python(user) is user


def test_what_is_in_the_wrapper_is_not_taken_for_a_bare_value() -> None:
    """A dict with the key `content` is the wrapper, although `dict` would take it."""
    with pytest.raises(ValidationError) as caught:
        target(str | dict[str, int]).read('{"content": 5}')
    assert {row["loc"][0] for row in caught.value.errors()} == {"content"}


def test_a_bare_object_with_a_key_called_content() -> None:
    note = create_model("Note", content=(str, ...), author=(str, ...))
    value = target(note | str).read('{"content": "x", "author": "y"}')
    assert value == note(content="x", author="y")
    assert target(note).read('{"content": "x", "author": "y"}') == value


# ── names and descriptions ───────────────────────────────────────────────────────────────────────


def test_names_are_fit_for_tools() -> None:
    assert target(create_model("Größe", x=(int, ...))).name == "Gr_e"
    assert target(create_model("名前", x=(int, ...))).name == "Response"
    assert len(target(create_model("A" * 100, x=(int, ...))).name) == 64
    assert target(Literal[Colour.RED]).name == "LiteralOfRED"


def test_a_union_is_called_as_it_is_written() -> None:
    assert target(Cat | Dog).name == "CatOrDog"
    assert target(Dog | Cat).name == "DogOrCat"
    assert target(list[Dog | Cat]).name == "ListOfDogOrCat"


@pytest.mark.parametrize(
    ("form", "description"),
    [
        (User, "A person with an account."),
        (Annotated[User, "note"], "A person with an account."),
        (Box[int], "Holds one thing."),
        (Documented, "A place on the map."),
        (Annotated[int, Field(description="How many.")], "How many."),
    ],
)
def test_the_author_describes(form: Any, description: str) -> None:
    assert target(form).description == description


@pytest.mark.parametrize("form", [Point, Pair, Colour, int, date, list[User], Cat, Movie])
def test_what_python_writes_is_no_description(form: Any) -> None:
    assert target(form).description == (
        f"The answer as {target(form).name}, complete and with every value of its declared type."
    )


def test_keys_are_aliases() -> None:
    assert list(target(Aliased).schema["properties"]) == ["unitPrice", "first"]
    assert target(Aliased).read('{"unitPrice": 2, "second": 1}').either == 1


# ── validation ───────────────────────────────────────────────────────────────────────────────────


class Quoted(BaseModel):
    quote: str

    @field_validator("quote")
    @classmethod
    def in_text(cls, value: str, info: ValidationInfo) -> str:
        if info.context and value not in info.context["text"]:
            raise ValueError("not in the text")
        return value


def test_context_and_strict() -> None:
    assert target(Quoted).read('{"quote": "x"}').quote == "x"
    assert target(list[Quoted]).read('{"content": [{"quote": "x"}]}', context={"text": "xy"})
    with pytest.raises(ValidationError, match="not in the text"):
        target(list[Quoted]).read('{"content": [{"quote": "z"}]}', context={"text": "xy"})
    assert target(User).read('{"name": "A", "age": "3"}').age == 3
    for text, form in (('{"name": "A", "age": "3"}', User), ('{"content": ["3"]}', list[int]), ('["3"]', list[int])):
        with pytest.raises(ValidationError):
            target(form).read(text, strict=True)
    assert target(Strict).read('{"day": "2020-01-02", "tags": []}', strict=True).day == date(2020, 1, 2)


class Order(BaseModel):
    id: int
    count: int = 1
    note: str | None = "none"
    day: date = date(2020, 1, 1)
    lines: list[Order] = []
    pet: Pet | None = None
    sizes: dict[str, Point] = {}


def test_nulls_that_stand_for_absence() -> None:
    rendered = express(target(Order).schema, OPENAI_STRICT)
    assert not rendered.strict  # `sizes` has free keys
    assert not rendered.null_is_absent
    rendered = render(target(Point), OPENAI_STRICT)
    assert target(Point).read('{"x": 1, "y": null}', rendered=rendered) == Point(1.0, 0.0)
    with pytest.raises(ValidationError, match="valid number"):
        target(Point).read('{"x": null, "y": null}', rendered=rendered)
    with pytest.raises(ValidationError):
        target(Point).read('{"x": 1, "y": null}')
    with pytest.raises(ValidationError):
        target(Point).read('{"x": 1, "y": null}', rendered=render(target(Point), PLAIN))
    with pytest.raises(ValidationError, match="Invalid JSON"):
        target(Point).read('{"x": null', rendered=rendered)
    assert target(list[Point]).read(
        '{"content": [{"x": 1, "y": null}]}', rendered=render(target(list[Point]), OPENAI_STRICT)
    ) == [Point(1)]


def test_nulls_keep_strict_models_valid() -> None:
    class Day(BaseModel):
        model_config = ConfigDict(strict=True)
        day: date
        tags: set[str] = {"a"}

    rendered = render(target(Day), OPENAI_STRICT)
    assert target(Day).read('{"day": "2020-01-02", "tags": null}', rendered=rendered).tags == {"a"}


# ── models made in functions ─────────────────────────────────────────────────────────────────────


def test_local_types_that_name_each_other() -> None:
    class Outer(BaseModel):
        inner: Inner

    class Inner(BaseModel):
        x: int

    @dataclass
    class Holder:
        inner: list[Inner]

    class Row(TypedDict):
        holder: Holder

    assert target(Outer).read('{"inner": {"x": 1}}') == Outer(inner=Inner(x=1))
    assert target(Holder).read('{"inner": [{"x": 1}]}') == Holder([Inner(x=1)])
    assert target(list[Row]).read('[{"holder": {"inner": []}}]') == [{"holder": Holder([])}]
    assert target(list[Row]).read('{"content": [{"holder": {"inner": []}}]}') == [{"holder": Holder([])}]


# ── what is no response model ────────────────────────────────────────────────────────────────────


Unfinished = create_model("Unfinished", other=("Nowhere", ...))


class Opaque:
    pass


class Calls(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    thing: Opaque


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("User", "response_model is the string 'User'; pass the type itself"),
        (User(name="A", age=1), "response_model is a value of the type User; pass the type itself: User"),
        (Point(1), "a value of the type Point"),
        (Colour.RED, "a value of the type Colour"),
        ([User], r"write list\[Model\]"),
        ({"type": "object"}, "not a JSON schema"),
        (print, "'print', a builtin_function_or_method; pass a type"),
        (json, "'json', a module"),
        (3, "a value of the type int"),
        (Opaque, "Opaque cannot be a response_model: Unable to generate"),
        (list[Opaque], r"list\[.*Opaque\] cannot be a response_model"),
        (Unfinished, "Unfinished cannot be a response_model: .*Nowhere"),
    ],
)
def test_refused(form: Any, says: str) -> None:
    with pytest.raises(ResponseModelError, match=says) as caught:
        target(form)
    assert isinstance(caught.value, RequestError)


def test_a_type_that_can_be_validated_but_not_described() -> None:
    with pytest.raises(ResponseModelError, match=r"Calls cannot be a response_model: .*JsonSchema"):
        _ = target(Calls).schema


def test_defaults_that_json_cannot_hold() -> None:
    class Odd(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        f: Any = Opaque()

    assert "default" not in target(Odd).schema["properties"]["f"]
