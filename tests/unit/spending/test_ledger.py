"""What has been spent, and what may be: counted from many threads, and stopped before the next request."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from instructor import Budget, Price, Prices
from instructor.errors import BudgetExceeded, ConfigurationError, SpendingUnknown
from instructor.ir import Usage
from instructor.spending import Ledger, Progress, Spent
from instructor.spending.progress import is_standard

PRICES = Prices({"p/m": Price(1.0, 2.0)}, known=False)


def progress(ledger: Ledger, budget: Budget | None = None, model: str = "m", expected: int | None = None) -> Progress:
    return Progress("p", model, ledgers=((ledger, budget),), prices=PRICES, expected=expected)


def spend(ledger: Ledger, usage: Usage, model: str = "m") -> None:
    call = progress(ledger, model=model)
    call.begin()
    call.try_once()
    call.send()
    call.counted(usage)
    call.complete()


def test_counts_by_model() -> None:
    ledger = Ledger()
    spend(ledger, Usage(1000, 100, cache_read=0))
    spend(ledger, Usage(500, 50))
    spend(ledger, Usage(10, 1), "unpriced")
    spent = ledger.snapshot()
    assert (spent.calls, spent.attempts, spent.answers, spent.failures) == (3, 3, 3, 0)
    assert (spent.usage, spent.tokens, spent.unpriced, spent.uncounted) == (Usage(1510, 151), 1661, 1, 0)
    assert spent.usd == pytest.approx(0.0018)
    assert set(spent.models) == {"p/m", "p/unpriced"}
    assert spent.models["p/m"].usage == Usage(1500, 150)
    assert "p/unpriced" in str(spent)
    assert "1 unknown" in str(spent)
    assert repr(ledger) == "Ledger(3 calls, 1,661 tokens, $0.0018)"
    assert ledger.reset() == spent
    assert ledger.snapshot() == Spent()


def test_failures_and_cache_hits() -> None:
    ledger = Ledger()
    call = progress(ledger)
    call.begin()
    call.cached = True
    assert call.complete().cached
    failing = progress(ledger)
    failing.begin()
    failing.try_once()
    failing.send()
    error = SpendingUnknown("x", budget=None)
    assert failing.fail(error).error is error
    assert (error.total_usage, error.total_cost) == (Usage(), 0.0)
    spent = ledger.snapshot()
    assert (spent.calls, spent.cache_hits, spent.failures, spent.attempts, spent.answers) == (2, 1, 1, 1, 0)


def test_threads_lose_nothing() -> None:
    ledger = Ledger()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: spend(ledger, Usage(3, 2)), range(2000)))
    spent = ledger.snapshot()
    assert (spent.calls, spent.usage) == (2000, Usage(6000, 4000))


def test_a_budget_stops_before_the_next_request() -> None:
    ledger, budget = Ledger(), Budget(usd=0.01)
    call = progress(ledger, budget)
    call.send()
    call.counted(Usage(10_000, 0))
    with pytest.raises(
        BudgetExceeded, match=r"the budget of \$0\.01 does not allow another request: \$0\.01 are spent"
    ) as caught:
        progress(ledger, budget).send()
    assert (caught.value.spent_usd, caught.value.spent_tokens, caught.value.budget) == (0.01, 10_000, budget)
    ledger.reset()
    progress(ledger, budget).send()


def test_the_estimate_counts_and_is_reserved_until_the_answer_is_there() -> None:
    ledger, budget = Ledger(), Budget(tokens=100)
    first = progress(ledger, budget, expected=60)
    first.send()
    second = progress(ledger, budget, expected=60)
    with pytest.raises(
        BudgetExceeded, match="0 tokens are spent, and what is not answered yet is estimated to take 120 tokens"
    ) as caught:
        second.send()
    assert caught.value.expected_tokens == 120
    first.counted(Usage(30, 5))
    second.send()
    second.abandon()  # gives it back
    progress(ledger, budget, expected=60).send()


def test_a_call_has_a_budget_beside_the_clients() -> None:
    client, own = Ledger(), Ledger()
    call = Progress("p", "m", ledgers=((client, None), (own, Budget(tokens=10))), prices=PRICES)
    call.send()
    call.counted(Usage(10, 1))
    with pytest.raises(BudgetExceeded, match="the budget of 10 tokens"):
        call.send()
    assert client.snapshot().tokens == own.snapshot().tokens == 11


def test_what_cannot_be_known_cannot_be_kept_to() -> None:
    with pytest.raises(SpendingUnknown, match="no price of p/other is known"):
        progress(Ledger(), Budget(usd=1.0), "other").send()
    ledger = Ledger()
    progress(ledger).counted(Usage())
    with pytest.raises(SpendingUnknown, match="what 1 of 1 answers took is not known"):
        progress(ledger, Budget(tokens=1000)).send()
    assert ledger.snapshot().uncounted == 1


def test_an_answer_that_was_cut_short_keeps_its_estimate() -> None:
    ledger, budget = Ledger(), Budget(tokens=100)
    call = progress(ledger, budget, expected=60)
    call.send()
    assert call.cut(Usage()) is None
    call.abandon()
    with pytest.raises(BudgetExceeded):
        progress(ledger, budget, expected=60).send()


def test_the_model_that_answers_gives_the_price_where_the_one_asked_for_has_none() -> None:
    call = progress(Ledger(), model="a name of my own")
    assert call.counted(Usage(1000), "m").cost == 0.001
    assert call.counted(Usage(1000), "another").cost is None
    assert call.complete().cost is None


@pytest.mark.parametrize(
    ("params", "standard"),
    [
        ({}, True),
        ({"service_tier": None, "speed": "standard"}, True),
        ({"service_tier": "auto"}, True),
        ({"service_tier": "flex"}, False),
        ({"service_tier": ["flex"]}, False),
        ({"speed": "fast"}, False),
        ({"inference_geo": "us"}, False),
    ],
)
def test_list_prices_hold_for_standard_processing_alone(params: dict[str, object], standard: bool) -> None:
    assert is_standard(params) is standard
    call = Progress("p", "m", prices=PRICES, standard=is_standard(params))
    assert (call.counted(Usage(10, 10)).cost is not None) is standard


@pytest.mark.parametrize(
    "wrong", [{}, {"usd": 0}, {"usd": "1"}, {"tokens": 1.5}, {"tokens": -1}, {"usd": float("inf")}]
)
def test_wrong_budgets(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="a budget"):
        Budget(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="budget is an instructor"):
        Budget.of(1.0)
