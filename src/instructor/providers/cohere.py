"""Cohere chat, version 2: neutral requests and replies ⇄ its JSON.

Sources: the request and response types of the `cohere` package, 7.3, `v2/raw_client.py` and `types/`; the pages on
structured outputs, tool use, image inputs and reasoning at docs.cohere.com/v2/docs.

What is chosen here where the dialects differ:
    - `stream`, which the SDK always writes, is written too: both senders send the same
    - a forced tool is `REQUIRED`: the API cannot name one
    - asked for a schema, the model is also told in words to write JSON, which the API wants (`types/response_format_v2.py`)
    - what the model plans before it calls tools (`tool_plan`) is reasoning, and goes back as it came
    - reasoning of other providers is left out of history; `cache_control` is not sent: caching is automatic
    - a text document becomes a text part headed by its name; `documents`, which are for citing, are the caller's to pass
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from ..adapter import Accepts, Endpoint, Family, Provider, Sdk, Sum, Whole, Wire
from ..errors import (
    AuthenticationError,
    ContextOverflow,
    MessageError,
    ProtocolError,
    ProviderError,
    RequestError,
    ServerError,
)
from ..fit import Limits
from ..ir import (
    CallDelta,
    Counted,
    Delta,
    Finish,
    JsonObject,
    Message,
    Native,
    OutputSchema,
    Part,
    Reasoning,
    ReasoningDelta,
    Reply,
    Request,
    Stopped,
    Text,
    TextDelta,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from ..media import Document, Image, Media
from ..modes import Mode
from ..output import COHERE, COHERE_TOOLS, PLAIN
from ._errors import from_status
from ._params import Parameters, listed, translated, words
from ._pieces import called, function_call, image_part, text_part
from .cohere_sdk import BRIDGE

# ── media ────────────────────────────────────────────────────────────────────────────────────────


MAX_IMAGES, MAX_IMAGE_BYTES = 20, 20_000_000
"""image-inputs, 2026-08: 20 images or 20 MB in one request."""

MEDIA = {
    Image: Accepts(
        # image-inputs: png, jpeg, webp, gif that does not move
        Limits(
            frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"}),
            max_bytes=MAX_IMAGE_BYTES,
            animated=False,
        ),
        frozenset({"url", "bytes"}),
        image_part,
        most=MAX_IMAGES,
    ),
    Document: Accepts(Limits(Document.textual), frozenset({"bytes"}), text_part),
}

WHOLE = Whole(sums=(Sum((Image,), max_bytes=MAX_IMAGE_BYTES),))

# ── models ───────────────────────────────────────────────────────────────────────────────────────

_WORDS = {Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}
_FIT = frozenset({Mode.JSON_SCHEMA})
# types/response_format_v2.py: "not supported when used in combinations with the `documents` or `tools` parameters"
_ALONE = frozenset({Mode.JSON_SCHEMA, Mode.JSON})

FAMILIES = (
    # not among the models that structured-outputs lists
    Family(re.compile(r"vision|aya|translate"), {Mode.MD_JSON: PLAIN}),
    # v2/raw_client.py: tool_choice from command-r7b on
    Family(re.compile(r"^command-r(-plus)?(-0\d-2024)?$"), {Mode.JSON_SCHEMA: COHERE, **_WORDS}, _FIT, alone=_ALONE),
    Family(re.compile(r""), {Mode.JSON_SCHEMA: COHERE, Mode.TOOLS: COHERE_TOOLS, **_WORDS}, _FIT, alone=_ALONE),
)

CHOICES = {"required": "REQUIRED", "any": "REQUIRED", "none": "NONE", "auto": None}


def _choice(choice: Any) -> str | None:
    known = CHOICES.get(choice.lower(), "?") if isinstance(choice, str) else "?"
    if known == "?":
        raise RequestError(f"Cohere's tool_choice is 'REQUIRED' or 'NONE'; it cannot name a tool: {choice!r:.80}")
    return known


def _thinking(effort: Any) -> Wire:
    if effort != "none":
        raise RequestError(
            "Cohere has no reasoning_effort but 'none': pass thinking={'type': 'enabled', 'token_budget': …}"
        )
    return {"type": "disabled"}


PARAMETERS = Parameters(
    # v2/raw_client.py, chat()
    words(
        "citation_options documents frequency_penalty k logprobs max_tokens p presence_penalty priority response_format "
        "safety_mode seed strict_tools temperature thinking tools"
    ),
    renamed={
        "max_completion_tokens": "max_tokens",
        "max_output_tokens": "max_tokens",
        "reasoning_effort": ("thinking", _thinking),
        "stop": ("stop_sequences", listed),
        "stop_sequences": ("stop_sequences", listed),
        "tool_choice": ("tool_choice", _choice),
        "top_k": "k",
        "top_p": "p",
    },
    refused={
        "metadata": "the API keeps none",
        "n": "the API gives one answer",
        "parallel_tool_calls": "the model may always call several tools, and the API has no switch for it",
        "stream_options": "the usage always comes with a stream",
        "system": "pass a system message",
        "user": "the API has no field for users",
    },
)

FINISH: Mapping[str | None, Finish] = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tools",
}
"""types/chat_finish_reason.py; ERROR and TIMEOUT are failures."""

OVERFLOW = re.compile(r"too many tokens", re.IGNORECASE)
"""How the API says that the prompt is too long."""

OWN_KEYS = frozenset({"tool_plan", "citations"})
"""What an assistant's message may have beside role, content and calls (types/chat_message_v2.py)."""

