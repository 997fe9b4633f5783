"""What a snapshot shows while the answer is incomplete, one row for each rule."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import pydantic.dataclasses
import pytest
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    RootModel,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    computed_field,
    field_serializer,
    field_validator,
    model_validator,
)
from typing_extensions import TypeAliasType, TypedDict

from instructor.errors import ParseError
from instructor.output import OPENAI_STRICT, render, target
from instructor.output.partial import Partial, Snapshots, whole

T = TypeVar("T")


class Colour(Enum):
    RED = "red"


class Pair(NamedTuple):
    left: int
    right: str


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = []


class Puppy(BaseModel):
    kind: Literal["puppy"]
    age: Literal["young", "old"]


class Place(TypedDict, total=False):
    city: str
    floors: list[int]


@dataclasses.dataclass
class Point:
    x: int
    y: int = 7
    tags: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class Fixed:
    x: int
    name: str = "n"


class Box(BaseModel, Generic[T]):
    value: T


class Words(RootModel[list[str]]):
    pass


class Tree(BaseModel):
    name: str = "leaf"
    children: list[Tree] = []
    parent: Tree | None = None


def last(form: Any, text: str, **options: Any) -> Any:
    """The last snapshot of a text, fed as one piece and character by character."""
    found = []
    for chunks in ([text], list(text)):
        stream = Snapshots(target(form), **options)
        shown = [snapshot for chunk in chunks if (snapshot := stream.feed(chunk)) is not None]
        found.append(shown[-1] if shown else None)
    assert found[0] == found[1]
    return found[0]


def holder(form: Any) -> Any:
    """A model with one field, `a`, of this type, and one behind it."""
    return type(
        "Holder", (BaseModel,), {"__annotations__": {"a": form, "b": int | None}, "b": None, "__module__": __name__}
    )


RED = Colour.RED
CELL = Annotated[Cat | Dog, Field(discriminator="kind")]
NESTED = Annotated[Annotated[Cat | Dog, Field(discriminator="kind")] | Puppy, Field(discriminator="kind")]
UPPER = Annotated[str, AfterValidator(str.upper)]
SORTED = Annotated[list[int], AfterValidator(sorted)]
SPLIT = Annotated[list[str], BeforeValidator(lambda value: value.split() if isinstance(value, str) else value)]

GROWING = [
    # a text grows
    (str, '"', ""),
    (str, '"ab', "ab"),
    (str, '"ab"', "ab"),
    (str, '"a\\', "a"),
    (str, '"a\\n', "a\n"),
    (str, '"a\\u00e', "a"),
    (str, '"a\\u00e9', "aé"),
    (str, '"\\ud83d', ""),
    (str, '"\\ud83d\\ude', ""),
    (str, '"\\ud83d\\ude00', "😀"),
    (str | None, '"ab', "ab"),
    (str | None, "null,", None),
    (UPPER, '"ab', "ab"),
    (UPPER, '"ab"', "AB"),
    (Annotated[str, Field(max_length=1)], '"ab', "ab"),
    (Annotated[str, Field(max_length=1)], '"ab"', None),
    # numbers and words appear when the character behind them has come
    (int, "12", None),
    (int, "12,", 12),
    (int, "12 ", 12),
    (int, "12}", 12),
    (int, "1.0,", 1),
    (int, '"12"', 12),
    (int, "1.5,", None),
    (float, "-1.5e3", None),
    (float, "-1.5e3,", -1500.0),
    (float, "2,", 2.0),
    (bool, "true", None),
    (bool, "true}", True),
    (int | None, "null,", None),
    # converted values appear when complete
    (Literal["yes", "no"], '"yes', None),
    (Literal["yes", "no"], '"yes"', "yes"),
    (Literal["yes", "no"], '"nay"', None),
    (Colour, '"re', None),
    (Colour, '"red"', RED),
    (date, '"2024-01-0', None),
    (date, '"2024-01-02"', date(2024, 1, 2)),
    (Decimal, "1.10,", Decimal("1.10")),
    (bytes, '"ab"', b"ab"),
    # unions without a discriminator too
    (int | str, '"ab', None),
    (int | str, '"ab"', "ab"),
    (Cat | Dog, '{"kind": "dog", "tricks": ["sit"]', None),
    (Cat | Dog, '{"kind": "dog", "tricks": ["sit"]}', Dog(kind="dog", tricks=["sit"])),
    # discriminated unions when the discriminator has come
    (CELL, "{", None),
    (CELL, '{"lives": 3, "ki', None),
    (CELL, '{"lives": 3, "kind": "cat"', Cat(lives=3)),
    (CELL, '{"lives": 3, "kind": "cow"}', None),
    (CELL, '{"lives": 3}', None),
    (CELL | None, "null,", None),
    # lists, dicts, tuples, sets
    (list[int], "[", []),
    (list[int], "[1, 2", [1]),
    (list[int], "[1, 2]", [1, 2]),
    (list[int], '[1, "x", 3]', [1, None, 3]),
    (list[str], '["a", "b', ["a", "b"]),
    (list[list[int]], "[[1, 2], [3,", [[1, 2], [3]]),
    (list[int], '"no list"', None),
    (list[int], '{"no": "list"}', None),
    (list, '[1, {"a": [2', [1]),
    (SORTED, "[3, 1,", [3, 1]),
    (SORTED, "[3, 1]", [1, 3]),
    (SPLIT, '"a b', None),
    (SPLIT, '"a b"', ["a", "b"]),
    (SPLIT, '["a", ', None),
    (Annotated[list[int], Field(max_length=1)], "[1, 2,", [1, 2]),
    (Annotated[list[int], Field(max_length=1)], "[1, 2]", None),
    (dict[str, int], '{"a": 1, "b": 2', {"a": 1}),
    (dict[str, int], '{"a": 1, "b": 2}', {"a": 1, "b": 2}),
    (dict[str, str], '{"a\\n": "x', {"a\n": "x"}),
    (dict[int, str], '{"1": "x"', None),
    (dict[int, str], '{"1": "x"}', {1: "x"}),
    (tuple[int, str], '[1, "a', None),
    (tuple[int, str], '[1, "a"]', (1, "a")),
    (set[int], "[1, 1]", {1}),
    (Pair, '{"left": 1, "right": "r"', None),
    (Pair, '{"left": 1, "right": "r"}', Pair(1, "r")),
    (Any, '{"x": [1', None),
    (Any, '{"x": [1]}', {"x": [1]}),
    # objects
    (Place, '{"city": "Ro', {"city": "Ro"}),
    (Place, '{"floors": [1, 2', {"floors": [1]}),
    (Place, '{"floors": [1, 2]}', {"floors": [1, 2]}),
    (Point, '{"x": 1, "y": 2, "tags": ["a"]}', Point(1, 2, ["a"])),
    (Point, '{"x": 1}', Point(1)),
    (Fixed, '{"x": 1, "name": "Jo"', Fixed(1, "Jo")),
    (Box[int], '{"value": 1}', Box[int](value=1)),
    (Words, '["a", ', None),
    (Words, '["a", "b"]', Words(["a", "b"])),
    (Tree, '{"name": "a", "children": [{"name": "b"}]}', Tree(name="a", children=[Tree(name="b")])),
]


@pytest.mark.parametrize(("form", "text", "shown"), GROWING)
def test_while_incomplete(form: Any, text: str, shown: Any) -> None:
    snapshot = last(holder(form), f'{{"a": {text}')
    found = None if snapshot is None else snapshot.a
    assert found == shown
    assert type(found) is type(shown) or not isinstance(shown, int | float | str | bytes | tuple | set)


WRAPPED = [
    (int, "4", None),
    (int, "42,", 42),
    (str, '"ab', "ab"),
    (list[Cat], '[{"lives": 1', []),
    (list[int], "[1, 2", [1]),
    (Iterable[int], "[1, 2]", [1, 2]),
    (CELL, '{"kind": "dog", "tricks": ["s', None),
    (Literal["a", "b"], '"a"', "a"),
]


@pytest.mark.parametrize(("form", "text", "shown"), WRAPPED)
def test_wrapped_answers(form: Any, text: str, shown: Any) -> None:
    found = last(form, f'{{"content": {text}')
    if form is CELL:
        assert (found.kind, found.tricks) == ("dog", ["s"])
    elif form == list[Cat]:
        assert [cat.lives for cat in found] == [None]
    else:
        assert found == shown


@pytest.mark.parametrize(
    ("form", "text", "shown"),
    [
        (list[int], "[1, 2,", [1, 2]),
        (CELL, '{"kind": "cat", "lives": 3}', Cat(lives=3)),
        (CELL, '{"lives": 3, "kind": "cat"}', Cat(lives=3)),
        (Cat | Dog, '{"kind": "cat", "lives": 3}', Cat(lives=3)),
        (dict[str, int], '{"content": 1, "b": 2}', {"content": 1, "b": 2}),
    ],
)
def test_answers_without_their_wrapper(form: Any, text: str, shown: Any) -> None:
    assert last(form, text) == shown


def test_fields_that_have_not_come_are_none_and_have_their_defaults_when_the_object_ends() -> None:
    assert last(Tree, '{"children": [{"name": "x"').model_dump() == {
        "name": None,
        "children": [{"name": "x", "children": None, "parent": None}],
        "parent": None,
    }
    assert last(Tree, '{"children": [{}, {"na').children[0] == Tree()


def test_default_factories_run_once_for_each_object() -> None:
    class Counted(BaseModel):
        name: str
        number: int = Field(default_factory=lambda: calls.append(1) or len(calls))

    calls: list[int] = []
    stream = Snapshots(target(list[Counted]))
    shown = [stream.feed(char) for char in '[{"name": "a"}, {"name": "b"}]']
    numbers = [snapshot[0].number for snapshot in shown if snapshot]
    assert set(numbers) == {None, 1}


def test_aliases() -> None:
    class Aliased(BaseModel):
        model_config = ConfigDict(populate_by_name=True)
        price: int = Field(alias="unitPrice")
        either: int = Field(0, validation_alias=AliasChoices("first", AliasPath("deep", 0)))

    assert last(Aliased, '{"unitPrice": 3, "first": 2,').model_dump() == {"price": 3, "either": 2}
    assert last(Aliased, '{"price": 3, "deep": [2],').model_dump(by_alias=True) == {"unitPrice": 3, "either": None}
    stream = Snapshots(target(Aliased))
    stream.feed('{"price": 3, "deep": [2]}')
    assert stream.close().either == 2


def test_extra_members() -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow")
        a: int

    snapshot = last(Open, '{"a": 1, "b": [1, 2], "c": "x"')
    assert (snapshot.a, snapshot.b, snapshot.c) == (1, [1, 2], "x")
    assert snapshot.model_dump() == {"a": 1, "b": [1, 2], "c": "x"}
    assert last(Cat, '{"other": {"lives": 3}, "lives": 4,').model_dump() == {"kind": None, "lives": 4}


def test_null_that_stands_for_absence() -> None:
    rendered = render(target(Cat), OPENAI_STRICT)
    assert last(Cat, '{"kind": "cat", "lives": null}', rendered=rendered) == Cat()
    assert last(Cat, '{"kind": "cat", "lives": null}').lives is None


# ── validators ───────────────────────────────────────────────────────────────────────────────────


def test_validators_run_once_when_their_value_is_complete_and_again_at_the_end() -> None:
    calls: list[str] = []

    class Row(BaseModel):
        name: str
        tags: list[str]

        @field_validator("name", "tags")
        @classmethod
        def seen(cls, value: Any, info: ValidationInfo) -> Any:
            calls.append(f"{info.field_name} {value} {sorted(info.data)} {info.context}")
            return value

        @model_validator(mode="after")
        def judged(self) -> Row:
            calls.append("model")
            return self

    stream = Snapshots(target(list[Row]), context="c")
    for char in json.dumps([{"name": "a", "tags": ["x"]}, {"name": "b", "tags": []}]):
        stream.feed(char)
    once = ["name a [] c", "tags ['x'] ['name'] c", "name b [] c", "tags [] ['name'] c"]
    assert calls == once
    calls.clear()
    stream.close()
    assert [call for call in calls if call != "model"] == once
    assert calls.count("model") == 2


def test_what_a_validator_refuses_is_none_until_the_end_tells() -> None:
    class Even(BaseModel):
        number: int
        other: int = 0

        @field_validator("number")
        @classmethod
        def even(cls, value: int) -> int:
            if value % 2:
                raise ValueError("odd")
            return value

        @field_validator("other")
        @classmethod
        def breaks(cls, value: int) -> int:
            raise KeyError(value)

    stream = Snapshots(target(Even))
    snapshot = stream.feed('{"number": 3, "other": 1}')
    assert snapshot is not None
    assert snapshot.model_dump() == {"number": None, "other": None}
    with pytest.raises(KeyError):
        stream.close()


def test_validators_of_a_model_see_whole_objects_only() -> None:
    class Range(BaseModel):
        low: int
        high: int

        @model_validator(mode="before")
        @classmethod
        def early(cls, value: Any) -> Any:
            assert value.keys() == {"low", "high"}
            return value

        @model_validator(mode="after")
        def ordered(self) -> Range:
            if self.low > self.high:
                raise ValueError("upside down")
            return self

        @computed_field
        def width(self) -> int:
            return self.high - self.low

        @field_serializer("low")
        def shown(self, value: int) -> str:
            return f"{value:d}"

    stream = Snapshots(target(Range))
    snapshot = stream.feed('{"low": 3, "high"')
    assert snapshot is not None
    assert (repr(snapshot), snapshot.model_dump()) == ("PartialRange(low=3, high=None)", {"low": 3, "high": None})
    stream.feed(": 1}")
    with pytest.raises(ValidationError, match="upside down"):
        stream.close()


def test_strict() -> None:
    assert last(Cat, '{"lives": "3"', strict=True).lives is None
    assert last(holder(date), '{"a": "2024-01-02"', strict=True).a == date(2024, 1, 2)


# ── snapshots as objects ─────────────────────────────────────────────────────────────────────────


class Note(BaseModel):
    model_config = ConfigDict(frozen=True)
    title: str
    lines: list[Point] = []
    places: dict[str, Place] = {}
    _secret: int = PrivateAttr(5)

    def loud(self) -> str:
        return self.title.upper()


TEXT = '{"title": "abc", "lines": [{"x": 1}, {"x": 2, "tags": ["t"'
DUMPED = {"title": "abc", "lines": [{"x": 1, "y": 7, "tags": []}, {"x": 2, "y": None, "tags": ["t"]}], "places": None}


def test_a_snapshot_is_an_instance_of_the_model() -> None:
    note = last(Note, TEXT)
    assert isinstance(note, Note)
    assert isinstance(note.lines[0], Point)
    assert (note.loud(), note._secret, note.model_fields_set) == ("ABC", 5, {"title", "lines"})
    assert note.model_dump() == json.loads(note.model_dump_json()) == DUMPED
    assert TypeAdapter(Any).dump_python(note) == DUMPED
    assert repr(note).startswith("PartialNote(title='abc', lines=[")
    assert note.lines == [Point(1), last(Note, TEXT).lines[1]]
    with pytest.raises(ValidationError):
        note.title = "x"
    with pytest.raises(AttributeError):
        _ = note.nothing


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda note: pickle.loads(pickle.dumps(note))])
def test_a_snapshot_can_be_copied(again: Any) -> None:
    note = last(Note, TEXT)
    assert again(note) == note
    assert again(note).model_dump() == DUMPED
    assert again(note.lines[1]) == note.lines[1]
    assert again(note.lines) == note.lines


def test_a_snapshot_can_be_changed_into_another() -> None:
    note = last(Note, TEXT)
    assert note.model_copy(update={"title": "x"}).model_dump() == {**DUMPED, "title": "x"}
    assert dict(note)["title"] == "abc"
    assert type(note).model_validate({"title": None}).title is None


def test_a_growing_list_is_a_sequence() -> None:
    lines = last(holder(list[int]), '{"a": [1, 2, 3,').a
    assert (len(lines), lines[0], lines[-1], lines[1:], list(reversed(lines))) == (3, 1, 3, [2, 3], [3, 2, 1])
    for left, right in ((lines, [1, 2, 3]), ([1, 2, 3], lines)):
        assert left == right
    assert lines != [1, 2]
    assert lines != (1, 2, 3)
    assert 2 in lines
    assert lines.index(3) == 2
    more = [4]
    assert lines + more == [1, 2, 3, 4]
    assert repr(lines) == "[1, 2, 3]"
    with pytest.raises(IndexError):
        _ = lines[3]
    match lines:
        case [first, *_]:
            assert first == 1


def test_a_growing_dict_is_a_mapping() -> None:
    members = last(holder(dict[str, int]), '{"a": {"x": 1, "y": 2,').a
    assert (len(members), members["x"], list(members), repr(members)) == (2, 1, ["x", "y"], "{'x': 1, 'y': 2}")
    assert members | {"z": 3} == {"x": 1, "y": 2, "z": 3}
    for left, right in ((members, {"x": 1, "y": 2}), ({"x": 1, "y": 2}, members)):
        assert left == right
    assert members.get("z") is None


@pydantic.dataclasses.dataclass
class Spot:
    x: int = 4
    name: str = pydantic.Field("n", max_length=3)


def test_a_pydantic_dataclass() -> None:
    spot = last(Spot, '{"name": "ab')
    assert isinstance(spot, Spot)
    assert (spot.x, spot.name, last(Spot, '{"name": "abcd"').name) == (None, "ab", None)
    assert TypeAdapter(Any).dump_json(spot) == b'{"x":null,"name":"ab"}'
    assert last(Spot, "{}") == Spot()


def test_names_that_pydantic_warns_of() -> None:
    with pytest.warns(UserWarning, match="shadows"):

        class Odd(BaseModel):
            json: int  # type: ignore[assignment]
            copy: str  # type: ignore[assignment]

    odd = last(Odd, '{"copy": "a')
    assert odd.model_dump() == {"json": None, "copy": "a"}


Nest = TypeAliasType("Nest", "list[Nest]")


def test_an_alias_of_itself() -> None:
    assert last(holder(Nest), '{"a": [[[]], [').a == [[[]]]


def test_a_class_that_nothing_can_be_derived_from() -> None:
    class Closed(type(BaseModel)):  # type: ignore[misc]
        def __new__(cls, name: str, bases: Any, body: Any, **options: Any) -> Any:
            if name.startswith("Partial"):
                raise TypeError(name)
            return super().__new__(cls, name, bases, body, **options)

    class Sealed(BaseModel, metaclass=Closed):
        a: int

    assert last(holder(Sealed), '{"b": 1, "a": {"a": 1').a is None
    assert last(holder(Sealed), '{"a": {"a": 1}').a == Sealed(a=1)


def test_deriving_from_a_class_stays_among_us() -> None:
    derived: list[type] = []

    class Registry(BaseModel):
        def __init_subclass__(cls, *, tag: str, **_: Any) -> None:
            derived.append(cls)

    class Entry(Registry, tag="entry"):
        a: int

    assert last(Entry, '{"a": 1,').a == 1
    assert derived == [Entry]


# ── sharing ──────────────────────────────────────────────────────────────────────────────────────


def test_what_is_complete_is_shared() -> None:
    stream = Snapshots(target(Note))
    first = stream.feed('{"title": "abc", "lines": [{"x": 1}, {"x": 2}, {"x"')
    second = stream.feed(': 3, "tags": ["t')
    third = stream.feed('"]}], "places": {')
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.lines[0] is second.lines[0] is third.lines[0]
    assert first.lines[2] is first.lines[2]
    assert (first.lines[2].x, second.lines[2].x, second.lines[2].tags, third.lines[2].tags) == (None, 3, ["t"], ["t"])
    assert (first.places, third.places) == (None, {})


def test_nothing_new_no_snapshot() -> None:
    stream = Snapshots(target(Note))
    fed = ["Here ", "it is: ", '{"ti', 'tle"', ': "a', '"  ', " , ", '"lines": [{"x": 1', "2", "}"]
    assert [stream.feed(chunk) is not None for chunk in fed] == [bool(int(bit)) for bit in "0000100101"]
    assert stream.feed("") is None


def test_work_is_proportional_to_the_text() -> None:
    """Each element is validated once, whatever the chunks, and a snapshot makes no object but itself."""
    calls: list[str] = []
    checked = Annotated[str, AfterValidator(lambda value: calls.append(value) or value)]

    class Row(BaseModel):
        name: checked

    stream = Snapshots(target(list[Row]))
    text = json.dumps([{"name": f"n{number}"} for number in range(500)])
    shown = [snapshot for at in range(0, len(text), 3) if (snapshot := stream.feed(text[at : at + 3])) is not None]
    assert calls == [f"n{number}" for number in range(500)]
    assert len({id(snapshot[0]) for snapshot in shown[10:]}) == 1
    assert len({id(row) for snapshot in shown for row in snapshot[:-1]}) < 510


# ── the end ──────────────────────────────────────────────────────────────────────────────────────


def test_close_reads_the_whole_answer() -> None:
    stream = Snapshots(target(Cat))
    for chunk in ("<think>{}</think>Sure:\n```json\n", '{"lives"', ": 3}\n``", "` done"):
        stream.feed(chunk)
    assert stream.close() == Cat(lives=3)
    assert type(stream.close()) is Cat
    assert stream.text == '<think>{}</think>Sure:\n```json\n{"lives": 3}\n``` done'


@pytest.mark.parametrize("text", ["", "no json", '{"lives": 3', "<think>hm", "[[[["])
def test_close_tells_that_there_is_no_json(text: str) -> None:
    stream = Snapshots(target(Cat))
    stream.feed(text)
    with pytest.raises(ParseError):
        stream.close()


@pytest.mark.parametrize(
    "text",
    ['{"lives": 3, ]', '{"lives": 3,, "kind": 1', '{"lives": 3} }', '{"lives": 3 "k":', '{"lives": 3, "a\\x": 1'],
)
def test_what_is_not_json_ends_the_reading(text: str) -> None:
    assert last(Cat, text).lives == 3


def test_a_better_value_replaces_a_draft() -> None:
    stream = Snapshots(target(Cat))
    first = stream.feed('Draft: {"lives": 1}\n')
    second = stream.feed('```json\n{"lives": 2,')
    assert first is not None
    assert second is not None
    assert (first.lives, second.lives) == (1, 2)


# ── Partial ──────────────────────────────────────────────────────────────────────────────────────


def test_partial_marks_a_type() -> None:
    assert whole(Partial[Cat]) is Cat
    assert whole(Partial[list[Cat]]) == list[Cat]
    assert whole(Cat) is Cat
    assert whole(Annotated[int, "x"]) == Annotated[int, "x"]
    assert target(Partial[Cat]).name == "Cat"
