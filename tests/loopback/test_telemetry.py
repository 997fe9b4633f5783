"""OpenTelemetry: spans and metrics of calls through a real SDK of theirs, kept in memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import instructor
from instructor.cache import MemoryCache
from instructor.errors import InstructorError
from instructor.events import Event
from instructor.telemetry import instrument
from instructor.testing import Loopback
from tests.loopback.conftest import picture
from tests.loopback.ways import JASON, User, Way, settled

WAYS = [
    Way(dialect, sdk, later) for dialect in ("openai", "anthropic") for sdk in (True, False) for later in (True, False)
]
each_way = pytest.mark.parametrize("way", WAYS, ids=str)


class Lens:
    """What was exported."""

    def __init__(self) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.traces, self.meters = TracerProvider(), MeterProvider([self.reader])
        self.traces.add_span_processor(SimpleSpanProcessor(self.exporter))

    def on(self, client: Any) -> Any:
        return instrument(client, tracer_provider=self.traces, meter_provider=self.meters)

    @property
    def spans(self) -> list[ReadableSpan]:
        """In the order in which they began."""
        return sorted(self.exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    @property
    def metrics(self) -> dict[str, list[Any]]:
        data = self.reader.get_metrics_data()
        found = data.resource_metrics[0].scope_metrics[0].metrics if data else []
        return {metric.name: list(metric.data.data_points) for metric in found}

    def words(self) -> str:
        return " ".join(span.to_json() for span in self.spans) + repr(self.metrics)


@pytest.fixture
def lens() -> Iterator[Lens]:
    made = Lens()
    yield made
    made.traces.shutdown()
    made.meters.shutdown()


@each_way
async def test_spans_and_metrics_of_a_call(way: Way, server: Loopback, lens: Lens) -> None:
    server.reply({"name": "Jason"}).reply(JASON)
    async with way.open() as client:
        lens.on(client)
        with lens.traces.get_tracer("mine").start_as_current_span("mine"):
            await settled(client.create(User, "Jason is 20", temperature=0.5, max_tokens=99))
    mine, call, first, second = lens.spans
    assert [span.name for span in (call, first, second)] == ["create User", *[f"chat {way.model}"] * 2]
    assert (call.kind, first.kind) == (SpanKind.INTERNAL, SpanKind.CLIENT)
    assert _above(call) == _own(mine)
    for attempt in (first, second):
        assert _above(attempt) == _own(call)
        found = dict(attempt.attributes or {})
        assert found["gen_ai.operation.name"] == "chat"
        assert found["gen_ai.provider.name"] == way.dialect
        assert found["gen_ai.request.model"] == way.model
        assert found["gen_ai.response.model"]
        assert found["gen_ai.response.id"]
        assert found["gen_ai.response.finish_reasons"] == ("stop",)
        assert (found["gen_ai.request.temperature"], found["gen_ai.request.max_tokens"]) == (0.5, 99)
        assert found["gen_ai.usage.input_tokens"] > 0
        assert found["server.address"] == "127.0.0.1"
        assert found["server.port"] == int(server.url.rpartition(":")[2])
        assert "error.type" not in found
    outer = dict(call.attributes or {})
    assert (outer["instructor.attempts"], outer["instructor.invalid_answers"]) == (2, 1)
    assert outer["instructor.cost.usd"] == client.usage.snapshot().usd
    assert not any(name.startswith("gen_ai.") for name in outer)

    metrics = lens.metrics
    (duration,) = metrics["gen_ai.client.operation.duration"]
    assert duration.count == 2
    tokens = {point.attributes["gen_ai.token.type"]: point.sum for point in metrics["gen_ai.client.token.usage"]}
    usage = client.usage.snapshot().usage
    assert tokens == {"input": usage.input, "output": usage.output}


@each_way
async def test_a_stream(way: Way, server: Loopback, lens: Lens) -> None:
    server.reply(JASON)
    current: list[Any] = []
    async with way.open() as client:
        lens.on(client)
        with lens.traces.get_tracer("mine").start_as_current_span("mine") as mine:
            stream = client.create_partial(User, "Jason is 20")
            if way.asynchronous:
                current += [trace.get_current_span() async for _ in stream]
            else:
                current += [trace.get_current_span() for _ in stream]
    assert current
    assert all(span is mine for span in current)  # the caller's code is no part of the call
    _, call, attempt = lens.spans
    assert (call.name, attempt.name) == ("partial User", f"chat {way.model}")
    found = dict(attempt.attributes or {})
    assert found["gen_ai.request.stream"] is True
    assert found["gen_ai.response.time_to_first_chunk"] > 0
    assert found["gen_ai.usage.output_tokens"] > 0
    assert lens.metrics["gen_ai.client.operation.time_to_first_chunk"][0].count == 1


@each_way
async def test_a_stream_that_is_closed(way: Way, server: Loopback, lens: Lens) -> None:
    server.reply({"name": "x" * 200, "age": 20})
    async with way.open() as client:
        telemetry = lens.on(client)
        stream = client.create_partial(User, "Jason is 20")
        if way.asynchronous:
            await anext(stream)
            await stream.aclose()
        else:
            next(stream)
            stream.close()
        assert telemetry._calls == {}
    call, attempt = lens.spans
    assert (call.attributes or {})["instructor.abandoned"] is True
    assert ("gen_ai.usage.input_tokens" in (attempt.attributes or {})) is (way.dialect == "anthropic")


@each_way
async def test_failures(way: Way, server: Loopback, lens: Lens) -> None:
    server.fail(429, headers={"retry-after": "9999"}, message="the secret words")
    async with way.open() as client:
        lens.on(client)
        with pytest.raises(InstructorError):
            await settled(client.create(User, "Jason is 20"))
    for span in lens.spans:
        assert (span.attributes or {})["error.type"] == "RateLimited"
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description is None
        assert not span.events
    (duration,) = lens.metrics["gen_ai.client.operation.duration"]
    assert duration.attributes["error.type"] == "RateLimited"
    assert "secret words" not in lens.words()


async def test_requests_that_are_sent_again_are_one_attempt(server: Loopback, lens: Lens) -> None:
    server.fail(500, headers={"retry-after": "0"}).reply(JASON)
    async with Way("openai", False, False).open() as client:
        lens.on(client)
        client.create(User, "Jason is 20")
    call, attempt = lens.spans
    assert (attempt.attributes or {})["instructor.resends"] == 1
    assert call.status.status_code is StatusCode.UNSET


async def test_a_cache_hit_asks_nobody(server: Loopback, lens: Lens) -> None:
    server.reply(JASON)
    async with Way("openai", False, False).open(cache=MemoryCache()) as client:
        client.create(User, "Jason is 20")
        lens.on(client)
        client.create(User, "Jason is 20")
    (call,) = lens.spans
    assert (call.attributes or {})["instructor.cache.hit"] is True


@each_way
async def test_neither_media_nor_words_are_in_spans(way: Way, server: Loopback, lens: Lens) -> None:
    server.reply({"name": "Wohlgemuth"}).reply({"name": "Wohlgemuth", "age": 20})
    async with way.open() as client:
        lens.on(client)
        await settled(client.create(User, ["unspeakable", instructor.Image.from_bytes(picture())]))
    words = lens.words()
    assert "Wohlgemuth" not in words
    assert "unspeakable" not in words
    assert "image" not in words


async def test_contexts_of_tasks_side_by_side(server: Loopback, lens: Lens, caplog: pytest.LogCaptureFixture) -> None:
    tracer = lens.traces.get_tracer("mine")
    for _ in range(12):
        server.delay(0.02).reply(JASON)
    async with Way("openai", False, True).open() as client:
        lens.on(client)

        async def one(number: int) -> None:
            with tracer.start_as_current_span(f"mine {number}"):
                await client.create(User, f"number {number}")
                assert trace.get_current_span().get_span_context().span_id == _id(f"mine {number}", lens, trace)

        with caplog.at_level(logging.WARNING):
            await asyncio.gather(*(one(i) for i in range(12)))
    assert "context" not in caplog.text.lower()
    spans = lens.spans
    parents = {span.context.span_id: span for span in spans if span.context is not None}
    calls = [span for span in spans if span.name == "create User"]
    assert len(calls) == 12
    above = sorted(parents[span.parent.span_id].name for span in calls if span.parent is not None)
    assert above == sorted(f"mine {i}" for i in range(12))
    assert not trace.get_current_span().get_span_context().is_valid


def _own(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.span_id


def _above(span: ReadableSpan) -> int:
    assert span.parent is not None
    return span.parent.span_id


def _id(name: str, lens: Lens, module: Any) -> int:
    """The id of the current span, which has this name."""
    span = module.get_current_span()
    assert span.name == name
    number: int = span.get_span_context().span_id
    return number


async def test_a_cancelled_task_leaves_no_span_behind(server: Loopback, lens: Lens) -> None:
    server.delay(5).reply(JASON)
    async with Way("openai", False, True).open() as client:
        telemetry = lens.on(client)
        task = asyncio.create_task(client.create(User, "Jason is 20"))
        for _ in range(500):
            if any(call.attempt is not None for call in telemetry._calls.values()):
                break
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert telemetry._calls == {}
    assert len(lens.spans) == 2


async def test_what_a_call_calls_belongs_to_it(server: Loopback, lens: Lens) -> None:
    """A handler, a validator or an instrumented HTTP client finds the span of the attempt, or of the call."""
    seen: list[str] = []
    server.reply(JASON)
    async with Way("openai", False, True).open() as client:
        lens.on(client)
        client.on("completion:kwargs", lambda **wire: None)
        client.on("event", lambda event: seen.append(f"{event.name} {getattr(trace.get_current_span(), 'name', '')}"))
        await client.create(User, "Jason is 20")
    assert "completion:start create User" not in seen  # the name's handlers come before the class's
    assert seen[-1] == "completion:end create User"


async def test_switched_on_and_off(server: Loopback, lens: Lens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: lens.traces)
    async with Way("openai", False, False).open(telemetry=True) as client:
        client.create(User, "Jason is 20")
        assert len(lens.spans) == 2
        (telemetry,) = client.hooks.handlers(Event)
        client.off(Event, telemetry)
        client.create(User, "Jason is 20")
    assert len(lens.spans) == 2
