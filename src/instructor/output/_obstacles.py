"""What a strict dialect cannot express: sentences about a schema, none where it fits.

An obstacle looks at the plain schema; a limit measures the finished one. Every sentence names the place, so
that whoever wonders why a model is not enforced strictly can read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..values import dataclass
from ._rules import uniform
from ._walk import Schema, below, definition, parts, recursive

Obstacle = Callable[[Schema], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many of something in one schema."""

    what: str
    most: int
    measure: Callable[[Schema], int]

    def over(self, schema: Schema) -> Iterator[str]:
        """The sentence, if the schema is over the limit."""
        count = self.measure(schema)
        if count > self.most:
            yield f"{count:,} {self.what}, where at most {self.most:,} are taken"


# ── obstacles ────────────────────────────────────────────────────────────────────────────────────

_SAYS_TYPE = frozenset(("type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"))
_COMBINED = (
    "not if then else contains propertyNames patternProperties dependentRequired dependentSchemas "
    "unevaluatedItems unevaluatedProperties additionalItems definitions"
).split()
_PRIMITIVE = (str, bool, int, float, type(None))


def free_keys(schema: Schema) -> Iterator[str]:
    """Objects whose keys are not known beforehand: dicts, and models that allow extra fields."""
    for path, part in parts(schema):
        is_object = part.get("type") == "object" or "properties" in part
        open_by_default = "properties" not in part
        if is_object and part.get("additionalProperties", open_by_default) is not False:
            yield f"{path} is an object with free keys"


def nothing_required(schema: Schema) -> Iterator[str]:
    """Objects without properties, of which none can be required."""
    for path, part in parts(schema):
        if "properties" in part and not part["properties"]:
            yield f"{path} is an object without properties"


def any_value(schema: Schema) -> Iterator[str]:
    """Places where anything may stand."""
    for path, part in parts(schema):
        if not _SAYS_TYPE & part.keys():
            yield f"{path} may be any value"
        elif part.get("type") == "array" and not {"items", "prefixItems"} & part.keys():
            yield f"{path} is a list of any values"


def uneven_tuples(schema: Schema) -> Iterator[str]:
    """Tuples whose members have different types, or that have an open end."""
    for path, part in parts(schema):
        if "prefixItems" in part and uniform(part) is None:
            yield f"{path} is a tuple of different types or of varying length"


def combined(schema: Schema) -> Iterator[str]:
    """Keywords that combine schemas in ways that no strict dialect takes."""
    for path, part in parts(schema):
        yield from (f"{path} uses {key!r}" for key in _COMBINED if key in part)
        if len(part.get("allOf", ())) > 1:
            yield f"{path} is an intersection of several schemas"
        if "anyOf" in part and "oneOf" in part:
            yield f"{path} uses 'anyOf' and 'oneOf' at once"
        if "$ref" in part and definition(part) is None:
            yield f"{path} refers to {part['$ref']!r}, outside of its definitions"


def odd_values(schema: Schema) -> Iterator[str]:
    """Enums and constants that are lists or objects."""
    for path, part in parts(schema):
        values = [*part.get("enum", ()), *([part["const"]] if "const" in part else ())]
        if any(not isinstance(value, _PRIMITIVE) for value in values):
            yield f"{path} lists values that are not primitive"


def recursion(schema: Schema) -> Iterator[str]:
    """Models that contain themselves."""
    yield from (f"{name} contains itself" for name in sorted(recursive(schema)))


def required_recursion(schema: Schema) -> Iterator[str]:
    """Models that contain themselves in properties that must be there."""
    reach = {name: set(_firm(item)) for name, item in schema.get("$defs", {}).items()}
    for name in sorted(reach):
        found, todo = set[str](), [name]
        while todo:
            fresh = reach.get(todo.pop(), set()) - found
            found |= fresh
            todo += fresh
        if name in found:
            yield f"{name} contains itself in a property that may not be left out"


def _firm(schema: Schema) -> Iterator[str]:
    """The definitions that a schema refers to, but for those in properties that may be left out."""
    if (name := definition(schema)) is not None:
        yield name
    needed = schema.get("required", ())
    for step, item in below({key: value for key, value in schema.items() if key != "$defs"}):
        if step.removeprefix(".") in needed or not step.startswith(".") or step == ".*":
            yield from _firm(item)


# ── measures ─────────────────────────────────────────────────────────────────────────────────────


def properties(schema: Schema) -> int:
    """All properties of all objects."""
    return sum(len(part.get("properties", ())) for _, part in parts(schema))


def levels(schema: Schema) -> int:
    """How deep objects lie in objects. A model that contains itself counts once."""
    defs = schema.get("$defs", {})
    known: dict[str, int] = {}

    def depth(part: Schema) -> int:
        name = definition(part)
        if name is not None:
            if name not in known:
                known[name] = 0
                known[name] = depth(defs.get(name, {}))
            return known[name]
        inner = [depth(item) for step, item in below(part) if not step.startswith("(")]
        return max(inner, default=0) + ("properties" in part)

    return depth(schema)


def text(schema: Schema) -> int:
    """Characters in the names of properties and definitions and in enums and constants."""
    names = [name for _, part in parts(schema) for key in ("properties", "$defs") for name in part.get(key, ())]
    return sum(map(len, names)) + sum(len(str(value)) for value in _values(schema))


def enum_values(schema: Schema) -> int:
    """All values of all enums."""
    return sum(len(part.get("enum", ())) for _, part in parts(schema))


def long_enum(schema: Schema) -> int:
    """Characters in the longest enum of those with more than 250 values."""
    enums = [part["enum"] for _, part in parts(schema) if len(part.get("enum", ())) > 250]
    return max((sum(len(str(value)) for value in values) for values in enums), default=0)


def optional(schema: Schema) -> int:
    """Properties that may be left out."""
    return sum(len(part.get("properties", {}).keys() - set(part.get("required", ()))) for _, part in parts(schema))


def unions(schema: Schema) -> int:
    """Properties that are of more than one type."""
    items = [item for _, part in parts(schema) for item in part.get("properties", {}).values()]
    return sum("anyOf" in item or isinstance(item.get("type"), list) for item in items)


def _values(schema: Schema) -> Iterator[Any]:
    for _, part in parts(schema):
        yield from part.get("enum", ())
        if "const" in part:
            yield part["const"]
