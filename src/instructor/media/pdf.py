"""PDF documents."""

from __future__ import annotations

from ._base import Media
from ._sniff import Magic


class PDF(Media):
    """A PDF document."""

    __slots__ = ()

    noun = "a PDF document"
    magic = (
        # ISO 32000-1, annex H.3.4.1: readers accept the mark anywhere in the first 1,024 bytes
        Magic("application/pdf", lambda head: b"%PDF-" in head[:1024]),
    )
    suffixes = {".pdf": "application/pdf"}
    aliases = {"application/x-pdf": "application/pdf"}
