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
import re
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Any, assert_never

from ..adapter import Accepts, Endpoint, Family, Provider, Sdk, Sum, Whole, Wire
from ..errors import MessageError, ProtocolError, ProviderError, RequestError
from ..fit import Limits
from ..ir import (
    CallDelta,
    Complete,
    Counted,
    Delta,
    Finish,
    Message,
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
    Tool,
    ToolCall,
    ToolResult,
    Usage,
    said,
)
from ..media import PDF, CacheControl, Document, FileId, Image, Inline, Media, Url
from ..modes import Mode
from ..output import ANTHROPIC, PLAIN
from ..values import dataclass
from ._errors import from_status
from ._files.anthropic import FILES
from ._params import Parameters, in_form, listed, named_function, translated, words

# ── media ────────────────────────────────────────────────────────────────────────────────────────


def _source(medium: Media) -> Wire:
    match medium.origin:
        case Url(url):
            return {"type": "url", "url": url}
        case FileId(id):
            return {"type": "file", "file_id": id}
        case _:
            return {"type": "base64", "media_type": medium.media_type, "data": Inline(medium)}


def _image(image: Media) -> Wire:
    return _marked({"type": "image", "source": _source(image)}, image.cache_control)


def _pdf(pdf: Media) -> Wire:
    block = {"type": "document", "source": _source(pdf)}
    return _marked({**block, "title": pdf.name} if pdf.name else block, pdf.cache_control)


def _document(document: Media) -> Wire:
    assert isinstance(document, Document)
    block: Wire = {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": document.text()},
    }
    return _marked({**block, "title": document.name} if document.name else block, document.cache_control)


def _marked(block: Wire, cache: CacheControl | None) -> Wire:
    return {**block, "cache_control": cache.wire()} if cache else block


_IMAGE = Limits(
    # vision, 2026-09-20: jpeg, png, gif (its first frame), webp; 8,000 pixels a side; 10 MB counted base64-encoded
    frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"}),
    max_bytes=10 * 1024**2,
    encoded=True,
    max_edge=8000,
)

MEDIA = {
    Image: Accepts(
        _IMAGE,
        frozenset({"url", "bytes", "id"}),
        _image,
        # vision: above 20 images in a request, 2,000 pixels a side
        crowd=(20, replace(_IMAGE, max_edge=2000)),
        upload_bytes=_IMAGE.room,
    ),
    PDF: Accepts(
        # pdf-support: 600 pages, 32 MB for the whole request
        Limits(frozenset({"application/pdf"}), max_bytes=32 * 1024**2, encoded=True, max_pages=600),
        frozenset({"url", "bytes", "id"}),
        _pdf,
        # files: 500 MB; what bounds a request's body does not bound a file that it names
        upload_bytes=500 * 1024**2,
    ),
    Document: Accepts(Limits(Document.textual), frozenset({"bytes"}), _document),
}

SHORT_CONTEXT = re.compile(r"claude-(2|3|instant)|(opus|sonnet|haiku)-4(-[0-5](?!\d)|-\d{8}|$|@)")
"""Models with a context of 200,000 tokens (models/overview, 2026-11): up to 4.5. Later ones have a million."""


def whole_of(body: int) -> Whole:
    """The limits of requests where so many bytes are taken."""

    def bounded(images: int, pages: int) -> Whole:
        return Whole(max_body=body, max_pages=pages, sums=(Sum((Image,), most=images),))

    return replace(bounded(600, 600), models=((SHORT_CONTEXT, bounded(100, 100)),))


WHOLE = whole_of(32 * 1024**2)
"""vision, pdf-support: 32 MB for a request; in it 600 images and 600 pages, 100 of each where the context is under 1M."""

MAX_CACHE_MARKS = 4
"""prompt-caching: at most four breakpoints a request."""

TTLS = {"1h": 60, "5m": 5}
"""types/cache_control_ephemeral_param.py, in minutes; prompt-caching: longer ones come first."""

# ── parameters ───────────────────────────────────────────────────────────────────────────────────

