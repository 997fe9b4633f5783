"""Readings laid out by hand: printed pages with boxes, typed text, speech."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from instructor.providers.embedded.filling import Filled, fill
from instructor.providers.embedded.reading import Code, Reading, Row, Word

CHAR, HEIGHT, PITCH = 10.0, 20.0, 32.0


def word(text: str, x: float, y: float, size: float = 1.0, right: bool = False) -> Word:
    """One OCR box; x is its left edge, or its right edge."""
    wide = len(text) * CHAR * size
    left = x - wide if right else x
    return Word(text, (left, y, left + wide, y + HEIGHT * size))


def printed(
    *rows: Sequence[tuple[str, float]],
    codes: tuple[Code, ...] = (),
    sizes: dict[int, float] | None = None,
    **facts: Any,
) -> Reading:
    """A picture with a row for each argument: (text, left edge) …; an empty row is a wider gap."""
    made: list[Row] = []
    y = 40.0
    for number, row in enumerate(rows):
        size = (sizes or {}).get(number, 1.0)
        if row:
            made.append(Row(tuple(word(text, x, y, size) for text, x in row)))
        y += PITCH * size
    known = {"width": 640, "height": 480, "colours": ("white", "blue")} | facts
    return Reading("image", "image/png", 1000, tuple(made), codes, **known)


def lines(text: str, kind: Any = "text") -> Reading:
    """Text without geometry: one word to a line."""
    media_type = {"audio": "audio/wav", "pdf": "application/pdf"}.get(kind, "text/plain")
    return Reading(kind, media_type, len(text), tuple(Row((Word(line),)) for line in text.split("\n")))


def spoken(text: str) -> Reading:
    """One utterance, a word at a time, as a speech reader gives it."""
    return Reading("audio", "audio/wav", 9, (Row(tuple(Word(one) for one in text.split())),), seconds=2.5)


def filled(target: Any, *readings: Reading | str, **options: Any) -> Filled:
    """What `fill` makes of the readings for a pydantic type; a string is a text without geometry."""
    read = [lines(one) if isinstance(one, str) else one for one in readings]
    return fill(TypeAdapter(target).json_schema(by_alias=True, mode="validation"), read, **options)
