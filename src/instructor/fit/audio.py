"""Recordings, made to fit.

    fit_audio(audio, limits, fit)      acceptable → the same object; else trimmed, transcoded, split
    soundtrack(video, limits, fit)     the sound of a film, as recordings
    duration(audio)                    seconds, by the header

What is not taken is written anew (`_sound`), in the first of these forms that fits: WAV where it is short, the first
lossy encoding that is taken (`ENCODINGS`), a lossless one; then the same at 16 kHz mono, at falling bit rates; then
in several parts of equal length. A recording whose header promises more than it holds is refused, never sent as if
it were whole. That is known of WAV, FLAC, AIFF, MP4, WebM and of MP3 with a frame count; Ogg and ADTS promise nothing.

Without PyAV a recording still passes where its type and size, which need no decoder, are all that is asked about.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from ..errors import MediaError, MediaTooLarge, MissingExtra, UnreadableMedia, UnsupportedMedia
from ..media import Audio, Media, Video
from ..values import dataclass
from ._av import MAX_SECONDS, Traits, length, probe
from ._clock import Span, asked
from ._made import made as remade
from ._sound import ENCODINGS, HEADER, Encoding, Made, Target, transcode
from .limits import Limits
from .policy import Fit
from .report import Change, Facts, Fitted, amount, not_checked, type_by_content

SHORT = 60.0
"""Seconds up to which WAV is preferred: 10 MB at most, and nothing is lost."""

SPEECH_RATE = 16_000
"""Hertz that recordings are lowered to where the size demands it: what models of speech are trained on."""

MAX_RATE = 48_000
"""Hertz above which nobody hears, and no model listens."""

BIT_RATES = (48_000, 32_000, 24_000)
"""Bits a second of one channel at `SPEECH_RATE`, tried in turn. Below, MP3 starts to swallow consonants."""

MAX_PARTS = 100
"""Recordings that one may become."""

PADDING = 0.25
"""Seconds that lossy encoders may add to a part."""

PROMISING = frozenset({"audio/aiff", "audio/flac", "audio/mp4", "audio/wav", "audio/webm"})
"""Types whose headers promise a duration that the content has to keep."""


def duration(audio: Audio | Video) -> float | None:
    """Seconds as the header says, or None where it is silent. MP3 and ADTS may be estimates.

    Raises:
        MissingExtra: PyAV is not installed.
        UnreadableMedia: it is damaged, cut off, or holds neither sound nor picture.
    """
    return probe(audio).duration


def fit_audio(audio: Audio, limits: Limits, fit: Fit = Fit.AUTO) -> Fitted:
    """A recording as recordings within the limits, in order; the same object where it is so already.

    A recording whose content is elsewhere (an address, a provider's file) comes back as it is.

    Raises:
        MediaError: `start` is after its end, or a strict `fit` is asked for a change.
        MediaTooLarge: no encoding within the policy is small enough.
        MissingExtra: PyAV is needed and not installed.
        UnreadableMedia: it is damaged, cut off, or of no length.
        UnsupportedMedia: no type is taken that can be written; or a strict `fit` forbids to write it.
    """
    if not audio.at_hand:
        return Fitted((audio,))
    noted = type_by_content(audio)
    obstacle = _by_stat(audio, limits)
    try:
        traits = probe(audio)
        if not traits.has_audio:
            raise UnreadableMedia(f"{audio!r} holds no sound, only pictures: use Video for it")
        seconds = length(audio, traits)
    except MissingExtra:
        if obstacle is not None or _wishes(fit):
            raise
        return Fitted((audio,), (*noted, *unmeasured(limits)))
    span = asked(fit.start, fit.end, seconds, repr(audio))
    obstacle = obstacle or _by_content(audio, traits, seconds, limits)
    wish = _wish(traits, span, fit)
    if fit.strict and (obstacle or wish):
        raise obstacle.error if obstacle else MediaError(f"{wish} of {audio!r}, and fit='strict' forbids every change")
    if obstacle is None and wish is None:
        return Fitted((audio,), noted)
    why = obstacle.why if obstacle else str(wish)
    return _written(_Source(audio, traits, seconds, span), limits, fit, why, noted)


def unmeasured(limits: Limits) -> tuple[Change, ...]:
    """The note that a limit on seconds was not looked at, where there is one."""
    return (
        () if limits.max_seconds is None else (not_checked(f"whether it has {limits.max_seconds:,g} s at most", "av"),)
    )


def soundtrack(video: Video, limits: Limits, fit: Fit = Fit.AUTO) -> Fitted:
    """The sound of a film as recordings within the limits, in order.

    It is written anew whatever `fit.mode` says: a film holds no recording that could be left as it is. Raises as
    `fit_audio` does.
    """
    traits = probe(video)
    if not traits.has_audio:
        raise UnreadableMedia(f"{video!r} holds no sound")
    seconds = length(video, traits)
    span = asked(fit.start, fit.end, seconds, repr(video))
    return _written(_Source(video, traits, seconds, span), limits, fit, "the sound of the film")


# ── what stands in the way ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Obstacle:
    """A limit that a recording is over: in words, and as the error that it is in a strict policy."""

    why: str
    error: MediaError


def _by_stat(audio: Audio, limits: Limits) -> _Obstacle | None:
    """What type and size, known without decoding, have against it."""
    if audio.media_type not in _mimes(limits):
        why = f"{audio.media_type} is not taken: {_list(limits)}"
        return _Obstacle(why, UnsupportedMedia(f"{audio!r}: {why}. Convert it, or let fit='auto' do so"))
    size = audio.size or 0
    if limits.max_bytes is not None and not limits.takes_bytes(size):
        actual = limits.counted(size)
        why = f"{actual:,} {limits.unit}, and at most {limits.max_bytes:,} are taken"
        way = "shorten it (start, end), or let fit='auto' make it smaller"
        return _Obstacle(why, MediaTooLarge(f"{audio!r} has {why}: {way}", limit=limits.max_bytes, actual=actual))
    return None


def _by_content(audio: Audio, traits: Traits, seconds: float, limits: Limits) -> _Obstacle | None:
    """What duration, streams and codec have against it."""
    most = limits.max_seconds
    if most is not None and seconds > most:
        why = f"{seconds:,.1f} s, and at most {most:,g} s are taken"
        way = "shorten it (start, end), or let fit='auto' split it"
        return _Obstacle(why, MediaTooLarge(f"{audio!r} has {why}: {way}", limit=most, actual=seconds))
    if traits.has_video:
        why = "it is a film, and only its sound is wanted"
        way = "use Video for it, or let fit='auto' take the sound out"
        return _Obstacle(why, UnsupportedMedia(f"{audio!r}: {why}: {way}"))
    if audio.media_type == "audio/wav" and not (traits.sound or "").startswith("pcm_"):
        why = f"the WAV file holds {traits.sound} in place of samples"
        return _Obstacle(why, UnsupportedMedia(f"{audio!r}: {why}: convert it, or let fit='auto' do so"))
    return None


def _wishes(fit: Fit) -> bool:
    return bool(fit.start or fit.end is not None or fit.sample_rate or fit.mono)


def _wish(traits: Traits, span: Span, fit: Fit) -> str | None:
    """What the caller asked for that the recording is not yet, in words."""
    if not span.whole:
        return f"{span} was asked for"
    if fit.sample_rate is not None and traits.sample_rate != fit.sample_rate:
        return f"sample_rate={fit.sample_rate} was asked for"
    if fit.mono and (traits.channels or 1) > 1:
        return "mono=True was asked for"
    return None


def _mimes(limits: Limits) -> frozenset[str]:
    return frozenset(Audio.aliases.get(mime, mime) for mime in limits.mimes)


def _list(limits: Limits) -> str:
    return f"it has to be {', '.join(sorted(_mimes(limits))) or 'no recording at all'}"


# ── what to write ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written: in parts of `part` seconds at most, or whole."""

    target: Target
    part: float | None = None


def ladder(taken: tuple[Encoding, ...], traits: Traits, seconds: float, fit: Fit) -> Iterator[Target]:
    """What may be written of a recording, the best first."""
    rate = fit.sample_rate or min(traits.sample_rate or MAX_RATE, MAX_RATE)
    channels = 1 if fit.mono else min(traits.channels or 1, 2)
    low_rate = fit.sample_rate or min(rate, SPEECH_RATE)
    low_channels = channels if fit.mono is False else 1
    lossy = tuple(row for row in taken if row.lossy)[:1]
    exact = tuple(row for row in taken if not row.lossy)
    short = tuple(row for row in exact if row.mime == "audio/wav" and seconds <= SHORT)
    rich = 64_000 if rate >= 32_000 else 48_000
    for row in (*short, *lossy, *exact):
        yield Target(row, row.rate(rate), channels, rich * channels if row.lossy else None)
    for row in short:
        yield Target(row, row.rate(low_rate), low_channels)
    for row in lossy:
        yield from (Target(row, row.rate(low_rate), low_channels, speed * low_channels) for speed in BIT_RATES)
    for row in exact:
        yield Target(row, row.rate(low_rate), low_channels)


def plan(media: Media, traits: Traits, seconds: float, limits: Limits, fit: Fit, room: int | None) -> Plan:
    """How to write so many seconds within the limits, `room` bytes each.

    Raises:
        MediaTooLarge: it takes parts, and the policy forbids them; or too many of them.
        UnsupportedMedia: no type is taken that can be written.
    """
    taken = tuple(row for row in ENCODINGS if row.mime in _mimes(limits))
    if not taken:
        known = ", ".join(row.mime for row in ENCODINGS)
        raise UnsupportedMedia(f"{media!r} cannot be made to fit: {_list(limits)}, and what can be written is {known}")
    steps = tuple(ladder(taken, traits, seconds, fit))
    most = seconds if limits.max_seconds is None else min(seconds, max(limits.max_seconds - PADDING, 0.1))
    if limits.max_seconds is not None and seconds <= limits.max_seconds:
        most = seconds
    for target in steps:
        if room is None or target.size(most) <= room:
            return Plan(target) if most >= seconds else _split(media, target, seconds, most, limits, fit)
    least = min(steps, key=lambda target: target.bytes_a_second)
    fitting = ((room or 0) - HEADER) / least.bytes_a_second
    return _split(media, least, seconds, min(most, fitting), limits, fit)


def _split(media: Media, target: Target, seconds: float, most: float, limits: Limits, fit: Fit) -> Plan:
    count = ceil(seconds / most) if most > 0 else MAX_PARTS + 1
    if fit.split and count <= MAX_PARTS:
        # equal parts, with a little to spare: an estimate that is a hair too short makes no splinter at the end
        return Plan(target, min(most, seconds / count * 1.005 + 0.05))
    over = limits.max_seconds is not None and seconds > limits.max_seconds
    limit, actual = (limits.max_seconds or 0, seconds) if over else (limits.max_bytes or 0, target.size(seconds))
    unit = "s" if over else limits.unit
    way = "give start and end" if fit.split else "give start and end, or allow split"
    raise MediaTooLarge(
        f"{media!r} cannot be made to fit: as {target} it has {actual:,.0f} {unit}, and at most {limit:,.0f} are taken"
        + (f", so that it would take {count:,} parts" if fit.split and most > 0 else "")
        + f": {way}",
        limit=limit,
        actual=actual,
    )


# ── writing it ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Source:
    media: Audio | Video
    traits: Traits
    seconds: float
    span: Span

    @property
    def wanted(self) -> float:
        """Seconds that the span covers."""
        return (self.seconds if self.span.end is None else self.span.end) - self.span.start


def _written(source: _Source, limits: Limits, fit: Fit, why: str, noted: tuple[Change, ...] = ()) -> Fitted:
    if source.wanted > MAX_SECONDS:
        raise MediaTooLarge(
            f"{source.media!r} is {source.wanted:,.0f} s long, and at most {MAX_SECONDS:,.0f} s are worked on: "
            "give start and end",
            limit=MAX_SECONDS,
            actual=source.wanted,
        )
    room, seconds, attempts = limits.room, source.wanted, 3
    while True:
        planned = plan(source.media, source.traits, seconds, limits, fit, room)
        made = transcode(source.media, planned.target, source.span, planned.part)
        _check_complete(source, made)
        if limits.takes_bytes(made.largest):
            return _report(source, planned.target, made, limits, fit, why, noted)
        attempts -= 1
        if not attempts:
            raise MediaTooLarge(
                f"{source.media!r} cannot be made to fit: it still has {limits.counted(made.largest):,} {limits.unit}, "
                f"and at most {limits.max_bytes:,} are taken: give start and end",
                limit=limits.max_bytes or 0,
                actual=limits.counted(made.largest),
            )
        # a header that understated the duration, or an encoder that overshot: once more, with what is known now
        seconds = max(seconds, made.seconds)
        room = int((room or 0) * 0.95 * (room or 0) / made.largest)


def _check_complete(source: _Source, made: Made) -> None:
    promised = source.traits.duration is not None and not source.traits.has_video and _promises(source.media)
    if promised and made.seconds < source.wanted - max(1.0, 0.02 * source.wanted):
        raise UnreadableMedia(
            f"{source.media!r} is cut off: its header promises {source.wanted:,.1f} s, "
            f"and {made.seconds:,.1f} s of sound can be read"
        )


def _promises(media: Media) -> bool:
    if media.media_type != "audio/mpeg":
        return media.media_type in PROMISING
    with media.open() as stream:
        head = stream.read(1 << 16)
    return b"Xing" in head or b"Info" in head


def _report(
    source: _Source, target: Target, made: Made, limits: Limits, fit: Fit, why: str, noted: tuple[Change, ...]
) -> Fitted:
    mime, several = target.encoding.mime, len(made.parts) > 1
    media = tuple(
        remade(Audio, source.media, part.data, mime, tag=f"-{number}" if several else "")
        for number, part in enumerate(made.parts, 1)
    )
    if made.damaged:
        why += f"; {made.damaged} damaged packets were passed over"
    before, after = Facts.of(source.media, seconds=source.seconds), Facts.of(*media, seconds=made.seconds)
    rest = _details(source, target, made, limits, fit)
    return Fitted(media, (*noted, Change("transcoded", why, before, after), *rest))


def _details(source: _Source, target: Target, made: Made, limits: Limits, fit: Fit) -> Iterator[Change]:
    """What else was done besides writing it anew, each with its own reason."""
    size = "to save room" if limits.max_bytes is None else f"at most {limits.max_bytes:,} {limits.unit} are taken"
    traits, span = source.traits, source.span
    if not span.whole:
        yield Change("trimmed", f"{span} was asked for", Facts(seconds=source.seconds), Facts(seconds=made.seconds))
    if target.channels < (traits.channels or 1):
        why = "mono=True was asked for" if fit.mono else size if target.channels == 1 else "no more are written"
        yield Change("mixed down", f"{traits.channels} channels → {target.channels}: {why}")
    if target.rate != traits.sample_rate:
        lowered = target.rate < min(traits.sample_rate or 0, MAX_RATE) and not target.encoding.rate(MAX_RATE) < MAX_RATE
        why = (
            f"sample_rate={fit.sample_rate} was asked for"
            if fit.sample_rate
            else size
            if lowered
            else (f"what {target.encoding.mime} can hold")
        )
        yield Change("resampled", f"{traits.sample_rate or 0:,} Hz → {target.rate:,} Hz: {why}")
    if len(made.parts) > 1:
        over = limits.max_seconds is not None and made.seconds > limits.max_seconds
        why = f"at most {limits.max_seconds:,g} s are taken" if over else size
        longest = max(part.seconds for part in made.parts)
        yield Change("split", f"{len(made.parts)} parts of at most {longest:,.1f} s and {amount(made.largest)}: {why}")
