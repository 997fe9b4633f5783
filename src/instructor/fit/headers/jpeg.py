"""JPEG (ITU-T T.81, JFIF): segments up to the first scan; and the file without what is not the picture.

    FFD8 │ APP0 JFIF │ APP1 EXIF, XMP │ APP2 ICC, MPF │ APP13 IPTC │ COM │ DQT SOF DHT │ SOS scan … │ FFD9 │ more
           keep        drop             keep  drop      drop         drop  keep          keep          keep   drop

What follows the end mark (a second view, a depth map, a short film) may carry metadata of its own.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from .base import CMYK, DEEP, Header, Malformed, unique
from .exif import read_exif, tells_place

SOS, EOI, COM, APP0 = 0xDA, 0xD9, 0xFE, 0xE0
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
MAX_SEGMENTS = 10_000
MAX_BETWEEN = 1 << 20
"""Bytes between two segments: fill, and what decoders pass over."""

KEPT: tuple[tuple[int, bytes], ...] = ((0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))
"""Application segments that belong to the picture, by marker and first bytes."""
DROPPED: tuple[tuple[int, bytes, str], ...] = (
    (0xE1, b"Exif\0", "EXIF"),
    (0xE1, b"http://ns.adobe.com/", "XMP"),
    (0xE2, b"MPF\0", "further pictures"),
    (0xED, b"", "IPTC"),
    (0xEB, b"", "C2PA"),
    (0xE0, b"JFXX\0", "a thumbnail"),
    (COM, b"", "a comment"),
)
"""Segments that do not, with names for the most common."""
MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""In a scan: a marker that ends it. FF00 is a stuffed byte, FFD0 to FFD7 are restarts, FFFF is fill."""


def read(stream: BinaryIO, size: int) -> Header:
    """The header: segments up to the first scan, and the last two bytes."""
    frame: bytes | None = None
    orientation, located = 1, False
    names: list[str] = []
    for marker, payload in _segments(stream):
        if marker in FRAMES:
            frame = frame or payload
        elif name := _drops(marker, payload):
            names.append(name)
            if name == "EXIF":
                turn, place = read_exif(payload)
                orientation, located = turn if orientation == 1 else orientation, located or place
            located = located or (name == "XMP" and tells_place(payload))
        elif marker == APP0 and len(payload) > 14:
            names.append("a thumbnail")
    if frame is None:
        raise Malformed("there is no frame before the first scan")
    depth, height, width, components = struct.unpack_from(">BHHB", frame)
    stream.seek(max(size - 2, 0))
    unusual = CMYK if components == 4 else (DEEP if depth > 8 else None)
    return Header(
        width,
        height,
        orientation,
        unusual=unusual,
        metadata=unique(names),
        located=located,
        whole=stream.read(2) == b"\xff\xd9",
    )


def _segments(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    stream.seek(2)
    for _ in range(MAX_SEGMENTS):
        marker = _marker(stream)
        if marker in (SOS, EOI):
            return
        if marker in ALONE:
            continue
        length = int.from_bytes(stream.read(2), "big")
        payload = stream.read(length - 2) if length > 2 else b""
        if length < 2 or len(payload) < length - 2:
            raise Malformed("it is cut off in its header")
        yield marker, payload
    raise Malformed(f"it has more than {MAX_SEGMENTS:,} segments")


def _marker(stream: BinaryIO) -> int:
    """The next marker. Fill bytes (0xFF) may stand before it, and decoders pass over some others."""
    before = 0
    for _ in range(MAX_BETWEEN):
        found = stream.read(1)
        if not found:
            raise Malformed("it is cut off in its header")
        if before == 0xFF and found[0] not in (0, 0xFF):
            return found[0]
        before = found[0]
    raise Malformed("a segment does not start with a marker")


def _drops(marker: int, payload: bytes) -> str | None:
    """The name of what this segment holds, where that is not part of the picture."""
    if not (APP0 <= marker <= 0xEF or marker == COM):
        return None
    if any(marker == kept and payload.startswith(mark) for kept, mark in KEPT):
        return None
    known = (name for kind, mark, name in DROPPED if kind == marker and payload.startswith(mark))
    return next(known, "application data")


def strip(data: bytes) -> bytes:
    """The same scans without metadata, and nothing after the end mark."""
    pieces, position = [data[:2]], 2
    for _ in range(MAX_SEGMENTS):
        if data[position] != 0xFF:
            raise Malformed("a segment does not start with a marker")
        while data[position + 1] == 0xFF:
            position += 1
        marker = data[position + 1]
        if marker == EOI:
            return b"".join((*pieces, data[position : position + 2]))
        end = position + 2
        if marker not in ALONE:
            end += int.from_bytes(data[end : end + 2], "big")
        if marker == SOS:
            ended = MARKER.search(data, end)
            if ended is None:
                break
            end = ended.start()
        payload = data[position + 4 : end]
        if not _drops(marker, payload):
            small = marker == APP0 and len(payload) > 14
            pieces.append(b"\xff\xe0\0\x10" + payload[:12] + b"\0\0" if small else data[position:end])
        position = end
    raise Malformed("it is cut off")
