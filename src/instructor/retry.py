"""Sending again what failed on the way, and asking again what was not valid.

    sending(call, Backoff)           one Call: what failed on the way is sent again
    RetryPolicy ──course()──▶ Course one create(): whether another attempt begins, and after which wait
                              ├ Counted     so many repetitions
                              └ Tenacious   a tenacity object decides; its state machine is driven, its sleeps are effects

`Backoff` is the policy of our own HTTP senders. An SDK's client has its own, and ours is then `Backoff.NEVER`,
so that the two do not multiply.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from .effects import Await, Call, Effect, Emit, Flow, Open, Sleep, Work
from .errors import ConfigurationError, ProviderError
from .events import RequestFailed, RequestSent, Retrying
from .filing import Filing
from .pace import FREE, Free, Visit
from .values import dataclass, replace

if TYPE_CHECKING:
    from tenacity import BaseRetrying, RetryCallState

    from .spending import Progress

DEFAULT_RETRIES = 2


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often, and after which waits, a retryable failure is sent again.

    The wait before the n-th repetition is drawn from [½, 1] × `first` × 2ⁿ⁻¹ seconds, at most `longest`. A wait
    that the provider asks for (Retry-After) is taken as it is when it is not over `patience`; over it the error
    is raised at once, with the wish in `retry_after`.
    """

    NEVER: ClassVar[Backoff]

    retries: int = 2
    first: float = 0.5
    longest: float = 8.0
    patience: float = 60.0

    def wait(self, number: int, error: ProviderError) -> float | None:
        """Seconds before repetition `number` (from 1), or None to give up."""
        if not error.retryable or number > self.retries:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.patience else None
        import random

        return min(self.longest, self.first * 2.0 ** (number - 1)) * random.uniform(0.5, 1.0)


Backoff.NEVER = Backoff(retries=0)


def sending(
    call: Call | Open | Filing, backoff: Backoff, progress: Progress | None = None, visit: Visit | Free = FREE
) -> Flow[Any]:
    """One call, the opening of one, or an upload, repeated as the policy says. `progress` counts the requests of a call,
    `visit` lets each of them through when the client's limits do.

    Raises:
        BudgetExceeded, SpendingUnknown: `progress` does not allow a request.
    """
    number = 0
    while True:
        try:
            yield from visit.enter()
            if progress is not None and not isinstance(call, Filing):
                nth = progress.send()
                if progress.audience:
                    yield Emit(RequestSent(wire=call.wire, stream=isinstance(call, Open), sending=nth))
            return (yield call)
        except ProviderError as error:
            yield from visit.failed(error)
            number += 1
            seconds = backoff.wait(number, error)
            if seconds is None:
                raise
            failure = error
        if progress is not None:
            yield Emit(RequestFailed(error=failure, again=True))
            yield Emit(Retrying(error=failure, wait=seconds, resend=True))
        yield Sleep(seconds)


# ── asking again ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When an answer is not valid: how often the model is asked again, and what it is shown.

    Attributes:
        retries: repetitions after the first attempt, 0 or more; or a `tenacity.Retrying` or `AsyncRetrying`, whose
            `stop`, `wait` and `retry` decide. Tenacity counts attempts: `stop_after_attempt(3)` is three in all.
        keep: how many failed answers, the latest ones, ride along with what was wrong with them: 1, so that the prompt
            does not grow; 0 asks as if for the first time; None keeps them all.
        token_budget: tokens, of all attempts together, after which no other attempt begins.
        wait: seconds before each repetition, or a function of its number (from 1). Tenacity has its own.
    """

    retries: int | BaseRetrying = DEFAULT_RETRIES
    keep: int | None = 1
    token_budget: int | None = None
    wait: float | Callable[[int], float] = 0.0

    def __post_init__(self) -> None:
        retrying = is_tenacity(self.retries)
        if not retrying and not _is_count(self.retries):
            raise ConfigurationError(_unknown(self.retries))
        if self.keep is not None and not _is_count(self.keep):
            raise ConfigurationError(f"keep is a number of failed answers, 0 or more, or None, not {self.keep!r:.60}")
        if self.token_budget is not None and not (_is_count(self.token_budget) and self.token_budget > 0):
            raise ConfigurationError(
                f"token_budget is a positive number of tokens or None, not {self.token_budget!r:.60}"
            )
        if not callable(self.wait) and not _is_seconds(self.wait):
            raise ConfigurationError(
                f"wait is a number of seconds, or a function that gives one, not {self.wait!r:.60}"
            )
        if retrying and self.wait != 0.0:
            raise ConfigurationError("the waits between attempts are tenacity's: leave out wait=")
        if retrying and getattr(self.retries, "retry_error_callback", None) is not None:
            raise ConfigurationError(
                "retry_error_callback= of tenacity would give something else than was asked for: leave it out, and catch "
                "InstructorRetryException"
            )

    @classmethod
    def of(cls, max_retries: Any, token_budget: int | None = None) -> RetryPolicy:
        """What `max_retries=` stands for: a policy, or the `retries` of one. A `token_budget` goes before the policy's.

        Raises:
            ConfigurationError: it is neither.
        """
        if max_retries is DEFAULT_RETRIES:
            policy = DEFAULT
        else:
            policy = max_retries if isinstance(max_retries, RetryPolicy) else cls(max_retries)
        return policy if token_budget is None else replace(policy, token_budget=token_budget)

    @property
    def most(self) -> int | None:
        """How many attempts there may be; None where tenacity decides."""
        return self.retries + 1 if isinstance(self.retries, int) else None

    def course(self) -> Course:
        """The decisions of one call."""
        retries = self.retries
        return Counted(retries, self.wait) if isinstance(retries, int) else Tenacious(retries)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def is_tenacity(value: object) -> bool:
    """Whether it is a `tenacity.Retrying` or one of its siblings. Told without importing tenacity."""
    ancestors = type(value).__mro__
    return any(cls.__name__ == "BaseRetrying" and cls.__module__.partition(".")[0] == "tenacity" for cls in ancestors)


def _unknown(value: object) -> str:
    return (
        "max_retries is the number of repetitions, 0 or more, an instructor.RetryPolicy, or a tenacity.Retrying or "
        f"AsyncRetrying, not {value!r:.60}"
    )


DEFAULT = RetryPolicy()
"""What holds where a call says nothing."""


class Verdict(Enum):
    """What follows an attempt."""

    ACCEPT = "accept"
    AGAIN = "again"
    END = "end"


class Course(Protocol):
    """Decides, in one call, whether another attempt begins. The wait before it is over when a method returns."""

    @property
    def judges(self) -> bool:
        """Whether it is asked about every outcome; else about answers that are not valid, alone."""
        ...

    def begin(self) -> Iterable[Effect]:
        """Before the first attempt."""
        ...

    def failed(self, failure: Exception) -> Flow[Verdict]:
        """What follows this failure: AGAIN or END."""
        ...

    def gave(self, value: Any) -> Flow[Verdict]:
        """What a caller's own judgement says of a valid answer; asked where it `judges`."""
        ...


