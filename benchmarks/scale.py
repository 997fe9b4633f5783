"""How much is measured: in full, quickly, and as little as shows that everything still runs."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured."""

    rounds: int
    """With processes that stay."""
    fresh_rounds: int
    """With a new process, or interpreter, for every measurement."""
    warm_rounds: int
    """Before them, not counted."""
    seconds: float
    """For one sample of what is short."""
    budget: float
    """Seconds of the clock for all rounds of one library with one job, processes and all; see `goes_on`."""
    small_bytes: int
    large_bytes: int
    sizes: tuple[int, ...]
    """Of pictures that are given in every way."""
    characters: tuple[int, ...]
    """Of streamed documents."""
    prompts: tuple[int, ...]
    """Characters of prompts in which pictures are looked for."""
    throng: tuple[int, int]
    """Calls at once, and the size of the picture in each."""
    sniffed: int
    """Files."""
    crowds: tuple[int, ...] = (1, 50)
    """Calls at once, over pictures that come slowly."""
    drip_seconds: float = 1.0
    """For which they come."""
    photo: tuple[int, int] = (8064, 6048)
    retries: int = 3
    tiny: bool = False
    """A library does everything in one process, because nobody reads the figures."""


FULL = Scale(
    rounds=25,
    fresh_rounds=15,
    warm_rounds=1,
    seconds=0.06,
    budget=12.0,
    small_bytes=20_000,
    large_bytes=10_000_000,
    sizes=(1_000_000, 10_000_000, 100_000_000),
    characters=(1_000, 10_000, 100_000, 1_000_000),
    prompts=(1_000, 100_000, 1_000_000),
    throng=(500, 1_000_000),
    sniffed=10_000,
)
QUICK = replace(
    FULL,
    rounds=5,
    fresh_rounds=3,
    warm_rounds=0,
    seconds=0.03,
    budget=4.0,
    sizes=(1_000_000,),
    characters=(1_000, 10_000, 100_000),
    throng=(100, 1_000_000),
    sniffed=2_000,
)
TINY = Scale(
    rounds=1,
    fresh_rounds=1,
    warm_rounds=0,
    seconds=0.0,
    budget=0.0,
    small_bytes=2_000,
    large_bytes=300_000,
    sizes=(100_000,),
    characters=(300, 900),
    prompts=(100, 1_000),
    throng=(3, 50_000),
    sniffed=20,
    crowds=(3,),
    drip_seconds=0.05,
    photo=(320, 240),
    retries=1,
    tiny=True,
)