SAMPLING = ("temperature", "top_p", "top_k")

SAMPLED = re.compile(r"claude-(2|3|instant)|(opus|sonnet|haiku)-4(-[0-6](-|$)|-\d{8}|$|@)")
"""Models that take sampling parameters: before 4.7 (models/opus-4-7/whats-new)."""

SAMPLING_VERSION = "2023-06-01"
"""The API version that still has them (api/migration-2026-10-21)."""

PARAMETERS = Parameters(
    # types/message_create_params.py
    words(
        "cache_control container diagnostics inference_geo max_tokens metadata output_config service_tier speed "
        "stop_sequences system thinking tools user_profile_id workspace_id temperature top_p top_k"
    ),
    renamed={
        "stop": ("stop_sequences", listed),
        "tool_choice": ("tool_choice", lambda choice: _own_choice(choice)),
        "max_completion_tokens": "max_tokens",
        "max_output_tokens": "max_tokens",
        "parallel_tool_calls": "parallel_tool_calls",  # becomes a field of tool_choice
        "reasoning_effort": ("output_config", lambda effort: {"effort": effort}),
        "user": ("metadata", lambda user: {"user_id": user}),
    },
    refused={
        "seed": "the API has no such parameter",
        "n": "one answer is given to each request",
        "response_format": "the response_model says what the answer looks like",
        "frequency_penalty": "the API has no such parameter",
        "presence_penalty": "the API has no such parameter",
        "logprobs": "the API has no such parameter",
    },
)

# ── models ───────────────────────────────────────────────────────────────────────────────────────

_WORDS = {Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}
_FIT = frozenset({Mode.JSON_SCHEMA})

UNFORCED = re.compile(r"(opus|sonnet|haiku)-5-5|(fable|mythos)-5-1")
"""models/*/whats-new: a forced tool_choice is refused."""

FAMILIES = (
    # before structured outputs
    Family(re.compile(r"claude-(2|3|instant|(opus|sonnet)-4-(0|20250514))"), {Mode.TOOLS: PLAIN, **_WORDS}),
    Family(UNFORCED, {Mode.JSON_SCHEMA: ANTHROPIC, **_WORDS}, _FIT),
    Family(re.compile(r""), {Mode.JSON_SCHEMA: ANTHROPIC, Mode.TOOLS: ANTHROPIC, **_WORDS}, _FIT),
)

MAX_TOKENS = (
    (re.compile(r"claude-(2|instant|3-(haiku|opus|sonnet))"), 4096),  # the most that these models write
    (re.compile(r"claude-3|opus-4-(0|1|20250514)"), 8192),
    (re.compile(r""), 16384),  # under the 21,333 above which the SDK wants a stream (_base_client.py)
)
"""Model → the `max_tokens` that is sent when the caller gives none."""

