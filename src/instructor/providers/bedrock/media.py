"""Media as content blocks of Amazon Bedrock Converse: formats, names, limits.

Sources: the shapes ImageBlock, DocumentBlock, VideoBlock, AudioBlock and Message of botocore's service model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...adapter import Accepts, Sum, Whole, Wire
from ...errors import UnsupportedMedia
from ...fit import Limits
from ...media import PDF, Audio, Document, Image, Inline, Media, Url, Video
from ...media.document import DOCX, XLSX

IMAGE_FORMATS = {"image/png": "png", "image/jpeg": "jpeg", "image/gif": "gif", "image/webp": "webp"}
VIDEO_FORMATS = {
    "video/x-matroska": "mkv",
    "video/quicktime": "mov",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/x-flv": "flv",
    "video/mpeg": "mpeg",
    "video/x-ms-wmv": "wmv",
    "video/3gpp": "three_gp",
}
AUDIO_FORMATS = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/webm": "webm",
}
OFFICE_FORMATS = {DOCX: "docx", XLSX: "xlsx"}
"""Documents of office programs that are taken as they are: DocumentFormat of the service model, and our own types."""
TEXT_FORMATS = {"text/csv": "csv", "text/html": "html", "text/markdown": "md"}
"""Text documents of another flavour are `txt`."""


def _source(medium: Media) -> Wire:
    if isinstance(medium.origin, Url):
        return {"s3Location": {"uri": medium.origin.url}}
    return {"bytes": Inline(medium)}


def _format(medium: Media, formats: Mapping[str, str]) -> str:
    """The name of the format. Of what lies in a bucket, the caller's word or the suffix tells it."""
    known = formats.get(medium.media_type or "")
    if known is None:
        raise UnsupportedMedia(
            f"Bedrock takes {', '.join(formats)}, and {medium!r} is not known to be one of them: "
            "say it with media_type=…"
        )
    return known


def _image(image: Media) -> Wire:
    return {"image": {"format": _format(image, IMAGE_FORMATS), "source": _source(image)}}


def _video(video: Media) -> Wire:
    return {"video": {"format": _format(video, VIDEO_FORMATS), "source": _source(video)}}


def _audio(audio: Media) -> Wire:
    return {"audio": {"format": _format(audio, AUDIO_FORMATS), "source": _source(audio)}}


def _pdf(pdf: Media) -> Wire:
    return {"document": {"name": document_name(pdf.name), "format": "pdf", "source": _source(pdf)}}


def _document(document: Media) -> Wire:
    assert isinstance(document, Document)
    format = {**TEXT_FORMATS, **OFFICE_FORMATS}.get(document.media_type or "", "txt")
    source: dict[str, Any] = _source(document)
    if "bytes" in source and document.is_text:
        source = {"bytes": Inline(Document.from_bytes(document.text().encode(), document.media_type))}
    return {"document": {"name": document_name(document.name), "format": format, "source": source}}


def document_name(name: str | None) -> str:
    """A name as the API takes it: ASCII letters and digits, single spaces, hyphens, brackets; 1 to 200 characters."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name or "")
    plain = re.sub(r"[^A-Za-z0-9\-()\[\]]+", " ", stem).strip()
    return plain[:200].strip() or "document"


def _in_s3(medium: Media) -> bool:
    return isinstance(medium.origin, Url) and medium.origin.url.lower().startswith("s3://")


MEDIA = {
    Image: Accepts(
        # Message: "3.75 MB, 8000 px, and 8000 px"; the smaller sort of megabyte, to be sure
        Limits(frozenset(IMAGE_FORMATS), max_bytes=3_750_000, max_edge=8000),
        frozenset({"url", "bytes"}),
        _image,
        reads=_in_s3,
    ),
    PDF: Accepts(
        # Message: "Each document's size must be no more than 4.5 MB"
        Limits(frozenset({"application/pdf"}), max_bytes=4_500_000),
        frozenset({"url", "bytes"}),
        _pdf,
        reads=_in_s3,
    ),
    Document: Accepts(
        Limits(Document.textual | OFFICE_FORMATS.keys(), max_bytes=4_500_000),
        frozenset({"url", "bytes"}),
        _document,
        reads=_in_s3,
    ),
    Video: Accepts(
        # VideoSource: "as long as the encoded file is less than 25MB"; from a bucket, up to 1 GB
        Limits(frozenset(VIDEO_FORMATS), max_bytes=25_000_000 - 1, encoded=True),
        frozenset({"url", "bytes"}),
        _video,
        reads=_in_s3,
    ),
    Audio: Accepts(Limits(frozenset(AUDIO_FORMATS)), frozenset({"url", "bytes"}), _audio, reads=_in_s3),
}

WHOLE = Whole(sums=(Sum((Image,), most=20, each_turn=True), Sum((PDF, Document), most=5)))
"""Message: "You can include up to 20 images" in each; userguide/inference-api-restrictions: five documents in a request."""
