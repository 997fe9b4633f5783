"""What a provider must be: its codec and its tables.

    Adapter    encode(Request) → wire dict    decode(wire dict) → Reply    error(status, body) → ProviderError
               media: kind → Accepts          families: model names → modes, best first
               streaming: what to add to a wire dict for a reply bit by bit    deltas(event) → Delta …
    Endpoint   where our own sender posts the wire dict, and with which key
    Sdk        how the caller's own SDK client sends it
    Provider   the three together, as the registry holds them

    choose(adapter, model, mode, target) ─▶ the mode and the schema as this model takes it

An adapter knows nothing of retries, modes, models' classes, or the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
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
    cannot be asked for in that mode.
    """

    pattern: re.Pattern[str]
    modes: Mapping[Mode, Dialect]
    must_fit: frozenset[Mode] = frozenset()


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


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how our own HTTP sender posts: the default base URL, the path, and the names of the environment
    variables that hold the key and another base URL."""

    base_url: str
    path: str
    key_names: tuple[str, ...]
    base_names: tuple[str, ...] = ()
    headers: Callable[[str], Mapping[str, str]] = field(default=lambda key: {"authorization": f"Bearer {key}"})


@dataclass(frozen=True, slots=True)
class Sdk:
    """How an SDK's own client sends: the name of its package and our extra, its classes, and the client's method
    that takes the wire dict's entries as keyword arguments."""

    package: str
    extra: str
    sync_classes: tuple[str, ...]
    async_classes: tuple[str, ...]
    method: str


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


def choose(adapter: Adapter, model: str, mode: Mode | None, target: Target[Any]) -> tuple[Mode, Rendered]:
    """The mode to ask in, and the target's schema in its dialect.

    Raises:
        ModeError: the model does not take this mode, or not for this schema.
    """
    row = family(adapter, model)
    if mode is not None and mode not in row.modes:
        known = ", ".join(f"Mode.{m.name}" for m in row.modes)
        raise ModeError(f"{adapter.name} does not take Mode.{mode.name} for {model}: it takes {known}")
    notes: tuple[str, ...] = ()
    for candidate in (mode,) if mode else tuple(row.modes):
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
