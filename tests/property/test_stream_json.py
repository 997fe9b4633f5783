"""Streaming: any chunking gives the same, nothing is lost or changed on the way, and the end is what `create` reads."""

from __future__ import annotations

import copy
import itertools
import json
from typing import Annotated, Any, Literal

from hypothesis import given, reject
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from instructor.errors import ParseError
from instructor.output import json_in, target
from instructor.output.items import Items
from instructor.output.partial import Snapshots
from instructor.output.push import JsonText


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = []


class Place(TypedDict, total=False):
    city: str
    floors: list[int]


class Node(BaseModel):
    label: str
    weight: float | None = None
    size: Literal["S", "M"] = "M"
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    place: Place | None = None
    counts: dict[str, int] = Field(default={}, alias="numberOf")
    either: int | str = 0
    children: list[Node] = []


letters = st.characters(exclude_categories=["Cs"])
texts = st.text(letters, max_size=12) | st.sampled_from(['"', "\\", "\\u0041", "é😀", "{[", "```", "</think>", "\n"])
cats = st.fixed_dictionaries({"kind": st.just("cat")}, optional={"lives": st.integers(0, 9)})
dogs = st.fixed_dictionaries({"tricks": st.lists(texts, max_size=2), "kind": st.just("dog")})
places = st.fixed_dictionaries({}, optional={"city": texts, "floors": st.lists(st.integers(0, 99), max_size=3)})
leaves: dict[str, st.SearchStrategy[Any]] = {
    "weight": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    "size": st.sampled_from(["S", "M"]),
    "pet": st.none() | cats | dogs,
    "place": st.none() | places,
    "numberOf": st.dictionaries(texts, st.integers(), max_size=3),
    "either": st.integers() | texts,
    "unknown": st.lists(texts, max_size=2) | texts,
}
nodes = st.recursive(
    st.fixed_dictionaries({"label": texts}, optional=leaves),
    lambda inner: st.fixed_dictionaries({"label": texts, "children": st.lists(inner, max_size=3)}, optional=leaves),
    max_leaves=6,
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(texts, values, min_size=1, max_size=4)
styles = st.sampled_from([{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}])
words = st.text(st.characters(exclude_characters="{}[]<>`~", exclude_categories=["Cs"]), max_size=30)
befores = st.sampled_from(
    ["", "```json\n", "Use {name}:\n~~~\n", "<think>{}\n```json\n[1</think>\n", "a < b `x` {", '{"']
)
sizes = st.lists(st.integers(1, 9), min_size=1, max_size=8)


@st.composite
def answers(draw: st.DrawFn, of: st.SearchStrategy[Any]) -> str:
    return draw(befores) + draw(words) + "\n" + json.dumps(draw(of), **draw(styles)) + draw(words)


def pieces(text: str, lengths: list[int]) -> list[str]:
    """The text cut into chunks of these lengths, over and over."""
    found, at, turn = [], 0, 0
    while at < len(text):
        found.append(text[at : at + lengths[turn % len(lengths)]])
        at, turn = at + len(found[-1]), turn + 1
    return found


def streamed(text: str, lengths: list[int]) -> str:
    """The JSON that a push parser came to."""
    parser, found = JsonText(), ""
    for chunk in pieces(text, lengths):
        for piece in parser.feed(chunk):
            found = piece.text if piece.fresh else found + piece.text
    assert parser.text == text
    return found


@given(answers(objects | st.lists(objects, min_size=1, max_size=3)), sizes)
def test_the_pieces_are_the_json_of_the_whole_text(text: str, lengths: list[int]) -> None:
    try:
        whole = json_in(text)
    except ParseError:
        reject()
    assert streamed(text, lengths) == whole


marks = [
    "{",
    "}",
    "[",
    "]",
    '"',
    "\\",
    ",",
    ":",
    "1",
    "a",
    " ",
    "\n",
    "`",
    "```",
    "~~~",
    "<think>",
    "</think>",
    "null",
    '{"a":',
]


@given(st.lists(st.sampled_from(marks), max_size=50).map("".join), sizes)
def test_the_pieces_do_not_depend_on_the_chunks(text: str, lengths: list[int]) -> None:
    assert streamed(text, lengths) == streamed(text, [len(text) + 1])


@given(answers(nodes), sizes)
def test_chunks_make_no_difference(text: str, lengths: list[int]) -> None:
    def last(lengths: list[int]) -> Node | None:
        stream, found = Snapshots(target(Node)), None
        for chunk in pieces(text, lengths):
            found = stream.feed(chunk) or found
        return found

    assert last(lengths) == last([len(text)]) == last([1])


def plain(value: Any) -> Any:
    """What a snapshot shows, as values that nobody else holds."""
    return copy.deepcopy(value.model_dump())


@given(answers(nodes), sizes, st.booleans())
def test_snapshots_grow_and_never_change(text: str, lengths: list[int], look: bool) -> None:
    stream = Snapshots(target(Node))
    found: list[tuple[Node, Any]] = []
    for chunk in pieces(text, lengths):
        if (snapshot := stream.feed(chunk)) is not None:
            assert isinstance(snapshot, Node)
            found.append((snapshot, plain(snapshot) if look else None))
    shown = [plain(snapshot) for snapshot, _ in found]
    if look:
        assert shown == [then for _, then in found]
    for before, after in itertools.pairwise(shown):
        assert grew(before, after), (before, after)
    whole = target(Node).read(json_in(text))
    assert stream.close() == whole
    assert found[-1][0] == whole


def grew(before: Any, after: Any) -> bool:
    """Whether nothing that was there is gone."""
    match before:
        case None:
            return True
        case str():
            return isinstance(after, str) and after.startswith(before)
        case list():
            return len(after) >= len(before) and all(map(grew, before, after))
        case dict():
            return all(key in after and grew(value, after[key]) for key, value in before.items())
        case _:
            return bool(before == after)


@given(st.lists(nodes, min_size=1, max_size=4), st.booleans(), styles, befores, sizes)
def test_items_are_the_elements_of_the_list(
    value: list[Any], wrapped: bool, style: dict[str, Any], before: str, lengths: list[int]
) -> None:
    text = f"{before}\n{json.dumps({'content': value} if wrapped else value, **style)}\n"
    stream = Items(target(list[Node]))
    found = [item for chunk in pieces(text, lengths) for item in stream.feed(chunk)]
    assert stream.close() == []
    assert found == target(list[Node]).read(json_in(text))
