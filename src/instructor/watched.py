"""A call with its first event and its last, and with what it took written on its error.

    Started ─▶ the flow, as it is ─▶ Completed | Failed | Abandoned

A stream that its reader closes cannot yield any more: its driver then tells of the end.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

from .effects import Emit
from .engine import Task

T = TypeVar("T")


def watched(task: Task[Any], flow: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
    """The flow, or the stream, of a task."""
    progress = task.progress
    started = progress.begin()
    if started is not None:
        yield Emit(started)
    try:
        result = yield from flow
    except Exception as error:
        yield Emit(progress.fail(error))
        raise
    except GeneratorExit:
        raise
    except BaseException:
        yield Emit(progress.abandon())
        raise
    completed = progress.complete()
    if completed is not None:
        yield Emit(completed)
    return result
