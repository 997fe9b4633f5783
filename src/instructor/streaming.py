"""A `create()` whose answer is wanted as it arrives: a flow that hands things over between its effects. No I/O here.

    Task ─▶ prepare, choose, ask ─▶ ┌▶ encode ─▶ [Open] ─▶ [Next] … ─▶ deltas ─▶ Gathered ─▶ Reader.feed ─▶ Item …
                                    │                                              └▶ Reply ─▶ check, close ─▶ Item
                                    └── feedback ◀── ValidationError, if nothing was handed over yet ◀──────────┘

    partial(task)   growing objects, the last of them the validated one      (arriving.Growing)
    iterable(task)  the elements of a list, each validated as it closes       (arriving.Elements, or each call by itself)

A failed answer of which nothing was handed over is asked for again, as `engine` does; afterwards it is an error that
holds everything that came.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from . import memo
from .arriving import Arriving, Elements, Growing, Make, arriving
from .effects import Effect, Emit, Flow, Item, Next, Open, Stream
from .engine import Task, asking, begun, foreseen, named, prepare, visit
from .errors import (
    ConnectionFailed,
    InstructorError,
    ModeError,
    ParseError,
    ProviderError,
    ResponseError,
    ResponseModelError,
)
from .events import AnswerBegan, Answered, RequestFailed
from .ir import Reply, Request
from .output import Target
from .pace import Free, Visit
from .preflight import encoded
from .retry import sending
from .rounds import Rounds, check
from .uploads import through

if TYPE_CHECKING:
    from typing_extensions import TypeIs

T = TypeVar("T")


def partial(task: Task[T]) -> Stream[T]:
    """Growing objects; the last is the validated one. Raises as `engine.extract` does."""
    return _stream(task, Growing)


def iterable(task: Task[Any]) -> Stream[Any]:
    """The elements of a list, each as it closes. Raises as `engine.extract` does."""
    return _stream(task, Elements)


def _stream(task: Task[Any], make: Make) -> Stream[Any]:
    target = task.target
    if target is None:
        raise ResponseModelError("a stream of objects needs a response model, not None")
    memory, key = task.memory, ""
    if memory is not None:
        task, key = yield from named(task)
        known = yield from memo.kept(memory, key, task.adapter.decode, _rereading(task, target, make))
        if known is not None:
            task.progress.cached = True
            yield from map(Item, known[0])
            return
    request = yield from prepare(task)
    asked = asking(task, target, request)
    if asked.several and make is Growing:
        raise ModeError("Mode.PARALLEL_TOOLS gives whole objects: use create_iterable(), which hands over each of them")
    yield from foreseen(task, request, asked.mode)
    sent = asked.sent(task.tools)
    rounds = begun(task, target)
    try:
        yield from rounds.course.begin()
        while True:
            now = arriving(task, asked, make)
            told = replace(sent, messages=(*sent.messages, *rounds.told()))
            reply = yield from _attempt(task, told, now, rounds)
            if reply is not None and now.failure is None:
                break
    except InstructorError as error:
        rounds.tell(error)
        raise
    if memory is not None:
        yield from memo.keep(memory, key, reply)


def _attempt(
    task: Task[Any], request: Request, now: Arriving, rounds: Rounds
) -> Generator[Effect | Item[Any], Any, Reply | None]:
    """One attempt. The reply is valid if there is one and no failure; else another attempt may begin."""
    try:
        yield from _receive(task, request, now)
    except ProviderError as error:
        rounds.counted(now.gathered.reply())
        if partly := task.progress.cut(now.gathered.usage):
            yield Emit(partly)
        yield from rounds.failed(error, last=now.handed > 0)
        return None
    except BaseException:
        task.progress.cut(now.gathered.usage)
        raise
    reply = now.gathered.reply()
    rounds.counted(reply)
    counted = task.progress.counted(reply.usage)
    if counted is not None:
        yield Emit(Answered(reply=reply))
        yield Emit(counted)
    try:
        check(reply)
        if now.failure is None:
            yield from map(Item, (yield from now.close()))
        if _is_invalid(now.failure) and now.ended and now.gathered.finish is None:
            yield from _broken(task)
    except (ProviderError, ResponseError) as error:
        yield from rounds.failed(error, last=now.handed > 0)
        return None
    failure = now.failure
    if _is_invalid(failure):
        yield from rounds.invalid(failure, reply, now.text, last=now.handed > 0)
    elif failure is not None:
        raise failure
    return reply


def _is_invalid(failure: Exception | None) -> TypeIs[ValidationError | ParseError]:
    """Whether the answer is to blame, and not what a validator has called."""
    return isinstance(failure, ValidationError | ParseError)


def _broken(task: Task[Any]) -> Flow[None]:
    broken = ConnectionFailed(
        "the stream ended before the answer was complete", provider=task.adapter.name, model=task.model
    )
    yield Emit(RequestFailed(error=broken))
    raise broken


def _rereading(task: Task[Any], target: Target[Any], make: Make) -> Callable[[Reply], Flow[list[Any]]]:
    """What a kept reply would have been handed over as, validated anew before any of it is."""

    def read(reply: Reply) -> Flow[list[Any]]:
        check(reply)
        now = arriving(task, asking(task, target, Request(task.model, task.parsed or (), params=task.params)), make)
        things: list[Any] = []
        for delta in memo.pieces(reply):
            if text := now.gathered.add(delta):
                things += yield from now.read(text)
        things += (yield from now.close()) if now.failure is None else []
        if now.failure is not None:
            raise now.failure
        return things

    return read


def _receive(task: Task[Any], request: Request, now: Arriving) -> Stream[Any]:
    """Everything until the end of the reply, or until what came is known to be wrong."""
    wire = {**encoded(task.adapter, request, words=task.words), **task.adapter.streaming}
    task.progress.try_once()
    with visit(task) as passing:
        try:
            handle = yield from _opened(task, wire, passing)
            # what was used is said at the end, if the reply may go on till then
            counting = task.retry.token_budget is not None or task.progress.limited
            while now.failure is None or counting:
                events = yield Next(handle)
                if events is None:
                    now.ended = True
                    break
                if not now.began:
                    now.began = True
                    yield Emit(AnswerBegan())
                for delta in (delta for event in events for delta in task.adapter.deltas(event)):
                    if (text := now.gathered.add(delta)) and now.failure is None:
                        yield from map(Item, (yield from now.read(text)))
        except ProviderError as error:
            error.model = error.model or task.model
            yield Emit(RequestFailed(error=error))
            raise
        yield from passing.answered(now.gathered.usage.total, getattr(handle, "headers", None))


def _opened(task: Task[Any], wire: dict[str, Any], passing: Visit | Free) -> Flow[Any]:
    return (
        yield from through(
            task.uploading,
            wire,
            lambda wire: sending(Open(wire, task.timeout, task.words), task.backoff, task.progress, passing),
        )
    )
