"""Answers that were paid for once: through all eight ways, for every kind of result, and when the cache itself fails."""

from __future__ import annotations

import asyncio
import io
import logging
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import fakeredis
import pytest
from PIL import Image as Pillow
from pydantic import BaseModel, field_validator

import instructor
from instructor import Image, Mode
from instructor.cache import DiskCache, MemoryCache, RedisCache
from instructor.errors import (
    CacheMiss,
    ConfigurationError,
    IncompleteOutputException,
    InstructorRetryException,
    ProviderTimeout,
    RefusalError,
)
from instructor.ir import Reply
from instructor.testing import Loopback

from .ways import JASON, WAYS, User, Way, every_way, settled

of_openai = pytest.mark.parametrize("way", [way for way in WAYS if way.dialect == "openai"], ids=str)
"""Where the dialect makes no difference."""


async def collected(stream: Any) -> list[Any]:
    return [item async for item in stream] if hasattr(stream, "__aiter__") else list(stream)


class Colour(Enum):
    RED = "red"


PEOPLE = {"content": [JASON, {"name": "Ann", "age": 31}]}
RESULTS: list[tuple[Any, Any]] = [
    (User, JASON),
    (list[User], PEOPLE),
    (Iterable[User], PEOPLE),
    (dict[str, int], {"a": 1}),
    (Literal["a", "b"], {"content": "b"}),
    (Colour, {"content": "red"}),
    (User | None, {"content": None}),
    (int, {"content": 3}),
]


@every_way
async def test_the_same_question_is_asked_once(way: Way, server: Loopback) -> None:
    hits: list[tuple[Reply, str]] = []
    async with way.open(cache=MemoryCache()) as client:
        client.on("cache:hit", lambda reply, key: hits.append((reply, key)))
        for form, value in RESULTS:
            server.reply(value)
            first = await settled(client.create(form, "Read."))
            again, raw = await settled(client.create_with_completion(form, "Read."))
            assert first == again
            assert raw.usage is not None
        assert len(server.requests) == len(RESULTS)
        assert len(hits) == len(RESULTS)
        assert hits[0][0].usage.output > 0
        assert len(hits[0][1]) == 64

        server.say("Hello.")
        said = await settled(client.create(None, "Say hello."))
        kept = await settled(client.create(None, "Say hello."))
        assert kept.model_dump()["id"] == said.model_dump()["id"]
        assert type(kept) is type(said)
        assert len(server.requests) == len(RESULTS) + 1


@every_way
async def test_the_sdk_s_own_object_comes_back(way: Way, server: Loopback) -> None:
    server.reply(JASON)
    async with way.open(cache=MemoryCache(), mode=Mode.TOOLS) as client:
        _, raw = await settled(client.create_with_completion(User, "x"))
        _, kept = await settled(client.create_with_completion(User, "x"))
    assert type(kept) is type(raw)
    called = kept.choices[0].message.tool_calls[0] if way.dialect == "openai" else kept.content[0]
    assert called.type == ("function" if way.dialect == "openai" else "tool_use")
    assert kept.usage == raw.usage


@every_way
async def test_streams_read_and_write_the_same_answers(way: Way, server: Loopback) -> None:
    server.reply(JASON).reply(PEOPLE)
    async with way.open(cache=MemoryCache()) as client:
        live = await collected(client.create_partial(User, "one"))
        kept = await collected(client.create_partial(User, "one"))
        assert kept[-1] == live[-1] == User(**JASON)
        assert await settled(client.create(User, "one")) == live[-1]

        whole = await settled(client.create(list[User], "many"))
        assert await collected(client.create_iterable(User, "many")) == whole
        assert await collected(await settled(client.create(list[User], "many", stream=True))) == whole
    assert len(server.requests) == 2


@every_way
async def test_a_stream_that_was_left_is_not_kept(way: Way, server: Loopback) -> None:
    server.reply(JASON).reply(JASON)
    async with way.open(cache=MemoryCache()) as client:
        stream = client.create_partial(User, "x")
        await (anext(stream) if way.asynchronous else asyncio.to_thread(next, stream))
        await (stream.aclose() if way.asynchronous else asyncio.to_thread(stream.close))
        await settled(client.create(User, "x"))
    assert len(server.requests) == 2


@every_way
async def test_only_valid_answers_are_kept(way: Way, server: Loopback) -> None:
    server.reply({"name": "Jason"}).truncate('{"name": "Ja').refuse("No.").truncate("Hel").say("Hello")
    async with way.open(cache=MemoryCache(), mode=Mode.JSON_SCHEMA) as client:
        for error in (InstructorRetryException, IncompleteOutputException, RefusalError):
            with pytest.raises(error):
                await settled(client.create(User, "x", max_retries=0))
        await settled(client.create(None, "y"))
        await settled(client.create(None, "y"))
    assert len(server.requests) == 5


