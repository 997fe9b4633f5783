"""The one door to pdfium, which is not thread-safe: whoever touches it, anywhere in this process, holds `LOCK`.

opened(pdf, password)     a document, opened and checked; closed at the end
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from ..errors import UnreadableMedia
from ..media import PDF
from ..media import File as LocalFile
from ._need import need

LOCK = Lock()
"""Held around every call into pdfium, this module's and others'."""

LOCKED = "is locked with a password: pass Fit(password=…)"
WRONG = "is locked, and the password given does not open it"
FOREIGN = "is encrypted in a way that cannot be opened: save a copy without encryption"
DAMAGED = "is damaged, or no PDF at all"
EMPTY = "has no pages"


@contextmanager
def opened(pdf: PDF, password: str | None = None) -> Iterator[Any]:
    """The document as pdfium has it. Opening and closing hold the lock; what is done between must take it.

    Raises:
        UnreadableMedia: it is locked, damaged, or without pages.
        MissingExtra: pypdfium2 is not installed.
    """
    need("pypdfium2")
    with LOCK:
        document = _open(pdf, password)
    try:
        yield document
    finally:
        with LOCK:
            document.close()


def _open(pdf: PDF, password: str | None) -> Any:
    pdfium = need("pypdfium2")
    pdf.open().close()
    source = pdf.origin.path if isinstance(pdf.origin, LocalFile) else pdf.read()
    try:
        document = pdfium.PdfDocument(source, password=password)
    except pdfium.PdfiumError as error:
        raise UnreadableMedia(f"{pdf!r} {_reason(source, password)}") from error
    try:
        if document.get_formtype():
            document.init_forms()
    except BaseException:
        document.close()
        raise
    return document


def _reason(source: bytes | str, password: str | None) -> str:
    """Why a document does not open: asked anew, because pdfium's last error may be that of an earlier one."""
    raw = need("pypdfium2.raw")
    key = None if password is None else password.encode() + b"\0"
    if isinstance(source, str):
        handle = raw.FPDF_LoadDocument(source.encode() + b"\0", key)
    else:
        handle = raw.FPDF_LoadMemDocument64(source, len(source), key)
    if handle:
        raw.FPDF_CloseDocument(handle)
        return EMPTY
    reasons = {raw.FPDF_ERR_PASSWORD: LOCKED if password is None else WRONG, raw.FPDF_ERR_SECURITY: FOREIGN}
    return reasons.get(raw.FPDF_GetLastError(), DAMAGED)


def is_encrypted(document: Any) -> bool:
    """Whether the file is encrypted, be it with an empty password. Call it with the lock held."""
    revision: int = need("pypdfium2.raw").FPDF_GetSecurityHandlerRevision(document)
    return revision != -1
