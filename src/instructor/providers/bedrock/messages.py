"""Messages → content blocks: roles, documents, cache points.

system messages ─▶ system blocks            the others ─▶ messages, neighbours of one role as one
part ─▶ its block [, its cache point]       a document ─▶ a name that no other has, a text beside it
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, assert_never

from ...adapter import Wire
from ...errors import MessageError
from ...ir import Message, Native, Part, Reasoning, Text, ToolCall, ToolResult
from ...media import Audio, CacheControl, Media
from .._pieces import as_object, kept
from .media import MEDIA

# Limits of the shapes Message and CachePointBlock, and of the page on prompt caching.

MAX_CACHE_MARKS = 4
TTLS = (None, "5m", "1h")


def given_system(system: object) -> list[Wire]:
    """The caller's own `system` parameter, as blocks."""
    if isinstance(system, str):
        return [{"text": system}] if system else []
    if isinstance(system, Sequence) and all(isinstance(block, Mapping) for block in system):
        return [dict(block) for block in system]
    raise MessageError("it is a string or a list of blocks", where="system")


def system_blocks(messages: tuple[Message, ...], marked: bool) -> list[Wire]:
    return [
        block
        for i, message in enumerate(messages)
        if message.role == "system"
        for part in kept(message.parts, "bedrock")
        for block in _blocks(part, f"messages[{i}]", "system", marked)
    ]


def written(messages: tuple[Message, ...], marked: bool) -> list[Wire]:
    wires: list[Wire] = []
    for i, message in enumerate(messages):
        if message.role == "system":
            continue
        where = f"messages[{i}]"
        if message.native:
            raise MessageError(f"Bedrock's messages have no {', '.join(sorted(message.native))}", where=where)
        role = "user" if message.role == "tool" else message.role
        blocks = [block for part in kept(message.parts, "bedrock") for block in _blocks(part, where, role, marked)]
        if not blocks:
            raise MessageError(f"the {message.role} message is empty, which Bedrock refuses", where=where)
        if wires and wires[-1]["role"] == role:
            wires[-1] = {"role": role, "content": [*wires[-1]["content"], *blocks]}
        else:
            wires.append({"role": role, "content": blocks})
    if not wires:
        raise MessageError("there is no message beside the system's: Bedrock needs one of the user")
    names: set[str] = set()
    return [{**wire, "content": _completed(wire["content"], names)} for wire in wires]


def _completed(blocks: list[Wire], names: set[str]) -> list[Wire]:
    """The blocks of one message, with what documents need: names that differ, and a text beside them."""
    blocks = [_named(block, names) for block in blocks]
    alone = any("document" in block for block in blocks) and not any("text" in block for block in blocks)
    return [*blocks, {"text": "See the document."}] if alone else blocks


def _named(block: Wire, names: set[str]) -> Wire:
    """The block with a name for its document that is not among `names`; it is put there."""
    if isinstance(block.get("toolResult"), Mapping):
        result = block["toolResult"]
        return {"toolResult": {**result, "content": [_named(inner, names) for inner in result.get("content", ())]}}
    document = block.get("document")
    if not isinstance(document, Mapping):
        return block
    name = base = str(document.get("name", ""))
    numbers = count(2)
    while name in names:
        name = f"{base[:190]} {next(numbers)}"
    names.add(name)
    return {"document": {**document, "name": name}}


def _blocks(part: Part, where: str, role: str, marked: bool) -> list[Wire]:
    """A part, and its cache point."""
    block = _block(part, where, role)
    cache: CacheControl | None = getattr(part, "cache_control", None)
    if cache is None or not marked:
        return [block]
    if cache.ttl not in TTLS:
        raise MessageError(f"Bedrock keeps a cached prompt for '5m' or '1h', not {cache.ttl!r}", where=where)
    return [block, {"cachePoint": {"type": "default", **({"ttl": cache.ttl} if cache.ttl else {})}}]


def _block(part: Part, where: str, role: str) -> Wire:
    match part:
        case Text(text):
            return {"text": text}
        case Native(_, payload):
            block: Wire = _plain(payload)
            return block
        case Media():
            if role not in ("user", "result") or (role == "result" and isinstance(part, Audio)):
                raise MessageError(
                    "Bedrock takes media in user messages, and but for audio in tool results", where=where
                )
            return MEDIA[type(part)].encode(part)
        case Reasoning(text, native):
            return _reasoning(text, _plain(native[1])) if native else {"text": text}
        case ToolCall(id, name, arguments):
            return {"toolUse": {"toolUseId": id, "name": name, "input": as_object(arguments)}}
        case ToolResult(id, parts, is_error):
            inner = [_block(each, where, "result") for each in kept(parts, "bedrock")]
            result: Wire = {"toolUseId": id, "content": inner}
            return {"toolResult": {**result, "status": "error"} if is_error else result}
        case _:
            assert_never(part)


def _reasoning(text: str, block: Wire) -> Wire:
    """The block that came; of one that came bit by bit, its signature beside its text."""
    told = block["reasoningContent"].get("reasoningText")
    if told is None or "text" in told:
        return block
    return {"reasoningContent": {"reasoningText": {"text": text, **told}}}


def _plain(value: Any) -> Any:
    """A block of the caller's own, with bytes as the API wants them in JSON."""
    if isinstance(value, bytes | bytearray):
        return b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def check_marks(wire: Wire) -> None:
    """Raise unless the cache points are few, and those that live longer come first."""
    lists = [(wire.get("toolConfig") or {}).get("tools", ()), wire.get("system", ())]
    lists += [message["content"] for message in wire["messages"]]
    points = [block["cachePoint"] for blocks in lists for block in blocks if "cachePoint" in block]
    if len(points) > MAX_CACHE_MARKS:
        raise MessageError(f"{len(points)} parts carry cache_control, Bedrock takes {MAX_CACHE_MARKS}: mark fewer")
    long = [point.get("ttl") == "1h" for point in points]
    if long != sorted(long, reverse=True):
        raise MessageError("a part is cached for 1h after one that is cached for less: Bedrock wants the longer first")
