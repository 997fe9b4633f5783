"""xAI over gRPC: the bridge to a client of the `xai_sdk` package.

    wire (OpenAI's Chat Completions) ─▶ GetCompletionsRequest ─▶ chat.sample() · chat.stream()
    Response · (Response, Chunk)     ─▶ chat.completion · chat.completion.chunk

What REST and gRPC both have, has another name or another type there; what only one of them has, is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..adapter import Wire
from ..errors import InstructorError, ProviderTimeout, RequestError

NAME = "xai"

SAME = frozenset(
    "user safety_identifier max_tokens seed temperature top_p logprobs top_logprobs parallel_tool_calls "
    "frequency_penalty presence_penalty reasoning_effort search_parameters service_tier".split()
)
"""Parameters that `chat.create` takes as REST does."""

OTHER: Mapping[str, str] = {"max_completion_tokens": "max_tokens", "prompt_cache_key": "conversation_id"}

ASIDE = frozenset({"model", "messages", "tools", "tool_choice", "response_format", "stop", "stream", "stream_options"})

FINISH: Mapping[str, str] = {
    "REASON_STOP": "stop",
    "REASON_TOOL_CALLS": "tool_calls",
    "REASON_MAX_LEN": "length",
    "REASON_MAX_CONTEXT": "length",
    "REASON_TIME_LIMIT": "length",
}

STATUS: Mapping[str, int] = {
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 400,
    "RESOURCE_EXHAUSTED": 429,
    "UNAVAILABLE": 503,
}
"""gRPC's status codes → those of HTTP; any other is a failure of the server's."""


class Grpc:
    """An `xai_sdk.Client` or `xai_sdk.AsyncClient`, with its host, credentials, retries and timeout."""

    raw_bytes = False

    def call(self, client: Any, wire: Wire, *, streaming: bool, asynchronous: bool, timeout: float | None) -> Any:
        """Sample, or stream. The time that a client waits is its own setting."""
        chat = client.chat.create(**_settings({**wire, **(wire.get("extra_body") or {})}))
        return chat.stream() if streaming else chat.sample()

    def json(self, raw: Any) -> Mapping[str, Any]:
        """As the REST API has it."""
        return _chunk(*raw) if isinstance(raw, tuple) else _completion(raw.proto)

    def error(self, error: Exception) -> tuple[int, Any, Mapping[str, str]] | InstructorError | None:
        """What a failed call means, by its status code."""
        if not any(cls.__name__ == "RpcError" for cls in type(error).__mro__):
            return None
        code = getattr(getattr(error, "code", lambda: None)(), "name", "UNKNOWN")
        details = str(getattr(error, "details", lambda: None)() or code)
        if code == "DEADLINE_EXCEEDED":
            return ProviderTimeout("no complete answer in time", provider=NAME)
        return STATUS.get(code, 500), {"error": {"message": details, "code": code}}, {}


# ── the request ──────────────────────────────────────────────────────────────────────────────────


def _settings(wire: Wire) -> dict[str, Any]:
    """The arguments of `chat.create`."""
    from xai_sdk.chat import required_tool
    from xai_sdk.proto import chat_pb2

    settings: dict[str, Any] = {"model": wire["model"], "messages": [_message(item) for item in wire["messages"]]}
    for key, value in wire.items():
        if key in SAME or key in OTHER:
            settings[OTHER.get(key, key)] = value
        elif key not in ASIDE and not (key.startswith("extra_") and (key == "extra_body" or not value)):
            raise RequestError(f"xai_sdk's chat has no {key!r}: use from_provider(), which sends by REST")
    if stop := wire.get("stop"):
        settings["stop"] = [stop] if isinstance(stop, str) else list(stop)
    if wire.get("tools"):
        settings["tools"] = [_tool(item) for item in wire["tools"]]
    choice = wire.get("tool_choice")
    if choice is not None:
        settings["tool_choice"] = choice if isinstance(choice, str) else required_tool(choice["function"]["name"])
    form = wire.get("response_format") or {}
    if form.get("type") == "json_schema":
        settings["response_format"] = chat_pb2.ResponseFormat(
            format_type=chat_pb2.FORMAT_TYPE_JSON_SCHEMA, schema=_text(form["json_schema"]["schema"])
        )
    elif form:
        settings["response_format"] = form["type"]
    return settings


def _message(item: Mapping[str, Any]) -> Any:
    from xai_sdk.proto import chat_pb2

    content = item.get("content")
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content or ()
    known = {"role", "content", "tool_calls", "tool_call_id", "name"}
    if unknown := sorted(set(item) - known):
        raise RequestError(f"xai_sdk's messages have no {', '.join(unknown)}", where="messages")
    calls = [
        chat_pb2.ToolCall(
            id=call["id"],
            type=chat_pb2.TOOL_CALL_TYPE_CLIENT_SIDE_TOOL,
            function=chat_pb2.FunctionCall(**call["function"]),
        )
        for call in item.get("tool_calls") or ()
    ]
    return chat_pb2.Message(
        role=getattr(chat_pb2, f"ROLE_{item['role'].upper()}"),
        content=[PARTS[_kind(part)](part) for part in parts],
        tool_calls=calls,
        **{key: item[key] for key in ("tool_call_id", "name") if item.get(key)},
    )


def _kind(part: Mapping[str, Any]) -> str:
    kind = str(part.get("type"))
    if kind not in PARTS:
        raise RequestError(f"xai_sdk's messages have no part of the type {kind!r}", where="messages")
    return kind


def _words(part: Mapping[str, Any]) -> Any:
    from xai_sdk.chat import text

    return text(part["text"])


def _picture(part: Mapping[str, Any]) -> Any:
    from xai_sdk.chat import image

    place = part["image_url"]
    return image(place["url"], detail=place.get("detail") or "auto")


PARTS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {"text": _words, "image_url": _picture}


def _tool(item: Any) -> Any:
    """A function; what is no dict is one of the SDK's own tools already."""
    from xai_sdk.proto import chat_pb2

    if not isinstance(item, Mapping):
        return item
    if item.get("type") != "function":
        raise RequestError("xai_sdk takes functions, or the values that xai_sdk.tools makes", where="tools")
    function = item["function"]
    return chat_pb2.Tool(
        function=chat_pb2.Function(
            name=function["name"],
            description=function.get("description") or "",
            parameters=_text(function.get("parameters") or {"type": "object", "properties": {}}),
            strict=bool(function.get("strict")),
        )
    )


