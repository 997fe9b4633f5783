"""How fast a client sends: limits on concurrency, requests and tokens, over all its threads and tasks.

RateLimits     as the caller writes them
Pace ─▶ Visit  the client's state; one request's way through it, as a flow
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._later import homes, later

if TYPE_CHECKING:
    from .limits import RateLimits
    from .line import FREE, Free, Pace, Visit
else:
    __getattr__ = later(
        __name__,
        homes(
            limits="RateLimits",
            line="FREE Free Pace Visit",
        ),
    )

__all__ = ["FREE", "Free", "Pace", "RateLimits", "Visit"]
