"""What providers say of an answer's tokens, as one shape: the parts that prices tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from instructor.ir import Usage
from instructor.providers import _registry

OPENAI = {
    "prompt_tokens": 120,
    "completion_tokens": 30,
    "prompt_tokens_details": {"cached_tokens": 20, "audio_tokens": 50, "cache_write_tokens": 10},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
ANTHROPIC = {
    "input_tokens": 10,
    "output_tokens": 30,
    "cache_read_input_tokens": 40,
    "cache_creation_input_tokens": 50,
    "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30},
}
COHERE = {
    "tokens": {"input_tokens": 500.0, "output_tokens": 40.0},
    "billed_units": {"input_tokens": 20.0, "output_tokens": 30.0},
}
GEMINI = {
    "promptTokenCount": 100,
    "candidatesTokenCount": 20,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 40}, {"modality": "AUDIO", "tokenCount": 60}],
}


@pytest.mark.parametrize(
    ("provider", "wire", "usage"),
    [
        (
            "openai",
            {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}], "usage": OPENAI},
            Usage(120, 30, 20, 10, 5, audio=50),
        ),
        (
            "anthropic",
            {"content": [{"type": "text", "text": "x"}], "stop_reason": "end_turn", "usage": ANTHROPIC},
            Usage(100, 30, 40, 50, cache_write_long=30),
        ),
        (
            "cohere",
            {"message": {"content": [{"type": "text", "text": "x"}]}, "finish_reason": "COMPLETE", "usage": COHERE},
            Usage(500, 40, free_input=480, free_output=10),
        ),
        (
            "gemini",
            {"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}], "usageMetadata": GEMINI},
            Usage(100, 20, audio=60),
        ),
    ],
)
def test_the_parts_that_have_prices_of_their_own(provider: str, wire: Mapping[str, Any], usage: Usage) -> None:
    assert _registry.find(provider).adapter.decode(wire).usage == usage


def test_counts_add_up_and_later_ones_hold_earlier_ones() -> None:
    one, other = Usage(1, 2, 3, 4, 5, 6, 7, 8, 9), Usage(10, 0, 1)
    assert one + other == Usage(11, 2, 4, 4, 5, 6, 7, 8, 9)
    assert one.latest(other) == Usage(10, 2, 3, 4, 5, 6, 7, 8, 9)
