"""Recordings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from ..errors import UnreadableMedia
from . import _objects
from ._base import Media
from ._boxes import ASF, ASF_PICTURES, ASF_SOUND, FILMS, MP4, NO_MP4
from ._origin import Blob, Origin
from ._sniff import Magic, Test, again, at, ebml, ftyp, ogg, riff

_KBITS: Mapping[tuple[bool, int], tuple[int, ...]] = {
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""(MPEG-1, layer) → kbit/s by index (ISO/IEC 11172-3 §2.4.2.3, 13818-3)."""

_HERTZ = (44_100, 48_000, 32_000)


def _mpeg_sync(head: bytes) -> bool:
    """An MPEG audio frame header (ISO/IEC 11172-3): sync, layer III or II, nothing reserved in it."""
    return (
        len(head) > 3
        and head[0] == 0xFF
        and head[1] & 0xE0 == 0xE0
        and head[1] & 0x18 != 0x08
        and head[1] & 0x06 in (0x02, 0x04)
        and head[2] & 0xF0 != 0xF0
        and head[2] & 0x0C != 0x0C
    )


def _mpeg_frame(head: bytes) -> bool:
    """A frame of MPEG audio, followed by another one where that is in sight."""
    if not _mpeg_sync(head):
        return False
    first, layer = head[1] & 0x18 == 0x18, 4 - (head[1] >> 1 & 3)
    rate = _HERTZ[head[2] >> 2 & 3] // (1 if first else 2 if head[1] & 0x18 == 0x10 else 4)
    samples = 1152 if first or layer == 2 else 576
    length = samples // 8 * _KBITS[first, layer][head[2] >> 4] * 1000 // rate
    return again(head, length + (head[2] >> 1 & 1) if length else 0, _mpeg_sync)


def _adts_sync(head: bytes) -> bool:
    """An ADTS header of AAC: sync word, layer 0, a legal sampling-frequency index."""
    return len(head) > 5 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0 and (head[2] >> 2) & 0x0F < 13


def _adts(head: bytes) -> bool:
    return _adts_sync(head) and again(head, (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5, _adts_sync)


def _tagged(test: Test) -> Test:
    """Content that passes the test behind an ID3v2 tag (id3.org/id3v2.4.0-structure), where that is in sight."""

    def behind(head: bytes) -> bool:
        if head[:3] != b"ID3" or len(head) < 10:
            return False
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        return test(head[10 + size :])

    return behind


class Audio(Media):
    """A recording of sound.

    `Audio.from_array(samples, sample_rate)` makes one from NumPy's samples.
    """

    __slots__ = ()

    noun = "a recording"
    magic = (
        Magic("audio/wav", riff(b"WAVE")),
        Magic("audio/flac", at(0, b"fLaC")),
        Magic("audio/flac", _tagged(at(0, b"fLaC"))),
        Magic("audio/aac", _tagged(_adts)),
        Magic("audio/mpeg", at(0, b"ID3")),
        Magic("audio/mp4", ftyp(b"M4A ", b"M4B ", b"M4P ")),
        Magic("audio/ogg", ogg(b"\x01vorbis", b"OpusHead", b"Speex   ", b"\x7fFLAC", besides=FILMS)),
        Magic("audio/aiff", lambda head: head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")),
        Magic("audio/amr", at(0, b"#!AMR\n", b"#!AMR-WB\n", b"#!AMR_MC1.0\n", b"#!AMR-WB_MC1.0\n")),
        Magic("audio/aac", _adts),
        Magic("audio/mpeg", _mpeg_frame),
        Magic("audio/webm", ebml(b"webm", codecs=b"A_", besides=b"V_")),
        Magic("audio/x-matroska", ebml(b"matroska", codecs=b"A_", besides=b"V_")),
        Magic("audio/x-ms-wma", lambda head: head.startswith(ASF) and ASF_SOUND in head and ASF_PICTURES not in head),
        # The sound of a film, where the caller asks for a recording; and what the first bytes do not decide.
        Magic("audio/webm", ebml(b"webm"), loose=True),
        Magic("audio/mp4", ftyp(*MP4, compatible=MP4, besides=NO_MP4), loose=True),
    )
    suffixes = {
        ".wav": "audio/wav",
        ".mp3": "audio/mpeg",
        ".flac": "audio/flac",
        ".m4a": "audio/mp4",
        ".aac": "audio/aac",
        ".ogg": "audio/ogg",
        ".oga": "audio/ogg",
        ".opus": "audio/ogg",
        ".aif": "audio/aiff",
        ".aiff": "audio/aiff",
        ".amr": "audio/amr",
        ".weba": "audio/webm",
        ".mka": "audio/x-matroska",
        ".wma": "audio/x-ms-wma",
    }
    aliases = {
        "audio/x-wav": "audio/wav",
        "audio/wave": "audio/wav",
        "audio/vnd.wave": "audio/wav",
        "audio/mp3": "audio/mpeg",
        "audio/x-mp3": "audio/mpeg",
        "audio/m4a": "audio/mp4",
        "audio/x-m4a": "audio/mp4",
        "audio/x-flac": "audio/flac",
        "audio/x-aiff": "audio/aiff",
        "audio/opus": "audio/ogg",
        "audio/vorbis": "audio/ogg",
        "application/ogg": "audio/ogg",
        "audio/aacp": "audio/aac",
        "audio/x-aac": "audio/aac",
        "audio/x-hx-aac-adts": "audio/aac",
        "audio/aif": "audio/aiff",
        "audio/amr-wb": "audio/amr",
        "audio/mpeg3": "audio/mpeg",
        "audio/mpga": "audio/mpeg",
    }

    @classmethod
    def from_array(cls, samples: Any, sample_rate: int, **options: Any) -> Self:
        """Samples as WAV: one channel, samples × channels, or channels × samples (at most 8 channels).

        int16, int32 and uint8 are kept as they are; floating-point from -1 to 1 becomes 16 bits.

        Raises:
            UnreadableMedia: the shape, type or values are others, or there are no samples.
            MissingExtra: NumPy is not installed.
        """
        return cls._make(Blob(_objects.wav(samples, sample_rate)), "audio/wav", options)

    @classmethod
    def _located(cls, source: Any) -> tuple[Origin, str | None, str | None]:
        if _objects.is_array(source):
            raise UnreadableMedia("samples need their rate: Audio.from_array(samples, sample_rate)")
        return super()._located(source)
