"""OpenAI Responses: neutral requests and replies ⇄ its JSON.

Sources: the request and response types of the `openai` package, 3.54, `types/responses/`; the guides on images, file
inputs and structured outputs at developers.openai.com/api/docs/guides.

What is chosen here where the dialects differ:
    - every turn is an item of `input`, the system's too; calls and their results are items beside the messages
    - reasoning goes back only with its `encrypted_content`; without that the API knows it by an id that may be gone
    - items of the API's own tools (searches, interpreters) are kept, and go back as they are
    - a text document becomes a text part headed by its name; office documents go as files
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any, assert_never
from zlib import crc32

from ..adapter import Accepts, Endpoint, Family, Provider, Sum, Whole, Wire, family
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
)
from ..media import PDF, CacheControl, Document, FileId, Image, Media, Url
from ..media.document import DOCX, ODT, PPTX, RTF, XLSX
from ..modes import Mode
from ..output import OPENAI_STRICT, PLAIN
from ..sdks import RESPONSES
from ..values import dataclass
from ._errors import from_status
from ._files.openai import FILES
from ._params import Parameters, in_form, named_function, translated, words
from ._pieces import PICTURES, cache_marked, data_uri, headed, schema_format

# ── media ────────────────────────────────────────────────────────────────────────────────────────


def _image(image: Media) -> Wire:
    detail = image.detail if isinstance(image, Image) and image.detail else "auto"
    part: Wire = {"type": "input_image", "detail": detail}
    match image.origin:
        case FileId(id):
            return {**part, "file_id": id}
        case Url(url):
            return {**part, "image_url": url}
        case _:
            return {**part, "image_url": data_uri(image)}


def _file(file: Media) -> Wire:
    match file.origin:
        case FileId(id):
            return {"type": "input_file", "file_id": id}
        case Url(url):
            return {"type": "input_file", "file_url": url}
        case _:
            return {"type": "input_file", "filename": file.name or _name(file), "file_data": data_uri(file)}


def _name(file: Media) -> str:
    kinds = {**type(file).suffixes, ".pdf": "application/pdf"}
    return "document" + next((suffix for suffix, kind in kinds.items() if kind == file.media_type), "")


def _document(document: Media) -> Wire:
    assert isinstance(document, Document)
    if not document.is_text or document.source_kind != "bytes":
        return _file(document)
    return {"type": "input_text", "text": headed(document)}


MEDIA: Mapping[type[Media], Accepts] = {
    Image: Accepts(
        # guides/images-vision: as on Chat Completions, and by file id
        PICTURES,
        frozenset({"url", "bytes", "id"}),
        _image,
        most=1500,
        upload_bytes=384 * 1024**2,
    ),
    # guides/file-inputs: less than 50 MB a file
    PDF: Accepts(
        Limits(frozenset({"application/pdf"}), max_bytes=50 * 1024**2),
        frozenset({"url", "bytes", "id"}),
        _file,
        upload_bytes=50 * 1024**2,
    ),
    Document: Accepts(
        # guides/file-inputs, "Accepted file types"
        Limits(Document.textual | {DOCX, ODT, PPTX, RTF, XLSX}, max_bytes=50 * 1024**2),
        frozenset({"bytes", "id"}),
        _document,
        upload_bytes=50 * 1024**2,
    ),
}

WHOLE = Whole(max_media=512 * 1024**2, sums=(Sum((PDF, Document), max_bytes=50 * 1024**2),))
"""guides/images-vision: 512 MB of payload in a request."""

# ── models ───────────────────────────────────────────────────────────────────────────────────────

_MODES = {Mode.JSON_SCHEMA: OPENAI_STRICT, Mode.TOOLS: OPENAI_STRICT, Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}

FAMILIES = (
    # before structured outputs (guides/structured-outputs)
    Family(
        re.compile(r"gpt-3\.5|gpt-4(-|$)|gpt-4o-2024-05-13|chatgpt-4o"),
        {Mode.TOOLS: PLAIN, Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN},
        caches=False,
    ),
    # cache breakpoints of the caller's: from gpt-5.6 on (types/responses/response_create_params.py)
    Family(re.compile(r"^gpt-([6-9]|5\.([6-9]|\d\d))"), _MODES),
    Family(re.compile(r""), _MODES, caches=False),
)

PARAMETERS = Parameters(
    # types/responses/response_create_params.py
    words(
        "access_programs background background_options context_management conversation image include instructions "
        "max_output_tokens max_tool_calls metadata moderation parallel_tool_calls previous_response_id prompt "
        "prompt_cache_key prompt_cache_options prompt_cache_retention reasoning safety_identifier service_tier store "
        "stream_options temperature text tools top_logprobs top_p truncation user"
    ),
    renamed={
        "max_tokens": "max_output_tokens",
        "max_completion_tokens": "max_output_tokens",
        "tool_choice": ("tool_choice", lambda choice: _own_choice(choice)),
        "reasoning_effort": ("reasoning", lambda effort: {"effort": effort}),
        "verbosity": ("text", lambda verbosity: {"verbosity": verbosity}),
    },
    refused={
        "stop": "Responses has no stop sequences",
        "stop_sequences": "Responses has no stop sequences",
        "seed": "Responses has no seed",
        "n": "one answer is given to each request",
        "response_format": "the response_model says what the answer looks like",
        "system": "pass a system message, or instructions=",
    },
)

INCOMPLETE: Mapping[str | None, Finish] = {"max_output_tokens": "length", "content_filter": "filter"}

# ── the codec ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class OpenAIResponses:
    """The adapter. `name` is what errors call the provider."""

    name: str = "openai-responses"
    media: Mapping[type[Media], Accepts] = field(default_factory=lambda: MEDIA)
    families: tuple[Family, ...] = FAMILIES
    streaming: Mapping[str, Any] = field(default_factory=lambda: {"stream": True})
    caches: bool = True
    dialect: str = "responses"
    whole: Whole = WHOLE

    def encode(self, request: Request) -> Wire:
        """The body of `POST /responses`."""
        params = translated(self.name, request.params, PARAMETERS)
        writing = _Writing(self, family(self, request.model).caches)
        items = [
            item for i, message in enumerate(request.messages) for item in writing.items(message, f"messages[{i}]")
        ]
        wire: Wire = {"model": request.model, "input": items, **params}
        if params.get("tools"):
            wire["tools"] = in_form(params["tools"], _tool)
        if request.tools:
            wire["tools"] = [*(wire.get("tools") or ()), *map(_tool, request.tools)]
        if request.choice:
            named = {"type": "function", "name": request.choice.name}
            wire["tool_choice"] = "required" if request.choice.name is None or params.get("tools") else named
        form = _format(request.output)
        return {**wire, "text": {**(params.get("text") or {}), "format": form}} if form else wire

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        """The reply in a `response` object."""
        output = wire.get("output")
        if not isinstance(output, list) or not all(isinstance(item, Mapping) for item in output):
            raise ProtocolError("the answer has no output", provider=self.name, body=dict(wire))
        if wire.get("status") == "failed":
            raise self.error(200, {"error": wire.get("error") or {"message": "the response failed"}})
        refusal = "".join(part.get("refusal") or "" for part in _contents(output) if part.get("type") == "refusal")
        parts = tuple(part for item in output for part in _read(item))
        return Reply(
            parts,
            _finish(wire, refusal, any(isinstance(part, ToolCall) for part in parts)),
            _usage(wire.get("usage") or {}),
            model=str(wire.get("model", "")),
            id=str(wire.get("id", "")),
            refusal=refusal or None,
        )

    def deltas(self, event: Mapping[str, Any]) -> Iterable[Delta]:
        """The pieces in one event of a stream; unknown events are passed over."""
        match event:
            case {"type": "response.output_text.delta", "delta": str(text)}:
                yield TextDelta(text)
            case {"type": "response.refusal.delta", "delta": str(text)}:
                yield RefusalDelta(text)
            case {
                "type": "response.reasoning_text.delta" | "response.reasoning_summary_text.delta",
                "delta": str(text),
            }:
                yield ReasoningDelta(text)
            case {
                "type": "response.output_item.added",
                "item": {"type": "function_call", **call},
            }:
                place = _place(event, call.get("id"))
                yield CallDelta(place, str(call.get("call_id", "")), str(call.get("name", "")))
            case {"type": "response.function_call_arguments.delta", "delta": str(text)}:
                yield CallDelta(_place(event, event.get("item_id")), arguments=text)
            case {
                "type": "response.output_item.done",
                "item": {"type": "reasoning", "encrypted_content": str()} as item,
            }:
                yield Signed(("responses", item))
            case {"type": "response.completed" | "response.incomplete", "response": response}:
                yield Counted(_usage(response.get("usage") or {}))
                output = response.get("output") or ()
                yield Stopped(_finish(response, "", any(item.get("type") == "function_call" for item in output)))
            case {"type": "response.failed", "response": response}:
                raise self.error(200, {"error": response.get("error") or {"message": "the response failed"}})
            case {"type": "error"}:
                raise self.error(200, event.get("error") or event)

    def error(self, status: int, body: Any) -> ProviderError:
        """The error in a failed exchange."""
        return from_status(self.name, status, body)


def _own_choice(choice: Any) -> Any:
    """The caller's `tool_choice`, also in the form of Chat Completions."""
    name = named_function(choice)
    return choice if name is None else {"type": "function", "name": name}


