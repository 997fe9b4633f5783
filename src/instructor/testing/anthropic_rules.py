"""What Anthropic Messages refuses although the types allow it: a table of checks, each with its source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .contents import content_problems, nodes, open_objects
from .dialect import Asked, Problem, Rule
from .strict import Path

_API = "https://platform.claude.com/docs/en/build-with-claude/working-with-messages"
_VERSIONS = "https://platform.claude.com/docs/en/api/versioning"
_ERRORS = "https://platform.claude.com/docs/en/api/errors"
_TOOLS = "https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview"
_OPUS = "https://platform.claude.com/docs/en/models/opus-5-5"
_CACHING = "https://platform.claude.com/docs/en/build-with-claude/prompt-caching"
_VISION = "https://platform.claude.com/docs/en/build-with-claude/vision"
_STRICT = "https://platform.claude.com/docs/en/build-with-claude/structured-outputs"
_THINKING = "https://platform.claude.com/docs/en/build-with-claude/extended-thinking"

MODERN = "2026-10-21"
"""The API version without sampling parameters."""

SAMPLING = ("temperature", "top_p", "top_k")
"""Body keys of earlier versions."""

REQUEST_BYTES = 32 * 1024 * 1024
IMAGE_BASE64_CHARACTERS = 10 * 1024 * 1024
BREAKPOINTS = 4
NO_FORCED_TOOLS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1", "claude-mythos-5-1")

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


def version(headers: Mapping[str, str]) -> str:
    """The API version that a request names."""
    return headers.get("anthropic-version", "")


def the_version_is_known(asked: Asked) -> Iterator[Problem]:
    named = version(asked.headers)
    if named not in ("2023-01-01", "2023-06-01", MODERN):
        message = f"{named!r} is not a valid version" if named else "header is required"
        yield Problem(("anthropic-version",), message)


def the_request_is_not_too_large(asked: Asked) -> Iterator[Problem]:
    if asked.size > REQUEST_BYTES:
        yield Problem((), f"Request exceeds the maximum size: {asked.size} bytes > {REQUEST_BYTES}", 413)


def is_gone(key: str) -> Callable[[Asked], Iterator[Problem]]:
    """A sampling parameter. The SDK's types say so too, where the SDK is installed."""

    def check(asked: Asked) -> Iterator[Problem]:
        if key in asked.body and version(asked.headers) >= MODERN:
            yield Problem((key,), f"is not supported since version {MODERN}")

    return check


def there_are_messages(asked: Asked) -> Iterator[Problem]:
    if not asked.body["messages"]:
        yield Problem(("messages",), "at least one message is required")
    if asked.body["max_tokens"] < 0:
        yield Problem(("max_tokens",), "must not be negative")


def contents_are_not_empty(asked: Asked) -> Iterator[Problem]:
    messages = asked.body["messages"]
    for number, message in enumerate(messages):
        last = number == len(messages) - 1
        if not message["content"] and not (last and message["role"] == "assistant"):
            yield Problem(("messages", number, "content"), "must not be empty")
    for path, block in _blocks(asked):
        if block.get("type") == "text" and not block["text"]:
            yield Problem((*path, "text"), "text content blocks must be non-empty")


