"""OpenAI Responses, spoken by the loopback server: `POST …/responses`.

A response is reasoning if there is any, then a message or calls; a stream is `response.created`, the events of each item,
and `response.completed` or `.incomplete` with the whole response, numbered throughout.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from typing import Any

from pydantic_core import to_json

from . import openai_chat
from .caching import Block, block
from .contents import IMAGES, data_uri_problems, object_nodes
from .dialect import Asked, Bill, Dialect, Problem, Rule
from .turns import Json, Tool, Turn, Wants, pieces, schema_in

# ------------------------------------------------------------------------------------------------------ the request


def wants(body: Json) -> Wants:
    """What a request asks for."""
    choice = body.get("tool_choice", "auto")
    offered = [tool for tool in body.get("tools") or () if tool.get("type") == "function" and choice != "none"]
    form = (body.get("text") or {}).get("format") or {}
    return Wants(
        tools=tuple(Tool(tool["name"], tool.get("parameters") or {"type": "object"}) for tool in offered),
        forced=choice.get("name") if isinstance(choice, dict) else None,
        must_call=choice == "required",
        schema=form.get("schema") or schema_in(list(_texts(body))),
        json=form.get("type") == "json_object",
    )


def _items(body: Json) -> list[Any]:
    given = body.get("input") or []
    return [{"role": "user", "content": given}] if isinstance(given, str) else list(given)


def _parts(body: Json) -> Iterator[tuple[tuple[Any, ...], Any]]:
    for i, item in enumerate(_items(body)):
        for key in ("content", "output"):
            content = item.get(key)
            if isinstance(content, list):
                yield from ((("input", i, key, j), part) for j, part in enumerate(content))


def _texts(body: Json) -> Iterator[str]:
    yield from (item["content"] for item in _items(body) if isinstance(item.get("content"), str))
    yield from (part["text"] for _, part in _parts(body) if part.get("type") == "input_text")


def blocks(body: Json) -> list[Block]:
    """The prompt in the order in which it is read."""
    found = [block(tool) for tool in body.get("tools") or ()]
    for item in _items(body):
        content = item.get("content")
        for part in content if isinstance(content, list) else [content or item]:
            mark = part.get("prompt_cache_breakpoint") if isinstance(part, dict) else None
            found.append(block([item.get("role"), part], mark.get("ttl", "30m") if mark else None))
    return found


# -------------------------------------------------------------------------------------------------------- the rules

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TYPES = "openai: types/responses/, the fields' own descriptions"
_STRICT = "https://developers.openai.com/api/docs/guides/structured-outputs"


def images_have_a_place(asked: Asked) -> Iterator[Problem]:
    for path, part in _parts(asked.body):
        if part.get("type") == "input_image":
            url = part.get("image_url")
            if (url is None) == (part.get("file_id") is None):
                yield Problem(path, "must have either 'image_url' or 'file_id'")
            elif url is not None and url.startswith("data:"):
                yield from data_uri_problems(url, IMAGES, (*path, "image_url"))
            elif url is not None and not url.startswith(("http://", "https://")):
                yield Problem((*path, "image_url"), "must be an http(s) URL or a data URI")


def files_have_a_place(asked: Asked) -> Iterator[Problem]:
    for path, part in _parts(asked.body):
        if part.get("type") == "input_file":
            given = [key for key in ("file_data", "file_id", "file_url") if part.get(key)]
            if len(given) != 1:
                yield Problem(path, "must have one of 'file_data', 'file_id' and 'file_url'")
            elif given == ["file_data"] and not part["file_data"].startswith("data:"):
                yield Problem((*path, "file_data"), "must be a data URI")


def strict_schemas_are_closed(asked: Asked) -> Iterator[Problem]:
    form = (asked.body.get("text") or {}).get("format") or {}
    strict: list[tuple[tuple[Any, ...], Any]] = (
        [(("text", "format", "schema"), form["schema"])] if form.get("strict") else []
    )
    strict += [
        (("tools", i, "parameters"), tool["parameters"])
        for i, tool in enumerate(asked.body.get("tools") or ())
        if tool.get("type") == "function" and tool.get("strict")
    ]
    for path, schema in strict:
        for where, node in object_nodes(schema, path):
            if node.get("additionalProperties") is not False:
                yield Problem(where, "in a strict schema 'additionalProperties' must be false for every object")
            if set(node.get("properties", {})) - set(node.get("required", ())):
                yield Problem(where, "in a strict schema 'required' must have every property")


def names_are_plain(asked: Asked) -> Iterator[Problem]:
    form = (asked.body.get("text") or {}).get("format") or {}
    if "name" in form and not _NAME.fullmatch(form["name"]):
        yield Problem(("text", "format", "name"), "does not match '^[a-zA-Z0-9_-]{1,64}$'")


def calls_are_answered(asked: Asked) -> Iterator[Problem]:
    open_calls: set[str] = set()
    for i, item in enumerate(_items(asked.body)):
        if item.get("type") == "function_call":
            open_calls.add(item["call_id"])
        elif item.get("type") == "function_call_output":
            if item["call_id"] not in open_calls:
                yield Problem(("input", i, "call_id"), f"No tool call found for call_id {item['call_id']!r}")
            open_calls.discard(item["call_id"])
    if open_calls:
        yield Problem(("input",), f"No tool output found for function call {', '.join(sorted(open_calls))}")


RULES = (
    Rule(_TYPES, images_have_a_place),
    Rule(_TYPES, files_have_a_place),
    Rule(_STRICT, strict_schemas_are_closed),
    Rule(_TYPES, names_are_plain),
    Rule("https://developers.openai.com/api/docs/guides/function-calling", calls_are_answered),
)

# ------------------------------------------------------------------------------------------------------- the answer


def complete(turn: Turn, asked: Asked, bill: Bill) -> dict[str, Any]:
    """A `Response`."""
    status = "incomplete" if turn.truncated else "completed"
    return {
        **_head(asked, status),
        "output": _output(turn, asked, status),
        "incomplete_details": {"reason": "max_output_tokens"} if turn.truncated else None,
        "usage": _usage(bill),
    }


def _head(asked: Asked, status: str) -> dict[str, Any]:
    return {
        "id": f"resp_loopback{asked.number:06d}",
        "object": "response",
        "created_at": time.time(),
        "model": asked.body.get("model", ""),
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": asked.body.get("instructions"),
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": asked.body.get("tool_choice", "auto"),
        "tools": list(asked.body.get("tools") or ()),
    }


def _output(turn: Turn, asked: Asked, status: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if turn.thinking:
        summary = [{"type": "summary_text", "text": turn.thinking}]
        items.append({"type": "reasoning", "id": f"rs_{asked.number:06d}", "summary": summary})
    content: list[dict[str, Any]] = []
    if turn.text is not None:
        content.append({"type": "output_text", "text": turn.text, "annotations": [], "logprobs": []})
    if turn.refusal is not None:
        content.append({"type": "refusal", "refusal": turn.refusal})
    if content:
        message = {"type": "message", "id": f"msg_{asked.number:06d}", "role": "assistant", "status": status}
        items.append({**message, "content": content})
    for index, (name, arguments) in enumerate(turn.calls):
        ids = {"id": f"fc_{asked.number:06d}{index:02d}", "call_id": f"call_{asked.number:06d}{index:02d}"}
        items.append({"type": "function_call", **ids, "name": name, "arguments": arguments, "status": status})
    return items


def events(turn: Turn, asked: Asked, bill: Bill, size: int) -> Iterator[bytes]:
    """The same as server-sent events, in deltas of `size` characters."""
    numbers = itertools.count()

    def event(kind: str, **fields: Any) -> bytes:
        data = {"type": kind, "sequence_number": next(numbers), **fields}
        return f"event: {kind}\n".encode() + b"data: " + to_json(data) + b"\n\n"

    whole = complete(turn, asked, bill)
    begun = _head(asked, "in_progress")
    yield event("response.created", response=begun)
    yield event("response.in_progress", response=begun)
    for index, item in enumerate(whole["output"]):
        yield from _item_events(event, index, item, size)
    yield event(f"response.{whole['status']}", response=whole)


def _item_events(event: Any, index: int, item: dict[str, Any], size: int) -> Iterator[bytes]:
    at = {"output_index": index, "item_id": item["id"]}
    empty: dict[str, dict[str, Any]] = {
        "message": {"content": []},
        "function_call": {"arguments": ""},
        "reasoning": {"summary": []},
    }
    begun = {**item, **empty[item["type"]], **({"status": "in_progress"} if "status" in item else {})}
    yield event("response.output_item.added", output_index=index, item=begun)
    if item["type"] == "function_call":
        for piece in pieces(item["arguments"], size):
            yield event("response.function_call_arguments.delta", **at, delta=piece)
        done = {"arguments": item["arguments"], "name": item["name"]}
        yield event("response.function_call_arguments.done", **at, **done)
    for place, part in enumerate(item.get("summary", ())):
        for piece in pieces(part["text"], size):
            yield event("response.reasoning_summary_text.delta", **at, summary_index=place, delta=piece)
    for place, part in enumerate(item.get("content", ())):
        key = "text" if part["type"] == "output_text" else "refusal"
        kind = "response.output_text" if key == "text" else "response.refusal"
        logs: dict[str, Any] = {"logprobs": []} if key == "text" else {}
        yield event("response.content_part.added", **at, content_index=place, part={**part, key: ""})
        for piece in pieces(part[key], size):
            yield event(f"{kind}.delta", **at, content_index=place, delta=piece, **logs)
        yield event(f"{kind}.done", **at, content_index=place, **{key: part[key]}, **logs)
        yield event("response.content_part.done", **at, content_index=place, part=part)
    yield event("response.output_item.done", output_index=index, item=item)


def _usage(bill: Bill) -> dict[str, Any]:
    written = sum(bill.written.values())
    total = bill.input + bill.read + written
    return {
        "input_tokens": total,
        "input_tokens_details": {"cached_tokens": bill.read, "cache_write_tokens": written},
        "output_tokens": bill.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": total + bill.output,
    }


def error_event(status: int, body: Any) -> bytes:
    """An error inside a stream that began well."""
    inner = body.get("error", {}) if isinstance(body, dict) else {}
    told = {"code": inner.get("code"), "message": inner.get("message") or "error", "param": inner.get("param")}
    return b"event: error\ndata: " + to_json({"type": "error", "sequence_number": 0, **told}) + b"\n\n"


DIALECT = Dialect(
    name="openai-responses",
    suffixes=("/responses",),
    keys=openai_chat.DIALECT.keys,
    package="openai",
    types=(
        "openai.types.responses.response_create_params:ResponseCreateParamsNonStreaming",
        "openai.types.responses.response_create_params:ResponseCreateParamsStreaming",
    ),
    rules=RULES,
    wants=wants,
    complete=complete,
    events=events,
    error=openai_chat.error,
    error_event=error_event,
    blocks=blocks,
    path=openai_chat.dotted,
    request_id="x-request-id",
)
