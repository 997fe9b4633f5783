"""The prices that are known here: list prices of the providers' own APIs, each with where it was read and when.

Standard processing only: batches, service tiers (flex, priority, fast), regional surcharges, agreements and taxes are not
in them. A model that is not here has no price; `prices=` adds one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from .prices import Price

OPENAI = "https://developers.openai.com/api/docs/models/{} (read Nov 2026)"
OPENAI_LIST = (
    "https://developers.openai.com/api/docs/pricing, transcribed 2026-05-04: github.com/api-evangelist/openai, "
    "plans/openai-plans-pricing.yml"
)
OPENAI_ASTRA = (
    "https://developers.openai.com/api/docs/models/compare (read Nov 2026); above 272K tokens: "
    "https://github.com/BerriAI/litellm/discussions/39633 (Sept 2026)"
)
OPENAI_4O = (
    "https://openai.com/api/pricing/, transcribed in https://docs.rs/crate/openai-models/0.1.1; still so on 2026-09-26: "
    "https://huggingface.co/datasets/gemmozero/ai-pricing-matrix-2026"
)
OPENAI_41 = "https://vercel.com/ai-gateway/models/gpt-4.1-mini/providers, row OpenAI (read Nov 2026)"
ANTHROPIC = "https://platform.claude.com/docs/en/about-claude/pricing (read Sept–Nov 2026)"
ANTHROPIC_55 = (
    "https://platform.claude.com/docs/en/about-claude/pricing (8 and 24 Oct 2026; cache reads were cut on 7 Oct)"
)
GEMINI = (
    "https://ai.google.dev/gemini-api/docs/pricing, transcribed 2026-10-07: github.com/api-evangelist/deepmind, "
    "plans/deepmind-plans-pricing.yml"
)
GEMINI_38 = f"{GEMINI}; cache reads: https://github.com/BerriAI/litellm/discussions/39357 (Sept 2026)"
GEMINI_25 = f"{GEMINI}; output: https://www.morphllm.com/gemini-api-pricing (June 2026)"
MISTRAL = (
    "https://docs.mistral.ai/models/model-cards/mistral-medium-3-5-26-04, quoted in "
    "https://github.com/braintrustdata/braintrust-proxy/issues/505 and /issues/802 (2026)"
)
COHERE = "https://cohere.com/pricing, captured 2026-11-11: https://docs.flexprice.io/cookbooks/pricing-teardowns/cohere-pricing"
COHERE_R7B = (
    "https://cohere.com/pricing, quoted in https://developer.puter.com/tutorials/cohere-api-pricing/ (June 2026)"
)
COHERE_LIST = "https://cohere.com/pricing, transcribed 2026-05-04: github.com/api-evangelist/cohere"


def _long(price: Price, tokens: int, *, cache: bool = True) -> Price:
    """With the price of OpenAI's long requests: twice as much for what goes in, half as much again for what comes out."""
    above = Price(
        input=price.input * 2,
        output=price.output * 1.5,
        cache_read=price.cache_read * 2 if cache and price.cache_read is not None else None,
        cache_write=price.cache_write * 2 if cache and price.cache_write is not None else None,
        source=price.source,
    )
    return replace(price, above=(tokens, above))


def _claude(input: float, output: float, read: float, source: str = ANTHROPIC) -> Price:
    """Writing costs 1.25 times what reading anew does, and twice as much where it is kept for an hour (same page)."""
    return Price(input, output, read, input * 1.25, input * 2, source=source)


