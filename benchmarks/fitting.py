"""A photo of a phone made to fit, by us and by plain Pillow. This module is loaded where both are installed.

ours      Image.fit: the header first, one decoding, the metadata dropped, one encoding
pillow    what one writes by hand: open, turn, shrink to the side that is taken, save as JPEG, again while it is too large
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path

MODEL = "anthropic/claude-opus-5-5"
SIDE = 8000
BASE64_BYTES = 10 * 1024**2


def ours(path: str) -> int:
    """Bytes of the picture that would be sent."""
    from instructor import Image

    return Image.from_path(path).fit(MODEL).medium.size or 0


def pillow(path: str) -> int:
    """Bytes of the picture that would be sent."""
    from PIL import Image, ImageOps

    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        pass
    else:
        register_heif_opener()
    with Image.open(path) as opened:
        picture = ImageOps.exif_transpose(opened)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    if picture.mode != "RGB":
        picture = picture.convert("RGB")
    quality = 88
    while True:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if (out.tell() + 2) // 3 * 4 <= BASE64_BYTES:
            return out.tell()
        if quality > 70:
            quality -= 9
        else:
            picture.thumbnail((picture.width * 3 // 4, picture.height * 3 // 4), Image.Resampling.LANCZOS)


WAYS: Mapping[str, Callable[[str], int]] = {"ours": ours, "pillow": pillow}


def photo(folder: Path, width: int, height: int) -> Path:
    """A photo with the place where it was taken: HEIC where that can be written, else JPEG."""
    from PIL import Image

    path = folder / f"photo-{width}-{height}.heic"
    if path.exists():
        return path
    blurred = Image.effect_noise((max(width // 16, 1), max(height // 16, 1)), 90).resize((width, height))
    shades = (Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L").rotate(90))
    bands = [Image.blend(blurred, shade.resize((width, height)), 0.6) for shade in shades]
    picture = Image.merge("RGB", bands)
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        path = path.with_suffix(".jpg")
        picture.save(path, "JPEG", quality=93, exif=exif)
    else:
        register_heif_opener()
        picture.save(path, "HEIF", quality=70, exif=exif)
    return path
