"""What Gemini takes of each kind of media, and how a medium is written as a part: one table for each of the two APIs.

    in memory or on disk ─▶ inlineData{mimeType, data}
    an uploaded file     ─▶ fileData{fileUri, mimeType}      Files API: a `files/…` name or its whole address
    an address           ─▶ fileData, where the API itself reads it; else it is fetched like any other
                            Gemini API: https, YouTube, Files API        Vertex: gs://, https, YouTube
    plain text           ─▶ text, headed by its name

Sources: "D:" ai.google.dev/gemini-api/docs/generate-content/{image,video,audio}-understanding, document-processing and
file-input-methods (2026-09/10); "V:" docs.cloud.google.com/gemini-enterprise-agent-platform/models/capabilities.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from ...adapter import Accepts, Sum, Whole, Wire
from ...errors import UnsupportedMedia
from ...fit import Limits
from ...media import PDF, Audio, Document, FileId, Image, Inline, Media, SourceKind, Url, Video
from .._pieces import headed

FILES = "https://generativelanguage.googleapis.com/v1beta/"
"""What a file's name (`files/…`) stands behind in its URI."""

YOUTUBE = re.compile(r"^https?://((www|m)\.)?(youtube\.com/|youtu\.be/)")

MB = 1024**2

NAMES = {"video/x-msvideo": "video/avi", "video/x-ms-wmv": "video/wmv"}
"""Our names of media types → Gemini's (D: video-understanding), where they differ."""

VERTEX_NAMES = {"video/x-ms-wmv": "video/wmv", "audio/aac": "audio/x-aac"}
"""V: audio- and video-understanding."""

IMAGES = frozenset({"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"})
SOUND = frozenset({"audio/wav", "audio/mpeg", "audio/aiff", "audio/aac", "audio/ogg", "audio/flac"})
VERTEX_SOUND = frozenset({"audio/wav", "audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/flac", "audio/webm"})
VERTEX_FILMS = frozenset(
    {"video/mp4", "video/mpeg", "video/quicktime", "video/x-flv", "video/webm", "video/x-ms-wmv", "video/3gpp"}
)
FILMS = VERTEX_FILMS | {"video/x-msvideo"}
PAPER = frozenset({"application/pdf"})

READ_FROM_THE_WEB = (
    (IMAGES - {"image/heic", "image/heif"}) | PAPER | FILMS  # D: file-input-methods, "Supported content types"
)

DETAIL = {
    "low": "MEDIA_RESOLUTION_LOW",
    "high": "MEDIA_RESOLUTION_HIGH",
    "original": "MEDIA_RESOLUTION_ULTRA_HIGH",
}
"""A picture's `detail` → `mediaResolution.level` of its part, which Gemini 3 and later take (D: media-resolution)."""


def reads(medium: Media) -> bool:
    """Whether the Gemini API reads an address by itself: Files API, YouTube, and the web for what it takes from there."""
    if not isinstance(medium.origin, Url):
        return False
    url = medium.origin.url
    if _uploaded(url) or (isinstance(medium, Video) and YOUTUBE.match(url)):
        return True
    return url.startswith("https://") and medium.media_type in READ_FROM_THE_WEB


def vertex_reads(medium: Media) -> bool:
    """Whether Vertex does: buckets, YouTube, and the web."""
    if not isinstance(medium.origin, Url):
        return False
    url = medium.origin.url
    if url.startswith("gs://") or (isinstance(medium, Video) and YOUTUBE.match(url)):
        return True
    return url.startswith("https://") and medium.media_type in IMAGES | PAPER | VERTEX_SOUND | VERTEX_FILMS


def _uploaded(url: str) -> bool:
    parts = urlsplit(url)
    return parts.hostname == "generativelanguage.googleapis.com" and "/files/" in parts.path


def _part(names: Mapping[str, str], medium: Media) -> Wire:
    type = medium.media_type
    said = {"mimeType": names.get(type, type)} if type else {}
    match medium.origin:
        case FileId(id):
            return {"fileData": {**said, "fileUri": FILES + id if id.startswith("files/") else id}}
        case Url(url):
            return {"fileData": {**said, "fileUri": url}}
        case _:
            return {"inlineData": {**said, "data": Inline(medium)}}


