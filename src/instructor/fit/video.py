"""Films, made to fit where films are taken. Where they are not: `frames`.

    fit_video(video, limits, fit)   acceptable → the same object
                                    else copied into another container, packet by packet, from a key frame on
                                    else, where a codec or the size demands it, written anew

A copy loses nothing, but can begin at a key frame only: up to some seconds before `start`. The report says where.
What is written anew is H.264 and AAC (in WebM: VP8 and Opus), smaller in pixels as the bit rate falls: a film has to
fit into what is taken, and nobody waits for hours; beyond 20 minutes at 25 frames a second it is refused.
"""

from __future__ import annotations

from ..errors import MediaError, MediaTooLarge, MissingExtra, UnsupportedMedia
from ..media import Video
from ..values import dataclass
from ._av import Traits, check_pixels, length, probe
from ._clock import Span, asked
from ._film import CONTAINERS, MIN_BIT_RATE, Cut, Wrapper, bit_rate, copy, rewrite
from ._made import made
from .audio import unmeasured
from .frames import frames
from .limits import Limits
from .policy import Fit
from .report import Change, Facts, Fitted, type_by_content

__all__ = ["fit_video", "frames"]


def fit_video(video: Video, limits: Limits, fit: Fit = Fit.AUTO) -> Fitted:
    """A film within the limits; the same object where it is so already.

    A film whose content is elsewhere (an address, a provider's file) comes back as it is. Without PyAV one passes
    where its type and size are all that is asked about.

    Raises:
        MediaError: `start` is after its end, or a strict `fit` is asked for a change.
        MediaTooLarge: it is over a limit, and cannot be brought below it.
        MissingExtra: PyAV is needed and not installed.
        UnreadableMedia: it is damaged, cut off, or of no length.
        UnsupportedMedia: no type is taken that can be written; or a strict `fit` forbids to write it.
    """
    if not video.at_hand:
        return Fitted((video,))
    noted = type_by_content(video)
    found = _by_stat(video, limits)
    wishes = bool(fit.start) or fit.end is not None
    try:
        traits = probe(video)
        seconds = length(video, traits)
    except MissingExtra:
        if found is not None or wishes:
            raise
        return Fitted((video,), (*noted, *unmeasured(limits)))
    span = asked(fit.start, fit.end, seconds, repr(video))
    found = found or _by_length(video, seconds, span, limits, fit)
    if found is None and span.whole:
        return Fitted((video,), noted)
    if fit.strict:
        wish = MediaError(f"{span} of {video!r} was asked for, and fit='strict' forbids every change")
        raise found.error if found else wish
    why = found.why if found else f"{span} was asked for"
    return _remade(_Source(video, traits, seconds, span), limits, fit, why, noted)


# ── what stands in the way ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Obstacle:
    why: str
    error: MediaError


def _mimes(limits: Limits) -> frozenset[str]:
    return frozenset(Video.aliases.get(mime, mime) for mime in limits.mimes)


def _by_stat(video: Video, limits: Limits) -> _Obstacle | None:
    if video.media_type not in _mimes(limits):
        taken = ", ".join(sorted(_mimes(limits))) or "no film at all"
        why = f"{video.media_type} is not taken: it has to be {taken}"
        return _Obstacle(why, UnsupportedMedia(f"{video!r}: {why}. Convert it, or let fit='auto' do so"))
    size = video.size or 0
    if limits.max_bytes is not None and not limits.takes_bytes(size):
        actual = limits.counted(size)
        why = f"{actual:,} {limits.unit}, and at most {limits.max_bytes:,} are taken"
        way = "shorten it (start, end), or let fit='auto' make it smaller"
        return _Obstacle(why, MediaTooLarge(f"{video!r} has {why}: {way}", limit=limits.max_bytes, actual=actual))
    return None


