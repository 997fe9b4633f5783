"""JSON-Schema dialects: what each provider takes, as a row of small transforms over the plain schema.

    plain schema ──obstacles?── no ──▶ transforms ──limits?── within ──▶ Rendered(strict=True)
                       │                                │
                      yes ──▶ PLAIN's transforms ◀──── over ───────────▶ Rendered(strict=False, notes)

A dialect that cannot express a type says why in `notes`, and the plain form goes out without the provider's
enforcement. Either way the answer is validated against the type itself: what a dialect loses on the wire is
still checked on return. Adding a dialect is adding a row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..values import dataclass
from . import _obstacles as obstacles
from . import _rules as rules
from ._obstacles import Limit, Obstacle
from ._walk import Schema, Transform


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a provider takes. One without obstacles and limits enforces nothing: it is not strict."""

    name: str
    transforms: tuple[Transform, ...]
    obstacles: tuple[Obstacle, ...] = ()
    limits: tuple[Limit, ...] = ()
    null_is_absent: bool = False
    """The model writes null where it would leave a property out."""

    @property
    def strict(self) -> bool:
        return bool(self.obstacles or self.limits)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A schema as it goes on the wire. `strict`: the provider may be asked to enforce it. `notes`: why not."""

    schema: Schema
    strict: bool
    notes: tuple[str, ...] = ()
    null_is_absent: bool = False
    """`Target.read` must take null for absence where the type does not admit null."""
    members: tuple[Rendered, ...] = ()
    """Of a list, where each of the types that it may hold goes out by itself (`Target.members`)."""


def express(schema: Schema, dialect: Dialect) -> Rendered:
    """The plain schema in a dialect; in the plain one where the dialect cannot express it."""
    notes = tuple(dict.fromkeys(note for obstacle in dialect.obstacles for note in obstacle(schema)))
    if not notes:
        out = _apply(schema, dialect.transforms)
        notes = tuple(note for limit in dialect.limits for note in limit.over(out))
        if not notes:
            return Rendered(out, dialect.strict, (), dialect.null_is_absent)
    return Rendered(_apply(schema, PLAIN.transforms), strict=False, notes=notes)


def _apply(schema: Schema, transforms: tuple[Transform, ...]) -> Schema:
    for transform in transforms:
        schema = transform(schema)
    return schema


# ── PLAIN ────────────────────────────────────────────────────────────────────────────────────────

PLAIN = Dialect("plain", (rules.untitle,))
"""Pydantic's JSON schema, without the titles that repeat names."""


# ── OPENAI_STRICT ────────────────────────────────────────────────────────────────────────────────
# The guide "Structured model outputs" of OpenAI's API documentation, "Supported schemas".


def _always(_value: Any) -> bool:
    return True


def _linear(pattern: str) -> bool:
    """Without look-around and back-references, which providers' grammars do not have."""
    return re.search(r"\(\?[=!<]|\\[1-9]", pattern) is None


_OPENAI_FORMATS = frozenset("date-time time date duration email hostname ipv4 ipv6 uuid".split())

_OPENAI_KEEPS: Mapping[str, Any] = {
    "pattern": _linear,
    "format": _OPENAI_FORMATS.__contains__,
    **dict.fromkeys("multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems".split(), _always),
}

OPENAI_STRICT = Dialect(
    name="openai-strict",
    transforms=(
        rules.untitle,
        rules.flatten,
        rules.any_of,
        rules.same_items,
        rules.typed,
        rules.nullable,
        rules.inline,
        rules.in_words(_OPENAI_KEEPS),
        rules.closed,
        rules.required,
        rules.prune,
    ),
    obstacles=(
        obstacles.free_keys,
        obstacles.any_value,
        obstacles.uneven_tuples,
        obstacles.combined,
        obstacles.odd_values,
    ),
    limits=(
        Limit("properties", 5_000, obstacles.properties),
        Limit("levels of objects", 10, obstacles.levels),
        Limit("characters in names and enums", 120_000, obstacles.text),
        Limit("enum values", 1_000, obstacles.enum_values),
        Limit("characters in an enum of more than 250 values", 15_000, obstacles.long_enum),
    ),
    null_is_absent=True,
)
"""OpenAI's strict mode: closed objects, every property required, absence written as null."""


# ── ANTHROPIC ────────────────────────────────────────────────────────────────────────────────────
# The page "Structured outputs" of Anthropic's API documentation, "JSON Schema limitations"; the formats are
# those that the `anthropic` package lets through. `default` would be taken, but says more in words.

_ANTHROPIC_FORMATS = frozenset("date-time time date duration email hostname uri ipv4 ipv6 uuid".split())

_ANTHROPIC_KEEPS: Mapping[str, Any] = {
    "format": _ANTHROPIC_FORMATS.__contains__,
    "minItems": (0, 1).__contains__,
}

