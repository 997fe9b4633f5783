"""What is damaged, locked or empty is refused before anything is sent; what is merely odd passes. And what could not be
looked at is said."""

from __future__ import annotations

import io
import logging
import struct
import sys
from collections.abc import Callable

import pytest
from PIL import Image as Pillow
from PIL import ImageOps, PngImagePlugin

from instructor import PDF, Audio, Fit, Image, Media, Video
from instructor.errors import MediaError, MediaTooLarge, MissingExtra, UnreadableMedia, UnsupportedMedia
from instructor.fit import Fitted
from instructor.fit.recordings import refuse_silent
from instructor.media import whole
from instructor.settle import say_once
from tests import media
from tests.unit.fit.pdfs import pdf
from tests.unit.fit.pictures import exif, image, photo

TAKER = {Image: "openai/gpt-6", PDF: "openai/gpt-6", Audio: "gemini/gemini-3", Video: "gemini/gemini-3"}
"""Kind → a model that takes it."""


def sent(medium: Media, fit: object = None) -> Fitted:
    return medium.fit(TAKER[type(medium)], fit)  # type: ignore[return-value]


def wav_of(*chunks: tuple[bytes, bytes], pad: bool = True) -> bytes:
    body = b"WAVE"
    for name, data in chunks:
        body += name + struct.pack("<I", len(data)) + data + (b"\0" if pad and len(data) % 2 else b"")
    return b"RIFF" + struct.pack("<I", len(body)) + body


FORM = struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16)
SOUND = bytes(range(200)) * 4
NO_PAGES = media.paper().replace(b"/Count 1", b"/Count 0").replace(b"/Kids [4 0 R]", b"/Kids []     ")


def tag(size: int) -> bytes:
    """An ID3 tag with a frame of so many bytes, such as a picture."""
    body = b"APIC" + struct.pack(">I", size) + b"\0\0" + bytes(size)
    length = len(body)
    return b"ID3\x03\0\0" + bytes([length >> 21 & 127, length >> 14 & 127, length >> 7 & 127, length & 127]) + body


