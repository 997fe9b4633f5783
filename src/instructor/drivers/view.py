"""A read-only view of a provider's JSON answer, with attributes, for calls that go through no SDK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class View(Mapping[str, Any]):
    """`view.usage.input_tokens` is `view["usage"]["input_tokens"]`. `model_dump()` gives the JSON as a dict."""

    __slots__ = ("_wire",)

    def __init__(self, wire: Mapping[str, Any]) -> None:
        self._wire = wire

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_wire":
            raise AttributeError(name)
        try:
            return _seen(self._wire[name])
        except KeyError:
            raise AttributeError(f"the answer has no {name!r}: it has {', '.join(self._wire)}") from None

    def __getitem__(self, key: str) -> Any:
        return _seen(self._wire[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._wire)

    def __len__(self) -> int:
        return len(self._wire)

    def __reduce__(self) -> tuple[Any, ...]:
        return View, (self._wire,)

    def model_dump(self) -> dict[str, Any]:
        """The JSON, as a new dict."""
        return dict(self._wire)

    def __repr__(self) -> str:
        return f"View({', '.join(self._wire)})"


def _seen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return View(value)
    if isinstance(value, list):
        return tuple(_seen(item) for item in value)
    return value
