"""Anthropic's Files API.

Sources: anthropic 2.12, `resources/files.py`, `types/file_metadata.py`, `types/file_upload_params.py`, `pagination.py`;
platform.claude.com/docs/en/build-with-claude/files. 500 MB a file; not on Amazon's and Google's clouds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...filing import Calls, FilesApi, Filing, Json, ProviderFile, below


def _form(filing: Filing) -> Mapping[str, str]:
    return {} if filing.expires is None else {"expires_in_seconds": str(filing.expires)}


def _read(json: Json) -> ProviderFile:
    ends = json.get("expires_at")
    return ProviderFile(
        str(json["id"]),
        str(json["id"]),
        json.get("filename"),
        json.get("mime_type"),
        json.get("size_bytes"),
        datetime.fromisoformat(ends).timestamp() if ends else None,
    )


def _following(page: Json, query: Mapping[str, str]) -> Mapping[str, str] | None:
    return {"page": str(page["next_page"])} if page.get("next_page") else None


def _sdk(client: Any, filing: Filing, stream: Any, asynchronous: bool) -> Calls:
    files = client.files
    match filing.verb:
        case "upload":
            given: dict[str, Any] = {"file": (filing.name, stream, filing.content.media_type)}
            if filing.expires is not None:
                given["expires_in_seconds"] = filing.expires
            return (yield lambda: files.upload(**given))
        case "show":
            return (yield lambda: files.retrieve_metadata(filing.id))
        case "delete":
            return (yield lambda: files.delete(filing.id))
        case _:
            return (yield lambda: files.list() if asynchronous else [*files.list()])


FILES = FilesApi(
    "anthropic",
    "/v1/files",
    below("/v1/files"),
    _read,
    _sdk,
    form=_form,
    following=_following,
    lasts=(3600, 7_776_000),
)
