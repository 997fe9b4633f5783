"""What providers say in headers of how much is left."""

from __future__ import annotations

import pytest

from instructor.pace.headers import NOTHING, Told, told

DATE = "Mon, 23 Nov 2026 10:00:00 GMT"

ROWS: list[tuple[dict[str, str], Told]] = [
    ({}, NOTHING),
    ({"x-ratelimit-remaining-requests": "59", "x-ratelimit-remaining-tokens": "1000"}, Told(59, 1000)),
    ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "20ms"}, Told(0, None, 0.02)),
    ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2.5s"}, Told(0, None, 10)),
    ({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "5s"}, Told(3, None, 0)),
    ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "7"}, Told(None, 0, 7)),
    ({"anthropic-ratelimit-requests-remaining": "12", "anthropic-ratelimit-tokens-remaining": "800"}, Told(12, 800)),
    (
        {
            "anthropic-ratelimit-tokens-remaining": "0",
            "anthropic-ratelimit-tokens-reset": "2026-11-23T10:00:03Z",
            "date": DATE,
        },
        Told(None, 0, 3),
    ),
    (
        {"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2026-11-23T10:00:03Z"},
        Told(None, 0),
    ),
    ({"x-ratelimit-remaining-requests": "many"}, NOTHING),
    ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "soon"}, Told(0)),
    ({"x-ratelimit-remaining-requests": "-1"}, Told(0)),
    (
        {
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": "2026-11-23T10:00:03Z",
            "date": "Mon, 23 Nov 99999999999 10:00:00 GMT",
        },
        Told(0),
    ),
]


@pytest.mark.parametrize(("headers", "said"), ROWS)
def test_what_is_left(headers: dict[str, str], said: Told) -> None:
    assert told(headers) == said


def test_no_headers() -> None:
    assert told(None) == NOTHING
