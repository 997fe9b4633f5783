"""The frames of a film at given moments, with as little decoding as may be.

    looks(…, times)              the first frame at or after each time
    looks(…, times, keys=True)   the key frame at or before each time, each once: one decoded frame for each time;
                                 where there are too few of them, as above

A film is decoded on from where it is, or entered anew at a key frame where the next moment is far. A film that has
few key frames, so that entering it leads back, is read through instead. However it is built, no more than
`MAX_DECODED` frames are decoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

from ..errors import MediaTooLarge, UnreadableMedia
from ..media import Video
from ..values import dataclass
from ._av import INDEXED, MARGIN, before, frames_of, origin, seek
from ._need import need

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MAX_DECODED = 30_000
"""Frames that are decoded of one film: 20 minutes at 25 a second, read through."""

MAX_DAMAGED = 0.05
"""The share of damaged packets that is passed over."""

SLACK = 1e-3
"""Seconds by which times in a container may be rounded."""

MAX_THREADS = 4


@dataclass(frozen=True, slots=True)
class Look:
    """A frame and its time from the beginning of the film."""

    time: float
    frame: VideoFrame


def looks(
    video: Video,
    container: InputContainer,
    stream: VideoStream,
    times: Sequence[float],
    *,
    end: float = inf,
    keys: bool = False,
    least: int = 0,
) -> Iterator[Look]:
    """Frames at `times`, in order, none at or after `end`.

    Of a film with fewer than `least` key frames there, `keys` is not heeded.

    Raises:
        MediaTooLarge: too many frames would have to be decoded.
        UnreadableMedia: too much of it is damaged.
    """
    reel = Reel(video, container, stream)
    if keys and (marks := reel.key_times(times)) is not None and len(marks) >= least:
        yield from reel.key_frames(marks)
    else:
        yield from reel.frames(times, end)


class Reel:
    """A film that is being decoded: where it is, and how much has been decoded."""

    def __init__(self, video: Video, container: InputContainer, stream: VideoStream) -> None:
        self._video, self._container, self._stream = video, container, stream
        self._base = origin(stream)
        self._decoded = self._packets = self._damaged = 0
        stream.codec_context.thread_type = "AUTO"
        stream.codec_context.thread_count = MAX_THREADS

    def frames(self, times: Sequence[float], end: float = inf) -> Iterator[Look]:
        """The first frame at or after each time; near the end the last one, where nothing comes before `end`."""
        running, position, seeks = self._run(), 0.0, True
        look: Look | None = None
        given: Look | None = None
        for time in times:
            if seeks and time - position > MARGIN * 1.5 and self._enter(before(self._video, time)):
                running, old = self._run(), look
                look = next(running, None)
                seeks = look is not None and (old is None or look.time > old.time)
            while look is None or look.time < time - SLACK:
                following = next(running, None)
                if following is None or (following.time >= end - SLACK and look is not None):
                    break
                look = following
            if look is None:
                break
            position = look.time
            if look is not given:
                yield look
            given = look
        self._check_damage()

    def key_times(self, times: Sequence[float]) -> list[float] | None:
        """The times of the key frames at or before `times`, each once, by packets alone; None if it has no seeking."""
        found: list[float] = []
        for time in times if self._video.media_type in INDEXED else ():
            if not self._enter(time):
                return None
            packet: Any = next(iter(self._container.demux(self._stream)), None)
            if packet is None or packet.pts is None or not packet.is_keyframe:
                return None
            at = float(packet.pts * packet.time_base) - self._base
            if not found or at > found[-1]:
                found.append(at)
        return found

    def key_frames(self, times: Sequence[float]) -> Iterator[Look]:
        """The key frames at exactly these times."""
        self._stream.codec_context.skip_frame = "NONKEY"
        for time in times:
            self._enter(time + SLACK)
            look = next(self._run(), None)
            if look is not None:
                yield look
        self._check_damage()

    def _enter(self, time: float) -> bool:
        try:
            seek(self._container, self._stream, time)
        except need("av").FFmpegError:
            return False
        return True

    def _run(self) -> Iterator[Look]:
        for packet in self._container.demux(self._stream):
            frames = frames_of(packet)
            self._packets += 1
            self._damaged += frames is None
            for frame in frames or ():
                self._decoded += 1
                if self._decoded > MAX_DECODED:
                    raise MediaTooLarge(
                        f"{self._video!r} would take more than {MAX_DECODED:,} decoded frames: "
                        "give start and end, or a lower max_frames",
                        limit=MAX_DECODED,
                    )
                if frame.time is not None and not frame.is_corrupt:
                    yield Look(frame.time - self._base, frame)

    def _check_damage(self) -> None:
        if self._damaged > max(1, MAX_DAMAGED * self._packets):
            raise UnreadableMedia(
                f"{self._video!r} is damaged: {self._damaged:,} of {self._packets:,} packets cannot be decoded"
            )
