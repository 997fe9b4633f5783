"""A read-only view of a provider's JSON answer, with attributes, for calls that go through no SDK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
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


def shown(wire: Mapping[str, Any], kind: str, client: object) -> Any:
    """What a caller is shown of an answer that was kept: an object of the class that it had, `"module:name"`, where that
    is one of the SDK of `client` that can be made of JSON; else a view."""
    module, _, name = kind.partition(":")
    root = module.partition(".")[0]
    if client is None or root != type(client).__module__.partition(".")[0] or not name.isidentifier():
        return View(wire)
    try:
        found = getattr(import_module(module), name, None)
    except ImportError:  # the SDK has moved it since
        return View(wire)
    from pydantic import BaseModel

    if not (isinstance(found, type) and issubclass(found, BaseModel)):
        return View(wire)
    try:
        return _made(found, wire)
    except (TypeError, ValueError):  # what was kept is of another version of the SDK
        return View(wire)


def _made(model: Any, wire: Mapping[str, Any]) -> Any:
    """An object of an SDK's class. SDKs whose answers are not validated when they come have a `construct` of their own,
    which makes nested objects and demands nothing; pydantic's does not."""
    from pydantic import BaseModel

    own = getattr(model.construct, "__func__", None) is not getattr(BaseModel.construct, "__func__", None)
    return model.construct(**wire) if own else model.model_validate(wire)
