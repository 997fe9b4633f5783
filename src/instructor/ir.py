"""The neutral request and reply: what every mode speaks and every adapter translates.

    Request ── messages: Message ── parts: Text | Reasoning | ToolCall | ToolResult | Native | Media
            ├─ tools: Tool, choice: ToolChoice        └─ output: OutputSchema | JsonObject
            └─ params: the caller's other keywords, by the provider's names
    Reply   ── parts: as above, finish, usage, raw (the provider's own object)

Frozen values. Whatever a provider needs echoed verbatim (a signature of reasoning, a block of its own) rides
on the part as `native`, a pair of its name and its payload.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, fields
from operator import add, attrgetter
from typing import Any, Literal

from .media import CacheControl, Media
from .values import dataclass

Role = Literal["system", "user", "assistant", "tool"]

Finish = Literal["stop", "tools", "length", "refusal", "filter", "other"]
"""Why the model stopped: done, calls tools, token limit, refused, filtered by the provider, anything else."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words."""

    text: str
    cache_control: CacheControl | None = None


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What a model thought before it answered. `native`: a dialect's name and what it wants back."""

    text: str
    native: tuple[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model calls a tool. `arguments` is JSON text, as the model wrote it."""

    id: str
    name: str
    arguments: str
    cache_control: CacheControl | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back for the call `id`."""

    id: str
    parts: tuple[Part, ...]
    is_error: bool = False
    cache_control: CacheControl | None = None


@dataclass(frozen=True, slots=True)
class Native:
    """A part in one dialect's own form: it passes untouched to adapters of that dialect.

    `dialect` is `""` for a form that is nobody's that we know: whichever provider is asked gets it as it is.
    """

    dialect: str
    payload: Mapping[str, Any]


Part = Text | Reasoning | ToolCall | ToolResult | Native | Media


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `native` holds keys of the caller's message that are its provider's own (`name`, `refusal`, …)."""

    role: Role
    parts: tuple[Part, ...]
    native: Mapping[str, Any] = field(default_factory=dict)


def said(message: Message) -> str | None:
    """The words of a message that is one text without a mark, as most are; None for any other."""
    parts = message.parts
    if len(parts) != 1:
        return None
    (part,) = parts
    return part.text if type(part) is Text and part.cache_control is None else None


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may call. `parameters` is a JSON schema; `strict` asks the provider to enforce it."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    strict: bool = False


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """The model must call the tool `name`; one of the tools, or several, where it is None."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class OutputSchema:
    """The answer's text must conform to a JSON schema."""

    name: str
    schema: Mapping[str, Any]
    description: str = ""
    strict: bool = False


@dataclass(frozen=True, slots=True)
class JsonObject:
    """The answer's text must be a JSON object."""


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that a provider needs to know for one answer."""

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    choice: ToolChoice | None = None
    output: OutputSchema | JsonObject | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. `input` counts all input, cached or not.

    Parts of it are `cache_read`, `cache_write` (and of this `cache_write_long`, which is kept for longer than by default),
    `audio` and `free_input`; parts of `output` are `reasoning` and `free_output`. What is free is not charged.
    """

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0
    cache_write_long: int = 0
    audio: int = 0
    free_input: int = 0
    free_output: int = 0

    @property
    def total(self) -> int:
        return self.input + self.output

    def latest(self, other: Usage) -> Usage:
        """Two counts of one reply, of which either may leave out what the other has."""
        return Usage(*map(max, _counts(self), _counts(other)))

    def __add__(self, other: Usage) -> Usage:
        if self is NO_USAGE:
            return other
        return Usage(*map(add, _counts(self), _counts(other)))


NO_USAGE = Usage()
"""What has been used before anything was."""

_counts: Callable[[Usage], tuple[int, ...]] = attrgetter(*(row.name for row in fields(Usage)))


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of what the model thinks."""

    text: str


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    """More of the words in which the model refuses."""

    text: str


@dataclass(frozen=True, slots=True)
class CallDelta:
    """More of a tool call. `index` tells calls apart; `id` and `name` come once, `arguments` in pieces."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why the model stopped."""

    finish: Finish


@dataclass(frozen=True, slots=True)
class Counted:
    """Tokens so far; a later count holds an earlier one."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Signed:
    """The reasoning so far is complete. `native`: a dialect's name and what it wants back with it."""

    native: tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Complete:
    """A part that comes in one piece: a signature before a call, a block of the provider's own."""

    part: Part


Delta = TextDelta | ReasoningDelta | Signed | RefusalDelta | CallDelta | Complete | Stopped | Counted
"""A piece of a reply that arrives bit by bit."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's answer."""

    parts: tuple[Part, ...]
    finish: Finish = "stop"
    usage: Usage = Usage()
    model: str = ""
    id: str = ""
    refusal: str | None = None
    notes: tuple[str, ...] = ()
    """What the provider says about its answer beside it, in sentences: what it could not read, for example."""
    raw: Any = field(default=None, repr=False, compare=False)
    wire: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)
    """The provider's JSON, where the answer came in one piece."""

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls, in order."""
        return tuple(part for part in self.parts if isinstance(part, ToolCall))
