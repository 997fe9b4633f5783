"""One `create()`: from the caller's arguments to a validated object, as a flow. No I/O here.

    Task ─▶ parse ─▶ Request ─▶ settle ─▶ choose mode, ask ─▶ ┌▶ encode ─▶ [Call] ─▶ decode ─▶ check ─▶ read ─▶ Outcome
                                                              └── rounds: what went wrong, another attempt ◀┘

Media are settled once, before the first attempt. Whether there is another one, and what it is told, is for `rounds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import partial
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from . import chat, memo, template
from .adapter import Adapter, choose, tool_dialect
from .answers import Asked, answer, text_of
from .effects import Answer, Call, Emit, Flow, Work
from .errors import InstructorError, ParseError, ProviderError, ResponseError
from .events import Answered, RequestFailed
from .fetch import MediaPolicy
from .fit import Fit
from .ir import Message, Reply, Request, Usage
from .measure import measured
from .modes import Mode
from .output import PLAIN, Dialect, Target
from .pace import FREE, Free, Pace, Visit
from .preflight import encoded
from .retry import Backoff, RetryPolicy, sending
from .rounds import Rounds, check
from .settle import Kept, Rehearsal, settle
from .spending import Progress
from .tools import EMPTY, NOWHERE, Room, Toolbox
from .uploads import Uploading, through
from .values import dataclass, replace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """What one call of `create` asks for. `target` None: the provider's answer itself."""

    adapter: Adapter
    model: str
    messages: object
    target: Target[T] | None
    mode: Mode | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    retry: RetryPolicy = RetryPolicy()
    context: Mapping[str, Any] | None = None
    strict: bool | None = None
    autodetect_media: bool = False
    policy: MediaPolicy = MediaPolicy()
    fit: Fit = Fit.AUTO
    backoff: Backoff = Backoff()
    timeout: float | None = None
    memory: memo.Memo | None = None
    """How answers are remembered; None: they are not."""
    progress: Progress = field(default_factory=Progress, compare=False)
    """What is known of the call while it goes on."""
    uploading: Uploading | None = None
    """How media go through the provider's Files API; None: they do not."""
    tools: Toolbox = EMPTY
    """The caller's own tools. Those in a provider's own form are among `params`."""
    room: Room = NOWHERE
    """Where the response model has room for calls of them."""
    parsed: tuple[Message, ...] | None = None
    """The messages, where they have been read already."""
    words: bool = False
    """Whether they are words alone: there is nothing to fetch, to fit or to upload."""
    kept: Kept | None = field(default=None, compare=False)
    """What is fetched and encoded, for all who are asked."""
    pace: Pace | None = field(default=None, compare=False)
    """How fast requests may go out; None: there are no limits."""
    others: tuple[Any, ...] = field(default=(), compare=False)
    """Who is asked if this provider fails (`fallback.Choice`)."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a call of `create` came to. `usage` sums all attempts."""

    value: T
    reply: Reply
    usage: Usage


def extract(task: Task[T]) -> Flow[Outcome[T]]:
    """The whole of one `create()`, unless its answer is known already.

    Raises:
        CacheMiss: it is not, and nobody may be asked.
        RequestError: what the caller passed cannot be sent; nothing was sent.
        ProviderError: the provider, or the way to it, failed.
        ResponseError: the model's answer is cut off, a refusal, or never valid; or it calls tools of the caller's.
    """
    return _asked(task) if task.memory is None else _remembered(task, task.memory)


def _remembered(task: Task[T], memory: memo.Memo) -> Flow[Outcome[T]]:
    task, key = yield from named(task)
    reread = partial(_reread, task)
    return (yield from memo.through(memory, key, task.adapter.decode, reread, _asked(task), lambda out: out.reply))


def named(task: Task[T]) -> Flow[tuple[Task[T], str]]:
    """The task with its messages read, and the key under which its answer is kept."""
    messages = yield from _messages(task)
    request, mode = _request(task, messages), None
    if task.target is not None:
        asked = asking(task, task.target, request)
        mode, request = asked.mode, asked.sent(task.tools)
    name, place = mode.name if mode else None, task.memory.place if task.memory else ""
    task.progress.ask(task.adapter.name, task.model, name)
    key = yield from memo.named(request, task.target, provider=task.adapter.name, mode=name, place=place, fit=task.fit)
    return replace(task, parsed=messages), key


def _reread(task: Task[T], reply: Reply) -> Flow[Outcome[T]]:
    """A kept reply, validated anew. It cost nothing this time."""
    if task.target is None:
        task.progress.cached = True
        return Outcome(reply.raw, reply, Usage())
    check(reply)
    asked = asking(task, task.target, _request(task, task.parsed or ()))
    value = yield from answer(task, asked, reply, text_of(asked, reply, task))
    task.progress.cached = True
    return Outcome(value, reply, Usage())


