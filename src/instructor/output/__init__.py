"""From a type to what is asked for, and from an answer back to the type.

response_model ──target──▶ Target ──render──▶ Rendered: a JSON schema in the provider's dialect
T ◀──Target.read── JSON text ◀──json_in── the model's answer
             └──── ValidationError ──feedback──▶ what the model is told
T, T, … ◀──Snapshots (a growing T) or Items (finished elements)── chunks of an answer
"""

from __future__ import annotations

from .feedback import feedback, problems
from .items import Items
from .partial import Partial, Snapshots, whole
from .push import JsonText, Piece
from .schema import ANTHROPIC, OPENAI_STRICT, PLAIN, Dialect, Rendered, express
from .target import CONTENT, Target, is_list, render, target
from .text import json_in

__all__ = [
    "ANTHROPIC",
    "CONTENT",
    "OPENAI_STRICT",
    "PLAIN",
    "Dialect",
    "Items",
    "JsonText",
    "Partial",
    "Piece",
    "Rendered",
    "Snapshots",
    "Target",
    "express",
    "feedback",
    "is_list",
    "json_in",
    "problems",
    "render",
    "target",
    "whole",
]
