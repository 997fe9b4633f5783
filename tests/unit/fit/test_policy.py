"""Limits, the caller's choices, and the report."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from instructor.errors import ConfigurationError, MediaError
from instructor.fit import Change, Facts, Fit, Fitted, Limits
from instructor.fit._ranges import selected
from instructor.fit.report import amount, type_by_content
from instructor.media import Image

from .pictures import image, photo


@pytest.mark.parametrize(
    ("value", "expected"),
    [("auto", Fit.AUTO), (None, Fit.AUTO), ("strict", Fit.STRICT), (Fit(fps=2), Fit(fps=2))],
)
def test_parse(value: object, expected: Fit) -> None:
    assert Fit.parse(value) == expected


@pytest.mark.parametrize("value", ["AUTO", 3, True, {"page": "1"}, {}])
def test_parse_refuses_the_rest(value: object) -> None:
    with pytest.raises(ConfigurationError, match="fit= takes 'auto', 'strict' or a Fit"):
        Fit.parse(value)


WRONG: list[dict[str, Any]] = [
    {"mode": "loose"},
    {"jpeg_quality": 0},
    {"jpeg_quality": True},
    {"jpeg_quality": 60, "min_jpeg_quality": 70},
    {"keep_metadata": 1},
    {"animated": "last"},
    {"max_side": 0},
    {"max_decoded_pixels": None},
    {"pages": "one"},
    {"pages": "1;2"},
    {"pages": ""},
    {"password": 1234},
    {"raster_dpi": 5},
    {"start": -1},
    {"start": float("nan")},
    {"end": 0},
    {"start": 5, "end": 5},
    {"sample_rate": 100},
    {"mono": "yes"},
    {"fps": 0},
    {"max_frames": 0},
]


@pytest.mark.parametrize("knobs", WRONG, ids=str)
def test_wrong_knobs_are_refused_by_name(knobs: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"Fit\(\w+=…\) takes .+, not "):
        Fit(**knobs)


def test_a_password_is_never_shown() -> None:
    fit = Fit(password="hunter2", pages="1-3")
    assert "hunter2" not in f"{fit!r} {fit}"
    assert repr(fit) == "Fit(pages='1-3', password=…)"
    assert pickle.loads(pickle.dumps(fit)) == fit
    with pytest.raises(ConfigurationError) as caught:
        Fit(password=b"hunter2")  # type: ignore[arg-type]
    assert "hunter2" not in str(caught.value)


RANGES = [
    (None, (0, 1, 2, 3, 4)),
    ("2", (1,)),
    ("1-3,5", (0, 1, 2, 4)),
    ("4-", (3, 4)),
    ("-2", (0, 1)),
    ("3,1,3", (2, 0)),
]


@pytest.mark.parametrize(("ranges", "pages"), [*RANGES, ("3-99", (2, 3, 4)), (" 1 - 2 ", (0, 1))])
def test_ranges(ranges: str | None, pages: tuple[int, ...]) -> None:
    assert Fit(pages=ranges).pages == ranges
    assert selected(ranges, 5, "it") == pages


@pytest.mark.parametrize("ranges", ["0", "6", "3-2", "7-9", "1,9"])
def test_ranges_that_name_no_page(ranges: str) -> None:
    with pytest.raises(MediaError, match="count from 1 to 5"):
        selected(ranges, 5, "it")


def test_limits_count_base64() -> None:
    limits = Limits(frozenset(), max_bytes=400, encoded=True)
    assert limits.room == 300
    assert limits.takes_bytes(300)
    assert not limits.takes_bytes(301)
    assert Limits(frozenset()).room is None


@pytest.mark.parametrize(
    ("limits", "fits"),
    [
        (Limits(frozenset()), True),
        (Limits(frozenset(), max_edge=100), True),
        (Limits(frozenset(), max_edge=99), False),
        (Limits(frozenset(), max_pixels=5000), True),
        (Limits(frozenset(), max_pixels=4999), False),
        (Limits(frozenset(), max_patches=8), True),
        (Limits(frozenset(), max_patches=7), False),
    ],
)
def test_limits_on_pixels(limits: Limits, fits: bool) -> None:
    assert limits.takes_size(100, 50) is fits


def test_a_change_prints_as_a_line() -> None:
    before, after = Facts("image/png", 3_100_000, (4000, 3000)), Facts("image/jpeg", 412_000, (1568, 1176))
    line = str(Change("resized", "4,000 px, at most 1,568", before, after))
    assert line == (
        "resized: image/png, 4,000×3,000 px, 3.1 MB → image/jpeg, 1,568×1,176 px, 412 kB (4,000 px, at most 1,568)"
    )
    assert str(Change("first frame", "it is animated")) == "first frame (it is animated)"
    assert str(Facts()) == "unknown"


def test_a_fitted_medium_prints_with_its_changes() -> None:
    medium = image(photo(), "JPEG")
    fitted = Fitted((medium,), (Change("trimmed", "asked for"),))
    assert str(fitted) == f"{medium!r}\n  trimmed (asked for)"
    assert fitted.changed
    assert not Fitted((medium,)).changed


def test_a_wrong_name_is_noted_and_changes_nothing() -> None:
    medium = Image.from_bytes(image(photo(), "JPEG").read(), "image/png")
    (note,) = type_by_content(medium)
    assert "said to be image/png, the content is image/jpeg" in note.why
    assert not Fitted((medium,), (note,)).changed


@pytest.mark.parametrize(
    ("size", "words"), [(999, "999 bytes"), (20_400, "20 kB"), (2_500_000, "2.5 MB"), (3 * 10**9, "3.0 GB")]
)
def test_amounts(size: int, words: str) -> None:
    assert amount(size) == words
