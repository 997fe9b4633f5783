"""Pixels from files: header first, pixels only when they are wanted, upright, and in colours that every format has.

    image ──plugin of its type──▶ size ──too many──▶ MediaTooLarge, nothing decoded
                                   └─ draft (JPEG: at 1/2, 1/4, 1/8) ─▶ colours ─▶ resize ─▶ turn ─▶ Picture

Lossy choices: CMYK becomes sRGB, by its profile where it has one; samples of more than 8 bits are scaled by the
depth they use; of an animation the first frame counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from math import isfinite
from typing import TYPE_CHECKING, Any, BinaryIO

from ..errors import InstructorError, MediaTooLarge, UnreadableMedia
from ..media import Image
from ..values import dataclass
from ._need import need
from .headers import Header, stripped

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

Size = tuple[int, int]

PLUGINS = {
    "image/jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "image/png": ("PIL.PngImagePlugin", "PngImageFile"),
    "image/webp": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "image/gif": ("PIL.GifImagePlugin", "GifImageFile"),
    "image/bmp": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "image/tiff": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "image/x-icon": ("PIL.IcoImagePlugin", "IcoImageFile"),
    "image/avif": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "image/heic": ("pillow_heif", "HeifImageFile"),
    "image/heif": ("pillow_heif", "HeifImageFile"),
}
"""Media type → the module and class that decode it. Used by name, so that no file picks its own decoder."""
LIBRARY_BOUND = frozenset({"image/tiff", "image/gif", "image/webp"})
"""Formats whose decoders have a bound of their own."""

TURNED = frozenset({"image/tiff", "image/heic", "image/heif"})
"""Formats whose decoders turn the picture themselves."""

GAP = 2.0
"""How much larger than wanted a JPEG is decoded before the fine filter takes over."""
TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""EXIF orientation → `PIL.Image.Transpose` that undoes it."""
PLAIN = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
DEPTHS = (255, 1023, 4095, 16383, 65535)
ALPHA = frozenset({"La", "RGBa", "PA"})


@dataclass(frozen=True, slots=True)
class Picture:
    """Decoded pixels, upright and in one of the `PLAIN` modes, and what has to be written with them."""

    pixels: Pixels
    lossy: bool
    """It comes from a JPEG: writing it without loss would keep its flaws only."""
    tables: Any = None
    """The JPEG's own quantisation tables and subsampling, where its pixels are at their own size."""
    exif: bytes = b""
    xmp: bytes = b""
    profile: bytes = b""
    seen: Pixels | None = None
    """The pixels before they were resized, if they were."""


def refuse_bomb(image: Image, size: Size, cap: int) -> None:
    """Raise before a picture of too many pixels is decoded.

    Raises:
        MediaTooLarge: it claims more than `cap`, or than its decoder allows.
    """
    if image.media_type in LIBRARY_BOUND:
        cap = min(cap, need("PIL.Image").MAX_IMAGE_PIXELS or cap)
    claimed = size[0] * size[1]
    if claimed > cap:
        raise MediaTooLarge(
            f"{image!r} claims {size[0]:,}×{size[1]:,} = {claimed:,} pixels; at most {cap:,} are decoded: "
            "scale it down first, or raise Fit(max_decoded_pixels=…)",
            limit=cap,
            actual=claimed,
        )


def decode(
    image: Image, header: Header, within: Callable[[Size], Size], cap: int, *, page: int = 0, keep: bool = False
) -> Picture:
    """The pixels of one page, upright, at the size that `within` makes of its own.

    `keep` keeps EXIF and XMP blocks at hand.

    Raises:
        UnreadableMedia: the picture is damaged or cut off.
        MediaTooLarge: it has more pixels than may be decoded.
        MissingExtra: its decoder is not installed.
    """
    is_jpeg = image.media_type == "image/jpeg"
    with _damage(image), _content(image, header, keep) as stream:
        opened = _opened(image, stream)
        if page:
            opened.seek(page)
        refuse_bomb(image, opened.size, cap)
        turn = _turn(image, header, opened)
        stored = _flipped(within(_flipped(opened.size, turn)), turn)
        if is_jpeg and stored[0] < opened.size[0]:
            opened.draft(None, (round(stored[0] * GAP), round(stored[1] * GAP)))
        opened.load()
        if not is_jpeg:  # some decoders turn a picture, or learn its size, only now
            stored = _flipped(within(_flipped(opened.size, turn)), turn)
        return _upright(opened, stored, turn, is_jpeg=is_jpeg, keep=keep)


def from_png(image: Image, data: bytes) -> Picture:
    """The pixels of a PNG that was drawn for `image`."""
    with _damage(image):
        opened = need("PIL.PngImagePlugin").PngImageFile(BytesIO(data))
        opened.load()
        return Picture(opened, lossy=False)


