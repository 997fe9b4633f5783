"""OpenTelemetry: spans and metrics by its conventions for generative AI, made of the events and of nothing else.

    instrument(client)        one span for each call of `create`, and in it one for each attempt

    create User                       INTERNAL   instructor.*                       the whole call
    ├── chat gpt-6-luna               CLIENT     gen_ai.*, server.*, error.type     an attempt, sent-again requests included
    └── chat gpt-6-luna
    metrics: gen_ai.client.operation.duration, gen_ai.client.token.usage, gen_ai.client.operation.time_to_first_chunk

Only attempts carry `gen_ai.*`, so that tokens are not counted twice. Neither media nor words of messages, answers or
errors are in them: an error is its class. Conventions: https://opentelemetry.io/docs/specs/semconv/gen-ai/ and
https://github.com/open-telemetry/semantic-conventions-genai (Nov 2026), whose newest, unreleased text is about to rename
the metrics to `gen_ai.client.inference.*`; the published names are used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import Token
from dataclasses import field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from .errors import MissingExtra
from .events import (
    Abandoned,
    AnswerBegan,
    Answered,
    AnswerInvalid,
    CacheHit,
    Completed,
    Event,
    Failed,
    RequestFailed,
    RequestSent,
    Started,
    UsageCounted,
)
from .ir import Usage
from .values import dataclass

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

PROVIDERS: Mapping[str, str] = {
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "openai-responses": "openai",
    "vertexai": "gcp.vertex_ai",
    "xai": "x_ai",
}
"""Ours → `gen_ai.provider.name`, where the two differ."""

OPERATIONS: Mapping[str, str] = {"gemini": "generate_content", "vertexai": "generate_content"}
"""Provider → `gen_ai.operation.name`, where it is not `chat`."""

FINISHES: Mapping[str, str] = {"tools": "tool_call", "filter": "content_filter"}
"""Ours → `gen_ai.response.finish_reasons`, where the two differ."""

HERE = frozenset({"embedded", "llamacpp"})
"""Providers whose models run in this process."""

PARAMETERS: Mapping[str, str] = {
    "temperature": "temperature",
    "top_p": "top_p",
    "p": "top_p",
    "topP": "top_p",
    "top_k": "top_k",
    "k": "top_k",
    "topK": "top_k",
    "max_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "maxOutputTokens": "max_tokens",
    "maxTokens": "max_tokens",
    "frequency_penalty": "frequency_penalty",
    "frequencyPenalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "presencePenalty": "presence_penalty",
    "seed": "seed",
    "random_seed": "seed",
}
"""Keys of requests → `gen_ai.request.*`. They are looked for at the top and in `NESTED`."""

NESTED = ("generationConfig", "inferenceConfig", "options", "extra_body")

DURATIONS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
"""Bucket boundaries of the histograms: the conventions'."""


class Client(Protocol):
    """What can be instrumented: a client of ours, or `Hooks`."""

    def on(self, name: type[Event], handler: Callable[[Any], Any]) -> None: ...


def instrument(
    client: Client, *, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
) -> Telemetry:
    """Make spans and metrics of this client's calls from now on. `client.off(Event, telemetry)` ends that.

    Args:
        client: a client, or `Hooks` that are passed to one or to a call.
        tracer_provider: where spans go; else the one that is set for the process.
        meter_provider: where metrics go; else likewise.

    Raises:
        MissingExtra: opentelemetry-api is not installed.
    """
    telemetry = Telemetry(tracer_provider, meter_provider)
    client.on(Event, telemetry)
    return telemetry


@dataclass(slots=True)
class _Call:
    """A call that is under way: its span, and that of its attempt."""

    span: Span
    server: Mapping[str, Any]
    token: Token[Context] | None
    attempt: Span | None = None
    attempt_token: Token[Context] | None = None
    sent: float = 0.0
    attributes: dict[str, Any] = field(default_factory=dict)
    resends: int = 0
    invalid: int = 0


