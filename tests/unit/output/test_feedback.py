"""What a model is told about a wrong answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from instructor.errors import ParseError
from instructor.output import feedback, problems, target


class Item(BaseModel):
    price: float
    name: str = ""


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    good: bool


@dataclass
class Spot:
    x: int


class Bill(BaseModel):
    items: list[Item] = []
    age: int = 0
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    any_pet: Cat | Dog | None = None
    day: date | int = 0
    by_name: dict[str, Item] = {}
    spot: Spot | None = None
    scores: dict[int, int] = {}
    total: int = Field(0, alias="grandTotal")

    @field_validator("age")
    @classmethod
    def adult(cls, value: int) -> int:
        if value < 0:
            raise ValueError("nobody is younger than 0,\nplease look again")
        if value > 200:
            raise AssertionError("nobody is that old")
        return value

    @model_validator(mode="after")
    def sums(self) -> Bill:
        if self.total < 0:
            raise ValueError("the sum does not fit")
        return self


def lines(form: Any, answer: str, *, given: bool = True) -> tuple[str, ...]:
    with pytest.raises(ValidationError) as caught:
        target(form).read(answer)
    return problems(caught.value, answer=answer if given else None)


@pytest.mark.parametrize(
    ("form", "answer", "expected"),
    [
        (Bill, '{"items": [{}]}', ["Field required @ $.items[0].price"]),
        (
            Bill,
            '{"age": "abc"}',
            ['Input should be a valid integer, unable to parse string as an integer (got "abc") @ $.age'],
        ),
        (Bill, '{"age": -1}', ["nobody is younger than 0, please look again (got -1) @ $.age"]),
        (Bill, '{"age": 300}', ["nobody is that old (got 300) @ $.age"]),
        (Bill, '{"grandTotal": -1}', ["the sum does not fit (got an object with the keys grandTotal) @ $"]),
        (Bill, '{"grandTotal": null}', ["Input should be a valid integer (got null) @ $.grandTotal"]),
        (Bill, '{"items": 3}', ["Input should be a valid array (got 3) @ $.items"]),
        (Bill, '{"items": {}}', ["Input should be a valid array (got an empty object) @ $.items"]),
        (Bill, '{"age": [1, 2]}', ["Input should be a valid integer (got a list of 2) @ $.age"]),
        (Bill, '{"pet": {"kind": "cat"}}', ["Field required @ $.pet.lives"]),
        (Bill, '{"any_pet": {"kind": "dog"}}', None),
        (Bill, '{"by_name": {"a b": {}}}', ['Field required @ $.by_name["a b"].price']),
        (Bill, '{"spot": {}}', ["Field required @ $.spot.x"]),
        (Bill, '{"age": 1', ["Invalid JSON: EOF while parsing an object at line 1 column 9 @ $"]),
        (list[Item], '{"content": [{}]}', ["Field required @ $.content[0].price"]),
        (list[Item], "[{}]", ["Field required @ $[0].price"]),
        (
            list[Item],
            '{"price": 1}',
            ["Field required @ $.content", "Extra inputs are not permitted (got 1) @ $.price"],
        ),
        (tuple[int, str], '{"content": [1]}', ["Field required @ $.content[1]"]),
    ],
)
def test_lines(form: Any, answer: str, expected: list[str] | None) -> None:
    found = lines(form, answer)
    if expected is not None:
        assert list(found) == expected
    assert all(" @ $" in line and "\n" not in line for line in found)


def test_union_members_are_no_part_of_a_path() -> None:
    found = lines(Bill, '{"any_pet": {"kind": "dog"}, "day": "x"}')
    assert {line.split(" @ ")[1] for line in found} == {
        "$.any_pet.kind",
        "$.any_pet.lives",
        "$.any_pet.good",
        "$.day",
    }
    without = lines(Bill, '{"day": {}}', given=False)
    assert {line.split(" @ ")[1] for line in without} == {"$.day.date", "$.day.int"}
    labelled = lines(list[int] | dict[str, int], '{"content": ["x"]}', given=False)
    assert labelled[0].endswith("@ $.content[0]")


def test_keys_that_are_wrong() -> None:
    found = lines(Bill, '{"scores": {"x": 1}}')
    assert found == ('Input should be a valid integer, unable to parse string as an integer (got "x") @ $.scores.x',)


def test_at_most_twenty_lines() -> None:
    answer = '{"items": [' + ",".join(["{}"] * 50) + "]}"
    found = lines(Bill, answer)
    assert len(found) == 21
    assert found[-1] == "… and 30 more"
    exact = lines(Bill, '{"items": [' + ",".join(["{}"] * 20) + "]}")
    assert len(exact) == 20
    assert "more" not in exact[-1]


@pytest.mark.parametrize(
    "wrong",
    [
        "data:image/png;base64," + "iVBORw0KGgo" * 500,
        "iVBORw0KGgoAAAANSUhEUg" * 500,
        "A long story about nothing in particular. " * 50,
        "7" * 5000 + "x",
    ],
)
def test_wrong_values_are_shown_short(wrong: str) -> None:
    (line,) = lines(Bill, f'{{"age": "{wrong}"}}')
    assert len(line) < 200
    if wrong.startswith(("data:", "iVBOR")):
        assert "characters of data" in line
        assert wrong[:8] not in line


def test_python_values() -> None:
    class Picture:
        def __repr__(self) -> str:
            return "secret" * 1000

    with pytest.raises(ValidationError) as caught:
        target(list[int]).read_python([b"x" * 1000, Picture(), 10**30, True, {"k" * 100: 1}, float("nan")])
    text = feedback(caught.value)
    assert "(got 1,000 bytes) @ $[0]" in text
    assert "(got Picture) @ $[1]" in text
    assert "secret" not in text
    assert "(got an object with the keys kkk" in text
    assert max(map(len, text.splitlines())) < 200


def test_other_errors() -> None:
    assert problems(ParseError("no JSON in the answer")) == ("no JSON in the answer",)
    assert problems(ValueError("the total\nis wrong")) == ("the total is wrong",)
    assert problems(ValueError()) == ("ValueError",)
    assert problems(AssertionError("x" * 1000)) == ("x" * 299 + "…",)


def test_feedback_says_what_to_do_first() -> None:
    text = feedback(ValueError("wrong"))
    assert text.splitlines()[1:] == ["wrong"]
    assert "the whole answer again" in text.splitlines()[0]


def test_an_answer_that_is_not_json_does_not_matter() -> None:
    with pytest.raises(ValidationError) as caught:
        target(Bill).read('{"age": "x"}')
    assert problems(caught.value, answer="{")[0].endswith("@ $.age")
