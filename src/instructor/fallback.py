"""Asking somebody else when a provider fails, as a flow. No I/O here.

    Task ─▶ understood ─▶ [Turn] ─▶ the call, as it is ── answer ─▶ whoever gave it
                            ▲             └ an error that the next fallback is for, and nothing handed over yet ─┐
                            └──────────── the task, for the next one: parameters translated, mode and media anew ◀┘

    Fallback    one entry of `fallback=`: whom, on which errors, after how long, with which parameters
    Choice      it, with the means to send there
    tried       a call, or a stream, with its fallbacks

The messages are read once, each address is fetched once, each content is encoded once, whoever is asked. A call belongs to
the client that it is made on: its hooks, cache, prices, budget, media policy and timeout hold for all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import field, replace
from typing import Any, ClassVar, Protocol, TypeVar

from .adapter import Adapter
from .effects import Emit, Item, Turn
from .engine import Task, understood
from .errors import (
    BudgetError,
    CacheMiss,
    ConfigurationError,
    ConnectionFailed,
    InstructorError,
    Overloaded,
    ProtocolError,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    RequestError,
    ResponseError,
    ServerError,
    TokenBudgetError,
)
from .events import FellBack
from .hooks import logger
from .ir import Message, Request, Text
from .settle import Kept
from .spending.progress import is_standard
from .values import dataclass

T = TypeVar("T")
R = TypeVar("R")

ON: tuple[type[Exception], ...] = (
    RateLimited,
    Overloaded,
    ServerError,
    ConnectionFailed,
    ProviderTimeout,
    ProtocolError,
)
"""What another provider may do better, and the caller need not mend. Not among them: a request that is refused (400), a key
(401, 403), and a model's name (404), which would be wrong again in every call without anybody noticing."""

PATIENCE = 5.0
"""Seconds that a provider's wish to wait is heeded where there is somebody else to ask."""

OWN = frozenset({"extra_body", "extra_headers", "extra_query", "metadata", "service_tier"})
"""Parameters that are meant for one provider, even where another has one of the same name."""

UNABLE = (ProviderError, RequestError, ConfigurationError)

MEANT = frozenset({"tools", "tool_choice"})
"""Parameters without which it would be another request: they are not left out."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """Whom to ask instead, and when.

    Attributes:
        to: a client of the same kind (synchronous or not), or `"provider/model"`.
        on: the classes of errors that lead here. By default (`Fallback.ON`) what the caller need not mend: rate limits,
            overload, server errors, broken connections, timeouts, and answers that are none. With
            `InstructorRetryException` among them, answers that never were valid lead here too.
        model: the model, where the client was made without one, or for another.
        params: parameters for this one, over those of the call; None leaves one out.
        after: seconds that the one before may take, if it is to be given up then.
    """

    ON: ClassVar[tuple[type[Exception], ...]] = ON

    to: Any
    on: tuple[type[Exception], ...] = ON
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    after: float | None = None

    def __post_init__(self) -> None:
        given: Any = self.on
        kinds = given if isinstance(given, tuple | list | set | frozenset) else (given,)
        if not kinds or not all(isinstance(kind, type) and issubclass(kind, Exception) for kind in kinds):
            raise ConfigurationError(f"on= takes classes of errors, such as RateLimited, not {self.on!r:.80}")
        object.__setattr__(self, "on", tuple(kinds))
        object.__setattr__(self, "params", dict(self.params))
        if self.after is not None and (isinstance(self.after, bool) or not 0 < self.after < float("inf")):
            raise ConfigurationError(f"after= is a positive number of seconds or None, not {self.after!r:.60}")

    def wants(self, error: Exception) -> bool:
        """Whether this failure leads here."""
        if isinstance(error, TokenBudgetError | BudgetError):
            return False  # it is for all who are asked
        if isinstance(error, CacheMiss):
            return True  # nobody was asked: another one's answer may be known
        if isinstance(error, ProviderTimeout) and self.after is not None:
            return True
        kinds = self.on
        if isinstance(error, ResponseError):  # an answer, whatever the status under which it came
            kinds = tuple(
                kind for kind in kinds if not issubclass(kind, ProviderError) or issubclass(kind, ResponseError)
            )
        return isinstance(error, kinds)


def fallbacks(given: object) -> tuple[Fallback, ...]:
    """What `fallback=` stands for: one client, name or Fallback, or several.

    Raises:
        ConfigurationError: it is something else.
    """
    if given is None or given is False:
        return ()
    several = given if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    return tuple(one if isinstance(one, Fallback) else Fallback(one) for one in several)


class Choice(Protocol):
    """A fallback that can be asked."""

    @property
    def fallback(self) -> Fallback: ...
    @property
    def name(self) -> str:
        """`provider/model`."""
        ...

    @property
    def sender(self) -> Any: ...
    def task(self, first: Task[T]) -> tuple[Task[T], tuple[str, ...]]:
        """The call as this one is asked it, and the parameters that it does not take.

        Raises:
            InstructorError: it cannot be asked this.
        """
        ...


def carried(
    adapter: Adapter, model: str, given: Mapping[str, Any], *, same: bool
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Of parameters for one provider those that another one takes, and the names of those that it does not.

    `same`: they are the same provider, under another name or with another model.

    Raises:
        RequestError: it does not take one without which it would be another request.
    """
    taken: dict[str, Any] = {}
    dropped: list[str] = []
    for name, value in given.items():
        try:
            if name in OWN and not same:
                dropped.append(name)
                continue
            check(adapter, model, {name: value})
        except (InstructorError, TypeError, ValueError):
            if name in MEANT:
                raise
            dropped.append(name)
        else:
            taken[name] = value
    return taken, tuple(dropped)


