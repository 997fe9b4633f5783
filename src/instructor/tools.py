"""The caller's own tools beside a response model, and the calls of them that come back.

    tools=[get_weather, Search, {…}] ──offered──▶ Toolbox ──written──▶ ir.Tool, …      dicts pass as they are
    the model calls some ──▶ ToolCalls ─┬▶ the value, where the response model has room: User | ToolCalls
                                        └▶ ToolCalled
    [*calls.messages, call.result(call.run())] ──▶ the messages of the next create()

A function becomes a tool by its signature, a type by its schema; the arguments of a call are validated against either.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import lru_cache, partial
from typing import Annotated, Any, NotRequired, Union, get_args, get_origin

from pydantic import ConfigDict, Field
from pydantic_core import to_json
from typing_extensions import TypedDict

from .errors import RequestError, ResponseModelError
from .ir import Message, Part, Reply, Text, Tool, ToolResult
from .media import Media
from .output import Dialect, Rendered, Target, alternatives, is_list, render, target
from .values import dataclass

# ── calls ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model calls one of the caller's tools.

    `arguments` are what the model wrote, `value` what they are once validated: an instance of the type that was given as a
    tool, of a function a dict of its arguments, and of a tool given as a dict the arguments themselves.
    """

    id: str
    name: str
    arguments: Mapping[str, Any]
    value: Any = None
    function: Callable[..., Any] | None = field(default=None, repr=False, compare=False)

    def run(self) -> Any:
        """What the function comes to with these arguments; of an asynchronous one, what is to be awaited.

        Raises:
            RequestError: the tool is no function.
        """
        if self.function is None:
            raise RequestError(f"the tool {self.name} is no function: look at its arguments, and answer with result(…)")
        return self.function(**self.value)

    def result(self, content: Any, *, is_error: bool = False) -> Message:
        """The message that tells the model what came of the call: words, media, or anything that JSON can hold."""
        return Message("tool", (ToolResult(self.id, _parts(content), is_error),))


class ToolCalls(tuple[ToolCall, ...]):
    """The calls of the caller's tools in one answer, in their order.

    `messages` is the conversation with this answer at its end: followed by a `result` for each call, it goes into the next
    `create`. `reply` is the answer (`instructor.ir.Reply`).
    """

    messages: tuple[Message, ...]
    reply: Reply | None

    def __new__(
        cls, calls: Iterable[ToolCall], messages: Iterable[Message] = (), reply: Reply | None = None
    ) -> ToolCalls:
        made = super().__new__(cls, tuple(calls))
        made.messages, made.reply = tuple(messages), reply
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return ToolCalls, (tuple(self), self.messages, self.reply)

    def __repr__(self) -> str:
        return f"ToolCalls({', '.join(map(repr, self))})"


def _parts(content: Any) -> tuple[Part, ...]:
    several = isinstance(content, list | tuple) and any(isinstance(item, Media | Text) for item in content)
    return tuple(_part(item) for item in content) if several else (_part(content),)


def _part(content: Any) -> Part:
    if isinstance(content, Media | Text):
        return content
    return Text(content if isinstance(content, str) else to_json(content, fallback=str).decode())


# ── room for calls in a response model ───────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Room:
    """Where a response model has room for calls: `one` (ToolCall), `every` (ToolCalls), `inside` of a list."""

    one: bool = False
    every: bool = False
    inside: bool = False

    def filled(self, calls: ToolCalls) -> Any | None:
        """The value that these calls are; None where there is no room for them."""
        if self.every:
            return [calls] if self.inside else calls
        if self.one and self.inside:
            return list(calls)
        return calls[0] if self.one and len(calls) == 1 else None


NOWHERE = Room()


def parted(form: Any) -> tuple[Any, Room]:
    """A response model without ToolCall and ToolCalls, and where they stood.

    Raises:
        ResponseModelError: nothing else is left.
    """
    if isinstance(form, type) and form is not ToolCall and form is not ToolCalls:
        return form, NOWHERE
    listed = is_list(form) and get_args(form)
    members = alternatives(get_args(form)[0] if listed else form)
    if ToolCall not in members and ToolCalls not in members:
        return form, NOWHERE
    rest = tuple(member for member in members if member is not ToolCall and member is not ToolCalls)
    if not rest:
        raise ResponseModelError(
            "calls stand beside what else may come: User | ToolCalls, or str | ToolCalls for words"
        )
    left: Any = Union[rest]  # noqa: UP007 - members that are known only now
    room = Room(ToolCall in members, ToolCalls in members, bool(listed))
    return (list[left] if listed else left), room


# ── tools ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, eq=False)
class OwnTool:
    """A function or a type of the caller's, as a tool."""

    target: Target[Any]
    function: Callable[..., Any] | None = None

    @property
    def name(self) -> str:
        return self.target.name


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The caller's tools. `named`: names of those that are dicts; `open`: some are in a form whose names nobody knows."""

    own: tuple[OwnTool, ...] = ()
    named: frozenset[str] = frozenset()
    open: bool = False

    def __bool__(self) -> bool:
        return bool(self.own or self.named or self.open)

    @property
    def names(self) -> frozenset[str]:
        return self.named.union(tool.name for tool in self.own)

    def has(self, name: str) -> bool:
        """Whether a call of this name may be the caller's."""
        return self.open or name in self.names

    def find(self, name: str) -> OwnTool | None:
        """The function or type of this name."""
        return next((tool for tool in self.own if tool.name == name), None)

    def rendered(self, dialect: Dialect) -> tuple[tuple[OwnTool, Rendered], ...]:
        return tuple((tool, render(tool.target, dialect)) for tool in self.own)

    def written(self, dialect: Dialect) -> tuple[Tool, ...]:
        """The functions and types as neutral tools."""
        return tuple(
            Tool(tool.name, tool.target.description, each.schema, each.strict) for tool, each in self.rendered(dialect)
        )


