"""The answers that are streamed: documents of a given number of characters, and their bytes on the wire.

    text     one object with one long text             create_partial
    table    one object with a list of many objects    create_partial
    rows     a list of many objects                    create_iterable
    big      a list of one object: the table           create_iterable

A document's name says everything: `table-10000-8` has 10,000 characters and comes in writes of 8 events; with `-read` at
the end, whoever is handed a growing object looks at what is new in it, each time.

Like `work`, this is loaded in the environments of all libraries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from pydantic import BaseModel

from .work import MODEL, tool

CHARACTERS = 12
"""Characters of the answer in one event."""

SENTENCE = 'The keeper of the lamp, whom they called "Old Jory",\nwrote each ship down — name, flag, hour — in a book. '
"""Holds what JSON has to escape, and what takes three bytes."""


class Text(BaseModel):
    """A long text."""

    title: str
    text: str


class Entry(BaseModel):
    """A row."""

    sku: str
    text: str
    quantity: int
    price: float
    taken: bool


class Book(BaseModel):
    """A table."""

    title: str
    rows: list[Entry]


class ListOfEntry(BaseModel):
    """Rows."""

    content: list[Entry]


class ListOfBook(BaseModel):
    """Tables."""

    content: list[Book]


class Ask(Protocol):
    """The two methods that ours and the existing library have in common."""

    def create_partial(self, response_model: Any, messages: Any, **options: Any) -> Iterator[Any]: ...
    def create_iterable(self, response_model: Any, messages: Any, **options: Any) -> Iterator[Any]: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """What is asked for. `whole` is the object that all of the JSON stands for; `element` is set where it is a list."""

    label: str
    whole: type[BaseModel]
    element: type[BaseModel] | None = None


KINDS: Mapping[str, Kind] = {
    "text": Kind("growing object with one long text", Text),
    "table": Kind("growing object with a table", Book),
    "rows": Kind("elements of a list, one by one", ListOfEntry, Entry),
    "big": Kind("a list of one big element", ListOfBook, Book),
}


@dataclass(frozen=True, slots=True)
class Document:
    """One answer, how it is cut into writes, and whether growing objects are looked at."""

    kind: str
    characters: int
    events: int
    read: bool = False

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.characters}-{self.events}{'-read' if self.read else ''}"

    @property
    def messages(self) -> list[Any]:
        return [{"role": "user", "content": "Read the book."}]

    def tool(self) -> dict[str, Any]:
        """The parameters that ask for it, as one writes them by hand."""
        return {**tool(KINDS[self.kind].whole), "stream": True, "stream_options": {"include_usage": True}}

    def ask(self, client: Ask, **options: Any) -> Any:
        """Ask for it and take everything that is handed over: the last growing object, or the list of elements."""
        kind = KINDS[self.kind]
        if kind.element is not None:
            return list(client.create_iterable(response_model=kind.element, messages=self.messages, **options))
        last: Any = None
        for last in client.create_partial(response_model=kind.whole, messages=self.messages, **options):
            self.look(last)
        return last

    def look(self, growing: Any) -> None:
        """At the length of a text, at the newest row of a table; where growing objects are looked at."""
        if not self.read:
            return
        if isinstance(growing, Text):
            len(growing.text or "")
        elif rows := growing.rows:
            _ = rows[-1].text

    def brought(self, got: Any) -> bool:
        """Whether that is what the server sent. Text stands for JSON."""
        if isinstance(got, str):
            return got == text(self.kind, self.characters)
        value = {"content": [each.model_dump() for each in got]} if isinstance(got, list) else got.model_dump()
        return bool(value == json.loads(text(self.kind, self.characters)))


def named(name: str) -> Document | None:
    """The document of a name."""
    kind, characters, events, *rest = [*name.split("-"), "", ""]
    if kind not in KINDS or not characters.isdigit() or not events.isdigit():
        return None
    return Document(kind, int(characters), int(events), "read" in rest)


def _entry(number: int) -> Mapping[str, Any]:
    words = SENTENCE[number % 40 : number % 40 + 50]
    price = 0.5 + number % 97
    return {"sku": f"A-{number}", "text": words, "quantity": number % 7, "price": price, "taken": number % 3 == 0}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@lru_cache(2)
def text(kind: str, characters: int) -> str:
    """The JSON of a document: at least one row or sentence, else as many as fit."""
    count = max(1, characters // len(_json(SENTENCE if kind == "text" else _entry(10_000))))
    if kind == "text":
        return _json({"title": "The lamp", "text": SENTENCE * count})
    rows = [_entry(number) for number in range(count)]
    if kind == "rows":
        return _json({"content": rows})
    table = {"title": "The book", "rows": rows}
    return _json({"content": [table]} if kind == "big" else table)


def events(document: Document) -> Iterator[bytes]:
    """The server-sent events of OpenAI's dialect: the call's name, its arguments piece by piece, the end, the usage."""
    head = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_790_000_000,
        "model": MODEL,
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
    }

    def event(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _event({**head, "choices": [choice], "usage": None, "obfuscation": "a1B2c3D4"})

    def arguments(piece: str) -> Mapping[str, Any]:
        return {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}

    function = {"name": KINDS[document.kind].whole.__name__, "arguments": ""}
    call = {"index": 0, "id": "call_1", "type": "function", "function": function}
    yield event({"role": "assistant", "content": None, "tool_calls": [call], "refusal": None})
    body = text(document.kind, document.characters)
    for at in range(0, len(body), CHARACTERS):
        yield event(arguments(body[at : at + CHARACTERS]))
    yield event({}, "tool_calls")
    usage = {"prompt_tokens": 120, "completion_tokens": len(body) // 4, "total_tokens": 120 + len(body) // 4}
    yield _event({**head, "choices": [], "usage": usage, "obfuscation": "a1"})
    yield b"data: [DONE]\n\n"


def _event(value: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


@lru_cache(2)
def writes(document: Document) -> list[bytes]:
    """The answer as it is written: headers, then chunks of HTTP with so many events in each."""
    pieces = [b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"]
    held: list[bytes] = []
    for event in events(document):
        held.append(event)
        if len(held) == document.events:
            pieces.append(_chunk(b"".join(held)))
            held = []
    if held:
        pieces.append(_chunk(b"".join(held)))
    return [*pieces, _chunk(b"")]


def _chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"
