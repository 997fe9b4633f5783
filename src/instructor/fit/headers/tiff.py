"""TIFF 6.0 and BigTIFF: the directory of the first page, and how many pages there are."""

from __future__ import annotations

import struct
from typing import BinaryIO

from ...values import dataclass
from .base import CMYK, DEEP, Header, Malformed, unique
from .exif import GPS, ORIENTATION

WIDTH, HEIGHT, BITS, PHOTOMETRIC = 256, 257, 258, 262
NAMES = {700: "XMP", 33723: "IPTC", 34377: "Photoshop's data", 34665: "EXIF", GPS: "GPS", 315: "its author"}
SEPARATED = 5
MAX_PAGES = 10_000
MAX_TAGS = 4096
TYPES = {1: "B", 3: "H", 4: "I", 16: "Q"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How directories are laid out: byte order, and the widths of classic and big files."""

    order: str
    big: bool

    def entry(self, raw: bytes) -> tuple[int, int]:
        """The tag of an entry and its first number where that stands in the entry (else 0)."""
        tag, kind, count = struct.unpack_from(f"{self.order}HH{'Q' if self.big else 'I'}", raw)
        code = TYPES.get(kind) if count == 1 else None
        return tag, struct.unpack_from(self.order + code, raw, 12 if self.big else 8)[0] if code else 0


def read(stream: BinaryIO, size: int) -> Header:
    """The header: the tags of the first page; the others are counted."""
    stream.seek(0)
    head = stream.read(16)
    layout = Layout("<" if head[:2] == b"II" else ">", head[2:4] in (b"+\0", b"\0+"))
    (place,) = struct.unpack_from(f"{layout.order}{'Q' if layout.big else 'I'}", head, 8 if layout.big else 4)
    tags, follows = _directory(stream, layout, place)
    seen = {place}
    while follows and follows not in seen and follows < size and len(seen) < MAX_PAGES:
        seen.add(follows)
        _, follows = _directory(stream, layout, follows)
    if WIDTH not in tags or HEIGHT not in tags:
        raise Malformed("its first page has no size")
    unusual = CMYK if tags.get(PHOTOMETRIC) == SEPARATED else (DEEP if tags.get(BITS, 8) > 8 else None)
    turn = tags.get(ORIENTATION, 1)
    return Header(
        tags[WIDTH],
        tags[HEIGHT],
        turn if 1 <= turn <= 8 else 1,
        unusual=unusual,
        metadata=unique([name for tag, name in NAMES.items() if tag in tags]),
        located=GPS in tags or 700 in tags,
        pages=len(seen),
    )


def _directory(stream: BinaryIO, layout: Layout, place: int) -> tuple[dict[int, int], int]:
    count_code, entry_size, next_code = ("Q", 20, "Q") if layout.big else ("H", 12, "I")
    count_size, next_size = struct.calcsize(f"<{count_code}"), struct.calcsize(f"<{next_code}")
    stream.seek(place)
    (count,) = struct.unpack(layout.order + count_code, stream.read(count_size))
    if count > MAX_TAGS:
        raise Malformed(f"a page claims {count:,} tags")
    raw = stream.read(entry_size * count)
    tags = dict(layout.entry(raw[i : i + entry_size]) for i in range(0, entry_size * count, entry_size))
    follows = stream.read(next_size)
    return tags, struct.unpack(layout.order + next_code, follows)[0] if len(follows) == next_size else 0