def tools_are_named_well(asked: Asked) -> Iterator[Problem]:
    names = []
    for path, tool in _tools(asked):
        name = tool.get("name", "")
        if "input_schema" in tool and not _NAME.fullmatch(name):
            yield Problem((*path, "name"), f"{name!r} should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
        if name and name in names:
            yield Problem((*path, "name"), "tool names must be unique")
        names.append(name)


def inputs_are_objects(asked: Asked) -> Iterator[Problem]:
    for path, tool in _tools(asked):
        if "input_schema" in tool and tool["input_schema"].get("type") != "object":
            yield Problem((*path, "input_schema", "type"), "must be 'object'")


def chosen_tools_are_offered(asked: Asked) -> Iterator[Problem]:
    choice = asked.body.get("tool_choice")
    if choice is None:
        return
    offered = [tool.get("name") for _, tool in _tools(asked)]
    if choice["type"] in ("any", "tool", "auto") and not offered:
        yield Problem(("tool_choice",), "may only be specified while providing tools")
    elif choice["type"] == "tool" and choice["name"] not in offered:
        yield Problem(("tool_choice", "name"), f"tool {choice['name']!r} not found in provided tools")


def forcing_is_possible(asked: Asked) -> Iterator[Problem]:
    forced = (asked.body.get("tool_choice") or {}).get("type") in ("any", "tool")
    if forced and str(asked.body["model"]).startswith(NO_FORCED_TOOLS):
        yield Problem(("tool_choice",), 'type "tool" and "any" are not supported for this model.')
    if forced and (asked.body.get("thinking") or {}).get("type") == "enabled":
        yield Problem(("thinking",), "may not be enabled when tool_choice forces tool use")


def breakpoints_are_few(asked: Asked) -> Iterator[Problem]:
    ordered = {key: asked.body.get(key) for key in ("cache_control", "tools", "system", "messages")}
    marks = list(_marks(ordered))
    if len(marks) > BREAKPOINTS:
        message = f"a maximum of {BREAKPOINTS} blocks with cache_control may be provided. Found {len(marks)}."
        yield Problem(marks[BREAKPOINTS], message)


def media_are_what_they_say(asked: Asked) -> Iterator[Problem]:
    for path, block in _blocks(asked):
        source, where = block.get("source"), (*path, "source")
        if block.get("type") not in ("image", "document") or not isinstance(source, Mapping):
            continue
        if source["type"] == "base64":
            yield from content_problems(source["data"], source["media_type"], (*where, "data"))
            if block["type"] == "image" and len(source["data"]) > IMAGE_BASE64_CHARACTERS:
                message = f"image exceeds 10 MB maximum: {len(source['data'])} bytes > {IMAGE_BASE64_CHARACTERS} bytes"
                yield Problem((*where, "data"), message)
        elif source["type"] == "url" and not source["url"].startswith(("https://", "http://")):
            yield Problem((*where, "url"), "only http(s) URLs are supported")


def tool_uses_are_answered(asked: Asked) -> Iterator[Problem]:
    waiting: list[str] = []
    for number, message in enumerate(asked.body["messages"]):
        if message["role"] == "system":
            continue
        blocks = message["content"] if isinstance(message["content"], list) else []
        answered = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        unanswered = [name for name in waiting if name not in answered]
        if unanswered:
            names = ", ".join(unanswered)
            yield Problem(("messages", number), f"`tool_use` ids without `tool_result` blocks right after: {names}")
        for index, block in enumerate(blocks):
            if block["type"] == "tool_result" and block["tool_use_id"] not in waiting:
                where = ("messages", number, "content", index, "tool_use_id")
                yield Problem(where, "unexpected `tool_use_id`: no such `tool_use` in the message before")
        waiting = [block["id"] for block in blocks if block["type"] == "tool_use"]
    if waiting:
        last = ("messages", len(asked.body["messages"]) - 1)
        yield Problem(last, f"`tool_use` ids without `tool_result` blocks right after: {', '.join(waiting)}")


def replays_are_clean(asked: Asked) -> Iterator[Problem]:
    """Since 2026-10-21: no documents from assistants, no citations from users."""
    if version(asked.headers) < MODERN:
        return
    for number, message in enumerate(asked.body["messages"]):
        for index, block in enumerate(message["content"] if isinstance(message["content"], list) else ()):
            where = ("messages", number, "content", index)
            if message["role"] == "assistant" and block["type"] == "document":
                yield Problem(where, "`document` blocks are not permitted in assistant messages")
            if message["role"] == "user" and block["type"] == "text" and block.get("citations"):
                yield Problem((*where, "citations"), "are not permitted in user messages")


def strict_schemas_are_closed(asked: Asked) -> Iterator[Problem]:
    for path, schema in _compiled(asked):
        for where in open_objects(schema, path):
            yield Problem(where, "For 'object' type, 'additionalProperties' must be explicitly set to false")


NOT_COMPILED = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "maxItems", "uniqueItems"),
)


