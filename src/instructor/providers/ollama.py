"""Ollama's own API, `/api/chat`: neutral requests and replies ⇄ its JSON.

Sources: `api/types.go`, `server/routes.go`, `envconfig/config.go` and `docs/` of github.com/ollama/ollama, August 2026;
the types of the `ollama` package, 0.6.

What is chosen here where the dialects differ:
    - a message is one text: its parts are joined by blank lines, and its pictures go beside it, in order
    - pictures are PNG, JPEG or WebP; a recording, where a model hears, goes where pictures go, as WAV
    - tools cannot be forced; a tool's result is matched by the name of the tool, which is looked up in the call before it
    - sampling parameters go into `options`; reasoning effort is `think`
    - an answer's calls get numbers where the server gives no ids
    - reasoning goes back as `thinking`, whoever thought it; cache marks are not sent: prompts are cached by themselves
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, assert_never
from urllib.parse import urlsplit

from ..adapter import NOTHING_KNOWN, Accepts, Endpoint, Family, Framing, Provider, Sdk, Wire
from ..errors import ConfigurationError, ContextOverflow, MessageError, ProtocolError, ProviderError, RequestError
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
from ..media import Audio, Document, Image, Inline, Media
from ..modes import Mode
from ..output import PLAIN
from ._errors import from_status
from ._params import Parameters, listed, translated, words
from ._pieces import as_object, fields, headed
from .ollama_sdk import OllamaClient

# ── media ────────────────────────────────────────────────────────────────────────────────────────


def _image(medium: Media) -> Wire:
    return {"images": [Inline(medium)]}


def _document(document: Media) -> Wire:
    return {"text": headed(document)}


MEDIA = {
    # cmd/interactive.go: jpeg, png, webp; wave. No size is given: what the model's context holds
    Image: Accepts(
        Limits(frozenset({"image/png", "image/jpeg", "image/webp"}), animated=False), frozenset({"bytes"}), _image
    ),
    Audio: Accepts(Limits(frozenset({"audio/wav"})), frozenset({"bytes"}), _image),
    Document: Accepts(Limits(Document.textual), frozenset({"bytes"}), _document),
}

# ── models ───────────────────────────────────────────────────────────────────────────────────────

_WORDS = {Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}

_ALONE = frozenset({Mode.JSON_SCHEMA, Mode.JSON})
"""With a `format` the model is held to it, and calls no tool (github.com/ollama/ollama/issues/13750)."""

HEARS = re.compile(r"gemma-?[34]n|gemma-?4|omni|audio|voxtral")
"""Models that take a recording among the pictures (server/model: the capability `audio`)."""

FAMILIES = (
    # docs/capabilities/structured-outputs: not on Ollama's Cloud
    Family(
        re.compile(r"[:-]cloud$"), {Mode.TOOLS: PLAIN, Mode.MD_JSON: PLAIN}, caches=False, without=frozenset({Audio})
    ),
    Family(HEARS, {Mode.JSON_SCHEMA: PLAIN, Mode.TOOLS: PLAIN, **_WORDS}, caches=False, alone=_ALONE),
    Family(
        re.compile(r""),
        {Mode.JSON_SCHEMA: PLAIN, Mode.TOOLS: PLAIN, **_WORDS},
        caches=False,
        alone=_ALONE,
        without=frozenset({Audio}),
    ),
)

FINISH: Mapping[str | None, Finish] = {"stop": "stop", "length": "length"}
"""llm/server.go, DoneReason; `load` and `unload` are answers to no question."""

# ── parameters ───────────────────────────────────────────────────────────────────────────────────

OPTIONS = words(
    # api/types.go: Options and Runner; the last four are of the `ollama` package's type
    "num_ctx num_batch num_gpu main_gpu use_mmap num_thread draft_num_predict num_keep seed num_predict top_k top_p "
    "min_p typical_p repeat_last_n temperature repeat_penalty presence_penalty frequency_penalty stop "
    "numa low_vram use_mlock mirostat"
)

PARAMETERS = Parameters(
    # api/types.go: ChatRequest
    words("format keep_alive tools options think truncate shift logprobs top_logprobs") | OPTIONS,
    renamed={
        "max_tokens": "num_predict",
        "max_completion_tokens": "num_predict",
        "max_output_tokens": "num_predict",
        "stop_sequences": ("stop", listed),
        "reasoning_effort": ("think", lambda effort: False if effort == "none" else effort),
    },
    refused={
        "tool_choice": "Ollama cannot force a tool, nor forbid it",
        "parallel_tool_calls": "Ollama has no switch for it",
        "response_format": "pass a response model, or format",
        "metadata": "Ollama keeps nothing about a request",
        "user": "Ollama keeps nothing about a request",
        "n": "Ollama gives one answer",
        "thinking": "use think, true or one of 'low', 'medium', 'high'",
        "system": "pass a system message",
    },
)

# ── the codec ────────────────────────────────────────────────────────────────────────────────────


class OllamaChat:
    """The adapter."""

    name = "ollama"
    dialect = "ollama"
    media = MEDIA
    families = FAMILIES
    caches = False
    whole = NOTHING_KNOWN
    streaming: Mapping[str, Any] = {"stream": True}

    def encode(self, request: Request) -> Wire:
        """The body of `POST /api/chat`."""
        given = {key: value for key, value in request.params.items() if value is not None}
        params = translated(self.name, given, PARAMETERS)
        options = {key: params.pop(key) for key in sorted(OPTIONS & params.keys())}
        if "stop" in options:
            options["stop"] = listed(options["stop"])
        whole = params.pop("options", None) or {}
        if twice := sorted(set(whole) & set(options)):
            raise RequestError(f"{', '.join(twice)} is given twice: in options and beside it")
        wire: Wire = {"model": request.model, "messages": _messages(request.messages), "stream": False}
        tools = [*map(_own_tool, params.pop("tools", ())), *map(_tool, request.tools)]
        wire |= {"tools": tools} if tools else {}
        wire |= {"options": {**whole, **options}} if whole or options else {}
        wire |= params
        if isinstance(request.output, JsonObject):
            wire["format"] = "json"
        elif isinstance(request.output, OutputSchema):
            wire["format"] = request.output.schema
        return wire

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        """The reply in a `ChatResponse`."""
        message = wire.get("message")
        if not isinstance(message, Mapping):
            raise ProtocolError("the answer has no message", provider=self.name, body=dict(wire))
        thought, text = message.get("thinking"), message.get("content")
        parts: list[Part] = [Reasoning(str(thought))] if thought else []
        parts += [Text(str(text))] if text else []
        calls = message.get("tool_calls") or ()
        parts += [ToolCall(_id(call, place), _name(call), _arguments(call)) for place, call in enumerate(calls)]
        finish = FINISH.get(wire.get("done_reason"), "other")
        return Reply(
            tuple(parts),
            "tools" if calls and finish == "stop" else finish,
            _usage(wire),
            model=str(wire.get("model", "")),
        )

    def deltas(self, event: Mapping[str, Any]) -> Iterable[Delta]:
        """The pieces in one line of a stream. Calls come whole, and one line may hold some of them."""
        if event.get("error"):
            raise self.error(500, event)
        message = event.get("message") or {}
        if message.get("thinking"):
            yield ReasoningDelta(message["thinking"])
        if message.get("content"):
            yield TextDelta(message["content"])
        for place, call in enumerate(message.get("tool_calls") or ()):
            index = (call.get("function") or {}).get("index")
            yield CallDelta(place if index is None else int(index), _id(call, place), _name(call), _arguments(call))
        if event.get("done"):
            yield Counted(_usage(event))
            yield Stopped(FINISH.get(event.get("done_reason"), "other"))

    def error(self, status: int, body: Any) -> ProviderError:
        """The error in a failed exchange."""
        error = from_status(self.name, status, body)
        if OVERFLOW.search(error.message) and not isinstance(error, ContextOverflow):
            return ContextOverflow(error.message, provider=self.name, status=error.status, body=body)
        return error


OVERFLOW = re.compile(r"exceeds? (the )?(available )?context|input length exceeds", re.IGNORECASE)
"""How the server and llama.cpp in it say that a prompt is too long."""


# ── a request ────────────────────────────────────────────────────────────────────────────────────


def _messages(messages: tuple[Message, ...]) -> list[Wire]:
    wires: list[Wire] = []
    names: dict[str, str] = {}
    for i, message in enumerate(messages):
        where = f"messages[{i}]"
        if message.native:
            raise MessageError(f"Ollama's messages have no {', '.join(sorted(message.native))}", where=where)
        names |= {part.id: part.name for part in message.parts if isinstance(part, ToolCall)}
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        wires += [_result(result, names, where) for result in results]
        others = tuple(part for part in message.parts if not isinstance(part, ToolResult))
        if others or not results:
            wires.append(_message(message.role, others, where))
    return wires


def _message(role: str, parts: tuple[Part, ...], where: str) -> Wire:
    words: list[str] = []
    wire: Wire = {"role": role, "content": ""}
    for part in parts:
        match part:
            case Text(text):
                words.append(text)
            case Reasoning(text):
                wire["thinking"] = wire.get("thinking", "") + text
            case ToolCall(_, name, arguments):
                call = {"function": {"name": name, "arguments": as_object(arguments)}}
                wire["tool_calls"] = [*wire.get("tool_calls", ()), call]
            case Native(_, payload):
                wire["images"] = [*wire.get("images", ()), *_own_images(payload, where)]
            case Media():
                written = MEDIA[type(part)].encode(part)
                words += [written["text"]] if "text" in written else []
                wire |= {"images": [*wire.get("images", ()), *written["images"]]} if "images" in written else {}
            case ToolResult():
                raise MessageError("a tool's result cannot stand among the words of a message", where=where)
            case _:
                assert_never(part)
    if "images" in wire and role != "user":
        raise MessageError("Ollama takes media in user messages only", where=where)
    if not any((*words, "images" in wire, "tool_calls" in wire, "thinking" in wire)):
        raise MessageError(f"the {role} message is empty", where=where)
    wire["content"] = "\n\n".join(word for word in words if word)
    return wire


def _own_images(payload: Mapping[str, Any], where: str) -> list[Any]:
    """The pictures of a part in Ollama's own form, `{"images": [base64, …]}`."""
    images = payload.get("images")
    if set(payload) - {"type"} != {"images"} or not isinstance(images, list):
        raise MessageError(f"Ollama's messages have no part of the type {payload.get('type')!r}", where=where)
    return images


