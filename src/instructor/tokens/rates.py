"""How time, pages and text become tokens.

    PerSecond        recordings                        OpenAI, Gemini
    PerFrame         films: frames, and their sound    Gemini
    PerPage          PDF pages by resolution           Gemini
    TextAndPictures  PDF pages as text and a picture   Anthropic, OpenAI
    Characters       text, roughly

What a page's text costs is known only if its characters are, and then roughly: such counts have a low and a high end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from ..values import dataclass
from .facts import Film, Pages, Sound, Words, whole
from .formulas import Count, Steps, refused, up


@dataclass(frozen=True, slots=True)
class Characters:
    """So many characters a token: true of English prose on the whole, and of nothing in particular."""

    chars: int = 4
    name: ClassVar[str] = "rough: characters"

    @property
    def rule(self) -> str:
        return f"about {self.chars} characters a token (rough)"

    def count(self, fact: Words, /) -> Count:
        return Count(up(fact.chars, self.chars), note="rough: a tokenizer is not asked")


ROUGHLY = Characters()


@dataclass(frozen=True, slots=True)
class PerSecond:
    """So many for each second."""

    rate: int
    name: ClassVar[str] = "per second"

    @property
    def rule(self) -> str:
        return f"{self.rate} a second"

    def count(self, fact: Sound, /) -> Count:
        return Count(whole(fact.seconds * self.rate))


@dataclass(frozen=True, slots=True)
class PerFrame:
    """So many for each frame looked at, and for each second of sound."""

    steps: Steps
    sound: int
    name: ClassVar[str] = "per frame and second"

    @property
    def rule(self) -> str:
        return f"each frame: {self.steps}; sound {self.sound} a second"

    def count(self, fact: Film, /) -> Count:
        frame = self.steps.at(fact.detail)
        if frame is None:
            return refused(fact.detail)
        return Count(frame * fact.frames + (whole(fact.seconds * self.sound) if fact.sound else 0))


@dataclass(frozen=True, slots=True)
class PerPage:
    """So many for each page by resolution; its text layer comes on top."""

    steps: Steps
    name: ClassVar[str] = "per page"

    @property
    def rule(self) -> str:
        return f"each page: {self.steps}; and its text"

    def count(self, fact: Pages, /) -> Count:
        page = self.steps.at(fact.detail)
        if page is None:
            return refused(fact.detail)
        tokens = page * fact.count
        if not fact.text_chars:
            return Count(tokens, note=None if fact.text_chars == 0 else "without the text layer")
        return Count(tokens, at_most=tokens + up(fact.text_chars, ROUGHLY.chars))


@dataclass(frozen=True, slots=True)
class TextAndPictures:
    """The text of each page, and a picture of it in a size that is not published: at most the largest taken.

    `page` is the published range of text tokens a page, if there is one; it stands in for characters that are not known.
    """

    picture: Callable[[str | None], int | None]
    told: str
    page: tuple[int, int] | None = None
    name: ClassVar[str] = "text and a picture of each page"

    @property
    def rule(self) -> str:
        text = f"{self.page[0]:,}–{self.page[1]:,} for its text" if self.page else "its text"
        return f"each page: {text}, and a picture of {self.told}"

    def count(self, fact: Pages, /) -> Count:
        picture = self.picture(fact.detail)
        if picture is None:
            return refused(fact.detail)
        if fact.text_chars is not None:
            low = high = up(fact.text_chars, ROUGHLY.chars)
        elif self.page is not None:
            low, high = (tokens * fact.count for tokens in self.page)
        else:
            return Count(None, note="the characters of its text are not known")
        return Count(low, at_most=high + picture * fact.count)
