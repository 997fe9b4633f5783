"""Clients side by side, and values that belong to an event loop."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from instructor.drivers.lanes import MOST, WIDTH, Lanes, PerLoop


def numbered() -> Lanes[int]:
    numbers = count()
    return Lanes(lambda: next(numbers))


def test_a_client_takes_as_many_as_it_has_connections_then_there_is_another() -> None:
    lanes = numbered()
    assert lanes.clients() == []
    places = [lanes.take() for _ in range(2 * WIDTH + 1)]
    assert [place.client for place in places] == [0] * WIDTH + [1] * WIDTH + [2]
    assert lanes.clients() == [0, 1, 2]


def test_one_call_after_the_other_stays_with_the_first() -> None:
    lanes = numbered()
    for _ in range(3 * WIDTH):
        place = lanes.take()
        assert place.client == 0
        place.leave()
        place.leave()  # as a stream may be closed twice: nobody else's place is given away
    held = [lanes.take() for _ in range(WIDTH + 1)]
    assert [place.client for place in held] == [0] * WIDTH + [1]


def test_a_place_that_is_left_is_taken_again() -> None:
    lanes = numbered()
    places = [lanes.take() for _ in range(2 * WIDTH)]
    places[5].leave()
    assert lanes.take().client == 0
    assert lanes.take().client == 2


def test_where_none_has_room_the_one_with_the_fewest_takes_it() -> None:
    lanes = numbered()
    places = [lanes.take() for _ in range(MOST * WIDTH)]
    assert [lanes.take().client for _ in range(MOST)] == list(range(MOST))
    for place in places[3 * WIDTH : 3 * WIDTH + 2]:
        place.leave()
    assert lanes.take().client == 3
    assert len(lanes.clients()) == MOST


def test_the_callers_own_is_the_only_one() -> None:
    lanes = Lanes(lambda: pytest.fail("nothing is made"), "theirs")
    assert {lanes.take().client for _ in range(3 * WIDTH)} == {"theirs"}


def test_each_loop_has_its_own_and_closes_it() -> None:
    made: list[list[str]] = []

    def make() -> list[str]:
        made.append(["open"])
        return made[-1]

    async def close(value: list[str]) -> None:
        await asyncio.sleep(0)
        value[0] = "closed"

    held = PerLoop(make, close)

    async def use() -> None:
        first, *others = await asyncio.gather(*(held.get() for _ in range(5)))
        assert all(other is first for other in others)
        assert first == ["open"]

    for _ in range(3):
        asyncio.run(use())
    assert made == [["closed"]] * 3
    assert len(held._held) == 1, "loops that are gone are forgotten"


def test_one_that_was_closed_is_made_anew() -> None:
    closed: list[object] = []

    async def close(value: object) -> None:
        closed.append(value)

    held = PerLoop(object, close)

    async def use() -> None:
        first = await held.get()
        await held.close()
        await held.close()
        assert closed == [first]
        assert await held.get() is not first

    asyncio.run(use())
    assert len(closed) == 2
