"""From a type to what is asked for, and from an answer back to the type.

response_model ──target──▶ Target ──render──▶ Rendered: a JSON schema in the provider's dialect
T ◀──Target.read── JSON text ◀──json_in── the model's answer
             └──── ValidationError ──feedback──▶ what the model is told
T, T, … ◀──Snapshots (a growing T) or Items (finished elements)── chunks of an answer
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._later import homes, later
from .schema import (
    ANTHROPIC,
    COHERE,
    COHERE_TOOLS,
    GEMINI,
    MISTRAL,
    OPENAI_STRICT,
    PLAIN,
    XAI,
    Dialect,
    Rendered,
    express,
)

if TYPE_CHECKING:
    from ._brackets import Brackets
    from ._feedback import LEAD, by_call, feedback, placed, problems
    from ._outside import calls_out
    from ._target import CONTENT, Target, alternatives, is_list, render, render_each, target
    from .awaited import AsyncValidationContext, async_field_validator, async_model_validator, confirmed
    from .items import Items
    from .partial import Partial, Snapshots, whole
    from .push import JsonText, Piece
    from .text import json_in
else:  # what needs pydantic, and what streams need
    __getattr__ = later(
        __name__,
        homes(
            _brackets="Brackets",
            _feedback="LEAD by_call feedback placed problems",
            _outside="calls_out",
            _target="CONTENT Target alternatives is_list render render_each target",
            awaited="AsyncValidationContext async_field_validator async_model_validator confirmed",
            items="Items",
            partial="Partial Snapshots whole",
            push="JsonText Piece",
            text="json_in",
        ),
    )

__all__ = [
    "ANTHROPIC",
    "COHERE",
    "COHERE_TOOLS",
    "CONTENT",
    "GEMINI",
    "LEAD",
    "MISTRAL",
    "OPENAI_STRICT",
    "PLAIN",
    "XAI",
    "AsyncValidationContext",
    "Brackets",
    "Dialect",
    "Items",
    "JsonText",
    "Partial",
    "Piece",
    "Rendered",
    "Snapshots",
    "Target",
    "alternatives",
    "async_field_validator",
    "async_model_validator",
    "by_call",
    "calls_out",
    "confirmed",
    "express",
    "feedback",
    "is_list",
    "json_in",
    "placed",
    "problems",
    "render",
    "render_each",
    "target",
    "whole",
]
