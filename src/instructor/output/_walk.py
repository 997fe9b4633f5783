"""Walking a JSON schema without ever writing into it.

Which keywords hold schemas, and in what shape, is one table; everything else in this package walks by it. A
property may be called `title`, `default` or `$ref`, so nothing may look at keys without knowing where it is.

    keyword                         holds
    ───────                         ─────
    items, not, …                   a schema
    anyOf, oneOf, allOf, …          a list of schemas
    properties, $defs, …            names with a schema each
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
"""A JSON schema, or a part of one. Never written to."""

Transform = Callable[[Schema], Schema]
"""From one schema to another; what it is given stays as it was."""

_ONE = frozenset(
    "items additionalProperties additionalItems unevaluatedItems unevaluatedProperties contains propertyNames "
    "not if then else".split()
)
_LIST = frozenset(("anyOf", "oneOf", "allOf", "prefixItems"))
_NAMED = frozenset(("properties", "$defs", "definitions", "patternProperties", "dependentSchemas"))

_LOCAL = "#/$defs/"


def each(schema: Schema, change: Transform) -> dict[str, Any]:
    """A copy with every schema directly below changed."""

    def changed(value: Any) -> Any:
        return change(value) if isinstance(value, Mapping) else value

    out = dict(schema)
    for key, value in schema.items():
        if key in _ONE:
            out[key] = changed(value)
        elif key in _LIST:
            out[key] = [changed(item) for item in value]
        elif key in _NAMED:
            out[key] = {name: changed(item) for name, item in value.items()}
    return out


def everywhere(rule: Transform) -> Transform:
    """The transform that applies a rule at every level, the innermost first."""

    def walk(schema: Schema) -> Schema:
        return rule(each(schema, walk))

    return walk


def below(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The schemas directly below, each with its step of a path. `true` in place of a schema counts as `{}`."""
    for key, value in schema.items():
        if key in _ONE and key != "additionalProperties":
            found = [("[]" if key == "items" else f"({key})", value)]
        elif key in _ONE:
            found = [(".*", value)] if isinstance(value, Mapping) else []
        elif key in _LIST:
            found = [("", item) for item in value]
        elif key in _NAMED:
            found = [(f".{name}" if key == "properties" else f"({name})", item) for name, item in value.items()]
        else:
            continue
        for step, item in found:
            if item is not False:
                yield step, item if isinstance(item, Mapping) else {}


def parts(schema: Schema, path: str = "$") -> Iterator[tuple[str, Schema]]:
    """The schema and every schema in it, each with the path of what it describes."""
    yield path, schema
    for step, item in below(schema):
        yield from parts(item, item_path(path, step))


def item_path(path: str, step: str) -> str:
    """A path with one more step; a definition starts a path of its own: `(User).name`."""
    return step if step.startswith("(") and path == "$" else path + step


def definition(schema: Schema) -> str | None:
    """The name in `$defs` that the schema refers to, if it refers to one."""
    ref = schema.get("$ref")
    return ref.removeprefix(_LOCAL) if isinstance(ref, str) and ref.startswith(_LOCAL) else None


def resolved(schema: Schema, root: Schema) -> Schema:
    """What a schema says once its reference is followed. Keywords beside a reference win over the referred."""
    seen: set[str] = set()
    while (name := definition(schema)) is not None and name not in seen and name in root.get("$defs", {}):
        seen.add(name)
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**root["$defs"][name], **beside}
    return schema


def choices(schema: Schema, root: Schema) -> list[Schema]:
    """The alternatives of a schema, with references followed and unions within unions opened."""
    found: list[Schema] = []
    seen: set[str] = set()
    todo = [schema]
    while todo:
        now = todo.pop()
        if (name := definition(now)) is not None:
            if name in seen:
                continue
            seen.add(name)
            now = resolved(now, root)
        inner = [*now.get("anyOf", ()), *now.get("oneOf", ())]
        if not inner and len(now.get("allOf", ())) == 1:
            inner = list(now["allOf"])
        if inner:
            todo.extend(item for item in reversed(inner) if isinstance(item, Mapping))
        else:
            found.append(now)
    return found


def admits_null(schema: Schema, root: Schema) -> bool:
    """Whether null conforms to the schema."""
    return any(_is_null(choice) for choice in choices(schema, root))


def _is_null(schema: Schema) -> bool:
    if "enum" in schema:
        return None in schema["enum"]
    if "const" in schema:
        return schema["const"] is None
    kind = schema.get("type")
    return kind is None or kind == "null" or (isinstance(kind, list) and "null" in kind)


def recursive(root: Schema) -> frozenset[str]:
    """The definitions that can reach themselves."""
    reach = {
        name: {other for _, part in parts(item) if (other := definition(part)) is not None}
        for name, item in root.get("$defs", {}).items()
    }
    return frozenset(name for name in reach if name in _reachable(reach, reach[name]))


def used(root: Schema) -> frozenset[str]:
    """The definitions that the schema reaches."""
    defs = root.get("$defs", {})
    first = {key: value for key, value in root.items() if key != "$defs"}
    reach = {name: {other for _, part in parts(item) if (other := definition(part))} for name, item in defs.items()}
    return frozenset(_reachable(reach, {name for _, part in parts(first) if (name := definition(part))}))


def _reachable(reach: Mapping[str, set[str]], start: set[str]) -> set[str]:
    found: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(reach.get(name, ()))
    return found
