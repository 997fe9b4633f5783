"""How often a model is asked again: whole calls as flows, driven by hand. No network, no clock, no event loop but one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import tenacity
from pydantic import BaseModel, ValidationError

from instructor.effects import Answer, Await, Call, Emit, Sleep, Work
from instructor.engine import Task, extract
from instructor.errors import (
    AuthenticationError,
    ConfigurationError,
    IncompleteOutputException,
    InstructorRetryException,
    ParseError,
    ProviderError,
    RateLimited,
    RefusalError,
    TokenBudgetExceeded,
    TokenUsageUnavailableError,
)
from instructor.ir import Message, Reply, Request, Text, Usage
from instructor.output import target
from instructor.retry import Backoff, RetryPolicy

from .test_engine import Toy


class User(BaseModel):
    name: str
    age: int


GOOD, OTHER = '{"name": "Ann", "age": 30}', '{"name": "Bob", "age": 31}'
BAD = '{"name": "Ann"}'
WORSE = "no JSON at all"
ANN = User(name="Ann", age=30)


def say(text: str, **fields: Any) -> Reply:
    return Reply((Text(text),), **{"usage": Usage(10, 5), **fields})


class Run:
    """A call, and what became of it."""

    def __init__(self, max_retries: Any, *script: str | Reply | Exception) -> None:
        self.requests: list[Request] = []
        self.naps: list[float] = []
        self.events: list[str] = []
        self.value: Any = None
        self.usage = Usage()
        self.error: Any = None
        self._script = [say(step) if isinstance(step, str) else step for step in script]
        flow = extract(
            Task(Toy(), "m", "Ann is 30", target(User), retry=RetryPolicy.of(max_retries), backoff=Backoff.NEVER)
        )
        step: Callable[[], Any] = flow.__next__
        try:
            while True:
                step = self._answered(flow, step())
        except StopIteration as end:
            self.value, self.usage = end.value.value, end.value.usage
        except Exception as error:
            self.error = error
        assert not self._script, "every answer was asked for"

    def _answered(self, flow: Any, effect: Any) -> Callable[[], Any]:
        try:
            answer = self._perform(effect)
        except Exception as error:
            return lambda error=error: flow.throw(error)
        return lambda: flow.send(answer)

    def _perform(self, effect: Any) -> Any:
        match effect:
            case Call(wire):
                self.requests.append(wire["request"])
                said = self._script.pop(0)
                if isinstance(said, Exception):
                    raise said
                return Answer({"reply": said}, "raw")
            case Sleep(seconds):
                self.naps.append(seconds)
            case Emit(event):
                self.events.append(event.name)
            case Await(start):
                return asyncio.run(_awaited(start))
            case Work(run):
                return run()
        return None

    @property
    def told(self) -> list[tuple[Message, ...]]:
        """What each request says beside the first."""
        return [request.messages[len(self.requests[0].messages) :] for request in self.requests]


async def _awaited(start: Callable[[], Any]) -> Any:
    return await start()


# ── the number, the waits, the history ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "given", [2, RetryPolicy(2), RetryPolicy(), tenacity.Retrying(stop=tenacity.stop_after_attempt(3))]
)
def test_an_integer_counts_repetitions_and_tenacity_attempts(given: Any) -> None:
    run = Run(given, BAD, BAD, BAD)
    assert isinstance(run.error, InstructorRetryException)
    assert run.error.n_attempts == len(run.requests) == 3
    assert [attempt.usage for attempt in run.error.attempts] == [Usage(10, 5)] * 3
    assert run.error.total_usage == Usage(30, 15)
    assert isinstance(run.error.__cause__, ValidationError)
    assert run.events.count("completion:last_attempt") == 1


def test_waits_before_repetitions() -> None:
    assert Run(RetryPolicy(2, wait=1.5), BAD, BAD, GOOD).naps == [1.5, 1.5]
    assert Run(RetryPolicy(3, wait=lambda number: 2.0**number), BAD, BAD, BAD, GOOD).naps == [2.0, 4.0, 8.0]
    assert Run(RetryPolicy(1, wait=9.0), BAD, BAD).naps == [9.0], "none after the last"
    assert Run(2, BAD, GOOD).naps == []


@pytest.mark.parametrize(
    ("keep", "answers"),
    [(1, [[], [BAD], [WORSE]]), (0, [[], [], []]), (2, [[], [BAD], [BAD, WORSE]]), (None, [[], [BAD], [BAD, WORSE]])],
)
def test_how_many_failed_answers_ride_along(keep: int | None, answers: list[list[str]]) -> None:
    run = Run(RetryPolicy(2, keep=keep), BAD, WORSE, GOOD)
    assert run.value == ANN
    said = [[m.parts[0].text for m in messages if m.role == "assistant"] for messages in run.told]  # type: ignore[union-attr]
    assert said == answers
    feedback = [m.parts[0].text for m in run.told[-1] if m.role == "user"]  # type: ignore[union-attr]
    assert len(feedback) == len(answers[-1])
    assert all("That answer was not accepted" in text for text in feedback)


# ── the budget ───────────────────────────────────────────────────────────────────────────────────


def test_no_attempt_begins_when_the_tokens_are_used_up() -> None:
    run = Run(RetryPolicy(9, token_budget=30, wait=1), BAD, BAD)
    assert isinstance(run.error, TokenBudgetExceeded)
    assert isinstance(run.error, InstructorRetryException)
    assert (run.error.budget, run.error.n_attempts, run.error.total_usage) == (30, 2, Usage(20, 10))
    assert "30 tokens in 2 attempts" in str(run.error)
    assert "Field required @ $.age" in str(run.error)
    assert run.naps == [1]
    assert Run(RetryPolicy(9, token_budget=31), BAD, BAD, GOOD).value == ANN
    assert Run(RetryPolicy(0, token_budget=1), GOOD).value == ANN, "a valid answer is not thrown away"


def test_a_budget_that_cannot_hold_is_told() -> None:
    run = Run(RetryPolicy(9, token_budget=30), say(BAD, usage=Usage()))
    assert isinstance(run.error, TokenUsageUnavailableError)
    assert "does not say how many tokens" in str(run.error)


# ── errors know what came before ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        (RateLimited("slow down"), RateLimited),
        (say('{"na', finish="length"), IncompleteOutputException),
        (say("", finish="refusal", refusal="no"), RefusalError),
    ],
)
def test_an_error_after_failed_attempts_holds_them(last: Any, kind: type[Exception]) -> None:
    run = Run(2, BAD, last)
    assert type(run.error) is kind
    (attempt,) = run.error.attempts
    assert (attempt.number, attempt.problems, attempt.usage) == (1, ("Field required @ $.age",), Usage(10, 5))
    assert run.error.total_usage == (Usage(10, 5) if isinstance(last, Exception) else Usage(20, 10))


def test_the_first_attempts_error_has_none_before_it() -> None:
    run = Run(2, AuthenticationError("who?"))
    assert (run.error.attempts, run.error.total_usage) == ((), Usage())


# ── tenacity ─────────────────────────────────────────────────────────────────────────────────────

KINDS = pytest.mark.parametrize("kind", [tenacity.Retrying, tenacity.AsyncRetrying])


@KINDS
def test_tenacity_stops_and_waits(kind: Any) -> None:
    run = Run(kind(stop=tenacity.stop_after_attempt(4), wait=tenacity.wait_incrementing(1, 2)), BAD, BAD, BAD, GOOD)
    assert run.value == ANN
    assert run.naps == [1.0, 3.0, 5.0]
    assert run.usage == Usage(40, 20)


@KINDS
def test_tenacity_s_own_sleeps_are_effects_and_others_are_called(kind: Any) -> None:
    slept: list[float] = []

    async def later(seconds: float) -> None:
        slept.append(seconds)

    shared = {"stop": tenacity.stop_after_attempt(2), "wait": tenacity.wait_fixed(2)}
    sleeps: list[Any] = [slept.append] if kind is tenacity.Retrying else [slept.append, later]
    for sleep in sleeps:
        run = Run(kind(sleep=sleep, **shared), BAD, GOOD)
        assert (run.value, run.naps) == (ANN, [])
    assert slept == [2.0] * len(sleeps)
    if kind is tenacity.AsyncRetrying:
        assert Run(kind(sleep=asyncio.sleep, **shared), BAD, GOOD).naps == [2.0]


@KINDS
def test_tenacity_s_callbacks_are_called(kind: Any) -> None:
    heard: list[str] = []

    def note(name: str) -> Callable[[Any], None]:
        def heard_of(state: Any) -> None:
            failed = state.outcome is not None and type(state.outcome.exception()).__name__
            heard.append(f"{name} {state.attempt_number} {failed}")

        return heard_of

    retrying = kind(
        stop=tenacity.stop_after_attempt(2), before=note("before"), after=note("after"), before_sleep=note("sleep")
    )
    assert Run(retrying, BAD, GOOD).value == ANN
    assert heard == ["before 1 False", "after 1 ValidationError", "sleep 1 ValidationError", "before 2 False"]
    assert isinstance(Run(retrying, BAD, BAD).error, InstructorRetryException), "the object can be used again"


def test_coroutine_functions_among_them() -> None:
    heard: list[int] = []

    async def note(state: Any) -> None:
        heard.append(state.attempt_number)

    run = Run(tenacity.AsyncRetrying(stop=tenacity.stop_after_attempt(3), before_sleep=note), BAD, BAD, BAD)
    assert run.error.n_attempts == 3
    assert heard == [1, 2]


@KINDS
@pytest.mark.parametrize("failure", [RateLimited("x"), AuthenticationError("x"), say('{"na', finish="length")])
def test_by_default_tenacity_is_asked_about_validation_alone(kind: Any, failure: Any) -> None:
    run = Run(kind(stop=tenacity.stop_after_attempt(3)), BAD, failure)
    assert isinstance(run.error, ProviderError | IncompleteOutputException)
    assert len(run.error.attempts) == 1


@KINDS
def test_a_predicate_is_asked_about_every_failure(kind: Any) -> None:
    retrying = kind(
        stop=tenacity.stop_after_attempt(5),
        retry=tenacity.retry_if_exception_type((RateLimited, IncompleteOutputException, ValidationError)),
    )
    run = Run(retrying, RateLimited("x"), say('{"na', finish="length"), BAD, RateLimited("y"), GOOD)
    assert run.value == ANN
    assert [len(messages) for messages in run.told] == [0, 0, 0, 2, 2], "failures on the way say nothing to the model"
    run = Run(retrying, BAD, RateLimited("x"), AuthenticationError("y"))
    assert isinstance(run.error, AuthenticationError)
    assert [type(attempt.error) for attempt in run.error.attempts] == [ValidationError, RateLimited]
    assert [attempt.reply is None for attempt in run.error.attempts] == [False, True]
    run = Run(retrying, WORSE)
    assert isinstance(run.error, InstructorRetryException), "not among those it retries"
    assert isinstance(run.error.__cause__, ParseError)


@KINDS
@pytest.mark.parametrize("reraise", [False, True])
def test_the_last_failure_is_raised_as_what_it_is(kind: Any, reraise: bool) -> None:
    retrying = kind(
        stop=tenacity.stop_after_attempt(2),
        retry=tenacity.retry_if_exception_type((RateLimited, ValidationError)),
        reraise=reraise,
    )
    last = RateLimited("second")
    run = Run(retrying, RateLimited("first"), last)
    assert run.error is last
    assert isinstance(Run(retrying, BAD, BAD).error, InstructorRetryException)


@KINDS
def test_a_predicate_may_judge_the_value(kind: Any) -> None:
    retrying = kind(
        stop=tenacity.stop_after_attempt(2), retry=tenacity.retry_if_result(lambda user: user.name == "Bob")
    )
    run = Run(retrying, OTHER, GOOD)
    assert run.value == ANN
    assert "does not accept it" in run.told[1][-1].parts[0].text  # type: ignore[union-attr]
    run = Run(retrying, OTHER, OTHER)
    assert isinstance(run.error, InstructorRetryException)
    assert run.error.n_attempts == 2


@KINDS
def test_what_a_callback_raises_is_not_hidden(kind: Any) -> None:
    def fail(_: Any) -> None:
        raise ZeroDivisionError

    assert isinstance(Run(kind(before=fail)).error, ZeroDivisionError)
    assert isinstance(Run(kind(before_sleep=fail), BAD).error, ZeroDivisionError)


def test_the_callers_object_is_not_written_to() -> None:
    retrying = tenacity.Retrying(stop=tenacity.stop_after_attempt(2))
    Run(retrying, BAD, BAD)
    assert retrying.statistics == {}


def test_the_budget_holds_with_tenacity_too() -> None:
    run = Run(RetryPolicy(tenacity.Retrying(), token_budget=30), BAD, BAD)
    assert isinstance(run.error, TokenBudgetExceeded)


# ── what is no policy ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("wrong", [-1, True, 1.0, "3", None, [1], tenacity.stop_after_attempt(3), tenacity.Retrying])
def test_what_max_retries_is_not(wrong: Any) -> None:
    with pytest.raises(
        ConfigurationError, match=r"max_retries is the number of repetitions, 0 or more, an instructor\.Retry"
    ):
        RetryPolicy.of(wrong)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"keep": -1}, "keep is a number of failed answers"),
        ({"token_budget": 0}, "token_budget is a positive number"),
        ({"token_budget": True}, "token_budget is a positive number"),
        ({"wait": -1}, "wait is a number of seconds"),
        ({"wait": float("inf")}, "wait is a number of seconds"),
        ({"retries": tenacity.Retrying(), "wait": 1.0}, "tenacity's: leave out wait="),
        (
            {"retries": tenacity.Retrying(retry_error_callback=print)},
            "leave it out, and catch InstructorRetryException",
        ),
    ],
)
def test_what_a_policy_is_not(wrong: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        RetryPolicy(**wrong)
