"""Buckets and shares, at moments that the tests choose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instructor.errors import ConfigurationError
from instructor.pace import RateLimits
from instructor.pace.limits import BURST, LEAST, Bucket, Share


def whole(moment: float) -> float:
    """All of it, at any moment."""
    return 1.0


def test_a_bucket_is_full_at_first_and_fills_with_time() -> None:
    bucket = Bucket(600)
    bucket.fill(100.0, whole)
    assert bucket.level == 60
    bucket.take(60)
    assert bucket.wait(1, 1.0) == pytest.approx(0.1)
    bucket.fill(100.1, whole)
    assert bucket.wait(1, 1.0) == 0
    assert bucket.wait(2, 1.0) == pytest.approx(0.1)
    bucket.fill(1000.0, whole)
    assert bucket.level == 60, "it holds no more than that"


def test_a_bucket_of_less_than_one_at_once_holds_one() -> None:
    bucket = Bucket(3)
    bucket.fill(0.0, whole)
    assert bucket.wait(1, 1.0) == 0
    bucket.take(1)
    assert bucket.wait(1, 1.0) == pytest.approx(20)


def test_what_is_more_than_a_bucket_holds_is_owed() -> None:
    bucket = Bucket(6000)
    bucket.fill(0.0, whole)
    assert bucket.wait(5000, 1.0) == 0
    bucket.take(5000)
    assert bucket.level == -4400
    assert bucket.wait(100, 1.0) == pytest.approx(45)


def test_a_smaller_share_fills_more_slowly() -> None:
    bucket = Bucket(600)
    bucket.fill(0.0, whole)
    bucket.take(60)
    assert bucket.wait(1, 0.5) == pytest.approx(0.2)
    bucket.fill(1.0, lambda moment: 0.5)
    assert bucket.level == pytest.approx(5)


def test_time_that_goes_backward_changes_nothing() -> None:
    bucket = Bucket(600)
    bucket.fill(10.0, whole)
    bucket.take(60)
    bucket.fill(5.0, whole)
    assert bucket.level == 0


def test_a_share_is_halved_and_recovers_within_a_minute() -> None:
    share = Share()
    assert share.at(0) == 1
    share.cut(100, until=100)
    assert share.at(100) == 0.5
    assert share.at(115) == pytest.approx(0.75)
    assert share.at(130) == 1
    assert share.wait(0.75, 100) == pytest.approx(15)


def test_a_share_does_not_grow_during_a_pause() -> None:
    share = Share()
    share.cut(100, until=120)
    assert share.at(119) == share.at(120) == 0.5
    assert share.at(135) == pytest.approx(0.75)


def test_a_share_never_comes_to_nothing() -> None:
    share = Share()
    for _ in range(20):
        share.cut(0, until=0)
    assert share.at(0) == LEAST


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 40)), max_size=60))
def test_no_minute_takes_more_than_the_limit_and_a_tenth(steps: list[tuple[float, int]]) -> None:
    bucket, now, taken = Bucket(120), 0.0, list[tuple[float, int]]()
    bucket.fill(now, whole)
    for pause, need in steps:
        now += pause
        bucket.fill(now, whole)
        if bucket.wait(need, 1.0) == 0:
            bucket.take(need)
            taken.append((now, need))
    for start, _ in taken:
        within = [need for at, need in taken if start <= at < start + 60]
        # the last one may be larger than the bucket, which it leaves in debt
        assert sum(within) - max(within) <= 120 * (1 + BURST) + 1e-6


WRONG = [
    ({"concurrency": 0}, "concurrency"),
    ({"concurrency": 1.5}, "concurrency"),
    ({"concurrency": True}, "concurrency"),
    ({"requests_per_minute": 0}, "requests_per_minute"),
    ({"requests_per_minute": "many"}, "requests_per_minute"),
    ({"tokens_per_minute": float("inf")}, "tokens_per_minute"),
    ({"tokens_per_minute": -5}, "tokens_per_minute"),
]


@pytest.mark.parametrize(("given", "name"), WRONG)
def test_limits_that_are_none(given: dict[str, object], name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        RateLimits(**given)  # type: ignore[arg-type]
