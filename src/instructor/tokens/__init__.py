"""Token estimates, offline: facts in, a number out, by the provider's own published rule.

facts ─▶ estimate(provider, model, thing) ─▶ Estimate
            └ families   which rule for which model, with its source
                 ├ formulas   pictures
                 └ rates      recordings, films, pages, text
table       the same rules as Markdown
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from .facts import Estimate, Film, Pages, Picture, Sound, Thing, Words
from .families import FILMS, PAGES, PICTURES, SOUNDS, Row, find
from .rates import ROUGHLY

__all__ = ["Estimate", "Film", "Pages", "Picture", "Sound", "Thing", "Words", "estimate"]

Fact = TypeVar("Fact")

WORDS: Row[Words] = Row("all", "", ROUGHLY, "https://ai.google.dev/gemini-api/docs/tokens: about 4 characters a token")
UNKNOWN = Estimate(None, "unknown", "")


def estimate(provider: str, model: str, thing: Thing) -> Estimate:
    """What a thing costs in input tokens when this model reads it.

    Nothing is guessed: a model whose rule is not published gives `tokens=None` and the formula `unknown`. Text alone is
    estimated for every model, roughly.
    """
    match thing:
        case Words():
            return _by(WORDS, thing)
        case Picture():
            return _read(PICTURES, provider, model, thing)
        case Sound():
            return _read(SOUNDS, provider, model, thing)
        case Film():
            return _read(FILMS, provider, model, thing)
        case Pages():
            return _read(PAGES, provider, model, thing)


def _read(table: Mapping[str, tuple[Row[Fact], ...]], provider: str, model: str, fact: Fact) -> Estimate:
    row = find(table, provider, model)
    return UNKNOWN if row is None else _by(row, fact)


def _by(row: Row[Fact], fact: Fact) -> Estimate:
    count = row.formula.count(fact)
    width, height = count.size or (None, None)
    return Estimate(
        tokens=count.tokens,
        formula=row.formula.name,
        source=row.source,
        exact=row.exact and count.tokens is not None,
        at_most=count.at_most,
        width=width,
        height=height,
        note=count.note,
    )
