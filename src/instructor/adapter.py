"""What a provider must be: its codec and its tables.

    Adapter    encode(Request) → wire dict    decode(wire dict) → Reply    error(status, body) → ProviderError
               media: kind → Accepts          families: model names → modes, best first
               streaming: what to add to a wire dict for a reply bit by bit    deltas(event) → Delta …
    Endpoint   where our own sender posts the wire dict, with which key, and how its streams are framed
    Sdk        how the caller's own SDK client sends it: by keyword arguments, or over a Bridge (in `sdks`)
    Provider   the three together, as the registry holds them

    choose(adapter, model, mode, target) ─▶ the mode and the schema as this model takes it

An adapter knows nothing of retries, modes, models' classes, or the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from . import output
from .errors import MediaTooLarge, ModeError, ProviderError, UnsupportedMedia
from .filing import FilesApi
from .fit import Limits
from .ir import Delta, Reply, Request
from .media import Media, SourceKind, Url
from .modes import Mode
from .output import PLAIN, Dialect, Rendered
from .sdks import Bridge as Bridge
from .sdks import Post as Post
from .sdks import Sdk as Sdk
from .values import dataclass

if TYPE_CHECKING:
    from .output import Target

Wire = dict[str, Any]


def on_the_web(medium: Media) -> bool:
    """Whether a medium is at an address that anyone reads: not in a bucket."""
    return isinstance(medium.origin, Url) and medium.origin.url.lower().startswith(("https://", "http://"))


@dataclass(frozen=True, slots=True)
class Accepts:
    """One row of an adapter's media table: what bounds one medium, and how it is written.

    `sources` are those that may be passed on untouched; `"bytes"` among them means that content can be sent
    inline, and `"url"` that addresses are passed on which the provider `reads`. `crowd` is a count of such media in one
    request and the limits above it. `upload_bytes` is the size of one that may go through the provider's Files API
    instead, otherwise bounded alike; None: none may. It then stands in the request by its id, or, if `linked`, by a signed
    address.
    """

    limits: Limits
    sources: frozenset[SourceKind]
    encode: Callable[[Media], Wire]
    crowd: tuple[int, Limits] | None = None
    most: int | None = None
    reads: Callable[[Media], bool] = on_the_web
    upload_bytes: int | None = None
    linked: bool = False

    def passes_on(self, medium: Media) -> bool:
        """Whether the provider reads this address by itself, and takes what its name says it holds: it goes out untouched."""
        kind = medium.source_kind
        taken = medium.media_type is None or medium.media_type in self.limits.mimes
        return (kind != "url" and kind in self.sources) or (taken and "url" in self.sources and self.reads(medium))

    @property
    def uploads(self) -> Limits | None:
        """What bounds an uploaded medium."""
        if self.upload_bytes is None:
            return None
        return replace(self.limits, max_bytes=self.upload_bytes, encoded=False)

    def limits_among(self, count: int) -> Limits:
        """The limits of each where a request holds so many."""
        return self.crowd[1] if self.crowd and count > self.crowd[0] else self.limits


Rows = Mapping[type[Media], Accepts]
"""A media table. A kind that has no row is not taken."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What bounds all media of some `kinds` together, in a request or, if `each_turn`, in every turn of it.

    `most` counts them. `max_bytes` is their content, `encoded` that of what stands in the body as base64. What each has of
    pages, pixels and seconds is added up.
    """

    kinds: tuple[type[Media], ...]
    most: int | None = None
    max_bytes: int | None = None
    encoded: bool = False
    max_pages: int | None = None
    max_pixels: int | None = None
    max_seconds: float | None = None
    each_turn: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """What bounds a request as a whole; None means: nothing that is known.

    `max_body` counts the bytes of its JSON, `max_media` those of all media in it once encoded, `max_pages` the pages
    of all its PDFs; `sums` bound some kinds of media. For models whose name matches a pattern of `models` its figures
    hold in the place of these.
    """

    max_body: int | None = None
    max_media: int | None = None
    max_pages: int | None = None
    sums: tuple[Sum, ...] = ()
    models: tuple[tuple[re.Pattern[str], Whole], ...] = ()

    def of(self, model: str) -> Whole:
        """What holds for a model."""
        return next((whole for pattern, whole in self.models if pattern.search(model)), self) if self.models else self


NOTHING_KNOWN = Whole()


@dataclass(frozen=True, slots=True)
class Family:
    """Models whose name matches `pattern`, with the modes they take, best first, and each mode's schema dialect.

    In a mode of `must_fit` the provider enforces the schema or refuses it: what its dialect cannot express
    cannot be asked for in that mode. A mode of `alone` takes no tools of the caller's own beside it. `caches` says
    whether these models take marks of `cache_control`, where the adapter has any. Media of the kinds `without` they do
    not take, although the dialect has a part for them.
    """

    pattern: re.Pattern[str]
    modes: Mapping[Mode, Dialect]
    must_fit: frozenset[Mode] = frozenset()
    caches: bool = True
    alone: frozenset[Mode] = frozenset()
    without: frozenset[type[Media]] = frozenset()

    @property
    def offers(self) -> tuple[Mode, ...]:
        """The modes that may be asked for: those of the table, and several tools at once where one can be."""
        return (*self.modes, *((Mode.PARALLEL_TOOLS,) if Mode.TOOLS in self.modes else ()))


class Adapter(Protocol):
    """All that a provider's wire dialect must be."""

    @property
    def name(self) -> str: ...
    @property
    def dialect(self) -> str: ...
    @property
    def media(self) -> Rows: ...
    @property
    def families(self) -> tuple[Family, ...]: ...
    @property
    def caches(self) -> bool: ...
    @property
    def whole(self) -> Whole: ...

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
    makes headers of (method, URL, headers, body). `locate` makes the base URL of the one given and of the environment, with
    the caller's parameters over it, where that is more than the one or the other; `key_needed` says whether there must be
    a key.
    """

    base_url: str
    path: str
    key_names: tuple[str, ...]
    base_names: tuple[str, ...] = ()
    headers: Callable[[str], Mapping[str, str]] = bearer
    place: Callable[[Wire, bool], tuple[str, Wire]] | None = None
    locate: Callable[[str | None, Mapping[str, str]], str] | None = None
    key_needed: bool = True
    framing: Framing = Framing.SSE
    sign: Callable[[str, str, Mapping[str, str], bytes], Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A server in this process: where it listens, the key it wants, and how it is stopped (blocking)."""

    base_url: str
    key: str
    stop: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Hosted:
    """A model that is served in this process, over loopback, for as long as a client needs it.

    `adapter` is the provider's, for this model. Clients whose `identity` is equal share one server; `start` (blocking)
    makes it, when the first request goes out.
    """

    adapter: Adapter
    identity: Hashable
    start: Callable[[], Running]