@dataclass(frozen=True, slots=True)
class _Writing:
    """Messages as items. `caches`: whether cache marks are sent."""

    to: OpenAIResponses
    caches: bool

    def items(self, message: Message, where: str) -> Iterable[Wire]:
        if message.native:
            raise MessageError(f"Responses' messages have no {', '.join(sorted(message.native))}", where=where)
        said: list[Part] = []
        for part in message.parts:
            item = self._item(part, where)
            if item is None:
                said.append(part)
                continue
            yield from self._message(message, said, where)
            said = []
            if item:
                yield item
        yield from self._message(message, said, where)

    def _item(self, part: Part, where: str) -> Wire | None:
        """A part that is an item of its own; `{}` for one that is left out, None for one that is said."""
        match part:
            case ToolCall(id, name, arguments):
                return {"type": "function_call", "call_id": id, "name": name, "arguments": arguments}
            case ToolResult(id, parts):
                return {"type": "function_call_output", "call_id": id, "output": self._result(parts, where)}
            case Reasoning(_, native):
                kept = native is not None and native[0] == "responses" and native[1].get("encrypted_content")
                return dict(native[1]) if native and kept else {}
            case Native("responses", payload) if payload.get("type") not in CONTENT:
                return dict(payload)
            case _:
                return None

    def _message(self, message: Message, parts: list[Part], where: str) -> Iterable[Wire]:
        if not parts:
            return
        if message.role != "user" and any(isinstance(part, Media) for part in parts):
            raise MessageError(f"{self.to.name} takes media in user messages and tool results only", where=where)
        if message.role == "assistant":
            yield {
                "type": "message",
                "role": "assistant",
                "content": "".join(part.text for part in parts if isinstance(part, Text)),
            }
        elif len(parts) == 1 and isinstance(parts[0], Text) and not (self.caches and parts[0].cache_control):
            yield {"type": "message", "role": message.role, "content": parts[0].text}
        else:
            role = "user" if message.role == "tool" else message.role
            yield {"type": "message", "role": role, "content": [self._content(part, where) for part in parts]}

    def _content(self, part: Part, where: str) -> Wire:
        match part:
            case Text(text, cache):
                return self._marked({"type": "input_text", "text": text}, cache, where)
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
        if len(parts) == 1 and isinstance(parts[0], Text):
            return parts[0].text
        return [self._content(part, where) for part in parts] or ""


