"""OpenAI's Files API.

Sources: openai 3.54, `resources/files.py`, `types/file_create_params.py`, `types/file_object.py`, `pagination.py`.
512 MB a file; `user_data` is the purpose of what a model is to see; without `expires_after` files stay for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...filing import Calls, FilesApi, Filing, Json, ProviderFile, below

PURPOSE = "user_data"


def _form(filing: Filing) -> Mapping[str, str]:
    if filing.expires is None:
        return {"purpose": PURPOSE}
    return {
        "purpose": PURPOSE,
        "expires_after[anchor]": "created_at",
        "expires_after[seconds]": str(filing.expires),
    }


def _read(json: Json) -> ProviderFile:
    failed = json.get("status") == "error"
    return ProviderFile(
        str(json["id"]),
        str(json["id"]),
        json.get("filename"),
        None,
        json.get("bytes"),
        json.get("expires_at"),
        "failed" if failed else "ready",
        json.get("status_details") if failed else None,
    )


def _following(page: Json, query: Mapping[str, str]) -> Mapping[str, str] | None:
    return {"after": str(page["data"][-1]["id"])} if page.get("has_more") else None


def _sdk(client: Any, filing: Filing, stream: Any, asynchronous: bool) -> Calls:
    files = client.files
    match filing.verb:
        case "upload":
            given: dict[str, Any] = {"file": (filing.name, stream, filing.content.media_type), "purpose": PURPOSE}
            if filing.expires is not None:
                given["expires_after"] = {"anchor": "created_at", "seconds": filing.expires}
            return (yield lambda: files.create(**given))
        case "show":
            return (yield lambda: files.retrieve(filing.id))
        case "delete":
            return (yield lambda: files.delete(filing.id))
        case _:
            return (yield lambda: files.list() if asynchronous else [*files.list()])


FILES = FilesApi(
    "openai",
    "/files",
    below("/files"),
    _read,
    _sdk,
    form=_form,
    following=_following,
    lasts=(3600, 2_592_000),
)
