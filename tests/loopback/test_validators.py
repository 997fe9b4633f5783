"""Validators that wait for something, in calls of both kinds of client: awaited ones, and those that call out."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel

import instructor
from instructor import async_field_validator, async_model_validator, calls_out, llm_validator
from instructor.errors import AuthenticationError, InstructorRetryException, ProviderTimeout
from instructor.testing import Loopback

from .test_streaming import collected
from .ways import Way, settled

BOTH = [Way("openai", False, False), Way("openai", False, True)]
both = pytest.mark.parametrize("way", BOTH, ids=str)

running = 0
most = 0


class Item(BaseModel):
    sku: str

    @async_field_validator("sku")
    @classmethod
    async def known(cls, sku: str, info: Any) -> str:
        global running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(info.context.get("wait", 0.0))
        running -= 1
        if sku == "X-0":
            raise ValueError("no such sku")
        return sku.lower()


class Order(BaseModel):
    items: list[Item]

    @async_model_validator()
    async def some(self) -> None:
        if not self.items:
            raise ValueError("nothing was ordered")


def order(*skus: str) -> dict[str, Any]:
    return {"items": [{"sku": sku} for sku in skus]}


@both
async def test_the_model_is_told_where_it_was_wrong(way: Way, server: Loopback) -> None:
    server.reply(order("A-1", "X-0")).reply(order()).reply(order("A-1"))
    assert await way.create(Order, "x") == Order(items=[Item(sku="a-1")])
    told = [request.json["messages"][-1]["content"].splitlines()[-1] for request in server.requests[1:]]
    assert told == [
        'no such sku (got "X-0") @ $.items[1].sku',
        "nothing was ordered (got an object with the keys items) @ $",
    ]


@both
async def test_they_are_awaited_side_by_side_but_not_all(way: Way, server: Loopback) -> None:
    global most
    most = 0
    server.reply(order(*map(str, range(40))))
    assert len((await way.create(Order, "x", context={"wait": 0.02})).items) == 40
    assert 4 < most <= 16


@both
async def test_elements_of_a_stream_are_handed_over_when_they_are_accepted(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        server.reply({"content": [{"sku": "X-0"}]}).reply({"content": [{"sku": "A"}, {"sku": "X-0"}]})
        got: list[Any] = []
        wrong = r"no such sku \(got \"X-0\"\) @ \$.content\[1\].sku"
        with pytest.raises(InstructorRetryException, match=wrong) as caught:
            await collected(client.create_iterable(Item, "x"), got)
        assert got == [Item(sku="a")]
        assert caught.value.n_attempts == 2
        assert "$.content[0].sku" in server.requests[1].body.decode()


@both
async def test_the_last_of_growing_objects_is_what_create_gives(way: Way, server: Loopback) -> None:
    server.reply(order("A", "B")).reply(order("A", "B"))
    async with way.open() as client:
        whole = await settled(client.create(Order, "x"))
        stream = client.create_partial(Order, "x")
        shown = [one async for one in stream] if way.asynchronous else list(stream)
    assert shown[-1] == whole == Order(items=[Item(sku="a"), Item(sku="b")])
    assert shown[-2].items[0].sku == "A", "while it grows, asynchronous validators do not run"


@both
async def test_the_time_holds_while_they_run(way: Way, server: Loopback) -> None:
    server.reply(order("A"))
    began = time.monotonic()
    with pytest.raises(ProviderTimeout):
        await way.create(Order, "x", context={"wait": 5.0}, timeout=0.4)
    assert time.monotonic() - began < 2


@both
async def test_other_failures_end_the_call(way: Way, server: Loopback) -> None:
    class Broken(BaseModel):
        x: int

        @async_field_validator("x")
        @classmethod
        async def fail(cls, x: int) -> int:
            raise ZeroDivisionError

    server.reply({"x": 1})
    with pytest.raises(ZeroDivisionError):
        await way.create(Broken, "x")


@both
async def test_an_asynchronous_validator_may_ask_a_model(way: Way, server: Loopback) -> None:
    async with Way("openai", False, True).open() as judge:

        class Letter(BaseModel):
            text: str

            @async_field_validator("text")
            @classmethod
            async def polite(cls, text: str) -> str:
                if not await judge.create(bool, f"Is this polite? {text}"):
                    raise ValueError("be polite")
                return text

        for _ in range(2):
            server.clear().reply({"text": "Go!"}).reply({"content": False})
            server.reply({"text": "Please go."}).reply({"content": True})
            assert (await way.create(Letter, "x")).text == "Please go."


def test_a_synchronous_call_within_an_awaited_validator(server: Loopback) -> None:
    with instructor.from_provider("openai/gpt-4o-mini") as client:

        class Outer(BaseModel):
            x: str

            @async_field_validator("x")
            @classmethod
            async def ask(cls, x: str) -> str:
                return client.create(Item, x, context={}).sku  # blocks the loop, and needs one itself

        server.reply({"x": "a"}).reply({"sku": "B"})
        assert client.create(Outer, "x", timeout=5).x == "b"


# ── validators that call out ─────────────────────────────────────────────────────────────────────


@calls_out
def slow(text: str) -> str:
    time.sleep(0.3)
    threads.append(threading.current_thread())
    return text


threads: list[threading.Thread] = []


class Slow(BaseModel):
    text: Annotated[str, AfterValidator(slow)]


@pytest.mark.parametrize("shape", ["create", "partial", "iterable"])
async def test_they_do_not_hold_up_the_loop(shape: str, server: Loopback) -> None:
    threads.clear()
    answer = {"text": "hello"}
    server.reply({"content": [answer]} if shape == "iterable" else answer)
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            longest = max(longest, time.monotonic() - before)

    ticking = asyncio.create_task(tick())
    async with Way("openai", False, True).open() as client:
        if shape == "create":
            text = (await client.create(Slow, "x")).text
        else:
            text = [one async for one in getattr(client, f"create_{shape}")(Slow, "x")][-1].text
    ticking.cancel()
    assert text == "hello"
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()
    assert longest < 0.25


async def test_a_model_judges_in_an_asynchronous_call(server: Loopback) -> None:
    judge = instructor.from_provider("openai/gpt-4o-mini", max_tokens=77)

    class Letter(BaseModel):
        text: Annotated[str, AfterValidator(llm_validator("is polite", judge))]

    async with Way("openai", False, True).open() as client:
        server.reply({"text": "Go!"}).reply({"is_valid": False, "reason": "it commands"})
        server.reply({"text": "Please go"}).reply({"is_valid": True})
        assert (await client.create(Letter, "x")).text == "Please go"
        server.clear().reply({"text": "Hm."}).reply({"is_valid": True})
        assert [one async for one in client.create_partial(Letter, "x")][-1].text == "Hm."
        assert len(server.requests) == 2, "asked once, when the text is complete"
        server.clear().reply({"text": "Go!"}).fail(401)
        with pytest.raises(AuthenticationError):
            await client.create(Letter, "x")
        server.clear().reply({"content": [{"text": "Go!"}]}).fail(401)
        with pytest.raises(AuthenticationError):
            assert [one async for one in client.create_iterable(Letter, "x")]
    judge.close()
