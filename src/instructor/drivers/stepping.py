"""A flow, step by step: what every driver's loop has in common.

for effect in Steps(flow):          what the flow asks for
    with steps:                     a failure of it is thrown into the flow at the next step
        steps.answer = …            what the flow is sent at the next step
steps.result                        what it returned
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Generic, TypeVar

E = TypeVar("E")
T = TypeVar("T")


class Steps(Generic[E, T]):
    """Iterates over a flow's effects, each of which was given an answer, or a failure, before the next is asked for."""

    __slots__ = ("_flow", "_send", "answer", "failure", "result")

    answer: Any
    failure: BaseException | None
    result: T

    def __init__(self, flow: Generator[E, Any, T]) -> None:
        self._flow, self._send = flow, flow.send
        self.answer = self.failure = None

    def __iter__(self) -> Steps[E, T]:
        return self

    def __next__(self) -> E:
        answer, self.answer = self.answer, None
        try:
            return self._send(answer) if self.failure is None else self._throw()
        except StopIteration as end:
            self.result = end.value
            raise

    def _throw(self) -> E:
        failure, self.failure = self.failure, None
        try:
            assert failure is not None
            return self._flow.throw(failure)
        finally:
            del failure  # or it would hold this frame, which would hold it