DAMAGED: dict[str, tuple[type[Media], Callable[[], bytes], str]] = {
    "png, no header": (Image, lambda: media.PNG[:8] + bytes(64), "damaged|cut off"),
    "png, cut": (Image, lambda: media.PNG[:-20], "cut off"),
    "png of no size": (Image, lambda: media.PNG[:16] + bytes(8) + media.PNG[24:], "claims 0×0"),
    "jpeg, no frame": (Image, lambda: b"\xff\xd8\xff\xe0" + bytes(64), "damaged|cut off"),
    "jpeg, cut": (Image, lambda: media.picture("JPEG", (200, 200))[:-30], "cut off"),
    "gif, no frame": (Image, lambda: b"GIF89a" + bytes(64), "no frame"),
    "webp, cut": (Image, lambda: media.picture("WEBP", (200, 200))[:-30], "cut off"),
    "webp, no frame": (Image, lambda: b"RIFF\x40\0\0\0WEBPVP9 " + bytes(64), "no frame"),
    "tiff, no pages": (Image, lambda: b"II*\0" + bytes(64), "damaged"),
    "heic, no picture": (Image, lambda: b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(64), "damaged"),
    "pdf, nothing in it": (PDF, lambda: b"%PDF-1.7\n" + bytes(64), "damaged"),
    "pdf, cut": (PDF, lambda: media.paper(*"abcdef")[:-300], "damaged|cut off"),
    "pdf, locked": (PDF, lambda: pdf(1, password="secret"), r"locked with a password: pass Fit\(password=…\)"),
    "pdf, no pages": (PDF, lambda: NO_PAGES, "has no pages"),
    "wav, no samples": (Audio, lambda: wav_of((b"fmt ", FORM), (b"data", b"")), "no sound"),
    "wav, no data": (Audio, lambda: wav_of((b"fmt ", FORM)), "no sound"),
    "wav, garbage": (Audio, lambda: b"RIFF\x24\0\0\0WAVEfmt " + bytes(64), "damaged|cut off"),
    "wav, no form": (Audio, lambda: wav_of((b"data", SOUND)), "nothing says how"),
    "wav, no channels": (Audio, lambda: wav_of((b"fmt ", bytes(16)), (b"data", SOUND)), "0 channels"),
    "wav, cut": (Audio, lambda: media.WAV[:-100], "cut off"),
    "mp3, only a tag": (Audio, lambda: tag(300), "no sound"),
    "mp3, a tag and noise": (Audio, lambda: tag(300) + bytes(range(1, 128)) * 50, "no frame of sound"),
    "flac, no frames": (Audio, lambda: b"fLaC\x80\0\0\x22" + bytes(34), "no sound|nothing says how"),
    "flac, garbage": (Audio, lambda: b"fLaC" + bytes(64), "no sound|nothing says how"),
    "ogg, only headers": (Audio, lambda: media.OGG[: media.OGG.rindex(b"OggS")], "no sound"),
    "m4a, no description": (Audio, lambda: media.M4A.replace(b"moov", b"free"), "no moov"),
    "aiff, no samples": (Audio, lambda: b"FORM\0\0\0\x24AIFFCOMM\0\0\0\x12" + bytes(18), "nothing says how|no sound"),
    "amr, only its mark": (Audio, lambda: b"#!AMR\n", "no sound"),
    "mp4, garbage": (Video, lambda: b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(64), "no moov"),
    "webm, no cluster": (Video, lambda: media.WEBM[: media.WEBM.index(b"\x1f\x43\xb6\x75")], "no content"),
    "avi, no film": (Video, lambda: media.film("avi").replace(b"movi", b"junk"), "no frame"),
}


