"""Messages as templates: `"Who is {{ name }}?"` with `context={"name": "Ann"}`.

    message ── marked template=False? ── yes ──▶ as it is
                     no
                     ▼
    Text ── marked True, or a tag names a variable of the context? ── no ──▶ as it is
                     yes
                     ▼
            Jinja, sandboxed ──▶ Text

Not marked, only what callers write is looked at: messages of the system and the user. Braces alone are no template: a
text that is not valid Jinja, or names no variable of the context, stays as it is, to the last space. The values of
variables are never read as templates. Jinja is imported when the first text needs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .errors import MessageError, MissingExtra
from .ir import Message, Part, Text

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment

MARK = "template"
"""The key of a message that says whether it is a template: True or False."""

WRITTEN = frozenset({"system", "user"})
"""Whose messages are looked at without a mark."""

_OPENING = re.compile(r"\{\{|\{%")
_TOKEN = re.compile(r"""'[^']*'|"[^"]*"|(?P<name>[^\W\d]\w*)|(?P<closing>\}\}|%\})""")

_CACHED = 32
"""Texts whose templates are kept."""

_MOST = 100_000
"""What a factor or exponent may be: more would take all memory and time, and no prompt needs it."""


def rendered(messages: tuple[Message, ...], context: Any) -> tuple[Message, ...]:
    """The messages, with their templates filled in from the context, and without marks.

    Args:
        messages: as `chat.parse` gives them.
        context: the caller's; anything but a mapping with entries fills in nothing.

    Raises:
        MessageError: a template names what the context does not hold, or fails; `where` names the place.
        MissingExtra: a text is a template, and Jinja is not installed.
    """
    known = {key: value for key, value in context.items() if isinstance(key, str)} if _filled(context) else {}
    if not known and not any(MARK in message.native for message in messages):
        return messages
    return tuple(_message(message, known, f"messages[{i}]") for i, message in enumerate(messages))


def _filled(context: Any) -> bool:
    return isinstance(context, Mapping) and bool(context)


def _message(message: Message, known: Mapping[str, Any], where: str) -> Message:
    native = dict(message.native)
    mark = native.pop(MARK, None)
    if mark not in (None, True, False):
        raise MessageError(f"{MARK!r} is True or False, not {mark!r:.40}", where=where)
    if mark is False or (mark is None and message.role not in WRITTEN):
        return replace(message, native=native)
    parts = tuple(_part(part, known, place, mark is True) for part, place in _placed(message, where))
    return replace(message, parts=parts, native=native)


def _placed(message: Message, where: str) -> Iterator[tuple[Part, str]]:
    alone = len(message.parts) == 1
    for i, part in enumerate(message.parts):
        yield part, f"{where}.content" if alone else f"{where}.content[{i}]"


def _part(part: Part, known: Mapping[str, Any], where: str, marked: bool) -> Part:
    if not isinstance(part, Text) or not (marked or _names(part.text) & known.keys()):
        return part
    try:
        template, variables = _compiled(part.text)
    except MissingExtra:
        raise
    except Exception as error:  # beside Jinja's own, what Python's compiler says to code that is nested too deeply
        if not marked:
            return part
        raise MessageError(f"not a valid template: {error}", where=where) from error
    if not marked and not variables & known.keys():
        return part
    return replace(part, text=_filled_in(template, known, where))


def _names(text: str) -> set[str]:
    """The words in a text's tags: all the variables that it can name, and more."""
    names: set[str] = set()
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        at = len(text)
        for token in _TOKEN.finditer(text, opening.end()):
            if token["closing"]:
                at = token.end()
                break
            names.add(token["name"] or "")
    return names


# ── Jinja ────────────────────────────────────────────────────────────────────────────────────────


def _filled_in(template: Template, known: Mapping[str, Any], where: str) -> str:
    from jinja2 import UndefinedError

    try:
        return template.render(known)
    except UndefinedError as error:
        problem = f"the template needs what context= does not hold: {error.message}; it holds {', '.join(known) or '-'}"
        raise MessageError(problem, where=where) from error
    except Exception as error:
        raise MessageError(f"the template failed: {type(error).__name__}: {error}", where=where) from error


@lru_cache(_CACHED)
def _compiled(text: str) -> tuple[Template, frozenset[str]]:
    """The template, and the variables that it takes from outside."""
    environment = _environment()
    from jinja2.meta import find_undeclared_variables

    tree = environment.parse(text)
    return environment.from_string(tree), frozenset(find_undeclared_variables(tree))


@lru_cache(1)
def _environment() -> ImmutableSandboxedEnvironment:
    try:
        from jinja2 import StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError as error:
        raise MissingExtra("jinja2", "template", "fill in the templates in messages") from error

    class Sandbox(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if any(isinstance(side, int) and abs(side) > _MOST for side in (left, right)):
                raise OverflowError(f"{operator} with a number over {_MOST:,}")
            return super().call_binop(context, operator, left, right)

    return Sandbox(undefined=StrictUndefined, keep_trailing_newline=True)
