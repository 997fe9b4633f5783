"""Making every medium of a request one that the adapter can encode: the one reader of the media tables.

    settle(adapter, request, policy, fit) ─▶ the request, or one error that lists all media that cannot be sent

    addresses that are not taken ─▶ fetched, each once, side by side
    each medium ─▶ its row ── there ─▶ content: fitted to the row's limits, what equals another once
                           └─ absent ▶ a film becomes its frames and sound, a PDF its pages, where those are taken
    what is too large to go inline ─▶ uploaded, once all else is well (`uploads`)

Nothing is sent before all of this has succeeded. What was changed is told to the hooks of `media:fitted`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import field, replace
from functools import cache, partial

from . import chat
from .adapter import Accepts, Adapter, check, family, media_of
from .crowd import Crowd, fewer, gathered, uploads
from .effects import Emit, Flow, Together, Work
from .errors import InstructorError, MediaError, MessageError, MissingExtra, UnsupportedMedia
from .events import MediaFitted
from .fetch import Fetched, MediaPolicy, fetch
from .fit import Fit, Fitted, Limits
from .fit.recordings import refuse_silent
from .fit.report import type_by_content
from .hooks import logger
from .ir import Message, Native, Part, Request, Text, ToolResult
from .media import PDF, Audio, Document, Image, Media, Url, Video, whole
from .preflight import joined, survey
from .uploads import Uploading, bounded, uploaded
from .values import dataclass

Rows = Mapping[type[Media], Accepts]


@cache
def fitters() -> Mapping[type[Media], Callable[..., Fitted]]:
    """Kind → the function of `fit` that brings it within limits. Others pass as they are."""
    from .fit.audio import fit_audio
    from .fit.document import fit_document
    from .fit.image import fit_image
    from .fit.pdf import fit_pdf
    from .fit.video import fit_video

    return {Image: fit_image, PDF: fit_pdf, Audio: fit_audio, Video: fit_video, Document: fit_document}


@dataclass(slots=True)
class Rehearsal:
    """For a plan: what would be done first, and what stands in the way, noted in the place of doing and raising it."""

    fetches: list[tuple[str, Url]] = field(default_factory=list)
    problems: list[InstructorError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    uploaded: set[str] = field(default_factory=set)
    """Where media stand that go through the provider's Files API."""
    messages: tuple[Message, ...] = ()
    """Settled, before any upload."""


@dataclass(slots=True)
class Kept:
    """What the settlings of one call have in common, where several providers are asked: each address is fetched once, and
    each content encoded once."""

    fetched: dict[str, Fetched | MediaError] = field(default_factory=dict)
    alike: dict[tuple[type[Media], int | None], list[Media]] = field(default_factory=dict)


@dataclass(slots=True)
class _Settling:
    """One request on its way: what is asked for, and what has been found out."""

    adapter: Adapter
    policy: MediaPolicy
    fit: Fit
    counts: dict[type[Media], int]
    media: Rows
    uploading: Uploading | None = None
    model: str = ""
    rehearsal: Rehearsal | None = None
    kept: Kept = field(default_factory=Kept)
    fitted: dict[int, Fitted] = field(default_factory=dict)
    ahead: dict[int, Fitted | MediaError | MissingExtra] = field(default_factory=dict)
    """What small media come to that have not had their turn."""
    problems: list[MediaError] = field(default_factory=list)


