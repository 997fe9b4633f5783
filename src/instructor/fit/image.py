"""Pictures made to fit: untouched where they fit, rewritten byte by byte where that is enough, else decoded once.

    image ─header─▶ needs ── none ──────────────▶ the same object
                      ├── strict ────────────────▶ the limits that are broken, as one error
                      ├── only metadata ─────────▶ the same coded pixels without them
                      └── else ──▶ decode ▶ turn ▶ shrink ▶ encode (a page, a picture)

What is lost: metadata (unless `keep_metadata`), frames after the first, bits beyond the eighth, the inks of CMYK,
pixels and JPEG quality as far as the limits demand. A colour profile stays. A multi-page TIFF becomes one picture
for each page.

Strict mode raises where a limit is broken, and where metadata tell a place (unless `keep_metadata`); it sends turned
pictures, harmless metadata and unusual colours as they are.

A JPEG that has to be turned is written with its own quantisation tables. An EXIF block that holds nothing but the turn
could stay instead, but providers do not say that they read it.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from ..errors import MediaTooLarge, MissingExtra, UnreadableMedia, UnsupportedMedia
from ..media import Image
from ._decode import Picture, Size, decode, from_png, refuse_bomb, resize
from ._encode import Written, encode
from ._made import made, marked_last
from ._needs import Need, needs, refusal
from ._ranges import selected
from ._svg import draw
from .headers import Header, read_header, stripped
from .limits import Limits
from .policy import Fit
from .report import Change, Facts, Fitted, What, type_by_content

MAX_TIFF_PAGES = 200

AFTER_END = "data after its end"
"""How headers name bytes that follow a picture."""


def fit_image(image: Image, limits: Limits, fit: Fit = Fit.AUTO) -> Fitted:
    """The picture, or the pictures of its pages, such that every limit is kept; and what was done.

    A picture whose content is elsewhere (an address, a provider's file) comes back as it is.

    Raises:
        UnreadableMedia: it is damaged or cut off.
        UnsupportedMedia: strict mode, or no type that is taken can be written, or an animation that is refused.
        MediaTooLarge: strict mode, more pixels than may be decoded, or limits that leave no room for a picture.
        MissingExtra: a library that is needed is not installed.
    """
    if not image.at_hand:
        return Fitted((image,))
    header = read_header(image)
    notes = type_by_content(image)
    image, header, cut = _ended(image, header, fit)
    found = (*needs(image, header, limits, fit), *cut)
    if fit.strict:
        if error := refusal(image, found):
            raise error
        return Fitted((image,), notes)
    if any(need.what == "first frame" for need in found) and fit.animated == "refuse":
        raise UnsupportedMedia(f"{image!r} is animated, and only still pictures are taken: Fit(animated='first')")
    if not found:
        return Fitted((image,), notes)
    bare = _without_metadata(image, limits) if {need.what for need in found} == {"metadata dropped"} else None
    if bare is not None:
        return Fitted((bare,), notes + _changes(found, Facts.of(image), Facts.of(bare)))
    try:
        return _remade(image, header, limits, fit, found, notes)
    except MissingExtra as error:
        return _left(image, found, notes, error)


def _left(image: Image, found: tuple[Need, ...], notes: tuple[Change, ...], error: MissingExtra) -> Fitted:
    """The picture as it is, where no limit is broken and no place told, and the report says what was not done.

    Raises:
        MissingExtra: it cannot be sent so.
    """
    reasons = "; ".join(need.why for need in found)
    if any(need.refused for need in found):
        raise MissingExtra(error.package, error.extra, f"make {image!r} fit ({reasons})") from error
    return Fitted((image,), (*notes, Change("left as it is", f"{reasons}: {error.package} is not installed")))


def asks_for_change(image: Image, limits: Limits, fit: Fit = Fit.AUTO) -> bool:
    """Whether the header shows anything that `fit_image` would change. Bytes after the picture's end alone do not count.

    Raises:
        UnreadableMedia: the header makes no sense.
    """
    header = read_header(image)
    found = needs(image, header, limits, fit)
    harmless = set(header.metadata) <= {AFTER_END}
    return any(need.what != "metadata dropped" or not harmless for need in found)


def _ended(image: Image, header: Header, fit: Fit) -> tuple[Image, Header, tuple[Need, ...]]:
    """Whether a file that does not end as it should has something after its end, or is cut off.

    Raises:
        UnreadableMedia: it is cut off.
    """
    if header.whole:
        return image, header, ()
    if image.media_type != "image/jpeg" or stripped(image.read(), image.media_type) is None:
        refuse_bomb(image, header.stored, fit.max_decoded_pixels)
        decode(image, header, lambda size: size, fit.max_decoded_pixels)
        return image, header, (Need("re-encoded", "the mark of its end is missing"),)
    if fit.keep_metadata:
        return image, header, ()
    return image, header, (Need("metadata dropped", f"it holds {AFTER_END}"),)


def _without_metadata(image: Image, limits: Limits) -> Image | None:
    data = stripped(image.read(), image.media_type or "")
    if data is None or not limits.takes_bytes(len(data)):
        return None
    return made(Image, image, data, image.media_type or "")


# ── decoded and written anew ─────────────────────────────────────────────────────────────────────


def _remade(
    image: Image, header: Header, limits: Limits, fit: Fit, found: tuple[Need, ...], notes: tuple[Change, ...]
) -> Fitted:
    pages = _pages(image, header, fit)
    out: list[Image] = []
    last: Written | None = None
    for page in pages:
        picture = _drawn(image, header, limits, fit) if _is_svg(image) else _decoded(image, header, limits, fit, page)
        last = encode(picture, limits, fit)
        tag = f"-{page + 1}" if header.pages > 1 else ""
        out.append(made(Image, image, last.data, last.media_type, tag=tag))
    if last is None:
        raise UnreadableMedia(f"{image!r} has no pages")
    media = marked_last(out)
    before = Facts.of(image, pixels=header.shown)
    after = Facts.of(*media, pixels=last.pixels)
    return Fitted(media, notes + _changes(_told(image, header, found, last, pages), before, after))


def _is_svg(image: Image) -> bool:
    return image.media_type == "image/svg+xml"


def _decoded(image: Image, header: Header, limits: Limits, fit: Fit, page: int) -> Picture:
    refuse_bomb(image, header.stored, fit.max_decoded_pixels)
    cap, keep = fit.max_decoded_pixels, fit.keep_metadata
    picture = decode(image, header, lambda size: within(size, limits, fit.max_side), cap, page=page, keep=keep)
    return picture if limits.takes_bytes(image.size or 0) else replace(picture, tables=None)


def _drawn(image: Image, header: Header, limits: Limits, fit: Fit) -> Picture:
    def bounded(size: Size, side: int) -> Size:
        return within(size, limits, min(fit.max_side or side, side))

    picture = from_png(image, draw(image, header, bounded))
    size = within(picture.pixels.size, limits, fit.max_side)
    return picture if size == picture.pixels.size else resize(picture, size)


def _pages(image: Image, header: Header, fit: Fit) -> tuple[int, ...]:
    if header.pages == 1:
        return (0,)
    pages = selected(fit.pages, header.pages, repr(image))
    if len(pages) > MAX_TIFF_PAGES:
        raise MediaTooLarge(
            f"{image!r} has {len(pages):,} pages, at most {MAX_TIFF_PAGES} become pictures: choose with Fit(pages=…)",
            limit=MAX_TIFF_PAGES,
            actual=len(pages),
        )
    return pages


def within(size: Size, limits: Limits, side: int | None = None) -> Size:
    """The largest size of the same shape that keeps the limits on pixels, and `side` for the longer side."""
    longest = max(size)

    def fits(target: Size) -> bool:
        return limits.takes_size(*target) and (side is None or max(target) <= side)

    def scaled(length: int) -> Size:
        return max(round(size[0] * length / longest), 1), max(round(size[1] * length / longest), 1)

    if fits(size):
        return size
    first_over = bisect_left(range(1, longest + 1), True, key=lambda length: not fits(scaled(length))) + 1
    if first_over == 1:
        raise MediaTooLarge(f"no picture of {size[0]:,}×{size[1]:,} pixels fits into {limits} at any size", limit=0)
    return scaled(first_over - 1)


# ── the report ───────────────────────────────────────────────────────────────────────────────────


def _told(
    image: Image, header: Header, found: tuple[Need, ...], last: Written, pages: tuple[int, ...]
) -> tuple[Need, ...]:
    """The needs, and what else came of meeting them."""
    more: list[Need] = []
    whats = {need.what for need in found}
    if header.pages > 1:
        more.append(Need("split", f"one picture for each of {len(pages)} of its {header.pages} pages"))
    if header.animated and "first frame" not in whats:
        more.append(Need("first frame", "an animation cannot be changed and stay one"))
    if _is_svg(image):
        more.append(Need("rasterised", "a drawing in SVG becomes pixels"))
    if last.pixels != header.shown and "resized" not in whats and not _is_svg(image) and header.pages == 1:
        more.append(Need("resized", "fewer pixels, for the limit on bytes"))
    if last.flattened:
        more.append(
            Need("transparency flattened", f"{last.media_type} knows none, and nothing else is taken or has room")
        )
    return (*found, *more, Need("re-encoded", f"as {last.how}"))


def _changes(found: tuple[Need, ...], before: Facts, after: Facts) -> tuple[Change, ...]:
    """One change for each thing done, with its reasons; the last one tells sizes and types."""
    reasons: dict[What, list[str]] = {}
    for need in found:
        reasons.setdefault(need.what, []).append(need.why)
    *most, last = sorted(reasons, key=lambda what: what == "re-encoded")
    sizes = Facts(pixels=before.pixels), Facts(pixels=after.pixels)
    partial = [Change(what, "; ".join(reasons[what]), *(sizes if what == "resized" else ())) for what in most]
    return (*partial, Change(last, "; ".join(reasons[last]), before, after))
