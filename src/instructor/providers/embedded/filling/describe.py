"""Facts about media, and a factual description made of them.

    PNG image, 640 x 480 pixels, mainly white and blue; text: "Blueberry muffins 3.50"; QRCode: https://example.com.

Measured or read, nothing else: what a picture shows beyond its words is not known here, and not said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ..reading import Reading
from .labels import words
from .layout import clean

_MOST_CHARACTERS = 600
_NAMES = {"image/jpeg": "JPEG", "image/svg+xml": "SVG", "application/pdf": "PDF", "text/plain": "plain"}
_NOUNS = {"image": "image", "pdf": "document", "audio": "recording", "text": "text"}


def describe(readings: Sequence[Reading]) -> str:
    """One sentence for each reading."""
    return " ".join(_sentence(reading) for reading in readings)


def _sentence(reading: Reading) -> str:
    measures = [f"{format_of(reading)} {_NOUNS[reading.kind]}"]
    if reading.width and reading.height and reading.kind == "image":
        measures.append(f"{reading.width} x {reading.height} pixels")
    if reading.pages:
        measures.append(f"{reading.pages} page{'s' if reading.pages > 1 else ''}")
    if reading.seconds is not None:
        measures.append(f"{reading.seconds:.1f} seconds")
    if reading.colours:
        measures.append(f"mainly {_listed(reading.colours[:3])}")
    parts = [", ".join(measures), *(f"{code.format}: {code.text}" for code in reading.codes)]
    spoken = transcript([reading])
    if spoken:
        parts.insert(1, f'{"speech" if reading.kind == "audio" else "text"}: "{_bounded(spoken)}"')
    elif reading.kind != "text":
        parts.insert(1, "no words read")
    return "; ".join(parts) + "."


def format_of(reading: Reading) -> str:
    """The format by its usual name: PNG, JPEG, WAV, PDF."""
    subtype = reading.media_type.split(";")[0].rpartition("/")[2]
    return _NAMES.get(reading.media_type, subtype.removeprefix("x-").upper())


def transcript(readings: Sequence[Reading]) -> str:
    """All words read, a line for each row."""
    lines = (
        clean(row.text) if reading.kind != "text" else row.text.strip() for reading in readings for row in reading.rows
    )
    return "\n".join(line for line in lines if line)


def _bounded(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _MOST_CHARACTERS else flat[:_MOST_CHARACTERS].rsplit(" ", 1)[0] + " …"


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


_FACTS: dict[str, Callable[[Reading], Any]] = {
    "width": lambda r: r.width if r.kind == "image" else None,
    "height": lambda r: r.height if r.kind == "image" else None,
    "format": format_of,
    "media type": lambda r: r.media_type,
    "mime type": lambda r: r.media_type,
    "content type": lambda r: r.media_type,
    "pages": lambda r: r.pages,
    "page count": lambda r: r.pages,
    "number of pages": lambda r: r.pages,
    "seconds": lambda r: r.seconds,
    "duration": lambda r: r.seconds,
    "duration seconds": lambda r: r.seconds,
    "length seconds": lambda r: r.seconds,
    "bytes": lambda r: r.bytes,
    "file size": lambda r: r.bytes,
    "size bytes": lambda r: r.bytes,
    "colours": lambda r: list(r.colours) or None,
    "main colours": lambda r: list(r.colours) or None,
    "dominant colours": lambda r: list(r.colours) or None,
    "colour": lambda r: r.colours[0] if r.colours else None,
    "main colour": lambda r: r.colours[0] if r.colours else None,
    "dominant colour": lambda r: r.colours[0] if r.colours else None,
    "background colour": lambda r: r.colours[0] if r.colours else None,
    "size": lambda r: f"{r.width} x {r.height} pixels" if r.width and r.height and r.kind == "image" else None,
    "dimensions": lambda r: f"{r.width} x {r.height} pixels" if r.width and r.height and r.kind == "image" else None,
    "resolution": lambda r: f"{r.width} x {r.height} pixels" if r.width and r.height and r.kind == "image" else None,
}


def fact(name: str, readings: Sequence[Reading]) -> Any:
    """The measured fact that a property of this name asks for, when the one medium that has it is clear."""
    asked = re.sub(r"\bcolor", "colour", re.sub(r"^(?:image|file|audio|document|picture) ", "", words(name)))
    measure = _FACTS.get(asked) or _FACTS.get(words(name))
    if measure is None:
        return None
    values = [value for value in (measure(reading) for reading in readings) if value is not None]
    return values[0] if values and all(value == values[0] for value in values) else None
