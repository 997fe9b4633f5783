"""Callers' functions that are told what happens in a call.

    event                    is called with
    ─────                    ──────────────
    completion:kwargs        **wire: the request as it goes out (media elided in its repr)
    completion:response      the provider's answer object
    completion:error         the ProviderError
    media:fitted             a Fitted (media, changes), where=…: a medium was changed so that the provider takes it
    parse:error              the error of one attempt, before the model is asked again
    completion:last_attempt  the error of the last attempt

A handler that fails never breaks a call: its exception is logged under the logger `instructor`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

from .errors import ConfigurationError

logger = logging.getLogger("instructor")

Handler = Callable[..., Any]


class HookName(StrEnum):
    """The events."""

    COMPLETION_KWARGS = "completion:kwargs"
    COMPLETION_RESPONSE = "completion:response"
    COMPLETION_ERROR = "completion:error"
    COMPLETION_LAST_ATTEMPT = "completion:last_attempt"
    MEDIA_FITTED = "media:fitted"
    PARSE_ERROR = "parse:error"


def event(name: str | HookName) -> HookName:
    """The event of this name.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        return HookName(name)
    except ValueError:
        known = ", ".join(hook.value for hook in HookName)
        raise ConfigurationError(f"there is no event {name!r}: the events are {known}") from None


class Hooks:
    """Handlers by event. `on` and `off` change it; calls read it."""

    def __init__(self, handlers: Mapping[str | HookName, Iterable[Handler] | Handler] | None = None) -> None:
        self._handlers: dict[HookName, list[Handler]] = {}
        for name, given in (handlers or {}).items():
            for handler in (given,) if callable(given) else given:
                self.on(name, handler)

    def on(self, name: str | HookName, handler: Handler) -> None:
        """Call `handler` when `name` happens."""
        self._handlers.setdefault(event(name), []).append(handler)

    def off(self, name: str | HookName, handler: Handler) -> None:
        """Call `handler` no longer."""
        handlers = self._handlers.get(event(name), [])
        if handler in handlers:
            handlers.remove(handler)

    def clear(self, name: str | HookName | None = None) -> None:
        """Forget the handlers of one event, or of all."""
        if name is None:
            self._handlers.clear()
        else:
            self._handlers.pop(event(name), None)

    def handlers(self, name: str) -> tuple[Handler, ...]:
        """The handlers of one event, in the order in which they were added."""
        return tuple(self._handlers.get(HookName(name), ()))

    def __add__(self, other: Hooks) -> Hooks:
        both = Hooks()
        for hooks in (self, other):
            for name, handlers in hooks._handlers.items():
                both._handlers.setdefault(name, []).extend(handlers)
        return both

    def __bool__(self) -> bool:
        return any(self._handlers.values())


def report(handler: Handler, error: Exception) -> None:
    """Log that a handler failed. The error's own text is left out: it may hold what must not be logged."""
    name = getattr(handler, "__qualname__", repr(type(handler)))
    logger.warning("the hook handler %s failed: %s", name, type(error).__name__)
