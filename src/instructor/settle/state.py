"""A request on its way: what is asked for, and what has been found out.

Settling ─┬─ Kept        what the settlings of one call have in common
          └─ Rehearsal   of a plan: what would be done
"""

from __future__ import annotations

from dataclasses import field

from ..adapter import Adapter, Rows
from ..effects import Flow, Work
from ..errors import InstructorError, MediaError, MissingExtra
from ..fetch import Fetched, MediaPolicy
from ..fit import Fit, Fitted
from ..hooks import logger
from ..ir import Message
from ..media import Media, Url
from ..uploads import Uploading
from ..values import dataclass


@dataclass(slots=True)
class Rehearsal:
    """For a plan: what would be done first, and what stands in the way, noted in the place of doing and raising it."""

    fetches: list[tuple[str, Url]] = field(default_factory=list)
    problems: list[InstructorError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    uploaded: set[str] = field(default_factory=set)
    """Where media stand that go through the provider's Files API."""
    messages: tuple[Message, ...] = ()
    """Settled, before any upload."""


@dataclass(slots=True)
class Kept:
    """What the settlings of one call have in common, where several providers are asked: each address is fetched once, and
    each content encoded once."""

    fetched: dict[str, Fetched | MediaError] = field(default_factory=dict)
    alike: dict[tuple[type[Media], int | None], list[Media]] = field(default_factory=dict)

    def first_alike(self, medium: Media) -> Flow[Media]:
        """The first medium that is equal to this one: it is fitted, and encoded, once for all of them."""
        same = self.alike.setdefault((type(medium), medium.size), [])
        if any(one is medium for one in same):
            return medium
        named = [one for one in same if one.name == medium.name]
        if named:  # whether they are equal may take a read of both
            found: Media | None = yield Work(lambda: next((one for one in named if one == medium), None))
            if found is not None:
                return found
        same.append(medium)
        return medium


@dataclass(slots=True)
class Settling:
    """One request on its way: what is asked for, and what has been found out."""

    adapter: Adapter
    model: str
    policy: MediaPolicy
    fit: Fit
    counts: dict[type[Media], int]
    media: Rows
    uploading: Uploading | None
    rehearsal: Rehearsal | None
    kept: Kept
    fitted: dict[int, Fitted] = field(default_factory=dict)
    ahead: dict[int, Fitted | MediaError | MissingExtra] = field(default_factory=dict)
    """What small media come to that have not had their turn."""
    problems: list[MediaError] = field(default_factory=list)

    def note(self, note: str) -> None:
        """Something that the caller may want to know, and that is no error."""
        logger.info("%s", note)
        if self.rehearsal is not None:
            self.rehearsal.notes.append(note)
