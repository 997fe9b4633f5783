"""Calls side by side in threads, for blocking code."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def abreast(calls: Sequence[Callable[[], T]], at_once: int) -> tuple[T, ...]:
    """What each call returns, in their order; at most `at_once` of them run at a time.

    The first exception in that order is raised. Then, and when the caller is interrupted, calls that have not begun
    are not begun, and those that have are left behind: their threads do not keep the process.
    """
    if len(calls) <= 1 or at_once == 1:
        return tuple(call() for call in calls)
    outcomes: list[Future[T]] = [Future() for _ in calls]
    waiting: SimpleQueue[tuple[Callable[[], T], Future[T]]] = SimpleQueue()
    for job in zip(calls, outcomes, strict=True):
        waiting.put(job)
    for _ in range(min(at_once, len(calls))):
        run = copy_context().run  # one for each thread: a context is entered by one at a time
        threading.Thread(target=run, args=(_work, waiting), name="instructor-abreast", daemon=True).start()
    try:
        return tuple(outcome.result() for outcome in outcomes)
    finally:
        for outcome in outcomes:
            outcome.cancel()


def _work(waiting: SimpleQueue[tuple[Callable[[], T], Future[T]]]) -> None:
    while True:
        try:
            call, outcome = waiting.get_nowait()
        except Empty:
            return
        if not outcome.set_running_or_notify_cancel():
            continue
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)
            del error
        del call, outcome