EMPTY = Toolbox()


def offered(params: Mapping[str, Any]) -> tuple[dict[str, Any], Toolbox]:
    """The parameters without functions and types among the tools, and the toolbox of all of them.

    Raises:
        RequestError: a function's parameters cannot be a tool's, or two tools have one name.
    """
    if not params:
        return {}, EMPTY
    given = params.get("tools")
    elsewhere = any(_holds_tools(params.get(name)) for name in HOLDERS)
    if not given:
        return dict(params), Toolbox(open=True) if elsewhere else EMPTY
    native: list[Any] = []
    own: list[OwnTool] = []
    for place, tool in enumerate(given if isinstance(given, list | tuple) else (given,)):
        made = _made(tool, f"tools[{place}]")
        (native if made is None else own).append(tool if made is None else made)
    known = [_names(tool) for tool in native]
    names = [*(tool.name for tool in own), *(name for some in known for name in some or ())]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RequestError(f"two tools have the name {' and the name '.join(twice)}", where="tools")
    box = Toolbox(tuple(own), frozenset(name for some in known for name in some or ()), elsewhere or None in known)
    rest = {name: value for name, value in params.items() if name != "tools"}
    return ({**rest, "tools": native} if native else rest), box


HOLDERS = ("config", "generation_config", "generationConfig", "toolConfig", "tool_config")
"""Parameters in which tools may be in a provider's own form."""


def _holds_tools(value: Any) -> bool:
    return bool(value.get("tools") if isinstance(value, Mapping) else getattr(value, "tools", None))


def _made(tool: Any, where: str) -> OwnTool | None:
    """The tool of a function or type; None for one in a provider's own form."""
    if isinstance(tool, type) or get_origin(tool) is not None:
        return OwnTool(target(tool))
    if isinstance(tool, Mapping | Tool) or hasattr(tool, "model_dump") or not callable(tool):
        return None
    try:
        return OwnTool(_of_function(tool), tool)
    except TypeError as error:
        if "unhashable" not in str(error):
            raise
        return OwnTool(_of_function.__wrapped__(tool), tool)
    except RequestError as error:
        raise RequestError(error.problem, where=where) from error.__cause__


def _names(tool: Any) -> tuple[str, ...] | None:
    """The names under which a tool in a provider's own form is called; None where that cannot be told."""
    match tool:
        case Tool():
            return (tool.name,)
        case {"function": {"name": str(name)}} | {"toolSpec": {"name": str(name)}} | {"name": str(name)}:
            return (name,)
        case {"functionDeclarations": [*several]} | {"function_declarations": [*several]}:
            return tuple(str(each.get("name")) for each in several if isinstance(each, Mapping))
        case Mapping():
            return ()  # the provider's own, such as a search, which it calls itself
        case _:
            return None


# ── functions ────────────────────────────────────────────────────────────────────────────────────


@lru_cache(256)
def _of_function(function: Callable[..., Any]) -> Target[Any]:
    """A function's parameters as a type: a dict of those that are given.

    Raises:
        RequestError: they cannot be told by name, or their types not be resolved.
    """
    plain = function.func if isinstance(function, partial) else function
    named = plain if hasattr(plain, "__name__") else type(plain)
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", named.__name__).strip("_")[:64] or "function"
    fields = {parameter.name: _field(parameter, name) for parameter in _signature(function, name).parameters.values()}
    made: Any = _typed_dict(name, fields)
    made.__pydantic_config__ = ConfigDict(extra="forbid")
    doc = inspect.getdoc(named) or f"Call {name}."
    return replace(target(made), name=name, description=doc)


_typed_dict: Any = TypedDict
"""For fields that are known only now, which type checkers do not follow."""


def _signature(function: Callable[..., Any], name: str) -> inspect.Signature:
    """The signature. Names that its annotations have from where it was defined are looked up among the callers'."""
    frame = inspect.currentframe()
    scope: dict[str, Any] | None = None
    while True:
        try:
            return inspect.signature(function, locals=scope, eval_str=True)
        except NameError as error:
            frame = frame.f_back if frame else None
            if frame is None:
                raise RequestError(f"{name}: {error}: annotate its parameters with types that can be found") from error
            scope = {**frame.f_globals, **frame.f_locals}


def _field(parameter: inspect.Parameter, name: str) -> Any:
    if parameter.kind not in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD):
        raise RequestError(f"{name}: a tool's parameters are given by name, which {parameter} cannot be")
    form = Any if parameter.annotation is parameter.empty else parameter.annotation
    if parameter.default is parameter.empty:
        return form
    if isinstance(parameter.default, str | int | float | bool | None):
        return NotRequired[Annotated[form, Field(json_schema_extra={"default": parameter.default})]]
    return NotRequired[form]


def clash(box: Toolbox, names: Iterable[str]) -> Iterator[str]:
    """Names of the response model's tools that tools of the caller's have, too."""
    return (name for name in names if name in box.names)
