"""What the header bytes of a picture tell, read without an image library and without decoding a pixel.

image ──media type──▶ READERS ──▶ Header      size, turn, frames, colours, metadata
                      STRIPPERS               the same picture without metadata, byte by byte

jpeg · png · webp · gif · tiff · isobmff (HEIC, AVIF) · plain (BMP, ICO) · svg       one file each
exif      the turn and the place, in an EXIF block        base      Header, Malformed
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import BinaryIO

from ...errors import UnreadableMedia
from ...media import Image
from . import gif, isobmff, jpeg, plain, png, svg, tiff, webp
from .base import Header, Malformed

__all__ = ["READERS", "STRIPPERS", "Header", "Malformed", "read_header", "stripped"]

READERS: Mapping[str, Callable[[BinaryIO, int], Header]] = {
    "image/jpeg": jpeg.read,
    "image/png": png.read,
    "image/webp": webp.read,
    "image/gif": gif.read,
    "image/tiff": tiff.read,
    "image/heic": isobmff.read,
    "image/heif": isobmff.read,
    "image/avif": isobmff.read,
    "image/bmp": plain.bmp,
    "image/x-icon": plain.ico,
    "image/svg+xml": svg.read,
}

STRIPPERS: Mapping[str, Callable[[bytes], bytes]] = {
    "image/jpeg": jpeg.strip,
    "image/png": png.strip,
    "image/webp": webp.strip,
    "image/gif": gif.strip,
    "image/heic": isobmff.strip,
    "image/heif": isobmff.strip,
    "image/avif": isobmff.strip,
}
"""Formats whose metadata can be taken out while every pixel stays as it is coded."""


def read_header(image: Image) -> Header:
    """What the header of a picture whose content is at hand tells.

    Raises:
        UnreadableMedia: the header is damaged or cut off, or the content is not at hand.
    """
    reader = READERS.get(image.media_type or "")
    if reader is None:
        raise UnreadableMedia(f"{image!r} is of a type whose header cannot be read")
    with image.open() as stream:
        try:
            header = reader(stream, image.size or 0)
        except Malformed as error:
            raise UnreadableMedia(f"{image!r} is damaged: {error}") from None
        except (struct.error, IndexError, OverflowError, RecursionError) as error:
            raise UnreadableMedia(f"{image!r} is damaged: its header is cut off or makes no sense") from error
    if header.width < 1 or header.height < 1:
        raise UnreadableMedia(f"{image!r} is damaged: it claims {header.width}×{header.height} pixels")
    return header


def stripped(data: bytes, media_type: str) -> bytes | None:
    """The picture without metadata and unchanged otherwise, or None where that cannot be done byte by byte."""
    strip = STRIPPERS.get(media_type)
    try:
        return strip(data) if strip else None
    except (Malformed, struct.error, IndexError):
        return None
