"""Messages in any of the accepted forms, read one by one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from .. import contents
from ..errors import MediaError, MessageError, RequestError
from ..ir import Message, Native, Part, Reasoning, Role, Text, ToolResult
from ..media import CacheControl, File, Media, Roots, confined, is_object
from .parts import OWN_KINDS, Reading, content, fields_of, openai_call, place

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
            if type(item) is not dict or len(item) != 2 or type(said := item["content"]) is not str:
                return None
            read.append(Message(SPEAKERS[item["role"]], (Text(said),), NOTHING))
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


# ── one message ──────────────────────────────────────────────────────────────────────────────────


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
    fields = fields_of(item, where)
    said = fields.pop("role", None)
    role = ROLES.get(said) if isinstance(said, str) else None
    if role is None:
        raise MessageError(f"role is one of {', '.join(ROLES)}, not {said!r:.40}", where=where)
    given = fields.pop("content", None)
    calls = fields.pop("tool_calls", None) or ()
    cache = _cache(fields.pop("cache_control", None), where)
    parts = content(given, f"{where}.content", how if role == "user" else replace(how, detects=False))
    if "parts" in fields:
        parts += _google(fields.pop("parts"), f"{where}.parts")
    parts += tuple(openai_call(call, f"{where}.tool_calls[{i}]") for i, call in enumerate(calls))
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


def _google(given: object, where: str) -> tuple[Part, ...]:
    try:
        return contents.parts(given)
    except RequestError as error:
        place(error, where)
        raise


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
