"""The Files APIs of OpenAI, Anthropic, Gemini and Mistral, spoken by the loopback server.

    POST   …/files                 a form: fields of the API's own, and one file       (Gemini: start, pieces, finalize)
    GET    …/files · …/files/{id}  a page of the account's files · one of them         (Mistral: …/{id}/url, too)
    DELETE …/files/{id}

A file belongs to the key that it was uploaded with. Fields that the SDKs' types do not have are refused. A request to a
model that names a file which was here and is gone, or is not ready, is refused as the provider refuses it.

Sources: the SDKs' `resources/files.py` and types (openai 3.54, anthropic 2.12, google-genai 3.4, mistralai 3.7);
platform.claude.com/docs/en/build-with-claude/files; ai.google.dev/gemini-api/docs/files.
"""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic_core import from_json, to_json

from ..values import dataclass
from .dialect import Dialect, Problem
from .files_apis import APIS, Api, Stored
from .script import Wire
from .serving import Arrived, Reply

PATH = re.compile(
    r"^(?P<before>(/(?!upload/)(?!v1)\w+)?)(?P<upload>/upload)?/v1(beta)?/files(/(?P<id>[^/]+)(/(?P<more>url|content))?)?$"
)

GRANULARITY = 262_144


@dataclass(slots=True)
class Session:
    """A resumable upload under way."""

    owner: str
    name: str
    media_type: str
    size: int
    data: bytearray


