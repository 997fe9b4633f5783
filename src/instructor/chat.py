"""What callers pass as messages, read into neutral ones. The only reader of loose dicts.

    parse(messages) ─ str | Media | Path | list ─▶ one user message
                    └ list of messages ─ dict | SDK object ─▶ _message ─▶ _content ─▶ _part ─▶ PARTS[type]

    neutral(native)    what a part in one dialect's form means to another dialect

What callers pass is only read, never written to. What a dialect's answer holds beside the message (ids, usage,
stop reasons) is left out when the answer is passed back as history.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from . import contents
from .errors import MediaError, MessageError, RequestError
from .ir import Message, Native, Part, Reasoning, Role, Text, ToolCall, ToolResult
from .media import (
    PDF,
    Audio,
    CacheControl,
    Document,
    File,
    Image,
    Media,
    Roots,
    Video,
    autodetect,
    confined,
    from_file,
    is_data_uri,
    is_object,
    is_url,
    of_any_kind,
    of_kind,
)
from .values import dataclass

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "model": "assistant",
    "tool": "tool",
}

SPEAKERS: Mapping[str, Role] = {said: role for said, role in ROLES.items() if said not in ("developer", "tool")}
"""Roles of messages that need nothing beside their words."""

NOTHING: Mapping[str, Any] = {}
"""The keys of its own that such a message has; one for all of them, because nobody writes to it."""

RESPONSE_ONLY = frozenset(
    {"id", "type", "model", "stop_reason", "stop_sequence", "stop_details", "usage", "container", "diagnostics"}
    | {"annotations", "parsed", "function_call", "context_management"}
)
"""Keys of SDKs' answer objects that no request takes."""

OWN_KINDS: Mapping[str, type[Media]] = {
    "image": Image,
    "audio": Audio,
    "video": Video,
    "pdf": PDF,
    "document": PDF,
    "text_document": Document,
}
"""`{"type": …, "source": <path, address, data URI, base64, bytes>}` → the kind of medium."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How text and paths in messages are taken: whether strings that name a medium stand for it, and the directories that
    local files may be in (None: any)."""

    detects: bool = False
    roots: Roots = None


def parse(messages: object, *, autodetect_media: bool = False, roots: Roots = None) -> tuple[Message, ...]:
    """Read messages in any of the accepted forms.

    Args:
        messages: a list of messages (dicts or SDK objects), or the content of a single user message: a string, a
            medium, a path, an open file, a picture of Pillow's, an array of pixels, or a list of these.
        autodetect_media: whether strings in user messages that name a medium stand for it.
        roots: the directories that local files may be in (`MediaPolicy.local_roots`); None leaves them unconfined.

    Raises:
        MessageError: a message or part is malformed. `where` names it.
        MediaError: a medium that a part names cannot be used. `where` names it.
    """
    if _is_content(messages):
        messages = [messages]
    if isinstance(messages, Mapping) or not isinstance(messages, Iterable) or isinstance(messages, bytes):
        raise MessageError(f"messages are a list, a string or a medium, not {type(messages).__name__}")
    items = list(messages)
    if not items:
        raise MessageError("there are no messages")
    how = Reading(autodetect_media, roots)
    if all(map(_is_content, items)):
        return (_message({"role": "user", "content": items}, "messages", how),)
    return tuple(_message(item, f"messages[{i}]", how) for i, item in enumerate(items))


def words(messages: object) -> tuple[Message, ...] | None:
    """What `parse` makes of messages that are words alone, a string or dicts of a role and a string, at a tenth of its cost:
    most calls are such ones, and long histories. None: they may be something else."""
    if type(messages) is str:
        return (Message("user", (Text(messages),), NOTHING),)
    if type(messages) is not list:
        return None
    read: list[Message] = []
    try:
        for item in messages:
            if type(item) is not dict or len(item) != 2 or type(content := item["content"]) is not str:
                return None
            read.append(Message(SPEAKERS[item["role"]], (Text(content),), NOTHING))
    except (KeyError, TypeError):  # another role, or none
        return None
    return tuple(read) or None


def _is_content(item: object) -> bool:
    """Whether it is what a user message may hold, and no message."""
    return isinstance(item, str | Media | os.PathLike) or is_object(item)


def may_read_files(messages: object, autodetect_media: bool, roots: Roots = None) -> bool:
    """Whether `parse` may look at local files or take its time, so that async callers do it off the loop."""
    return autodetect_media or roots is not None or _may_name_files(messages)


def _may_name_files(value: object) -> bool:
    if isinstance(value, Mapping):
        return value.get("type") in OWN_KINDS or _may_name_files(value.get("content"))
    if isinstance(value, list | tuple):
        return any(map(_may_name_files, value))
    # What an iterator will give is not known beforehand.
    return isinstance(value, os.PathLike | Iterator) or is_object(value)


