"""Who may send, and when: flows on a clock that the tests turn."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from typing import Any

import pytest

from instructor.effects import Call, Sleep
from instructor.errors import ConfigurationError, ConnectionFailed, Overloaded, RateLimited, ServerError
from instructor.events import Slowed
from instructor.pace import FREE, Pace, RateLimits
from instructor.retry import Backoff, sending

from .simulation import Simulation

Log = list[tuple[str, float]]


def paced(pace: Pace, name: str, log: Log, sim: Simulation, **about: Any) -> Generator[Any, Any, None]:
    """A request that takes `seconds`, is estimated at `need` tokens and really took `took`."""
    with pace.visit("acme", about.get("need", 0), about.get("patience", 60.0)) as visit:
        yield from visit.enter()
        log.append((name, sim.now - 1000.0))
        yield Sleep(about.get("seconds", 1.0))
        if error := about.get("error"):
            yield from visit.failed(error)
            raise error
        yield from visit.answered(about.get("took", 0), about.get("headers"))


def test_no_more_at_a_time_than_allowed_and_in_order() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(concurrency=2))
    for i in range(5):
        sim.start(paced(pace, str(i), log, sim, seconds=1 + i / 10))
    assert (pace.under_way, pace.waiting) == (2, 3)
    sim.run()
    assert log == [("0", 0), ("1", 0), ("2", 1.0), ("3", pytest.approx(1.1)), ("4", pytest.approx(2.2))]
    assert (pace.under_way, pace.waiting) == (0, 0)


def test_requests_by_the_minute() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(requests_per_minute=60))
    for i in range(12):
        sim.start(paced(pace, str(i), log, sim))
    sim.run()
    assert [at for _, at in log[:6]] == [0] * 6, "a tenth of a minute's worth may go out at once"
    assert [at for _, at in log[6:]] == pytest.approx([1, 2, 3, 4, 5, 6])
    assert [name for name, _ in log] == [str(i) for i in range(12)]


def test_tokens_are_estimated_and_then_corrected() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(tokens_per_minute=6000))  # 600 at once, 100 a second
    sim.start(paced(pace, "a", log, sim, need=500, took=1600, seconds=0))
    sim.run()
    sim.start(paced(pace, "b", log, sim, need=100, took=1200, seconds=0))
    sim.run()
    # a took 1,000 more than there was; b is expected to take 1,100 more than it says, and waits for a full bucket
    assert log == [("a", 0), ("b", pytest.approx(16.0))]


def test_tokens_of_a_request_that_was_refused_are_given_back() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(tokens_per_minute=6000))
    sim.start(paced(pace, "a", log, sim, need=600, seconds=0, error=ServerError("down", status=500)))
    sim.start(paced(pace, "b", log, sim, need=600))
    sim.run()
    assert log == [("a", 0), ("b", 0)]


def test_tokens_of_a_request_that_broke_off_are_not() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(tokens_per_minute=6000))
    sim.start(paced(pace, "a", log, sim, need=600, seconds=0, error=ConnectionFailed("cut")))
    sim.start(paced(pace, "b", log, sim, need=600))
    sim.run()
    assert log == [("a", 0), ("b", pytest.approx(6.0))]


def test_a_large_request_is_not_overtaken_by_small_ones() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(tokens_per_minute=6000))
    for name, need in (("a", 300), ("large", 550), ("small", 10)):
        sim.start(paced(pace, name, log, sim, need=need))
    sim.run()
    assert [name for name, _ in log] == ["a", "large", "small"]
    assert log[1][1] == pytest.approx(2.5)


def test_a_wish_to_wait_holds_for_the_whole_client() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(concurrency=4))
    sim.start(paced(pace, "a", log, sim, seconds=0.5, error=RateLimited("slow down", retry_after=10, status=429)))
    sim.run(until=1)
    sim.start(paced(pace, "b", log, sim))
    sim.run()
    assert log == [("a", 0), ("b", pytest.approx(10.5))]
    slowed = sim.events[0]
    assert isinstance(slowed, Slowed)
    assert (slowed.share, slowed.pause) == (0.5, 10)


def test_half_as_fast_after_a_refusal_and_whole_again_within_a_minute() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(requests_per_minute=60))
    for i in range(6):
        sim.start(paced(pace, str(i), log, sim, seconds=0))
    sim.start(paced(pace, "refused", log, sim, seconds=0, error=Overloaded("busy", status=529)))
    sim.run()
    for i in range(60):
        sim.start(paced(pace, f"later {i}", log, sim, seconds=0))
    began = sim.now - 1000.0
    sim.run()
    gaps = [b - a for (_, a), (_, b) in itertools.pairwise(log[7:])]
    assert log[7][1] - began == pytest.approx(2.0, rel=0.05)
    assert gaps[:15] == sorted(gaps[:15], reverse=True)
    assert gaps[30:] == pytest.approx([1.0] * len(gaps[30:]))


def test_many_refusals_of_one_wave_are_one() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(concurrency=8))
    for i in range(8):
        sim.start(paced(pace, str(i), log, sim, seconds=1 + i / 100, error=RateLimited("no", status=429)))
    sim.run()
    assert [event.share for event in sim.events] == [0.5]


def test_concurrency_is_halved_too_and_comes_back() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(concurrency=4))
    sim.start(paced(pace, "refused", log, sim, seconds=0, error=RateLimited("no", status=429)))
    sim.run()
    for i in range(4):
        sim.start(paced(pace, str(i), log, sim, seconds=100))
    sim.run()
    assert [at for _, at in log] == pytest.approx([0, 0, 0, 15, 30])


def test_who_would_not_wait_for_so_long_is_told_at_once() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(concurrency=1))
    sim.start(paced(pace, "a", log, sim, error=RateLimited("no", retry_after=30, status=429)))
    waiting = sim.start(paced(pace, "b", log, sim, patience=5.0))
    patient = sim.start(paced(pace, "c", log, sim, patience=60.0))
    sim.run(until=2)
    assert isinstance(waiting.error, RateLimited)
    assert waiting.error.retry_after == pytest.approx(30)
    assert "nothing was sent" in str(waiting.error)
    sim.run()
    assert patient.error is None
    assert log == [("a", 0), ("c", pytest.approx(31))]


def test_what_the_provider_says_is_left_holds() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(requests_per_minute=600))
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "4s"}
    sim.start(paced(pace, "a", log, sim, seconds=0, headers=headers))
    sim.run()
    for i in range(3):
        sim.start(paced(pace, str(i), log, sim, seconds=0))
    sim.run()
    assert [at for _, at in log] == pytest.approx([0, 4.0, 4.0, 4.0]), "nothing for 4 s, in which the bucket fills"


def test_whoever_is_cancelled_in_line_leaves_it() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(concurrency=1))
    sim.start(paced(pace, "a", log, sim))
    gone = sim.start(paced(pace, "b", log, sim))
    sim.start(paced(pace, "c", log, sim))
    sim.cancel(gone)
    sim.run()
    assert log == [("a", 0), ("c", 1)]


def test_whoever_is_cancelled_under_way_makes_room() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(concurrency=1))
    going = sim.start(paced(pace, "a", log, sim, seconds=100))
    sim.start(paced(pace, "b", log, sim))
    sim.run(until=3)
    sim.cancel(going)
    sim.run()
    assert log == [("a", 0), ("b", 3)]
    assert (pace.under_way, pace.waiting) == (0, 0)


def test_a_flow_that_is_closed_makes_room() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(concurrency=1))
    going, waiting = sim.start(paced(pace, "a", log, sim)), sim.start(paced(pace, "b", log, sim))
    for runner in (going, waiting):
        runner.context.run(runner.flow.close)
    assert (pace.under_way, pace.waiting) == (0, 0)


def test_what_belongs_to_a_request_under_way_does_not_wait_for_it() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(concurrency=1))

    def nested() -> Generator[Any, Any, None]:
        with pace.visit("acme", 0) as visit:
            yield from visit.enter()
            yield from paced(pace, "inner", log, sim)
            log.append(("outer", sim.now - 1000.0))

    sim.start(nested())
    sim.start(paced(pace, "other", log, sim))
    sim.run()
    assert log == [("inner", 0), ("outer", 1), ("other", 1)]


def test_a_request_that_is_sent_again_goes_first() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(concurrency=1))

    def again() -> Generator[Any, Any, None]:
        with pace.visit("acme", 0) as visit:
            for attempt in ("first", "second"):
                yield from visit.enter()
                log.append((attempt, sim.now - 1000.0))
                yield Sleep(1)
                if attempt == "first":
                    yield from visit.failed(ServerError("down", status=500))

    sim.start(again())
    sim.start(paced(pace, "b", log, sim))
    sim.start(paced(pace, "c", log, sim))
    sim.run()
    assert [name for name, _ in log].index("second") < [name for name, _ in log].index("c")


def test_sending_passes_through_and_does_not_hold_a_place_while_it_waits() -> None:
    pace = Pace(RateLimits(concurrency=1))
    with pace.visit("acme", 0) as visit:
        flow = sending(Call({}), Backoff(first=2.0), None, visit)
        flow.send(None)
        assert isinstance(flow.send(5.0), Call)
        assert pace.under_way == 1
        assert isinstance(flow.throw(ServerError("down", status=500)), Sleep)
        assert pace.under_way == 0
        flow.send(None)
        assert isinstance(flow.send(6.0), Call)
    assert pace.under_way == 0


def test_without_limits_nothing_is_asked_for() -> None:
    with FREE as visit:
        flow = sending(Call({}), Backoff(), None, visit)
        assert isinstance(flow.send(None), Call)


def test_a_wait_that_was_given_up_too_early_begins_anew() -> None:
    sim, log, pace = Simulation(), Log(), Pace(RateLimits(concurrency=1))
    sim.start(paced(pace, "a", log, sim))
    waiting = sim.start(paced(pace, "b", log, sim))
    assert waiting.woken is not None
    waiting.woken.cancel()  # as a driver does at the end of its time
    sim.run()
    assert log == [("a", 0), ("b", 1)]


def test_limits_are_limits() -> None:
    shared = Pace(RateLimits(concurrency=2))
    assert Pace.of(shared) is shared
    assert Pace.of(None) is None
    with pytest.raises(ConfigurationError, match="RateLimits"):
        Pace.of(3)
    assert "0 under way, 0 waiting" in repr(shared)
