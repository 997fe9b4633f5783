"""What is done for all media of a request before their turns come.

addresses whose content is wanted here ─▶ fetched, each once, side by side
small media at hand ─▶ looked at together, in one visit to another thread
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import partial

from ..effects import Flow, Together, Work
from ..errors import MediaError, MissingExtra
from ..fetch import Fetched, MediaPolicy, fetch
from ..fit import Fit, Fitted
from ..ir import Message, media_in
from ..media import Media, Url
from ..uploads import bounded
from .medium import SUBSTITUTES, within
from .state import Settling

# ── media that are elsewhere ─────────────────────────────────────────────────────────────────────


def fetch_all(now: Settling, messages: tuple[Message, ...]) -> Flow[None]:
    """Fetch every address whose content is wanted here, each once."""
    wanted = [
        (where, medium.origin)
        for where, medium in media_in(messages)
        if isinstance(medium.origin, Url) and _wanted_here(now, medium)
    ]
    if now.rehearsal is not None:
        now.rehearsal.fetches += wanted
    elif urls := [url for url in dict.fromkeys(origin.url for _, origin in wanted) if url not in now.kept.fetched]:
        flows = tuple(_attempt(url, now.policy) for url in urls)
        now.kept.fetched.update(zip(urls, (yield Together(flows, now.policy.at_once)), strict=True))


def _wanted_here(now: Settling, medium: Media) -> bool:
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


def fetched(now: Settling, medium: Media) -> Media:
    """The medium, with its content in the place of its address where that was fetched."""
    if not (isinstance(medium.origin, Url) and medium.origin.url in now.kept.fetched and _wanted_here(now, medium)):
        return medium
    got = now.kept.fetched[medium.origin.url]
    if isinstance(got, MediaError):
        raise copy(got) from got  # the same address may be wanted in several places, and each error names its own
    try:
        found = type(medium).from_bytes(got.data, got.media_type, name=medium.name)
    except MediaError as error:
        raise type(error)(f"{error.problem} (fetched from {medium!r})") from error
    return found.replace(**{option: getattr(medium, option) for option in medium.options})


# ── media that are small ─────────────────────────────────────────────────────────────────────────

SMALL_BYTES = 256 * 1024
"""Media up to this size are looked at together: to go to another thread and back takes longer than to look at one."""


def look_ahead(now: Settling, messages: tuple[Message, ...]) -> Flow[None]:
    """Look at all small media at hand in one go."""
    looks: dict[int, Callable[[], Fitted]] = {}
    for _, medium in media_in(messages):
        row = now.media.get(type(medium))
        if row is None or not medium.at_hand or (medium.size or 0) > SMALL_BYTES:
            continue
        one = yield from now.kept.first_alike(medium)
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
