"""One answer on its way: what has come of it, and what of that may be handed over already. No I/O here.

    Delta ─▶ Gathered.add ─▶ words of the answer ─▶ Arriving.read ─▶ things          the end ─▶ Arriving.close ─▶ things
                                                       ├ Growing   snapshots of one object           (output.Snapshots)
                                                       └ Elements  the elements of a list            (output.Items)
    Delta ─▶ Gathered.add ─▶ arguments of a call  ─▶ ArrivingCalls.read ─▶ the object of a call that is complete

What went wrong is the `failure`: nothing is handed over behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar

from pydantic import ValidationError

from .answers import Asked, Terms, answer, apart, calls_of, of_call, read, text_of
from .effects import Flow, Work
from .errors import InstructorError, ParseError, ToolCalled
from .ir import (
    CallDelta,
    Complete,
    Counted,
    Delta,
    Finish,
    Part,
    Reasoning,
    ReasoningDelta,
    RefusalDelta,
    Reply,
    Signed,
    Stopped,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)
from .modes import Mode
from .output import CONTENT, Brackets, Items, Rendered, Snapshots, Target, confirmed, placed
from .tools import ToolCall as OwnCall
from .values import dataclass

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Reader(Protocol[T_co]):
    """Makes things of an answer's text as it comes. Raises ValidationError or ParseError."""

    finished: ClassVar[bool]
    """Whether what it gives before the end is finished, so that every validator may judge it."""

    @property
    def text(self) -> str: ...
    def feed(self, chunk: str) -> Iterable[T_co]: ...
    def close(self) -> Iterable[T_co]: ...
    def place(self, number: int) -> tuple[str | int, ...]:
        """Where in the answer the thing of this number stands."""
        ...


Make: TypeAlias = "Callable[[Terms, Target[Any], Rendered], Reader[Any]]"


class Growing(Reader[T]):
    """Snapshots as a reader."""

    finished = False

    def __init__(self, terms: Terms, target: Target[T], rendered: Rendered) -> None:
        self._place = (CONTENT,) if target.wrapped else ()
        self._snapshots = Snapshots(target, rendered, context=terms.context, strict=terms.strict)

    @property
    def text(self) -> str:
        return self._snapshots.text

    def feed(self, chunk: str) -> Iterable[T]:
        snapshot = self._snapshots.feed(chunk)
        return () if snapshot is None else (snapshot,)

    def close(self) -> Iterable[T]:
        return (self._snapshots.close(),)

    def place(self, number: int) -> tuple[str | int, ...]:
        return self._place


class Elements(Reader[T]):
    """Items as a reader."""

    finished = True

    def __init__(self, terms: Terms, target: Target[Any], rendered: Rendered) -> None:
        self._place = (CONTENT,) if target.wrapped else ()
        self._items: Items[T] = Items(target, rendered, context=terms.context, strict=terms.strict)

    @property
    def text(self) -> str:
        return self._items.text

    def feed(self, chunk: str) -> Iterable[T]:
        return self._items.feed(chunk)

    def close(self) -> Iterable[T]:
        return self._items.close()

    def place(self, number: int) -> tuple[str | int, ...]:
        return (*self._place, number)


CALLING = frozenset({Mode.TOOLS, Mode.PARALLEL_TOOLS})
"""Modes in which text is not the answer, unless no call comes."""


