"""Tapes: what was recorded through any of the eight ways is replayed with no key and no server, or fails loudly."""

from __future__ import annotations

import asyncio
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from pydantic import BaseModel

import instructor
from instructor import Image, Mode
from instructor.errors import (
    BadRequest,
    ConfigurationError,
    ConnectionFailed,
    InstructorRetryException,
    MissingKey,
    RateLimited,
    ReplayError,
)
from instructor.testing import Loopback, Tape, record

from .test_caching import collected
from .ways import JASON, KEYS, WAYS, User, Way, every_way, settled

of_openai = pytest.mark.parametrize("way", [way for way in WAYS if way.dialect == "openai"], ids=str)

NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there: a request that is sent fails."""


def picture(colour: str = "red") -> Image:
    stream = io.BytesIO()
    Pillow.new("RGB", (16, 16), colour).save(stream, "PNG")
    return Image.from_bytes(stream.getvalue())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tapes" / "tape.json"


def written(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Called, takes the server and the keys away."""

    def cut() -> None:
        for provider in ("OPENAI", "ANTHROPIC"):
            monkeypatch.delenv(f"{provider}_API_KEY", raising=False)
            monkeypatch.setenv(f"{provider}_BASE_URL", f"{NOWHERE}/v1" if provider == "OPENAI" else NOWHERE)

    return cut


def replayed(way: Way, tape: Tape, **options: Any) -> Any:
    """A client of this way that has no key."""
    if way.sdk:
        return tape.attach(way.client(sdk={"api_key": "none"}, **options))
    return tape.from_provider(f"{way.dialect}/{way.model}", async_client=way.asynchronous, **options)


async def closed(client: Any) -> None:
    await settled(client.close())
    if client.client is not None:
        await settled(client.client.close())


@every_way
async def test_what_was_recorded_is_replayed(way: Way, server: Loopback, path: Path, offline: Any) -> None:
    async def ask(client: Any) -> list[Any]:
        user, raw = await settled(client.create_with_completion(User, ["Read.", picture()]))
        growing = await collected(client.create_partial(User, "as it comes"))
        many = await collected(client.create_iterable(User, "many"))
        said = await settled(client.create(None, "Say hello."))
        return [user, raw.model_dump(), type(raw), growing, many, said.model_dump(), type(said)]

    server.reply({"name": "Jason"}).reply(JASON).reply(JASON).reply({"content": [JASON, JASON]}).say("Hello.")
    with record(path) as tape:
        assert tape.records
        client = tape.attach(way.client())
        live = await ask(client)
        await closed(client)
    assert len(server.requests) == 5

    offline()
    with record(path, "replay") as tape:
        assert not tape.records
        client = replayed(way, tape)
        assert await ask(client) == live
        assert tape.unused == []
        await closed(client)


@every_way
async def test_a_tape_holds_no_key_and_no_picture(way: Way, server: Loopback, path: Path) -> None:
    server.reply(JASON)
    address = "https://user:hunter2@example.com/a.png?X-Amz-Signature=abcdef&size=2"
    with record(path) as tape:
        client = tape.attach(way.client())
        messages = [
            "My key is sk-abcdefghijklmnopqrstuv, and I sent Bearer abcdefghijklmnopqrstuvwxyz.",
            picture(),
            Image.from_url(address),
        ]
        headers = {"x-custom": "private"}
        await settled(client.create(User, messages, extra_headers=headers))
        await closed(client)
    text = written(path)
    for hidden in (*KEYS, "abcdefghijklmnop", "hunter2", "abcdef&", "private", picture().data, "authorization"):
        assert str(hidden) not in text
    assert picture().digest in text
    assert "https://example.com/a.png?X-Amz-Signature=…&size=2" in text