# ── messages ─────────────────────────────────────────────────────────────────────────────────────


def _message(item: object, where: str, how: Reading) -> Message:
    message = item if isinstance(item, Message) else _read_message(item, where, how)
    if how.roots is None:
        return message
    parts = _confined(message.parts, f"{where}.content", how)
    return replace(message, parts=parts)


def _confined(parts: tuple[Part, ...], where: str, how: Reading) -> tuple[Part, ...]:
    """The parts, their local files found to be inside of the roots."""
    return tuple(_confined_part(part, f"{where}[{j}]", how) for j, part in enumerate(parts))


def _confined_part(part: Part, where: str, how: Reading) -> Part:
    if isinstance(part, ToolResult):
        return replace(part, parts=_confined(part.parts, where, how))
    if not isinstance(part, Media) or not isinstance(part.origin, File) or part.origin.pin is not None:
        return part
    try:
        return part.at(confined(part.origin, how.roots))
    except MediaError as error:
        place(error, where)
        raise


def _read_message(item: object, where: str, how: Reading) -> Message:
    fields = _fields(item, where)
    said = fields.pop("role", None)
    role = ROLES.get(said) if isinstance(said, str) else None
    if role is None:
        raise MessageError(f"role is one of {', '.join(ROLES)}, not {said!r:.40}", where=where)
    content = fields.pop("content", None)
    calls = fields.pop("tool_calls", None) or ()
    cache = _cache(fields.pop("cache_control", None), where)
    parts = _content(content, f"{where}.content", how if role == "user" else replace(how, detects=False))
    if "parts" in fields:
        parts += _google(fields.pop("parts"), f"{where}.parts")
    parts += tuple(_openai_call(call, f"{where}.tool_calls[{i}]") for i, call in enumerate(calls))
    if role == "tool":
        call_id = fields.pop("tool_call_id", None)
        if not isinstance(call_id, str):
            raise MessageError("a tool message needs the tool_call_id it answers", where=where)
        parts = (ToolResult(call_id, parts),)
    elif not parts and role != "assistant":
        raise MessageError(f"the {role} message has no content", where=where)
    if cache and parts:
        parts = (*parts[:-1], _marked(parts[-1], cache, where))
    native = {key: value for key, value in fields.items() if key not in RESPONSE_ONLY and value is not None}
    if said == "developer":
        native["role"] = "developer"
    return Message(role, parts, native)


def _fields(item: object, where: str) -> dict[str, Any]:
    if isinstance(item, Mapping):
        return dict(item)
    if (fields := _dumped(item)) is not None:
        return fields
    raise MessageError(f"a message is a dict or an SDK's message object, not {type(item).__name__}", where=where)


def _dumped(item: object) -> dict[str, Any] | None:
    """An SDK's object, which is a pydantic model, as a dict."""
    dump = getattr(item, "model_dump", None)
    fields = dump(exclude_none=True) if callable(dump) and not isinstance(item, type) else None
    return fields if isinstance(fields, dict) else None


def _content(content: object, where: str, how: Reading) -> tuple[Part, ...]:
    if content is None:
        return ()
    single = isinstance(content, str | bytes | bytearray | Mapping | Media | os.PathLike) or is_object(content)
    if single or not isinstance(content, Iterable):
        return (_part(content, where, how),)
    return tuple(_part(item, f"{where}[{i}]", how) for i, item in enumerate(content))


def _part(item: object, where: str, how: Reading) -> Part:
    try:
        return _read_part(item, where, how)
    except RequestError as error:
        place(error, where)
        raise


def _google(given: object, where: str) -> tuple[Part, ...]:
    try:
        return contents.parts(given)
    except RequestError as error:
        place(error, where)
        raise


def place(error: RequestError, where: str) -> None:
    """Make an error name the place, unless it names one already."""
    if error.where is None:
        error.where = where
        error.args = (f"{where}: {error.problem}",)


def _read_part(item: object, where: str, how: Reading) -> Part:
    if isinstance(item, str):
        return (autodetect(item, how.roots) if how.detects else None) or Text(item)
    if isinstance(item, Text | Media | Reasoning | ToolCall | ToolResult | Native):
        return item
    if isinstance(item, os.PathLike):
        return from_file(item, how.roots)
    if isinstance(item, bytes | bytearray):
        return of_any_kind(bytes(item))
    if is_object(item):
        return of_any_kind(item)
    fields = item if isinstance(item, Mapping) else _dumped(item) or {}
    kind = fields.get("type")
    if kind is None and len(fields) == 1 and (bare := BARE.get(next(iter(fields)))):
        return bare(fields, where, how)
    if not isinstance(kind, str):
        raise MessageError(
            f"a part of content is a string, a medium or a dict with a 'type', not {_keys(item)}", where=where
        )
    reader = PARTS.get(kind)
    return reader(fields, where, how) if reader else Native("", fields)


