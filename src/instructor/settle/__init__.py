"""Making every medium of a request one that the adapter can encode: the one reader of the media tables.

    settle(adapter, request, policy, fit) ─▶ the request, or one error that lists all media that cannot be sent

    addresses that are not taken ─▶ fetched, each once, side by side
    each medium ─▶ its row ── there ─▶ content: fitted to the row's limits, what equals another once
                           └─ absent ▶ a film becomes its frames and sound, a PDF its pages, where those are taken
    all of them together ─▶ pictures that are too large among so many, or beside so much else: made smaller
    what is too large to go inline ─▶ uploaded, once all else is well (`uploads`)

Nothing is sent before all of this has succeeded. What was changed is told to the hooks of `media:fitted`.

flow      settle: the request, and the turn of each medium      medium    one medium: within its row's limits, or what
ahead     what is done for all media before their turns                   is sent in its place
crowd     what is looked at when all had theirs                 dialect   parts of other dialects, translated
state     what these share: Settling; Kept, Rehearsal
"""

from __future__ import annotations

from .flow import settle
from .medium import SUBSTITUTES, UNDONE, by_hand, say_once
from .state import Kept, Rehearsal

__all__ = ["SUBSTITUTES", "UNDONE", "Kept", "Rehearsal", "by_hand", "say_once", "settle"]
