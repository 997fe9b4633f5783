"""Objects while they arrive, through all eight ways, over real server-sent events."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

import instructor
from instructor import Mode
from instructor.errors import (
    ConnectionFailed,
    IncompleteOutputException,
    InstructorRetryException,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    RefusalError,
)
from instructor.retry import Backoff
from instructor.testing import Loopback

from .ways import JASON, User, Way, settled

WAYS = [Way(dialect, sdk, a) for dialect in ("openai", "anthropic") for sdk in (True, False) for a in (False, True)]
EACH_WAY = pytest.mark.parametrize("way", WAYS, ids=str)


class Line(BaseModel):
    text: str
    price: float


class Bill(BaseModel):
    shop: str
    lines: list[Line]
    total: float


BILL = {
    "shop": "Maple & Rye",
    "lines": [{"text": f"line {i}", "price": i + 0.5} for i in range(20)],
    "total": 210.0,
}


class Adult(BaseModel):
    name: str
    age: int

    @field_validator("age")
    @classmethod
    def grown(cls, age: int) -> int:
        if age < 18:
            raise ValueError("must be grown up")
        return age


async def collected(stream: Any, into: list[Any] | None = None) -> list[Any]:
    got = [] if into is None else into
    step = stream.__anext__ if hasattr(stream, "__anext__") else stream.__next__
    with suppress(StopIteration, StopAsyncIteration):
        while True:
            got.append(await settled(step()))
    return got


@EACH_WAY
@pytest.mark.parametrize("mode", [None, Mode.TOOLS, Mode.MD_JSON])
async def test_partial_grows_to_what_create_gives(way: Way, mode: Mode | None, server: Loopback) -> None:
    server.reply(BILL).reply(BILL)
    async with way.open(mode=mode) as client:
        whole = await settled(client.create(Bill, "Read."))
        snapshots = await collected(client.create_partial(Bill, "Read."))
    assert server.requests[1].json["stream"] is True
    assert snapshots[-1] == whole == Bill.model_validate(BILL)
    assert len(snapshots) > 20
    first = next(snapshot for snapshot in snapshots if snapshot.shop)
    assert BILL["shop"].startswith(first.shop)  # type: ignore[attr-defined]
    assert first.total is None
    counts = [len(snapshot.lines or []) for snapshot in snapshots]
    assert counts == sorted(counts)
    assert counts[-1] == 20


@EACH_WAY
@pytest.mark.parametrize("mode", [None, Mode.TOOLS])
async def test_iterable_gives_each_element_as_it_closes(way: Way, mode: Mode | None, server: Loopback) -> None:
    people = [{"name": f"Person {i}", "age": 20 + i} for i in range(5)]
    server.reply({"content": people})
    async with way.open(mode=mode) as client:
        got = await collected(client.create_iterable(User, "List them."))
    assert got == [User(name=one["name"], age=one["age"]) for one in people]  # type: ignore[arg-type]


@EACH_WAY
async def test_the_first_snapshot_comes_before_the_last_byte(way: Way, server: Loopback) -> None:
    server.drip(200, 0.02).reply(BILL)
    async with way.open() as client:
        stream = client.create_partial(Bill, "Read.")
        first = await anext(stream) if way.asynchronous else next(stream)
        assert first != Bill.model_validate(BILL)
        await (stream.aclose() if way.asynchronous else asyncio.to_thread(stream.close))


@EACH_WAY
async def test_stream_true_is_accepted_by_create(way: Way, server: Loopback) -> None:
    server.reply(JASON).reply({"content": [JASON]}).reply(JASON)
    async with way.open() as client:
        partial = await collected(await settled(client.create(instructor.Partial[User], "x", stream=True)))
        elements = await collected(await settled(client.create(Iterable[User], "x", stream=True)))
        plain = await collected(await settled(client.create(User, "x", stream=True)))
    assert partial[-1] == plain[-1] == elements[0] == User(**JASON)


@EACH_WAY
async def test_an_answer_of_which_nothing_was_handed_over_is_asked_for_again(way: Way, server: Loopback) -> None:
    server.reply({"content": [{"name": "Kid", "age": 3}]}).reply({"content": [{"name": "Ann", "age": 30}]})
    async with way.open() as client:
        got = await collected(client.create_iterable(Adult, "x"))
    assert got == [Adult(name="Ann", age=30)]
    assert "must be grown up" in server.requests[1].body.decode()


@EACH_WAY
async def test_what_was_handed_over_cannot_be_taken_back(way: Way, server: Loopback) -> None:
    server.reply({"content": [{"name": "Ann", "age": 30}, {"name": "Kid", "age": 3}]})
    async with way.open() as client:
        got: list[Any] = []
        with pytest.raises(InstructorRetryException, match="must be grown up") as caught:
            await collected(client.create_iterable(Adult, "x"), got)
    assert got == [Adult(name="Ann", age=30)]
    assert caught.value.n_attempts == 1
    assert len(server.requests) == 1


@EACH_WAY
@pytest.mark.parametrize(
    ("script", "error"),
    [
        (lambda server: server.truncate('{"name": "Ja'), IncompleteOutputException),
        (lambda server: server.refuse("I will not"), RefusalError),
        (lambda server: server.fail(429), RateLimited),
        (lambda server: server.fail(500, after_events=2).reply(JASON), ProviderError),
        (lambda server: server.cut(300).reply(BILL), ConnectionFailed),
        (lambda server: server.raw(200, "<html>", content_type="text/html"), ProviderError),
    ],
    ids=["truncated", "refused", "429", "error event", "cut", "html"],
)
async def test_faults(way: Way, script: Any, error: type[Exception], server: Loopback) -> None:
    for _ in range(3):
        script(server)
    async with way.open() as client:
        client._backoff = Backoff.NEVER
        with pytest.raises(error):
            await collected(client.create_partial(User, "x", max_retries=0))


@EACH_WAY
async def test_the_deadline_holds_while_a_reply_drips(way: Way, server: Loopback) -> None:
    server.drip(20, 0.05).reply(BILL)
    async with way.open() as client:
        with pytest.raises(ProviderTimeout):
            await collected(client.create_partial(Bill, "x", timeout=0.5))


@EACH_WAY
async def test_closing_early_closes_the_connection(way: Way, server: Loopback) -> None:
    before = set(threading.enumerate())
    server.drip(100, 0.01).reply(BILL).reply(JASON)
    async with way.open() as client:
        stream = client.create_partial(Bill, "x")
        if way.asynchronous:
            await anext(stream)
            await stream.aclose()
        else:
            next(stream)
            stream.close()
        assert await settled(client.create(User, "x")) == User(**JASON)
    assert not [each for each in threading.enumerate() if each.name == "instructor-call" and each not in before]


async def test_cancellation_is_clean(server: Loopback) -> None:
    server.drip(50, 0.05).reply(BILL)
    async with Way("openai", False, True).open() as client:
        task = asyncio.create_task(collected(client.create_partial(Bill, "x")))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def test_the_embedded_reader_streams_its_one_answer() -> None:
    client = instructor.from_provider("embedded")
    assert list(client.create_partial(User, "Jason is 20 years old"))[-1] == User(**JASON)
    assert list(client.create_iterable(User, "Jason is 20 years old. Ann is 31 years old.")) == [
        User(name="Jason", age=20),
        User(name="Ann", age=31),
    ]


async def test_hooks_are_told(server: Loopback) -> None:
    server.reply(JASON)
    seen: list[str] = []
    client = Way("openai", False, False).client()
    client.on("completion:kwargs", lambda **wire: seen.append(f"kwargs {wire['stream']}"))
    client.on("completion:response", lambda reply: seen.append(f"{reply.finish} {reply.usage.output > 0}"))
    list(client.create_partial(User, "x"))
    client.close()
    assert seen == ["kwargs True", "stop True"]


@pytest.mark.parametrize("way", [way for way in WAYS if way.dialect == "anthropic"], ids=str)
async def test_reasoning_goes_back_with_its_signature(way: Way, server: Loopback) -> None:
    server.reply({"content": [{"name": "Jason"}]}, thinking="Who can that be?")
    server.reply({"content": [{"name": "Jason", "age": 20}]})
    async with way.open() as client:
        stream = client.create_iterable(User, "Who?")
        people = [one async for one in stream] if way.asynchronous else list(stream)
    assert people
    said = server.requests[-1].json["messages"][-2]["content"]
    assert said[0] == {"type": "thinking", "thinking": "Who can that be?", "signature": "bG9vcGJhY2s="}
