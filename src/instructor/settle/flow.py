"""The request with media that the adapter can encode: translated, fetched, fitted in turn, gathered, uploaded.

messages ─▶ in_dialect ─▶ fetch_all, look_ahead ─▶ each medium's turn ─▶ gathered ─▶ uploaded ─▶ the request
                                                     what is wrong is collected ──┘ raised here
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial

from .. import chat
from ..adapter import Adapter, family, media_of
from ..effects import Emit, Flow, Work
from ..errors import MediaError, MissingExtra, UnsupportedMedia
from ..events import MediaFitted
from ..fetch import MediaPolicy
from ..fit import Fit, Fitted
from ..ir import Message, Part, Request, Text, ToolResult, media_in
from ..media import Image, Media
from ..preflight import joined
from ..uploads import Uploading, bounded, uploaded
from .ahead import fetch_all, fetched, look_ahead
from .crowd import fewer, gathered, uploads
from .dialect import in_dialect
from .medium import SUBSTITUTES, UNDONE, say_once, substituted, unsupported, within
from .state import Kept, Rehearsal, Settling


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
    model = request.model
    spoken = tuple(in_dialect(adapter, message, f"messages[{i}]") for i, message in enumerate(request.messages))
    counts = Counter(type(medium) for _, medium in media_in(spoken))
    rows = media_of(adapter, model)
    now = Settling(adapter, model, policy, fit, counts, rows, uploading, rehearsal, kept or Kept())
    yield from fetch_all(now, spoken)
    yield from look_ahead(now, spoken)
    settled = yield from gathered(now, (yield from _in_turn(now, spoken)))
    if rehearsal is not None:
        rehearsal.messages = settled
        ups = zip(media_in(settled), uploads(now, settled), strict=False)
        rehearsal.uploaded.update(where for (where, _), up in ups if up)
        rehearsal.problems += now.problems
        if rehearsal.problems or rehearsal.fetches:
            return replace(request, messages=settled)
    elif now.problems:
        raise joined(now.problems, adapter, model)
    if uploading is not None:
        settled = yield from uploaded(uploading, now.media, adapter.whole.of(model), settled)
    return replace(request, messages=settled)


def _in_turn(now: Settling, messages: tuple[Message, ...]) -> Flow[tuple[Message, ...]]:
    caches = now.adapter.caches and family(now.adapter, now.model).caches
    settled: list[Message] = []
    for i, message in enumerate(messages):
        where = f"messages[{i}]"
        if not caches and any(getattr(part, "cache_control", None) for part in message.parts):
            now.note(f"{where}: cache_control is not sent: {now.adapter.name} caches by itself or not at all")
        parts = yield from _parts(now, message.parts, where)
        settled.append(message if parts is message.parts else replace(message, parts=parts))
    return tuple(settled)


def _parts(now: Settling, parts: tuple[Part, ...], where: str) -> Flow[tuple[Part, ...]]:
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


def _medium(now: Settling, medium: Media, where: str) -> Flow[tuple[Part, ...]]:
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


def _settled(now: Settling, medium: Media, where: str) -> Flow[tuple[Part, ...]]:
    row = now.media.get(type(medium))
    if row is None and type(medium) not in SUBSTITUTES:
        raise unsupported(now.adapter, now.media, medium)
    medium = fetched(now, medium)
    medium = yield from now.kept.first_alike(medium)
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
                alike += ((yield from now.kept.first_alike(one)),)
            fitted = replace(fitted, media=tuple(alike))
        now.fitted[id(medium)] = fitted
    for change in fitted.changes:
        if change.what in UNDONE:
            say_once(f"{type(medium).__name__}: {change}")
    if fitted.changes:
        yield Emit(MediaFitted(where=where, changes=fitted.changes, fitted=fitted))
    return fitted.media


def _instead(now: Settling, medium: Media, where: str) -> Flow[tuple[Part, ...]]:
    if medium.source_kind == "url":
        return (medium,)  # a rehearsal fetches nothing
    fitted: Fitted = yield Work(partial(substituted, now.adapter, now.media, medium, fewer(now, medium)))
    yield Emit(MediaFitted(where=where, changes=fitted.changes, fitted=fitted))
    parts: list[Part] = []
    for one in fitted.media:
        parts += [Text(f"{one.name}:"), one] if isinstance(one, Image) and one.name else [one]
    return tuple(parts)
