"""The measured sets: documents, the variants they appear in, and their bytes.

`DOCUMENTS` is one table; each row states its model, its truth and how it is drawn. `LATER` holds documents drawn when
the reader already read the first set, and measured before it was changed again: at first sight it filled 0.954 of the
fields of those named `second-…` and 0.930 of those named `third-…`; since then it was changed for what they showed. `FRESH`
holds documents drawn after that change, before any of them was read: at first sight it filled 0.968 of their fields, with
a precision of 0.984, and it was not changed for them. `VARIANTS` says what is done to a page before it is read, to which
documents, and the least field accuracy that is accepted.
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
from .fresh_cards import FRESH_CARDS
from .fresh_papers import FRESH_PAPERS
from .invoices import INVOICES
from .later_badges import LATER_BADGES
from .later_bills import LATER_BILLS
from .later_forms import LATER_FORMS
from .later_receipts import LATER_RECEIPTS
from .later_tables import LATER_TABLES
from .receipts import RECEIPTS
from .tables import TABLES
from .tickets import TICKETS

DOCUMENTS: tuple[Document, ...] = (*RECEIPTS, *TICKETS, *INVOICES, *BILLS, *FORMS, *TABLES, *BADGES)
LATER: tuple[Document, ...] = (*LATER_RECEIPTS, *LATER_BILLS, *LATER_FORMS, *LATER_TABLES, *LATER_BADGES)
FRESH: tuple[Document, ...] = (*FRESH_PAPERS, *FRESH_CARDS)

_ANGLES = (90.0, 3.0, 180.0, -3.0, 270.0)


@dataclass(frozen=True, slots=True)
class Variant:
    """`every` n, starting at `first`: the sample of documents that appears in this variant."""

    name: str
    change: Callable[[Image.Image, Document], Image.Image] | None
    floor: float
    every: int = 1
    first: int = 0
    drawn: tuple[Document, ...] = DOCUMENTS

    @property
    def documents(self) -> tuple[Document, ...]:
        return self.drawn[self.first :: self.every]


def _noisy(image: Image.Image, document: Document) -> Image.Image:
    return distort.noisy(image, document.name)


def _rotated(image: Image.Image, document: Document) -> Image.Image:
    return distort.turned(image, _ANGLES[DOCUMENTS.index(document) // 4 % len(_ANGLES)])


def _photographed(image: Image.Image, document: Document) -> Image.Image:
    return distort.photographed(image, document.name)


VARIANTS: tuple[Variant, ...] = (
    Variant("clean", None, 0.95),
    Variant("noisy", _noisy, 0.95, every=4, first=0),
    Variant("rotated", _rotated, 0.95, every=4, first=1),
    Variant("photographed", _photographed, 0.94, every=4, first=2),
    Variant("later", None, 0.96, drawn=LATER),
    Variant("fresh", None, 0.95, drawn=FRESH),
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
