"""Drawn check boxes: ticked, crossed, empty, askew, in grain; and squares that are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from instructor.providers.embedded.ocr import SIGN, ocr
from instructor.providers.embedded.read import read
from instructor.providers.embedded.rows import Quad
from instructor.providers.embedded.ticks import Tick, ticks, without
from tests.unit.embedded_read import paint

EXAMPLES = Path(__file__).parents[3] / "examples"
SIZE = (700, 260)
SIDE, LEFT, TEXT = 26, 60, 104
ROWS = (50, 110, 170)
LABELS = ("Newsletter", "Repairs wanted", "Spare parts")

Pen = ImageDraw.ImageDraw
Drawn = Callable[[Pen, int, int], None]


def crossed(pen: Pen, x: int, y: int) -> None:
    empty(pen, x, y)
    pen.line((x + 5, y + 5, x + SIDE - 5, y + SIDE - 5), "black", 3)
    pen.line((x + 5, y + SIDE - 5, x + SIDE - 5, y + 5), "black", 3)


def ticked(pen: Pen, x: int, y: int) -> None:
    empty(pen, x, y)
    pen.line((x + 5, y + 13, x + 11, y + SIDE - 6, x + SIDE - 5, y + 5), "black", 3, joint="curve")


def empty(pen: Pen, x: int, y: int) -> None:
    pen.rectangle((x, y, x + SIDE, y + SIDE), outline="black", width=2)


def filled(pen: Pen, x: int, y: int) -> None:
    pen.rectangle((x, y, x + SIDE, y + SIDE), fill="black")


def open_below(pen: Pen, x: int, y: int) -> None:
    pen.line((x, y + SIDE, x, y, x + SIDE, y, x + SIDE, y + SIDE), "black", 2)


def wide(pen: Pen, x: int, y: int) -> None:
    pen.rectangle((x - 24, y, x + SIDE, y + SIDE), outline="black", width=2)


def ring(pen: Pen, x: int, y: int) -> None:
    pen.ellipse((x, y, x + SIDE, y + SIDE), outline="black", width=2)


def bullet(pen: Pen, x: int, y: int) -> None:
    pen.ellipse((x + 8, y + 8, x + 18, y + 18), fill="black")


def small_square(pen: Pen, x: int, y: int) -> None:
    pen.rectangle((x + 9, y + 9, x + 17, y + 17), outline="black")


def letter(sign: str, bold: int = 0) -> Drawn:
    def drawn(pen: Pen, x: int, y: int) -> None:
        font = ImageFont.load_default(size=30)
        pen.text((x, y - 6), sign, font=font, fill="black", stroke_width=bold)

    return drawn


def form(*boxes: Drawn, labels: tuple[str, ...] = LABELS) -> Image.Image:
    """A line for each label, with what is drawn before it."""
    image = Image.new("RGB", SIZE, "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=26)
    for drawn, label, y in zip(boxes, labels, ROWS, strict=False):
        drawn(pen, LEFT, y)
        pen.text((TEXT, y - 3), label, font=font, fill="black")
    return image


def noisy(image: Image.Image) -> Image.Image:
    grain = np.random.default_rng(3).normal(0, 10, (*image.size[::-1], 3))
    return Image.fromarray(np.clip(70 + np.asarray(image) * 0.57 + grain, 0, 255).astype(np.uint8))


def seen(image: Image.Image) -> list[str]:
    return [row.text for row in ocr(image).rows]


def signs(image: Image.Image) -> list[str]:
    """The boxes that were read, in reading order."""
    return [char for text in seen(image) for char in text if char in SIGN.values()]


BOXES = form(crossed, ticked, empty)
EXPECTED = ["☑ Newsletter", "☑ Repairs wanted", "☐ Spare parts"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda image: image, id="straight"),
        pytest.param(lambda image: paint.turned(image, 3), id="tilted"),
        pytest.param(lambda image: paint.turned(image, -3), id="tilted back"),
        pytest.param(lambda image: paint.turned(image, 180), id="on its head"),
        pytest.param(noisy, id="noise"),
        pytest.param(lambda image: image.resize((420, 156), Image.Resampling.BICUBIC), id="small"),
    ],
)
def test_boxes_are_read_before_their_text(change: Callable[[Image.Image], Image.Image]) -> None:
    assert seen(change(BOXES)) == EXPECTED


NO_BOXES: dict[str, Drawn] = {
    "filled": filled,
    "open": open_below,
    "oblong": wide,
    "ring": ring,
    "bullet": bullet,
    "too small": small_square,
    **{f"letter {sign}": letter(sign) for sign in "OD0QBH8"},
    **{f"bold {sign}": letter(sign, 1) for sign in "OD0"},
}


@pytest.mark.parametrize("name", NO_BOXES)
@pytest.mark.parametrize("degrees", [0, 3])
def test_what_is_no_check_box(name: str, degrees: int) -> None:
    image = form(*3 * [NO_BOXES[name]])
    turned = image.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor="white", center=(LEFT, ROWS[1]))
    assert ticks(sheet(turned), LINES) == ()


@pytest.mark.parametrize(
    "names", [("filled", "open", "oblong"), ("ring", "bullet", "bold D"), ("letter O", "letter D", "bold 0")]
)
def test_no_sign_is_written_for_what_is_no_check_box(names: tuple[str, str, str]) -> None:
    assert signs(form(*(NO_BOXES[name] for name in names))) == []


def test_words_of_round_letters_hold_no_boxes() -> None:
    image = form(bullet, bullet, bullet, labels=("DODO 0000 ODD", "OO DD 00 QQ", "free DOOR 808"))
    assert signs(image) == []


def test_cells_of_a_table_are_no_check_boxes() -> None:
    image = Image.new("RGB", SIZE, "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=22)
    for row in range(4):
        for column in range(6):
            x, y = 40 + 34 * column, 40 + 34 * row
            pen.rectangle((x, y, x + 34, y + 34), outline="black", width=2)
            if column % 2:
                pen.text((x + 11, y + 3), str(row + column), font=font, fill="black")
        pen.text((264, 44 + 34 * row), "Games won", font=font, fill="black")
    assert signs(image) == []


def test_a_square_far_from_any_text_is_none() -> None:
    image = form(bullet)
    empty(ImageDraw.Draw(image), 600, 200)
    assert signs(image) == []


@pytest.mark.parametrize(("name", "media_type"), [("receipt.png", "image/png"), ("badge.png", "image/png")])
def test_no_boxes_on_the_samples(name: str, media_type: str) -> None:
    reading = read((EXAMPLES / name).read_bytes(), media_type)
    assert not set(reading.text) & set(SIGN.values())


def test_no_boxes_on_the_drawn_invoice() -> None:
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument((EXAMPLES / "invoice.pdf").read_bytes())
    assert signs(document[0].render(scale=2).to_pil().convert("RGB")) == []
    document.close()


# ── the sheet alone ──────────────────────────────────────────────────────────────────────────────


def upright(left: float, top: float, right: float, bottom: float) -> Quad:
    return (left, top), (right, top), (right, bottom), (left, bottom)


def sheet(image: Image.Image) -> np.ndarray:
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


LINES = tuple(upright(TEXT, y - 3, TEXT + 200, y + SIDE + 3) for y in ROWS)


def test_a_box_is_where_it_is_drawn_and_says_whether_it_is_ticked() -> None:
    found = sorted(ticks(sheet(BOXES), LINES), key=lambda tick: tick.quad[0][1])
    assert [tick.ticked for tick in found] == [True, True, False]
    for tick, y in zip(found, ROWS, strict=True):
        for (x0, y0), (x1, y1) in zip(tick.quad, upright(LEFT, y, LEFT + SIDE, y + SIDE), strict=True):
            assert abs(x0 - x1) <= 3
            assert abs(y0 - y1) <= 3


def test_painting_over_leaves_paper_and_the_text() -> None:
    before = sheet(BOXES)
    after = without(before, ticks(before, LINES))
    assert (after[:, : TEXT - 8] == 255).all()
    assert (after[:, TEXT:] == before[:, TEXT:]).all()
    assert (before[ROWS[0] : ROWS[0] + SIDE, LEFT : LEFT + SIDE] != 255).any()


def test_without_text_there_is_no_box() -> None:
    assert ticks(sheet(BOXES), ()) == ()
    assert ticks(sheet(Image.new("RGB", (80, 40), "white")), LINES[:1]) == ()


def test_nothing_to_paint_over_leaves_the_sheet_as_it_is() -> None:
    before = sheet(BOXES)
    assert (without(before, ()) == before).all()
    assert (without(before, (Tick(False, upright(-40, -40, -10, -10)),)) == before).all()
