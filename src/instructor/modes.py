"""How a typed answer is asked for, and found in the reply: strategies over the neutral request.

    mode          asks by                                          finds it in
    ────          ───────                                          ───────────
    TOOLS         a tool whose parameters are the schema, forced   the arguments of its call
    JSON_SCHEMA   the provider's own JSON-schema output            the text
    JSON          the provider's JSON mode and the schema in words the text
    MD_JSON       words only: a fenced block of JSON               the fenced block in the text

`ask` and `find` know no provider; an adapter says which modes its model families take, best first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any

from .errors import ParseError
from .ir import JsonObject, Message, OutputSchema, Reply, Request, Text, Tool, ToolChoice
from .output import Rendered, Target, json_in


class Mode(Enum):
    """How a typed answer is asked for. `None` in its place lets the library choose by model."""

    TOOLS = "tool_call"
    JSON_SCHEMA = "json_schema_mode"
    JSON = "json_mode"
    MD_JSON = "markdown_json_mode"


def ask(mode: Mode, request: Request, target: Target[Any], rendered: Rendered) -> Request:
    """The request that asks for `target` in this mode. `rendered` is its schema as the provider takes it."""
    return _ASK[mode](request, target, rendered)


def find(reply: Reply, target: Target[Any]) -> str:
    """The JSON text of the answer: the call of the target's tool, else JSON in the text.

    A model that was asked for one sometimes gives the other, so both are looked at, whatever the mode.

    Raises:
        ParseError: there is none.
    """
    for call in reply.calls:
        if call.name == target.name:
            return call.arguments
    try:
        return json_in(reply.text)
    except ParseError as error:
        called = ", ".join(call.name for call in reply.calls)
        problem = f"the model called {called}, not {target.name}" if called else str(error)
        raise ParseError(problem, reply=reply) from None


def _tools(request: Request, target: Target[Any], rendered: Rendered) -> Request:
    tool = Tool(target.name, target.description, rendered.schema, rendered.strict)
    return replace(request, tools=(*request.tools, tool), choice=ToolChoice(target.name))


def _json_schema(request: Request, target: Target[Any], rendered: Rendered) -> Request:
    output = OutputSchema(target.name, rendered.schema, target.description, rendered.strict)
    return replace(request, output=output)


def _json(request: Request, target: Target[Any], rendered: Rendered) -> Request:
    words = (
        f"Answer with one JSON object and nothing else. It conforms to this JSON schema:\n{_compact(rendered.schema)}"
    )
    return replace(_instructed(request, words), output=JsonObject())


def _md_json(request: Request, target: Target[Any], rendered: Rendered) -> Request:
    words = (
        "Answer with one fenced block, ```json … ```, that holds one JSON object and nothing else. "
        f"It conforms to this JSON schema:\n{_compact(rendered.schema)}"
    )
    return _instructed(request, words)


_ASK: Mapping[Mode, Callable[[Request, Target[Any], Rendered], Request]] = {
    Mode.TOOLS: _tools,
    Mode.JSON_SCHEMA: _json_schema,
    Mode.JSON: _json,
    Mode.MD_JSON: _md_json,
}


def _instructed(request: Request, words: str) -> Request:
    first, *rest = request.messages
    if first.role == "system":
        return replace(request, messages=(replace(first, parts=(*first.parts, Text(f"\n\n{words}"))), *rest))
    return replace(request, messages=(Message("system", (Text(words),)), *request.messages))


def _compact(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
