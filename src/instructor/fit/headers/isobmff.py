"""HEIC, HEIF and AVIF (ISO/IEC 23008-12, 14496-12): the primary item's size and turn, and where its metadata lie.

    ftyp │ meta ─┬ pitm  which item is the picture        │ mdat
                 ├ iinf  items: id, type (Exif, mime, …)
                 ├ iloc  where items lie
                 └ iprp ─┬ ipco  properties: ispe size, irot and imir turn, pixi depth
                         └ ipma  item → properties

Readers must apply `irot` and `imir` and leave EXIF's orientation aside, so that these pictures need no turning.
Metadata are blanked in place: no other byte moves.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from ...values import dataclass
from .base import DEEP, Header, Malformed, unique
from .exif import read_exif, tells_place

MAX_META = 16 << 20
MAX_BOXES = 100_000
EMPTY_EXIF = b"\0\0\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"
"""An EXIF item with no tags."""
SEQUENCES = (b"avis", b"msf1", b"hevc", b"hevx")


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the file: its type and the place of its content."""

    kind: bytes
    start: int
    end: int


def read(stream: BinaryIO, size: int) -> Header:
    """The header: the `meta` box, and the metadata items it points to."""
    stream.seek(0)
    data, offset, brand = _meta(stream, size)
    boxes = {box.kind: box for box in _boxes(data, 4, len(data))}
    if not {b"pitm", b"iprp"} <= set(boxes):
        raise Malformed("its primary picture is not described")
    if b"iloc" in boxes and any(
        start + length > size for _, places in _extents(data, boxes[b"iloc"], 0) for start, length in places
    ):
        raise Malformed("it is cut off")
    width, height, turned, deep = _shape(data, boxes)
    names, located = list[str](), False
    for name, places in _metadata(data, boxes, offset):
        block = b"".join(_at(stream, start, length) for start, length in places)
        if block.startswith(EMPTY_EXIF) or not block.strip():
            continue
        names.append(name)
        located = located or (tells_place(block) if name == "XMP" else read_exif(block[4:])[1])
    return Header(
        *((height, width) if turned else (width, height)),
        animated=brand in SEQUENCES,
        metadata=unique(names),
        located=located,
        unusual=None if deep <= 8 else DEEP,
    )


def strip(data: bytes) -> bytes:
    """The same file with its metadata items blanked."""
    from io import BytesIO

    meta, offset, _ = _meta(BytesIO(data), len(data))
    boxes = {box.kind: box for box in _boxes(meta, 4, len(meta))}
    blanked = bytearray(data)
    for name, places in _metadata(meta, boxes, offset):
        for number, (start, length) in enumerate(places):
            if start + length > len(data):
                raise Malformed("it is cut off")
            filling = EMPTY_EXIF[:length] if name == "EXIF" and number == 0 else b""
            blanked[start : start + length] = filling + (b" " if name == "XMP" else b"\0") * (length - len(filling))
    return bytes(blanked)


def _at(stream: BinaryIO, start: int, length: int) -> bytes:
    stream.seek(start)
    return stream.read(min(length, MAX_META))


def _meta(stream: BinaryIO, size: int) -> tuple[bytes, int, bytes]:
    """The content of the `meta` box, its place in the file, and the file's major brand."""
    position, brand = 0, b""
    for _ in range(MAX_BOXES):
        stream.seek(position)
        head = stream.read(16)
        if len(head) < 8:
            break
        length, kind = struct.unpack_from(">I4s", head)
        lead = 16 if length == 1 else 8
        length = int.from_bytes(head[8:16], "big") if length == 1 else (length or size - position)
        if length < lead:
            break
        if kind == b"ftyp":
            brand = head[8:12]
        if kind == b"meta":
            if length > MAX_META or position + length > size:
                raise Malformed("it is cut off in its header")
            stream.seek(position + lead)
            return stream.read(length - lead), position + lead, brand
        position += length
    raise Malformed("it has no description of its pictures")


def _boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    while start + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, start)
        lead = 16 if length == 1 else 8
        length = int.from_bytes(data[start + 8 : start + 16], "big") if length == 1 else (length or end - start)
        if length < lead or start + length > end:
            raise Malformed("a box is longer than what holds it")
        yield Box(kind, start + lead, start + length)
        start += length


