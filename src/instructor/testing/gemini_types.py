"""What google-genai declares a `generateContent` request to be, with the HTTP API's outer shape around it.

The SDK flattens `generationConfig` and the fields beside it into one class; here they stand where the body has them
(google-genai 3.4, `models.py`, `_GenerateContentConfig_to_mldev` and `…_to_vertex`). Its types forbid extra fields, take
both spellings of a name, and let any text pass as an enum: those are looked up first.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.alias_generators import to_camel, to_snake
from pydantic_core import to_json

from .dialect import Asked, Problem
from .strict import Path

WORDS = {"missing": "Required", "extra_forbidden": "Unknown name: Cannot find field."}

ENUMS = {
    "level": "PartMediaResolutionLevel",
    "mediaResolution": "MediaResolution",
    "thinkingLevel": "ThinkingLevel",
    "mode": "FunctionCallingConfigMode",
    "category": "HarmCategory",
    "threshold": "HarmBlockThreshold",
    "method": "HarmBlockMethod",
    "responseModalities": "Modality",
    "serviceTier": "ServiceTier",
}
"""Field → its enum in `types.py`."""

OPAQUE = frozenset(
    "args response labels responseJsonSchema responseSchema parameters parametersJsonSchema partMetadata".split()
)
"""Fields whose content is the caller's own."""


def shape(asked: Asked, allowed: frozenset[str]) -> Iterator[Problem]:
    """What the SDK's types find wrong with a request. Top-level keys in `allowed` are not looked at."""
    body = {key: value for key, value in asked.body.items() if key not in allowed}
    odd = next(_unknown_words(body), None)
    if odd is not None:
        yield odd
        return
    try:
        request().model_validate_json(to_json(body), strict=True)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False, include_input=False, include_context=False):
            yield Problem(tuple(error["loc"]), WORDS.get(error["type"], error["msg"]))


def canonical(body: Any) -> dict[str, Any]:
    """A request body in one spelling, whoever wrote it: names in camel case, base64 in one alphabet, and without an empty
    `generationConfig`, which the SDK sends and which says nothing."""
    found = request().model_validate(body).model_dump(mode="json", by_alias=True, exclude_none=True)
    return {key: value for key, value in found.items() if value or key != "generationConfig"}


@cache
def request() -> type[BaseModel]:
    """`GenerateContentRequest`."""
    from google.genai import types

    open = ConfigDict(
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )
    config: Any = create_model(
        "GenerationConfig", __base__=types.GenerationConfig, image_config=(types.ImageConfig | None, None)
    )
    fields: dict[str, Any] = {
        "contents": list[types.Content],
        "system_instruction": types.Content | None,
        "tools": list[types.Tool] | None,
        "tool_config": types.ToolConfig | None,
        "safety_settings": list[types.SafetySetting] | None,
        "generation_config": config | None,
        "cached_content": str | None,
        "labels": dict[str, str] | None,
        "service_tier": str | None,
        "store": bool | None,
        "model_armor_config": types.ModelArmorConfig | None,
    }
    rows: dict[str, Any] = {name: (hint, ... if name == "contents" else None) for name, hint in fields.items()}
    model: type[BaseModel] = create_model("GenerateContentRequest", __config__=open, **rows)
    return model


def _unknown_words(value: Any, path: Path = ()) -> Iterator[Problem]:
    if isinstance(value, dict):
        for key, inner in value.items():
            name = to_camel(to_snake(key))
            if name in ENUMS and isinstance(inner, str | list):
                yield from _words(ENUMS[name], inner, (*path, key))
            elif name not in OPAQUE:
                yield from _unknown_words(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _unknown_words(inner, (*path, number))


def _words(enum: str, value: str | list[Any], path: Path) -> Iterator[Problem]:
    from google.genai import types

    known = {member.value for member in getattr(types, enum)}
    for word in value if isinstance(value, list) else [value]:
        if word not in known:
            yield Problem(path, f"Invalid value ({enum}): {word!r}")
