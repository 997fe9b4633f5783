"""Telling what bytes are from the bytes: rows of tests, kept by each kind of media in its own file.

    sample(stream, size) ─▶ the first HEADER_BYTES, of a ZIP archive with its directory ─▶ rows
    Magic(media_type, test)      a row; `test` looks at the sample
    at, riff, ftyp, ebml …       make tests

A suffix, a declared type or an HTTP header never decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO

from ..values import dataclass

HEADER_BYTES = 4096
"""How much of the content the rows may look at."""

DIRECTORY_BYTES = 64 * 1024
"""How much of a ZIP archive's end is read for its directory, where its first entries do not tell what it is."""

Test = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Magic:
    """One row: content that passes `test` is of `media_type`.

    A `loose` row counts only when the caller asked for this kind of media: an MP4 file may be a film or a
    recording, and text may be meant as a document or not as media at all. A `weak` row, which looks for its mark
    behind other things, counts only where no other row of any kind does.
    """

    media_type: str
    test: Test
    loose: bool = False
    weak: bool = False


def sample(stream: BinaryIO, size: int) -> bytes:
    """What the rows look at: the first bytes, and of a ZIP archive, which has its list of entries there, the last."""
    head = stream.read(HEADER_BYTES)
    if head.startswith(b"PK\x03\x04") and size > HEADER_BYTES:
        stream.seek(max(HEADER_BYTES, size - DIRECTORY_BYTES))
        head += stream.read(DIRECTORY_BYTES)
    return head


# ── tests ────────────────────────────────────────────────────────────────────────────────────────


def at(offset: int, *patterns: bytes) -> Test:
    """Content with one of `patterns` at `offset`."""
    return lambda head: any(head.startswith(pattern, offset) for pattern in patterns)


def riff(*forms: bytes) -> Test:
    """A RIFF container (little-endian `RIFF`, 64-bit `RF64`) of one of these form types."""
    return lambda head: head[:4] in (b"RIFF", b"RF64") and head[8:12] in forms


def ftyp(*brands: bytes, compatible: tuple[bytes, ...] = (), besides: tuple[bytes, ...] = ()) -> Test:
    """An ISO base media file (ISO/IEC 14496-12) whose major brand is in `brands`, or a compatible one in `compatible`
    where the major one is not in `besides`."""

    def test(head: bytes) -> bool:
        if head[4:8] != b"ftyp":
            return False
        major = head[8:12]
        if major in brands:
            return True
        end = min(int.from_bytes(head[:4], "big"), len(head))
        others = {head[i : i + 4] for i in range(16, end - 3, 4)}
        return major not in besides and not others.isdisjoint(compatible)

    return test


def ebml(*doctypes: bytes, codecs: bytes = b"", besides: bytes = b"") -> Test:
    """A Matroska-like container (RFC 8794) of one of these document types, with a track of one of the `codecs` (a
    prefix of Matroska's codec ids, `V_` or `A_`) and none of `besides`, as far as the first bytes tell."""

    def test(head: bytes) -> bool:
        if not head.startswith(b"\x1aE\xdf\xa3"):
            return False
        if not any(b"\x42\x82" + bytes([0x80 | len(name)]) + name in head[:128] for name in doctypes):
            return False
        return (not codecs or _codec(head, codecs)) and not (besides and _codec(head, besides))

    return test


def _codec(head: bytes, prefix: bytes) -> bool:
    """Whether an element CodecID (0x86) in the first bytes starts with the prefix."""
    return re.search(rb"\x86[\x83-\xbf]" + prefix + rb"[A-Z]", head) is not None


def ogg(*codecs: bytes, besides: tuple[bytes, ...] = ()) -> Test:
    """An Ogg stream (RFC 3533), of which a first packet starts with one of these codec marks and none with `besides`.

    The first pages of all streams of a film come before anything else, so the marks are near the start.
    """
    return lambda head: (
        head.startswith(b"OggS") and any(mark in head for mark in codecs) and not any(mark in head for mark in besides)
    )


def zipped(*names: bytes) -> Test:
    """A ZIP archive with an entry of one of these names, as far as its first entries or its directory tell."""
    entry = re.compile(
        rb"(?:PK\x03\x04[\s\S]{26}|PK\x01\x02[\s\S]{42})(?:" + rb"|".join(re.escape(name) for name in names) + rb")"
    )
    return lambda head: head.startswith(b"PK\x03\x04") and entry.search(head) is not None


def opened_as(media_type: bytes) -> Test:
    """A ZIP archive whose first entry, uncompressed, is its own media type (OpenDocument 1.3 part 2 §3.3, EPUB OCF §4.3)."""
    return lambda head: head.startswith(b"PK\x03\x04") and head[30:].startswith(b"mimetype" + media_type)


def again(head: bytes, length: int, sync: Test) -> bool:
    """Whether a frame of this length is followed by another one, where that is in sight."""
    return not 0 < length < len(head) - 4 or sync(head[length:])


def is_text(head: bytes) -> bool:
    """UTF-8 (or UTF-16 with a byte-order mark) text without control characters."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _is_utf16(head)
    if not head or _CONTROLS.search(head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(head) >= HEADER_BYTES - 4 and error.start >= len(head) - 4
    return True


_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MARKUP = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*(?:<!doctype\s+([\w:.-]+)[^>\[]*(?:\[.*?\]\s*)?>\s*)?"
                     r"(?:<!--.*?-->\s*)*(?:<([\w:.-]+)(?=[\s/>]|\Z))?", re.IGNORECASE | re.DOTALL)  # fmt: skip


def _is_utf16(head: bytes) -> bool:
    try:
        text = head[: len(head) // 2 * 2].decode("utf-16")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-16")
    return bool(text) and not any(character < " " and character not in "\t\n\r\f\x1b" for character in text)


def root(head: bytes) -> str | None:
    """The name of the root element of markup, in lower case and without its prefix; None for what is no markup.

    Where there is a doctype it names the root.
    """
    text = head.decode("utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig", "ignore")
    if not text.lstrip().startswith("<"):
        return None
    found = _MARKUP.match(text)
    if found is None:
        return None
    name = (found[1] or found[2] or "").lower().rpartition(":")[2]
    return name or ("?" if text.lstrip().startswith("<?xml") else None)
