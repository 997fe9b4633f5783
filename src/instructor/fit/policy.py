"""How the caller wants media made to fit: one frozen value with a knob for each choice.

    Fit.AUTO      change what has to be changed (the default)
    Fit.STRICT    never change: an error that names the limit, the figure and the way out
    Fit(…)        AUTO with knobs
    Fit.parse("auto" | "strict" | Fit | None)

What is asked for outright (`pages`, `start`, `end`, `max_side`, …) is done even where no limit demands it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, fields
from math import isfinite
from typing import Any, ClassVar, Literal, get_args

from ..errors import ConfigurationError
from ..media import Media
from ..values import dataclass

Mode = Literal["auto", "strict"]
Animated = Literal["first", "refuse"]

MAX_DECODED_PIXELS = 200_000_000
"""Pictures of more pixels are never decoded, by default: 200 megapixels are 600 MB as RGB, and the largest
camera sensors in phones have as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The caller's choices. Every knob has a default.

    Args:
        mode: `"auto"` changes media as needed; `"strict"` raises instead, whatever the knobs say.

        jpeg_quality: the quality (1 to 100) of pictures written as JPEG or lossy WebP.
        min_jpeg_quality: how far it may be lowered for the sake of bytes, before pixels are given up.
        keep_metadata: leave EXIF, XMP, IPTC and comments in pictures, the place where they were taken included.
        animated: what happens to an animation where only still pictures are taken: its first frame, or an error.
        max_side: the longest side in pixels that pictures, frames and rasterised pages may have, whatever the
            limits allow.
        max_decoded_pixels: pictures whose header claims more are refused before anything is decoded.

        pages: the pages of a PDF to send, from 1: `"1-3,7,10-"`.
        password: opens a locked PDF. Never shown.
        split: a PDF over the limits becomes several PDFs, in order; `False` makes it an error.
        raster_dpi: the resolution of pages that are made pictures.

        start: where recordings and films begin, in seconds.
        end: where they end, in seconds from their own beginning.
        sample_rate: hertz of recordings; `None` keeps it, or lowers it to 16,000 where the size demands it.
        mono: one channel; `None` keeps the channels, or mixes them down where the size demands it.
        fps: frames a second that a film is sampled at; `None` spreads `max_frames` over it.
        max_frames: the most frames that a film is sampled to.

    Raises:
        ConfigurationError: a value is of the wrong type or out of range.
    """

    AUTO: ClassVar[Fit]
    STRICT: ClassVar[Fit]

    mode: Mode = "auto"

    jpeg_quality: int = 88
    min_jpeg_quality: int = 70
    keep_metadata: bool = False
    animated: Animated = "first"
    max_side: int | None = None
    max_decoded_pixels: int = MAX_DECODED_PIXELS

    pages: str | None = None
    password: str | None = field(default=None, repr=False)
    split: bool = True
    raster_dpi: int = 150

    start: float | None = None
    end: float | None = None
    sample_rate: int | None = None
    mono: bool | None = None
    fps: float | None = None
    max_frames: int = 32

    def __post_init__(self) -> None:
        for name, (check, wanted) in RULES.items():
            value = getattr(self, name)
            if not check(value):
                raise _wrong(name, wanted, "a value of another type" if name == "password" else repr(value)[:100])
        if self.min_jpeg_quality > self.jpeg_quality:
            raise _wrong("min_jpeg_quality", f"at most jpeg_quality ({self.jpeg_quality})", str(self.min_jpeg_quality))
        if self.end is not None and self.end <= (self.start or 0.0):
            raise _wrong("end", f"a time after start ({self.start or 0:g} s)", f"{self.end:g}")

    @property
    def strict(self) -> bool:
        """Whether media may not be changed."""
        return self.mode == "strict"

    @classmethod
    def parse(cls, value: object) -> Fit:
        """From what callers write: `"auto"`, `"strict"`, a `Fit`, what `wire` gives, or `None` for the default.

        Raises:
            ConfigurationError: it is something else.
        """
        if isinstance(value, Fit):
            return value
        if value is None or value == "auto":
            return cls.AUTO
        if value == "strict":
            return cls.STRICT
        if isinstance(value, Mapping) and value and set(value) <= {f.name for f in fields(cls)}:
            return cls(**value)
        raise ConfigurationError(f"fit= takes 'auto', 'strict' or a Fit(…), not {type(value).__name__} {value!r:.60}")

    @classmethod
    def of(cls, medium: Media, otherwise: Fit) -> Fit:
        """What may be done to a medium: its own `fitting`, or else what the call says.

        Raises:
            ConfigurationError: its own is no such thing.
        """
        return otherwise if medium.fitting is None else cls.parse(medium.fitting)

    def wire(self) -> dict[str, Any]:
        """The knobs that were turned, as JSON values.

        Raises:
            ConfigurationError: there is a password among them, which is written nowhere.
        """
        if self.password is not None:
            raise ConfigurationError("a Fit with a password is not written as JSON: leave the password out")
        return {f.name: getattr(self, f.name) for f in fields(self) if self._differs(f.name)}

    def __repr__(self) -> str:
        changed = [f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr and self._differs(f.name)]
        hidden = ["password=…"] if self.password is not None else []
        return f"Fit({', '.join(changed + hidden)})"

    def _differs(self, name: str) -> bool:
        return bool(getattr(self, name) != getattr(Fit.AUTO, name))


# ── values ───────────────────────────────────────────────────────────────────────────────────────


def _whole(least: int, most: int | None = None, *, optional: bool = False) -> Any:
    def check(value: object) -> bool:
        if value is None:
            return optional
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= (most or value)

    return check


def _number(least: float, most: float | None = None, *, open_: bool = False) -> Any:
    def check(value: object) -> bool:
        if value is None:
            return True
        if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
            return False
        return (value > least if open_ else value >= least) and (most is None or value <= most)

    return check


def _one_of(*values: object) -> Any:
    return lambda value: any(value is known or (isinstance(known, str) and value == known) for known in values)


_RANGES = re.compile(r"\s*(?:\d+|\d+\s*-\s*\d*|-\s*\d+)\s*(?:,\s*(?:\d+|\d+\s*-\s*\d*|-\s*\d+)\s*)*")


def _is_ranges(value: object) -> bool:
    return value is None or (isinstance(value, str) and _RANGES.fullmatch(value) is not None)


RULES: Mapping[str, tuple[Any, str]] = {
    "mode": (_one_of(*get_args(Mode)), "'auto' or 'strict'"),
    "jpeg_quality": (_whole(1, 100), "a whole number from 1 to 100"),
    "min_jpeg_quality": (_whole(1, 100), "a whole number from 1 to 100"),
    "keep_metadata": (_one_of(True, False), "True or False"),
    "animated": (_one_of(*get_args(Animated)), "'first' or 'refuse'"),
    "max_side": (_whole(1, optional=True), "None or a positive number of pixels"),
    "max_decoded_pixels": (_whole(1), "a positive number of pixels"),
    "pages": (_is_ranges, "page numbers and ranges such as '1-3,7,10-'"),
    "password": (lambda value: value is None or isinstance(value, str), "a string"),
    "split": (_one_of(True, False), "True or False"),
    "raster_dpi": (_whole(18, 1200), "a whole number from 18 to 1200"),
    "start": (_number(0), "None or seconds, at least 0"),
    "end": (_number(0, open_=True), "None or seconds, more than 0"),
    "sample_rate": (_whole(4000, 192_000, optional=True), "None or hertz from 4,000 to 192,000"),
    "mono": (_one_of(True, False, None), "True, False or None"),
    "fps": (_number(0, 120, open_=True), "None or frames a second, more than 0 and at most 120"),
    "max_frames": (_whole(1), "a positive number of frames"),
}
"""Knob → what it takes, as a test and in words."""


def _wrong(name: str, wanted: str, got: str) -> ConfigurationError:
    return ConfigurationError(f"Fit({name}=…) takes {wanted}, not {got}")


Fit.AUTO = Fit()
Fit.STRICT = Fit(mode="strict")
