"""Quill as a provider of instructor: neutral requests and replies ⇄ its JSON.

    {"model", "turns": [{"by", "blocks": [{"words"} | {"picture"} | {"use"} | {"result"}]}], "shape", "tools", …}
    ⇄  {"answer": [block, …], "why": "done" | "limit" | "use" | "declined", "cost": {"read", "wrote"}}

What is chosen here where the two differ:
    - results of tools are said by the person; thoughts of other models are left out of history
    - cache marks are not sent: Quill has no cache
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from instructor.adapter import Accepts, Endpoint, Family, Provider, Whole
from instructor.errors import MessageError, ProtocolError, ProviderError
from instructor.fit import Limits
from instructor.ir import (
    CallDelta,
    Counted,
    Delta,
    Finish,
    Message,
    OutputSchema,
    Part,
    Reasoning,
    Reply,
    Request,
    Stopped,
    Text,
    TextDelta,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from instructor.media import Document, Image, Inline, Media, Url
from instructor.modes import Mode
from instructor.output import PLAIN
from instructor.providers import Parameters, from_status, in_form, listed, translated, words

# ── the tables ───────────────────────────────────────────────────────────────────────────────────


def picture(image: Media) -> dict[str, Any]:
    """An address, or the content: `Inline` becomes base64 when it is sent, and is not copied before."""
    if isinstance(image.origin, Url):
        return {"picture": {"at": image.origin.url}}
    return {"picture": {"type": image.media_type, "base64": Inline(image)}}


def document(text: Media) -> dict[str, Any]:
    assert isinstance(text, Document)
    return {"words": f"{text.name}:\n\n{text.text()}" if text.name else text.text()}


MEDIA = {
    Image: Accepts(
        Limits(frozenset({"image/png", "image/jpeg"}), max_bytes=4 * 1024**2, max_edge=4096),
        frozenset({"url", "bytes"}),
        picture,
        most=8,
    ),
    Document: Accepts(Limits(Document.textual), frozenset({"bytes"}), document),
}

FAMILIES = (
    Family(re.compile(r"^down"), {Mode.MD_JSON: PLAIN}),  # small models take neither tools nor shapes
    Family(re.compile(""), {Mode.JSON_SCHEMA: PLAIN, Mode.TOOLS: PLAIN, Mode.MD_JSON: PLAIN}),
)

PARAMETERS = Parameters(
    takes=words("limit warmth tools must_use"),
    renamed={"max_tokens": "limit", "temperature": "warmth", "stop": ("until", listed)},
    refused={"tool_choice": "pass must_use: a tool's name, or True", "seed": "Quill cannot be made to repeat itself"},
)

ENDS: Mapping[str, Finish] = {"done": "stop", "use": "tools", "limit": "length", "declined": "refusal"}
SPEAKERS = {"system": "house", "user": "person", "tool": "person", "assistant": "quill"}

# ── the codec ────────────────────────────────────────────────────────────────────────────────────


class Quill:
    """The adapter."""

    name = dialect = "quill"
    media, families, whole, caches = MEDIA, FAMILIES, Whole(max_body=20 * 1024**2), False
    streaming: Mapping[str, Any] = {"stream": True}

    def encode(self, request: Request) -> dict[str, Any]:
        params = translated(self.name, request.params, PARAMETERS)
        tools = [*in_form(params.pop("tools", None), tool), *map(tool, request.tools)]
        wire = {"model": request.model, "turns": [turn(i, each) for i, each in enumerate(request.messages)], **params}
        if tools:
            wire["tools"] = tools
        if request.choice:
            wire["must_use"] = request.choice.name or True
        if isinstance(request.output, OutputSchema):
            wire["shape"] = request.output.schema
        return wire

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        blocks = wire.get("answer")
        if not isinstance(blocks, list):
            raise ProtocolError("there is no answer in it", provider=self.name, body=dict(wire))
        said = "".join(block.get("words", "") for block in blocks)
        calls = [call(block["use"]) for block in blocks if "use" in block]
        finish = ENDS.get(str(wire.get("why")), "other")
        return Reply((*([Text(said)] if said else []), *calls), finish, usage(wire.get("cost") or {}))

    def deltas(self, event: Mapping[str, Any]) -> Iterable[Delta]:
        match event:
            case {"add": {"words": str(said)}}:
                yield TextDelta(said)
            case {"add": {"use": {"place": int(place), **use}}}:
                yield CallDelta(place, use.get("id", ""), use.get("name", ""), use.get("json", ""))
            case {"end": {"why": str(why), "cost": cost}}:
                yield Counted(usage(cost))
                yield Stopped(ENDS.get(why, "other"))
            case {"problem": _}:
                raise self.error(200, event)

    def error(self, status: int, body: Any) -> ProviderError:
        problem = body.get("problem") if isinstance(body, Mapping) else None
        if isinstance(problem, Mapping):
            body = {"error": {"message": problem.get("words"), "code": problem.get("code")}}
        return from_status(self.name, status, body)


def tool(each: Tool) -> dict[str, Any]:
    return {"name": each.name, "about": each.description, "takes": each.parameters}


def turn(number: int, message: Message) -> dict[str, Any]:
    parts = (part for part in message.parts if not isinstance(part, Reasoning))
    return {"by": SPEAKERS[message.role], "blocks": [block(part, f"messages[{number}]") for part in parts]}


def block(part: Part, where: str) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"words": text}
        case ToolCall(id, name, arguments):
            return {"use": {"id": id, "name": name, "json": arguments}}
        case ToolResult(id, parts):
            return {"result": {"of": id, "blocks": [block(each, where) for each in parts]}}
        case Media():
            return MEDIA[type(part)].encode(part)
        case _:
            raise MessageError(f"Quill takes no {type(part).__name__}", where=where)


def call(use: Mapping[str, Any]) -> ToolCall:
    arguments = use.get("json")
    return ToolCall(
        use.get("id", ""), use.get("name", ""), arguments if isinstance(arguments, str) else json.dumps(arguments)
    )


def usage(cost: Mapping[str, int]) -> Usage:
    return Usage(input=cost.get("read", 0), output=cost.get("wrote", 0))


provider = Provider(
    Quill(),
    Endpoint(
        "https://api.quill.example/v2",
        "/answers",
        ("QUILL_API_KEY",),
        ("QUILL_BASE_URL",),
        headers=lambda key: {"x-quill-key": key},
    ),
)
