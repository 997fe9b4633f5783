"""The way into recordings and films: PyAV, opened so that hostile content can do little.

    opened(media)      → container     for as long as it is wanted; PyAV's errors come out as `UnreadableMedia`
    probe(media)       → Traits        from headers; decodes nothing but what telling the streams apart takes
    measured(media)    → seconds       where headers do not say: the times of all packets, none decoded

What content may do here is kept small. The demuxer is that of the type that the first bytes show, so that play
lists, which name other files and addresses, are never followed; a container that asks for another file is refused;
content is read through `media.open()`, piece by piece; frames over a pixel cap are refused by the decoder. FFmpeg's
own messages are off by default in PyAV; nothing here turns them on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import InstructorError, MediaTooLarge, UnreadableMedia
from ..media import Media
from ..values import dataclass
from ._need import need

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

DEMUXERS: Mapping[str, str] = {
    "audio/aac": "aac",
    "audio/aiff": "aiff",
    "audio/amr": "amr",
    "audio/flac": "flac",
    "audio/mp4": "mov",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/webm": "matroska",
    "video/3gpp": "mov",
    "video/mp4": "mov",
    "video/mpeg": "mpeg",
    "video/ogg": "ogg",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "video/x-flv": "flv",
    "video/x-matroska": "matroska",
    "video/x-ms-wmv": "asf",
    "video/x-msvideo": "avi",
}
"""Media type → FFmpeg's name of its demuxer. An unknown type is left to FFmpeg's own guess."""

MAX_FRAME_PIXELS = 36_000_000
"""Films of larger frames are not decoded: 8K (8,192×4,320) has 35 million, and decoders hold a dozen at once."""

MAX_SECONDS = 12 * 3600.0
"""Recordings and films are decoded no further: the longest that any provider takes is 9.5 hours."""

READ_BYTES = 1 << 18
"""Content read at a time."""

MPEG_ELEMENTARY = b"\0\0\1\xb3"
"""An MPEG film without a container starts so, and has another demuxer than one with."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What the headers say. `duration` in seconds; `codec` is that of the picture, else of the sound.

    A header may be silent on the duration (recordings of browsers) or estimate it (MP3, ADTS).
    """

    duration: float | None = None
    width: int | None = None
    height: int | None = None
    codec: str | None = None
    sound: str | None = None
    channels: int | None = None
    sample_rate: int | None = None
    fps: float | None = None
    has_audio: bool = False
    has_video: bool = False

    @property
    def pixels(self) -> tuple[int, int] | None:
        """Width and height of the picture, where there is one."""
        return (self.width, self.height) if self.width and self.height else None


@contextmanager
def opened(media: Media) -> Iterator[InputContainer]:
    """The content as a container of streams.

    Raises:
        MediaNotFound: the file is gone.
        MissingExtra: PyAV is not installed.
        UnreadableMedia: it is damaged, or not what its first bytes promise.
    """
    av = need("av")
    with _translated(media), media.open() as stream:
        container: InputContainer = av.open(
            stream,
            "r",
            format=_demuxer(media),
            options={"max_pixels": str(MAX_FRAME_PIXELS)},
            metadata_errors="replace",
            buffer_size=READ_BYTES,
            io_open=_refused,
        )
        try:
            yield container
        finally:
            container.close()


def _demuxer(media: Media) -> str | None:
    name = DEMUXERS.get(media.media_type or "")
    if name == "mpeg":
        with media.open() as stream:
            return "mpegvideo" if stream.read(4) == MPEG_ELEMENTARY else name
    return name


def _refused(url: str, flags: int, options: Any) -> Any:
    raise PermissionError("content may not open other files")


@contextmanager
def _translated(media: Media) -> Iterator[None]:
    try:
        yield
    except InstructorError:
        raise
    except (need("av").FFmpegError, ValueError, ArithmeticError, LookupError, RuntimeError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnreadableMedia(f"{media!r} is damaged, or not what it starts as: {reason}") from error


def probe(media: Media) -> Traits:
    """What the headers say of a recording or film.

    Raises:
        MissingExtra: PyAV is not installed.
        UnreadableMedia: it is damaged, cut off, or holds neither sound nor picture.
    """
    with opened(media) as container:
        sound, picture = sound_of(container), picture_of(container)
        if sound is None and picture is None:
            raise UnreadableMedia(f"{media!r} holds neither sound nor picture that can be read")
        for stream in (sound, picture):
            if stream is not None:
                _check_whole(media, stream)
        heard = sound.codec_context if sound is not None else None
        seen = picture.codec_context if picture is not None else None
        return Traits(
            duration=_declared(container, picture or sound),
            width=seen.width if seen else None,
            height=seen.height if seen else None,
            codec=seen.name if seen else heard.name if heard else None,
            sound=heard.name if heard else None,
            channels=heard.channels if heard else None,
            sample_rate=heard.sample_rate if heard else None,
            fps=float(picture.average_rate) if picture is not None and picture.average_rate else None,
            has_audio=sound is not None,
            has_video=picture is not None,
        )


def sound_of(container: InputContainer) -> AudioStream | None:
    """The first stream of sound that can be decoded."""
    found = (stream for stream in container.streams.audio if _decodable(stream) and stream.codec_context.sample_rate)
    return next(found, None)


def picture_of(container: InputContainer) -> VideoStream | None:
    """The first moving picture that can be decoded. The cover of a recording is none."""
    from av.stream import Disposition

    covers = Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails
    found = (stream for stream in container.streams.video if _decodable(stream) and not stream.disposition & covers)
    stream = next(found, None)
    if stream is not None and not stream.codec_context.is_open:
        # the size may change midway, after the header has been looked at
        stream.codec_context.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
    return stream


def _decodable(stream: Any) -> bool:
    return stream.codec_context is not None


def _declared(container: InputContainer, stream: AudioStream | VideoStream | None) -> float | None:
    if container.duration is not None:
        length = container.duration / 1_000_000
    elif stream is not None and stream.duration is not None and stream.time_base is not None:
        length = float(stream.duration * stream.time_base)
    else:
        return None
    return length if length > 0 else None


def _check_whole(media: Media, stream: AudioStream | VideoStream) -> None:
    """Raise where the header speaks of content beyond the end: a cheap look that finds most cut-off files."""
    size, index = media.size or 0, stream.index_entries
    last = index[len(index) - 1] if len(index) else None
    promised = last.pos + last.size if last is not None else 0
    context = stream.codec_context
    if media.media_type == "audio/wav":
        promised = _wav_end(media)
    elif context.name.startswith("pcm_") and stream.duration and stream.time_base and context.bit_rate:
        promised = max(promised, int(stream.duration * stream.time_base * context.bit_rate / 8 * 0.99) - 4096)
    if promised > size:
        raise UnreadableMedia(f"{media!r} is cut off: its header speaks of {promised:,} bytes")


def _wav_end(media: Media) -> int:
    """Where the samples of a WAV file end by its header; 0 where that is not told, as by those who write to a pipe.

    FFmpeg takes what is there, without a word.
    """
    with media.open() as stream:
        head = stream.read(1 << 16)
    at = 12
    while at + 8 <= len(head):
        name, size = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"data":
            return at + 8 + size if size < UNTOLD else 0
        at += 8 + size + size % 2
    return 0


UNTOLD = 0x7FFF0000
"""Sizes from here on are written into WAV files by those who do not know the size."""


def check_pixels(media: Media, traits: Traits, cap: int = MAX_FRAME_PIXELS) -> None:
    """Raise for a film whose frames are too large to be decoded.

    Raises:
        MediaTooLarge: they are.
    """
    pixels, cap = (traits.width or 0) * (traits.height or 0), min(cap, MAX_FRAME_PIXELS)
    if pixels > cap:
        raise MediaTooLarge(
            f"{media!r} has frames of {traits.width:,}×{traits.height:,} px, which are {pixels:,} pixels, and "
            f"at most {cap:,} are decoded: scale it down first",
            limit=cap,
            actual=pixels,
        )


def measured(media: Media) -> float:
    """The duration in seconds by the times of all packets, for content whose header does not say.

    Raises:
        MissingExtra: PyAV is not installed.
        UnreadableMedia: it is damaged, or has no length.
    """
    with opened(media) as container:
        stream = picture_of(container) or sound_of(container)
        if stream is None or stream.time_base is None:
            raise UnreadableMedia(f"{media!r} holds neither sound nor picture that can be read")
        first, last = None, 0
        for packet in container.demux(stream):
            time = packet.pts if packet.pts is not None else packet.dts
            if time is not None:
                first = time if first is None else min(first, time)
                last = max(last, time + (packet.duration or 0))
        if first is None or last <= first:
            raise UnreadableMedia(f"{media!r} has no length: it holds headers and no content")
        return float((last - first) * stream.time_base)


def length(media: Media, traits: Traits) -> float:
    """The duration as the headers say, else as `measured`."""
    return traits.duration if traits.duration is not None else measured(media)


def origin(stream: AudioStream | VideoStream) -> float:
    """The time in the container at which the stream begins: broadcasts do not begin at 0."""
    return float(stream.start_time * stream.time_base) if stream.start_time and stream.time_base else 0.0


def seek(container: InputContainer, stream: AudioStream | VideoStream, time: float) -> None:
    """Go to the last key frame at or before `time`, in seconds from the beginning of the stream."""
    if stream.time_base:
        container.seek(int((max(0.0, time) + origin(stream)) / stream.time_base), stream=stream)


INDEXED = frozenset(
    {"audio/mp4", "audio/wav", "audio/aiff", "video/mp4", "video/quicktime", "video/3gpp"}
    | {"video/webm", "video/x-matroska", "video/x-msvideo"}
)
"""Types with an index, or of constant rate: entering them leads to where it was asked for."""

MARGIN = 10.0
"""Seconds that types without an index are entered early, and decoded on from: key frames are rarely further apart."""


def before(media: Media, time: float) -> float:
    """Where to enter a film or recording so that all that comes at `time` and after it is decoded whole."""
    return time if media.media_type in INDEXED else max(0.0, time - MARGIN)


def frames_of(packet: Packet[Any]) -> tuple[Any, ...] | None:
    """The frames of one packet; None where it is damaged."""
    try:
        return tuple(packet.decode())
    except need("av").error.InvalidDataError:
        return None
