"""Films written anew.

    Wrapper                                a row: a container, the codecs that it holds, those that are written into it
    copy(video, row, span, room) → Cut     packets as they are, from a key frame on; None where that does not work
    rewrite(video, row, span, speed)       decoded, scaled and encoded at a bit rate → Cut

Lossy: subtitles, further sound tracks, chapters and metadata are left out. Rotation is kept by applying it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, Any

from ..errors import MediaTooLarge, UnreadableMedia
from ..media import Video
from ..values import dataclass
from ._av import Traits, before, frames_of, opened, origin, picture_of, seek, sound_of
from ._clock import Span
from ._need import need

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

MAX_MADE = 512_000_000
"""Bytes that a film may become: they are held in memory."""

MAX_REWRITTEN = 30_000
"""Frames that are written anew: 20 minutes at 25 a second."""

MIN_BIT_RATE, MAX_BIT_RATE = 100_000, 2_500_000
"""Bits a second of picture: below nothing can be recognised; above models, which see some 768 pixels, gain nothing."""

SOUND_BIT_RATE = 48_000
SOUND_RATE = 24_000

MAX_EDGE = 1280
"""Pixels of the longer side of what is written anew."""

HEADER = 4096
"""Bytes allowed for headers."""

MAX_DAMAGED = 0.05
"""The share of damaged packets that is passed over."""

EARLY = 1e-3
"""Seconds by which times in a container may be rounded."""

TICK = Fraction(1, 1000)
"""Times of pictures that are written: rates may vary."""

SPEEDS = {"libx264": {"preset": "veryfast"}, "libvpx": {"deadline": "realtime", "cpu-used": "8"}}
"""Encoder → its options: quick rather than small."""

PIXELS_A_BIT = 0.36
"""Pixels of a frame for each bit a second: 1280×720 at 2.5 Mbit/s, 256×144 at 100 kbit/s."""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """One row. `pictures` and `sounds` are codecs, as FFmpeg names its decoders, that players of it know."""

    mime: str
    container: str
    pictures: frozenset[str]
    sounds: frozenset[str]
    picture: tuple[str, ...] = ("libx264", "mpeg4")
    sound: str = "aac"

    def holds(self, traits: Traits) -> bool:
        """Whether a film can be copied into it."""
        return traits.codec in self.pictures and (not traits.has_audio or traits.sound in self.sounds)


_ISO = frozenset({"h264", "hevc", "mpeg4"})
_WEB = frozenset({"vp8", "libvpx", "vp9", "libvpx-vp9", "av1", "libdav1d"})
_OPEN = frozenset({"opus", "libopus", "vorbis"})

CONTAINERS: tuple[Wrapper, ...] = (
    Wrapper("video/mp4", "mp4", _ISO | {"av1", "libdav1d"}, frozenset({"aac", "mp3", "mp3float"})),
    Wrapper("video/webm", "webm", _WEB, _OPEN, ("libvpx",), "libopus"),
    Wrapper("video/quicktime", "mov", _ISO, frozenset({"aac", "mp3", "mp3float", "pcm_s16le"})),
    Wrapper("video/x-matroska", "matroska", _ISO | _WEB, _OPEN | {"aac", "mp3", "mp3float", "flac"}),
)
"""What can be written, the preferred first."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A film that was written: its content, where in the old one it begins, how long it is."""

    data: bytes
    start: float
    seconds: float
    pixels: tuple[int, int] | None = None


def copy(video: Video, row: Wrapper, span: Span, room: int | None) -> Cut | None:
    """The packets of a span in another container; None where they do not go in, or become more than `room`."""
    sink = io.BytesIO()
    try:
        with opened(video) as container, _writer(sink, row) as out:
            start, seconds = _copied(container, out, span, sink, min(room or MAX_MADE, MAX_MADE))
    except (UnreadableMedia, MediaTooLarge):
        return None
    return Cut(sink.getvalue(), start, seconds) if seconds > 0 else None


def _writer(sink: io.BytesIO, row: Wrapper) -> Any:
    # bitexact: no version of the encoder and no random serial numbers, so that equal content stays equal
    return need("av").open(sink, "w", format=row.container, options={"fflags": "+bitexact"})


def _streams(container: InputContainer) -> list[VideoStream | AudioStream]:
    """The picture, if there is one, and the sound, if there is any."""
    return [stream for stream in (picture_of(container), sound_of(container)) if stream is not None]


