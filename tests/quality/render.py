"""Pages of marks to media: a PDF with its text layer, a picture of its pages, a PDF of scanned pages."""

from __future__ import annotations

import ctypes
import io
import time
from collections.abc import Iterator, Sequence

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
import zxingcpp
from PIL import Image

from .marks import Box, Code, Colour, Mark, Page, Rule, Text

_EPOCH = time.gmtime(0)
_SHIFT = {"left": 0.0, "centre": 0.5, "right": 1.0}


def pdf(pages: Sequence[Page]) -> bytes:
    """A PDF whose text can be selected."""
    document = pdfium.PdfDocument.new()
    for page in pages:
        sheet = document.new_page(page.width, page.height)
        _rect(sheet, Box(0, 0, page.width, page.height, page.paper, None), page.height)
        for mark in page.marks:
            _draw(document, sheet, mark, page.height)
        sheet.gen_content()
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


def picture(page: Page, scale: float) -> Image.Image:
    """The page as pixels, `scale` pixels per point."""
    document = pdfium.PdfDocument(pdf([page]))
    image: Image.Image = document[0].render(scale=scale).to_pil().convert("RGB")
    document.close()
    return image


def scan(images: Sequence[Image.Image], dpi: float) -> bytes:
    """A PDF that holds only pictures of pages."""
    buffer = io.BytesIO()
    first, *rest = images
    first.save(
        buffer,
        "PDF",
        save_all=True,
        append_images=rest,
        resolution=dpi,
        quality=80,
        creationDate=_EPOCH,
        modDate=_EPOCH,
    )
    return buffer.getvalue()


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def jpeg(image: Image.Image, quality: int = 88) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _draw(document: pdfium.PdfDocument, sheet: pdfium.PdfPage, mark: Mark, height: float) -> None:
    match mark:
        case Text():
            _text(document, sheet, mark, height)
        case Rule():
            _rule(sheet, mark, height)
        case Box():
            _rect(sheet, mark, height)
        case Code():
            for module in _modules(mark):
                _rect(sheet, module, height)


def _text(document: pdfium.PdfDocument, sheet: pdfium.PdfPage, mark: Text, height: float) -> None:
    if not mark.text:
        return
    font = raw.FPDFText_LoadStandardFont(document.raw, mark.font.encode())
    item = raw.FPDFPageObj_CreateTextObj(document.raw, font, mark.size)
    units = ctypes.create_string_buffer((mark.text + "\0").encode("utf-16-le"))
    raw.FPDFText_SetText(item, ctypes.cast(units, ctypes.POINTER(raw.FPDF_WCHAR)))
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    x = mark.x - _SHIFT[mark.align] * (right.value + left.value)
    raw.FPDFPageObj_SetFillColor(item, *mark.colour, 255)
    raw.FPDFPageObj_Transform(item, 1, 0, 0, 1, x, height - mark.y)
    raw.FPDFPage_InsertObject(sheet.raw, item)


def _rule(sheet: pdfium.PdfPage, mark: Rule, height: float) -> None:
    item = raw.FPDFPageObj_CreateNewPath(mark.x0, height - mark.y0)
    raw.FPDFPath_LineTo(item, mark.x1, height - mark.y1)
    _stroke(item, mark.colour, mark.width)
    raw.FPDFPath_SetDrawMode(item, raw.FPDF_FILLMODE_NONE, 1)
    raw.FPDFPage_InsertObject(sheet.raw, item)


def _rect(sheet: pdfium.PdfPage, mark: Box, height: float) -> None:
    item = raw.FPDFPageObj_CreateNewRect(mark.x0, height - mark.y1, mark.x1 - mark.x0, mark.y1 - mark.y0)
    fill = raw.FPDF_FILLMODE_NONE
    if mark.fill is not None:
        raw.FPDFPageObj_SetFillColor(item, *mark.fill, 255)
        fill = raw.FPDF_FILLMODE_WINDING
    if mark.stroke is not None:
        _stroke(item, mark.stroke, mark.width)
    raw.FPDFPath_SetDrawMode(item, fill, mark.stroke is not None)
    raw.FPDFPage_InsertObject(sheet.raw, item)


def _stroke(item: object, colour: Colour, width: float) -> None:
    raw.FPDFPageObj_SetStrokeColor(item, *colour, 255)
    raw.FPDFPageObj_SetStrokeWidth(item, width)


def _modules(mark: Code) -> Iterator[Box]:
    """The dark modules of a code as filled rectangles, runs in a row joined."""
    symbol = zxingcpp.create_barcode(mark.text, zxingcpp.barcode_format_from_str(mark.format))
    dark = np.array(zxingcpp.write_barcode_to_image(symbol, scale=1, add_quiet_zones=False)) < 128
    if mark.height is not None:
        dark = dark[:1]
    step = mark.width / dark.shape[1]
    tall = step if mark.height is None else mark.height
    for row, cells in enumerate(dark):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], cells.astype(np.int8), [0]))))
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            top = mark.y + row * tall
            yield Box(mark.x + float(start) * step, top, mark.x + float(stop) * step, top + tall, (0, 0, 0), None)
