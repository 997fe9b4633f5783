"""What is kept of an answer: JSON, so that reading it can run nothing.

An answer that came in one piece is kept as the provider's own JSON, and decoded again; of one that came bit by bit the
parts are kept, as the neutral reply has them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from ..ir import (
    CallDelta,
    Complete,
    Counted,
    Delta,
    Native,
    Reasoning,
    ReasoningDelta,
    Reply,
    Stopped,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)

VERSION = 1
"""Of an entry's form: another one is not read."""

_PARTS: Mapping[str, type[Any]] = {"Text": Text, "Reasoning": Reasoning, "ToolCall": ToolCall}


def pack(reply: Reply) -> bytes:
    """A reply as JSON: the provider's own, or, of one that came bit by bit, its parts.

    Raises:
        TypeError, ValueError: it cannot be written as JSON.
    """
    if reply.wire is not None:
        entry: dict[str, Any] = {"version": VERSION, "object": _class_name(reply.raw), "wire": reply.wire}
    else:
        rows = [{"": type(part).__name__, **_row(part)} for part in reply.parts]
        rest = {"finish": reply.finish, "usage": asdict(reply.usage), "model": reply.model, "id": reply.id}
        entry = {"version": VERSION, "reply": {**rest, "refusal": reply.refusal, "parts": rows}}
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _row(part: Any) -> dict[str, Any]:
    if type(part).__name__ not in _PARTS:
        raise TypeError(f"a {type(part).__name__} in a reply cannot be kept")
    return {f.name: value for f in fields(part) if (value := getattr(part, f.name)) is not None}


def _class_name(raw: object) -> str:
    return f"{type(raw).__module__}:{type(raw).__qualname__}"


def unpack(
    data: bytes, decode: Callable[[Mapping[str, Any]], Reply], show: Callable[[Mapping[str, Any], str], Any]
) -> Reply:
    """The reply of an entry.

    Raises:
        ValueError, KeyError, TypeError: it is not an entry of this version.
    """
    entry = json.loads(data)
    if entry["version"] != VERSION:
        raise ValueError(f"the entry is of version {entry['version']}, not {VERSION}")
    if "wire" in entry:
        wire = entry["wire"]
        return replace(decode(wire), shown=show(wire, str(entry["object"])), wire=wire)
    rest = dict(entry["reply"])
    parts = tuple(_PARTS[row.pop("")](**_native(row)) for row in rest.pop("parts"))
    reply = Reply(**{**rest, "parts": parts, "usage": Usage(**rest["usage"])})
    return replace(reply, shown=reply)


def _native(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "native": tuple(row["native"])} if "native" in row else row


def pieces(reply: Reply) -> list[Delta]:
    """A whole reply as if it came bit by bit."""
    deltas: list[Delta] = []
    for index, part in enumerate(reply.parts):
        match part:
            case Text(text):
                deltas.append(TextDelta(text))
            case Reasoning(text, None):
                deltas.append(ReasoningDelta(text))
            case Reasoning() | Native():
                deltas.append(Complete(part))
            case ToolCall(id, name, arguments):
                deltas.append(CallDelta(index, id, name, arguments))
    return [*deltas, Stopped(reply.finish), Counted(reply.usage)]