FINISH: Mapping[str | None, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tools",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}

# ── the codec ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class AnthropicMessages:
    """The adapter. `name` is what errors call the provider; `media` differ by the cloud that serves the models."""

    name: str = "anthropic"
    media: Mapping[type[Media], Accepts] = field(default_factory=lambda: MEDIA)
    families: tuple[Family, ...] = FAMILIES
    streaming: Mapping[str, Any] = field(default_factory=lambda: {"stream": True})
    caches: bool = True
    dialect: str = "anthropic"
    whole: Whole = WHOLE

    def encode(self, request: Request) -> Wire:
        """The body of `POST /v1/messages`."""
        params = _sampled(self.name, request.model, translated(self.name, request.params, PARAMETERS))
        params.setdefault("max_tokens", max_tokens(request.model))
        single = params.pop("parallel_tool_calls", None) is False and bool(request.tools or params.get("tools"))
        wire: Wire = {"model": request.model, "messages": _messages(request.messages), **params}
        if params.get("tools"):
            wire["tools"] = in_form(params["tools"], _tool)
        system = [*_given(params.get("system")), *_system(request.messages)]
        wire.pop("system", None)
        if system:
            wire["system"] = system
        if request.tools:
            wire["tools"] = [*(wire.get("tools") or ()), *map(_tool, request.tools)]
        if request.choice:
            wire["tool_choice"] = _choice(request.choice.name, params)
        if single and (wire.get("tool_choice") or {}).get("type") != "none":
            wire["tool_choice"] = {**(wire.get("tool_choice") or {"type": "auto"}), "disable_parallel_tool_use": True}
        if isinstance(request.output, OutputSchema):
            format = {"type": "json_schema", "schema": request.output.schema}
            wire["output_config"] = {**(params.get("output_config") or {}), "format": format}
        _check_marks([mark for block in (*_blocks(wire), wire) if (mark := block.get("cache_control")) is not None])
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


def _sampled(provider: str, model: str, params: dict[str, Any]) -> dict[str, Any]:
    """Sampling parameters go to the models that still have them, by the API version that still knows them."""
    sampling = {name: params[name] for name in SAMPLING if name in params}
    if not sampling:
        return params
    if not SAMPLED.search(model):
        raise RequestError(f"{provider}: {model} takes no {' or '.join(sampling)}: the model chooses by itself")
    others = {name: value for name, value in params.items() if name not in sampling}
    others["extra_headers"] = {"anthropic-version": SAMPLING_VERSION, **(params.get("extra_headers") or {})}
    others["extra_body"] = {**sampling, **(params.get("extra_body") or {})}
    return others


def _check_marks(marks: list[Mapping[str, Any]]) -> None:
    if len(marks) > MAX_CACHE_MARKS:
        raise MessageError(f"{len(marks)} parts carry cache_control, Anthropic takes {MAX_CACHE_MARKS}: mark fewer")
    lives = [TTLS.get(mark.get("ttl") or "5m") for mark in marks]
    if None in lives:
        odd = next(mark["ttl"] for mark in marks if (mark.get("ttl") or "5m") not in TTLS)
        raise MessageError(f"Anthropic caches for {' or '.join(TTLS)}, not for {odd!r}")
    if lives != sorted(lives, key=lambda minutes: -(minutes or 0)):
        raise MessageError("a longer-lived cache mark stands after a shorter one: Anthropic wants the longest first")


def max_tokens(model: str) -> int:
    """The `max_tokens` that is sent for a model when the caller gives none."""
    return next(count for pattern, count in MAX_TOKENS if pattern.search(model))


CHOICES = {"auto": "auto", "none": "none", "required": "any", "any": "any"}


def _own_choice(choice: Any) -> Any:
    """The caller's `tool_choice`, also in OpenAI's words."""
    if isinstance(choice, str) and choice in CHOICES:
        return {"type": CHOICES[choice]}
    name = named_function(choice)
    return choice if name is None else {"type": "tool", "name": name}


def _choice(name: str | None, params: Mapping[str, Any]) -> Wire:
    """The forced tool; any of them beside the caller's own; unforced with thinking, which the API wants so. What the caller
    says of several calls at once stays."""
    thinking, given = params.get("thinking"), params.get("tool_choice")
    once = given.get("disable_parallel_tool_use") if isinstance(given, Mapping) else None
    kept = {} if once is None else {"disable_parallel_tool_use": once}
    if isinstance(thinking, Mapping) and thinking.get("type") == "enabled":
        return {"type": "auto", **kept}
    return {"type": "any", **kept} if name is None or params.get("tools") else {"type": "tool", "name": name, **kept}


def _given(system: object) -> list[Wire]:
    """The caller's own `system` parameter, as blocks."""
    if system is None or system == "" or system == []:
        return []
    if isinstance(system, str):
        return [{"type": "text", "text": system}]
    blocks = () if isinstance(system, Mapping) or not isinstance(system, Iterable) else tuple(system)
    if not blocks or not all(isinstance(block, Mapping) for block in blocks):
        raise MessageError("it is a string or a list of text blocks", where="system")
    return list(blocks)


def _system(messages: tuple[Message, ...]) -> list[Wire]:
    return [
        _block(part, f"messages[{i}]", "system")
        for i, message in enumerate(messages)
        if message.role == "system"
        for part in _kept(message.parts)
    ]


def _messages(messages: tuple[Message, ...]) -> list[Wire]:
    wires: list[Wire] = []
    for i, message in enumerate(messages):
        if message.role == "system":
            continue
        where = f"messages[{i}]"
        if message.native:
            keys = ", ".join(sorted(message.native))
            raise MessageError(f"Anthropic's messages have no {keys}", where=where)
        role = "user" if message.role == "tool" else message.role
        words = said(message)
        if words is not None and words.strip():
            blocks: list[Wire] = [{"type": "text", "text": words}]
        else:
            blocks = [_block(part, where, role) for part in _kept(message.parts)]
        if not blocks:
            raise MessageError(f"the {message.role} message is empty, which Anthropic refuses", where=where)
        if wires and wires[-1]["role"] == role:
            wires[-1] = {"role": role, "content": [*wires[-1]["content"], *blocks]}
        else:
            wires.append({"role": role, "content": blocks})
    if not wires:
        raise MessageError("there is no message beside the system's: Anthropic needs one of the user")
    return wires


def _kept(parts: tuple[Part, ...]) -> Iterable[Part]:
    for part in parts:
        foreign = isinstance(part, Reasoning) and (part.native is None or part.native[0] != "anthropic")
        blank = isinstance(part, Text) and not part.text.strip()
        if not blank and not foreign:
            yield part


def _block(part: Part, where: str, role: str) -> Wire:
    match part:
        case Text(text, cache):
            return _marked({"type": "text", "text": text}, cache)
        case Native(_, payload):
            return dict(payload)
        case Media():
            if role != "user":
                raise MessageError("Anthropic takes media in user messages and tool results only", where=where)
            return MEDIA[type(part)].encode(part)
        case Reasoning(text, native):
            return {"thinking": text, **native[1]} if native else {"type": "text", "text": text}
        case ToolCall(id, name, arguments, cache):
            return _marked({"type": "tool_use", "id": id, "name": name, "input": _object(arguments)}, cache)
        case ToolResult(id, parts, is_error, cache):
            block: Wire = {"type": "tool_result", "tool_use_id": id}
            if parts:
                block["content"] = [_block(inner, where, "user") for inner in _kept(parts)]
            return _marked({**block, "is_error": True} if is_error else block, cache)
        case _:
            assert_never(part)


def _object(arguments: str) -> Any:
    """Arguments as the object that the API wants; a model's malformed JSON is kept as text inside one."""
    try:
        value = json.loads(arguments or "{}")
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"malformed": arguments}


