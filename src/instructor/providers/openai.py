"""OpenAI Chat Completions: neutral requests and replies ⇄ its JSON.

Sources: the request and response types of the `openai` package, 3.54, `types/chat/`; the guides on images,
audio, file inputs and structured outputs at developers.openai.com/api/docs/guides.

What is chosen here where the dialects differ:
    - every text part of a message is kept apart; a message of one text part is written as a string
    - `cache_control` is not sent: caching is automatic
    - reasoning of other providers is left out of history: the API has no place for it
    - a text document becomes a text part headed by its name
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from ..adapter import Accepts, Endpoint, Family, Provider, Sdk, Wire
from ..errors import MessageError, ProtocolError, ProviderError
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
    RefusalDelta,
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
from ..media import PDF, Audio, Document, FileId, Image, Inline, Media, Url
from ..modes import Mode
from ..output import OPENAI_STRICT, PLAIN
from ._errors import from_status

# ── media ────────────────────────────────────────────────────────────────────────────────────────


def _image(image: Media) -> Wire:
    place: Wire = {"url": image.origin.url if isinstance(image.origin, Url) else _data_uri(image)}
    if isinstance(image, Image) and image.detail:
        place["detail"] = image.detail
    return {"type": "image_url", "image_url": place}


def _audio(audio: Media) -> Wire:
    format = AUDIO_FORMATS[audio.media_type or ""]
    return {"type": "input_audio", "input_audio": {"data": Inline(audio), "format": format}}


def _pdf(pdf: Media) -> Wire:
    if isinstance(pdf.origin, FileId):
        return {"type": "file", "file": {"file_id": pdf.origin.id}}
    return {"type": "file", "file": {"filename": pdf.name or "document.pdf", "file_data": _data_uri(pdf)}}


def _document(document: Media) -> Wire:
    assert isinstance(document, Document)
    return {"type": "text", "text": f"{document.name}:\n\n{document.text()}" if document.name else document.text()}


def _data_uri(medium: Media) -> Inline:
    return Inline(medium, f"data:{medium.media_type};base64,")


AUDIO_FORMATS = {"audio/wav": "wav", "audio/mpeg": "mp3"}
"""`input_audio.format`, types/chat/chat_completion_content_part_input_audio_param.py."""

MEDIA = {
    Image: Accepts(
        Limits(
            # guides/images-vision: PNG, JPEG, WEBP, non-animated GIF; 512 MB of payload in all; over 30,000
            # patches of 32 pixels an image is refused
            frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"}),
            max_bytes=512 * 1024**2,
            encoded=True,
            max_patches=30_000,
            animated=False,
        ),
        frozenset({"url", "bytes"}),
        _image,
    ),
    Audio: Accepts(Limits(frozenset(AUDIO_FORMATS)), frozenset({"bytes"}), _audio),
    PDF: Accepts(
        # guides/file-inputs: PDF only on Chat Completions; less than 50 MB a file
        Limits(frozenset({"application/pdf"}), max_bytes=50 * 1024**2),
        frozenset({"bytes", "id"}),
        _pdf,
    ),
    Document: Accepts(Limits(frozenset({"text/plain", *Document.suffixes.values()})), frozenset({"bytes"}), _document),
}

# ── models ───────────────────────────────────────────────────────────────────────────────────────

_WORDS = {Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}

FAMILIES = (
    # audio models take tools, no response_format
    Family(re.compile(r"audio"), {Mode.TOOLS: PLAIN, Mode.MD_JSON: PLAIN}),
    # before structured outputs (guides/structured-outputs: from gpt-4o-2024-08-06 and gpt-4o-mini on)
    Family(re.compile(r"gpt-3\.5|gpt-4(-|$)|gpt-4o-2024-05-13|chatgpt-4o"), {Mode.TOOLS: PLAIN, **_WORDS}),
    # no function calling on Chat Completions
    Family(re.compile(r"^gpt-[6-9]"), {Mode.JSON_SCHEMA: OPENAI_STRICT, **_WORDS}),
    Family(re.compile(r""), {Mode.JSON_SCHEMA: OPENAI_STRICT, Mode.TOOLS: OPENAI_STRICT, **_WORDS}),
)

REASONING = re.compile(r"^(o\d|gpt-[5-9])")
"""Models that take `max_completion_tokens` in the place of `max_tokens` (types/chat/completion_create_params.py)."""

FINISH: Mapping[str | None, Finish] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tools",
    "function_call": "tools",
    "content_filter": "filter",
}

# ── the codec ────────────────────────────────────────────────────────────────────────────────────


class OpenAIChat:
    """The adapter. `name` is what errors call the provider."""

    dialect = "openai"
    media = MEDIA
    families = FAMILIES
    caches = False
    streaming: Mapping[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}

    def __init__(self, name: str = "openai") -> None:
        self.name = name

    def encode(self, request: Request) -> Wire:
        """The body of `POST /chat/completions`."""
        params = dict(request.params)
        if "max_tokens" in params and REASONING.search(request.model):
            params["max_completion_tokens"] = params.pop("max_tokens")
        wire: Wire = {"model": request.model, "messages": _messages(request.messages), **params}
        if request.tools:
            wire["tools"] = [*(params.get("tools") or ()), *map(_tool, request.tools)]
        if request.choice:
            own = {"type": "function", "function": {"name": request.choice.name}}
            wire["tool_choice"] = "required" if params.get("tools") else own
        if isinstance(request.output, JsonObject):
            wire["response_format"] = {"type": "json_object"}
        elif isinstance(request.output, OutputSchema):
            wire["response_format"] = {"type": "json_schema", "json_schema": _schema(request.output)}
        return wire

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        """The reply in a `chat.completion` object."""
        try:
            choice = wire["choices"][0]
            message = choice["message"]
            text, refusal = message.get("content"), message.get("refusal")
        except (AttributeError, KeyError, IndexError, TypeError):
            raise ProtocolError("the answer has no choices", provider=self.name, body=dict(wire)) from None
        parts: list[Part] = [Text(text)] if isinstance(text, str) and text else []
        parts += [_call(call) for call in message.get("tool_calls") or () if _is_function(call)]
        finish = "refusal" if refusal else FINISH.get(choice.get("finish_reason"), "other")
        return Reply(
            tuple(parts),
            finish,
            _usage(_fields(wire, "usage")),
            model=str(wire.get("model", "")),
            id=str(wire.get("id", "")),
            refusal=refusal or None,
        )

    def deltas(self, event: Mapping[str, Any]) -> Iterable[Delta]:
        """The pieces in a `chat.completion.chunk`. Some compatible servers send whole calls, or usage on any chunk."""
        if event.get("error"):
            raise self.error(200, event)
        if event.get("usage"):
            yield Counted(_usage(event["usage"]))
        for choice in (event.get("choices") or ())[:1]:
            delta = choice.get("delta") or {}
            if delta.get("content"):
                yield TextDelta(delta["content"])
            if delta.get("refusal"):
                yield RefusalDelta(delta["refusal"])
            for place, call in enumerate(delta.get("tool_calls") or ()):
                yield _call_delta(place, call)
            if choice.get("finish_reason"):
                yield Stopped(FINISH.get(choice["finish_reason"], "other"))

    def error(self, status: int, body: Any) -> ProviderError:
        """The error in a failed exchange."""
        return from_status(self.name, status, body)


def _messages(messages: tuple[Message, ...]) -> list[Wire]:
    wires: list[Wire] = []
    for i, message in enumerate(messages):
        where = f"messages[{i}]"
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        for result in results:
            words = _words(result.parts, where)
            wires.append({"role": "tool", "tool_call_id": result.id, "content": words, **message.native})
        others = tuple(part for part in message.parts if not isinstance(part, ToolResult))
        if others or not results:
            wires.append(_message(message, others, where))
    return wires


def _message(message: Message, parts: tuple[Part, ...], where: str) -> Wire:
    wire: Wire = {"role": message.role}
    calls = [part for part in parts if isinstance(part, ToolCall)]
    spoken = tuple(part for part in parts if not isinstance(part, ToolCall | Reasoning))
    if message.role != "user" and any(isinstance(part, Media) for part in spoken):
        raise MessageError("OpenAI takes media in user messages only", where=where)
    if len(spoken) == 1 and isinstance(spoken[0], Text):
        wire["content"] = spoken[0].text
    else:
        wire["content"] = [_part(part, where) for part in spoken] or None
    if calls:
        wire["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in calls
        ]
    wire.update(message.native)
    return wire


def _part(part: Part, where: str) -> Wire:
    match part:
        case Text(text):
            return {"type": "text", "text": text}
        case Native(_, payload):
            return dict(payload)
        case Media():
            return MEDIA[type(part)].encode(part)
        case Reasoning() | ToolCall() | ToolResult():
            raise MessageError(f"a {type(part).__name__} cannot stand among the words of a message", where=where)
        case _:
            assert_never(part)


def _words(parts: tuple[Part, ...], where: str) -> str | list[Wire]:
    if any(isinstance(part, Media) and not isinstance(part, Document) for part in parts):
        raise MessageError("OpenAI takes text only in tool results", where=where)
    if len(parts) == 1 and isinstance(parts[0], Text):
        return parts[0].text
    return [_part(part, where) for part in parts] or ""


def _tool(tool: Tool) -> Wire:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": {**function, "strict": True} if tool.strict else function}


def _schema(output: OutputSchema) -> Wire:
    wire: Wire = {"name": output.name, "schema": output.schema, "strict": output.strict}
    return {**wire, "description": output.description} if output.description else wire


def _is_function(call: object) -> bool:
    return isinstance(call, Mapping) and (call.get("type") or "function") == "function"


def _call(call: Mapping[str, Any]) -> ToolCall:
    function = _fields(call, "function")
    arguments = function.get("arguments") or ""
    if not isinstance(arguments, str):  # some compatible servers give the object itself
        arguments = json.dumps(arguments, ensure_ascii=False)
    return ToolCall(str(call.get("id") or ""), str(function.get("name") or ""), arguments)


def _call_delta(place: int, call: Mapping[str, Any]) -> CallDelta:
    function = call.get("function") or {}
    index = call.get("index")
    return CallDelta(
        place if index is None else int(index),
        call.get("id") or "",
        function.get("name") or "",
        function.get("arguments") or "",
    )


def _usage(usage: Mapping[str, Any]) -> Usage:
    read, written = _fields(usage, "prompt_tokens_details"), _fields(usage, "completion_tokens_details")
    return Usage(
        input=usage.get("prompt_tokens") or 0,
        output=usage.get("completion_tokens") or 0,
        cache_read=read.get("cached_tokens") or 0,
        cache_write=read.get("cache_write_tokens") or 0,
        reasoning=written.get("reasoning_tokens") or 0,
    )


def _fields(wire: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object inside another; empty where there is none, or something else."""
    found = wire.get(key)
    return found if isinstance(found, Mapping) else {}


provider = Provider(
    OpenAIChat(),
    Endpoint("https://api.openai.com/v1", "/chat/completions", ("OPENAI_API_KEY",), ("OPENAI_BASE_URL",)),
    Sdk(
        "openai",
        "openai",
        ("OpenAI", "AzureOpenAI"),
        ("AsyncOpenAI", "AsyncAzureOpenAI"),
        "chat.completions.create",
    ),
)
