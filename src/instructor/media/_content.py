"""What a medium is as a value: where its content is, how it is read, and when two are the same.

Values are equal when their kind, type, content and options are, wherever the content is. Content in two different
places is compared by its SHA-256, which is worked out once for each value and only where sizes agree.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal, Self

import pybase64

from ..errors import MediaError, UnreadableMedia
from ._cache import CacheControl
from ._origin import WEB, Blob, File, FileId, Origin, Url

SourceKind = Literal["url", "file", "bytes", "id", "gs", "s3", "az", "storage"]
"""`url`: on the web; `gs`, `s3`, `az`: in a bucket of that cloud; `storage`: wherever else an address leads."""

BUCKETS: dict[str, SourceKind] = {"gs": "gs", "s3": "s3", "az": "az"}

HASHED_AT_ONCE = 1 << 20
AT_ONCE = 256 * 1024
"""A file up to this size is read whole when it is opened: whoever opens one goes back and forth in it."""


class Content:
    """The fields of every medium, its content, and what makes it a value."""

    __slots__ = ("_digest", "_encoded", "cache_control", "declared", "fitting", "media_type", "name", "origin")

    options: ClassVar[tuple[str, ...]] = ("cache_control", "fitting")

    origin: Origin
    media_type: str | None
    """By content; for an address or a provider's file, as declared or by suffix, else None."""
    declared: str | None
    """What the caller or the suffix said it was; content may have decided otherwise: see `mismatch`."""
    name: str | None
    """A file name, where one is known. Sent where the provider asks for one."""
    cache_control: CacheControl | None
    fitting: Any
    """What may be done to it so that a provider takes it: `"auto"`, `"strict"`, a `Fit`; None: what the call says."""
    _encoded: str | None
    _digest: str | None

    # ── content ──────────────────────────────────────────────────────────────────────────────

    @property
    def source_kind(self) -> SourceKind:
        """Where the content is: `"file"`, `"bytes"`, `"id"` (at the provider), `"url"` (on the web), `"gs"`, `"s3"`,
        `"az"` (in a bucket) or `"storage"` (any other address)."""
        match self.origin:
            case Url() as place:
                return "url" if place.scheme in WEB else BUCKETS.get(place.scheme, "storage")
            case File():
                return "file"
            case Blob():
                return "bytes"
            case FileId():
                return "id"

    @property
    def at_hand(self) -> bool:
        """Whether the content is in memory or in a local file, and not elsewhere."""
        return isinstance(self.origin, Blob | File)

    @property
    def source(self) -> str | Path:
        """The address, path or file id; for content in memory its data URI."""
        match self.origin:
            case Url(url):
                return url
            case File(path):
                return Path(path)
            case FileId(id):
                return id
            case Blob():
                return f"data:{self.media_type};base64,{self.data}"

    @property
    def size(self) -> int | None:
        """Bytes of content, before any encoding; None where it is not at hand."""
        match self.origin:
            case File(_, size):
                return size
            case Blob(data):
                return len(data)
            case _:
                return None

    @property
    def data(self) -> str | None:
        """The content as base64, encoded once and kept; None where it is not at hand."""
        if self._encoded is None and self.at_hand:
            object.__setattr__(self, "_encoded", pybase64.b64encode(self.read()).decode("ascii"))
        return self._encoded

    @property
    def encoded(self) -> str | None:
        """The base64 text if it has been made already, else None. Never reads."""
        return self._encoded

    @property
    def digest(self) -> str | None:
        """The content's SHA-256 in hexadecimal, worked out once and kept; None where it is not at hand."""
        if self._digest is None and self.at_hand:
            import hashlib

            digest = hashlib.sha256()
            with self.open() as stream:
                while piece := stream.read(HASHED_AT_ONCE):
                    digest.update(piece)
            object.__setattr__(self, "_digest", digest.hexdigest())
        return self._digest

    def open(self) -> BinaryIO:
        """A binary stream over the content.

        Raises:
            MediaNotFound: the file is gone.
            UnreadableMedia: the file has changed since it was named, or the content is not at hand.
        """
        match self.origin:
            case Blob(data):
                return io.BytesIO(data)
            case File(_, size) as place:
                if size > AT_ONCE:
                    return place.open()
                with place.open() as stream:
                    return io.BytesIO(stream.read(size + 1))
            case Url() | FileId():
                raise UnreadableMedia(f"{self!r} holds no content: it is elsewhere")

    def read(self) -> bytes:
        """The whole content. Raises as `open` does."""
        if isinstance(self.origin, Blob):
            return self.origin.data
        with self.open() as stream:
            return stream.read()

    def held(self) -> Self:
        """A copy with its content in memory, where that is a file's; else the value itself. Raises as `open` does."""
        if not isinstance(self.origin, File):
            return self
        rebuild, (cls, _, *rest) = self.__reduce__()
        copy: Self = rebuild(cls, Blob(self.read()), *rest)
        object.__setattr__(copy, "_digest", self._digest)
        return copy

    # ── values ───────────────────────────────────────────────────────────────────────────────

    def _key(self) -> tuple[Any, ...]:
        """What equal values have in common and costs nothing to know."""
        place = self.size if self.at_hand else self.origin
        return (type(self), place, self.media_type, *(getattr(self, option) for option in self.options))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Content):
            return NotImplemented
        if self._key() != other._key():
            return False
        if self.origin == other.origin:
            return True
        try:
            return self.digest == other.digest
        except MediaError:  # a file that is gone, or another one by now, equals nothing
            return False

    def __hash__(self) -> int:
        return hash(self._key())

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: use replace({name}=…) for a copy")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __reduce__(self) -> tuple[Any, ...]:
        options = {option: getattr(self, option) for option in (*self.options, "name")}
        return _rebuild, (type(self), self.origin, self.declared, self.media_type, options)

    def __repr__(self) -> str:
        match self.origin:
            case Url() as place:
                what = place.safe
            case File(path, size):
                what = f"{path}, {size:,} bytes"
            case FileId():
                what = "a file held by the provider"
            case Blob(data):
                what = f"{len(data):,} bytes"
        return f"{type(self).__name__}({self.media_type or 'unknown type'}, {what})"


def _rebuild(
    cls: type[Content], origin: Origin, declared: str | None, media_type: str | None, options: dict[str, Any]
) -> Content:
    value = cls.__new__(cls)
    put = object.__setattr__
    fixed = {"origin": origin, "declared": declared, "media_type": media_type, "_encoded": None, "_digest": None}
    for name, content in (fixed | options).items():
        put(value, name, content)
    return value
