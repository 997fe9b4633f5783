"""The neutral request and reply: what every mode speaks and every adapter translates.

    Request ── messages: Message ── parts: Text | Reasoning | ToolCall | ToolResult | Native | Media
            ├─ tools: Tool, choice: ToolChoice        └─ output: OutputSchema | JsonObject
            └─ params: the caller's other keywords, by the provider's names
    Reply   ── parts: as above, finish, usage, raw (the provider's own object)

Frozen values. Whatever a provider needs echoed verbatim (a signature of reasoning, a block of its own) rides
on the part as `native`, a pair of its name and its payload.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, Literal

from .media import CacheControl, Media
from .usage import NO_USAGE as NO_USAGE
from .usage import Usage as Usage
from .values import Later, dataclass, replace

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


def leaves(parts: tuple[Part, ...], where: str) -> Iterator[tuple[str, Part]]:
    """The parts and where each stands; those of a tool's result in its place."""
    for j, part in enumerate(parts):
        place = f"{where}.content[{j}]"
        if isinstance(part, ToolResult):
            yield from leaves(part.parts, place)
        else:
            yield place, part


def media_in(messages: Iterable[Message]) -> Iterator[tuple[str, Media]]:
    """All media of the messages and where each stands, in order."""
    for i, message in enumerate(messages):
        yield from ((where, part) for where, part in leaves(message.parts, f"messages[{i}]") if isinstance(part, Media))


def exchanged(messages: tuple[Message, ...], named: Mapping[int, Media]) -> tuple[Message, ...]:
    """The messages with others in the place of media: `id()` of one → the other."""
    return tuple(replace(message, parts=_exchanged(message.parts, named)) for message in messages)


def _exchanged(parts: tuple[Part, ...], named: Mapping[int, Media]) -> tuple[Part, ...]:
    return tuple(
        replace(part, parts=_exchanged(part.parts, named))
        if isinstance(part, ToolResult)
        else named.get(id(part), part)
        for part in parts
    )


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
    shown: Any = field(default=None, repr=False, compare=False)
    """The provider's own object, or a `Later` of it: SDKs' are made where somebody looks at them."""
    wire: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)
    """The provider's JSON, where the answer came in one piece."""

    @property
    def raw(self) -> Any:
        """The provider's own object, as `create_with_completion` gives it."""
        return Later.seen(self.shown)

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return "".join([part.text for part in self.parts if isinstance(part, Text)])

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls, in order."""
        return tuple([part for part in self.parts if isinstance(part, ToolCall)])
