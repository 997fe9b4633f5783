"""Where a medium's content is, as values.

Origin = Blob        in memory
       | File        a local file, by path, size and time of change
       | Url         on the web or in a bucket: never opened here
       | FileId      at the provider
"""

from __future__ import annotations

import binascii
import io
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes, urlsplit

import pybase64

from ..errors import MediaNotFound, UnreadableMedia
from ..values import dataclass
from ._sniff import HEADER_BYTES, sample


@dataclass(frozen=True, slots=True)
class Blob:
    """Content in memory."""

    data: bytes

    def __repr__(self) -> str:
        return f"Blob({len(self.data)} bytes)"


@dataclass(frozen=True, slots=True)
class File:
    """A regular local file as it was when it was named. `pin`: its device and inode, where it has to be the same file
    whatever its path leads to by then."""

    path: str
    size: int
    mtime_ns: int
    pin: tuple[int, int] | None = None

    def check(self, status: os.stat_result) -> None:
        """Raise unless the file is still the one that was named."""
        if self.pin is not None and self.pin != (status.st_dev, status.st_ino):
            raise UnreadableMedia(f"{self.path} is another file than the one that was named: make the value anew")
        if (status.st_size, status.st_mtime_ns) != (self.size, self.mtime_ns):
            raise UnreadableMedia(f"{self.path} has changed since it was named: make the value anew")

    def open(self, *, follow: bool = True) -> BinaryIO:
        """A stream over the content. Never waits for a pipe, and opens no device.

        Raises:
            MediaNotFound: the file is gone.
            UnreadableMedia: it cannot be read, or has changed since it was named.
        """
        flags = os.O_RDONLY | _NO_WAIT | (0 if follow and self.pin is None else _NO_LINK)
        try:
            number = os.open(self.path, flags)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MediaNotFound(f"{self.path!r}: {_reason(error)}") from error
        except OSError as error:
            raise UnreadableMedia(f"{self.path!r} cannot be read: {_reason(error)}") from error
        try:
            self.check(os.fstat(number))
        except BaseException:
            os.close(number)
            raise
        return io.BufferedReader(io.FileIO(number))


def read_cached(stream: BinaryIO, at: int, buffer: memoryview) -> int:
    """Read what is in memory of a file, the system's cache included, from a position on: how much that is, -1 where nobody
    can tell.

    Linux alone can be asked (preadv2(2), RWF_NOWAIT), and not about every file system.
    """
    if isinstance(stream, io.BytesIO):
        stream.seek(at)
        return stream.readinto(buffer)
    try:
        return os.preadv(stream.fileno(), (buffer,), at, os.RWF_NOWAIT)
    except (OSError, AttributeError):
        return -1


