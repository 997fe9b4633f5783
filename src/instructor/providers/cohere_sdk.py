"""Cohere's SDK, driven: `client.chat` and `client.chat_stream` of `ClientV2` and `AsyncClientV2`.

wire ─▶ keyword arguments, and request_options for the rest ─▶ its answer object or events ─▶ JSON as it came
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..adapter import Wire
from ..errors import ProtocolError, ProviderError

OPTIONS = {
    "extra_body": "additional_body_parameters",
    "extra_headers": "additional_headers",
    "extra_query": "additional_query_parameters",
}
"""Our names → those of the SDK's `request_options` (core/request_options.py)."""


class CohereBridge:
    """See `adapter.Bridge`."""

    raw_bytes = False

    def call(self, client: Any, wire: Wire, *, streaming: bool, asynchronous: bool, timeout: float | None) -> Any:
        """One request. Both clients' methods have the same names."""
        arguments = {key: value for key, value in wire.items() if key not in OPTIONS and key != "stream"}
        options: dict[str, Any] = {OPTIONS[key]: dict(wire[key]) for key in OPTIONS if wire.get(key)}
        if timeout is not None:
            options["timeout_in_seconds"] = timeout  # the name that all of 7.x knows; fractions are taken
        if options:
            arguments["request_options"] = options
        return client.chat_stream(**arguments) if streaming else client.chat(**arguments)

    def json(self, raw: Any) -> Mapping[str, Any]:
        """The JSON of an answer object or event, without the fields that its type adds."""
        if isinstance(raw, Mapping):
            return raw
        dump = getattr(raw, "model_dump", None)
        wire = dump(mode="json", by_alias=True, exclude_unset=True, warnings=False) if dump else None
        if not isinstance(wire, dict):
            raise ProtocolError("the answer is not of the provider's format", provider="cohere")
        return wire

    def error(self, error: Exception) -> tuple[int, Any, Mapping[str, str]] | ProviderError | None:
        """The SDK's exceptions: one of an HTTP answer has its status, headers and body."""
        names = {cls.__name__ for cls in type(error).__mro__ if cls.__module__.partition(".")[0] == "cohere"}
        unread = isinstance(error, TypeError) and "model_construct" in str(error)  # where an answer is of another form
        if not names & {"ApiError", "SSEError", "ParsingError"} and not unread:
            return None
        status = getattr(error, "status_code", None) or 0
        if status >= 400:
            return status, getattr(error, "body", None), getattr(error, "headers", None) or {}
        return ProtocolError(
            "the answer is not of the provider's format: is the base URL right?",
            provider="cohere",
            status=status or None,
        )


BRIDGE = CohereBridge()
