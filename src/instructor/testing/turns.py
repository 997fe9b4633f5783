"""What a model 'says', before any provider's format: between the script and the dialects.

::

    request ── dialect.wants ──► Wants ┐
                                       ├─ speak ──► Turn ── dialect.complete | dialect.events ──► wire
    script ───────────────────► Answer ┘

An `Answer` is one line of the script; `Wants` is what the request asked for. `speak` puts the one where the other
wants it: the arguments of a tool call, or the text of the message.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, assert_never

from pydantic_core import to_json

from ..values import dataclass
from .samples import sample

Json: TypeAlias = Mapping[str, Any]

SENTENCE = "This is a sample answer."


# --------------------------------------------------------------------------------------- what the script can ask for


@dataclass(frozen=True, slots=True)
class Sample:
    """An answer made from the schema in the request; a plain sentence if there is none."""


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value, as JSON text, wherever the request wants it; `tool` names one, if more than one is offered."""

    text: str
    tool: str | None = None
    thinking: str | None = None


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of these tools: (name, arguments as JSON text)."""

    calls: tuple[tuple[str, str], ...]
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text, whatever was asked for."""

    text: str
    thinking: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The model will not answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Truncated:
    """Output cut off at the token limit."""

    text: str


Answer: TypeAlias = Sample | Value | Calls | Text | Refusal | Truncated


# --------------------------------------------------------------------------------------------- what a request wants


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the request offers."""

    name: str
    schema: Json


@dataclass(frozen=True, slots=True)
class Wants:
    """What a request asked for, its dialect apart.

    `forced` is the tool that must be called, `must_call` that one of them must be, `schema` what the text must
    conform to, and `json` that it must be JSON of any shape.
    """

    tools: tuple[Tool, ...] = ()
    forced: str | None = None
    must_call: bool = False
    schema: Json | None = None
    json: bool = False

    def tool(self, name: str | None) -> Tool | None:
        """The offered tool of that name."""
        return next((tool for tool in self.tools if tool.name == name), None)


@dataclass(frozen=True, slots=True)
class Turn:
    """The assistant's turn. A tool call is (name, arguments as JSON text)."""

    text: str | None = None
    calls: tuple[tuple[str, str], ...] = ()
    refusal: str | None = None
    truncated: bool = False
    thinking: str | None = None

    @property
    def size(self) -> int:
        """Characters that the model wrote."""
        said = [self.text, self.refusal, self.thinking, *(part for call in self.calls for part in call)]
        return sum(len(part) for part in said if part)


def speak(answer: Answer, wants: Wants) -> Turn:
    """The assistant's turn that gives `answer` to a request."""
    match answer:
        case Sample():
            return _sampled(wants)
        case Value(text, tool, thinking):
            return _placed(text, _chosen(wants, text, tool), thinking=thinking)
        case Calls(calls, text):
            return Turn(text=text, calls=calls)
        case Text(text, thinking):
            return Turn(text=text, thinking=thinking)
        case Refusal(text):
            return Turn(refusal=text)
        case Truncated(text):
            return _placed(text, _chosen(wants, text, None), truncated=True)
    assert_never(answer)


def _placed(text: str, tool: str | None, *, truncated: bool = False, thinking: str | None = None) -> Turn:
    """A turn with `text` as the arguments of a call of `tool`, or as the message where there is none."""
    if tool is None:
        return Turn(text=text, truncated=truncated, thinking=thinking)
    return Turn(calls=((tool, text),), truncated=truncated, thinking=thinking)


def _sampled(wants: Wants) -> Turn:
    """A turn that conforms to the schema in the request."""
    tool = wants.tool(_chosen(wants, None, None))
    if tool is not None:
        return _placed(jsonable(sample(tool.schema)), tool.name)
    if wants.schema is not None:
        return Turn(text=jsonable(sample(wants.schema)))
    return Turn(text=jsonable({"answer": SENTENCE}) if wants.json else SENTENCE)


def _chosen(wants: Wants, text: str | None, named: str | None) -> str | None:
    """The tool that a value is for: the named, the forced, the only, else the one that it fits."""
    if named or wants.forced:
        return named or wants.forced
    if not wants.tools or (wants.schema is not None and not wants.must_call):
        return None
    if len(wants.tools) == 1:
        return wants.tools[0].name
    fitting = [tool.name for tool in wants.tools if text is not None and _fits(text, tool.schema)]
    if fitting:
        return fitting[0]
    return wants.tools[0].name if wants.must_call else None


def _fits(text: str, schema: Json) -> bool:
    """Whether JSON text is an object with the properties that a schema requires and no others."""
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and set(schema.get("required", ())) <= set(value) <= set(
        schema.get("properties", ())
    )


# ---------------------------------------------------------------------------------------------------- small readers


def jsonable(value: Any) -> str:
    """Any value, pydantic models among them, as JSON text."""
    return to_json(value).decode()


def schema_in(texts: Sequence[str]) -> Json | None:
    """The largest JSON Schema of an object written into a prompt, for modes that ask in words."""
    found = [value for text in texts if '"properties"' in text for value in _objects(text) if "properties" in value]
    return max(found, key=lambda schema: len(jsonable(schema)), default=None)


def _objects(text: str) -> Iterator[Json]:
    """The JSON objects inside prose."""
    decoder, start = json.JSONDecoder(), text.find("{")
    while start >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
        except ValueError:
            end = start + 1
        else:
            yield value
        start = text.find("{", end)


def pieces(text: str, size: int) -> Iterator[str]:
    """`text` in chunks of `size` characters; one empty chunk if there is none."""
    yield from (text[start : start + size] for start in range(0, max(len(text), 1), size))