@dataclass(slots=True)
class Gathered:
    """What has come of one reply, and the words of it that are the answer.

    The answer is the arguments of the target's tool, or the text; a model that was asked for one sometimes gives the
    other. Asked for a tool, its text is kept until it is known that no call came.
    """

    name: str
    mode: Mode
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    order: list[Part | int] = field(default_factory=list)
    """What comes before the text, or stands between calls: parts that are complete, and indices of calls."""
    refusal: list[str] = field(default_factory=list)
    calls: dict[int, tuple[str, str, list[str]]] = field(default_factory=dict)
    finish: Finish | None = None
    usage: Usage = Usage()
    at: int = 0
    """The index of the latest call."""
    closed: set[int] = field(default_factory=set)
    """Indices of calls that are complete: what comes under one of these and has a name is another call."""

    def add(self, delta: Delta) -> str:
        """Take a piece in; returns what it adds to the answer."""
        match delta:
            case TextDelta(text):
                self.text.append(text)
                return "" if self.mode in CALLING else text
            case CallDelta(index, id, name, arguments):
                self.at = index = -1 - len(self.calls) if name and index in self.closed else index
                known = self.calls.get(index)
                if known is None:
                    known = ("", "", [])
                    self.order.append(index)
                self.calls[index] = (id or known[0], name or known[1], known[2])
                known[2].append(arguments)
                return arguments if self.mode is Mode.PARALLEL_TOOLS or self.calls[index][1] == self.name else ""
            case ReasoningDelta(text):
                self.reasoning.append(text)
            case Signed(native):
                self.order.append(Reasoning("".join(self.reasoning), native))
                self.reasoning.clear()
            case Complete(part):
                self.order.append(part)
            case RefusalDelta(text):
                self.refusal.append(text)
            case Stopped(finish):
                self.finish = finish
            case Counted(usage):
                self.usage = self.usage.latest(usage)
        return ""

    def kept(self) -> str:
        """Text that was kept back, where no call came."""
        called = any(name == self.name for _, name, _ in self.calls.values())
        return "".join(self.text) if self.mode is Mode.TOOLS and not called else ""

    def call(self, index: int) -> ToolCall:
        """What has come of a call."""
        id, name, pieces = self.calls[index]
        return ToolCall(id, name, "".join(pieces))

    def reply(self) -> Reply:
        """All that has come."""
        first = next((i for i, one in enumerate(self.order) if isinstance(one, int)), len(self.order))
        # what stands right before a call belongs to it
        while first and first < len(self.order) and _is_mark(self.order[first - 1]):
            first -= 1
        parts: list[Part] = [one for one in self.order[:first] if not isinstance(one, int)]
        parts += [Reasoning("".join(self.reasoning))] if self.reasoning else []
        parts += [Text("".join(self.text))] if any(self.text) else []
        parts += [self.call(one) if isinstance(one, int) else one for one in self.order[first:]]
        refusal = "".join(self.refusal) or None
        return Reply(tuple(parts), "refusal" if refusal else self.finish or "other", self.usage, refusal=refusal)


def _is_mark(part: Part | int) -> bool:
    return isinstance(part, Reasoning) and not part.text


@dataclass(slots=True)
class Arriving:
    """One answer on its way."""

    terms: Terms
    asked: Asked[Any]
    reader: Reader[Any]
    gathered: Gathered
    handed: int = 0
    list_of_calls: str | None = None
    began: bool = False
    ended: bool = False
    failure: ValidationError | InstructorError | None = None

    @property
    def target(self) -> Target[Any]:
        return self.asked.target

    @property
    def text(self) -> str:
        """The answer as it came."""
        return self.reader.text if self.list_of_calls is None else self.list_of_calls

    def read(self, text: str) -> Flow[list[Any]]:
        """What may be handed over now. What went wrong is the `failure`."""
        try:
            if self.reader.finished and (self.target.calls_out or self.target.awaits):
                return (yield from self._accepted(lambda: self.reader.feed(text)))
            things = list(self.reader.feed(text))
        except (ValidationError, InstructorError) as error:
            self.failure = error
            return []
        self.handed += len(things)
        return things

    def close(self) -> Flow[list[Any]]:
        """The rest of it, when the answer has ended; nothing if there is a failure."""
        reply = self.gathered.reply() if self.terms.tools else None
        if reply is not None and apart(self.asked, self.terms, reply):
            return (yield from self._called(reply))
        kept = self.gathered.kept()
        things = (yield from self.read(kept)) if kept else []
        before = self.handed - len(things)
        try:
            if self.failure is None:
                things += yield from self._accepted(self.reader.close)
        except (ValidationError, InstructorError) as error:
            self.failure = error
        if self.failure is not None:
            self.handed = before
        return things if self.failure is None else []

    def _called(self, reply: Reply) -> Flow[list[Any]]:
        """The calls of the caller's tools, where the response model has room for them."""
        try:
            self.list_of_calls = text_of(self.asked, reply, self.terms)
            value = yield from answer(self.terms, self.asked, reply, self.list_of_calls)
        except (ValidationError, InstructorError) as error:
            self.failure = error
            return []
        things = value if self.terms.room.inside else [value]
        self.handed += len(things)
        return list(things)

    def _accepted(self, step: Callable[[], Iterable[Any]]) -> Flow[list[Any]]:
        """Finished things, of which every validator has accepted those that are returned."""
        target, things = self.target, list[Any]()
        found = (yield Work(lambda: list(step()))) if target.calls_out else list(step())
        for thing in found:
            if target.awaits:
                confirming = confirmed(thing, target.name, self.terms.context, self.reader.place(self.handed))
                try:
                    thing = yield from confirming
                except ValidationError as error:
                    self.failure = error
                    break
            self.handed += 1
            things.append(thing)
        return things


