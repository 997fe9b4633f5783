"""What has been spent, and how much may be.

Ledger ──snapshot()──▶ Spent      counted by any number of threads and tasks, under one lock
   └──admit(Budget, …)──▶ BudgetExceeded | SpendingUnknown | a reservation, released when its answer is counted
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from math import isfinite
from threading import RLock
from typing import Literal

from ..errors import BudgetExceeded, ConfigurationError, SpendingUnknown
from ..usage import NO_USAGE, Usage
from ..values import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be spent: USD, tokens, or both. Of a client, all its calls together; of a call, its attempts.

    No request goes out once it is used up, or when the estimate of what it holds alone would go beyond it. What an
    answer costs is known when it has come, so the last one before that may go beyond.
    """

    usd: float | None = None
    tokens: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("usd", self.usd), ("tokens", self.tokens)):
            allowed = (int, float) if name == "usd" else (int,)
            if value is None:
                continue
            if not isinstance(value, allowed) or isinstance(value, bool) or not (isfinite(value) and value > 0):
                raise ConfigurationError(f"a budget's {name} is a number above 0, or None, not {value!r:.60}")
        if self.usd is None and self.tokens is None:
            raise ConfigurationError("a budget says how much: Budget(usd=1.0), Budget(tokens=100_000)")

    @classmethod
    def of(cls, budget: object) -> Budget | None:
        """What `budget=` stands for.

        Raises:
            ConfigurationError: it is no budget.
        """
        if budget is None or isinstance(budget, cls):
            return budget
        raise ConfigurationError(f"budget is an instructor.Budget or None, not {type(budget).__name__}")

    def __str__(self) -> str:
        usd = [] if self.usd is None else [f"{dollars(self.usd)}"]
        return " and ".join(usd + ([] if self.tokens is None else [f"{self.tokens:,} tokens"]))


def dollars(usd: float) -> str:
    """As people write it: `$1.50`, `$0.00042`."""
    return f"${usd:,.2f}" if usd >= 0.1 or usd == 0 else f"${usd:.2g}" if usd >= 0.0001 else f"${usd:.1e}"