ANTHROPIC = Dialect(
    name="anthropic",
    transforms=(
        rules.untitle,
        rules.flatten,
        rules.any_of,
        rules.same_items,
        rules.typed,
        rules.split_types,
        rules.inline,
        rules.in_words(_ANTHROPIC_KEEPS),
        rules.closed,
        rules.prune,
    ),
    obstacles=(
        obstacles.free_keys,
        obstacles.any_value,
        obstacles.uneven_tuples,
        obstacles.combined,
        obstacles.odd_values,
        obstacles.recursion,
    ),
    limits=(
        Limit("optional properties", 24, obstacles.optional),
        Limit("properties of more than one type", 16, obstacles.unions),
    ),
)
"""Anthropic's `output_config.format` and strict tools: closed objects, no recursion, few constraints."""


# ── MISTRAL ──────────────────────────────────────────────────────────────────────────────────────
# No list of keywords is published. The SDK's own helper sends pydantic's schema with every object closed, and the API
# writes the schema into the prompt (docs.mistral.ai, "Custom Structured Outputs"): so all keywords stay where they are.

MISTRAL = Dialect(
    name="mistral",
    transforms=(rules.untitle, rules.flatten, rules.closed, rules.prune),
    obstacles=(obstacles.free_keys,),
)
"""Mistral's `json_schema` and strict tools: closed objects."""


# ── COHERE ───────────────────────────────────────────────────────────────────────────────────────
# The page "Structured Outputs" of Cohere's documentation, "Specifying a schema" and "Parameter types support".


def _cohere_pattern(pattern: str) -> bool:
    return _linear(pattern) and re.search(r"\^|\$", pattern) is None


_COHERE_FORMATS = frozenset(("date-time", "date", "time", "uuid"))

COHERE = Dialect(
    name="cohere",
    transforms=(
        rules.untitle,
        rules.flatten,
        rules.any_of,
        rules.same_items,
        rules.typed,
        rules.split_types,
        rules.some_required,
        rules.inline,
        rules.in_words({"pattern": _cohere_pattern, "format": _COHERE_FORMATS.__contains__}),
        rules.closed,
        rules.prune,
    ),
    obstacles=(
        obstacles.free_keys,
        obstacles.nothing_required,
        obstacles.any_value,
        obstacles.uneven_tuples,
        obstacles.combined,
        obstacles.odd_values,
        obstacles.recursion,
    ),
    null_is_absent=True,
)
"""Cohere's `response_format`: one required property in each object, few constraints. Of recursion nothing is said."""

COHERE_TOOLS = replace(COHERE, name="cohere-tools", limits=(Limit("fields", 200, obstacles.properties),))
"""Cohere's `strict_tools`: as COHERE, and at most 200 fields."""


# ── GEMINI ───────────────────────────────────────────────────────────────────────────────────────
# The keywords that `response_json_schema` is documented to take (google-genai 3.4, types.py, GenerateContentConfig):
# enums are of strings and numbers, nothing stands beside a `$ref`, and a model may contain itself only in properties that
# may be left out. What is not on that list is passed over by the API, so it goes into words.

_GEMINI_FORMATS = frozenset(("date-time", "date", "time"))

GEMINI = Dialect(
    name="gemini",
    transforms=(
        rules.untitle,
        rules.flatten,
        rules.any_of,
        rules.same_items,
        rules.typed,
        rules.split_types,
        rules.plain_enums,
        rules.inline,
        rules.in_words(
            {
                "format": _GEMINI_FORMATS.__contains__,
                **dict.fromkeys("minimum maximum minItems maxItems prefixItems".split(), _always),
            }
        ),
        rules.prune,
    ),
    obstacles=(
        obstacles.any_value,
        obstacles.combined,
        obstacles.odd_values,
        obstacles.required_recursion,
    ),
)
"""Gemini's `responseJsonSchema` and `parametersJsonSchema`: dicts and tuples are taken, patterns and lengths are not."""


# ── XAI ──────────────────────────────────────────────────────────────────────────────────────────
# The page "Structured Outputs" of xAI's documentation (docs.x.ai): drafts 2020-12 and 07, enforced whether or not `strict`
# is said; objects are closed unless they say otherwise; a `$ref` that leads back to itself is refused.

_XAI_FORMATS = frozenset("date time date-time email uuid ipv4 ipv6 uri".split())


def _xai_pattern(pattern: str) -> bool:
    return _linear(pattern) and "\\b" not in pattern


XAI = Dialect(
    name="xai",
    transforms=(
        rules.untitle,
        rules.flatten,
        rules.any_of,
        rules.same_items,
        rules.typed,
        rules.inline,
        rules.in_words(
            {
                "pattern": _xai_pattern,
                "format": _XAI_FORMATS.__contains__,
                **dict.fromkeys(
                    "multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems minLength maxLength "
                    "minProperties maxProperties uniqueItems".split(),
                    _always,
                ),
            }
        ),
        rules.prune,
    ),
    obstacles=(
        obstacles.any_value,
        obstacles.uneven_tuples,
        obstacles.combined,
        obstacles.odd_values,
        obstacles.recursion,
    ),
)
"""xAI's `json_schema` and tools: most keywords and dicts are taken, recursion is not."""
