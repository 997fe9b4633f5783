"""A document in, its judged leaves out; readings are kept for the session."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from instructor.providers.embedded.filling import fill
from instructor.providers.embedded.read import read
from instructor.providers.embedded.reading import Reading

from .document import Document
from .documents import Variant, media
from .score import Leaf, Score, compare, total


@dataclass(frozen=True, slots=True)
class Result:
    document: Document
    variant: Variant
    leaves: tuple[Leaf, ...]

    @property
    def score(self) -> Score:
        return total(self.leaves)


@cache
def reading(document: Document, variant: Variant) -> Reading:
    data, media_type = media(document, variant)
    return read(data, media_type)


def extract(document: Document, variant: Variant) -> Any:
    """The filled value, as JSON, without validation."""
    schema = TypeAdapter(document.target).json_schema()
    return fill(schema, [reading(document, variant)]).value


@cache
def measure(variant: Variant) -> tuple[Result, ...]:
    return tuple(
        Result(document, variant, tuple(compare(document.truth, extract(document, variant))))
        for document in variant.documents
    )


def summed(results: tuple[Result, ...]) -> Score:
    return sum((result.score for result in results), Score())
