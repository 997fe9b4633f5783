"""What happens in a call of `create`, as values: one class for each thing that can happen.

    Started ─▶ MediaFitted … ─▶ ┌▶ RequestSent ─▶ (AnswerBegan) ─▶ Answered ─▶ UsageCounted ─▶ Completed
       │                        │      └▶ RequestFailed ─▶ Retrying ─┐         └▶ AnswerInvalid ─▶ Retrying ─┐
       └▶ CacheHit ─▶ Completed └───────────────────────────────────◀┴──────────────────────────────────────◀┘
    the end of each call is one of   Completed · Failed · Abandoned     (before Failed, GaveUp after the last attempt)

    client.on(RequestSent, handler)      one of them
    client.on(Event, handler)            all of them; also client.on("event", handler)

Every event says of which call and which attempt it is. None holds keys, or the content of media: a request is held with
its media named instead of spelled out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, ClassVar, Literal, Self

from .ir import Reply, Usage
from .media import Inline, Media
from .values import dataclass

Kind = Literal["create", "partial", "iterable"]
"""What was called; `create_with_completion` is "create", and so is `create` without a stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened.

    Attributes:
        call: the id of the call of `create`; the same in all its events.
        provider: whom it asks.
        model: the model's name, as it is asked for.
        mode: how the answer is asked for (`"TOOLS"`, …); None before that is known, and for the provider's own answer.
        attempt: the attempt's number, from 1; 0 before the first.
        attempts: how many there may be at most; None where that is somebody else's to decide (tenacity).
        elapsed: seconds since the call began.
    """

    name: ClassVar[str] = "event"
    call: str = ""
    provider: str = ""
    model: str = ""
    mode: str | None = None
    attempt: int = 0
    attempts: int | None = None
    elapsed: float = 0.0

    def told(self, **known: Any) -> Self:
        """As handlers get it: with what is known of the call, and without what is for the library alone."""
        return replace(self, **known)


# ── the call ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Event):
    """A call of `create` begins. `wanted` is the name of its response model; None for the provider's own answer."""

    name: ClassVar[str] = "completion:start"
    kind: Kind = "create"
    wanted: str | None = None
    server: str | None = None
    """The API's address, where it is known: scheme, host, port and path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed(Event):
    """The call has come to its answer. `usage` and `cost` (in USD; None where a price is not known) sum all attempts."""

    name: ClassVar[str] = "completion:end"
    usage: Usage = Usage()
    cost: float | None = None
    cached: bool = False
    """The answer was known already, and nobody was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """The call ends with an error. `usage` and `cost` sum what its attempts took."""

    name: ClassVar[str] = "completion:failed"
    error: Exception
    usage: Usage = Usage()
    cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned(Event):
    """The caller wants no more: a stream was closed before its end, or the task was cancelled."""

    name: ClassVar[str] = "completion:abandoned"
    usage: Usage = Usage()
    cost: float | None = None


# ── an attempt ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSent(Event):
    """A request goes out. `sending` counts how often this attempt has been sent, from 1."""

    name: ClassVar[str] = "completion:kwargs"
    wire: Mapping[str, Any]
    """The request, with media elided."""
    stream: bool = False
    sending: int = 1

    def told(self, **known: Any) -> Self:
        return replace(self, wire=elided(self.wire), **known)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBegan(Event):
    """The answer to a streaming request has begun to arrive."""

    name: ClassVar[str] = "completion:stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Event):
    """An answer has arrived whole; whether it is valid is not known yet."""

    name: ClassVar[str] = "completion:response"
    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCounted(Event):
    """What an answer took, in tokens and USD (None: its price is not known), and all answers of the call up to now."""

    name: ClassVar[str] = "completion:usage"
    usage: Usage
    cost: float | None = None
    total: Usage = Usage()
    total_cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailed(Event):
    """No answer came to a request. `again`: the same one is sent again, because that may help."""

    name: ClassVar[str] = "completion:error"
    error: Exception
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerInvalid(Event):
    """An answer is not valid. `problems` has one line `problem @ $.path` for each thing that is wrong with it."""

    name: ClassVar[str] = "parse:error"
    error: Exception
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying(Event):
    """The same request is sent again (`resend`), or the model is asked again. `wait`: seconds until then."""

    name: ClassVar[str] = "completion:retry"
    error: Exception
    wait: float = 0.0
    resend: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FellBack(Event):
    """Whom the event names has failed, and another is asked instead. `dropped` are parameters which that one does not take."""

    name: ClassVar[str] = "completion:fallback"
    error: Exception
    to_provider: str
    to_model: str
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowed(Event):
    """The provider refuses to be asked so much: the client sends less for a while, at this `share` of its limits, and
    nothing for `pause` seconds."""

    name: ClassVar[str] = "limits:slowed"
    error: Exception
    share: float
    pause: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveUp(Event):
    """The last attempt's answer is not valid either."""

    name: ClassVar[str] = "completion:last_attempt"
    error: Exception


# ── before and beside it ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFitted(Event):
    """A medium was changed so that the provider takes it. `changes` print as one line each; `media` names what it became."""

    name: ClassVar[str] = "media:fitted"
    where: str
    changes: tuple[Any, ...] = ()
    media: tuple[str, ...] = ()
    fitted: Any = field(default=None, repr=False, compare=False)
    """For the handlers of `media:fitted` alone; None elsewhere."""

    def told(self, **known: Any) -> Self:
        media = tuple(repr(one) for one in self.fitted.media) if self.fitted is not None else self.media
        return replace(self, media=media, fitted=None, **known)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaUploaded(Event):
    """A medium was uploaded to the provider, as a file of its own. `medium` names it, `file` is its id there."""

    name: ClassVar[str] = "media:uploaded"
    where: str
    medium: str = ""
    file: str = ""
    uploaded: Any = field(default=None, repr=False, compare=False)
    """For the handlers of `media:uploaded` alone; None elsewhere."""

    def told(self, **known: Any) -> Self:
        done = self.uploaded
        if done is None:
            return replace(self, **known)
        return replace(self, medium=repr(done.medium), file=str(done.file.id), uploaded=None, **known)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheHit(Event):
    """The answer is in the cache: nobody is asked."""

    name: ClassVar[str] = "cache:hit"
    key: str
    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheFailed(Event):
    """The cache failed: the model is asked as if there were none."""

    name: ClassVar[str] = "cache:error"
    key: str
    error: Exception


EVENTS: tuple[type[Event], ...] = (
    Started,
    CacheHit,
    CacheFailed,
    MediaFitted,
    MediaUploaded,
    RequestSent,
    AnswerBegan,
    Answered,
    UsageCounted,
    RequestFailed,
    AnswerInvalid,
    Retrying,
    Slowed,
    FellBack,
    GaveUp,
    Completed,
    Failed,
    Abandoned,
)
"""All of them."""


def elided(value: Any) -> Any:
    """A copy of a wire value in which media are named instead of spelled out."""
    if isinstance(value, Inline):
        return f"{value.prefix}{value!r}"
    if isinstance(value, Media):
        return repr(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value):,} bytes>"
    if isinstance(value, str):  # what a caller has spelled out, in a part of a provider's own form
        head, comma, rest = value[:200].partition(";base64,") if value[:5] == "data:" else (value, "", "")
        return f"{head}{comma}<{len(value) - len(head) - len(comma):,} characters>" if rest else value
    if isinstance(value, Mapping):
        return {key: elided(item) for key, item in value.items()}
    return [elided(item) for item in value] if isinstance(value, list | tuple) else value
