"""Null for absence: what a strict dialect makes models write, taken back before validation.

Where every property is required on the wire, a model writes null for one that it would leave out. If the type
itself admits null there, null is the answer; if not, and the property may be left out, it was left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json, to_json

from ._walk import Schema, admits_null, choices


def without_nulls(text: str, schema: Schema) -> str:
    """JSON text without the nulls that stand for absence; unchanged where it is not JSON."""
    try:
        value = from_json(text)
    except ValueError:
        return text
    return to_json(drop_nulls(value, schema), inf_nan_mode="constants").decode()


def drop_nulls(value: Any, schema: Schema) -> Any:
    """A copy without the members that are null, may be left out, and do not admit null by the plain schema.

    Linear in the size of the value: every member is visited once.
    """
    return _drop(value, [schema], schema)


def _drop(value: Any, schemas: list[Schema], root: Schema) -> Any:
    if isinstance(value, dict):
        objects = [choice for one in schemas for choice in choices(one, root) if _fits(value, choice, root)]
        out: dict[str, Any] = {}
        for key, member in value.items():
            said = _said_of(key, objects)
            if member is None and said and not _null_counts(key, objects, root):
                continue
            out[key] = _drop(member, said, root)
        return out
    if isinstance(value, list):
        lists = [choice for one in schemas for choice in choices(one, root)]
        return [_drop(item, _said_at(index, lists), root) for index, item in enumerate(value)]
    return value


def _fits(value: Mapping[str, Any], schema: Schema, root: Schema) -> bool:
    """Whether a union's alternative is meant: its constants, such as a discriminator, are those of the value."""
    for key, item in schema.get("properties", {}).items():
        if value.get(key) is not None and isinstance(item, Mapping):
            told = [choice for choice in choices(item, root) if "const" in choice or "enum" in choice]
            if len(told) == 1 and value[key] not in told[0].get("enum", [told[0].get("const")]):
                return False
    return bool(schema.get("type", "object") == "object")


def _said_of(key: str, objects: list[Schema]) -> list[Schema]:
    found = [one["properties"][key] for one in objects if key in one.get("properties", {})]
    if not found:
        found = [one["additionalProperties"] for one in objects if "additionalProperties" in one]
    return _distinct(found)


def _said_at(index: int, lists: list[Schema]) -> list[Schema]:
    found = [
        one["prefixItems"][index] if index < len(one.get("prefixItems", ())) else one.get("items") for one in lists
    ]
    return _distinct(found)


def _distinct(found: list[Any]) -> list[Schema]:
    return list({id(one): one for one in found if isinstance(one, Mapping)}.values())


def _null_counts(key: str, objects: list[Schema], root: Schema) -> bool:
    """Whether null is an answer, or a mistake that validation must see."""
    having = [one for one in objects if key in one.get("properties", {})]
    return not having or any(
        key in one.get("required", ()) or admits_null(one["properties"][key], root) for one in having
    )
