"""Pictures, PDFs and recordings made on the spot for the tests of the reading half."""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Sequence
from functools import cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

Cell = tuple[int, str]

RECEIPT: tuple[tuple[Cell, ...], ...] = (
    ((250, "CORNER CAFE"),),
    ((60, "Date: 2024-03-15"), (500, "Time: 14:32")),
    ((60, "Qty"), (160, "Item"), (640, "Price")),
    ((60, "2"), (160, "Cappuccino"), (640, "$7.00")),
    ((60, "1"), (160, "Blueberry muffin"), (640, "$3.25")),
    ((60, "TOTAL"), (640, "$10.25")),
)


def cells(page: Sequence[Sequence[Cell]]) -> list[list[str]]:
    return [[text for _, text in row] for row in page]


def draw(
    page: Sequence[Sequence[Cell]], size: tuple[int, int] = (800, 480), *, points: int = 28, step: int = 64
) -> Image.Image:
    """Black on white, a row every `step` pixels."""
    image = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=points)
    for number, row in enumerate(page):
        for x, text in row:
            pen.text((x, 40 + number * step), text, font=font, fill="black")
    return image


@cache
def receipt() -> Image.Image:
    return draw(RECEIPT)


def turned(image: Image.Image, degrees: float) -> Image.Image:
    return image.rotate(degrees, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def pdf(*contents: str, rotate: int = 0, box: str = "0 0 612 792") -> bytes:
    """A PDF with one page per content stream; fonts /F1 (Helvetica)."""
    count = len(contents)
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for i, content in enumerate(contents):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Rotate {rotate} "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * i} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    return (
        out + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{out.rfind(b'xref')}\n%%EOF\n".encode()
    )


def shown(x: float, y: float, text: str, size: int = 12) -> str:
    """PDF operators that show `text` with its baseline at x, y (from the bottom left)."""
    return f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET"


def wav(frames: bytes, *, rate: int = 16_000, channels: int = 1, bits: int = 16, format: int = 1) -> bytes:
    block = channels * bits // 8
    head = struct.pack("<HHIIHH", format, channels, rate, rate * block, block, bits)
    if format == 0xFFFE:
        head += struct.pack("<HHIH14s", 22, bits, 0, 1, bytes(14))
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(frames)) + frames
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tone(seconds: float, *, rate: int = 16_000, pitch: float = 440.0) -> bytes:
    samples = (round(9000 * math.sin(2 * math.pi * pitch * i / rate)) for i in range(int(seconds * rate)))
    return b"".join(struct.pack("<h", sample) for sample in samples)
