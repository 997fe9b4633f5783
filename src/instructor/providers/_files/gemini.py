"""The Gemini API's Files API: uploads that can be resumed, files that are processed before they can be used.

    start ─▶ an address ─▶ a piece ─▶ a piece ─▶ … ─▶ finalize ─▶ File: PROCESSING ─▶ … ─▶ ACTIVE, or FAILED
                            └─ broken off ─▶ query: how much is there ─▶ on from there

Sources: ai.google.dev/gemini-api/docs/files (2 GB a file, 20 GB a project, 48 hours); google-genai 3.4, `files.py` and
`_api_client.py` (`_upload_fd`), `types.py` (File, FileState). Vertex has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from ...errors import ConnectionFailed, ProtocolError, ProviderError
from ...filing import Answered, Calls, FilesApi, Filing, Json, ProviderFile, Slice, Step, Steps

VERSION = "/v1beta"

PIECE_BYTES = 8 * 1024 * 1024
"""As the SDK's; a multiple of the granularity of 256 KiB."""

RESUMPTIONS = 5

STATES: Mapping[str, Literal["ready", "pending", "failed"]] = {"PROCESSING": "pending", "FAILED": "failed"}


def _upload(filing: Filing) -> Steps:
    medium = filing.content
    size = medium.size or 0
    opening = {
        "x-goog-upload-protocol": "resumable",
        "x-goog-upload-command": "start",
        "x-goog-upload-header-content-length": str(size),
        "x-goog-upload-header-content-type": medium.media_type or "application/octet-stream",
    }
    opened = yield Step("POST", f"/upload{VERSION}/files", headers=opening, body={"file": {"displayName": filing.name}})
    place = _place(opened)
    at, breaks = 0, 0
    while True:
        piece = Slice(medium, at, min(PIECE_BYTES, size - at))
        command = "upload, finalize" if at + piece.length >= size else "upload"
        headers = {"x-goog-upload-offset": str(at), "x-goog-upload-command": command}
        try:
            said = yield Step("POST", place, headers=headers, body=piece, at_origin=True)
            at += piece.length
        except ProviderError as error:
            breaks += 1
            if not error.retryable or breaks > RESUMPTIONS:
                raise
            said = yield Step("POST", place, headers={"x-goog-upload-command": "query"}, at_origin=True)
            at = _received(said)
        if said.headers.get("x-goog-upload-status") == "final":
            return _finished(said)


def _place(opened: Answered) -> str:
    """Where the pieces go: at the host that the request went to, as the SDK has it too."""
    url = urlsplit(opened.headers.get("x-goog-upload-url", ""))
    if not url.path:
        raise ProtocolError("the answer names no address to upload to", provider="gemini")
    return f"{url.path}?{url.query}" if url.query else url.path


def _received(said: Answered) -> int:
    told = said.headers.get("x-goog-upload-size-received", "")
    if not told.isdigit():
        raise ConnectionFailed("the upload broke off, and cannot be resumed", provider="gemini")
    return int(told)


def _finished(said: Answered) -> Any:
    if "file" not in said.json:
        raise ConnectionFailed("the upload broke off at its end", provider="gemini")
    return said.json["file"]


def _read(json: Json) -> ProviderFile:
    ends, size = json.get("expirationTime"), json.get("sizeBytes")
    return ProviderFile(
        str(json["name"]),
        str(json.get("uri") or json["name"]),
        json.get("displayName"),
        json.get("mimeType"),
        None if size is None else int(size),
        datetime.fromisoformat(ends).timestamp() if ends else None,
        STATES.get(str(json.get("state")), "ready"),
        (json.get("error") or {}).get("message"),
    )


def _following(page: Json, query: Mapping[str, str]) -> Mapping[str, str] | None:
    return {"pageToken": str(page["nextPageToken"])} if page.get("nextPageToken") else None


def _named(id: str) -> str:
    """The name of a file, of its name, its address, or its name alone."""
    return f"files/{id.rpartition('files/')[2]}"


def _sdk(client: Any, filing: Filing, stream: Any, asynchronous: bool) -> Calls:
    files = (getattr(client, "aio", client) if asynchronous else client).files
    match filing.verb:
        case "upload":
            config = {"mimeType": filing.content.media_type, "displayName": filing.name}
            return (yield lambda: files.upload(file=stream, config=config))
        case "show":
            return (yield lambda: files.get(name=_named(filing.id)))
        case "delete":
            return (yield lambda: files.delete(name=_named(filing.id)))
        case _:
            return (yield lambda: files.list() if asynchronous else [*files.list()])


FILES = FilesApi(
    "gemini",
    f"{VERSION}/files",
    lambda id: f"{VERSION}/{quote(_named(id))}",
    _read,
    _sdk,
    upload=_upload,
    rows="files",
    following=_following,
    pause=2.0,
)
