"""Files that are read while they are sent: nothing waits for a disk in the event loop, and nothing else is held up."""

from __future__ import annotations

import asyncio
import io
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

import instructor
from instructor import Image
from instructor.drivers.direct import Prepared
from instructor.drivers.exchange import Exchange
from instructor.drivers.http import AsyncHttpSender
from instructor.effects import Call
from instructor.errors import ConnectionFailed, MediaError
from instructor.media import File, Inline, _inline
from instructor.media._origin import read_cached
from instructor.providers.openai import provider
from instructor.testing import Loopback
from tests.media import PNG

from .ways import JASON, User

SIZE = 1_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "p.png"
    path.write_bytes(PNG + os.urandom(SIZE))
    return path


def call(path: Path) -> Call:
    return Call({"model": "m", "messages": [Inline(Image.from_path(path), "data:image/png;base64,")]})


def sender(url: str) -> AsyncHttpSender:
    assert provider.endpoint is not None
    return AsyncHttpSender(Exchange(provider.adapter, provider.endpoint, "sk-test", url), None)


@pytest.fixture
def sink() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def url(sink: socket.socket) -> str:
    return f"http://127.0.0.1:{sink.getsockname()[1]}/v1"


class Watched:
    """In which threads a file is opened and read, where reading may have to wait."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opening, self.reading = set[int](), set[int]()
        opened, watched = File.open, self

        class Stream(io.BufferedReader):
            def readinto(self, buffer: Any) -> int:
                watched.reading.add(threading.get_ident())
                return super().readinto(buffer)

        def open(self: File, **options: Any) -> Any:
            watched.opening.add(threading.get_ident())
            return Stream(opened(self, **options).detach())  # type: ignore[attr-defined]

        monkeypatch.setattr(File, "open", open)


@pytest.mark.parametrize("cached", [False, True])
async def test_the_loop_never_waits(
    cached: bool, path: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending, watched = call(path), Watched(monkeypatch)
    read_cached = (lambda stream, at, buffer: os.preadv(stream.fileno(), (buffer,), at)) if cached else (lambda *_: -1)
    monkeypatch.setattr(_inline, "read_cached", read_cached)
    server.reply(JASON)
    one = sender(server.openai_url)
    with pytest.raises(instructor.errors.BadRequest):  # the request is no right one, but it arrived
        await one.send(sending)
    await one.close()
    assert watched.opening
    assert threading.get_ident() not in watched.opening | (watched.reading if not cached else set())
    assert server.requests[0].body == b"".join(one.to.request(sending.wire, False).body or ())


async def test_what_changes_on_the_way_is_told(
    path: Path, sink: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = read_cached

    def shrunk(stream: Any, at: int, buffer: memoryview) -> int:
        if at:
            os.truncate(path, SIZE // 2)
        return tried(stream, at, buffer)

    one, sending = sender(url(sink)), call(path)
    monkeypatch.setattr(_inline, "read_cached", shrunk)
    with pytest.raises((MediaError, ConnectionFailed)):
        await one.send(sending)
    await one.close()


# ── through OpenAI's client ──────────────────────────────────────────────────────────────────────


def over(client: openai.AsyncOpenAI) -> Any:
    return instructor.from_openai(client, model="gpt-4o-mini")


async def test_the_sdks_attempts_read_the_file_anew(
    path: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Image.from_path(path).replace().data
    monkeypatch.setattr(Prepared, "content", None)  # nowhere is the body whole
    server.fail(500, headers={"retry-after-ms": "1"}).fail(429, headers={"retry-after-ms": "1"}).reply(JASON)
    async with openai.AsyncOpenAI() as client:
        assert await over(client).create(User, ["Who?", Image.from_path(path)]) == User(name="Jason", age=20)
    first, *again = server.requests
    assert [request.body for request in again] == [first.body] * 2
    assert f"base64,{whole}".encode() in first.body
    assert first.headers["content-length"] == str(len(first.body))
    assert "transfer-encoding" not in first.headers
    assert [request.headers["x-stainless-retry-count"] for request in server.requests] == ["0", "1", "2"]


async def test_streams_through_the_sdk_read_files_too(
    path: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Prepared, "content", None)
    server.reply(JASON)
    async with openai.AsyncOpenAI() as client:
        last = [each async for each in over(client).create_partial(User, ["Who?", Image.from_path(path)])][-1]
    assert last == User(name="Jason", age=20)
    assert len(server.requests[0].body) > SIZE


def watched_client(read: list[bytes], where: str, monkeypatch: pytest.MonkeyPatch) -> openai.AsyncOpenAI:
    """An SDK's client in which somebody reads bodies."""

    async def look(request: httpx2.Request, *_: Any, **__: Any) -> None:
        read.append(request.content)

    if where == "hook":
        return openai.AsyncOpenAI(http_client=openai.DefaultAsyncHttpxClient(event_hooks={"request": [look]}))
    if where == "own client":
        return openai.AsyncOpenAI(http_client=httpx2.AsyncClient(event_hooks={"request": [look]}))
    client = openai.AsyncOpenAI()
    http: Any = client._client
    place, name = {
        "class": (httpx2.AsyncClient, "send"),
        "client": (http, "send"),
        "transport": (httpx2.AsyncHTTPTransport, "handle_async_request"),
        "own transport": (http._transport, "handle_async_request"),
    }[where]
    inner = getattr(place, name)

    async def looking(*args: Any, **kwargs: Any) -> Any:
        await look(next(each for each in args if isinstance(each, httpx2.Request)))
        return await inner(*args, **kwargs)

    monkeypatch.setattr(place, name, looking)
    return client


@pytest.mark.parametrize("where", ["hook", "own client", "class", "client", "transport", "own transport"])
async def test_who_reads_bodies_reads_them(
    where: str, path: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []
    server.reply(JASON)
    async with watched_client(read, where, monkeypatch) as client:
        await over(client).create(User, ["Who?", Image.from_path(path)])
    assert read == [server.requests[0].body]


async def test_a_file_that_changes_between_the_sdks_attempts(
    path: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = File.open

    def open(self: File, **options: Any) -> Any:
        if server.requests:
            os.truncate(path, SIZE // 2)
        return opened(self, **options)

    monkeypatch.setattr(File, "open", open)
    server.fail(500, headers={"retry-after-ms": "1"})
    async with openai.AsyncOpenAI() as client:
        with pytest.raises(MediaError, match="has changed since it was named"):
            await over(client).create(User, ["Who?", Image.from_path(path)])
    assert len(server.requests) == 1


# ── servers that do not read ─────────────────────────────────────────────────────────────────────


async def test_servers_that_stop_reading_hold_up_nobody(path: Path, sink: socket.socket, server: Loopback) -> None:
    os.truncate(path, 16 * SIZE)  # more than sockets take
    stuck, free = (
        sender(url(sink)),
        instructor.from_provider("openai/gpt-4o-mini", async_client=True, base_url=server.openai_url, api_key="k"),
    )
    sending = call(path)
    tasks = [asyncio.create_task(stuck.send(sending)) for _ in range(40)]
    await asyncio.sleep(0.1)
    server.reply(JASON)
    async with asyncio.timeout(10):
        assert await free.create(User, ["Who?", Image.from_bytes(PNG)]) == User(name="Jason", age=20)
    assert not any(task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(each) for each in done} == {asyncio.CancelledError}
    await stuck.close()
    await free.close()