def _result(result: ToolResult, names: Mapping[str, str], where: str) -> Wire:
    wire = _message("tool", result.parts or (Text("(nothing)"),), where)
    name = names.get(result.id)
    return {**wire, "tool_name": name} if name else wire


def _tool(tool: Tool) -> Wire:
    function: Wire = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _own_tool(tool: Any) -> Wire:
    """A tool of the caller's: a function in Ollama's form, which is OpenAI's, or in Anthropic's."""
    match tool:
        case Tool():
            return _tool(tool)
        case {"function": {"name": str()}}:
            return dict(tool)
        case {"name": str(name), "input_schema": dict(schema), **rest}:
            return _tool(Tool(name, str(rest.get("description") or ""), schema))
    raise RequestError("a tool is a {'type': 'function', 'function': {'name': …, …}}", where="tools")


# ── a reply ──────────────────────────────────────────────────────────────────────────────────────


def _id(call: Mapping[str, Any], place: int) -> str:
    return str(call.get("id") or f"call_{fields(call, 'function').get('index', place)}")


def _name(call: Mapping[str, Any]) -> str:
    return str(fields(call, "function").get("name") or "")


def _arguments(call: Mapping[str, Any]) -> str:
    arguments = fields(call, "function").get("arguments")
    return arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)


