"""Budgets that stop, what a client has spent, and what a plan would cost, against a server."""

from __future__ import annotations

import asyncio
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

import instructor
from instructor import Budget, Price
from instructor.errors import BudgetExceeded, ConfigurationError, SpendingUnknown
from instructor.ir import Usage
from instructor.testing import Loopback
from tests.loopback.test_events import drained
from tests.loopback.ways import JASON, User, Way, settled

WAYS = [
    Way(dialect, sdk, later) for dialect in ("openai", "anthropic") for sdk in (True, False) for later in (True, False)
]
each_way = pytest.mark.parametrize("way", WAYS, ids=str)
DEAR = 100_000.0
"""USD per million tokens: an answer of the server's costs some."""


def prices(way: Way) -> dict[str, Price]:
    return {f"{way.dialect}/*": Price(DEAR, DEAR, DEAR, DEAR)}


@each_way
async def test_a_clients_budget(way: Way, server: Loopback) -> None:
    async with way.open(prices=prices(way), budget=Budget(usd=0.5)) as client:
        server.reply(JASON)
        await settled(client.create(User, "Jason is 20"))
        assert client.usage.snapshot().usd > 0.5
        with pytest.raises(BudgetExceeded, match=r"the budget of \$0\.50 does not allow another request") as caught:
            await settled(client.create(User, "Jason is 20"))
        assert len(server.requests) == 1
        error = pickle.loads(pickle.dumps(caught.value))
        assert (error.spent_usd, error.budget) == (client.usage.snapshot().usd, Budget(usd=0.5))
        client.usage.reset()
        server.reply(JASON)
        await settled(client.create(User, "Jason is 20"))


@each_way
async def test_a_budget_ends_the_attempts_of_a_call(way: Way, server: Loopback) -> None:
    server.reply({"name": "Jason"})
    async with way.open(prices=prices(way)) as client:
        with pytest.raises(BudgetExceeded) as caught:
            await settled(client.create(User, "Jason is 20", budget=Budget(usd=0.5)))
    error = caught.value
    assert [attempt.number for attempt in error.attempts] == [1]
    assert error.total_usage == client.usage.snapshot().usage
    assert error.total_cost == client.usage.snapshot().usd
    assert client.usage.snapshot().failures == 1


@each_way
async def test_tokens_and_streams(way: Way, server: Loopback) -> None:
    server.reply(JASON).reply(JASON)
    async with way.open(budget=Budget(tokens=8)) as client:
        await drained(client.create_partial(User, "Jason is 20"))
        with pytest.raises(BudgetExceeded):
            await drained(client.create_partial(User, "Jason is 20"))


@each_way
async def test_a_request_that_alone_goes_beyond_it_is_not_sent(way: Way, server: Loopback) -> None:
    async with way.open(budget=Budget(tokens=1000)) as client:
        with pytest.raises(BudgetExceeded, match="0 tokens are spent, and what is not answered yet is estimated"):
            await settled(client.create(User, "word " * 2000))
    assert not server.requests


async def test_side_by_side_they_do_not_overrun_it(server: Loopback) -> None:
    """Each of 20 calls is estimated to take 250 tokens; a budget of 1,100 lets four go at a time."""
    for _ in range(20):
        server.delay(0.2).reply(JASON)
    async with Way("openai", False, True).open(budget=Budget(tokens=1100)) as client:
        calls = (client.create(User, "x" * 1000) for _ in range(20))
        done = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(one, User) for one in done) == len(server.requests) == 4
    assert sum(isinstance(one, BudgetExceeded) for one in done) == 16


def test_threads_side_by_side(server: Loopback) -> None:
    for _ in range(16):
        server.reply(JASON)
    with instructor.from_provider("openai/gpt-4o-mini") as client, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: client.create(User, f"number {i}"), range(16)))
        spent = client.usage.snapshot()
    assert (spent.calls, spent.answers, spent.attempts) == (16, 16, 16)
    assert spent.usd > 0


async def test_no_price_no_budget_in_money(server: Loopback) -> None:
    client = instructor.from_provider("openai/gpt-of-tomorrow", budget=Budget(usd=1.0))
    with pytest.raises(SpendingUnknown, match="no price of openai/gpt-of-tomorrow is known"):
        client.create(User, "Jason is 20")
    assert not server.requests
    flex = instructor.from_provider("openai/gpt-4o-mini", budget=Budget(usd=1.0), service_tier="flex")
    with pytest.raises(SpendingUnknown):
        flex.create(User, "Jason is 20")
    client.close()
    flex.close()


def test_wrong_arguments() -> None:
    with pytest.raises(ConfigurationError, match="budget is an instructor"):
        instructor.from_provider("embedded", budget=1.0)  # type: ignore[call-overload]
    with pytest.raises(ConfigurationError, match="prices are"):
        instructor.from_provider("embedded", prices=[1])  # type: ignore[call-overload]
    with pytest.raises(ConfigurationError, match="budget is an instructor"):
        instructor.from_provider("embedded").create(str, "x", budget=7)


def test_what_runs_here_is_free() -> None:
    client = instructor.from_provider("embedded", budget=Budget(usd=0.01, tokens=10))
    for _ in range(2):
        client.create(User, "name: Jason\nage: 20")
    spent = client.usage.snapshot()
    assert (spent.calls, spent.usd, spent.unpriced, spent.uncounted) == (2, 0.0, 0, 0)


@each_way
async def test_the_providers_own_answer_is_counted_too(way: Way, server: Loopback) -> None:
    server.say("hello")
    async with way.open() as client:
        await settled(client.create(None, "hi"))
    spent = client.usage.snapshot()
    assert spent.usage != Usage()
    assert spent.usd > 0


async def test_a_plan_says_what_it_would_cost() -> None:
    client = instructor.from_provider("anthropic/claude-haiku-4-5", api_key="k")
    plan = client.plan(User, "x" * 4000)
    assert plan.tokens == 1000
    assert plan.cost == pytest.approx(0.001)
    assert str(plan).splitlines()[0].endswith("about 1,000 tokens of what is known, $0.001 to send")
    assert "$0.001 to send" in plan._repr_html_()
    assert client.usage.snapshot().calls == 0
    other = instructor.from_provider("openai/gpt-of-tomorrow", api_key="k")
    assert other.plan(User, "x").cost is None
