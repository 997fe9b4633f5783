"""Text, codes and colours in pictures."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from instructor.providers.embedded.ocr import ocr
from instructor.providers.embedded.pictures import colours, pages
from instructor.providers.embedded.read import Unreadable, read, supported
from instructor.providers.embedded.reading import Code, Reading
from tests.unit.embedded_read import paint


def got(reading: Reading) -> list[list[str]]:
    return [[word.text for word in row.words] for row in reading.rows]


def seen(image: Image.Image, format: str = "PNG") -> Reading:
    return read(paint.encoded(image, format), f"image/{format.lower()}")


def test_rows_and_cells_in_reading_order_with_boxes_where_they_stand() -> None:
    data = paint.encoded(paint.receipt())
    reading = read(data, "image/png")
    assert got(reading) == paint.cells(paint.RECEIPT)
    assert (reading.kind, reading.media_type, reading.bytes) == ("image", "image/png", len(data))
    assert (reading.width, reading.height, reading.pages, reading.unread) == (800, 480, 1, ())
    for row, drawn in zip(reading.rows, paint.RECEIPT, strict=True):
        for word, (x, _) in zip(row.words, drawn, strict=True):
            assert abs(word.box[0] - x) < 12
            assert 15 < word.box[3] - word.box[1] < 60
            assert 0.72 <= word.confidence <= 1.0


@pytest.mark.parametrize("degrees", [90, 180, 270, 3, -6, 184])
def test_turned_and_tilted_pictures_read_as_upright_ones(degrees: int) -> None:
    assert got(seen(paint.turned(paint.receipt(), degrees))) == paint.cells(paint.RECEIPT)


def test_the_lines_of_a_photograph_fan_out_and_still_make_rows() -> None:
    # the inverse map: the right side is seen from nearer than the left
    fan = (0.94, 0.0, 0.0, -0.10, 1.02, 20.0, -0.00015, 0.0)
    photo = paint.receipt().transform(
        (800, 480), Image.Transform.PERSPECTIVE, fan, Image.Resampling.BICUBIC, fillcolor="white"
    )
    assert got(seen(photo)) == paint.cells(paint.RECEIPT)


def test_the_orientation_tag_is_obeyed() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held so that the picture must be turned clockwise
    data = paint.encoded(paint.turned(paint.receipt(), 90), "JPEG", exif=exif)
    reading = read(data, "image/jpeg")
    assert got(reading) == paint.cells(paint.RECEIPT)
    assert (reading.width, reading.height) == (800, 480)


def sixteen_bits(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image.convert("L")).astype("uint16") * 257)


def on_nothing(image: Image.Image, ink: str) -> Image.Image:
    sheet = Image.new("RGBA", image.size, (0, 0, 0, 0))
    sheet.paste(ink, mask=image.convert("L").point(lambda v: 255 - v))
    return sheet


@pytest.mark.parametrize(
    ("form", "format"),
    [
        (sixteen_bits, "PNG"),
        (lambda i: i.convert("P"), "GIF"),
        (lambda i: i.convert("CMYK"), "JPEG"),
        (lambda i: i.convert("1"), "TIFF"),
        (lambda i: i.convert("LA"), "PNG"),
        (lambda i: on_nothing(i, "black"), "PNG"),
        (lambda i: on_nothing(i, "white"), "WEBP"),
    ],
    ids=["16-bit", "palette", "cmyk", "bilevel", "grey+alpha", "black on nothing", "white on nothing"],
)
def test_modes_of_pixels(form: object, format: str) -> None:
    small = paint.draw(paint.RECEIPT[3:4], (800, 120))
    assert callable(form)
    assert got(seen(form(small), format)) == [["2", "Cappuccino", "$7.00"]]


def test_every_page_of_a_tiff_counts() -> None:
    first, second = paint.draw([[(40, "Alpha 11")]], (320, 120)), paint.draw([[(40, "Beta 22")]], (320, 120))
    reading = read(paint.encoded(first, "TIFF", save_all=True, append_images=[second]), "image/tiff")
    assert [(row.page, row.text) for row in reading.rows] == [(1, "Alpha 11"), (2, "Beta 22")]
    assert reading.pages == 2


def test_small_print_is_read() -> None:
    image = paint.draw(
        [[(8, "Role"), (90, "Engineer")], [(8, "ID No."), (90, "4471-B")]], (180, 90), points=11, step=20
    )
    assert got(seen(image)) == [["Role", "Engineer"], ["ID No.", "4471-B"]]


def test_two_columns_of_labels_and_values_stay_apart() -> None:
    form = [[(40, "Name"), (300, "Maria Lopez"), (620, "Desk"), (760, "17")], [(40, "Team"), (300, "Sales")]]
    assert got(seen(paint.draw(form, (900, 200)))) == paint.cells(form)


def test_what_cannot_be_read_is_left_out_and_counted() -> None:
    image = paint.draw([[(40, "Name")]], (700, 220))
    pen, random = ImageDraw.Draw(image), np.random.default_rng(2)
    path = [(200 + 7 * i, 130 + float(random.normal(0, 22))) for i in range(60)]
    pen.line(path, fill=(0, 0, 90), width=3, joint="curve")
    reading = seen(image)
    assert [row.text for row in reading.rows] == ["Name"]
    assert len(reading.unread) == 1
    assert "region" in reading.unread[0]
    assert "on page 1 could not be read with confidence" in reading.unread[0]


def test_a_blank_picture_has_no_rows() -> None:
    reading = seen(Image.new("RGB", (64, 64), "navy"))
    assert (reading.rows, reading.unread, reading.codes, reading.colours) == ((), (), (), ("blue",))


def test_codes_are_decoded_and_not_taken_for_letters() -> None:
    image = paint.draw([[(330, "Ticket 4471")]], (640, 420))
    for content, kind, at in [
        ("https://example.com/t/4471", "QRCode", (20, 20)),
        ("4006381333931", "EAN13", (330, 230)),
    ]:
        code = zxingcpp.create_barcode(content, getattr(zxingcpp.BarcodeFormat, kind))
        pixels = np.array(zxingcpp.write_barcode_to_image(code, scale=8 if kind == "QRCode" else 2))
        image.paste(Image.fromarray(pixels), at)
    reading = seen(image)
    assert reading.codes == (Code("QRCode", "https://example.com/t/4471"), Code("EAN13", "4006381333931"))
    assert [row.text for row in reading.rows] == ["Ticket 4471"]


def test_colours_by_area_and_no_more_than_four() -> None:
    image = Image.new("RGB", (100, 100), (20, 60, 200))
    pen = ImageDraw.Draw(image)
    for top, height, colour in [
        (0, 30, "white"),
        (30, 12, "red"),
        (42, 9, "black"),
        (51, 7, "green"),
        (58, 3, "yellow"),
    ]:
        pen.rectangle((0, top, 99, top + height - 1), fill=colour)
    assert colours(image) == ("blue", "white", "red", "black")
    pen.rectangle((0, 0, 99, 99), fill=(120, 70, 30))
    pen.rectangle((0, 0, 99, 2), fill="white")
    assert colours(image) == ("brown",)


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("orange", "orange"),
        ("#808080", "grey"),
        ("hotpink", "pink"),
        ("purple", "purple"),
        ("#f5f5dc", "beige"),
        ("gold", "yellow"),
    ],
)
def test_colour_names(colour: str, name: str) -> None:
    assert colours(Image.new("RGB", (10, 10), colour)) == (name,)


def bomb() -> bytes:
    """A PNG whose header claims 60000 x 60000 pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"not a picture at all", "not a picture of a known format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture of a known format"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "not a picture of a known format"),
        (bomb(), "megapixels"),
    ],
    ids=["empty", "garbage", "svg", "postscript", "bomb"],
)
def test_unreadable_pictures(data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read(data, "image/png")


def test_a_picture_just_over_the_limit_is_refused_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("instructor.providers.embedded.pictures.MAX_PIXELS", 99 * 100)
    monkeypatch.setattr(Image.Image, "convert", lambda *a, **k: pytest.fail("decoded"))
    with pytest.raises(Unreadable, match="100 x 100"):
        list(pages(paint.encoded(Image.new("RGB", (100, 100)))))


def test_a_picture_cut_off_in_the_middle_is_unreadable() -> None:
    data = paint.encoded(paint.receipt())
    with pytest.raises(Unreadable, match=r"scan\.png: the picture is damaged"):
        read(data[: len(data) // 2], "image/png", name="scan.png")


@pytest.mark.parametrize("kind", sorted(kind for kind in supported if kind.startswith("image/")))
def test_every_picture_type_that_is_named_can_be_read(kind: str) -> None:
    small = Image.new("RGB", (48, 32), "red")
    reading = read(paint.encoded(small, kind.removeprefix("image/").upper()), kind)
    assert (reading.width, reading.height, reading.colours) == (48, 32, ("red",))


def test_coordinates_are_those_of_the_original_when_the_sheet_is_scaled_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("instructor.providers.embedded.ocr.FULL", 400)
    (row,) = ocr(paint.draw([[(500, "TOTAL")]], (800, 160), points=48)).rows
    assert row.text == "TOTAL"
    assert abs(row.words[0].box[0] - 500) < 16


def test_nothing_is_printed_and_the_root_logger_is_left_alone(capfd: pytest.CaptureFixture[str]) -> None:
    import logging

    before = (list(logging.getLogger().handlers), logging.getLogger().level)
    seen(paint.receipt())
    assert capfd.readouterr() == ("", "")
    assert (list(logging.getLogger().handlers), logging.getLogger().level) == before
