"""OpenAI Chat Completions, spoken by the loopback server: `POST …/chat/completions`.

Bodies and chunks have the fields that OpenAI's API sends and its SDK's types know, and no others. A stream is a role
chunk, small deltas of content, refusal or call arguments, a chunk with the finish reason, the usage if
`stream_options.include_usage` asked for it, and `[DONE]`. Reasoning text is not part of this API and is left out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import to_json

from .caching import Block, block
from .dialect import Asked, Bill, Dialect
from .openai_rules import RULES
from .strict import Path
from .turns import Json, Tool, Turn, Wants, pieces, schema_in

ERRORS: Mapping[int, tuple[str, str | None]] = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "unsupported_country_region_territory"),
    404: ("invalid_request_error", "model_not_found"),
    413: ("invalid_request_error", "request_too_large"),
    429: ("requests", "rate_limit_exceeded"),
    500: ("server_error", None),
    503: ("server_error", None),
}
"""Status → (type, code) of an error body."""


# ------------------------------------------------------------------------------------------------------ the request


def wants(body: Json) -> Wants:
    """What a chat completion request asks for."""
    choice = body.get("tool_choice", "auto")
    offered = [tool["function"] for tool in body.get("tools") or () if tool.get("type") == "function"]
    if choice == "none":
        offered = []
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        allowed = choice["allowed_tools"]
        names = [tool.get("function", {}).get("name") for tool in allowed["tools"]]
        offered = [tool for tool in offered if tool["name"] in names]
        choice = allowed["mode"]
    form = body.get("response_format") or {}
    schema = form.get("json_schema", {}).get("schema") if form.get("type") == "json_schema" else None
    return Wants(
        tools=tuple(Tool(tool["name"], tool.get("parameters") or {"type": "object"}) for tool in offered),
        forced=choice.get("function", {}).get("name") if isinstance(choice, dict) else None,
        must_call=choice == "required",
        schema=schema or schema_in(list(_texts(body))),
        json=form.get("type") == "json_object",
    )


def _texts(body: Json) -> Iterator[str]:
    for message in body["messages"]:
        content = message.get("content")
        if isinstance(content, str):
            yield content
        else:
            yield from (part["text"] for part in content or () if part.get("type") == "text")


def blocks(body: Json) -> list[Block]:
    """The prompt in the order in which it is read: tools, then each part of each message."""
    found = [block(tool) for tool in body.get("tools") or ()]
    for message in body["messages"]:
        content = message.get("content")
        for part in content if isinstance(content, list) else [content]:
            mark = part.get("prompt_cache_breakpoint") if isinstance(part, dict) else None
            found.append(block([message["role"], part], mark.get("ttl", "30m") if mark else None))
        if message.get("tool_calls"):
            found.append(block(message["tool_calls"]))
    return found


# ------------------------------------------------------------------------------------------------------- the answer


def complete(turn: Turn, asked: Asked, bill: Bill) -> dict[str, Any]:
    """A `ChatCompletion`."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": turn.text,
        "refusal": turn.refusal,
        "annotations": [],
    }
    if turn.calls:
        message["tool_calls"] = _calls(turn, asked)
    choice = {"logprobs": None, "finish_reason": _finish(turn, asked), "message": message}
    return {
        **_head(asked, "chat.completion"),
        "choices": [{"index": index, **choice} for index in range(asked.body.get("n") or 1)],
        "usage": _usage(bill),
        "service_tier": "default",
    }


def events(turn: Turn, asked: Asked, bill: Bill, size: int) -> Iterator[bytes]:
    """The same as server-sent `ChatCompletionChunk`s, in deltas of `size` characters."""
    with_usage = bool((asked.body.get("stream_options") or {}).get("include_usage"))
    head: dict[str, Any] = {**_head(asked, "chat.completion.chunk"), "service_tier": "default"}
    if with_usage:
        head["usage"] = None

    def chunk(delta: dict[str, Any], index: int, finish: str | None = None) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _event({**head, "choices": [choice]})

    for index in range(asked.body.get("n") or 1):
        opening = {"role": "assistant", "content": None if turn.calls else "", "refusal": None}
        yield chunk(opening, index)
        for delta in _deltas(turn, asked, size):
            yield chunk(delta, index)
        yield chunk({}, index, _finish(turn, asked))
    if with_usage:
        yield _event({**head, "choices": [], "usage": _usage(bill)})
    yield b"data: [DONE]\n\n"


def _deltas(turn: Turn, asked: Asked, size: int) -> Iterator[dict[str, Any]]:
    """What is said, piece by piece: a call's id and name once, its arguments in fragments, by `index`."""
    for key, text in (("content", turn.text), ("refusal", turn.refusal)):
        if text is not None:
            yield from ({key: piece} for piece in pieces(text, size))
    for index, call in enumerate(_calls(turn, asked)):
        arguments = call["function"]["arguments"]
        start = {**call, "function": {"name": call["function"]["name"], "arguments": ""}}
        yield {"tool_calls": [{"index": index, **start}]}
        for piece in pieces(arguments, size):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _calls(turn: Turn, asked: Asked) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{asked.number:06d}{index:02d}",
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        }
        for index, (name, arguments) in enumerate(turn.calls)
    ]


def _finish(turn: Turn, asked: Asked) -> str:
    """A call that was forced by name ends with `stop`, as the API has it; others with `tool_calls`."""
    if turn.truncated:
        return "length"
    forced = isinstance(asked.body.get("tool_choice"), dict)
    return "tool_calls" if turn.calls and not forced else "stop"


def _head(asked: Asked, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-loopback{asked.number:06d}",
        "object": kind,
        "created": int(time.time()),
        "model": asked.body.get("model", ""),
        "system_fingerprint": "fp_loopback",
    }


def _usage(bill: Bill) -> dict[str, Any]:
    written = sum(bill.written.values())
    prompt = bill.input + bill.read + written
    return {
        "prompt_tokens": prompt,
        "completion_tokens": bill.output,
        "total_tokens": prompt + bill.output,
        "prompt_tokens_details": {
            "cached_tokens": bill.read,
            "cache_write_tokens": written,
            "audio_tokens": 0,
        },
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _event(data: Any) -> bytes:
    return b"data: " + to_json(data) + b"\n\n"


# ------------------------------------------------------------------------------------------------------- the errors


def error(status: int, message: str, path: Path | None, number: int) -> dict[str, Any]:
    """An error body; `param` is the path, as the API writes it, and the message names it too."""
    kind, code = ERRORS.get(status, ERRORS[400 if status < 500 else 500])
    param = dotted(path) if path else None
    message = f"Invalid '{param}': {message}" if param else message
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def error_event(status: int, body: Any) -> bytes:
    """An error inside a stream that began well."""
    return b"event: error\n" + _event(body)


def dotted(path: Path) -> str:
    """A path as OpenAI writes it: `messages[0].content`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


DIALECT = Dialect(
    name="openai",
    suffixes=("/chat/completions",),
    keys=("authorization", "api-key"),
    package="openai",
    types=(
        "openai.types.chat.completion_create_params:CompletionCreateParamsNonStreaming",
        "openai.types.chat.completion_create_params:CompletionCreateParamsStreaming",
    ),
    rules=RULES,
    wants=wants,
    complete=complete,
    events=events,
    error=error,
    error_event=error_event,
    blocks=blocks,
    path=dotted,
    request_id="x-request-id",
    tolerated=(("messages", None, "annotations"),),
)
