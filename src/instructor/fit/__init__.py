"""Media that fit: pure functions from a medium, limits and the caller's choices to media within them, and a report.

    fit_image · fit_pdf · fit_audio · fit_video      (medium, Limits, Fit) → Fitted(media, changes)
    rasterise · text_of                              a PDF as pictures, as text
    dimensions.dimensions · page_count               figures for estimates

    limits    what is taken          policy    what the caller wants          report    what was done
    headers/  pictures' header bytes, read without a library

Nothing here reads a network, a clock or an event loop, and every heavy library is imported on use. Names load on use,
too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .image import fit_image
    from .limits import Limits
    from .pdf import fit_pdf, page_count, rasterise, text_of
    from .policy import Fit
    from .report import Change, Facts, Fitted

HOMES = {
    "fit_image": "image",
    "Limits": "limits",
    "fit_pdf": "pdf",
    "page_count": "pdf",
    "rasterise": "pdf",
    "text_of": "pdf",
    "Fit": "policy",
    "Change": "report",
    "Facts": "report",
    "Fitted": "report",
}
"""Name → the module it is in."""

__all__ = [
    "Change",
    "Facts",
    "Fit",
    "Fitted",
    "Limits",
    "fit_image",
    "fit_pdf",
    "page_count",
    "rasterise",
    "text_of",
]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{HOMES[name]}", __name__), name)