def _usage(wire: Mapping[str, Any]) -> Usage:
    return Usage(
        input=wire.get("prompt_eval_count") or 0,
        output=wire.get("eval_count") or 0,
        cache_read=wire.get("prompt_eval_cached_count") or 0,
    )


# ── the way to it ────────────────────────────────────────────────────────────────────────────────

PORT = 11434


def _locate(given: str | None, environment: Mapping[str, str]) -> str:
    """The server's address: `OLLAMA_HOST` may leave out scheme, host or port (envconfig/config.go)."""
    text = (given or "").strip()
    scheme, colon, rest = text.partition("://")
    if not colon:
        scheme, rest = "http", text
    try:
        parts = urlsplit(f"//{rest}")
        port = parts.port or {"https": 443}.get(scheme, 80 if colon else PORT)
    except ValueError:
        raise ConfigurationError(f"'host:port' or 'http://host:port' is Ollama's address, not {text!r:.100}") from None
    host = parts.hostname or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # where a server listens is not where it is
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port}{parts.path.rstrip('/')}"


provider = Provider(
    OllamaChat(),
    Endpoint(
        "http://127.0.0.1:11434",
        "/api/chat",
        ("OLLAMA_API_KEY",),
        ("OLLAMA_HOST",),
        framing=Framing.NDJSON,
        locate=_locate,
        key_needed=False,  # on this machine; ollama.com wants one
    ),
    Sdk("ollama", "ollama", ("Client",), ("AsyncClient",), bridge=OllamaClient()),
)
