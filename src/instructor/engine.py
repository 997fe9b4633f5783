"""One `create()`: from the caller's arguments to a validated object, as a flow. No I/O here.

    Task ─▶ parse ─▶ Request ─▶ settle ─▶ choose mode, ask ─▶ ┌▶ encode ─▶ [Call] ─▶ decode ─▶ check ─▶ read ─▶ Outcome
                                                              └── feedback ◀── ValidationError ◀───────────┘

Media are settled once, before the first attempt. A retry shows the model its last answer and what was wrong
with it; earlier failed answers are not piled up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from . import chat, modes, template
from .adapter import Adapter, choose
from .effects import Answer, Call, Emit, Flow, Work
from .errors import (
    IncompleteOutputException,
    InstructorRetryException,
    ParseError,
    ProviderError,
    RefusalError,
)
from .fetch import MediaPolicy
from .fit import Fit
from .ir import Message, Reply, Request, Text, ToolResult, Usage
from .modes import Mode
from .output import Rendered, Target, feedback, problems
from .retry import Backoff, sending
from .settle import settle

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
    max_retries: int = 2
    context: Mapping[str, Any] | None = None
    strict: bool | None = None
    autodetect_media: bool = False
    policy: MediaPolicy = MediaPolicy()
    fit: Fit = Fit.AUTO
    backoff: Backoff = Backoff()
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One round that failed validation."""

    number: int
    reply: Reply
    error: Exception
    problems: tuple[str, ...]
    """One line `problem @ $.path` for each."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a call of `create` came to. `usage` sums all attempts."""

    value: T
    reply: Reply
    usage: Usage


def extract(task: Task[T]) -> Flow[Outcome[T]]:
    """The whole of one `create()`.

    Raises:
        RequestError: what the caller passed cannot be sent; nothing was sent.
        ProviderError: the provider, or the way to it, failed.
        ResponseError: the model's answer is cut off, a refusal, or never valid.
    """
    request = yield from prepare(task)
    if task.target is None:
        reply = yield from _answer(task, request)
        return Outcome(reply.raw, reply, reply.usage)
    mode, rendered = choose(task.adapter, task.model, task.mode, task.target)
    asked = modes.ask(mode, request, task.target, rendered)
    return (yield from _rounds(task, task.target, asked, rendered))


def _messages(task: Task[Any]) -> Flow[tuple[Message, ...]]:
    """The caller's messages, read; off the loop where that may open files."""

    def read() -> tuple[Message, ...]:
        messages = chat.parse(task.messages, autodetect_media=task.autodetect_media)
        return template.rendered(messages, task.context)

    if chat.may_read_files(task.messages, task.autodetect_media):
        parsed: tuple[Message, ...] = yield Work(read)
        return parsed
    return read()


def prepare(task: Task[Any]) -> Flow[Request]:
    """The request with its messages read and its media settled."""
    messages = yield from _messages(task)
    request = Request(model=task.model, messages=messages, params=task.params)
    return (yield from settle(task.adapter, request, task.policy, task.fit))


def _rounds(task: Task[T], target: Target[T], asked: Request, rendered: Rendered) -> Flow[Outcome[T]]:
    attempts: list[Attempt] = []
    request, usage = asked, Usage()
    while True:
        reply = yield from _answer(task, request)
        usage += reply.usage
        check(reply)
        text: str | None = None
        try:
            text = modes.find(reply, target)
            value = target.read(text, context=task.context, strict=task.strict, rendered=rendered)
            return Outcome(value, reply, usage)
        except (ValidationError, ParseError) as error:
            attempts.append(Attempt(len(attempts) + 1, reply, error, problems(error, answer=text)))
            yield Emit("parse:error", (error,), {})
            if len(attempts) > task.max_retries:
                yield Emit("completion:last_attempt", (error,), {})
                raise give_up(task, target, attempts, usage) from error
            request = replace(asked, messages=(*asked.messages, *again(reply, target, feedback(error, answer=text))))


def _answer(task: Task[Any], request: Request) -> Flow[Reply]:
    wire = task.adapter.encode(request)
    yield Emit("completion:kwargs", (), wire)
    try:
        answer: Answer = yield from sending(Call(wire, task.timeout), task.backoff)
        reply = task.adapter.decode(answer.wire)
    except ProviderError as error:
        error.model = error.model or task.model
        yield Emit("completion:error", (error,), {})
        raise
    yield Emit("completion:response", (answer.raw,), {})
    return replace(reply, raw=answer.raw)


def check(reply: Reply) -> None:
    """Raise unless the model finished its answer: IncompleteOutputException, RefusalError."""
    match reply.finish:
        case "length":
            raise IncompleteOutputException(
                f"the answer was cut off at the token limit ({reply.usage.output:,} output tokens): raise max_tokens, "
                "or ask for less",
                reply=reply,
            )
        case "refusal":
            raise RefusalError(f"the model refused: {(reply.refusal or reply.text)[:500]}", reply=reply)
        case "filter":
            raise RefusalError("the provider's content filter stopped the answer", reply=reply)


def again(reply: Reply, target: Target[Any], problem: str) -> tuple[Message, ...]:
    """The model's failed answer and what is wrong with it, in the form its kind of answer wants."""
    if reply.calls:
        results = tuple(
            ToolResult(call.id, (Text(problem if call.name == target.name else "not called for"),), is_error=True)
            for call in reply.calls
        )
        return (Message("assistant", reply.parts), Message("tool", results))
    said = tuple(part for part in reply.parts if not isinstance(part, Text) or part.text.strip())
    return (Message("assistant", said or (Text("(no answer)"),)), Message("user", (Text(problem),)))


def give_up(task: Task[Any], target: Target[Any], attempts: list[Attempt], usage: Usage) -> InstructorRetryException:
    """The error when every attempt failed: the problems of the last one, and what the provider says beside it."""
    last = attempts[-1]
    count = f"{len(attempts)} attempts" if len(attempts) > 1 else "1 attempt"
    lines = [f"{task.adapter.name} ({task.model}) gave no valid {target.name} in {count}:"]
    lines += [f"- {line}" for line in last.problems]
    lines += [f"note: {note}" for note in last.reply.notes]
    return InstructorRetryException("\n".join(lines), attempts=attempts, total_usage=usage)
