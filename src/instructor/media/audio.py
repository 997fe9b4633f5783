"""Recordings."""

from __future__ import annotations

from ._base import Media
from ._sniff import Magic, at, ebml, ftyp, ogg, riff


def _mpeg_frame(head: bytes) -> bool:
    """An MPEG audio frame header (ISO/IEC 11172-3): sync, layer III or II, no reserved bit or sample rate."""
    return (
        len(head) > 3
        and head[0] == 0xFF
        and head[1] & 0xE0 == 0xE0
        and head[1] & 0x18 != 0x08
        and head[1] & 0x06 in (0x02, 0x04)
        and head[2] & 0xF0 != 0xF0
        and head[2] & 0x0C != 0x0C
    )


def _adts(head: bytes) -> bool:
    """An ADTS header of AAC: sync word, layer 0, a legal sampling-frequency index."""
    return len(head) > 3 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0 and (head[2] >> 2) & 0x0F < 13


class Audio(Media):
    """A recording of sound."""

    __slots__ = ()

    noun = "a recording"
    magic = (
        Magic("audio/wav", riff(b"WAVE")),
        Magic("audio/flac", at(0, b"fLaC")),
        Magic("audio/mpeg", at(0, b"ID3")),
        Magic("audio/mp4", ftyp(b"M4A ", b"M4B ", b"M4P ")),
        Magic("audio/ogg", ogg(b"\x01vorbis", b"OpusHead", b"Speex", b"\x7fFLAC")),
        Magic("audio/aiff", lambda head: head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")),
        Magic("audio/amr", at(0, b"#!AMR")),
        Magic("audio/aac", _adts),
        Magic("audio/mpeg", _mpeg_frame),
        Magic("audio/webm", ebml(b"webm"), loose=True),
        Magic("audio/mp4", ftyp(b"isom", b"iso2", b"mp41", b"mp42", b"dash", compatible=True), loose=True),
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
    }
