"""The attempts of one call: what failed, what it cost, what the next one is told, and whether there is one. No I/O.

    attempt ─▶ reply ─▶ counted ─┬▶ valid ──▶ accepted ─▶ value
                                 ├▶ not valid ──▶ invalid ─┐
    attempt ─▶ no answer ────────┴▶ failed ────────────────┴▶ another attempt ─▶ told(): messages for it
                                                            └▶ the error, with every attempt

By default the model is shown its latest failed answer and what was wrong with it; earlier ones are not piled up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from pydantic import ValidationError

from .effects import Emit, Flow
from .errors import (
    IncompleteOutputException,
    InstructorError,
    InstructorRetryException,
    ParseError,
    ProviderError,
    RefusalError,
    ResponseError,
    TokenBudgetExceeded,
    TokenUsageUnavailableError,
)
from .events import AnswerInvalid, GaveUp, Retrying
from .ir import NO_USAGE, Message, Reply, Text, ToolResult, Usage
from .output import LEAD, Target, by_call, feedback, problems
from .retry import Course, RetryPolicy, Verdict
from .values import dataclass


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that failed. `reply` is None where no answer came."""

    number: int
    reply: Reply | None
    error: Exception
    problems: tuple[str, ...]
    """One line `problem @ $.path` for each; empty where no answer came."""
    usage: Usage = Usage()
    answer: str | None = field(default=None, repr=False)
    """The text that was read as the answer, where one was found."""


