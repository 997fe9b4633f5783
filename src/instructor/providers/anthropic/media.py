"""The media table of Anthropic Messages, and what bounds a whole request."""

from __future__ import annotations

import re
from dataclasses import replace

from ...adapter import Accepts, Sum, Whole, Wire
from ...fit import Limits
from ...media import PDF, CacheControl, Document, FileId, Image, Inline, Media, Url


def marked(block: Wire, cache: CacheControl | None) -> Wire:
    """The block with the cache mark of the part that it was made from."""
    return {**block, "cache_control": cache.wire()} if cache else block


def _source(medium: Media) -> Wire:
    match medium.origin:
        case Url(url):
            return {"type": "url", "url": url}
        case FileId(id):
            return {"type": "file", "file_id": id}
        case _:
            return {"type": "base64", "media_type": medium.media_type, "data": Inline(medium)}


def _image(image: Media) -> Wire:
    return marked({"type": "image", "source": _source(image)}, image.cache_control)


def _pdf(pdf: Media) -> Wire:
    block = {"type": "document", "source": _source(pdf)}
    return marked({**block, "title": pdf.name} if pdf.name else block, pdf.cache_control)


def _document(document: Media) -> Wire:
    assert isinstance(document, Document)
    block: Wire = {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": document.text()},
    }
    return marked({**block, "title": document.name} if document.name else block, document.cache_control)


_IMAGE = Limits(
    # vision, 2026-09-20: jpeg, png, gif (its first frame), webp; 8,000 pixels a side; 10 MB counted base64-encoded
    frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"}),
    max_bytes=10 * 1024**2,
    encoded=True,
    max_edge=8000,
)

MEDIA = {
    Image: Accepts(
        _IMAGE,
        frozenset({"url", "bytes", "id"}),
        _image,
        # vision: above 20 images in a request, 2,000 pixels a side
        crowd=(20, replace(_IMAGE, max_edge=2000)),
        upload_bytes=_IMAGE.room,
    ),
    PDF: Accepts(
        # pdf-support: 600 pages, 32 MB for the whole request
        Limits(frozenset({"application/pdf"}), max_bytes=32 * 1024**2, encoded=True, max_pages=600),
        frozenset({"url", "bytes", "id"}),
        _pdf,
        # files: 500 MB; what bounds a request's body does not bound a file that it names
        upload_bytes=500 * 1024**2,
    ),
    Document: Accepts(Limits(Document.textual), frozenset({"bytes"}), _document),
}

SHORT_CONTEXT = re.compile(r"claude-(2|3|instant)|(opus|sonnet|haiku)-4(-[0-5](?!\d)|-\d{8}|$|@)")
"""Models with a context of 200,000 tokens (models/overview, 2026-11): up to 4.5. Later ones have a million."""


def whole_of(body: int) -> Whole:
    """The limits of requests where so many bytes are taken."""

    def bounded(images: int, pages: int) -> Whole:
        return Whole(max_body=body, max_pages=pages, sums=(Sum((Image,), most=images),))

    return replace(bounded(600, 600), models=((SHORT_CONTEXT, bounded(100, 100)),))


WHOLE = whole_of(32 * 1024**2)
"""vision, pdf-support: 32 MB for a request; in it 600 images and 600 pages, 100 of each where the context is under 1M."""
