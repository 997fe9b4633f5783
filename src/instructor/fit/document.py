"""Documents made to fit: files of office programs become Markdown where they are not taken as they are.

    fit_document     document ── of a type that is taken ─▶ the same object
                              ├── an office file ─kreuzberg─▶ Markdown
                              └── strict ──────────────────▶ an error
    markdown(document) ─▶ its text                  by hand

What is lost: pictures, charts, comments, formulas (their last values stay), fonts and layout. Headings, lists, tables,
links and emphasis stay. A workbook becomes one table for each sheet.
"""

from __future__ import annotations

import zipfile
from typing import Any

from ..errors import MediaTooLarge, UnreadableMedia, UnsupportedMedia
from ..media import Document
from ..media.document import DOCX, EPUB, ODP, ODS, ODT, PPTX, RTF, XLSX
from ._made import made
from ._need import need
from .limits import Limits
from .policy import Fit
from .report import Change, Facts, Fitted, type_by_content

MARKDOWN = "text/markdown"

ARCHIVES = frozenset({DOCX, XLSX, PPTX, ODT, ODS, ODP, EPUB})
"""Types that are ZIP archives."""

CONVERTED = frozenset({DOCX, XLSX, PPTX, ODT, ODS, RTF, EPUB})
"""What the converter reads."""

MAX_ENTRIES = 10_000
MAX_UNPACKED = 500_000_000
"""Bytes that an archive may claim to hold: the converter has bounds of its own, of 100 MB a piece."""


def fit_document(document: Document, limits: Limits, fit: Fit = Fit.AUTO) -> Fitted:
    """The document, or its text as Markdown where its own type is not taken; and what was done.

    Raises:
        UnreadableMedia: it is damaged, or text in no encoding that is known.
        UnsupportedMedia: it is not taken, and cannot be converted; or strict mode.
        MediaTooLarge: its text is over the limit on bytes, or its archive claims too much.
        MissingExtra: the converter is not installed.
    """
    if not document.at_hand:
        return Fitted((document,))
    notes = type_by_content(document)
    if document.is_text:
        document.text()
    elif document.media_type in ARCHIVES:
        refuse_broken(document)
    if document.media_type in limits.mimes:
        _refuse_large(document, limits)
        return Fitted((document,), notes)
    taken = next((mime for mime in (MARKDOWN, "text/plain") if mime in limits.mimes), None)
    if document.media_type not in CONVERTED or taken is None:
        known = ", ".join(sorted(limits.mimes)) or "no document"
        raise UnsupportedMedia(f"{document!r}: {document.media_type} is not taken, only {known}: convert it first")
    if fit.strict:
        raise UnsupportedMedia(
            f"{document!r}: {document.media_type} is not taken. It may not be changed (strict): fit='auto' makes text of it"
        )
    text = made(Document, document, markdown(document).encode(), taken)
    _refuse_large(text, limits)
    why = f"{document.media_type} is not taken; pictures, charts, comments and layout are left out"
    return Fitted((text,), (*notes, Change("converted to text", why, Facts.of(document), Facts.of(text))))


def refuse_broken(document: Document) -> None:
    """Raise for an archive without its directory, or that claims to hold too much. Unpacks nothing.

    Raises:
        UnreadableMedia: it is damaged or cut off, or locked.
        MediaTooLarge: it claims more than is unpacked.
    """
    try:
        with document.open() as stream, zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, OverflowError) as error:
        brief = str(error).partition("\n")[0][:120] or type(error).__name__
        raise UnreadableMedia(f"{document!r} is damaged or cut off ({brief})") from error
    claimed = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or claimed > MAX_UNPACKED:
        raise MediaTooLarge(
            f"{document!r} claims {len(entries):,} entries of {claimed:,} bytes; at most {MAX_ENTRIES:,} of "
            f"{MAX_UNPACKED:,} are unpacked",
            limit=MAX_UNPACKED,
            actual=claimed,
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableMedia(f"{document!r} is locked with a password: save a copy without one")


def markdown(document: Document) -> str:
    """The text of an office program's file, as Markdown.

    Raises:
        UnreadableMedia: it is damaged, or holds no text.
        MissingExtra: the converter is not installed.
    """
    kreuzberg = need("kreuzberg")
    # nothing is kept on the disk, pictures are not taken out, and no model is asked
    config: Any = kreuzberg.ExtractionConfig(output_format="markdown", use_cache=False, disable_ocr=True)
    data = document.read()
    try:
        found: str = kreuzberg.extract_bytes_sync(data, document.media_type, config).content
    except BaseException as error:
        # besides its own errors: those of the system, for streams that do not unpack, and of Rust, which are no Exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        brief = str(error).partition("\n")[0][:160]
        raise UnreadableMedia(f"{document!r} cannot be read ({brief})") from error
    if not found.strip():
        raise UnreadableMedia(f"{document!r} holds no text")
    return found


def _refuse_large(document: Document, limits: Limits) -> None:
    size = document.size or 0
    if limits.max_bytes is None or limits.takes_bytes(size):
        return
    actual = limits.counted(size)
    raise MediaTooLarge(
        f"{document!r} has {actual:,} {limits.unit}, at most {limits.max_bytes:,} are taken: send a part of it",
        limit=limits.max_bytes,
        actual=actual,
    )
