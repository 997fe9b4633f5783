"""Servers in this process: started once, by the first that needs one, and stopped with the last."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from instructor.adapter import Hosted, Running
from instructor.drivers.hosted import Lease, Pool
from instructor.errors import ConfigurationError
from instructor.providers.llamacpp import provider


class House:
    """Counts what is started and stopped."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.started = self.stopped = 0

    def hosted(self, identity: Any = "model") -> Hosted:
        return Hosted(provider.adapter, identity, self.start)

    def start(self) -> Running:
        self.started += 1
        if self.failures:
            raise self.failures.pop()
        return Running(f"http://127.0.0.1:{self.started}", "key", self.stop)

    def stop(self) -> None:
        self.stopped += 1


def test_many_threads_start_one_server() -> None:
    house, pool, together = House(), Pool(), Barrier(8)
    leases = [Lease(house.hosted(), pool) for _ in range(8)]

    def take(lease: Lease) -> Running:
        together.wait()
        return lease.running()

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(take, leases))
    assert len(found) == house.started == 1
    for lease in leases[1:]:
        lease.end()
    assert house.stopped == 0
    leases[0].end()
    assert (house.stopped, pool.running) == (1, ())


def test_different_models_are_different_servers() -> None:
    house, pool = House(), Pool()
    one, other = Lease(house.hosted("one"), pool), Lease(house.hosted("other"), pool)
    assert one.running() != other.running()
    one.end()
    assert (house.stopped, len(pool.running)) == (1, 1)


def test_after_a_failed_start_the_next_request_tries_again() -> None:
    house, pool = House(ConfigurationError("no memory")), Pool()
    lease = Lease(house.hosted(), pool)
    with pytest.raises(ConfigurationError, match="no memory"):
        lease.running()
    assert pool.running == ()
    assert lease.running() == lease.running()
    assert house.started == 2


def test_a_server_that_was_stopped_is_started_anew_for_the_next_client() -> None:
    house, pool = House(), Pool()
    for _ in range(2):
        lease = Lease(house.hosted(), pool)
        lease.running()
        lease.end()
    assert (house.started, house.stopped) == (2, 2)


def test_nothing_is_started_for_a_client_that_asks_nothing() -> None:
    house, pool = House(), Pool()
    lease = Lease(house.hosted(), pool)
    lease.end()
    assert (house.started, house.stopped) == (0, 0)
    with pytest.raises(ConfigurationError, match="closed"):
        lease.running()


def test_what_runs_at_the_end_of_the_process_is_stopped() -> None:
    house, pool = House(), Pool()
    lease = Lease(house.hosted(), pool)
    lease.running()
    pool.stop_all()
    lease.end()
    assert (house.stopped, pool.running) == (1, ())
