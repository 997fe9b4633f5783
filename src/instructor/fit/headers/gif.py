"""GIF (GIF89a): blocks; and the file without comments and XMP."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from .base import Header, Malformed, unique

EXTENSION, FRAME, TRAILER = 0x21, 0x2C, 0x3B
COMMENT, APPLICATION = 0xFE, 0xFF
KEPT = (b"NETSCAPE", b"ANIMEXTS", b"ICCRGBG1")
"""Application extensions that bear on the picture: loops and colours."""
MAX_STEPS = 2_000_000
SECOND = 2


def read(stream: BinaryIO, size: int) -> Header:
    """The header: the screen, and blocks until the second frame or the end."""
    stream.seek(6)
    width, height, flags = struct.unpack("<HHB", stream.read(5))
    stream.seek(13 + _table(flags))
    frames, names, ended = 0, list[str](), False
    for kind, label, first in _blocks(stream):
        frames += kind == FRAME
        ended = kind == TRAILER
        if name := _drops(kind, label, first):
            names.append(name)
        if frames == SECOND:
            break
    if not frames:
        raise Malformed("it has no frame")
    if ended and stream.tell() < size:
        names.append("data after its end")
    return Header(width, height, animated=frames == SECOND, metadata=unique(names), whole=ended or frames == SECOND)


def _table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _drops(kind: int, label: int, first: bytes) -> str | None:
    if kind != EXTENSION or label not in (COMMENT, APPLICATION):
        return None
    if label == COMMENT:
        return "a comment"
    return None if first.startswith(KEPT) else ("XMP" if first.startswith(b"XMP") else "application data")


def _blocks(stream: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Every block: its kind, its label, its first piece. The stream then stands after it."""
    for _ in range(MAX_STEPS):
        lead = stream.read(1)
        if not lead:
            return
        kind, label, first = lead[0], 0, b""
        if kind == EXTENSION:
            label = (stream.read(1) or b"\0")[0]
            first = _pieces(stream)
        elif kind == FRAME:
            descriptor = stream.read(9)
            stream.seek(_table(descriptor[8]) + 1, 1)
            _pieces(stream)
        elif kind != TRAILER:
            return
        yield kind, label, first
        if kind == TRAILER:
            return


def _pieces(stream: BinaryIO) -> bytes:
    """The first of a run of pieces; the run is skipped."""
    first = b""
    for step in range(MAX_STEPS):
        length = stream.read(1)
        if not length or not length[0]:
            return first
        if step:
            stream.seek(length[0], 1)
        else:
            first = stream.read(length[0])
    raise Malformed("a block has no end")


def strip(data: bytes) -> bytes:
    """The same frames, without comments and foreign extensions, and nothing after the last block."""
    from io import BytesIO

    stream = BytesIO(data)
    start = 13 + _table(data[10])
    stream.seek(start)
    pieces = [data[:start]]
    for kind, label, first in _blocks(stream):
        end = stream.tell()
        if not _drops(kind, label, first):
            pieces.append(data[start:end])
        start = end
        if kind == TRAILER:
            return b"".join(pieces)
    raise Malformed("it is cut off")
