"""Media that fit: pure functions from a medium, limits and the caller's choices to media within them, and a report.

    fit_image · fit_pdf · fit_audio · fit_video · fit_document      (medium, Limits, Fit) → Fitted(media, changes)
    rasterise · text_of · markdown                   a PDF as pictures, as text; an office file as Markdown
    frames.frames · soundtrack · duration            a film as pictures, as sound; seconds of a recording
    dimensions.dimensions · page_count               figures for estimates

    limits    what is taken          policy    what the caller wants          report    what was done
    headers/  pictures' header bytes, read without a library

Nothing here reads a network, a clock or an event loop, and every heavy library is imported on use. The functions
load on use, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .limits import Limits
from .policy import Fit
from .report import Change, Facts, Fitted

if TYPE_CHECKING:
    from .audio import duration, fit_audio, soundtrack
    from .document import fit_document, markdown
    from .image import fit_image
    from .pdf import fit_pdf, page_count, rasterise, text_of
    from .video import fit_video

__all__ = [
    "Change",
    "Facts",
    "Fit",
    "Fitted",
    "Limits",
    "duration",
    "fit_audio",
    "fit_document",
    "fit_image",
    "fit_pdf",
    "fit_video",
    "markdown",
    "page_count",
    "rasterise",
    "soundtrack",
    "text_of",
]

_PLACES = {
    "duration": "audio",
    "fit_audio": "audio",
    "fit_document": "document",
    "fit_image": "image",
    "fit_pdf": "pdf",
    "fit_video": "video",
    "markdown": "document",
    "page_count": "pdf",
    "rasterise": "pdf",
    "soundtrack": "audio",
    "text_of": "pdf",
}
"""Function → the module that it is in, loaded on use."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_PLACES[name]}", __package__), name)