def _keys(item: object) -> str:
    return (
        f"a dict with the keys {', '.join(map(repr, item)) or 'none'}"
        if isinstance(item, Mapping)
        else type(item).__name__
    )


def _cache(value: object, where: str) -> CacheControl | None:
    try:
        return CacheControl.parse(value)
    except MessageError as error:
        place(error, where)
        raise


def _marked(part: Part, cache: CacheControl, where: str) -> Part:
    if isinstance(part, Media):
        return part.replace(cache_control=cache)
    if isinstance(part, Native):
        return Native(part.dialect, {**part.payload, "cache_control": cache.wire()})
    if isinstance(part, Reasoning):
        raise MessageError("cache_control cannot mark reasoning", where=where)
    return replace(part, cache_control=cache)


# ── parts ────────────────────────────────────────────────────────────────────────────────────────

Fields = Mapping[str, Any]


def _text(fields: Fields, where: str, how: Reading) -> Part:
    text = fields.get("text")
    if not isinstance(text, str):
        raise MessageError("a text part needs its 'text', a string", where=where)
    others = {key for key, value in fields.items() if value is not None} - {"type", "text", "cache_control"}
    if others:
        dialect = "anthropic" if "citations" in others else "openai" if "prompt_cache_breakpoint" in others else ""
        return Native(dialect, fields)
    return Text(text, CacheControl.parse(fields.get("cache_control")))


def _own_or_anthropic(fields: Fields, where: str, how: Reading) -> Part:
    if isinstance(fields.get("source"), Mapping):
        return Native("anthropic", fields)
    return _own(fields, where, how)


def _own(fields: Fields, where: str, how: Reading) -> Part:
    kind = OWN_KINDS[fields["type"]]
    source = fields.get("source")
    if isinstance(source, kind):
        return source
    if not isinstance(source, str | bytes | bytearray | os.PathLike) and not is_object(source):
        raise MessageError(
            f"'source' of an {fields['type']} part is a path, an address, a data URI, base64, bytes or an open file, "
            f"not {type(source).__name__}",
            where=where,
        )
    if isinstance(source, str) and not how.detects and not (is_url(source) or is_data_uri(source)):
        try:
            return kind.from_raw_base64(source, **_options(fields, where))
        except MediaError:
            raise MessageError(
                "a path given as text is opened only in user messages and with autodetect_images=True: pass that, "
                f"or {kind.__name__}.from_path(…)",
                where=where,
            ) from None
    return of_kind(kind, source, _options(fields, where), how.roots)


def _options(fields: Fields, where: str) -> dict[str, Any]:
    known = {*OWN_KINDS[fields["type"]].options, "name"}
    if unknown := set(fields) - known - {"type", "source"}:
        raise MessageError(f"unknown keys in the {fields['type']} part: {', '.join(sorted(unknown))}", where=where)
    return {key: value for key, value in fields.items() if key in known}


def _native(dialect: str) -> Callable[[Fields, str, Reading], Part]:
    return lambda fields, where, how: Native(dialect, fields)


def _thinking(fields: Fields, where: str, how: Reading) -> Part:
    """Three APIs have such parts: Mistral's holds a list, Anthropic's a signature, Cohere's nothing but the text."""
    said = fields.get("thinking", "")
    if isinstance(said, list):
        texts = (str(part.get("text", "")) for part in said if isinstance(part, Mapping))
        return Reasoning("".join(texts), ("mistral", fields))
    return Reasoning(str(said), ("anthropic" if "signature" in fields else "cohere", fields))


def _file(fields: Fields, where: str, how: Reading) -> Part:
    """OpenAI's holds an object, Mistral's an id."""
    return Native("openai" if "file" in fields else "mistral", fields)


def _tool_use(fields: Fields, where: str, how: Reading) -> Part:
    id, name, given = fields.get("id"), fields.get("name"), fields.get("input")
    if not isinstance(id, str) or not isinstance(name, str):
        raise MessageError("a tool_use block needs 'id' and 'name'", where=where)
    cache = CacheControl.parse(fields.get("cache_control"))
    return ToolCall(id, name, json.dumps({} if given is None else given, ensure_ascii=False), cache)


def _tool_result(fields: Fields, where: str, how: Reading) -> Part:
    id = fields.get("tool_use_id")
    if not isinstance(id, str):
        raise MessageError("a tool_result block needs its 'tool_use_id'", where=where)
    parts = _content(fields.get("content"), f"{where}.content", Reading(roots=how.roots))
    cache = CacheControl.parse(fields.get("cache_control"))
    return ToolResult(id, parts, bool(fields.get("is_error")), cache)


