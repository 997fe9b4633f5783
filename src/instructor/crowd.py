"""All media of a request together: made to fit once more where only their number or their sum is too much.

settled messages ─▶ survey ─┬─ pictures too large among so many, or beside so much else ─▶ smaller ones in their place
                            └─ what is over a limit even so ─▶ problems

fewer(…)     frames of a film, as many as there is room for
uploads(…)   which media go through the provider's Files API
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import partial

from . import chat
from .adapter import Accepts, Adapter
from .effects import Emit, Flow, Work
from .errors import MediaError
from .events import MediaFitted
from .fit import Fit, Fitted, Limits
from .ir import Message, Part, ToolResult
from .media import Image, Media, Video
from .preflight import Item, Share, exceeded, looks, room, share, survey
from .uploads import Uploading, bounded, ways
from .values import dataclass

Rows = Mapping[type[Media], Accepts]
Messages = tuple[Message, ...]
Within = Callable[[Adapter, Accepts, Media, Limits, Fit], Fitted]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Whose limits hold and how media are fitted. `counts` are those that each medium has been fitted among, `within` fits
    one. `problems` and `notes` collect what is found."""

    adapter: Adapter
    model: str
    media: Rows
    fit: Fit
    uploading: Uploading | None
    counts: Mapping[type[Media], int]
    within: Within
    problems: list[MediaError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def gathered(crowd: Crowd, messages: Messages) -> Flow[Messages]:
    """The messages, their pictures smaller where they have to be."""
    items = survey(messages, uploads(crowd, messages))
    if not items:
        return messages
    named = yield from _narrowed(crowd, messages, items)
    if named:
        messages = tuple(replace(message, parts=_exchanged(message.parts, named)) for message in messages)
        items = survey(messages, uploads(crowd, messages))
    look = partial(exceeded, crowd.adapter, crowd.model, messages, items)
    problems, notes = (yield Work(look)) if looks(crowd.adapter, crowd.model, items) else look()
    crowd.problems.extend(problems)
    crowd.notes.extend(notes)
    return messages


def uploads(crowd: Crowd, messages: Messages) -> list[bool]:
    """Which media are uploaded, in order."""
    if crowd.uploading is None:
        return []
    media = list(_media(part for message in messages for part in message.parts))
    return ways(crowd.uploading.policy, crowd.media, crowd.adapter.whole.of(crowd.model), media)


def _media(parts: Iterator[Part]) -> Iterator[Media]:
    for part in parts:
        if isinstance(part, Media):
            yield part
        elif isinstance(part, ToolResult):
            yield from _media(iter(part.parts))


def fewer(crowd: Crowd, medium: Media) -> Fit:
    """How a medium is fitted: a film to as many frames as there is room for, its other films beside it."""
    fit = Fit.of(medium, crowd.fit)
    if not isinstance(medium, Video):
        return fit
    left = room(crowd.adapter, crowd.model, Image, crowd.counts.get(Image, 0))
    each = None if left is None else left // crowd.counts[Video]
    return replace(fit, max_frames=each) if each and each < fit.max_frames else fit


# ── pictures, once more ──────────────────────────────────────────────────────────────────────────


def _narrowed(crowd: Crowd, messages: Messages, items: Sequence[Item]) -> Flow[dict[int, Media]]:
    """Pictures that are too large among so many, or beside so much else → those in their place."""
    row = crowd.media.get(Image)
    if row is None:
        return {}
    count = sum(item.kind is Image for item in items)
    crowded = row.limits_among(count) is not row.limits_among(crowd.counts.get(Image, 0))
    part = None if crowd.fit.strict else share(crowd.adapter, crowd.model, messages, items)
    named: dict[int, Media] = {}
    for item in items:
        if not isinstance(item.medium, Image) or not item.medium.at_hand or id(item.medium) in named:
            continue
        fit = Fit.of(item.medium, crowd.fit)
        own = part if item.inline and not fit.strict else None
        if own is None and not crowded:
            continue
        limits = _bounds(bounded(crowd.uploading, row, item.medium).limits_among(count), own)
        try:
            fitted: Fitted = yield Work(partial(crowd.within, crowd.adapter, row, item.medium, limits, fit))
        except MediaError as error:
            chat.place(error, item.where)
            crowd.problems.append(error)
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


def _exchanged(parts: tuple[Part, ...], named: Mapping[int, Media]) -> tuple[Part, ...]:
    return tuple(
        replace(part, parts=_exchanged(part.parts, named))
        if isinstance(part, ToolResult)
        else named.get(id(part), part)
        for part in parts
    )
