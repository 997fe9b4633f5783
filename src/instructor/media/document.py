"""Documents other than PDFs: plain text, and the files of office programs."""

from __future__ import annotations

import io
import json
from functools import partial

from ..errors import UnreadableMedia
from ._base import Media
from ._sniff import HEADER_BYTES, Magic, at, is_text, opened_as, root, zipped

_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

DOCX = f"{_OOXML}wordprocessingml.document"
XLSX = f"{_OOXML}spreadsheetml.sheet"
PPTX = f"{_OOXML}presentationml.presentation"
ODT, ODS, ODP = f"{_ODF}text", f"{_ODF}spreadsheet", f"{_ODF}presentation"
RTF = "application/rtf"
EPUB = "application/epub+zip"

OFFICE = frozenset({DOCX, XLSX, PPTX, ODT, ODS, ODP, RTF, EPUB})
"""Types whose content is not the text itself."""

MAX_ROWS = 20
"""How many lines of a table are looked at."""


def _text(head: bytes) -> str | None:
    """The first bytes as text without what may be cut off at their end, or None."""
    if not is_text(head):
        return None
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return head.decode(encoding, "ignore")


def _json(head: bytes) -> bool:
    """An object or array: all of it where that is in sight, else its beginning."""
    text = (_text(head) or "").strip()
    if text[:1] not in ("{", "["):
        return False
    if len(head) >= HEADER_BYTES:
        return text[1:].lstrip()[:1] in tuple('"{}[]-0123456789tfn')
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _rows(head: bytes, mark: str) -> bool:
    """Three lines of at least two fields, or two of at least three, all as many, and none that begins with a space:
    in prose a space follows the comma."""
    import csv

    text = _text(head)
    if text is None or mark not in text[:1024]:
        return False
    lines = text.splitlines(keepends=True)
    whole = lines if len(head) < HEADER_BYTES else lines[:-1]
    try:
        rows = [row for row in csv.reader(io.StringIO("".join(whole[:MAX_ROWS])), delimiter=mark, strict=True) if row]
    except csv.Error:
        return False
    width = len(rows[0]) if rows else 0
    enough = (len(rows) >= 3 and width >= 2) or (len(rows) == 2 and width >= 3)
    return enough and all(len(row) == width and not any(field[:1] == " " for field in row) for row in rows)


class Document(Media):
    """A document that is not a PDF: text, Markdown, CSV, JSON, HTML, XML, or of an office program (Word, Excel,
    PowerPoint, OpenDocument, RTF, EPUB).

    Which of the textual ones it is, content tells for HTML, XML, JSON and plain tables. Where it shows no more than
    text, the declared type or the suffix names the flavour.
    """

    __slots__ = ()

    noun = "a document"
    magic = (
        Magic(DOCX, zipped(b"word/")),
        Magic(
            XLSX, zipped(b"xl/workbook.xml", b"xl/worksheets/", b"xl/sharedStrings.xml", b"xl/_rels/", b"xl/styles.xml")
        ),
        Magic(PPTX, zipped(b"ppt/")),
        Magic(ODT, opened_as(ODT.encode())),
        Magic(ODS, opened_as(ODS.encode())),
        Magic(ODP, opened_as(ODP.encode())),
        Magic(EPUB, opened_as(EPUB.encode())),
        Magic(RTF, at(0, b"{\\rtf")),
        Magic("text/html", lambda head: is_text(head) and root(head) in ("html", "head", "body"), loose=True),
        Magic("text/xml", lambda head: (_text(head) or "").lstrip()[:5] == "<?xml", loose=True),
        Magic("application/json", _json, loose=True),
        Magic("text/csv", partial(_rows, mark=","), loose=True),
        Magic("text/csv", partial(_rows, mark=";"), loose=True),
        Magic("text/tab-separated-values", partial(_rows, mark="\t"), loose=True),
        Magic("text/plain", is_text, loose=True),
    )
    suffixes = {
        ".txt": "text/plain",
        ".text": "text/plain",
        ".log": "text/plain",
        ".md": "text/markdown",
        ".markdown": "text/markdown",
        ".csv": "text/csv",
        ".tsv": "text/tab-separated-values",
        ".json": "application/json",
        ".html": "text/html",
        ".htm": "text/html",
        ".xhtml": "text/html",
        ".xml": "text/xml",
        ".docx": DOCX,
        ".docm": DOCX,
        ".xlsx": XLSX,
        ".xlsm": XLSX,
        ".pptx": PPTX,
        ".pptm": PPTX,
        ".odt": ODT,
        ".ods": ODS,
        ".odp": ODP,
        ".rtf": RTF,
        ".epub": EPUB,
    }
    textual = frozenset({"text/plain", *suffixes.values()}) - OFFICE
    """Types whose content is the text itself: what a provider takes that wants documents as text."""
    aliases = {
        "application/xml": "text/xml",
        "application/xhtml+xml": "text/html",
        "text/json": "application/json",
        "application/csv": "text/csv",
        "text/x-csv": "text/csv",
        "text/x-markdown": "text/markdown",
        "text/rtf": RTF,
        "application/x-rtf": RTF,
        "application/vnd.ms-word.document.macroenabled.12": DOCX,
        "application/vnd.ms-excel.sheet.macroenabled.12": XLSX,
        "application/vnd.ms-powerpoint.presentation.macroenabled.12": PPTX,
    }

    @property
    def is_text(self) -> bool:
        """Whether the content is the text itself, and not an office program's file."""
        return self.media_type not in OFFICE

    @classmethod
    def _choose(cls, found: str, declared: str | None) -> str:
        """What the content shows; of flavours that it cannot tell apart, the declared one."""
        return declared if declared is not None and declared in _POSSIBLE.get(found, ()) else found

    def text(self) -> str:
        """The content, decoded from UTF-8 (or UTF-16 with a byte-order mark).

        Raises:
            UnreadableMedia: it is neither, or not at hand.
        """
        if not self.is_text:
            raise UnreadableMedia(f"{self!r} is not text: it has to be converted first")
        data = self.read()
        encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            raise UnreadableMedia(f"{self!r} is not {encoding} text (at byte {error.start})") from None


_LIGHT = ("text/plain", "text/markdown", "text/csv", "text/tab-separated-values")

_POSSIBLE = {
    "text/plain": (*_LIGHT, "text/xml", "text/html"),
    "text/csv": _LIGHT,
    "text/tab-separated-values": _LIGHT,
    "application/json": ("text/plain", "text/markdown"),
    "text/xml": ("text/plain", "text/html"),
}
"""What the content shows → the declared types that it may just as well be."""
