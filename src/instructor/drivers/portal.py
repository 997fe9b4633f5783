"""An event loop for synchronous calls: what has to be awaited is awaited in a thread of its own.

    synchronous call ──start──▶ the loop's thread ──▶ awaitable ──▶ its result, or its exception ──▶ synchronous call

There is one loop for all calls of the process, begun when it is first needed and never ended, so that connections which
an asynchronous client keeps open between two calls stay usable. Only a call that is made in that very thread, by what
runs there, gets a loop of its own: it would wait for itself.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotDone
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

_lock = threading.Lock()
_portals: dict[int, tuple[asyncio.AbstractEventLoop, threading.Thread]] = {}
"""The loop of this process; a fork makes another."""


def settled(start: Callable[[], Awaitable[Any]], seconds: float | None, passed: Callable[[], Exception]) -> Any:
    """What the awaitable comes to. After so many seconds it is cancelled, and `passed` makes the error."""
    import asyncio

    async def awaited() -> Any:
        return await start()

    loop, thread = _portal()
    if threading.current_thread() is thread:
        future = _aside(awaited)
    else:
        future = asyncio.run_coroutine_threadsafe(awaited(), loop)
    try:
        return future.result(seconds)
    except NotDone:
        if future.done():  # just now, or with an error of this kind
            return future.result()
        future.cancel()
        raise passed() from None
    except BaseException:
        future.cancel()
        raise


def _portal() -> tuple[asyncio.AbstractEventLoop, threading.Thread]:
    import asyncio

    with _lock:
        found = _portals.get(os.getpid())
        if found is None:
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=loop.run_forever, name="instructor-loop", daemon=True)
            thread.start()
            _portals.clear()
            found = _portals[os.getpid()] = loop, thread
        return found


def _aside(awaited: Callable[[], Any]) -> Future[Any]:
    """As a task of a loop that lives as long as it does."""
    import asyncio

    future: Future[Any] = Future()

    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(asyncio.run(awaited()))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=copy_context().run, args=(run,), name="instructor-aside", daemon=True).start()
    return future
