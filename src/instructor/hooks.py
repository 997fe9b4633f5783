"""Callers' functions that are told what happens in a call.

    Hooks().on(RequestSent, handler)       called with the event, a value of `instructor.events`
    Hooks().on("event", handler)           called with every event
    Hooks().on("parse:error", handler)     called as the table says

    name                     is called with
    ─────                    ──────────────
    completion:start         the Started
    completion:kwargs        **wire: the request as it goes out (media elided in its repr); once for each attempt
    completion:stream        the AnswerBegan
    completion:response      the provider's answer object
    completion:usage         the Usage of the call's answers up to now
    completion:error         the ProviderError, where the same request is not sent again
    completion:retry         the Retrying
    completion:fallback      the FellBack
    limits:slowed            the Slowed
    cache:hit                the Reply that was found, key=…: nobody was asked
    cache:error              the exception of a cache that failed, key=…: the model is asked as if there were none
    media:fitted             a Fitted (media, changes), where=…: a medium was changed so that the provider takes it
    media:uploaded           an Uploaded (medium, file), where=…: a medium was uploaded to the provider
    parse:error              the error of one attempt, before the model is asked again
    completion:last_attempt  the error of the last attempt
    completion:end           the Completed
    completion:failed        the Failed
    completion:abandoned     the Abandoned

A handler that fails never breaks a call: its exception is logged under the logger `instructor`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from .errors import ConfigurationError
from .events import (
    Answered,
    AnswerInvalid,
    CacheFailed,
    CacheHit,
    Event,
    GaveUp,
    MediaFitted,
    MediaUploaded,
    RequestFailed,
    RequestSent,
    UsageCounted,
)

logger = logging.getLogger("instructor")

Handler = Callable[..., Any]


class HookName(StrEnum):
    """The events, by name. `EVENT` stands for all of them."""

    COMPLETION_KWARGS = "completion:kwargs"
    COMPLETION_RESPONSE = "completion:response"
    COMPLETION_ERROR = "completion:error"
    COMPLETION_LAST_ATTEMPT = "completion:last_attempt"
    COMPLETION_USAGE = "completion:usage"
    COMPLETION_RETRY = "completion:retry"
    COMPLETION_FALLBACK = "completion:fallback"
    COMPLETION_START = "completion:start"
    COMPLETION_STREAM = "completion:stream"
    COMPLETION_END = "completion:end"
    COMPLETION_FAILED = "completion:failed"
    COMPLETION_ABANDONED = "completion:abandoned"
    CACHE_HIT = "cache:hit"
    CACHE_ERROR = "cache:error"
    MEDIA_FITTED = "media:fitted"
    MEDIA_UPLOADED = "media:uploaded"
    PARSE_ERROR = "parse:error"
    LIMITS_SLOWED = "limits:slowed"
    EVENT = "event"


Name = str | HookName | type[Event]

Arguments = tuple[tuple[Any, ...], Mapping[str, Any]]

BY_NAME: Mapping[type[Event], Callable[[Any], Arguments | None]] = {
    RequestSent: lambda event: ((), event.wire) if event.sending == 1 else None,
    Answered: lambda event: ((event.reply if event.reply.raw is None else event.reply.raw,), {}),
    UsageCounted: lambda event: ((event.total,), {}),
    RequestFailed: lambda event: None if event.again else ((event.error,), {}),
    AnswerInvalid: lambda event: ((event.error,), {}),
    GaveUp: lambda event: ((event.error,), {}),
    MediaFitted: lambda event: ((event.fitted,), {"where": event.where}),
    MediaUploaded: lambda event: ((event.uploaded,), {"where": event.where}),
    CacheHit: lambda event: ((event.reply,), {"key": event.key}),
    CacheFailed: lambda event: ((event.error,), {"key": event.key}),
}
"""What handlers of an event's name are called with, where that is not the event itself; None: they are not called."""


def event(name: Name) -> HookName | type[Event]:
    """The event of this name, or the class as it is.

    Raises:
        ConfigurationError: there is none.
    """
    if isinstance(name, type) and issubclass(name, Event):
        return name
    try:
        return HookName(name)
    except ValueError:
        known = ", ".join(hook.value for hook in HookName)
        raise ConfigurationError(
            f"there is no event {name!r}: the events are {known}, and the classes of instructor.events"
        ) from None


class Hooks:
    """Handlers by event. `on` and `off` change it; calls read it."""

    def __init__(self, handlers: Mapping[Any, Iterable[Handler] | Handler] | None = None) -> None:
        self._handlers: dict[HookName | type[Event], list[Handler]] = {}
        for name, given in (handlers or {}).items():
            for handler in (given,) if callable(given) else given:
                self.on(name, handler)

    def on(self, name: Name, handler: Handler) -> None:
        """Call `handler` when `name` happens: an event's name or class, or "event" for all."""
        self._handlers.setdefault(event(name), []).append(handler)

    def off(self, name: Name, handler: Handler) -> None:
        """Call `handler` no longer."""
        handlers = self._handlers.get(event(name), [])
        if handler in handlers:
            handlers.remove(handler)

    def clear(self, name: Name | None = None) -> None:
        """Forget the handlers of one event, or of all."""
        if name is None:
            self._handlers.clear()
        else:
            self._handlers.pop(event(name), None)

    def handlers(self, name: Name) -> tuple[Handler, ...]:
        """The handlers of one event, in the order in which they were added."""
        return tuple(self._handlers.get(event(name), ()))

    def heard(self, kind: type[Event]) -> bool:
        """Whether any handler wants this event."""
        wanted = self._handlers
        return bool(
            wanted
            and (wanted.get(HookName(kind.name)) or wanted.get(kind) or wanted.get(HookName.EVENT) or wanted.get(Event))
        )

    def wanted(
        self, happened: Event, known: Mapping[str, Any]
    ) -> Iterator[tuple[Handler, tuple[Any, ...], Mapping[str, Any]]]:
        """The handlers of what happened, each with its arguments. `known` is what the event says of its call."""
        told = happened.told(**known)
        view = BY_NAME.get(type(happened))
        by_name = ((told,), dict[str, Any]()) if view is None else view(happened)
        if by_name is not None:
            args, kwargs = by_name
            for handler in self.handlers(HookName(happened.name)):
                yield handler, args, kwargs
        for key in (type(happened), HookName.EVENT, Event):
            yield from ((handler, (told,), {}) for handler in self.handlers(key))

    def __add__(self, other: Hooks) -> Hooks:
        both = Hooks()
        for hooks in (self, other):
            for name, handlers in hooks._handlers.items():
                both._handlers.setdefault(name, []).extend(handlers)
        return both

    def __bool__(self) -> bool:
        return bool(self._handlers) and any(self._handlers.values())


def report(handler: Handler, error: Exception) -> None:
    """Log that a handler failed. The error's own text is left out: it may hold what must not be logged."""
    name = getattr(handler, "__qualname__", repr(type(handler)))
    logger.warning("the hook handler %s failed: %s", name, type(error).__name__)
