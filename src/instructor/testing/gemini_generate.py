"""Gemini's `generateContent`, spoken by the loopback server: `POST …/models/{model}:generateContent`, as the Gemini API and
as Vertex have it, and `:streamGenerateContent?alt=sse`.

Every event of a stream is a whole `GenerateContentResponse` with a piece of the answer; a call comes in one piece. The
last one has the `finishReason`; all have the usage so far. A refusal is a candidate without content that was stopped for
SAFETY; a tool's arguments that were cut off are sent as far as they can be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import from_json, to_json

from .caching import Block, block
from .dialect import Asked, Bill, Dialect
from .gemini_rules import RULES, model_of, spelt
from .gemini_types import shape
from .strict import Path
from .turns import Json, Tool, Turn, Wants, pieces, schema_in

STATUS: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""HTTP status → google.rpc.Code (google/rpc/code.proto)."""

SIGNATURE = "bG9vcGJhY2s="


# ------------------------------------------------------------------------------------------------------ the request


def wants(body: Json) -> Wants:
    """What a request asks for."""
    config = (spelt(body.get("toolConfig") or {})).get("functionCallingConfig") or {}
    mode, allowed = config.get("mode", "AUTO"), config.get("allowedFunctionNames") or []
    offered = [
        Tool(function["name"], function.get("parametersJsonSchema") or function.get("parameters") or {"type": "object"})
        for tool in spelt(body.get("tools") or [])
        for function in tool.get("functionDeclarations") or ()
        if mode != "NONE" and (not allowed or function["name"] in allowed)
    ]
    form = body.get("generationConfig") or {}
    return Wants(
        tools=tuple(offered),
        forced=allowed[0] if mode == "ANY" and len(allowed) == 1 else None,
        must_call=mode == "ANY",
        schema=form.get("responseJsonSchema") or schema_in(list(_texts(body))),
        json=form.get("responseMimeType") == "application/json",
    )


def _texts(body: Json) -> Iterator[str]:
    for content in (body.get("systemInstruction") or {}, *body["contents"]):
        yield from (part["text"] for part in content.get("parts") or () if "text" in part)


def blocks(body: Json) -> list[Block]:
    """The prompt in the order in which it is read. Nothing is marked: caching is automatic."""
    content: list[Any] = [["tools", tool] for tool in body.get("tools") or ()]
    for turn in (body.get("systemInstruction") or {}, *body["contents"]):
        content += [[turn.get("role", "system"), part] for part in turn.get("parts") or ()]
    return [block(item) for item in spelt(content)]


# ------------------------------------------------------------------------------------------------------- the answer


def complete(turn: Turn, asked: Asked, bill: Bill) -> dict[str, Any]:
    """A `GenerateContentResponse`."""
    return _response(asked, bill, _content(turn), _ending(turn))


def events(turn: Turn, asked: Asked, bill: Bill, size: int) -> Iterator[bytes]:
    """The same as server-sent events, in pieces of `size` characters."""
    cut = [piece for part in _content(turn) for piece in _pieces(part, size)]
    for piece in cut[:-1]:
        yield _event(_response(asked, bill, [piece], {}))
    yield _event(_response(asked, bill, cut[-1:], _ending(turn)))


def _pieces(part: dict[str, Any], size: int) -> Iterator[dict[str, Any]]:
    if "text" in part:
        yield from ({**part, "text": text} for text in pieces(part["text"], size))
    else:
        yield part


def _content(turn: Turn) -> list[dict[str, Any]]:
    """The parts of a turn: thoughts, text, calls, of which the first is signed."""
    parts: list[dict[str, Any]] = []
    if turn.thinking is not None:
        parts.append({"text": turn.thinking, "thought": True})
    if turn.text is not None:
        parts.append({"text": turn.text})
    for number, (name, arguments) in enumerate(turn.calls):
        call = {"name": name, "args": _args(arguments), "id": f"fc-{number}"}
        parts.append({"functionCall": call, **({"thoughtSignature": SIGNATURE} if number == 0 else {})})
    return parts


def _args(arguments: str) -> Any:
    try:
        return from_json(arguments, allow_partial=True)
    except ValueError:
        return {}


def _ending(turn: Turn) -> dict[str, Any]:
    if turn.refusal is not None:
        return {"finishReason": "SAFETY", "finishMessage": turn.refusal}
    return {"finishReason": "MAX_TOKENS" if turn.truncated else "STOP"}


def _response(asked: Asked, bill: Bill, parts: list[dict[str, Any]], ending: dict[str, Any]) -> dict[str, Any]:
    content = {"content": {"parts": parts, "role": "model"}} if parts else {}
    total = bill.input + bill.read + sum(bill.written.values())
    usage = {"promptTokenCount": total, "candidatesTokenCount": bill.output, "totalTokenCount": total + bill.output}
    if bill.read:
        usage["cachedContentTokenCount"] = bill.read
    return {
        "candidates": [{**content, **ending, "index": 0}],
        "usageMetadata": usage,
        "modelVersion": model_of(asked),
        "responseId": f"loopback{asked.number:06d}",
    }


def _event(data: Any) -> bytes:
    return b"data: " + to_json(data) + b"\r\n\r\n"


# ------------------------------------------------------------------------------------------------------- the errors


def error(status: int, message: str, path: Path | None, number: int) -> dict[str, Any]:
    """A `google.rpc.Status`; a path goes into the details."""
    body: dict[str, Any] = {"code": status, "message": message, "status": STATUS.get(status, "UNKNOWN")}
    if path:
        body["message"] = f"Invalid value at '{dotted(path)}': {message}"
        row = {"field": dotted(path), "description": message}
        body["details"] = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [row]}]
    return {"error": body}


def error_event(status: int, body: Any) -> bytes:
    """An error inside a stream that began well."""
    return _event(body)


def dotted(path: Path) -> str:
    """A path as Google writes it: `contents[0].parts[1]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


DIALECT = Dialect(
    name="gemini",
    suffixes=(":generateContent", ":streamGenerateContent"),
    keys=("x-goog-api-key", "authorization"),
    package="google.genai",
    shape=shape,
    rules=RULES,
    wants=wants,
    complete=complete,
    events=events,
    error=error,
    error_event=error_event,
    blocks=blocks,
    path=dotted,
    request_id="x-request-id",
    streams=lambda asked: asked.path.endswith(":streamGenerateContent"),
    stream_type="text/event-stream",
)
