"""A function in the place of an SDK's client: `litellm.completion`, which takes a wire dict's entries as keywords."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..adapter import Sdk, Wire
from ..errors import ProtocolError, ProviderError


class FunctionBridge:
    """Calls it. Its answers are objects with `model_dump()`; its exceptions carry `status_code` and `message`."""

    raw_bytes = False

    def call(self, client: Any, wire: Wire, *, streaming: bool, asynchronous: bool, timeout: float | None) -> Any:
        """The answer, its chunks, or an awaitable of either."""
        return client(**wire, **({"timeout": timeout} if timeout else {}))

    def json(self, raw: Any) -> Mapping[str, Any]:
        """The answer or chunk as JSON."""
        dump = getattr(raw, "model_dump", None)
        found: object = dump(mode="json", exclude_none=True) if callable(dump) else raw
        if not isinstance(found, Mapping):
            raise ProtocolError(f"the function gave a {type(raw).__name__} instead of an answer")
        return found

    def error(self, error: Exception) -> tuple[int, Any, Mapping[str, str]] | ProviderError | None:
        """The status, the message, and the headers where the exception has them."""
        status = getattr(error, "status_code", None)
        if not isinstance(status, int):
            return None
        headers = getattr(getattr(error, "response", None), "headers", None) or {}
        return status, {"error": {"message": getattr(error, "message", None) or str(error)}}, headers


FUNCTION = Sdk("litellm", "litellm", ("function",), ("function",), bridge=FunctionBridge())
"""Sends through a function."""
