"""Tools and choices: ours, and the caller's own in Anthropic's words or OpenAI's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...adapter import Wire
from ...ir import Tool
from .._params import named_function

CHOICES = {"auto": "auto", "none": "none", "required": "any", "any": "any"}


def tool(made: Tool) -> Wire:
    """Our tool."""
    wire: Wire = {"name": made.name, "description": made.description, "input_schema": made.parameters}
    return {**wire, "strict": True} if made.strict else wire


def own_choice(choice: Any) -> Any:
    """The caller's `tool_choice`, also in OpenAI's words."""
    if isinstance(choice, str) and choice in CHOICES:
        return {"type": CHOICES[choice]}
    name = named_function(choice)
    return choice if name is None else {"type": "tool", "name": name}


def forced(name: str | None, params: Mapping[str, Any]) -> Wire:
    """The forced tool; any of them beside the caller's own; unforced with thinking, which the API wants so. What the caller
    says of several calls at once stays."""
    thinking, given = params.get("thinking"), params.get("tool_choice")
    once = given.get("disable_parallel_tool_use") if isinstance(given, Mapping) else None
    kept = {} if once is None else {"disable_parallel_tool_use": once}
    if isinstance(thinking, Mapping) and thinking.get("type") == "enabled":
        return {"type": "auto", **kept}
    return {"type": "any", **kept} if name is None or params.get("tools") else {"type": "tool", "name": name, **kept}
