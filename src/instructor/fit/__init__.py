"""Media that fit: pure functions from a medium, limits and the caller's choices to media within them, and a report.

    fit_image · fit_pdf · fit_audio · fit_video      (medium, Limits, Fit) → Fitted(media, changes)
    rasterise · text_of                              a PDF as pictures, as text
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
    from .image import fit_image
    from .pdf import fit_pdf, page_count, rasterise, text_of

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
    if name in __all__:
        from . import image, pdf

        return getattr(image if hasattr(image, name) else pdf, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
