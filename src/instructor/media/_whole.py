"""Whether content is all there: files that were cut off, and recordings without any sound.

    whole(medium) ─▶ the walker of its type, over the container's own lengths ─▶ nothing, or UnreadableMedia

Only what a container says of itself is compared with what is there; no pixel and no sample is decoded, and no library is
needed. Content whose structure makes no sense, or is of another type, is left to whoever looks closer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from ..errors import UnreadableMedia
from ._content import Content

Walker = Callable[[BinaryIO, int], str | None]
"""(stream, size) → what is wrong, or None."""

STREAMED = 0x7FFF0000
"""Lengths from here on are written by programs that did not know how much would follow."""

SEARCHED_AT_ONCE = 1 << 16
MAX_STEPS = 1_000_000

EARLY = "it is cut off"


def whole(medium: Content) -> None:
    """Raise unless the content is all there, as far as its container tells.

    Raises:
        UnreadableMedia: it is cut off, or a recording without sound.
    """
    walker = WALKERS.get(medium.media_type or "")
    size = medium.size
    if walker is None or size is None:
        return
    with medium.open() as stream:
        problem = walker(stream, size)
    if problem:
        raise UnreadableMedia(f"{medium!r}: {problem}")


def _read(stream: BinaryIO, at: int, count: int) -> bytes:
    stream.seek(at)
    return stream.read(count)


def _missing(end: int, size: int) -> str | None:
    return f"{EARLY}: {size:,} of at least {end:,} bytes are there" if end > size else None


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────


def _png(stream: BinaryIO, size: int) -> str | None:
    at = 8
    for _ in range(MAX_STEPS):
        head = _read(stream, at, 8)
        if len(head) < 8:
            return f"{EARLY}: its end mark is missing"
        if not head[4:].isalpha():
            return None
        at += 12 + int.from_bytes(head[:4], "big")
        if at > size or head[4:] == b"IEND":
            return _missing(at, size)
    return None


def _jpeg(stream: BinaryIO, size: int) -> str | None:
    """An end mark behind the start of the scan: previews in the metadata have end marks of their own."""
    at = 2
    for _ in range(MAX_STEPS):
        head = _read(stream, at, 4)
        if len(head) < 4:
            return f"{EARLY} before its picture"
        if head[0] != 0xFF:
            return None
        if head[1] == 0xFF:
            at += 1
            continue
        at += 2 + int.from_bytes(head[2:], "big")
        if head[1] == 0xDA:
            break
    if _read(stream, max(at, size - 2), 2) == b"\xff\xd9":
        return None
    stream.seek(at)
    before = b""
    while piece := stream.read(SEARCHED_AT_ONCE):
        if b"\xff\xd9" in before + piece:
            return None
        before = piece[-1:]
    return f"{EARLY}: its end mark is missing"


def _gif(stream: BinaryIO, size: int) -> str | None:
    head = _read(stream, 0, 13)
    if len(head) < 13:
        return EARLY
    at = 13 + _colours(head[10])
    for _ in range(MAX_STEPS):
        kind = _read(stream, at, 1)
        if kind == b"!":
            at = _blocks(stream, at + 2)
        elif kind == b",":
            lead = _read(stream, at, 10)
            at = _blocks(stream, at + 11 + _colours(lead[9])) if len(lead) == 10 else size + 1
        else:  # the trailer, nothing more, which all readers take, or something unknown
            return None
        if at > size:
            return EARLY
    return None


def _colours(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _blocks(stream: BinaryIO, at: int) -> int:
    """Where a chain of sub-blocks ends; beyond any file where it does not."""
    stream.seek(at)
    while length := stream.read(1):
        if length == b"\0":
            return stream.tell()
        stream.seek(length[0], 1)
    return 1 << 62


def _riff(stream: BinaryIO, size: int) -> str | None:
    head = _read(stream, 0, 8)
    length = int.from_bytes(head[4:], "little")
    return _missing(8 + length, size) if head[:4] == b"RIFF" and 0 < length < STREAMED else None


def _bmp(stream: BinaryIO, size: int) -> str | None:
    return _missing(int.from_bytes(_read(stream, 2, 4), "little"), size)


# ── sound and films ──────────────────────────────────────────────────────────────────────────────

SILENT = "it holds no sound"


def _wav(stream: BinaryIO, size: int) -> str | None:
    big = _read(stream, 0, 4) == b"RF64"
    at, seen = 12, False
    for _ in range(MAX_STEPS):
        head = _read(stream, at, 8)
        if len(head) < 8:
            return SILENT if seen else None
        name, length = head[:4], int.from_bytes(head[4:], "little")
        if name == b"data":
            left = size - at - 8
            if left == 0:
                return SILENT
            return None if big or length == 0 or length >= STREAMED else _missing(at + 8 + length, size)
        if not name.strip().isalnum() or not name.isascii():
            return None
        seen = seen or (name == b"fmt " and length >= 16)
        at += 8 + length + length % 2
    return None


def _flac(stream: BinaryIO, size: int) -> str | None:
    at = 4
    for _ in range(1000):
        head = _read(stream, at, 4)
        if len(head) < 4:
            return None
        at += 4 + int.from_bytes(head[1:], "big")
        if head[0] & 0x80:
            return _missing(at, size) or (SILENT if at == size else None)
    return None


def _tagged(stream: BinaryIO, size: int) -> str | None:
    head = _read(stream, 0, 10)
    if head[:3] != b"ID3" or len(head) < 10:
        return None
    end = 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]) + (10 if head[5] & 0x10 else 0)
    return _missing(end, size) or (SILENT if end == size else None)


def _boxes(stream: BinaryIO, size: int) -> str | None:
    """The boxes at the top of an ISO base media file (ISO/IEC 14496-12 §4.2)."""
    for name, end in _walked(stream):
        if not name.isalnum() or not name.isascii():
            return None
        if end > size:
            return _missing(end, size)
    return None


def _walked(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    at = 0
    for _ in range(MAX_STEPS):
        head = _read(stream, at, 16)
        if len(head) < 8:
            return
        length = int.from_bytes(head[:4], "big")
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:], "big")
        if length < 8:  # 0: to the end of the file
            return
        at += length
        yield head[4:8], at


WALKERS: Mapping[str, Walker] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _riff,
    "image/bmp": _bmp,
    "image/heic": _boxes,
    "image/heif": _boxes,
    "image/avif": _boxes,
    "audio/wav": _wav,
    "audio/flac": _flac,
    "audio/mpeg": _tagged,
    "audio/aac": _tagged,
    "audio/mp4": _boxes,
    "video/mp4": _boxes,
    "video/quicktime": _boxes,
    "video/3gpp": _boxes,
    "video/x-msvideo": _riff,
}
"""Media type → what compares its lengths with what is there."""
