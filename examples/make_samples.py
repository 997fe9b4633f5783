"""Draws the samples of this folder: `python examples/make_samples.py [FOLDER]`.

    receipt.png   a till receipt lying on a desk
    invoice.pdf   a one-page invoice with a text layer
    badge.png     a conference badge with a QR code

All three begin as a small PDF written here in the standard faces, so no font files are needed; the pictures are
rasters of it. Nothing is random: the same versions of the libraries give the same bytes.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pypdfium2 as pdfium
import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter

FOLDER = Path(__file__).parent

Colour = tuple[int, int, int]
Align = Literal["left", "right", "centre"]
Face = Literal["sans", "bold", "mono", "monobold"]

INK: Colour = (32, 34, 40)
GREY: Colour = (112, 117, 126)
TEAL: Colour = (13, 92, 99)
SAND: Colour = (244, 239, 230)
LINE: Colour = (208, 212, 218)
WHITE: Colour = (255, 255, 255)
CORAL: Colour = (232, 93, 68)
DESK: Colour = (236, 236, 232)

FONTS: dict[Face, str] = {
    "sans": "Helvetica",
    "bold": "Helvetica-Bold",
    "mono": "Courier",
    "monobold": "Courier-Bold",
}
# Advance widths of ASCII 32 … 126 in thousandths of the size, from the faces' published metrics.
SANS_WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
BOLD_WIDTHS = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 1072, 722, 722, 722, 722, 667, 611, 778, 722, 278,
    556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584,
    556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556,
    333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip


def width(text: str, size: float, face: Face) -> float:
    """How far the text runs; signs outside ASCII (€) count as a digit."""
    table = {"sans": SANS_WIDTHS, "bold": BOLD_WIDTHS}.get(face)
    units = (table[ord(c) - 32] if ord(c) < 127 else 556 for c in text) if table else (600 for _ in text)
    return sum(units) * size / 1000


class Sheet:
    """One page's drawing operators. Points, origin top left."""

    def __init__(self, wide: float, tall: float) -> None:
        self.wide, self.tall = wide, tall
        self.operators: list[str] = []

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 10,
        face: Face = "sans",
        align: Align = "left",
        colour: Colour = INK,
    ) -> None:
        x -= {"left": 0.0, "right": 1.0, "centre": 0.5}[align] * width(text, size, face)
        quoted = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        self.operators.append(
            f"BT {_rgb(colour)} rg /{face} {size:g} Tf {x:.2f} {self.tall - y:.2f} Td ({quoted}) Tj ET"
        )

    def box(self, x: float, y: float, wide: float, tall: float, colour: Colour) -> None:
        self.operators.append(f"{_rgb(colour)} rg {x:.2f} {self.tall - y - tall:.2f} {wide:.2f} {tall:.2f} re f")

    def qr(self, x: float, y: float, side: float, content: str) -> None:
        code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode)
        dark = np.array(zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False)) < 128
        step = side / len(dark)
        for row, column in np.argwhere(dark).tolist():
            self.box(x + column * step, y + row * step, step, step, (0, 0, 0))

    def pdf(self, title: str) -> bytes:
        """A PDF 1.4 file of this one page."""
        content = "\n".join(self.operators).encode("cp1252")
        fonts = " ".join(f"/{face} {number} 0 R" for number, face in enumerate(FONTS, 6))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {self.wide:g} {self.tall:g}] /Contents 4 0 R "
            f"/Resources << /Font << {fonts} >> >> >>".encode(),
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
            f"<< /Title ({title}) >>".encode(),
            *(
                f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()
                for name in FONTS.values()
            ),
        ]
        return _file(objects)

    def picture(self, scale: float) -> Image.Image:
        document = pdfium.PdfDocument(self.pdf(""))
        image: Image.Image = document[0].render(scale=scale).to_pil().convert("RGB")
        document.close()
        return image


def _rgb(colour: Colour) -> str:
    return " ".join(f"{part / 255:.3g}" for part in colour)


