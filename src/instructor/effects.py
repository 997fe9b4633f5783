"""What logic asks the outside world for. A flow yields these; a driver performs them and sends the answer back.

    effect      answer
    ──────      ──────
    Call        Answer: the provider's reply, as JSON and as its own object
    Open        a handle: the provider's reply has begun to arrive
    Next        the next events of an open reply, as JSON; None at its end
    Resolve     tuple of IP addresses
    Get         Got: status, headers and body of one HTTP exchange, no redirect followed
    Read        bytes: an object of a storage (s3://, gs://, …)
    Work        what the function returns; run where it does not block an event loop
    Await       what a coroutine of the caller's comes to
    Together    what each of some flows returned, in their order; they run side by side
    Filing      the JSON of a provider's Files API (`filing`)
    Load        what a cache holds under a key: bytes, or None
    Keep        None: a cache holds it
    Join        None: what another call was doing is done
    Emit        None: the hooks of the event have run
    Sleep       None
    Now         the moment, in seconds of a clock that only goes forward
    Wait        None: somebody has given word, or the time is up
    Turn        None: from here on another provider is asked

A failure of an effect is thrown into the flow at its `yield`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from .filing import Filing
from .values import Later, dataclass

if TYPE_CHECKING:
    from concurrent.futures import Future

    from .events import Event

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the provider, encoded. `timeout`: seconds for this attempt, or None for the client's. `words`: there
    are no media in it, so that nobody need look for them."""

    wire: Mapping[str, Any]
    timeout: float | None = None
    words: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The provider's reply: `wire` is its JSON, `shown` what the caller is shown (an SDK's object, or a view), or a `Later`
    of it.

    `headers` are those of HTTP, where they are known: our own sender has them.
    """

    wire: Mapping[str, Any]
    shown: Any
    headers: Mapping[str, str] | None = field(default=None, repr=False, compare=False)

    @property
    def raw(self) -> Any:
        """What the caller is shown."""
        return Later.seen(self.shown)


@dataclass(frozen=True, slots=True)
class Open:
    """One request whose reply is wanted as it arrives; as `Call`. Whoever drives the flow closes it."""

    wire: Mapping[str, Any]
    timeout: float | None = None
    words: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """More of the reply that `handle` stands for."""

    handle: Any


@dataclass(frozen=True, slots=True)
class Resolve:
    """The addresses of a host, within `timeout` seconds."""

    host: str
    port: int
    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class Get:
    """One GET of `url`, connected to `address` and nothing else. Bodies over `max_bytes` raise MediaTooLarge.

    `timeout` bounds all of it, `read_timeout` each wait for more. `keep` says that a driver may answer with what an
    earlier Get of the URL brought, as far as HTTP allows that; `proxy` is a proxy through which `address` is reached.
    """

    url: str
    address: str
    max_bytes: int
    timeout: float
    headers: Mapping[str, str]
    read_timeout: float = 60.0
    keep: bool = False
    proxy: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Got:
    """One HTTP exchange. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """An object of a storage that fsspec knows, read with this machine's credentials. One over `max_bytes` raises
    MediaTooLarge."""

    url: str
    max_bytes: int
    timeout: float


@dataclass(frozen=True, slots=True)
class Work:
    """A function that reads the disk or takes its time."""

    run: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Await:
    """Something of the caller's that has to be awaited. `start` is called where an event loop runs."""

    start: Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Together:
    """Flows that run side by side, at most `at_once` of them at a time.

    A flow catches what it expects to fail. What escapes from one is raised once it is its turn in their order, and
    the flows that have not ended are not waited for.
    """

    flows: tuple[Flow[Any], ...]
    at_once: int


class Cache(Protocol):
    """Where answers are kept. Both methods are called from any thread.

    One that has coroutine methods `aget` and `aset` beside them is asked through these by asynchronous clients; another
    is asked in a thread, off the loop, unless it says `in_memory = True`.
    """

    def get(self, key: str) -> bytes | None:
        """What is kept under the key, if it is and its time has not passed."""
        ...

    def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        """Keep it for so many seconds; None: for as long as the cache keeps things by default."""
        ...


@dataclass(frozen=True, slots=True)
class Load:
    """What a cache holds."""

    store: Cache
    key: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Give it to a cache."""

    store: Cache
    key: str
    value: bytes = field(repr=False)
    ttl: float | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """Wait until another call is done with something. Whoever waits never cancels it."""

    until: Future[None]


@dataclass(frozen=True, slots=True)
class Emit:
    """Something happened: tell the hooks. The driver adds which call it is of, and when."""

    event: Event


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Now:
    """What time it is."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait until `woken` is done, at most so many seconds. Whoever waits no longer cancels it."""

    woken: Future[None]
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """From here on requests go through this sender; None: through the one with which the call began.

    `seconds` bound what follows, up to the next Turn: ProviderTimeout is raised at their end, as at that of the whole call.
    """

    sender: Any = None
    seconds: float | None = None


Effect = (
    Call
    | Open
    | Next
    | Resolve
    | Get
    | Read
    | Work
    | Await
    | Together
    | Filing
    | Load
    | Keep
    | Join
    | Emit
    | Sleep
    | Now
    | Wait
    | Turn
)

Flow = Generator[Effect, Any, T]
"""Logic that yields effects and returns a `T`."""


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """Something for the caller, while the flow goes on. Nothing is sent back for it."""

    value: T


Stream = Generator[Effect | Item[T], Any, None]
"""Logic that yields effects, and things for the caller between them."""
