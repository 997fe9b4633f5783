"""A reply, read: the value that it holds, or the calls of the caller's own tools. No I/O.

    Reply ─┬▶ calls of the caller's tools ─▶ each validated ─▶ ToolCalls ─▶ a value with room for them, or ToolCalled
           ├▶ PARALLEL_TOOLS: each call validated by the type that its tool is of ─▶ a list
           └▶ the one call of the target's tool, or JSON in the text ─▶ T

Calls of the caller's tools go before an answer beside them: it was given before their results were known.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError, from_json

from . import modes
from .effects import Flow, Work
from .errors import ParseError, RequestError, ToolCalled
from .ir import Message, Reply, Request, Text, ToolResult
from .ir import ToolCall as Call
from .modes import Mode
from .output import CONTENT, PLAIN, Dialect, Rendered, Target, confirmed, json_in, placed
from .tools import Room, Toolbox, ToolCall, ToolCalls, clash
from .values import dataclass

T = TypeVar("T")


class Terms(Protocol):
    """What a call says of how its answer is read."""

    @property
    def context(self) -> Mapping[str, Any] | None: ...
    @property
    def strict(self) -> bool | None: ...
    @property
    def tools(self) -> Toolbox: ...
    @property
    def room(self) -> Room: ...


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """What was asked for, and how. `request` is without what the mode added; `dialect` that of the caller's tools."""

    target: Target[T]
    mode: Mode
    rendered: Rendered
    request: Request
    dialect: Dialect = PLAIN

    @property
    def several(self) -> bool:
        """Whether each call is an object of its own."""
        return self.mode is Mode.PARALLEL_TOOLS

    @property
    def ours(self) -> Mapping[str, tuple[Target[Any], Rendered]]:
        """The tools that stand for the response model, by their names."""
        if not self.several:
            return {self.target.name: (self.target, self.rendered)}
        pairs = zip(self.target.members, self.rendered.members, strict=True)
        return {member.name: (member, rendered) for member, rendered in pairs}

    def loose(self, box: Toolbox) -> tuple[str, ...]:
        """Why the provider is not asked to enforce a schema, the caller's tools' among them."""
        theirs = (f"{tool.name}: {note}" for tool, each in box.rendered(self.dialect) for note in each.notes)
        return (*self.rendered.notes, *theirs)

    def sent(self, box: Toolbox) -> Request:
        """The request that asks for it.

        Raises:
            RequestError: a tool of the caller's has the name of one of ours.
        """
        for name in clash(box, self.ours) if box.own or box.named else ():
            raise RequestError(f"a tool has the name of the response model, {name}: rename one of them", where="tools")
        return modes.ask(self.mode, self.request, self.target, self.rendered)


# ── a whole reply ────────────────────────────────────────────────────────────────────────────────


def text_of(asked: Asked[Any], reply: Reply, terms: Terms) -> str:
    """The JSON text that is the answer: of several calls, the list of their arguments.

    Raises:
        ParseError: there is none.
    """
    if apart(asked, terms, reply):
        return f"[{', '.join(call.arguments or '{}' for call in reply.calls)}]"
    if not asked.several:
        return modes.find(reply, asked.target)
    if modes.may_call_none(asked.request.params):
        return "[]"
    return json_in_words(asked, reply)


def json_in_words(asked: Asked[Any], reply: Reply) -> str:
    """The JSON in the text of a reply without the calls that were asked for.

    Raises:
        ParseError: there is none.
    """
    try:
        return json_in(reply.text)
    except ParseError:
        names = " or ".join(asked.ours)
        raise ParseError(f"the model called no tool: it was to call {names}, once for each", reply=reply) from None


def answer(terms: Terms, asked: Asked[T], reply: Reply, text: str) -> Flow[T]:
    """The value of a reply, once every validator has accepted it.

    Raises:
        pydantic.ValidationError: one has not.
        ToolCalled: the model called tools of the caller's, and the response model has no room for the calls.
    """
    if apart(asked, terms, reply):
        return _each(terms, asked, reply)
    return read(terms, asked.target, text, asked.rendered)