class Telemetry:
    """A handler of all events. Spans are current while a call runs, so that what happens in it belongs to them; those of
    streams only until their answer begins, because afterwards the caller's own code runs between its pieces."""

    def __init__(self, tracer_provider: TracerProvider | None, meter_provider: MeterProvider | None) -> None:
        try:
            from opentelemetry import context, metrics, trace
        except ImportError as error:
            raise MissingExtra("opentelemetry-api", "otel", "trace calls") from error
        self._context, self._trace = context, trace
        self._tracer = trace.get_tracer("instructor", _version(), tracer_provider)
        meter = metrics.get_meter("instructor", _version(), meter_provider)
        self._duration = meter.create_histogram(
            "gen_ai.client.operation.duration",
            unit="s",
            description="GenAI operation duration.",
            explicit_bucket_boundaries_advisory=DURATIONS,
        )
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            unit="{token}",
            description="Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=TOKENS,
        )
        self._first = meter.create_histogram(
            "gen_ai.client.operation.time_to_first_chunk",
            unit="s",
            description="Time to receive the first chunk.",
            explicit_bucket_boundaries_advisory=DURATIONS,
        )
        self._calls: dict[str, _Call] = {}
        self._rows: Mapping[type[Event], Callable[[_Call, Any], None]] = {
            RequestSent: self._sent,
            AnswerBegan: self._began,
            Answered: self._answered,
            UsageCounted: self._counted,
            RequestFailed: self._request_failed,
            AnswerInvalid: self._invalid,
            CacheHit: self._cache_hit,
            Completed: self._completed,
            Failed: self._failed,
            Abandoned: self._abandoned,
        }

    def __call__(self, event: Event) -> None:
        if isinstance(event, Started):
            self._started(event)
            return
        row, call = self._rows.get(type(event)), self._calls.get(event.call)
        if row is not None and call is not None:
            row(call, event)

    # ── the call ─────────────────────────────────────────────────────────────────────────────────

    def _started(self, event: Started) -> None:
        attributes = {"instructor.call.id": event.call, "instructor.call.kind": event.kind}
        if event.wanted is not None:
            attributes["instructor.response_model"] = event.wanted
        span = self._tracer.start_span(f"{event.kind} {event.wanted or 'answer'}", attributes=attributes)
        token = self._enter(span) if event.kind == "create" else None
        self._calls[event.call] = _Call(span, _server(event.server), token)

    def _completed(self, call: _Call, event: Completed) -> None:
        if event.cost is not None:
            call.span.set_attribute("instructor.cost.usd", event.cost)
        self._end(call, event, None)

    def _failed(self, call: _Call, event: Failed) -> None:
        self._end(call, event, _kind(event.error))

    def _abandoned(self, call: _Call, event: Abandoned) -> None:
        call.span.set_attribute("instructor.abandoned", True)
        if call.attempt is not None and event.attempt == 1 and event.usage.total:
            self._usage(call, event.usage)
        self._end(call, event, None)

    def _cache_hit(self, call: _Call, event: CacheHit) -> None:
        call.span.set_attribute("instructor.cache.hit", True)

    def _invalid(self, call: _Call, event: AnswerInvalid) -> None:
        call.invalid += 1

    def _end(self, call: _Call, event: Event, error: str | None) -> None:
        self._end_attempt(call, event, error)
        call.span.set_attribute("instructor.attempts", event.attempt)
        if call.invalid:
            call.span.set_attribute("instructor.invalid_answers", call.invalid)
        self._fail(call.span, error)
        self._leave(call.token)
        call.span.end()
        del self._calls[event.call]

    # ── an attempt ───────────────────────────────────────────────────────────────────────────────

    def _sent(self, call: _Call, event: RequestSent) -> None:
        if call.attempt is not None and event.sending > 1:
            return
        operation = OPERATIONS.get(event.provider, "chat")
        call.attributes = {
            "gen_ai.operation.name": operation,
            "gen_ai.provider.name": PROVIDERS.get(event.provider, event.provider),
            "gen_ai.request.model": event.model,
            **call.server,
        }
        kind = self._trace.SpanKind.INTERNAL if event.provider in HERE else self._trace.SpanKind.CLIENT
        more = {"instructor.attempt": event.attempt, "instructor.mode": event.mode or "", **_parameters(event.wire)}
        if event.stream:
            more["gen_ai.request.stream"] = True
        span = self._tracer.start_span(
            f"{operation} {event.model}",
            context=self._trace.set_span_in_context(call.span),
            kind=kind,
            attributes={**call.attributes, **more},
        )
        call.attempt, call.sent, call.resends = span, event.elapsed, 0
        call.attempt_token = self._enter(span)

    def _began(self, call: _Call, event: AnswerBegan) -> None:
        self._leave_attempt(call)
        if call.attempt is not None:
            seconds = event.elapsed - call.sent
            call.attempt.set_attribute("gen_ai.response.time_to_first_chunk", seconds)
            self._first.record(seconds, call.attributes)

    def _answered(self, call: _Call, event: Answered) -> None:
        self._leave_attempt(call)
        if call.attempt is None:
            return
        reply = event.reply
        call.attempt.set_attribute("gen_ai.response.finish_reasons", [FINISHES.get(reply.finish, reply.finish)])
        if reply.id:
            call.attempt.set_attribute("gen_ai.response.id", reply.id)
        if reply.model:
            call.attempt.set_attribute("gen_ai.response.model", reply.model)
            call.attributes["gen_ai.response.model"] = reply.model

    def _counted(self, call: _Call, event: UsageCounted) -> None:
        self._usage(call, event.usage)
        self._end_attempt(call, event, None)

    def _usage(self, call: _Call, usage: Usage) -> None:
        # the conventions want what is charged, where a provider tells that beside what was used
        charged = {"input": usage.input - usage.free_input, "output": usage.output - usage.free_output}
        for kind, count in charged.items() if usage.total else ():
            self._tokens.record(count, {**call.attributes, "gen_ai.token.type": kind})
        if call.attempt is None or not usage.total:
            return
        for name, count in charged.items():
            call.attempt.set_attribute(f"gen_ai.usage.{name}_tokens", count)
        for name, count in (
            ("cache_read.input_tokens", usage.cache_read),
            ("cache_creation.input_tokens", usage.cache_write),
            ("reasoning.output_tokens", usage.reasoning),
            ("audio.input_tokens", usage.audio),
        ):
            if count:
                call.attempt.set_attribute(f"gen_ai.usage.{name}", count)

    def _request_failed(self, call: _Call, event: RequestFailed) -> None:
        if event.again:
            call.resends += 1
            return
        self._end_attempt(call, event, _kind(event.error))

    def _end_attempt(self, call: _Call, event: Event, error: str | None) -> None:
        span, call.attempt = call.attempt, None
        self._leave_attempt(call)
        if span is None:
            return
        if call.resends:
            span.set_attribute("instructor.resends", call.resends)
        self._fail(span, error)
        span.end()
        failed = {} if error is None else {"error.type": error}
        self._duration.record(event.elapsed - call.sent, {**call.attributes, **failed})

    # ── spans ────────────────────────────────────────────────────────────────────────────────────

    def _fail(self, span: Span, error: str | None) -> None:
        if error is not None:  # without its words: they may repeat what the model was told, or said
            span.set_attribute("error.type", error)
            span.set_status(self._trace.StatusCode.ERROR)

    def _enter(self, span: Span) -> Token[Context]:
        return self._context.attach(self._trace.set_span_in_context(span))

    def _leave_attempt(self, call: _Call) -> None:
        token, call.attempt_token = call.attempt_token, None
        self._leave(token)

    def _leave(self, token: Token[Context] | None) -> None:
        if token is not None:
            self._context.detach(token)


def _version() -> str:
    try:
        return version("instructor-multimodal")
    except PackageNotFoundError:
        return ""


def _kind(error: Exception) -> str:
    return type(error).__name__


def _server(address: str | None) -> Mapping[str, Any]:
    parts = urlsplit(address or "")
    if not parts.hostname:
        return {}
    return {"server.address": parts.hostname, "server.port": parts.port or (80 if parts.scheme == "http" else 443)}


def _parameters(wire: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for level in (wire, *(wire.get(name) for name in NESTED)):
        if not isinstance(level, Mapping):
            continue
        for key, name in PARAMETERS.items():
            value = level.get(key)
            if isinstance(value, int | float) and not isinstance(value, bool):
                found[f"gen_ai.request.{name}"] = value
    return found
