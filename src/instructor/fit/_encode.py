"""Pixels to files, within a number of bytes: the format by what the picture shows, then quality, then pixels.

    shows          first                        where that is too large
    ─────          ─────                        ───────────────────────
    a photograph   JPEG, else WebP, else PNG    lower quality, down to the floor; then fewer pixels
    a drawing      the smaller of PNG and       JPEG or WebP with full colour resolution; then fewer pixels
                   lossless WebP
    transparency   the same as a drawing        WebP; else on white (on black, for white ink) as JPEG

A drawing (screenshot, scan of print, chart, line art) has many neighbours of the very same colour: at least
`FLAT` of them. A photograph has noise. What comes from a JPEG stays lossy: it has its losses already.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from math import log, sqrt
from typing import TYPE_CHECKING, Any

from ..errors import MediaTooLarge, UnsupportedMedia
from ..values import dataclass
from ._decode import Picture, resize
from ._need import need
from .limits import Limits
from .policy import Fit

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

FLAT = 0.6
STRIPS, STRIP_HEIGHT = 8, 8
WEBP_SIDE, JPEG_SIDE = 16_383, 65_500
"""The longest sides that the formats (RFC 9649; libjpeg) can hold."""
TRIED_IN_WEBP = 6_000_000
"""Pixels up to which a PNG that fits is tried as lossless WebP too; above, that takes seconds."""
FLOOR_SHARE = 0.55
"""The usual size at `min_jpeg_quality`, as a share of that at `jpeg_quality`."""
FULL = 0.85
"""A share of the room that counts as filled."""
SMALLEST = 16
"""Pixels of the longer side below which no picture is made smaller."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file, its size in pixels, and how it was made, in words."""

    data: bytes
    media_type: str
    pixels: tuple[int, int]
    how: str
    flattened: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write pixels. `quality` is ignored where there is no loss."""

    media_type: str
    lossless: bool
    words: str
    save: Callable[[Picture, int], bytes]


# ── formats ──────────────────────────────────────────────────────────────────────────────────────


def _saved(pixels: Pixels, name: str, picture: Picture, **options: Any) -> bytes:
    buffer = BytesIO()
    if picture.profile:
        options["icc_profile"] = picture.profile
    if picture.exif:
        options["exif"] = picture.exif
    if picture.xmp and name != "PNG":
        options["xmp"] = picture.xmp
    module = {"PNG": "PIL.PngImagePlugin", "JPEG": "PIL.JpegImagePlugin", "WEBP": "PIL.WebPImagePlugin"}[name]
    need(module)
    pixels.save(buffer, name, **options)
    return buffer.getvalue()


def _png(picture: Picture, quality: int) -> bytes:
    return _saved(picture.pixels, "PNG", picture)


def _webp_lossless(picture: Picture, quality: int) -> bytes:
    return _saved(_true_colours(picture.pixels), "WEBP", picture, lossless=True, quality=50, method=2, exact=False)


def _webp(picture: Picture, quality: int) -> bytes:
    return _saved(_true_colours(picture.pixels), "WEBP", picture, quality=quality, method=3)


def _jpeg(picture: Picture, quality: int) -> bytes:
    return _saved(_opaque(picture.pixels), "JPEG", picture, quality=quality, subsampling="4:2:0")


def _jpeg_sharp(picture: Picture, quality: int) -> bytes:
    return _saved(_opaque(picture.pixels), "JPEG", picture, quality=quality, subsampling="4:4:4")


def _jpeg_again(picture: Picture, quality: int) -> bytes:
    tables, sampling = picture.tables
    return _saved(picture.pixels, "JPEG", picture, qtables=tables, subsampling=max(sampling, 0))


PNG = Format("image/png", True, "PNG", _png)
WEBP_LOSSLESS = Format("image/webp", True, "lossless WebP", _webp_lossless)
WEBP = Format("image/webp", False, "WebP", _webp)
JPEG = Format("image/jpeg", False, "JPEG", _jpeg)
JPEG_SHARP = Format("image/jpeg", False, "JPEG", _jpeg_sharp)
JPEG_AGAIN = Format("image/jpeg", True, "JPEG with its own tables", _jpeg_again)


def _true_colours(pixels: Any) -> Any:
    if pixels.mode in ("RGB", "RGBA"):
        return pixels
    return pixels.convert("RGBA" if pixels.has_transparency_data else "RGB")


def _opaque(pixels: Any) -> Any:
    if not pixels.has_transparency_data:
        return pixels if pixels.mode in ("L", "RGB") else pixels.convert("L" if pixels.mode == "1" else "RGB")
    layer = pixels.convert("RGBA")
    sheet = need("PIL.Image").new("RGBA", layer.size, _paper(layer))
    sheet.alpha_composite(layer)
    return sheet.convert("RGB")


def _paper(layer: Any) -> str:
    """White; black where all that can be seen is nearly white."""
    small = layer.resize((min(layer.width, 256), min(layer.height, 256)), need("PIL.Image").Resampling.NEAREST)
    ink, mask = small.convert("L"), small.getchannel("A").point(lambda alpha: 255 if alpha > 127 else 0)
    counts = ink.histogram(mask)
    return "black" if sum(counts) and not sum(counts[:200]) else "white"


# ── what the picture shows ───────────────────────────────────────────────────────────────────────


def is_drawing(pixels: Pixels) -> bool:
    """Whether at least `FLAT` of the pixels, in strips across the picture, equal their right neighbour."""
    chops: Any = need("PIL.ImageChops")
    width, height = pixels.size
    equal, count = 0, 0
    for number in range(STRIPS):
        top = (height - STRIP_HEIGHT) * number // max(STRIPS - 1, 1) if height > STRIP_HEIGHT else 0
        strip = pixels.crop((0, top, width, min(top + STRIP_HEIGHT, height)))
        if strip.mode not in ("L", "RGB"):
            strip = strip.convert("RGB")
        beside = chops.difference(strip.crop((0, 0, width - 1, strip.height)), strip.crop((1, 0, width, strip.height)))
        histogram = beside.convert("L").histogram()
        equal, count = equal + histogram[0], count + sum(histogram)
    return count == 0 or equal >= FLAT * count


def is_transparent(pixels: Any) -> bool:
    """Whether any pixel can be seen through."""
    if not pixels.has_transparency_data:
        return False
    alpha = pixels.getchannel("A") if "A" in pixels.getbands() else pixels.convert("RGBA").getchannel("A")
    return bool(alpha.getextrema()[0] < 255)


# ── within the room ──────────────────────────────────────────────────────────────────────────────


def encode(picture: Picture, limits: Limits, fit: Fit) -> Written:
    """The picture as a file of a type and size that the limits allow.

    Raises:
        UnsupportedMedia: no type that is taken can be written.
        MediaTooLarge: there is room for hardly anything.
    """
    clear = is_transparent(picture.pixels)
    drawn = not picture.lossy and (clear or is_drawing(picture.seen or picture.pixels))
    keep, squeeze = _formats(picture, limits, drawn=drawn, clear=clear)
    kept = _smallest(picture, keep, limits)
    if kept is not None and limits.takes_bytes(len(kept.data)):
        return kept
    way = squeeze or next(form for form in keep if kept is not None and form.media_type == kept.media_type)
    written = _squeezed(picture, way, limits, fit)
    flat = clear and way.media_type == "image/jpeg"
    return Written(written.data, written.media_type, written.pixels, written.how, flattened=flat)


def _formats(picture: Picture, limits: Limits, *, drawn: bool, clear: bool) -> tuple[tuple[Format, ...], Format | None]:
    """What to write at full quality, the smaller one wins; and what to give up quality in."""
    longest = max(picture.pixels.size)
    webp = "image/webp" in limits.mimes and longest <= WEBP_SIDE
    jpeg = "image/jpeg" in limits.mimes and longest <= JPEG_SIDE
    png = "image/png" in limits.mimes
    lossless = (*((PNG,) if png else ()), *((WEBP_LOSSLESS,) if webp else ()))
    sharp = JPEG_SHARP if drawn else JPEG
    lossy = (WEBP if webp else None) if clear else (sharp if jpeg else WEBP if webp else None)
    if clear and lossy is None and jpeg:
        lossy = sharp
    if not lossless and lossy is None:
        taken = ", ".join(sorted(limits.mimes)) or "nothing"
        raise UnsupportedMedia(f"no picture can be written in a type that is taken here ({taken})")
    if drawn or lossy is None:
        return lossless, lossy
    if jpeg and picture.tables:
        return (JPEG_AGAIN,), lossy
    return (), lossy


def _smallest(picture: Picture, formats: tuple[Format, ...], limits: Limits) -> Written | None:
    best: Written | None = None
    for form in formats:
        width, height = picture.pixels.size
        if best is not None and width * height > TRIED_IN_WEBP and limits.takes_bytes(len(best.data)):
            break
        data = form.save(picture, 100)
        if best is None or len(data) < len(best.data):
            best = Written(data, form.media_type, (width, height), form.words)
    return best


def _squeezed(picture: Picture, form: Format, limits: Limits, fit: Fit) -> Written:
    """At the highest quality that there is room for; then at the lowest allowed, with fewer pixels."""

    def written(data: bytes, shown: Picture, quality: int) -> Written:
        how = form.words if form.lossless else f"{form.words} at quality {quality}"
        return Written(data, form.media_type, shown.pixels.size, how)

    high, low = fit.jpeg_quality, fit.min_jpeg_quality
    data = form.save(picture, high)
    if limits.room is None or limits.takes_bytes(len(data)):
        return written(data, picture, high)
    size = len(data) if form.lossless else len(data) * FLOOR_SHARE
    if not form.lossless and low < high and size * 0.8 <= limits.room:
        least = form.save(picture, low)
        if limits.takes_bytes(len(least)):
            between = _between(low, high, len(least), len(data), limits.room)
            tried = form.save(picture, between) if between > low + 2 else least
            fits = limits.takes_bytes(len(tried))
            return written(tried if fits else least, picture, between if fits and tried is not least else low)
        size = len(least)
    data, smaller = _smaller(picture, lambda shown: form.save(shown, low), size, limits.room)
    return written(data, smaller, low)


def _between(low: int, high: int, least: int, most: int, room: int) -> int:
    """A quality between two whose sizes are known: sizes grow about exponentially with it."""
    if most <= least:
        return low
    return low + int((high - low) * max(log(room * 0.97 / least), 0) / log(most / least))


def _smaller(picture: Picture, save: Callable[[Picture], bytes], size: float, room: int) -> tuple[bytes, Picture]:
    """Fewer pixels, but as many as there is room for: sizes grow about as the number of pixels."""
    width, height = picture.pixels.size
    best: tuple[bytes, Picture] | None = None
    scale, ceiling = min(sqrt(room / size) * 0.98, 0.97), 1.0
    for step in range(24):
        target = (max(int(width * scale), 1), max(int(height * scale), 1))
        if max(target) < SMALLEST and best is None:
            break
        shown = resize(picture, target)
        data = save(shown)
        if len(data) <= room:
            best = (data, shown) if best is None or len(data) > len(best[0]) else best
            if len(data) >= FULL * room or step >= 2:
                return best
            scale = min(scale * sqrt(room / len(data)) * 0.98, (scale + ceiling) / 2)
        elif best is not None:
            return best
        else:
            ceiling = scale
            scale *= min(sqrt(room / len(data)) * 0.97, 0.9)
    if best is None:
        raise MediaTooLarge(f"no legible picture has room in {room:,} bytes", limit=room)
    return best
