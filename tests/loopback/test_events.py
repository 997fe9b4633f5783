"""What handlers are told, in order, for each course that a call can take."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import pickle
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import pytest
from PIL import Image as Pillow

import instructor
from instructor import Hooks, Image
from instructor.cache import MemoryCache
from instructor.errors import InstructorRetryException, ServerError
from instructor.events import (
    EVENTS,
    Abandoned,
    AnswerBegan,
    Answered,
    AnswerInvalid,
    CacheHit,
    Completed,
    Event,
    Failed,
    GaveUp,
    MediaFitted,
    RequestFailed,
    RequestSent,
    Retrying,
    Started,
    UsageCounted,
)
from instructor.testing import Loopback
from tests.loopback.ways import JASON, User, Way, settled

WAYS = [
    Way(dialect, sdk, later) for dialect in ("openai", "anthropic") for sdk in (True, False) for later in (True, False)
]
OWN = [way for way in WAYS if not way.sdk]
ROUND: list[type[Event]] = [RequestSent, Answered, UsageCounted]
STREAMED: list[type[Event]] = [RequestSent, AnswerBegan, Answered, UsageCounted]

each_way = pytest.mark.parametrize("way", WAYS, ids=str)
each_own = pytest.mark.parametrize("way", OWN, ids=str)


class Ear:
    """Remembers what it hears."""

    def __init__(self, client: Any) -> None:
        self.heard: list[Any] = []
        client.on(Event, self.heard.append)

    @property
    def kinds(self) -> Sequence[type[Event]]:
        return [type(event) for event in self.heard]

    async def until(self, kind: type[Event]) -> None:
        """Wait for one of this kind."""
        for _ in range(500):
            if kind in self.kinds:
                return
            await asyncio.sleep(0.01)

    def of(self, kind: type[Event]) -> Any:
        """The only one of this kind."""
        (found,) = [event for event in self.heard if type(event) is kind]
        return found


async def drained(stream: Any) -> list[Any]:
    return [item async for item in stream] if hasattr(stream, "__aiter__") else list(stream)


@each_way
async def test_success(way: Way, server: Loopback) -> None:
    server.reply(JASON)
    async with way.open() as client:
        ear = Ear(client)
        await settled(client.create(User, "Jason is 20"))
    assert ear.kinds == [Started, *ROUND, Completed]
    assert len({event.call for event in ear.heard}) == 1
    assert {(event.provider, event.model) for event in ear.heard} == {(way.dialect, way.model)}
    sent, counted, done = ear.of(RequestSent), ear.of(UsageCounted), ear.of(Completed)
    assert (sent.attempt, sent.attempts, sent.sending, sent.stream) == (1, 3, 1, False)
    assert sent.mode == done.mode == "JSON_SCHEMA"
    assert sent.wire["model"] == way.model
    assert [event.elapsed for event in ear.heard] == sorted(event.elapsed for event in ear.heard)
    assert done.elapsed > 0
    assert ear.of(Answered).reply.usage == counted.usage == counted.total == done.usage
    assert counted.usage.total > 0
    assert counted.cost == done.cost > 0
    started = ear.of(Started)
    assert (started.kind, started.wanted) == ("create", "User")
    assert started.server.startswith("http://127.0.0.1:")


@each_way
async def test_invalid_then_valid(way: Way, server: Loopback) -> None:
    server.reply({"name": "Jason"}).reply(JASON)
    async with way.open() as client:
        ear = Ear(client)
        await settled(client.create(User, "Jason is 20"))
    assert ear.kinds == [Started, *ROUND, AnswerInvalid, Retrying, *ROUND, Completed]
    invalid = ear.of(AnswerInvalid)
    assert invalid.problems == ("Field required @ $.age",)
    assert (invalid.attempt, ear.of(Retrying).resend) == (1, False)
    assert [event.attempt for event in ear.heard if type(event) is Answered] == [1, 2]
    first, second = (event for event in ear.heard if type(event) is UsageCounted)
    assert second.total == first.usage + second.usage == ear.of(Completed).usage
    assert second.total_cost == pytest.approx(first.cost + second.cost)
    spent = client.usage.snapshot()
    assert (spent.calls, spent.attempts, spent.answers, spent.failures) == (1, 2, 2, 0)
    assert (spent.usage, spent.usd) == (second.total, pytest.approx(second.total_cost))
    assert list(spent.models) == [f"{way.dialect}/{way.model}"]


@each_own
async def test_a_failed_request_is_sent_again(way: Way, server: Loopback) -> None:
    server.fail(500, headers={"retry-after": "0"}).reply(JASON)
    async with way.open() as client:
        ear = Ear(client)
        old: list[str] = []
        client.on("completion:kwargs", lambda **wire: old.append("kwargs"))
        client.on("completion:error", lambda error: old.append("error"))
        await settled(client.create(User, "Jason is 20"))
    assert ear.kinds == [Started, RequestSent, RequestFailed, Retrying, *ROUND, Completed]
    failed, retrying = ear.of(RequestFailed), ear.of(Retrying)
    assert failed.again
    assert isinstance(failed.error, ServerError)
    assert (retrying.resend, retrying.wait) == (True, 0.0)
    assert [(event.attempt, event.sending) for event in ear.heard if type(event) is RequestSent] == [(1, 1), (1, 2)]
    assert old == ["kwargs"]  # once for each attempt, and not an error that nobody sees
    spent = client.usage.snapshot()
    assert (spent.attempts, spent.answers) == (2, 1)


@each_way
async def test_a_provider_that_fails(way: Way, server: Loopback) -> None:
    server.fail(400)
    async with way.open() as client:
        ear = Ear(client)
        with pytest.raises(instructor.InstructorError) as caught:
            await settled(client.create(User, "Jason is 20"))
    assert ear.kinds == [Started, RequestSent, RequestFailed, Failed]
    assert ear.of(Failed).error is caught.value is ear.of(RequestFailed).error
    assert client.usage.snapshot().failures == 1


@each_way
async def test_never_valid(way: Way, server: Loopback) -> None:
    for _ in range(2):
        server.reply({"name": "Jason"})
    async with way.open() as client:
        ear = Ear(client)
        with pytest.raises(InstructorRetryException) as caught:
            await settled(client.create(User, "Jason is 20", max_retries=1))
    assert ear.kinds == [Started, *ROUND, AnswerInvalid, Retrying, *ROUND, AnswerInvalid, GaveUp, Failed]
    failed = ear.of(Failed)
    assert failed.usage == caught.value.total_usage == client.usage.snapshot().usage
    assert failed.cost == caught.value.total_cost > 0
    assert pickle.loads(pickle.dumps(caught.value)).total_cost == failed.cost


@each_way
@pytest.mark.parametrize("kind", ["partial", "iterable"])
async def test_streams(way: Way, kind: str, server: Loopback) -> None:
    async with way.open() as client:
        ear = Ear(client)
        made = client.create_partial if kind == "partial" else client.create_iterable
        await drained(made(User, "Jason is 20"))
    assert ear.kinds == [Started, *STREAMED, Completed]
    assert ear.of(Started).kind == kind
    assert ear.of(RequestSent).stream
    assert ear.of(UsageCounted).usage.total > 0
    assert ear.of(Completed).usage == client.usage.snapshot().usage == ear.of(Answered).reply.usage


@each_way
async def test_a_stream_that_is_asked_for_again(way: Way, server: Loopback) -> None:
    server.say("nothing").reply(JASON)
    async with way.open() as client:
        ear = Ear(client)
        await drained(client.create_partial(User, "Jason is 20", mode=instructor.Mode.MD_JSON))
    assert ear.kinds == [Started, *STREAMED, AnswerInvalid, Retrying, *STREAMED, Completed]


@each_way
async def test_a_stream_that_its_reader_closes(way: Way, server: Loopback) -> None:
    server.reply({"name": "x" * 200, "age": 20})
    async with way.open() as client:
        ear = Ear(client)
        stream = client.create_partial(User, "Jason is 20")
        if way.asynchronous:
            await anext(stream)
            await stream.aclose()
        else:
            next(stream)
            stream.close()
    assert ear.kinds == [Started, RequestSent, AnswerBegan, Abandoned]
    # Anthropic counts the input with the first event
    assert (ear.of(Abandoned).usage.input > 0) is (way.dialect == "anthropic")
    assert client.usage.snapshot().usage == ear.of(Abandoned).usage


async def test_a_task_that_is_cancelled(server: Loopback) -> None:
    server.delay(5).reply(JASON)
    async with Way("openai", False, True).open() as client:
        ear = Ear(client)
        task = asyncio.create_task(client.create(User, "Jason is 20"))
        await ear.until(RequestSent)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert ear.kinds == [Started, RequestSent, Abandoned]


@each_way
async def test_a_cache_hit(way: Way, server: Loopback) -> None:
    server.reply(JASON)
    async with way.open(cache=MemoryCache()) as client:
        await settled(client.create(User, "Jason is 20"))
        asked = client.usage.snapshot()
        ear = Ear(client)
        await settled(client.create(User, "Jason is 20"))
        assert ear.kinds == [Started, CacheHit, Completed]
        done = ear.of(Completed)
        assert (done.cached, done.usage.total, done.cost) == (True, 0, 0.0)
        await drained(client.create_partial(User, "Jason is 20"))
    spent = client.usage.snapshot()
    assert (spent.calls, spent.cache_hits) == (3, 2)
    assert (spent.usage, spent.usd, spent.attempts) == (asked.usage, asked.usd, 1)


@each_way
async def test_handlers_that_fail_break_nothing(way: Way, server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("sk-secret")

    server.reply({"name": "Jason"}).reply(JASON)
    async with way.open(hooks=Hooks(dict.fromkeys(EVENTS, fail))) as client:
        ear = Ear(client)
        with caplog.at_level(logging.WARNING, logger="instructor"):
            assert await settled(client.create(User, "Jason is 20")) == User(**JASON)
    assert len(caplog.records) == len(ear.heard) == 10
    assert "fail" in caplog.text
    assert "sk-secret" not in caplog.text


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_ways_to_listen(asynchronous: bool, server: Loopback) -> None:
    heard: list[str] = []

    async def later(event: Event) -> None:
        await asyncio.sleep(0)
        heard.append(f"later {event.name}")

    def now(event: Event) -> None:
        heard.append(event.name)

    server.reply(JASON).reply(JASON).reply(JASON)
    async with Way("openai", False, asynchronous).open() as client:
        client.on("event", now)
        client.on("completion:end", now)
        client.on("completion:usage", lambda usage: heard.append(f"{type(usage).__name__}"))
        mine = Hooks({Completed: later if asynchronous else now})
        await settled(client.create(User, "a", hooks=mine))
        names = [event.name for event in (Started, RequestSent, Answered)]
        ends = ["completion:end", "later completion:end" if asynchronous else "completion:end", "completion:end"]
        assert heard == [*names, "Usage", "completion:usage", *ends]
        client.off("event", now)
        client.clear("completion:usage")
        client.clear("completion:end")
        heard.clear()
        await settled(client.create(User, "b"))
        assert heard == []


@each_own
async def test_media_are_named_and_never_held(way: Way, server: Loopback) -> None:
    stream = io.BytesIO()
    Pillow.effect_noise((64, 64), 90).save(stream, "TIFF")
    picture = Image.from_bytes(stream.getvalue())
    server.reply(JASON)
    async with way.open() as client:
        ear = Ear(client)
        old: list[Any] = []
        client.on("media:fitted", lambda fitted, where: old.append((fitted, where)))
        client.on("completion:kwargs", lambda **wire: old.append(wire))
        await settled(client.create(User, ["Who?", picture]))
    assert ear.kinds == [Started, MediaFitted, *ROUND, Completed]
    fitted = ear.of(MediaFitted)
    assert (fitted.where, fitted.fitted) == ("messages[0].content[1]", None)
    assert fitted.media[0].startswith("Image(image/")
    assert "re-encoded" in str(fitted.changes[0])
    given, where = old[0]
    assert isinstance(given.media[0], Image)
    assert where == fitted.where
    body = json.dumps(server.requests[0].json)
    (encoded,) = {text for text in _texts(server.requests[0].json) if len(text) > 2000}
    assert encoded[-200:] in body
    for event in ear.heard:
        spoken = repr([getattr(event, row.name) for row in fields(event)])
        assert encoded[-200:] not in spoken
        pickle.dumps(event.wire if isinstance(event, RequestSent) else event.call)
    shown = json.dumps(ear.of(RequestSent).wire)
    assert "<image/" in shown
    assert len(shown) < 3000


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _texts(one)]


async def test_calls_side_by_side_are_told_apart(server: Loopback) -> None:
    for _ in range(20):
        server.reply(JASON)
    async with Way("openai", False, True).open() as client:
        ear = Ear(client)
        await asyncio.gather(*(client.create(User, f"number {i}") for i in range(20)))
    calls = {event.call for event in ear.heard}
    assert len(calls) == 20
    for call in calls:
        assert [type(event) for event in ear.heard if event.call == call] == [Started, *ROUND, Completed]
    spent = client.usage.snapshot()
    assert (spent.calls, spent.answers) == (20, 20)
    assert spent.usage == sum((e.usage for e in ear.heard if type(e) is Completed), start=type(spent.usage)())


async def test_waits_are_told_before_they_are_waited(server: Loopback) -> None:
    server.fail(429, headers={"retry-after": "0.05"}).reply(JASON)
    async with Way("openai", False, False).open() as client:
        ear = Ear(client)
        client.create(User, "Jason is 20")
    assert ear.of(Retrying).wait == pytest.approx(0.05)