class Refused(Exception):
    """A request is not taken."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Shelf:
    """What the server holds of uploaded files, and the misfortunes that await.

    `page` is the most files of one page; `processing` how often a file of Gemini's is not ready when it is asked for, -1: it
    cannot be processed.
    """

    def __init__(self) -> None:
        self.page = 10_000
        self.processing = 0
        self.files: dict[str, Stored] = {}
        self._gone: set[str] = set()
        self._sessions: dict[str, Session] = {}
        self._faults: deque[tuple[str, int, str, Wire]] = deque()
        self._numbers = iter(range(1, 1_000_000))
        self._lock = threading.RLock()

    # ── misfortunes ──────────────────────────────────────────────────────────────────────────────

    def fail(self, status: int, message: str = "", *, method: str = "POST") -> None:
        """The next request of this method is refused."""
        self._faults.append((method, status, message or "The server had an error.", Wire()))

    def cut(self) -> None:
        """The next POST is read and obeyed, and then the connection breaks before its answer."""
        self._faults.append(("POST", 0, "", Wire(cut=-1)))

    def drop(self, id: str) -> None:
        """A file is deleted behind everybody's back."""
        with self._lock:
            self.files.pop(id)
            self._gone.add(id)

    def put(self, api: str, name: str, data: bytes, *, owner: str = "", **more: Any) -> Stored:
        """A file, as if it had been uploaded."""
        facts: dict[str, Any] = {
            "media_type": "application/octet-stream",
            "created": time.time(),
            "expires": None,
            "fields": {},
        }
        with self._lock:
            number = next(self._numbers)
            file = Stored(APIS[api].id(number), api, owner, name, data=data, **{**facts, **more})
            self.files[file.id] = file
        return file

    # ── answers ──────────────────────────────────────────────────────────────────────────────────

    def concerns(self, arrived: Arrived) -> str | None:
        """The name of the API that a request is for, if it is for one of files."""
        found = PATH.match(urlsplit(arrived.target).path)
        if found is None:
            return None
        headers, before = arrived.headers, found["before"].removeprefix("/")
        if before in APIS:
            return before
        if found["upload"] or "x-goog-api-key" in headers:
            return "gemini"
        return "anthropic" if "anthropic-version" in headers else "openai"

    def answer(self, api: str, arrived: Arrived, dialect: Dialect, number: int) -> Reply:
        """What a Files API answers."""
        wire = Wire()
        headers = {"Content-Type": "application/json", dialect.request_id: f"req_loopback{number:06d}"}
        try:
            with self._lock:
                if self._faults and self._faults[0][0] == arrived.method:
                    _, status, message, wire = self._faults.popleft()
                    if status:
                        raise Refused(status, message)
                body, more = self._done(APIS[api], arrived)
        except Refused as refused:
            content = dialect.error(refused.status, str(refused), None, number)
            return Reply(refused.status, {**headers, **dialect.error_headers(refused.status)}, to_json(content), wire)
        return Reply(200, {**headers, **more}, to_json(body), wire)

    def missing(self, dialect: str, body: Any) -> Problem | None:
        """What is wrong with a model's request that names files."""
        if not self._gone and not self.files:
            return None
        api = APIS.get("openai" if dialect.startswith("openai") else dialect)
        if api is None:
            return None
        now = time.time()
        for text in _strings(body):
            for id in (*self._gone, *(id for id, file in self.files.items() if file.expires and file.expires <= now)):
                if id in text:
                    return Problem((), api.gone(id), api.gone_status)
            for id, file in self.files.items():
                if file.polls and id in text:
                    return Problem((), f"The File {id} is not in an ACTIVE state and usage is not allowed.", 400)
        return None

    def _done(self, api: Api, arrived: Arrived) -> tuple[Any, dict[str, str]]:
        target = urlsplit(arrived.target)
        found = PATH.match(target.path)
        assert found is not None
        query = dict(parse_qsl(target.query))
        if api.name == "gemini" and found["upload"]:
            return self._resumable(arrived, found["before"], query)
        owner = _owner(arrived)
        if not owner:
            raise Refused(401, "No API key: it goes into a header")
        if found["id"] is None and arrived.method == "POST" and not found["upload"] and api.fields is not None:
            return self._uploaded(api, arrived, owner), {}
        if found["id"] is None and arrived.method == "GET":
            return self._page(api, owner, query), {}
        id = api.full(unquote(found["id"] or ""))
        file = self.files.get(id)
        if file is None or file.owner != owner:
            raise Refused(api.gone_status, api.gone(id))
        if arrived.method == "DELETE":
            self.drop(id)
            return api.deleted(id), {}
        if arrived.method != "GET":
            raise Refused(405, f"Not allowed to {arrived.method}")
        if found["more"] == "url" and api.name == "mistral":
            host = arrived.headers.get("host", "")
            return {
                "url": f"http://{host}/mistral/v1/files/{id}/content?expiry={query.get('expiry', '24')}&signature=x"
            }, {}
        if file.polls > 0:
            file = self.files[id] = replace(file, polls=file.polls - 1)
        return api.told(file), {}

    def _uploaded(self, api: Api, arrived: Arrived, owner: str) -> Any:
        fields, name, media_type, data = form(arrived)
        odd = fields.keys() - (api.fields or {}).keys()
        if odd:
            raise Refused(400, f"Unknown field {min(odd)!r}")
        for key, check in (api.fields or {}).items():
            if not check(fields.get(key, "")):
                raise Refused(400, f"{key} is {fields.get(key, 'missing')!r}")
        lasts = int(fields.get("expires_after[seconds]") or fields.get("expires_in_seconds") or 0)
        now = time.time()
        file = self.put(
            api.name,
            name,
            data,
            owner=owner,
            media_type=media_type,
            fields=fields,
            expires=now + lasts if lasts else None,
        )
        return api.told(file)

    def _page(self, api: Api, owner: str, query: Mapping[str, str]) -> Any:
        mine = [file for file in self.files.values() if file.api == api.name and file.owner == owner]
        if odd := query.keys() - api.query:
            raise Refused(400, f"Unknown parameter {min(odd)!r}")
        return api.listed(mine, query, self.page)

    def _resumable(self, arrived: Arrived, before: str, query: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        headers = arrived.headers
        commands = [word.strip() for word in headers.get("x-goog-upload-command", "").split(",")]
        if "start" in commands:
            return self._started(arrived, before)
        session = self._sessions.get(query.get("upload_id", ""))
        if session is None:
            raise Refused(404, "There is no such upload")
        if "query" in commands:
            return {}, {"X-Goog-Upload-Status": "active", "X-Goog-Upload-Size-Received": str(len(session.data))}
        if headers.get("x-goog-upload-offset") != str(len(session.data)):
            raise Refused(400, f"The offset is {headers.get('x-goog-upload-offset')}, not {len(session.data)}")
        if "finalize" not in commands and len(arrived.body) % GRANULARITY:
            raise Refused(400, f"A piece is a multiple of {GRANULARITY} bytes, unless it is the last")
        session.data += arrived.body
        if "finalize" not in commands:
            return {}, {"X-Goog-Upload-Status": "active"}
        if len(session.data) != session.size:
            raise Refused(400, f"{session.size} bytes were announced, {len(session.data)} came")
        now = time.time()
        file = self.put(
            "gemini", session.name, bytes(session.data), owner=session.owner, media_type=session.media_type,
            expires=now + 48 * 3600, polls=self.processing,
        )  # fmt: skip
        return {"file": APIS["gemini"].told(file)}, {"X-Goog-Upload-Status": "final"}

    def _started(self, arrived: Arrived, before: str) -> tuple[Any, dict[str, str]]:
        headers, owner = arrived.headers, _owner(arrived)
        if not owner:
            raise Refused(401, "API key not valid. Please pass a valid API key.")
        if headers.get("x-goog-upload-protocol") != "resumable":
            raise Refused(400, "X-Goog-Upload-Protocol is to be resumable")
        size = headers.get("x-goog-upload-header-content-length", "")
        if not size.isdigit():
            raise Refused(400, "X-Goog-Upload-Header-Content-Length is missing")
        body = from_json(arrived.body or b"{}")
        file = body.get("file") or {}
        if odd := (body.keys() - {"file"}) | (file.keys() - START_FIELDS):
            raise Refused(400, f"Unknown name {min(odd)!r}")
        name = file.get("displayName") or file.get("display_name") or ""
        media_type = headers.get("x-goog-upload-header-content-type", "")
        key = f"upload{next(self._numbers)}"
        self._sessions[key] = Session(owner, name, media_type, int(size), bytearray())
        url = f"http://{headers.get('host', '')}{before}/upload/v1beta/files?upload_id={key}&upload_protocol=resumable"
        return {}, {
            "X-Goog-Upload-URL": url,
            "X-Goog-Upload-Status": "active",
            "X-Goog-Upload-Chunk-Granularity": str(GRANULARITY),
        }


START_FIELDS = frozenset({"name", "displayName", "display_name", "mimeType", "mime_type", "sizeBytes", "size_bytes"})
"""types.py, File: what may be said when an upload starts. JSON of Google's may be spelled in both ways."""


def _owner(arrived: Arrived) -> str:
    headers = arrived.headers
    bearer = headers.get("authorization", "").removeprefix("Bearer").strip()
    return bearer or headers.get("x-api-key", "") or headers.get("x-goog-api-key", "")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) < 2000:
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def form(arrived: Arrived) -> tuple[dict[str, str], str, str, bytes]:
    """The fields of a form (RFC 7578), and its one file: name, type, content."""
    found = re.fullmatch(r"multipart/form-data; *boundary=\"?([^\";]+)\"?", arrived.headers.get("content-type", ""))
    if found is None:
        raise Refused(400, "The body is not multipart/form-data")
    mark = b"--" + found[1].encode()
    pieces = (b"\r\n" + arrived.body).split(b"\r\n" + mark)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise Refused(400, "The form is cut off")
    fields: dict[str, str] = {}
    files: list[tuple[str, str, bytes]] = []
    for piece in pieces[1:-1]:
        head, end, content = piece.partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().strip().split("\r\n")) if end else {}
        lines = {name.lower(): value for name, value in lines.items()}
        facts = dict(re.findall(r'(\w+)="([^"]*)"', lines.get("content-disposition", "")))
        if "filename" in facts and facts.get("name") == "file":
            files.append((facts["filename"], lines.get("content-type", ""), content))
        elif "name" in facts and "filename" not in facts:
            fields[facts["name"]] = content.decode()
        else:
            raise Refused(400, f"A part of the form is neither a field nor the file: {facts}")
    if len(files) != 1 or not files[0][0] or not files[0][2]:
        raise Refused(400, "The form has one file, with a name and content")
    return (fields, *files[0])
