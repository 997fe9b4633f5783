"""What the content of a message holds, read part by part.

content ─▶ a string | Media | Path | bytes | an SDK's object ─▶ Part
        └▶ a dict ─▶ PARTS[its type] | BARE[its only key] ─▶ Part, or Native where it is nobody's that we know
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import MediaError, MessageError, RequestError
from ..ir import Native, Part, Reasoning, Text, ToolCall, ToolResult
from ..media import (
    PDF,
    Audio,
    CacheControl,
    Document,
    Image,
    Media,
    Roots,
    Video,
    autodetect,
    from_file,
    is_data_uri,
    is_object,
    is_url,
    of_any_kind,
    of_kind,
)
from ..values import dataclass

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


def content(given: object, where: str, how: Reading) -> tuple[Part, ...]:
    """What `content` of a message holds."""
    if given is None:
        return ()
    single = isinstance(given, str | bytes | bytearray | Mapping | Media | os.PathLike) or is_object(given)
    if single or not isinstance(given, Iterable):
        return (_part(given, where, how),)
    return tuple(_part(item, f"{where}[{i}]", how) for i, item in enumerate(given))


def _part(item: object, where: str, how: Reading) -> Part:
    try:
        return _read_part(item, where, how)
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


def fields_of(item: object, where: str) -> dict[str, Any]:
    """A dict, or an SDK's object, as a dict that may be changed."""
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


# ── dicts, by their type ─────────────────────────────────────────────────────────────────────────

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
    parts = content(fields.get("content"), f"{where}.content", Reading(roots=how.roots))
    cache = CacheControl.parse(fields.get("cache_control"))
    return ToolResult(id, parts, bool(fields.get("is_error")), cache)


def openai_call(item: object, where: str) -> ToolCall:
    """A tool call in the form of OpenAI's Chat."""
    fields = fields_of(item, where)
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
