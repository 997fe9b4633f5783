"""Strings, files and content that are media of some kind.

autodetect(text)     the medium that a whole string names, if it is one
from_file(path)      a local file, of whichever kind
of_any_kind(source)  content, a data URI or base64, of whichever kind
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ..errors import MediaError, MediaNotFound
from ._base import KINDS, Media, detect
from ._origin import is_url, locate
from ._sniff import HEADER_BYTES
from .audio import Audio
from .document import Document
from .image import Image
from .pdf import PDF
from .video import Video

MAX_PROBED_CHARS = 1024
"""A longer string is never looked up as a path."""

_DATA_URI = re.compile(r"data:[\w.+-]+/[\w.+-]+(;[^,;\s]+)*,\S+\Z", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{64,}={0,2}\Z")
_SUFFIXES: Mapping[str, type[Media]] = {suffix: kind for kind in (Image, PDF, Audio, Video) for suffix in kind.suffixes}


def autodetect(text: str) -> Media | None:
    """The medium that a whole string names: a data URI, base64, an address, or the path of a file that holds one.

    Raises:
        MediaNotFound: the string looks like the path of a picture (recording, …) and there is no such file.
        MediaError: it is a data URI whose content is damaged.
    """
    if text[:5].lower() == "data:":
        return of_any_kind(text) if _DATA_URI.match(text) else None
    if is_url(text):
        return _SUFFIXES.get(_suffix(text.partition("?")[0].partition("#")[0]), Image).from_url(text)
    if len(text) <= MAX_PROBED_CHARS and text.strip() and text.isprintable():
        if os.path.isfile(os.path.expanduser(text)):
            with open(os.path.expanduser(text), "rb") as stream:
                found = detect(stream.read(HEADER_BYTES))
            return found[0].from_path(text) if found else None
        if _suffix(text) in _SUFFIXES and not any(character.isspace() for character in text):
            raise MediaNotFound(f"{text!r:.200} looks like the path of a medium and there is no such file")
    if len(text) % 4 == 0 and _BASE64.match(text):
        try:
            return of_any_kind(text)
        except MediaError:
            return None
    return None


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def of_any_kind(source: str | bytes) -> Media:
    """Content, a data URI or base64 as the kind of medium that its content is.

    Raises:
        MediaError: it is damaged, or of no known kind.
    """
    origin, declared = locate(source, detect)
    data = getattr(origin, "data", b"")
    found = detect(data[:HEADER_BYTES])
    if found is None and declared is not None and declared.startswith("text/"):
        return Document.from_bytes(data, declared)
    kind = found[0] if found else _declared_kind(declared)
    return kind.from_bytes(data, declared)


def _declared_kind(declared: str | None) -> type[Media]:
    return next((kind for kind in KINDS if declared in kind.suffixes.values()), Image)


def from_file(path: str | os.PathLike[str]) -> Media:
    """A local file as the kind of medium that its content is; text counts as a document.

    Raises:
        MediaError: there is no such file, or its content is unknown.
    """
    first: MediaError | None = None
    by_suffix = _SUFFIXES.get(_suffix(os.fspath(path)), Document)
    for kind in dict.fromkeys((by_suffix, *KINDS)):
        try:
            return kind.from_path(path)
        except MediaNotFound:
            raise
        except MediaError as error:
            first = first or error
    raise first or MediaNotFound(f"{os.fspath(path)!r} cannot be used")
