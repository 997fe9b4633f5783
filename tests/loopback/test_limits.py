"""A client's limits, over all its threads or tasks: what the server sees, through SDKs and our own sender."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

import instructor
from instructor import RateLimits, calls_out
from instructor.errors import ProviderTimeout, RateLimited
from instructor.events import Slowed
from instructor.testing import Loopback

from .ways import JASON, WAYS, User, Way, every_own_way, every_sdk_way, every_way, settled


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between attempts are drawn short."""
    monkeypatch.setattr("random.uniform", lambda low, high: 0.01)


class Busy:
    """How many requests the server has at a time, and when each came."""

    def __init__(self, server: Loopback) -> None:
        self._lock, self._now = threading.Lock(), 0
        self.most, self.came = 0, list[float]()
        self._answer = server._server.answer  # type: ignore[union-attr]

    def __call__(self, arrived: Any) -> Any:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.came.append(time.monotonic())
        time.sleep(0.02)
        with self._lock:
            self._now -= 1  # the body is sent after this: a request is never counted for longer than it lasts
        return self._answer(arrived)


@pytest.fixture
def busy(server: Loopback) -> Busy:
    counting = Busy(server)
    server._server.answer = counting  # type: ignore[union-attr]
    return counting


async def side_by_side(way: Way, call: Callable[[], Any], count: int) -> list[Any]:
    """So many calls at once: in tasks, or in threads. Exceptions are among the results."""
    if way.asynchronous:
        return await asyncio.gather(*(call() for _ in range(count)), return_exceptions=True)

    def caught() -> Any:
        try:
            return call()
        except Exception as error:
            return error

    def run() -> list[Any]:
        with ThreadPoolExecutor(count) as pool:
            return [each.result() for each in [pool.submit(caught) for _ in range(count)]]

    return await asyncio.to_thread(run)


@every_way
async def test_no_more_at_a_time_than_allowed(way: Way, server: Loopback, busy: Busy) -> None:
    async with way.open(limits=RateLimits(concurrency=2)) as client:
        found = await side_by_side(way, lambda: client.create(User, "x"), 6)
        assert [each for each in found if not isinstance(each, User)] == []
        assert (client.limits.under_way, client.limits.waiting) == (0, 0)
    assert len(busy.came) == 6
    assert busy.most <= 2


@every_own_way
async def test_requests_by_the_minute(way: Way, server: Loopback, busy: Busy) -> None:
    async with way.open(limits=RateLimits(requests_per_minute=300)) as client:  # 30 at once, then 5 a second
        client.limits._requests.level = 2
        client.limits._requests.filled = time.monotonic()
        await side_by_side(way, lambda: client.create(User, "x"), 5)
    came = sorted(busy.came)
    assert came[4] - came[0] > 0.35


@every_own_way
async def test_tokens_by_the_minute(way: Way, server: Loopback) -> None:
    async with way.open(limits=RateLimits(tokens_per_minute=60_000)) as client:
        before = client.limits._tokens.most
        value, completion = await settled(client.create_with_completion(User, "word " * 400))
        usage = completion.usage
        took = usage.input_tokens + usage.output_tokens if way.dialect == "anthropic" else usage.total_tokens
    assert isinstance(value, User)
    assert client.limits._tokens.level == pytest.approx(before - took, abs=50), "the real usage, not the estimate"


@every_own_way
async def test_a_wish_to_wait_holds_for_all(way: Way, server: Loopback, busy: Busy) -> None:
    seen: list[Slowed] = []
    server.fail(429, headers={"retry-after-ms": "400"})
    async with way.open(limits=RateLimits(concurrency=1)) as client:
        client.on(Slowed, seen.append)
        found = await side_by_side(way, lambda: client.create(User, "x"), 3)
    assert [each for each in found if not isinstance(each, User)] == []
    came = sorted(busy.came)
    assert came[1] - came[0] >= 0.4, "the others waited too"
    assert [(event.share, event.pause) for event in seen] == [(0.5, 0.4)]


@every_sdk_way
async def test_an_sdks_own_repetitions_are_all_there_are(way: Way, server: Loopback) -> None:
    for _ in range(4):
        server.fail(529)
    async with way.open(limits=RateLimits(concurrency=1)) as client:
        with pytest.raises(instructor.InstructorError):
            await settled(client.create(User, "x"))
        assert client.limits.under_way == 0
        assert client.limits._share.low == 0.5
    assert len(server.requests) == 1


@every_own_way
async def test_a_pause_that_is_too_long_is_an_error_at_once(way: Way, server: Loopback) -> None:
    server.fail(429, headers={"retry-after": "300"})
    async with way.open(limits=RateLimits()) as client:
        for count in (1, 1):
            with pytest.raises(RateLimited) as caught:
                await settled(client.create(User, "x"))
            assert caught.value.retry_after == pytest.approx(300, abs=2)
            assert len(server.requests) == count, "the second was not sent"


@every_own_way
async def test_waiting_counts_as_time_of_the_call(way: Way, server: Loopback) -> None:
    server.delay(1.5).reply(JASON)
    async with way.open(limits=RateLimits(concurrency=1)) as client:
        slow = asyncio.create_task(
            client.create(User, "x") if way.asynchronous else asyncio.to_thread(client.create, User, "x")
        )
        while not server.requests:  # noqa: ASYNC110 - the server runs in threads
            await asyncio.sleep(0.01)
        began = time.monotonic()
        found = await side_by_side(way, lambda: client.create(User, "x", timeout=0.2), 3)
        assert time.monotonic() - began >= 0.2
        assert not slow.done(), "they did not wait for it"
        assert client.limits.waiting == 0
        assert await slow == User(**JASON)
        assert [each for each in found if not isinstance(each, ProviderTimeout)] == []
        assert (client.limits.under_way, client.limits.waiting) == (0, 0)
    assert len(server.requests) == 1


