"""What was wrong with an answer, in lines that a model can act on.

    Field required @ $.items[0].price
    Input should be a valid integer, unable to parse string as an integer (got "abc") @ $.age

A path leads through the answer as the model wrote it. Pydantic's own locations also hold the names of union
members; given the answer, those are told from keys and left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError, from_json

LEAD = "That answer was not accepted. Correct what is listed here and give the whole answer again, in the same form:"

_LINES = 20
"""More lines than these cost tokens and mend no more than the first ones do."""

_INPUT = 60
"""Characters of a wrong value that are shown."""

_MESSAGE = 300
"""Characters of a validator's message."""

_PREFIXES = ("Value error, ", "Assertion failed, ")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LABEL = re.compile(r"[\[(].*[\])]")
_BLOB = re.compile(r"data:[\w.+-]+/|[A-Za-z0-9+/_=-]{60}")
_UNKNOWN: Any = object()

_CALL = "call"
"""Where in a problem's context stands which tool call it is about."""


def feedback(error: Exception, *, answer: str | None = None) -> str:
    """What the model is told: what to do, then one line per problem."""
    return "\n".join((LEAD, *problems(error, answer=answer)))


def problems(error: Exception, *, answer: str | None = None) -> tuple[str, ...]:
    """One line `problem @ $.path` per error, at most 20, then how many more.

    Args:
        error: Of validation, of parsing, or what a validator raised.
        answer: The JSON text that was validated; with it, paths are exact.
    """
    if not isinstance(error, ValidationError):
        return (_line(str(error) or type(error).__name__),)
    root = _parsed(answer)
    rows = error.errors(include_url=False)
    lines = list(dict.fromkeys(f"{_said(row)} @ {_path(row, root)}" for row in rows))
    more = len(lines) - _LINES
    return (*lines[:_LINES], f"… and {more} more") if more > 0 else tuple(lines)


def placed(error: ValidationError, place: int, name: str) -> list[InitErrorDetails]:
    """The problems of one tool call among several, which name it; their paths begin with its place.

    Made anew from their words, because not every kind of problem can be made from its parts.
    """
    rows: list[InitErrorDetails] = []
    for row in error.errors(include_url=False):
        kind: Any = row["type"]
        words: Any = f"{name}: {_bare(row['msg'])}"
        of_call = PydanticCustomError(kind, words, {_CALL: place})
        rows.append(InitErrorDetails(type=of_call, loc=(place, *row["loc"]), input=row["input"]))
    return rows


def by_call(error: Exception, *, answer: str | None = None) -> Mapping[int, tuple[str, ...]]:
    """The lines of `problems`, by the tool call that each is about; empty where they are about none."""
    if not isinstance(error, ValidationError):
        return {}
    root = _parsed(answer)
    found: dict[int, list[str]] = {}
    for row in error.errors(include_url=False):
        place = row.get("ctx", {}).get(_CALL)
        if isinstance(place, int):
            found.setdefault(place, []).append(f"{_said(row)} @ {_path(row, root)}")
    return {place: tuple(dict.fromkeys(lines))[:_LINES] for place, lines in found.items()}


# ── problem ──────────────────────────────────────────────────────────────────────────────────────


def _said(row: ErrorDetails) -> str:
    message = _bare(row["msg"])
    got = "" if row["type"].startswith("missing") or row["type"] == "json_invalid" else _got(row["input"])
    return _line(message) + got


def _bare(message: str) -> str:
    for prefix in _PREFIXES:
        message = message.removeprefix(prefix)
    return message


def _line(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _MESSAGE else line[: _MESSAGE - 1] + "…"


def _got(value: Any) -> str:
    """A wrong value, where it is short enough to help. Media and other bulk are only counted."""
    match value:
        case None | bool() | int() | float():
            return f" (got {_shortened(json.dumps(value))})"
        case str():
            return f" (got {_string(value)})"
        case bytes() | bytearray():
            return f" (got {len(value):,} bytes)"
        case Mapping() if not value:
            return " (got an empty object)"
        case Mapping():
            return f" (got an object with the keys {_shortened(', '.join(map(str, value)))})"
        case list() | tuple() | set() | frozenset():
            return f" (got a list of {len(value):,})"
        case _:
            return f" (got {type(value).__name__})"


def _string(value: str) -> str:
    if len(value) > _INPUT and _BLOB.match(value):
        return f"{len(value):,} characters of data"
    return json.dumps(_shortened(value), ensure_ascii=False)


def _shortened(text: str) -> str:
    return text if len(text) <= _INPUT else text[: _INPUT - 1] + "…"


# ── path ─────────────────────────────────────────────────────────────────────────────────────────


def _path(row: ErrorDetails, root: Any) -> str:
    steps = _known(row, root) if root is not _UNKNOWN else _likely(row["loc"])
    return "$" + "".join(map(_step, steps))


def _known(row: ErrorDetails, root: Any) -> list[int | str]:
    """The steps that lead somewhere in the answer, and the name of what is missing there."""
    steps: list[int | str] = []
    node = root
    last = len(row["loc"]) - 1
    for index, step in enumerate(row["loc"]):
        if isinstance(step, int) and isinstance(node, Sequence) and not isinstance(node, str) and step < len(node):
            node = node[step]
        elif isinstance(step, str) and isinstance(node, Mapping) and step in node:
            node = node[step]
        elif index != last or not row["type"].startswith("missing"):
            continue
        steps.append(step)
    return steps


def _likely(location: tuple[int | str, ...]) -> list[int | str]:
    """Without the labels that no key looks like: `list[int]`, `function-after[…]`, `[key]`."""
    return [step for step in location if isinstance(step, int) or _LABEL.search(step) is None]


def _step(step: int | str) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _IDENTIFIER.fullmatch(step) else f"[{json.dumps(step, ensure_ascii=False)}]"


def _parsed(answer: str | None) -> Any:
    if answer is None:
        return _UNKNOWN
    try:
        return from_json(answer)
    except ValueError:
        return _UNKNOWN