def settle(
    adapter: Adapter,
    request: Request,
    policy: MediaPolicy,
    fit: Fit = Fit.AUTO,
    uploading: Uploading | None = None,
    rehearsal: Rehearsal | None = None,
    kept: Kept | None = None,
) -> Flow[Request]:
    """The request with media that the adapter can encode. With a `rehearsal` nothing is fetched, and no problem raised.

    Raises:
        MediaError: one or more media cannot be sent; the message lists all of them. Nothing was sent.
        MissingExtra: a medium would have to be changed, and the library for that is not installed.
        UploadFailed: a medium could not be uploaded. The request was not sent.
    """
    spoken = tuple(_in_dialect(adapter, message, f"messages[{i}]") for i, message in enumerate(request.messages))
    now = _Settling(adapter, policy, fit, _counts(spoken), media_of(adapter, request.model), uploading)
    now.model, now.rehearsal = request.model, rehearsal
    now.kept = kept or now.kept
    caches = adapter.caches and family(adapter, request.model).caches
    yield from _fetch_all(now, spoken)
    yield from _look_ahead(now, spoken)
    messages: list[Message] = []
    for i, message in enumerate(spoken):
        where = f"messages[{i}]"
        if not caches and any(getattr(part, "cache_control", None) for part in message.parts):
            _note(now, f"{where}: cache_control is not sent: {adapter.name} caches by itself or not at all")
        parts = yield from _parts(now, message.parts, where)
        messages.append(message if parts is message.parts else replace(message, parts=parts))
    crowd = _crowd(now)
    settled = yield from gathered(crowd, tuple(messages))
    for note in crowd.notes:
        _note(now, note)
    if rehearsal is not None:
        rehearsal.messages = settled
        items = [item for item in survey(settled) if item.medium is not None]
        ups = uploads(crowd, settled)
        rehearsal.uploaded |= {item.where for item, up in zip(items, ups, strict=False) if up}
        rehearsal.problems += now.problems
        if rehearsal.problems or rehearsal.fetches:
            return replace(request, messages=settled)
    elif now.problems:
        raise joined(now.problems, adapter, request.model)
    if uploading is not None:
        settled = yield from uploaded(uploading, now.media, adapter.whole.of(request.model), settled)
    return replace(request, messages=settled)


def _crowd(now: _Settling) -> Crowd:
    return Crowd(now.adapter, now.model, now.media, now.fit, now.uploading, now.counts, within, now.problems)


def _note(now: _Settling, note: str) -> None:
    logger.info("%s", note)
    if now.rehearsal is not None:
        now.rehearsal.notes.append(note)


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
    except MissingExtra as error:
        if now.rehearsal is None:
            raise
        now.rehearsal.problems.append(error)
        return (medium,)


def _settled(now: _Settling, medium: Media, where: str) -> Flow[tuple[Part, ...]]:
    row = now.media.get(type(medium))
    if row is None and type(medium) not in SUBSTITUTES:
        raise _unsupported(now.adapter, now.media, medium)
    if isinstance(medium.origin, Url) and medium.origin.url in now.kept.fetched and _wanted_here(now, medium):
        medium = _of_fetched(medium, now.kept.fetched[medium.origin.url])
    medium = yield from _first_alike(now, medium)
    if row is None:
        return (yield from _instead(now, medium, where))
    if medium.source_kind == "id" and "id" not in row.sources and not (row.linked and now.uploading):
        raise UnsupportedMedia(f"{now.adapter.name} takes no file ids for {type(medium).__name__}")
    row = bounded(now.uploading, row, medium)
    if not medium.at_hand:
        return (medium,)
    limits = row.limits_among(now.counts[type(medium)])
    fitted = now.fitted.get(id(medium))
    if fitted is None:
        found = now.ahead.pop(id(medium), None)
        if isinstance(found, Exception):
            raise found
        fitted = found or (yield Work(partial(within, now.adapter, row, medium, limits, Fit.of(medium, now.fit))))
        if fitted.changes:
            alike: list[Media] = []
            for one in fitted.media:
                alike += ((yield from _first_alike(now, one)),)
            fitted = replace(fitted, media=tuple(alike))
        now.fitted[id(medium)] = fitted
    for change in fitted.changes:
        if change.what in UNDONE:
            say_once(f"{type(medium).__name__}: {change}")
    if fitted.changes:
        yield Emit(MediaFitted(where=where, changes=fitted.changes, fitted=fitted))
    return fitted.media


SMALL_BYTES = 256 * 1024
"""Media up to this size are looked at together: to go to another thread and back takes longer than to look at one."""


def _look_ahead(now: _Settling, messages: tuple[Message, ...]) -> Flow[None]:
    """Look at all small media at hand in one go."""
    looks: dict[int, Callable[[], Fitted]] = {}
    for medium in _media(part for message in messages for part in message.parts):
        row = now.media.get(type(medium))
        if row is None or not medium.at_hand or (medium.size or 0) > SMALL_BYTES:
            continue
        one = yield from _first_alike(now, medium)
        row = bounded(now.uploading, row, one)
        limits = row.limits_among(now.counts[type(one)])
        look = partial(within, now.adapter, row, limits=limits, fit=Fit.of(one, now.fit))
        looks[id(one)] = partial(_held_within, look, one) if now.rehearsal is None else partial(look, one)
    if looks:
        now.ahead.update((yield Work(partial(_looked, looks))))


