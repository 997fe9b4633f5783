"""The caller's keywords → a provider's own parameters, by one table per dialect.

    translated(provider, given, table) ─▶ under the API's names ── or RequestError: which one, why, and what instead

A keyword that neither the table nor the common names know is refused: what is not sent must not look as if it were.
`extra_body`, `extra_headers` and `extra_query` pass whatever the caller puts into them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from ..errors import RequestError
from ..ir import Tool
from ..values import dataclass

ASIDE = frozenset({"extra_body", "extra_headers", "extra_query"})
"""What the senders take out of the wire dict."""

Renamed = str | tuple[str, Callable[[Any], Any]]


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a provider's API takes.

    `takes` are its own names. `renamed` gives, for a name of other providers, its own one, and what to make of the
    value. `refused` says of a name why it is not taken, and what is there instead. An `open` API takes whatever it is
    given: a server of the caller's own.
    """

    takes: frozenset[str]
    renamed: Mapping[str, Renamed] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    open: bool = False


def words(text: str) -> frozenset[str]:
    """Names, separated by white space."""
    return frozenset(text.split())


def listed(value: Any) -> list[Any]:
    """One value or several, as a list: `stop="x"` is `stop=["x"]`."""
    return list(value) if isinstance(value, list | tuple) else [value]


def in_form(tools: Any, write: Callable[[Tool], dict[str, Any]]) -> list[Any]:
    """The caller's tools: functions in the form of OpenAI's Chat as `write` has them, others as they are."""
    return [_written(tool, write) for tool in tools or ()]


def _written(tool: Any, write: Callable[[Tool], dict[str, Any]]) -> Any:
    match tool:
        case {"type": "function", "function": {"name": str(name), **given}, **beside}:
            said: Mapping[str, Any] = {str(key): value for key, value in given.items()}
            schema = said.get("parameters") or {"type": "object", "properties": {}}
            made = Tool(name, said.get("description") or "", schema, bool(said.get("strict")))
            return {**write(made), **beside}
        case _:
            return tool


def named_function(choice: Any) -> str | None:
    """The tool that `tool_choice` names in the form of OpenAI's Chat."""
    match choice:
        case {"type": "function", "function": {"name": str(name)}}:
            return name
        case _:
            return None


def translated(provider: str, given: Mapping[str, Any], table: Parameters) -> dict[str, Any]:
    """The parameters under the API's names; the caller's mapping is not changed.

    Raises:
        RequestError: the API does not take one of them, or takes two of them as one.
    """
    out: dict[str, Any] = {}
    for name, value in given.items():
        own, made = _own(provider, name, value, table)
        if own in out:
            raise RequestError(f"{provider} takes {name!r} as {own!r}, which is given beside it: pass one of them")
        out[own] = made
    return out


def _own(provider: str, name: str, value: Any, table: Parameters) -> tuple[str, Any]:
    if name in table.refused:
        raise RequestError(f"{provider} does not take {name!r}: {table.refused[name]}")
    if name in table.takes or name in ASIDE:
        return name, value
    renamed = table.renamed.get(name)
    if renamed is not None:
        return (renamed, value) if isinstance(renamed, str) else (renamed[0], renamed[1](value))
    if table.open:
        return name, value
    from difflib import get_close_matches

    near = get_close_matches(name, sorted({*table.takes, *table.renamed}), n=3)
    hint = f": did you mean {' or '.join(map(repr, near))}?" if near else "."
    raise RequestError(
        f"{provider} knows no parameter {name!r}{hint} What is newer than this library goes through as "
        f"extra_body={{{name!r}: …}}"
    )
