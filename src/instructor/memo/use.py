"""What `cache=` means for a call, and the flow that looks for its answer before it asks.

Calls of one client that ask the same at the same time wait for the first of them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import field
from math import isfinite
from threading import RLock
from typing import Any, Literal, TypeGuard, TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError

from ..effects import Cache, Emit, Flow, Join, Keep, Load
from ..errors import (
    CacheMiss,
    ConfigurationError,
    IncompleteOutputException,
    ParseError,
    ProviderTimeout,
    RefusalError,
)
from ..events import CacheFailed, CacheHit
from ..hooks import logger
from ..ir import Reply
from ..values import dataclass
from .entry import pack, unpack

T = TypeVar("T")

Use = Literal["on", "only", "refresh"]
"""Read and write; read alone, and never ask a model; write alone."""

INVALID = (ValidationError, ParseError, IncompleteOutputException, RefusalError)
"""What may be wrong with an answer that was valid when it was kept. The model is then asked again."""


class Flights:
    """Which requests are under way, so that the same one is not sent twice at a time."""

    def __init__(self) -> None:
        # a call may be collected, and so ended, in the midst of anything: also where its own thread holds the lock
        self._lock, self._under_way = RLock(), dict[str, Future[None]]()

    def board(self, key: str) -> Future[None] | None:
        """None: nobody asks this, so the caller does and has to `land`. Else what is done when the other has landed."""
        with self._lock:
            ahead = self._under_way.get(key)
            if ahead is None:
                self._under_way[key] = Future()
            return ahead

    def land(self, key: str) -> None:
        """The answer is there, or will not be."""
        with self._lock:
            done = self._under_way.pop(key)
        done.set_result(None)


@dataclass(frozen=True, slots=True)
class Memo:
    """How one call uses a cache.

    `place` is the API's address where it is not the provider's own: another server's model of the same name is another
    model. `show` makes of an answer's JSON, and the name of the class it had, what `create_with_completion` gives.
    """

    store: Cache
    use: Use = "on"
    ttl: float | None = None
    place: str = ""
    flights: Flights = field(default_factory=Flights)
    show: Callable[[Mapping[str, Any], str], Any] = lambda wire, kind: wire


def memory(given: object, store: Cache | None, ttl: object = None, **rest: Any) -> Memo | None:
    """What `cache=` of a call means for a client that has this store; None: its answer is not remembered.

    Raises:
        ConfigurationError: there is nothing of the kind, or there is no cache.
    """
    use: Use = "only" if given == "only" else "refresh" if given == "refresh" else "on"
    if is_cache(given):
        store = given
    elif given is False:
        return None
    elif given is not None and given is not True and use == "on":
        raise ConfigurationError(
            f'cache is True, False, "only", "refresh" or a cache, not {type(given).__name__} {given!r:.40}'
        )
    if store is None and given is not None:
        raise ConfigurationError(
            f"cache={given!r} needs a cache: make the client with cache=MemoryCache(), DiskCache(…) or RedisCache(…)"
        )
    return None if store is None else Memo(store, use, lasting(ttl, "cache_ttl"), **rest)


def given(cache: object) -> Cache | None:
    """The cache of a client.

    Raises:
        ConfigurationError: it is none.
    """
    if cache is None or is_cache(cache):
        return cache
    raise ConfigurationError(
        f"cache is a MemoryCache, a DiskCache, a RedisCache or what has their get and set, not {type(cache).__name__}"
    )


def is_cache(value: object) -> TypeGuard[Cache]:
    """Whether it has the two methods of a cache, or their asynchronous forms."""
    pairs = (("get", "set"), ("aget", "aset"))
    return not isinstance(value, type) and any(
        all(callable(getattr(value, name, None)) for name in pair) for pair in pairs
    )


def lasting(ttl: object, name: str = "ttl") -> float | None:
    """A positive number of seconds, or None for no end.

    Raises:
        ConfigurationError: it is neither.
    """
    if ttl is None:
        return None
    if isinstance(ttl, int | float) and not isinstance(ttl, bool) and ttl > 0 and isfinite(ttl):
        return ttl
    raise ConfigurationError(f"{name} is a positive number of seconds, or None to keep without end, not {ttl!r:.60}")


def place_of(url: object, usual: str) -> str:
    """An API's address without user name, password and query; `""` for the provider's usual one."""
    parts = urlsplit(str(url or ""))
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/") if parts.netloc else ""
    return "" if place == usual.rstrip("/") else place


def through(
    memo: Memo,
    key: str,
    decode: Callable[[Mapping[str, Any]], Reply],
    read: Callable[[Reply], Flow[T]],
    ask: Flow[T],
    reply_of: Callable[[T], Reply],
) -> Flow[T]:
    """What `read` makes of the kept reply, or what `ask` comes to, which is then kept.

    Raises:
        CacheMiss: nothing usable is kept, and nothing may be asked.
    """
    mine = key in _boarded.get()  # a handler or validator of this very call asks the same again
    ahead = None if mine or memo.use != "on" else memo.flights.board(key)
    leads = not mine and memo.use == "on" and ahead is None
    before = _boarded.get()
    if leads:
        _boarded.set(before | {key})
    try:
        if ahead is not None:
            yield Join(ahead)
        found = yield from kept(memo, key, decode, read)
        if found is not None:
            return found[0]
        result = yield from ask
        yield from keep(memo, key, reply_of(result))
        return result
    finally:
        if leads:
            _boarded.set(before)
            memo.flights.land(key)


_boarded: ContextVar[frozenset[str]] = ContextVar("instructor_boarded", default=frozenset())


def kept(
    memo: Memo,
    key: str,
    decode: Callable[[Mapping[str, Any]], Reply],
    read: Callable[[Reply], Generator[Any, Any, T]],
) -> Generator[Any, Any, tuple[T] | None]:
    """What `read` makes of the kept reply; None if none is kept, or if it is not valid any more.

    Raises:
        CacheMiss: it is None, and nothing may be asked.
    """
    if memo.use == "refresh":
        return None
    failure: Exception | None = None
    reply: Reply | None = None
    try:
        data: bytes | None = yield Load(memo.store, key)
        reply = None if data is None else unpack(data, decode, memo.show)
    except (ConfigurationError, ProviderTimeout):
        raise
    except Exception as error:
        failure = error
        yield from _failed(key, error, "read from")
    if reply is not None:
        try:
            value = yield from read(reply)
        except INVALID as error:
            failure = error
        else:
            yield Emit(CacheHit(key=key, reply=reply))
            return (value,)
    if memo.use == "only":
        raise _miss(key, failure) from failure
    return None


def keep(memo: Memo, key: str, reply: Reply) -> Flow[None]:
    """Keep a reply that was valid."""
    if memo.use == "only" or reply.finish in ("length", "refusal", "filter"):
        return
    try:
        yield Keep(memo.store, key, pack(reply), memo.ttl)
    except ConfigurationError:
        raise
    except Exception as error:
        yield from _failed(key, error, "written to")


def _failed(key: str, error: Exception, what: str) -> Flow[None]:
    # the error's own text may hold an address with a password: it goes to the caller's hooks alone
    logger.warning(
        "the cache could not be %s (%s): the model is asked as if there were none", what, type(error).__name__
    )
    yield Emit(CacheFailed(key=key, error=error))


def _miss(key: str, failure: Exception | None) -> CacheMiss:
    if failure is None:
        return CacheMiss(
            'no answer to this request is in the cache, and cache="only" asks nobody: make the call once without it',
            key=key,
        )
    if isinstance(failure, INVALID):
        return CacheMiss(
            'the answer in the cache is not valid any more, and cache="only" asks nobody: '
            "the response model or its validators have changed",
            key=key,
        )
    return CacheMiss(f'the cache could not be read ({type(failure).__name__}), and cache="only" asks nobody', key=key)
