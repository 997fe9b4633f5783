"""What header bytes tell, against what Pillow decodes."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import pillow_heif
import pytest
from PIL import Image as Pillow

from instructor.errors import UnreadableMedia
from instructor.fit.dimensions import dimensions
from instructor.fit.headers import STRIPPERS, read_header, stripped
from instructor.media import Image

from .pictures import corner, drawing, exif, image, photo, png, saved

FORMS: list[tuple[str, dict[str, Any]]] = [
    ("PNG", {}),
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("WEBP", {}),
    ("WEBP", {"lossless": True}),
    ("GIF", {}),
    ("BMP", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {"big_tiff": True}),
    ("AVIF", {}),
]
SIZES = [(1, 1), (301, 200), (64, 1000)]


@pytest.mark.parametrize(("form", "options"), FORMS, ids=str)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_dimensions(form: str, options: dict[str, Any], size: tuple[int, int]) -> None:
    assert dimensions(image(photo(*size), form, **options)) == size


def test_dimensions_of_heic() -> None:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(photo(301, 203)).save(buffer)
    assert dimensions(Image.from_bytes(buffer.getvalue())) == (301, 203)


def test_dimensions_of_an_icon() -> None:
    assert dimensions(image(drawing(256, 256), "ICO", sizes=[(16, 16), (48, 48), (256, 256)])) == (256, 256)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="40" height="30"', (40, 30)),
        ('width="2in" height="1in"', (192, 96)),
        ('viewBox="0 0 24 12"', (24, 12)),
        ('width="100%" viewBox="0 0 24,12"', (24, 12)),
        ('width="48" viewBox="0 0 24 12"', (48, 24)),
        ("", (300, 150)),
    ],
)
def test_dimensions_of_svg(attributes: str, size: tuple[int, int]) -> None:
    assert dimensions(Image.from_bytes(f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}/>'.encode())) == size


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_dimensions_are_those_shown(form: str, orientation: int) -> None:
    stored = corner(orientation)
    options = {"tiffinfo": {274: orientation}} if form == "TIFF" else {"exif": exif(orientation)}
    medium = image(stored, form, **options)
    assert read_header(medium).orientation == orientation
    assert dimensions(medium) == (64, 32)


@pytest.mark.parametrize(
    ("content", "animated"),
    [
        (saved(drawing(), "GIF"), False),
        (saved(drawing(), "GIF", save_all=True, append_images=[photo(400, 300)]), True),
        (saved(drawing(), "WEBP"), False),
        (saved(drawing(), "WEBP", save_all=True, append_images=[photo(400, 300)]), True),
        (saved(drawing(), "PNG", save_all=True, append_images=[photo(400, 300)]), True),
        (saved(photo(), "JPEG"), False),
    ],
)
def test_animations(content: bytes, animated: bool) -> None:
    assert read_header(Image.from_bytes(content)).animated is animated


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_metadata_are_stripped_and_every_pixel_stays(form: str) -> None:
    medium = image(photo(), form, exif=exif(place=True))
    header = read_header(medium)
    assert header.located
    assert "EXIF" in header.metadata
    bare = stripped(medium.read(), medium.media_type or "")
    assert bare is not None
    assert not read_header(Image.from_bytes(bare)).metadata
    assert b"Maker" not in bare
    assert Pillow.open(io.BytesIO(bare)).tobytes() == Pillow.open(io.BytesIO(medium.read())).tobytes()


def test_metadata_of_heic_are_blanked_in_place() -> None:
    picture = photo()
    picture.info["exif"] = exif(place=True).tobytes()
    picture.info["xmp"] = b"<x:xmpmeta><exif:GPSLatitude>47</exif:GPSLatitude></x:xmpmeta>"
    buffer = io.BytesIO()
    pillow_heif.from_pillow(picture).save(buffer)
    content = buffer.getvalue()
    header = read_header(Image.from_bytes(content))
    assert header.located
    assert set(header.metadata) == {"EXIF", "XMP"}
    bare = stripped(content, "image/heic")
    assert bare is not None
    assert b"Maker" not in bare
    assert b"GPSLatitude" not in bare
    assert read_header(Image.from_bytes(bare)).metadata == ()
    assert bytes(pillow_heif.open_heif(bare).data) == bytes(pillow_heif.open_heif(content).data)


def test_a_gif_loses_its_comment_and_keeps_its_frames() -> None:
    medium = image(drawing(), "GIF", comment=b"by me", save_all=True, append_images=[photo(400, 300)], loop=0)
    bare = stripped(medium.read(), "image/gif")
    assert bare is not None
    assert b"by me" not in bare
    assert Pillow.open(io.BytesIO(bare)).n_frames == 2


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_what_follows_the_end_is_cut(form: str) -> None:
    content = saved(photo(), form)
    assert stripped(content + b"the picture before it was cropped", f"image/{form.lower()}") == content


def test_text_in_a_png_counts_as_metadata() -> None:
    header = read_header(
        Image.from_bytes(png(4, 4, (b"tEXt", b"Author\0me"), (b"iTXt", b"XML:com.adobe.xmp\0exif:GPSLatitude")))
    )
    assert header.metadata == ("text",)
    assert header.located


def test_xmp_in_a_jpeg_can_tell_the_place() -> None:
    medium = image(photo(), "JPEG", xmp=b"<exif:GPSLatitude>47,22N</exif:GPSLatitude>")
    assert read_header(medium).located


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "ICO"])
def test_cut_headers_raise_one_error(form: str) -> None:
    content = saved(drawing(64, 64), form)
    for length in range(12, 200, 7):
        with suppress(UnreadableMedia):
            read_header(Image.from_bytes(content[:length]))


@pytest.mark.parametrize("media_type", sorted(STRIPPERS))
def test_stripping_nonsense_gives_nothing(media_type: str) -> None:
    for content in (b"", bytes(64), b"\xff" * 64, b"RIFF\xff\xff\xff\xffWEBP" + bytes(9)):
        assert stripped(content, media_type) in (None, b"RIFF\4\0\0\0WEBP")