@pytest.mark.parametrize("way", [way for way in WAYS if way.asynchronous], ids=str)
async def test_cancelled_tasks_leave_no_trace(way: Way, server: Loopback) -> None:
    server.delay(0.5)
    async with way.open(limits=RateLimits(concurrency=1)) as client:
        tasks = [asyncio.create_task(client.create(User, "x")) for _ in range(3)]
        await asyncio.sleep(0.15)
        assert (client.limits.under_way, client.limits.waiting) == (1, 2)
        for task in tasks:
            task.cancel()
        assert all(
            isinstance(each, asyncio.CancelledError) for each in await asyncio.gather(*tasks, return_exceptions=True)
        )
        assert (client.limits.under_way, client.limits.waiting) == (0, 0)
        assert isinstance(await client.create(User, "x"), User)
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("way", [way for way in WAYS if way.asynchronous and not way.sdk], ids=str)
async def test_the_loop_goes_on_meanwhile(way: Way, server: Loopback) -> None:
    server.fail(429, headers={"retry-after-ms": "300"})
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    async with way.open(limits=RateLimits(concurrency=1)) as client:
        ticking = asyncio.create_task(tick())
        await asyncio.gather(*(client.create(User, "x") for _ in range(3)))
        ticking.cancel()
    assert ticks > 10


@every_own_way
async def test_a_stream_holds_its_place_until_its_end(way: Way, server: Loopback) -> None:
    async with way.open(limits=RateLimits(concurrency=1, tokens_per_minute=1_000_000)) as client:
        most = client.limits._tokens.most
        stream = client.create_partial(User, "x")
        if way.asynchronous:
            await anext(stream)
            assert client.limits.under_way == 1
            async for _ in stream:
                pass
        else:
            next(stream)
            assert client.limits.under_way == 1
            for _ in stream:
                pass
        assert client.limits.under_way == 0
        assert client.limits._tokens.level < most
        stream = client.create_partial(User, "x")
        await anext(stream) if way.asynchronous else next(stream)
        await stream.aclose() if way.asynchronous else stream.close()
        assert client.limits.under_way == 0, "closed early"


@every_own_way
async def test_who_asks_again_within_a_call_does_not_wait_for_it(way: Way, server: Loopback) -> None:
    async with way.open(limits=RateLimits(concurrency=1), timeout=10) as client:
        stream = client.create_iterable(User, "x")
        if way.asynchronous:
            async for _ in stream:
                assert isinstance(await client.create(User, "within"), User)
        else:
            for _ in stream:
                assert isinstance(client.create(User, "within"), User)
        assert client.limits.under_way == 0


async def test_a_validator_may_ask_the_same_client(server: Loopback) -> None:
    with instructor.from_provider("openai/gpt-4o-mini", limits=RateLimits(concurrency=1), timeout=10) as client:

        class Judged(BaseModel):
            name: str

            @field_validator("name")
            @classmethod
            @calls_out
            def judged(cls, name: str) -> str:
                assert isinstance(client.create(User, "is it good?"), User)
                return name

        server.reply({"name": "Jason"})
        found = await asyncio.to_thread(lambda: list(client.create_partial(Judged, "x")))
        assert found[-1].name == "Jason"


@every_own_way
async def test_limits_may_be_shared(way: Way, server: Loopback, busy: Busy) -> None:
    first = way.client(limits=RateLimits(concurrency=1))
    second = way.client(limits=first.limits)
    clients = iter([first, second] * 2)
    lock = threading.Lock()

    def one() -> Any:
        with lock:
            client = next(clients)
        return client.create(User, "x")

    await side_by_side(way, one, 4)
    for client in (first, second):
        await settled(client.close())
    assert busy.most == 1


@every_own_way
async def test_headers_of_the_provider_are_heeded(way: Way, server: Loopback, busy: Busy) -> None:
    names = {
        "openai": ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
        "anthropic": ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    }[way.dialect]
    client = way.client(limits=RateLimits(requests_per_minute=6000))
    await settled(client.create(User, "x"))
    wire = {  # the answer is written by hand, to have headers
        "openai": '{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":'
        '"stop","message":{"role":"assistant","content":"{\\"name\\":\\"Jason\\",\\"age\\":20}"}}]}',
        "anthropic": '{"id":"x","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":'
        '"{\\"name\\":\\"Jason\\",\\"age\\":20}"}],"stop_reason":"end_turn","stop_sequence":null,"usage":'
        '{"input_tokens":1,"output_tokens":1}}',
    }[way.dialect]
    server.raw(200, wire, headers={names[0]: "3", names[1]: "1s"})
    await settled(client.create(User, "x"))
    assert client.limits._requests.level <= 3.1
    await settled(client.close())


async def test_without_limits_nothing_is_held(server: Loopback) -> None:
    with instructor.from_provider("openai/gpt-4o-mini") as client:
        assert client.limits is None
        assert isinstance(client.create(User, "x"), User)
