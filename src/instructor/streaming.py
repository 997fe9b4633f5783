"""A `create()` whose answer is wanted as it arrives: a flow that hands things over between its effects. No I/O here.

    Task ─▶ prepare, choose, ask ─▶ ┌▶ encode ─▶ [Open] ─▶ [Next] … ─▶ deltas ─▶ Gathered ─▶ Reader.feed ─▶ Item …
                                    │                                              └▶ Reply ─▶ check, close ─▶ Item
                                    └── feedback ◀── ValidationError, if nothing was handed over yet ◀──────────┘

    partial(task)   growing objects, the last of them the validated one      (Reader: output.Snapshots)
    iterable(task)  the elements of a list, each validated as it closes       (Reader: output.Items)

A failed answer of which nothing was handed over is asked for again, as `engine` does; afterwards it is an error that
holds everything that came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError

from . import modes
from .adapter import choose
from .effects import Emit, Flow, Item, Next, Open, Stream
from .engine import Attempt, Task, again, check, give_up, prepare
from .errors import ConnectionFailed, ParseError, ProviderError, ResponseModelError
from .ir import (
    CallDelta,
    Counted,
    Delta,
    Finish,
    Part,
    Reasoning,
    ReasoningDelta,
    RefusalDelta,
    Reply,
    Request,
    Stopped,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)
from .modes import Mode
from .output import Items, Rendered, Snapshots, Target, feedback, problems
from .retry import sending

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Reader(Protocol[T_co]):
    """Makes things of an answer's text as it comes. Raises ValidationError or ParseError."""

    @property
    def text(self) -> str: ...
    def feed(self, chunk: str) -> Iterable[T_co]: ...
    def close(self) -> Iterable[T_co]: ...


class Growing(Reader[T]):
    """Snapshots as a reader."""

    def __init__(self, task: Task[T], target: Target[T], rendered: Rendered) -> None:
        self._snapshots = Snapshots(target, rendered, context=task.context, strict=task.strict)

    @property
    def text(self) -> str:
        return self._snapshots.text

    def feed(self, chunk: str) -> Iterable[T]:
        snapshot = self._snapshots.feed(chunk)
        return () if snapshot is None else (snapshot,)

    def close(self) -> Iterable[T]:
        return (self._snapshots.close(),)


class Elements(Reader[T]):
    """Items as a reader."""

    def __init__(self, task: Task[Any], target: Target[Any], rendered: Rendered) -> None:
        self._items: Items[T] = Items(target, rendered, context=task.context, strict=task.strict)

    @property
    def text(self) -> str:
        return self._items.text

    def feed(self, chunk: str) -> Iterable[T]:
        return self._items.feed(chunk)

    def close(self) -> Iterable[T]:
        return self._items.close()


def partial(task: Task[T]) -> Stream[T]:
    """Growing objects; the last is the validated one. Raises as `engine.extract` does."""
    return _stream(task, Growing)


def iterable(task: Task[Any]) -> Stream[Any]:
    """The elements of a list, each as it closes. Raises as `engine.extract` does."""
    return _stream(task, Elements)


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
    refusal: list[str] = field(default_factory=list)
    calls: dict[int, tuple[str, str, list[str]]] = field(default_factory=dict)
    finish: Finish | None = None
    usage: Usage = Usage()

    def add(self, delta: Delta) -> str:
        """Take a piece in; returns what it adds to the answer."""
        match delta:
            case TextDelta(text):
                self.text.append(text)
                return "" if self.mode is Mode.TOOLS else text
            case CallDelta(index, id, name, arguments):
                known = self.calls.get(index, ("", "", []))
                self.calls[index] = (id or known[0], name or known[1], known[2])
                known[2].append(arguments)
                return arguments if self.calls[index][1] == self.name else ""
            case ReasoningDelta(text):
                self.reasoning.append(text)
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

    def reply(self) -> Reply:
        """All that has come."""
        parts: list[Part] = [Reasoning("".join(self.reasoning))] if self.reasoning else []
        parts += [Text("".join(self.text))] if any(self.text) else []
        parts += [ToolCall(id, name, "".join(pieces)) for id, name, pieces in self.calls.values()]
        refusal = "".join(self.refusal) or None
        return Reply(tuple(parts), "refusal" if refusal else self.finish or "other", self.usage, refusal=refusal)


@dataclass(slots=True)
class _Round:
    """One answer on its way."""

    reader: Reader[Any]
    gathered: Gathered
    handed: bool = False
    ended: bool = False
    failure: ValidationError | ParseError | None = None

    def read(self, text: str) -> Iterator[Item[Any]]:
        try:
            for thing in self.reader.feed(text) if text else ():
                self.handed = True
                yield Item(thing)
        except (ValidationError, ParseError) as error:
            self.failure = error

    def close(self) -> Iterator[Item[Any]]:
        yield from self.read(self.gathered.kept())
        if self.failure is not None:
            return
        try:
            rest = self.reader.close()
        except (ValidationError, ParseError) as error:
            self.failure = error
        else:
            yield from map(Item, rest)


def _stream(task: Task[Any], make: Callable[[Task[Any], Target[Any], Rendered], Reader[T]]) -> Stream[T]:
    target = task.target
    if target is None:
        raise ResponseModelError("a stream of objects needs a response model, not None")
    request = yield from prepare(task)
    mode, rendered = choose(task.adapter, task.model, task.mode, target)
    asked = request = modes.ask(mode, request, target, rendered)
    attempts: list[Attempt] = []
    usage = Usage()
    while True:
        now = _Round(make(task, target, rendered), Gathered(target.name, mode))
        yield from _receive(task, request, now)
        reply = now.gathered.reply()
        usage += reply.usage
        yield Emit("completion:response", (reply,), {})
        check(reply)
        yield from now.close()
        error = now.failure
        if error is None:
            return
        if now.ended and now.gathered.finish is None:
            broken = ConnectionFailed(
                "the stream ended before the answer was complete", provider=task.adapter.name, model=task.model
            )
            yield Emit("completion:error", (broken,), {})
            raise broken
        attempts.append(Attempt(len(attempts) + 1, reply, error, problems(error, answer=now.reader.text)))
        yield Emit("parse:error", (error,), {})
        if now.handed or len(attempts) > task.max_retries:
            yield Emit("completion:last_attempt", (error,), {})
            raise give_up(task, target, attempts, usage) from error
        request = replace(
            asked, messages=(*asked.messages, *again(reply, target, feedback(error, answer=now.reader.text)))
        )


def _receive(task: Task[Any], request: Request, now: _Round) -> Stream[Any]:
    """Everything until the end of the reply, or until what came is known to be wrong."""
    wire = {**task.adapter.encode(request), **task.adapter.streaming}
    yield Emit("completion:kwargs", (), wire)
    try:
        handle = yield from _opened(task, wire)
        while now.failure is None:
            events = yield Next(handle)
            if events is None:
                now.ended = True
                return
            for delta in (delta for event in events for delta in task.adapter.deltas(event)):
                yield from now.read(now.gathered.add(delta))
    except ProviderError as error:
        error.model = error.model or task.model
        yield Emit("completion:error", (error,), {})
        raise


def _opened(task: Task[Any], wire: dict[str, Any]) -> Flow[Any]:
    return (yield from sending(Open(wire, task.timeout), task.backoff))
