"""WebP (RFC 9649): RIFF chunks; and the file without EXIF, XMP and unknown chunks."""

from __future__ import annotations

import struct
from typing import BinaryIO

from .base import MAX_PIECES, Header, Malformed, unique
from .exif import read_exif, tells_place

KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
ANIMATED, XMP, EXIF = 0x02, 0x04, 0x08
NAMES = {b"EXIF": "EXIF", b"XMP ": "XMP"}
MAX_BLOCK = 1 << 20


def read(stream: BinaryIO, size: int) -> Header:
    """The header: every chunk's type and length, the size of the canvas or the frame, EXIF and XMP."""
    stream.seek(4)
    end = 8 + int.from_bytes(stream.read(4), "little")
    position, shape = 12, None
    orientation, located, animated = 1, False, False
    names: list[str] = []
    for _ in range(MAX_PIECES):
        stream.seek(position)
        head = stream.read(8)
        if len(head) < 8 or position >= end:
            break
        kind, length = struct.unpack("<4sI", head)
        if kind in SHAPES and shape is None:
            first = stream.read(10)
            shape, animated = SHAPES[kind](first), kind == b"VP8X" and bool(first[0] & ANIMATED)
        elif kind == b"EXIF":
            orientation, located = read_exif(stream.read(min(length, MAX_BLOCK)))
        elif kind == b"XMP ":
            located = located or tells_place(stream.read(min(length, MAX_BLOCK)))
        if kind not in KEPT:
            names.append(NAMES.get(kind, "application data"))
        position += 8 + length + length % 2
    if shape is None:
        raise Malformed("it has no frame")
    if end + end % 2 < size:
        names.append("data after its end")
    return Header(*shape, orientation, animated, metadata=unique(names), located=located, whole=end <= size)


def _canvas(first: bytes) -> tuple[int, int]:
    return 1 + int.from_bytes(first[4:7], "little"), 1 + int.from_bytes(first[7:10], "little")


def _lossless(first: bytes) -> tuple[int, int]:
    bits = int.from_bytes(first[1:5], "little")
    return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)


def _lossy(first: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", first, 6)
    return width & 0x3FFF, height & 0x3FFF


SHAPES = {b"VP8X": _canvas, b"VP8L": _lossless, b"VP8 ": _lossy}


def strip(data: bytes) -> bytes:
    """The same frames, without metadata, and nothing after the container."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise Malformed("it is cut off")
    pieces, position = [b"WEBP"], 12
    while position + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, position)
        follows = position + 8 + length + length % 2
        if kind == b"VP8X":
            flags = data[position + 8] & ~(XMP | EXIF)
            pieces.append(data[position : position + 8] + bytes([flags]) + data[position + 9 : follows])
        elif kind in KEPT:
            pieces.append(data[position:follows])
        position = follows
    body = b"".join(pieces)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
