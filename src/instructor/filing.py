"""A provider's Files API as a table: what is asked of it, and how that is put into HTTP or said to an SDK's client.

    Filing         the effect: upload a medium · show, list, delete files · link to one
    FilesApi       one provider's: paths, form fields, how its JSON reads, what gone files sound like
    steps(filing)  ─▶ Step …    the HTTP exchanges of our own sender, one by one; answered with Answered
    FilesApi.sdk   ─▶ calls …   the same through an SDK's client, which keeps its keys, proxies and retries
    Multipart · Slice           bodies that are read from the disk as they go out, of known length

Both sequences are generators that do nothing themselves: `drivers.filing` performs them. They return the API's JSON,
which `FilesApi.read` makes a `ProviderFile` of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import field
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from .errors import ProtocolError, UnreadableMedia
from .media import PAUSE, Media
from .values import dataclass

Json = Mapping[str, Any]

CHUNK_BYTES = 256 * 1024
"""What is read of a file at a time while it goes out."""


@dataclass(frozen=True, slots=True)
class ProviderFile:
    """A file that a provider holds. `reference` is what stands for it in a message; `expires_at` counts seconds since
    1970, and None is never."""

    id: str
    reference: str
    name: str | None = None
    media_type: str | None = None
    size: int | None = None
    expires_at: float | None = None
    state: Literal["ready", "pending", "failed"] = "ready"
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Filing:
    """Something asked of a provider's Files API. The answer is its JSON; of `list`, that of each file."""

    api: FilesApi
    verb: Literal["upload", "show", "list", "delete", "link"]
    id: str = ""
    medium: Media | None = None
    name: str = ""
    expires: int | None = None
    """Seconds until an uploaded file is deleted by the provider; None leaves it to the API."""
    timeout: float | None = None

    @property
    def content(self) -> Media:
        """The medium of an upload."""
        assert self.medium is not None
        return self.medium


# ── over HTTP ────────────────────────────────────────────────────────────────────────────────────


