"""Films."""

from __future__ import annotations

from ._base import Media
from ._sniff import Magic, at, ebml, ftyp, ogg, riff


class Video(Media):
    """A film: moving pictures, with or without sound."""

    __slots__ = ()

    noun = "a film"
    magic = (
        Magic("video/quicktime", ftyp(b"qt  ")),
        Magic("video/3gpp", ftyp(b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3ge6", b"3g2a")),
        Magic("video/mp4", ftyp(b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1")),
        Magic("video/mp4", ftyp(b"dash", b"M4V ", b"M4VP")),
        Magic("video/webm", ebml(b"webm")),
        Magic("video/x-matroska", ebml(b"matroska")),
        Magic("video/x-msvideo", riff(b"AVI ")),
        Magic("video/mpeg", at(0, b"\0\0\1\xba", b"\0\0\1\xb3")),
        Magic("video/x-flv", at(0, b"FLV\x01")),
        Magic("video/x-ms-wmv", at(0, b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\0\xaa\0b\xcel")),
        Magic("video/ogg", ogg(b"\x80theora")),
        Magic("video/quicktime", lambda head: head[4:8] in (b"moov", b"mdat", b"wide", b"free")),
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
        ".flv": "video/x-flv",
        ".3gp": "video/3gpp",
        ".wmv": "video/x-ms-wmv",
        ".ogv": "video/ogg",
    }
    aliases = {"video/mov": "video/quicktime", "video/x-m4v": "video/mp4", "video/avi": "video/x-msvideo"}
