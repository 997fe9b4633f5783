"""One document of the measured set: how it is drawn, what it says, and into which type it is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from .marks import WHITE, Colour, Mark, Page

Kind = Literal["receipt", "invoice", "form", "table", "badge"]
Medium = Literal["png", "jpeg", "pdf", "scan"]


@dataclass(frozen=True, eq=False)
class Document:
    """`target` is what a caller passes as response model; `truth` is the value a perfect reader returns."""

    name: str
    kind: Kind
    target: Any
    truth: Any
    pages: tuple[Page, ...]
    medium: Medium = "png"
    scale: float = 2.0

    def __repr__(self) -> str:
        return f"Document({self.name})"


def page(width: float, height: float, *groups: Iterable[Mark], paper: Colour = WHITE) -> Page:
    """A page from groups of marks, drawn in order."""
    return Page(width, height, tuple(mark for group in groups for mark in group), paper)
