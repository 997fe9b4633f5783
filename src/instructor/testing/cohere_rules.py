"""What Cohere's chat API refuses although the types allow it: a table of checks, each with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .contents import IMAGES, data_uri_problems, nodes, object_nodes
from .dialect import Asked, Problem, Rule
from .openai_rules import calls_are_answered, json_mode_says_json, there_are_messages
from .strict import Path

_API = "cohere: v2/raw_client.py, chat(), the parameters' own descriptions"
_FORM = "cohere: types/response_format_v2.py"
_SCHEMAS = "https://docs.cohere.com/v2/docs/structured-outputs"
_TOOLS = "https://docs.cohere.com/v2/docs/tool-use"
_IMAGES = "https://docs.cohere.com/v2/docs/image-inputs"

MAX_IMAGES = 20
MAX_FIELDS = 200
FORMATS = ("date-time", "uuid", "date", "time")
UNSUPPORTED = tuple(
    "allOf oneOf not minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems uniqueItems minLength "
    "maxLength".split()
)


def a_form_goes_alone(asked: Asked) -> Iterator[Problem]:
    form = asked.body.get("response_format") or {}
    for key in ("tools", "documents"):
        if asked.body.get(key) and form.get("type") == "json_object":
            yield Problem(("response_format",), f"is not supported in combination with '{key}'")


def tools_go_with_their_options(asked: Asked) -> Iterator[Problem]:
    for option in ("tool_choice", "strict_tools"):
        if not asked.body.get("tools") and asked.body.get(option):
            yield Problem((option,), "is only allowed when 'tools' are specified")


def schemas_keep_to_the_subset(asked: Asked) -> Iterator[Problem]:
    for path, schema in _schemas(asked):
        if schema.get("type") != "object":
            yield Problem(path, "the top level of a schema must be of type 'object'")
        for where, node in object_nodes(schema, path):
            if not node.get("required"):
                yield Problem(where, "every object must have at least one 'required' field")
        for where, node in nodes(schema, path):
            yield from (Problem((*where, key), "is not supported") for key in UNSUPPORTED if key in node)
            if node.get("format", "date") not in FORMATS:
                yield Problem((*where, "format"), f"must be one of {', '.join(FORMATS)}")
            if any(sign in str(node.get("pattern", "")) for sign in ("^", "$", "?=", "?!")):
                yield Problem((*where, "pattern"), "'^', '$', '?=' and '?!' are not supported")


def strict_tools_have_few_fields(asked: Asked) -> Iterator[Problem]:
    if asked.body.get("strict_tools"):
        tools = [tool["function"]["parameters"] for tool in asked.body["tools"]]
        count = sum(len(node.get("properties", ())) for tool in tools for _, node in object_nodes(tool))
        if count > MAX_FIELDS:
            yield Problem(("tools",), f"{count} fields, at most {MAX_FIELDS} with 'strict_tools'")


def images_are_images(asked: Asked) -> Iterator[Problem]:
    found = list(_images(asked))
    if len(found) > MAX_IMAGES:
        yield Problem((), f"{len(found)} images, at most {MAX_IMAGES} are taken")
    for path, url in found:
        if url.startswith("data:"):
            yield from data_uri_problems(url, IMAGES, path)
        elif not url.startswith(("http://", "https://")):
            yield Problem(path, "must be an http(s) URL or a data URI")


RANGES: Mapping[str, tuple[float, float]] = {
    "temperature": (0, 1e9),
    "p": (0.01, 0.99),
    "k": (0, 500),
    "frequency_penalty": (0, 1),
    "presence_penalty": (0, 1),
    "priority": (0, 999),
}


def numbers_are_in_range(asked: Asked) -> Iterator[Problem]:
    for key, (low, high) in RANGES.items():
        value = asked.body.get(key)
        if value is not None and not low <= value <= high:
            yield Problem((key,), f"must be between {low} and {high}, not {value}")
    if len(asked.body.get("stop_sequences") or ()) > 5:
        yield Problem(("stop_sequences",), "at most 5 are taken")


RULES = (
    Rule(_API, there_are_messages),
    Rule(_FORM, json_mode_says_json),
    Rule(_FORM, a_form_goes_alone),
    Rule(_API, tools_go_with_their_options),
    Rule(_SCHEMAS, schemas_keep_to_the_subset),
    Rule(_SCHEMAS, strict_tools_have_few_fields),
    Rule(_TOOLS, calls_are_answered),
    Rule(_IMAGES, images_are_images),
    Rule(_API, numbers_are_in_range),
)


# ------------------------------------------------------------------------------------------------- readers of bodies


def _schemas(asked: Asked) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The schemas that the API enforces."""
    form = asked.body.get("response_format") or {}
    if form.get("json_schema"):
        yield ("response_format", "json_schema"), form["json_schema"]
    for number, tool in enumerate(asked.body.get("tools") or ()):
        if asked.body.get("strict_tools"):
            yield ("tools", number, "function", "parameters"), tool["function"]["parameters"]


def _images(asked: Asked) -> Iterator[tuple[Path, str]]:
    for number, message in enumerate(asked.body["messages"]):
        content = message.get("content")
        for place, part in enumerate(content if isinstance(content, list) else ()):
            if part["type"] == "image_url":
                yield ("messages", number, "content", place, "image_url", "url"), part["image_url"]["url"]
