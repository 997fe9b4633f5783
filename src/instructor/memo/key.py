"""The key of a request: a digest of everything that decides what a model answers.

It is made before media are settled, so that nothing is fetched or fitted for an answer that is known: addresses and file
ids count by name, content by its digest. Whatever a model sees or is told counts; keys, timeouts, marks for the
provider's own prompt cache, and who asks do not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from pathlib import PurePath
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from ..effects import Flow, Work
from ..errors import RequestError
from ..ir import Request, ToolResult
from ..media import PDF, Document, Media
from ..output import Target

VERSION = 1
"""Of the key's form: under another one nothing is found."""

SECRET_NAMES = frozenset(
    "authorization proxy-authorization x-api-key api-key api_key apikey x-goog-api-key ocp-apim-subscription-key cookie "
    "x-auth-token x-amz-security-token token access_token key".split()
)
"""Headers and query parameters that say who asks."""

TRACE_NAMES = frozenset(
    "idempotency-key x-request-id x-client-request-id x-correlation-id traceparent tracestate baggage".split()
)
"""Headers that are another's for each request."""


def named(
    request: Request,
    target: Target[Any] | None,
    *,
    provider: str,
    mode: str | None,
    place: str = "",
    fit: object = None,
) -> Flow[str]:
    """The request's key, made off the loop where content has to be read for it."""
    make = partial(key_of, request, target, provider=provider, mode=mode, place=place, fit=fit)
    if any(_content(part) for message in request.messages for part in message.parts):
        made: str = yield Work(make)
        return made
    return make()


def key_of(
    request: Request,
    target: Target[Any] | None,
    *,
    provider: str,
    mode: str | None,
    place: str = "",
    fit: object = None,
) -> str:
    """A digest of all that decides what a model answers.

    Raises:
        RequestError: a parameter is of a type that has no lasting form.
        MediaError: a file is gone, or has changed since it was named.
    """
    whole = {
        "version": VERSION,
        "provider": provider,
        "place": place,
        "mode": mode,
        "fit": fit if any(_content(part, anywhere=True) for m in request.messages for part in m.parts) else None,
        "type": None if target is None else _type_digest(target),
        "request": {row.name: getattr(request, row.name) for row in fields(request) if row.name != "params"},
        "params": {name: _parameter(name, request.params[name]) for name in sorted(request.params)},
    }
    text = json.dumps(whole, separators=(",", ":"), default=_written)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


@cache
def _type_digest(target: Target[Any]) -> str:
    """Of the plain schema: what the provider's dialect leaves out of it counts too."""
    return hashlib.sha256(json.dumps([target.name, target.schema], default=_written).encode("ascii")).hexdigest()


def _parameter(name: str, value: Any) -> Any:
    if name in ("extra_headers", "extra_query") and isinstance(value, Mapping):
        lower = {str(key).lower(): item for key, item in value.items()}
        return {key: lower[key] for key in sorted(lower.keys() - SECRET_NAMES - TRACE_NAMES)}
    if isinstance(value, float) and value.is_integer():
        return int(value)  # temperature=0.0 is temperature=0
    return value


def _content(part: Any, anywhere: bool = False) -> bool:
    """Whether a part is a medium with its content at hand, or, with `anywhere`, any medium."""
    if isinstance(part, ToolResult):
        return any(_content(inner, anywhere) for inner in part.parts)
    return isinstance(part, Media) and (anywhere or part.at_hand)


def _written(value: Any) -> Any:
    """What stands in a key for a value that JSON does not know. Fields that no repr shows are left out."""
    if isinstance(value, Media):
        return _medium(value)
    if is_dataclass(value) and not isinstance(value, type):
        shown = {f.name: getattr(value, f.name) for f in fields(value) if f.repr and f.name != "cache_control"}
        return {"": type(value).__name__, **shown}
    if isinstance(value, BaseModel):
        return {"": type(value).__name__, **value.model_dump(mode="json")}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return {"sha256": hashlib.sha256(value).hexdigest()}
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | time | timedelta | Decimal | UUID | PurePath):
        return {"": type(value).__name__, "value": str(value)}
    raise RequestError(
        f"a {type(value).__name__} among the parameters has no lasting form, so the answer cannot be cached: "
        "pass plain JSON values, or cache=False"
    )


def _medium(medium: Media) -> dict[str, Any]:
    options = {option: getattr(medium, option) for option in medium.options if option != "cache_control"}
    named = {"name": medium.name} if isinstance(medium, PDF | Document) else {}  # the kinds whose names models are told
    return {
        "": type(medium).__name__,
        "type": medium.media_type,
        **options,
        **named,
        **({"sha256": medium.digest} if medium.at_hand else {medium.source_kind: str(medium.source)}),
    }
