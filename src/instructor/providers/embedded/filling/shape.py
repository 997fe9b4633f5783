"""A JSON Schema as a frozen tree of shapes: what may be filled, and under which names.

    Shape
    ├── object   fields: Shape …                 ├── map     item: Shape        {"key": item, …}
    ├── array    item: Shape, fields (tuples)    └── union   fields: Shape …    several objects, one to choose
    └── scalar   text · integer · number · decimal · boolean · date · datetime · time · duration
                 email · url · uuid · choice (enum, const) · any

`$ref` is followed, `null` becomes `nullable`, and a union of simple types becomes one scalar of its strictest type, with
the others in `also`. A schema that refers to itself is followed three times, then cut off as `never`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from ....values import dataclass

Kind = Literal[
    "object", "array", "map", "union", "never",
    "text", "integer", "number", "decimal", "boolean", "date", "datetime", "time", "duration",
    "email", "url", "uuid", "choice", "any",
]  # fmt: skip

NUMERIC: frozenset[Kind] = frozenset({"integer", "number", "decimal"})
TEMPORAL: frozenset[Kind] = frozenset({"date", "datetime", "time"})
NESTED: frozenset[Kind] = frozenset({"object", "array", "map", "union", "never"})

_FORMATS: dict[str, Kind] = {
    "date": "date", "date-time": "datetime", "time": "time", "duration": "duration",
    "email": "email", "idn-email": "email", "uri": "url", "url": "url", "uuid": "uuid",
}  # fmt: skip
_TYPES: dict[str, Kind] = {
    "object": "object", "array": "array", "string": "text", "integer": "integer", "number": "number",
    "boolean": "boolean",
}  # fmt: skip
_STRICTEST: tuple[Kind, ...] = (
    "array", "choice", "boolean", "uuid", "email", "url", "datetime", "date", "time", "duration",
    "integer", "decimal", "number", "text", "any",
)  # fmt: skip
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """One node of a schema, with its names and its limits."""

    kind: Kind
    name: str = ""
    title: str = ""
    description: str = ""
    aliases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    required: bool = False
    nullable: bool = False
    fields: tuple[Shape, ...] = ()
    item: Shape | None = None
    also: tuple[Shape, ...] = ()
    values: tuple[Any, ...] = ()
    const: bool = False
    low: float | None = None
    high: float | None = None
    pattern: str = ""
    longest: int | None = None
    unique: bool = False


def read_shape(schema: Mapping[str, Any]) -> Shape:
    """The shape of a whole schema, with `$ref` looked up in its own `$defs`."""
    return _read(schema, schema, ())


def _read(node: Any, root: Mapping[str, Any], seen: tuple[str, ...]) -> Shape:
    if not isinstance(node, Mapping):
        return Shape("any" if node is True else "never")
    named = _names(node)
    if "$ref" in node:
        ref = str(node["$ref"])
        if seen.count(ref) >= _DEPTH:
            return Shape("never")
        return _named(_read(_resolve(ref, root), root, (*seen, ref)), named)
    if isinstance(node.get("allOf"), list) and len(node["allOf"]) == 1:
        return _named(_read(node["allOf"][0], root, seen), named)
    branches = node.get("anyOf") or node.get("oneOf")
    if isinstance(branches, list) and branches:
        return _named(_union([_read(branch, root, seen) for branch in branches]), named)
    types = node.get("type")
    if isinstance(types, list):
        return _named(_union([_read({**node, "type": one}, root, seen) for one in types]), named)
    return _named(_plain(node, root, seen), named)


def _resolve(ref: str, root: Mapping[str, Any]) -> Any:
    node: Any = root
    for step in ref.removeprefix("#").strip("/").split("/"):
        if step:
            node = node.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(node, Mapping) else None
    return node


def _plain(node: Mapping[str, Any], root: Mapping[str, Any], seen: tuple[str, ...]) -> Shape:
    """A node with one type (or none)."""
    if "const" in node:
        return Shape("choice", values=(node["const"],), const=True)
    if isinstance(node.get("enum"), list):
        return Shape("choice", values=tuple(node["enum"]))
    kind = _TYPES.get(str(node.get("type")), "any")
    if node.get("type") == "null":
        return Shape("choice", values=(None,))
    if kind == "object" or "properties" in node:
        return _object(node, root, seen)
    if kind == "array":
        pair = node.get("prefixItems")
        return Shape(
            "array",
            item=_read(node.get("items", True), root, seen) if node.get("items") is not False else None,
            fields=tuple(_read(one, root, seen) for one in pair) if isinstance(pair, list) else (),
            unique=bool(node.get("uniqueItems")),
        )
    if kind == "text":
        kind = _FORMATS.get(str(node.get("format")), "text")
    return Shape(
        kind,
        low=_limit(node, "minimum", "exclusiveMinimum"),
        high=_limit(node, "maximum", "exclusiveMaximum"),
        pattern=str(node.get("pattern", "")),
        longest=node["maxLength"] if isinstance(node.get("maxLength"), int) else None,
    )


def _object(node: Mapping[str, Any], root: Mapping[str, Any], seen: tuple[str, ...]) -> Shape:
    properties = node.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        extra = node.get("additionalProperties", True)
        return Shape("map", item=_read(extra, root, seen)) if extra is not False else Shape("object")
    listed = node.get("required")
    required = set(listed) if isinstance(listed, list) else set[Any]()
    return Shape(
        "object",
        fields=tuple(
            replace(_read(child, root, seen), name=str(name), required=name in required)
            for name, child in properties.items()
        ),
    )


def _union(branches: list[Shape]) -> Shape:
    """Several branches as one shape: null set aside, objects to choose from, else the strictest first."""
    nullable = any(branch.nullable or branch.values == (None,) for branch in branches)
    kept = [branch for branch in branches if branch.values != (None,)]
    if not kept:
        return Shape("choice", values=(None,), nullable=True)
    if len(kept) == 1:
        return replace(kept[0], nullable=nullable)
    objects = tuple(branch for branch in kept if branch.kind in ("object", "union", "map"))
    if objects:
        return Shape("union", fields=objects, nullable=nullable)
    if {branch.kind for branch in kept} == {"number", "text"}:
        # How pydantic writes Decimal; a plain `float | str` looks the same, and gets the digits as text too.
        number = next(branch for branch in kept if branch.kind == "number")
        return replace(number, kind="decimal", pattern="", nullable=nullable)
    if all(branch.kind == "choice" for branch in kept):
        return Shape("choice", values=tuple(v for branch in kept for v in branch.values), nullable=nullable)
    ordered = sorted((b for b in kept if b.kind != "never"), key=lambda b: _STRICTEST.index(b.kind))
    if not ordered:
        return Shape("never", nullable=nullable)
    return replace(ordered[0], also=tuple(ordered[1:]), nullable=nullable)


def _limit(node: Mapping[str, Any], inclusive: str, exclusive: str) -> float | None:
    limit = node.get(inclusive, node.get(exclusive))
    return float(limit) if isinstance(limit, int | float) else None


def _names(node: Mapping[str, Any]) -> Shape:
    """Only the names of a node, in a shape that carries nothing else."""
    return Shape(
        "any",
        title=str(node.get("title", "")),
        description=str(node.get("description", "")),
        aliases=_strings(node.get("x-aliases")),
        examples=_strings(node.get("examples")),
    )


def _named(shape: Shape, names: Shape) -> Shape:
    return replace(
        shape,
        title=names.title or shape.title,
        description=names.description or shape.description,
        aliases=names.aliases or shape.aliases,
        examples=names.examples or shape.examples,
    )


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()
