"""A value that conforms to a JSON Schema: the same one each time.

    sample(schema)   objects with all their properties, lists with one item, strings made from the property's name

Rows, not cleverness: FORMATS for strings of a format, `KINDS` for types. Constraints are met (bounds, lengths, counts,
patterns of the simple sort, `$ref`, `anyOf`, `allOf`); `not`, `if` and `patternProperties` are not read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..values import dataclass
from .patterns import matching

Schema = Mapping[str, Any]

FORMATS: Mapping[str, str] = {
    "date": "2024-01-31",
    "date-time": "2024-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "P1D",
    "email": "jason@example.com",
    "idn-email": "jason@example.com",
    "name-email": "Jason <jason@example.com>",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "ipvanyaddress": "192.0.2.1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uri-reference": "/example",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "uuid4": "123e4567-e89b-42d3-a456-426614174000",
    "byte": "ZXhhbXBsZQ==",
    "base64": "ZXhhbXBsZQ==",
    "binary": "example",
    "json-string": "{}",
    "regex": "example",
    "decimal": "1",
    "path": "example.txt",
    "file-path": "example.txt",
    "directory-path": "example",
}

DEEP = 6
"""From this depth on, what may be left out is left out: schemas can be recursive."""

BOTTOM = 40
"""Where a schema that cannot end is given up."""


def sample(schema: Schema) -> Any:
    """A value that conforms to `schema`."""
    return _value(schema, _Place(schema))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the value we are: the root schema, the property's name, how deep, which item of a list."""

    root: Schema
    name: str = ""
    depth: int = 0
    nth: int = 0

    def down(self, name: str | None = None, nth: int = 0) -> _Place:
        return replace(self, name=self.name if name is None else name, depth=self.depth + 1, nth=nth)


def _value(schema: Any, place: _Place) -> Any:
    if not isinstance(schema, Mapping) or place.depth > BOTTOM:
        return _words(place)
    schema = _resolved(schema, place)
    if "const" in schema:
        return schema["const"]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][place.nth % len(schema[key])]
    return KINDS[_kind(schema)](schema, place)


def _resolved(schema: Schema, place: _Place) -> Schema:
    """The schema with `$ref` followed, `allOf` merged and one member of `anyOf`/`oneOf` picked."""
    for _ in range(BOTTOM):
        rest = {key: value for key, value in schema.items() if key not in ("$ref", "allOf", "anyOf", "oneOf")}
        if "$ref" in schema:
            schema = _merged(_pointed(schema["$ref"], place.root), rest)
        elif "allOf" in schema:
            for part in schema["allOf"]:
                rest = _merged(rest, _resolved(part, place))
            schema = rest
        elif members := schema.get("anyOf") or schema.get("oneOf"):
            schema = _merged(rest, _picked(members, place))
        else:
            break
    return schema


def _merged(first: Schema, second: Schema) -> dict[str, Any]:
    """Two schemas as one; properties and required names add up."""
    merged = {**first, **second}
    if "properties" in first and "properties" in second:
        merged["properties"] = {**first["properties"], **second["properties"]}
    if "required" in first and "required" in second:
        merged["required"] = list(dict.fromkeys([*first["required"], *second["required"]]))
    return merged


def _pointed(ref: str, root: Schema) -> Schema:
    """What a local `$ref` points to."""
    target: Any = root
    for step in ref.removeprefix("#").strip("/").split("/"):
        if step:
            target = target[step.replace("~1", "/").replace("~0", "~")]
    return dict(target)


def _picked(members: list[Schema], place: _Place) -> Schema:
    """The first member that is not null; deep down, one that ends."""
    null = [member for member in members if member.get("type") == "null"]
    some = [member for member in members if member.get("type") != "null"]
    if place.depth >= DEEP:
        ending = [member for member in some if "$ref" not in member and member.get("type") != "object"]
        return (null or ending or some)[0]
    return (some or null)[0]


def _kind(schema: Schema) -> str:
    """The type to make, guessed from the keywords where the schema does not say."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), "null")
    if isinstance(kind, str) and kind in KINDS:
        return kind
    return next((name for keyword, name in _HINTS.items() if keyword in schema), "string")


_HINTS = {
    "properties": "object",
    "additionalProperties": "object",
    "items": "array",
    "prefixItems": "array",
    "minimum": "number",
    "maximum": "number",
}


# ------------------------------------------------------------------------------------------------- one maker a type


def _object(schema: Schema, place: _Place) -> dict[str, Any]:
    properties: Schema = schema.get("properties", {})
    required = schema.get("required", ())
    names = [name for name in properties if name in required or place.depth < DEEP]
    value = {name: _value(properties[name], place.down(name)) for name in names}
    others = schema.get("additionalProperties")
    least = max(schema.get("minProperties", 0), 1 if others and not properties and place.depth < DEEP else 0)
    for number in range(len(value), least):
        value[f"key {number + 1}"] = _value(others, place.down(nth=number))
    return value


def _array(schema: Schema, place: _Place) -> list[Any]:
    fixed = schema.get("prefixItems", [])
    least = schema.get("minItems", 0)
    wanted = max(least, len(fixed), 1 if place.depth < DEEP and schema.get("items") is not False else 0)
    count = min(wanted, schema.get("maxItems", wanted))
    items = schema.get("items", {})
    return [
        _value(fixed[nth] if nth < len(fixed) else items, place.down(nth=nth if nth >= len(fixed) else 0))
        for nth in range(count)
    ]


def _integer(schema: Schema, place: _Place) -> int:
    return math.ceil(_number(schema, place, whole=True))


def _number(schema: Schema, place: _Place, *, whole: bool = False) -> float:
    """The lowest number in the bounds that is not below one, plus the item's number; inside, where bounds are open."""
    step = schema.get("multipleOf", 1)
    low, high = schema.get("minimum"), schema.get("maximum")
    over, under = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is None and over is not None:
        low = math.floor(over) + 1 if whole or under is None or over + 1 < under else (over + under) / 2
    if high is None and under is not None:
        high = math.ceil(under) - 1 if whole or low is None or low <= under - 1 else low
    value: float = 1 if low is None else low
    if high is not None:
        value = min(value, high)
    if "multipleOf" in schema:
        rounding = math.floor if low is None and high is not None else math.ceil
        value = rounding(value / step) * step
    value += step * place.nth
    return min(value, high) if high is not None else value


def _string(schema: Schema, place: _Place) -> str:
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    text = _words(place)
    if "pattern" in schema:
        text = matching(schema["pattern"]) or text
    least = schema.get("minLength", 0)
    if len(text) < least:
        text = (text + " ") * (least // (len(text) + 1) + 1)
        text = text[:least].rstrip().ljust(least, ".")
    return text[: schema.get("maxLength", len(text))]


def _words(place: _Place) -> str:
    """A string for a property: `example full name`."""
    words = " ".join(["example", *place.name.replace("_", " ").split()])
    return f"{words} {place.nth + 1}" if place.nth else words


KINDS: Mapping[str, Callable[[Schema, _Place], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": lambda schema, place: True,
    "null": lambda schema, place: None,
}
