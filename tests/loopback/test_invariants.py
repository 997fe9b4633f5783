"""What holds in every call: nothing of the caller's is written to, no event loop is blocked, no secret gets out."""

from __future__ import annotations

import asyncio
import builtins
import copy
import gc
import io
import logging
import os
import pickle
import re
import threading
import traceback
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

import instructor
from instructor import PDF, Audio, Document, Hooks, Image, MediaPolicy, Mode
from instructor.errors import BlockedAddress, InstructorError, InstructorRetryException
from instructor.testing import Loopback
from tests.media import PAPER

from .conftest import picture, recording
from .ways import JASON, KEYS, User, Way, every_way, settled

# ── what is the caller's ─────────────────────────────────────────────────────────────────────────


def given(dialect: str) -> tuple[Any, dict[str, Any]]:
    """Messages and options with something nested in every place."""
    mark = {"cache_control": {"type": "ephemeral"}}
    messages: list[Any] = [
        {"role": "system", "content": [{"type": "text", "text": "s", **mark}]},
        {"role": "user", "content": ["path/to/image.jpg", {"type": "image", "source": "muffin.jpg", **mark}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": {"x": [1]}}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "r"}]},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]},
    ]
    tool: dict[str, Any] = {"name": "look", "input_schema": {"type": "object", "properties": {}}}
    if dialect == "openai":
        tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
        return messages, {"tools": [tool], "metadata": {"a": "b"}, "extra_body": {"user": "u"}}
    config = {"output_config": {"effort": "low"}, "system": [{"type": "text", "text": "p"}]}
    return messages, {"tools": [tool], **config, "extra_headers": {"x": "y"}}


@every_way
@pytest.mark.usefixtures("files")
async def test_what_is_the_callers_stays_as_it_was(way: Way, server: Loopback) -> None:
    messages, options = given(way.dialect)
    before = copy.deepcopy((messages, options))
    async with way.open() as client:
        for mode in (Mode.TOOLS, Mode.JSON_SCHEMA, Mode.JSON, Mode.MD_JSON):
            server.reply({"name": "Jason"}, tool="User" if mode is Mode.TOOLS else None)
            server.reply(JASON, tool="User" if mode is Mode.TOOLS else None)
            await settled(client.create(User, messages, autodetect_images=True, mode=mode, **options))
            assert (messages, options) == before
            assert server.requests[-1].refused is None


@every_way
async def test_tables_of_the_library_stay_as_they_were(way: Way, server: Loopback) -> None:
    """A hook may write into what it is shown of one call; the next call does not see it."""

    def spoil(**wire: Any) -> None:
        wire.pop("messages")
        wire["model"] = "spoilt"

    server.reply(JASON).reply(JASON)
    async with way.open(hooks=Hooks({"completion:kwargs": spoil})) as client:
        await settled(client.create(User, "hi"))
        await settled(client.create(User, "hi"))
    first, second = (request.json for request in server.requests)
    assert first == second
    assert first["model"] == way.model


def test_values_are_frozen() -> None:
    image = Image.from_bytes(picture())
    values: list[Any] = [
        image, PDF.from_bytes(PAPER), Audio.from_bytes(recording()), Document.from_bytes(b"x"), MediaPolicy(),
    ]  # fmt: skip
    for value in values:
        for name in ("media_type", "origin", "cache_control", "brand_new", "timeout"):
            with pytest.raises((AttributeError, FrozenInstanceError, TypeError)):
                setattr(value, name, None)
        assert pickle.loads(pickle.dumps(value)) == value
        assert copy.deepcopy(value) == value
    assert hash(image) == hash(Image.from_bytes(picture()))


# ── the event loop ───────────────────────────────────────────────────────────────────────────────

SIZE = 5 * 1024 * 1024
CALLS = 20


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Which functions looked at the files of the test, and in which threads."""
    seen: list[tuple[str, int]] = []

    def watching(name: str, real: Any) -> Any:
        def call(path: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(path, str | os.PathLike) and "watched" in os.fspath(path):
                seen.append((name, threading.get_ident()))
            return real(path, *args, **kwargs)

        return call

    class FileIO(io.FileIO):
        def __init__(self, path: Any, *args: Any, **kwargs: Any) -> None:
            if isinstance(path, str | os.PathLike) and "watched" in os.fspath(path):
                seen.append(("FileIO", threading.get_ident()))
            super().__init__(path, *args, **kwargs)

        def read(self, *args: Any) -> Any:
            seen.append(("read", threading.get_ident()))
            return super().read(*args)

        def readinto(self, buffer: Any) -> Any:
            seen.append(("readinto", threading.get_ident()))
            return super().readinto(buffer)

    monkeypatch.setattr(builtins, "open", watching("open", builtins.open))
    monkeypatch.setattr(io, "open", watching("io.open", io.open))
    monkeypatch.setattr(io, "FileIO", FileIO)
    for name in ("stat", "lstat", "open"):
        monkeypatch.setattr(os, name, watching(f"os.{name}", getattr(os, name)))
    return seen


NAMED = {
    "a path": lambda path: ["Who?", Path(path)],
    "a path in a dict": lambda path: [{"role": "user", "content": ["Who?", {"type": "image", "source": Path(path)}]}],
    "a name": lambda path: ["Who?", path],
    "an iterator": lambda path: (part for part in ["Who?", Path(path)]),
    "in a tool's result": lambda path: [
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "f", "input": {}}]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "c", "content": [{"type": "image", "source": Path(path)}]},
                "Who?",
            ],
        },
    ],
}


@pytest.mark.parametrize("way", [Way(d, sdk, True) for d in ("openai", "anthropic") for sdk in (True, False)], ids=str)
async def test_files_are_never_read_on_the_loop(
    way: Way, server: Loopback, tmp_path: Path, readers: list[tuple[str, int]]
) -> None:
    path = f"{tmp_path}/watched.png"
    content = picture("PNG")
    await asyncio.to_thread(Path(path).write_bytes, content)
    loop = threading.get_ident()
    async with way.open() as client:
        for name, make in NAMED.items():
            if name == "in a tool's result" and way.dialect == "openai":
                continue
            readers.clear()
            server.reply(JASON)
            await client.create(User, make(path), autodetect_images=name == "a name")
            assert server.requests[-1].refused is None
            assert readers, name
            assert [row for row in readers if row[1] == loop] == [], name


@pytest.mark.parametrize("way", [Way("openai", True, True), Way("anthropic", False, True)], ids=str)
async def test_files_are_compared_off_the_loop(
    way: Way, server: Loopback, tmp_path: Path, readers: list[tuple[str, int]]
) -> None:
    places = [tmp_path / folder / "watched.png" for folder in ("a", "b")]
    for place in places:
        place.parent.mkdir()
        place.write_bytes(picture("PNG") + bytes(SIZE))
    first, second = map(Image.from_path, places)
    server.reply(JASON)
    async with way.open() as client:
        readers.clear()
        await client.create(User, ["Who?", first, second])
    assert readers
    assert [row for row in readers if row[1] == threading.get_ident()] == []


@pytest.mark.parametrize("way", [Way("openai", True, True), Way("anthropic", False, True)], ids=str)
async def test_many_large_files_at_once(
    way: Way, server: Loopback, tmp_path: Path, readers: list[tuple[str, int]]
) -> None:
    """Twenty calls with five megabytes each; meanwhile the loop goes on."""
    path = tmp_path / "watched.png"
    await asyncio.to_thread(path.write_bytes, picture("PNG") + bytes(SIZE))
    for _ in range(CALLS):
        server.delay(0.1).reply(JASON)
    ticks, running = 0, True

    async def tick() -> None:
        nonlocal ticks
        while running:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    async with way.open() as client:
        readers.clear()
        loop = threading.get_ident()
        users = await asyncio.gather(*(client.create(User, ["Who?", path]) for _ in range(CALLS)))
    running = False
    await ticking
    assert users == [User(name="Jason", age=20)] * CALLS
    assert [row for row in readers if row[1] == loop] == []
    assert readers
    assert ticks > 10, "the loop stood still"
    assert all(len(request.body) > SIZE for request in server.requests)


async def test_a_file_streams_through_our_sender(server: Loopback, tmp_path: Path) -> None:
    """A local file is not kept in memory, neither its content nor its base64."""
    path = tmp_path / "large.png"
    await asyncio.to_thread(path.write_bytes, picture("PNG") + bytes(SIZE))
    for asynchronous in (False, True):
        server.reply(JASON)
        image = await asyncio.to_thread(Image.from_path, path)
        await Way("openai", False, asynchronous).create(User, ["Who?", image])
        assert image.encoded is None
        assert len(server.requests[-1].body) > SIZE * 4 // 3


async def test_hooks_and_decoding_of_one_call_do_not_hold_up_another(server: Loopback) -> None:
    async def slow(**_: Any) -> None:
        await asyncio.sleep(0.2)

    began = asyncio.get_running_loop().time()
    for _ in range(15):
        server.reply(JASON)
    async with Way("openai", False, True).open(hooks=Hooks({"completion:kwargs": slow})) as client:
        await asyncio.gather(*(client.create(User, "hi") for _ in range(15)))
    assert asyncio.get_running_loop().time() - began < 2, "one after the other they take three seconds"


# ── fetching ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", [Way("openai", sdk, slow) for sdk in (True, False) for slow in (False, True)], ids=str)
async def test_what_the_provider_does_not_fetch_is_fetched(way: Way, server: Loopback) -> None:
    url = server.files("/papers/a.pdf", PAPER, "application/pdf")
    server.reply({"name": "Jason"}).reply(JASON)
    pdf = PDF.from_url(url)
    message = ["Who?", pdf, {"type": "pdf", "source": url, "cache_control": True}]
    async with way.open(policy=MediaPolicy(allow_private_hosts=True)) as client:
        user = await settled(client.create(User, [{"role": "user", "content": message}]))
    assert user == User(name="Jason", age=20)
    got, first, second = server.requests
    assert (got.method, got.path) == ("GET", "/papers/a.pdf")
    assert not any(key in str(got.headers) for key in KEYS)
    _, one, two = first.json["messages"][0]["content"]
    assert one == two
    assert one["file"]["filename"] == "a.pdf"
    assert one["file"]["file_data"].startswith("data:application/pdf;base64,JVBERi0xLjc")
    assert second.json["messages"][0] == first.json["messages"][0], "a retry fetches nothing"


@pytest.mark.parametrize("way", [Way("openai", sdk, slow) for sdk in (True, False) for slow in (False, True)], ids=str)
async def test_private_addresses_are_not_fetched_unasked(way: Way, server: Loopback) -> None:
    url = server.files("/a.pdf", PAPER, "application/pdf")
    async with way.open() as client:
        with pytest.raises(BlockedAddress, match=r"127\.0\.0\.1") as caught:
            await settled(client.create(User, ["Who?", PDF.from_url(url)]))
    assert caught.value.where == "messages[0].content[1]"
    assert server.requests == []


async def test_redirects_to_private_addresses_are_not_followed(server: Loopback) -> None:
    url = server.files("/a.pdf", redirect="http://169.254.169.254/latest/meta-data")
    policy = MediaPolicy(allow_private_hosts={"127.0.0.1"})
    with pytest.raises(BlockedAddress, match=r"169\.254\.169\.254"):
        await Way("openai", False, True).create(User, ["Who?", PDF.from_url(url)], made={"policy": policy})
    assert [request.method for request in server.requests] == ["GET"]


async def test_an_address_that_the_provider_fetches_is_passed_on(server: Loopback) -> None:
    url = server.files("/a.pdf", PAPER, "application/pdf")
    server.reply(JASON)
    await Way("anthropic", False, True).create(User, ["Who?", PDF.from_url(url)])
    assert [request.method for request in server.requests] == ["POST"]
    assert server.requests[0].json["messages"][0]["content"][1]["source"] == {"type": "url", "url": url}


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────

BLOB = re.compile(r"[A-Za-z0-9+/]{80,}")


def clean(text: str) -> bool:
    return not BLOB.search(text) and not any(key in text for key in KEYS)


@every_way
@pytest.mark.usefixtures("files")
async def test_neither_keys_nor_content_get_out(
    way: Way, server: Loopback, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.01)
    shown: list[str] = []
    image = Image.from_path("muffin.jpg", cache_control=True)
    content = ["Who?", image, Image.from_bytes(picture("PNG", (64, 64)))]
    hooks = Hooks({"completion:kwargs": lambda **wire: shown.append(repr(wire)), "completion:error": (3).__divmod__})
    failures = [
        lambda: server.fail(400),
        lambda: server.fail(401),
        lambda: server.raw(200, "<html>"),
        lambda: server.reply({"name": image.data, "age": [image.data, image.data]}),
        lambda: server.cut().say("-").cut().say("-").cut().say("-"),
    ]
    with caplog.at_level(logging.DEBUG, "instructor"):
        async with way.open(hooks=hooks) as client:
            shown.append(repr(client))
            for fail in failures:
                server.clear()
                fail()
                with pytest.raises(InstructorError) as caught:
                    await settled(client.create(User, content, max_retries=0, mode=Mode.MD_JSON, timeout=5))
                shown += [str(caught.value), repr(caught.value)]
                if not isinstance(caught.value, InstructorRetryException):  # whose cause is pydantic's, with its input
                    shown += traceback.format_exception(caught.value)
    shown += [record.getMessage() for record in caplog.records if record.name.startswith("instructor")]
    for text in shown:
        assert clean(text), text[:500]


def test_the_words_of_clients(server: Loopback) -> None:
    assert repr(instructor.from_provider("openai/gpt-4o", api_key=KEYS[0])) == "Instructor(openai, model='gpt-4o')"
    client = instructor.from_provider("anthropic/claude-haiku-4-5", async_client=True)
    assert repr(client) == "AsyncInstructor(anthropic, model='claude-haiku-4-5')"
    for part in (*vars(client).values(), *vars(vars(client)["_sender"]).values()):
        assert clean(repr(part))


# ── what is left behind ──────────────────────────────────────────────────────────────────────────


@every_way
async def test_nothing_is_left_open(way: Way, server: Loopback) -> None:
    """After a call and a failure: no task, no thread of ours, no socket (a warning would be an error)."""
    tasks = len(asyncio.all_tasks())
    async with way.open() as client:
        server.reply(JASON).fail(400)
        await settled(client.create(User, "hi", timeout=5))
        with pytest.raises(InstructorError):
            await settled(client.create(User, "hi", timeout=5))
    assert len(asyncio.all_tasks()) == tasks
    await asyncio.sleep(0.02)
    assert not [thread for thread in threading.enumerate() if thread.name == "instructor-call"]
    gc.collect()
