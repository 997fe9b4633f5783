"""What a picture needs, seen from its header: one `Need` for each thing that has to be done, with the reason in words.

type · frames · size · bytes      a limit is broken: in strict mode an error
turn · metadata · colours         better done than left; strict mode leaves them, save a place in the metadata
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import MediaError, MediaTooLarge, UnsupportedMedia
from ..media import Image
from ..values import dataclass
from .headers import Header
from .limits import Limits
from .policy import Fit
from .report import What


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to do. `bound` and `actual` are given where a figure is too large, `refused` where a limit is broken."""

    what: What
    why: str
    refused: bool = False
    bound: int | None = None
    actual: int | None = None
    way_out: str = "fit='auto' changes it"


def needs(image: Image, header: Header, limits: Limits, fit: Fit) -> tuple[Need, ...]:
    """Everything that has to be done to the picture, in the order in which it is done."""
    return tuple(need for row in ROWS for need in row(image, header, limits, fit))


def refusal(image: Image, found: tuple[Need, ...]) -> MediaError | None:
    """The error of strict mode: every limit that is broken, and the way out; None where none is."""
    broken = [need for need in found if need.refused]
    if not broken:
        return None
    ways = dict.fromkeys(need.way_out for need in broken)
    message = f"{image!r}: {'; '.join(need.why for need in broken)}. It may not be changed (strict): {', '.join(ways)}"
    first = next((need for need in broken if need.bound is not None), None)
    if first is None or first.bound is None:
        return UnsupportedMedia(message)
    return MediaTooLarge(message, limit=first.bound, actual=first.actual)


def _pages(image: Image, header: Header, limits: Limits, fit: Fit) -> Iterator[Need]:
    if header.pages > 1 and fit.pages is not None:
        yield Need("pages selected", f"pages={fit.pages!r} was asked for", refused=True)


def _turn(image: Image, header: Header, limits: Limits, fit: Fit) -> Iterator[Need]:
    if header.orientation != 1:
        yield Need("orientation applied", f"its EXIF block says to turn it (orientation {header.orientation})")


def _frames(image: Image, header: Header, limits: Limits, fit: Fit) -> Iterator[Need]:
    if header.animated and not limits.animated:
        yield Need("first frame", "it is animated, only still pictures are taken", refused=True)


def _colours(image: Image, header: Header, limits: Limits, fit: Fit) -> Iterator[Need]:
    if header.unusual:
        yield Need("colours converted", f"it has {header.unusual}, which are often read wrong")


def _size(image: Image, header: Header, limits: Limits, fit: Fit) -> Iterator[Need]:
    width, height = header.shown
    rows: tuple[tuple[str, int | None, int], ...] = (
        ("pixels on its longer side", limits.max_edge, max(width, height)),
        ("pixels in all", limits.max_pixels, width * height),
        (f"patches of {limits.patch} pixels a side", limits.max_patches, limits.patches(width, height)),
        ("pixels on its longer side asked for", fit.max_side, max(width, height)),
    )
    for noun, bound, actual in rows:
        if bound is not None and actual > bound:
            yield Need("resized", f"{actual:,} {noun}, at most {bound:,}", refused=True, bound=bound, actual=actual)


def _type(image: Image, header: Header, limits: Limits, fit: Fit) -> Iterator[Need]:
    if image.media_type not in limits.mimes:
        taken = ", ".join(sorted(limits.mimes))
        yield Need("re-encoded", f"{image.media_type} is not taken, only {taken}", refused=True)


def _bytes(image: Image, header: Header, limits: Limits, fit: Fit) -> Iterator[Need]:
    size = image.size or 0
    if not limits.takes_bytes(size):
        bound, actual = limits.max_bytes, limits.counted(size)
        why = f"{actual:,} {limits.unit}, at most {bound:,}"
        yield Need("re-encoded", why, refused=True, bound=bound, actual=actual)


def _metadata(image: Image, header: Header, limits: Limits, fit: Fit) -> Iterator[Need]:
    if header.metadata and not fit.keep_metadata:
        held = ", ".join(header.metadata) + (" with the place where it was taken" if header.located else "")
        way_out = "fit='auto' drops them, Fit(keep_metadata=True) sends them"
        yield Need("metadata dropped", f"it holds {held}", refused=header.located, way_out=way_out)


ROWS = (_pages, _turn, _frames, _colours, _size, _type, _bytes, _metadata)
"""What is looked for, in the order in which it is done."""
