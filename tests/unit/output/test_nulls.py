"""Null for absence, as strict dialects make models write it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter

from instructor.output import OPENAI_STRICT, render, target
from instructor.output._nulls import drop_nulls
from instructor.output._walk import admits_null
from tests.unit.output.forms import Cat, Data, Dog, Flat, Optionals, Typed, Words


class Line(BaseModel):
    count: int = 1
    note: str | None = "none"
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None


class Order(BaseModel):
    id: int
    lines: list[Line] = []
    main: Line = Line()
    by_name: dict[str, Line] = {}
    pair: tuple[Line, int] | None = None
    anything: Any = None


class Early(BaseModel):
    kind: Literal["early"]
    at: int = 5


class Late(BaseModel):
    kind: Literal["late"]
    at: int | None = 6


class Train(BaseModel):
    train: Early | Late
    next: Train | None = None
    delay: int = 0


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        (Order, {"id": None}, {"id": None}),
        (Order, {"id": 1, "lines": None, "main": None}, {"id": 1}),
        (Order, {"id": 1, "anything": None, "pair": None}, {"id": 1, "anything": None, "pair": None}),
        (Order, {"id": 1, "unknown": None}, {"id": 1, "unknown": None}),
        (Order, {"lines": [{"count": None, "note": None}]}, {"lines": [{"note": None}]}),
        (Order, {"by_name": {"a": {"count": None}, "b": None}}, {"by_name": {"a": {}, "b": None}}),
        (Order, {"pair": [{"count": None}, None]}, {"pair": [{}, None]}),
        (Order, {"anything": {"count": None}}, {"anything": {"count": None}}),
        (Train, {"train": {"kind": "early", "at": None}}, {"train": {"kind": "early"}}),
        (Train, {"train": {"kind": "late", "at": None}}, {"train": {"kind": "late", "at": None}}),
        (Train, {"next": {"next": {"delay": None}, "delay": 1}}, {"next": {"next": {}, "delay": 1}}),
        (list[Line], {"content": [{"count": None}]}, {"content": [{}]}),
        (Line | Flat, {"content": {"count": None}}, {"content": {}}),
        (int | None, {"content": None}, {"content": None}),
    ],
)
def test_drop_nulls(form: Any, value: Any, expected: Any) -> None:
    before = copy.deepcopy(value)
    assert drop_nulls(value, target(form).schema) == expected
    assert value == before


def test_drop_nulls_visits_each_member_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from instructor.output import _nulls

    visits = 0
    drop = _nulls._drop

    def counted(*args: Any) -> Any:
        nonlocal visits
        visits += 1
        return drop(*args)

    monkeypatch.setattr(_nulls, "_drop", counted)
    drop_nulls({"lines": [{"count": None, "note": "x"} for _ in range(1000)]}, target(Order).schema)
    assert visits == 1 + 1 + 1000 + 1000


def nulled(value: Any, schema: Any, root: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Every place in an answer where strict mode lets a model write null for absence."""
    for name, item in schema["properties"].items():
        if name not in schema.get("required", ()) and not admits_null(item, root):
            yield value, name


@pytest.mark.parametrize("form", [Optionals, Line, Data, Typed, Words])
def test_nulls_give_the_defaults(form: Any) -> None:
    asked = target(form)
    rendered = render(asked, OPENAI_STRICT)
    answer = {"a": "x", "b": "x", "c": "red", "e": None} if form is Words else {"a": 1} if form is Data else {}
    full = dict(answer)
    for value, name in nulled(full, asked.schema, asked.schema):
        value[name] = None
    assert asked.read(json.dumps(full), rendered=rendered) == TypeAdapter(form).validate_python(answer)