_OPENAI: Mapping[str, Price] = {
    "gpt-6.2-sol": _long(Price(2.00, 10.00, 0.10, 2.50, source=OPENAI.format("gpt-6.2-sol")), 272_000),
    "gpt-6-astra": _long(Price(10.00, 50.00, 1.00, 12.50, source=OPENAI_ASTRA), 272_000),
    "gpt-6-luna": _long(Price(0.10, 0.50, 0.01, 0.125, source=OPENAI.format("gpt-6-luna")), 272_000),
    # the page says nothing of what the cache costs in long requests
    "gpt-5.6-luna": _long(Price(0.20, 1.20, 0.02, 0.25, source=OPENAI.format("gpt-5.6-luna")), 272_000, cache=False),
    "gpt-5.4-mini": Price(0.75, 4.50, 0.075, source=OPENAI_LIST),
    "gpt-5.4-nano": Price(0.20, 1.25, 0.02, source=OPENAI_LIST),
    "gpt-4.1-mini": Price(0.40, 1.60, 0.10, source=OPENAI_41),
    "gpt-4o-mini": Price(0.15, 0.60, 0.075, source=OPENAI_4O),
}

_ANTHROPIC: Mapping[str, Price] = {
    "claude-fable-5-1": _claude(10.00, 50.00, 0.25),
    "claude-fable-5": _claude(10.00, 50.00, 1.00),
    "claude-opus-5-5": _claude(4.00, 20.00, 0.20, ANTHROPIC_55),
    "claude-opus-5": _claude(5.00, 25.00, 0.50),
    "claude-opus-4-8": _claude(5.00, 25.00, 0.50),
    "claude-opus-4-7": _claude(5.00, 25.00, 0.50),
    "claude-opus-4-6": _claude(5.00, 25.00, 0.50),
    "claude-opus-4-5": _claude(5.00, 25.00, 0.50),
    "claude-sonnet-5-5": _claude(2.00, 10.00, 0.10, ANTHROPIC_55),
    "claude-sonnet-5": _claude(2.00, 10.00, 0.20),
    "claude-sonnet-4-6": _claude(3.00, 15.00, 0.30),
    "claude-haiku-5-5": replace(
        _claude(0.10, 0.50, 0.01, ANTHROPIC_55), above=(100_000, _claude(0.50, 2.50, 0.05, ANTHROPIC_55))
    ),
    "claude-haiku-4-5": _claude(1.00, 5.00, 0.10),
}

_GEMINI: Mapping[str, Price] = {
    "gemini-3.8-flash": Price(
        0.75,
        3.75,
        0.075,
        until=date(2026, 12, 31),
        after=Price(1.50, 7.50, source=GEMINI),
        source=GEMINI_38,
    ),
    "gemini-3.5-flash": Price(1.50, 9.00, source=GEMINI),
    "gemini-3.5-flash-lite": Price(0.30, 2.50, audio=0.30, source=GEMINI),
    "gemini-3.1-pro-preview": Price(2.00, 12.00, above=(200_000, Price(4.00, 18.00, source=GEMINI)), source=GEMINI),
    "gemini-2.5-flash": Price(0.30, 2.50, audio=1.00, source=GEMINI_25),
}

_MISTRAL: Mapping[str, Price] = {
    "mistral-medium-3.5": Price(1.50, 7.50, source=MISTRAL),
    "mistral-medium-3-5": Price(1.50, 7.50, source=MISTRAL),
    "mistral-medium-3-5-26-04": Price(1.50, 7.50, source=MISTRAL),
}

_COHERE: Mapping[str, Price] = {
    "command-r-08-2024": Price(0.15, 0.60, source=COHERE),
    "command-r7b-12-2024": Price(0.0375, 0.15, source=COHERE_R7B),
    "command-r-plus-08-2024": Price(2.50, 10.00, source=COHERE_LIST),
}

_HERE: Mapping[str, Price] = {"*": Price(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, source="runs on this machine")}

KNOWN: Mapping[str, Price] = {
    f"{provider}/{model}": price
    for provider, rows in {
        "openai": _OPENAI,
        "openai-responses": _OPENAI,
        "anthropic": _ANTHROPIC,
        "gemini": _GEMINI,
        "mistral": _MISTRAL,
        "cohere": _COHERE,
        "embedded": _HERE,
        "llamacpp": _HERE,
    }.items()
    for model, price in rows.items()
}
"""By `"provider/model"`."""
