"""Strings, files and content that are media of some kind.

autodetect(text)       the medium that a whole string names, if it is one
of_kind(kind, source)  what a message says is of this kind
from_file(path)        a local file, of whichever kind
of_any_kind(source)    content, a data URI, base64, an open file, a picture: of whichever kind

`roots` are the directories that local files may be in; None leaves them unconfined.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from functools import partial
from typing import Any

import pybase64

from ..errors import MediaError, MediaNotFound, UnreadableMedia
from . import _objects
from ._base import KINDS, Media, detect
from ._local import Roots, inside_roots, named
from ._origin import PSEUDO, SCHEMES, FileId, Origin, Url, beginning, is_url, locate
from ._sniff import HEADER_BYTES
from ._unknown import describe
from .audio import Audio
from .document import OFFICE, Document
from .image import Image
from .pdf import PDF
from .video import Video

MAX_PROBED_CHARS = 1024
"""A longer string is never looked up as a path."""

MIN_BASE64_CHARS = 64
"""Shorter strings are words, or keys, and no picture."""

_DATA_URI = re.compile(r"data:[\w.+-]+/[\w.+-]+(;[^,;\s]+)*,\S+\Z", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}\Z")
_CLEARLY_A_PATH = re.compile(r"(?:~?/|\.{1,2}[/\\]|[A-Za-z]:[/\\])[^/\\]+[/\\]|(?:~|\.{1,2})[/\\]")
"""Begins as only a path does: `/a/`, `./`, `../`, `~/`, `C:\\a\\`. Such a one may hold spaces."""
_SUFFIXES: Mapping[str, type[Media]] = {
    **{suffix: kind for kind in (Image, PDF, Audio, Video) for suffix in kind.suffixes},
    **{suffix: Document for suffix, media_type in Document.suffixes.items() if media_type in OFFICE},
}


def autodetect(text: str, roots: Roots = None) -> Media | None:
    """The medium that a whole string names: a data URI, base64 of a picture, an address, or the path of a file that
    holds one. A string that is none of these is None, however it begins.

    Raises:
        MediaNotFound: the string looks like the path of a picture (recording, …) and there is no such file.
        BlockedFile: it looks like one that lies outside of the roots.
        MediaError: it is a data URI whose content is damaged, or a path whose file holds no media.
    """
    if text[:5].lower() == "data:":
        return of_any_kind(text) if _DATA_URI.match(text) else None
    if is_url(text):
        return _of_address(text)
    if len(text) <= MAX_PROBED_CHARS and text.strip() and text.isprintable() and (found := _of_path(text, roots)):
        return found
    return _of_base64(text)


def _of_address(text: str) -> Media | None:
    if text.partition(":")[0].lower() not in SCHEMES:
        return None
    return _SUFFIXES.get(_suffix(text.partition("?")[0].partition("#")[0]), Image).from_url(text)


def _of_path(text: str, roots: Roots) -> Media | None:
    promised = _suffix(text) in _SUFFIXES and (
        not any(map(str.isspace, text)) or _CLEARLY_A_PATH.match(text) is not None
    )
    if text.startswith(("//", "\\\\")):  # another machine's share: asking for it would tell that machine who asks
        return None
    path = os.path.expanduser(text)
    if not inside_roots(path, roots):
        if promised:
            named(text, roots)
        return None
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        if promised:
            raise MediaNotFound(f"{text!r:.200} looks like the path of a medium and there is no such file") from None
        return None
    regular = stat.S_ISREG(status.st_mode) and status.st_size > 0 and not os.path.realpath(path).startswith(PSEUDO)
    if not (promised or regular):
        return None
    try:
        place = named(text, roots)
        head = beginning(place)
    except MediaError:
        if promised:
            raise
        return None
    if found := detect(head):
        return found[0]._make(place, None, {})
    if promised:
        raise UnreadableMedia(f"{text!r:.200} is a file that holds no media: it is {describe(head)}")
    return None


def _of_base64(text: str) -> Media | None:
    """A picture that is all of the text. Its first bytes are looked at before anything else is."""
    if len(text) < MIN_BASE64_CHARS or len(text) % 4 or not _BASE64.match(first := text[: HEADER_BYTES // 3 * 4]):
        return None
    head = pybase64.b64decode(first)
    if Image.sniff(head, strict=True) is None or not _BASE64.match(text):
        return None
    try:
        return Image.from_raw_base64(text)
    except MediaError:
        return None


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def of_kind(kind: type[Media], source: Any, options: Mapping[str, Any], roots: Roots = None) -> Media:
    """What a message says is of this kind: a path, address, data URI, base64, bytes, open file, picture or array.

    Raises:
        MediaError: it cannot be used, or is of another kind.
    """
    if _objects.is_object(source):
        return kind.autodetect(source, **options)
    origin, declared = locate(source, detect, partial(named, roots=roots))
    return kind._make(origin, declared, options)


def of_any_kind(source: Any) -> Media:
    """Content, a data URI, base64, an open file or a picture as the kind of medium that its content is.

    Raises:
        MediaError: it is damaged, or of no known kind.
    """
    if _objects.is_picture(source) or _objects.is_array(source):
        return Image.autodetect(source)
    declared: str | None = None
    label: str | None = None
    origin: Origin
    if _objects.is_file(source):
        origin, label = _objects.taken(source)
    else:
        origin, declared = locate(source, detect)
    if isinstance(origin, Url | FileId):
        return Image._make(origin, declared, {})
    found = detect(beginning(origin))
    kind = found[0] if found else _promised_kind(declared, label)
    return kind._make(origin, declared, {"name": label})


def _promised_kind(declared: str | None, name: str | None) -> type[Media]:
    """The kind to hold content against that shows no kind by itself."""
    if name is not None:
        return _SUFFIXES.get(_suffix(name), Document)
    if declared is not None and declared.startswith("text/"):
        return Document
    return next((kind for kind in KINDS if declared in kind.suffixes.values()), Image)


def from_file(path: str | os.PathLike[str], roots: Roots = None) -> Media:
    """A local file as the kind of medium that its content is; text counts as a document.

    Raises:
        MediaError: there is no such file, or its content is unknown.
    """
    place = named(path, roots)
    first: MediaError | None = None
    by_suffix = _SUFFIXES.get(_suffix(os.fspath(path)), Document)
    found = detect(beginning(place))  # before kinds that would take it if they were asked for: an MP4 as a recording
    kinds: list[type[Media]] = [by_suffix, *((found[0],) if found else ()), *KINDS]
    for kind in dict.fromkeys(kinds):
        try:
            return kind._make(place, None, {})
        except MediaNotFound:
            raise
        except MediaError as error:
            first = first or error
    raise first or MediaNotFound(f"{os.fspath(path)!r} cannot be used")
