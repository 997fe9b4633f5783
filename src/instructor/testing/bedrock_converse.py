"""Amazon Bedrock Converse, spoken by the loopback server: `POST …/model/{model}/converse` and `…/converse-stream`.

Answers have the members of the shapes `ConverseResponse` and `ConverseStreamOutput`, and no others. A stream is frames of
Amazon's binary event stream: `messageStart`, for each block a `contentBlockStart` (tools only), small deltas and a
`contentBlockStop`, then `messageStop` and `metadata` with the usage. There is no refusal in this API: the answer is
filtered. The judge is botocore's service model (`bedrock_shapes`), then `bedrock_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from struct import pack
from typing import Any
from zlib import crc32

from pydantic_core import from_json, to_json

from .bedrock_rules import RULES
from .bedrock_shapes import dotted, problems
from .caching import Block, block
from .dialect import Asked, Bill, Dialect
from .strict import Path
from .turns import Json, Tool, Turn, Wants, pieces, schema_in

ERRORS: Mapping[int, str] = {
    400: "ValidationException",
    401: "UnrecognizedClientException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}
"""Status → the name in the header `x-amzn-ErrorType`."""

STREAM = "/converse-stream"

# ------------------------------------------------------------------------------------------------------ the request


def wants(body: Json) -> Wants:
    """What a Converse request asks for."""
    config = body.get("toolConfig") or {}
    choice = config.get("toolChoice") or {"auto": {}}
    specs = [tool["toolSpec"] for tool in config.get("tools") or () if "toolSpec" in tool]
    form = (body.get("outputConfig") or {}).get("textFormat") or {}
    definition = (form.get("structure") or {}).get("jsonSchema")
    schema = from_json(definition["schema"]) if definition else None
    return Wants(
        tools=tuple(Tool(spec["name"], spec["inputSchema"]["json"]) for spec in specs),
        forced=(choice.get("tool") or {}).get("name"),
        must_call="any" in choice,
        schema=schema or schema_in([item["text"] for _, item in _content(body) if "text" in item]),
    )


def _content(body: Json) -> Iterator[tuple[str, Any]]:
    """The blocks of a request in the order in which they are read: tools, system, messages."""
    yield from (("tools", tool) for tool in (body.get("toolConfig") or {}).get("tools") or ())
    yield from (("system", item) for item in body.get("system") or ())
    yield from ((message["role"], item) for message in body.get("messages") or () for item in message["content"])


def blocks(body: Json) -> list[Block]:
    """The prompt, piece by piece. A cache point marks what is before it."""
    found: list[tuple[Any, str | None]] = []
    for role, item in _content(body):
        if "cachePoint" in item and found:
            found[-1] = (found[-1][0], item["cachePoint"].get("ttl", "5m"))
        else:
            found.append(([role, item], None))
    return [block(content, ttl) for content, ttl in found]


# ------------------------------------------------------------------------------------------------------- the answer


def complete(turn: Turn, asked: Asked, bill: Bill) -> dict[str, Any]:
    """A `ConverseResponse`."""
    return {
        "output": {"message": {"role": "assistant", "content": _blocks(turn, asked)}},
        "stopReason": _stop(turn),
        "usage": _usage(bill),
        "metrics": {"latencyMs": 1},
    }


def events(turn: Turn, asked: Asked, bill: Bill, size: int) -> Iterator[bytes]:
    """The same as frames, in deltas of `size` characters."""
    yield frame("messageStart", {"role": "assistant"})
    for index, item in enumerate(_blocks(turn, asked)):
        at = {"contentBlockIndex": index}
        for delta in _deltas(item, turn, size):
            kind = "contentBlockStart" if "start" in delta else "contentBlockDelta"
            yield frame(kind, {**delta, **at})
        yield frame("contentBlockStop", at)
    yield frame("messageStop", {"stopReason": _stop(turn)})
    yield frame("metadata", {"usage": _usage(bill), "metrics": {"latencyMs": 1}})


def _deltas(item: Json, turn: Turn, size: int) -> Iterator[dict[str, Any]]:
    if call := item.get("toolUse"):
        yield {"start": {"toolUse": {key: call[key] for key in ("toolUseId", "name")}}}
        number = int(call["toolUseId"][-2:])
        yield from ({"delta": {"toolUse": {"input": piece}}} for piece in pieces(turn.calls[number][1], size))
    elif thought := item.get("reasoningContent"):
        text = thought["reasoningText"]
        yield from ({"delta": {"reasoningContent": {"text": piece}}} for piece in pieces(text["text"], size))
        yield {"delta": {"reasoningContent": {"signature": text["signature"]}}}
    else:
        yield from ({"delta": {"text": piece}} for piece in pieces(item["text"], size))


def _blocks(turn: Turn, asked: Asked) -> list[dict[str, Any]]:
    """The blocks of a turn: reasoning, text, tool uses."""
    found: list[dict[str, Any]] = []
    if turn.thinking is not None:
        found.append({"reasoningContent": {"reasoningText": {"text": turn.thinking, "signature": "bG9vcGJhY2s="}}})
    said = turn.text if turn.refusal is None else turn.refusal
    if said is not None:
        found.append({"text": said})
    for index, (name, arguments) in enumerate(turn.calls):
        number = f"tooluse_loopback{asked.number:06d}{index:02d}"
        found.append({"toolUse": {"toolUseId": number, "name": name, "input": _input(arguments)}})
    return found


def _input(arguments: str) -> Any:
    try:
        return from_json(arguments, allow_partial=True)
    except ValueError:
        return {}


def _stop(turn: Turn) -> str:
    if turn.truncated:
        return "max_tokens"
    if turn.refusal is not None:
        return "content_filtered"
    return "tool_use" if turn.calls else "end_turn"


def _usage(bill: Bill) -> dict[str, Any]:
    written = sum(bill.written.values())
    return {
        "inputTokens": bill.input,
        "outputTokens": bill.output,
        "totalTokens": bill.input + bill.output + bill.read + written,
        "cacheReadInputTokens": bill.read,
        "cacheWriteInputTokens": written,
    }


def frame(kind: str, payload: Any, message: str = "event") -> bytes:
    """One frame of Amazon's event stream: prelude, headers, payload, checksums."""
    said = {f":{message}-type": kind, ":content-type": "application/json", ":message-type": message}
    headers = b"".join(chain.from_iterable(_header(name, value) for name, value in said.items()))
    body = to_json(payload)
    prelude = pack(">II", 16 + len(headers) + len(body), len(headers))
    whole = prelude + pack(">I", crc32(prelude)) + headers + body
    return whole + pack(">I", crc32(whole))