def check(adapter: Adapter, model: str, params: Mapping[str, Any]) -> None:
    """Raise RequestError unless the provider takes the parameters: by writing a request with them."""
    adapter.encode(Request(model=model, messages=(Message("user", (Text("."),)),), params=params))


# ── one after the other ──────────────────────────────────────────────────────────────────────────


def tried(task: Task[T], make: Callable[[Task[T]], Generator[Any, Any, R]]) -> Generator[Any, Any, R]:
    """What `make` makes of the task, a call or a stream: of whoever gives an answer.

    Raises:
        What the call itself raises. If fallbacks were tried, it is the error of the last one that was asked, and has
        all of them as `failures`.
    """
    return _one_by_one(task, make) if task.others else make(task)


def _one_by_one(task: Task[T], make: Callable[[Task[T]], Generator[Any, Any, R]]) -> Generator[Any, Any, R]:
    line = _Line((yield from understood(replace(task, kept=Kept()))), list(task.others))
    yield Turn(None, line.patience)
    while True:
        counting = _Counting()
        try:
            return (yield from counting.through(make(line.asked)))
        except Exception as error:
            line.failures.append(error)
            if counting.handed or not line.step():
                if (final := line.end()) is error:
                    raise
                raise final from final.__cause__
        try:
            yield Turn(line.sender, line.patience)
        except ProviderTimeout:  # the time of the whole call is up
            final = line.end()
            raise final from final.__cause__
        yield Emit(line.told())
        line.begin()


class _Counting:
    """How much of a stream has been handed over."""

    def __init__(self) -> None:
        self.handed = 0

    def through(self, flow: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        answer: Any = None
        failure: BaseException | None = None
        try:
            while True:
                try:
                    effect = flow.send(answer) if failure is None else flow.throw(failure)
                except StopIteration as end:
                    result: T = end.value
                    return result
                answer = failure = None
                self.handed += isinstance(effect, Item)
                try:
                    answer = yield effect
                except GeneratorExit:
                    raise
                except BaseException as error:
                    failure = error
        finally:
            flow.close()


@dataclass(slots=True)
class _Line:
    """Who is asked, who may be asked yet, and what has gone wrong."""

    first: Task[Any]
    coming: list[Choice]
    failures: list[Exception] = field(default_factory=list)
    asked: Task[Any] = field(init=False)
    sender: Any = None
    dropped: tuple[str, ...] = ()
    _cause: Exception | None = None

    def __post_init__(self) -> None:
        self.asked = self._hurried(self.first)

    @property
    def patience(self) -> float | None:
        """Seconds that the one who is asked now may take."""
        return self.coming[0].fallback.after if self.coming else None

    def step(self) -> bool:
        """On to the next one whom the failure leads to, and who can be asked this. False: there is none."""
        error = self.failures[-1]
        if self._cause is None or not isinstance(error, UNABLE) or isinstance(error, ResponseError):
            self._cause = error  # a fallback that cannot serve does not change why it was turned to
        while self.coming:
            choice = self.coming.pop(0)
            if self._left == 0 or not (choice.fallback.wants(error) or choice.fallback.wants(self._cause)):
                continue
            try:
                asked, dropped = choice.task(self.first)
            except InstructorError as unable:
                logger.warning("%s cannot be asked instead: %s", choice.name, type(unable).__name__)
                self.failures.append(unable)
                continue
            retry = asked.retry if self._left is None else replace(asked.retry, token_budget=self._left)
            self.asked = self._hurried(replace(asked, retry=retry))
            self.sender, self.dropped = choice.sender, dropped
            return True
        return False

    def told(self) -> FellBack:
        """What is told of it: in the log, and to handlers."""
        before, now = self.first.progress, self.asked
        asked = (one for one in reversed(self.failures) if not isinstance(one, RequestError | ConfigurationError))
        error = next(asked, self.failures[0])
        logger.warning(
            "%s/%s failed (%s): %s/%s is asked instead%s",
            *(before.provider, before.model, type(error).__name__, now.adapter.name, now.model),
            f", without {', '.join(self.dropped)}" if self.dropped else "",
        )
        return FellBack(error=error, to_provider=now.adapter.name, to_model=now.model, dropped=self.dropped)

    def begin(self) -> None:
        """Somebody else is asked now."""
        progress = self.first.progress
        progress.ask(self.asked.adapter.name, self.asked.model, None)
        progress.standard = is_standard(self.asked.params)

    @property
    def _left(self) -> int | None:
        """Of the budget of tokens; None: there is none."""
        budget = self.first.retry.token_budget
        return None if budget is None else max(0, budget - self.first.progress.usage.total)

    def _hurried(self, task: Task[Any]) -> Task[Any]:
        """The task, not waiting for long where there is somebody else to ask."""
        if not any(choice.fallback.wants(RateLimited("")) for choice in self.coming):
            return task
        return replace(task, backoff=replace(task.backoff, patience=min(PATIENCE, task.backoff.patience)))

    def end(self) -> Exception:
        """The error of the last one that was asked, with all others."""
        failures = self.failures
        at = len(failures) - 1
        while at > 0 and isinstance(failures[at], RequestError | ConfigurationError | CacheMiss):
            at -= 1  # was not asked at all
        final = failures[at]
        for i, one in enumerate(failures):
            if one is not final:
                final.add_note(f"{'before' if i < at else 'after'} it, {_short(one)}")
        if isinstance(final, InstructorError) and len(failures) > 1:
            final._besides = tuple(failures[:at]), tuple(failures[at + 1 :])
            final.total_usage = self.first.progress.usage
        return final


def _short(error: Exception) -> str:
    text = f"{type(error).__name__}: {error}"
    return text if len(text) <= 300 else f"{text[:299]}…"
