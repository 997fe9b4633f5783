"""What a provider must be: its codec and its tables.

    Adapter    encode(Request) → wire dict    decode(wire dict) → Reply    error(status, body) → ProviderError
               media: kind → Accepts          families: model names → modes, best first
               streaming: what to add to a wire dict for a reply bit by bit    deltas(event) → Delta …
    Endpoint   where our own sender posts the wire dict, with which key, and how its streams are framed
    Sdk        how the caller's own SDK client sends it: by keyword arguments, or over a Bridge
    Provider   the three together, as the registry holds them

    choose(adapter, model, mode, target) ─▶ the mode and the schema as this model takes it

An adapter knows nothing of retries, modes, models' classes, or the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from .errors import MediaTooLarge, ModeError, ProviderError, UnsupportedMedia
from .fit import Limits
from .ir import Delta, Reply, Request
from .media import Media, SourceKind
from .modes import Mode
from .output import Dialect, Rendered, Target, render

Wire = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Accepts:
    """One row of an adapter's media table: what bounds one medium, and how it is written.

    `sources` are those that may be passed on untouched; `"bytes"` among them means that content can be sent
    inline. `crowd` is a count of such media in one request and the limits above it.
    """

    limits: Limits
    sources: frozenset[SourceKind]
    encode: Callable[[Media], Wire]
    crowd: tuple[int, Limits] | None = None

    def limits_among(self, count: int) -> Limits:
        """The limits of each where a request holds so many."""
        return self.crowd[1] if self.crowd and count > self.crowd[0] else self.limits


@dataclass(frozen=True, slots=True)
class Family:
    """Models whose name matches `pattern`, with the modes they take, best first, and each mode's schema dialect.

    In a mode of `must_fit` the provider enforces the schema or refuses it: what its dialect cannot express
    cannot be asked for in that mode. A mode of `alone` takes no tools of the caller's own beside it. `caches` says
    whether these models take marks of `cache_control`, where the adapter has any.
    """

    pattern: re.Pattern[str]
    modes: Mapping[Mode, Dialect]
    must_fit: frozenset[Mode] = frozenset()
    caches: bool = True
    alone: frozenset[Mode] = frozenset()


class Adapter(Protocol):
    """All that a provider's wire dialect must be."""

    @property
    def name(self) -> str: ...
    @property
    def dialect(self) -> str: ...
    @property
    def media(self) -> Mapping[type[Media], Accepts]: ...
    @property
    def families(self) -> tuple[Family, ...]: ...
    @property
    def caches(self) -> bool: ...

    @property
    def streaming(self) -> Mapping[str, Any]: ...

    def encode(self, request: Request) -> Wire: ...
    def decode(self, wire: Mapping[str, Any]) -> Reply: ...
    def deltas(self, event: Mapping[str, Any]) -> Iterable[Delta]: ...
    def error(self, status: int, body: Any) -> ProviderError: ...


class Framing(Enum):
    """How the events of a streamed answer are told apart: by its content type."""

    SSE = "text/event-stream"
    NDJSON = "application/x-ndjson"
    AWS = "application/vnd.amazon.eventstream"


