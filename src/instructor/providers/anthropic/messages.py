"""Messages → content blocks: roles, empty parts, cache marks.

system messages ─▶ system blocks            the others ─▶ messages, neighbours of one role as one
part ─▶ its block, with its cache mark
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from ...adapter import Wire
from ...errors import MessageError
from ...ir import Message, Native, Part, Reasoning, Text, ToolCall, ToolResult, said
from ...media import Media
from .._pieces import as_object, kept
from .media import MEDIA, marked

MAX_CACHE_MARKS = 4
"""prompt-caching: at most four breakpoints a request."""

TTLS = {"1h": 60, "5m": 5}
"""types/cache_control_ephemeral_param.py, in minutes; prompt-caching: longer ones come first."""


def given_system(system: object) -> list[Wire]:
    """The caller's own `system` parameter, as blocks."""
    if system is None or system == "" or system == []:
        return []
    if isinstance(system, str):
        return [{"type": "text", "text": system}]
    blocks = () if isinstance(system, Mapping) or not isinstance(system, Iterable) else tuple(system)
    if not blocks or not all(isinstance(block, Mapping) for block in blocks):
        raise MessageError("it is a string or a list of text blocks", where="system")
    return list(blocks)


def system_blocks(messages: tuple[Message, ...]) -> list[Wire]:
    return [
        _block(part, f"messages[{i}]", "system")
        for i, message in enumerate(messages)
        if message.role == "system"
        for part in kept(message.parts, "anthropic")
    ]


def written(messages: tuple[Message, ...]) -> list[Wire]:
    wires: list[Wire] = []
    for i, message in enumerate(messages):
        if message.role == "system":
            continue
        where = f"messages[{i}]"
        if message.native:
            keys = ", ".join(sorted(message.native))
            raise MessageError(f"Anthropic's messages have no {keys}", where=where)
        role = "user" if message.role == "tool" else message.role
        words = said(message)
        if words is not None and words.strip():
            blocks: list[Wire] = [{"type": "text", "text": words}]
        else:
            blocks = [_block(part, where, role) for part in kept(message.parts, "anthropic")]
        if not blocks:
            raise MessageError(f"the {message.role} message is empty, which Anthropic refuses", where=where)
        if wires and wires[-1]["role"] == role:
            wires[-1] = {"role": role, "content": [*wires[-1]["content"], *blocks]}
        else:
            wires.append({"role": role, "content": blocks})
    if not wires:
        raise MessageError("there is no message beside the system's: Anthropic needs one of the user")
    return wires


def _block(part: Part, where: str, role: str) -> Wire:
    match part:
        case Text(text, cache):
            return marked({"type": "text", "text": text}, cache)
        case Native(_, payload):
            return dict(payload)
        case Media():
            if role != "user":
                raise MessageError("Anthropic takes media in user messages and tool results only", where=where)
            return MEDIA[type(part)].encode(part)
        case Reasoning(text, native):
            return {"thinking": text, **native[1]} if native else {"type": "text", "text": text}
        case ToolCall(id, name, arguments, cache):
            return marked({"type": "tool_use", "id": id, "name": name, "input": as_object(arguments)}, cache)
        case ToolResult(id, parts, is_error, cache):
            block: Wire = {"type": "tool_result", "tool_use_id": id}
            if parts:
                block["content"] = [_block(inner, where, "user") for inner in kept(parts, "anthropic")]
            return marked({**block, "is_error": True} if is_error else block, cache)
        case _:
            assert_never(part)


def check_marks(wire: Wire) -> None:
    """Raise unless the cache marks are few, and those that live longer come first."""
    marks = [mark for block in (*_all_blocks(wire), wire) if (mark := block.get("cache_control")) is not None]
    if len(marks) > MAX_CACHE_MARKS:
        raise MessageError(f"{len(marks)} parts carry cache_control, Anthropic takes {MAX_CACHE_MARKS}: mark fewer")
    lives = [TTLS.get(mark.get("ttl") or "5m") for mark in marks]
    if None in lives:
        odd = next(mark["ttl"] for mark in marks if (mark.get("ttl") or "5m") not in TTLS)
        raise MessageError(f"Anthropic caches for {' or '.join(TTLS)}, not for {odd!r}")
    if lives != sorted(lives, key=lambda minutes: -(minutes or 0)):
        raise MessageError("a longer-lived cache mark stands after a shorter one: Anthropic wants the longest first")


def _all_blocks(wire: Wire) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = [*(wire.get("tools") or ()), *(wire.get("system") or ())]
    for message in wire["messages"]:
        for block in message["content"]:
            found.append(block)
            inner = block.get("content")
            found += inner if block["type"] == "tool_result" and isinstance(inner, list) else ()
    return found
