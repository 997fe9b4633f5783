"""Ollama through its own library: the bridge to a client of the `ollama` package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..adapter import Wire
from ..errors import ConnectionFailed, InstructorError, ProtocolError, RequestError

NAME = "ollama"


class OllamaClient:
    """An `ollama.Client` or `ollama.AsyncClient`, with its host, headers and httpx settings.

    What is sent is the wire itself, by the method that `chat` sends with: `chat` puts tools and messages into models
    that know a few keywords of JSON Schema, and drops the others (`$ref`, `anyOf`, `minimum`, …) without a word.
    """

    raw_bytes = False

    def call(self, client: Any, wire: Wire, *, streaming: bool, asynchronous: bool, timeout: float | None) -> Any:
        """`POST /api/chat`; the answer is the package's own `ChatResponse`."""
        from ollama import ChatResponse

        fields = {key: value for key, value in wire.items() if not key.startswith("extra_")}
        options: dict[str, Any] = {"json": {**fields, **(wire.get("extra_body") or {})}}
        for key, given in (("headers", "extra_headers"), ("params", "extra_query")):
            options |= {key: wire[given]} if wire.get(given) else {}
        options |= {} if timeout is None else {"timeout": timeout}
        return client._request(ChatResponse, "POST", "/api/chat", stream=streaming, **options)

    def json(self, raw: Any) -> Mapping[str, Any]:
        """What came, as far as the package's type knows it."""
        fields: dict[str, Any] = raw.model_dump(exclude_none=True)
        return fields

    def error(self, error: Exception) -> tuple[int, Any, Mapping[str, str]] | InstructorError | None:
        """The package's exceptions, by name; those of httpx are known to the driver."""
        names = {cls.__name__ for cls in type(error).__mro__ if cls.__module__.partition(".")[0] == NAME}
        if "ResponseError" in names:
            # one in the midst of a stream has no status
            return max(int(getattr(error, "status_code", -1)), 0) or 500, _body(str(getattr(error, "error", error))), {}
        if "RequestError" in names:
            return RequestError(f"the ollama package refuses the request: {error}")
        if isinstance(error, ConnectionError):
            return ConnectionFailed(str(error), provider=NAME)
        if getattr(error, "title", "") == "ChatResponse":  # pydantic's, of an answer that is none
            return ProtocolError("the answer is not of the provider's format", provider=NAME)
        if isinstance(error, json.JSONDecodeError):
            return ProtocolError("the answer is not JSON: is the host right, or a proxy in between?", provider=NAME)
        return None


def _body(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {"error": text}
