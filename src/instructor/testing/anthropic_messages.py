"""Anthropic Messages, spoken by the loopback server: `POST …/v1/messages`.

Messages and events have the fields that the API sends and the SDK's types know, and no others. A stream is
`message_start` (with the input's usage), per block a `content_block_start`, small deltas and a `content_block_stop`,
a `ping` after the first start, then `message_delta` (stop reason, cumulative usage) and `message_stop`.
A tool's input that was cut off is sent as far as it can be read; a refusal is a stop reason with details.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import from_json, to_json

from .anthropic_rules import MODERN, RULES, SAMPLING, version
from .caching import Block, block
from .dialect import Asked, Bill, Dialect
from .strict import Path
from .turns import Json, Tool, Turn, Wants, pieces, schema_in

ERRORS: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""Status → type of an error body."""


# ------------------------------------------------------------------------------------------------------ the request


def wants(body: Json) -> Wants:
    """What a message request asks for."""
    choice = body.get("tool_choice") or {"type": "auto"}
    offered = [tool for tool in body.get("tools") or () if "input_schema" in tool and choice["type"] != "none"]
    form = (body.get("output_config") or {}).get("format") or {}
    return Wants(
        tools=tuple(Tool(tool["name"], tool["input_schema"]) for tool in offered),
        forced=choice.get("name"),
        must_call=choice["type"] == "any",
        schema=form.get("schema") or schema_in([text for text, _ in _texts(body)]),
    )


def _texts(body: Json) -> Iterator[tuple[str, Any]]:
    """The texts of the system prompt and the messages, each with its block or message."""
    for holder in ({"content": body.get("system")}, *body["messages"]):
        content = holder["content"]
        if isinstance(content, str):
            yield content, holder
        else:
            yield from ((part["text"], part) for part in content or () if part.get("type") == "text")


def blocks(body: Json) -> list[Block]:
    """The prompt in the order in which it is read: tools, system, messages; a top-level mark goes to the last."""
    content: list[tuple[Any, Any]] = [("tools", tool) for tool in body.get("tools") or ()]
    for role, part in (("system", body.get("system")), *((item["role"], item["content"]) for item in body["messages"])):
        content += [(role, item) for item in part] if isinstance(part, list) else [(role, part)] if part else []
    found = [block(list(item), _ttl(item[1])) for item in content]
    if found and body.get("cache_control"):
        found[-1] = block(list(content[-1]), _ttl(body))
    return found


def _ttl(holder: Any) -> str | None:
    mark = holder.get("cache_control") if isinstance(holder, dict) else None
    return mark.get("ttl", "5m") if mark else None


# ------------------------------------------------------------------------------------------------------- the answer


def complete(turn: Turn, asked: Asked, bill: Bill) -> dict[str, Any]:
    """A `Message`."""
    return {
        **_head(asked),
        "content": _content(turn, asked),
        "stop_reason": _stop(turn),
        "stop_sequence": None,
        "stop_details": _details(turn),
        "usage": _usage(bill),
    }


