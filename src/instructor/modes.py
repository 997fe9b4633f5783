"""How a typed answer is asked for, and found in the reply: strategies over the neutral request.

    mode          asks by                                          finds it in
    ────          ───────                                          ───────────
    TOOLS         a tool whose parameters are the schema, forced   the arguments of its call
    JSON_SCHEMA   the provider's own JSON-schema output            the text
    JSON          the provider's JSON mode and the schema in words the text
    MD_JSON       words only: a fenced block of JSON               the fenced block in the text
    PARALLEL_TOOLS  a tool for each type that a list may hold      the arguments of all calls, each one object of the list

    RESPONSES_TOOLS is TOOLS over OpenAI's Responses API: said where a client is made, it chooses that API.

`ask` and `find` know no provider; an adapter says which modes its model families take, best first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum, EnumType
from typing import TYPE_CHECKING, Any

from .errors import ParseError
from .ir import JsonObject, Message, OutputSchema, Reply, Request, Text, Tool, ToolCall, ToolChoice
from .values import replace

if TYPE_CHECKING:
    from .output import Rendered, Target

FORMER: Mapping[str, str] = {
    former: name
    for name, formers in {
        "TOOLS": "FUNCTIONS TOOLS_STRICT ANTHROPIC_TOOLS ANTHROPIC_REASONING_TOOLS MISTRAL_TOOLS VERTEXAI_TOOLS "
        "GEMINI_TOOLS GENAI_TOOLS COHERE_TOOLS CEREBRAS_TOOLS FIREWORKS_TOOLS WRITER_TOOLS BEDROCK_TOOLS XAI_TOOLS",
        "JSON_SCHEMA": "JSON_O1 MISTRAL_STRUCTURED_OUTPUTS GENAI_STRUCTURED_OUTPUTS COHERE_JSON_SCHEMA "
        "OPENROUTER_STRUCTURED_OUTPUTS",
        "JSON": "ANTHROPIC_JSON GENAI_JSON",
        "MD_JSON": "VERTEXAI_JSON GEMINI_JSON CEREBRAS_JSON FIREWORKS_JSON WRITER_JSON BEDROCK_JSON PERPLEXITY_JSON "
        "XAI_JSON",
        "PARALLEL_TOOLS": "ANTHROPIC_PARALLEL_TOOLS VERTEXAI_PARALLEL_TOOLS",
        "RESPONSES_TOOLS": "RESPONSES_TOOLS_WITH_INBUILT_TOOLS",
    }.items()
    for former in formers.split()
}
"""Modes that bore a provider's name, and the mode that each is now: the client knows its provider."""


class _Modes(EnumType):
    """Says what a former mode is called now. Type checkers know the members alone."""

    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> Any:
            if not name.startswith("_") and name in cls.__members__:  # Python 3.11 finds members here
                return cls.__members__[name]
            if name in FORMER:
                raise AttributeError(f"Mode.{name} is now Mode.{FORMER[name]}: a mode names no provider")
            raise AttributeError(f"there is no Mode.{name}: the modes are {', '.join(cls.__members__)}")


class Mode(Enum, metaclass=_Modes):
    """How a typed answer is asked for. `None` in its place lets the library choose by model."""

    TOOLS = "tool_call"
    JSON_SCHEMA = "json_schema_mode"
    JSON = "json_mode"
    MD_JSON = "markdown_json_mode"
    PARALLEL_TOOLS = "parallel_tool_call"
    RESPONSES_TOOLS = "responses_tools"

    __hash__ = object.__hash__  # there is one of each: Enum's own, of the name, is a function of Python's


def ask(mode: Mode, request: Request, target: Target[Any], rendered: Rendered) -> Request:
    """The request that asks for `target` in this mode. `rendered` is its schema as the provider takes it."""
    return _ASK[mode](request, target, rendered)


def find(reply: Reply, target: Target[Any]) -> str:
    """The JSON text of the answer: the call of the target's tool, else JSON in the text.

    A model that was asked for one sometimes gives the other, so both are looked at, whatever the mode.

    Raises:
        ParseError: there is none.
    """
    for part in reply.parts:
        if type(part) is ToolCall and part.name == target.name:
            return part.arguments
    from .output import json_in

    try:
        return json_in(reply.text)
    except ParseError as error:
        called = ", ".join(call.name for call in reply.calls)
        problem = f"the model called {called}, not {target.name}" if called else str(error)
        raise ParseError(problem, reply=reply) from None


def _tools(request: Request, target: Target[Any], rendered: Rendered) -> Request:
    tool = Tool(target.name, target.description, rendered.schema, rendered.strict)
    choice = ToolChoice(None if request.tools else target.name)  # the caller's own may be called in its place
    return replace(request, tools=(*request.tools, tool), choice=choice)


def _parallel_tools(request: Request, target: Target[Any], rendered: Rendered) -> Request:
    pairs = zip(target.members, rendered.members, strict=True)
    tools = tuple(Tool(member.name, member.description, each.schema, each.strict) for member, each in pairs)
    given = request.params.get("tool_choice")
    params = {name: value for name, value in request.params.items() if name != "tool_choice" or value != "auto"}
    choice = None if given else ToolChoice()
    return replace(request, tools=(*request.tools, *tools), choice=choice, params=params)


def may_call_none(params: Mapping[str, Any]) -> bool:
    """Whether the caller leaves it to the model if a tool is called at all: `tool_choice="auto"`, in any dialect's form."""
    given = params.get("tool_choice")
    return given == "auto" or (isinstance(given, Mapping) and (given.get("type") == "auto" or "auto" in given))


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
    Mode.PARALLEL_TOOLS: _parallel_tools,
}


def _instructed(request: Request, words: str) -> Request:
    first, *rest = request.messages
    if first.role == "system":
        return replace(request, messages=(replace(first, parts=(*first.parts, Text(f"\n\n{words}"))), *rest))
    return replace(request, messages=(Message("system", (Text(words),)), *request.messages))


def _compact(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