class Multipart:
    """A form with one file (RFC 7578), of a known length."""

    __slots__ = ("_head", "_medium", "_tail", "length", "media_type", "streams")

    def __init__(self, fields: Mapping[str, str], name: str, medium: Media) -> None:
        from secrets import token_hex

        boundary = token_hex(16)
        start = f"--{boundary}\r\nContent-Disposition: form-data; name="
        head = [f'{start}"{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
        quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head += [f'{start}"file"; filename="{quoted}"\r\n']
        head += [f"Content-Type: {medium.media_type or 'application/octet-stream'}\r\n\r\n"]
        self._head, self._tail = "".join(head).encode(), f"\r\n--{boundary}--\r\n".encode()
        self._medium = medium
        self.media_type = f"multipart/form-data; boundary={boundary}"
        self.length = len(self._head) + (medium.size or 0) + len(self._tail)
        self.streams = medium.source_kind == "file"

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        yield from Slice(self._medium, 0, self._medium.size or 0)
        yield self._tail


@dataclass(frozen=True, slots=True)
class Slice:
    """`length` bytes of a medium's content, from `start` on."""

    medium: Media
    start: int
    length: int
    media_type: str = "application/octet-stream"

    @property
    def streams(self) -> bool:
        """Whether it is read from disk."""
        return self.medium.source_kind == "file"

    def __iter__(self) -> Iterator[bytes]:
        left = self.length
        yield PAUSE
        with self.medium.open() as stream:
            stream.seek(self.start)
            while left and (piece := stream.read(min(left, CHUNK_BYTES))):
                left -= len(piece)
                yield piece
                if left:
                    yield PAUSE
        if left:
            raise UnreadableMedia(f"{self.medium!r} changed while it was being sent")


@dataclass(frozen=True, slots=True)
class Step:
    """One HTTP exchange. `path` follows the base URL; `at_origin`, the host. `body` is JSON where it is a dict."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Multipart | Slice | dict[str, Any] | None = None
    at_origin: bool = False


class Answered(NamedTuple):
    """How a step was answered: header names in lower case, and the body's JSON, {} where there is none."""

    headers: Mapping[str, str]
    json: Json


Steps = Generator[Step, Answered, Any]
Calls = Generator[Callable[[], Any], Any, Any]
"""Calls of an SDK's client; each is answered with what it gives, awaited, and listed if it is an asynchronous iterable."""


def steps(filing: Filing) -> Steps:
    """The HTTP exchanges that a filing is; returns its JSON."""
    api = filing.api
    match filing.verb:
        case "upload":
            return (yield from api.upload(filing))
        case "list":
            return (yield from _listed(api))
        case "delete":
            return (yield Step("DELETE", api.one(filing.id))).json
        case "link":
            return (yield Step("GET", f"{api.one(filing.id)}/url")).json
        case "show":
            return (yield Step("GET", api.one(filing.id))).json


def _listed(api: FilesApi) -> Steps:
    rows: list[Json] = []
    query: Mapping[str, str] | None = {}
    while query is not None:
        page = (yield Step("GET", api.path, query)).json
        found = page.get(api.rows) or []
        rows += found
        query = api.following(page, query) if found else None
    return rows


def as_form(filing: Filing) -> Steps:
    """An upload in one POST of a form."""
    api = filing.api
    body = Multipart(api.form(filing), filing.name, filing.content)
    return (yield Step("POST", api.path, body=body)).json


def below(path: str) -> Callable[[str], str]:
    """The path of one file: its id after the path of all."""
    return lambda id: f"{path}/{quote(id, safe='')}"


# ── the table ────────────────────────────────────────────────────────────────────────────────────


GONE = re.compile(
    r"no such|not.?found|expired|(does|do|may|might) not exist|deleted|no longer|not (accessible|available)"
    r"|permission to access|not in an? active state",
    re.IGNORECASE,
)
"""How providers say that a file is not there: "No such File object: …" (OpenAI), "File not found: …", `file_expired`
(Anthropic), "You do not have permission to access the File … or it may not exist" (Gemini)."""


@dataclass(frozen=True, slots=True)
class FilesApi:
    """One provider's Files API.

    `path` is where files are listed and, by `as_form`, uploaded; `one` where a single one is. `rows` is the key of a
    list's files, and `following` the query of the page after, or None. `lasts` are the least and the most seconds that
    a file may be asked to be kept; None: it is not for the caller to say. `naming` is the name that a file of this
    name may have there. `pause` is the seconds between two looks at a file that is not ready yet.
    """

    name: str
    path: str
    one: Callable[[str], str]
    read: Callable[[Json], ProviderFile]
    sdk: Callable[[Any, Filing, Any, bool], Calls]
    """(the SDK's client, what is asked, an open stream of an upload's content, whether the client is asynchronous)"""
    form: Callable[[Filing], Mapping[str, str]] = lambda filing: {}
    upload: Callable[[Filing], Steps] = as_form
    rows: str = "data"
    following: Callable[[Json, Mapping[str, str]], Mapping[str, str] | None] = lambda page, query: None
    lasts: tuple[int, int] | None = None
    gone: re.Pattern[str] = GONE
    pause: float = 1.0

    def reading(self, json: Any) -> ProviderFile:
        """The file that an answer describes.

        Raises:
            ProtocolError: it describes none.
        """
        try:
            return self.read(json)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ProtocolError("the answer describes no file", provider=self.name, body=json) from error


FORBIDDEN = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f]')
"""platform.claude.com/docs/en/build-with-claude/files: characters that a file's name may not hold; 1 to 255 of others."""


def file_name(medium: Media) -> str:
    """A name to upload a medium under: its own, with the suffix of its type, by which some APIs tell what it is."""
    name = FORBIDDEN.sub("_", medium.name or type(medium).__name__.lower())
    stem, dot, suffix = name.rpartition(".")
    kinds = type(medium).suffixes
    known = kinds.get(f".{suffix.lower()}") if dot else None
    if known is None or known != medium.media_type:
        stem = stem if known else name
        suffix = next((end[1:] for end, kind in kinds.items() if kind == medium.media_type), "")
    return f"{stem[:200]}.{suffix}" if suffix else stem[:200]
