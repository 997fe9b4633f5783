"""Prices: what is known, what is a caller's own, and that nothing is guessed."""

from __future__ import annotations

import re
from datetime import date

import pytest

from instructor import Price, Prices
from instructor.errors import ConfigurationError
from instructor.ir import Usage
from instructor.spending.table import KNOWN

M = 1_000_000


def test_every_known_price_says_where_it_stands_and_when_it_was_read() -> None:
    assert len(KNOWN) > 30
    for name, price in KNOWN.items():
        here = price.free and name.endswith("/*")
        assert here or re.search(r"https://.*20\d\d", price.source), name
        assert 0 <= price.input <= price.output, name
        if price.cache_read is not None:
            assert price.cache_read <= price.input, name
        if price.cache_write is not None:
            assert price.cache_write >= price.input, name
        for tier in (price.above and price.above[1], price.after):
            assert tier is None or (tier.input > price.input and tier.source), name


@pytest.mark.parametrize(
    ("provider", "model", "usage", "usd"),
    [
        # https://developers.openai.com/api/docs/models/gpt-6.2-sol
        ("openai", "gpt-6.2-sol", Usage(100_000, 10_000), 0.2 + 0.1),
        ("openai-responses", "gpt-6.2-sol", Usage(100_000, 10_000, cache_read=50_000), 0.1 + 0.005 + 0.1),
        ("openai", "gpt-6.2-sol", Usage(100_000, 0, cache_write=50_000), 0.1 + 0.125),
        # more than 272K tokens of input: all of it at twice the price, the answer at one and a half
        ("openai", "gpt-6.2-sol", Usage(272_000, 10_000), 0.544 + 0.1),
        ("openai", "gpt-6.2-sol", Usage(300_000, 10_000), 1.2 + 0.15),
        # https://platform.claude.com/docs/en/about-claude/pricing
        ("anthropic", "claude-haiku-4-5-20251001", Usage(M, M), 1.0 + 5.0),
        ("anthropic", "claude-sonnet-4-6", Usage(3 * M, M, M, M), 3.0 + 0.3 + 3.75 + 15.0),
        ("anthropic", "claude-sonnet-4-6", Usage(2 * M, 0, 0, 2 * M, cache_write_long=M), 3.75 + 6.0),
        ("anthropic", "claude-haiku-5-5", Usage(100_000, 1000), 0.01 + 0.0005),
        ("anthropic", "claude-haiku-5-5", Usage(100_001, 1000), 0.0500005 + 0.0025),
        # recordings at a price of their own
        ("gemini", "gemini-2.5-flash", Usage(2000, 100, audio=1000), 0.0003 + 0.001 + 0.00025),
        # what the provider does not charge
        ("cohere", "command-r-08-2024", Usage(1000, 100, free_input=900, free_output=50), 0.000015 + 0.00003),
        ("embedded", "any", Usage(), 0.0),
    ],
)
def test_known_costs(provider: str, model: str, usage: Usage, usd: float) -> None:
    assert Prices().cost(provider, model, usage) == pytest.approx(usd)


@pytest.mark.parametrize(
    ("provider", "model", "usage"),
    [
        ("openai", "gpt-9", Usage(10, 10)),
        ("openrouter", "openai/gpt-4o-mini", Usage(10, 10)),
        ("azure", "gpt-4o-mini", Usage(10, 10)),
        ("openai", "gpt-4o-mini-audio-preview", Usage(10, 10)),
        # tokens of a kind whose price is not known
        ("openai", "gpt-4o-mini", Usage(10, 10, cache_write=5)),
        ("openai", "gpt-4o-mini", Usage(10, 10, audio=5)),
        ("openai", "gpt-5.6-luna", Usage(300_000, 10, cache_read=5)),
        ("gemini", "gemini-2.5-flash", Usage(10, 10, cache_read=5)),
    ],
)
def test_what_is_not_known_is_not_guessed(provider: str, model: str, usage: Usage) -> None:
    assert Prices().cost(provider, model, usage) is None


def test_cached_recordings_are_of_unknown_price_unless_sound_costs_what_text_does() -> None:
    usage = Usage(100, 0, cache_read=50, audio=60)
    assert Price(1.0, 1.0, cache_read=0.1, audio=2.0).cost(usage) is None


def test_a_price_that_ends() -> None:
    day = date(2026, 12, 31)
    assert Prices().cost("gemini", "gemini-3.8-flash", Usage(M, 0), day) == pytest.approx(0.75)
    assert Prices().cost("gemini", "gemini-3.8-flash", Usage(M, 0), date(2027, 1, 1)) == pytest.approx(1.5)
    assert Price(1.0, 1.0, until=day).on(date(2027, 1, 1)) is None


def test_own_prices_go_before_the_known_ones() -> None:
    own = Prices({"openai/gpt-4o-mini": Price(7, 7), "azure/*": Price(3, 3), "x/m": Price(1, 2)})
    assert own.cost("openai", "gpt-4o-mini-2024-07-18", Usage(M)) == 7.0
    assert own.cost("azure", "my deployment", Usage(M)) == 3.0
    assert own.cost("anthropic", "claude-haiku-4-5", Usage(M)) == 1.0
    only = Prices({"x/m": Price(1, 2)}, known=False)
    assert (only.cost("x", "m", Usage(0, M)), only.cost("anthropic", "claude-haiku-4-5", Usage(M))) == (2.0, None)
    assert hash(own) == hash(Prices.of(dict(own.own)))


@pytest.mark.parametrize("wrong", [{"no-provider": Price(1, 1)}, {"a/b": 1.0}, {1: Price(1, 1)}, 7])
def test_wrong_prices(wrong: object) -> None:
    with pytest.raises(ConfigurationError, match="prices are"):
        Prices.of(wrong)


@pytest.mark.parametrize("wrong", [-1, float("nan"), "1", True, None])
def test_wrong_figures(wrong: object) -> None:
    with pytest.raises(ConfigurationError, match="output is USD per million tokens"):
        Price(1.0, wrong)  # type: ignore[arg-type]