def _copied(container: InputContainer, out: Any, span: Span, sink: io.BytesIO, most: int) -> tuple[float, float]:
    """Copies, and tells from when on and how many seconds."""
    streams = _streams(container)
    lead, copies = streams[0], {stream.index: out.add_stream_from_template(stream) for stream in streams}
    if span.start:
        seek(container, lead, span.start)
    begun: float | None = None
    last, done = 0.0, set[int]()
    for packet in _timed(container.demux(*streams)):
        begun = _seconds(packet, packet.pts) if begun is None and _opens(packet, lead) else begun
        time = _seconds(packet, packet.pts)
        if begun is None or (packet.stream_index != lead.index and time < begun):
            continue
        if begun - origin(lead) > span.start + EARLY:
            raise UnreadableMedia("entering the film where it was asked for led beyond that")
        if span.end is not None and _seconds(packet, packet.dts) - origin(lead) >= span.end:
            done.add(packet.stream_index)
            if len(done) == len(streams):
                break
            continue
        last = max(last, time + _seconds(packet, packet.duration or 0))
        shift = round(begun / packet.time_base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        packet.stream = copies[packet.stream_index]
        out.mux(packet)
        _check_size(sink, most)
    return (begun or 0.0) - origin(lead), last - (begun or 0.0)


def _timed(packets: Iterator[Any]) -> Iterator[Any]:
    """The packets, each with the time at which it is to be decoded: Matroska does not keep it, and the first lack it."""
    waiting: list[Any] = []
    for packet in packets:
        first = packet.dts
        if not packet.size:
            continue
        if packet.pts is None:
            raise UnreadableMedia("a packet has no time")
        if first is None:
            waiting.append(packet)
            continue
        lacking = [held for held in waiting if held.stream_index == packet.stream_index]
        waiting = [held for held in waiting if held.stream_index != packet.stream_index]
        for back, held in enumerate(reversed(lacking), 1):
            held.dts = first - back * max(1, packet.duration or 1)
        yield from lacking
        yield packet
    if waiting:
        raise UnreadableMedia("a packet has no time")


def _seconds(packet: Packet[Any], time: int) -> float:
    return float(time * packet.time_base)


def _opens(packet: Packet[Any], lead: VideoStream | AudioStream) -> bool:
    return packet.stream_index == lead.index and packet.is_keyframe


def _check_size(sink: io.BytesIO, most: int) -> None:
    if sink.tell() > most:
        raise MediaTooLarge(f"the film becomes more than {most:,} bytes", limit=most, actual=sink.tell())


# ── encoding ─────────────────────────────────────────────────────────────────────────────────────


def bit_rate(room: int | None, seconds: float, traits: Traits) -> int:
    """Bits a second that leave so many seconds of picture, beside their sound, within `room` bytes."""
    if room is None:
        return MAX_BIT_RATE
    sound = SOUND_BIT_RATE if traits.has_audio else 0
    return min(MAX_BIT_RATE, int((room - HEADER) * 8 * 0.92 / max(seconds, 0.1)) - sound)


def scaled(width: int, height: int, speed: int) -> tuple[int, int]:
    """The size, in even numbers, of which a bit rate gives a legible picture."""
    scale = min(1.0, MAX_EDGE / max(width, height), sqrt(speed * PIXELS_A_BIT / (width * height)))
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)


def rewrite(video: Video, row: Wrapper, span: Span, speed: int, fps: float | None = None) -> Cut:
    """A span of a film, exactly, decoded and encoded at `speed` bits of picture a second.

    Raises:
        MediaTooLarge: it has too many frames, or becomes too large.
        UnreadableMedia: it is damaged, or holds no picture in this span.
    """
    sink, shape = io.BytesIO(), _shape(video)
    with opened(video) as container, _writer(sink, row) as out:
        press = _Press(out, row, shape, speed, fps, sound=sound_of(container) is not None)
        for kind, time, frame in _decoded(video, container, span):
            press.put(kind, time, frame)
            _check_size(sink, MAX_MADE)
        press.close()
    if not press.seconds:
        raise UnreadableMedia(f"{video!r} holds no picture that can be decoded between {span}")
    return Cut(sink.getvalue(), span.start, press.seconds, press.size)


