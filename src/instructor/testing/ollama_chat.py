"""Ollama's `POST …/api/chat`, spoken by the loopback server.

Answers have the fields that the server sends (`api/types.go`); a stream is a line of JSON for each piece, the last of
them with `done` and the counts. Calls come whole. There is no refusal in this API: a model that refuses says so.
The judge are the types of the `ollama` package, closed, and the server's own checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, Literal, NotRequired

import pybase64
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json
from typing_extensions import TypedDict

from .caching import Block, block
from .contents import IMAGES, LOOKS, content_problems
from .dialect import Asked, Bill, Dialect, Problem, Rule
from .strict import Path, adapter, readable
from .turns import Json, Tool, Turn, Wants, pieces, schema_in

_SERVER = "https://github.com/ollama/ollama/blob/main/server/routes.go"
_TYPES = "https://github.com/ollama/ollama/blob/main/api/types.go"
_VISION = "https://docs.ollama.com/capabilities/vision"

CREATED = "2026-01-31T12:00:00.000000Z"

# ------------------------------------------------------------------------------------------------------- the shape
# The package's `ChatRequest` lets unknown keys pass, and lacks some of the server's. So: the server's fields, closed,
# with the package's own options; then the package's type itself.


class _Function(TypedDict):
    name: str
    arguments: dict[str, Any]
    index: NotRequired[int]


class _Call(TypedDict):
    function: _Function
    id: NotRequired[str]


class _Message(TypedDict):
    role: Literal["system", "user", "assistant", "tool"]
    content: str
    thinking: NotRequired[str]
    images: NotRequired[list[str]]
    tool_calls: NotRequired[list[_Call]]
    tool_name: NotRequired[str]
    tool_call_id: NotRequired[str]


class _Parameters(TypedDict, total=False):
    name: str
    description: str
    parameters: dict[str, Any]


class _Tool(TypedDict):
    type: Literal["function"]
    function: _Parameters


class _Request(TypedDict):
    model: str
    messages: list[_Message]
    stream: NotRequired[bool]
    format: NotRequired[Literal["", "json"] | dict[str, Any]]
    keep_alive: NotRequired[str | float]
    tools: NotRequired[list[_Tool]]
    options: NotRequired[dict[str, Any]]
    think: NotRequired[bool | Literal["low", "medium", "high", "max"]]
    truncate: NotRequired[bool]
    shift: NotRequired[bool]
    logprobs: NotRequired[bool]
    top_logprobs: NotRequired[int]


NEWER = {"min_p", "draft_num_predict"}
"""Options of the server's that the package does not know."""


@cache
def _shape() -> TypeAdapter[Any]:
    return adapter(_Request)


def problems(asked: Asked, allowed: frozenset[str]) -> Iterator[Problem]:
    """What is wrong with the shape of a request."""
    types = import_module("ollama._types")
    options = types.Options
    body = {key: value for key, value in asked.body.items() if key not in allowed}
    try:
        _shape().validate_python(body)
        types.ChatRequest.model_validate(body)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False, include_input=False, include_context=False):
            yield Problem(readable(error["loc"], body), error["msg"])
    for key, value in (body.get("options") or {}).items():
        if key not in options.model_fields and key not in NEWER:
            yield Problem(("options", key), "there is no such option")
        elif key in options.model_fields:
            try:
                options.model_validate({key: value}, strict=True)
            except ValidationError:
                yield Problem(("options", key), f"cannot be {type(value).__name__}")


# ------------------------------------------------------------------------------------------------------- the rules


def there_is_a_model(asked: Asked) -> Iterator[Problem]:
    if not asked.body["model"]:
        yield Problem((), "model is required")
    if not asked.body["messages"]:
        yield Problem((), "nothing is asked: the model would only be loaded")


def images_are_media(asked: Asked) -> Iterator[Problem]:
    for number, message in enumerate(asked.body["messages"]):
        for place, data in enumerate(message.get("images") or ()):
            path: Path = ("messages", number, "images", place)
            yield from content_problems(data, "", path)
            head = _head(data)
            if head and not any(LOOKS[name](head) for name in (*IMAGES, "audio/wav")):
                yield Problem(path, "Failed to load image or audio file")
        if message.get("images") and message["role"] != "user":
            yield Problem(("messages", number, "images"), "is for user messages")