def _header(name: str, value: str) -> tuple[bytes, bytes]:
    """A header that is a string (type 7)."""
    return pack(">B", len(name)) + name.encode(), pack(">BH", 7, len(value)) + value.encode()


# ------------------------------------------------------------------------------------------------------- the errors


def error(status: int, message: str, path: Path | None, number: int) -> dict[str, Any]:
    """An error body; what kind of error it is stands in a header."""
    return {"message": f"{dotted(path)}: {message}" if path else message}


def error_headers(status: int) -> Mapping[str, str]:
    """What kind of error it is."""
    return {"x-amzn-ErrorType": ERRORS.get(status, ERRORS[400 if status < 500 else 500])}


def error_event(status: int, body: Any) -> bytes:
    """An exception inside a stream that began well."""
    name = ERRORS.get(status, ERRORS[500])
    kind = f"{name[:1].lower()}{name[1:]}"
    return frame(kind, body if isinstance(body, dict) else {"message": str(body)}, "exception")


DIALECT = Dialect(
    name="bedrock",
    suffixes=("/converse", STREAM),
    keys=("authorization",),
    package="botocore",
    shape=problems,
    rules=RULES,
    wants=wants,
    complete=complete,
    events=events,
    error=error,
    error_event=error_event,
    error_headers=error_headers,
    blocks=blocks,
    path=dotted,
    request_id="x-amzn-RequestId",
    streams=lambda asked: asked.path.endswith(STREAM),
    stream_type="application/vnd.amazon.eventstream",
)
