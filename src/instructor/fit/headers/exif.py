"""The two facts of an EXIF block (CIPA DC-008) that matter here: how to turn the picture, and whether it tells a place.

A damaged block is no reason to refuse a picture: what cannot be read counts as absent, save that a place which
may be there counts as there.
"""

from __future__ import annotations

import struct

ORIENTATION, GPS = 0x0112, 0x8825
MAX_TAGS = 4096


def read_exif(block: bytes) -> tuple[int, bool]:
    """Orientation (1 where unknown) and whether there is a GPS directory, of a TIFF-like block."""
    block = block.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return 1, b"GPS" in block
    try:
        (start,) = struct.unpack_from(f"{order}I", block, 4)
        (count,) = struct.unpack_from(f"{order}H", block, start)
        orientation, located = 1, False
        for index in range(min(count, MAX_TAGS)):
            tag, kind, _ = struct.unpack_from(f"{order}HHI", block, start + 2 + 12 * index)
            if tag == ORIENTATION:
                orientation = _number(block, order, kind, start + 10 + 12 * index)
            located = located or tag == GPS
    except struct.error:
        return 1, True
    return (orientation if 1 <= orientation <= 8 else 1), located


def tells_place(packet: bytes) -> bool:
    """Whether an XMP packet (UTF-8 or UTF-16) has a GPS position."""
    return b"GPSL" in packet.replace(b"\0", b"")


def _number(block: bytes, order: str, kind: int, at: int) -> int:
    number: int = struct.unpack_from(f"{order}{'I' if kind == 4 else 'H'}", block, at)[0]
    return number