WRITE_JSON = "Generate a JSON object."

# ── the codec ────────────────────────────────────────────────────────────────────────────────────


class CohereChat:
    """The adapter."""

    name = "cohere"
    dialect = "cohere"
    media = MEDIA
    families = FAMILIES
    caches = False
    whole = WHOLE
    streaming: Mapping[str, Any] = {"stream": True}

    def encode(self, request: Request) -> Wire:
        """The body of `POST /v2/chat`."""
        given = {name: value for name, value in request.params.items() if value is not None}
        params = {name: value for name, value in translated(self.name, given, PARAMETERS).items() if value is not None}
        messages = _messages(request.messages)
        if isinstance(request.output, OutputSchema):
            messages = [{"role": "system", "content": WRITE_JSON}, *messages]
        wire: Wire = {"model": request.model, "messages": messages, "stream": False, **params}
        wire.update(_tools(params.get("tools") or (), request.tools, params.get("strict_tools")))
        if request.choice:
            wire["tool_choice"] = "REQUIRED"
        if isinstance(request.output, JsonObject):
            wire["response_format"] = {"type": "json_object"}
        elif isinstance(request.output, OutputSchema):
            wire["response_format"] = {"type": "json_object", "json_schema": request.output.schema}
        for name in ("tools", "documents"):
            if wire.get(name) and wire.get("response_format"):
                raise RequestError(f"Cohere takes no response_format beside {name}: choose Mode.TOOLS or Mode.MD_JSON")
        return wire

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        """The reply in a chat response."""
        message = wire.get("message")
        if not isinstance(message, Mapping):
            raise ProtocolError("the answer has no message", provider=self.name, body=dict(wire))
        plan = message.get("tool_plan")
        parts: list[Part] = [Reasoning(plan, ("cohere", {"tool_plan": plan}))] if plan else []
        parts += map(_read, message.get("content") or ())
        parts += map(called, message.get("tool_calls") or ())
        return Reply(
            tuple(part for part in parts if part != Text("")),
            self._finish(wire.get("finish_reason")),
            _usage(wire.get("usage") or {}),
            id=str(wire.get("id", "")),
        )

    def deltas(self, event: Mapping[str, Any]) -> Iterable[Delta]:
        """The pieces in one event of a stream. Unknown events are passed over."""
        match event:
            case {"type": "content-start" | "content-delta", "delta": {"message": {"content": Mapping() as content}}}:
                if content.get("thinking"):
                    yield ReasoningDelta(content["thinking"])
                if content.get("text"):
                    yield TextDelta(content["text"])
            case {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": str(plan)}}}:
                yield ReasoningDelta(plan)
            case {
                "type": "tool-call-start" | "tool-call-delta",
                "index": index,
                "delta": {"message": {"tool_calls": Mapping() as call}},
            }:
                function = call.get("function") or {}
                arguments = function.get("arguments") or ""
                yield CallDelta(index, call.get("id") or "", function.get("name") or "", arguments)
            case {"type": "message-end", "delta": Mapping() as delta}:
                yield Counted(_usage(delta.get("usage") or {}))
                yield Stopped(self._finish(delta.get("finish_reason"), delta.get("error")))
            case {"message": str()} if "type" not in event:
                raise self.error(200, event)

    def error(self, status: int, body: Any) -> ProviderError:
        """The error in a failed exchange: the body is `{"message": …}`."""
        error = from_status(self.name, status, body)
        # errors/invalid_token_error.py: 498 is a key that is not one any more
        kind = AuthenticationError if status == 498 else ContextOverflow if OVERFLOW.search(error.message) else None
        if kind is None or status not in (400, 422, 498):
            return error
        return kind(error.message, provider=self.name, status=status, code=error.code, body=body)

    def _finish(self, reason: str | None, words: str | None = None) -> Finish:
        if reason in ("ERROR", "TIMEOUT"):
            raise ServerError(words or f"the model broke off: {reason}", provider=self.name, code=reason)
        return FINISH.get(reason, "other")


def _tools(own: Iterable[Any], ours: tuple[Tool, ...], strict: bool | None) -> Wire:
    """The caller's tools and ours. The API enforces all of them or none, so `strict` in each becomes one switch."""
    given = [_without_strict(tool) for tool in own]
    tools = [*(tool for tool, _ in given), *map(_tool, ours)]
    if not tools:
        return {}
    all_strict = all(wanted for _, wanted in given) and all(tool.strict for tool in ours)
    wire: Wire = {"tools": tools}
    return {**wire, "strict_tools": True} if strict is None and all_strict else wire


def _without_strict(tool: Any) -> tuple[Any, bool]:
    function = tool.get("function") if isinstance(tool, Mapping) else None
    if not isinstance(function, Mapping) or "strict" not in function:
        return tool, False
    return {**tool, "function": {k: v for k, v in function.items() if k != "strict"}}, bool(function["strict"])


def _tool(tool: Tool) -> Wire:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _messages(messages: tuple[Message, ...]) -> list[Wire]:
    wires: list[Wire] = []
    for i, message in enumerate(messages):
        where = f"messages[{i}]"
        own = {key: value for key, value in message.native.items() if key != "role"}
        if odd := own.keys() - (OWN_KEYS if message.role == "assistant" else frozenset()):
            raise MessageError(f"Cohere's {message.role} messages have no {', '.join(sorted(odd))}", where=where)
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        for result in results:
            content = _content(result.parts, where, "tool")
            wires.append({"role": "tool", "tool_call_id": result.id, "content": content})
        others = tuple(part for part in message.parts if not isinstance(part, ToolResult))
        if others or not results:
            wires.append({**_message(message, others, where), **own})
    return wires


def _message(message: Message, parts: tuple[Part, ...], where: str) -> Wire:
    wire: Wire = {"role": message.role}
    calls = [part for part in parts if isinstance(part, ToolCall)]
    plans = [plan for part in parts if (plan := _plan(part)) is not None]
    said = tuple(part for part in parts if not isinstance(part, ToolCall) and _plan(part) is None)
    content = _content(said, where, message.role)
    if content or not calls:
        wire["content"] = content
    if plans:
        wire["tool_plan"] = "".join(plans)
    if calls:
        wire["tool_calls"] = list(map(function_call, calls))
    return wire


def _plan(part: Part) -> str | None:
    """The words of a plan to call tools, if the part is one."""
    match part:
        case Reasoning(_, ("cohere", {"tool_plan": str(plan)})):
            return plan
        case _:
            return None


def _content(parts: tuple[Part, ...], where: str, role: str) -> str | list[Wire]:
    if role != "user" and any(isinstance(part, Image) for part in parts):
        raise MessageError("Cohere takes images in user messages only", where=where)
    said = [part for part in parts if not isinstance(part, Reasoning) or (part.native or ("",))[0] == "cohere"]
    if len(said) == 1 and isinstance(said[0], Text):
        return said[0].text
    return [_part(part, where) for part in said] or ""


def _part(part: Part, where: str) -> Wire:
    match part:
        case Text(text):
            return {"type": "text", "text": text}
        case Native(_, payload):
            return dict(payload)
        case Media():
            return MEDIA[type(part)].encode(part)
        case Reasoning(text):
            return {"type": "thinking", "thinking": text}
        case ToolCall() | ToolResult():
            raise MessageError(f"a {type(part).__name__} cannot stand among the words of a message", where=where)
        case _:
            assert_never(part)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def _read(block: Any) -> Part:
    match block:
        case {"type": "text", "text": str(text)}:
            return Text(text)
        case {"type": "thinking", "thinking": str(text)}:
            return Reasoning(text, ("cohere", block))
        case Mapping():
            return Native("cohere", block)
        case _:
            return Text(str(block))


def _usage(usage: Mapping[str, Any]) -> Usage:
    """Tokens as the model counts them; those billed, where only they are told. They come as floats."""
    billed = usage.get("billed_units") or {}
    counts = usage.get("tokens") or billed

    def free(name: str) -> int:  # the model's own words around the caller's are counted, and not charged
        return max(0, int(counts.get(name) or 0) - int(billed[name])) if billed.get(name) is not None else 0

    return Usage(
        input=int(counts.get("input_tokens") or 0),
        output=int(counts.get("output_tokens") or 0),
        cache_read=int(usage.get("cached_tokens") or 0),
        free_input=free("input_tokens"),
        free_output=free("output_tokens"),
    )


provider = Provider(
    CohereChat(),
    # environment.py, base_client.py, client_v2.py; COHERE_API_KEY is what many others call it
    Endpoint("https://api.cohere.com", "/v2/chat", ("CO_API_KEY", "COHERE_API_KEY"), ("CO_API_URL",)),
    Sdk("cohere", "cohere", ("ClientV2",), ("AsyncClientV2",), bridge=BRIDGE),
)
