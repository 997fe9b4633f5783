"""Whatever the picture or document and whatever the limits: the result keeps every limit, or one typed error says why not."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from instructor.errors import MediaError
from instructor.fit import Fit, Limits, fit_image, fit_pdf, rasterise, text_of
from instructor.fit.headers import read_header
from instructor.fit.image import within
from instructor.media import PDF, Image
from tests.unit.fit.pdfs import pdf

MODES = {
    "JPEG": ("L", "RGB", "CMYK"),
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "WEBP": ("RGB", "RGBA"),
    "GIF": ("L", "P", "RGB"),
    "BMP": ("1", "L", "P", "RGB"),
    "TIFF": ("1", "L", "RGB", "RGBA", "CMYK", "I;16", "F"),
    "AVIF": ("RGB", "RGBA"),
}
CHEAP = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def pictures(draw: st.DrawFn) -> Image:
    form = draw(st.sampled_from(sorted(MODES)))
    mode = draw(st.sampled_from(MODES[form]))
    width, height = draw(st.integers(1, 300)), draw(st.integers(1, 300))
    random = np.random.default_rng(draw(st.integers(0, 9)))
    flat = draw(st.booleans())
    if mode in ("I;16", "F"):
        picture = Pillow.fromarray(
            random.integers(0, 4000, (height, width)).astype(np.uint16 if mode == "I;16" else np.float32)
        )
    else:
        shape = (height // 40 + 1, width // 40 + 1, 4) if flat else (height, width, 4)
        noise = Pillow.fromarray(random.integers(0, 255, shape, dtype=np.uint8))
        picture = noise.resize((width, height), Pillow.Resampling.NEAREST)
        picture = picture.convert("RGB").convert(mode) if mode not in ("RGBA", "LA") else picture.convert(mode)
    options: dict[str, Any] = {}
    if form in ("JPEG", "PNG", "WEBP") and draw(st.booleans()):
        exif = Pillow.Exif()
        exif[0x0112] = draw(st.integers(0, 9))
        exif.get_ifd(0x8825)[1] = "N"
        options["exif"] = exif
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return Image.from_bytes(buffer.getvalue())


limits = st.builds(
    Limits,
    mimes=st.sets(st.sampled_from(["image/jpeg", "image/png", "image/webp"]), min_size=1).map(frozenset),
    max_bytes=st.none() | st.integers(1_500, 100_000),
    encoded=st.booleans(),
    max_edge=st.none() | st.integers(16, 400),
    max_pixels=st.none() | st.integers(300, 60_000),
    max_patches=st.none() | st.integers(1, 100),
    patch=st.sampled_from([14, 28, 32]),
    animated=st.booleans(),
)
fits = st.builds(Fit, keep_metadata=st.booleans(), max_side=st.none() | st.integers(16, 400))


@CHEAP
@given(pictures(), limits, fits)
def test_every_limit_is_kept(image: Image, limits: Limits, fit: Fit) -> None:
    (fitted,) = fit_image(image, limits, fit).media
    assert isinstance(fitted, Image)
    header = read_header(fitted)
    assert fitted.media_type in limits.mimes
    assert limits.takes_bytes(fitted.size or 0)
    assert limits.takes_size(*header.shown)
    assert fit.max_side is None or max(header.shown) <= fit.max_side
    assert header.orientation == 1
    if not fit.keep_metadata:
        assert not header.metadata
    again = fit_image(fitted, limits, fit)
    assert again.media == (fitted,)
    assert again.media[0] is fitted


@CHEAP
@given(pictures(), limits, st.data())
def test_mutated_files_raise_only_media_errors(image: Image, limits: Limits, data: st.DataObject) -> None:
    content = bytearray(image.read())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, min(len(content), 600) - 1))
        content[at] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(1, len(content)))]) if data.draw(st.booleans()) else bytes(content)
    try:
        fit_image(Image.from_bytes(cut), limits, Fit(max_decoded_pixels=10_000_000))
    except MediaError:
        return


@CHEAP
@given(st.lists(st.tuples(st.integers(8, 900), st.integers(0, 255)), min_size=1, max_size=12), st.booleans())
def test_mutated_documents_raise_only_media_errors(changes: list[tuple[int, int]], locked: bool) -> None:
    password = "sesame" if locked else None
    content = bytearray(pdf(2, password=password))
    for at, byte in changes:
        content[at % len(content)] = byte
    try:
        document = PDF.from_bytes(bytes(content))
        fit_pdf(document, Limits(frozenset({"application/pdf"}), max_pages=1), Fit(password=password))
        rasterise(document, Limits(frozenset({"image/png"}), max_edge=64), Fit(password=password))
        text_of(document, Fit(password=password))
    except MediaError:
        return


@given(st.integers(1, 70_000), st.integers(1, 70_000), limits)
def test_the_size_within_limits_is_the_largest(width: int, height: int, limits: Limits) -> None:
    size = within((width, height), limits)
    assert limits.takes_size(*size)
    if limits.takes_size(width, height):
        assert size == (width, height)
    else:
        longer = max(size) + 1
        larger = (
            max(round(width * longer / max(width, height)), 1),
            max(round(height * longer / max(width, height)), 1),
        )
        assert not limits.takes_size(*larger)
