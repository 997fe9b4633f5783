"""What providers say in headers of how much is left, read for what it means to a client's pace.

    x-ratelimit-remaining-requests · -tokens, x-ratelimit-reset-…           OpenAI and those that speak its dialect;
                                                                            a duration (`6m0s`, `20ms`)
        https://developers.openai.com/api/docs/guides/rate-limits
    anthropic-ratelimit-requests-remaining · -tokens-remaining, -reset      Anthropic; a moment (RFC 3339)
        https://platform.claude.com/docs/en/api/rate-limits

Neither says for how long one more request has to wait: the reset is of the whole limit. So a pause is short, and the
provider says the rest (429) if it is not over. A moment is held against the `date` of the same answer, so that no clock of
ours is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from ..values import dataclass

NAMES = {
    "requests": (
        ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
        ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ),
    "tokens": (
        ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
        ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ),
}

LONGEST = 10.0
"""Seconds of a pause for which the provider has not asked in so many words."""

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


@dataclass(frozen=True, slots=True)
class Told:
    """What is left, as far as it is told; `pause`: seconds in which nothing more is taken."""

    requests: float | None = None
    tokens: float | None = None
    pause: float = 0.0


NOTHING = Told()


def told(headers: Mapping[str, str] | None) -> Told:
    """What headers (lower-case, or of a mapping that does not care) say. What cannot be read says nothing."""
    if not headers:
        return NOTHING
    left: dict[str, float | None] = {}
    pause = 0.0
    for kind, rows in NAMES.items():
        name, reset = next((row for row in rows if headers.get(row[0])), (None, None))
        left[kind] = _number(headers.get(name)) if name else None
        if left[kind] == 0 and reset:
            pause = max(pause, _seconds(headers.get(reset), headers.get("date")))
    return Told(left["requests"], left["tokens"], min(pause, LONGEST))


def _number(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None


def _seconds(text: str | None, date: str | None) -> float:
    if not text:
        return 0.0
    parts = DURATION.findall(text)
    if parts and "".join(f"{number}{unit}" for number, unit in parts) == text.strip():
        return sum(float(number) * UNITS[unit] for number, unit in parts)
    try:
        from email.utils import parsedate_to_datetime

        return max(0.0, (datetime.fromisoformat(text) - parsedate_to_datetime(date or "")).total_seconds())
    except (TypeError, ValueError, OverflowError):  # none of these, or a moment without a zone or beyond all years
        return _number(text) or 0.0
