"""Media in, what stands in them out: the one entrance of the reading half.

read(bytes, media type) ──READERS──→ image/*          → codes, colours, ocr
                                     application/pdf  → text layer, or raster and ocr
                                     audio/*          → speech (WAV, English)
                                     text/*, json     → rows of cells
                                     anything else    → Unreadable

read ──→ documents ──→ ocr, codes ──→ rows ──→ reading
    ├──→ speech, texts
    └──→ pictures
"""

from __future__ import annotations

from collections.abc import Callable

from .codes import codes
from .documents import read_pdf
from .ocr import doubts, ocr
from .pictures import colours, pages
from .reading import Code, Reading, Row
from .speech import read_speech
from .texts import read_text
from .unreadable import Unreadable

__all__ = ["Unreadable", "read", "supported"]

supported: frozenset[str] = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/bmp",
        "image/tiff",
        "image/avif",
        "application/pdf",
        "audio/wav",
        "audio/x-wav",
        "audio/wave",
        "audio/vnd.wave",
        "text/plain",
        "text/markdown",
        "text/csv",
        "text/tab-separated-values",
        "application/json",
    }
)
"""Media types that can be read. Others of the same families are tried by their content."""


def read(data: bytes, media_type: str, *, name: str | None = None) -> Reading:
    """What stands in a medium. Raises `Unreadable`, with `name` (a file's name, say) in front if given."""
    kind = media_type.partition(";")[0].strip().lower()
    reader = next((reader for prefix, reader in READERS if kind.startswith(prefix)), None)
    try:
        if reader is None:
            raise Unreadable(f"the embedded reader does not take {kind or 'media without a type'}")
        return reader(data, kind)
    except Unreadable as error:
        if name is None:
            raise
        raise Unreadable(error.problem, where=name) from error.__cause__


def _read_image(data: bytes, media_type: str) -> Reading:
    sheets = list(pages(data))
    found: list[Row] = []
    coded: list[Code] = []
    unread: list[str] = []
    for number, sheet in enumerate(sheets, 1):
        marks = codes(sheet, number)
        seen = ocr(sheet, page=number, cover=[mark.corners for mark in marks])
        coded += [mark.code for mark in marks]
        found += seen.rows
        unread += doubts(seen, number)
    return Reading(
        kind="image",
        media_type=media_type,
        bytes=len(data),
        rows=tuple(found),
        codes=tuple(coded),
        width=sheets[0].width,
        height=sheets[0].height,
        pages=len(sheets),
        colours=colours(sheets[0]),
        unread=tuple(unread),
    )


READERS: tuple[tuple[str, Callable[[bytes, str], Reading]], ...] = (
    ("image/", _read_image),
    ("application/pdf", read_pdf),
    ("audio/", read_speech),
    ("text/", read_text),
    ("application/json", read_text),
)
