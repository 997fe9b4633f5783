"""PDFs: text layers, scans, and what cannot be opened."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from instructor.providers.embedded import documents
from instructor.providers.embedded.read import Unreadable, read
from instructor.providers.embedded.reading import Code, Reading
from tests.unit.embedded_read import paint
from tests.unit.embedded_read.paint import shown

INVOICE = "\n".join(
    [
        shown(300, 700, "$42.50"),  # drawn first, stands last
        shown(72, 700, "Amount due"),
        shown(72, 740, "Invoice number:"),
        shown(300, 740, "INV-2024-017"),
        shown(72, 660, "Net 30 days"),
    ]
)


@pytest.fixture
def no_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "ocr", lambda *a, **k: pytest.fail("the text layer was not used"))


def got(reading: Reading) -> list[list[str]]:
    return [[word.text for word in row.words] for row in reading.rows]


EXPECTED = [["Invoice number:", "INV-2024-017"], ["Amount due", "$42.50"], ["Net 30 days"]]


@pytest.mark.usefixtures("no_ocr")
def test_a_text_layer_gives_rows_of_cells_in_the_order_of_the_eye() -> None:
    reading = read(paint.pdf(INVOICE), "application/pdf")
    assert got(reading) == EXPECTED
    assert (reading.kind, reading.pages, reading.unread, reading.width) == ("pdf", 1, (), None)
    left, top, right, bottom = reading.rows[0].words[0].box
    assert abs(left - 72) < 2
    assert top < 792 - 740 < bottom
    assert 140 < right < 180


@pytest.mark.usefixtures("no_ocr")
@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_boxes_are_those_of_the_page_as_shown(rotate: int) -> None:
    # text drawn so that it stands upright on the rotated page
    matrix = {90: "0 1 -1 0 300 72", 180: "-1 0 0 -1 540 300", 270: "0 -1 1 0 300 720"}[rotate]
    content = f"q {matrix} cm {shown(0, 0, 'Upper')} {shown(0, -40, 'Lower')} {shown(120, 0, 'Right')} Q"
    reading = read(paint.pdf(content, rotate=rotate), "application/pdf")
    assert got(reading) == [["Upper", "Right"], ["Lower"]]


@pytest.mark.usefixtures("no_ocr")
def test_a_crop_box_elsewhere_moves_the_boxes_along() -> None:
    (row,) = read(paint.pdf(shown(1010, 2050, "Here"), box="1000 2000 1200 2100"), "application/pdf").rows
    left, top, _, bottom = row.words[0].box
    assert abs(left - 10) < 2
    assert top < 50 < bottom


def test_pages_are_numbered_and_one_without_text_is_looked_at() -> None:
    scan = paint.encoded(paint.receipt(), "PDF", resolution=100)
    whole = pypdfium2.PdfDocument(paint.pdf(INVOICE))
    with pypdfium2.PdfDocument(scan) as other:
        whole.import_pages(other)
    buffer = io.BytesIO()
    whole.save(buffer)
    whole.close()
    reading = read(buffer.getvalue(), "application/pdf")
    assert got(reading) == EXPECTED + paint.cells(paint.RECEIPT)
    assert [row.page for row in reading.rows] == [1] * 3 + [2] * 6
    assert reading.pages == 2
    cappuccino = reading.rows[6].words[1]
    assert abs(cappuccino.box[0] - 160 * 72 / 100) < 8  # points, not pixels


def test_a_stamp_on_a_scan_does_not_pass_for_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    page = [("S", (0.0, 0.0, 5.0, 5.0))] * 10
    assert documents._usable(page, pictured=0.0)
    assert not documents._usable(page, pictured=0.9)


def test_a_font_without_letters_is_not_a_text_layer() -> None:
    box = (0.0, 0.0, 5.0, 5.0)
    assert not documents._usable([("\ue001", box)] * 40 + [("a", box)] * 10, pictured=0.0)
    assert not documents._usable([(" ", box)] * 40, pictured=0.0)


def test_codes_in_a_pdf() -> None:
    code = zxingcpp.create_barcode("INV-2024-017", zxingcpp.BarcodeFormat.QRCode)
    image = Image.new("RGB", (600, 600), "white")
    image.paste(Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=10))), (80, 80))
    reading = read(paint.encoded(image, "PDF", resolution=100), "application/pdf")
    assert reading.codes == (Code("QRCode", "INV-2024-017", page=1),)
    assert reading.rows == ()


def test_filled_form_fields_count_as_text() -> None:
    field = (
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Maria Lopez) /Rect [200 695 400 715] /F 4 "
        "/DA (/F1 12 Tf 0 g) /P 4 0 R /AP << /N 7 0 R >> >>"
    )
    look = "/Tx BMC q BT /F1 12 Tf 2 5 Td (Maria Lopez) Tj ET Q EMC"
    stream = (
        "<< /Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 3 0 R >> >> "
        f"/Length {len(look)} >>\nstream\n{look}\nendstream"
    )
    data = paint.pdf(shown(72, 700, "Name"))
    data = data[: data.rfind(b"xref\n0")]
    data = data.replace(b"/Type /Catalog", b"/Type /Catalog /AcroForm << /Fields [6 0 R] >>")
    data = data.replace(b"/Rotate 0", b"/Rotate 0 /Annots [6 0 R]")
    data += f"6 0 obj\n{field}\nendobj\n7 0 obj\n{stream}\nendobj\n".encode()
    data += b"trailer\n<< /Size 8 /Root 1 0 R >>\n%%EOF\n"  # no table: the reader rebuilds it
    assert got(read(data, "application/pdf")) == [["Name", "Maria Lopez"]]


def locked() -> bytes:
    """A PDF whose encryption dictionary asks for a password that is not the empty one."""
    data = paint.pdf(shown(72, 700, "secret"))
    guard = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'28' * 32}> /U <{'ab' * 32}> >> /ID [<00><00>] "
    return data.replace(b"/Root 1 0 R", guard.encode() + b"/Root 1 0 R")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7\nnothing follows", "not a PDF, or the PDF is damaged"),
        (b"plain words", "not a PDF, or the PDF is damaged"),
        (locked(), "locked with a password"),
        (paint.pdf(), "has no pages"),
    ],
    ids=["empty", "cut off", "garbage", "locked", "no pages"],
)
def test_unreadable_pdfs(data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read(data, "application/pdf")


def test_a_huge_page_is_not_drawn_at_full_resolution() -> None:
    pdf = pypdfium2.PdfDocument(paint.pdf("", box="0 0 14400 14400"))
    with pdf:
        assert max(documents._raster(pdf[0]).size) <= documents.MAX_SIDE


def test_threads_may_read_at_the_same_time() -> None:
    data = paint.pdf(INVOICE)
    with ThreadPoolExecutor(8) as pool:
        readings = list(pool.map(lambda _: got(read(data, "application/pdf")), range(24)))
    assert readings == [EXPECTED] * 24