def _text(schema: Any) -> str:
    import json

    return json.dumps(schema, ensure_ascii=False)


# ── the reply ────────────────────────────────────────────────────────────────────────────────────


def _completion(proto: Any) -> Wire:
    """A `GetChatCompletionResponse` as a `chat.completion`. Of several outputs, the last that the model spoke."""
    spoken = [output for output in proto.outputs if _role(output.message) != "ROLE_TOOL"] or list(proto.outputs)
    choices = [
        {"index": 0, "message": _said(output.message), "finish_reason": _finish(output)} for output in spoken[-1:]
    ]
    return {"id": proto.id, "model": proto.model, "choices": choices, "usage": _usage(proto.usage)}


def _chunk(response: Any, chunk: Any) -> Wire:
    """A `GetChatCompletionChunk` as a `chat.completion.chunk`. `response` is what has come so far, this piece with it."""
    proto = chunk.proto
    spoken = [output for output in proto.outputs if _role(output.delta) != "ROLE_TOOL"]
    deltas = [_said(output.delta) for output in spoken]
    new = [call for delta in deltas for call in delta.get("tool_calls", ())]
    if new:  # gRPC does not number calls
        known = [call.id for call in response.tool_calls]
        for call in new:
            call["index"] = known.index(call["id"]) if call["id"] in known else len(known)
    choices = [
        {"index": 0, "delta": delta, "finish_reason": _finish(output)}
        for delta, output in zip(deltas, spoken, strict=True)
    ]
    usage = {"usage": _usage(proto.usage)} if proto.HasField("usage") else {}
    return {"id": proto.id, "model": proto.model, "choices": choices, **usage}


def _role(said: Any) -> str:
    from xai_sdk.proto import chat_pb2

    return str(chat_pb2.MessageRole.Name(said.role))


def _finish(output: Any) -> str | None:
    from xai_sdk.proto import sample_pb2

    return FINISH.get(sample_pb2.FinishReason.Name(output.finish_reason))


def _said(said: Any) -> Wire:
    """A message or a piece of one. Calls that the server answers by itself are not the caller's."""
    from xai_sdk.proto import chat_pb2

    ours = (chat_pb2.TOOL_CALL_TYPE_INVALID, chat_pb2.TOOL_CALL_TYPE_CLIENT_SIDE_TOOL)
    calls = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.function.name, "arguments": call.function.arguments},
        }
        for call in said.tool_calls
        if call.type in ours
    ]
    more = {"reasoning_content": said.reasoning_content} if said.reasoning_content else {}
    return {"content": said.content or None, **more, **({"tool_calls": calls} if calls else {})}


def _usage(usage: Any) -> Wire:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_prompt_text_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }
