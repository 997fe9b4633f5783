"""Mistral's SDK, driven: `client.chat.complete`, `.stream` and their `_async` twins.

    wire ─▶ keyword arguments ─▶ the SDK's request types ─▶ its answer object ─▶ JSON as it came
                                                         └▶ its stream ─▶ JSON events, read by its own parser

A stream is read as JSON, not as the SDK's objects: an error in the middle is then seen as what it says.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from typing import Any

from ..adapter import Wire
from ..errors import ConnectionFailed, ProtocolError, ProviderError, RequestError

DONE = "[DONE]"


class _Opened:
    """An awaitable that gives the stream which another awaitable gives, reading JSON."""

    def __init__(self, opening: Any) -> None:
        self._opening = opening

    def __await__(self) -> Generator[Any, Any, Any]:
        stream = yield from self._opening.__await__()
        return _reading_json(stream)


def _reading_json(stream: Any) -> Any:
    """The SDK's stream over the same response, with JSON in the place of its objects."""
    return type(stream)(stream.response, json.loads, DONE, client_ref=stream.client_ref)


class MistralBridge:
    """See `adapter.Bridge`."""

    raw_bytes = False

    def call(self, client: Any, wire: Wire, *, streaming: bool, asynchronous: bool, timeout: float | None) -> Any:
        """One request. What the SDK's method has no argument for is refused: it would be lost."""
        for name in ("extra_body", "extra_query"):
            if wire.get(name):
                raise RequestError(f"Mistral's SDK has no place for {name}: use from_provider(), which has")
        arguments = {key: value for key, value in wire.items() if not key.startswith("extra_") and key != "stream"}
        if wire.get("extra_headers"):
            arguments["http_headers"] = dict(wire["extra_headers"])
        if timeout is not None:
            arguments["timeout_ms"] = max(1, round(timeout * 1000))
        name = ("stream" if streaming else "complete") + ("_async" if asynchronous else "")
        started = getattr(client.chat, name)(**arguments)
        if not streaming:
            return started
        return _Opened(started) if asynchronous else _reading_json(started)

    def json(self, raw: Any) -> Mapping[str, Any]:
        """The JSON of an answer object, without the defaults that its type adds; an event's data."""
        wire = raw.get("data") if isinstance(raw, Mapping) else _dumped(raw)
        if not isinstance(wire, Mapping):
            raise ProtocolError("the answer is not of the provider's format", provider="mistral")
        return wire

    def error(self, error: Exception) -> tuple[int, Any, Mapping[str, str]] | ProviderError | None:
        """The SDK's exceptions: one of an HTTP answer has its status, headers and text."""
        names = {cls.__name__ for cls in type(error).__mro__ if cls.__module__.partition(".")[0] == "mistralai"}
        if "NoResponseError" in names:
            return ConnectionFailed("no answer came", provider="mistral")
        if "MistralError" not in names:
            return None
        status, body, headers = getattr(error, "status_code", 0), getattr(error, "body", ""), _headers(error)
        if "ResponseValidationError" in names or status < 400:
            kind = headers.get("content-type") or "no type"
            return ProtocolError(
                f"the answer is not of the provider's format, but {kind}: is the server URL right?",
                provider="mistral",
                status=status,
            )
        try:
            return status, json.loads(body), headers
        except ValueError:
            return status, str(body), headers


def _headers(error: Exception) -> Mapping[str, str]:
    headers: Mapping[str, str] = getattr(error, "headers", None) or {}
    return headers


def _dumped(raw: Any) -> Any:
    dump = getattr(raw, "model_dump", None)
    return dump(mode="json", by_alias=True, exclude_unset=True) if dump else None


BRIDGE = MistralBridge()