def _asked(task: Task[T]) -> Flow[Outcome[T]]:
    request = yield from prepare(task)
    if task.target is None:
        yield from foreseen(task, request, None)
        reply = yield from _answer(task, request)
        return Outcome(reply.raw, reply, reply.usage)
    asked = asking(task, task.target, request)
    yield from foreseen(task, request, asked.mode)
    return (yield from _rounds(task, asked))


def asking(task: Task[Any], target: Target[T], request: Request) -> Asked[T]:
    """How a prepared request asks for the target."""
    beside = bool(task.tools or task.params.get("tools"))
    mode, rendered = choose(task.adapter, task.model, task.mode, target, tools=beside)
    return Asked(target, mode, rendered, request, _dialect(task))


def _dialect(task: Task[Any]) -> Dialect:
    """In which the caller's own tools are written, if there are any."""
    return tool_dialect(task.adapter, task.model) if task.tools.own else PLAIN


def _request(task: Task[Any], messages: tuple[Message, ...]) -> Request:
    tools = task.tools.written(_dialect(task)) if task.tools.own else ()
    return Request(model=task.model, messages=messages, tools=tools, params=task.params)


def _messages(task: Task[Any]) -> Flow[tuple[Message, ...]]:
    """The caller's messages, read; off the loop where that may open files."""
    if task.parsed is not None:
        return task.parsed

    def read() -> tuple[Message, ...]:
        messages = chat.parse(task.messages, autodetect_media=task.autodetect_media, roots=task.policy.local_roots)
        return template.rendered(messages, task.context)

    if chat.may_read_files(task.messages, task.autodetect_media, task.policy.local_roots):
        parsed: tuple[Message, ...] = yield Work(read)
        return parsed
    return read()


def prepare(task: Task[Any], rehearsal: Rehearsal | None = None) -> Flow[Request]:
    """The request with its messages read and its media settled; with a `rehearsal`, as far as this machine's disk goes."""
    messages = yield from _messages(task)
    request = _request(task, messages)
    if task.words and rehearsal is None:
        return request
    how = task.policy, task.fit, task.uploading
    return (yield from settle(task.adapter, request, *how, kept=task.kept, rehearsal=rehearsal))


def _rounds(task: Task[T], asked: Asked[T]) -> Flow[Outcome[T]]:
    rounds, request = begun(task, asked.target), asked.sent(task.tools)
    try:
        yield from rounds.course.begin()
        while True:
            try:
                told = rounds.told()
                asked_now = replace(request, messages=(*request.messages, *told)) if told else request
                reply = yield from _answer(task, asked_now)
                rounds.counted(reply)
                check(reply)
            except (ProviderError, ResponseError) as error:
                yield from rounds.failed(error)
                continue
            text: str | None = None
            try:
                text = text_of(asked, reply, task)
                value = yield from answer(task, asked, reply, text)
            except (ValidationError, ParseError) as error:
                yield from rounds.invalid(error, reply, text)
                continue
            if not rounds.course.judges or (yield from rounds.accepted(value, reply)):
                return Outcome(value, reply, rounds.usage)
    except InstructorError as error:
        rounds.tell(error)
        raise


def foreseen(task: Task[Any], request: Request, mode: Mode | None) -> Flow[None]:
    """Note who is asked, and how; and, where a budget has to hold, what the request is estimated to take."""
    progress = task.progress
    progress.ask(task.adapter.name, task.model, mode.name if mode else None, 1 if mode is None else task.retry.most)
    if progress.limited or (task.pace is not None and task.pace.counts_tokens):
        progress.expected = yield Work(lambda: measured(request, task.adapter.name))


def understood(task: Task[T]) -> Flow[Task[T]]:
    """The task with its messages read.

    Raises:
        MessageError: they cannot be.
    """
    return replace(task, parsed=(yield from _messages(task)))


def visit(task: Task[Any]) -> Visit | Free:
    """A request's way through the client's limits."""
    if task.pace is None:
        return FREE
    return task.pace.visit(task.adapter.name, task.progress.expected or 0, task.backoff.patience)


def begun(task: Task[Any], target: Target[Any]) -> Rounds:
    """The attempts of this call: none yet."""
    return Rounds(f"{task.adapter.name} ({task.model})", target, task.retry)


def _answer(task: Task[Any], request: Request) -> Flow[Reply]:
    wire = encoded(task.adapter, request, words=task.words)
    task.progress.try_once()
    with visit(task) as passing:
        try:
            answer: Answer = yield from through(
                task.uploading,
                wire,
                lambda wire: sending(Call(wire, task.timeout, task.words), task.backoff, task.progress, passing),
            )
            reply = task.adapter.decode(answer.wire)
        except ProviderError as error:
            error.model = error.model or task.model
            yield Emit(RequestFailed(error=error))
            raise
        yield from passing.answered(reply.usage.total, answer.headers)
    reply = replace(reply, shown=answer.shown, wire=answer.wire)
    counted = task.progress.counted(reply.usage, reply.model)
    if counted is not None:
        yield Emit(Answered(reply=reply))
        yield Emit(counted)
    return reply
