"""What calls cost: tokens, money, and budgets that stop.

Price · Prices       USD per million tokens; a provider's models and their prices, the caller's own before the known ones
    table            the known ones, each with its source and date
Ledger ─▶ Spent      what a client's calls have taken, by model; counted by any number of threads and tasks
Budget               how much may be spent, by a client or a call
Progress             one call while it goes on: which attempt, what it took, and whether another may be sent
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._later import homes, later
from .ledger import Budget, Ledger, Spent

if TYPE_CHECKING:
    from .prices import Price, Prices
    from .progress import Progress
else:
    __getattr__ = later(
        __name__,
        homes(
            prices="Price Prices",
            progress="Progress",
        ),
    )

__all__ = ["Budget", "Ledger", "Price", "Prices", "Progress", "Spent"]