def _head(data: str) -> bytes:
    try:
        return pybase64.b64decode(data[:2048], validate=True)
    except ValueError:
        return b""


def numbers_are_in_range(asked: Asked) -> Iterator[Problem]:
    if not 0 <= asked.body.get("top_logprobs", 0) <= 20:
        yield Problem(("top_logprobs",), "must be between 0 and 20")


RULES = (Rule(_SERVER, there_is_a_model), Rule(_VISION, images_are_media), Rule(_TYPES, numbers_are_in_range))

# ------------------------------------------------------------------------------------------------------ the request


def wants(body: Json) -> Wants:
    """What a chat request asks for."""
    tools = [tool["function"] for tool in body.get("tools") or ()]
    form = body.get("format")
    return Wants(
        tools=tuple(Tool(tool["name"], tool.get("parameters") or {"type": "object"}) for tool in tools),
        schema=form if isinstance(form, dict) else schema_in([message["content"] for message in body["messages"]]),
        json=form == "json",
    )


def blocks(body: Json) -> list[Block]:
    """The prompt in the order in which it is read."""
    return [block(item) for item in (*(body.get("tools") or ()), *body["messages"])]


# ------------------------------------------------------------------------------------------------------- the answer


def complete(turn: Turn, asked: Asked, bill: Bill) -> dict[str, Any]:
    """A `ChatResponse`."""
    said = turn.text if turn.refusal is None else turn.refusal
    message: dict[str, Any] = {"role": "assistant", "content": said or ""}
    if turn.thinking is not None:
        message["thinking"] = turn.thinking
    if turn.calls:
        message["tool_calls"] = _calls(turn, asked)
    return {**_head_of(asked), "message": message, **_end(turn, bill)}


def events(turn: Turn, asked: Asked, bill: Bill, size: int) -> Iterator[bytes]:
    """The same as lines, in pieces of `size` characters."""
    said = turn.text if turn.refusal is None else turn.refusal

    def line(more: dict[str, Any], **end: Any) -> bytes:
        message = {"role": "assistant", "content": "", **more}
        return to_json({**_head_of(asked), "message": message, "done": False, **end}) + b"\n"

    for key, text in (("thinking", turn.thinking), ("content", said)):
        if text:
            yield from (line({key: piece}) for piece in pieces(text, size))
    if turn.calls:
        yield line({"tool_calls": _calls(turn, asked)})
    yield line({}, **_end(turn, bill))


def _calls(turn: Turn, asked: Asked) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{asked.number:06d}{index:02d}",
            "function": {"index": index, "name": name, "arguments": _arguments(arguments)},
        }
        for index, (name, arguments) in enumerate(turn.calls)
    ]


def _arguments(text: str) -> Any:
    try:
        return from_json(text, allow_partial=True)
    except ValueError:
        return {}


def _head_of(asked: Asked) -> dict[str, Any]:
    return {"model": asked.body.get("model", ""), "created_at": CREATED}


def _end(turn: Turn, bill: Bill) -> dict[str, Any]:
    return {
        "done": True,
        "done_reason": "length" if turn.truncated else "stop",
        "total_duration": 5_000_000,
        "load_duration": 1_000_000,
        "prompt_eval_count": bill.input,
        "prompt_eval_duration": 1_000_000,
        "eval_count": bill.output,
        "eval_duration": 1_000_000,
    }


# ------------------------------------------------------------------------------------------------------- the errors


def error(status: int, message: str, path: Path | None, number: int) -> dict[str, Any]:
    """An error body."""
    return {"error": f"{dotted(path)}: {message}" if path else message}


def error_event(status: int, body: Any) -> bytes:
    """An error inside a stream that began well."""
    return to_json(body) + b"\n"


def dotted(path: Path) -> str:
    """A path in a body."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


DIALECT = Dialect(
    name="ollama",
    suffixes=("/api/chat",),
    keys=(),
    package="ollama",
    shape=problems,
    rules=RULES,
    wants=wants,
    complete=complete,
    events=events,
    error=error,
    error_event=error_event,
    blocks=blocks,
    path=dotted,
    request_id="x-request-id",
    streams=lambda asked: asked.body.get("stream") is not False,  # what the server does unless it is told otherwise
    stream_type="application/x-ndjson",
)
