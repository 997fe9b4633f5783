"""Mistral chat completions, spoken by the loopback server: `POST …/mistral/v1/chat/completions`.

Bodies and chunks have the fields that the API sends and its SDK's types know, and `usage.prompt_tokens_details`. Content
is a text, or a list of chunks where the model has thought. A stream is a role chunk, small deltas of content, whole tool
calls, a chunk with the finish reason and the usage, and `[DONE]`. The API has no refusals: one is a text.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import to_json

from .dialect import Asked, Bill, Dialect
from .mistral_rules import RULES
from .openai_chat import blocks, wants
from .strict import Path
from .turns import Json, Turn, Wants, pieces

CODES: Mapping[int, tuple[str, str]] = {
    400: ("invalid_request_error", "3000"),
    403: ("forbidden", "1903"),
    404: ("invalid_model", "1500"),
    413: ("invalid_request_error", "3810"),
    429: ("rate_limited", "1300"),
    500: ("internal_server_error", "1000"),
    503: ("unreachable_backend", "1100"),
}
"""Status → (type, code) of an error body."""


def asked_for(body: Json) -> Wants:
    """What a request asks for: as OpenAI's, but a tool that must be called is `any`, too."""
    choice = body.get("tool_choice")
    return wants({**body, "tool_choice": "required"} if choice == "any" else body)


# ------------------------------------------------------------------------------------------------------- the answer


def complete(turn: Turn, asked: Asked, bill: Bill) -> dict[str, Any]:
    """A `ChatCompletionResponse`."""
    message: dict[str, Any] = {"role": "assistant", "content": _content(turn), "prefix": False}
    message["tool_calls"] = _calls(turn, asked) or None
    choice = {"index": 0, "finish_reason": _finish(turn), "message": message}
    return {**_head(asked, "chat.completion"), "choices": [choice], "usage": _usage(bill)}


def events(turn: Turn, asked: Asked, bill: Bill, size: int) -> Iterator[bytes]:
    """The same as server-sent `CompletionChunk`s, in deltas of `size` characters."""
    head = _head(asked, "chat.completion.chunk")

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        end = {"usage": _usage(bill)} if finish else {}
        return _event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **end})

    yield chunk({"role": "assistant", "content": ""})
    for piece in pieces(turn.thinking, size) if turn.thinking is not None else ():
        yield chunk({"content": [_thought(piece)]})
    said = turn.refusal if turn.text is None else turn.text
    for piece in pieces(said, size) if said is not None else ():
        yield chunk({"content": piece})
    calls = _calls(turn, asked)
    yield chunk({"content": "", "tool_calls": calls} if calls else {"content": ""}, _finish(turn))
    yield b"data: [DONE]\n\n"


def _content(turn: Turn) -> Any:
    said = turn.refusal if turn.text is None else turn.text
    if turn.thinking is None:
        return said or ""
    return [_thought(turn.thinking), *([{"type": "text", "text": said}] if said is not None else [])]


def _thought(text: str) -> dict[str, Any]:
    return {"type": "thinking", "thinking": [{"type": "text", "text": text}]}


def _calls(turn: Turn, asked: Asked) -> list[dict[str, Any]]:
    return [
        {
            "id": f"L{asked.number:06d}{index:02d}",
            "type": "function",
            "function": {"name": name, "arguments": arguments},
            "index": index,
        }
        for index, (name, arguments) in enumerate(turn.calls)
    ]


def _finish(turn: Turn) -> str:
    return "length" if turn.truncated else "tool_calls" if turn.calls else "stop"


def _head(asked: Asked, kind: str) -> dict[str, Any]:
    return {
        "id": f"loopback{asked.number:06d}",
        "object": kind,
        "created": int(time.time()),
        "model": asked.body.get("model", ""),
    }


def _usage(bill: Bill) -> dict[str, Any]:
    prompt = bill.input + bill.read + sum(bill.written.values())
    return {
        "prompt_tokens": prompt,
        "completion_tokens": bill.output,
        "total_tokens": prompt + bill.output,
        "prompt_tokens_details": {"cached_tokens": bill.read},
    }


def _event(data: Any) -> bytes:
    return b"data: " + to_json(data) + b"\n\n"


# ------------------------------------------------------------------------------------------------------- the errors


def error(status: int, message: str, path: Path | None, number: int) -> dict[str, Any]:
    """An error body: a bad key and a bad shape are told in `detail`, the rest in `message`."""
    if status == 401:
        return {"detail": message}
    if status == 422:
        row = {"type": "value_error", "loc": ["body", *(path or ())], "msg": message, "input": None}
        return {"detail": [row]}
    kind, code = CODES.get(status, CODES[400 if status < 500 else 500])
    where = f"{dotted(path)}: " if path else ""
    return {
        "object": "error",
        "message": where + message,
        "type": kind,
        "param": None,
        "code": code,
        "raw_status_code": status,
    }


def error_event(status: int, body: Any) -> bytes:
    """An error inside a stream that began well."""
    return _event(body)


def dotted(path: Path) -> str:
    """A path: `messages.0.content`."""
    return ".".join(str(step) for step in path)


DIALECT = Dialect(
    name="mistral",
    suffixes=("/mistral/v1/chat/completions",),
    keys=("authorization",),
    package="mistralai",
    types=("mistralai.client.models:ChatCompletionRequest", "mistralai.client.models:ChatCompletionStreamRequest"),
    rules=RULES,
    wants=asked_for,
    complete=complete,
    events=events,
    error=error,
    error_event=error_event,
    blocks=blocks,
    path=dotted,
    request_id="mistral-correlation-id",
)
