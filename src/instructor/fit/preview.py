"""Small pictures of media, for people to look at: of a picture, of a PDF's first page, of a film's first frame.

    preview(medium) ─▶ JPEG bytes of at most SIDE pixels a side, or None

Nothing is told of what goes wrong: where there is no library, or the content makes no sense, there is no picture.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from ..media import PDF, Image, Media, Video
from ._need import need

SIDE = 96
"""Pixels of the longer side."""

MAX_PIXELS = 50_000_000
"""Larger pictures are not decoded for this."""


def preview(medium: Media) -> bytes | None:
    """A small JPEG of what a medium shows, about 3 kB; None where there is none to be had."""
    draw = _DRAWN.get(type(medium))
    if draw is None or not medium.at_hand:
        return None
    try:
        drawn = draw(medium)
        drawn.thumbnail((SIDE, SIDE))
        sink = io.BytesIO()
        drawn.convert("RGB").save(sink, "JPEG", quality=70)
        return sink.getvalue()
    except Exception:  # a decoder's own errors are of many kinds, and none is worth an answer here
        return None


def _picture(image: Image) -> Any:
    opened = need("PIL.Image").open(io.BytesIO(image.read()))
    if opened.width * opened.height > MAX_PIXELS:
        raise ValueError("too large")
    opened.draft("RGB", (SIDE * 2, SIDE * 2))
    return need("PIL.ImageOps").exif_transpose(opened)


def _page(pdf: PDF) -> Any:
    from ._pdfium import LOCK, opened

    need("PIL.Image")
    with opened(pdf) as document, LOCK:
        page = document[0]
        return page.render(scale=SIDE * 2 / max(1.0, *page.get_size())).to_pil()


def _frame(video: Video) -> Any:
    from ._av import check_pixels, opened, probe

    need("PIL.Image")
    check_pixels(video, probe(video), MAX_PIXELS)
    with opened(video) as container:
        frame: Any = next(container.decode(video=0))
        return frame.to_image()


_DRAWN: Mapping[type[Media], Callable[[Any], Any]] = {Image: _picture, PDF: _page, Video: _frame}