@pytest.mark.parametrize(("kind", "make", "words"), DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("fit", ["auto", "strict"])
def test_damage_is_refused(kind: type[Media], make: Callable[[], bytes], words: str, fit: str) -> None:
    medium = kind.from_bytes(make())
    untaken = fit == "strict" and medium.media_type in ("image/tiff", "image/heic", "audio/mp4", "audio/amr")
    with pytest.raises(MediaError, match="takes no" if untaken else words) as caught:
        sent(medium, fit)
    assert isinstance(caught.value, UnsupportedMedia if untaken else UnreadableMedia)


@pytest.mark.parametrize(
    ("kind", "make", "words"), [row for row in DAMAGED.values() if row[0] in (Image, Audio, Video)],
    ids=[name for name, row in DAMAGED.items() if row[0] in (Image, Audio, Video)],
)  # fmt: skip
def test_no_library_is_needed_to_see_it(
    kind: type[Media], make: Callable[[], bytes], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    medium = kind.from_bytes(make())
    for name in ("PIL", "PIL.Image", "av", "pypdfium2", "pillow_heif"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UnreadableMedia, match=words):
        sent(medium)


# ── odd, and whole ───────────────────────────────────────────────────────────────────────────────


def animation(format: str) -> bytes:
    stream = io.BytesIO()
    frames = [Pillow.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(stream, format, save_all=True, append_images=frames[1:], duration=50)
    return stream.getvalue()


def chatty_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "x" * 100_000)
    stream = io.BytesIO()
    Pillow.new("I;16", (8, 8), 40_000).save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


def updated_pdf() -> bytes:
    """A page written anew behind the end of the document, as editors do."""
    first = media.paper("before")
    start = int(first.rsplit(b"startxref\n", 1)[1].split()[0])
    body = b"4 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 90] /Contents 5 0 R >>\nendobj\n"
    table = f"xref\n4 1\n{len(first):010d} 00000 n \ntrailer\n<< /Size 6 /Root 1 0 R /Prev {start} >>\n".encode()
    return first + body + table + f"startxref\n{len(first) + len(body)}\n%%EOF\n".encode()


def mp3() -> bytes:
    return media.MP3


ODD: dict[str, tuple[type[Media], Callable[[], bytes]]] = {
    "progressive jpeg": (Image, lambda: media.picture("JPEG", (60, 40), progressive=True)),
    "cmyk jpeg": (Image, lambda: media.picture("JPEG", (60, 40), "CMYK")),
    "grey jpeg": (Image, lambda: media.picture("JPEG", (60, 40), "L")),
    "jpeg heavy with exif": (Image, lambda: image(photo(), "JPEG", exif=exif(6), comment=b"y" * 60_000).read()),
    "jpeg with fill bytes": (Image, lambda: media.picture("JPEG").replace(b"\xff\xdb", b"\xff\xff\xff\xdb", 1)),
    "jpeg with bytes between its segments": (Image, lambda: media.picture("JPEG").replace(b"\xff\xdb", b"\0\0\xff\xdb", 1)),
    "jpeg with a film behind it": (Image, lambda: media.picture("JPEG") + bytes(200_000)),
    "mpo": (Image, lambda: media.picture("MPO")),
    "16-bit png with much text": (Image, chatty_png),
    "apng": (Image, lambda: animation("PNG")),
    "png with bytes behind it": (Image, lambda: media.PNG + b"\0" * 1000),
    "one-bit png": (Image, lambda: media.picture("PNG", mode="1")),
    "palette png": (Image, lambda: media.picture("PNG", mode="P")),
    "animated gif": (Image, lambda: animation("GIF")),
    "gif without a trailer": (Image, lambda: media.picture("GIF")[:-1]),
    "animated webp": (Image, lambda: animation("WEBP")),
    "webp, lossless": (Image, lambda: media.picture("WEBP", mode="RGBA", lossless=True)),
    "bmp": (Image, lambda: media.picture("BMP")),
    "tiff of two pages": (Image, lambda: animation("TIFF")),
    "pdf behind junk": (PDF, lambda: media.paper(before=b"HTTP/1.1 200 OK\r\nserver: x\r\n\r\n")),
    "pdf before junk": (PDF, lambda: media.paper() + b"\n<!-- cached -->" * 50),
    "pdf, changed later": (PDF, updated_pdf),
    "pdf with a wrong startxref": (PDF, lambda: media.paper().replace(b"startxref\n", b"startxref\n9")),
    "pdf encrypted without a password": (PDF, lambda: pdf(1, password="")),
    "wav with other chunks": (Audio, lambda: wav_of((b"JUNK", bytes(27)), (b"bext", bytes(602)), (b"fmt ", FORM),
                                                    (b"LIST", b"INFOISFT\x04\0\0\0abc\0"), (b"data", SOUND),
                                                    (b"id3 ", bytes(9)))),
    "wav without padding": (Audio, lambda: wav_of((b"LIST", bytes(27)), (b"fmt ", FORM), (b"data", SOUND), pad=False)),
    "wav of a length that nobody filled in": (Audio, lambda: media.WAV.replace(struct.pack("<I", 3200), b"\xff" * 4, 1)),
    "wav of the extensible form": (Audio, lambda: wav_of(
        (b"fmt ", struct.pack("<HHIIHH", 0xFFFE, 1, 16_000, 32_000, 2, 16) + struct.pack("<HHI", 22, 16, 4)
         + b"\1\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"), (b"data", SOUND))),
    "mp3 with large art": (Audio, lambda: tag(400_000) + mp3()),
    "mp3 with two tags": (Audio, lambda: tag(100) + tag(30) + mp3()),
    "mp3 behind zeros": (Audio, lambda: tag(50) + bytes(5000) + mp3()),
    "mp3 before a tag": (Audio, lambda: mp3() + b"TAG" + bytes(125)),
    "flac behind a tag": (Audio, lambda: media.FLAC),
    "opus": (Audio, lambda: media.OGG),
    "aac in adts": (Audio, lambda: media.recording("adts", "aac", 0.3)),
    "m4a in pieces": (Audio, lambda: media.M4A),
    "mp4": (Video, lambda: media.MP4),
    "mov": (Video, lambda: media.film("mov")),
    "mkv": (Video, lambda: media.MKV),
    "avi": (Video, lambda: media.film("avi")),
    "flv": (Video, lambda: media.film("flv", "flv")),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "make"), ODD.values(), ids=ODD)
def test_what_is_odd_passes(kind: type[Media], make: Callable[[], bytes]) -> None:
    medium = kind.from_bytes(make())
    whole(medium)
    refuse_silent(medium)
    assert sent(medium).media


@pytest.mark.parametrize(("kind", "make"), [row for row in ODD.values() if row[0] is PDF],
                         ids=[name for name, row in ODD.items() if row[0] is PDF])  # fmt: skip
def test_odd_documents_pass_without_the_library(
    kind: type[Media], make: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    content = make()
    medium = kind.from_bytes(content)
    if b"/Encrypt" in content:
        with pytest.raises(MissingExtra, match=r"pypdfium2.*encrypted"):
            sent(medium)
        return
    (change,) = sent(medium).changes
    assert change.what == "not checked"
    assert "pypdfium2 is not installed" in change.why


# ── what could not be looked at ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("content", [b"%PDF-1.7\n" + bytes(64), b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"])
def test_a_torn_document_is_seen_without_the_library(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(UnreadableMedia, match="damaged: it has no trailer"):
        sent(PDF.from_bytes(content))


def without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name == "PIL" or name.startswith("PIL.")]:
        monkeypatch.setitem(sys.modules, name, None)


def test_without_pillow_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = Image.from_bytes(media.picture("PNG", (9000, 2)))
    without_pillow(monkeypatch)
    with pytest.raises(MissingExtra, match=r"pillow.*9,000 pixels on its longer side, at most 8,000"):
        wide.fit("anthropic")


def test_without_pillow_no_place_leaves_and_the_rest_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    turned, placed = (image(photo(), "JPEG", exif=exif(6, place=place)) for place in (False, True))
    without_pillow(monkeypatch)
    fitted = turned.fit("anthropic")
    assert fitted.medium is turned
    assert not fitted.changed
    assert "left as it is" in str(fitted.changes[0])
    assert "pillow is not installed" in str(fitted.changes[0])
    with pytest.raises(MissingExtra, match="the place where it was taken"):
        placed.fit("anthropic")


def test_a_wish_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = Audio.from_bytes(media.WAV)
    monkeypatch.setitem(sys.modules, "av", None)
    assert sent(recording).medium is recording
    with pytest.raises(MissingExtra, match="av"):
        sent(recording, Fit(start=0.01))


def test_what_is_left_undone_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    say_once.cache_clear()
    with caplog.at_level(logging.WARNING, logger="instructor"):
        say_once("PDF: not checked (x)")
        say_once("PDF: not checked (x)")
    assert [record.message for record in caplog.records] == ["PDF: not checked (x)"]


def test_bombs_are_refused_by_their_header() -> None:
    bomb = media.PNG[:16] + struct.pack(">II", 60_000, 60_000) + media.PNG[24:]
    with pytest.raises(MediaTooLarge, match="3,600,000,000 pixels"):
        Image.from_bytes(bomb).fit("anthropic")


def test_a_picture_upright_is_not_touched() -> None:
    upright = Image.from_bytes(media.picture("JPEG", (40, 20)))
    assert upright.fit("anthropic").medium is upright
    turned = image(photo(40, 20), "JPEG", exif=exif(6)).fit("anthropic").medium
    assert ImageOps.exif_transpose(Pillow.open(io.BytesIO(turned.read()))).size == (20, 40)
