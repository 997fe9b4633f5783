"""What the parts of a request are estimated to take, in tokens, from what is known of them without decoding.

    measure(request, provider) ─▶ PlannedPart …        measured(request, provider) ─▶ their sum

    picture ─ its header: pixels    PDF ─ pages    recording, film ─ seconds    text ─ characters

What cannot be told, because a library is missing or the content is elsewhere, has no estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from .errors import MediaError, MissingExtra
from .fit.dimensions import dimensions
from .ir import Part, Request, Text, ToolResult
from .media import PDF, Audio, Document, Image, Media, Video
from .tokens import Estimate, Film, Pages, Picture, Sound, Thing, Words, estimate
from .values import dataclass

WAYS: Mapping[str, str] = {"bytes": "inline", "file": "inline", "url": "by address", "id": "by file id"}
"""Where a medium is → how it goes out."""


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """One part of a message as it would be sent. `tokens` is None where nothing is known of its cost.

    `way` says how a medium goes out: inline, as text, by address, by file id, uploaded, or fetched first.
    """

    where: str
    what: str
    tokens: Estimate | None = None
    way: str = ""
    medium: Media | None = field(default=None, repr=False, compare=False)


def measure(request: Request, provider: str) -> Iterator[PlannedPart]:
    """The parts of all messages, in order. Reads the headers of local files."""
    for i, message in enumerate(request.messages):
        yield from _of(message.parts, f"messages[{i}]", request.model, provider)


def measured(request: Request, provider: str) -> int | None:
    """The sum of the estimates, of ranges the lower ends; None where no part has one."""
    known = [
        part.tokens.tokens for part in measure(request, provider) if part.tokens and part.tokens.tokens is not None
    ]
    return sum(known) if known else None


def _of(parts: tuple[Part, ...], where: str, model: str, provider: str) -> Iterator[PlannedPart]:
    for j, part in enumerate(parts):
        place = f"{where}.content[{j}]"
        if isinstance(part, Text):
            shown = part.text if len(part.text) <= 40 else part.text[:39] + "…"
            yield PlannedPart(place, repr(shown), estimate(provider, model, Words.of(part.text)))
        elif isinstance(part, Media):
            thing = _thing(part, provider, model)
            told = estimate(provider, model, thing) if thing else None
            way = "as text" if isinstance(part, Document) and part.is_text else WAYS.get(part.source_kind, "by address")
            yield PlannedPart(place, repr(part), told, way, part)
        elif isinstance(part, ToolResult):
            yield from _of(part.parts, place, model, provider)
        else:
            yield PlannedPart(place, type(part).__name__)


# ── facts of a medium ────────────────────────────────────────────────────────────────────────────


def _thing(medium: Media, provider: str, model: str) -> Thing | None:
    """What an estimate is made from; None where it cannot be told."""
    reader = _READERS.get(type(medium))
    if reader is None or not medium.at_hand:
        return None
    try:
        return reader(medium, provider, model)
    except (MediaError, MissingExtra):
        return None


def _picture(image: Image, provider: str, model: str) -> Thing:
    width, height = dimensions(image)
    return Picture(width, height, detail(image, provider, model))


GEMINI_DETAIL = {"low": "low", "high": "high", "original": "ultra_high"}


def detail(image: Image, provider: str, model: str) -> str | None:
    """The resolution that a request asks for. Gemini has such a choice from 3 on, under other names."""
    if provider not in ("gemini", "google", "vertexai"):
        return image.detail
    older = "gemini-1" in model or "gemini-2" in model
    return None if older or image.detail is None else GEMINI_DETAIL.get(image.detail)


def _pages(pdf: PDF, provider: str, model: str) -> Thing:
    from .fit.pdf import page_count

    return Pages(page_count(pdf))


def _sound(audio: Audio, provider: str, model: str) -> Thing | None:
    from .fit.audio import duration

    seconds = duration(audio)
    return None if seconds is None else Sound(seconds)


def _film(video: Video, provider: str, model: str) -> Thing | None:
    from .fit._av import probe

    traits = probe(video)
    return None if traits.duration is None else Film(traits.duration, sound=traits.has_audio)


def _words(document: Document, provider: str, model: str) -> Thing | None:
    return Words.of(document.text()) if document.is_text else None


_READERS: Mapping[type[Media], Callable[[Any, str, str], Thing | None]] = {
    Image: _picture,
    PDF: _pages,
    Audio: _sound,
    Video: _film,
    Document: _words,
}
