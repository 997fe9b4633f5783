"""The measured set: documents, the variants they appear in, and their bytes.

`DOCUMENTS` is one table; each row states its model, its truth and how it is drawn. `VARIANTS` says what is
done to a page before it is read, to which documents, and the least field accuracy that is accepted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from PIL import Image

from . import distort, render
from .badges import BADGES
from .bills import BILLS
from .document import Document
from .forms import FORMS
from .invoices import INVOICES
from .receipts import RECEIPTS
from .tables import TABLES
from .tickets import TICKETS

DOCUMENTS: tuple[Document, ...] = (*RECEIPTS, *TICKETS, *INVOICES, *BILLS, *FORMS, *TABLES, *BADGES)

_ANGLES = (90.0, 3.0, 180.0, -3.0, 270.0)


@dataclass(frozen=True, slots=True)
class Variant:
    """`every` n, starting at `first`: the sample of documents that appears in this variant."""

    name: str
    change: Callable[[Image.Image, Document], Image.Image] | None
    floor: float
    every: int = 1
    first: int = 0

    @property
    def documents(self) -> tuple[Document, ...]:
        return DOCUMENTS[self.first :: self.every]


def _noisy(image: Image.Image, document: Document) -> Image.Image:
    return distort.noisy(image, document.name)


def _rotated(image: Image.Image, document: Document) -> Image.Image:
    return distort.turned(image, _ANGLES[DOCUMENTS.index(document) // 3 % len(_ANGLES)])


def _photographed(image: Image.Image, document: Document) -> Image.Image:
    return distort.photographed(image, document.name)


VARIANTS: tuple[Variant, ...] = (
    Variant("clean", None, 0.95),
    Variant("noisy", _noisy, 0.85, every=3, first=0),
    Variant("rotated", _rotated, 0.85, every=3, first=1),
    Variant("photographed", _photographed, 0.85, every=3, first=2),
)


@cache
def _picture(document: Document, number: int) -> Image.Image:
    return render.picture(document.pages[number], document.scale)


def _clean(document: Document) -> tuple[bytes, str]:
    images = [_picture(document, n) for n in range(len(document.pages))]
    match document.medium:
        case "pdf":
            return render.pdf(document.pages), "application/pdf"
        case "scan":
            return render.scan(images, 72 * document.scale), "application/pdf"
        case "jpeg":
            return render.jpeg(images[0]), "image/jpeg"
        case "png":
            return render.png(images[0]), "image/png"


def media(document: Document, variant: Variant) -> tuple[bytes, str]:
    """The bytes and media type of a document in a variant; distorted ones are JPEG pictures of page one."""
    if variant.change is None:
        return _clean(document)
    return render.jpeg(variant.change(_picture(document, 0), document)), "image/jpeg"
