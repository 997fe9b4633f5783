"""Hooks, and the flow that sends again, driven by hand."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from instructor.effects import Answer, Call, Sleep
from instructor.errors import BadRequest, ConfigurationError, ConnectionFailed, RateLimited, ServerError
from instructor.hooks import HookName, Hooks, report
from instructor.retry import Backoff, sending

CALL = Call({"model": "m"})
ANSWER = Answer({"ok": 1}, None)


def drive(flow: Any, answers: list[Any]) -> tuple[list[Any], Any]:
    """The effects that a flow yields when it is answered so, and what it returns or raises."""
    effects, step = [], flow.__next__
    try:
        while True:
            effects.append(step())
            answer = answers.pop(0)
            step = (
                (lambda error=answer: flow.throw(error))
                if isinstance(answer, Exception)
                else (lambda value=answer: flow.send(value))
            )
    except StopIteration as end:
        return effects, end.value
    except Exception as error:
        return effects, error


def test_a_good_answer_is_sent_once() -> None:
    assert drive(sending(CALL, Backoff()), [ANSWER]) == ([CALL], ANSWER)


def test_retryable_failures_are_sent_again_after_growing_waits() -> None:
    effects, result = drive(
        sending(CALL, Backoff(retries=3, first=1.0)), [ServerError("x"), None, ConnectionFailed("x"), None, ANSWER]
    )
    assert result is ANSWER
    assert [type(effect) for effect in effects] == [Call, Sleep, Call, Sleep, Call]
    assert 0.5 <= effects[1].seconds <= 1.0
    assert 1.0 <= effects[3].seconds <= 2.0


def test_the_wish_of_the_provider_is_taken() -> None:
    effects, _ = drive(sending(CALL, Backoff()), [RateLimited("x", retry_after=7.0), None, ANSWER])
    assert effects[1] == Sleep(7.0)


def test_a_wish_beyond_patience_is_raised_at_once() -> None:
    error = RateLimited("x", retry_after=3600.0)
    assert drive(sending(CALL, Backoff()), [error]) == ([CALL], error)


def test_what_cannot_succeed_is_not_sent_again() -> None:
    error = BadRequest("x")
    assert drive(sending(CALL, Backoff()), [error]) == ([CALL], error)


def test_the_last_failure_is_raised() -> None:
    last = ServerError("last")
    effects, result = drive(sending(CALL, Backoff(retries=1)), [ServerError("first"), None, last])
    assert result is last
    assert [type(effect) for effect in effects] == [Call, Sleep, Call]
    assert drive(sending(CALL, Backoff.NEVER), [last]) == ([CALL], last)


def test_waits_are_bounded() -> None:
    assert Backoff(retries=99).wait(50, ServerError("x")) <= 8.0  # type: ignore[operator]


def test_hooks() -> None:
    seen: list[Any] = []
    hooks = Hooks({"parse:error": seen.append})
    other = Hooks()
    other.on(HookName.PARSE_ERROR, seen.append)
    both = hooks + other
    assert len(both.handlers("parse:error")) == 2
    assert len(hooks.handlers("parse:error")) == 1
    hooks.off("parse:error", seen.append)
    assert not hooks
    both.clear("parse:error")
    assert not both
    other.clear()
    assert not other
    with pytest.raises(ConfigurationError, match="there is no event 'parse:errors': the events are completion:kwargs"):
        hooks.on("parse:errors", seen.append)


def test_a_failing_handler_is_reported_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    def handler() -> None: ...

    with caplog.at_level(logging.WARNING, logger="instructor"):
        report(handler, ValueError("sk-secret"))
    assert "handler" in caplog.text
    assert "ValueError" in caplog.text
    assert "sk-secret" not in caplog.text