def _openai_call(item: object, where: str) -> ToolCall:
    fields = _fields(item, where)
    function = fields.get("function")
    function = function if isinstance(function, Mapping) else {}
    id, name, arguments = fields.get("id"), function.get("name"), function.get("arguments")
    if not isinstance(id, str) or not isinstance(name, str):
        raise MessageError("a tool call needs 'id' and 'function.name'", where=where)
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments or {}, ensure_ascii=False)
    return ToolCall(id, name, arguments)


PARTS: Mapping[str, Callable[[Fields, str, Reading], Part]] = {
    "text": _text,
    "input_text": _text,
    "output_text": _text,
    "input_image": _native("responses"),
    "input_file": _native("responses"),
    "image": _own_or_anthropic,
    "document": _own_or_anthropic,
    "audio": _own,
    "video": _own,
    "pdf": _own,
    "text_document": _own,
    "image_url": _native("openai"),
    "input_audio": _native("openai"),
    "file": _file,
    "document_url": _native("mistral"),
    "refusal": _native("openai"),
    "thinking": _thinking,
    "redacted_thinking": _native("anthropic"),
    "search_result": _native("anthropic"),
    "server_tool_use": _native("anthropic"),
    "tool_use": _tool_use,
    "tool_result": _tool_result,
}
"""`type` of a dict → its reader. A type that is not here passes as it is to whichever provider is asked."""


def _converse_call(fields: Fields, where: str, how: Reading) -> Part:
    call = fields["toolUse"]
    renamed = {"id": call.get("toolUseId"), "name": call.get("name"), "input": call.get("input")}
    return Native("bedrock", fields) if call.get("type") else _tool_use(renamed, where, how)


def _converse_result(fields: Fields, where: str, how: Reading) -> Part:
    result = fields["toolResult"]
    renamed = {"tool_use_id": result.get("toolUseId"), "content": result.get("content")}
    return _tool_result({**renamed, "is_error": result.get("status") == "error"}, where, how)


def _converse_reasoning(fields: Fields, where: str, how: Reading) -> Part:
    said = fields["reasoningContent"].get("reasoningText") or {}
    return Reasoning(str(said.get("text", "")), ("bedrock", fields))


BARE: Mapping[str, Callable[[Fields, str, Reading], Part]] = {
    "text": _text,
    "toolUse": _converse_call,
    "toolResult": _converse_result,
    "reasoningContent": _converse_reasoning,
    **dict.fromkeys(
        "image document video audio json guardContent cachePoint citationsContent searchResult".split(),
        _native("bedrock"),
    ),
}
"""The one key of a part without a `type`, as Bedrock's are → its reader."""


# ── between dialects ─────────────────────────────────────────────────────────────────────────────


def neutral(part: Native) -> Text | Media | None:
    """What a part in one dialect's form means to the others, or None if it has no neutral meaning.

    Raises:
        MediaError: the medium in it is damaged.
    """
    fields = part.payload
    match fields.get("type"):
        case "text" | "input_text" | "output_text":
            return Text(str(fields.get("text", "")))
        case "refusal":
            return Text(str(fields.get("refusal", "")))
        case "image_url":
            place = fields.get("image_url")
            url = place.get("url") if isinstance(place, Mapping) else place
            return Image.from_url(url) if isinstance(url, str) else None
        case "input_image":
            url = fields.get("image_url")
            return Image.from_url(url) if isinstance(url, str) else None
        case "input_file":
            data, url = fields.get("file_data"), fields.get("file_url")
            if isinstance(url, str):
                return PDF.from_url(url)
            return PDF.from_base64(data) if isinstance(data, str) else None
        case "input_audio":
            audio = fields.get("input_audio")
            data = audio.get("data") if isinstance(audio, Mapping) else audio
            if not isinstance(data, str):
                return None
            return Audio.from_url(data) if is_url(data) else Audio.from_base64(data)
        case "file":
            file = fields.get("file")
            data = file.get("file_data") if isinstance(file, Mapping) else None
            return PDF.from_base64(data) if isinstance(data, str) else None
        case "document_url":
            url = fields.get("document_url")
            return PDF.from_url(url) if isinstance(url, str) else None
        case "image" | "document" as kind:
            return _of_source(Image if kind == "image" else PDF, fields.get("source"))
        case _:
            return None


def _of_source(kind: type[Media], source: object) -> Media | None:
    match source:
        case {"type": "base64", "data": str(data)}:
            return kind.from_base64(data)
        case {"type": "url", "url": str(url)}:
            return kind.from_url(url)
        case {"type": "text", "data": str(text)}:
            return Document.from_bytes(text.encode())
        case _:
            return None
