"""Elements of a streamed list."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from instructor.errors import ParseError
from instructor.output import OPENAI_STRICT, problems, render, target
from instructor.output.items import Items


class Row(BaseModel):
    name: str
    count: int = 1


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = []


def test_each_element_comes_when_it_closes() -> None:
    stream = Items(target(list[Row]))
    fed = ["Sure:\n```json\n", '{"content": [', '{"name": "a"', "}", ', {"name": "b"}, {"name"', ': "c"}]', "}\n```"]
    assert [[row.name for row in stream.feed(chunk)] for chunk in fed] == [[], [], [], ["a"], ["b"], ["c"], []]
    assert stream.close() == []


FORMS: list[tuple[Any, str]] = [
    (list[int], "[1, 2.0, 3 ]"),
    (list[int | None], "[1, null]"),
    (list[str], '["a", "b\\n\\ud83d\\ude00", ""]'),
    (list[float], "[1, 2.5]"),
    (list[Any], '[{"a": [1]}, "x", null, true]'),
    (list[list[int]], "[[], [1, 2]]"),
    (Iterable[Row], '[{"name": "]"}]'),
    (Iterable[Cat | Dog], '[{"kind": "dog", "tricks": ["{"]}, {"kind": "cat"}]'),
    (list[Annotated[Cat | Dog, Field(discriminator="kind")]], '[{"tricks": [], "kind": "dog"}]'),
    (list[Row], "[]"),
]


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize(("form", "text"), FORMS)
def test_forms(form: Any, text: str, wrapped: bool) -> None:
    text = f'{{"content": {text}}}' if wrapped else text
    for size in (1, 4, 100):
        stream: Items[Any] = Items(target(form))
        found = [item for at in range(0, len(text), size) for item in stream.feed(text[at : at + size])]
        assert found == target(form).read(text)
        assert stream.close() == []


def test_an_element_that_is_not_valid() -> None:
    stream = Items(target(list[Row]))
    text = '{"content": [{"name": "a"}, {"name": "b", "count": "many {"}, {"name": "c"}]}'
    assert [row.name for row in stream.feed(text)] == ["a"]
    with pytest.raises(ValidationError) as caught:
        stream.feed(" ")
    assert caught.value.errors()[0]["loc"] == ("content", 1, "count")
    (line,) = problems(caught.value, answer=text)
    assert line.endswith("@ $.content[1].count")
    with pytest.raises(ValidationError):
        stream.close()
    with pytest.raises(ValidationError):
        Items(target(list[Row])).feed('[{"name": 1}')


@pytest.mark.parametrize("text", ["", "no list", '{"content": [', '{"content": [{"name": "a"}', '[{"name": "a"}, {"na'])
def test_a_list_that_is_cut_off(text: str) -> None:
    stream = Items(target(list[Row]))
    stream.feed(text)
    with pytest.raises(ParseError):
        stream.close()


@pytest.mark.parametrize(
    "text",
    ['{"name": "a"}', '{"rows": []}', '{"content": 3}', '{"content": [], "more": 1}', '{"more": [], "content": []}'],
)
def test_no_list(text: str) -> None:
    stream = Items(target(list[Row]))
    assert stream.feed(text) == []
    with pytest.raises(ValidationError):
        stream.close()


def test_validators_of_the_list() -> None:
    short = Annotated[list[int], Field(max_length=2)]
    stream: Items[int] = Items(target(short))
    assert stream.feed("[1, 2, 3]") == [1, 2, 3]
    with pytest.raises(ValidationError, match="at most 2 items"):
        stream.close()
    total = Annotated[list[int], AfterValidator(lambda value: value if sum(value) < 9 else 1 / 0)]
    stream = Items(target(total))
    assert stream.feed("[4, 5") == [4]
    assert stream.feed("]") == [5]
    with pytest.raises(ZeroDivisionError):
        stream.close()
    words = Annotated[list[str], BeforeValidator(lambda value: value.split() if isinstance(value, str) else value)]
    late: Items[str] = Items(target(words))
    assert late.feed('{"content": "a b"}') == []
    assert late.close() == ["a", "b"]


def test_context_strictness_and_nulls() -> None:
    assert Items(target(list[int]), strict=False).feed('["1"]') == [1]
    with pytest.raises(ValidationError):
        Items(target(list[int]), strict=True).feed('["1"]')
    rendered = render(target(list[Row]), OPENAI_STRICT)
    assert Items(target(list[Row]), rendered).feed('[{"name": "a", "count": null}]') == [Row(name="a")]


def test_what_was_handed_out_is_the_answer() -> None:
    stream = Items(target(list[Row]))
    assert len(stream.feed('[{"name": "a"}]\n```\n[{"name": "b"}]')) == 1
    assert stream.close() == []
    other = Items(target(list[Row]))
    other.feed('[ ]\n```\n[{"name": "b"}]')
    assert other.close() == []


def test_each_element_is_validated_once() -> None:
    calls: list[str] = []
    checked = Annotated[str, AfterValidator(lambda value: calls.append(value) or value)]

    class Seen(BaseModel):
        name: checked

    stream = Items(target(list[Seen]))
    text = json.dumps([{"name": f"n{number}"} for number in range(300)])
    assert sum(len(stream.feed(text[at : at + 5])) for at in range(0, len(text), 5)) == 300
    assert stream.close() == []
    assert calls == [f"n{number}" for number in range(300)]
    assert stream.text == text
