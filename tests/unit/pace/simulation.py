"""Many flows at a time, on a clock that is only turned forward: no thread, no event loop, no waiting."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any

from instructor.effects import Emit, Now, Sleep, Wait

Flow = Generator[Any, Any, Any]


@dataclass
class Runner:
    """One flow: what it waits for, and how it ended."""

    flow: Flow
    until: float = 0.0
    woken: Future[None] | None = None
    answer: Any = None
    ended: bool = False
    error: BaseException | None = None
    context: Context = field(default_factory=copy_context)
    """As every thread and every task has one."""


@dataclass
class Simulation:
    """Runs flows in the order in which they may go on."""

    now: float = 1000.0
    runners: list[Runner] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)

    def start(self, flow: Flow) -> Runner:
        """Begin a flow at once; it goes on in `run`."""
        runner = Runner(flow, until=self.now)
        self.runners.append(runner)
        self.step(runner)
        return runner

    def cancel(self, runner: Runner) -> None:
        """What a cancelled task does to its flow."""
        if runner.woken is not None:
            runner.woken.cancel()
        self._resume(runner, lambda: runner.flow.throw(KeyboardInterrupt()))

    def step(self, runner: Runner) -> None:
        runner.woken = None
        answer, runner.answer = runner.answer, None
        self._resume(runner, lambda: runner.flow.send(answer))

    def _resume(self, runner: Runner, resume: Callable[[], Any]) -> None:
        try:
            effect = runner.context.run(resume)
            while isinstance(effect, Now | Emit):
                if isinstance(effect, Emit):
                    self.events.append(effect.event)
                effect = runner.context.run(runner.flow.send, self.now if isinstance(effect, Now) else None)
        except StopIteration:
            runner.ended = True
        except BaseException as error:
            runner.ended, runner.error = True, error
        else:
            if isinstance(effect, Wait):
                seconds = float("inf") if effect.seconds is None else effect.seconds
                runner.woken, runner.until = effect.woken, self.now + seconds
            else:
                assert isinstance(effect, Sleep), effect
                runner.until = self.now + effect.seconds

    def run(self, until: float | None = None) -> None:
        """Go on until nothing is left to do, or until a moment of the clock (counted from its beginning)."""
        end = None if until is None else 1000.0 + until
        while True:
            going = [each for each in self.runners if not each.ended]
            ready = [each for each in going if each.woken is not None and each.woken.done()] or [
                each for each in going if each.until <= self.now
            ]
            if ready:
                self.step(ready[0])
                continue
            coming = [each.until for each in going if each.until < float("inf")]
            if not coming or (end is not None and min(coming) > end):
                self.now = self.now if end is None else end
                return
            moment = min(coming)
            assert moment > self.now, "the clock stands still"
            self.now = moment
