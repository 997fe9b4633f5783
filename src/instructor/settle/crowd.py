"""All media of a request together: made to fit once more where only their number or their sum is too much.

settled messages ─▶ survey ─┬─ pictures too large among so many, or beside so much else ─▶ smaller ones in their place
                            └─ what is over a limit even so ─▶ problems

fewer(…)     frames of a film, as many as there is room for
uploads(…)   which media go through the provider's Files API
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from .. import chat
from ..effects import Emit, Flow, Work
from ..errors import MediaError
from ..events import MediaFitted
from ..fit import Fit, Fitted, Limits
from ..ir import Message, exchanged, media_in
from ..media import Image, Media, Video
from ..preflight import Item, Share, exceeded, looks, room, share, survey
from ..uploads import bounded, ways
from .medium import within
from .state import Settling

Messages = tuple[Message, ...]


def gathered(now: Settling, messages: Messages) -> Flow[Messages]:
    """The messages, their pictures smaller where they have to be."""
    items = survey(messages, uploads(now, messages))
    if not items:
        return messages
    named = yield from _narrowed(now, messages, items)
    if named:
        messages = exchanged(messages, named)
        items = survey(messages, uploads(now, messages))
    look = partial(exceeded, now.adapter, now.model, messages, items)
    problems, notes = (yield Work(look)) if looks(now.adapter, now.model, items) else look()
    now.problems.extend(problems)
    for note in notes:
        now.note(note)
    return messages


def uploads(now: Settling, messages: Messages) -> list[bool]:
    """Which media are uploaded, in order."""
    if now.uploading is None:
        return []
    media = [medium for _, medium in media_in(messages)]
    return ways(now.uploading.policy, now.media, now.adapter.whole.of(now.model), media)


def fewer(now: Settling, medium: Media) -> Fit:
    """How a medium is fitted: a film to as many frames as there is room for, its other films beside it."""
    fit = Fit.of(medium, now.fit)
    if not isinstance(medium, Video):
        return fit
    left = room(now.adapter, now.model, Image, now.counts.get(Image, 0))
    each = None if left is None else left // now.counts[Video]
    return replace(fit, max_frames=each) if each and each < fit.max_frames else fit


# ── pictures, once more ──────────────────────────────────────────────────────────────────────────


def _narrowed(now: Settling, messages: Messages, items: Sequence[Item]) -> Flow[dict[int, Media]]:
    """Pictures that are too large among so many, or beside so much else → those in their place."""
    row = now.media.get(Image)
    if row is None:
        return {}
    count = sum(item.kind is Image for item in items)
    crowded = row.limits_among(count) is not row.limits_among(now.counts.get(Image, 0))
    part = None if now.fit.strict else share(now.adapter, now.model, messages, items)
    named: dict[int, Media] = {}
    for item in items:
        if not isinstance(item.medium, Image) or not item.medium.at_hand or id(item.medium) in named:
            continue
        fit = Fit.of(item.medium, now.fit)
        own = part if item.inline and not fit.strict else None
        if own is None and not crowded:
            continue
        limits = _bounds(bounded(now.uploading, row, item.medium).limits_among(count), own)
        try:
            fitted: Fitted = yield Work(partial(within, now.adapter, row, item.medium, limits, fit))
        except MediaError as error:
            chat.place(error, item.where)
            now.problems.append(error)
            continue
        if fitted.media[0] is not item.medium:
            changes = tuple(replace(one, why=f"{one.why}: {own.why}") if own else one for one in fitted.changes)
            yield Emit(MediaFitted(where=item.where, changes=changes, fitted=replace(fitted, changes=changes)))
            named[id(item.medium)] = fitted.media[0]
    return named


def _bounds(limits: Limits, own: Share | None) -> Limits:
    if own is None:
        return limits
    return replace(limits, max_bytes=min(own.room, limits.room or own.room), encoded=False)
