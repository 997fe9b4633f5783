"""Media as frozen values.

Image · Audio · Video · PDF · Document      one file each: class, rows that know the content, types
_base       what they share, over _content     _origin   where the content is; _objects: open files, pictures, arrays
_local      which files may be named   _boxes    marks of containers
_inline     content on its way out     _sniff    how rows look at content; _unknown: words for what none knows
_cache      the prompt-cache mark      _detect   strings and files that are media
_whole      content that is all there  _pydantic fields of the callers' models
"""

from __future__ import annotations

from ._base import KINDS, Media, SourceKind, detect
from ._cache import CacheControl
from ._detect import autodetect, from_file, of_any_kind, of_kind
from ._inline import PAUSE, Inline, materialised, reads_files
from ._local import Roots, confined, inside_roots, named
from ._objects import is_object
from ._origin import LOCAL, SCHEMES, Blob, File, FileId, Origin, Url, is_data_uri, is_url
from ._sniff import HEADER_BYTES, Magic, sample
from ._unknown import describe
from ._whole import whole
from .audio import Audio
from .document import Document
from .image import Detail, Image
from .pdf import PDF
from .video import Video

__all__ = [
    "HEADER_BYTES",
    "KINDS",
    "LOCAL",
    "PAUSE",
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
    "Roots",
    "SourceKind",
    "Url",
    "Video",
    "autodetect",
    "confined",
    "describe",
    "detect",
    "from_file",
    "inside_roots",
    "is_data_uri",
    "is_object",
    "is_url",
    "materialised",
    "named",
    "of_any_kind",
    "of_kind",
    "reads_files",
    "sample",
    "whole",
]