def _shape(data: bytes, boxes: dict[bytes, Box]) -> tuple[int, int, bool, int]:
    """Width, height, whether they change places, and the depth of samples, of the primary item."""
    primary = boxes[b"pitm"]
    item = int.from_bytes(data[primary.start + 4 : primary.start + (6 if data[primary.start] == 0 else 8)], "big")
    inner = {box.kind: box for box in _boxes(data, boxes[b"iprp"].start, boxes[b"iprp"].end)}
    if b"ipco" not in inner or b"ipma" not in inner:
        raise Malformed("its pictures have no properties")
    properties = list(_boxes(data, inner[b"ipco"].start, inner[b"ipco"].end))
    width, height, turned, deep = 0, 0, False, 8
    for index in _associated(data, inner[b"ipma"], item):
        if not 0 < index <= len(properties):
            continue
        place = properties[index - 1]
        if place.kind == b"ispe":
            width, height = struct.unpack_from(">II", data, place.start + 4)
        elif place.kind == b"clap":
            width, height = _cropped(data, place) or (width, height)
        elif place.kind == b"irot":
            turned = bool(data[place.start] & 1)
        elif place.kind == b"pixi":
            deep = max(data[place.start + 5 : place.start + 5 + data[place.start + 4]], default=8)
    return width, height, turned, deep


def _cropped(data: bytes, place: Box) -> tuple[int, int] | None:
    """The size that a clean-aperture property leaves."""
    across, by, down, of = struct.unpack_from(">4I", data, place.start)
    return (across // by, down // of) if by and of and across >= by and down >= of else None


def _associated(data: bytes, place: Box, wanted: int) -> Iterator[int]:
    """The numbers, from 1, of the properties of an item."""
    version, flags = data[place.start], data[place.start + 3]
    (count,) = struct.unpack_from(">I", data, place.start + 4)
    at = place.start + 8
    wide = 2 if flags & 1 else 1
    for _ in range(min(count, MAX_BOXES)):
        id_size = 2 if version < 1 else 4
        item, linked = int.from_bytes(data[at : at + id_size], "big"), data[at + id_size]
        at += id_size + 1
        if item == wanted:
            for step in range(linked):
                yield int.from_bytes(data[at + wide * step : at + wide * step + wide], "big") & (
                    0x7FFF if wide == 2 else 0x7F
                )
            return
        at += wide * linked


# ── items ────────────────────────────────────────────────────────────────────────────────────────


def _metadata(data: bytes, boxes: dict[bytes, Box], offset: int) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """EXIF and XMP items, with their extents in the file."""
    if b"iinf" not in boxes or b"iloc" not in boxes:
        return
    wanted = dict(_items(data, boxes[b"iinf"]))
    held = boxes.get(b"idat")
    inside = offset + held.start if held else 0
    for item, places in _extents(data, boxes[b"iloc"], inside):
        if item in wanted:
            yield wanted[item], places


def _items(data: bytes, place: Box) -> Iterator[tuple[int, str]]:
    for box in _boxes(data, place.start + (6 if data[place.start] == 0 else 8), place.end):
        version = data[box.start]
        if box.kind != b"infe" or version < 2:
            continue
        id_size = 2 if version == 2 else 4
        item = int.from_bytes(data[box.start + 4 : box.start + 4 + id_size], "big")
        kind = data[box.start + 6 + id_size : box.start + 10 + id_size]
        if kind == b"Exif":
            yield item, "EXIF"
        elif kind == b"mime":
            yield item, "XMP"


def _extents(data: bytes, place: Box, inside: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Every item's extents: offset in the file, and length."""
    version, sizes = data[place.start], int.from_bytes(data[place.start + 4 : place.start + 6], "big")
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    at = place.start + 6

    def number(size: int) -> int:
        nonlocal at
        at += size
        if at > place.end:
            raise Malformed("a box is longer than what holds it")
        return int.from_bytes(data[at - size : at], "big")

    for _ in range(number(2 if version < 2 else 4)):
        item = number(2 if version < 2 else 4)
        method = number(2) & 15 if version else 0
        number(2)
        base = number(base_size)
        extents: list[tuple[int, int]] = []
        for _ in range(number(2)):
            number(index_size)
            start, length = base + number(offset_size), number(length_size)
            extents.append((start + (inside if method == 1 else 0), length))
        yield item, extents