def _vertex_part(medium: Media) -> Wire:
    if medium.media_type is None and isinstance(medium.origin, Url):
        if not YOUTUBE.match(medium.origin.url):
            raise UnsupportedMedia(
                f"Vertex wants the media type of {medium!r}, and its name does not say it: "
                f"{type(medium).__name__}.from_url(…, media_type=…)"
            )
        return {"fileData": {"mimeType": "video/mp4", "fileUri": medium.origin.url}}  # V: video-understanding
    return _part(VERTEX_NAMES, medium)


def _document(document: Media) -> Wire:
    return {"text": headed(document)}


def _rows(
    part: Callable[[Media], Wire],
    sources: frozenset[SourceKind],
    reads: Callable[[Media], bool],
    limits: Mapping[type[Media], Limits],
    most: Mapping[type[Media], int],
    uploads: Mapping[type[Media], int],
) -> dict[type[Media], Accepts]:
    rows: dict[type[Media], Accepts] = {
        kind: Accepts(bounds, sources, part, most=most.get(kind), reads=reads, upload_bytes=uploads.get(kind))
        for kind, bounds in limits.items()
    }
    return {**rows, Document: Accepts(Limits(Document.textual), frozenset({"bytes"}), _document)}


_INLINE = Limits(frozenset(), max_bytes=20 * MB, encoded=True)
"""D: the guides say 20 MB for a whole request with inline data; file-input-methods says 100 MB since 2026-10. The lesser
figure holds in both. V: rows of older models say 7 MB an image, of newer ones 256 MB a part. Sound of 8.4 (V) or 9.5 (D)
hours, which is the most, does not go into so little."""

MEDIA = _rows(
    partial(_part, NAMES),
    frozenset({"bytes", "url", "id"}),
    reads,
    {
        Image: replace(_INLINE, mimes=IMAGES, animated=False),
        Audio: replace(_INLINE, mimes=SOUND),
        Video: replace(_INLINE, mimes=FILMS),
        PDF: replace(_INLINE, mimes=PAPER, max_pages=1000),  # D: document-processing
    },
    {Image: 3600, Video: 10},  # D: image- and video-understanding
    {Image: 2048 * MB, Audio: 2048 * MB, Video: 2048 * MB, PDF: 50 * MB},  # D: files, document-processing
)

VERTEX_MEDIA = _rows(
    _vertex_part,
    frozenset({"bytes", "url", "gs"}),
    vertex_reads,
    {
        Image: Limits(IMAGES, max_bytes=7 * MB, animated=False),
        Audio: replace(_INLINE, mimes=VERTEX_SOUND),
        Video: replace(_INLINE, mimes=VERTEX_FILMS),
        PDF: replace(_INLINE, mimes=PAPER, max_pages=1000),  # V: 50 MB; a request is bound to less
    },
    {Image: 3000, PDF: 3000, Video: 10},
    {},
)

WHOLE = Whole(max_body=20 * MB, sums=(Sum((Audio,), max_seconds=9.5 * 3600),))
"""D: image-, video- and audio-understanding: 20 MB for a request with inline data; 9.5 hours of sound in it."""

VERTEX_WHOLE = Whole(
    sums=(Sum((Audio,), max_seconds=8.4 * 3600),),
    models=(
        (
            re.compile(r"gemini-3(\.\d+)?-pro"),
            Whole(sums=(Sum((Audio,), max_seconds=8.4 * 3600), Sum((Image,), most=900))),
        ),
    ),
)
"""V: about 8.4 hours of sound; 900 images for Gemini 3 Pro (preview), 3,000 for others."""

IN_RESULTS = frozenset({"image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain"})
"""Types that a function's response holds itself, from Gemini 3 on (D: function-calling, "Multimodal function
responses"). Others follow it as parts of the same turn."""
