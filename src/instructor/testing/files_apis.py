"""The four Files APIs that the loopback server speaks, one row each: ids, JSON, pages, fields, and how a gone file is told.

Sources: the SDKs' types of files (openai 3.54, anthropic 2.12, google-genai 3.4, mistralai 3.7).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Any

from ..values import dataclass


@dataclass(frozen=True, slots=True)
class Stored:
    """An uploaded file. `polls` is how often it still has to be asked for before it is ready; -1: it never is."""

    id: str
    api: str
    owner: str
    name: str
    media_type: str
    data: bytes = field(repr=False)
    created: float
    expires: float | None
    fields: Mapping[str, str]
    polls: int = 0


@dataclass(frozen=True, slots=True)
class Api:
    """One Files API. `fields` are those of its form, each with what makes a value ("" is: none) good."""

    name: str
    id: Callable[[int], str]
    told: Callable[[Stored], Any]
    deleted: Callable[[str], Any]
    listed: Callable[[list[Stored], Mapping[str, str], int], Any]
    query: frozenset[str]
    fields: Mapping[str, Callable[[str], bool]] | None
    gone: Callable[[str], str]
    gone_status: int = 404
    full: Callable[[str], str] = lambda id: id


def _within(least: int, most: int) -> Callable[[str], bool]:
    return lambda text: not text or (text.isdigit() and least <= int(text) <= most)


def _iso(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


def _openai(file: Stored) -> Any:
    return {
        "id": file.id,
        "object": "file",
        "bytes": len(file.data),
        "created_at": int(file.created),
        "expires_at": None if file.expires is None else int(file.expires),
        "filename": file.name,
        "purpose": file.fields.get("purpose", "user_data"),
        "status": "processed",
        "status_details": None,
    }


def _openai_page(files: list[Stored], query: Mapping[str, str], most: int) -> Any:
    ids = [file.id for file in files]
    at = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
    page = files[at : at + most]
    return {"object": "list", "data": [_openai(file) for file in page], "has_more": at + most < len(files)}


def _anthropic(file: Stored) -> Any:
    return {
        "id": file.id,
        "type": "file",
        "filename": file.name,
        "mime_type": file.media_type,
        "size_bytes": len(file.data),
        "created_at": _iso(file.created),
        "downloadable": False,
        "expires_at": _iso(file.expires),
    }


def _anthropic_page(files: list[Stored], query: Mapping[str, str], most: int) -> Any:
    at = int(query.get("page", "page_0").removeprefix("page_"))
    following = f"page_{at + most}" if at + most < len(files) else None
    return {"data": [_anthropic(file) for file in files[at : at + most]], "next_page": following}


def _gemini(file: Stored) -> Any:
    state = "FAILED" if file.polls < 0 else "PROCESSING" if file.polls else "ACTIVE"
    error = {"error": {"code": 13, "message": "The film could not be processed."}} if state == "FAILED" else {}
    return {
        "name": file.id,
        "displayName": file.name,
        "mimeType": file.media_type,
        "sizeBytes": str(len(file.data)),
        "createTime": _iso(file.created),
        "updateTime": _iso(file.created),
        "expirationTime": _iso(file.expires),
        "uri": f"https://generativelanguage.googleapis.com/v1beta/{file.id}",
        "state": state,
        "source": "UPLOADED",
        **error,
    }


def _gemini_page(files: list[Stored], query: Mapping[str, str], most: int) -> Any:
    at = int(query.get("pageToken", "0"))
    following = {"nextPageToken": str(at + most)} if at + most < len(files) else {}
    return {"files": [_gemini(file) for file in files[at : at + most]], **following} if files else {}


def _mistral(file: Stored) -> Any:
    return {
        "id": file.id,
        "object": "file",
        "bytes": len(file.data),
        "created_at": int(file.created),
        "filename": file.name,
        "purpose": file.fields.get("purpose", "ocr"),
        "sample_type": "ocr_input",
        "source": "upload",
        "num_lines": None,
        "mimetype": file.media_type,
        "expires_at": None if file.expires is None else int(file.expires),
    }


def _mistral_page(files: list[Stored], query: Mapping[str, str], most: int) -> Any:
    size = int(query.get("page_size", "100"))
    at = int(query.get("page", "0")) * size
    return {"data": [_mistral(file) for file in files[at : at + size]], "object": "list", "total": len(files)}


PURPOSES = frozenset({"assistants", "batch", "fine-tune", "vision", "user_data", "evals"})

APIS: Mapping[str, Api] = {
    "openai": Api(
        "openai",
        lambda number: f"file-loopback{number:06d}",
        _openai,
        lambda id: {"id": id, "object": "file", "deleted": True},
        _openai_page,
        frozenset({"after", "limit", "order", "purpose"}),
        {
            "purpose": PURPOSES.__contains__,
            "expires_after[anchor]": lambda text: text in ("", "created_at"),
            "expires_after[seconds]": _within(3600, 2_592_000),
        },
        lambda id: f"No such File object: {id}",
    ),
    "anthropic": Api(
        "anthropic",
        lambda number: f"file_loopback{number:06d}",
        _anthropic,
        lambda id: {"id": id, "type": "file_deleted"},
        _anthropic_page,
        frozenset({"ids", "limit", "page"}),
        {"expires_in_seconds": _within(3600, 7_776_000)},
        lambda id: f"File not found: {id}",
    ),
    "gemini": Api(
        "gemini",
        lambda number: f"files/loopback{number:06d}",
        _gemini,
        lambda id: {},
        _gemini_page,
        frozenset({"pageSize", "pageToken"}),
        None,
        lambda id: f"You do not have permission to access the File {id.removeprefix('files/')} or it may not exist.",
        403,
        lambda id: f"files/{id}",
    ),
    "mistral": Api(
        "mistral",
        lambda number: f"00000000-0000-4000-8000-{number:012d}",
        _mistral,
        lambda id: {"id": id, "object": "file", "deleted": True},
        _mistral_page,
        frozenset({"page", "page_size", "include_total", "sample_type", "source", "search", "purpose", "mimetypes"}),
        {
            "purpose": lambda text: text in ("", "fine-tune", "batch", "ocr", "audio", "agentic_safety"),
            "visibility": lambda text: text in ("", "workspace", "user"),
            "expiry": lambda text: not text or text.isdigit(),
        },
        lambda id: f"File {id} not found.",
    ),
}
