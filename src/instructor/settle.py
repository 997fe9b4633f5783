"""Making every medium of a request one that the adapter can encode: the one reader of the media tables.

    settle(adapter, request, policy, fit) ─▶ the request, or one error that lists all media that cannot be sent

    each medium ─▶ its row ── there ─▶ an address that is not taken: fetched ─▶ content: fitted to the row's limits
                           └─ absent ▶ a film becomes its frames and sound, a PDF its pages, where those are taken

Nothing is sent before all of this has succeeded. What was changed is told to the hooks of `media:fitted`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

from . import chat
from .adapter import Accepts, Adapter, check, family
from .effects import Emit, Flow, Work
from .errors import MediaError, MessageError, MissingExtra, UnreadableMedia, UnsupportedMedia
from .fetch import MediaPolicy, fetch
from .fit import Fit, Fitted, Limits
from .hooks import logger
from .ir import Message, Native, Part, Request, Text, ToolResult
from .media import PDF, Audio, Document, Image, Media, Url, Video


@cache
def fitters() -> Mapping[type[Media], Callable[..., Fitted]]:
    """Kind → the function of `fit` that brings it within limits. Others pass as they are."""
    from .fit.audio import fit_audio
    from .fit.image import fit_image
    from .fit.pdf import fit_pdf
    from .fit.video import fit_video

    return {Image: fit_image, PDF: fit_pdf, Audio: fit_audio, Video: fit_video}


@dataclass(slots=True)
class _Settling:
    """One request on its way: what is asked for, and what has been found out."""

    adapter: Adapter
    policy: MediaPolicy
    fit: Fit
    counts: dict[type[Media], int]
    fetched: dict[str, Media] = field(default_factory=dict)
    problems: list[MediaError] = field(default_factory=list)


def settle(adapter: Adapter, request: Request, policy: MediaPolicy, fit: Fit = Fit.AUTO) -> Flow[Request]:
    """The request with media that the adapter can encode.

    Raises:
        MediaError: one or more media cannot be sent; the message lists all of them. Nothing was sent.
        MissingExtra: a medium would have to be changed, and the library for that is not installed.
    """
    spoken = tuple(_in_dialect(adapter, message, f"messages[{i}]") for i, message in enumerate(request.messages))
    now = _Settling(adapter, policy, fit, _counts(spoken))
    caches = adapter.caches and family(adapter, request.model).caches
    messages: list[Message] = []
    for i, message in enumerate(spoken):
        where = f"messages[{i}]"
        if not caches and any(getattr(part, "cache_control", None) for part in message.parts):
            logger.info("%s: cache_control is not sent: %s caches by itself or not at all", where, adapter.name)
        parts = yield from _parts(now, message.parts, where)
        messages.append(message if parts is message.parts else replace(message, parts=parts))
    if len(now.problems) == 1:
        raise now.problems[0]
    if now.problems:
        listed = "\n".join(f"- {problem}" for problem in now.problems)
        raise MediaError(f"{len(now.problems)} media cannot be sent:\n{listed}")
    return replace(request, messages=tuple(messages))


def _counts(messages: tuple[Message, ...]) -> dict[type[Media], int]:
    counts: dict[type[Media], int] = {}
    for medium in _media(part for message in messages for part in message.parts):
        counts[type(medium)] = counts.get(type(medium), 0) + 1
    return counts


def _media(parts: Iterator[Part]) -> Iterator[Media]:
    for part in parts:
        if isinstance(part, Media):
            yield part
        elif isinstance(part, ToolResult):
            yield from _media(iter(part.parts))


def _parts(now: _Settling, parts: tuple[Part, ...], where: str) -> Flow[tuple[Part, ...]]:
    settled: list[Part] = []
    for j, part in enumerate(parts):
        place = f"{where}.content[{j}]"
        if isinstance(part, ToolResult):
            inner = yield from _parts(now, part.parts, place)
            settled.append(part if inner is part.parts else replace(part, parts=inner))
        elif isinstance(part, Media):
            settled += yield from _medium(now, part, place)
        else:
            settled.append(part)
    same = len(settled) == len(parts) and all(a is b for a, b in zip(settled, parts, strict=True))
    return parts if same else tuple(settled)


def _in_dialect(adapter: Adapter, message: Message, where: str) -> Message:
    """The message with the parts of other dialects translated, in tool results too."""
    parts = _spoken(adapter, message.parts, where)
    return message if parts is message.parts else replace(message, parts=parts)


def _spoken(adapter: Adapter, parts: tuple[Part, ...], where: str) -> tuple[Part, ...]:
    if not any(isinstance(part, Native | ToolResult) for part in parts):
        return parts
    spoken: list[Part] = []
    for j, part in enumerate(parts):
        if isinstance(part, Native) and part.dialect not in ("", adapter.dialect):
            spoken.append(_neutral(adapter, part, f"{where}.content[{j}]"))
        elif isinstance(part, ToolResult):
            spoken.append(replace(part, parts=_spoken(adapter, part.parts, f"{where}.content[{j}]")))
        else:
            spoken.append(part)
    return tuple(spoken)


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


def _medium(now: _Settling, medium: Media, where: str) -> Flow[tuple[Part, ...]]:
    try:
        return (yield from _settled(now, medium, where))
    except MediaError as error:
        chat.place(error, where)
        now.problems.append(error)
        return (medium,)


def _settled(now: _Settling, medium: Media, where: str) -> Flow[tuple[Part, ...]]:
    row = now.adapter.media.get(type(medium))
    if isinstance(medium.origin, Url) and (row is None or "url" not in row.sources):
        if row is None and type(medium) not in SUBSTITUTES:
            raise _unsupported(now.adapter, medium)
        medium = yield from _fetched(now, medium, medium.origin.url, where)
    if row is None:
        return (yield from _instead(now, medium, where))
    if medium.source_kind == "id" and "id" not in row.sources:
        raise UnsupportedMedia(f"{now.adapter.name} takes no file ids for {type(medium).__name__}")
    if medium.source_kind in ("url", "id"):
        return (medium,)
    if isinstance(medium, Document):
        check(now.adapter, row, medium, None)
        if medium.source_kind == "file":
            data: bytes = yield Work(medium.read)
            kept = {"name": medium.name, "cache_control": medium.cache_control}
            medium = Document.from_bytes(data, medium.media_type, **kept)
        return (medium,)
    limits = row.limits_among(now.counts[type(medium)])
    fitted: Fitted = yield Work(partial(within, now.adapter, row, medium, limits, now.fit))
    if fitted.changes:
        yield Emit("media:fitted", (fitted,), {"where": where})
    return fitted.media


def within(adapter: Adapter, row: Accepts, medium: Media, limits: Limits, fit: Fit) -> Fitted:
    """The medium within the limits. Reads files and takes its time.

    Where it cannot be looked into, because the library for that is missing or its first bytes make no sense, it
    passes if its type and size are taken.
    """
    plain = medium.media_type in limits.mimes and limits.takes_bytes(medium.size or 0)
    if fit.strict:
        check(adapter, row, medium, None)
    if plain and not _telling(medium, limits, fit):
        return Fitted((medium,))
    try:
        return fitters()[type(medium)](medium, limits, fit)
    except MissingExtra:
        if plain:
            return Fitted((medium,))
        raise
    except UnsupportedMedia as error:
        if medium.media_type in limits.mimes:
            raise
        known = ", ".join(sorted(limits.mimes))
        raise UnsupportedMedia(f"{adapter.name} takes {known}: {error.problem}") from error


PAGE_BYTES = 64
"""The least that a page takes in a PDF: a smaller file cannot be over a limit of pages."""


def _telling(medium: Media, limits: Limits, fit: Fit) -> bool:
    """Whether a closer look at a medium of a good type and size can change anything: a limit or a wish asks for it."""
    if isinstance(medium, PDF):
        most = limits.max_pages
        over = most is not None and (medium.size or 0) > most * PAGE_BYTES
        return over or fit.pages is not None or fit.password is not None
    if not isinstance(medium, Image):
        wishes = (fit.start, fit.end, fit.sample_rate, fit.mono, fit.fps)
        return limits.max_seconds is not None or any(wish is not None for wish in wishes)
    from .fit.image import asks_for_change

    try:
        return asks_for_change(medium, limits, fit)
    except UnreadableMedia as error:
        logger.warning("%r is sent as it is: %s", medium, error.problem)
        return False


# ── what is sent in the place of a kind that is not taken ────────────────────────────────────────


def _frames(adapter: Adapter, medium: Media, fit: Fit) -> Fitted:
    from .fit.frames import frames

    assert isinstance(medium, Video)
    sound = adapter.media.get(Audio)
    return frames(medium, fit, adapter.media[Image].limits, sound.limits if sound else None)


def _pages(adapter: Adapter, medium: Media, fit: Fit) -> Fitted:
    from .fit.pdf import rasterise

    assert isinstance(medium, PDF)
    return rasterise(medium, adapter.media[Image].limits, fit)


SUBSTITUTES: dict[type[Media], Callable[[Adapter, Media, Fit], Fitted]] = {Video: _frames, PDF: _pages}
"""Kind → how it becomes pictures (and sound) for a provider that does not take it."""


def _instead(now: _Settling, medium: Media, where: str) -> Flow[tuple[Part, ...]]:
    substitute = SUBSTITUTES.get(type(medium))
    if substitute is None or now.fit.strict or Image not in now.adapter.media or medium.source_kind == "id":
        raise _unsupported(now.adapter, medium)
    fitted: Fitted = yield Work(partial(substitute, now.adapter, medium, now.fit))
    yield Emit("media:fitted", (fitted,), {"where": where})
    parts: list[Part] = []
    for one in fitted.media:
        parts += [Text(f"{one.name}:"), one] if one.name else [one]
    return tuple(parts)


def _unsupported(adapter: Adapter, medium: Media) -> UnsupportedMedia:
    kinds = ", ".join(kind.__name__ for kind in adapter.media)
    return UnsupportedMedia(f"{adapter.name} takes no {type(medium).__name__}: it takes {kinds}")


def _fetched(now: _Settling, medium: Media, url: str, where: str) -> Flow[Media]:
    if url not in now.fetched:
        got = yield from fetch(url, now.policy, where=where)
        try:
            now.fetched[url] = type(medium).from_bytes(got.data, got.media_type, name=medium.name)
        except MediaError as error:
            raise type(error)(f"{error.problem} (fetched from {medium!r})") from error
    options: dict[str, Any] = {option: getattr(medium, option) for option in medium.options}
    return now.fetched[url].replace(**options)
