"""How pictures become tokens: each provider's own arithmetic, as values.

    Patches       32 px, shrunk to a side and a number of them, times a factor       OpenAI, newer models
    Tiles         512 px after two shrinks: a base and so many for each              OpenAI, older models
    Grid          28 px, shrunk to a side and a number of them                       Anthropic
    Resolutions   so many by the resolution asked for, whatever the size             Gemini 3
    PanAndScan    crops of a size that follows the short side                        Gemini 2.5
    Area          pixels by a number                                                 Mistral
    Previewed     512 px tiles and one for the whole                                 Cohere
    Squares       one to four tiles of 560 px                                        Together
    Filled        enlarged or shrunk until a number of squares is used up            Cerebras, Gemma
    Capped        32 px squares up to a number                                       Cerebras, Qwen
    Ceiling       only the most is published                                         DeepSeek

`count()` takes a `Picture` and gives a `Count`; `rule` says it in words for the documentation. Sizes are integers and
ratios fractions, so that nothing is rounded but where the provider rounds.
"""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from math import ceil, isqrt
from typing import ClassVar, Protocol, TypeVar

from ..values import dataclass
from .facts import Picture

Size = tuple[int, int]
Fact_contra = TypeVar("Fact_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Count:
    """What a formula gives."""

    tokens: int | None
    at_most: int | None = None
    size: Size | None = None
    note: str | None = None


class Formula(Protocol[Fact_contra]):
    """A rule from facts to tokens."""

    name: ClassVar[str]

    @property
    def rule(self) -> str: ...
    def count(self, fact: Fact_contra, /) -> Count: ...


def refused(detail: str | None) -> Count:
    """No such resolution here."""
    return Count(None, note=f"there is no detail {detail!r} for this model")


def up(amount: int, unit: int) -> int:
    """How many units cover an amount."""
    return -(-amount // unit)


def shrunk(width: int, height: int, long: int, short: int | None = None) -> Size:
    """The size that keeps the shape within a long and a short side; never larger than it was, never empty."""
    scale = min(Fraction(1), Fraction(long, max(width, height)), Fraction(short or long, min(width, height)))
    return max(1, round(width * scale)), max(1, round(height * scale))


# ── OpenAI ───────────────────────────────────────────────────────────────────────────────────────

PATCH = 32


@dataclass(frozen=True, slots=True)
class Level:
    """What one `detail` allows: the longest side, the most patches, and how many are refused instead of shrunk."""

    side: int
    budget: int | None = None
    refuses: int | None = None

    def __str__(self) -> str:
        budget = f", {self.budget:,} patches" if self.budget else ""
        return f"≤ {self.side:,} px{budget}" + (f", over {self.refuses:,} patches refused" if self.refuses else "")

    @property
    def most(self) -> int:
        """The most patches a picture can be."""
        return min(limit for limit in (self.budget, self.refuses, up(self.side, PATCH) ** 2) if limit)

    def fit(self, width: int, height: int) -> Size:
        """The size after the provider's resize.

        The published factor is r = √(32²·B/(w·h)), made smaller until one side is a whole number of patches. Then
        w·r/32 = √(B·w/h), and the whole part of a root is an integer root: no floating point.
        """
        width, height = shrunk(width, height, self.side)
        if self.budget is None or up(width, PATCH) * up(height, PATCH) <= self.budget:
            return width, height
        across, down = (max(1, isqrt(self.budget * a // b)) for a, b in ((width, height), (height, width)))
        if across * height <= down * width:
            return across * PATCH, max(1, height * across * PATCH // width)
        return max(1, width * down * PATCH // height), down * PATCH


@dataclass(frozen=True, slots=True)
class Patches:
    """Patches of 32 px times a factor, by `detail`."""

    factor: Fraction
    low: Level
    high: Level
    auto: Level
    original: Level | None = None
    name: ClassVar[str] = "patches of 32 px"

    @property
    def rule(self) -> str:
        named = {"low": self.low, "high": self.high, "original": self.original, "auto": self.auto}
        levels = dict.fromkeys(level for level in named.values() if level)
        told = (f"{', '.join(name for name in named if named[name] == level)} {level}" for level in levels)
        return f"patches of 32 px × {float(self.factor):g}; {'; '.join(told)}"

    def level(self, detail: str | None) -> Level | None:
        """The limits of a detail."""
        levels = {None: self.auto, "auto": self.auto, "low": self.low, "high": self.high, "original": self.original}
        return levels.get(detail)

    def most(self, detail: str | None) -> int | None:
        """The most tokens that a picture can be."""
        level = self.level(detail)
        return None if level is None else ceil(self.factor * level.most)

    def count(self, fact: Picture, /) -> Count:
        level = self.level(fact.detail)
        if level is None:
            return refused(fact.detail)
        width, height = level.fit(fact.width, fact.height)
        patches = up(width, PATCH) * up(height, PATCH)
        over = level.refuses is not None and patches > level.refuses
        note = f"refused: {patches:,} patches, more than {level.refuses:,}" if over else None
        return Count(ceil(self.factor * patches), size=(width, height), note=note)


@dataclass(frozen=True, slots=True)
class Tiles:
    """A base, and so many for each tile of 512 px after two shrinks; `low` is the base alone."""

    base: int
    tile: int
    name: ClassVar[str] = "tiles of 512 px"

    @property
    def rule(self) -> str:
        return f"low {self.base:,}; high, auto: {self.base:,} + {self.tile:,} for each tile of 512 px, ≤ 2,048 × 768 px"

    def most(self, detail: str | None) -> int | None:
        """The most tokens that a picture can be."""
        return self.count(Picture(2048, 768, detail)).tokens

    def count(self, fact: Picture, /) -> Count:
        if fact.detail not in (None, "auto", "low", "high"):
            return refused(fact.detail)
        if fact.detail == "low":
            return Count(self.base)
        width, height = shrunk(fact.width, fact.height, 2048)
        if (short := min(width, height)) > 768:
            width, height = width * 768 // short, height * 768 // short
        return Count(self.base + self.tile * up(width, 512) * up(height, 512), size=(width, height))


# ── Anthropic ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Grid:
    """Patches of 28 px: the largest size of the same shape within a long side and a number of patches."""

    side: int
    most: int
    name: ClassVar[str] = "patches of 28 px"

    @property
    def rule(self) -> str:
        return f"patches of 28 px, ≤ {self.side:,} px and {self.most:,} patches"

    def fits(self, width: int, height: int) -> bool:
        """Whether a picture is taken as it is. Sides count with their padding to whole patches."""
        across, down = up(width, 28), up(height, 28)
        return max(across, down) * 28 <= self.side and across * down <= self.most

    def fit(self, width: int, height: int) -> Size:
        """The size after the provider's resize, before padding."""
        if self.fits(width, height):
            return width, height
        if height > width:
            height, width = self.fit(height, width)
            return width, height
        shape = width / height

        def other(long: int) -> int:
            return max(1, round(long / shape))  # ties to even, as published

        # Sizes only grow along the long side, so the first that does not fit parts them.
        long = max(1, bisect_left(range(1, width), True, key=lambda long: not self.fits(long, other(long))))
        return long, other(long)

    def count(self, fact: Picture, /) -> Count:
        width, height = self.fit(fact.width, fact.height)
        return Count(up(width, 28) * up(height, 28), size=(width, height))


# ── Gemini ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Steps:
    """So many tokens by the resolution asked for."""

    default: int
    low: int
    medium: int
    high: int
    ultra_high: int | None = None

    def __str__(self) -> str:
        steps = {"low": self.low, "medium": self.medium, "high": self.high, "ultra_high": self.ultra_high}
        told = ", ".join(f"{name} {tokens:,}" for name, tokens in steps.items() if tokens)
        return f"{told}; default {self.default:,}"

    def at(self, detail: str | None) -> int | None:
        """The tokens of a resolution. OpenAI's `auto` and `original` have no counterpart and are not sent."""
        if detail in (None, "auto", "original"):
            return self.default
        steps = {"low": self.low, "medium": self.medium, "high": self.high, "ultra_high": self.ultra_high}
        return steps.get(detail or "")


@dataclass(frozen=True, slots=True)
class Resolutions:
    """So many by the resolution asked for, whatever the size."""

    steps: Steps
    name: ClassVar[str] = "by resolution"

    @property
    def rule(self) -> str:
        return f"by resolution: {self.steps}"

    def count(self, fact: Picture, /) -> Count:
        tokens = self.steps.at(fact.detail)
        return refused(fact.detail) if tokens is None else Count(tokens)


@dataclass(frozen=True, slots=True)
class PanAndScan:
    """One tile for a small picture, else crops whose side is two thirds of the short side, up to a number of tokens."""

    low: int = 64
    medium: int = 256
    tile: int = 258
    small: int = 384
    cap: int = 2048
    name: ClassVar[str] = "crops of 2/3 of the short side"

    @property
    def rule(self) -> str:
        crops = f"{self.tile} for each crop of ⌊short side / 1.5⌋, about {self.cap:,} at most"
        return f"low {self.low}, medium {self.medium}; high, default: {self.tile} up to {self.small} px, else {crops}"

    def count(self, fact: Picture, /) -> Count:
        fixed = {"low": self.low, "medium": self.medium}.get(fact.detail or "")
        if fixed is not None:
            return Count(fixed)
        if fact.detail not in (None, "auto", "high", "original"):
            return refused(fact.detail)
        if max(fact.width, fact.height) <= self.small:
            return Count(self.tile)
        crop = max(1, min(fact.width, fact.height) * 2 // 3)
        return Count(min(self.cap, self.tile * up(fact.width, crop) * up(fact.height, crop)))


# ── others ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Area:
    """Pixels by a number, after a shrink to a square."""

    side: int
    pixels: int
    name: ClassVar[str] = "by area"

    @property
    def rule(self) -> str:
        return f"about width × height / {self.pixels}, ≤ {self.side:,} × {self.side:,} px"

    def count(self, fact: Picture, /) -> Count:
        width, height = shrunk(fact.width, fact.height, self.side)
        return Count(up(width * height, self.pixels), size=(width, height))


@dataclass(frozen=True, slots=True)
class Previewed:
    """Tiles of 512 px and one for the whole picture; `low` is one tile, and so is `auto` for a small picture."""

    tile: int = 256
    name: ClassVar[str] = "tiles of 512 px and a preview"

    @property
    def rule(self) -> str:
        high = f"{self.tile} for each tile of 512 px and for a preview, ≤ 2,048 × 1,536 px"
        return f"low {self.tile}; high: {high}; auto: high if a side is over 768 px, else low"

    def count(self, fact: Picture, /) -> Count:
        if fact.detail not in (None, "auto", "low", "high"):
            return refused(fact.detail)
        small = max(fact.width, fact.height) <= 768
        if fact.detail == "low" or (small and fact.detail != "high"):
            return Count(self.tile, size=shrunk(fact.width, fact.height, 512))
        width, height = shrunk(fact.width, fact.height, 2048, 1536)
        return Count(self.tile * (1 + up(width, 512) * up(height, 512)), size=(width, height))


@dataclass(frozen=True, slots=True)
class Squares:
    """One or two whole tiles of 560 px each way."""

    tile: int = 1601
    name: ClassVar[str] = "tiles of 560 px"

    @property
    def rule(self) -> str:
        return f"{self.tile:,} × min(2, max(1, ⌊width / 560⌋)) × min(2, max(1, ⌊height / 560⌋))"

    def count(self, fact: Picture, /) -> Count:
        across, down = (min(2, max(1, side // 560)) for side in (fact.width, fact.height))
        return Count(self.tile * across * down)


@dataclass(frozen=True, slots=True)
class Filled:
    """Enlarged or shrunk to a number of squares, each side then cut to whole squares."""

    square: int
    most: int
    name: ClassVar[str] = "filled squares"

    @property
    def rule(self) -> str:
        return f"scaled to {self.most} squares of {self.square} px, sides cut to whole squares"

    def count(self, fact: Picture, /) -> Count:
        shapes = ((fact.width, fact.height), (fact.height, fact.width))
        across, down = (max(1, isqrt(self.most * a // b)) for a, b in shapes)
        return Count(min(self.most, across * down), size=(across * self.square, down * self.square))


@dataclass(frozen=True, slots=True)
class Capped:
    """Squares up to a number. How a larger picture is shrunk is not published, so its size after that is not told."""

    square: int
    most: int
    name: ClassVar[str] = "capped squares"

    @property
    def rule(self) -> str:
        return f"squares of {self.square} px, {self.most:,} at most"

    def count(self, fact: Picture, /) -> Count:
        squares = up(fact.width, self.square) * up(fact.height, self.square)
        if squares <= self.most:
            return Count(squares)
        return Count(self.most, note="shrunk by a rule that is not published: likely fewer")


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Only the most is known."""

    most: int
    name: ClassVar[str] = "a ceiling"

    @property
    def rule(self) -> str:
        return f"by size, {self.most:,} at most; the rule is not published"

    def count(self, fact: Picture, /) -> Count:
        return Count(None, at_most=self.most)
