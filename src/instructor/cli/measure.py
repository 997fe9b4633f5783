"""How large, how many, how long: a medium's measures, from its headers.

    PNG, JPEG, GIF, BMP, WEBP   width and height, from the header     other pictures: Pillow, where it is installed
    PDF                         pages: pypdfium2, where it is installed
    WAV                         seconds, from the header

What cannot be told is left out; damage is a note, not an error.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from ..media import PDF, Audio, Image, Media

MAX_CHUNKS = 4096
"""So many chunks of a file are looked at. No honest header lies deeper."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What is known."""

    width: int | None = None
    height: int | None = None
    pages: int | None = None
    seconds: float | None = None
    note: str | None = None


def measure(medium: Media) -> Measures:
    """The measures of a medium whose content is at hand."""
    reader = _READERS.get(type(medium))
    return reader(medium) if reader else Measures()


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────

Size = tuple[int, int]


def _picture(image: Media) -> Measures:
    reader = _HEADERS.get(image.media_type or "")
    with image.open() as stream:
        size = reader(stream) if reader else _by_pillow(stream)
    if size is None or not all(size):
        return Measures(note="its size in pixels cannot be told" if reader else None)
    return Measures(width=size[0], height=size[1])


def _png(stream: BinaryIO) -> Size | None:
    head = stream.read(24)
    return struct.unpack(">II", head[16:24]) if len(head) == 24 and head[12:16] == b"IHDR" else None


def _gif(stream: BinaryIO) -> Size | None:
    head = stream.read(10)
    return struct.unpack("<HH", head[6:10]) if len(head) == 10 else None


def _bmp(stream: BinaryIO) -> Size | None:
    head = stream.read(26)
    if len(head) < 26:
        return None
    if head[14:18] == b"\x0c\0\0\0":  # BITMAPCOREHEADER
        return struct.unpack("<HH", head[18:22])
    width, height = struct.unpack("<ii", head[18:26])
    return abs(width), abs(height)


def _jpeg(stream: BinaryIO) -> Size | None:
    """ITU-T T.81, annex B: the first start-of-frame segment."""
    stream.seek(2)
    for _ in range(MAX_CHUNKS):
        head = stream.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return None
        if head[1] == 0xFF:  # a fill byte before the marker
            stream.seek(-3, 1)
            continue
        if 0xC0 <= head[1] <= 0xCF and head[1] not in (0xC4, 0xC8, 0xCC):
            frame = stream.read(5)
            return (int.from_bytes(frame[3:5]), int.from_bytes(frame[1:3])) if len(frame) == 5 else None
        stream.seek(max(int.from_bytes(head[2:4]) - 2, 0), 1)
    return None


def _webp(stream: BinaryIO) -> Size | None:
    """RFC 9649: the first chunk is one of these three."""
    head = stream.read(30)
    if len(head) < 30:
        return None
    match head[12:16]:
        case b"VP8X":
            return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack("<HH", head[26:30])
            return width & 0x3FFF, height & 0x3FFF
        case _:
            return None


def _by_pillow(stream: BinaryIO) -> Size | None:
    try:
        from PIL import Image as Pillow
    except ImportError:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Pillow.open(stream) as picture:
                return picture.size
        except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError):
            return None


_HEADERS: Mapping[str, Callable[[BinaryIO], Size | None]] = {
    "image/png": _png,
    "image/gif": _gif,
    "image/bmp": _bmp,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
}

# ── documents ────────────────────────────────────────────────────────────────────────────────────


def _pdf(pdf: Media) -> Measures:
    try:
        import pypdfium2
    except ImportError:
        return Measures()
    try:
        document = pypdfium2.PdfDocument(pdf.read())
    except pypdfium2.PdfiumError as error:
        return Measures(note=f"it cannot be opened: {error}")
    try:
        return Measures(pages=len(document))
    finally:
        document.close()


# ── recordings ───────────────────────────────────────────────────────────────────────────────────


def _recording(audio: Media) -> Measures:
    if audio.media_type != "audio/wav":
        return Measures()
    with audio.open() as stream:
        seconds = _wav(stream, audio.size or 0)
    if seconds is None:
        return Measures(note="its duration cannot be told")
    return Measures(seconds=round(seconds, 3))


def _wav(stream: BinaryIO, size: int) -> float | None:
    """RIFF WAVE: the bytes of the data chunk that are there, by the bytes per second of the format chunk."""
    stream.seek(12)
    rate = 0
    for _ in range(MAX_CHUNKS):
        head = stream.read(8)
        if len(head) < 8:
            return None
        length = int.from_bytes(head[4:], "little")
        if head[:4] == b"data":
            return min(length, size - stream.tell()) / rate if rate else None
        start = stream.tell()
        if head[:4] == b"fmt ":
            rate = int.from_bytes(stream.read(16)[8:12], "little")
        stream.seek(start + length + (length & 1))
    return None


_READERS: Mapping[type[Media], Callable[[Media], Measures]] = {Image: _picture, PDF: _pdf, Audio: _recording}
