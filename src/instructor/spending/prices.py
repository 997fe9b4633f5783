"""What tokens cost: `Price` for a model, `Prices` for the models of a client.

    Prices({"openai/my-model": Price(1.0, 4.0)}).cost("openai", "my-model", usage) ─▶ USD, or None

Nothing is guessed. A model without a row has no price, and a kind of tokens without a price makes the cost unknown
wherever such tokens were counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from fnmatch import fnmatchcase
from math import isfinite
from typing import Any, ClassVar

from ..errors import ConfigurationError
from ..ir import Usage
from ..values import dataclass

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens. None: not known, so that tokens of the kind make a cost unknown.

    Attributes:
        input: tokens of the request that are of no other kind.
        output: tokens of the answer, reasoning included.
        cache_read: tokens that the provider had kept.
        cache_write: tokens that the provider keeps for the time it keeps them by default (Anthropic: five minutes).
        cache_write_long: tokens that it keeps for longer (Anthropic: an hour).
        audio: tokens of recordings in the request.
        above: from a request of more than so many tokens on, another price holds for all of it.
        until: the last day of this price; then `after` holds, or nothing is known.
        source: where this stands, and when it was read.
    """

    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    cache_write_long: float | None = None
    audio: float | None = None
    above: tuple[int, Price] | None = None
    until: date | None = None
    after: Price | None = None
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("input", "output", "cache_read", "cache_write", "cache_write_long", "audio"):
            value: Any = getattr(self, name)
            if value is None and name not in ("input", "output"):
                continue
            if not isinstance(value, int | float) or isinstance(value, bool) or not (isfinite(value) and value >= 0):
                raise ConfigurationError(f"{name} is USD per million tokens, 0 or more, not {value!r:.60}")

    @property
    def free(self) -> bool:
        """Whether nothing is ever charged."""
        return self.input == 0 and self.output == 0

    def on(self, day: date | None) -> Price | None:
        """What holds on this day."""
        if self.until is None or day is None or day <= self.until:
            return self
        return None if self.after is None else self.after.on(day)

    def cost(self, usage: Usage) -> float | None:
        """USD for this usage of one request; None where a part of it has no known price."""
        if self.above is not None and usage.input > self.above[0]:
            return self.above[1].cost(usage)
        if usage.audio and usage.cache_read and self.audio != self.input:
            return None  # which of them were kept is not told
        written = usage.cache_write - usage.cache_write_long
        others = usage.cache_read + usage.cache_write + usage.audio + usage.free_input
        total = max(0, usage.input - others) * self.input + (usage.output - usage.free_output) * self.output
        for count, price in (
            (usage.cache_read, self.cache_read),
            (written, self.cache_write),
            (usage.cache_write_long, self.cache_write_long),
            (usage.audio, self.audio),
        ):
            if count > 0:
                if price is None:
                    return None
                total += count * price
        return total / MILLION


_DATED = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})$")


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by `"provider/model"`. A caller's `own` go before those that are known here; a `*` in them stands for anything.

    `known=False` leaves the known ones out. A model's date (`-2026-09-22`, `-20251001`) may be left out of a row.
    """

    own: Mapping[str, Price] = field(default_factory=dict)
    known: bool = True
    _found: dict[str, Price | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    NONE: ClassVar[Prices]

    def __post_init__(self) -> None:
        given: Mapping[Any, Any] = self.own
        for name, price in given.items():
            if not isinstance(name, str) or "/" not in name or not isinstance(price, Price):
                raise ConfigurationError(
                    f'prices are {{"provider/model": Price(input, output)}}, in USD per million tokens, not {name!r:.60}'
                    f": {type(price).__name__}"
                )
        object.__setattr__(self, "own", dict(self.own))

    def __hash__(self) -> int:
        return hash((tuple(self.own.items()), self.known))

    @classmethod
    def of(cls, prices: object) -> Prices:
        """What `prices=` stands for: `Prices`, a dict of a caller's own, or None.

        Raises:
            ConfigurationError: it is something else.
        """
        if prices is None:
            return cls()
        if isinstance(prices, cls):
            return prices
        if isinstance(prices, Mapping):
            return cls(prices)
        raise ConfigurationError(f"prices are an instructor.Prices or a dict of prices, not {type(prices).__name__}")

    def find(self, provider: str, model: str, day: date | None = None) -> Price | None:
        """The price of a model on this day; None where it is not known."""
        name = f"{provider}/{model}"
        if name not in self._found:
            if len(self._found) > 1000:
                self._found.clear()
            self._found[name] = self._find(provider, name)
        found = self._found[name]
        return None if found is None else found.on(day)

    def _find(self, provider: str, name: str) -> Price | None:
        from .table import KNOWN

        undated = _DATED.sub("", name)
        rows = [self.own.get(name), self.own.get(undated)]
        rows += [price for pattern, price in self.own.items() if "*" in pattern and fnmatchcase(name, pattern)]
        if self.known:
            rows += [KNOWN.get(name), KNOWN.get(undated), KNOWN.get(f"{provider}/*")]
        return next((price for price in rows if price is not None), None)

    def cost(self, provider: str, model: str, usage: Usage, day: date | None = None) -> float | None:
        """USD for this usage of one request; None where it is not known."""
        price = self.find(provider, model, day)
        return None if price is None else price.cost(usage)


Prices.NONE = Prices(known=False)
