"""OpenAI Chat Completions: neutral requests and replies ⇄ its JSON.

Sources: the request and response types of the `openai` package, 3.54, `types/chat/`; the guides on images,
audio, file inputs and structured outputs at developers.openai.com/api/docs/guides.

What is chosen here where the dialects differ:
    - every text part of a message is kept apart; a message of one text part is written as a string
    - `cache_control` becomes `prompt_cache_breakpoint` where the family takes it; elsewhere caching is automatic
    - reasoning is left out of history, unless an endpoint wants it back
    - a text document becomes a text part headed by its name

Endpoints that speak this dialect with differences are rows of `compatible`: the fields of `OpenAIChat` are what can differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Any, assert_never

from ..adapter import Accepts, Endpoint, Family, Provider, Sum, Whole, Wire, family
from ..errors import MessageError, ProtocolError, ProviderError
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
    RefusalDelta,
    Reply,
    Request,
    Stopped,
    Text,
    TextDelta,
    ToolCall,
    ToolResult,
    Usage,
    said,
)
from ..media import PDF, Audio, CacheControl, Document, FileId, Image, Inline, Media
from ..modes import Mode
from ..output import OPENAI_STRICT, PLAIN
from ..sdks import OPENAI
from ..values import dataclass
from ._errors import from_status
from ._files.openai import FILES
from ._params import Parameters, translated, words
from ._pieces import (
    PICTURES,
    cache_marked,
    call_delta,
    called,
    data_uri,
    fields,
    function_call,
    function_tool,
    image_part,
    schema_format,
    text_part,
)

# ── media ────────────────────────────────────────────────────────────────────────────────────────


def _audio(audio: Media) -> Wire:
    format = AUDIO_FORMATS[audio.media_type or ""]
    return {"type": "input_audio", "input_audio": {"data": Inline(audio), "format": format}}


def _pdf(pdf: Media) -> Wire:
    if isinstance(pdf.origin, FileId):
        return {"type": "file", "file": {"file_id": pdf.origin.id}}
    return {"type": "file", "file": {"filename": pdf.name or "document.pdf", "file_data": data_uri(pdf)}}


AUDIO_FORMATS = {"audio/wav": "wav", "audio/mpeg": "mp3"}
"""`input_audio.format`, types/chat/chat_completion_content_part_input_audio_param.py."""

MEDIA = {
    Image: Accepts(
        PICTURES,
        frozenset({"url", "bytes"}),
        image_part,
        most=1500,  # guides/images-vision
    ),
    Audio: Accepts(Limits(frozenset(AUDIO_FORMATS)), frozenset({"bytes"}), _audio),
    PDF: Accepts(
        # guides/file-inputs: PDF only on Chat Completions; less than 50 MB a file
        Limits(frozenset({"application/pdf"}), max_bytes=50 * 1024**2),
        frozenset({"bytes", "id"}),
        _pdf,
        upload_bytes=50 * 1024**2,
    ),
    Document: Accepts(Limits(Document.textual), frozenset({"bytes"}), text_part),
}

WHOLE = Whole(max_media=512 * 1024**2, sums=(Sum((PDF,), max_bytes=50 * 1024**2),))
"""guides/images-vision: 512 MB of payload in a request; guides/file-inputs: 50 MB of files in it."""

# ── models ───────────────────────────────────────────────────────────────────────────────────────

_WORDS = {Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}

FAMILIES = (
    # audio models take tools, no response_format
    Family(re.compile(r"audio"), {Mode.TOOLS: PLAIN, Mode.MD_JSON: PLAIN}, caches=False),
    # before structured outputs (guides/structured-outputs: from gpt-4o-2024-08-06 and gpt-4o-mini on)
    Family(
        re.compile(r"gpt-3\.5|gpt-4(-|$)|gpt-4o-2024-05-13|chatgpt-4o"), {Mode.TOOLS: PLAIN, **_WORDS}, caches=False
    ),
    # no function calling on Chat Completions
    Family(re.compile(r"^gpt-[6-9]"), {Mode.JSON_SCHEMA: OPENAI_STRICT, **_WORDS}),
    # cache breakpoints of the caller's: from gpt-5.6 on (types/chat/completion_create_params.py, prompt_cache_options)
    Family(re.compile(r"^gpt-5\.([6-9]|\d\d)"), {Mode.JSON_SCHEMA: OPENAI_STRICT, Mode.TOOLS: OPENAI_STRICT, **_WORDS}),
    Family(re.compile(r""), {Mode.JSON_SCHEMA: OPENAI_STRICT, Mode.TOOLS: OPENAI_STRICT, **_WORDS}, caches=False),
)

REASONING = re.compile(r"^(o\d|gpt-[5-9])")
"""Models that take `max_completion_tokens` in the place of `max_tokens` (types/chat/completion_create_params.py)."""

PARAMETERS = Parameters(
    # types/chat/completion_create_params.py
    words(
        "audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens metadata "
        "modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options "
        "prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store "
        "stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options"
    ),
    renamed={"stop_sequences": "stop", "max_output_tokens": "max_tokens"},
    refused={
        "top_k": "Chat Completions has no such sampling parameter; use top_p",
        "thinking": "use reasoning_effort",
        "reasoning": 'use reasoning_effort, for example "low"',
        "system": "pass a system message",
    },
)

MAX_CACHE_MARKS = 4
"""types/chat/completion_create_params.py: a request writes up to four breakpoints."""

FINISH: Mapping[str | None, Finish] = {
    "stop": "stop",
    "eos": "stop",  # Together
    "length": "length",
    "tool_calls": "tools",
    "function_call": "tools",
    "content_filter": "filter",
}

# ── the codec ────────────────────────────────────────────────────────────────────────────────────


STREAMING: Mapping[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}


@dataclass(frozen=True)
class OpenAIChat:
    """The adapter. The fields are what differs between endpoints that speak this dialect.

    `name` is what errors call the provider. `max_tokens_of_reasoning` matches models that take `max_completion_tokens`
    in the place of `max_tokens`. `reasoning` is the key under which an assistant's reasoning goes back in history.
    `quirks` make of a finished body what the endpoint wants otherwise; they may raise MessageError.
    """

    name: str = "openai"
    media: Mapping[type[Media], Accepts] = field(default_factory=lambda: MEDIA)
    families: tuple[Family, ...] = FAMILIES
    parameters: Parameters = PARAMETERS
    streaming: Mapping[str, Any] = field(default_factory=lambda: STREAMING)
    max_tokens_of_reasoning: re.Pattern[str] | None = REASONING
    reasoning: str | None = None
    quirks: tuple[Callable[[Wire], Wire], ...] = ()
    caches: bool = True
    whole: Whole = WHOLE
    dialect: str = "openai"

    def encode(self, request: Request) -> Wire:
        """The body of `POST /chat/completions`."""
        params = translated(self.name, request.params, self.parameters)
        reasons = self.max_tokens_of_reasoning and self.max_tokens_of_reasoning.search(request.model)
        if reasons and "max_tokens" in params:
            params["max_completion_tokens"] = params.pop("max_tokens")
        messages = _Writing(self, self.caches and family(self, request.model).caches).messages(request.messages)
        wire: Wire = {"model": request.model, "messages": messages, **params}
        if request.tools:
            wire["tools"] = [*(params.get("tools") or ()), *map(function_tool, request.tools)]
        if request.choice:
            named = {"type": "function", "function": {"name": request.choice.name}}
            wire["tool_choice"] = "required" if request.choice.name is None or params.get("tools") else named
        if isinstance(request.output, JsonObject):
            wire["response_format"] = {"type": "json_object"}
        elif isinstance(request.output, OutputSchema):
            wire["response_format"] = {"type": "json_schema", "json_schema": schema_format(request.output)}
        for quirk in self.quirks:
            wire = quirk(wire)
        return wire

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        """The reply in a `chat.completion` object."""
        try:
            choice = wire["choices"][0]
            message = choice["message"]
            text, refusal = message.get("content"), message.get("refusal")
        except (AttributeError, KeyError, IndexError, TypeError):
            raise ProtocolError("the answer has no choices", provider=self.name, body=dict(wire)) from None
        thought = message.get("reasoning_content") or message.get("reasoning")
        parts: list[Part] = [Reasoning(thought)] if isinstance(thought, str) and thought else []
        parts += [Text(text)] if isinstance(text, str) and text else []
        parts += [called(call) for call in message.get("tool_calls") or () if _is_function(call)]
        finish = "refusal" if refusal else FINISH.get(choice.get("finish_reason"), "other")
        return Reply(
            tuple(parts),
            finish,
            _usage(fields(wire, "usage")),
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
            thought = delta.get("reasoning_content") or delta.get("reasoning")
            if isinstance(thought, str) and thought:
                yield ReasoningDelta(thought)
            if delta.get("content"):
                yield TextDelta(delta["content"])
            if delta.get("refusal"):
                yield RefusalDelta(delta["refusal"])
            for place, call in enumerate(delta.get("tool_calls") or ()):
                yield call_delta(place, call)
            if choice.get("finish_reason"):
                yield Stopped(FINISH.get(choice["finish_reason"], "other"))

    def error(self, status: int, body: Any) -> ProviderError:
        """The error in a failed exchange."""
        return from_status(self.name, status, body)


@dataclass(frozen=True, slots=True)
class _Writing:
    """The messages of one request, for one endpoint. `caches`: whether cache marks are sent."""

    to: OpenAIChat
    caches: bool

    def messages(self, messages: tuple[Message, ...]) -> list[Wire]:
        wires: list[Wire] = []
        for i, message in enumerate(messages):
            if (words := said(message)) is not None:
                wires.append({"role": message.role, "content": words, **message.native})
                continue
            where = f"messages[{i}]"
            results = [part for part in message.parts if isinstance(part, ToolResult)]
            for result in results:
                content = self._result(result.parts, where)
                wires.append({"role": "tool", "tool_call_id": result.id, "content": content, **message.native})
            others = tuple(part for part in message.parts if not isinstance(part, ToolResult))
            if others or not results:
                wires.append(self._message(message, others, where))
        marks = sum("prompt_cache_breakpoint" in part for part in _content_parts(wires))
        if marks > MAX_CACHE_MARKS:
            raise MessageError(f"{marks} parts carry cache_control, {self.to.name} takes {MAX_CACHE_MARKS}: mark fewer")
        return wires

    def _message(self, message: Message, parts: tuple[Part, ...], where: str) -> Wire:
        wire: Wire = {"role": message.role}
        calls = [part for part in parts if isinstance(part, ToolCall)]
        spoken = tuple(part for part in parts if not isinstance(part, ToolCall | Reasoning))
        if message.role != "user" and any(isinstance(part, Media) for part in spoken):
            raise MessageError(f"{self.to.name} takes media in user messages only", where=where)
        if len(spoken) == 1 and isinstance(spoken[0], Text) and not (self.caches and spoken[0].cache_control):
            wire["content"] = spoken[0].text
        else:
            wire["content"] = [self._part(part, where) for part in spoken] or None
        if calls:
            wire["tool_calls"] = list(map(function_call, calls))
        thought = "".join(part.text for part in parts if isinstance(part, Reasoning))
        if self.to.reasoning and thought:
            wire[self.to.reasoning] = thought
        wire.update(message.native)
        return wire

    def _part(self, part: Part, where: str) -> Wire:
        match part:
            case Text(text, cache):
                return self._marked({"type": "text", "text": text}, cache, where)
            case Native(_, payload):
                return dict(payload)
            case Media():
                return self._marked(self.to.media[type(part)].encode(part), part.cache_control, where)
            case Reasoning() | ToolCall() | ToolResult():
                raise MessageError(f"a {type(part).__name__} cannot stand among the words of a message", where=where)
            case _:
                assert_never(part)

    def _marked(self, wire: Wire, cache: CacheControl | None, where: str) -> Wire:
        return cache_marked(wire, cache, self.to.name, where) if self.caches else wire

    def _result(self, parts: tuple[Part, ...], where: str) -> str | list[Wire]:
        if any(isinstance(part, Media) and not isinstance(part, Document) for part in parts):
            raise MessageError(f"{self.to.name} takes text only in tool results", where=where)
        if len(parts) == 1 and isinstance(parts[0], Text):
            return parts[0].text
        return [self._part(part, where) for part in parts] or ""


def _content_parts(wires: Iterable[Wire]) -> Iterable[Mapping[str, Any]]:
    for wire in wires:
        if type(wire["content"]) is list:
            yield from wire["content"]


def _is_function(call: object) -> bool:
    return isinstance(call, dict | Mapping) and (call.get("type") or "function") == "function"


def _usage(usage: Mapping[str, Any]) -> Usage:
    read, written = fields(usage, "prompt_tokens_details"), fields(usage, "completion_tokens_details")
    return Usage(
        input=usage.get("prompt_tokens") or 0,
        output=usage.get("completion_tokens") or 0,
        cache_read=read.get("cached_tokens") or usage.get("prompt_cache_hit_tokens") or 0,
        cache_write=read.get("cache_write_tokens") or 0,
        reasoning=written.get("reasoning_tokens") or 0,
        audio=read.get("audio_tokens") or 0,
    )


provider = Provider(
    OpenAIChat(),
    Endpoint("https://api.openai.com/v1", "/chat/completions", ("OPENAI_API_KEY",), ("OPENAI_BASE_URL",)),
    OPENAI,
    files=FILES,
)
