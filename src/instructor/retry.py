"""Sending again what failed on the way: a flow over one `Call`.

`Backoff` is the policy of our own HTTP senders. An SDK's client has its own, and ours is then `Backoff.NEVER`,
so that the two do not multiply.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, ClassVar

from .effects import Call, Flow, Open, Sleep
from .errors import ProviderError


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
        return min(self.longest, self.first * 2.0 ** (number - 1)) * random.uniform(0.5, 1.0)


Backoff.NEVER = Backoff(retries=0)


def sending(call: Call | Open, backoff: Backoff) -> Flow[Any]:
    """One call, or the opening of one, repeated as the policy says."""
    number = 0
    while True:
        try:
            return (yield call)
        except ProviderError as error:
            number += 1
            seconds = backoff.wait(number, error)
            if seconds is None:
                raise
        yield Sleep(seconds)
