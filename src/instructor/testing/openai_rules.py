"""What OpenAI Chat Completions refuses although the types allow it: a table of checks, each with its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .contents import IMAGES, content_problems, data_uri_problems, nodes, object_nodes
from .dialect import Asked, Problem, Rule
from .strict import Path

_API = "openai: types/chat/completion_create_params.py, the fields' own descriptions"
_STRICT = "https://developers.openai.com/api/docs/guides/structured-outputs"
_TOOLS = "https://developers.openai.com/api/docs/guides/function-calling"
_IMAGES = "https://developers.openai.com/api/docs/guides/images-vision"
_FILES = "https://developers.openai.com/api/docs/guides/file-inputs"
_AUDIO = "https://developers.openai.com/api/docs/guides/audio"

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def there_are_messages(asked: Asked) -> Iterator[Problem]:
    if not asked.body["messages"]:
        yield Problem(("messages",), "must have at least one message")


def names_are_plain(asked: Asked) -> Iterator[Problem]:
    for path, tool in _functions(asked):
        if not _NAME.fullmatch(tool["name"]):
            yield Problem((*path, "name"), f"{tool['name']!r} does not match '^[a-zA-Z0-9_-]{{1,64}}$'")
    schema = _response_schema(asked)
    if schema is not None and not _NAME.fullmatch(schema["name"]):
        where = ("response_format", "json_schema", "name")
        yield Problem(where, f"{schema['name']!r} does not match '^[a-zA-Z0-9_-]{{1,64}}$'")


def tools_go_with_their_options(asked: Asked) -> Iterator[Problem]:
    tools = asked.body.get("tools")
    if tools == []:
        yield Problem(("tools",), "must not be empty: leave it out instead")
    for option in ("tool_choice", "parallel_tool_calls"):
        if tools is None and option in asked.body and asked.body[option] != "none":
            yield Problem((option,), "is only allowed when 'tools' are specified")


def chosen_tools_are_offered(asked: Asked) -> Iterator[Problem]:
    choice = asked.body.get("tool_choice")
    if not isinstance(choice, Mapping):
        return
    offered = [tool["name"] for _, tool in _functions(asked)]
    chosen: list[tuple[Path, Any]] = [(("tool_choice", "function", "name"), choice.get("function"))]
    if "allowed_tools" in choice:
        allowed = ("tool_choice", "allowed_tools", "tools")
        chosen = [
            ((*allowed, number, "function", "name"), tool.get("function"))
            for number, tool in enumerate(choice["allowed_tools"]["tools"])
        ]
    for path, function in chosen:
        if function is not None and function["name"] not in offered:
            yield Problem(path, f"tool {function['name']!r} is not in 'tools' ({', '.join(offered)})")


def strict_schemas_are_closed(asked: Asked) -> Iterator[Problem]:
    for path, schema in _strict_schemas(asked):
        if schema.get("type") != "object":
            yield Problem(path, "a strict schema's root must be of type 'object'")
        for where, node in object_nodes(schema, path):
            if node.get("additionalProperties") is not False:
                yield Problem(where, "in a strict schema 'additionalProperties' must be false for every object")
            missing = [name for name in node.get("properties", {}) if name not in node.get("required", ())]
            if missing:
                yield Problem(where, f"in a strict schema 'required' must have every property; missing: {missing}")


def json_mode_says_json(asked: Asked) -> Iterator[Problem]:
    form = asked.body.get("response_format") or {}
    if form.get("type") == "json_object":
        texts = [text for _, message in _messages(asked) for text in _texts(message)]
        if not any("json" in text.lower() for text in texts):
            yield Problem(("messages",), "must contain the word 'json' for 'response_format' of type 'json_object'")


def images_are_images(asked: Asked) -> Iterator[Problem]:
    for path, part in _parts(asked, "image_url"):
        url, where = part["image_url"]["url"], (*path, "image_url", "url")
        if url.startswith("data:"):
            yield from data_uri_problems(url, IMAGES, where)
        elif not url.startswith(("http://", "https://")):
            yield Problem(where, "must be an http(s) URL or a data URI")


def audio_is_audio(asked: Asked) -> Iterator[Problem]:
    for path, part in _parts(asked, "input_audio"):
        audio = part["input_audio"]
        yield from content_problems(audio["data"], f"audio/{audio['format']}", (*path, "input_audio", "data"))


def files_are_pdf(asked: Asked) -> Iterator[Problem]:
    for path, part in _parts(asked, "file"):
        file, where = part["file"], (*path, "file")
        if ("file_id" in file) == ("file_data" in file):
            yield Problem(where, "must have either 'file_id' or 'file_data'")
        elif "file_data" in file:
            yield from data_uri_problems(file["file_data"], ("application/pdf",), (*where, "file_data"))


def calls_are_answered(asked: Asked) -> Iterator[Problem]:
    open_calls: list[str] = []
    for path, message in _messages(asked):
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                yield Problem((*path, "tool_call_id"), "does not answer a tool call of the message before")
            else:
                open_calls.remove(message["tool_call_id"])
            continue
        if open_calls:
            yield Problem(path, f"tool calls must be answered first: {', '.join(open_calls)}")
        open_calls = [call["id"] for call in message.get("tool_calls") or ()]
    if open_calls:
        yield Problem(("messages",), f"tool calls must be answered: {', '.join(open_calls)}")


def assistants_say_something(asked: Asked) -> Iterator[Problem]:
    keys = ("content", "tool_calls", "function_call", "audio", "refusal")
    for path, message in _messages(asked):
        if message["role"] == "assistant" and all(message.get(key) is None for key in keys):
            yield Problem((*path, "content"), "is required unless there are tool calls")


def limits_are_one(asked: Asked) -> Iterator[Problem]:
    if {"max_tokens", "max_completion_tokens"} <= {key for key, value in asked.body.items() if value is not None}:
        yield Problem(("max_tokens",), "cannot be set together with 'max_completion_tokens'")


def stream_options_are_for_streams(asked: Asked) -> Iterator[Problem]:
    if asked.body.get("stream_options") is not None and not asked.body.get("stream"):
        yield Problem(("stream_options",), "is only allowed when 'stream' is enabled")


def audio_out_is_described(asked: Asked) -> Iterator[Problem]:
    if "audio" in (asked.body.get("modalities") or ()) and not asked.body.get("audio"):
        yield Problem(("audio",), "is required when 'modalities' has 'audio'")


NOT_STRICT = ("allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else")


def strict_schemas_keep_to_the_subset(asked: Asked) -> Iterator[Problem]:
    for path, schema in _strict_schemas(asked):
        for where, node in nodes(schema, path):
            for keyword in NOT_STRICT:
                if keyword in node:
                    yield Problem((*where, keyword), "is not permitted in a strict schema")


RANGES: Mapping[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
    "n": (1, 128),
    "top_logprobs": (0, 20),
}


def numbers_are_in_range(asked: Asked) -> Iterator[Problem]:
    for key, (low, high) in RANGES.items():
        value = asked.body.get(key)
        if value is not None and not low <= value <= high:
            yield Problem((key,), f"must be between {low} and {high}, not {value}")


RULES = (
    Rule(_API, there_are_messages),
    Rule(_TOOLS, names_are_plain),
    Rule(_TOOLS, tools_go_with_their_options),
    Rule(_TOOLS, chosen_tools_are_offered),
    Rule(_STRICT, strict_schemas_are_closed),
    Rule(_STRICT, strict_schemas_keep_to_the_subset),
    Rule(_STRICT, json_mode_says_json),
    Rule(_IMAGES, images_are_images),
    Rule(_AUDIO, audio_is_audio),
    Rule(_FILES, files_are_pdf),
    Rule(_TOOLS, calls_are_answered),
    Rule(_API, assistants_say_something),
    Rule(_API, limits_are_one),
    Rule(_API, stream_options_are_for_streams),
    Rule(_API, audio_out_is_described),
    Rule(_API, numbers_are_in_range),
)


# ------------------------------------------------------------------------------------------------- readers of bodies


def _messages(asked: Asked) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for number, message in enumerate(asked.body["messages"]):
        yield ("messages", number), message


def _texts(message: Mapping[str, Any]) -> Iterator[str]:
    content = message.get("content")
    if isinstance(content, str):
        yield content
    else:
        yield from (part["text"] for part in content or () if part.get("type") == "text")


def _parts(asked: Asked, kind: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for path, message in _messages(asked):
        content = message.get("content")
        for number, part in enumerate(content if isinstance(content, list) else ()):
            if part.get("type") == kind:
                yield (*path, "content", number), part


def _functions(asked: Asked) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for number, tool in enumerate(asked.body.get("tools") or ()):
        if tool["type"] == "function":
            yield ("tools", number, "function"), tool["function"]


def _response_schema(asked: Asked) -> Mapping[str, Any] | None:
    form = asked.body.get("response_format") or {}
    found: Mapping[str, Any] | None = form.get("json_schema") if form.get("type") == "json_schema" else None
    return found


def _strict_schemas(asked: Asked) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for path, tool in _functions(asked):
        if tool.get("strict") and "parameters" in tool:
            yield (*path, "parameters"), tool["parameters"]
    form = _response_schema(asked)
    if form is not None and form.get("strict"):
        yield ("response_format", "json_schema", "schema"), form.get("schema", {})
