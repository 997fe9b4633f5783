"""Gemini `generateContent`: neutral requests and replies ⇄ its JSON, for the Gemini API and for Vertex.

    encode ─▶ {model, contents, systemInstruction, tools, toolConfig, generationConfig, …}     (writing, params, media)
    place  ─▶ /v1/models/{model}:generateContent · :streamGenerateContent?alt=sse              (the model leaves the body)
    decode · deltas ◀─ {candidates, promptFeedback, usageMetadata}: an answer, and each event of a stream, look alike

Sources: google-genai 3.4, `types.py` and `models.py`; ai.google.dev/api/generate-content; ai.google.dev/gemini-api/docs
(structured-output, function-calling, thought-signatures, troubleshooting).

What is chosen here where the dialects differ:
    - `cache_control` is not sent: caching is automatic; `cached_content="cachedContents/…"` names an explicit cache
    - calls are numbered where the API does not number them
    - an answer that the API would go on with (CONTINUATION) counts as cut off
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any
from urllib.parse import quote

from ...adapter import NOTHING_KNOWN, Accepts, Family, Whole, Wire
from ...errors import ConfigurationError, ProtocolError, ProviderError, RequestError
from ...ir import (
    CallDelta,
    Complete,
    Counted,
    Delta,
    Finish,
    JsonObject,
    OutputSchema,
    Reasoning,
    ReasoningDelta,
    RefusalDelta,
    Reply,
    Request,
    Stopped,
    Text,
    TextDelta,
    Tool,
    ToolCall,
)
from ...media import Media
from ...modes import Mode
from ...output import GEMINI, PLAIN
from ...values import dataclass
from .._params import Parameters
from . import failures, params, reading, writing
from .media import MEDIA, VERTEX_MEDIA, VERTEX_WHOLE, WHOLE

_MODES = {Mode.JSON_SCHEMA: GEMINI, Mode.TOOLS: GEMINI, Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}
_FIT = frozenset({Mode.JSON_SCHEMA, Mode.TOOLS})

FAMILIES = (
    # ai.google.dev/gemma/docs/core/gemma_on_gemini_api: no JSON mode, no functions, no system instruction
    Family(re.compile(r"gemma-[123]"), {Mode.MD_JSON: PLAIN}),
    Family(params.MODERN, _MODES, _FIT),
    # before Gemini 3, JSON output and tools exclude each other (ai.google.dev/gemini-api/docs/structured-output)
    Family(re.compile(r""), _MODES, _FIT, alone=frozenset({Mode.JSON_SCHEMA, Mode.JSON})),
)


@dataclass(frozen=True, slots=True)
class Gemini:
    """The adapter. `name` is what errors call the provider."""

    name: str
    media: Mapping[type[Media], Accepts]
    parameters: Parameters
    dialect: str = "gemini"
    families: tuple[Family, ...] = FAMILIES
    caches: bool = False
    whole: Whole = NOTHING_KNOWN
    streaming: Mapping[str, Any] = field(default_factory=dict)

    def encode(self, request: Request) -> Wire:
        """The body of `POST …:generateContent`, and the model, which `place` puts into the path."""
        wire = params.body(self.name, request.model, request.params, self.parameters)
        folded = writing.folds_system(request.model) or "cachedContent" in wire
        contents, system = writing.contents(
            request.messages, self.media, request.model, folded, wire.pop("systemInstruction", None)
        )
        wire |= {"model": _named(request.model), "contents": contents, **system}
        built_in, functions = params.offered(wire.pop("tools", None))
        _ask(self.name, request, wire, built_in, functions)
        if functions:
            built_in = [*built_in, {"functionDeclarations": functions}]
        if built_in:
            wire["tools"] = built_in
        if taken := [
            key for key in ("systemInstruction", "tools", "toolConfig") if "cachedContent" in wire and key in wire
        ]:
            raise RequestError(
                f"{self.name} takes no {' or '.join(taken)} beside cached_content, which holds its own: leave it out, "
                "or use Mode.JSON_SCHEMA"
            )
        return wire

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        """The reply in a `GenerateContentResponse`."""
        candidate, blocked = reading.candidate(wire), reading.blocked(wire)
        if candidate is None and blocked is None:
            raise ProtocolError("the answer has no candidates", provider=self.name, body=dict(wire))
        parts = tuple(part for i, raw in enumerate(reading.parts(candidate)) for part in reading.read(i, raw))
        finish: Finish = "filter" if candidate is None else reading.finish(candidate, parts)
        return Reply(
            parts,
            finish,
            reading.usage(wire),
            model=str(wire.get("modelVersion", "")),
            id=str(wire.get("responseId", "")),
            refusal=blocked,
            notes=() if candidate is None else reading.notes(candidate),
        )

    def deltas(self, event: Mapping[str, Any]) -> Iterable[Delta]:
        """The pieces in one event of a stream. A call comes whole; its index is made of the event it came in."""
        if event.get("error"):
            raise self.error(200, event)
        if event.get("usageMetadata"):
            yield Counted(reading.usage(event))
        if blocked := reading.blocked(event):
            yield RefusalDelta(blocked)
            yield Stopped("filter")
        candidate = reading.candidate(event)
        if candidate is None:
            return
        read = [(i, part) for i, raw in enumerate(reading.parts(candidate)) for part in reading.read(i, raw)]
        for i, part in read:
            match part:
                case Text(text):
                    yield TextDelta(text)
                case Reasoning(text) if text:
                    yield ReasoningDelta(text)
                case Reasoning():
                    yield Complete(part)
                case ToolCall(id, name, arguments):
                    yield CallDelta(reading.index(event, i), id, name, arguments)
        if candidate.get("finishReason"):
            yield Stopped(reading.finish(candidate, [part for _, part in read]))

    def error(self, status: int, body: Any) -> ProviderError:
        """The error in a failed exchange."""
        return failures.failure(self.name, status, body)


GEMINI_API = Gemini("gemini", MEDIA, params.GEMINI, whole=WHOLE)
VERTEX_API = Gemini("vertexai", VERTEX_MEDIA, params.VERTEX, whole=VERTEX_WHOLE)


# ── where it goes ────────────────────────────────────────────────────────────────────────────────


def _named(model: str) -> str:
    if re.fullmatch(r"[\w.@:-]+(/[\w.@:-]+)*", model) and ".." not in model:
        return model
    raise RequestError(f"{model!r:.100} is no name of a model")


def place(wire: Wire, streaming: bool) -> tuple[str, Wire]:
    """The path and the body for the Gemini API. `*-latest` are names that only its beta knows (google-genai, README)."""
    body = dict(wire)
    model = body.pop("model")
    version = body.pop("apiVersion", None) or ("v1beta" if model.endswith("-latest") else "v1")
    name = model if model.startswith(("models/", "tunedModels/")) else f"models/{model}"
    return f"/{version}/{name}:{_method(streaming)}", body


PROJECT, LOCATION = "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"
"""Environment variables, as the SDK reads them."""

GLOBAL = "global"


def place_on_vertex(wire: Wire, streaming: bool) -> tuple[str, Wire]:
    """The path and the body for Vertex."""
    body = dict(wire)
    model, version = body.pop("model"), body.pop("apiVersion", None) or "v1"
    project = body.pop("project", None) or os.environ.get(PROJECT)
    where = body.pop("location", None) or os.environ.get(LOCATION) or GLOBAL
    cached = body.get("cachedContent", "")
    if not project and not (model.startswith("projects/") and cached[:9] in ("", "projects/")):
        raise ConfigurationError(f"Vertex needs a project: pass project=…, or set {PROJECT}")
    home = f"projects/{quote(project or '', safe=':')}/locations/{quote(where)}/"
    if cached and not cached.startswith("projects/"):
        body["cachedContent"] = home + cached
    model = model if model.startswith("projects/") else home + published(model)
    return f"/{version}/{model}:{_method(streaming)}", body


def published(model: str) -> str:
    """A model's name below its project: `gemini-3-flash`, `publisher/model`, or the full name."""
    if model.startswith(("publishers/", "endpoints/")):
        return model
    publisher, _, name = model.rpartition("/")
    return f"publishers/{publisher or 'google'}/models/{name}"


