"""What Amazon Bedrock Converse refuses although its shapes allow it: a table of checks, each with its source."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from .contents import content_problems, open_objects
from .dialect import Asked, Problem, Rule
from .strict import Path

_SHAPES = "botocore: bedrock-runtime/2023-09-30/service-2.json, the documentation of "
_TOOLS = "https://docs.aws.amazon.com/bedrock/latest/userguide/tool-use-inference-call.html"
_CACHING = "https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html"
_STRICT = "https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html"
_CONVERSE = "https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-call.html"

IMAGES, IMAGE_BYTES, DOCUMENTS, DOCUMENT_BYTES = 20, 3.75 * 1024**2, 5, 4.5 * 1024**2
VIDEO_CHARACTERS = 25 * 1024**2
BREAKPOINTS = 4
UNFORCED = re.compile(r"claude-((opus|sonnet|haiku)-5-5|(fable|mythos)-5-1)|llama|cohere|jamba")
STRUCTURED = re.compile(r"claude|qwen|deepseek\.v|gpt-oss|gemma|nvidia|minimax|moonshot|zai|mistral")

_NAME = re.compile(r"[A-Za-z0-9\-()\[\]]+( [A-Za-z0-9\-()\[\]]+)*")
_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp", "pdf": "application/pdf"}
_TYPES |= {"wav": "audio/wav", "mp3": "audio/mp3"}


def turns_alternate(asked: Asked) -> Iterator[Problem]:
    roles = [message["role"] for message in _messages(asked)]
    if not roles:
        yield Problem(("messages",), "at least one message is required")
    elif roles[0] != "user":
        yield Problem(("messages",), "A conversation must start with a user message")
    for number, (one, other) in enumerate(pairwise(roles), 1):
        if one == other:
            yield Problem(("messages", number, "role"), "roles must alternate between 'user' and 'assistant'")


def texts_are_not_blank(asked: Asked) -> Iterator[Problem]:
    for path, block in _blocks(asked):
        if "text" in block and not block["text"].strip():
            yield Problem((*path, "text"), "The text field in the ContentBlock object is blank")
    for number, message in enumerate(_messages(asked)):
        if not message["content"]:
            yield Problem(("messages", number, "content"), "The content field in the Message object is empty")


def media_are_few(asked: Asked) -> Iterator[Problem]:
    for number, message in enumerate(_messages(asked)):
        for kind, most in (("image", IMAGES), ("document", DOCUMENTS)):
            count = sum(kind in block for block in message["content"])
            if count > most:
                yield Problem(("messages", number, "content"), f"{count} blocks of {kind}; at most {most}")


def media_are_of_the_user(asked: Asked) -> Iterator[Problem]:
    for number, message in enumerate(_messages(asked)):
        for place, block in enumerate(message["content"]):
            if message["role"] != "user" and ("image" in block or "document" in block):
                yield Problem(("messages", number, "content", place), "is allowed in user messages only")


def media_are_what_they_say(asked: Asked) -> Iterator[Problem]:
    for path, block in _blocks(asked):
        for kind in ("image", "document", "video", "audio"):
            medium = block.get(kind) or {"source": {}}
            data = medium["source"].get("bytes")
            if data is not None:
                type = _TYPES.get(str(medium.get("format")), "")
                yield from content_problems(data, type, (*path, kind, "source", "bytes"))
                yield from _too_large(kind, data, (*path, kind))


def _too_large(kind: str, data: str, path: Path) -> Iterator[Problem]:
    size = len(data) * 3 // 4
    most = {"image": IMAGE_BYTES, "document": DOCUMENT_BYTES, "video": VIDEO_CHARACTERS * 3 // 4}.get(kind)
    if most and size > most:
        yield Problem(path, f"{size} bytes; at most {most:.0f}")


def documents_are_named_and_introduced(asked: Asked) -> Iterator[Problem]:
    names: list[str] = []
    for path, block in _blocks(asked):
        if "document" in block:
            name = block["document"]["name"]
            if not _NAME.fullmatch(name):
                yield Problem((*path, "document", "name"), f"{name!r} has characters that are not allowed")
            if name in names:
                yield Problem((*path, "document", "name"), "Messages contain duplicate document names")
            names.append(name)
    for number, message in enumerate(_messages(asked)):
        kinds = {kind for block in message["content"] for kind in block}
        if "document" in kinds and "text" not in kinds:
            yield Problem(("messages", number, "content"), "a text block is required beside a document")


def tools_are_offered(asked: Asked) -> Iterator[Problem]:
    config = asked.body.get("toolConfig") or {}
    names = [tool["toolSpec"]["name"] for tool in config.get("tools") or () if "toolSpec" in tool]
    if len(set(names)) < len(names):
        yield Problem(("toolConfig", "tools"), "tool names must be unique")
    chosen = (config.get("toolChoice") or {}).get("tool")
    if chosen and chosen["name"] not in names:
        yield Problem(("toolConfig", "toolChoice", "tool", "name"), f"{chosen['name']!r} is not among the tools")
    used = any("toolUse" in block or "toolResult" in block for _, block in _blocks(asked))
    if used and not names:
        yield Problem(("toolConfig",), "must be defined when using toolUse and toolResult content blocks")


def forcing_is_possible(asked: Asked) -> Iterator[Problem]:
    choice = (asked.body.get("toolConfig") or {}).get("toolChoice") or {}
    if choice and "auto" not in choice and UNFORCED.search(_model(asked)):
        yield Problem(("toolConfig", "toolChoice"), "This model doesn't support the toolConfig.toolChoice field")
    thinking = (asked.body.get("additionalModelRequestFields") or {}).get("thinking") or {}
    if choice and "auto" not in choice and thinking.get("type") == "enabled":
        yield Problem(("toolConfig", "toolChoice"), "Thinking may not be enabled when tool_choice forces tool use.")


def schemas_are_closed(asked: Asked) -> Iterator[Problem]:
    path: Path = ("outputConfig", "textFormat", "structure", "jsonSchema", "schema")
    form = (asked.body.get("outputConfig") or {}).get("textFormat")
    if form:
        if not STRUCTURED.search(_model(asked)):
            yield Problem(path[:2], "This model does not support structured outputs")
        try:
            schema = json.loads(form["structure"]["jsonSchema"]["schema"])
        except ValueError:
            yield Problem(path, "is not JSON")
            return
        for where in open_objects(schema):
            yield Problem((*path, *where), "'additionalProperties' must be false for every object")
    for number, tool in enumerate(_tools(asked)):
        if (tool.get("toolSpec") or {}).get("strict"):
            for where in open_objects(tool["toolSpec"]["inputSchema"]["json"]):
                yield Problem(("toolConfig", "tools", number, *where), "'additionalProperties' must be false")


def calls_are_answered(asked: Asked) -> Iterator[Problem]:
    waiting: set[str] = set()
    for number, message in enumerate(_messages(asked)):
        answered = {block["toolResult"]["toolUseId"] for block in message["content"] if "toolResult" in block}
        path = ("messages", number, "content")
        if answered - waiting:
            yield Problem(path, "toolResult blocks exceed the toolUse blocks of the previous turn")
        if waiting - answered:
            yield Problem(path, f"Expected toolResult blocks for: {', '.join(sorted(waiting - answered))}")
        waiting = {block["toolUse"]["toolUseId"] for block in message["content"] if "toolUse" in block}


def cache_points_are_few(asked: Asked) -> Iterator[Problem]:
    points = [(path, block["cachePoint"]) for path, block in _everything(asked) if "cachePoint" in block]
    if len(points) > BREAKPOINTS:
        yield Problem(points[BREAKPOINTS][0], f"at most {BREAKPOINTS} cache points; there are {len(points)}")
    short = False
    for path, point in points:
        if point.get("ttl") == "1h" and short:
            yield Problem(path, "a cache point of 1h must not come after one of 5m")
        short = short or point.get("ttl") != "1h"


def _list(found: Any) -> list[Any]:
    return list(found or [])


def _messages(asked: Asked) -> list[Any]:
    return _list(asked.body.get("messages"))


def _tools(asked: Asked) -> list[Any]:
    return _list((asked.body.get("toolConfig") or {}).get("tools"))


def _everything(asked: Asked) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for number, tool in enumerate(_tools(asked)):
        yield ("toolConfig", "tools", number), tool
    for number, block in enumerate(_list(asked.body.get("system"))):
        yield ("system", number), block
    for number, message in enumerate(_messages(asked)):
        for place, block in enumerate(message["content"]):
            yield ("messages", number, "content", place), block


def _blocks(asked: Asked) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The blocks of all messages, those inside of tool results too."""
    for path, block in _everything(asked):
        if path[0] == "messages":
            yield path, block
            for number, inner in enumerate(_list((block.get("toolResult") or {}).get("content"))):
                yield (*path, "toolResult", "content", number), inner


def _model(asked: Asked) -> str:
    return unquote(asked.path.rpartition("/")[0].rpartition("/model/")[2])


RULES = (
    Rule(_CONVERSE, turns_alternate),
    Rule(_CONVERSE, texts_are_not_blank),
    Rule(f"{_SHAPES}Message", media_are_few),
    Rule(f"{_SHAPES}Message", media_are_of_the_user),
    Rule(f"{_SHAPES}Message and VideoSource", media_are_what_they_say),
    Rule(f"{_SHAPES}DocumentBlock and Message", documents_are_named_and_introduced),
    Rule(_TOOLS, tools_are_offered),
    Rule(f"{_SHAPES}ToolChoice", forcing_is_possible),
    Rule(_STRICT, schemas_are_closed),
    Rule(_TOOLS, calls_are_answered),
    Rule(_CACHING, cache_points_are_few),
)
