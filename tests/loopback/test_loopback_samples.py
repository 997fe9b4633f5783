"""Sample values conform to their schemas."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import AnyUrl, BaseModel, Field

from instructor.testing import sample

# ----------------------------------------------------------------------------------------------------------- samples

NODE: Any = {
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
            },
            "required": ["name", "next"],
        }
    },
    "$ref": "#/$defs/Node",
}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"enum": ["a", "b"]}, "a"),
        ({"const": 5}, 5),
        ({"type": "string", "format": "date"}, "2024-01-31"),
        ({"type": "string", "minLength": 10}, "example ex"),
        ({"type": "string", "maxLength": 3}, "exa"),
        ({"type": "string", "pattern": r"^[A-Z]{3}-\d+$"}, "AAA-0"),
        ({"type": "integer", "minimum": 18}, 18),
        ({"type": "integer", "maximum": -5}, -5),
        ({"type": "integer", "exclusiveMinimum": 0, "multipleOf": 5}, 5),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"type": "number", "minimum": 0, "maximum": 1}, 0),
        ({"type": "boolean"}, True),
        ({"type": ["null", "integer"]}, 1),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True}, [1, 2, 3]),
        ({"type": "array", "items": {"type": "integer"}, "maxItems": 0}, []),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}, ["example", 1]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"key 1": 1}),
        ({"allOf": [{"type": "object", "properties": {"a": {"type": "null"}}}]}, {"a": None}),
        ({}, "example"),
    ],
)
def test_samples(schema: Any, value: Any) -> None:
    assert sample(schema) == value


class Kind(Enum):
    A = "a"
    B = "b"


class Line(BaseModel):
    what: str = Field(min_length=3, max_length=5)
    price: Decimal = Field(gt=0, le=100)
    tags: set[str] = Field(min_length=2)


class Order(BaseModel):
    number: str = Field(pattern=r"^[A-Z]{2}\d{4}$")
    day: date
    at: datetime | None
    lasts: timedelta
    ident: UUID
    link: AnyUrl
    kind: Kind
    word: Literal["x", "y"]
    lines: list[Line] = Field(min_length=2, max_length=3)
    pair: tuple[int, str]
    notes: dict[str, int]
    either: Line | int
    again: Order | None = None


def test_samples_of_models_are_valid() -> None:

    Order.model_validate(sample(Order.model_json_schema()))


def test_recursive_samples_end() -> None:
    value = sample(NODE)
    assert value["children"][0]["name"] == "example name"
    assert "null" in json.dumps(value)
    assert sample({"$ref": "#/$defs/A", "$defs": {"A": {"type": "object", "properties": {}}}}) == {}
