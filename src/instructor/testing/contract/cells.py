"""The requests that a provider has to encode: every medium, source and mode, in every shape of conversation.

medium(kind, type, source)        a medium of that type, from there
SHAPES: name → (parts) → Shape    the parts to look at in a conversation; its tools
cell(subject, model, mode, …)     the neutral request
arrived(subject, request, …)      its path and JSON, as they arrive
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, Field

from ... import modes
from ...adapter import Accepts, choose
from ...drivers.exchange import EXTRAS
from ...ir import Message, Part, Request, Text, Tool, ToolCall, ToolResult
from ...media import Blob, CacheControl, Document, FileId, Media, SourceKind, materialised
from ...modes import Mode
from ...output import Target, target
from ...values import dataclass
from ..dialect import Asked
from .subject import FILE_ID, Subject


class Place(BaseModel):
    """Where somebody lives."""

    city: str
    zip: str | None = None


class Person(BaseModel):
    """Somebody: of every sort of field that there is."""

    name: str = Field(description="The whole name.")
    age: int = Field(ge=0, le=150)
    kind: Literal["friend", "foe"]
    tags: list[str]
    home: Place


SOMEBODY = {"name": "Jason", "age": 20, "kind": "friend", "tags": ["a", "é"], "home": {"city": "Ürzig", "zip": "1"}}

PERSON: Target[Any] = target(Person)
SEVERAL: Target[Any] = target(list[Person | Place])

LOOK = Tool(
    "look", "Looks at something.", {"type": "object", "properties": {"at": {"type": "integer"}}, "required": ["at"]}
)
FUNCTION = {
    "type": "function",
    "function": {"name": LOOK.name, "description": LOOK.description, "parameters": LOOK.parameters},
}
"""The same tool as callers write it."""

# ── media ────────────────────────────────────────────────────────────────────────────────────────

WORDS = b"Widgets cost 42 euros.\n"

BEGINNINGS: Mapping[str, bytes] = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\x20\0\0\0WEBPVP8 ",
    "application/pdf": b"%PDF-1.7\n",
    "audio/wav": b"RIFF\x20\0\0\0WAVEfmt ",
    "audio/mpeg": b"ID3\x04\0\0\0\0\0\0",
    "audio/flac": b"fLaC",
    "video/mp4": b"\0\0\0\x18ftypisom",
}
"""How content of some types begins; of others it is words. Nothing here is looked into."""

ADDRESSES: Mapping[str, str] = {
    "url": "https://example.com/contract/sample",
    "gs": "gs://contract/sample",
    "s3": "s3://contract/sample",
    "az": "az://contract/sample",
}


def medium(
    kind: type[Media], media_type: str, source: SourceKind, *, id: str = FILE_ID, **options: Any
) -> Media | None:
    """A medium of this type, whose content is there; None for sources that no adapter sees."""
    suffix = next((suffix for suffix, known in kind.suffixes.items() if known == media_type), "")
    if source == "id":
        return kind.from_file_id(id, media_type, **options)
    if source == "bytes":
        value = kind.from_url(ADDRESSES["url"] + suffix, media_type, name=f"sample{suffix}", **options)
        return value.at(Blob(BEGINNINGS.get(media_type, b"") + WORDS))
    return kind.from_url(ADDRESSES[source] + suffix, media_type, **options) if source in ADDRESSES else None


def marks_of(value: Media) -> tuple[str, ...]:
    """What of a medium has to stand in the request, in one form: its content, its address or its id."""
    match value.origin:
        case FileId(id):
            return (id,)
        case Blob(data):
            text = isinstance(value, Document) and value.media_type in Document.textual
            return (value.data or "", data.decode()) if text else (value.data or "",)
        case place:
            return (str(getattr(place, "url", "")),)


# ── conversations ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Shape:
    """A conversation, and the tools of the caller's beside it."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()


def _user(*parts: Part) -> Message:
    return Message("user", parts)


def _called(*parts: Part) -> Shape:
    call = Message("assistant", (ToolCall("call00001", "look", '{"at": 1}'),))
    result = Message("tool", (ToolResult("call00001", (Text("seen"),)),))
    return Shape((_user(*parts), call, result), (LOOK,))


def _marked(*parts: Part) -> Shape:
    mark = CacheControl.parse(True)
    return Shape((_user(*(_with_mark(part, mark) for part in parts)),))


def _with_mark(part: Part, mark: CacheControl | None) -> Part:
    if isinstance(part, Media):  # made anew: what is not what it says must not be looked at
        id = part.origin.id if isinstance(part.origin, FileId) else ""
        return medium(type(part), part.media_type or "", part.source_kind, id=id, cache_control=mark) or part
    return replace(part, cache_control=mark) if isinstance(part, Text) else part


SHAPES: Mapping[str, Callable[..., Shape]] = {
    "plain": lambda *parts: Shape((_user(*parts),)),
    "after a system message": lambda *parts: Shape((Message("system", (Text("Be brief."),)), _user(*parts))),
    "in a later turn": lambda *parts: Shape(
        (_user(Text("Hello.")), Message("assistant", (Text("Hello!"),)), _user(*parts))
    ),
    "before a tool's call and result": _called,
    "beside the caller's own tools": lambda *parts: Shape((_user(*parts),), (LOOK,)),
    "with cache marks": _marked,
}

# ── requests ─────────────────────────────────────────────────────────────────────────────────────


def cell(subject: Subject, model: str, mode: Mode | None, shape: Shape, **params: Any) -> Request:
    """The request as the adapter gets it, asked for `Person` in this mode; for nothing, if that is None.

    Raises:
        ModeError: the model does not take the mode for this, or not beside tools.
    """
    request = Request(model, shape.messages, shape.tools, params={**subject.params, **params})
    if mode is None:
        return request
    wanted = SEVERAL if mode is Mode.PARALLEL_TOOLS else PERSON
    mode, rendered = choose(subject.adapter, model, mode, wanted, tools=bool(shape.tools or params.get("tools")))
    return modes.ask(mode, request, wanted, rendered)


def arrived(subject: Subject, wire: Mapping[str, Any], *, streaming: bool = False) -> Asked:
    """What our sender would post of a wire dict."""
    fields = {key: value for key, value in wire.items() if key not in EXTRAS}
    if streaming:
        fields |= subject.adapter.streaming
    endpoint, path, headers = subject.provider.endpoint, subject.dialect.suffixes[0], {}
    if endpoint is not None:
        path, fields = endpoint.place(fields, streaming) if endpoint.place else (endpoint.path, fields)
        headers = dict(endpoint.headers("contract-key"))
    body = json.loads(json.dumps(materialised(fields), allow_nan=False))
    path = f"/{subject.dialect.name}{subject.prefix}{path.partition('?')[0]}"
    return Asked(body, headers, 1, 1, path)


def taken(row: Accepts, value: Media | None) -> bool:
    """Whether a medium may be passed to the row's `encode` as it is."""
    return value is not None and (value.source_kind == "bytes" or row.passes_on(value))
