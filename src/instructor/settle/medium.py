"""One medium: within the limits of its row, or what is sent in its place. Plain functions, which read files and take time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from ..adapter import Accepts, Adapter, Rows, check, media_of
from ..errors import UnsupportedMedia
from ..fit import Fit, Fitted, Limits
from ..fit.recordings import refuse_silent
from ..fit.report import type_by_content
from ..hooks import logger
from ..media import PDF, Audio, Document, Image, Media, Video, whole


@cache
def fitters() -> Mapping[type[Media], Callable[..., Fitted]]:
    """Kind → the function of `fit` that brings it within limits. Others pass as they are."""
    from ..fit.audio import fit_audio
    from ..fit.document import fit_document
    from ..fit.image import fit_image
    from ..fit.pdf import fit_pdf
    from ..fit.video import fit_video

    return {Image: fit_image, PDF: fit_pdf, Audio: fit_audio, Video: fit_video, Document: fit_document}


def within(adapter: Adapter, row: Accepts, medium: Media, limits: Limits, fit: Fit) -> Fitted:
    """The medium within the limits, or an error that says what is wrong with it. Reads files and takes its time.

    Every medium is held against its own container: a few reads, no pixel and no sample. More is looked at only where
    that can change anything.
    """
    plain = medium.media_type in limits.mimes and limits.takes_bytes(medium.size or 0)
    if fit.strict and not isinstance(medium, Document):
        check(adapter, row, medium, None)
    whole(medium)
    if isinstance(medium, Audio | Video):
        refuse_silent(medium)
    try:
        if plain and not _telling(medium, limits, fit):
            return Fitted((medium,), type_by_content(medium))
        fitted = fitters()[type(medium)](medium, limits, fit)
    except UnsupportedMedia as error:
        if medium.media_type in limits.mimes:
            raise
        known = ", ".join(sorted(limits.mimes))
        raise UnsupportedMedia(f"{adapter.name} takes {known}: {error.problem}") from error
    return replace(fitted, media=tuple(map(_read, fitted.media)))


def _read(medium: Media) -> Media:
    """A document with its text in memory: adapters, which read no files, write it out."""
    if not (isinstance(medium, Document) and medium.is_text and medium.source_kind == "file"):
        return medium
    return Document.from_bytes(medium.read(), medium.media_type, name=medium.name, cache_control=medium.cache_control)


def _telling(medium: Media, limits: Limits, fit: Fit) -> bool:
    """Whether a closer look at a medium of a good type and size can change anything: a limit or a wish asks for it, or
    it is cheap."""
    if isinstance(medium, PDF | Document):
        return True
    if isinstance(medium, Image):
        from ..fit.image import asks_for_change

        return asks_for_change(medium, limits, fit)
    wishes = (fit.start, fit.end, fit.sample_rate, fit.mono, fit.fps)
    return limits.max_seconds is not None or any(wish is not None for wish in wishes)


UNDONE = frozenset({"not checked", "left as it is"})


@cache
def say_once(note: str) -> None:
    """Log what was left undone for want of a library; the same thing once in a process."""
    logger.warning("%s", note)


# ── what is sent in the place of a kind that is not taken ────────────────────────────────────────


def _frames(media: Rows, medium: Media, fit: Fit) -> Fitted:
    from ..fit.frames import frames

    assert isinstance(medium, Video)
    sound = media.get(Audio)
    return frames(medium, fit, media[Image].limits, sound.limits if sound else None)


def _pages(media: Rows, medium: Media, fit: Fit) -> Fitted:
    from ..fit.pdf import as_text, rasterise

    assert isinstance(medium, PDF)
    return rasterise(medium, media[Image].limits, fit) if Image in media else as_text(medium, fit)


SUBSTITUTES: dict[type[Media], tuple[Callable[[Rows, Media, Fit], Fitted], frozenset[type[Media]]]] = {
    Video: (_frames, frozenset({Image})),
    PDF: (_pages, frozenset({Image, Document})),
}
"""Kind → what it becomes for a provider that does not take it: pictures (and sound), or text; and the kinds of which one
has to be taken for that."""


def substituted(adapter: Adapter, media: Rows, medium: Media, fit: Fit) -> Fitted:
    """What is sent in the place of a medium of a kind that is not taken."""
    substitute, wanted = SUBSTITUTES.get(type(medium), (None, frozenset()))
    if substitute is None or fit.strict or wanted.isdisjoint(media) or medium.source_kind == "id":
        raise unsupported(adapter, media, medium)
    whole(medium)
    return substitute(media, medium, fit)


def unsupported(adapter: Adapter, media: Rows, medium: Media) -> UnsupportedMedia:
    kinds = ", ".join(kind.__name__ for kind in media)
    return UnsupportedMedia(f"{adapter.name} takes no {type(medium).__name__}: it takes {kinds}")


def by_hand(adapter: Adapter, model: str, medium: Media, fit: Fit, among: int = 1) -> Fitted:
    """The medium as it would be sent to a model in a request with so many of its kind. Nothing is fetched.

    Raises:
        MediaError: it cannot be sent, or is at an address whose content would have to be fetched first.
        MissingExtra: it would have to be changed, and the library for that is not installed.
    """
    media = media_of(adapter, model)
    row = media.get(type(medium))
    if medium.at_hand:
        return (
            substituted(adapter, media, medium, fit)
            if row is None
            else within(adapter, row, medium, row.limits_among(among), fit)
        )
    if row is None:
        raise unsupported(adapter, media, medium)
    if not row.passes_on(medium):
        raise UnsupportedMedia(
            f"{adapter.name} takes no {type(medium).__name__} by {medium.source_kind}: its content has to be here to be "
            "changed. Pass it in a message, where it is fetched"
        )
    return Fitted((medium,))
