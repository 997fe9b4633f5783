"""`instructor inspect`."""

from __future__ import annotations

import io
import json
import struct
import sys
import wave
import zlib
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image as Pillow

from instructor.cli import measure as measuring
from instructor.cli.measure import Measures, measure
from instructor.cli.sources import of_content
from instructor.providers import _registry
from instructor.testing import Loopback

from .conftest import Fake, Run


@pytest.fixture(autouse=True)
def three_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever others there are."""
    monkeypatch.setattr(_registry, "names", lambda: ("anthropic", "embedded", "openai"))


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(3 * width) for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def picture(format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Pillow.new("RGB", (31, 17), "red").save(stream, format, **options)
    return stream.getvalue()


def wav(seconds: float, rate: int = 8000) -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(int(seconds * rate) * 4))
    return stream.getvalue()


def pdf(pages: int) -> bytes:
    document = pdfium.PdfDocument.new()
    for _ in range(pages):
        document.new_page(100, 100).close()
    stream = io.BytesIO()
    document.save(stream)
    document.close()
    return stream.getvalue()


# ── measures ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("PNG", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True, "comment": b"x" * 60000}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0" + bytes(100)}),
    ],
)
def test_pictures(format: str, options: dict[str, object]) -> None:
    assert measure(of_content(picture(format, **options))) == Measures(width=31, height=17)


def test_pictures_without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    other = of_content(picture("TIFF"))
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert measure(of_content(png(5, 7))) == Measures(width=5, height=7)
    assert measure(other) == Measures(width=31, height=17)


def test_others() -> None:
    assert measure(of_content(wav(1.5))) == Measures(seconds=1.5)
    assert measure(of_content(pdf(3))) == Measures(pages=3)
    assert measure(of_content(b"some text")) == Measures()


@pytest.mark.parametrize(
    "data",
    [
        png(5, 7)[:20],
        b"GIF89a\x01",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\xff\xd8\xff\xe0\x00\x00" + b"\xff\xe0\x00\x00" * 5000,
        b"\xff\xd8\xff" + b"\xff" * 5000,
        b"RIFF\x10\0\0\0WEBPVP8X",
        b"RIFF\x40\0\0\0WEBPVP9X" + bytes(40),
        b"RIFF\x10\0\0\0WAVE",
        b"RIFF\x10\0\0\0WAVE" + b"junk\0\0\0\0" * 5000,
        b"RIFF\x10\0\0\0WAVEdata\x04\0\0\0\0\0\0\0",
        b"%PDF-1.7\nbroken",
    ],
)
def test_damage_is_a_note(data: bytes) -> None:
    found = measure(of_content(data))
    assert found.note
    assert found == Measures(note=found.note)


def test_a_recording_whose_header_promises_too_much() -> None:
    data = bytearray(wav(1.0))
    at = data.index(b"data") + 4
    data[at : at + 4] = b"\xff\xff\xff\xff"
    assert measure(of_content(bytes(data))) == Measures(seconds=1.0)


def test_every_reader_is_bounded() -> None:
    assert measuring.MAX_CHUNKS < 10_000


# ── the command ──────────────────────────────────────────────────────────────────────────────────


def test_for_people(run: Run, desk: Path) -> None:
    (desk / "scan.png").write_bytes(pdf(2))
    size = (desk / "scan.png").stat().st_size
    result = run("inspect", "scan.png")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.rstrip() for line in result.stdout.splitlines()] == [
        "scan.png",
        "is        PDF, application/pdf",
        "but       its name says image/png",
        f"size      {size:,} bytes, 2 pages",
        "tokens    3,000 to 9,136 anthropic/claude-haiku-4-5",
        "tokens    3,000 to 15,568 anthropic/claude-opus-5-5",
        "tokens    1,120 gemini/gemini-3-flash",
        "taken by  anthropic, embedded, openai",
        "",
    ]


def test_for_programs(run: Run, desk: Path) -> None:
    (desk / "a.png").write_bytes(png(5, 7))
    found = json.loads(run("inspect", "a.png", "--json").stdout)
    providers = found.pop("providers")
    assert found.pop("tokens") == {
        "anthropic/claude-haiku-4-5": 1,
        "anthropic/claude-opus-5-5": 1,
        "gemini/gemini-3-flash": 1120,
        "openai/gpt-4o-mini": 8500,
        "openai/gpt-5.6-sol": 2,
    }
    assert found == {
        "kind": "Image",
        "media_type": "image/png",
        "bytes": len(png(5, 7)),
        "width": 5,
        "height": 7,
    }
    assert providers == {name: {"takes": True} for name in ("anthropic", "embedded", "openai")}


def test_who_does_not_take_it_says_why(run: Run, desk: Path, fake: Fake) -> None:
    (desk / "a.wav").write_bytes(wav(0.5))
    (desk / "b.bmp").write_bytes(b"BM" + bytes(4) + bytes(4) + bytes(4) + b"\x28\0\0\0" + struct.pack("<ii", 4, -3))
    result = run("inspect", "a.wav", "b.bmp", "--json")
    sound, bitmap = (each["result"] for each in json.loads(result.stdout))
    assert sound["seconds"] == 0.5
    assert sound["providers"]["anthropic"] == {"takes": False, "why": "takes no Audio, only Image, PDF, Document"}
    assert sound["providers"]["openai"] == sound["providers"]["fake"] == {"takes": True}
    assert (bitmap["width"], bitmap["height"]) == (4, 3)
    assert bitmap["providers"]["openai"]["why"].startswith("openai takes no image/bmp")
    shown = run("inspect", "a.wav").stdout
    assert "taken by  embedded, fake, openai" in shown
    assert "not by    anthropic: takes no Audio, only Image, PDF, Document" in shown
    (desk / "c.flv").write_bytes(b"FLV\x01" + bytes(64))
    assert "taken by  nobody, as it is" in run("inspect", "c.flv").stdout


def test_standard_input_and_failures(run: Run, desk: Path) -> None:
    (desk / "empty.png").write_bytes(b"")
    result = run("inspect", "-", "empty.png", "absent.pdf", "--json", stdin=png(2, 3))
    assert result.exit_code == 1
    [(label, found)] = [(each["file"], each["result"]) for each in json.loads(result.stdout)]
    assert (label, found["width"], found["height"]) == ("-", 2, 3)
    assert result.stderr == "empty.png: 'empty.png' is empty\nabsent.pdf: No such file or directory\n"


def test_an_address_is_judged_by_its_content(run: Run, desk: Path) -> None:
    with Loopback() as server:
        url = server.files("/picture.jpg", png(2, 3), "image/jpeg")
        found = json.loads(run("inspect", url, "--json", "--allow-private-hosts").stdout)
    assert (found["media_type"], found["declared"], found["width"]) == ("image/png", "image/jpeg", 2)
