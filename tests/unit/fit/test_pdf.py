"""PDFs made to fit: passed, cut, decrypted, drawn, read."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from instructor.errors import MediaError, MediaTooLarge, MissingExtra, UnreadableMedia, UnsupportedMedia
from instructor.fit import Fit, Fitted, Limits, fit_pdf, page_count, rasterise, text_of
from instructor.fit.dimensions import dimensions
from instructor.media import PDF, Image

from .pdfs import pdf

MIMES = frozenset({"application/pdf"})
PICTURES = Limits(frozenset({"image/jpeg", "image/png"}))


def document(pages: int, **options: object) -> PDF:
    return PDF.from_bytes(pdf(pages, **options), name="report.pdf")  # type: ignore[arg-type]


def texts(fitted: Fitted) -> list[list[str]]:
    return [text_of(part).split("\f") for part in fitted.media if isinstance(part, PDF)]


def said(*numbers: int) -> list[str]:
    return [f"Page {number}" for number in numbers]


@pytest.mark.parametrize("fit", [Fit.AUTO, Fit.STRICT, Fit(pages="1-"), Fit(password="not needed")], ids=repr)
def test_what_fits_is_the_same_object(fit: Fit) -> None:
    medium = document(3)
    fitted = fit_pdf(medium, Limits(MIMES, max_pages=3, max_bytes=medium.size), fit)
    assert fitted.media == (medium,)
    assert fitted.media[0] is medium
    assert not fitted.changes


def test_a_file_and_leading_junk(tmp_path: Path) -> None:
    path = tmp_path / "ünïcode.pdf"
    path.write_bytes(b"junk\n" + pdf(2))
    medium = PDF.from_path(path)
    assert page_count(medium) == 2
    assert fit_pdf(medium, Limits(MIMES)).media[0] is medium


def test_what_is_elsewhere_is_left_alone() -> None:
    medium = PDF.from_url("https://example.com/a.pdf")
    assert fit_pdf(medium, Limits(MIMES, max_pages=1)).media[0] is medium
    with pytest.raises(UnsupportedMedia, match="download it first"):
        fit_pdf(medium, Limits(MIMES), Fit(pages="1"))


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [("1-3,7", said(1, 2, 3, 7)), ("9-", said(9, 10)), ("5,1", said(5, 1)), ("-2,2-3", said(1, 2, 3))],
)
def test_pages_are_chosen(ranges: str, expected: list[str]) -> None:
    fitted = fit_pdf(document(10), Limits(MIMES, max_pages=4), Fit(pages=ranges))
    assert texts(fitted) == [expected]
    assert [change.what for change in fitted.changes] == ["pages selected"]


def test_pages_that_are_not_there() -> None:
    with pytest.raises(MediaError, match="count from 1 to 3"):
        fit_pdf(document(3), Limits(MIMES), Fit(pages="4"))


def test_too_many_pages_become_several_documents() -> None:
    medium = document(10).replace(cache_control=True)
    fitted = fit_pdf(medium, Limits(MIMES, max_pages=4))
    assert texts(fitted) == [said(1, 2, 3, 4), said(5, 6, 7, 8), said(9, 10)]
    assert [part.name for part in fitted.media] == ["report-part1.pdf", "report-part2.pdf", "report-part3.pdf"]
    assert [bool(part.cache_control) for part in fitted.media] == [False, False, True]
    (change,) = fitted.changes
    assert change.what == "split"
    assert "10 pages, at most 4" in str(change)


@pytest.mark.parametrize("encoded", [True, False])
def test_too_many_bytes_become_several_documents(encoded: bool) -> None:
    limits = Limits(MIMES, max_bytes=60_000, encoded=encoded, max_pages=9)
    fitted = fit_pdf(document(12, weight=10_000), limits)
    assert len(fitted.media) > 1
    assert [text for part in texts(fitted) for text in part] == said(*range(1, 13))
    assert all(limits.takes_bytes(part.size or 0) for part in fitted.media)


def test_a_page_that_is_too_large_by_itself() -> None:
    with pytest.raises(MediaTooLarge, match=r"page 1: .* bytes, at most 5,000: leave it out"):
        fit_pdf(document(2, weight=10_000), Limits(MIMES, max_bytes=5_000))


@pytest.mark.parametrize("fit", [Fit.STRICT, Fit(split=False)], ids=repr)
@pytest.mark.parametrize(
    ("limits", "figures"),
    [(Limits(MIMES, max_pages=4), "10 pages, at most 4"), (Limits(MIMES, max_bytes=99), "bytes, at most 99")],
)
def test_over_the_limit_is_an_error_where_nothing_may_be_done(fit: Fit, limits: Limits, figures: str) -> None:
    with pytest.raises(MediaTooLarge, match=figures) as caught:
        fit_pdf(document(10), limits, fit)
    assert "Fit(pages=" in str(caught.value)
    assert caught.value.actual is not None


def test_strict_chooses_no_pages() -> None:
    with pytest.raises(UnsupportedMedia, match="strict"):
        fit_pdf(document(10), Limits(MIMES), Fit(mode="strict", pages="1"))


def test_pdf_is_not_taken() -> None:
    with pytest.raises(UnsupportedMedia, match="PDF is not taken, only image/png"):
        fit_pdf(document(1), Limits(frozenset({"image/png"})))


# ── locks ────────────────────────────────────────────────────────────────────────────────────────


def test_a_locked_document_needs_its_password() -> None:
    medium = document(3, password="sesame")
    for work in (lambda fit: fit_pdf(medium, Limits(MIMES), fit), lambda fit: text_of(medium, fit)):
        with pytest.raises(UnreadableMedia, match=r"locked with a password: pass Fit\(password=…\)"):
            work(Fit.AUTO)
        with pytest.raises(UnreadableMedia, match="the password given does not open it") as caught:
            work(Fit(password="open"))
        assert "open'" not in str(caught.value)


@pytest.mark.parametrize(("ranges", "expected"), [(None, said(1, 2, 3)), ("2", said(2))])
def test_a_password_makes_an_open_copy(ranges: str | None, expected: list[str]) -> None:
    fitted = fit_pdf(document(3, password="sesame"), Limits(MIMES), Fit(password="sesame", pages=ranges))
    assert texts(fitted) == [expected]
    assert fitted.changes[0].what == "decrypted"
    assert b"/Encrypt" not in fitted.media[0].read()
    assert "sesame" not in str(fitted)


def test_strict_unlocks_nothing() -> None:
    with pytest.raises(UnsupportedMedia, match="strict"):
        fit_pdf(document(3, password="sesame"), Limits(MIMES), Fit(mode="strict", password="sesame"))


# ── bad input ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "reason"),
    [(pdf(0), "has no pages"), (pdf(3)[:300], "is damaged"), (b"%PDF-1.7\n<html>not found</html>", "is damaged")],
)
def test_bad_documents(content: bytes, reason: str) -> None:
    medium = PDF.from_bytes(content)
    with pytest.raises(UnreadableMedia, match="locked"):
        page_count(document(1, password="x"))  # pdfium remembers this failure: the next reason must be its own
    for work in (lambda: fit_pdf(medium, Limits(MIMES)), lambda: rasterise(medium, PICTURES), lambda: text_of(medium)):
        with pytest.raises(UnreadableMedia, match=reason):
            work()


def test_without_the_library_what_is_small_enough_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    medium = document(2)
    assert fit_pdf(medium, Limits(MIMES, max_pages=1)).media[0] is medium
    with pytest.raises(MissingExtra, match="pypdfium2"):
        fit_pdf(medium, Limits(MIMES, max_bytes=10))
    with pytest.raises(MissingExtra, match="pypdfium2"):
        fit_pdf(medium, Limits(MIMES), Fit(pages="1"))


# ── pictures and text ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("limits", "fit", "size"),
    [
        (PICTURES, Fit.AUTO, (1240, 1755)),
        (PICTURES, Fit(raster_dpi=72), (595, 842)),
        (PICTURES, Fit(max_side=500), (354, 500)),
        (Limits(PICTURES.mimes, max_edge=1000), Fit.AUTO, (707, 1000)),
    ],
)
def test_pages_become_pictures(limits: Limits, fit: Fit, size: tuple[int, int]) -> None:
    fitted = rasterise(document(3), limits, fit)
    assert [part.name for part in fitted.media] == ["report-page1.png", "report-page2.png", "report-page3.png"]
    assert fitted.changes[0].what == "rasterised"
    for part in fitted.media:
        assert isinstance(part, Image)
        width, height = dimensions(part)
        assert limits.takes_size(width, height)
        assert (abs(width - size[0]), abs(height - size[1])) <= (4, 5)


def test_pictures_of_pages_keep_the_limit_on_bytes() -> None:
    limits = Limits(PICTURES.mimes, max_bytes=4_000, encoded=True)
    fitted = rasterise(document(2), limits, Fit(pages="2"))
    assert len(fitted.media) == 1
    assert len(fitted.media[0].data or "") <= 4_000


def test_a_page_of_absurd_size_is_drawn_small() -> None:
    fitted = rasterise(document(1, size=(14_400, 14_400)), PICTURES)
    assert isinstance(fitted.media[0], Image)
    assert max(dimensions(fitted.media[0])) <= 4000


def test_pictures_are_refused() -> None:
    with pytest.raises(UnsupportedMedia, match="strict"):
        rasterise(document(1), PICTURES, Fit.STRICT)
    with pytest.raises(MediaTooLarge, match="301 pages, at most 300"):
        rasterise(document(301), PICTURES)


def test_text_of_chosen_pages() -> None:
    assert text_of(document(5), Fit(pages="2,4")) == "Page 2\fPage 4"


def test_a_scan_has_no_text() -> None:
    from .pictures import photo, saved

    with pytest.raises(UnreadableMedia, match="no text layer"):
        text_of(PDF.from_bytes(saved(photo(), "PDF")))


def test_threads_may_share_the_library() -> None:
    medium = document(6)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: text_of(medium), range(12)))
        parts = list(
            pool.map(lambda _: len(rasterise(medium, PICTURES, Fit(pages="1-2", raster_dpi=36)).media), range(4))
        )
    assert set(found) == {"\f".join(said(*range(1, 7)))}
    assert parts == [2] * 4
