"""Cohere chat, version 2, spoken by the loopback server: `POST …/v2/chat`.

Bodies and events have the fields that the API sends and its SDK's types know. What the model says before it calls tools
is its plan. A stream is `message-start`, per block a `content-start`, small deltas and a `content-end`, `tool-plan-delta`s,
per call a `tool-call-start`, deltas of its arguments and a `tool-call-end`, then `message-end` with the finish reason and the
usage. The API has no refusals: one is a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import to_json

from .cohere_rules import RULES
from .dialect import Asked, Bill, Dialect
from .openai_chat import blocks
from .strict import Path
from .turns import Json, Tool, Turn, Wants, pieces, schema_in


def wants(body: Json) -> Wants:
    """What a chat request asks for."""
    form, choice = body.get("response_format") or {}, body.get("tool_choice")
    offered = [tool["function"] for tool in body.get("tools") or () if choice != "NONE"]
    texts = [text for message in body["messages"] for text in _texts(message.get("content"))]
    return Wants(
        tools=tuple(Tool(tool["name"], tool["parameters"]) for tool in offered),
        must_call=choice == "REQUIRED",
        schema=form.get("json_schema") or schema_in(texts),
        json=form.get("type") == "json_object",
    )


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [part["text"] for part in content or () if part.get("type") == "text"]


# ------------------------------------------------------------------------------------------------------- the answer


def complete(turn: Turn, asked: Asked, bill: Bill) -> dict[str, Any]:
    """A `V2ChatResponse`."""
    message: dict[str, Any] = {"role": "assistant"}
    if turn.calls:
        message |= {"tool_plan": turn.text or "", "tool_calls": _calls(turn, asked)}
    if content := [{"type": kind, kind: text} for kind, text in _said(turn)]:
        message["content"] = content
    return {
        "id": _id(asked),
        "message": message,
        "finish_reason": _finish(turn),
        "usage": _usage(bill),
    }


def events(turn: Turn, asked: Asked, bill: Bill, size: int) -> Iterator[bytes]:
    """The same as server-sent events, in deltas of `size` characters."""
    blank = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    yield _event("message-start", {"id": _id(asked), "delta": {"message": blank}})
    for index, (kind, text) in enumerate(_said(turn)):
        yield _event("content-start", _of("content", {"type": kind, kind: ""}, index))
        for piece in pieces(text, size):
            yield _event("content-delta", _of("content", {kind: piece}, index))
        yield _event("content-end", {"index": index})
    for piece in pieces(turn.text, size) if turn.calls and turn.text else ():
        yield _event("tool-plan-delta", {"delta": {"message": {"tool_plan": piece}}})
    for index, call in enumerate(_calls(turn, asked)):
        start = {**call, "function": {**call["function"], "arguments": ""}}
        yield _event("tool-call-start", _of("tool_calls", start, index))
        for piece in pieces(call["function"]["arguments"], size):
            yield _event("tool-call-delta", _of("tool_calls", {"function": {"arguments": piece}}, index))
        yield _event("tool-call-end", {"index": index})
    yield _event("message-end", {"delta": {"finish_reason": _finish(turn), "usage": _usage(bill)}})


def _of(key: str, value: Any, index: int) -> dict[str, Any]:
    return {"index": index, "delta": {"message": {key: value}}}


def _said(turn: Turn) -> list[tuple[str, str]]:
    """The blocks of content: (kind, text). Beside calls the text is the plan."""
    text = turn.refusal if turn.text is None else turn.text
    blocks = [("thinking", turn.thinking), ("text", None if turn.calls else text)]
    return [(kind, said) for kind, said in blocks if said is not None]


def _calls(turn: Turn, asked: Asked) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{name}_loopback{asked.number:06d}{index:02d}",
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        }
        for index, (name, arguments) in enumerate(turn.calls)
    ]


def _finish(turn: Turn) -> str:
    return "MAX_TOKENS" if turn.truncated else "TOOL_CALL" if turn.calls else "COMPLETE"


def _id(asked: Asked) -> str:
    return f"00000000-0000-4000-8000-{asked.number:012d}"


def _usage(bill: Bill) -> dict[str, Any]:
    counts = {"input_tokens": bill.input + bill.read + sum(bill.written.values()), "output_tokens": bill.output}
    return {"billed_units": counts, "tokens": counts, "cached_tokens": bill.read}


def _event(kind: str, data: Mapping[str, Any]) -> bytes:
    return f"event: {kind}\ndata: ".encode() + to_json({"type": kind, **data}) + b"\n\n"


# ------------------------------------------------------------------------------------------------------- the errors


def error(status: int, message: str, path: Path | None, number: int) -> dict[str, Any]:
    """An error body: an id and a message, which names the path."""
    where = f"{dotted(path)}: " if path else ""
    return {"id": f"loopback{number:06d}", "message": where + message}


def error_event(status: int, body: Any) -> bytes:
    """An error inside a stream that began well: it ends the message (types/chat_message_end_event_delta.py)."""
    message = body.get("message") if isinstance(body, Mapping) else str(body)
    return _event("message-end", {"delta": {"error": message, "finish_reason": "ERROR"}})


def dotted(path: Path) -> str:
    """A path: `messages.0.content`."""
    return ".".join(str(step) for step in path)


DIALECT = Dialect(
    name="cohere",
    suffixes=("/v2/chat",),
    keys=("authorization",),
    package="cohere",
    types=("cohere.v2.raw_client:RawV2Client.chat", "cohere.v2.raw_client:RawV2Client.chat_stream"),
    rules=RULES,
    wants=wants,
    complete=complete,
    events=events,
    error=error,
    error_event=error_event,
    blocks=blocks,
    path=dotted,
    request_id="x-debug-trace-id",
    loosened=lambda headers: frozenset({"stream"}),  # the SDK has two methods in its place
)
