"""xAI's Chat Completions, spoken by the loopback server below `…/xai/`: OpenAI's, with rules of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from . import openai_chat, openai_rules
from .contents import data_uri_problems, nodes
from .dialect import Asked, Problem, Rule
from .strict import Path

_STRICT = "https://docs.x.ai/developers/model-capabilities/text/structured-outputs"
_IMAGES = "https://docs.x.ai/developers/model-capabilities/images/understanding"

FOREIGN = ("metadata", "modalities", "audio", "prediction", "store", "verbosity", "prompt_cache_options")
"""Body keys of OpenAI's that xAI does not have."""


def images_are_jpeg_or_png(asked: Asked) -> Iterator[Problem]:
    for number, message in enumerate(asked.body["messages"]):
        content = message.get("content")
        for place, part in enumerate(content if isinstance(content, list) else ()):
            path: Path = ("messages", number, "content", place)
            if part["type"] not in ("text", "image_url"):
                yield Problem((*path, "type"), f"{part['type']!r} is not a part of this API")
            elif part["type"] == "image_url" and part["image_url"]["url"].startswith("data:"):
                yield from data_uri_problems(
                    part["image_url"]["url"], ("image/jpeg", "image/png"), (*path, "image_url", "url")
                )


def schemas_are_of_the_subset(asked: Asked) -> Iterator[Problem]:
    for path, schema in _schemas(asked):
        for where, node in nodes(schema, path):
            for keyword in ("enum", "anyOf"):
                if node.get(keyword) == []:
                    yield Problem((*where, keyword), "must not be empty")
            for keyword in ("minContains", "maxContains"):
                if keyword in node:
                    yield Problem((*where, keyword), "is not supported")
        if _circular(schema, schema, frozenset()):
            yield Problem(path, "a $ref must not lead back to itself")


def _schemas(asked: Asked) -> Iterator[tuple[Path, Any]]:
    for number, tool in enumerate(asked.body.get("tools") or ()):
        if "parameters" in tool.get("function", {}):
            yield ("tools", number, "function", "parameters"), tool["function"]["parameters"]
    form = asked.body.get("response_format") or {}
    if form.get("type") == "json_schema":
        yield ("response_format", "json_schema", "schema"), form["json_schema"].get("schema", {})


def _circular(part: Any, root: Any, above: frozenset[str]) -> bool:
    if isinstance(part, list):
        return any(_circular(item, root, above) for item in part)
    if not isinstance(part, dict):
        return False
    name = part.get("$ref")
    if isinstance(name, str):
        target = root.get("$defs", {}).get(name.rpartition("/")[2])
        if name in above or _circular(target, root, above | {name}):
            return True
    return any(_circular(value, root, above) for key, value in part.items() if key != "$defs")


def parameters_are_ours(asked: Asked) -> Iterator[Problem]:
    yield from (Problem((key,), "is not a parameter of this API") for key in FOREIGN if key in asked.body)


_SHARED = [rule for rule in openai_chat.DIALECT.rules if rule.check is not openai_rules.strict_schemas_are_closed]

DIALECT = replace(
    openai_chat.DIALECT,
    name="xai",
    rules=(
        *_SHARED,
        Rule(_IMAGES, images_are_jpeg_or_png),
        Rule(_STRICT, schemas_are_of_the_subset),
        Rule(_STRICT, parameters_are_ours),
    ),
    loosened=lambda headers: frozenset({"deferred", "search_parameters"}),
)
