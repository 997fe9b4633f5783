"""PDF documents."""

from __future__ import annotations

import re

from ._base import Media
from ._sniff import Magic, is_text

_MARK = re.compile(rb"%PDF-\d")


def _behind(head: bytes) -> bytes | None:
    """What stands before the mark: readers accept it anywhere in the first 1,024 bytes (ISO 32000-1, H.3.4.1)."""
    found = _MARK.search(head[:1024])
    return None if found is None else head[: found.start()]


def _pdf(head: bytes) -> bool:
    before = _behind(head)
    return before is not None and not before.strip(b"\xef\xbb\xbf \t\r\n\0")


def _behind_junk(head: bytes) -> bool:
    """The mark behind something else. Text that merely mentions it is no PDF: there it has to begin a line, and an object
    has to follow."""
    before = _behind(head)
    if before is None:
        return False
    return not is_text(head) or (before[-1:] in (b"\r", b"\n") and (_OBJECT.search(head) is not None or len(head) < 64))


_OBJECT = re.compile(rb"\d \d+ obj\b")


class PDF(Media):
    """A PDF document."""

    __slots__ = ()

    noun = "a PDF document"
    magic = (Magic("application/pdf", _pdf), Magic("application/pdf", _behind_junk, weak=True))
    suffixes = {".pdf": "application/pdf"}
    aliases = {"application/x-pdf": "application/pdf"}