@pytest.mark.parametrize("changed", ["prompt", "schema", "model", "parameter", "picture", "stream", "provider"])
async def test_a_changed_request_fails_loudly(changed: str, server: Loopback, path: Path, offline: Any) -> None:
    class Other(BaseModel):
        name: str
        years: int

    server.reply(JASON)
    with record(path) as tape:
        client = tape.from_provider("openai/gpt-4o-mini")
        client.create(User, ["Read.", picture()], temperature=0)
        client.close()
    offline()
    with record(path) as tape:
        model = {"model": "openai/gpt-4o", "provider": "anthropic/claude-haiku-4-5"}.get(changed, "openai/gpt-4o-mini")
        client = tape.from_provider(model)
        form: Any = Other if changed == "schema" else User
        prompt = "Read it." if changed == "prompt" else "Read."
        messages = [prompt, picture("blue" if changed == "picture" else "red")]
        options = {"temperature": 1 if changed == "parameter" else 0}
        ask = client.create_partial if changed == "stream" else client.create
        with pytest.raises(ReplayError) as caught:
            next(ask(form, messages, **options))
        client.close()
    error = caught.value
    assert isinstance(error, AssertionError)
    assert str(path) in str(error)
    assert "INSTRUCTOR_RECORD=always" in str(error)
    lines = error.difference.splitlines()
    expected = {
        "prompt": ('-      "text": "Read."', '+      "text": "Read it."'),
        "schema": ('-       "age": {', '+       "years": {'),
        "model": ('-  "model": "gpt-4o-mini",', '+  "model": "gpt-4o",'),
        "parameter": ('-  "temperature": 0', '+  "temperature": 1'),
        "picture": (picture("red").digest, picture("blue").digest),
        "stream": ('- "stream": false,', '+ "stream": true,'),
        "provider": ('- "provider": "openai",', '+ "provider": "anthropic",'),
    }[changed]
    for mark, wanted in zip("-+", expected, strict=True):
        assert any(line.startswith(mark) and str(wanted).lstrip("-+").strip() in line for line in lines), (
            error.difference
        )
    assert error.nearest != error.request or changed in ("stream", "provider")


def test_each_exchange_is_replayed_once_in_any_order(server: Loopback, path: Path, offline: Any) -> None:
    for name in ("A", "B", "C"):
        server.reply({"name": name, "age": 1})
    with record(path) as tape:
        client = tape.from_provider("openai/gpt-4o-mini")
        assert [client.create(User, text).name for text in ("x", "x", "y")] == ["A", "B", "C"]
        client.close()
    offline()
    with record(path) as tape:
        client = tape.from_provider("openai/gpt-4o-mini")
        assert [client.create(User, text).name for text in ("y", "x")] == ["C", "A"]
        assert len(tape.unused) == 1
        assert client.create(User, "x").name == "B"
        with pytest.raises(ReplayError, match=r"was sent 3 times, and is on the tape .* 2 times"):
            client.create(User, "x")
        client.close()


@of_openai
async def test_side_by_side(way: Way, server: Loopback, path: Path, offline: Any) -> None:
    async def ask(client: Any) -> list[Any]:
        if way.asynchronous:
            return await asyncio.gather(*(client.create(int, f"{i}?") for i in range(6)))
        with ThreadPoolExecutor(6) as pool:
            return list(pool.map(lambda i: client.create(int, f"{i}?"), range(6)))

    for i in range(6):
        server.reply({"content": i})
    with record(path) as tape:
        client = tape.attach(way.client())
        live = await ask(client)
        await closed(client)
    offline()
    with record(path) as tape:
        client = replayed(way, tape)
        assert await ask(client) == live
        await closed(client)


# ── failures ─────────────────────────────────────────────────────────────────────────────────────


