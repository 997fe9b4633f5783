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
from threading import Lock
from typing import TYPE_CHECKING, Any

from .errors import ConfigurationError

if TYPE_CHECKING:  # imported where an event is told: a client to which nobody listens has no use for them
    from .events import Event

logger = logging.getLogger("instructor")

_changing = Lock()

Handler = Callable[..., Any]
Arguments = tuple[tuple[Any, ...], Mapping[str, Any]]


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


if TYPE_CHECKING:
    Name = str | HookName | type[Event]

BY_NAME: Mapping[str, Callable[[Any], Arguments | None]] = {
    HookName.COMPLETION_KWARGS: lambda event: ((), event.wire) if event.sending == 1 else None,
    HookName.COMPLETION_RESPONSE: lambda event: ((event.reply if event.reply.raw is None else event.reply.raw,), {}),
    HookName.COMPLETION_USAGE: lambda event: ((event.total,), {}),
    HookName.COMPLETION_ERROR: lambda event: None if event.again else ((event.error,), {}),
    HookName.PARSE_ERROR: lambda event: ((event.error,), {}),
    HookName.COMPLETION_LAST_ATTEMPT: lambda event: ((event.error,), {}),
    HookName.MEDIA_FITTED: lambda event: ((event.fitted,), {"where": event.where}),
    HookName.MEDIA_UPLOADED: lambda event: ((event.uploaded,), {"where": event.where}),
    HookName.CACHE_HIT: lambda event: ((event.reply,), {"key": event.key}),
    HookName.CACHE_ERROR: lambda event: ((event.error,), {"key": event.key}),
}
"""What handlers of an event's name are called with, where that is not the event itself; None: they are not called."""


def event(name: Name) -> HookName | type[Event]:
    """The event of this name, or the class as it is.

    Raises:
        ConfigurationError: there is none.
    """
    if isinstance(name, type):
        from .events import Event

        if issubclass(name, Event):
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
        with _changing:
            self._handlers.setdefault(event(name), []).append(handler)

    def off(self, name: Name, handler: Handler) -> None:
        """Call `handler` no longer."""
        with _changing:
            handlers = self._handlers.get(event(name), [])
            if handler in handlers:
                handlers.remove(handler)
            if not handlers:
                self.clear(name)

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
        if not wanted:
            return False
        from .events import Event

        return any(wanted.get(key) for key in (HookName(kind.name), kind, HookName.EVENT, Event))

    def wanted(
        self, happened: Event, known: Mapping[str, Any]
    ) -> Iterator[tuple[Handler, tuple[Any, ...], Mapping[str, Any]]]:
        """The handlers of what happened, each with its arguments. `known` is what the event says of its call."""
        from .events import Event

        told = happened.told(**known)
        view = BY_NAME.get(happened.name)
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

    @property
    def audience(self) -> Mapping[Any, list[Handler]]:
        """Those who listen, at any moment: empty where nobody does."""
        return self._handlers

    def __bool__(self) -> bool:
        return bool(self._handlers)


def report(handler: Handler, error: Exception) -> None:
    """Log that a handler failed. The error's own text is left out: it may hold what must not be logged."""
    name = getattr(handler, "__qualname__", repr(type(handler)))
    logger.warning("the hook handler %s failed: %s", name, type(error).__name__)
