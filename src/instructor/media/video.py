"""Films."""

from __future__ import annotations

from ._base import Media
from ._boxes import ASF, ASF_PICTURES, ASF_SOUND, FILMS, MP4, NO_MP4
from ._sniff import Magic, at, ebml, ftyp, is_text, riff

_3GP = tuple(
    prefix + digit.to_bytes()
    for prefix in (b"3gp", b"3gr", b"3gs", b"3ge", b"3gg", b"3g2", b"3gh", b"3gm")
    for digit in b"0123456789abc"
)
"""Brands of 3GPP and 3GPP2 files (3GPP TS 26.244 §5.3), by release."""


def _transport(head: bytes) -> bool:
    """An MPEG transport stream (ISO/IEC 13818-1): packets of 188 bytes that begin with 0x47."""
    return len(head) > 376 and head[0] == head[188] == head[376] == 0x47 and not is_text(head)


class Video(Media):
    """A film: moving pictures, with or without sound."""

    __slots__ = ()

    noun = "a film"
    magic = (
        Magic("video/quicktime", ftyp(b"qt  ")),
        Magic("video/3gpp", ftyp(*_3GP)),
        Magic("video/mp4", ftyp(*MP4, b"M4V ", b"M4VP", b"M4VH", compatible=MP4, besides=(*NO_MP4, *_3GP))),
        Magic("video/webm", ebml(b"webm", codecs=b"V_")),
        Magic("video/x-matroska", ebml(b"matroska", codecs=b"V_")),
        # Without a track in sight they are held to be films.
        Magic("video/webm", ebml(b"webm", besides=b"A_")),
        Magic("video/x-matroska", ebml(b"matroska", besides=b"A_")),
        Magic("video/x-msvideo", riff(b"AVI ")),
        Magic("video/mpeg", at(0, b"\0\0\1\xba", b"\0\0\1\xb3")),
        Magic("video/mp2t", _transport),
        Magic("video/x-flv", at(0, b"FLV\x01")),
        Magic(
            "video/x-ms-wmv", lambda head: head.startswith(ASF) and not (ASF_SOUND in head and ASF_PICTURES not in head)
        ),
        Magic("video/ogg", lambda head: head.startswith(b"OggS") and any(mark in head for mark in FILMS)),
        Magic("video/quicktime", lambda head: head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")),
    )
    suffixes = {
        ".mp4": "video/mp4",
        ".m4v": "video/mp4",
        ".mov": "video/quicktime",
        ".webm": "video/webm",
        ".mkv": "video/x-matroska",
        ".avi": "video/x-msvideo",
        ".mpg": "video/mpeg",
        ".mpeg": "video/mpeg",
        ".mts": "video/mp2t",
        ".m2ts": "video/mp2t",
        ".flv": "video/x-flv",
        ".3gp": "video/3gpp",
        ".3g2": "video/3gpp",
        ".wmv": "video/x-ms-wmv",
        ".asf": "video/x-ms-wmv",
        ".ogv": "video/ogg",
    }
    aliases = {
        "video/mov": "video/quicktime",
        "video/x-m4v": "video/mp4",
        "video/avi": "video/x-msvideo",
        "video/msvideo": "video/x-msvideo",
        "video/mkv": "video/x-matroska",
        "video/matroska": "video/x-matroska",
        "video/flv": "video/x-flv",
        "video/wmv": "video/x-ms-wmv",
        "video/x-ms-asf": "video/x-ms-wmv",
        "video/3gp": "video/3gpp",
        "video/3gpp2": "video/3gpp",
        "video/mpg": "video/mpeg",
        "video/mpegps": "video/mpeg",
    }
