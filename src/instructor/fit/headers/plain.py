"""BMP and ICO: fixed fields."""

from __future__ import annotations

import struct
from typing import BinaryIO

from .base import Header, Malformed


def bmp(stream: BinaryIO, size: int) -> Header:
    """A Windows or OS/2 bitmap; a negative height means rows from the top."""
    stream.seek(14)
    first = stream.read(12)
    if int.from_bytes(first[:4], "little") == 12:
        return Header(*struct.unpack_from("<HH", first, 4))
    width, height = struct.unpack_from("<ii", first, 4)
    return Header(width, abs(height))


def ico(stream: BinaryIO, size: int) -> Header:
    """An icon: the largest of its pictures. A side of 0 is 256."""
    stream.seek(4)
    count = int.from_bytes(stream.read(2), "little")
    entries = [stream.read(16) for _ in range(min(count, 64))]
    sides = [(entry[0] or 256, entry[1] or 256) for entry in entries if len(entry) == 16]
    if not sides:
        raise Malformed("it holds no picture")
    return Header(*max(sides, key=lambda side: side[0] * side[1]))
