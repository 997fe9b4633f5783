"""Driving a `google.genai.Client`: its keys, proxies, retries and credentials stay in force.

    wire ─▶ model, contents, GenerateContentConfig(generationConfig's fields, systemInstruction, tools, …)
    GenerateContentResponse ─▶ JSON, as the HTTP API spells it

The SDK refuses fields that it does not know; `extra_body` and `extra_headers` become its `http_options`. It would call
Python functions by itself; none are handed to it, and the switch for that is off.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...adapter import Wire
from ...errors import ConnectionFailed, ProtocolError, ProviderError, RequestError
from ...values import dataclass
from .params import VERTEX_ASIDE

UNSENT = frozenset({"sdk_http_response", "parsed", "automatic_function_calling_history"})
"""Fields of the SDK's answer that did not come over the wire."""


@dataclass(frozen=True, slots=True)
class GenAi:
    """The bridge. `name` is what errors call the provider."""

    name: str
    raw_bytes: bool = True

    def call(self, client: Any, wire: Wire, *, streaming: bool, asynchronous: bool, timeout: float | None) -> Any:
        """Start a request: the SDK's answer, or its events, or an awaitable of either."""
        from google.genai import types

        models = (getattr(client, "aio", client) if asynchronous else client).models
        fields = dict(wire)
        model, contents = fields.pop("model"), fields.pop("contents")
        config = {**fields.pop("generationConfig", {}), "automaticFunctionCalling": {"disable": True}}
        config["httpOptions"] = _options(fields, timeout)
        create = models.generate_content_stream if streaming else models.generate_content
        return create(
            model=model, contents=contents, config=types.GenerateContentConfig.model_validate({**fields, **config})
        )

    def json(self, raw: Any) -> Mapping[str, Any]:
        """The SDK's answer or event as the HTTP API's JSON."""
        wire: dict[str, Any] = raw.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=UNSENT)
        return wire

    def error(self, error: Exception) -> tuple[int, Any, Mapping[str, str]] | ProviderError | None:
        """What an exception of the SDK means; None if it is not one of its own."""
        from google.genai import errors

        if isinstance(error, errors.APIError):
            headers = getattr(error.response, "headers", None) or {}
            return error.code or 0, error.details, {str(key).lower(): str(value) for key, value in headers.items()}
        names = {cls.__name__ for cls in type(error).__mro__}
        if type(error).__module__.startswith("aiohttp") and "TimeoutError" not in names:  # what the SDK may send with
            return ConnectionFailed(f"the connection broke ({type(error).__name__})", provider=self.name)
        answered = getattr(error, "title", "") in ("GenerateContentResponse", "HttpResponse")
        if answered or isinstance(error, errors.UnknownApiResponseError | json.JSONDecodeError | UnicodeDecodeError):
            said = f"the answer is not of the provider's format: {type(error).__name__}"
            return ProtocolError(said, provider=self.name)
        return None


def _options(fields: Wire, timeout: float | None) -> Wire:
    """What goes into the SDK's `http_options`; it is taken out of `fields`."""
    if fields.pop("extra_query", None):
        raise RequestError("google-genai has no place for extra_query")
    if set := [name for name in VERTEX_ASIDE if name in fields]:
        raise RequestError(
            f"{' and '.join(sorted(set))} are settings of the SDK's client: genai.Client(enterprise=True, …)"
        )
    options = {
        "apiVersion": fields.pop("apiVersion", None),
        "headers": fields.pop("extra_headers", None),
        "extraBody": fields.pop("extra_body", None),
        "timeout": None if timeout is None else max(1, round(timeout * 1000)),  # milliseconds
    }
    return {name: value for name, value in options.items() if value is not None}
