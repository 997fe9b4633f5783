"""Validators that call out: functions that ask a model, a database or a service, and take their time.

@calls_out ──▶ a mark on the function ──▶ found in the core schema of a type
                                            ├▶ the type is read where that does not block an event loop
                                            └▶ while an answer grows, such validators do not run: see `without`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic_core import core_schema

from ..errors import ConfigurationError

F = TypeVar("F", bound=Callable[..., Any])

_MARK = "__calls_out__"
_BESIDE = frozenset(("metadata", "serialization"))


def calls_out(validator: F) -> F:
    """Mark a validator that waits for something outside: another model, a service, a database.

    In a call of an asynchronous client it then runs in a thread, so that the event loop goes on; and while an answer
    streams it runs once, at the end.
    """
    function: Any = validator
    while (inner := getattr(function, "wrapped", None) or getattr(function, "__func__", None)) is not None:
        function = inner  # below pydantic's decorators, and classmethod
    try:
        setattr(function, _MARK, True)
    except (AttributeError, TypeError):
        raise ConfigurationError(f"calls_out marks functions, not {type(validator).__name__}") from None
    return validator


def has_callers(schema: Any) -> bool:
    """Whether a core schema holds a validator that calls out."""
    if isinstance(schema, Mapping):
        return _calls(schema) or any(has_callers(part) for key, part in schema.items() if key not in _BESIDE)
    return isinstance(schema, list | tuple) and any(map(has_callers, schema))


def without_callers(schema: Any) -> Any:
    """A core schema as if its validators that call out were not there. Shares what needs no change."""
    if not has_callers(schema):
        return schema
    if isinstance(schema, Mapping):
        if _calls(schema):
            inner = without_callers(schema.get("schema", core_schema.any_schema()))
            return {**inner, "ref": schema["ref"]} if "ref" in schema else inner
        return {key: part if key in _BESIDE else without_callers(part) for key, part in schema.items()}
    return type(schema)(map(without_callers, schema))


def _calls(schema: Mapping[str, Any]) -> bool:
    function = schema.get("function")
    called = function.get("function") if isinstance(function, Mapping) else None
    return getattr(called, _MARK, False) is True
