"""HTTP statuses and error bodies → the exceptions of the house, by table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import (
    AuthenticationError,
    BadRequest,
    ContextOverflow,
    NotFound,
    Overloaded,
    PermissionDenied,
    ProviderError,
    RateLimited,
    RequestTooLarge,
    ServerError,
    UnreadOutput,
)

BY_STATUS: Mapping[int, type[ProviderError]] = {
    401: AuthenticationError,
    403: PermissionDenied,
    404: NotFound,
    408: ServerError,
    409: ServerError,
    413: RequestTooLarge,
    429: RateLimited,
    503: Overloaded,
    529: Overloaded,
}

OVERFLOW = re.compile(
    r"context_length_exceeded|maximum context length|prompt is too long|context window|available context size",
    re.IGNORECASE,
)
"""How OpenAI (`code`) and Anthropic (message) say that the prompt is too long."""

UNREAD = re.compile(r"model produced output that does not match the expected .* format")
"""How llama.cpp's server says (500, or in a stream) that it cannot parse what its model wrote: ggml-org/llama.cpp, issues
26381 and 27733. The text stays there; it may have ended anywhere."""

WHY_UNREAD = (
    "it was cut off at the token limit (raise max_tokens, or ask for less), or the model left the form that its chat "
    "template has for it"
)

MAX_MESSAGE_CHARS = 2000


def from_status(provider: str, status: int, body: Any) -> ProviderError:
    """The error of a failed exchange. `body`: the parsed JSON, or text where it was none."""
    inner = body.get("error", body) if isinstance(body, Mapping) else body
    fields: Mapping[str, Any] = inner if isinstance(inner, Mapping) else {}
    message = fields.get("message") or (inner if isinstance(inner, str) else None) or "no message"
    code = fields.get("code") or fields.get("type")
    cls = BY_STATUS.get(status) or (ServerError if status >= 500 else BadRequest if status >= 400 else ProviderError)
    if cls is BadRequest and OVERFLOW.search(f"{code} {message}"):
        cls = ContextOverflow
    if UNREAD.search(str(message)):
        cls = UnreadOutput
        message = f"{message}: {WHY_UNREAD}"
    return cls(
        _short(str(message)),
        provider=provider,
        status=status or None,
        code=str(code) if code else None,
        body=body,
    )


def _short(message: str) -> str:
    if "<html" in message[:500].lower():
        return "an HTML page instead of an answer: is the base URL right, or a proxy in between?"
    return message if len(message) <= MAX_MESSAGE_CHARS else message[:MAX_MESSAGE_CHARS] + "…"
