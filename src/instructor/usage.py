"""Tokens that answers took, as providers count them. Nothing of a request is needed for that, so that a client that only stands
there can count from its first call on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from operator import add, attrgetter

from .values import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. `input` counts all input, cached or not.

    Parts of it are `cache_read`, `cache_write` (and of this `cache_write_long`, which is kept for longer than by default),
    `audio` and `free_input`; parts of `output` are `reasoning` and `free_output`. What is free is not charged.
    """

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0
    cache_write_long: int = 0
    audio: int = 0
    free_input: int = 0
    free_output: int = 0

    @property
    def total(self) -> int:
        return self.input + self.output

    def latest(self, other: Usage) -> Usage:
        """Two counts of one reply, of which either may leave out what the other has."""
        return Usage(*map(max, _counts(self), _counts(other)))

    def __add__(self, other: Usage) -> Usage:
        if self is NO_USAGE:
            return other
        return Usage(*map(add, _counts(self), _counts(other)))


NO_USAGE = Usage()
"""What has been used before anything was."""

_counts: Callable[[Usage], tuple[int, ...]] = attrgetter(*(row.name for row in fields(Usage)))