@dataclass(slots=True)
class Counted:
    """So many repetitions."""

    retries: int
    wait: float | Callable[[int], float]
    number: int = 0

    @property
    def judges(self) -> bool:
        return False

    def begin(self) -> Iterable[Effect]:
        return ()

    def failed(self, failure: Exception) -> Flow[Verdict]:
        if self.number >= self.retries:
            return Verdict.END
        self.number += 1
        seconds = self.wait(self.number) if callable(self.wait) else self.wait
        if seconds > 0:
            yield Sleep(seconds)
        return Verdict.AGAIN

    def gave(self, value: Any) -> Flow[Verdict]:
        yield from ()
        return Verdict.ACCEPT  # whatever it is


class Tenacious:
    """What a tenacity object decides.

    Its `iter` is called as tenacity's own loops call it, on a copy, because it keeps the state of one call. With
    tenacity's default for `retry`, which is "any exception", it is asked about answers that are not valid, alone; a
    `retry` of the caller's is asked about every outcome of an attempt.
    """

    def __init__(self, retrying: BaseRetrying) -> None:
        from tenacity import RetryCallState, retry_if_exception_type

        self._retrying = retrying.copy()
        self._later = inspect.iscoroutinefunction(retrying.iter)
        self._state: RetryCallState = RetryCallState(self._retrying, fn=None, args=(), kwargs={})
        retry: Any = retrying.retry
        self._judges = type(retry) is not retry_if_exception_type or retry.exception_types is not Exception

    @property
    def judges(self) -> bool:
        return self._judges

    def begin(self) -> Flow[None]:
        yield from self._step()

    def failed(self, failure: Exception) -> Flow[Verdict]:
        self._state.set_exception((type(failure), failure, failure.__traceback__))
        return (yield from self._next(failure))

    def gave(self, value: Any) -> Flow[Verdict]:
        self._state.set_result(value)
        return (yield from self._next(None))

    def _next(self, failure: Exception | None) -> Flow[Verdict]:
        from tenacity import DoSleep

        try:
            do = yield from self._step()
        except Exception as raised:
            if raised is failure or isinstance(raised, self._retrying.retry_error_cls):
                return Verdict.END
            raise
        if not isinstance(do, DoSleep):
            return Verdict.ACCEPT
        self._state.prepare_for_next_attempt()
        yield from self._sleep(float(do))
        yield from self._step()
        return Verdict.AGAIN

    def _step(self) -> Flow[Any]:
        """What is to be done next: `DoAttempt`, `DoSleep`, or a result; raises where it ends with an error."""

        def step() -> Any:
            if not self._retrying.statistics:  # they are each thread's own
                self._retrying.begin()
            return self._retrying.iter(retry_state=self._state)

        return (yield Await(step)) if self._later else step()

    def _sleep(self, seconds: float) -> Flow[None]:
        sleep: Any = self._retrying.sleep
        if inspect.isroutine(sleep) and (sleep.__module__ or "").partition(".")[0] in ("tenacity", "asyncio", "time"):
            yield Sleep(seconds)
        elif inspect.iscoroutinefunction(sleep):
            yield Await(lambda: sleep(seconds))
        else:
            yield Work(lambda: sleep(seconds))
