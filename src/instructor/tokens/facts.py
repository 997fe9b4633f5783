"""What is known of a thing before it is sent, and what comes of it.

    Picture · Sound · Film · Pages · Words   facts: sizes, durations, counts. No content
    Thing                                    any of them
    Estimate                                 tokens, and by which rule of whose

`detail` is the resolution that the request asks for, where the provider has such a choice: `low`, `high`, `auto`,
`original` (OpenAI, Cohere), `low`, `medium`, `high`, `ultra_high` (Gemini). Leave it out where none is sent.
"""

from __future__ import annotations

from math import ceil, isfinite

from ..values import dataclass


def _at_least(least: int, **values: float | None) -> None:
    for name, value in values.items():
        if value is not None and not (isfinite(value) and value >= least):
            raise ValueError(f"{name} is a number from {least} up, not {value!r}")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of so many pixels, upright as it is shown."""

    width: int
    height: int
    detail: str | None = None

    def __post_init__(self) -> None:
        _at_least(1, width=self.width, height=self.height)


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording."""

    seconds: float

    def __post_init__(self) -> None:
        _at_least(0, seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Film:
    """A film sent as a film. `fps` is how many frames a second the provider is to look at, not how it was shot."""

    seconds: float
    fps: float = 1.0
    width: int | None = None
    height: int | None = None
    detail: str | None = None
    sound: bool = True

    def __post_init__(self) -> None:
        _at_least(0, seconds=self.seconds, fps=self.fps)
        _at_least(1, width=self.width, height=self.height)

    @property
    def frames(self) -> int:
        """How many frames are looked at."""
        return whole(self.seconds * self.fps)


@dataclass(frozen=True, slots=True)
class Pages:
    """A PDF document sent as such: its pages, and the characters of its text layer where they are known."""

    count: int
    text_chars: int | None = None
    detail: str | None = None

    def __post_init__(self) -> None:
        _at_least(0, count=self.count, text_chars=self.text_chars)


@dataclass(frozen=True, slots=True)
class Words:
    """So many characters of text."""

    chars: int

    def __post_init__(self) -> None:
        _at_least(0, chars=self.chars)

    @classmethod
    def of(cls, text: str) -> Words:
        """The fact of a text."""
        return cls(len(text))


Thing = Picture | Sound | Film | Pages | Words


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a thing costs in input tokens.

    `tokens` is None where the provider publishes no rule for the model: it is never guessed. Where the rule is a range
    or has a part of unknown size, `tokens` is the low end (None: not even that is known) and `at_most` the high end.
    """

    tokens: int | None
    formula: str
    """The name of the rule; `unknown` without one."""
    source: str
    """Where the rule is published, and when it was read; empty without one."""
    exact: bool = False
    """The provider gives the arithmetic without reserve. Otherwise expect to be off by a little, or see `note`."""
    at_most: int | None = None
    width: int | None = None
    """A picture's width after the provider's own resize."""
    height: int | None = None
    note: str | None = None

    def __str__(self) -> str:
        if self.tokens is None:
            return "unknown" if self.at_most is None else f"at most {self.at_most:,} tokens"
        upper = "" if self.at_most is None else f"–{self.at_most:,}"
        return f"{'' if self.exact or upper else '≈ '}{self.tokens:,}{upper} tokens"


def whole(amount: float) -> int:
    """Up to the next whole number, but not for the noise of binary fractions (0.1 × 30 is 3)."""
    return ceil(round(amount, 6))
