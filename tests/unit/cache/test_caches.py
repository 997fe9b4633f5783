"""The three caches behind one suite: what is kept is found, until its time has passed; and what each bounds."""

from __future__ import annotations

import asyncio
import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fakeredis
import pytest

from instructor.cache import Cache, DiskCache, MemoryCache, RedisCache
from instructor.errors import ConfigurationError


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


MAKERS: dict[str, Callable[..., Any]] = {
    "memory": lambda path, **options: MemoryCache(**options),
    "disk": lambda path, **options: DiskCache(path / "kept", **options),
    "redis": lambda path, **options: RedisCache(fakeredis.FakeRedis(), **options),
    "redis text": lambda path, **options: RedisCache(fakeredis.FakeRedis(decode_responses=True), **options),
}


@pytest.fixture(params=list(MAKERS))
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    made: list[Any] = []

    def of(**options: Any) -> Any:
        made.append(MAKERS[request.param](tmp_path, **options))
        return made[-1]

    yield of
    for cache in made:
        if hasattr(cache, "close"):
            cache.close()


def test_what_is_kept_is_found(make: Callable[..., Any]) -> None:
    cache: Cache = make()
    assert cache.get("a") is None
    cache.set("a", b'{"x": "\xc3\xa4"}')
    cache.set("b", b"2")
    cache.set("a", b"3")
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (b"3", b"2", None)


def test_many_threads_at_once(make: Callable[..., Any]) -> None:
    cache: Cache = make()

    def work(number: int) -> None:
        for i in range(20):
            cache.set(f"{i}", f"{i}".encode())
            found = cache.get(f"{(i + number) % 20}")
            assert found is None or found == f"{(i + number) % 20}".encode()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert [cache.get(f"{i}") for i in range(20)] == [f"{i}".encode() for i in range(20)]


@pytest.mark.parametrize("ttl", [0, -1, True, "60", float("inf"), float("nan")])
def test_a_time_that_is_none_is_refused(make: Callable[..., Any], ttl: Any) -> None:
    with pytest.raises(ConfigurationError, match="positive number of seconds"):
        make(ttl=ttl)
    cache = make()
    with pytest.raises(ConfigurationError):
        cache.set("a", b"", ttl)


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_time_passes(kind: str, tmp_path: Path) -> None:
    clock = Clock()
    cache = MAKERS[kind](tmp_path, ttl=10, clock=clock)
    cache.set("default", b"1")
    cache.set("longer", b"2", 20)
    forever = MAKERS[kind](tmp_path / "other", clock=clock)
    forever.set("x", b"3")
    clock.now += 9.9
    assert cache.get("default") == b"1"
    clock.now += 0.2
    assert (cache.get("default"), cache.get("longer")) == (None, b"2")
    clock.now += 1e9
    assert (cache.get("longer"), forever.get("x")) == (None, b"3")
    if kind == "disk":
        cache.set("new", b"4")
        assert len(cache) == 1  # what has passed is gone from the file too
        cache.close()
        forever.close()


def test_redis_is_told_the_time() -> None:
    server = fakeredis.FakeRedis()
    cache = RedisCache(server, ttl=10, prefix="p:")
    cache.set("a", b"1")
    cache.set("b", b"2", 0.0001)
    cache.set("c", b"3", 1.5)
    assert 9_000 < server.pttl("p:a") <= 10_000
    assert 1_000 < server.pttl("p:c") <= 1_500
    RedisCache(server, prefix="p:").set("d", b"4")
    assert server.pttl("p:d") == -1


# ── memory ───────────────────────────────────────────────────────────────────────────────────────


def test_memory_is_bounded_and_what_was_not_asked_for_goes_first() -> None:
    cache = MemoryCache(2)
    cache.set("a", b"1")
    cache.set("b", b"2")
    assert cache.get("a") == b"1"
    cache.set("c", b"3")
    assert (cache.get("a"), cache.get("b"), cache.get("c"), len(cache)) == (b"1", None, b"3", 2)

    small = MemoryCache(max_bytes=10)
    small.set("a", bytes(6))
    small.set("a", bytes(5))
    small.set("b", bytes(5))
    assert len(small) == 2
    small.set("c", bytes(1))
    assert small.get("a") is None
    with pytest.raises(ValueError, match="11 bytes is larger than the cache's max_bytes, 10"):
        small.set("d", bytes(11))
    small.clear()
    assert (len(small), repr(small)) == (0, "MemoryCache(0 answers, 0 bytes)")
    with pytest.raises(ConfigurationError, match="max_items is a positive whole number, not 0"):
        MemoryCache(0)


