"""The contents of Google's APIs in a caller's messages: the SDK's `Content` objects and dicts with `parts`.

    {"role": "model", "parts": [{"text": …}, {"functionCall": …}]}      what an answer holds goes back as it came

Words and media become neutral parts, which any provider takes. Calls, results, files and what else there is pass to
Gemini as they are, and to no other provider.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import MessageError
from .ir import Native, Part, Reasoning, Text
from .media import of_any_kind


def parts(given: Any) -> tuple[Part, ...]:
    """The parts of a content, neutral where that says all.

    Raises:
        MessageError: it is not a list of parts.
        MediaError: a medium in it is damaged.
    """
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise MessageError(f"'parts' is a list, not {type(given).__name__}")
    return tuple(map(_part, given))


def _part(item: Any) -> Part:
    if isinstance(item, str):
        return Text(item)
    fields = _spelt(item)
    if not isinstance(fields, dict) or not fields:
        raise MessageError(f"a part is a string, a dict or an SDK's object, not {type(item).__name__}")
    match fields:
        case {"text": str(text), "thought": True}:
            return Reasoning(text, ("gemini", fields))
        case {"text": str(text)} if len(fields) == 1:
            return Text(text)
        case {"inlineData": {"data": str(data)}} if len(fields) == 1:
            return of_any_kind(base64.b64decode(data.translate(_URLSAFE)))
        case _:
            return Native("gemini", fields)


_URLSAFE = str.maketrans("-_", "+/")

_OPAQUE = ("args", "response", "partMetadata")


def _spelt(value: Any, opaque: bool = False) -> Any:
    """A value with the names of its fields as the HTTP API spells them, and bytes as base64."""
    if callable(dump := getattr(value, "model_dump", None)) and not isinstance(value, type):
        value = dump(exclude_none=True)
    if isinstance(value, Mapping):
        named = {key if opaque else _camel(str(key)): item for key, item in value.items()}
        return {key: _spelt(item, opaque or key in _OPAQUE) for key, item in named.items()}
    if isinstance(value, list | tuple):
        return [_spelt(item, opaque) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return getattr(value, "value", value)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)
