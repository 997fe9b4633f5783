"""What every kind of media is: a frozen value that knows where its content is and what it is.

    Media
    ├── Image   ├── Audio   ├── Video   ├── PDF   └── Document (plain text)

    from_path · from_url · from_bytes · from_base64 · from_raw_base64 · from_file_id · autodetect
        → origin (`_origin`), media_type (by content, `_sniff`)
    open() · read() · data · size      the content, when it is wanted

Making a value reads at most the first bytes of a local file and never touches the network. Two values are
equal when their content, type and options are. What is encoded is encoded once and kept with the value.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Literal, Self
from urllib.parse import urlsplit

import pybase64

from ..errors import MediaError, MediaNotFound, UnreadableMedia, UnsupportedMedia
from . import _origin
from ._cache import CacheControl
from ._origin import Blob, File, FileId, Origin, Url
from ._sniff import HEADER_BYTES, Magic, describe

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

SourceKind = Literal["url", "file", "bytes", "id"]


class Media:
    """A picture, recording, film or document: see the module's docstring. Use a subclass."""

    __slots__ = ("_encoded", "cache_control", "declared", "media_type", "name", "origin")

    noun: ClassVar[str] = "medium"
    magic: ClassVar[tuple[Magic, ...]] = ()
    suffixes: ClassVar[Mapping[str, str]] = {}
    """File suffix → media type: for addresses, whose content is not at hand."""
    aliases: ClassVar[Mapping[str, str]] = {}
    """Other names of media types in use → the one kept here."""
    options: ClassVar[tuple[str, ...]] = ("cache_control",)

    origin: Origin
    media_type: str | None
    """By content; for an address or a provider's file, as declared or by suffix, else None."""
    declared: str | None
    """What the caller or the suffix said it was; content may have decided otherwise."""
    name: str | None
    """A file name, where one is known. Sent where the provider asks for one."""
    cache_control: CacheControl | None
    _encoded: str | None

    def __init__(
        self,
        source: str | os.PathLike[str] | bytes | None = None,
        media_type: str | None = None,
        data: str | bytes | None = None,
        *,
        name: str | None = None,
        cache_control: object = None,
    ) -> None:
        """A value from its parts, as `autodetect` does, or with the content given in `data`.

        Args:
            source: a path, an address, a data URI, raw base64, or the content as bytes.
            media_type: what it is said to be. The content decides where it is at hand.
            data: the content, as bytes or base64. `source` then only names it.
            name: a file name to send along.
            cache_control: `True` or `{"type": "ephemeral", "ttl": …}` to mark a prompt-cache breakpoint.

        Raises:
            MediaNotFound: the path leads to no regular file.
            UnreadableMedia: the content is empty, damaged or unknown.
            UnsupportedMedia: the content is of another kind of media.
        """
        if data is not None:
            origin: Origin = Blob(data if isinstance(data, bytes) else _origin.base64(data))
            name = name or (_basename(str(source)) if source is not None else None)
        elif source is None:
            raise UnreadableMedia(f"an {type(self).__name__} needs a source or data")
        else:
            origin, said = _origin.locate(source, detect)
            media_type = media_type or said
        self._settle(origin, media_type, name, CacheControl.parse(cache_control))

    def _settle(self, origin: Origin, declared: str | None, name: str | None, cache: CacheControl | None) -> None:
        put = object.__setattr__
        if isinstance(origin, File):
            name = name or os.path.basename(origin.path)
        elif isinstance(origin, Url):
            name = name or _basename(urlsplit(origin.url).path)
        said = declared.partition(";")[0].strip().lower() if declared else self._by_suffix(name)
        said = self.aliases.get(said, said) if said else None
        put(self, "origin", origin)
        put(self, "declared", said)
        put(self, "name", name)
        put(self, "cache_control", cache)
        put(self, "_encoded", None)
        put(self, "media_type", self._identify(origin, said))

    @classmethod
    def _by_suffix(cls, name: str | None) -> str | None:
        return cls.suffixes.get(os.path.splitext(name)[1].lower()) if name else None

    @classmethod
    def _identify(cls, origin: Origin, declared: str | None) -> str | None:
        if isinstance(origin, Blob):
            header = origin.data[:HEADER_BYTES]
            if not header:
                raise UnreadableMedia("the data is empty")
        elif isinstance(origin, File):
            header = _origin.head(origin.path, HEADER_BYTES)
        else:
            return declared
        found = cls.sniff(header)
        if found is not None:
            return cls._choose(found, declared)
        where = origin.path if isinstance(origin, File) else "the data"
        for kind in KINDS:
            if kind is not cls and (other := kind.sniff(header, strict=True)):
                raise UnsupportedMedia(f"{where} holds {other}, not {cls.noun}: use {kind.__name__} for it", where=None)
        raise UnreadableMedia(f"{where} is not {cls.noun} of a known format: it is {describe(header)}")

    @classmethod
    def _choose(cls, found: str, declared: str | None) -> str:
        """The media type, given what the content shows and what was said."""
        return found

    # ── makers ───────────────────────────────────────────────────────────────────────────────

    @classmethod
    def _make(cls, origin: Origin, media_type: str | None, options: Mapping[str, Any]) -> Self:
        value = cls.__new__(cls)
        rest = dict(options)
        name, cache = rest.pop("name", None), CacheControl.parse(rest.pop("cache_control", None))
        value._settle(origin, media_type, name, cache)
        value._set_options(rest)
        return value

    def _set_options(self, options: Mapping[str, Any]) -> None:
        if options:
            raise TypeError(f"{type(self).__name__} takes no {', '.join(sorted(options))}")

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], **options: Any) -> Self:
        """A local file; `~` is the home directory. Only its status and first bytes are read.

        Raises:
            MediaNotFound: there is no such regular file.
            UnreadableMedia: it is empty, cannot be read, or is of no known format.
            UnsupportedMedia: it holds another kind of media.
        """
        return cls._make(_origin.file(path), None, options)

    @classmethod
    def from_url(cls, url: str, media_type: str | None = None, **options: Any) -> Self:
        """An address (http, https, gs, s3) or a data URI. The network is not touched.

        Raises:
            UnreadableMedia: it is neither.
        """
        if _origin.is_data_uri(url):
            return cls.from_base64(url, media_type, **options)
        return cls._make(_origin.url(url), media_type, options)

    @classmethod
    def from_bytes(cls, data: bytes, media_type: str | None = None, **options: Any) -> Self:
        """Content in memory.

        Raises:
            UnreadableMedia: it is empty or of no known format.
            UnsupportedMedia: it is another kind of media.
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise UnreadableMedia(f"from_bytes takes bytes, not {type(data).__name__}")
        return cls._make(Blob(bytes(data)), media_type, options)

    @classmethod
    def from_base64(cls, data: str, media_type: str | None = None, **options: Any) -> Self:
        """A data URI (`data:image/png;base64,…`, any case, with or without parameters) or raw base64.

        Raises:
            UnreadableMedia: the encoding is wrong, or the content empty or unknown.
            UnsupportedMedia: the content is another kind of media.
        """
        declared: str | None = None
        if _origin.is_data_uri(data):
            declared, content = _origin.data_uri(data)
        else:
            content = _origin.base64(data)
        return cls._make(Blob(content), media_type or declared, options)

    @classmethod
    def from_raw_base64(cls, data: str, media_type: str | None = None, **options: Any) -> Self:
        """Base64 without a `data:` prefix. Raises as `from_base64` does."""
        return cls._make(Blob(_origin.base64(data)), media_type, options)

    @classmethod
    def from_file_id(cls, file_id: str, media_type: str | None = None, **options: Any) -> Self:
        """A file that was uploaded to the provider before."""
        return cls._make(FileId(file_id), media_type, options)

    @classmethod
    def autodetect(cls, source: str | os.PathLike[str] | bytes, **options: Any) -> Self:
        """A path, address, data URI, raw base64 or bytes: whichever it is.

        Raises:
            MediaError: it is none of them, or its content is not of this kind.
        """
        origin, said = _origin.locate(source, detect)
        return cls._make(origin, said, options)

    @classmethod
    def autodetect_safely(cls, source: str | os.PathLike[str] | bytes) -> Self | str | os.PathLike[str] | bytes:
        """As `autodetect`, but what is not a medium of this kind comes back as it was."""
        try:
            return cls.autodetect(source)
        except MediaError:
            return source

    # ── content ──────────────────────────────────────────────────────────────────────────────

    @classmethod
    def sniff(cls, header: bytes, *, strict: bool = False) -> str | None:
        """The media type that the first bytes show, or None. `strict` leaves the loose rows out."""
        for row in cls.magic:
            if not (strict and row.loose) and row.test(header):
                return row.media_type
        return None

    @property
    def source_kind(self) -> SourceKind:
        """Where the content is: `"url"`, `"file"`, `"bytes"` or `"id"`."""
        return _SOURCE_KINDS[type(self.origin)]

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
        """The content as base64, encoded once and kept; None for an address or a provider's file."""
        if self._encoded is None and isinstance(self.origin, Blob | File):
            object.__setattr__(self, "_encoded", pybase64.b64encode(self.read()).decode("ascii"))
        return self._encoded

    @property
    def encoded(self) -> str | None:
        """The base64 text if it has been made already, else None. Never reads."""
        return self._encoded

    def open(self) -> BinaryIO:
        """A binary stream over the content.

        Raises:
            MediaNotFound: the file is gone.
            UnreadableMedia: the file has changed since it was named, or the content is not at hand.
        """
        match self.origin:
            case Blob(data):
                return io.BytesIO(data)
            case File(path) as place:
                try:
                    stream = io.BufferedReader(io.FileIO(path))
                except OSError as error:
                    raise MediaNotFound(f"{path!r}: {error.strerror}") from error
                try:
                    place.check(os.fstat(stream.fileno()))
                except BaseException:
                    stream.close()
                    raise
                return stream
            case Url() | FileId():
                raise UnreadableMedia(f"{self!r} holds no content: it is elsewhere")

    def read(self) -> bytes:
        """The whole content. Raises as `open` does."""
        if isinstance(self.origin, Blob):
            return self.origin.data
        with self.open() as stream:
            return stream.read()

    # ── values ───────────────────────────────────────────────────────────────────────────────

    def replace(self, **changes: Any) -> Self:
        """A copy with other options (`cache_control`, `name`, `media_type`, those of the kind)."""
        keep = {option: getattr(self, option) for option in (*self.options, "name")} | changes
        media_type = keep.pop("media_type", self.declared or self.media_type)
        copy = self._make(self.origin, media_type, keep)
        object.__setattr__(copy, "_encoded", self._encoded)
        return copy

    def _key(self) -> tuple[Any, ...]:
        return (type(self), self.origin, self.media_type, *(getattr(self, option) for option in self.options))

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Media) else NotImplemented

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

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from ._pydantic import core_schema

        return core_schema(cls)

    # ── by hand ──────────────────────────────────────────────────────────────────────────────

    def _to(self, dialect: str) -> dict[str, Any]:
        from importlib import import_module

        part: dict[str, Any] = import_module("..providers._registry", __package__).part_by_hand(dialect, self)
        return part

    def to_openai(self, mode: Any = None) -> dict[str, Any]:
        """This medium as a content part of OpenAI's Chat Completions API.

        Args:
            mode: accepted for the sake of callers that pass one; every mode has the same part.

        Raises:
            UnsupportedMedia: OpenAI takes no such medium, or not from this source.
        """
        return self._to("openai")

    def to_anthropic(self) -> dict[str, Any]:
        """This medium as a content block of Anthropic's Messages API. Raises as `to_openai` does."""
        return self._to("anthropic")

    def __init_subclass__(cls) -> None:
        KINDS.append(cls)


KINDS: list[type[Media]] = []
"""Every kind. Their strict rows do not overlap, so that the order does not matter."""

_SOURCE_KINDS: Mapping[type[Any], SourceKind] = {Url: "url", File: "file", Blob: "bytes", FileId: "id"}


def detect(header: bytes) -> tuple[type[Media], str] | None:
    """The kind and type of content of unknown kind, or None."""
    for kind in KINDS:
        if found := kind.sniff(header, strict=True):
            return kind, found
    return None


def _basename(path: str) -> str | None:
    name = PurePosixPath(path.replace("\\", "/")).name
    return name if 0 < len(name) <= 255 and not name.startswith("data:") else None


def _rebuild(
    cls: type[Media], origin: Origin, declared: str | None, media_type: str | None, options: dict[str, Any]
) -> Media:
    value = cls.__new__(cls)
    put = object.__setattr__
    fixed = {"origin": origin, "declared": declared, "media_type": media_type, "_encoded": None}
    for name, content in (fixed | options).items():
        put(value, name, content)
    return value
