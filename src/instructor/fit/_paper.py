"""A PDF looked at without a library: its frame, and whether it is locked.

    refuse_torn(pdf) ─▶ the last bytes: startxref ─▶ nothing, UnreadableMedia, or MissingExtra
    ends_early(pdf)  ─▶ whether the last bytes lack it

Where pypdfium2 is installed it opens the document instead, which tells everything. Here no page is counted. Readers find
their way without a table of contents (ISO 32000-2 §7.5.5) by looking for objects, so that a document passes if it has
either; an encrypted one may open without a password, which only an attempt tells.
"""

from __future__ import annotations

import re

from ..errors import MissingExtra, UnreadableMedia
from ..media import PDF

TAIL = 64 * 1024
"""Bytes at the end in which the trailer is looked for: junk may follow it."""

SEARCHED_AT_ONCE = 1 << 18

_ENCRYPTED = re.compile(rb"/Encrypt[\s\[<\d]")
_START = re.compile(rb"startxref\s+(\d+)")


def ends_early(pdf: PDF) -> bool:
    """Whether the end of the document does not look like one: it may be cut off, or have lost its trailer only."""
    with pdf.open() as stream:
        stream.seek(max(0, (pdf.size or 0) - TAIL))
        return _START.search(stream.read(TAIL)) is None


def refuse_torn(pdf: PDF) -> None:
    """Raise for a document that no reader opens, as far as a look at both ends tells.

    Raises:
        UnreadableMedia: it has neither a trailer nor an object.
        MissingExtra: it is encrypted, and pypdfium2, which would try to open it, is not installed.
    """
    size = pdf.size or 0
    with pdf.open() as stream:
        stream.seek(max(0, size - TAIL))
        tail = stream.read(TAIL)
        start = _START.search(tail)
        if start is None:
            stream.seek(0)
            head = stream.read(SEARCHED_AT_ONCE)
            if b" obj" not in head:
                raise UnreadableMedia(f"{pdf!r} is damaged: it has no trailer and no objects")
            if b"/Page" not in head and b"/ObjStm" not in head and size <= SEARCHED_AT_ONCE:
                raise UnreadableMedia(f"{pdf!r} is damaged: it has no trailer and no pages")
            trailer = head
        else:
            stream.seek(min(int(start[1]), size))
            trailer = stream.read(4096)  # a cross-reference stream has its dictionary here
    if _ENCRYPTED.search(tail) or _ENCRYPTED.search(trailer):
        raise MissingExtra("pypdfium2", "fit", f"see whether {pdf!r}, which is encrypted, opens without a password")
