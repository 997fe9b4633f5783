"""Pictures made to fit: untouched, stripped, or decoded and written anew."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image as Pillow

from instructor.errors import MediaTooLarge, MissingExtra, UnreadableMedia, UnsupportedMedia
from instructor.fit import Fit, Fitted, Limits, fit_image
from instructor.fit._encode import is_drawing
from instructor.fit.dimensions import dimensions
from instructor.fit.headers import read_header
from instructor.media import Image

from .pictures import ANY, WEB, corner, cutout, drawing, exif, image, photo, pixels, png, saved


def one(fitted: Fitted) -> Image:
    (medium,) = fitted.media
    assert isinstance(medium, Image)
    return medium


def whats(fitted: Fitted) -> list[str]:
    return [change.what for change in fitted.changes]


# ── untouched ────────────────────────────────────────────────────────────────────────────────────

PASSING: list[tuple[str, Image, Limits]] = [
    ("jpeg", image(photo(), "JPEG"), ANY),
    ("png", image(drawing(), "PNG"), ANY),
    ("transparent png", image(cutout(), "PNG"), ANY),
    ("palette png", image(drawing().convert("P"), "PNG"), ANY),
    ("webp", image(photo(), "WEBP"), ANY),
    ("animated gif", image(drawing(), "GIF", save_all=True, append_images=[photo(400, 300)]), ANY),
    ("exactly the edge", image(photo(320, 240), "JPEG"), Limits(WEB, max_edge=320)),
    ("exactly the patches", image(photo(320, 240), "JPEG"), Limits(WEB, max_patches=80)),
    ("bmp where taken", image(photo(), "BMP"), Limits(frozenset({"image/bmp"}))),
    ("a bomb that nobody decodes", Image.from_bytes(png(50_000, 50_000)), ANY),
]


@pytest.mark.parametrize(("medium", "limits"), [row[1:] for row in PASSING], ids=[row[0] for row in PASSING])
@pytest.mark.parametrize("fit", [Fit.AUTO, Fit.STRICT], ids=repr)
def test_what_fits_is_the_same_object(medium: Image, limits: Limits, fit: Fit) -> None:
    fitted = fit_image(medium, limits, fit)
    assert one(fitted) is medium
    assert not fitted.changes


def test_what_fits_needs_no_image_library(monkeypatch: pytest.MonkeyPatch) -> None:
    medium = image(photo(), "JPEG", exif=exif(place=True))
    for name in [name for name in sys.modules if name == "PIL" or name.startswith("PIL.")]:
        monkeypatch.setitem(sys.modules, name, None)
    assert whats(fit_image(medium, ANY)) == ["metadata dropped"]
    with pytest.raises(MissingExtra, match="pillow"):
        fit_image(medium, Limits(WEB, max_edge=10))


def test_what_is_elsewhere_is_left_alone() -> None:
    for medium in (Image.from_url("https://example.com/a.heic"), Image.from_file_id("file-1")):
        assert one(fit_image(medium, Limits(frozenset(), max_edge=1), Fit.STRICT)) is medium


def test_only_the_header_of_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(saved(photo(), "JPEG"))
    medium = Image.from_path(path)
    assert one(fit_image(medium, ANY)) is medium
    assert medium.encoded is None


def test_a_name_that_lies_is_noted() -> None:
    medium = Image.from_bytes(saved(photo(), "JPEG"), name="a.png")
    fitted = fit_image(medium, ANY)
    assert one(fitted) is medium
    assert whats(fitted) == ["type by content"]


# ── metadata and turns ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_place_is_dropped_without_loss(form: str) -> None:
    medium = image(photo(), form, exif=exif(place=True))
    fitted = fit_image(medium, ANY)
    assert whats(fitted) == ["metadata dropped"]
    assert "the place where it was taken" in fitted.changes[0].why
    assert pixels(one(fitted)).tobytes() == pixels(medium).tobytes()
    assert not pixels(one(fitted)).getexif()
    assert one(fit_image(one(fitted), ANY)) is one(fitted)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("edge", [64, 32])
def test_a_turned_picture_comes_out_upright(form: str, orientation: int, edge: int) -> None:
    options = {"tiffinfo": {274: orientation}} if form == "TIFF" else {"exif": exif(orientation, place=True)}
    fitted = fit_image(image(corner(orientation), form, **options), Limits(WEB, max_edge=edge))
    shown = pixels(one(fitted)).convert("RGB")
    assert shown.size == (edge, edge // 2)
    assert not shown.getexif()
    quarters = [shown.getpixel((edge * x // 4, edge * y // 8)) for y in (1, 3) for x in (1, 3)]
    reds = [colour[0] > 180 > 80 > colour[2] for colour in quarters if isinstance(colour, tuple)]
    assert reds == [True, False, False, False]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_is_decoded_as_it_is_meant_and_without_its_place(orientation: int) -> None:
    stored = corner(orientation)
    stored.info["exif"] = exif(orientation, place=True).tobytes()
    buffer = io.BytesIO()
    pillow_heif.from_pillow(stored).save(buffer)
    meant = pillow_heif.open_heif(buffer.getvalue()).to_pillow()
    medium = Image.from_bytes(buffer.getvalue(), name="IMG_1.HEIC")
    assert dimensions(medium) == meant.size
    fitted = one(fit_image(medium, Limits(frozenset({"image/jpeg"}))))
    assert fitted.name == "IMG_1.jpg"
    shown = pixels(fitted)
    assert not shown.getexif()
    assert shown.size == meant.size
    assert abs(np.asarray(shown).astype(int) - np.asarray(meant)).mean() < 8
    native = fit_image(medium, Limits(frozenset({"image/heic"})))
    assert whats(native) == ["metadata dropped"]
    assert not read_header(one(native)).metadata


def test_heic_without_its_decoder_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    content = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    with pytest.raises(UnreadableMedia):
        fit_image(Image.from_bytes(content), ANY)


def test_metadata_stay_where_asked_for() -> None:
    medium = image(photo(), "JPEG", exif=exif(place=True))
    keep = Fit(keep_metadata=True)
    assert one(fit_image(medium, ANY, keep)) is medium
    smaller = one(fit_image(medium, Limits(WEB, max_edge=100), keep))
    kept = pixels(smaller).getexif()
    assert kept[0x010F] == "Maker"
    assert kept.get_ifd(0x8825)[1] == "N"
    assert 0x0112 not in kept


def test_strict_lets_no_place_leave() -> None:
    medium = image(photo(), "JPEG", exif=exif(place=True))
    with pytest.raises(UnsupportedMedia, match=r"the place where it was taken.*keep_metadata=True"):
        fit_image(medium, ANY, Fit.STRICT)
    assert one(fit_image(medium, ANY, Fit(mode="strict", keep_metadata=True))) is medium
    harmless = image(photo(), "JPEG", exif=exif(6))
    assert one(fit_image(harmless, ANY, Fit.STRICT)) is harmless


def test_turning_a_jpeg_keeps_its_tables() -> None:
    medium = image(photo(), "JPEG", exif=exif(6), quality=61)
    turned = pixels(one(fit_image(medium, ANY)))
    assert turned.size == (240, 320)
    assert getattr(turned, "quantization", None) == getattr(pixels(medium), "quantization", ())


# ── types and colours ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["BMP", "TIFF", "GIF", "AVIF", "ICO", "PNG", "WEBP", "JPEG"])
@pytest.mark.parametrize("taken", ["image/jpeg", "image/png", "image/webp"])
def test_any_type_becomes_any_type(form: str, taken: str) -> None:
    medium = image(photo(128, 96), form, name=f"a.{form.lower()}")
    fitted = one(fit_image(medium, Limits(frozenset({taken}))))
    assert fitted.media_type == taken
    assert dimensions(fitted) == dimensions(medium)
    before, after = (np.asarray(pixels(m).convert("RGB")).astype(int) for m in (medium, fitted))
    assert abs(before - after).mean() < 8


def test_photographs_become_jpeg_and_drawings_stay_sharp() -> None:
    assert not is_drawing(photo())
    assert is_drawing(drawing())
    limits = Limits(frozenset({"image/jpeg", "image/png", "image/webp"}))
    assert one(fit_image(image(photo(), "BMP"), limits)).media_type == "image/jpeg"
    sharp = fit_image(image(drawing(), "BMP"), limits)
    assert one(sharp).media_type in ("image/png", "image/webp")
    assert pixels(one(sharp)).convert("RGB").tobytes() == drawing().tobytes()
    no_webp = fit_image(image(drawing(), "BMP"), Limits(frozenset({"image/jpeg", "image/png"})))
    assert one(no_webp).media_type == "image/png"


def test_what_came_from_a_jpeg_stays_lossy() -> None:
    fitted = fit_image(image(drawing(), "JPEG"), Limits(WEB, max_edge=200))
    assert one(fitted).media_type == "image/jpeg"


def test_cmyk_becomes_rgb() -> None:
    fitted = fit_image(image(photo().convert("CMYK"), "JPEG"), ANY)
    assert "colours converted" in whats(fitted)
    assert pixels(one(fitted)).mode == "RGB"
    assert abs(np.asarray(pixels(one(fitted))).astype(int) - np.asarray(photo())).mean() < 8


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
@pytest.mark.parametrize("most", [255, 4095, 65535])
def test_sixteen_bits_are_scaled_by_the_depth_they_use(form: str, most: int) -> None:
    ramp = np.tile(np.linspace(0, most, 256).astype(np.uint16), (64, 1))
    fitted = fit_image(image(Pillow.fromarray(ramp), form), Limits(frozenset({"image/png"})))
    grey = np.asarray(pixels(one(fitted)))
    assert grey.dtype == np.uint8
    assert grey[0, 0] == 0
    assert grey[0, -1] == 255


def test_floats_are_stretched() -> None:
    ramp = np.tile(np.linspace(-1, 1, 256).astype(np.float32), (64, 1))
    fitted = fit_image(image(Pillow.fromarray(ramp), "TIFF"), Limits(frozenset({"image/png"})))
    assert np.asarray(pixels(one(fitted)))[0, [0, 255]].tolist() == [0, 255]


def test_samples_that_are_no_numbers_are_refused() -> None:
    ramp = np.full((64, 64), np.inf, dtype=np.float32)
    with pytest.raises(UnreadableMedia, match="not numbers"):
        fit_image(image(Pillow.fromarray(ramp), "TIFF"), ANY)


@pytest.mark.parametrize(("ink", "paper"), [("black", 255), ("white", 0)])
def test_transparency_is_laid_on_what_shows_the_ink(ink: str, paper: int) -> None:
    alpha = drawing().convert("L").point(lambda level: 255 - level)
    picture = Pillow.merge("RGBA", (*Pillow.new("RGB", alpha.size, ink).split(), alpha))
    fitted = fit_image(image(picture, "PNG"), Limits(frozenset({"image/jpeg"})))
    assert "transparency flattened" in whats(fitted)
    corner_ = pixels(one(fitted)).convert("L").getpixel((399, 299))
    assert isinstance(corner_, int)
    assert abs(corner_ - paper) < 8


def test_transparency_stays_where_it_can() -> None:
    fitted = fit_image(image(cutout(), "PNG"), Limits(WEB, max_edge=200))
    assert pixels(one(fitted)).has_transparency_data
    palette = image(cutout(), "GIF")
    assert pixels(one(fit_image(palette, Limits(frozenset({"image/png"}))))).has_transparency_data


def test_a_colour_profile_stays() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    medium = image(photo(), "JPEG", icc_profile=profile)
    assert one(fit_image(medium, ANY)) is medium
    assert pixels(one(fit_image(medium, Limits(WEB, max_edge=100)))).info["icc_profile"] == profile


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_animations_become_their_first_frame_or_are_refused(form: str) -> None:
    medium = image(drawing(), form, save_all=True, append_images=[photo(400, 300)])
    still = Limits(WEB, animated=False)
    fitted = fit_image(medium, still)
    assert "first frame" in whats(fitted)
    assert not read_header(one(fitted)).animated
    assert abs(np.asarray(pixels(one(fitted)).convert("L")).astype(int) - np.asarray(drawing().convert("L"))).mean() < 3
    with pytest.raises(UnsupportedMedia, match="animated"):
        fit_image(medium, still, Fit(animated="refuse"))
    with pytest.raises(UnsupportedMedia, match=r"animated.*strict"):
        fit_image(medium, still, Fit.STRICT)


def test_a_tiff_becomes_a_picture_for_each_page() -> None:
    medium = image(drawing(), "TIFF", name="fax.tif", save_all=True, append_images=[photo(99, 50), drawing(300, 500)])
    medium = medium.replace(cache_control=True, detail="high")
    limits = Limits(WEB, max_edge=250)
    fitted = fit_image(medium, limits)
    assert [dimensions(page) for page in fitted.media if isinstance(page, Image)] == [(250, 188), (99, 50), (150, 250)]
    assert [page.name and page.name[:5] for page in fitted.media] == ["fax-1", "fax-2", "fax-3"]
    assert [bool(page.cache_control) for page in fitted.media] == [False, False, True]
    assert all(page.detail == "high" for page in fitted.media if isinstance(page, Image))
    assert len(fit_image(medium, limits, Fit(pages="2-")).media) == 2
    page = Pillow.new("1", (4, 4))
    many = image(page, "TIFF", save_all=True, append_images=[page] * 200)
    with pytest.raises(MediaTooLarge, match="at most 200 become pictures"):
        fit_image(many, limits)


def test_options_and_name_stay() -> None:
    medium = image(photo(), "BMP", name="a.b.bmp").replace(cache_control=True, detail="low")
    fitted = one(fit_image(medium, ANY))
    assert (fitted.name, fitted.detail, fitted.cache_control) == ("a.b.jpg", "low", medium.cache_control)


# ── sizes ────────────────────────────────────────────────────────────────────────────────────────

SHRINKING: list[tuple[str, Limits, tuple[int, int]]] = [
    ("edge", Limits(WEB, max_edge=200), (200, 150)),
    ("pixels", Limits(WEB, max_pixels=30_000), (200, 150)),
    ("patches", Limits(WEB, max_patches=42), (224, 168)),
]


@pytest.mark.parametrize(("limits", "size"), [row[1:] for row in SHRINKING], ids=[row[0] for row in SHRINKING])
def test_pictures_shrink_as_far_as_needed_and_no_further(limits: Limits, size: tuple[int, int]) -> None:
    for form in ("JPEG", "PNG"):
        fitted = fit_image(image(photo(320, 240), form), limits)
        assert "resized" in whats(fitted)
        width, height = dimensions(one(fitted))
        assert limits.takes_size(width, height)
        assert (width, height) == size


def test_a_side_asked_for_is_kept() -> None:
    fitted = fit_image(image(photo(), "JPEG"), ANY, Fit(max_side=100))
    assert dimensions(one(fitted)) == (100, 75)


@pytest.mark.parametrize("taken", [WEB, frozenset({"image/png"}), frozenset({"image/jpeg"}), frozenset({"image/webp"})])
@pytest.mark.parametrize("kind", [photo, drawing, cutout], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("most", [2_000, 9_000, 60_000])
def test_bytes_are_counted_after_base64(taken: frozenset[str], kind: Any, most: int) -> None:
    limits = Limits(taken, max_bytes=most, encoded=True)
    fitted = one(fit_image(image(kind(), "BMP" if kind is not cutout else "PNG"), limits))
    assert fitted.media_type in taken
    assert len(fitted.data or "") <= most


def test_quality_goes_before_pixels() -> None:
    medium = image(photo(), "JPEG", quality=95)
    room = len(saved(photo(), "JPEG", quality=78))
    fitted = fit_image(medium, Limits(WEB, max_bytes=room))
    assert dimensions(one(fitted)) == (320, 240)
    assert (one(fitted).size or 0) > 0.85 * room
    much_less = fit_image(medium, Limits(WEB, max_bytes=room // 4))
    assert "resized" in whats(much_less)
    assert (one(much_less).size or 0) > 0.6 * room // 4


def test_no_room_at_all() -> None:
    with pytest.raises(MediaTooLarge, match="no legible picture has room"):
        fit_image(image(photo(), "JPEG"), Limits(WEB, max_bytes=200))


def test_nothing_that_can_be_written() -> None:
    with pytest.raises(UnsupportedMedia, match="no picture can be written"):
        fit_image(image(photo(), "JPEG"), Limits(frozenset({"image/tiff"})))


def test_strict_names_every_limit_that_is_broken() -> None:
    limits = Limits(frozenset({"image/gif"}), max_bytes=100, encoded=True, max_edge=50, max_pixels=90)
    with pytest.raises(MediaTooLarge) as caught:
        fit_image(image(photo(), "PNG"), limits, Fit.STRICT)
    message = str(caught.value)
    assert "320 pixels on its longer side, at most 50" in message
    assert "76,800 pixels in all, at most 90" in message
    assert "image/png is not taken, only image/gif" in message
    assert "bytes once base64-encoded, at most 100" in message
    assert "fit='auto'" in message
    assert (caught.value.limit, caught.value.actual) == (50, 320)


def test_a_48_megapixel_photograph(tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.jpg"
    tile = photo(1008, 756)
    large = Pillow.new("RGB", (8064, 6048))
    for left in range(0, 8064, 1008):
        for top in range(0, 6048, 756):
            large.paste(tile, (left, top))
    large.save(path, quality=90, exif=exif(6, place=True))
    limits = Limits(WEB, max_bytes=10_000_000, encoded=True, max_edge=1568)
    fitted = fit_image(Image.from_path(path), limits)
    assert dimensions(one(fitted)) == (1176, 1568)
    assert whats(fitted)[:3] == ["orientation applied", "resized", "metadata dropped"]


# ── bad input ────────────────────────────────────────────────────────────────────────────────────


def test_bombs_are_refused_before_they_are_decoded() -> None:
    bomb = Image.from_bytes(png(50_000, 50_000))
    with pytest.raises(MediaTooLarge, match="2,500,000,000 pixels; at most 200,000,000 are decoded") as caught:
        fit_image(bomb, Limits(WEB, max_edge=8000))
    assert caught.value.actual == 2_500_000_000
    with pytest.raises(MediaTooLarge, match="at most 1,000 are decoded"):
        fit_image(image(photo(), "PNG"), Limits(WEB, max_edge=10), Fit(max_decoded_pixels=1000))
    gif = bytearray(saved(drawing(16, 16), "GIF"))
    gif[6:10] = b"\xff\xff\xff\xff"
    with pytest.raises(MediaTooLarge):
        fit_image(Image.from_bytes(bytes(gif)), Limits(WEB, max_edge=100))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
@pytest.mark.parametrize("fit", [Fit.AUTO, Fit.STRICT], ids=repr)
def test_cut_files_are_refused_even_where_they_would_fit(form: str, fit: Fit) -> None:
    content = saved(photo(), form)
    medium = Image.from_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(UnreadableMedia, match="cut off"):
        fit_image(medium, Limits(frozenset({medium.media_type or ""})), fit)


@pytest.mark.parametrize("form", ["BMP", "TIFF", "ICO", "JPEG"])
def test_damage_shows_when_pixels_are_wanted(form: str) -> None:
    content = saved(drawing(), form)
    with pytest.raises(UnreadableMedia, match="damaged"):
        fit_image(Image.from_bytes(content[: len(content) // 2]), Limits(frozenset({"image/png"})))


def test_what_follows_the_end_of_a_picture_is_dropped() -> None:
    content = saved(photo(), "JPEG")
    medium = Image.from_bytes(content + b"a short film with a place in it")
    assert one(fit_image(medium, ANY)).read() == content
    assert one(fit_image(medium, ANY, Fit(keep_metadata=True))) is medium


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_broken_exif_block_is_no_reason_to_refuse() -> None:
    medium = image(photo(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert whats(fit_image(medium, ANY)) == ["metadata dropped"]
    assert dimensions(one(fit_image(medium, Limits(WEB, max_edge=100), Fit(keep_metadata=True)))) == (100, 75)


# ── svg ──────────────────────────────────────────────────────────────────────────────────────────

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20">{}</svg>'
)


def svg(body: str) -> Image:
    return Image.from_bytes(SVG.format(body).encode(), name="a.svg")


def test_svg_is_drawn_large_enough_to_read() -> None:
    fitted = fit_image(svg('<rect width="20" height="20" fill="red"/>'), Limits(frozenset({"image/png"})))
    assert whats(fitted) == ["rasterised", "re-encoded"]
    assert dimensions(one(fitted)) == (1568, 784)
    shown = pixels(one(fitted)).convert("RGB")
    assert (shown.getpixel((100, 100)), shown.getpixel((1500, 100))) == ((255, 0, 0), (255, 255, 255))
    assert one(fitted).name == "a.png"
    assert dimensions(one(fit_image(svg(""), Limits(WEB, max_edge=100)))) == (100, 50)


@pytest.mark.parametrize("name", ["href", "xlink:href"])
@pytest.mark.parametrize("prefix", ["", "file://", "&#47;..", "data:image/svg+xml,"])
def test_svg_opens_no_file(tmp_path: Path, name: str, prefix: str) -> None:
    secret = tmp_path / "secret.png"
    Pillow.new("RGB", (8, 8), "lime").save(secret)
    body = f'<image {name}="{prefix}{secret}" width="40" height="20"/>'
    drawn = pixels(one(fit_image(svg(body), Limits(frozenset({"image/png"}), max_edge=40)))).convert("RGB")
    assert drawn.getcolors() == [(800, (255, 255, 255))]


@pytest.mark.parametrize("content", [b"<svg", b"<svg><g></svg>", b'<svg width="0" height="5"/>'])
def test_bad_svg(content: bytes) -> None:
    with pytest.raises(UnreadableMedia, match="damaged"):
        fit_image(Image.from_bytes(content), ANY)


HOSTILE = {
    "nested too deeply to draw": "<g>" * 900 + "</g>" * 900,
    "nested too deeply to write": "<g>" * 50_000 + "</g>" * 50_000,
    "a filter without end": '<filter id="f"><feGaussianBlur stdDeviation="1e9"/></filter><rect filter="url(#f)"/>',
    "drawn by itself": '<g id="a"><use href="#a"/></g>',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_svg_ends_in_a_picture_or_an_error(body: str) -> None:
    with suppress(UnreadableMedia):
        assert dimensions(one(fit_image(svg(body), Limits(WEB, max_edge=100)))) == (100, 50)


def test_svg_of_any_shape_keeps_the_limits() -> None:
    limits = Limits(WEB, max_edge=97, max_pixels=2000)
    for width, height in ((1, 1000), (333, 7), (1e6, 1e6)):
        content = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"/>'
        fitted = one(fit_image(Image.from_bytes(content.encode()), limits))
        assert limits.takes_size(*dimensions(fitted))
    content = '<svg xmlns="http://www.w3.org/2000/svg" width="90000" height="90000"/>'
    assert dimensions(one(fit_image(Image.from_bytes(content.encode()), ANY))) == (4096, 4096)


def test_svg_without_its_renderer_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(MissingExtra, match=r"resvg-py.*instructor-multimodal\[svg\]"):
        fit_image(svg(""), ANY)
