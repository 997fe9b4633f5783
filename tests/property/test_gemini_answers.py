"""Whatever comes in the place of a Gemini answer: it is read, or it is a ProviderError."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from instructor.errors import ProviderError
from instructor.ir import Reply
from instructor.providers.gemini import gemini

NAMES = (
    "candidates content parts text thought thoughtSignature functionCall name args id finishReason finishMessage "
    "promptFeedback blockReason usageMetadata promptTokenCount thoughtsTokenCount safetyRatings blocked citationMetadata "
    "citationSources uri urlContextMetadata urlMetadata error code status details message retryDelay"
).split()

JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=20,
)
SHAPED = st.fixed_dictionaries(
    {
        "candidates": st.lists(
            st.fixed_dictionaries(
                {"content": st.fixed_dictionaries({"parts": st.lists(JUNK, max_size=3)})},
                optional=dict.fromkeys(
                    ("finishReason", "safetyRatings", "citationMetadata", "urlContextMetadata", "finishMessage"), JUNK
                ),
            ),
            max_size=2,
        )
    },
    optional={"usageMetadata": JUNK, "promptFeedback": JUNK, "error": JUNK},
)


@given(SHAPED | st.dictionaries(st.sampled_from(NAMES), JUNK, max_size=4))
def test_anything_is_read_or_refused(wire: dict[str, Any]) -> None:
    for read in (gemini.adapter.decode, lambda event: list(gemini.adapter.deltas(event))):
        try:
            found = read(wire)
        except ProviderError:
            continue
        assert isinstance(found, Reply | list)
    assert isinstance(gemini.adapter.error(400, wire), ProviderError)