def _each(terms: Terms, asked: Asked[T], reply: Reply) -> Flow[T]:
    things: list[Any] = []
    rows: list[InitErrorDetails] = []
    for place, call in enumerate(reply.calls):
        if asked.several or call.name not in asked.ours:
            try:
                things.append((yield from of_call(terms, asked, call)))
            except ValidationError as error:
                rows += placed(error, place, call.name)
    if rows:
        raise ValidationError.from_exception_data(asked.target.name, rows, input_type="json")
    value: T = settled(terms, asked, reply, things)
    return value


def apart(asked: Asked[Any], terms: Terms, reply: Reply) -> bool:
    """Whether a reply has calls that are validated each by itself."""
    if asked.several:
        return bool(reply.calls)
    return bool(terms.tools) and any(call.name not in asked.ours and terms.tools.has(call.name) for call in reply.calls)


def settled(terms: Terms, asked: Asked[Any], reply: Reply, things: list[Any]) -> Any:
    """What the things of a reply's calls come to.

    Raises:
        ToolCalled: there are calls, and no room for them.
    """
    called = [thing for thing in things if isinstance(thing, ToolCall)]
    if not called:
        return things
    calls = calls_of(asked, reply, called)
    objects = [thing for thing in things if not isinstance(thing, ToolCall)]
    if objects and terms.room.inside:
        return things if not terms.room.every else [*objects, calls]
    value = None if objects else terms.room.filled(calls)
    if value is None:
        raise ToolCalled(calls)
    return value


def calls_of(asked: Asked[Any], reply: Reply, called: list[ToolCall]) -> ToolCalls:
    """The calls, with the conversation up to them. Calls that are not the caller's are answered there."""
    theirs = {call.id for call in called}
    left = [call for call in reply.calls if call.id not in theirs]
    told = (Text("Noted, but other tools were called beside it: answer anew when you know their results."),)
    noted = (Message("tool", tuple(ToolResult(call.id, told) for call in left)),) if left else ()
    messages = (*asked.request.messages, Message("assistant", reply.parts), *noted)
    return ToolCalls(called, messages, reply)


# ── one call ─────────────────────────────────────────────────────────────────────────────────────


def of_call(terms: Terms, asked: Asked[Any], call: Call) -> Flow[Any]:
    """What one call is: an object of the response model's, or a ToolCall.

    Raises:
        pydantic.ValidationError: its arguments are not valid, or there is no such tool.
    """
    arguments = call.arguments or "{}"
    if found := asked.ours.get(call.name):
        return (yield from read(terms, found[0], arguments, found[1]))
    if not terms.tools.has(call.name):
        raise _wrong(call, f"there is no such tool: the tools are {', '.join((*terms.tools.names, *asked.ours))}")
    own = next((pair for pair in terms.tools.rendered(asked.dialect) if pair[0].name == call.name), None)
    plain = _object(call, arguments)
    if own is None:
        return ToolCall(call.id, call.name, plain, plain)
    value = yield from read(terms, own[0].target, arguments, own[1])
    return ToolCall(call.id, call.name, plain, value, own[0].function)


def _object(call: Call, arguments: str) -> Mapping[str, Any]:
    try:
        found = from_json(arguments)
    except ValueError as error:
        raise _wrong(call, f"the arguments are not JSON: {error}") from None
    if not isinstance(found, dict):
        raise _wrong(call, "the arguments are not an object")
    return found


def _wrong(call: Call, words: str) -> ValidationError:
    template: Any = words
    row = InitErrorDetails(type=PydanticCustomError("tool_call", template), loc=(), input=None)
    return ValidationError.from_exception_data(call.name, [row], input_type="json")


def read(terms: Terms, target: Target[T], text: str, rendered: Rendered) -> Flow[T]:
    """The value of an answer's text, once every validator has accepted it. Those that call out do not block a loop.

    Raises:
        pydantic.ValidationError: they have not.
    """
    value = partial(target.read, text, context=terms.context, strict=terms.strict, rendered=rendered)
    found: T = (yield Work(value)) if target.calls_out else value()
    if not target.awaits:
        return found
    confirming: Flow[T] = confirmed(found, target.name, terms.context, (CONTENT,) if target.wrapped else ())
    return (yield from confirming)
