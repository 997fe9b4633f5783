"""Telling what bytes are from the bytes: rows of tests, kept by each kind of media in its own file.

    Magic(media_type, test)      a row; `test` looks at the first HEADER_BYTES of the content
    at, riff, ftyp, ebml …       make tests
    describe(header)             words for content that no row knows

A suffix, a declared type or an HTTP header never decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HEADER_BYTES = 4096
"""How much of the content the rows may look at."""

Test = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Magic:
    """One row: content that passes `test` is of `media_type`.

    A `loose` row counts only when the caller asked for this kind of media: an MP4 file may be a film or a
    recording, and text may be meant as a document or not as media at all.
    """

    media_type: str
    test: Test
    loose: bool = False


def at(offset: int, *patterns: bytes) -> Test:
    """Content with one of `patterns` at `offset`."""
    return lambda head: any(head.startswith(pattern, offset) for pattern in patterns)


def riff(*forms: bytes) -> Test:
    """A RIFF container (little-endian `RIFF`, 64-bit `RF64`) of one of these form types."""
    return lambda head: head[:4] in (b"RIFF", b"RF64") and head[8:12] in forms


def ftyp(*brands: bytes, compatible: bool = False) -> Test:
    """An ISO base media file (ISO/IEC 14496-12) whose major brand, or a compatible one, is in `brands`."""

    def test(head: bytes) -> bool:
        if head[4:8] != b"ftyp":
            return False
        end = min(int.from_bytes(head[:4], "big"), len(head))
        major, others = head[8:12], [head[i : i + 4] for i in range(16, end - 3, 4)]
        return major in brands or (compatible and any(brand in brands for brand in others))

    return test


def ebml(*doctypes: bytes) -> Test:
    """A Matroska-like container (RFC 8794) of one of these document types."""
    return lambda head: (
        head.startswith(b"\x1aE\xdf\xa3")
        and any(b"\x42\x82" + bytes([0x80 | len(name)]) + name in head[:128] for name in doctypes)
    )


def ogg(*codecs: bytes) -> Test:
    """An Ogg stream (RFC 3533) whose first packet starts with one of these codec marks."""
    return lambda head: head.startswith(b"OggS") and any(codec in head[28:48] for codec in codecs)


def is_text(head: bytes) -> bool:
    """UTF-8 (or UTF-16 with a byte-order mark) text without control characters."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if not head or any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(head) >= HEADER_BYTES - 4 and error.start >= len(head) - 4
    return True


def describe(head: bytes) -> str:
    """What unknown content looks like, in words, without quoting it."""
    if not head:
        return "empty"
    lowered = head.lstrip()[:64].lower()
    if lowered.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if lowered.startswith((b"<?xml", b"<svg")):
        return "XML"
    if lowered.startswith((b"{", b"[")) and is_text(head):
        return "JSON"
    if is_text(head):
        return "plain text"
    return f"binary data that starts with the bytes {head[:4].hex(' ')}"
