"""The dialects beside the providers' own helpers where those are right, and what holds for every model."""

from __future__ import annotations

import copy
import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from anthropic import transform_schema
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.lib._pydantic import to_strict_json_schema
from pydantic import Field, create_model

from instructor.output import ANTHROPIC, OPENAI_STRICT, Dialect, express, render, target
from instructor.output._walk import parts
from tests.unit.output.forms import (
    STRICT_EVERYWHERE,
    Address,
    Cat,
    Colour,
    Described,
    Flat,
    Forbids,
    FreeKeys,
    Needed,
    Nested,
    Optionals,
    Pets,
    Plain,
    Untyped,
    Words,
    schema_of,
)


def same(schema: Any, root: Any = None) -> Any:
    """A schema in one form: references followed, without titles, unions and keys in any order."""
    root = schema if root is None else root
    if isinstance(schema, list):
        return [same(item, root) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        inner = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        return same({**inner, **{key: value for key, value in schema.items() if key != "$ref"}}, root)
    out = {key: value for key, value in schema.items() if key not in ("title", "$defs")}
    if "properties" in out:
        out["properties"] = {name: same(item, root) for name, item in out["properties"].items()}
    for key in ("anyOf", "items"):
        if key in out:
            out[key] = same(out[key], root)
    return out


@pytest.mark.parametrize("form", [Flat, Forbids, Address, Cat, Needed], ids=str)
def test_openai_helper_agrees_where_every_field_is_required(form: Any) -> None:
    assert same(schema_of(form, OPENAI_STRICT)) == same(to_strict_json_schema(form))


def test_openai_helper_is_not_followed_where_the_api_refuses_its_output() -> None:
    theirs = to_strict_json_schema(FreeKeys)["properties"]["counts"]
    assert theirs["additionalProperties"] == {"type": "integer"}
    assert not render(target(FreeKeys), OPENAI_STRICT).strict
    assert to_strict_json_schema(Optionals)["properties"]["b"]["default"] == "x"
    assert "oneOf" in to_strict_json_schema(Pets)["properties"]["pet"]
    assert "anyOf" in schema_of(Pets, OPENAI_STRICT)["properties"]["pet"]
    with pytest.raises(RecursionError):
        to_strict_json_schema(Described)


@pytest.mark.parametrize("form", [Flat, Forbids, Address, Plain], ids=str)
def test_anthropic_helper_agrees_where_nothing_is_lost(form: Any) -> None:
    assert same(schema_of(form, ANTHROPIC)) == same(transform_schema(copy.deepcopy(dict(target(form).schema))))


def test_anthropic_helper_is_not_followed_where_it_loses_something() -> None:
    assert transform_schema(FreeKeys)["properties"]["counts"]["properties"] == {}
    assert not render(target(FreeKeys), ANTHROPIC).strict
    assert "type" not in transform_schema(Words)["properties"]["a"]
    assert schema_of(Words, ANTHROPIC)["properties"]["a"]["type"] == "string"
    assert "description" not in transform_schema(Nested)["properties"]["billing"]
    assert schema_of(Nested, ANTHROPIC)["properties"]["billing"]["description"] == "Where the bill goes"
    with pytest.raises(ValueError, match="must have a 'type'"):
        transform_schema(Untyped)
    assert not render(target(Untyped), ANTHROPIC).strict


KEYWORDS = frozenset(
    "type enum const anyOf items properties required additionalProperties $ref $defs title description".split()
)
OPENAI_KEYWORDS = KEYWORDS | frozenset(
    "pattern format multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems".split()
)
ANTHROPIC_KEYWORDS = KEYWORDS | {"format", "minItems"}


def check_openai(schema: dict[str, Any]) -> None:
    assert schema["type"] == "object"
    for path, part in parts(schema):
        assert part.keys() <= OPENAI_KEYWORDS, path
        assert part.keys() & {"type", "anyOf", "$ref"}, path
        assert "$ref" not in part or part.keys() == {"$ref"}, path
        if "properties" in part or part.get("type") == "object":
            assert part["additionalProperties"] is False, path
            assert part["required"] == list(part["properties"]), path


def check_anthropic(schema: dict[str, Any]) -> None:
    assert schema["type"] == "object"
    for path, part in parts(schema):
        assert part.keys() <= ANTHROPIC_KEYWORDS, path
        assert part.keys() & {"type", "anyOf", "$ref"}, path
        assert isinstance(part.get("type", ""), str), path
        assert part.get("minItems", 0) in (0, 1), path
        assert "$ref" not in part or part.keys() == {"$ref"}, path
        if "properties" in part or part.get("type") == "object":
            assert part["additionalProperties"] is False, path
            assert set(part.get("required", ())) <= part["properties"].keys(), path


CHECKS = {OPENAI_STRICT.name: check_openai, ANTHROPIC.name: check_anthropic}


@pytest.mark.parametrize("dialect", [OPENAI_STRICT, ANTHROPIC], ids=lambda one: one.name)
@pytest.mark.parametrize("form", STRICT_EVERYWHERE, ids=str)
def test_invariants(form: Any, dialect: Dialect) -> None:
    before = copy.deepcopy(dict(target(form).schema))
    CHECKS[dialect.name](schema_of(form, dialect))
    assert target(form).schema == before
    assert json.loads(json.dumps(render(target(form), dialect).schema)) == render(target(form), dialect).schema
    assert render(target(form), dialect) is render(target(form), dialect)


LEAVES: list[Any] = [
    int,
    str,
    bool,
    float,
    date,
    Decimal,
    Colour,
    Literal["a", "b"],
    Annotated[int, Field(ge=0, le=10)],
    Annotated[str, Field(max_length=30)],
    Address,
    Cat,
]


def any_annotation() -> st.SearchStrategy[Any]:
    return st.recursive(
        st.sampled_from(LEAVES),
        lambda inner: st.one_of(
            inner.map(lambda one: list[one]),
            inner.map(lambda one: one | None),
            inner.map(lambda one: tuple[one, one]),
            st.lists(inner, min_size=1, max_size=3).map(model_of),
        ),
        max_leaves=5,
    )


def model_of(members: list[Any]) -> Any:
    return create_model("Made", **{f"field_{index}": (member, ...) for index, member in enumerate(members)})


OPTIONS = st.sampled_from(["needed", "none", "described"])


@st.composite
def drawn_models(draw: st.DrawFn) -> Any:
    members = draw(st.lists(st.tuples(any_annotation(), OPTIONS), min_size=1, max_size=4))
    rows: dict[str, Any] = {}
    for index, (member, option) in enumerate(members):
        rows[f"title_{index}"] = {
            "needed": (member, ...),
            "none": (member, None),
            "described": (member, Field(description="What it is")),
        }[option]
    return create_model("Drawn", **rows)


@settings(max_examples=60, deadline=None)
@given(drawn_models())
def test_invariants_of_any_model(model: Any) -> None:
    schema = target(model).schema
    before = copy.deepcopy(dict(schema))
    for dialect in (OPENAI_STRICT, ANTHROPIC):
        rendered = express(schema, dialect)
        if rendered.strict:
            CHECKS[dialect.name](dict(rendered.schema))
    assert express(schema, OPENAI_STRICT).strict
    assert schema == before
