"""The transforms that a dialect is made of: each changes one thing, everywhere, in a copy.

rule              before                                  after
────              ──────                                  ─────
untitle           title: "Unit Price" of unit_price       (gone: it says nothing new)
flatten           allOf: [A], …                           A, …
any_of            oneOf, discriminator                    anyOf
same_items        prefixItems: [A, A], two of them        items: A, minItems 2, maxItems 2
typed             enum or const without a type            with its type, or types
split_types       type: [A, B]                            anyOf: [{type: A}, {type: B}]
plain_enums       const; enum of true, false or null      enum of one; sentences in the description
nullable          a property that may be left out         one that may be null
inline            $ref with keywords beside it            what it refers to, and the keywords
in_words(…)       keywords that the provider refuses      sentences in the description
closed, required  an object                               additionalProperties false; all required
some_required     an object that requires nothing         one that requires all, each of which may be null
prune             definitions that nothing refers to      (gone)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ._walk import Schema, Transform, admits_null, definition, each, everywhere, recursive, resolved, used

_TYPES: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}

_LONG = 200
"""Characters. A longer default or list of examples is not worth its tokens."""


# ── titles ───────────────────────────────────────────────────────────────────────────────────────


def untitle(schema: Schema) -> Schema:
    """Without the titles that pydantic makes from names. A title that somebody wrote stays."""
    out = dict(everywhere(_untitle_named)(schema))
    if not any(character.isspace() for character in out.get("title", " ")):
        del out["title"]
    return out


def _untitle_named(schema: Schema) -> Schema:
    out = dict(schema)
    for group in ("properties", "$defs"):
        if group in schema:
            out[group] = {name: _untitled(name, item) for name, item in schema[group].items()}
    return out


def _untitled(name: str, schema: Any) -> Any:
    if isinstance(schema, Mapping) and _bare(str(schema.get("title", ""))) == _bare(name):
        return {key: value for key, value in schema.items() if key != "title"}
    return schema


def _bare(name: str) -> str:
    return "".join(character for character in name if character.isalnum()).lower()


# ── unions, tuples, types ────────────────────────────────────────────────────────────────────────


def _flatten(schema: Schema) -> Schema:
    match schema.get("allOf"):
        case [Mapping() as only]:
            return {**only, **{key: value for key, value in schema.items() if key != "allOf"}}
        case _:
            return schema


def _any_of(schema: Schema) -> Schema:
    if "oneOf" not in schema or "anyOf" in schema:
        return schema
    renamed = {"anyOf" if key == "oneOf" else key: value for key, value in schema.items()}
    return {key: value for key, value in renamed.items() if key != "discriminator"}


def uniform(schema: Schema) -> Schema | None:
    """The one schema of all members of a tuple of fixed length, or None where they differ."""
    members = [_without(member, "title") for member in schema.get("prefixItems", ())]
    fixed = schema.get("minItems") == schema.get("maxItems") == len(members) > 0
    return members[0] if fixed and "items" not in schema and all(one == members[0] for one in members) else None


def _same_items(schema: Schema) -> Schema:
    member = uniform(schema)
    if member is None:
        return schema
    titles = [str(one["title"]) for one in schema["prefixItems"] if "title" in one]
    out = {**_without(schema, "prefixItems"), "items": member}
    return said(out, f"In this order: {', '.join(titles)}.") if titles else out


def _typed(schema: Schema) -> Schema:
    if "type" in schema or not ("enum" in schema or "const" in schema):
        return schema
    values = schema["enum"] if "enum" in schema else [schema["const"]]
    kinds = list(dict.fromkeys(_TYPES[type(value)] for value in values if type(value) in _TYPES))
    return {**schema, "type": kinds[0] if len(kinds) == 1 else kinds} if kinds else schema


def _split_types(schema: Schema) -> Schema:
    kinds = schema.get("type")
    if not isinstance(kinds, list):
        return schema
    outside = {key: schema[key] for key in ("title", "description", "default", "$defs") if key in schema}
    inside = {key: value for key, value in schema.items() if key not in outside and key != "type"}
    return {**outside, "anyOf": [_of_type(inside, kind) for kind in kinds]}


def _of_type(schema: Schema, kind: str) -> Schema:
    if "enum" not in schema:
        return {"type": kind} if kind == "null" else {**schema, "type": kind}
    values = [value for value in schema["enum"] if _TYPES.get(type(value)) == kind]
    return {**schema, "type": kind, "enum": values}


def _plain_enums(schema: Schema) -> Schema:
    """`const` as an enum of one. Enums of anything but strings and numbers are told in words: their type stays."""
    if "const" not in schema and "enum" not in schema:
        return schema
    values = schema["enum"] if "enum" in schema else [schema["const"]]
    rest = _without(schema, "const", "enum")
    if all(isinstance(value, str | int | float) and not isinstance(value, bool) for value in values):
        return {**rest, "enum": list(values)}
    if rest.get("type") == "null":
        return rest
    return said(rest, f"Constraint: {' or '.join(json.dumps(value, ensure_ascii=False) for value in values)}.")


flatten = everywhere(_flatten)
any_of = everywhere(_any_of)
same_items = everywhere(_same_items)
typed = everywhere(_typed)
split_types = everywhere(_split_types)
plain_enums = everywhere(_plain_enums)


# ── objects ──────────────────────────────────────────────────────────────────────────────────────


def nullable(schema: Schema) -> Schema:
    """Every property that may be left out may be null: the form for providers that demand every property."""

    return everywhere(lambda part: nullable_here(part, schema))(schema)


def nullable_here(part: Schema, root: Schema) -> Schema:
    """An object whose properties that may be left out may be null."""
    if "properties" not in part:
        return part
    needed = part.get("required", ())
    properties = {
        name: item if name in needed or not isinstance(item, Mapping) else _or_null(item, root)
        for name, item in part["properties"].items()
    }
    return {**part, "properties": properties}


def _or_null(schema: Schema, root: Schema) -> Schema:
    core = _without(schema, "description", "default", "title")
    beside = {key: schema[key] for key in ("title", "description") if key in schema}
    default = _short(schema["default"]) if schema.get("default") is not None else None
    if admits_null(schema, root):
        out: Schema = {**core, **beside}
        return out if default is None else said(out, f"Default: {default}.")
    branches = core["anyOf"] if set(core) == {"anyOf"} else [core]
    out = {"anyOf": [*branches, {"type": "null"}], **beside}
    return out if default is None else said(out, f"Null stands for the default: {default}.")


def _closed(schema: Schema) -> Schema:
    if schema.get("type") != "object" and "properties" not in schema:
        return schema
    return {"properties": {}, **schema, "additionalProperties": False}


def _required(schema: Schema) -> Schema:
    return {**schema, "required": list(schema["properties"])} if "properties" in schema else schema


closed = everywhere(_closed)
required = everywhere(_required)


def some_required(schema: Schema) -> Schema:
    """No object without a required property: one that requires none requires all, and each may be null."""

    def rule(part: Schema) -> Schema:
        if not part.get("properties") or part.get("required"):
            return part
        return _required(nullable_here(part, schema))

    return everywhere(rule)(schema)


# ── references ───────────────────────────────────────────────────────────────────────────────────


def inline(schema: Schema) -> Schema:
    """No reference with other keywords beside it.

    What it refers to takes its place; where that would never end, the reference becomes the only member of
    an `anyOf`, which may have keywords beside it.
    """
    endless = recursive(schema)

    def walk(part: Schema) -> Schema:
        name = definition(part)
        if name is None or len(part) == 1:
            return each(part, walk)
        if name in endless:
            return {"anyOf": [{"$ref": part["$ref"]}], **_without(part, "$ref")}
        return walk(resolved(part, schema))

    return walk(schema)


def prune(schema: Schema) -> Schema:
    """Without the definitions that nothing refers to."""
    if "$defs" not in schema:
        return schema
    names = used(schema)
    defs = {name: item for name, item in schema["$defs"].items() if name in names}
    return {**schema, "$defs": defs} if defs else _without(schema, "$defs")


# ── keywords in words ────────────────────────────────────────────────────────────────────────────

_STRUCTURE = frozenset(
    "type enum const anyOf allOf items properties required additionalProperties $ref $defs title description".split()
)

_WORDS: Mapping[str, str] = {
    "minLength": "at least {} character{s}",
    "maxLength": "at most {} character{s}",
    "pattern": "matching the regular expression {}",
    "format": "in the format {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minItems": "at least {} item{s}",
    "maxItems": "at most {} item{s}",
    "uniqueItems": "no item twice",
    "contentEncoding": "encoded as {}",
    "contentMediaType": "of the media type {}",
}


def in_words(keeps: Mapping[str, Callable[[Any], bool]]) -> Transform:
    """The rule that leaves only structure and the keywords in `keeps` whose value passes there.

    Constraints, defaults and examples go on as sentences of the description: the model reads them, and the
    validation of its answer holds it to them. Other keywords, such as `deprecated`, go.
    """

    def kept(key: str, value: Any) -> bool:
        return key in _STRUCTURE or (key in keeps and keeps[key](value))

    def rule(schema: Schema) -> Schema:
        out = {key: value for key, value in schema.items() if kept(key, value)}
        lost = {key: value for key, value in schema.items() if key not in out and value is not None}
        limits = [
            template.format(lost[key], s="" if lost[key] == 1 else "s")
            for key, template in _WORDS.items()
            if key in lost and lost[key] is not False
        ]
        if limits:
            out = said(out, f"Constraint: {', '.join(limits)}.")
        if (default := _short(lost.get("default"))) is not None:
            out = said(out, f"Default: {default}.")
        if (examples := _short(lost.get("examples"))) is not None:
            out = said(out, f"Examples: {examples}.")
        return out

    return everywhere(rule)


def said(schema: Schema, sentence: str) -> dict[str, Any]:
    """A copy whose description has one more sentence."""
    before = str(schema.get("description", "")).rstrip()
    if before and before[-1] not in ".!?:;":
        before += "."
    return {**schema, "description": f"{before} {sentence}".lstrip()}


def _short(value: Any) -> str | None:
    if value is None:
        return None
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONG else None


def _without(schema: Schema, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in keys}