def _shape(video: Video) -> tuple[int, int, int]:
    """Width, height and rotation of the first frame: what is to be applied is told by frames, not by headers."""
    with opened(video) as container:
        stream = picture_of(container)
        for packet in container.demux(stream) if stream is not None else ():
            for frame in frames_of(packet) or ():
                return frame.width, frame.height, frame.rotation
    raise UnreadableMedia(f"{video!r} holds no picture that can be decoded")


def _decoded(video: Video, container: InputContainer, span: Span) -> Iterator[tuple[str, float, Any]]:
    """The frames of picture and sound within the span, and their times from its beginning."""
    streams, count, damaged, packets = _streams(container), 0, 0, 0
    lead = streams[0]
    if span.start:
        seek(container, lead, before(video, span.start))
    done = set[int]()
    for packet in container.demux(*streams):
        found = frames_of(packet) if packet.stream_index not in done else ()
        packets += 1
        damaged += found is None
        for frame in found or ():
            time = (frame.time or 0.0) - origin(lead)
            if span.end is not None and time >= span.end:
                done.add(packet.stream_index)
            elif time >= span.start - EARLY:
                kind = packet.stream.type
                count += kind == "video"
                _check_count(video, count)
                yield kind, time - span.start, frame
        if len(done) == len(streams):
            break
    if damaged > max(1, MAX_DAMAGED * packets):
        raise UnreadableMedia(f"{video!r} is damaged: {damaged:,} of {packets:,} packets cannot be decoded")


def _check_count(video: Video, count: int) -> None:
    if count > MAX_REWRITTEN:
        raise MediaTooLarge(
            f"{video!r} has more than {MAX_REWRITTEN:,} frames to write anew: give start and end, or send frames",
            limit=MAX_REWRITTEN,
        )


class _Press:
    """Encodes pictures and sound as they come."""

    def __init__(
        self, out: Any, row: Wrapper, shape: tuple[int, int, int], speed: int, fps: float | None, *, sound: bool
    ) -> None:
        width, height, self._turn = shape
        self.size = scaled(*((height, width) if abs(self._turn) in (90, 270) else (width, height)), speed)
        self.seconds = 0.0
        self._out, self._step, self._due = out, 1 / fps if fps else 0.0, 0.0
        self._ticks, self._samples = -1, 0
        codec = next(name for name in row.picture if name in need("av").codec.codecs_available)
        options = dict(SPEEDS.get(codec, {}))
        self._picture = out.add_stream(codec, rate=round(fps or 25) or 1, options=options)
        self._picture.width, self._picture.height = self.size
        self._picture.pix_fmt, self._picture.bit_rate = "yuv420p", speed
        self._picture.codec_context.time_base = TICK
        self._sound: Any = None
        self._resampler: Any = None
        if sound:
            self._sound = out.add_stream(row.sound, rate=SOUND_RATE, layout="mono", bit_rate=SOUND_BIT_RATE)
            self._resampler = need("av").AudioResampler(self._sound.format, self._sound.layout, SOUND_RATE)

    def put(self, kind: str, time: float, frame: Any) -> None:
        """Encode one frame of a time."""
        if kind == "audio":
            self._put_sound(time, frame)
        elif time >= self._due - EARLY and (ticks := max(0, round(time / TICK))) > self._ticks:
            self._due += self._step
            self._ticks = ticks
            self.seconds = max(self.seconds, time + 1 / 25)
            self._out.mux(self._picture.encode(self._upright(frame, ticks)))

    def _upright(self, frame: Any, ticks: int) -> Any:
        if self._turn:
            av, turned = need("av"), frame.to_image().rotate(self._turn, expand=True)
            frame = av.VideoFrame.from_image(turned)
        made = frame.reformat(width=self.size[0], height=self.size[1], format="yuv420p")
        made.pts, made.time_base = ticks, TICK
        made.pict_type = 0
        return made

    def _put_sound(self, time: float, frame: Any) -> None:
        if not self._samples:
            self._samples = max(0, round(time * SOUND_RATE))
        frame.pts = None
        for made in self._resampler.resample(frame):
            made.pts, made.time_base = self._samples, Fraction(1, SOUND_RATE)
            self._samples += made.samples
            self._out.mux(self._sound.encode(made))

    def close(self) -> None:
        """Encode what the encoders still hold."""
        for stream in (self._picture, self._sound):
            if stream is not None and (stream is self._picture or self._samples):
                self._out.mux(stream.encode(None))
