"""How large, how many, how long: a medium's measures, from its headers.

    pictures   width and height as they are meant to be seen, from the header     (fit.dimensions)
    PDF        pages, where pypdfium2 is installed                                (fit.page_count)
    WAV        seconds, from the header

What cannot be told is left out; damage is a note, not an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO

from ..errors import MissingExtra, UnreadableMedia
from ..fit import page_count
from ..fit.dimensions import dimensions
from ..media import PDF, Audio, Image, Media
from ..values import dataclass

MAX_CHUNKS = 4096
"""So many chunks of a file are looked at. No honest header lies deeper."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What is known."""

    width: int | None = None
    height: int | None = None
    pages: int | None = None
    seconds: float | None = None
    note: str | None = None


def measure(medium: Media) -> Measures:
    """The measures of a medium whose content is at hand."""
    reader = _READERS.get(type(medium))
    return reader(medium) if reader else Measures()


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────


def _picture(image: Media) -> Measures:
    assert isinstance(image, Image)
    try:
        width, height = dimensions(image)
    except UnreadableMedia as error:
        return Measures(note=error.problem)
    return Measures(width=width, height=height)


# ── documents ────────────────────────────────────────────────────────────────────────────────────


def _pdf(pdf: Media) -> Measures:
    assert isinstance(pdf, PDF)
    try:
        return Measures(pages=page_count(pdf))
    except MissingExtra:
        return Measures()
    except UnreadableMedia as error:
        return Measures(note=error.problem)


# ── recordings ───────────────────────────────────────────────────────────────────────────────────


def _recording(audio: Media) -> Measures:
    if audio.media_type != "audio/wav":
        return Measures()
    with audio.open() as stream:
        seconds = _wav(stream, audio.size or 0)
    if seconds is None:
        return Measures(note="its duration cannot be told")
    return Measures(seconds=round(seconds, 3))


def _wav(stream: BinaryIO, size: int) -> float | None:
    """RIFF WAVE: the bytes of the data chunk that are there, by the bytes per second of the format chunk."""
    stream.seek(12)
    rate = 0
    for _ in range(MAX_CHUNKS):
        head = stream.read(8)
        if len(head) < 8:
            return None
        length = int.from_bytes(head[4:], "little")
        if head[:4] == b"data":
            return min(length, size - stream.tell()) / rate if rate else None
        start = stream.tell()
        if head[:4] == b"fmt ":
            rate = int.from_bytes(stream.read(16)[8:12], "little")
        stream.seek(start + length + (length & 1))
    return None


_READERS: Mapping[type[Media], Callable[[Media], Measures]] = {Image: _picture, PDF: _pdf, Audio: _recording}
