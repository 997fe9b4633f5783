"""Parts in the form of another dialect than the adapter's, translated."""

from __future__ import annotations

from dataclasses import replace

from .. import chat
from ..adapter import Adapter
from ..errors import MediaError, MessageError
from ..ir import Message, Native, Part, ToolResult


def in_dialect(adapter: Adapter, message: Message, where: str) -> Message:
    """The message with the parts of other dialects translated, in tool results too."""
    parts = _spoken(adapter, message.parts, where)
    return message if parts is message.parts else replace(message, parts=parts)


def _spoken(adapter: Adapter, parts: tuple[Part, ...], where: str) -> tuple[Part, ...]:
    if not any(isinstance(part, Native | ToolResult) for part in parts):
        return parts
    spoken: list[Part] = []
    for j, part in enumerate(parts):
        if isinstance(part, Native) and part.dialect not in ("", adapter.dialect):
            spoken.append(_neutral(adapter, part, f"{where}.content[{j}]"))
        elif isinstance(part, ToolResult):
            spoken.append(replace(part, parts=_spoken(adapter, part.parts, f"{where}.content[{j}]")))
        else:
            spoken.append(part)
    return tuple(spoken)


def _neutral(adapter: Adapter, part: Native, where: str) -> Part:
    try:
        meaning = chat.neutral(part)
    except MediaError as error:
        chat.place(error, where)
        raise
    if meaning is None:
        kind = part.payload.get("type")
        raise MessageError(f"{adapter.name} takes no {kind!r} part of {part.dialect}'s API", where=where)
    return meaning
