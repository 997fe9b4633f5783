"""Which failures lead to which fallback, and which parameters go along."""

from __future__ import annotations

import pytest

from instructor import Fallback, errors
from instructor.errors import (
    BadRequest,
    CacheMiss,
    ConnectionFailed,
    InstructorError,
    InstructorRetryException,
    Overloaded,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    ResponseError,
    ServerError,
    TokenBudgetExceeded,
    UnreadOutput,
)
from instructor.fallback import carried, fallbacks
from instructor.providers import _registry

NOT_VALID = InstructorRetryException("no", attempts=())

ROWS: list[tuple[tuple[type[Exception], ...], Exception, bool]] = [
    (Fallback.ON, RateLimited("no"), True),
    (Fallback.ON, Overloaded("no"), True),
    (Fallback.ON, ConnectionFailed("no"), True),
    (Fallback.ON, CacheMiss("no"), True),
    (Fallback.ON, BadRequest("no"), False),
    (Fallback.ON, NOT_VALID, False),
    (Fallback.ON, ValueError("no"), False),
    (Fallback.ON, UnreadOutput("no"), False),  # a ServerError, and yet an answer
    ((ServerError,), UnreadOutput("no"), False),
    ((ResponseError,), UnreadOutput("no"), True),
    ((ResponseError,), NOT_VALID, True),
    ((ProviderError,), NOT_VALID, False),
    ((InstructorError,), BadRequest("no"), True),
    ((InstructorError,), TokenBudgetExceeded("no", budget=1, attempts=()), False),
    ((InstructorError,), errors.SpendingUnknown("no", budget=None), False),
]


@pytest.mark.parametrize(("on", "error", "wanted"), ROWS)
def test_which_errors_lead_to_it(on: tuple[type[Exception], ...], error: Exception, wanted: bool) -> None:
    assert Fallback("openai/gpt-4o", on=on).wants(error) is wanted


def test_after_so_many_seconds_a_timeout_leads_to_it_whatever_else_does() -> None:
    assert not Fallback("openai/gpt-4o", on=(RateLimited,)).wants(ProviderTimeout("late"))
    assert Fallback("openai/gpt-4o", on=(RateLimited,), after=1).wants(ProviderTimeout("late"))


def test_one_or_several() -> None:
    one = Fallback("a/b")
    assert fallbacks(None) == fallbacks(False) == fallbacks([]) == ()
    assert fallbacks("a/b") == fallbacks(["a/b"]) == fallbacks(one) == (one,)
    assert fallbacks(("a/b", one)) == (one, one)


def test_one_class_of_errors_is_enough() -> None:
    assert Fallback("a/b", on=RateLimited).on == (RateLimited,)  # type: ignore[arg-type]


GIVEN = {"max_tokens": 5, "temperature": 0.5, "seed": 7, "service_tier": "flex", "extra_body": {"x": 1}}


def test_parameters_that_the_other_takes() -> None:
    anthropic, openai = (_registry.find(name).adapter for name in ("anthropic", "openai"))
    taken, dropped = carried(anthropic, "claude-haiku-4-5", GIVEN, same=False)
    assert taken == {"max_tokens": 5, "temperature": 0.5}
    assert dropped == ("seed", "service_tier", "extra_body")
    assert carried(openai, "gpt-4o", GIVEN, same=True) == (GIVEN, ())


def test_the_callers_parameters_are_not_written_to() -> None:
    given = dict(GIVEN)
    carried(_registry.find("anthropic").adapter, "claude-haiku-4-5", given, same=False)
    assert given == GIVEN