@dataclass(slots=True)
class ArrivingCalls(Arriving):
    """One answer on its way, in which each call is an object: it is handed over when its arguments are complete."""

    ends: dict[int, Brackets] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    called: list[OwnCall] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The arguments of all calls, as a list."""
        return f"[{', '.join(call.arguments or '{}' for call in self.gathered.reply().calls)}]"

    def read(self, text: str) -> Flow[list[Any]]:
        """The object of the call that this piece completes."""
        at, closed = self.gathered.at, self.gathered.closed
        if at in closed:
            if text.strip():
                self.failure = ParseError(f"{self.gathered.call(at).name}: something stands behind the arguments")
            return []
        ended = self.ends.setdefault(at, Brackets()).end(text, 0) >= 0
        return (yield from self._closed(at)) if ended else []

    def close(self) -> Flow[list[Any]]:
        """The calls whose end nothing told, then what remains to be said of them all."""
        things: list[Any] = []
        for index in [index for index in self.gathered.calls if index not in self.gathered.closed]:
            if self.failure is None:
                things += yield from self._closed(index)
        try:
            if self.failure is None:
                things += yield from self._rest()
        except (ValidationError, InstructorError) as error:
            self.failure = error
        if self.failure is not None:
            self.handed -= len(things)
        return things if self.failure is None else []

    def _closed(self, index: int) -> Flow[list[Any]]:
        self.gathered.closed.add(index)
        call, place = self.gathered.call(index), self.places.setdefault(index, len(self.places))
        try:
            made = yield from of_call(self.terms, self.asked, call)
        except ValidationError as error:
            rows = placed(error, place, call.name)
            self.failure = ValidationError.from_exception_data(self.target.name, rows, input_type="json")
            return []
        except InstructorError as error:
            self.failure = error
            return []
        if isinstance(made, OwnCall):
            self.called.append(made)
            if not (self.terms.room.one and self.terms.room.inside):
                return []
        self.handed += 1
        return [made]

    def _rest(self) -> Flow[list[Any]]:
        """The caller's calls as one, where there is room for that; what an answer without calls holds."""
        reply = self.gathered.reply()
        if not self.gathered.calls:
            text = text_of(self.asked, reply, self.terms)
            things = [] if text == "[]" else (yield from read(self.terms, self.target, text, self.asked.rendered))
        elif self.called and not (self.terms.room.one and self.terms.room.inside):
            calls = calls_of(self.asked, reply, self.called)
            if not (self.terms.room.every and self.terms.room.inside):
                raise ToolCalled(calls)
            things = [calls]
        else:
            things = []
        self.handed += len(things)
        return list(things)


def arriving(terms: Terms, asked: Asked[Any], make: Make) -> Arriving:
    """An attempt that begins."""
    kind = ArrivingCalls if asked.several else Arriving
    gathered = Gathered(asked.target.name, asked.mode)
    return kind(terms, asked, make(terms, asked.target, asked.rendered), gathered)
