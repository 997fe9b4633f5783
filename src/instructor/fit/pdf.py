"""PDF documents made to fit: pages chosen, split into several, decrypted, drawn as pictures, read as text.

    fit_pdf      pdf ── fits ──────────────────────▶ the same object
                     ├── pages=, password=, limits ──▶ PDFs in order, each within the limits
                     └── strict ────────────────────▶ the limit that is broken
    rasterise    pdf ─▶ one picture a page           for providers that take no PDF
    text_of      pdf ─▶ the text layer               for those that take text only
    page_count   pdf ─▶ pages

Several PDFs in order are as good as one for a model that takes several, so that splitting is on by default;
`Fit(split=False)` makes it an error. A page that is too large by itself is an error.

What is lost: bookmarks and links between pages when a document is cut; form fields become print. Nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from math import ceil
from typing import Any

from ..errors import MediaTooLarge, MissingExtra, UnreadableMedia, UnsupportedMedia
from ..media import PDF, Document, Image
from ._decode import Picture
from ._encode import encode
from ._made import made, marked_last
from ._need import need
from ._paper import ends_early, refuse_torn
from ._pdfium import LOCK, is_encrypted, opened
from ._ranges import selected
from .image import within
from .limits import Limits
from .policy import Fit
from .report import Change, Facts, Fitted, not_checked, type_by_content

MIME = "application/pdf"
MAX_SIDE = 4000
"""Pixels of the longer side of a page as a picture, whatever it claims to measure."""
MAX_RASTERISED = 300
"""Pages that one document may become pictures of."""
POINTS = 72


def fit_pdf(pdf: PDF, limits: Limits, fit: Fit = Fit.AUTO) -> Fitted:
    """The document, or several in its place, such that every limit is kept; and what was done.

    Where pypdfium2 is not installed, a document that is small enough passes unopened, after a look at its frame; the
    report says so.

    Raises:
        UnreadableMedia: it is locked, damaged, or without pages.
        UnsupportedMedia: PDF is not taken, or strict mode and something is asked for.
        MediaTooLarge: strict mode, `split=False`, or a single page over the limit.
        MediaError: `pages` names none.
        MissingExtra: it has to be opened, and pypdfium2 is not installed.
    """
    if not pdf.at_hand:
        return _elsewhere(pdf, fit)
    if MIME not in limits.mimes:
        raise UnsupportedMedia(f"{pdf!r}: PDF is not taken, only {', '.join(sorted(limits.mimes)) or 'nothing'}")
    notes = type_by_content(pdf)
    try:
        need("pypdfium2")
    except MissingExtra:
        if fit.pages is None and fit.password is None and limits.takes_bytes(pdf.size or 0):
            refuse_torn(pdf)
            return Fitted((pdf,), (*notes, not_checked("its pages, and whether they can be read", "pypdfium2")))
        raise
    with opened(pdf, fit.password) as document:
        with LOCK:
            count, locked = len(document), fit.password is not None and is_encrypted(document)
        if ends_early(pdf):
            _refuse_torn_pages(pdf, document, count)
        pages = selected(fit.pages, count, repr(pdf))
        over = _over(pdf, limits, len(pages), whole=len(pages) == count)
        if over is None and not locked and pages == tuple(range(count)):
            return Fitted((pdf,), notes)
        _allowed(pdf, fit, over, locked, pages != tuple(range(count)))
        if over is None and locked and pages == tuple(range(count)):
            parts = [_decrypted(pdf, document)]
        else:
            parts = list(_split(pdf, document, pages, limits, fit))
    return _report(pdf, parts, notes, fit, count=count, pages=len(pages), over=over, locked=locked)


def _refuse_torn_pages(pdf: PDF, document: Any, count: int) -> None:
    """Raise where pdfium has put a document without its end together again, and pages are gone."""
    pdfium = need("pypdfium2")
    with LOCK:
        for number in (count - 1, count // 2):
            try:
                page = document[number]
            except pdfium.PdfiumError as error:
                raise UnreadableMedia(f"{pdf!r} is cut off: page {number + 1} of {count:,} is not there") from error
            page.close()


def _elsewhere(pdf: PDF, fit: Fit) -> Fitted:
    if fit.pages is not None or fit.password is not None:
        raise UnsupportedMedia(f"{pdf!r} is elsewhere: pages= and password= need its content here (download it first)")
    return Fitted((pdf,))


def page_count(pdf: PDF, fit: Fit = Fit.AUTO) -> int:
    """The pages of a document whose content is at hand. Raises as `fit_pdf` does for what cannot be opened."""
    with opened(pdf, fit.password) as document, LOCK:
        return len(document)


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


def _over(pdf: PDF, limits: Limits, pages: int, *, whole: bool) -> MediaTooLarge | None:
    """The limit that the chosen pages break. Of a choice of pages the bytes are not known yet."""
    if limits.max_pages is not None and pages > limits.max_pages:
        return MediaTooLarge(
            f"{pdf!r}: {pages:,} pages, at most {limits.max_pages:,}", limit=limits.max_pages, actual=pages
        )
    size = pdf.size or 0
    if whole and not limits.takes_bytes(size) and limits.max_bytes is not None:
        counted = limits.counted(size)
        return MediaTooLarge(
            f"{pdf!r}: {counted:,} {limits.unit}, at most {limits.max_bytes:,}", limit=limits.max_bytes, actual=counted
        )
    return None


def _allowed(pdf: PDF, fit: Fit, over: MediaTooLarge | None, locked: bool, chosen: bool) -> None:
    """Raise where the document may not be changed, or not be split."""
    if over is not None and (fit.strict or not fit.split):
        why = "it may not be changed (strict)" if fit.strict else "it may not be split (split=False)"
        way = "choose pages with Fit(pages='1-3,7'), or allow Fit(split=True)"
        raise MediaTooLarge(f"{over.problem}, and {why}: {way}", limit=over.limit, actual=over.actual)
    if fit.strict and (locked or chosen):
        asked = "password=" if locked else "pages="
        raise UnsupportedMedia(
            f"{pdf!r}: {asked} makes another document, and strict mode forbids that: use mode='auto'"
        )


# ── new documents ────────────────────────────────────────────────────────────────────────────────


def _decrypted(pdf: PDF, document: Any) -> bytes:
    buffer = BytesIO()
    try:
        with LOCK:
            document.save(buffer, flags=need("pypdfium2.raw").FPDF_REMOVE_SECURITY)
    except need("pypdfium2").PdfiumError as error:
        raise UnreadableMedia(f"{pdf!r} is damaged: it cannot be written anew") from error
    return buffer.getvalue()


def _split(pdf: PDF, document: Any, pages: tuple[int, ...], limits: Limits, fit: Fit) -> Iterator[bytes]:
    """The pages as documents within the limits, in order."""
    most = limits.max_pages or len(pages)
    for start in range(0, len(pages), most):
        yield from _within(pdf, document, pages[start : start + most], limits, fit)


def _within(pdf: PDF, document: Any, pages: tuple[int, ...], limits: Limits, fit: Fit) -> Iterator[bytes]:
    data = _extract(pdf, document, pages)
    if limits.max_bytes is None or limits.takes_bytes(len(data)):
        yield data
        return
    counted = limits.counted(len(data))
    what = f"page {pages[0] + 1}" if len(pages) == 1 else f"the {len(pages):,} pages chosen"
    if len(pages) == 1 or not fit.split:
        raise MediaTooLarge(
            f"{pdf!r}: {what}: {counted:,} {limits.unit}, at most {limits.max_bytes:,}: "
            + (
                "leave it out with Fit(pages=…), or send it as a picture"
                if len(pages) == 1
                else "allow Fit(split=True)"
            ),
            limit=limits.max_bytes,
            actual=counted,
        )
    pieces = min(-(-counted // limits.max_bytes), len(pages))
    bounds = [len(pages) * piece // pieces for piece in range(pieces + 1)]
    for first, last in pairwise(bounds):
        yield from _within(pdf, document, pages[first:last], limits, fit)


def _extract(pdf: PDF, document: Any, pages: tuple[int, ...]) -> bytes:
    pdfium = need("pypdfium2")
    buffer = BytesIO()
    with LOCK:
        part = pdfium.PdfDocument.new()
        try:
            if document.formenv:
                for page in pages:
                    _flatten(document, page)
            part.import_pages(document, list(pages))
            part.save(buffer)
        except pdfium.PdfiumError as error:
            raise UnreadableMedia(f"{pdf!r} is damaged: its pages cannot be taken out") from error
        finally:
            part.close()
    return buffer.getvalue()


def _flatten(document: Any, number: int) -> None:
    """Make print of the form fields of a page: they would stay behind."""
    page = document[number]
    try:
        page.flatten()
    finally:
        page.close()


def _report(
    pdf: PDF,
    parts: list[bytes],
    notes: tuple[Change, ...],
    fit: Fit,
    *,
    count: int,
    pages: int,
    over: MediaTooLarge | None,
    locked: bool,
) -> Fitted:
    tags = [""] if len(parts) == 1 else [f"-part{number}" for number in range(1, len(parts) + 1)]
    media = marked_last([made(PDF, pdf, data, MIME, tag=tag) for data, tag in zip(parts, tags, strict=True)])
    before, after = Facts.of(pdf, pages=count), Facts.of(*media, pages=pages)
    changes = list(notes)
    if locked:
        changes.append(Change("decrypted", "it was locked, and the password was given", before, after))
    if pages != count or fit.pages is not None:
        changes.append(Change("pages selected", f"pages={fit.pages!r} was asked for", before, after))
    if len(parts) > 1:
        why = over.problem.partition(": ")[2] if over else "the pages chosen are over the limit on bytes"
        changes.append(Change("split", why, before, after))
    elif not locked and fit.pages is None and over is not None:
        changes.append(Change("re-encoded", over.problem.partition(": ")[2], before, after))
    return Fitted(media, tuple(changes))


# ── pictures and text ────────────────────────────────────────────────────────────────────────────


def rasterise(pdf: PDF, limits: Limits, fit: Fit = Fit.AUTO) -> Fitted:
    """A picture of each chosen page, at `fit.raster_dpi` or as large as the limits on pictures allow.

    Raises:
        UnreadableMedia: it is locked, damaged, or without pages.
        UnsupportedMedia: strict mode.
        MediaTooLarge: more pages than become pictures.
        MediaError: `pages` names none.
        MissingExtra: pypdfium2 or Pillow is not installed.
    """
    if fit.strict:
        raise UnsupportedMedia(
            f"{pdf!r}: PDF is not taken, and it may not be made pictures (strict): fit='auto' does that"
        )
    images: list[Image] = []
    size = (0, 0)
    with opened(pdf, fit.password) as document:
        with LOCK:
            count = len(document)
        pages = selected(fit.pages, count, repr(pdf))
        if len(pages) > MAX_RASTERISED:
            raise MediaTooLarge(
                f"{pdf!r}: {len(pages):,} pages, at most {MAX_RASTERISED} become pictures: choose with Fit(pages=…)",
                limit=MAX_RASTERISED,
                actual=len(pages),
            )
        for page in pages:
            written = encode(_drawn(pdf, document, page, limits, fit), limits, fit)
            size = written.pixels
            images.append(made(Image, pdf, written.data, written.media_type, tag=f"-page{page + 1}"))
    media = marked_last(images)
    why = f"PDF is not taken here: {len(pages)} of {count} pages, at {fit.raster_dpi} dpi or as the limits allow"
    change = Change("rasterised", why, Facts.of(pdf, pages=count), Facts.of(*media, pixels=size, pages=len(pages)))
    return Fitted(media, (*type_by_content(pdf), change))


def _drawn(pdf: PDF, document: Any, number: int, limits: Limits, fit: Fit) -> Picture:
    pdfium = need("pypdfium2")
    need("PIL.Image")
    with LOCK:
        try:
            page = document[number]
            try:
                scale = _scale(page.get_size(), limits, fit)
                bitmap = page.render(scale=scale)
            finally:
                page.close()
        except pdfium.PdfiumError as error:
            raise UnreadableMedia(f"{pdf!r}: page {number + 1} is damaged") from error
        try:
            pixels = bitmap.to_pil().convert("RGB").copy()
        finally:
            bitmap.close()
    return Picture(pixels, lossy=False)


def _scale(points: tuple[float, float], limits: Limits, fit: Fit) -> float:
    """Pixels a point, such that the page, whose sides pdfium rounds up, is within the limits."""
    side = min(fit.max_side or MAX_SIDE, MAX_SIDE)
    scale = min(fit.raster_dpi / POINTS, side / max(*points, 1.0))
    wished = max(round(points[0] * scale), 1), max(round(points[1] * scale), 1)
    scale *= min(1.0, within(wished, limits, side)[0] / wished[0])
    while scale > 1e-6:
        size = max(ceil(points[0] * scale), 1), max(ceil(points[1] * scale), 1)
        if limits.takes_size(*size) and max(size) <= side:
            break
        scale *= 0.995
    return scale


def text_of(pdf: PDF, fit: Fit = Fit.AUTO) -> str:
    """The text layer of the chosen pages, with a form feed between pages.

    Raises:
        UnreadableMedia: it is locked, damaged, or has no text: a scan.
        MediaError: `pages` names none.
        MissingExtra: pypdfium2 is not installed.
    """
    with opened(pdf, fit.password) as document:
        with LOCK:
            count = len(document)
        texts = [_text(pdf, document, page) for page in selected(fit.pages, count, repr(pdf))]
    if not any(text.strip() for text in texts):
        raise UnreadableMedia(f"{pdf!r} has no text layer: it is a scan, or empty. Send it as pictures")
    return "\f".join(texts)


def as_text(pdf: PDF, fit: Fit = Fit.AUTO) -> Fitted:
    """The text layer as a document, for those that take neither PDF nor pictures. Raises as `text_of` does.

    Raises:
        UnsupportedMedia: strict mode.
    """
    if fit.strict:
        raise UnsupportedMedia(f"{pdf!r}: PDF is not taken, and it may not be made text (strict): fit='auto' does that")
    text = made(Document, pdf, text_of(pdf, fit).encode(), "text/plain")
    why = "neither PDF nor pictures are taken here: what is drawn on its pages is left out"
    return Fitted((text,), (*type_by_content(pdf), Change("text extracted", why, Facts.of(pdf), Facts.of(text))))


def _text(pdf: PDF, document: Any, number: int) -> str:
    pdfium = need("pypdfium2")
    with LOCK:
        try:
            page = document[number]
            try:
                if document.formenv:
                    page.flatten()
                    page.close()
                    page = document[number]
                layer = page.get_textpage()
                text: str = layer.get_text_bounded()
                layer.close()
            finally:
                page.close()
        except pdfium.PdfiumError as error:
            raise UnreadableMedia(f"{pdf!r}: page {number + 1} is damaged") from error
    return text.replace("\r\n", "\n").replace("\ufffe", "-")