def _held_within(look: Callable[[Media], Fitted], medium: Media) -> Fitted:
    """As `within`, of a copy in memory, which goes out in the file's place: it is read once, for all attempts. The caller's
    own value stays as it is, and errors are of that."""
    held = medium.held()
    if held is medium:
        return look(medium)
    try:
        return look(held)
    except (MediaError, MissingExtra):
        return look(medium)


def _looked(looks: Mapping[int, Callable[[], Fitted]]) -> dict[int, Fitted | MediaError | MissingExtra]:
    return {key: _outcome(look) for key, look in looks.items()}


def _outcome(look: Callable[[], Fitted]) -> Fitted | MediaError | MissingExtra:
    try:
        return look()
    except (MediaError, MissingExtra) as error:
        return error


def within(adapter: Adapter, row: Accepts, medium: Media, limits: Limits, fit: Fit) -> Fitted:
    """The medium within the limits, or an error that says what is wrong with it. Reads files and takes its time.

    Every medium is held against its own container: a few reads, no pixel and no sample. More is looked at only where
    that can change anything.
    """
    plain = medium.media_type in limits.mimes and limits.takes_bytes(medium.size or 0)
    if fit.strict and not isinstance(medium, Document):
        check(adapter, row, medium, None)
    whole(medium)
    if isinstance(medium, Audio | Video):
        refuse_silent(medium)
    try:
        if plain and not _telling(medium, limits, fit):
            return Fitted((medium,), type_by_content(medium))
        fitted = fitters()[type(medium)](medium, limits, fit)
    except UnsupportedMedia as error:
        if medium.media_type in limits.mimes:
            raise
        known = ", ".join(sorted(limits.mimes))
        raise UnsupportedMedia(f"{adapter.name} takes {known}: {error.problem}") from error
    return replace(fitted, media=tuple(map(_read, fitted.media)))


def _read(medium: Media) -> Media:
    """A document with its text in memory: adapters, which read no files, write it out."""
    if not (isinstance(medium, Document) and medium.is_text and medium.source_kind == "file"):
        return medium
    return Document.from_bytes(medium.read(), medium.media_type, name=medium.name, cache_control=medium.cache_control)


def _telling(medium: Media, limits: Limits, fit: Fit) -> bool:
    """Whether a closer look at a medium of a good type and size can change anything: a limit or a wish asks for it, or
    it is cheap."""
    if isinstance(medium, PDF | Document):
        return True
    if isinstance(medium, Image):
        from .fit.image import asks_for_change

        return asks_for_change(medium, limits, fit)
    wishes = (fit.start, fit.end, fit.sample_rate, fit.mono, fit.fps)
    return limits.max_seconds is not None or any(wish is not None for wish in wishes)


UNDONE = frozenset({"not checked", "left as it is"})


@cache
def say_once(note: str) -> None:
    """Log what was left undone for want of a library; the same thing once in a process."""
    logger.warning("%s", note)


# ── what is sent in the place of a kind that is not taken ────────────────────────────────────────


def _frames(media: Rows, medium: Media, fit: Fit) -> Fitted:
    from .fit.frames import frames

    assert isinstance(medium, Video)
    sound = media.get(Audio)
    return frames(medium, fit, media[Image].limits, sound.limits if sound else None)


def _pages(media: Rows, medium: Media, fit: Fit) -> Fitted:
    from .fit.pdf import as_text, rasterise

    assert isinstance(medium, PDF)
    return rasterise(medium, media[Image].limits, fit) if Image in media else as_text(medium, fit)


SUBSTITUTES: dict[type[Media], tuple[Callable[[Rows, Media, Fit], Fitted], frozenset[type[Media]]]] = {
    Video: (_frames, frozenset({Image})),
    PDF: (_pages, frozenset({Image, Document})),
}
"""Kind → what it becomes for a provider that does not take it: pictures (and sound), or text; and the kinds of which one
has to be taken for that."""


def _instead(now: _Settling, medium: Media, where: str) -> Flow[tuple[Part, ...]]:
    if medium.source_kind == "url":
        return (medium,)  # a rehearsal fetches nothing
    fitted: Fitted = yield Work(partial(_substituted, now.adapter, now.media, medium, fewer(_crowd(now), medium)))
    yield Emit(MediaFitted(where=where, changes=fitted.changes, fitted=fitted))
    parts: list[Part] = []
    for one in fitted.media:
        parts += [Text(f"{one.name}:"), one] if isinstance(one, Image) and one.name else [one]
    return tuple(parts)


