"""The size of a picture in pixels, from its header bytes: for estimates, plans and limits."""

from __future__ import annotations

from ..media import Image
from .headers import read_header


def dimensions(image: Image) -> tuple[int, int]:
    """Width and height as the picture is meant to be seen, its orientation applied. No pixel is decoded.

    For an SVG, the size that it asks for; for a file of several pages, that of the first.

    Raises:
        UnreadableMedia: the header is damaged, or the content is not at hand.
    """
    return read_header(image).shown
