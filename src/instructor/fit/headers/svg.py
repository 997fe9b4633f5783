"""SVG: the size that the document asks for, in CSS pixels, and nothing drawn from outside of it.

`safe(data)` is the document without references to files and addresses: a renderer would open them, and what it
found there would travel with the picture.
"""

from __future__ import annotations

import re
from typing import BinaryIO
from xml.etree import ElementTree as ET

from .base import Header, Malformed

DEFAULT = (300.0, 150.0)
"""The size of a replaced element that names none (CSS 2.1, 10.3.2)."""
UNITS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
LENGTH = re.compile(r"\s*\+?(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)\s*([a-z]*)\s*")
MAX_BYTES = 50_000_000
INSIDE = re.compile(r"\s*(?:#|data:image/(?:png|jpe?g|gif|webp)[;,])", re.IGNORECASE)
"""References that stay within the document. An embedded SVG could refer further."""


def read(stream: BinaryIO, size: int) -> Header:
    """The size, from `width` and `height`, else from `viewBox`."""
    stream.seek(0)
    root = _parse(stream.read(MAX_BYTES))
    width, height = _length(root.get("width")), _length(root.get("height"))
    box = [float(number) for number in re.findall(r"-?\d+\.?\d*(?:[eE][+-]?\d+)?", root.get("viewBox", ""))]
    across, down = (box[2], box[3]) if len(box) == 4 and min(box[2:]) > 0 else DEFAULT
    if width is None and height is None:
        width, height = across, down
    width = width if width is not None else (height or 0) * across / down
    height = height if height is not None else width * down / across
    if not (0 < width < 1e9 and 0 < height < 1e9):
        raise Malformed("it has no size")
    return Header(max(round(width), 1), max(round(height), 1))


def safe(data: bytes) -> str:
    """The document without references to anything outside of it."""
    root = _parse(data)
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name.rpartition("}")[2] == "href" and not INSIDE.match(value):
                del element.attrib[name]
    return ET.tostring(root, encoding="unicode")


def _parse(data: bytes) -> ET.Element:
    try:
        root = ET.fromstring(data)
    except (ET.ParseError, ValueError, LookupError) as error:
        raise Malformed(f"it is not well-formed XML ({error})") from None
    if root.tag.rpartition("}")[2] != "svg":
        raise Malformed(f"its root is <{root.tag.rpartition('}')[2]:.40}>, not <svg>")
    return root


def _length(text: str | None) -> float | None:
    found = LENGTH.fullmatch(text or "")
    if found is None or found[2] not in UNITS:
        return None
    return float(found[1]) * UNITS[found[2]]