@dataclass(frozen=True, slots=True)
class Provider:
    """One entry of the registry. A provider in process has `answer` in place of an endpoint; `also` are SDKs beside
    `sdk` whose clients may send to it; `files` is the API that media can be uploaded to."""

    adapter: Adapter
    endpoint: Endpoint | None = None
    sdk: Sdk | None = None
    answer: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    default_model: str | None = None
    host: Callable[[str, dict[str, Any]], Hosted] | None = None
    """Of a model's name and the caller's parameters, out of which it takes its own: a model served in this process."""
    also: tuple[Sdk, ...] = ()
    files: FilesApi | None = None


# ── modes ────────────────────────────────────────────────────────────────────────────────────────


def family(adapter: Adapter, model: str) -> Family:
    """The first row whose pattern matches the model's name; the last row matches every name."""
    known = _FAMILIES.get((id(adapter.families), model))
    if known is None or known[0] is not adapter.families:
        if len(_FAMILIES) >= 1024:
            _FAMILIES.clear()
        found = next(row for row in adapter.families if row.pattern.search(model))
        known = _FAMILIES[id(adapter.families), model] = adapter.families, found
    return known[1]


_FAMILIES: dict[tuple[int, str], tuple[tuple[Family, ...], Family]] = {}
"""Which row a model is of, by the identity of the rows: they hold mappings, and have no hash."""


def media_of(adapter: Adapter, model: str) -> Rows:
    """The rows of the kinds that this model takes."""
    without = family(adapter, model).without
    return {kind: row for kind, row in adapter.media.items() if kind not in without} if without else adapter.media


def choose(
    adapter: Adapter, model: str, mode: Mode | None, target: Target[Any], *, tools: bool = False
) -> tuple[Mode, Rendered]:
    """The mode to ask in, and the target's schema in its dialect; found out once. `tools`: the caller has some of their own.

    Raises:
        ModeError: the model does not take this mode, or not for this schema, or not beside tools.
    """
    key = id(adapter), model, mode, id(target), tools
    known = _CHOSEN.get(key)
    if known is None or known[0] is not adapter or known[1] is not target:
        if len(_CHOSEN) >= 1024:
            _CHOSEN.clear()
        known = _CHOSEN[key] = adapter, target, _chosen(adapter, model, mode, target, tools)
    return known[2]


_CHOSEN: dict[tuple[int, str, Mode | None, int, bool], tuple[Adapter, Target[Any], tuple[Mode, Rendered]]] = {}
"""What was chosen, by the identities of adapter and target."""


def _chosen(adapter: Adapter, model: str, mode: Mode | None, target: Target[Any], tools: bool) -> tuple[Mode, Rendered]:
    row = family(adapter, model)
    mode = Mode.TOOLS if mode is Mode.RESPONSES_TOOLS and adapter.dialect == "responses" else mode
    free = tuple(one for one in row.offers if not (tools and one in row.alone))
    if mode is not None and mode not in free:
        known = ", ".join(f"Mode.{m.name}" for m in free)
        beside = " beside tools" if mode in row.modes else ""
        raise ModeError(f"{adapter.name} does not take Mode.{mode.name} for {model}{beside}: it takes {known}")
    if mode is Mode.PARALLEL_TOOLS:
        return mode, _each(adapter, model, row, target)
    notes: tuple[str, ...] = ()
    for candidate in (mode,) if mode else (one for one in free if one in row.modes):
        rendered = output.render(target, row.modes[candidate])
        if rendered.strict or candidate not in row.must_fit:
            return candidate, rendered
        notes = rendered.notes
    raise ModeError(
        f"{adapter.name} cannot express {target.name} as a schema for {model} in Mode.{mode.name if mode else '?'}: "
        f"{'; '.join(notes)}. Leave the mode out, or choose another one"
    )


def _each(adapter: Adapter, model: str, row: Family, target: Target[Any]) -> Rendered:
    """The types that a list may hold, each as a tool."""
    if not target.members:
        raise ModeError(f"Mode.PARALLEL_TOOLS gives a list of objects: write list[{target.name}], not {target.name}")
    rendered = output.render_each(target, row.modes[Mode.TOOLS])
    if not rendered.strict and Mode.TOOLS in row.must_fit:
        notes = "; ".join(rendered.notes)
        raise ModeError(
            f"{adapter.name} cannot express {target.name} as tools for {model}: {notes}. Choose another mode"
        )
    return rendered


def tool_dialect(adapter: Adapter, model: str) -> Dialect:
    """In which dialect the caller's own tools are written."""
    return family(adapter, model).modes.get(Mode.TOOLS, PLAIN)


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