@of_openai
async def test_what_a_retry_came_to_is_kept(way: Way, server: Loopback) -> None:
    server.reply({"name": "Jason"}).reply(JASON)
    async with way.open(cache=MemoryCache()) as client:
        assert await settled(client.create(User, "x")) == await settled(client.create(User, "x"))
    assert len(server.requests) == 2


class Rules:
    adult = 18


class Adult(BaseModel):
    name: str
    age: int

    @field_validator("age")
    @classmethod
    def grown(cls, age: int) -> int:
        if age < Rules.adult:
            raise ValueError("must be grown up")
        return age


@of_openai
async def test_what_is_not_valid_any_more_is_asked_anew(
    way: Way, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply(JASON).reply({"name": "Ann", "age": 31})
    async with way.open(cache=MemoryCache()) as client:
        await settled(client.create(Adult, "x"))
        monkeypatch.setattr(Rules, "adult", 30)
        with pytest.raises(CacheMiss, match="not valid any more"):
            await settled(client.create(Adult, "x", cache="only"))
        with pytest.raises(CacheMiss, match="not valid any more"):
            await collected(client.create_partial(Adult, "x", cache="only"))
        assert (await settled(client.create(Adult, "x"))).name == "Ann"
        assert (await settled(client.create(Adult, "x", cache="only"))).name == "Ann"  # it has taken the other's place
    assert len(server.requests) == 2


# ── what a call may say ──────────────────────────────────────────────────────────────────────────


@of_openai
async def test_a_call_may_do_without_only_or_anew(way: Way, server: Loopback) -> None:
    for name in ("One", "Two", "Three", "Four"):
        server.reply({"name": name, "age": 1})
    async with way.open(cache=MemoryCache()) as client:

        async def ask(**options: Any) -> str:
            user = await settled(client.create(User, "x", **options))
            return str(user.name)

        with pytest.raises(CacheMiss, match="no answer to this request") as caught:
            await ask(cache="only")
        assert len(caught.value.key) == 64
        with pytest.raises(CacheMiss):
            await collected(client.create_iterable(User, "x", cache="only"))
        assert server.requests == []
        assert [await ask(), await ask(cache=False), await ask(), await ask(cache=True)] == ["One", "Two", "One", "One"]
        assert [await ask(cache="refresh"), await ask(), await ask(cache="only")] == ["Three", "Three", "Three"]
        assert await ask(cache=MemoryCache()) == "Four"


@of_openai
async def test_time_passes(way: Way, server: Loopback) -> None:
    now = [0.0]
    server.reply(JASON).reply(JASON).reply(JASON)
    async with way.open(cache=MemoryCache(ttl=100, clock=lambda: now[0]), cache_ttl=10) as client:
        await settled(client.create(User, "x"))
        now[0] = 11
        await settled(client.create(User, "x", cache_ttl=50))
        now[0] = 60
        await settled(client.create(User, "x"))
        assert len(server.requests) == 2
        now[0] = 62
        await settled(client.create(User, "x"))
    assert len(server.requests) == 3


def test_what_makes_no_sense_is_refused(server: Loopback) -> None:
    client = instructor.from_provider("openai/gpt-4o-mini")
    for given in (True, "only", "refresh"):
        with pytest.raises(ConfigurationError, match="needs a cache"):
            client.create(User, "x", cache=given)
    kept = instructor.from_provider("openai/gpt-4o-mini", cache=MemoryCache())
    for given in (1, "on", {}, MemoryCache):
        with pytest.raises(ConfigurationError, match=r"cache is True, False"):
            kept.create(User, "x", cache=given)
    with pytest.raises(ConfigurationError, match="cache_ttl is a positive number"):
        kept.create(User, "x", cache_ttl=0)
    with pytest.raises(ConfigurationError, match="what has their get and set, not dict"):
        instructor.from_provider("openai/gpt-4o-mini", cache={})
    server.reply(JASON)
    client.create(User, "x", cache=False)
    assert "cache" not in server.requests[0].json


# ── media, and other places ──────────────────────────────────────────────────────────────────────


def picture(colour: str) -> bytes:
    stream = io.BytesIO()
    Pillow.new("RGB", (16, 16), colour).save(stream, "PNG")
    return stream.getvalue()


@every_way
async def test_pictures_count_by_content(way: Way, server: Loopback, tmp_path: Path) -> None:
    server.reply(JASON).reply(JASON)
    (tmp_path / "a.png").write_bytes(picture("red"))
    async with way.open(cache=MemoryCache()) as client:
        await settled(client.create(User, ["Read.", Image.from_path(tmp_path / "a.png")]))
        await settled(client.create(User, ["Read.", Image.from_bytes(picture("red"))]))
        assert len(server.requests) == 1
        await settled(client.create(User, ["Read.", Image.from_bytes(picture("blue"))]))
    assert len(server.requests) == 2


def test_nothing_is_fetched_for_an_answer_that_is_known(server: Loopback) -> None:
    server.reply(JASON)
    cache = MemoryCache()
    url = server.files("/a.png", picture("red"), "image/png")
    policy = instructor.MediaPolicy(allow_private_hosts=True, download=True)
    client = instructor.from_provider("openai/gpt-4o-mini", cache=cache, policy=policy)
    messages = ["Read.", Image.from_url(url)]
    client.create(User, messages)
    before = len(server.requests)
    client.create(User, messages, cache="only")
    assert len(server.requests) == before


def test_another_server_s_model_of_the_same_name_is_another(server: Loopback) -> None:
    cache = MemoryCache()
    server.reply(JASON)
    instructor.from_provider("openai/gpt-4o-mini", cache=cache).create(User, "x")
    with Loopback() as other:
        other.reply({"name": "Other", "age": 1})
        elsewhere = instructor.from_provider("openai/gpt-4o-mini", base_url=other.openai_url, cache=cache)
        assert elsewhere.create(User, "x").name == "Other"


@pytest.mark.parametrize("kind", ["disk", "redis"])
@of_openai
async def test_other_caches(way: Way, kind: str, server: Loopback, tmp_path: Path) -> None:
    server.reply(JASON)
    cache: Any = DiskCache(tmp_path) if kind == "disk" else RedisCache(fakeredis.FakeRedis())
    for _ in range(2):
        async with way.open(cache=cache) as client:
            assert (await settled(client.create(User, "x"))).name == "Jason"
    assert len(server.requests) == 1
    cache.close()


async def test_an_asynchronous_client_awaits_an_asynchronous_cache(server: Loopback) -> None:
    server.reply(JASON)
    redis = fakeredis.FakeAsyncRedis()
    client = instructor.from_provider("openai/gpt-4o-mini", async_client=True, cache=RedisCache(redis))
    assert await client.create(User, "x") == await client.create(User, "x")
    assert len(server.requests) == 1
    await client.close()
    await redis.aclose()
    with pytest.raises(ConfigurationError, match=r"redis\.asyncio client"):
        instructor.from_provider("openai/gpt-4o-mini", cache=RedisCache(redis)).create(User, "x")


def test_the_embedded_reader_too(tmp_path: Path) -> None:
    client = instructor.from_provider("embedded", cache=DiskCache(tmp_path))
    hits: list[str] = []
    client.on("cache:hit", lambda reply, key: hits.append(key))
    assert client.create(User, "Name: Jason\nAge: 20") == client.create(User, "Name: Jason\nAge: 20")
    assert len(hits) == 1
    client.cache.close()  # type: ignore[union-attr]


# ── when the cache fails ─────────────────────────────────────────────────────────────────────────


class Broken:
    """A cache that fails on one side, or both."""

    def __init__(self, *sides: str, found: bytes | None = None) -> None:
        self.sides, self.found = sides, found

    def get(self, key: str) -> bytes | None:
        if "get" in self.sides:
            raise OSError("redis://user:sk-secret@host is down")
        return self.found

    def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        if "set" in self.sides:
            raise OSError("redis://user:sk-secret@host is full")


@of_openai
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_a_cache_that_fails_breaks_no_call_and_is_not_silent(
    way: Way, stream: bool, server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    server.reply(JASON)
    failures: list[Exception] = []
    with caplog.at_level(logging.WARNING, logger="instructor"):
        async with way.open(cache=Broken("get", "set")) as client:
            client.on("cache:error", lambda error, key: failures.append(error))
            if stream:
                got = (await collected(client.create_partial(User, "x")))[-1]
            else:
                got = await settled(client.create(User, "x"))
    assert got == User(**JASON)
    assert [str(error) for error in failures] == [
        "redis://user:sk-secret@host is down",
        "redis://user:sk-secret@host is full",
    ]
    assert "could not be read from (OSError)" in caplog.text
    assert "could not be written to (OSError)" in caplog.text
    assert "sk-secret" not in caplog.text


@pytest.mark.parametrize(
    "entry",
    [b"", b"{}", b"[]", b'{"version": 99, "wire": {}}', b'{"version": 1, "wire": {}, "object": "a:b"}', b"\xff"],
)
def test_a_damaged_entry_is_no_answer(entry: bytes, server: Loopback) -> None:
    server.reply(JASON)
    failures: list[Exception] = []
    client = instructor.from_provider("openai/gpt-4o-mini", cache=Broken(found=entry))
    client.on("cache:error", lambda error, key: failures.append(error))
    assert client.create(User, "x").name == "Jason"
    assert len(failures) == 1
    with pytest.raises(CacheMiss, match="could not be read"):
        client.create(User, "x", cache="only")


def test_an_entry_names_no_class_that_would_be_made(server: Loopback) -> None:
    """Only classes of the caller's own SDK, and of those only its answers, are ever made of an entry."""
    cache = MemoryCache()
    server.reply(JASON)
    client = Way("openai", True, False).client(cache=cache)
    client.create(User, "x")
    (key,) = cache._rows
    for name in ("subprocess:Popen", "openai:OpenAI", "openai.nowhere:X", "openai._models:BaseModel.construct"):
        forged = cache.get(key).replace(b"openai.types.chat.chat_completion:ChatCompletion", name.encode())  # type: ignore[union-attr]
        _, raw = client.create_with_completion(User, "x", cache=Broken(found=forged))
        assert type(raw).__name__ == "View"
    client.client.close()


# ── side by side ─────────────────────────────────────────────────────────────────────────────────


@of_openai
async def test_the_same_question_at_the_same_time_is_asked_once(way: Way, server: Loopback) -> None:
    server.delay(0.2).reply(JASON)
    async with way.open(cache=MemoryCache()) as client:
        if way.asynchronous:
            got = await asyncio.gather(*(client.create(User, "x") for _ in range(5)))
        else:
            with ThreadPoolExecutor(5) as pool:
                got = list(pool.map(lambda _: client.create(User, "x"), range(5)))
    assert got == [User(**JASON)] * 5
    assert len(server.requests) == 1


@of_openai
async def test_who_waited_for_nothing_asks_for_itself(way: Way, server: Loopback) -> None:
    server.delay(0.2).fail(400).reply(JASON).reply(JASON)
    async with way.open(cache=MemoryCache()) as client:

        def attempt() -> Any:
            try:
                return client.create(User, "x")
            except Exception as error:
                return error

        if way.asynchronous:
            got = await asyncio.gather(*(client.create(User, "x") for _ in range(3)), return_exceptions=True)
        else:
            with ThreadPoolExecutor(3) as pool:
                got = list(pool.map(lambda _: attempt(), range(3)))
    assert sorted(type(one).__name__ for one in got) == ["BadRequest", "User", "User"]


async def test_who_is_cancelled_while_waiting_cancels_nobody(server: Loopback) -> None:
    server.delay(0.3).reply(JASON)
    async with Way("openai", False, True).open(cache=MemoryCache()) as client:
        first = asyncio.create_task(client.create(User, "x"))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(client.create(User, "x"))
        third = asyncio.create_task(client.create(User, "x", timeout=0.1))
        await asyncio.sleep(0.05)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        with pytest.raises(ProviderTimeout):
            await third
        assert (await first).name == "Jason"
        assert (await client.create(User, "x")).name == "Jason"
    assert len(server.requests) == 1


async def test_a_cancelled_first_call_leaves_nobody_waiting(server: Loopback) -> None:
    server.delay(0.5).reply(JASON).reply(JASON)
    async with Way("openai", False, True).open(cache=MemoryCache()) as client:
        first = asyncio.create_task(client.create(User, "x"))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(client.create(User, "x"))
        await asyncio.sleep(0.05)
        first.cancel()
        assert (await asyncio.wait_for(second, 5)).name == "Jason"


def test_a_waiting_call_has_its_own_timeout(server: Loopback) -> None:
    server.delay(0.6).reply(JASON)
    client = instructor.from_provider("openai/gpt-4o-mini", cache=MemoryCache())
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.create, User, "x")
        threading.Event().wait(0.1)
        with pytest.raises(ProviderTimeout):
            client.create(User, "x", timeout=0.1)
        assert first.result().name == "Jason"
    client.close()


def test_a_handler_that_asks_the_same_again_does_not_wait_for_itself(server: Loopback) -> None:
    server.reply({"name": "Jason"}).reply(JASON).reply(JASON)
    client = instructor.from_provider("openai/gpt-4o-mini", cache=MemoryCache())
    inner: list[User] = []
    client.on("parse:error", lambda error: inner.append(client.create(User, "x")))
    assert client.create(User, "x") == inner[0]
    client.close()


async def test_a_slow_cache_does_not_block_the_loop(server: Loopback) -> None:
    server.reply(JASON)
    threads: set[int] = set()

    class Slow(Broken):
        def get(self, key: str) -> bytes | None:
            threads.add(threading.get_ident())
            return None

        def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
            threads.add(threading.get_ident())

    async with Way("openai", False, True).open(cache=Slow()) as client:
        await client.create(User, "x")
    assert threads
    assert threading.get_ident() not in threads