def _by_length(video: Video, seconds: float, span: Span, limits: Limits, fit: Fit) -> _Obstacle | None:
    """A film that is too long. What remains of it after trimming counts, except in strict mode, where nothing is cut."""
    lasting = seconds if fit.strict else _lasting(seconds, span)
    most = limits.max_seconds
    if most is None or lasting <= most:
        return None
    why = f"{lasting:,.1f} s, and at most {most:,g} s are taken"
    error = MediaTooLarge(f"{video!r} has {why}: shorten it (start, end)", limit=most, actual=lasting)
    if not fit.strict:
        raise error
    return _Obstacle(why, error)


def _lasting(seconds: float, span: Span) -> float:
    return (seconds if span.end is None else span.end) - span.start


# ── making it ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Source:
    video: Video
    traits: Traits
    seconds: float
    span: Span

    @property
    def lasting(self) -> float:
        return _lasting(self.seconds, self.span)


def _remade(source: _Source, limits: Limits, fit: Fit, why: str, noted: tuple[Change, ...]) -> Fitted:
    taken = tuple(row for row in CONTAINERS if row.mime in _mimes(limits))
    if not taken:
        known = ", ".join(row.mime for row in CONTAINERS)
        raise UnsupportedMedia(f"{source.video!r} cannot be made to fit: {why}, and what can be written is {known}")
    # its own container first: then nothing but the cut is changed
    rows = sorted(taken, key=lambda row: row.mime != source.video.media_type)
    smaller = source.span.whole and not limits.takes_bytes(source.video.size or 0)
    row = next((row for row in rows if row.holds(source.traits)), None)
    if row is not None and not smaller:
        cut = copy(source.video, row, source.span, limits.room)
        if cut is not None and _fits(cut, limits):
            return _report(source, row, cut, f"{why}; copied as it is", noted)
    check_pixels(source.video, source.traits, fit.max_decoded_pixels)
    return _rewritten(source, rows[0] if row is None else row, limits, fit, why, noted)


def _fits(cut: Cut, limits: Limits) -> bool:
    return limits.takes_bytes(len(cut.data)) and (limits.max_seconds is None or cut.seconds <= limits.max_seconds)


def _rewritten(source: _Source, row: Wrapper, limits: Limits, fit: Fit, why: str, noted: tuple[Change, ...]) -> Fitted:
    room = limits.room
    for _ in range(3):
        speed = bit_rate(room, source.lasting, source.traits)
        if speed < MIN_BIT_RATE:
            break
        cut = rewrite(source.video, row, source.span, speed, fit.fps)
        if limits.takes_bytes(len(cut.data)):
            return _report(source, row, cut, why, noted)
        room = int((room or 0) * 0.9 * (room or 0) / len(cut.data))
    raise MediaTooLarge(
        f"{source.video!r} cannot be made to fit: {source.lasting:,.1f} s of film take about "
        f"{int(source.lasting * MIN_BIT_RATE / 8):,} bytes at the least, and at most {limits.max_bytes or 0:,} "
        f"{limits.unit} are taken: give start and end, or send frames",
        limit=limits.max_bytes or 0,
        actual=limits.counted(source.video.size or 0),
    )


def _report(source: _Source, row: Wrapper, cut: Cut, why: str, noted: tuple[Change, ...]) -> Fitted:
    video = made(Video, source.video, cut.data, row.mime)
    size = source.traits.pixels
    before = Facts.of(source.video, pixels=size, seconds=source.seconds)
    after = Facts.of(video, pixels=cut.pixels, seconds=cut.seconds)
    changes = [*noted, Change("transcoded", why, before, after)]
    if cut.pixels is not None and cut.pixels != size:
        changes.append(Change("resized", why, Facts(pixels=before.pixels), Facts(pixels=cut.pixels)))
    if not source.span.whole:
        early = source.span.start - cut.start
        begun = f", begun {early:.1f} s early, at a key frame" if early >= 0.05 else ""
        why = f"{source.span} was asked for{begun}"
        changes.append(Change("trimmed", why, Facts(seconds=source.seconds), Facts(seconds=cut.seconds)))
    return Fitted((video,), tuple(changes))
