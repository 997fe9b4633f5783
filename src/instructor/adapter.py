"""What a provider must be, and the one reader of its media tables.

    Adapter    encode(Request) → wire dict    decode(wire dict) → Reply    error(status, body) → ProviderError
               media: kind → Accepts          families: model names → modes, best first
               streaming: what to add to a wire dict for a reply bit by bit    deltas(event) → Delta …
    Endpoint   where our own sender posts the wire dict, and with which key
    Sdk        how the caller's own SDK client sends it
    Provider   the three together, as the registry holds them

    settle(adapter, request) ─▶ the request with media that the adapter can encode, or one error that lists all
                                that it cannot
    choose(adapter, model, mode, target) ─▶ the mode and the schema as this model takes it

An adapter knows nothing of retries, modes, models' classes, or the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from . import chat
from .effects import Flow, Work
from .errors import MediaError, MediaTooLarge, MessageError, ModeError, ProviderError, UnsupportedMedia
from .fetch import MediaPolicy, fetch
from .hooks import logger
from .ir import Delta, Message, Native, Part, Reply, Request, ToolResult
from .media import Document, Media, SourceKind, Url
from .modes import Mode
from .output import Dialect, Rendered, Target, render

Wire = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Accepts:
    """One row of an adapter's media table.

    `sources` are those that may be passed on untouched; `"bytes"` among them means that content can be sent
    inline. `max_bytes` bounds one medium, counted as `encoded` says: base64 characters, or bytes of content.
    """

    mimes: frozenset[str]
    sources: frozenset[SourceKind]
    encode: Callable[[Media], Wire]
    max_bytes: int | None = None
    encoded: bool = False


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


def settle(adapter: Adapter, request: Request, policy: MediaPolicy) -> Flow[Request]:
    """Make every medium one that the adapter can encode: fetched where its address cannot be passed on.

    Raises:
        MediaError: one or more media cannot be sent; the message lists all of them. Nothing was sent.
    """
    problems: list[MediaError] = []
    fetched: dict[str, Media] = {}
    messages: list[Message] = []
    for i, message in enumerate(request.messages):
        where = f"messages[{i}]"
        if adapter.caches is False and any(getattr(part, "cache_control", None) for part in message.parts):
            logger.info("%s: cache_control is not sent: %s has no such mark", where, adapter.name)
        parts = yield from _settle_parts(adapter, message, message.parts, where, policy, fetched, problems)
        messages.append(message if parts is message.parts else replace(message, parts=parts))
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise MediaError(f"{len(problems)} media cannot be sent:\n" + "\n".join(f"- {one}" for one in problems))
    return replace(request, messages=tuple(messages))


def _settle_parts(
    adapter: Adapter,
    message: Message,
    parts: tuple[Part, ...],
    where: str,
    policy: MediaPolicy,
    fetched: dict[str, Media],
    problems: list[MediaError],
) -> Flow[tuple[Part, ...]]:
    settled: list[Part] = []
    for j, part in enumerate(parts):
        place = f"{where}.content[{j}]"
        if isinstance(part, Native) and part.dialect not in ("", adapter.dialect):
            part = _neutral(adapter, part, place)
        if isinstance(part, ToolResult):
            inner = yield from _settle_parts(adapter, message, part.parts, place, policy, fetched, problems)
            part = part if inner is part.parts else replace(part, parts=inner)
        elif isinstance(part, Media):
            try:
                part = yield from _settle_one(adapter, part, place, policy, fetched)
            except MediaError as error:
                problems.append(error)
        settled.append(part)
    return parts if all(a is b for a, b in zip(settled, parts, strict=True)) else tuple(settled)


def _neutral(adapter: Adapter, part: Native, where: str) -> Part:
    try:
        meaning = chat.neutral(part)
    except MediaError as error:
        chat.place(error, where)
        raise
    if meaning is None:
        kind = part.payload.get("type")
        raise MessageError(f"{adapter.name} takes no {kind!r} part of {part.dialect}'s API", where=where)
    return meaning


def _settle_one(
    adapter: Adapter, medium: Media, where: str, policy: MediaPolicy, fetched: dict[str, Media]
) -> Flow[Media]:
    row = adapter.media.get(type(medium))
    if row is None:
        kinds = ", ".join(kind.__name__ for kind in adapter.media)
        raise UnsupportedMedia(f"{adapter.name} takes no {type(medium).__name__}: it takes {kinds}", where=where)
    if isinstance(medium.origin, Url) and "url" not in row.sources:
        medium = yield from _fetched(medium, medium.origin.url, where, policy, fetched)
    if medium.source_kind == "id" and "id" not in row.sources:
        raise UnsupportedMedia(f"{adapter.name} takes no file ids for {type(medium).__name__}", where=where)
    if medium.source_kind in ("bytes", "file"):
        check(adapter, row, medium, where)
    if isinstance(medium, Document) and medium.source_kind == "file":
        data: bytes = yield Work(medium.read)
        medium = Document.from_bytes(data, medium.media_type, name=medium.name, cache_control=medium.cache_control)
    return medium


def _fetched(medium: Media, url: str, where: str, policy: MediaPolicy, fetched: dict[str, Media]) -> Flow[Media]:
    if url not in fetched:
        got = yield from fetch(url, policy, where=where)
        try:
            fetched[url] = type(medium).from_bytes(got.data, got.media_type, name=medium.name)
        except MediaError as error:
            raise type(error)(f"{error.problem} (fetched from {medium!r})", where=where) from error
    options = {option: getattr(medium, option) for option in medium.options}
    return fetched[url].replace(**options)


def check(adapter: Adapter, row: Accepts, medium: Media, where: str | None) -> None:
    """Raise unless the content is of a type, and within the size, that the row takes."""
    if medium.media_type not in row.mimes:
        known = ", ".join(sorted(row.mimes))
        raise UnsupportedMedia(
            f"{adapter.name} takes no {medium.media_type} ({medium!r}): it takes {known}", where=where
        )
    size = medium.size or 0
    actual = (size + 2) // 3 * 4 if row.encoded else size
    if row.max_bytes is not None and actual > row.max_bytes:
        unit = "bytes once base64-encoded" if row.encoded else "bytes"
        raise MediaTooLarge(
            f"{medium!r} has {actual:,} {unit}, {adapter.name} takes {row.max_bytes:,}: make it smaller",
            limit=row.max_bytes,
            actual=actual,
            where=where,
        )