@dataclass(slots=True)
class Rounds:
    """What is known of a call's attempts."""

    who: str
    """Whom the errors name: the provider and its model."""
    target: Target[Any]
    policy: RetryPolicy
    attempts: list[Attempt] = field(default_factory=list)
    usage: Usage = NO_USAGE
    course: Course = field(init=False)

    def __post_init__(self) -> None:
        self.course = self.policy.course()

    def counted(self, reply: Reply) -> None:
        """An answer came."""
        self.usage += reply.usage

    def told(self) -> tuple[Message, ...]:
        """What the next attempt is told of those before it, oldest first: as many as the policy keeps."""
        if not self.attempts:
            return ()
        answered = [attempt for attempt in self.attempts if attempt.problems and attempt.reply is not None]
        keep = self.policy.keep
        kept = answered if keep is None else answered[len(answered) - min(keep, len(answered)) :]
        return tuple(message for attempt in kept for message in _again(attempt, self.target))

    def accepted(self, value: Any, reply: Reply) -> Flow[bool]:
        """Whether a valid answer is the end of it: asked where the policy judges every outcome.

        Raises:
            InstructorRetryException: it is not what the caller's own judgement wants, nor may another attempt begin.
        """
        verdict = yield from self.course.gave(value)
        if verdict is Verdict.ACCEPT:
            return True
        error = ResponseError("the answer is valid, and the retry= predicate does not accept it", reply=reply)
        self._note(reply, error, problems(error), None)
        if verdict is Verdict.END:
            raise self._gave_up() from error
        self._check_budget(error)
        yield Emit(Retrying(error=error))
        return False

    def invalid(
        self, error: ValidationError | ParseError, reply: Reply, answer: str | None, *, last: bool = False
    ) -> Flow[None]:
        """An answer is not valid. Returns where another attempt begins, which it may not with `last`.

        Raises:
            InstructorRetryException: none does.
        """
        self._note(reply, error, problems(error, answer=answer), answer)
        yield Emit(AnswerInvalid(error=error, problems=self.attempts[-1].problems))
        try:
            if not last:
                self._check_budget(error)
                if (yield from self.course.failed(error)) is Verdict.AGAIN:
                    yield Emit(Retrying(error=error))
                    return
            raise self._gave_up() from error
        except InstructorRetryException:
            yield Emit(GaveUp(error=error))
            raise

    def failed(self, error: ProviderError | ResponseError, *, last: bool = False) -> Flow[None]:
        """No answer came, or none that can be read. Returns where another attempt begins: only a caller's own judgement
        (`retry=` of tenacity) may want that. Raises the error where none does."""
        if last or not self.course.judges or (yield from self.course.failed(error)) is not Verdict.AGAIN:
            raise error
        self._note(error.reply if isinstance(error, ResponseError) else None, error, (), None)
        self._check_budget(error)
        yield Emit(Retrying(error=error))

    def tell(self, error: InstructorError) -> None:
        """Write on an error what came before it."""
        if not error.attempts:
            error.attempts = tuple(attempt for attempt in self.attempts if attempt.error is not error)
        if error.total_usage is None:
            error.total_usage = self.usage

    def _note(self, reply: Reply | None, error: Exception, found: tuple[str, ...], answer: str | None) -> None:
        usage = Usage() if reply is None else reply.usage
        self.attempts.append(Attempt(len(self.attempts) + 1, reply, error, found, usage, answer))

    def _check_budget(self, error: Exception) -> None:
        budget = self.policy.token_budget
        if budget is None:
            return
        spent = self.usage.total
        shared: Any = {"budget": budget, "attempts": self.attempts, "total_usage": self.usage}
        if any(attempt.reply is not None and not attempt.usage.total for attempt in self.attempts):
            raise TokenUsageUnavailableError(
                f"{self.who} does not say how many tokens an answer took, so that token_budget={budget:,} cannot hold: "
                "leave it out, or limit the attempts",
                **shared,
            ) from error
        if spent >= budget:
            lines = [f"{self.who}: {spent:,} tokens in {self._count}, and the budget is {budget:,}:", *self._wrong()]
            raise TokenBudgetExceeded("\n".join(lines), **shared) from error

    def _gave_up(self) -> InstructorRetryException:
        """The error when every attempt failed: the problems of the last one, and what the provider says beside it."""
        lines = [f"{self.who} gave no valid {self.target.name} in {self._count}:", *self._wrong()]
        return InstructorRetryException("\n".join(lines), attempts=self.attempts, total_usage=self.usage)

    def _wrong(self) -> list[str]:
        last = self.attempts[-1]
        lines = [f"- {line}" for line in last.problems or (str(last.error),)]
        return lines + [f"note: {note}" for note in (last.reply.notes if last.reply else ())]

    @property
    def _count(self) -> str:
        return f"{len(self.attempts)} attempts" if len(self.attempts) > 1 else "1 attempt"


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
            told = reply.refusal or "; ".join(reply.notes)
            why = f": {told[:500]}" if told else ""
            raise RefusalError(f"the provider's content filter stopped the answer{why}", reply=reply)


def _again(attempt: Attempt, target: Target[Any]) -> Sequence[Message]:
    """The model's failed answer and what is wrong with it, in the form its kind of answer wants."""
    reply, problem = attempt.reply, feedback(attempt.error, answer=attempt.answer)
    assert reply is not None
    if reply.calls:
        about = by_call(attempt.error, answer=attempt.answer)
        strange = all(call.name != target.name for call in reply.calls)
        results = tuple(
            ToolResult(
                call.id, (Text(_told(about, place, problem, strange or call.name == target.name)),), is_error=True
            )
            for place, call in enumerate(reply.calls)
        )
        return (Message("assistant", reply.parts), Message("tool", results))
    said = tuple(part for part in reply.parts if not isinstance(part, Text) or part.text.strip())
    return (Message("assistant", said or (Text("(no answer)"),)), Message("user", (Text(problem),)))


def _told(about: Mapping[int, tuple[str, ...]], place: int, problem: str, wanted: bool) -> str:
    """What is told of one call: what is wrong with it; of those that are right, that they are to be made again."""
    if not about:
        return problem if wanted else "not called for"
    if place in about:
        return "\n".join((LEAD, *about[place]))
    return "Nothing is wrong with this call. Make it again, beside the corrected ones."