@of_openai
async def test_errors_are_replayed_without_their_waits(way: Way, server: Loopback, path: Path, offline: Any) -> None:
    server.fail(400, message="no such thing")
    if way.sdk:
        server.fail(429, headers={"retry-after": "0"})
    else:
        server.fail(429, headers={"retry-after": "0"}).reply(JASON)

    async def ask(client: Any) -> list[Any]:
        with pytest.raises(BadRequest, match="no such thing"):
            await settled(client.create(User, "x"))
        if way.sdk:  # its own retries are set to none
            with pytest.raises(RateLimited) as caught:
                await settled(client.create(User, "y", max_retries=0))
            return [caught.value.status]
        return [await settled(client.create(User, "y"))]

    with record(path) as tape:
        client = tape.attach(way.client())
        live = await ask(client)
        await closed(client)
    offline()
    with record(path) as tape:
        client = replayed(way, tape)
        assert await ask(client) == live
        await closed(client)


@of_openai
async def test_a_stream_that_broke_or_failed_does_so_again(
    way: Way, server: Loopback, path: Path, offline: Any
) -> None:
    async def ask(client: Any) -> list[str]:
        seen = []
        for text in ("broken", "refused"):
            try:
                await collected(client.create_partial(User, text, max_retries=0))
            except Exception as error:
                seen.append(type(error).__name__)
        return seen

    server.cut(600).reply(JASON).fail(400)
    with record(path) as tape:
        client = tape.attach(way.client(timeout=5))
        live = await ask(client)
        await closed(client)
    assert live == [ConnectionFailed.__name__, BadRequest.__name__]
    offline()
    with record(path) as tape:
        client = replayed(way, tape)
        assert await ask(client) == live
        await closed(client)


@of_openai
async def test_a_stream_that_was_left(way: Way, server: Loopback, path: Path, offline: Any) -> None:
    async def first(client: Any) -> Any:
        stream = client.create_partial(User, "x")
        got = await anext(stream) if way.asynchronous else next(stream)
        await (stream.aclose() if way.asynchronous else asyncio.to_thread(stream.close))
        return got

    server.drip(60, 0.005).reply(JASON)
    with record(path) as tape:
        client = tape.attach(way.client())
        live = await first(client)
        await closed(client)
    offline()
    with record(path) as tape:
        client = replayed(way, tape)
        assert await first(client) == live
        await closed(client)
    with record(path) as tape:
        client = replayed(way, tape)
        with pytest.raises(ReplayError, match="more of a stream is wanted than was read"):
            await collected(client.create_partial(User, "x"))
        await closed(client)


def test_what_never_came_is_not_recorded(path: Path, offline: Any) -> None:
    offline()
    with record(path) as tape:
        client = replayed(Way("openai", True, False), tape)  # whose SDK does not try again
        with pytest.raises(ConnectionFailed):
            client.create(User, "x", max_retries=0)
        client.client.close()
    assert json.loads(path.read_text())["exchanges"] == []


# ── modes and the file ───────────────────────────────────────────────────────────────────────────


def test_new_adds_and_always_begins_anew(server: Loopback, path: Path) -> None:
    def ask(mode: Any, *texts: str) -> list[str]:
        with record(path, mode) as tape:
            client = tape.from_provider("openai/gpt-4o-mini")
            names = [client.create(User, text).name for text in texts]
            client.close()
        return names

    for name in "ABCD":
        server.reply({"name": name, "age": 1})
    assert ask("new", "x") == ["A"]
    before = path.stat().st_mtime_ns
    assert ask("new", "x") == ["A"]
    assert path.stat().st_mtime_ns == before  # what has not changed is not written
    assert ask("new", "y", "x") == ["B", "A"]
    assert ask("replay", "x", "y") == ["A", "B"]
    assert ask("always", "x") == ["C"]
    assert ask("once", "x") == ["C"]
    with pytest.raises(ReplayError):
        ask("once", "y")


