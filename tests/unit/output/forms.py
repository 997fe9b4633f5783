"""Types of every kind, for the tests of the dialects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

from pydantic import AnyUrl, BaseModel, ConfigDict, Field, create_model
from typing_extensions import TypedDict

from instructor.output import Dialect, render, target


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Flat(BaseModel):
    """A person."""

    name: str = Field(description="As on the passport")
    age: int
    height: float
    member: bool


class Optionals(BaseModel):
    a: int | None = None
    b: str = "x"
    c: list[int] = []
    d: str | None = "y"


class Bounds(BaseModel):
    a: int = Field(ge=1, le=9)
    b: str = Field(min_length=3, max_length=5, pattern="^a+$")
    c: list[int] = Field(min_length=1, max_length=4)
    d: float = Field(gt=0, lt=1, multiple_of=0.5)
    e: Annotated[str, Field(min_length=2)] | None = None


class Address(BaseModel):
    street: str
    zip_code: str = Field(title="ZIP as printed")


class Nested(BaseModel):
    home: Address
    work: Address | None = None
    others: list[Address] = []
    billing: Address = Field(description="Where the bill goes")


class Needed(BaseModel):
    a: Address | None
    b: list[Address]
    c: int | None = None
    d: Address = Field(description="Where it is")
    e: Annotated[int, Field(ge=1, le=3)]


class Plain(BaseModel):
    items: list[Flat]
    one: Flat | None
    other: Address | None


class Tree(BaseModel):
    value: int
    left: Tree | None = None
    children: list[Tree]


class Described(BaseModel):
    next: Described = Field(None, description="the next one")


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str]


class Pets(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    pets: list[Cat | Dog]


class Words(BaseModel):
    a: Literal["x", "y"]
    b: Literal["x"]
    c: Colour
    d: Level = Level.LOW
    e: Literal["x", 1, None]
    f: Colour | None = None


class Formats(BaseModel):
    a: date
    b: datetime
    c: timedelta
    d: UUID
    e: AnyUrl
    f: Decimal
    g: bytes
    h: set[str]


class Keywords(BaseModel):
    """Properties that are called like keywords."""

    title: str
    default: int = 3
    properties: list[str]
    type: str
    required: bool
    enum: str


class Boxes(BaseModel):
    box: tuple[float, float, float, float]
    boxes: list[tuple[int, int]]


class Corner(NamedTuple):
    x: int
    y: int


class Drawing(BaseModel):
    corner: Corner


class Empty(BaseModel):
    pass


class Forbids(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int


class Noted(BaseModel):
    model_config = ConfigDict(title="A Note of Somebody")
    a: int = Field(examples=[1, 2], deprecated=True, json_schema_extra={"x-order": 1})


@dataclass
class Data:
    a: int
    b: str = "x"


class Typed(TypedDict, total=False):
    a: int
    b: list[str]


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]
    more: bool = False


class FreeKeys(BaseModel):
    counts: dict[str, int]


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


class Untyped(BaseModel):
    a: Any
    b: list


class Uneven(BaseModel):
    pair: tuple[int, str]


STRICT_EVERYWHERE: list[Any] = [
    Flat,
    Optionals,
    Bounds,
    Nested,
    Pets,
    Words,
    Formats,
    Keywords,
    Boxes,
    Drawing,
    Empty,
    Forbids,
    Noted,
    Data,
    Typed,
    Page[Flat],
    Page[Cat | Dog],
    list[Flat],
    list[Nested],
    Cat | Dog,
    Flat | None,
    Literal["a", "b"],
    Colour,
    int,
    date,
    set[Colour],
    tuple[int, int],
    list[list[Bounds]],
]
RECURSIVE: list[Any] = [Tree, list[Tree], Described]
INEXPRESSIBLE: list[tuple[Any, str]] = [
    (FreeKeys, "$.counts is an object with free keys"),
    (Extra, "$ is an object with free keys"),
    (dict[str, Flat], "$ is an object with free keys"),
    (list[FreeKeys], "(FreeKeys).counts is an object with free keys"),
    (dict, "$ is an object with free keys"),
    (Untyped, "$.a may be any value"),
    (Untyped, "$.b[] may be any value"),
    (Any, "$.content may be any value"),
    (Uneven, "$.pair is a tuple of different types or of varying length"),
    (tuple[()], "$.content is a list of any values"),
]


def schema_of(form: Any, dialect: Dialect) -> dict[str, Any]:
    rendered = render(target(form), dialect)
    assert rendered.strict is dialect.strict, rendered.notes
    return dict(rendered.schema)


def property_of(annotation: Any, dialect: Dialect, default: Any = ...) -> Any:
    return schema_of(create_model("One", a=(annotation, default)), dialect)["properties"]["a"]
