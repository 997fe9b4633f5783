"""Pictures for the tests, made by Pillow: a photograph (noise), a drawing (print on white), and their files."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from instructor.fit import Limits
from instructor.media import Image

WEB = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
ANY = Limits(WEB)


def photo(width: int = 320, height: int = 240) -> Pillow.Image:
    """Soft colours with the noise of a sensor."""
    random = np.random.default_rng(7)
    coarse = Pillow.fromarray(random.integers(0, 255, (height // 16 + 2, width // 16 + 2, 3), dtype=np.uint8))
    soft = np.asarray(coarse.resize((width, height), Pillow.Resampling.BICUBIC)).astype(np.int16)
    noisy = soft + random.integers(-6, 7, soft.shape, dtype=np.int16)
    return Pillow.fromarray(noisy.clip(0, 255).astype(np.uint8))


def drawing(width: int = 400, height: int = 300) -> Pillow.Image:
    """Lines of print on white."""
    sheet = Pillow.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(sheet)
    for top in range(10, height - 10, 20):
        pen.text((10, top), f"line {top}: the quick brown fox jumps", fill="black")
    return sheet


def cutout() -> Pillow.Image:
    """Black print on nothing."""
    ink = drawing().convert("L").point(lambda level: 255 - level)
    return Pillow.merge("RGBA", (*Pillow.new("RGB", ink.size, "black").split(), ink))


def corner(orientation: int) -> Pillow.Image:
    """A picture stored such that, once turned by `orientation`, its top left quarter is red and the rest blue."""
    upright = Pillow.new("RGB", (64, 32), (0, 0, 255))
    upright.paste((255, 0, 0), (0, 0, 32, 16))
    undo = {2: 0, 3: 1 + 2, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    return upright.transpose(Pillow.Transpose(undo[orientation])) if orientation in undo else upright


def exif(orientation: int = 1, *, place: bool = False) -> Pillow.Exif:
    block = Pillow.Exif()
    block[0x0112] = orientation
    block[0x010F] = "Maker"
    if place:
        block.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 3.0)})
    return block


def saved(picture: Pillow.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def image(picture: Pillow.Image, form: str, name: str | None = None, **options: Any) -> Image:
    return Image.from_bytes(saved(picture, form, **options), name=name)


def pixels(medium: object) -> Pillow.Image:
    """The pixels of a fitted picture."""
    assert isinstance(medium, Image)
    opened = Pillow.open(io.BytesIO(medium.read()))
    opened.load()
    return opened


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG whose header claims so many pixels, with hardly any content."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), *chunks, (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
