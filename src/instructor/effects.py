"""What logic asks the outside world for. A flow yields these; a driver performs them and sends the answer back.

    effect      answer
    ──────      ──────
    Call        Answer: the provider's reply, as JSON and as its own object
    Open        a handle: the provider's reply has begun to arrive
    Next        the next events of an open reply, as JSON; None at its end
    Resolve     tuple of IP addresses
    Get         Got: status, headers and body of one HTTP exchange, no redirect followed
    Work        what the function returns; run where it does not block an event loop
    Emit        None: the hooks of the event have run
    Sleep       None

A failure of an effect is thrown into the flow at its `yield`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the provider, encoded. `timeout`: seconds for this attempt, or None for the client's."""

    wire: Mapping[str, Any]
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The provider's reply: `wire` is its JSON, `raw` what the caller is shown (an SDK's object, or a view)."""

    wire: Mapping[str, Any]
    raw: Any


@dataclass(frozen=True, slots=True)
class Open:
    """One request whose reply is wanted as it arrives. Whoever drives the flow closes it."""

    wire: Mapping[str, Any]
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """More of the reply that `handle` stands for."""

    handle: Any


@dataclass(frozen=True, slots=True)
class Resolve:
    """The addresses of a host."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Get:
    """One GET of `url`, connected to `address` and nothing else. Bodies over `max_bytes` raise MediaTooLarge."""

    url: str
    address: str
    max_bytes: int
    timeout: float
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Got:
    """One HTTP exchange. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Work:
    """A function that reads the disk or takes its time."""

    run: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Emit:
    """Something happened: run the hooks of `event` with these arguments."""

    event: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait."""

    seconds: float


Effect = Call | Open | Next | Resolve | Get | Work | Emit | Sleep

Flow = Generator[Effect, Any, T]
"""Logic that yields effects and returns a `T`."""


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """Something for the caller, while the flow goes on. Nothing is sent back for it."""

    value: T


Stream = Generator[Effect | Item[T], Any, None]
"""Logic that yields effects, and things for the caller between them."""
