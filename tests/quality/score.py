"""Field accuracy: what was filled beside what the document says, leaf by leaf.

Lossy choices, stated:
- texts are equal if they agree on letters and digits, ignoring case, spacing and punctuation
  (a text of punctuation only is compared as it is);
- elements of lists are compared by position;
- a leaf is judged after it was coerced to the type of the true leaf, as pydantic would on validation.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter, ValidationError

Verdict = Literal["right", "wrong", "missing", "invented"]


@dataclass(frozen=True, slots=True)
class Leaf:
    path: str
    verdict: Verdict
    truth: Any = None
    got: Any = None


@dataclass(frozen=True, slots=True)
class Score:
    """`invented` leaves are filled where the document has nothing; they cost precision, not accuracy."""

    right: int = 0
    wrong: int = 0
    missing: int = 0
    invented: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.right + other.right,
            self.wrong + other.wrong,
            self.missing + other.missing,
            self.invented + other.invented,
        )

    @property
    def leaves(self) -> int:
        return self.right + self.wrong + self.missing

    @property
    def accuracy(self) -> float:
        """Right leaves among all leaves of the truth."""
        return self.right / self.leaves if self.leaves else 1.0

    @property
    def precision(self) -> float:
        """Right leaves among all leaves that were filled."""
        filled = self.right + self.wrong + self.invented
        return self.right / filled if filled else 1.0


def compare(truth: Any, got: Any, path: str = "$") -> Iterator[Leaf]:
    """Every leaf of the truth, and every leaf that was filled without one."""
    match truth:
        case BaseModel():
            fields = type(truth).model_fields
            given = got if isinstance(got, Mapping) else {}
            for name, field in fields.items():
                value = given.get(field.alias or name, given.get(name))
                yield from compare(getattr(truth, name), value, f"{path}.{name}")
        case list():
            elements = list(got) if isinstance(got, Sequence) and not isinstance(got, str) else []
            for number, element in enumerate(truth):
                value = elements[number] if number < len(elements) else None
                yield from compare(element, value, f"{path}[{number}]")
            for number, extra in enumerate(elements[len(truth) :], len(truth)):
                yield from _invented(extra, f"{path}[{number}]")
        case None:
            yield from _invented(got, path)
        case _:
            yield Leaf(path, _judge(truth, got), truth, got)


def total(leaves: Iterable[Leaf]) -> Score:
    counts = {"right": 0, "wrong": 0, "missing": 0, "invented": 0}
    for leaf in leaves:
        counts[leaf.verdict] += 1
    return Score(**counts)


def _invented(got: Any, path: str) -> Iterator[Leaf]:
    match got:
        case None:
            return
        case Mapping():
            for name, value in got.items():
                yield from _invented(value, f"{path}.{name}")
        case list():
            for number, value in enumerate(got):
                yield from _invented(value, f"{path}[{number}]")
        case _:
            yield Leaf(path, "invented", None, got)


def _judge(truth: Any, got: Any) -> Verdict:
    if got is None:
        return "missing"
    try:
        value = TypeAdapter(type(truth)).validate_python(got)
    except ValidationError:
        return "wrong"
    if isinstance(truth, str) and not isinstance(truth, Enum):
        return "right" if _folded(truth) == _folded(value) else "wrong"
    return "right" if value == truth else "wrong"


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if c.isalnum()) or plain.strip()