CONTENT = frozenset({"input_text", "input_image", "input_file", "output_text", "refusal"})
"""Types that stand inside a message."""


def _format(output: OutputSchema | JsonObject | None) -> Wire | None:
    match output:
        case JsonObject():
            return {"type": "json_object"}
        case OutputSchema():
            return {"type": "json_schema", **schema_format(output)}
        case None:
            return None


def _tool(tool: Tool) -> Wire:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "strict": tool.strict,
    }


def _contents(output: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for item in output:
        if item.get("type") == "message":
            yield from item.get("content") or ()


def _read(item: Mapping[str, Any]) -> Iterable[Part]:
    match item:
        case {"type": "message", "content": content}:
            yield from (Text(part["text"]) for part in content if part.get("type") == "output_text")
        case {"type": "function_call", "call_id": str(id), "name": str(name)}:
            yield ToolCall(id, name, str(item.get("arguments") or ""))
        case {"type": "reasoning"}:
            told = [*(item.get("summary") or ()), *(item.get("content") or ())]
            yield Reasoning("\n".join(str(part.get("text", "")) for part in told), ("responses", item))
        case _:
            yield Native("responses", item)


def _place(event: Mapping[str, Any], id: object) -> int:
    """Which call of an answer an event is about. llama.cpp's server has no `output_index`, but the item's id."""
    index = event.get("output_index")
    return index if isinstance(index, int) else crc32(str(id).encode())


def _finish(wire: Mapping[str, Any], refusal: str, called: bool) -> Finish:
    if wire.get("status") == "incomplete":
        return INCOMPLETE.get((wire.get("incomplete_details") or {}).get("reason"), "other")
    return "refusal" if refusal else "tools" if called else "stop"


def _usage(usage: Mapping[str, Any]) -> Usage:
    read, written = usage.get("input_tokens_details") or {}, usage.get("output_tokens_details") or {}
    return Usage(
        input=usage.get("input_tokens") or 0,
        output=usage.get("output_tokens") or 0,
        cache_read=read.get("cached_tokens") or 0,
        cache_write=read.get("cache_write_tokens") or 0,
        reasoning=written.get("reasoning_tokens") or 0,
    )


provider = Provider(
    OpenAIResponses(),
    Endpoint("https://api.openai.com/v1", "/responses", ("OPENAI_API_KEY",), ("OPENAI_BASE_URL",)),
    RESPONSES,
    files=FILES,
)
