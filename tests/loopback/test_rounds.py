"""Every point of failure of a scripted exchange, and what becomes of the call: one table for sync and async."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import tenacity

from instructor import RetryPolicy
from instructor.errors import (
    AuthenticationError,
    ConnectionFailed,
    IncompleteOutputException,
    InstructorError,
    InstructorRetryException,
    Overloaded,
    ProtocolError,
    ProviderTimeout,
    RateLimited,
    RefusalError,
    ServerError,
    TokenBudgetExceeded,
)
from instructor.retry import Backoff
from instructor.testing import Loopback

from .ways import JASON, WAYS, User, Way, every_own_way, every_way, settled

SHAPES = ("create", "partial", "iterable")
FOUR = [way for way in WAYS if way.sdk == (way.dialect == "anthropic")]
four_ways = pytest.mark.parametrize("way", FOUR, ids=str)
every_shape = pytest.mark.parametrize("shape", SHAPES)

KID = {"name": "Jason", "age": "twenty"}


async def come(client: Any, shape: str, into: list[Any], **options: Any) -> Any:
    """What a call gives at last; what a stream hands over is in `into`."""
    if shape == "create":
        into.append(await settled(client.create(User, "Jason is 20", **options)))
    else:
        stream = getattr(client, f"create_{shape}")(User, "Jason is 20", **options)
        step = stream.__anext__ if hasattr(stream, "__anext__") else stream.__next__
        with suppress(StopIteration, StopAsyncIteration):
            while True:
                into.append(await settled(step()))
    return into[-1]


# ── the table ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Step:
    """One exchange. `error`: what the call ends with if it fails there; None: the next attempt begins, if there is one."""

    name: str
    script: Callable[[Loopback, str], Any]
    error: type[Exception] | None = None


def answer(server: Loopback, shape: str, *values: Any) -> Loopback:
    return server.reply({"content": list(values)} if shape == "iterable" else values[0])


NO_JSON = Step("no JSON", lambda server, _: server.say("I do not know."))
INVALID = Step("not valid", lambda server, shape: answer(server, shape, KID))
ENDS = (
    Step("truncated", lambda server, _: server.truncate('{"na'), IncompleteOutputException),
    Step("refused", lambda server, _: server.refuse("I will not"), RefusalError),
    Step("cut at once", lambda server, _: server.cut().reply(JASON), ConnectionFailed),
    Step("cut", lambda server, _: server.cut(30).reply(JASON), ConnectionFailed),
    Step("401", lambda server, _: server.fail(401), AuthenticationError),
    Step("429", lambda server, _: server.fail(429), RateLimited),
    Step("500", lambda server, _: server.fail(500), ServerError),
    Step("529", lambda server, _: server.fail(529), Overloaded),
    Step("a page", lambda server, _: server.raw(200, "<html>", content_type="text/html"), ProtocolError),
    Step("cut JSON", lambda server, _: server.raw(200, '{"choices": [{"mess'), ProtocolError),
    Step("empty", lambda server, _: server.raw(200, "{}"), ProtocolError),
)


def exchanges() -> Iterator[tuple[Step, ...]]:
    """Up to two answers that are asked for again, and each way to end behind them."""
    for again in ((), (NO_JSON,), (INVALID,), (NO_JSON, INVALID), (INVALID, INVALID)):
        yield from (
            (*again, end) for end in (*ENDS, NO_JSON, INVALID) if len(again) < 2 or end in (NO_JSON, INVALID, *ENDS[:4])
        )


@four_ways
@every_shape
async def test_every_point_of_failure(way: Way, shape: str, server: Loopback) -> None:
    async with way.open() as client:
        client._backoff = Backoff.NEVER
        for steps in exchanges():
            server.clear()
            for step in steps:
                step.script(server, shape)
            await check(client, shape, steps, server)


async def check(client: Any, shape: str, steps: tuple[Step, ...], server: Loopback) -> None:
    """A growing object is handed over before it is known not to be valid, so that nothing follows it."""
    names = f"{shape}: {', '.join(step.name for step in steps)}"
    end = next(
        (i for i, step in enumerate(steps) if step.error or (shape == "partial" and step is INVALID)), len(steps) - 1
    )
    error = steps[end].error or InstructorRetryException
    got: list[Any] = []
    with pytest.raises(InstructorError) as caught:
        await come(client, shape, got, max_retries=end if error is InstructorRetryException else 2)
    failure = caught.value
    assert isinstance(failure, error), (names, failure)
    before = end + 1 if error is InstructorRetryException else end
    assert [attempt.number for attempt in failure.attempts] == list(range(1, before + 1)), names
    assert all(attempt.problems and attempt.reply for attempt in failure.attempts), names
    if shape != "iterable":  # of a list, what follows the first wrong element is not received, nor what it cost
        assert all(attempt.usage.total for attempt in failure.attempts), names
    assert failure.total_usage.total >= sum(attempt.usage.total for attempt in failure.attempts), names
    assert len(server.requests) == end + 1, names
    assert shape == "partial" or got == [], names


@four_ways
@every_shape
async def test_every_point_of_success(way: Way, shape: str, server: Loopback) -> None:
    async with way.open() as client:
        for steps in (
            (),
            (NO_JSON,),
            (NO_JSON, NO_JSON),
            *(() if shape == "partial" else ((INVALID,), (NO_JSON, INVALID))),
        ):
            server.clear()
            for step in steps:
                step.script(server, shape)
            answer(server, shape, JASON)
            assert await come(client, shape, []) == User(**JASON), (shape, steps)
            assert len(server.requests) == len(steps) + 1


@four_ways
@every_shape
async def test_policies_hold_in_every_shape(way: Way, shape: str, server: Loopback) -> None:
    stop = tenacity.stop_after_attempt(2)
    async with way.open() as client:
        client._backoff = Backoff.NEVER
        for policy, count, error in (
            (RetryPolicy(3, keep=None), 4, InstructorRetryException),
            (RetryPolicy(9, token_budget=1), 1, TokenBudgetExceeded),
            (tenacity.Retrying(stop=stop), 2, InstructorRetryException),
            (tenacity.AsyncRetrying(stop=stop), 2, InstructorRetryException),
        ):
            server.clear()
            for _ in range(count):
                NO_JSON.script(server, shape)
            with pytest.raises(error):
                await come(client, shape, [], max_retries=policy)
            assert len(server.requests) == count
            growth = [len(request.json["messages"]) for request in server.requests]
            kept = isinstance(policy, RetryPolicy) and policy.keep is None
            assert growth == [growth[0] + 2 * (number if kept else min(number, 1)) for number in range(count)]
        server.clear().fail(429)
        answer(server, shape, JASON)
        retrying = tenacity.AsyncRetrying(stop=stop, retry=tenacity.retry_if_exception_type(RateLimited))
        assert await come(client, shape, [], max_retries=retrying) == User(**JASON)


@every_way
async def test_the_time_ends_a_wait_between_attempts(way: Way, server: Loopback) -> None:
    server.say("no").say("no")
    async with way.open() as client:
        for policy in (RetryPolicy(3, wait=30), tenacity.Retrying(wait=tenacity.wait_fixed(30))):
            with pytest.raises(ProviderTimeout) as caught:
                await settled(client.create(User, "x", timeout=0.5, max_retries=policy))
            assert len(caught.value.attempts) == 1


# ── failures on the way ──────────────────────────────────────────────────────────────────────────


@every_own_way
@every_shape
async def test_sequences_of_statuses(way: Way, shape: str, server: Loopback) -> None:
    statuses = {429: RateLimited, 500: ServerError, 529: Overloaded}
    async with way.open() as client:
        client._backoff = Backoff(retries=2, first=0.001)
        for row in itertools.product(statuses, repeat=2):
            server.clear()
            for status in row:
                server.fail(status)
            answer(server, shape, JASON)
            assert await come(client, shape, []) == User(**JASON)
        for last, error in statuses.items():
            server.clear().fail(429).fail(500).fail(last)
            with pytest.raises(error):
                await come(client, shape, [])
            assert len(server.requests) == 3


def event(**choice: Any) -> str:
    return f"data: {json.dumps({'choices': [{'index': 0, **choice}]})}\n\n"


SHORT = (
    event(delta={"content": '{"name":"Jas'})
    + event(delta={"content": 'on","age":20}'}, finish_reason="stop")
    + "data: [DONE]\n\n"
)


def short(server: Loopback, _: str) -> Loopback:
    """As few bytes as a stream may have."""
    return server.raw(200, SHORT, content_type="text/event-stream")


CUTS = [pytest.param(way, shape, answer, 97, 1800, id=f"{way} {shape}") for way in WAYS for shape in SHAPES] + [
    pytest.param(way, "partial", short, 1, len(SHORT), id=f"{way} every byte")
    for way in WAYS
    if way.dialect == "openai"
]


@pytest.mark.parametrize(("way", "shape", "script", "stride", "most"), CUTS)
async def test_a_reply_that_is_cut_somewhere(
    way: Way, shape: str, script: Any, stride: int, most: int, server: Loopback
) -> None:
    want = User(**JASON)
    broken = 0
    async with way.open() as client:
        client._backoff = Backoff.NEVER
        for at in range(0, most, stride):
            script(server.clear().cut(at), shape, *(() if script is short else (JASON,)))
            got: list[Any] = []
            try:
                assert await come(client, shape, got, max_retries=0) == want
                break
            except ConnectionFailed:
                broken += 1
                assert shape == "partial" or got in ([], [want]), at
        assert broken * stride > 150
        client._backoff = Backoff(first=0.001)
        answer(server.clear(), shape, JASON)
        answer(server, shape, JASON)
        assert await come(client, shape, []) == want, "the client is as good as new"
    assert not [thread for thread in threading.enumerate() if thread.name == "instructor-call"]
    assert asyncio.all_tasks() == {asyncio.current_task()}
