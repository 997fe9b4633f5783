"""One call of `create` while it goes on: who is asked, which attempt it is, what it took, whether another may be sent.

    begin ─▶ ask(…) ─▶ ┌▶ try_once ─▶ send ─▶ (again: send) ─▶ counted | cut ─┐ ─▶ complete · fail · abandon
                       └──────────────────────────────────────────────────────◀┘

The only thing of a call that changes. The flow changes it; drivers read it, to tell handlers which call an event is of.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date
from typing import Any

from ..errors import InstructorError
from ..events import Abandoned, Completed, Failed, Kind, Started, UsageCounted
from ..ir import NO_USAGE, Usage
from ..values import dataclass
from .ledger import Budget, Happened, Ledger
from .prices import Price, Prices

STANDARD: Mapping[str, frozenset[str]] = {
    "service_tier": frozenset({"auto", "default", "standard", "standard_only"}),
    "speed": frozenset({"standard"}),
    "inference_geo": frozenset({"global"}),  # platform.claude.com, pricing: "us" costs 1.1 times as much
}
"""Parameter → values with which list prices hold. Any other has its own price, which is not known here."""


def is_standard(params: Mapping[str, Any]) -> bool:
    """Whether list prices hold for a request with these parameters."""
    if STANDARD.keys().isdisjoint(params):
        return True
    given = ((params.get(name), usual) for name, usual in STANDARD.items())
    return all(value is None or (isinstance(value, str) and value in usual) for value, usual in given)


@dataclass(slots=True)
class Progress:
    """What is known of a call. `cost` is None as soon as an answer came whose price is not known."""

    provider: str = ""
    model: str = ""
    mode: str | None = None
    kind: Kind = "create"
    wanted: str | None = None
    server: Callable[[], str | None] | None = None
    """Where the API is; asked for if somebody wants to know."""
    ledgers: tuple[tuple[Ledger, Budget | None], ...] = ()
    prices: Prices = Prices.NONE
    day: date | None = None
    """Which day's prices hold."""
    standard: bool = True
    """Whether the list prices hold at all."""
    attempt: int = 0
    attempts: int | None = None
    usage: Usage = NO_USAGE
    cost: float | None = 0.0
    cached: bool = False
    going: bool = False
    audience: object = True
    """Who listens to the call's events (`Hooks.audience`): empty where nobody does, and then none is made."""
    expected: int | None = None
    """Tokens that the request's content is estimated to take, where a budget has to hold."""
    limited: bool = field(init=False)
    """Whether a budget has to hold, so that an estimate is of use."""
    _sendings: int = 0
    _held: tuple[float | None, int | None] | None = None
    _call: str = ""

    def __post_init__(self) -> None:
        self.limited = any(budget is not None for _, budget in self.ledgers)

    @property
    def call(self) -> str:
        """The id of the call."""
        self._call = self._call or f"{random.getrandbits(64):016x}"
        return self._call

    def facts(self) -> dict[str, Any]:
        """What every event of the call says."""
        return {
            "call": self.call,
            "provider": self.provider,
            "model": self.model,
            "mode": self.mode,
            "attempt": self.attempt,
            "attempts": self.attempts,
        }

    # ── the call ─────────────────────────────────────────────────────────────────────────────────

    def begin(self) -> Started | None:
        """The call begins."""
        self.going = True
        self._add("calls")
        if not self.audience:
            return None
        return Started(kind=self.kind, wanted=self.wanted, server=self.server() if self.server else None)

    def ask(self, provider: str, model: str, mode: str | None, attempts: int | None = None) -> None:
        """This is who is asked, and how, at most so many times."""
        self.provider, self.model, self.mode, self.attempts = provider, model, mode, attempts

    def complete(self) -> Completed | None:
        """It has come to its answer."""
        self._end()
        if self.cached:
            self._add("cache_hits")
        if not self.audience:
            return None
        return Completed(usage=self.usage, cost=self.cost, cached=self.cached)

    def fail(self, error: Exception) -> Failed:
        """It ends with an error, on which is written what it took."""
        self._end()
        self._add("failures")
        if isinstance(error, InstructorError):
            if error.total_usage is None and self.attempt:
                error.total_usage = self.usage
            error.total_cost = self.cost if self.attempt else None
        return Failed(error=error, usage=self.usage, cost=self.cost)

    def abandon(self) -> Abandoned:
        """Nobody wants its answer any more."""
        self._end()
        return Abandoned(usage=self.usage, cost=self.cost)

    def _end(self) -> None:
        self.going = False
        self._release()

    # ── its requests ─────────────────────────────────────────────────────────────────────────────

    def try_once(self) -> None:
        """Another attempt begins."""
        self.attempt += 1
        self._sendings = 0

    def send(self) -> int:
        """A request goes out; returns how often this attempt has been sent.

        Raises:
            BudgetExceeded, SpendingUnknown: it may not.
        """
        self._release()
        if self.limited:
            self._reserve(self._price() is not None, self.estimate(self.expected), self.expected)
        self._sendings += 1
        self._add("attempts")
        return self._sendings

    def estimate(self, tokens: int | None) -> float | None:
        """USD for the content of a request that takes so many tokens; None where one or the other is not known."""
        price = None if tokens is None else self._price()
        return None if price is None or tokens is None else price.cost(Usage(input=tokens))

    def _reserve(self, priced: bool, usd: float | None, tokens: int | None) -> None:
        admitted: list[Ledger] = []
        try:
            for ledger, budget in self.ledgers:
                if budget is not None:
                    ledger.admit(budget, self._name, usd, tokens, priced=priced)
                    admitted.append(ledger)
        except InstructorError:
            for ledger in admitted:
                ledger.release(usd, tokens)
            raise
        self._held = usd, tokens

    def _release(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            for ledger, budget in self.ledgers:
                if budget is not None:
                    ledger.release(*held)

    def counted(self, usage: Usage, answered_by: str = "") -> UsageCounted | None:
        """An answer came, or a part of one. `answered_by` is the model that the provider says it is from."""
        price = self._price() or (self._price(answered_by) if answered_by else None)
        cost = None if price is None or (not usage.total and not price.free) else price.cost(usage)
        self.usage += usage
        self.cost = None if cost is None or self.cost is None else self.cost + cost
        for ledger, _ in self.ledgers:
            ledger.answered(self._name, usage, cost)
        self._release()
        if not self.audience:
            return None
        return UsageCounted(usage=usage, cost=cost, total=self.usage, total_cost=self.cost)

    def cut(self, usage: Usage) -> UsageCounted | None:
        """An answer ends before its time. What was counted of it counts; else a budget keeps the estimate as spent."""
        if usage.total:
            return self.counted(usage)
        self._held = None
        return None

    def _price(self, model: str = "") -> Price | None:
        price = self.prices.find(self.provider, model or self.model, self.day)
        return price if self.standard or (price is not None and price.free) else None

    @property
    def _name(self) -> str:
        return f"{self.provider}/{self.model}"

    def _add(self, what: Happened) -> None:
        name = self._name
        for ledger, _ in self.ledgers:
            ledger.add(name, what)
