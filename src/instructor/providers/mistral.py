"""Mistral chat completions: neutral requests and replies ⇄ its JSON.

Sources: the request and response types of the `mistralai` package, 3.7, `client/models/`; the pages on vision, audio,
document understanding, structured outputs and reasoning at docs.mistral.ai; mistralai/platform-docs-public, 2026-08.

What is chosen here where the dialects differ:
    - what the SDK writes by itself is written too (`stream`, `prefix`, a call's `index`): both senders send the same
    - ids of calls that other providers made are replaced by ones of the form that the API demands
    - reasoning is sent back as it came; that of other providers is left out of history
    - `cache_control` is not sent: caching is automatic, and `prompt_cache_key` says what belongs together
    - a text document becomes a text part headed by its name
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, assert_never

from ..adapter import NOTHING_KNOWN, Accepts, Endpoint, Family, Provider, Sdk, Wire
from ..errors import MessageError, ProtocolError, ProviderError, RequestError, ServerError
from ..fit import Limits
from ..ir import (
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
    ToolCall,
    ToolResult,
    Usage,
)
from ..media import PDF, Audio, Document, FileId, Image, Inline, Media, Url
from ..modes import Mode
from ..output import MISTRAL, PLAIN
from ._errors import from_status
from ._files.mistral import FILES
from ._params import Parameters, translated, words
from ._pieces import address, call_delta, called, function_call, function_tool, image_part, schema_format, text_part
from .mistral_sdk import BRIDGE

# ── media ────────────────────────────────────────────────────────────────────────────────────────


def _audio(audio: Media) -> Wire:
    return {"type": "input_audio", "input_audio": audio.origin.url if isinstance(audio.origin, Url) else Inline(audio)}


def _pdf(pdf: Media) -> Wire:
    if isinstance(pdf.origin, FileId):
        return {"type": "file", "file_id": pdf.origin.id}
    chunk: Wire = {"type": "document_url", "document_url": address(pdf)}
    return {**chunk, "document_name": pdf.name} if pdf.name else chunk


MEDIA = {
    Image: Accepts(
        # vision: png, jpeg, webp, gif of one frame; 10 MB; more than 10,000 pixels a side is an error
        Limits(
            frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"}),
            max_bytes=10_000_000,
            max_edge=10_000,
            animated=False,
        ),
        frozenset({"url", "bytes"}),
        image_part,
        most=8,  # vision: images in one request
        upload_bytes=10_000_000,
        linked=True,
    ),
    Audio: Accepts(
        # audio: mp3, wav, m4a, flac, ogg; about 20 minutes in a chat
        Limits(frozenset({"audio/mpeg", "audio/wav", "audio/mp4", "audio/flac", "audio/ogg"}), max_seconds=20 * 60),
        frozenset({"url", "bytes"}),
        _audio,
        upload_bytes=512 * 1024**2,  # files
        linked=True,
    ),
    PDF: Accepts(
        # document understanding: 50 MB, 1,000 pages
        Limits(frozenset({"application/pdf"}), max_bytes=50_000_000, max_pages=1000),
        frozenset({"url", "bytes", "id"}),
        _pdf,
        upload_bytes=50_000_000,
    ),
    Document: Accepts(Limits(Document.textual), frozenset({"bytes"}), text_part),
}

# ── models ───────────────────────────────────────────────────────────────────────────────────────

_WORDS = {Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}
# Error 3051: "Cannot use json response type with tools"
_ALONE = frozenset({Mode.JSON_SCHEMA, Mode.JSON})

FAMILIES = (
    # "Custom Structured Outputs", FAQ: all models but this one
    Family(re.compile(r"codestral-mamba"), {Mode.MD_JSON: PLAIN}),
    Family(re.compile(r""), {Mode.JSON_SCHEMA: MISTRAL, Mode.TOOLS: MISTRAL, **_WORDS}, alone=_ALONE),
)

PARAMETERS = Parameters(
    # client/models/chatcompletionrequest.py
    words(
        "frequency_penalty guardrails logprobs max_tokens metadata min_tokens n parallel_tool_calls prediction "
        "presence_penalty prompt_cache_key prompt_logprobs prompt_mode random_seed reasoning_effort repetition_penalty "
        "response_format safe_prompt service_tier stop temperature tool_choice tools top_k top_logprobs "
        "top_prompt_logprobs top_p"
    ),
    renamed={
        "seed": "random_seed",
        "max_completion_tokens": "max_tokens",
        "max_output_tokens": "max_tokens",
        "stop_sequences": "stop",
    },
    refused={
        "logit_bias": "the API has none",
        "stream_options": "the usage always comes with a stream",
        "system": "pass a system message",
        "thinking": 'use reasoning_effort, for example "high"',
        "user": "the API has no field for users; metadata takes what you like",
    },
)

FINISH: Mapping[str | None, Finish] = {
    "stop": "stop",
    "length": "length",
    "model_length": "length",
    "tool_calls": "tools",
}

OWN_KEYS: Mapping[str, frozenset[str]] = {"assistant": frozenset({"prefix"}), "tool": frozenset({"name"})}
"""Role → what a message may have beside role, content and calls."""

CALL_ID = re.compile(r"[A-Za-z0-9]{9}")
"""Error 3280: "Tool call id … must be a-z, A-Z, 0-9, with a length of 9"."""

# ── the codec ────────────────────────────────────────────────────────────────────────────────────


class MistralChat:
    """The adapter."""

    name = "mistral"
    dialect = "mistral"
    media = MEDIA
    families = FAMILIES
    caches = False
    whole = NOTHING_KNOWN
    streaming: Mapping[str, Any] = {"stream": True}

    def encode(self, request: Request) -> Wire:
        """The body of `POST /v1/chat/completions`."""
        given = {name: value for name, value in request.params.items() if value is not None}
        params = translated(self.name, given, PARAMETERS)
        wire: Wire = {"model": request.model, "messages": _messages(request.messages), "stream": False, **params}
        own = params.get("tools") or ()
        if request.tools and params.get("response_format"):
            raise RequestError("Mistral takes no response_format beside tools: leave it out, or choose another mode")
        if request.tools:
            wire["tools"] = [*own, *map(function_tool, request.tools)]
        if request.choice:
            named = {"type": "function", "function": {"name": request.choice.name}}
            wire["tool_choice"] = "any" if request.choice.name is None or own else named
        if isinstance(request.output, JsonObject):
            wire["response_format"] = {"type": "json_object"}
        elif isinstance(request.output, OutputSchema):
            wire["response_format"] = {"type": "json_schema", "json_schema": schema_format(request.output)}
        return wire

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        """The reply in a `chat.completion` object."""
        self._check(wire)
        try:
            choice = wire["choices"][0]
            message = choice.get("message") or choice["messages"][-1]
            content, calls = message.get("content"), message.get("tool_calls") or ()
        except (AttributeError, KeyError, IndexError, TypeError):
            raise ProtocolError("the answer has no choices", provider=self.name, body=dict(wire)) from None
        return Reply(
            (*_spoken(content), *map(called, calls)),
            self._finish(choice.get("finish_reason")),
            _usage(wire.get("usage") or {}),
            model=str(wire.get("model", "")),
            id=str(wire.get("id", "")),
        )

    def deltas(self, event: Mapping[str, Any]) -> Iterable[Delta]:
        """The pieces in a `chat.completion.chunk`. Content is a text or a list of chunks; calls mostly come whole."""
        self._check(event)
        if event.get("usage"):
            yield Counted(_usage(event["usage"]))
        for choice in (event.get("choices") or ())[:1]:
            delta = choice.get("delta") or {}
            for part in _spoken(delta.get("content")):
                if isinstance(part, Text):
                    yield TextDelta(part.text)
                elif isinstance(part, Reasoning):
                    yield ReasoningDelta(part.text)
            for place, call in enumerate(delta.get("tool_calls") or ()):
                yield call_delta(place, call)
            if choice.get("finish_reason"):
                yield Stopped(self._finish(choice["finish_reason"]))

    def error(self, status: int, body: Any) -> ProviderError:
        """The error in a failed exchange."""
        error = from_status(self.name, status, _told(body))
        error.body = body
        return error

    def _check(self, wire: Mapping[str, Any]) -> None:
        if wire.get("object") == "error" or wire.get("error"):
            raise self.error(200, wire)

    def _finish(self, reason: str | None) -> Finish:
        if reason == "error":
            raise ServerError("the model broke off with an error", provider=self.name, code="error")
        return FINISH.get(reason, "other")


def _messages(messages: tuple[Message, ...]) -> list[Wire]:
    wires: list[Wire] = []
    for i, message in enumerate(messages):
        where = f"messages[{i}]"
        own = _own_keys(message, where)
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        for result in results:
            content = _content(result.parts, where)
            wires.append({"role": "tool", "tool_call_id": _call_id(result.id), "content": content, **own})
        others = tuple(part for part in message.parts if not isinstance(part, ToolResult))
        if others or not results:
            wires.append({**_message(message, others, where), **own})
    return wires


def _own_keys(message: Message, where: str) -> Mapping[str, Any]:
    own = {key: value for key, value in message.native.items() if key != "role"}
    if odd := own.keys() - OWN_KEYS.get(message.role, frozenset()):
        raise MessageError(f"Mistral's {message.role} messages have no {', '.join(sorted(odd))}", where=where)
    return own


def _message(message: Message, parts: tuple[Part, ...], where: str) -> Wire:
    if message.role in ("system", "assistant") and any(_is_file(part) for part in parts):
        raise MessageError("Mistral takes media in user messages and tool results only", where=where)
    calls = [part for part in parts if isinstance(part, ToolCall)]
    said = tuple(part for part in parts if not isinstance(part, ToolCall))
    wire: Wire = {"role": message.role, "content": _content(said, where)}
    if message.role == "assistant":
        wire["prefix"] = False
    if calls:
        wire["tool_calls"] = [
            {**function_call(call), "id": _call_id(call.id), "index": index} for index, call in enumerate(calls)
        ]
    return wire


def _is_file(part: Part) -> bool:
    return isinstance(part, Media) and not isinstance(part, Document)


def _content(parts: tuple[Part, ...], where: str) -> str | list[Wire]:
    foreign = (part for part in parts if not (isinstance(part, Reasoning) and not _is_own(part)))
    said = tuple(foreign)
    if len(said) == 1 and isinstance(said[0], Text):
        return said[0].text
    return [_part(part, where) for part in said] or ""


def _is_own(reasoning: Reasoning) -> bool:
    return reasoning.native is not None and reasoning.native[0] == "mistral"


def _part(part: Part, where: str) -> Wire:
    match part:
        case Text(text):
            return {"type": "text", "text": text}
        case Native(_, payload):
            return dict(payload)
        case Media():
            return MEDIA[type(part)].encode(part)
        case Reasoning(text, native):
            return dict(native[1]) if native else {"type": "thinking", "thinking": [{"type": "text", "text": text}]}
        case ToolCall() | ToolResult():
            raise MessageError(f"a {type(part).__name__} cannot stand among the words of a message", where=where)
        case _:
            assert_never(part)


def _call_id(id: str) -> str:
    """The id, if it is of the API's form; else one that always stands for it."""
    return id if CALL_ID.fullmatch(id) else hashlib.sha256(id.encode()).hexdigest()[:9]


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def _spoken(content: Any) -> Iterator[Part]:
    """The parts of a message's content: a text, or a list of chunks."""
    if isinstance(content, str):
        content = [{"type": "text", "text": content}] if content else []
    for chunk in content or ():
        match chunk:
            case {"type": "text", "text": str(text)}:
                if text:
                    yield Text(text)
            case {"type": "thinking", "thinking": list(thoughts)}:
                text = "".join(str(thought.get("text") or "") for thought in thoughts if isinstance(thought, Mapping))
                yield Reasoning(text, ("mistral", chunk))
            case {"type": "UNKNOWN", "raw": Mapping() as raw}:  # how the SDK wraps what is newer than itself
                yield Native("mistral", raw)
            case Mapping():
                yield Native("mistral", chunk)


