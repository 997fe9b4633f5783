"""Films as pictures and sound, for those who take no films.

    frames(video, fit, image_limits, audio_limits) → Fitted     JPEG pictures in order, then the sound track

Each picture is named by its time: `frame at 00:01:23.4`. Which moments are shown:

    fps given       one every 1/fps seconds, exactly; spread evenly where that were more than max_frames
    fps not given   max_frames (or two a second, if that is fewer) slots of equal length, one picture of each: the
                    first after the greatest change of scene in the slot, where there is one, else the middle

A change of scene is looked for among four moments of each slot, by the share of pixels that have another colour than
before: coarse, cheap, and blind to cuts within a quarter of a slot. Of long films only key frames are looked at,
which encoders put at cuts anyway.

Lossy: what lies between the moments; pixels over the limits, or over 1,280 a side where `max_side` asks for no more;
the brightness of HDR films is not mapped. Rotation and pixels that are not square are applied.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any

from ..errors import MediaError, UnreadableMedia, UnsupportedMedia
from ..media import Image, Video
from ..values import dataclass
from ._av import Traits, check_pixels, length, opened, picture_of, probe
from ._clock import Span, asked, stamp
from ._moments import Look, looks
from ._need import need
from .audio import soundtrack
from .image import fit_image, within
from .limits import Limits
from .policy import Fit
from .report import Change, Facts, Fitted, type_by_content

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

MAX_EDGE = 1280
"""Pixels of the longer side of a frame, where `max_side` does not ask for another figure: text stays legible."""

SPREAD_FPS = 2.0
"""Frames a second that a short film is sampled at, at most, where no rate is asked for."""

LOOKS = 4
"""Moments of each slot at which a change of scene is looked for."""

EXACT_STEP = 2.0
"""Seconds between looks up to which every frame is decoded; of longer films only key frames are."""

MISSING = 2.0
"""Seconds without a picture at the end of a film that the report speaks of: it may be cut off, or only sound."""

CUT = 0.35
"""The share of pixels that change colour from which on it is another scene."""


def frames(video: Video, fit: Fit, image_limits: Limits, audio_limits: Limits | None = None) -> Fitted:
    """A film as pictures within `image_limits` and, where `audio_limits` are given, its sound, in this order.

    Raises:
        MediaError: `start` is after its end.
        MediaTooLarge: its frames are too large or too many to be decoded.
        MissingExtra: PyAV or Pillow is needed and not installed.
        UnreadableMedia: it is damaged, cut off, or holds no moving picture.
        UnsupportedMedia: a strict `fit` forbids it.
    """
    if fit.strict:
        raise UnsupportedMedia(f"{video!r}: films are not taken, and fit='strict' forbids to make pictures of it")
    traits = probe(video)
    if not traits.has_video:
        raise UnreadableMedia(f"{video!r} holds no moving picture, only sound: use Audio for it")
    check_pixels(video, traits, fit.max_decoded_pixels)
    seconds = length(video, traits)
    span = asked(fit.start, fit.end, seconds, repr(video))
    whole = Span(span.start, seconds if span.end is None else span.end)
    pictures, why = _sampled(video, whole, image_limits, fit)
    before = Facts.of(video, pixels=traits.pixels, seconds=seconds)
    changes = [*type_by_content(video), Change("sampled to frames", why, before, Facts.of(*pictures))]
    if not span.whole:
        length_ = (whole.end or 0.0) - whole.start
        changes.append(Change("trimmed", f"{span} was asked for", Facts(seconds=seconds), Facts(seconds=length_)))
    sound = _sound(video, traits, fit, audio_limits)
    return Fitted((*pictures, *sound.media), (*changes, *sound.changes))


def _sound(video: Video, traits: Traits, fit: Fit, limits: Limits | None) -> Fitted:
    if not traits.has_audio:
        return Fitted(())
    if limits is None:
        return Fitted((), (Change("sound dropped", "no recordings are taken"),))
    try:
        return soundtrack(video, limits, fit)
    except UnreadableMedia as error:
        return Fitted((), (Change("sound dropped", error.problem),))


# ── which moments ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Shot:
    """A moment and its picture."""

    time: float
    jpeg: bytes


def _sampled(video: Video, span: Span, limits: Limits, fit: Fit) -> tuple[tuple[Image, ...], str]:
    """The pictures of a span, and what was chosen, in words."""
    lasting = (span.end or 0.0) - span.start
    regular = ceil(lasting * fit.fps - 1e-6) if fit.fps else None
    with opened(video) as container:
        stream = picture_of(container)
        if stream is None:
            raise UnreadableMedia(f"{video!r} holds no picture that can be decoded")
        painter = Painter(limits, fit, stream.sample_aspect_ratio)
        look = partial(looks, video, container, stream, end=span.end or inf)
        if regular is not None and regular <= fit.max_frames:
            times = [span.start + number / (fit.fps or 1.0) for number in range(max(1, regular))]
            shots = [Shot(one.time, painter.jpeg(one.frame)) for one in look(times)]
            why = f"{fit.fps:g} frames a second were asked for"
        elif regular is not None:
            times = even(span.start, lasting, fit.max_frames)
            shots = [Shot(one.time, painter.jpeg(one.frame)) for one in look(times)]
            why = f"{fit.fps:g} frames a second would be {regular:,}, and at most {fit.max_frames:,} are wanted"
        else:
            slots = min(fit.max_frames, max(1, ceil(lasting * SPREAD_FPS)))
            times = even(span.start, lasting, slots * LOOKS)
            found = look(times, keys=lasting / len(times) > EXACT_STEP, least=slots)
            shots = list(spread(found, painter, span.start, lasting / slots))
            why = f"spread over {lasting:,.1f} s, one in every {lasting / slots:,.1f} s, new scenes preferred"
    if not shots:
        raise UnreadableMedia(f"{video!r} holds no picture that can be decoded")
    if times[-1] - shots[-1].time > max(MISSING, 2 * lasting / len(shots)):
        why += f"; no picture comes after {stamp(shots[-1].time)}"
    return tuple(painter.image(video, shot) for shot in shots), why


def even(start: float, lasting: float, count: int) -> list[float]:
    """The middles of `count` equal stretches."""
    return [start + (number + 0.5) * lasting / count for number in range(count)]


def spread(found: Iterator[Look], painter: Painter, start: float, slot: float) -> Iterator[Shot]:
    """One shot of each slot that anything was found in: after the greatest change of scene, else the middle."""
    current, middle, cut, change = -1, Shot(0, b""), None, CUT
    last: tuple[int, ...] | None = None
    for look in found:
        number = floor((look.time - start) / slot + 1e-9)
        if number != current and current >= 0:
            yield cut or middle
        if number != current:
            current, cut, change = number, None, CUT
            middle = Shot(look.time, painter.jpeg(look.frame))
        elif look.time <= start + (number + 0.5) * slot:
            middle = Shot(look.time, painter.jpeg(look.frame))
        colours = histogram(look.frame)
        if last is not None and (moved := distance(last, colours)) >= change:
            cut, change = Shot(look.time, painter.jpeg(look.frame)), moved
        last = colours
    if current >= 0:
        yield cut or middle


def histogram(frame: VideoFrame) -> tuple[int, ...]:
    """How many of 16×12 pixels have each of 64 colours."""
    small = frame.reformat(width=16, height=12, format="rgb24")
    plane = small.planes[0]
    rows, stride = bytes(plane), abs(plane.line_size)
    bins = [0] * 64
    for row in range(12):
        line = rows[row * stride : row * stride + 48]
        for red, green, blue in zip(line[::3], line[1::3], line[2::3], strict=True):
            bins[red >> 6 << 4 | green >> 6 << 2 | blue >> 6] += 1
    return tuple(bins)


def distance(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The share of pixels, 0 to 1, that have another colour."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / 2 / max(1, sum(one))


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────


class Painter:
    """Makes pictures of frames, within limits."""

    def __init__(self, limits: Limits, fit: Fit, aspect: Any) -> None:
        self._limits, self._fit = limits, fit
        ratio = float(aspect) if aspect else 1.0
        self._aspect = ratio if 0.2 <= ratio <= 5 else 1.0

    def jpeg(self, frame: VideoFrame) -> bytes:
        """A frame, upright, scaled to the limits."""
        need("PIL.Image")
        shown = max(1, round(frame.width * self._aspect)), frame.height
        width, height = within(shown, self._limits, self._fit.max_side or MAX_EDGE)
        scaled: Any = frame.reformat(width=width, height=height, format="rgb24", interpolation="AREA")
        picture = scaled.to_image()
        if frame.rotation:
            picture = picture.rotate(frame.rotation, expand=True)
        sink = io.BytesIO()
        picture.save(sink, "JPEG", quality=self._fit.jpeg_quality)
        return sink.getvalue()

    def image(self, video: Video, shot: Shot) -> Image:
        """A shot as a picture that is named by its time."""
        name = f"frame at {stamp(shot.time)}"
        image = Image.from_bytes(shot.jpeg, name=name)
        if "image/jpeg" in self._limits.mimes and self._limits.takes_bytes(len(shot.jpeg)):
            return image
        fitted = fit_image(image, self._limits, self._fit).media[0]
        if not isinstance(fitted, Image):
            raise MediaError(f"a frame of {video!r} became {fitted!r}, which is no picture")
        return fitted.replace(name=name)
