"""Media as frozen values.

Image · Audio · Video · PDF · Document      one file each: class, rows that know the content, types
_base       what they share            _origin   where the content is
_inline     content on its way out     _sniff    how rows look at content
_cache      the prompt-cache mark      _detect   strings and files that are media
_pydantic   fields of the callers' models
"""

from __future__ import annotations

from ._base import KINDS, Media, SourceKind, detect
from ._cache import CacheControl
from ._detect import autodetect, from_file, of_any_kind
from ._inline import Inline, materialised, reads_files
from ._origin import SCHEMES, Blob, File, FileId, Origin, Url, is_data_uri, is_url
from ._sniff import HEADER_BYTES, Magic, describe
from .audio import Audio
from .document import Document
from .image import Detail, Image
from .pdf import PDF
from .video import Video

__all__ = [
    "HEADER_BYTES",
    "KINDS",
    "PDF",
    "SCHEMES",
    "Audio",
    "Blob",
    "CacheControl",
    "Detail",
    "Document",
    "File",
    "FileId",
    "Image",
    "Inline",
    "Magic",
    "Media",
    "Origin",
    "SourceKind",
    "Url",
    "Video",
    "autodetect",
    "describe",
    "detect",
    "from_file",
    "is_data_uri",
    "is_url",
    "materialised",
    "of_any_kind",
    "reads_files",
]