def events(turn: Turn, asked: Asked, bill: Bill, size: int) -> Iterator[bytes]:
    """The same as server-sent events, in deltas of `size` characters."""
    opening = {**_head(asked), "content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
    opening["usage"] = {**_usage(bill), "output_tokens": 1}
    yield _event({"type": "message_start", "message": opening})
    for index, (content, text) in enumerate(zip(_content(turn, asked), _said(turn), strict=True)):
        empty, deltas = BLANKS[content["type"]]
        yield _event({"type": "content_block_start", "index": index, "content_block": {**content, **empty}})
        if index == 0:
            yield _event({"type": "ping"})
        for kind in deltas:
            whole = kind == "signature_delta"
            for piece in [content["signature"]] if whole else pieces(text, size):
                delta = {"type": kind, DELTA_KEYS[kind]: piece}
                yield _event({"type": "content_block_delta", "index": index, "delta": delta})
        yield _event({"type": "content_block_stop", "index": index})
    ending = {"stop_reason": _stop(turn), "stop_sequence": None, "stop_details": _details(turn)}
    counted = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
    usage = {key: value for key, value in _usage(bill).items() if key in counted}
    yield _event({"type": "message_delta", "delta": ending, "usage": usage})
    yield _event({"type": "message_stop"})


BLANKS: Mapping[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "text": ({"text": ""}, ("text_delta",)),
    "tool_use": ({"input": {}}, ("input_json_delta",)),
    "thinking": ({"thinking": "", "signature": ""}, ("thinking_delta", "signature_delta")),
}
"""Block type → what is empty when the block starts, and the deltas that fill it; a signature comes whole."""

DELTA_KEYS = {
    "text_delta": "text",
    "input_json_delta": "partial_json",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
}


def _content(turn: Turn, asked: Asked) -> list[dict[str, Any]]:
    """The blocks of a turn: thinking, text, tool uses."""
    content: list[dict[str, Any]] = []
    if turn.thinking is not None:
        content.append({"type": "thinking", "thinking": turn.thinking, "signature": "bG9vcGJhY2s="})
    if turn.text is not None:
        content.append({"type": "text", "text": turn.text, "citations": None})
    for index, (name, arguments) in enumerate(turn.calls):
        number = f"toolu_loopback{asked.number:06d}{index:02d}"
        content.append({"type": "tool_use", "id": number, "name": name, "input": _input(arguments)})
    return content


def _said(turn: Turn) -> list[str]:
    """The text of each block, to be cut into deltas."""
    return [*(text for text in (turn.thinking, turn.text) if text is not None), *(call[1] for call in turn.calls)]


def _input(arguments: str) -> Any:
    try:
        return from_json(arguments, allow_partial=True)
    except ValueError:
        return {}


def _stop(turn: Turn) -> str:
    if turn.truncated:
        return "max_tokens"
    if turn.refusal is not None:
        return "refusal"
    return "tool_use" if turn.calls else "end_turn"


def _details(turn: Turn) -> dict[str, Any] | None:
    if turn.refusal is None:
        return None
    return {"type": "refusal", "category": None, "explanation": turn.refusal}


def _head(asked: Asked) -> dict[str, Any]:
    return {
        "id": f"msg_loopback{asked.number:06d}",
        "type": "message",
        "role": "assistant",
        "model": asked.body.get("model", ""),
    }


def _usage(bill: Bill) -> dict[str, Any]:
    return {
        "input_tokens": bill.input,
        "cache_creation_input_tokens": sum(bill.written.values()),
        "cache_read_input_tokens": bill.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": bill.written.get("5m", 0),
            "ephemeral_1h_input_tokens": bill.written.get("1h", 0),
        },
        "output_tokens": bill.output,
        "service_tier": "standard",
    }


def _event(data: dict[str, Any]) -> bytes:
    return f"event: {data['type']}\n".encode() + b"data: " + to_json(data) + b"\n\n"


# ------------------------------------------------------------------------------------------------------- the errors


def error(status: int, message: str, path: Path | None, number: int) -> dict[str, Any]:
    """An error body; the path goes before the message, as the API writes it."""
    kind = ERRORS.get(status, ERRORS[400 if status < 500 else 500])
    where = f"{dotted(path)}: " if path else ""
    return {
        "type": "error",
        "error": {"type": kind, "message": where + message},
        "request_id": f"req_loopback{number:06d}",
    }


def error_event(status: int, body: Any) -> bytes:
    """An error inside a stream that began well."""
    return b"event: error\ndata: " + to_json(body) + b"\n\n"


def dotted(path: Path) -> str:
    """A path as Anthropic writes it: `messages.0.content`."""
    return ".".join(str(step) for step in path)


def loosened(headers: Mapping[str, str]) -> frozenset[str]:
    """The sampling parameters, for API versions that still have them."""
    return frozenset() if version(headers) >= MODERN else frozenset(SAMPLING)


DIALECT = Dialect(
    name="anthropic",
    suffixes=("/v1/messages",),
    keys=("authorization", "x-api-key"),
    package="anthropic",
    types=(
        "anthropic.types.message_create_params:MessageCreateParamsNonStreaming",
        "anthropic.types.message_create_params:MessageCreateParamsStreaming",
    ),
    rules=RULES,
    wants=wants,
    complete=complete,
    events=events,
    error=error,
    error_event=error_event,
    blocks=blocks,
    path=dotted,
    request_id="request-id",
    loosened=loosened,
)