@dataclass(frozen=True, slots=True)
class Spent:
    """What calls have taken.

    Attributes:
        calls: calls of `create` and its siblings that were begun.
        failures: those of them that ended with an error.
        cache_hits: those whose answer was known already.
        attempts: requests that went out, sent-again ones included.
        answers: answers that came.
        usage: their tokens.
        usd: what they cost, as far as prices are known.
        unpriced: answers whose price is not known; their cost is not in `usd`.
        uncounted: answers of which the provider does not say how many tokens they took.
        models: the same for each `"provider/model"`.
    """

    calls: int = 0
    failures: int = 0
    cache_hits: int = 0
    attempts: int = 0
    answers: int = 0
    usage: Usage = Usage()
    usd: float = 0.0
    unpriced: int = 0
    uncounted: int = 0
    models: Mapping[str, Spent] = field(default_factory=dict)

    @property
    def tokens(self) -> int:
        """Tokens in and out."""
        return self.usage.total

    def __str__(self) -> str:
        rows = [("all", self), *self.models.items()] if len(self.models) != 1 else list(self.models.items())
        head = ("model", "calls", "failed", "cached", "attempts", "input", "output", "cost")
        lines = [head, *((name, *_cells(one)) for name, one in rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
        return "\n".join(
            "  ".join([f"{line[0]:{widths[0]}}", *(f"{line[i]:>{widths[i]}}" for i in range(1, len(head)))])
            for line in lines
        )


def _cells(one: Spent) -> tuple[str, ...]:
    counts = (one.calls, one.failures, one.cache_hits, one.attempts, one.usage.input, one.usage.output)
    known = dollars(one.usd) if one.usd or not one.unpriced else ""
    unknown = f"{one.unpriced} unknown" if one.unpriced else ""
    return (*(f"{count:,}" for count in counts), " + ".join(filter(None, (known, unknown))))


Happened = Literal["calls", "failures", "cache_hits", "attempts"]


@dataclass(slots=True)
class _Count:
    calls: int = 0
    failures: int = 0
    cache_hits: int = 0
    attempts: int = 0
    answers: int = 0
    usage: Usage = NO_USAGE
    usd: float = 0.0
    unpriced: int = 0
    uncounted: int = 0

    def spent(self, models: Mapping[str, Spent]) -> Spent:
        return Spent(**{row.name: getattr(self, row.name) for row in fields(self)}, models=models)


class Ledger:
    """What a client's calls have taken since it was made, or since `reset`."""

    def __init__(self) -> None:
        self._lock = RLock()  # a call may be collected, and so ended, in the midst of anything
        self._models: dict[str, _Count] = {}
        self._held_usd, self._held_tokens = 0.0, 0

    def snapshot(self) -> Spent:
        """All of it, at this moment."""
        with self._lock:
            return self._spent()

    def reset(self) -> Spent:
        """Begin anew; returns what was there. A client's budget begins anew with it."""
        with self._lock:
            before = self._spent()
            self._models = {}
            return before

    def _spent(self) -> Spent:
        return self._total.spent({name: count.spent({}) for name, count in sorted(self._models.items())})

    def __repr__(self) -> str:
        now = self.snapshot()
        return f"Ledger({now.calls:,} calls, {now.tokens:,} tokens, {dollars(now.usd)})"

    # ── what calls tell it ───────────────────────────────────────────────────────────────────────

    def add(self, model: str, what: Happened) -> None:
        """Count one of `calls`, `failures`, `cache_hits` or `attempts`."""
        with self._lock:
            count = self._of(model)
            setattr(count, what, getattr(count, what) + 1)

    def answered(self, model: str, usage: Usage, usd: float | None) -> None:
        """An answer took this much; its price may not be known."""
        unpriced, uncounted, usd = usd is None, not usage.total and usd != 0, usd or 0.0
        with self._lock:
            count = self._of(model)
            count.answers += 1
            count.usage += usage
            count.usd += usd
            count.unpriced += unpriced
            count.uncounted += uncounted

    def _of(self, model: str) -> _Count:
        found = self._models.get(model)
        if found is None:
            found = self._models[model] = _Count()
        return found

    @property
    def _total(self) -> _Count:
        """All models together, added up when somebody asks."""
        total = _Count()
        for count in self._models.values():
            for row in fields(total):
                setattr(total, row.name, getattr(total, row.name) + getattr(count, row.name))
        return total

    def admit(self, budget: Budget, model: str, usd: float | None, tokens: int | None, *, priced: bool) -> None:
        """Reserve what a request is estimated to take, if the budget allows it.

        Raises:
            BudgetExceeded: it is used up, or the request alone would go beyond it.
            SpendingUnknown: it cannot be known whether it is.
        """
        with self._lock:
            total = self._total
            if budget.usd is not None and not priced:
                raise SpendingUnknown(
                    f"no price of {model} is known, so that the budget of {budget} cannot hold: pass prices="
                    f'{{"{model}": Price(…)}}, or limit the tokens',
                    budget=budget,
                )
            unknown = total.unpriced if budget.usd is not None else total.uncounted
            if unknown:
                raise SpendingUnknown(
                    f"what {unknown} of {total.answers} answers took is not known, so that the budget of {budget} cannot hold",
                    budget=budget,
                )
            self._check(budget, total, usd or 0.0, tokens or 0)
            self._held_usd += usd or 0.0
            self._held_tokens += tokens or 0

    def _check(self, budget: Budget, total: _Count, usd: float, tokens: int) -> None:
        spent, coming = total.usd + self._held_usd, usd
        if budget.usd is not None and (spent >= budget.usd or spent + coming > budget.usd):
            raise self._exceeded(budget, dollars(total.usd), dollars(self._held_usd + coming), usd, tokens)
        used, more = total.usage.total + self._held_tokens, tokens
        if budget.tokens is not None and (used >= budget.tokens or used + more > budget.tokens):
            figures = (f"{total.usage.total:,} tokens", f"{self._held_tokens + more:,} tokens")
            raise self._exceeded(budget, *figures, usd, tokens)

    def _exceeded(self, budget: Budget, spent: str, coming: str, usd: float, tokens: int) -> BudgetExceeded:
        held = self._held_tokens + tokens or self._held_usd + usd
        estimate = f", and what is not answered yet is estimated to take {coming} or more" if held else ""
        total = self._total
        return BudgetExceeded(
            f"the budget of {budget} does not allow another request: {spent} are spent{estimate}",
            budget=budget,
            spent_usd=total.usd,
            spent_tokens=total.usage.total,
            expected_usd=self._held_usd + usd,
            expected_tokens=self._held_tokens + tokens,
        )

    def release(self, usd: float | None, tokens: int | None) -> None:
        """Give back a reservation: its answer is counted, or will not come."""
        with self._lock:
            self._held_usd = max(0.0, self._held_usd - (usd or 0.0))
            self._held_tokens -= tokens or 0
