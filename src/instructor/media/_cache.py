"""The prompt-cache mark of a part."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import MessageError
from ..values import dataclass


@dataclass(frozen=True, slots=True)
class CacheControl:
    """A mark after which the provider may cache the prompt so far. `ttl`: `"5m"`, `"1h"`, …, or its default."""

    ttl: str | None = None

    def wire(self) -> dict[str, str]:
        """The Anthropic form, `{"type": "ephemeral"[, "ttl": …]}`."""
        return {"type": "ephemeral"} if self.ttl is None else {"type": "ephemeral", "ttl": self.ttl}

    @classmethod
    def parse(cls, value: object) -> CacheControl | None:
        """From what callers write: `True`, `False`, `None`, a dict of type `ephemeral`, or such a value.

        Raises:
            MessageError: it is something else.
        """
        if value is None or value is False:
            return None
        if value is True:
            return cls()
        if isinstance(value, CacheControl):
            return value
        if isinstance(value, Mapping) and value.get("type") == "ephemeral" and set(value) <= {"type", "ttl"}:
            ttl = value.get("ttl")
            if ttl is None or isinstance(ttl, str):
                return cls(ttl)
        raise MessageError(
            f"cache_control takes True or {{'type': 'ephemeral'}} with an optional 'ttl', not {value!r:.80}"
        )