def vertex_host(given: str | None, settings: Mapping[str, str]) -> str:
    """The address that is given, else that of the location (google-genai 3.4, `_api_client.py`)."""
    if given:
        return given
    where = settings.get("location") or settings.get(LOCATION) or GLOBAL
    prefix = "" if where == GLOBAL else f"{where}-"
    return f"https://{prefix}aiplatform.googleapis.com"


def _method(streaming: bool) -> str:
    return "streamGenerateContent?alt=sse" if streaming else "generateContent"


# ── what is asked for ────────────────────────────────────────────────────────────────────────────


def _ask(name: str, request: Request, wire: Wire, built_in: list[Wire], functions: list[Wire]) -> None:
    """Put the mode's wish into the wire dict: a schema, JSON, or a function that must be called."""
    wish, tools = request.output, request.tools
    older = not params.MODERN.search(request.model)
    if older and ((wish and (functions or built_in)) or (tools and built_in)):
        kinds = ", ".join(key for tool in built_in for key in tool) or "functions"
        other = "Mode.MD_JSON" if built_in else "Mode.TOOLS"
        raise RequestError(f"{name} takes no {kinds} beside what {request.model} answers in: use {other}, or Gemini 3")
    if isinstance(wish, OutputSchema | JsonObject):
        given = wire.get("generationConfig", {})
        if twice := given.keys() & {"responseMimeType", "responseSchema", "responseJsonSchema"}:
            raise RequestError(f"{', '.join(sorted(twice))} and the response model say the same: pass one of them")
        schema = {"responseJsonSchema": wish.schema} if isinstance(wish, OutputSchema) else {}
        wire["generationConfig"] = {**given, "responseMimeType": "application/json", **schema}
    own = [str(function.get("name")) for function in functions]
    functions += map(_declared, tools)
    if request.choice and "toolConfig" not in wire:
        names = [*own, *(tool.name for tool in tools)]
        wire["toolConfig"] = {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": names}}


def _declared(tool: Tool) -> Wire:
    return {"name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters}
