"""What every kind of media is: a frozen value that knows where its content is and what it is.

    Media (over `_content`)
    ├── Image   ├── Audio   ├── Video   ├── PDF   └── Document

    from_path · from_url · from_bytes · from_file · from_base64 · from_raw_base64 · from_file_id · autodetect
        → origin (`_origin`), media_type (by content, `_sniff`), mismatch (what was said of it and is not so)
    open() · read() · data · size · digest      the content, when it is wanted

Making a value reads at most the first bytes of a local file (of a ZIP archive, its directory too) and never touches
the network. Two values are equal when their content, type and options are. What is encoded is encoded once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self
from urllib.parse import unquote, urlsplit

from ..errors import MediaError, UnreadableMedia, UnsupportedMedia
from . import _objects, _origin
from ._cache import CacheControl
from ._content import Content, SourceKind
from ._origin import Blob, File, FileId, Origin, Url
from ._sniff import Magic
from ._unknown import describe

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["KINDS", "Media", "SourceKind", "detect"]

GENERIC = frozenset(
    {"application/octet-stream", "binary/octet-stream", "application/download", "application/x-download"}
)
"""Declared types that say nothing."""


class Outcome(Protocol):
    """What `Media.fit` gives, as far as this floor knows it: `instructor.fit.Fitted`."""

    @property
    def media(self) -> tuple[Media, ...]: ...
    @property
    def medium(self) -> Media: ...
    @property
    def changes(self) -> tuple[Any, ...]: ...
    @property
    def changed(self) -> bool: ...


class Media(Content):
    """A picture, recording, film or document: see the module's docstring. Use a subclass."""

    __slots__ = ()

    noun: ClassVar[str] = "medium"
    magic: ClassVar[tuple[Magic, ...]] = ()
    suffixes: ClassVar[Mapping[str, str]] = {}
    """File suffix → media type: for addresses, whose content is not at hand."""
    aliases: ClassVar[Mapping[str, str]] = {}
    """Other names of media types in use → the one kept here."""

    def __init__(
        self,
        source: Any = None,
        media_type: str | None = None,
        data: str | bytes | None = None,
        *,
        name: str | None = None,
        cache_control: object = None,
        fitting: Any = None,
    ) -> None:
        """A value from its parts, as `autodetect` does, or with the content given in `data`.

        Args:
            source: a path, an address, a data URI, raw base64, the content as bytes, or an open file; for an `Image`
                also a picture of Pillow's or a NumPy array.
            media_type: what it is said to be. The content decides where it is at hand.
            data: the content, as bytes or base64. `source` then only names it.
            name: a file name to send along.
            cache_control: `True` or `{"type": "ephemeral", "ttl": …}` to mark a prompt-cache breakpoint.
            fitting: what may be done to this medium, whatever the call's `fit=` says: `"auto"`, `"strict"`, a `Fit`.

        Raises:
            MediaNotFound: the path leads to no regular file.
            UnreadableMedia: the content is empty, damaged or unknown.
            UnsupportedMedia: the content is of another kind of media.
        """
        if data is not None:
            origin: Origin = Blob(bytes(data) if not isinstance(data, str) else _origin.base64(data))
            name = name or (_basename(str(source)) if source is not None else None)
        elif source is None:
            raise UnreadableMedia(f"an {type(self).__name__} needs a source or data")
        else:
            origin, said, label = self._located(source)
            media_type, name = media_type or said, name or label
        self._settle(origin, media_type, name, CacheControl.parse(cache_control))
        object.__setattr__(self, "fitting", fitting)

    @classmethod
    def _located(cls, source: Any) -> tuple[Origin, str | None, str | None]:
        """Where the content of any source is, its declared type and its name."""
        if _objects.is_file(source):
            origin, label = _objects.taken(source)
            return origin, None, label
        return (*_origin.locate(source, detect), None)

    def _settle(self, origin: Origin, declared: str | None, name: str | None, cache: CacheControl | None) -> None:
        put = object.__setattr__
        if isinstance(origin, File):
            name = name or os.path.basename(origin.path)
        elif isinstance(origin, Url):
            name = name or _basename(unquote(urlsplit(origin.url).path))
        said = declared.partition(";")[0].strip().lower() if declared else None
        said = self._by_suffix(name) if said is None or said in GENERIC else self.aliases.get(said, said)
        put(self, "origin", origin)
        put(self, "declared", said)
        put(self, "name", name)
        put(self, "cache_control", cache)
        put(self, "_encoded", None)
        put(self, "_digest", None)
        put(self, "media_type", self._identify(origin, said))

    @classmethod
    def _by_suffix(cls, name: str | None) -> str | None:
        return cls.suffixes.get(os.path.splitext(name)[1].lower()) if name else None

    @classmethod
    def _identify(cls, origin: Origin, declared: str | None) -> str | None:
        if isinstance(origin, Url | FileId):
            return declared
        header = _origin.beginning(origin)
        if not header:
            raise UnreadableMedia("the data is empty")
        found = cls.sniff(header, weak=False)
        other = None if found else detect(header)
        if found is None and (other is None or other[0] is cls):
            found = cls.sniff(header)
        if found is not None:
            return cls._choose(found, declared)
        where = origin.path if isinstance(origin, File) else "the data"
        if other is not None:
            raise UnsupportedMedia(f"{where} holds {other[1]}, not {cls.noun}: use {other[0].__name__} for it")
        raise UnreadableMedia(f"{where} is not {cls.noun} of a known format: it is {describe(header)}")

    @property
    def mismatch(self) -> str | None:
        """What was said of the type, by the caller, a server or the name, and is not what the content shows; or None."""
        if not self.at_hand or self.media_type is None:
            return None
        suffix = os.path.splitext(self.name or "")[1].lower()
        by_name = next((kind.suffixes[suffix] for kind in KINDS if suffix in kind.suffixes), None)
        said = []
        if not _agree(self.declared, self.media_type) and self.declared != by_name:
            said.append(f"it was said to be {self.declared}")
        if not _agree(by_name, self.media_type):
            said.append(f"its name says {by_name}")
        return f"{' and '.join(said)}, the content is {self.media_type}" if said else None

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
        object.__setattr__(value, "fitting", rest.pop("fitting", None))
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
        """An address or a data URI. The network is not touched.

        `https://…`, `s3://…`, `gs://…`, `az://…`, or of any other storage that fsspec knows. Where the provider does
        not take the address itself, the content is read before the request is sent, as far as `MediaPolicy` lets it.

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
    def from_file(cls, file: Any, media_type: str | None = None, **options: Any) -> Self:
        """What an open binary file (or anything with `read()`) holds from where it stands. It is not closed.

        A file on the disk that is open for reading only and stands at its start is not read: its path stands for it.

        Raises:
            UnreadableMedia: it is open as text, holds nothing more, or content of no known format.
            UnsupportedMedia: it holds another kind of media.
        """
        if not _objects.is_file(file):
            raise UnreadableMedia(f"from_file takes an open binary file, not {type(file).__name__}")
        origin, label = _objects.taken(file)
        return cls._make(origin, media_type, {"name": label, **options})

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
    def autodetect(cls, source: Any, **options: Any) -> Self:
        """A path, address, data URI, raw base64, bytes or open file: whichever it is.

        Raises:
            MediaError: it is none of them, or its content is not of this kind.
        """
        origin, said, label = cls._located(source)
        return cls._make(origin, said, {"name": label, **options})

    @classmethod
    def autodetect_safely(cls, source: Any) -> Self | Any:
        """As `autodetect`, but what is not a medium of this kind comes back as it was."""
        try:
            return cls.autodetect(source)
        except MediaError:
            return source

    # ── content ──────────────────────────────────────────────────────────────────────────────

    @classmethod
    def sniff(cls, header: bytes, *, strict: bool = False, weak: bool = True) -> str | None:
        """The media type that a `sample` of content shows, or None. `strict` leaves the loose rows out, `weak=False` the
        weak ones."""
        for row in cls.magic:
            if not (strict and row.loose) and (weak or not row.weak) and row.test(header):
                return row.media_type
        return None

    # ── values ───────────────────────────────────────────────────────────────────────────────

    def at(self, origin: Origin) -> Self:
        """The same medium, its content found at another place: nothing is looked at anew."""
        copy = type(self).__new__(type(self))
        for cls in type(self).__mro__:
            for slot in getattr(cls, "__slots__", ()):
                object.__setattr__(copy, slot, getattr(self, slot))
        object.__setattr__(copy, "origin", origin)
        return copy

    def replace(self, **changes: Any) -> Self:
        """A copy with other options (`cache_control`, `name`, `media_type`, those of the kind)."""
        keep = {option: getattr(self, option) for option in (*self.options, "name")} | changes
        media_type = keep.pop("media_type", self.declared or self.media_type)
        copy = self._make(self.origin, media_type, keep)
        object.__setattr__(copy, "_encoded", self._encoded)
        object.__setattr__(copy, "_digest", self._digest)
        return copy

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from ._pydantic import core_schema

        return core_schema(cls)

    # ── by hand ──────────────────────────────────────────────────────────────────────────────

    def _by_hand(self, function: str, name: str, *arguments: Any) -> Any:
        from importlib import import_module

        return getattr(import_module("..providers._registry", __package__), function)(name, self, *arguments)

    def fit(self, model: str, fit: Any = None, *, among: int = 1) -> Outcome:
        """This medium as it would be sent to a model, and what was done to make it so: an `instructor.fit.Fitted`.

        `.medium` is the one that it became, the same object where nothing had to be done; `.media` are all, in order,
        where a document was split or a film became its frames; `.changes` says what was done, and why.

        Args:
            model: `"provider/model"`, or the provider alone.
            fit: `"auto"`, `"strict"` or a `Fit(…)`.
            among: how many media of this kind the request holds: some providers take smaller ones where there are many.

        Raises:
            MediaError: it cannot be sent, or is at an address whose content would have to be fetched first.
            MissingExtra: it would have to be changed, and the library for that is not installed.
        """
        fitted: Outcome = self._by_hand("fit_by_hand", model, fit, among)
        return fitted

    def _to(self, dialect: str, raw: bool = False) -> dict[str, Any]:
        part: dict[str, Any] = self._by_hand("part_by_hand", dialect, raw)
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

    def to_genai(self) -> dict[str, Any]:
        """This medium as a part of Gemini's `generateContent`. Raises as `to_openai` does."""
        return self._to("gemini")

    def to_mistral(self) -> dict[str, Any]:
        """This medium as a chunk of Mistral's chat messages. Raises as `to_openai` does."""
        return self._to("mistral")

    def to_bedrock(self) -> dict[str, Any]:
        """This medium as a content block of Bedrock's Converse API, for boto3: content as bytes. Raises as `to_openai` does."""
        return self._to("bedrock", raw=True)

    def __init_subclass__(cls) -> None:
        KINDS.append(cls)


KINDS: list[type[Media]] = []
"""Every kind. Their strict rows do not overlap, so that the order does not matter."""


def detect(header: bytes) -> tuple[type[Media], str] | None:
    """The kind and type of content of unknown kind, by its `sample`, or None."""
    for weak in (False, True):
        for kind in KINDS:
            if found := kind.sniff(header, strict=True, weak=weak):
                return kind, found
    return None


def _basename(path: str) -> str | None:
    name = PurePosixPath(path.replace("\\", "/")).name
    return name if 0 < len(name) <= 255 and not name.startswith("data:") else None


_SAME = frozenset({"image/heic", "image/heif"})
"""One container under two names."""


def _agree(said: str | None, found: str) -> bool:
    """Whether what was said is no other type: recordings and films share their containers' names."""
    if said is None or said == found or {said, found} == _SAME:
        return True
    kind, _, name = said.partition("/")
    other, _, format = found.partition("/")
    return {kind, other} == {"audio", "video"} and name == format
