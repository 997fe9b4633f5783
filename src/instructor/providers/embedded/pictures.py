"""Opening pictures: header first, then pixels, always as upright 8-bit RGB; and the names of their colours.

    bytes ──header──→ size, frames ──too many pixels──→ Unreadable, before anything is decoded
                                   └─decode──→ EXIF turn ──→ RGB ──→ thumbnail ──→ colour names

Lossy choices: 16-bit and float samples are scaled to 8 bits; transparency is laid on white (on black where all
that is visible is nearly white); of an animation the first frame counts, of a TIFF every page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from .unreadable import Unreadable, need

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM", "ICO", "MPO")
"""Formats that are decoded by a library in process; none that would start another program."""
MAX_PIXELS = 89_000_000
"""Just under the number from which Pillow itself warns."""
PAGED = frozenset({"TIFF"})

ANCHORS: tuple[tuple[str, tuple[int, int, int]], ...] = (
    ("white", (255, 255, 255)),
    ("white", (238, 238, 238)),
    ("grey", (200, 200, 200)),
    ("grey", (128, 128, 128)),
    ("grey", (80, 80, 80)),
    ("black", (0, 0, 0)),
    ("black", (35, 35, 35)),
    ("red", (220, 20, 30)),
    ("red", (140, 10, 20)),
    ("orange", (255, 140, 0)),
    ("orange", (230, 110, 30)),
    ("yellow", (255, 225, 30)),
    ("yellow", (250, 240, 130)),
    ("green", (30, 160, 60)),
    ("green", (0, 90, 30)),
    ("green", (120, 220, 120)),
    ("green", (120, 130, 40)),
    ("turquoise", (40, 190, 190)),
    ("blue", (30, 80, 220)),
    ("blue", (10, 20, 100)),
    ("blue", (100, 170, 235)),
    ("blue", (180, 215, 245)),
    ("purple", (120, 40, 160)),
    ("purple", (190, 140, 220)),
    ("pink", (255, 150, 190)),
    ("pink", (235, 60, 150)),
    ("pink", (255, 205, 220)),
    ("brown", (120, 70, 30)),
    ("brown", (75, 45, 25)),
    ("beige", (245, 245, 220)),
    ("beige", (240, 225, 190)),
    ("beige", (210, 180, 140)),
)
"""What people call these colours; a pixel takes the name of the anchor that looks nearest."""
SAMPLE = 96
"""Pixels along each side of the sample whose colours are counted."""
COMMON = 0.05
"""Share of the area from which a colour counts as a main one."""
MOST = 4


def pages(data: bytes) -> Iterator[Image]:
    """The pages of a picture (one, save for TIFF), upright, as RGB."""
    image = _header(data)
    count = getattr(image, "n_frames", 1) if image.format in PAGED else 1
    for number in range(count):
        try:
            image.seek(number)
            _check(image.size)
            upright = need("PIL.ImageOps").exif_transpose(image)
            yield _rgb(upright)
        except Unreadable:
            raise
        except Exception as error:
            raise Unreadable(f"the picture is damaged and cannot be decoded ({_brief(error)})") from error


def colours(image: Image) -> tuple[str, ...]:
    """The main colours by area, largest first, as plain English names."""
    pil: Any = need("PIL.Image")
    small: Any = image.resize((SAMPLE, SAMPLE), pil.Resampling.NEAREST)
    few = small.quantize(32, dither=pil.Dither.NONE).convert("RGB")
    palette: list[tuple[int, tuple[int, int, int]]] = few.getcolors(SAMPLE * SAMPLE)
    areas: Counter[str] = Counter()
    for count, colour in palette:
        areas[_name(colour)] += count
    return tuple(name for name, count in areas.most_common(MOST) if count > COMMON * SAMPLE * SAMPLE)


def _header(data: bytes) -> Image:
    if not data:
        raise Unreadable("the picture is empty: it has no bytes")
    pil: Any = need("PIL.Image")
    try:
        image: Image = pil.open(BytesIO(data), formats=FORMATS)
    except (pil.DecompressionBombError, pil.DecompressionBombWarning) as error:
        raise Unreadable(_too_large("more")) from error
    except Exception as error:
        raise Unreadable(
            f"the bytes are not a picture of a known format ({', '.join(FORMATS)}), or the picture is damaged"
        ) from error
    _check(image.size)
    return image


def _check(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise Unreadable(_too_large(f"{size[0]} x {size[1]}"))


def _too_large(what: str) -> str:
    return (
        f"the picture claims {what} pixels; at most {MAX_PIXELS // 1_000_000} megapixels are decoded. "
        "Scale it down first"
    )


def _rgb(image: Image) -> Image:
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image).convert("RGB")
    if image.has_transparency_data:
        return _on_paper(image.convert("RGBA"))
    return image.convert("RGB")


def _eight_bits(image: Image) -> Image:
    """Samples of 16 or 32 bits scaled to 8: by the type's range where it fits, else by the picture's own."""
    np: Any = need("numpy")
    samples = np.asarray(image).astype("float64")
    samples = np.nan_to_num(samples)
    low, high = float(samples.min()), float(samples.max())
    if image.mode != "F" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0 if high > 255 else 255.0
    scaled = (samples - low) * (255.0 / ((high - low) or 1.0))
    result: Image = need("PIL.Image").fromarray(scaled.astype("uint8"))
    return result


def _on_paper(image: Image) -> Image:
    np: Any = need("numpy")
    pixels = np.asarray(image)
    visible = pixels[pixels[..., 3] > 127][:, :3]
    paper = (0, 0, 0, 255) if visible.size and visible.min() > 200 else (255, 255, 255, 255)
    sheet: Image = need("PIL.Image").new("RGBA", image.size, paper)
    sheet.alpha_composite(image)
    return sheet.convert("RGB")


def _name(colour: tuple[int, int, int]) -> str:
    seen = _seen(colour)
    return min(ANCHORS, key=lambda row: sum((a - b) ** 2 for a, b in zip(seen, _seen(row[1]), strict=True)))[0]


def _seen(colour: tuple[int, int, int]) -> tuple[float, float, float]:
    """OKLab (Björn Ottosson, 2020): distances there are differences as people see them."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour))
    l_ = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    m_ = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    s_ = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * l_ + 0.7936177850 * m_ - 0.0040720468 * s_,
        1.9779984951 * l_ - 2.4285922050 * m_ + 0.4505937099 * s_,
        0.0259040371 * l_ + 0.7827717662 * m_ - 0.8086757660 * s_,
    )


def _brief(error: Exception) -> str:
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
