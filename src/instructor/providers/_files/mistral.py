"""Mistral's Files API.

Sources: mistralai 3.7, `client/files.py`, `client/models/createfileresponse.py`, `filepurpose.py`; docs.mistral.ai,
document understanding and audio. 512 MB a file. A document is named by its id; a picture or a recording by an address
that is signed for a day, made anew for each call and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ...filing import Calls, FilesApi, Filing, Json, ProviderFile, below
from ...media import Audio

PAGE = 100


def _purpose(filing: Filing) -> str:
    """docs.mistral.ai, audio: `audio` for recordings; `ocr` for all that is looked at."""
    return "audio" if isinstance(filing.medium, Audio) else "ocr"


def _form(filing: Filing) -> Mapping[str, str]:
    return {"purpose": _purpose(filing), "visibility": "workspace"}


def _read(json: Json) -> ProviderFile:
    id = str(json["id"])
    return ProviderFile(
        id, id, json.get("filename"), json.get("mimetype"), json.get("bytes"), json.get("expires_at") or None
    )


def _following(page: Json, query: Mapping[str, str]) -> Mapping[str, str] | None:
    number = int(query.get("page", 0))
    return {"page": str(number + 1)} if len(page["data"]) >= PAGE else None


def _sdk(client: Any, filing: Filing, stream: Any, asynchronous: bool) -> Calls:
    files, later = client.files, "_async" if asynchronous else ""
    match filing.verb:
        case "upload":
            file = {"file_name": filing.name, "content": stream, "content_type": filing.content.media_type}
            return (yield lambda: getattr(files, f"upload{later}")(file=file, purpose=_purpose(filing)))
        case "show":
            return (yield lambda: getattr(files, f"retrieve{later}")(file_id=filing.id))
        case "delete":
            return (yield lambda: getattr(files, f"delete{later}")(file_id=filing.id))
        case "link":
            return (yield lambda: getattr(files, f"get_signed_url{later}")(file_id=filing.id))
        case "list":
            return (yield from _pages(getattr(files, f"list{later}")))


def _pages(listing: Any) -> Calls:
    rows: list[Any] = []
    for number in range(10_000):
        found = (yield partial(listing, page=number, page_size=PAGE)).data
        rows += found
        if len(found) < PAGE:
            break
    return rows


FILES = FilesApi("mistral", "/v1/files", below("/v1/files"), _read, _sdk, form=_form, following=_following)