def _substituted(adapter: Adapter, media: Rows, medium: Media, fit: Fit) -> Fitted:
    """What is sent in the place of a medium of a kind that is not taken."""
    substitute, wanted = SUBSTITUTES.get(type(medium), (None, frozenset()))
    if substitute is None or fit.strict or wanted.isdisjoint(media) or medium.source_kind == "id":
        raise _unsupported(adapter, media, medium)
    whole(medium)
    return substitute(media, medium, fit)


def _unsupported(adapter: Adapter, media: Rows, medium: Media) -> UnsupportedMedia:
    kinds = ", ".join(kind.__name__ for kind in media)
    return UnsupportedMedia(f"{adapter.name} takes no {type(medium).__name__}: it takes {kinds}")


def by_hand(adapter: Adapter, model: str, medium: Media, fit: Fit, among: int = 1) -> Fitted:
    """The medium as it would be sent to a model in a request with so many of its kind. Nothing is fetched.

    Raises:
        MediaError: it cannot be sent, or is at an address whose content would have to be fetched first.
        MissingExtra: it would have to be changed, and the library for that is not installed.
    """
    media = media_of(adapter, model)
    row = media.get(type(medium))
    if medium.at_hand:
        return (
            _substituted(adapter, media, medium, fit)
            if row is None
            else within(adapter, row, medium, row.limits_among(among), fit)
        )
    if row is None:
        raise _unsupported(adapter, media, medium)
    if not row.passes_on(medium):
        raise UnsupportedMedia(
            f"{adapter.name} takes no {type(medium).__name__} by {medium.source_kind}: its content has to be here to be "
            "changed. Pass it in a message, where it is fetched"
        )
    return Fitted((medium,))


# ── media that are elsewhere ─────────────────────────────────────────────────────────────────────


def _fetch_all(now: _Settling, messages: Iterable[Message]) -> Flow[None]:
    """Fetch every address whose content is wanted here, each once."""
    wanted = (
        medium.origin.url
        for medium in _media(part for message in messages for part in message.parts)
        if isinstance(medium.origin, Url) and _wanted_here(now, medium)
    )
    urls = list(dict.fromkeys(wanted))
    if urls and now.rehearsal is not None:
        now.rehearsal.fetches += [
            (item.where, item.medium.origin)
            for item in survey(tuple(messages))
            if item.medium and isinstance(item.medium.origin, Url) and _wanted_here(now, item.medium)
        ]
    elif urls := [url for url in urls if url not in now.kept.fetched]:
        flows = tuple(_attempt(url, now.policy) for url in urls)
        now.kept.fetched.update(zip(urls, (yield Together(flows, now.policy.at_once)), strict=True))


def _wanted_here(now: _Settling, medium: Media) -> bool:
    row = now.media.get(type(medium))
    if row is None:
        return type(medium) in SUBSTITUTES
    return now.policy.download or not row.passes_on(medium)


def _attempt(url: str, policy: MediaPolicy) -> Flow[Fetched | MediaError]:
    """What the address holds, or why it cannot be had: a request names all that is wrong with its media."""
    try:
        return (yield from fetch(url, policy))
    except MediaError as error:
        return error


def _of_fetched(medium: Media, got: Fetched | MediaError) -> Media:
    """The medium with its content in the place of its address."""
    if isinstance(got, MediaError):
        raise copy(got) from got  # the same address may be wanted in several places, and each error names its own
    try:
        found = type(medium).from_bytes(got.data, got.media_type, name=medium.name)
    except MediaError as error:
        raise type(error)(f"{error.problem} (fetched from {medium!r})") from error
    return found.replace(**{option: getattr(medium, option) for option in medium.options})


def _first_alike(now: _Settling, medium: Media) -> Flow[Media]:
    """The first medium of the request that is equal to this one: it is fitted, and encoded, once for all of them."""
    same = now.kept.alike.setdefault((type(medium), medium.size), [])
    if any(one is medium for one in same):
        return medium
    named = [one for one in same if one.name == medium.name]
    if named:  # whether they are equal may take a read of both
        found: Media | None = yield Work(lambda: next((one for one in named if one == medium), None))
        if found is not None:
            return found
    same.append(medium)
    return medium