def _file(objects: Sequence[bytes]) -> bytes:
    """Objects 1 … n (the catalog first, the information fifth), their table of offsets, and the trailer."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def invoice() -> bytes:
    sheet = Sheet(595, 842)
    sheet.box(0, 0, 595, 96, TEAL)
    sheet.text(48, 50, "Lakeside Print Works", 22, "bold", colour=WHITE)
    sheet.text(48, 70, "Quay Street 18, Galway, Ireland", 9.5, colour=(205, 226, 228))
    sheet.text(547, 56, "INVOICE", 24, "bold", "right", WHITE)
    facts = [
        ("Invoice number", "LPW-2025-0384"),
        ("Issue date", "12 May 2025"),
        ("Due date", "11 June 2025"),
    ]
    for row, (label, value) in enumerate(facts):
        sheet.text(350, 136 + 19 * row, label, 10, colour=GREY)
        sheet.text(547, 136 + 19 * row, value, 10, "bold", "right")
    sheet.text(48, 136, "Bill to", 10, colour=GREY)
    sheet.text(48, 155, "Northwind Bookshop Ltd", 12, "bold")
    for row, line in enumerate(["4 Chapel Lane", "Cork T12 W8KP", "Ireland"]):
        sheet.text(48, 172 + 14 * row, line, 10)
    bottom = _items(sheet, 240)
    totals = [("Subtotal", "€1,171.00"), ("VAT 23%", "€269.33")]
    for row, (label, value) in enumerate(totals):
        sheet.text(360, bottom + 28 + 20 * row, label, 10, colour=GREY)
        sheet.text(539, bottom + 28 + 20 * row, value, 10, align="right")
    sheet.box(350, bottom + 60, 197, 30, SAND)
    sheet.text(360, bottom + 80, "Total due", 12, "bold")
    sheet.text(539, bottom + 80, "€1,440.33", 12, "bold", "right")
    sheet.text(48, 720, "Payment", 10, "bold")
    sheet.text(48, 737, "IBAN  IE29 AIBK 9311 5212 3456 78", 10)
    sheet.text(48, 752, "Please quote the invoice number. Thank you for printing with us!", 10, colour=GREY)
    sheet.box(48, 790, 499, 0.7, LINE)
    sheet.text(48, 808, "Lakeside Print Works is registered in Ireland.", 8, colour=GREY)
    sheet.text(547, 808, "Page 1 of 1", 8, align="right", colour=GREY)
    return sheet.pdf("Invoice LPW-2025-0384")


def _items(sheet: Sheet, top: float) -> float:
    """The invoice's table; returns where it ends."""
    edges: list[tuple[float, Align]] = [(56, "left"), (350, "right"), (440, "right"), (539, "right")]
    rows = [
        ("Softcover book, 160 pages", "120", "€6.40", "€768.00"),
        ("Bookmarks, laminated", "500", "€0.18", "€90.00"),
        ("Poster A2, matte", "25", "€7.20", "€180.00"),
        ("Layout and proofing", "2", "€48.50", "€97.00"),
        ("Delivery", "1", "€36.00", "€36.00"),
    ]
    sheet.box(48, top, 499, 24, SAND)
    for (x, align), header in zip(edges, ["Description", "Quantity", "Unit price", "Amount"], strict=True):
        sheet.text(x, top + 16, header, 10, "bold", align)
    for number, cells in enumerate(rows, 1):
        for (x, align), cell in zip(edges, cells, strict=True):
            sheet.text(x, top + 16 + 26 * number, cell, 10, align=align)
        sheet.box(48, top + 25 + 26 * number, 499, 0.6, LINE)
    return top + 26 * (len(rows) + 1)