@contextmanager
def _damage(image: Image) -> Iterator[None]:
    """Turn what a decoder raises, whatever it is, into one error with a sentence."""
    try:
        yield
    except InstructorError:
        raise
    except MemoryError as error:
        raise MediaTooLarge(f"{image!r} does not fit into memory once decoded", limit=0) from error
    except Exception as error:
        if type(error).__name__ == "DecompressionBombError":
            raise MediaTooLarge(f"{image!r} claims more pixels than its decoder allows", limit=0) from error
        brief = str(error).partition("\n")[0][:120] or type(error).__name__
        raise UnreadableMedia(f"{image!r} is damaged or cut off and cannot be decoded ({brief})") from error


def _content(image: Image, header: Header, keep: bool) -> BinaryIO:
    """The file; without metadata that nobody wants, whose flaws decoders would stumble over."""
    bare = None if keep or not header.metadata else stripped(image.read(), image.media_type or "")
    return image.open() if bare is None else BytesIO(bare)


def _opened(image: Image, stream: BinaryIO) -> Any:
    module, name = PLUGINS[image.media_type or ""]
    return getattr(need(module), name)(stream)


def _turn(image: Image, header: Header, opened: Any) -> int:
    """The orientation that is left to apply: the decoders of TIFF and HEIC apply it themselves."""
    if image.media_type == "image/avif":
        turn: int = opened.getexif().get(0x0112, 1)
        return turn if turn in TURNS else 1
    return 1 if image.media_type in TURNED else header.orientation


def _flipped(size: Size, turn: int) -> Size:
    return (size[1], size[0]) if turn >= 5 else (size[0], size[1])


def _upright(opened: Any, stored: Size, turn: int, *, is_jpeg: bool, keep: bool) -> Picture:
    resized = tuple(opened.size) != stored
    whole = opened if opened.mode in PLAIN else _converted(opened)
    pixels = _sized(whole, stored) if resized else whole
    if turn in TURNS:
        pixels = pixels.transpose(TURNS[turn])
    own = is_jpeg and opened.mode == pixels.mode and not resized
    return Picture(
        pixels,
        lossy=is_jpeg,
        tables=(opened.quantization, need("PIL.JpegImagePlugin").get_sampling(opened)) if own else None,
        exif=_kept_exif(opened) if keep else b"",
        xmp=_bytes(opened.info.get("xmp")) if keep else b"",
        profile=_profile(opened, pixels.mode),
        seen=whole if resized else None,
    )


def resize(picture: Picture, size: Size) -> Picture:
    """The same picture, smaller."""
    return Picture(
        _sized(picture.pixels, size),
        picture.lossy,
        exif=picture.exif,
        xmp=picture.xmp,
        profile=picture.profile,
        seen=picture.seen or picture.pixels,
    )


def _sized(pixels: Any, size: Size) -> Any:
    if pixels.mode in ("1", "P", "LA"):
        pixels = pixels.convert("L" if pixels.mode == "1" else "RGBA" if pixels.has_transparency_data else "RGB")
    return pixels.resize(size, need("PIL.Image").Resampling.LANCZOS, reducing_gap=GAP)


# ── colours ──────────────────────────────────────────────────────────────────────────────────────


def _converted(opened: Any) -> Any:
    """8-bit grey, RGB or RGBA, from any other mode."""
    if opened.mode.startswith(("I", "F")):
        return _eight_bits(opened)
    if opened.mode in ALPHA:
        return opened.convert("RGBA")
    profile = opened.info.get("icc_profile")
    return (_by_profile(opened, profile) if profile else None) or opened.convert("RGB")


def _by_profile(opened: Any, profile: bytes) -> Any:
    """sRGB by the file's own colour profile, or None where that is broken."""
    cms = need("PIL.ImageCms")
    try:
        given = cms.ImageCmsProfile(BytesIO(profile))
        return cms.profileToProfile(opened, given, cms.createProfile("sRGB"), outputMode="RGB")
    except (cms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _eight_bits(opened: Any) -> Any:
    wide = opened if opened.mode == "F" else opened.convert("I")
    low, high = wide.getextrema()
    if not (isfinite(low) and isfinite(high)):
        raise UnreadableMedia("its samples are not numbers")
    if opened.mode != "F" and low >= 0:
        low, high = 0, next((depth for depth in DEPTHS if high <= depth), high)
    factor = 255.0 / ((high - low) or 1)
    shift = -low * factor
    return wide.convert("F").point(lambda sample: sample * factor + shift).convert("L")


def _profile(opened: Any, mode: str) -> bytes:
    """The colour profile, where it describes the mode that is written."""
    profile = _bytes(opened.info.get("icc_profile"))
    space = {"L": b"GRAY", "1": b"GRAY", "LA": b"GRAY"}.get(mode, b"RGB ")
    return profile if profile[16:20] == space else b""


def _kept_exif(opened: Any) -> bytes:
    """The EXIF block without the orientation, which has been applied."""
    exif = opened.getexif()
    if not exif:
        return b""
    exif.pop(0x0112, None)
    written: bytes = exif.tobytes()
    return written


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""
