"""Quotes that are known to stand in the source.

    substring_quotes ── context={"context": source} ──▶ each quote found? ─ yes ─▶ the source's own words
                                                                          └ no ──▶ left out

    found = the same characters  →  the same words between other white space  →  up to `quote_typos` characters differ

Each step costs time that grows with the source, whatever the quotes hold. The last one is off unless a class asks
for it, and looks only near places that share a piece with the quote: of k + 1 pieces of a quote with k differences,
at least one has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, ClassVar, Self

from pydantic import BaseModel, Field, ValidationInfo, field_validator

Span = tuple[int, int]
"""Where a quote stands: `source[start:end]`."""

_TYPOS = 10
"""Differences in one quote, at most."""

_SHARE = 5
"""Of this many characters, one may differ: a shorter quote would be found anywhere."""

_LONGEST = 2_000
"""Characters of a quote that is looked for with differences."""

_PLACES = 8
"""Places that are looked at for each piece of a quote."""

_WORD = re.compile(r"\S+")


class CitationMixin(BaseModel):
    """Adds `substring_quotes` to a model, and keeps those that stand in `context={"context": source}`."""

    quote_typos: ClassVar[int] = 0
    """How many characters of a quote may differ from the source: 0 to 10, and never more than one in five."""

    substring_quotes: list[str] = Field(
        description="The passages of the source that support the answer, each copied word for word, and short",
    )

    @field_validator("substring_quotes", mode="after")
    @classmethod
    def _keep_what_stands_in_the_source(cls, quotes: list[str], info: ValidationInfo) -> list[str]:
        source = info.context.get("context") if isinstance(info.context, Mapping) else None
        if source is None:
            return quotes
        return [source[start:end] for start, end in _spans(quotes, _text(source), cls.quote_typos)]

    def get_spans(self, context: str) -> Iterator[Span]:
        """Where the quotes stand in `context`, in the order of the quotes; one that does not is left out."""
        return _spans(self.substring_quotes, _text(context), self.quote_typos)


def _text(source: Any) -> str:
    if isinstance(source, str):
        return source
    raise TypeError(f'citations are looked up in context["context"], a string, not {type(source).__name__}')


def _spans(quotes: list[str], source: str, typos: int) -> Iterator[Span]:
    loose = _Loose.of(source) if any(quote not in source for quote in quotes) else None
    for quote in quotes:
        if (span := _find(quote, source, loose, typos)) is not None:
            yield span


def _find(quote: str, source: str, loose: _Loose | None, typos: int) -> Span | None:
    words = " ".join(quote.split())
    if not words:
        return None
    start = source.find(quote.strip())
    if start >= 0:
        return start, start + len(quote.strip())
    if loose is None:
        return None
    start = loose.text.find(words)
    if start >= 0:
        return loose.span(start, start + len(words))
    most = min(typos, _TYPOS, len(words) // _SHARE)
    near = nearest(words, loose.text, most) if most > 0 and len(words) <= _LONGEST else None
    return loose.span(*near) if near else None


class _Loose:
    """A text with one space between words, and the way back to where its words stood."""

    def __init__(self, source: str, text: str) -> None:
        self.source, self.text = source, text

    @classmethod
    def of(cls, source: str) -> Self:
        return cls(source, " ".join(source.split()))

    def span(self, start: int, end: int) -> Span:
        """A span of the text as one of the source."""
        return self._place(start), self._place(end - 1) + 1

    def _place(self, at: int) -> int:
        number = self.text.count(" ", 0, at)
        within = at - (self.text.rfind(" ", 0, at) + 1)
        word = next(islice(_WORD.finditer(self.source), number, None))
        return word.start() + within


# ── with differences ─────────────────────────────────────────────────────────────────────────────


def nearest(quote: str, text: str, most: int) -> Span | None:
    """Where `text` holds `quote` with the fewest characters changed, added or left out, at most `most`; or None."""
    best: tuple[int, Span] | None = None
    for place in _places(quote, text, most):
        low = max(0, place - most)
        window = text[low : max(0, place + len(quote) + most)]
        differences, end = _ending(quote, window)
        if differences <= most and (best is None or differences < best[0]):
            _, length = _ending(quote[::-1], window[:end][::-1], anchored=True)
            best = differences, (low + end - length, low + end)
    return best and best[1]


def _places(quote: str, text: str, most: int) -> dict[int, None]:
    """Where the quote would begin, for the places that share a piece with it."""
    size = len(quote) // (most + 1)
    pieces = ((number * size, quote[number * size : (number + 1) * size]) for number in range(most + 1))
    return {at - offset: None for offset, piece in pieces for at in islice(_occurrences(piece, text), _PLACES)}


def _occurrences(piece: str, text: str) -> Iterator[int]:
    at = text.find(piece)
    while at >= 0:
        yield at
        at = text.find(piece, at + len(piece))


def _ending(quote: str, text: str, *, anchored: bool = False) -> tuple[int, int]:
    """The fewest differences with which the quote ends somewhere in the text, and the last place where it does.

    It begins anywhere, or, anchored, at the start of the text. Myers' bit vectors: a column of the table of edit
    distances is two integers, the rows where it steps up and those where it steps down; one step makes the next.
    """
    masks: dict[str, int] = {}
    for index, character in enumerate(quote):
        masks[character] = masks.get(character, 0) | 1 << index
    full, last = (1 << len(quote)) - 1, 1 << (len(quote) - 1)
    up, down, score = full, 0, len(quote)
    best = score, 0
    for end, character in enumerate(text, 1):
        same = masks.get(character, 0)
        diagonal = (((same & up) + up) ^ up) | same | down
        right, left = down | (~(diagonal | up) & full), up & diagonal
        score += bool(right & last) - bool(left & last)
        right, left = (right << 1 | anchored) & full, (left << 1) & full
        up, down = left | (~(diagonal | right) & full), right & diagonal
        if score <= best[0]:
            best = score, end
    return best
