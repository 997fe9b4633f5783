"""PDFs, by pypdfium2: the text layer of each page, or the page as a picture where it has none.

    bytes ──open──→ pages ──characters──→ enough honest text? ──yes─→ words ──rows──→ rows of cells
                                                            └──no──→ raster at DPI ──ocr──→ rows
                       └── pictures or drawings on the page ──→ raster ──→ QR and bar codes

Boxes are in points from the top left of the page as shown (crop box and rotation applied). Filled form fields
count as text. pdfium is not thread-safe: everything that touches it holds one lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import byref, c_int
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...fit._pdfium import LOCK
from ...values import dataclass
from .codes import codes
from .ocr import doubts, ocr
from .reading import Box, Code, Reading, Row, Word
from .rows import rows
from .unreadable import Unreadable, need

if TYPE_CHECKING:
    from PIL.Image import Image

DPI = 200
MAX_SIDE = 3000
"""Longest side in pixels of a page as a picture, whatever the page claims to measure."""
HONEST = 0.8
"""Share of readable characters that makes a text layer usable; fonts without a Unicode map fall below."""
STAMP = 24
"""A text layer shorter than this, on a page that is mostly one picture, is a stamp on a scan."""
COVERED = 0.5
"""Share of the page that a picture covers to count as a scan."""
DRAWN = 40
"""So many drawn paths may be a code; rules and boxes of a table are fewer."""
CELL = 0.6
"""A gap wider than this share of the line's height parts two cells; spaces between words are narrower."""


REFUSALS: tuple[tuple[str, str], ...] = (
    ("FPDF_ERR_PASSWORD", "the PDF is locked with a password; save a copy without one"),
    ("FPDF_ERR_SECURITY", "the PDF is encrypted in a way that cannot be opened"),
)
"""What pdfium's error codes mean, for a file that is encrypted: for others the code may be that of an earlier one."""
DAMAGED = "the bytes are not a PDF, or the PDF is damaged or has no pages"


@dataclass(frozen=True, slots=True)
class Page:
    """One page as pdfium gave it: its words, and its picture where it has to be looked at."""

    number: int
    words: tuple[Word, ...]
    picture: Image | None
    is_scan: bool


def read_pdf(data: bytes, media_type: str) -> Reading:
    """The rows and codes of every page of a PDF."""
    if not data:
        raise Unreadable("the PDF is empty: it has no bytes")
    found: list[Row] = []
    coded: list[Code] = []
    unread: list[str] = []
    count = 0
    for page in _pages(data):
        count += 1
        marks = codes(page.picture, page.number) if page.picture else ()
        coded += [mark.code for mark in marks]
        if page.is_scan and page.picture:
            seen = ocr(page.picture, page=page.number, cover=[mark.corners for mark in marks])
            found += _in_points(seen.rows, page.picture)
            unread += doubts(seen, page.number)
        else:
            found += cells(rows(page.words, page.number))
    return Reading(
        kind="pdf",
        media_type=media_type,
        bytes=len(data),
        rows=tuple(found),
        codes=tuple(coded),
        pages=count,
        unread=tuple(unread),
    )


def cells(found: tuple[Row, ...]) -> Iterator[Row]:
    """The rows with neighbouring words joined to cells, as an eye would."""
    for row in found:
        joined: list[Word] = []
        for word in row.words:
            if joined and word.box[0] - joined[-1].box[2] <= CELL * (word.box[3] - word.box[1]):
                joined[-1] = _join(joined[-1], word)
            else:
                joined.append(word)
        yield replace(row, words=tuple(joined))


def _join(a: Word, b: Word) -> Word:
    box = (a.box[0], min(a.box[1], b.box[1]), max(a.box[2], b.box[2]), max(a.box[3], b.box[3]))
    return Word(f"{a.text} {b.text}", box, min(a.confidence, b.confidence))


def _in_points(found: tuple[Row, ...], picture: Image) -> Iterator[Row]:
    scale = 72 / float(picture.info["dpi"][0])
    for row in found:
        yield replace(row, words=tuple(replace(word, box=_scaled(word.box, scale)) for word in row.words))


def _scaled(box: Box, scale: float) -> Box:
    return box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale


# ── pdfium ───────────────────────────────────────────────────────────────────────────────────────


def _pages(data: bytes) -> Iterator[Page]:
    """The pages, each read under the lock; between pages the lock is free."""
    pdfium = need("pypdfium2")
    with LOCK:
        pdf = _open(data)
    try:
        for index in range(len(pdf)):
            try:
                with LOCK:
                    page = _page(pdf, index)
            except pdfium.PdfiumError as error:
                raise Unreadable(f"page {index + 1} of the PDF is damaged") from error
            yield page
    finally:
        with LOCK:
            pdf.close()


