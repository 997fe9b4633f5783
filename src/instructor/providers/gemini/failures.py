"""Google's error bodies → the exceptions of the house.

    {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": …, "details": [{"@type": …ErrorInfo, "reason": …},
                                                                                   {"@type": …RetryInfo, "retryDelay": "7s"}]}}

Source: cloud.google.com/apis/design/errors (google.rpc.Status); ai.google.dev/gemini-api/docs/troubleshooting. The HTTP
status is not always the whole truth: a wrong key is a 400 there, and so are prompts and bodies that are too long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import AuthenticationError, ContextOverflow, ProviderError, RequestTooLarge
from .._errors import from_status

BY_WORDS: tuple[tuple[re.Pattern[str], type[ProviderError]], ...] = (
    (re.compile(r"API_KEY_INVALID|API key not valid|API key expired|UNAUTHENTICATED"), AuthenticationError),
    (re.compile(r"input token count.* exceeds|exceeds the maximum number of tokens", re.IGNORECASE), ContextOverflow),
    (re.compile(r"request payload size exceeds", re.IGNORECASE), RequestTooLarge),
)


def failure(provider: str, status: int, body: Any) -> ProviderError:
    """The error of a failed exchange. A stream that never began gives its error in a list."""
    whole = body[0] if isinstance(body, list) and body else body
    inner = whole.get("error", whole) if isinstance(whole, Mapping) else None
    if not isinstance(inner, Mapping):
        return from_status(provider, status, body)
    code = inner.get("code")
    told = inner.get("details")
    details = [row for row in told if isinstance(row, Mapping)] if isinstance(told, list) else []
    word = inner.get("status")
    if status < 400 and isinstance(code, int):
        status = code  # an error inside a stream that began well
    error = from_status(provider, status, {"error": {"message": inner.get("message"), "code": word}})
    words = " ".join(map(str, (word, inner.get("message"), *(row.get("reason") for row in details))))
    cls = next((cls for pattern, cls in BY_WORDS if pattern.search(words)), type(error))
    return cls(
        error.message,
        provider=provider,
        status=error.status,
        code=error.code,
        body=body,
        retry_after=next(filter(None, map(_delay, details)), None),
    )


def _delay(detail: Mapping[str, Any]) -> float | None:
    given = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(detail.get("retryDelay", "")))
    return float(given[1]) if given else None
