"""Quill as `instructor.testing.Loopback` speaks it: what the API takes, and how it answers.

The types are those of the API's documentation; where a provider has an SDK, its own request types are the better judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NotRequired

from pydantic_core import to_json
from typing_extensions import TypedDict

from instructor.testing.dialect import Asked, Bill, Dialect
from instructor.testing.turns import Tool, Turn, Wants, pieces, schema_in

# ── what it takes ────────────────────────────────────────────────────────────────────────────────


class Inlined(TypedDict):
    type: Literal["image/png", "image/jpeg"]
    base64: str


class Linked(TypedDict):
    at: str


class Use(TypedDict):
    id: str
    name: str
    json: str


class Words(TypedDict):
    words: str


class Picture(TypedDict):
    picture: Inlined | Linked


class Used(TypedDict):
    use: Use


class Result(TypedDict):
    of: str
    blocks: list[Words | Picture]


class Returned(TypedDict):
    result: Result


class Turned(TypedDict):
    by: Literal["house", "person", "quill"]
    blocks: list[Words | Picture | Used | Returned]


class Offered(TypedDict):
    name: str
    about: str
    takes: dict[str, Any]


class Ask(TypedDict):
    model: str
    turns: list[Turned]
    shape: NotRequired[dict[str, Any]]
    tools: NotRequired[list[Offered]]
    must_use: NotRequired[str | bool]
    limit: NotRequired[int]
    warmth: NotRequired[float]
    until: NotRequired[list[str]]
    stream: NotRequired[bool]


def wants(body: Any) -> Wants:
    texts = [block["words"] for turn in body["turns"] for block in turn["blocks"] if "words" in block]
    forced = body.get("must_use")
    return Wants(
        tools=tuple(Tool(tool["name"], tool["takes"]) for tool in body.get("tools", ())),
        forced=forced if isinstance(forced, str) else None,
        must_call=bool(forced),
        schema=body.get("shape") or schema_in(texts),
    )


# ── how it answers ───────────────────────────────────────────────────────────────────────────────


def end(turn: Turn, bill: Bill) -> dict[str, Any]:
    why = "limit" if turn.truncated else "declined" if turn.refusal else "use" if turn.calls else "done"
    return {"why": why, "cost": {"read": bill.input + bill.read, "wrote": bill.output}}


def complete(turn: Turn, asked: Asked, bill: Bill) -> dict[str, Any]:
    said = turn.refusal if turn.text is None else turn.text
    uses = [{"use": use(turn, asked, place)} for place in range(len(turn.calls))]
    return {"answer": [*([{"words": said}] if said else []), *uses], **end(turn, bill)}


def use(turn: Turn, asked: Asked, place: int) -> dict[str, str]:
    name, arguments = turn.calls[place]
    return {"id": f"use-{asked.number}-{place}", "name": name, "json": arguments}


def events(turn: Turn, asked: Asked, bill: Bill, size: int) -> Iterator[bytes]:
    said = turn.refusal if turn.text is None else turn.text
    for piece in pieces(said, size) if said else ():
        yield event({"add": {"words": piece}})
    for place, (name, arguments) in enumerate(turn.calls):
        yield event({"add": {"use": {"place": place, "id": f"use-{asked.number}-{place}", "name": name}}})
        for piece in pieces(arguments, size):
            yield event({"add": {"use": {"place": place, "json": piece}}})
    yield event({"end": end(turn, bill)})


def event(data: Any) -> bytes:
    return b"data: " + to_json(data) + b"\n\n"


def error(status: int, message: str, path: Any, number: int) -> dict[str, Any]:
    return {"problem": {"code": str(status), "words": f"{dotted(path)}: {message}" if path else message}}


def dotted(path: Any) -> str:
    return ".".join(map(str, path))


DIALECT = Dialect(
    name="quill",
    suffixes=("/answers",),
    keys=("x-quill-key",),
    package="instructor_quill",
    types=("instructor_quill.testing:Ask", "instructor_quill.testing:Ask"),
    rules=(),
    wants=wants,
    complete=complete,
    events=events,
    error=error,
    error_event=lambda status, body: event(body),
    blocks=lambda body: [],
    path=dotted,
    request_id="x-quill-request",
)