def _open(data: bytes) -> Any:
    pdfium, raw = need("pypdfium2"), need("pypdfium2.raw")
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        refusals = {getattr(raw, code): sentence for code, sentence in REFUSALS if b"/Encrypt" in data}
        raise Unreadable(refusals.get(error.err_code, DAMAGED)) from error
    if not len(pdf):
        pdf.close()
        raise Unreadable(DAMAGED)
    if pdf.get_formtype():
        pdf.init_forms()
    return pdf


def _page(pdf: Any, index: int) -> Page:
    page = pdf[index]
    try:
        if pdf.formenv:
            page.flatten()
            page.close()
            page = pdf[index]
        text = page.get_textpage()
        letters = list(_letters(page, text))
        text.close()
        pictured, drawn = _contents(page)
        is_scan = not _usable(letters, pictured)
        look = is_scan or pictured or drawn > DRAWN
        picture = _raster(page) if look else None
        return Page(index + 1, tuple(_words(letters)), picture, is_scan)
    finally:
        page.close()


def _contents(page: Any) -> tuple[float, int]:
    """The share of the page that its largest picture covers, and the number of paths drawn on it."""
    raw = need("pypdfium2.raw")
    area = page.get_width() * page.get_height() or 1.0
    largest, paths = 0.0, 0
    for thing in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH)):
        if thing.type == raw.FPDF_PAGEOBJ_PATH:
            paths += 1
        else:
            left, bottom, right, top = thing.get_bounds()
            largest = max(largest, (right - left) * (top - bottom) / area)
    return largest, paths


def _usable(letters: list[tuple[str, Box]], pictured: float) -> bool:
    text = [letter for letter, _ in letters if not letter.isspace()]
    honest = sum(letter.isprintable() and not _is_private(letter) for letter in text)
    stamped = pictured > COVERED and len(text) < STAMP
    return bool(text) and honest >= HONEST * len(text) and not stamped


def _is_private(letter: str) -> bool:
    return letter == "\ufffd" or "\ue000" <= letter <= "\uf8ff"


def _raster(page: Any) -> Image:
    """The page as a picture, whose resolution stands in `info["dpi"]`."""
    side = max(page.get_width(), page.get_height()) or 1.0
    scale = min(DPI / 72, MAX_SIDE / side)
    bitmap = page.render(scale=scale)
    image: Image = bitmap.to_pil().convert("RGB")
    bitmap.close()
    image.info["dpi"] = (scale * 72, scale * 72)
    return image


def _letters(page: Any, text: Any) -> Iterator[tuple[str, Box]]:
    """Every character with its box on the page as shown. Spaces that pdfium infers have no box of their own."""
    raw = need("pypdfium2.raw")
    size = (page.get_width(), page.get_height())
    for index in range(text.count_chars()):
        letter = chr(raw.FPDFText_GetUnicode(text, index))
        if letter == "\x02":  # pdfium's sign for a hyphen at the end of a line
            letter = "-"
        left, bottom, right, top = text.get_charbox(index, loose=True)
        a, b = _shown(page, size, left, top), _shown(page, size, right, bottom)
        yield letter, (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))


FINE = 100
"""pdfium maps to whole device units: hundredths of a point are fine enough."""


def _shown(page: Any, size: tuple[float, float], x: float, y: float) -> tuple[float, float]:
    raw = need("pypdfium2.raw")
    to_x, to_y = c_int(), c_int()
    raw.FPDF_PageToDevice(page, 0, 0, round(size[0] * FINE), round(size[1] * FINE), 0, x, y, byref(to_x), byref(to_y))
    return to_x.value / FINE, to_y.value / FINE


def _words(letters: list[tuple[str, Box]]) -> Iterator[Word]:
    """Runs of letters: broken at white space, and where the next letter stands elsewhere."""
    run: list[tuple[str, Box]] = []
    for letter, box in letters:
        blank = letter.isspace() or not letter.isprintable() or _is_private(letter)
        if run and (blank or not _follows(run[-1][1], box)):
            yield _word(run)
            run = []
        if not blank:
            run.append((letter, box))
    if run:
        yield _word(run)


def _follows(a: Box, b: Box) -> bool:
    high = a[3] - a[1]
    return -0.5 * high <= b[0] - a[2] <= CELL * high and abs((a[1] + a[3]) - (b[1] + b[3])) <= high


def _word(run: list[tuple[str, Box]]) -> Word:
    boxes = [box for _, box in run]
    box = (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )
    return Word("".join(letter for letter, _ in run), box)
