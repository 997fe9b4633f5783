"""Sound, decoded and written anew.

    Encoding                          a row: what can be written, and how
    Target                            an encoding at a rate, number of channels and bit rate; knows how large it gets
    transcode(media, target, span)    decode → cut → resample → encode, in one pass and piece by piece → Made

Lossy: metadata and covers are left out; more than two channels become two; 24-bit samples become 16-bit ones in WAV.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..errors import MediaTooLarge, UnreadableMedia
from ..media import Media
from ..values import dataclass
from ._av import INDEXED, MAX_SECONDS, frames_of, opened, origin, seek, sound_of
from ._clock import WHOLE, Span
from ._need import need

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

MAX_MADE = 512_000_000
"""Bytes that one recording may become, all parts together: they are held in memory."""

MAX_DAMAGED = 0.05
"""The share of damaged packets that is passed over. More, and what was said may have been lost."""

HEADER = 4096
"""Bytes allowed for headers of what is written."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """One row: a media type that can be written. `lossy` encodings have a bit rate."""

    mime: str
    container: str
    codec: str
    rates: tuple[int, ...]
    lossy: bool = True
    options: Mapping[str, str] | None = None

    def rate(self, wanted: int) -> int:
        """The nearest rate that can be written: the next above, else the highest."""
        return min((rate for rate in self.rates if rate >= wanted), default=self.rates[-1])


_MPEG = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_OPUS = (8000, 12000, 16000, 24000, 48000)
_ANY = (*_MPEG, 88200, 96000)
_CONSTANT = {"vbr": "off"}

ENCODINGS: tuple[Encoding, ...] = (
    Encoding("audio/mpeg", "mp3", "libmp3lame", _MPEG),
    Encoding("audio/ogg", "ogg", "libopus", _OPUS, options=_CONSTANT),
    Encoding("audio/mp4", "ipod", "aac", _MPEG),
    Encoding("audio/aac", "adts", "aac", _MPEG),
    Encoding("audio/webm", "webm", "libopus", _OPUS, options=_CONSTANT),
    Encoding("audio/flac", "flac", "flac", _ANY, lossy=False),
    Encoding("audio/wav", "wav", "pcm_s16le", _ANY, lossy=False),
    Encoding("audio/aiff", "aiff", "pcm_s16be", _ANY, lossy=False),
)
"""What can be written, the preferred first where size matters: MP3 is taken by most, the lossless by all but long."""


@dataclass(frozen=True, slots=True)
class Target:
    """What to write. `bit_rate` in bits a second; None for lossless encodings."""

    encoding: Encoding
    rate: int
    channels: int
    bit_rate: int | None = None

    @property
    def bytes_a_second(self) -> float:
        """An upper bound; FLAC is counted as if it did not compress."""
        return self.bit_rate / 8 * 1.03 if self.bit_rate else self.rate * self.channels * 2 * 1.01

    def size(self, seconds: float) -> int:
        """An upper estimate of the bytes that so many seconds take."""
        return int(self.bytes_a_second * seconds) + HEADER

    def __str__(self) -> str:
        speed = f", {self.bit_rate // 1000} kbit/s" if self.bit_rate else ""
        return f"{self.encoding.mime}, {self.rate:,} Hz, {'mono' if self.channels == 1 else 'stereo'}{speed}"


@dataclass(frozen=True, slots=True)
class Part:
    """One recording that was written."""

    data: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Made:
    """All recordings that were written, in order, and how many damaged packets were passed over."""

    parts: tuple[Part, ...]
    damaged: int = 0

    @property
    def seconds(self) -> float:
        return sum(part.seconds for part in self.parts)

    @property
    def largest(self) -> int:
        return max(len(part.data) for part in self.parts)


def transcode(media: Media, target: Target, span: Span = WHOLE, part: float | None = None) -> Made:
    """The sound of a recording or film within `span`, as `target`, in parts of at most `part` seconds.

    Raises:
        MediaTooLarge: it is longer, or becomes larger, than what is worked on.
        MissingExtra: PyAV is not installed.
        UnreadableMedia: it is damaged, or holds no sound.
    """
    writer = _Writer(target, None if part is None else max(1, int(part * target.rate)))
    with opened(media) as container:
        stream = sound_of(container)
        if stream is None:
            raise UnreadableMedia(f"{media!r} holds no sound")
        tally = _Tally(media)
        for chunk in _cut(_resampled(_decoded(media, container, stream, span, tally), writer), span, target.rate):
            writer.write(chunk)
    made = Made(writer.close(), tally.damaged)
    if tally.damaged > MAX_DAMAGED * tally.packets:
        raise UnreadableMedia(f"{media!r} is damaged: {tally.damaged:,} of {tally.packets:,} packets cannot be decoded")
    if not made.parts:
        within = "" if span.whole else f" between {span}"
        raise UnreadableMedia(f"{media!r} holds no sound{within}")
    return made


@dataclass(slots=True)
class _Tally:
    media: Media
    packets: int = 0
    damaged: int = 0


Timed = tuple[float, Any]


def _decoded(
    media: Media, container: InputContainer, stream: AudioStream, span: Span, tally: _Tally
) -> Iterator[tuple[float, AudioFrame]]:
    """Frames that reach into the span, each with its time from the beginning of the stream."""
    if span.start > 1 and media.media_type in INDEXED:
        seek(container, stream, span.start - 1)
    base, clock = origin(stream), 0.0
    for packet in container.demux(stream):
        frames = frames_of(packet)
        tally.packets += 1
        tally.damaged += frames is None
        for frame in frames or ():
            time = frame.time - base if frame.time is not None else clock
            clock = time + frame.samples / (frame.sample_rate or 1)
            if span.end is not None and time >= span.end:
                return
            if clock > MAX_SECONDS:
                raise MediaTooLarge(
                    f"{media!r} is longer than the {MAX_SECONDS / 3600:g} hours that are worked on: give start and end",
                    limit=MAX_SECONDS,
                    actual=clock,
                )
            if clock > span.start:
                yield time, frame


def _resampled(frames: Iterator[tuple[float, AudioFrame]], writer: _Writer) -> Iterator[Timed]:
    """The frames in the form that the encoder takes. A change of form midway starts a new resampler."""
    resampler: Any = None
    form: tuple[str, str, int] | None = None
    for time, frame in frames:
        found = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or found != form:
            yield from ((time, made) for made in (resampler.resample(None) if resampler else ()))
            resampler, form = writer.resampler(), found
        frame.pts = None
        for made in resampler.resample(frame):
            yield time, made
    if resampler is not None:
        yield from ((0.0, made) for made in resampler.resample(None))


def _cut(frames: Iterator[Timed], span: Span, rate: int) -> Iterator[Any]:
    """The samples that lie within the span, exactly, given frames of which the first begins before it."""
    fifo = need("av").AudioFifo()
    skip: int | None = None
    left = None if span.length is None else round(span.length * rate)
    for time, frame in frames:
        if skip is None:
            skip = max(0, round((span.start - time) * rate))
        frame.pts = None
        fifo.write(frame)
        if skip:
            dropped = fifo.read(min(skip, fifo.samples))
            skip -= dropped.samples if dropped is not None else 0
        if not skip and fifo.samples and (left is None or left > 0):
            chunk = fifo.read(fifo.samples if left is None else min(left, fifo.samples))
            left = None if left is None else left - chunk.samples
            yield chunk


class _Writer:
    """Encodes samples, opening a new recording whenever one is full. Sound that was not written opens none."""

    def __init__(self, target: Target, most: int | None) -> None:
        self._target, self._most = target, most
        self._parts: list[Part] = []
        self._open: _Recording | None = None
        self._bytes = 0

    def resampler(self) -> Any:
        """A resampler to what the encoder takes."""
        stream = self._recording().stream
        return need("av").AudioResampler(format=stream.format, layout=stream.layout, rate=self._target.rate)

    def write(self, frame: Any) -> None:
        """Encode samples, cut where a recording ends."""
        fifo = need("av").AudioFifo()
        frame.pts = None
        fifo.write(frame)
        while fifo.samples:
            recording = self._recording()
            room = fifo.samples if self._most is None else self._most - recording.samples
            recording.write(fifo.read(min(room, fifo.samples)))
            if recording.samples == self._most:
                self._finish()
            self._check(recording)

    def close(self) -> tuple[Part, ...]:
        """All recordings."""
        self._finish()
        return tuple(self._parts)

    def _recording(self) -> _Recording:
        if self._open is None:
            self._open = _Recording(self._target)
        return self._open

    def _finish(self) -> None:
        recording, self._open = self._open, None
        if recording is not None:
            data = recording.close()
            if recording.samples:
                self._parts.append(Part(data, recording.samples / self._target.rate))
                self._bytes += len(data)

    def _check(self, recording: _Recording) -> None:
        made = self._bytes + (recording.sink.tell() if recording is self._open else 0)
        if made > MAX_MADE:
            raise MediaTooLarge(
                f"the sound becomes more than {MAX_MADE:,} bytes of {self._target.encoding.mime}: "
                "give start and end, or mono=True and a lower sample_rate",
                limit=MAX_MADE,
                actual=made,
            )


class _Recording:
    """One output file in memory."""

    def __init__(self, target: Target) -> None:
        self.sink = io.BytesIO()
        self.samples = 0
        self._rate = target.rate
        encoding = target.encoding
        # bitexact: no version of the encoder and no random serial numbers, so that equal content stays equal
        self._container = need("av").open(self.sink, "w", format=encoding.container, options={"fflags": "+bitexact"})
        extra = {"bit_rate": target.bit_rate} if target.bit_rate else {}
        self.stream = self._container.add_stream(
            encoding.codec,
            rate=target.rate,
            options=dict(encoding.options or {}),
            layout="mono" if target.channels == 1 else "stereo",
            **extra,
        )

    def write(self, frame: Any) -> None:
        frame.pts, frame.time_base = self.samples, Fraction(1, self._rate)
        self.samples += frame.samples
        self._container.mux(self.stream.encode(frame))

    def close(self) -> bytes:
        if self.samples:
            self._container.mux(self.stream.encode(None))
        self._container.close()
        return self.sink.getvalue()