def receipt() -> bytes:
    sheet = Sheet(290, 470)
    sheet.text(145, 46, "MAPLE & RYE", 20, "monobold", "centre")
    for row, line in enumerate(["Bakery and Coffee", "31 Alder Street, Burlington VT", "Tel 802-555-0117"]):
        sheet.text(145, 66 + 14 * row, line, 9.5, "mono", "centre")
    sheet.text(24, 126, "Date: 2025-05-09", 10, "mono")
    sheet.text(266, 126, "08:42", 10, "mono", "right")
    _dashes(sheet, 140)
    sheet.text(24, 158, "Qty", 10, "monobold")
    sheet.text(60, 158, "Description", 10, "monobold")
    sheet.text(266, 158, "Amount", 10, "monobold", "right")
    items = [
        ("2", "Cappuccino", "9.00"),
        ("1", "Rye loaf, sliced", "7.50"),
        ("3", "Almond croissant", "13.50"),
        ("1", "Orange juice", "4.25"),
    ]
    for row, (quantity, description, amount) in enumerate(items):
        sheet.text(24, 180 + 18 * row, quantity, 10, "mono")
        sheet.text(60, 180 + 18 * row, description, 10, "mono")
        sheet.text(266, 180 + 18 * row, amount, 10, "mono", "right")
    _dashes(sheet, 250)
    for row, (label, value) in enumerate([("Subtotal", "$34.25"), ("Tax 6%", "$2.06")]):
        sheet.text(24, 272 + 18 * row, label, 10, "mono")
        sheet.text(266, 272 + 18 * row, value, 10, "mono", "right")
    sheet.text(24, 318, "TOTAL", 15, "monobold")
    sheet.text(266, 318, "$36.31", 15, "monobold", "right")
    _dashes(sheet, 334)
    sheet.text(24, 356, "Payment method", 10, "mono")
    sheet.text(266, 356, "Visa", 10, "mono", "right")
    sheet.text(24, 374, "Card", 10, "mono")
    sheet.text(266, 374, "**** **** **** 2217", 10, "mono", "right")
    sheet.text(145, 412, "Thank you, come again!", 10, "mono", "centre")
    return _png(_on_desk(sheet.picture(2.2)))


def _dashes(sheet: Sheet, y: float) -> None:
    for step in range(31):
        sheet.box(24 + 8 * step, y, 4, 0.8, GREY)


def _on_desk(paper: Image.Image) -> Image.Image:
    """The slip with torn ends, slightly turned, with its shadow on a plain surface."""
    wide, tall = paper.size
    shape = Image.new("L", paper.size, 0)
    teeth = range(0, wide + 1, 14)
    top = [(x, 8 * (number % 2)) for number, x in enumerate(teeth)]
    bottom = [(x, tall - 8 * (number % 2)) for number, x in enumerate(teeth)]
    ImageDraw.Draw(shape).polygon([*top, *reversed(bottom)], fill=255)
    slip = ImageChops.multiply(paper, Image.new("RGB", paper.size, (252, 250, 245)))
    slip = slip.rotate(1.2, Image.Resampling.BICUBIC, expand=True)
    shape = shape.rotate(1.2, Image.Resampling.BICUBIC, expand=True)
    desk = Image.new("RGB", (slip.width + 110, slip.height + 90), (214, 203, 186))
    shadow = Image.new("L", desk.size, 0)
    shadow.paste(shape.point(lambda level: level * 110 // 255), (63, 55))
    desk.paste((70, 60, 48), mask=shadow.filter(ImageFilter.GaussianBlur(9)))
    desk.paste(slip, (55, 45), shape)
    return desk


def badge() -> bytes:
    sheet = Sheet(300, 420)
    sheet.box(0, 0, 300, 104, TEAL)
    sheet.box(125, 14, 50, 9, DESK)
    sheet.text(150, 60, "Open Data Summit 2025", 21, "bold", "centre", WHITE)
    sheet.text(150, 84, "Lisbon, 18 - 20 September", 11, "sans", "centre", (205, 226, 228))
    sheet.text(150, 160, "Amina Castellan", 29, "bold", "centre")
    for row, (label, value) in enumerate([("Role", "Research Engineer"), ("Company", "Tidewater Maps")]):
        sheet.text(62, 198 + 24 * row, label, 12, colour=GREY)
        sheet.text(128, 198 + 24 * row, value, 14)
    sheet.qr(100, 250, 100, "https://opendata.example/p/amina-castellan")
    sheet.box(0, 372, 300, 48, CORAL)
    sheet.text(150, 403, "SPEAKER", 20, "bold", "centre", WHITE)
    picture = Image.new("RGB", (640, 880), DESK)
    picture.paste(sheet.picture(2), (20, 20))
    return _png(picture)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def samples() -> Iterator[tuple[str, bytes]]:
    """File names and their bytes."""
    yield "receipt.png", receipt()
    yield "invoice.pdf", invoice()
    yield "badge.png", badge()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in samples():
        (folder / name).write_bytes(data)
        print(f"{folder / name}: {len(data)} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