def _usage(usage: Mapping[str, Any]) -> Usage:
    details = usage.get("prompt_tokens_details") or {}  # not in the SDK's type; platform-docs-public, prompt caching
    return Usage(
        input=usage.get("prompt_tokens") or 0,
        output=usage.get("completion_tokens") or 0,
        cache_read=details.get("cached_tokens") or 0,
    )


def _told(body: Any) -> Any:
    """An error body as one with `message`: it may be in `detail`, a text or a list of problems, or in `message.detail`."""
    if not isinstance(body, Mapping) or isinstance(body.get("error"), Mapping):
        return body
    inner = body.get("message")
    detail = inner.get("detail") if isinstance(inner, Mapping) else inner or body.get("detail")
    if isinstance(detail, list):
        rows = [row for row in detail if isinstance(row, Mapping)]
        detail = "; ".join(f"{'.'.join(map(str, row.get('loc') or ()))}: {row.get('msg')}" for row in rows)
    return {"message": detail or None, "code": body.get("code") or body.get("type")}


provider = Provider(
    MistralChat(),
    # client/sdkconfiguration.py, client/utils/security.py; MISTRAL_BASE_URL is ours
    Endpoint("https://api.mistral.ai", "/v1/chat/completions", ("MISTRAL_API_KEY",), ("MISTRAL_BASE_URL",)),
    Sdk(
        "mistralai",
        "mistral",
        ("Mistral", "MistralAzure", "MistralGCP"),
        ("Mistral", "MistralAzure", "MistralGCP"),
        bridge=BRIDGE,
    ),
    files=FILES,
)
