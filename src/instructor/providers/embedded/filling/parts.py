"""What the searches for values pass to each other: the document asked, and the part of the answer that was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ....values import dataclass
from .coerce import Hints
from .hits import find_hits
from .labels import index_labels
from .layout import Layout
from .pairs import Page
from .shape import Shape
from .slots import Slot

ABSENT: Any = object()
"""Stands for "not in the media"; never leaves this package."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value of one shape (or ABSENT), the required properties it lacks, and how many were found in it."""

    value: Any
    missing: tuple[str, ...] = ()
    found: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """The laid-out document with what all its values share, and how often it has been asked."""

    layout: Layout
    hints: Hints
    round: int

    def page(self, slots: Sequence[Slot]) -> Page:
        """The document with the labels of `slots` found in it."""
        index = index_labels((slot.labels for slot in slots), self.round)
        return Page(self.layout, find_hits(self.layout, index), self.hints, index)


Fill = Callable[[Shape, Source, str], Part]
"""How an object is filled from a source."""
