"""Tools and what must come of them: our tool, the caller's own, choices, JSON-schema output."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...adapter import Wire
from ...errors import RequestError
from ...ir import OutputSchema, Request, Tool
from .tables import FORCES


def tool(made: Tool) -> Wire:
    """Our tool."""
    spec: Wire = {"name": made.name, "inputSchema": {"json": made.parameters}}
    spec |= {"description": made.description} if made.description else {}
    return {"toolSpec": {**spec, "strict": True} if made.strict else spec}


def own_tool(given: Any) -> Wire:
    """A tool of the caller's: in Converse's form, or a function in OpenAI's or Anthropic's."""
    match given:
        case Tool():
            return tool(given)
        case {"type": "function", "function": {"name": str(name), **rest}}:
            schema = rest.get("parameters")
        case {"name": str(name), "input_schema": schema, **rest}:
            pass
        case {"toolSpec": _} | {"systemTool": _} | {"cachePoint": _}:
            return dict(given)
        case _:
            raise RequestError("a tool is a {'toolSpec': …}, or a function in OpenAI's form", where="tools")
    parameters: Any = schema or {"type": "object", "properties": {}}
    return tool(Tool(name, str(rest.get("description") or ""), parameters, bool(rest.get("strict"))))


def own_choice(choice: Any) -> Wire:
    """The caller's own choice: in Converse's form, OpenAI's or Anthropic's."""
    match choice:
        case "auto":
            return {"auto": {}}
        case "required" | "any":
            return {"any": {}}
        case {"type": "function", "function": {"name": name}} | {"type": "tool", "name": name}:
            return {"tool": {"name": name}}
        case {"auto": _} | {"any": _} | {"tool": _}:
            return dict(choice)
    raise RequestError(
        f"Converse knows 'auto', 'required' and a tool by its name, not {choice!r:.80}", where="tool_choice"
    )


def forced(request: Request, params: Mapping[str, Any], own: bool) -> Wire:
    """The forced tool; one of several beside the caller's own; unforced where the model does not take that."""
    assert request.choice is not None
    how = next(how for pattern, how in FORCES if pattern.search(request.model))
    thinking = (params.get("additionalModelRequestFields") or {}).get("thinking") or {}
    if not how or thinking.get("type") == "enabled":  # platform.claude.com, extended-thinking: not with a forced tool
        return {}
    any_of_them = own or how == "any" or request.choice.name is None
    return {"toolChoice": {"any": {}} if any_of_them else {"tool": {"name": request.choice.name}}}


def text_format(output: OutputSchema) -> Wire:
    """JSON-schema output. The API wants the schema as a string."""
    definition = {"schema": json.dumps(output.schema, ensure_ascii=False), "name": output.name}
    definition |= {"description": output.description} if output.description else {}
    return {"type": "json_schema", "structure": {"jsonSchema": definition}}
