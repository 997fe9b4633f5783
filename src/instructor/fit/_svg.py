"""SVG drawings as pixels, by resvg: nothing is fetched, and no file but a font is opened."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import UnreadableMedia
from ..media import Image
from ._need import need
from .headers import Header, Malformed
from .headers.svg import safe

SIDE = 1568
"""Pixels of the longer side where the drawing asks for fewer: small ones are drawn larger, so that print in them
can be read, and this is as much as most models look at."""


def draw(image: Image, header: Header, within: Callable[[tuple[int, int]], tuple[int, int]]) -> bytes:
    """A PNG of the drawing, of the size that `within` makes of the wished one, on white.

    Raises:
        UnreadableMedia: the document cannot be drawn.
        MissingExtra: the renderer is not installed.
    """
    renderer = need("resvg_py")
    scale = max(SIDE / max(header.shown), 1.0)
    width, height = within((max(round(header.width * scale), 1), max(round(header.height * scale), 1)))
    try:
        markup = safe(image.read())
        drawn: bytes = bytes(renderer.svg_to_bytes(svg_string=markup, width=width, height=height, background="white"))
    except Malformed as error:
        raise UnreadableMedia(f"{image!r} is damaged: {error}") from None
    except ValueError as error:
        raise UnreadableMedia(f"{image!r} cannot be drawn ({error})") from error
    return drawn