# ── disk ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_is_shared_by_processes(tmp_path: Path) -> None:
    code = (
        "import sys; from instructor.cache import DiskCache\n"
        "with DiskCache(sys.argv[1]) as cache:\n"
        "    for i in range(50): cache.set(f'{sys.argv[2]}-{i}', b'x' * 1000)\n"
    )
    workers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "ab"]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    with DiskCache(tmp_path) as cache:
        assert len(cache) == 100
        assert cache.get("b-49") == b"x" * 1000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_folder_outlives_a_fork(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)
    cache.set("a", b"1")
    child = os.fork()
    if child == 0:
        try:
            cache.set("child", cache.get("a") or b"")
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert cache.get("child") == b"1"
    cache.close()


def test_a_folder_is_its_owner_s_and_bounded(tmp_path: Path) -> None:
    clock = Clock()
    cache = DiskCache(tmp_path / "deep" / "er", max_bytes=10, clock=clock)
    for name in "abc":
        cache.set(name, bytes(4))
        clock.now += 1
    assert [cache.get(name) is None for name in "abc"] == [True, False, False]
    with pytest.raises(ValueError, match="larger than"):
        cache.set("d", bytes(11))
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "deep" / "er").stat().st_mode) == 0o700
    again = pickle.loads(pickle.dumps(cache))
    assert again.get("c") == bytes(4)
    again.close()
    cache.clear()
    assert (len(cache), bool(cache)) == (0, True)
    cache.close()
    cache.set("e", b"1")  # opens it again
    cache.close()


def test_a_full_disk_is_said_and_costs_no_more_than_the_answer(tmp_path: Path) -> None:
    with DiskCache(tmp_path) as cache:
        cache.set("a", b"1")
        with cache._open() as connection:
            connection.execute("PRAGMA max_page_count = 20")  # as if there were no more room
        with pytest.raises(sqlite3.OperationalError, match="full"):
            cache.set("b", bytes(1_000_000))
        cache.set("c", b"3")
        assert [cache.get(name) for name in "abc"] == [b"1", None, b"3"]


def test_nothing_is_opened_before_it_is_needed(tmp_path: Path) -> None:
    DiskCache(tmp_path / "x").close()
    assert not (tmp_path / "x").exists()


def test_a_damaged_file_is_an_error_and_not_an_answer(tmp_path: Path) -> None:
    (tmp_path / "answers.sqlite3").write_bytes(b"something else" * 100)
    cache = DiskCache(tmp_path)
    with pytest.raises(sqlite3.DatabaseError):
        cache.get("a")


# ── redis ────────────────────────────────────────────────────────────────────────────────────────


async def test_redis_asynchronously_with_a_client_of_either_kind() -> None:
    server = fakeredis.FakeServer()
    slow = RedisCache(fakeredis.FakeRedis(server=server), ttl=60)
    client = fakeredis.FakeAsyncRedis(server=server)
    quick = RedisCache(client)
    await slow.aset("a", b"1")
    await quick.aset("b", b"2", 60)
    assert (await quick.aget("a"), await slow.aget("b"), await quick.aget("c")) == (b"1", b"2", None)
    with pytest.raises(ConfigurationError, match=r"has a redis\.asyncio client"):
        quick.get("a")
    await client.aclose()


@pytest.fixture
def address() -> Iterator[str]:
    """A server on this machine that speaks the protocol."""
    server = fakeredis.TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"redis://127.0.0.1:{server.server_address[1]}/0"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_address_serves_both_kinds_of_clients_and_any_loop(address: str) -> None:
    cache = RedisCache(address)
    cache.set("a", b"1")

    async def through() -> bytes | None:
        await cache.aset("b", b"2")
        found = await cache.aget("a")
        await cache.aclose()
        return found

    assert asyncio.run(through()) == b"1"
    assert asyncio.run(through()) == b"1"  # another loop, other connections
    assert cache.get("b") == b"2"
    assert address not in repr(cache)
    cache.close()


@pytest.mark.parametrize("given", [None, 3, object(), {}])
def test_redis_refuses_what_is_no_client(given: Any) -> None:
    with pytest.raises(ConfigurationError, match="takes an address"):
        RedisCache(given)
