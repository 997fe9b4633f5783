"""Anthropic Messages: neutral requests and replies ⇄ its JSON.

Sources: the request and response types of the `anthropic` package, 2.12, `types/`; the pages on vision, PDF
support, prompt caching and structured outputs at platform.claude.com/docs/en/build-with-claude.

What is chosen here where the dialects differ:
    - system messages become the `system` blocks, in order
    - tool results are blocks of a user message; neighbours of one role become one message
    - `max_tokens`, which the API requires, has a default by model
    - empty texts are left out, because the API refuses them; so is reasoning of other providers
    - `name` and other keys of OpenAI's messages are refused: the API has no place for them
    - a text document is sent as a plain-text document block, whatever its flavour
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from ...adapter import Family, Rows, Whole, Wire
from ...errors import ProtocolError, ProviderError
from ...ir import (
    CallDelta,
    Complete,
    Counted,
    Delta,
    Native,
    OutputSchema,
    Part,
    Reasoning,
    ReasoningDelta,
    RefusalDelta,
    Reply,
    Request,
    Signed,
    Stopped,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)
from ...values import dataclass
from .._errors import from_status
from .._params import in_form, translated
from .media import MEDIA, WHOLE
from .messages import check_marks, given_system, system_blocks, written
from .tables import FAMILIES, FINISH, PARAMETERS, max_tokens, sampled
from .tools import forced, tool


@dataclass(frozen=True)
class AnthropicMessages:
    """The adapter. `name` is what errors call the provider; `media` differ by the cloud that serves the models."""

    name: str = "anthropic"
    media: Rows = field(default_factory=lambda: MEDIA)
    families: tuple[Family, ...] = FAMILIES
    streaming: Mapping[str, Any] = field(default_factory=lambda: {"stream": True})
    caches: bool = True
    dialect: str = "anthropic"
    whole: Whole = WHOLE

    def encode(self, request: Request) -> Wire:
        """The body of `POST /v1/messages`."""
        params = sampled(self.name, request.model, translated(self.name, request.params, PARAMETERS))
        params.setdefault("max_tokens", max_tokens(request.model))
        single = params.pop("parallel_tool_calls", None) is False and bool(request.tools or params.get("tools"))
        wire: Wire = {"model": request.model, "messages": written(request.messages), **params}
        if params.get("tools"):
            wire["tools"] = in_form(params["tools"], tool)
        system = [*given_system(params.get("system")), *system_blocks(request.messages)]
        wire.pop("system", None)
        if system:
            wire["system"] = system
        if request.tools:
            wire["tools"] = [*(wire.get("tools") or ()), *map(tool, request.tools)]
        if request.choice:
            wire["tool_choice"] = forced(request.choice.name, params)
        if single and (wire.get("tool_choice") or {}).get("type") != "none":
            wire["tool_choice"] = {**(wire.get("tool_choice") or {"type": "auto"}), "disable_parallel_tool_use": True}
        if isinstance(request.output, OutputSchema):
            format = {"type": "json_schema", "schema": request.output.schema}
            wire["output_config"] = {**(params.get("output_config") or {}), "format": format}
        check_marks(wire)
        return wire

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        """The reply in a `message` object."""
        content = wire.get("content")
        if not isinstance(content, list) or not all(isinstance(block, Mapping) for block in content):
            raise ProtocolError("the answer has no content", provider=self.name, body=dict(wire))
        details = wire.get("stop_details") or {}
        finish = FINISH.get(wire.get("stop_reason"), "other")
        return Reply(
            tuple(map(_read, content)),
            finish,
            _usage(wire.get("usage") or {}),
            model=str(wire.get("model", "")),
            id=str(wire.get("id", "")),
            refusal=(details.get("explanation") or None) if finish == "refusal" else None,
        )

    def deltas(self, event: Mapping[str, Any]) -> Iterable[Delta]:
        """The pieces in one event of a stream. Blocks are told apart by index; unknown events are passed over."""
        match event:
            case {"type": "message_start", "message": {"usage": usage}}:
                yield Counted(_usage(usage))
            case {"type": "content_block_start", "index": index, "content_block": {"type": "tool_use", **block}}:
                yield CallDelta(index, str(block.get("id", "")), str(block.get("name", "")))
            case {"type": "content_block_start", "content_block": {"type": "text", "text": str(text)}} if text:
                yield TextDelta(text)
            case {"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}}:
                yield TextDelta(text)
            case {"type": "content_block_delta", "index": index, "delta": {"partial_json": text}}:
                yield CallDelta(index, arguments=text)
            case {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": text}}:
                yield ReasoningDelta(text)
            case {"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": signature}}:
                yield Signed(("anthropic", {"type": "thinking", "signature": signature}))
            case {"type": "content_block_start", "content_block": {"type": "redacted_thinking"} as hidden}:
                yield Complete(Native("anthropic", hidden))
            case {"type": "message_delta", "delta": delta, **rest}:
                yield Counted(_usage(rest.get("usage") or {}))
                if told := (delta.get("stop_details") or {}).get("explanation"):
                    yield RefusalDelta(told)
                if delta.get("stop_reason"):
                    yield Stopped(FINISH.get(delta["stop_reason"], "other"))
            case {"type": "error"} | {"code": int(), "message": str()}:  # the second is llama.cpp's
                raise self.error(200, event)

    def error(self, status: int, body: Any) -> ProviderError:
        """The error in a failed exchange."""
        return from_status(self.name, status, body)


# ── a reply ──────────────────────────────────────────────────────────────────────────────────────


def _read(block: Mapping[str, Any]) -> Part:
    match block:
        case {"type": "text", "text": str(text)}:
            return Text(text)
        case {"type": "tool_use", "id": str(id), "name": str(name)}:
            return ToolCall(id, name, json.dumps(block.get("input") or {}, ensure_ascii=False))
        case {"type": "thinking", "thinking": str(text)}:
            return Reasoning(text, ("anthropic", block))
        case _:
            return Native("anthropic", block)


def _usage(usage: Mapping[str, Any]) -> Usage:
    read = usage.get("cache_read_input_tokens") or 0
    written = usage.get("cache_creation_input_tokens") or 0
    details = usage.get("output_tokens_details") or {}
    return Usage(
        input=(usage.get("input_tokens") or 0) + read + written,
        output=usage.get("output_tokens") or 0,
        cache_read=read,
        cache_write=written,
        reasoning=details.get("thinking_tokens") or 0,
        cache_write_long=(usage.get("cache_creation") or {}).get("ephemeral_1h_input_tokens") or 0,
    )
