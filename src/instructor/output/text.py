"""The JSON value in a model's answer.

    whole answer is JSON?  ── yes ──▶ it
      │ no
      ▼
    one pass from left to right: <think> … </think> is skipped, every object and array is noted
      │
      ▼
    noted right after an opening fence (```json), if any is; else all
      │
      ▼
    the first object with members, else the first array of objects or arrays, else the first of the rest

Brackets inside strings count for nothing, so backticks and braces in values do no harm. A value is taken whole:
an object, or a list of objects, that breaks off or is not JSON is never searched for smaller ones, because a part
of an answer is not the answer. Nothing is repaired. The pass goes back only to an opening `[` that never closes
and may be prose, and does so a fixed number of times: the cost is linear in the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json

from ..errors import ParseError
from ..values import dataclass

_SHOWN = 80
"""Characters of an answer that an error message quotes."""

_BACKTRACKS = 8
"""How many opening brackets of prose that never close are stepped over."""

# Possessive quantifiers (`*+`) keep every one of these patterns linear. A bracket is looked at where JSON may start:
# surely with a key, or with `[` before one; perhaps with `[` before any other value, as in "[1]" or "[0, 1)".
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_SURE = rf"(?:\[\s*+){{0,4}}+\{{\s*+(?:{_STRING}\s*+(?::|\Z)|\}}|\Z)"
_SCALAR = r"(?:-?\d[\d.eE+\-]*+|true|false|null)"
_PERHAPS = rf'\[\s*+(?:[\[{{"\]]|\Z|{_SCALAR}\s*+(?:[,\]]|\Z))'

_OPENING = re.compile(
    r"<(?P<think>think|thinking|reasoning)>"
    r"|(?P<fence>(?<!`)`{3,}+[^\S\n]*+[\w+.\-]*+\s*+|(?<!~)~{3,}+[^\S\n]*+[\w+.\-]*+\s*+)?"
    rf"(?:(?P<sure>(?={_SURE}))|(?={_PERHAPS}))",
    re.DOTALL,
)
_TOKEN = re.compile(rf"{_STRING}|[{{}}\[\]]", re.DOTALL)

# Some servers open the thoughts in the prompt, so that the answer only closes them. Not inside a JSON string,
# where no line break and hardly a bracket can follow.
_THOUGHTS_END = re.compile(r"</(?:think|thinking|reasoning)>(?=[^\S\n]*+(?:\n|[{\[`]|\Z))")


@dataclass(frozen=True, slots=True)
class _Found:
    """A bracketed region. `problem` says why it is no JSON value."""

    text: str
    fenced: bool
    rank: int
    problem: str | None = None


def json_in(text: str) -> str:
    """The JSON value in an answer, as text; see the module's drawing for which one.

    Raises:
        ParseError: there is none, it is cut off, or it is not valid JSON. The message says which.
    """
    whole = text.strip().removeprefix("\ufeff")
    if not whole:
        raise ParseError("the answer is empty, where JSON was due")
    if _problem(whole) is None:
        return whole
    found = list(_regions(whole))
    fenced = [one for one in found if one.fenced] or found
    values = [one for one in fenced if one.problem is None]
    if values:
        return min(values, key=lambda one: one.rank).text
    if fenced:
        raise ParseError(str(fenced[0].problem))
    raise ParseError(f"no JSON in the answer, which begins {_quoted(whole)}")


def _regions(text: str) -> Iterator[_Found]:
    """Every outermost object and array, from left to right."""
    end = _THOUGHTS_END.search(text)
    at = end.end() if end is not None and "<" + end[0][2:] not in text[: end.start()] else 0
    backtracks = _BACKTRACKS
    while (opening := _OPENING.search(text, at)) is not None:
        if opening["think"]:
            at = text.find(f"</{opening['think']}>", opening.end())
            if at < 0:
                yield _Found("", True, 0, "the answer is cut off: it ends while the model was still thinking")
                return
            continue
        fenced = opening["fence"] is not None
        start = opening.end("fence") if fenced else opening.start()
        close = _close(text, start)
        if close is not None:
            at = close
            yield _region(text[start:close], fenced)
            continue
        yield _Found("", fenced, 0, _cut(text, start))
        if opening["sure"] is not None or start == 0 or fenced or not backtracks:
            return
        backtracks -= 1
        at = start + 1


def _close(text: str, start: int) -> int | None:
    """The index after the bracket that closes the one at `start`, or None where the text ends before it."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] in ("{", "["):
            depth += 1
        elif token[0] in ("}", "]"):
            depth -= 1
            if depth == 0:
                return token.end()
    return None


def _region(text: str, fenced: bool) -> _Found:
    try:
        value = from_json(text)
    except ValueError as error:
        return _Found(text, fenced, 0, f"the JSON in the answer is not valid: {error}")
    return _Found(text, fenced, _rank(value))


def _rank(value: Any) -> int:
    if isinstance(value, dict):
        return 0 if value else 2
    return 1 if any(isinstance(item, dict | list) for item in value) else 3


def _problem(text: str) -> str | None:
    try:
        from_json(text)
    except ValueError as error:
        return str(error)
    return None


def _cut(text: str, start: int) -> str:
    return (
        f"the answer is cut off: its JSON, of {len(text) - start:,} characters, ends with {_quoted(text[start:][-40:])}"
    )


def _quoted(text: str) -> str:
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return json.dumps(shown, ensure_ascii=False)
