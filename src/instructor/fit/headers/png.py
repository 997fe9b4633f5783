"""PNG (W3C PNG, third edition): chunks; and the file without those that do not bear on the picture."""

from __future__ import annotations

import struct
from typing import BinaryIO

from .base import DEEP, MAX_PIECES, Header, Malformed, unique
from .exif import read_exif, tells_place

MARK = b"\x89PNG\r\n\x1a\n"
KEPT = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs acTL fcTL fdAT".split())
"""Chunks that the picture is made of, or that say how its samples look."""
NAMES = {b"eXIf": "EXIF", b"tEXt": "text", b"zTXt": "text", b"iTXt": "text", b"caBX": "C2PA", b"tIME": "its time"}
"""What the others hold; those not listed hold nothing about people or places that is known."""
MAX_BLOCK = 1 << 20


def read(stream: BinaryIO, size: int) -> Header:
    """The header: every chunk's type and length, and the content of EXIF and XMP."""
    stream.seek(8)
    shape: tuple[int, int, int, int] | None = None
    names: list[str] = []
    orientation, located, animated, position, ended = 1, False, False, 8, False
    for _ in range(MAX_PIECES):
        head = stream.read(8)
        if len(head) < 8:
            break
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IHDR":
            shape = struct.unpack(">IIBB", stream.read(10))
        elif kind == b"eXIf":
            orientation, located = read_exif(stream.read(min(length, MAX_BLOCK)))
        elif kind == b"iTXt":
            located = located or tells_place(stream.read(min(length, MAX_BLOCK)))
        animated = animated or kind == b"acTL"
        if kind in NAMES:
            names.append(NAMES[kind])
        position += 12 + length
        stream.seek(position)
        if kind == b"IEND":
            ended = True
            break
    if shape is None:
        raise Malformed("its first chunk is missing")
    if ended and position < size:
        names.append("data after its end")
    unusual = DEEP if shape[2] == 16 else None
    return Header(
        shape[0], shape[1], orientation, animated, unusual, unique(names), located, whole=position <= size and ended
    )


def strip(data: bytes) -> bytes:
    """The same compressed pixels in the chunks of `KEPT`, and nothing after the last one."""
    pieces, position = [MARK], 8
    while True:
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if end > len(data):
            raise Malformed("it is cut off")
        if kind in KEPT:
            pieces.append(data[position:end])
        if kind == b"IEND":
            return b"".join(pieces)
        position = end
