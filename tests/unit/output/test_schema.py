"""The dialects by example, and what they cannot express."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import AnyUrl, Field, create_model

from instructor.output import ANTHROPIC, OPENAI_STRICT, PLAIN, Dialect, express, render, target
from tests.unit.output.forms import (
    INEXPRESSIBLE,
    RECURSIVE,
    Bounds,
    Colour,
    Corner,
    Described,
    Keywords,
    Nested,
    Noted,
    Tree,
    property_of,
    schema_of,
)

NULL = {"type": "null"}


@pytest.mark.parametrize(
    ("annotation", "default", "expected"),
    [
        (int, ..., {"type": "integer"}),
        (int, 3, {"anyOf": [{"type": "integer"}, NULL], "description": "Null stands for the default: 3."}),
        (int | None, None, {"anyOf": [{"type": "integer"}, NULL]}),
        (int | None, ..., {"anyOf": [{"type": "integer"}, NULL]}),
        (int | None, 3, {"anyOf": [{"type": "integer"}, NULL], "description": "Default: 3."}),
        (
            int | str,
            3,
            {
                "anyOf": [{"type": "integer"}, {"type": "string"}, NULL],
                "description": "Null stands for the default: 3.",
            },
        ),
        (
            Annotated[str, Field(min_length=1, max_length=9, description="Its name")],
            ...,
            {"type": "string", "description": "Its name. Constraint: at least 1 character, at most 9 characters."},
        ),
        (Annotated[int, Field(ge=1, lt=9)], ..., {"type": "integer", "minimum": 1, "exclusiveMaximum": 9}),
        (Annotated[str, Field(pattern="^a+$")], ..., {"type": "string", "pattern": "^a+$"}),
        (
            Annotated[str, Field(json_schema_extra={"pattern": "(?=x)x{2}"})],
            ...,
            {"type": "string", "description": "Constraint: matching the regular expression (?=x)x{2}."},
        ),
        (date, ..., {"type": "string", "format": "date"}),
        (AnyUrl, ..., {"type": "string", "description": "Constraint: at least 1 character, in the format uri."}),
        (
            set[int],
            ...,
            {"type": "array", "items": {"type": "integer"}, "description": "Constraint: no item twice."},
        ),
        (
            tuple[int, int],
            ...,
            {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        ),
        (Literal["a"], ..., {"type": "string", "const": "a"}),
        (Literal["a", None], ..., {"type": ["string", "null"], "enum": ["a", None]}),
        (Colour, ..., {"$ref": "#/$defs/Colour"}),
        (
            Colour,
            Colour.RED,
            {"anyOf": [{"$ref": "#/$defs/Colour"}, NULL], "description": 'Null stands for the default: "red".'},
        ),
        (
            Annotated[Colour, Field(description="of the car")],
            ...,
            {"type": "string", "enum": ["red", "blue"], "description": "of the car"},
        ),
    ],
)
def test_openai_properties(annotation: Any, default: Any, expected: Any) -> None:
    assert property_of(annotation, OPENAI_STRICT, default) == expected


@pytest.mark.parametrize(
    ("annotation", "default", "expected"),
    [
        (int, 3, {"type": "integer", "description": "Default: 3."}),
        (int | None, None, {"anyOf": [{"type": "integer"}, NULL]}),
        (Annotated[int, Field(ge=1)], ..., {"type": "integer", "description": "Constraint: at least 1."}),
        (
            Annotated[str, Field(pattern="^a+$")],
            ...,
            {"type": "string", "description": "Constraint: matching the regular expression ^a+$."},
        ),
        (
            AnyUrl,
            ...,
            {"type": "string", "format": "uri", "description": "Constraint: at least 1 character."},
        ),
        (
            Annotated[list[int], Field(min_length=1)],
            ...,
            {"type": "array", "items": {"type": "integer"}, "minItems": 1},
        ),
        (
            Annotated[list[int], Field(min_length=2)],
            ...,
            {"type": "array", "items": {"type": "integer"}, "description": "Constraint: at least 2 items."},
        ),
        (
            Annotated[int, Field(json_schema_extra={"type": ["integer", "null"]})],
            ...,
            {"anyOf": [{"type": "integer"}, NULL]},
        ),
        (
            Literal["a", "b", 1, None],
            ...,
            {
                "anyOf": [
                    {"type": "string", "enum": ["a", "b"]},
                    {"type": "integer", "enum": [1]},
                    {"type": "null", "enum": [None]},
                ]
            },
        ),
        (Literal["a", "b"], ..., {"type": "string", "enum": ["a", "b"]}),
        (
            Annotated[Colour, Field(description="of the car")],
            ...,
            {"type": "string", "enum": ["red", "blue"], "description": "of the car"},
        ),
    ],
)
def test_anthropic_properties(annotation: Any, default: Any, expected: Any) -> None:
    assert property_of(annotation, ANTHROPIC, default) == expected


def test_plain_only_drops_titles_that_repeat_names() -> None:
    rendered = render(target(Nested), PLAIN)
    assert not rendered.strict
    assert rendered.schema["$defs"]["Address"]["properties"] == {
        "street": {"type": "string"},
        "zip_code": {"type": "string", "title": "ZIP as printed"},
    }
    assert "title" not in rendered.schema
    assert render(target(Noted), PLAIN).schema["title"] == "A Note of Somebody"
    assert list(render(target(Keywords), PLAIN).schema["properties"]) == list(Keywords.model_fields)
    bounds = {key: value for key, value in Bounds.model_json_schema()["properties"]["b"].items() if key != "title"}
    assert render(target(Bounds), PLAIN).schema["properties"]["b"] == bounds


def test_a_described_field_that_recurses_keeps_reference_and_description() -> None:
    expected = {"anyOf": [{"$ref": "#/$defs/Described"}, NULL], "description": "the next one"}
    assert schema_of(Described, OPENAI_STRICT)["properties"]["next"] == expected
    needed = create_model("Needed", tree=(Annotated[Tree, Field(description="whole")], ...))
    expected = {"anyOf": [{"$ref": "#/$defs/Tree"}], "description": "whole"}
    assert schema_of(needed, OPENAI_STRICT)["properties"]["tree"] == expected


def test_a_named_tuple_keeps_its_names_in_words() -> None:
    assert schema_of(Corner, OPENAI_STRICT)["properties"]["content"] == {
        "type": "array",
        "items": {"type": "integer"},
        "minItems": 2,
        "maxItems": 2,
        "description": "In this order: X, Y.",
    }


@pytest.mark.parametrize("dialect", [OPENAI_STRICT, ANTHROPIC], ids=lambda one: one.name)
@pytest.mark.parametrize(("form", "note"), INEXPRESSIBLE)
def test_inexpressible(form: Any, note: str, dialect: Dialect) -> None:
    rendered = render(target(form), dialect)
    assert not rendered.strict
    assert not rendered.null_is_absent
    assert note in rendered.notes
    assert rendered.schema == render(target(form), PLAIN).schema


@pytest.mark.parametrize("form", RECURSIVE)
def test_recursion(form: Any) -> None:
    assert render(target(form), OPENAI_STRICT).strict
    rendered = render(target(form), ANTHROPIC)
    assert not rendered.strict
    assert any("contains itself" in note for note in rendered.notes)


@pytest.mark.parametrize(
    ("part", "note"),
    [
        ({"not": {"type": "string"}}, "$.a uses 'not'"),
        ({"allOf": [{"type": "string"}, {"minLength": 3}]}, "$.a is an intersection"),
        ({"$ref": "https://example.org/schema"}, "$.a refers to 'https://example.org/schema'"),
        ({"enum": [[1], [2]]}, "$.a lists values that are not primitive"),
        ({"type": "object"}, "$.a is an object with free keys"),
        ({"type": "array"}, "$.a is a list of any values"),
        ({"type": "array", "items": True}, "$.a[] may be any value"),
    ],
)
def test_hand_written_parts(part: dict[str, Any], note: str) -> None:
    schema = {"type": "object", "properties": {"a": part}, "required": ["a"]}
    for dialect in (OPENAI_STRICT, ANTHROPIC):
        rendered = express(schema, dialect)
        assert not rendered.strict
        assert any(one.startswith(note) for one in rendered.notes), rendered.notes


def fields(count: int, annotation: Any, default: Any = ...) -> Any:
    return create_model("Many", **{f"f{index}": (annotation, default) for index in range(count)})


def nest(levels: int) -> Any:
    model = create_model("Level0", x=(int, ...))
    for level in range(1, levels):
        model = create_model(f"Level{level}", inner=(model, ...))
    return model


@pytest.mark.parametrize(
    ("within", "over", "dialect", "note"),
    [
        (fields(24, int, 0), fields(25, int, 0), ANTHROPIC, "25 optional properties"),
        (fields(16, int | str), fields(17, int | str), ANTHROPIC, "17 properties of more than one type"),
        (fields(400, int), fields(5001, int), OPENAI_STRICT, "5,001 properties"),
        (nest(10), nest(11), OPENAI_STRICT, "11 levels of objects"),
        (
            Literal[*(f"v{n}" for n in range(1000))],
            Literal[*(f"v{n}" for n in range(1001))],
            OPENAI_STRICT,
            "1,001 enum values",
        ),
        (
            Literal[*(f"{n:040}" for n in range(300))],
            Literal[*(f"{n:080}" for n in range(300))],
            OPENAI_STRICT,
            "24,000 characters in an enum",
        ),
        (fields(2, Literal["a" * 50_000]), fields(3, Literal["a" * 50_000]), OPENAI_STRICT, "150,006 characters"),
    ],
    ids=["optional", "unions", "properties", "levels", "values", "enum", "characters"],
)
def test_limits(within: Any, over: Any, dialect: Dialect, note: str) -> None:
    assert render(target(within), dialect).strict
    rendered = render(target(over), dialect)
    assert not rendered.strict
    assert rendered.notes[0].startswith(note)
