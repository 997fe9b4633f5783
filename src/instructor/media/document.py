"""Documents of plain text."""

from __future__ import annotations

from ..errors import UnreadableMedia
from ._base import Media
from ._sniff import Magic, is_text


class Document(Media):
    """A document of plain text: text, Markdown, CSV, JSON, HTML, XML.

    Content cannot tell these apart for sure, so the declared type or the suffix names the flavour, once the
    content has shown that it is text.
    """

    __slots__ = ()

    noun = "a text document"
    magic = (Magic("text/plain", is_text, loose=True),)
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
        ".xml": "text/xml",
    }
    aliases = {"application/xml": "text/xml", "text/json": "application/json", "application/csv": "text/csv"}

    @classmethod
    def _choose(cls, found: str, declared: str | None) -> str:
        return declared if declared and declared in cls.suffixes.values() else found

    def text(self) -> str:
        """The content, decoded from UTF-8 (or UTF-16 with a byte-order mark).

        Raises:
            UnreadableMedia: it is neither, or not at hand.
        """
        data = self.read()
        encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            raise UnreadableMedia(f"{self!r} is not {encoding} text (at byte {error.start})") from None