def strict_schemas_keep_to_the_subset(asked: Asked) -> Iterator[Problem]:
    for path, schema in _compiled(asked):
        for where, node in nodes(schema, path):
            for keyword in NOT_COMPILED:
                if keyword in node:
                    yield Problem((*where, keyword), f"property '{keyword}' is not supported")
            if node.get("minItems", 0) > 1:
                yield Problem((*where, "minItems"), "values other than 0 or 1 are not supported")


def thinking_leaves_room(asked: Asked) -> Iterator[Problem]:
    thinking = asked.body.get("thinking") or {}
    if thinking.get("type") != "enabled":
        return
    budget, where = thinking["budget_tokens"], ("thinking", "budget_tokens")
    if budget < 1024:
        yield Problem(where, "must be greater than or equal to 1024")
    if budget >= asked.body["max_tokens"]:
        yield Problem(where, "must be less than `max_tokens`")


RULES = (
    Rule(_VERSIONS, the_version_is_known),
    Rule(_ERRORS, the_request_is_not_too_large),
    *(Rule(_VERSIONS, is_gone(key), about=key) for key in SAMPLING),
    Rule(_API, there_are_messages),
    Rule(_API, contents_are_not_empty),
    Rule(_TOOLS, tools_are_named_well),
    Rule(_TOOLS, inputs_are_objects),
    Rule(_TOOLS, chosen_tools_are_offered),
    Rule(_OPUS, forcing_is_possible),
    Rule(_CACHING, breakpoints_are_few),
    Rule(_VISION, media_are_what_they_say),
    Rule(_TOOLS, tool_uses_are_answered),
    Rule(_VERSIONS, replays_are_clean),
    Rule(_STRICT, strict_schemas_are_closed),
    Rule(_STRICT, strict_schemas_keep_to_the_subset),
    Rule(_THINKING, thinking_leaves_room),
)


# ------------------------------------------------------------------------------------------------- readers of bodies


def _tools(asked: Asked) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for number, tool in enumerate(asked.body.get("tools") or ()):
        yield ("tools", number), tool


def _compiled(asked: Asked) -> Iterator[tuple[Path, Any]]:
    """The schemas that output is constrained to: of strict tools, and of the output format."""
    for path, tool in _tools(asked):
        if tool.get("strict") and "input_schema" in tool:
            yield (*path, "input_schema"), tool["input_schema"]
    form = (asked.body.get("output_config") or {}).get("format")
    if form:
        yield ("output_config", "format", "schema"), form["schema"]


def _blocks(asked: Asked) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every content block: of the system prompt, of messages, and inside tool results and documents."""
    yield from _inside(asked.body.get("system"), ("system",))
    for number, message in enumerate(asked.body["messages"]):
        yield from _inside(message["content"], ("messages", number, "content"))


def _inside(content: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for index, block in enumerate(content if isinstance(content, list) else ()):
        where = (*path, index)
        yield where, block
        yield from _inside(block.get("content"), (*where, "content"))
        source = block.get("source")
        if isinstance(source, Mapping) and source.get("type") == "content":
            yield from _inside(source.get("content"), (*where, "source", "content"))


def _marks(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of cache breakpoints. Schemas and tool inputs are not looked into: a property may have that name."""
    if isinstance(value, Mapping):
        if value.get("cache_control") is not None:
            yield (*path, "cache_control")
        for key, inner in value.items():
            if key not in ("cache_control", "input_schema", "input", "schema"):
                yield from _marks(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _marks(inner, (*path, index))