def _blocks(wire: Wire) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = [*(wire.get("tools") or ()), *(wire.get("system") or ())]
    for message in wire["messages"]:
        for block in message["content"]:
            found.append(block)
            inner = block.get("content")
            found += inner if block["type"] == "tool_result" and isinstance(inner, list) else ()
    return found


def _tool(tool: Tool) -> Wire:
    wire: Wire = {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
    return {**wire, "strict": True} if tool.strict else wire


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


def _headers(key: str) -> Mapping[str, str]:
    # anthropic 2.12, _client.py and _constants.py
    return {"authorization": f"Bearer {key}", "anthropic-version": "2026-10-21"}


CLIENTS = (
    "Anthropic",
    "AnthropicAWS",
    "AnthropicBedrock",
    "AnthropicBedrockMantle",
    "AnthropicFoundry",
    "AnthropicGoogleCloud",
    "AnthropicVertex",
)

provider = Provider(
    AnthropicMessages(),
    Endpoint(
        "https://api.anthropic.com",
        "/v1/messages",
        ("ANTHROPIC_API_KEY",),
        ("ANTHROPIC_BASE_URL",),
        _headers,
    ),
    Sdk("anthropic", "anthropic", CLIENTS, tuple(f"Async{name}" for name in CLIENTS), "messages.create"),
    files=FILES,
)