_NO_WAIT: int = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class Url:
    """An address, as given."""

    url: str

    @property
    def scheme(self) -> str:
        """`https`, `s3`, …, in lower case."""
        return self.url.partition(":")[0].lower()

    @property
    def safe(self) -> str:
        """The address without user name, password, query and fragment, which may hold secrets."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}" + ("?…" if parts.query else "")

    def __repr__(self) -> str:
        return f"Url({self.safe})"


@dataclass(frozen=True, slots=True)
class FileId:
    """A file that the provider already holds."""

    id: str


Origin = Blob | File | Url | FileId

WEB = frozenset({"http", "https"})

SCHEMES = WEB | {"gs", "s3", "az"}
"""Schemes that name a medium elsewhere, wherever text is looked at for what it may mean."""

LOCAL = frozenset(
    {"file", "local", "asynclocal", "asyncwrapper", "data", "javascript", "about", "blob", "cid", "mailto"}
)
"""Schemes that name no place elsewhere. `file:` would lead round what confines local files."""

PSEUDO = ("/proc/", "/sys/")
"""Trees that hold no files, though the system calls what is in them so."""


def file(path: str | os.PathLike[str]) -> File:
    """A local file, after a stat.

    Raises:
        MediaNotFound: there is no such file, or it is not a regular file.
        UnreadableMedia: it is empty.
    """
    try:
        place = Path(path).expanduser()
        status = place.stat()
    except (OSError, ValueError, RuntimeError) as error:
        raise MediaNotFound(f"{os.fspath(path)!r}: {_reason(error)}") from error
    if stat.S_ISDIR(status.st_mode):
        raise MediaNotFound(f"{str(place)!r} is a directory, not a file")
    if not stat.S_ISREG(status.st_mode) or os.path.realpath(place).startswith(PSEUDO):
        raise MediaNotFound(f"{str(place)!r} is not a regular file (a device, pipe, socket, or the system's own)")
    if status.st_size == 0:
        raise UnreadableMedia(f"{str(place)!r} is empty")
    return File(str(place), status.st_size, status.st_mtime_ns)


def beginning(origin: Blob | File) -> bytes:
    """What the rows of `_sniff` look at."""
    if isinstance(origin, Blob):
        return sample(io.BytesIO(origin.data), len(origin.data))
    with origin.open() as stream:
        return sample(stream, origin.size)


def url(text: str) -> Url:
    """An address with a scheme and a host or bucket: on the web, or in any storage that fsspec knows.

    Raises:
        UnreadableMedia: it is not such an address.
    """
    found = _URL.match(text) if len(text) <= MAX_URL_CHARS else None
    scheme = found[1].lower() if found else ""
    if scheme in LOCAL:
        raise UnreadableMedia(f"not an address of a medium elsewhere: for a {scheme}: address use from_path(…)")
    try:
        good = found is not None and (scheme not in WEB or bool(urlsplit(text).hostname))
    except ValueError:
        good = False
    if not good:
        shown = _short(text[:MAX_URL_CHARS].partition("?")[0].rpartition("@")[2])
        raise UnreadableMedia(f"not an address (https://…, s3://…, gs://…) of a medium: {shown!r}")
    return Url(text)


_URL = re.compile(r"([a-z][a-z0-9+.-]{1,31})://[^\s\x00-\x20/?#][^\x00-\x20]*\Z", re.IGNORECASE)

MAX_URL_CHARS = 16_384
"""Longer than any signed address in use."""


def base64(text: str | bytes) -> bytes:
    """Decode strictly; white space (as in PEM-like line breaks) is allowed.

    Raises:
        UnreadableMedia: it is not base64, or empty.
    """
    try:
        data = pybase64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        joined = b"".join((text.encode("utf-8", "replace") if isinstance(text, str) else text).split())
        try:
            data = pybase64.b64decode(joined, validate=True)
        except (binascii.Error, ValueError) as error:
            raise UnreadableMedia(f"the data is not valid base64 ({error})") from None
    if not data:
        raise UnreadableMedia("the data is empty")
    return data


def data_uri(text: str) -> tuple[str | None, bytes]:
    """The declared media type and the content of a `data:` URI (RFC 2397), base64 or percent-encoded."""
    meta, comma, body = text[5:].partition(",")
    if not comma:
        raise UnreadableMedia("the data URI has no comma between its type and its data")
    declared, *parameters = (word.strip() for word in meta.split(";"))
    encoded = any(word.lower() == "base64" for word in parameters)
    data = base64(_unescaped(body)) if encoded else unquote_to_bytes(body)
    if not data:
        raise UnreadableMedia("the data URI holds no data")
    return declared.lower() or None, data


def _unescaped(body: str) -> str | bytes:
    """Base64 in a URI may be percent-encoded in part (`%2B`, `%3D`), as any URI may."""
    return unquote_to_bytes(body) if "%" in body else body


def is_data_uri(text: str) -> bool:
    return text[:5].lower() == "data:"


def is_url(text: str) -> bool:
    """Whether the whole text is an address that `url` takes."""
    if "://" not in text[:36] or len(text) > MAX_URL_CHARS:
        return False
    try:
        url(text)
    except UnreadableMedia:
        return False
    return True


def locate(
    source: object,
    known: Callable[[bytes], object],
    place: Callable[[str | os.PathLike[str]], File] = file,
) -> tuple[Origin, str | None]:
    """Where the content is that `source` names, and its declared media type, if the source declares one.

    Text counts as base64 only if `known` knows the content by its first bytes. `place` finds local files.

    Raises:
        MediaNotFound: it looks like a path and there is no such file.
        UnreadableMedia: it is none of: path, address, data URI, base64, bytes.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return Blob(bytes(source)), None
    if not isinstance(source, str | os.PathLike):
        raise UnreadableMedia(
            f"media come from a path, address, data URI, base64, bytes or an open file, not {type(source).__name__}"
        )
    text = os.fspath(source)
    if not isinstance(text, str) or isinstance(source, os.PathLike):
        return place(os.fsdecode(source)), None
    if is_data_uri(text):
        declared, data = data_uri(text)
        return Blob(data), declared
    if is_url(text):
        return Url(text), None
    return _file_or_base64(text, known, place), None


def _file_or_base64(
    text: str, known: Callable[[bytes], object], place: Callable[[str | os.PathLike[str]], File]
) -> Origin:
    if len(text) >= MIN_BASE64_CHARS:
        try:
            data = base64(text)
        except UnreadableMedia:
            data = b""
        if data and known(data[:HEADER_BYTES]):
            return Blob(data)
    if len(text) > MAX_PATH_CHARS:
        raise UnreadableMedia("the text is not an address, a data URI or base64 of a medium")
    try:
        return place(text)
    except MediaNotFound:
        if len(text) < MIN_BASE64_CHARS or os.path.lexists(os.path.expanduser(text)):
            raise
    shown = repr(text) if len(text) < MAX_QUOTED_CHARS or "." in text else f"a text of {len(text):,} characters"
    raise MediaNotFound(f"{shown:.100} is no existing file, address, data URI or base64 of a medium")


MAX_PATH_CHARS = 4096
"""PATH_MAX on Linux: a longer text is never tried as a path."""

MAX_QUOTED_CHARS = 64
"""A longer text without a dot may be content: errors do not quote it."""

MIN_BASE64_CHARS = 24
"""Shorter texts are never tried as base64: no picture or recording is that small."""


def _reason(error: Exception) -> str:
    detail: Any = getattr(error, "strerror", None)
    return str(detail or error)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"
