"""What was read from one medium: rows of words, codes, and a few measured facts.

    Reading
    ├── rows: Row …           text in reading order, one row per printed (or spoken) line
    │   └── words: Word …     text, box, confidence
    ├── codes: Code …         QR and bar codes, decoded
    ├── colours: str …        main colours by area, largest first (pictures only)
    └── unread: str …         sentences naming what could not be read

Values only: no reader is imported here.
"""

from __future__ import annotations

from typing import Literal

from ...values import dataclass

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; origin top left; pixels for pictures, points (1/72 inch) for PDF pages."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word, or one cell-like run of words that the reader did not split.

    `box` is all zeros where the medium has no geometry (plain text, speech). `confidence` is 0 … 1.
    """

    text: str
    box: Box = (0.0, 0.0, 0.0, 0.0)
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """Words that stand on one line, left to right. `page` counts from 1."""

    words: tuple[Word, ...]
    page: int = 1

    @property
    def text(self) -> str:
        """The words joined by single spaces."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Code:
    """A decoded QR or bar code: its symbology (`"QRCode"`, `"EAN13"`, …) and its text."""

    format: str
    text: str
    page: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything read from one medium."""

    kind: Literal["image", "pdf", "audio", "text"]
    media_type: str
    bytes: int
    rows: tuple[Row, ...] = ()
    codes: tuple[Code, ...] = ()
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    seconds: float | None = None
    colours: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All rows, one per line."""
        return "\n".join(row.text for row in self.rows)