def bearer(key: str) -> Mapping[str, str]:
    """The header that most APIs want; none without a key."""
    return {"authorization": f"Bearer {key}"} if key else {}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how our own HTTP sender posts.

    `base_url` is the default, `""` where the caller has to say it. `key_names` and `base_names` are the environment
    variables that hold the key and another base URL; an endpoint without `key_names` needs no key. `place` makes the
    path and the body of a wire dict, told whether a stream is wanted, where the path is not always `path`. `sign`
    makes headers of (method, URL, headers, body).
    """

    base_url: str
    path: str
    key_names: tuple[str, ...]
    base_names: tuple[str, ...] = ()
    headers: Callable[[str], Mapping[str, str]] = bearer
    place: Callable[[Wire, bool], tuple[str, Wire]] | None = None
    framing: Framing = Framing.SSE
    sign: Callable[[str, str, Mapping[str, str], bytes], Mapping[str, str]] | None = None


class Bridge(Protocol):
    """How an SDK's client is driven that is not of the kind that OpenAI's and Anthropic's are.

    What the client gives may be awaitable or an asynchronous iterable: the driver asks for one or the other.
    """

    @property
    def raw_bytes(self) -> bool:
        """Whether media go to the client as bytes, not as base64 text."""
        ...

    def call(self, client: Any, wire: Wire, *, streaming: bool, asynchronous: bool, timeout: float | None) -> Any:
        """Start a request: the SDK's answer, or its events as they arrive, or an awaitable of either."""
        ...

    def json(self, raw: Any) -> Mapping[str, Any]:
        """The SDK's answer or event as the JSON that the HTTP API has for it."""
        ...

    def error(self, error: Exception) -> tuple[int, Any, Mapping[str, str]] | ProviderError | None:
        """What an exception means: (status, body, headers), one of our errors, or None if it is not the SDK's."""
        ...


@dataclass(frozen=True, slots=True)
class Sdk:
    """How an SDK's own client sends: the name of its package and our extra, and its classes.

    `method` is the client's method that takes the wire dict's entries as keyword arguments, where the SDK is made by
    the generator that OpenAI's and Anthropic's are made by; another one has a `bridge`. A class that is among both
    `sync_classes` and `async_classes` is either, as the caller says.
    """

    package: str
    extra: str
    sync_classes: tuple[str, ...]
    async_classes: tuple[str, ...]
    method: str = ""
    bridge: Bridge | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """One entry of the registry. A provider in process has `answer` in place of an endpoint."""

    adapter: Adapter
    endpoint: Endpoint | None = None
    sdk: Sdk | None = None
    answer: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    default_model: str | None = None


# ── modes ────────────────────────────────────────────────────────────────────────────────────────


def family(adapter: Adapter, model: str) -> Family:
    """The first row whose pattern matches the model's name; the last row matches every name."""
    return next(row for row in adapter.families if row.pattern.search(model))


def choose(
    adapter: Adapter, model: str, mode: Mode | None, target: Target[Any], *, tools: bool = False
) -> tuple[Mode, Rendered]:
    """The mode to ask in, and the target's schema in its dialect. `tools`: the caller has some of their own.

    Raises:
        ModeError: the model does not take this mode, or not for this schema, or not beside tools.
    """
    row = family(adapter, model)
    free = tuple(one for one in row.modes if not (tools and one in row.alone))
    if mode is not None and mode not in free:
        known = ", ".join(f"Mode.{m.name}" for m in free)
        beside = " beside tools" if mode in row.modes else ""
        raise ModeError(f"{adapter.name} does not take Mode.{mode.name} for {model}{beside}: it takes {known}")
    notes: tuple[str, ...] = ()
    for candidate in (mode,) if mode else free:
        rendered = render(target, row.modes[candidate])
        if rendered.strict or candidate not in row.must_fit:
            return candidate, rendered
        notes = rendered.notes
    raise ModeError(
        f"{adapter.name} cannot express {target.name} as a schema for {model} in Mode.{mode.name if mode else '?'}: "
        f"{'; '.join(notes)}. Leave the mode out, or choose another one"
    )


# ── media ────────────────────────────────────────────────────────────────────────────────────────


def check(adapter: Adapter, row: Accepts, medium: Media, where: str | None) -> None:
    """Raise unless the content is of a type, and within the size, that the row takes."""
    limits = row.limits
    if medium.media_type not in limits.mimes:
        known = ", ".join(sorted(limits.mimes))
        raise UnsupportedMedia(
            f"{adapter.name} takes no {medium.media_type} ({medium!r}): it takes {known}", where=where
        )
    size = medium.size or 0
    if not limits.takes_bytes(size):
        actual, most = limits.counted(size), limits.max_bytes or 0
        raise MediaTooLarge(
            f"{medium!r} has {actual:,} {limits.unit}, {adapter.name} takes {most:,}: make it smaller",
            limit=most,
            actual=actual,
            where=where,
        )