def test_the_environment_says_the_mode_where_the_test_does_not(
    server: Loopback, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTRUCTOR_RECORD", "replay")
    with pytest.raises(ReplayError, match="there is no tape"):
        record(path)
    assert record(path, "once").records
    monkeypatch.setenv("INSTRUCTOR_RECORD", "sometimes")
    with pytest.raises(ConfigurationError, match="one of once, replay, new, always, not 'sometimes'"):
        record(path)


def test_a_key_is_needed_to_record(path: Path, offline: Any) -> None:
    offline()
    with record(path) as tape, pytest.raises(MissingKey):
        tape.from_provider("openai/gpt-4o-mini")


def test_a_test_that_fails_writes_nothing(server: Loopback, path: Path) -> None:
    def fail() -> None:
        with record(path) as tape:
            tape.from_provider("openai/gpt-4o-mini").create(User, "x")
            raise ZeroDivisionError

    server.reply(JASON)
    with pytest.raises(ZeroDivisionError):
        fail()
    assert not path.exists()


async def test_async_with(server: Loopback, path: Path) -> None:
    server.reply(JASON)
    async with record(path) as tape:
        client = tape.from_provider("openai/gpt-4o-mini", async_client=True)
        await client.create(User, "x")
        await client.close()
    assert len(json.loads(written(path))["exchanges"]) == 1


def test_a_scrubber_has_the_last_word(server: Loopback, path: Path, offline: Any) -> None:
    def scrub(value: Any) -> Any:
        return json.loads(json.dumps(value).replace("Jason", "Somebody"))

    def ask() -> User:
        with record(path, scrub=scrub) as tape:
            client = tape.from_provider("openai/gpt-4o-mini")
            found = client.create(User, "Jason is 20")
            client.close()
        return found

    server.reply(JASON)
    assert ask().name == "Jason"
    assert "Jason" not in path.read_text()
    offline()
    assert ask().name == "Somebody"


def test_a_tape_is_written_the_same_way_each_time_and_for_people(server: Loopback, path: Path) -> None:
    def tape() -> list[str]:
        path.unlink(missing_ok=True)
        server.reply(JASON).reply(JASON)
        with record(path) as recording:
            client = recording.from_provider("openai/gpt-4o-mini", mode=Mode.JSON)
            client.create(User, "Größe")
            list(client.create_partial(User, "x"))
            client.close()
        return path.read_text(encoding="utf-8").splitlines()

    one, other = tape(), tape()
    differing = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    assert all("chatcmpl-" in a or '"created"' in a for a, _ in differing)
    assert one[:3] == ["{", '  "version": 1,', '  "exchanges": [']
    assert any('"content": "Größe"' in line for line in one)
    assert sum(line.startswith('        {"id": "chatcmpl') for line in one) > 3  # an event a line


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is no tape"),
        ("[]", "is no tape"),
        ('{"version": 2, "exchanges": []}', "is a tape of version 2, not 1"),
        ('{"version": 1, "exchanges": [{}]}', "is a damaged tape"),
    ],
)
def test_what_is_no_tape_is_refused(text: str, problem: str, path: Path) -> None:
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=problem):
        record(path)


def test_the_client_itself_stays_as_it_is(server: Loopback, path: Path) -> None:
    server.reply(JASON).reply(JASON)
    client = instructor.from_provider("openai/gpt-4o-mini")
    heard: list[Any] = []
    client.on("completion:response", heard.append)
    with record(path) as tape:
        taped = tape.attach(client)
        taped.create(User, "x")
        client.create(User, "not on the tape")
    assert len(json.loads(path.read_text())["exchanges"]) == 1
    assert len(heard) == 2
    client.close()


def test_the_embedded_reader_can_be_taped(path: Path) -> None:
    for _ in range(2):
        with record(path) as tape:
            client = tape.from_provider("embedded")
            assert client.create(User, "Name: Jason\nAge: 20") == User(**JASON)
    assert "Jason" in path.read_text()


def test_retries_with_feedback_are_replayed(server: Loopback, path: Path, offline: Any) -> None:
    def ask() -> InstructorRetryException:
        with record(path) as tape:
            client = tape.from_provider("openai/gpt-4o-mini")
            with pytest.raises(InstructorRetryException) as caught:
                client.create(User, "x", max_retries=1)
            client.close()
        return caught.value

    server.reply({"name": "Jason"}).reply({"age": 3})
    live = ask()
    offline()
    assert str(ask()) == str(live)
