"""Media that the provider does not fetch itself, in whole calls: each once, side by side, and kept for the next call."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import pybase64
import pytest

import instructor
from instructor import PDF, Image, MediaPolicy
from instructor.errors import BlockedAddress, FetchError, MediaError, ProviderTimeout
from instructor.testing import Loopback
from tests.media import PAPER

from .ways import JASON, User, settled
from .web import PNG, Asked, Web, dripping, ok

OPEN: dict[str, Any] = {"allow_private_hosts": True}


@pytest.fixture(params=[False, True], ids=["sync", "async"])
async def make(request: pytest.FixtureRequest, server: Loopback) -> AsyncIterator[Any]:
    """Makes clients of our own sender, and closes them."""
    made: list[Any] = []

    def client(name: str = "openai/gpt-4o-mini", **policy: Any) -> Any:
        made.append(
            instructor.from_provider(name, async_client=request.param, policy=MediaPolicy(**{**OPEN, **policy}))
        )
        return made[-1]

    yield client
    for one in made:
        await settled(one.close())


async def create(client: Any, content: list[Any], **options: Any) -> Any:
    if isinstance(client, instructor.Instructor):
        return await asyncio.to_thread(client.create, User, content, **options)
    return await client.create(User, content, **options)


def papers(web: Web, *names: str) -> list[PDF]:
    return [PDF.from_url(web.url(f"/{name}.pdf")) for name in names]


def paper(asked: Asked) -> bytes:
    return ok(PAPER + asked.target.encode())


def sent(server: Loopback, call: int = -1) -> list[bytes]:
    """The documents of a request, decoded."""
    parts = server.requests[call].json["messages"][0]["content"]
    return [pybase64.b64decode(part["file"]["file_data"].partition(",")[2]) for part in parts if "file" in part]


async def test_each_address_is_fetched_once_and_stands_in_its_places(make: Any, server: Loopback) -> None:
    server.reply({"name": "Jason"}).reply(JASON)
    with Web(paper) as web:
        one, two = papers(web, "1", "2")
        await create(make(), ["a", one, two, one, "b", two])
        assert sorted(asked.target for asked in web.asked) == ["/1.pdf", "/2.pdf"]
    first, second = PAPER + b"/1.pdf", PAPER + b"/2.pdf"
    assert sent(server) == sent(server, -2) == [first, second, first, second], "a retry fetches nothing"


async def test_one_address_may_be_of_two_kinds(make: Any, server: Loopback) -> None:
    with Web(paper) as web:
        url = web.url("/1.pdf")
        with pytest.raises(MediaError, match=r"content\[1\]: .*PDF.*fetched from Image"):
            await create(make(download=True), [PDF.from_url(url), Image.from_url(url)])
        assert len(web.asked) == 1
    assert server.requests == []


async def test_they_are_fetched_side_by_side(make: Any, server: Loopback) -> None:
    server.reply(JASON)
    meeting = threading.Barrier(4)

    def say(asked: Asked) -> bytes:
        meeting.wait(5)  # all four, or none
        return paper(asked)

    with Web(say) as web:
        await create(make(at_once=4), list(papers(web, "1", "2", "3", "4")))
    assert [data[-6:] for data in sent(server)] == [b"/1.pdf", b"/2.pdf", b"/3.pdf", b"/4.pdf"]


async def test_but_no_more_than_the_policy_says(make: Any, server: Loopback) -> None:
    server.reply(JASON)
    running, most, lock = 0, 0, threading.Lock()

    def say(asked: Asked) -> bytes:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return paper(asked)

    with Web(say) as web:
        await create(make(at_once=2), list(papers(web, *"123456")))
        assert most == 2
        assert web.connections == 2


async def test_all_that_fails_is_listed_in_order(make: Any, server: Loopback) -> None:
    def say(asked: Asked) -> bytes:
        time.sleep(0.05 if asked.target == "/1.pdf" else 0)
        return (
            ok(b"", "404 Not Found")
            if asked.target == "/1.pdf"
            else ok(b"<html>")
            if "2" in asked.target
            else paper(asked)
        )

    with Web(say) as web:
        inner = PDF.from_url("http://169.254.169.254/a.pdf")
        one, two, good = papers(web, "1", "2", "3")
        with pytest.raises(MediaError) as caught:
            await create(make(), [one, inner, good, two, one])
    lines = str(caught.value).splitlines()
    assert lines[0] == "4 media cannot be sent:"
    assert [line.split(":")[0] for line in lines[1:]] == [f"- messages[0].content[{place}]" for place in (0, 1, 3, 4)]
    assert [word in line for word, line in zip(("404", "metadata", "HTML", "404"), lines[1:], strict=True)] == [
        True
    ] * 4
    assert server.requests == []


@pytest.mark.parametrize("asking", [True, False], ids=["by validators", "while it is fresh"])
async def test_the_next_call_has_what_was_kept(make: Any, server: Loopback, asking: bool) -> None:
    server.reply(JASON).reply(JASON)

    def say(asked: Asked) -> bytes:
        if "if-none-match" in asked.headers:
            return ok(b"", "304 Not Modified")
        return ok(PAPER, etag='"1"', cache_control="no-cache" if asking else "max-age=60")

    with Web(say) as web:
        client = make()
        for _ in range(2):
            await create(client, [papers(web, "1")[0]])
        assert ["if-none-match" in asked.headers for asked in web.asked] == ([False, True] if asking else [False])
        assert web.connections == 1
    assert sent(server, 0) == sent(server, 1) == [PAPER]


async def test_another_client_has_its_own(make: Any, server: Loopback) -> None:
    server.reply(JASON).reply(JASON)
    with Web(lambda asked: ok(PAPER, cache_control="max-age=60")) as web:
        for _ in range(2):
            await create(make(), [papers(web, "1")[0]])
        assert (len(web.asked), web.connections) == (2, 2)


@pytest.mark.parametrize(("policy", "option"), [({"download": True}, {}), ({}, {"download": True})])
async def test_download_fetches_what_the_provider_would_fetch(
    make: Any, server: Loopback, policy: dict[str, Any], option: dict[str, Any]
) -> None:
    server.reply(JASON).reply(JASON)
    with Web(lambda asked: ok(PNG)) as web:
        client = make(**policy)
        await create(client, ["Who?", Image.from_url(web.url())], **option)
        assert len(web.asked) == 1
        part = server.requests[0].json["messages"][0]["content"][1]
        assert part["image_url"]["url"] == f"data:image/png;base64,{pybase64.b64encode(PNG).decode()}"
        await create(client, ["Who?", Image.from_url(web.url())], download=False)
        assert server.requests[1].json["messages"][0]["content"][1]["image_url"]["url"] == web.url()
        assert len(web.asked) == 1


async def test_the_time_of_the_whole_call_ends_a_download_too(make: Any, server: Loopback) -> None:
    with Web(lambda asked: dripping(PAPER, 4, 8)) as web:
        began = time.monotonic()
        with pytest.raises(ProviderTimeout, match=r"within the timeout of 0\.4 s"):
            await create(make(), list(papers(web, "1", "2")), timeout=0.4)
    assert time.monotonic() - began < 4
    assert server.requests == []


async def test_the_guard_stands_in_front_of_downloads_that_are_forced(server: Loopback) -> None:
    client = instructor.from_provider("openai/gpt-4o-mini", async_client=True)
    with pytest.raises(BlockedAddress):
        await client.create(User, [Image.from_url("http://127.0.0.1/a.png")], download=True)
    with pytest.raises(FetchError, match="user name or password"):
        await client.create(User, [Image.from_url("https://me:secret@example.com/a.png")], download=True)
    await client.close()
    assert server.requests == []


async def test_a_plan_names_every_address(make: Any, server: Loopback) -> None:
    client = make()
    with Web(paper) as web:
        content = list(papers(web, "1", "2"))
        plan = (
            await asyncio.to_thread(client.plan, User, content)
            if isinstance(client, instructor.Instructor)
            else await client.plan(User, content)
        )
        assert plan.fetches == (web.url("/1.pdf"), web.url("/2.pdf"))
        assert plan.request is None
        assert web.asked == []


# ── many at once ─────────────────────────────────────────────────────────────────────────────────

CALLS = 50


async def test_fifty_calls_over_a_dripping_server_take_as_long_as_one(server: Loopback) -> None:
    """The precise figures are `benchmarks`' to measure; these bounds only tell waiting in turn from waiting together."""
    for _ in range(CALLS + 1):
        server.reply(JASON)
    gap, running = 0.0, True

    async def watch() -> None:
        nonlocal gap
        last = time.monotonic()
        while running:
            await asyncio.sleep(0.005)
            now = time.monotonic()
            gap, last = max(gap, now - last), now

    policy = MediaPolicy(allow_private_hosts=True, download=True)
    async with instructor.from_provider("openai/gpt-4o-mini", async_client=True, policy=policy) as client:
        with Web(lambda asked: dripping(PNG, 10, 0.0 if asked.target == "/0.png" else 1.0)) as web:
            await client.create(User, ["Who?", Image.from_url(web.url("/0.png"))])  # what the first call loads
            watching = asyncio.create_task(watch())
            began = time.monotonic()
            urls = [web.url(f"/{n}.png") for n in range(1, CALLS + 1)]
            users = await asyncio.gather(*(client.create(User, ["Who?", Image.from_url(url)]) for url in urls))
            took = time.monotonic() - began
            running = False
            await watching
    assert users == [User(**JASON)] * CALLS
    assert 1.0 <= took < 10
    assert gap < 0.5


# ── encoding ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sdk", [False, True], ids=["own", "sdk"])
async def test_each_medium_is_encoded_once_however_often_it_is_sent(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, sdk: bool
) -> None:
    import openai

    encoded: list[int] = []
    real = pybase64.b64encode

    def counting(data: Any, *args: Any, **options: Any) -> bytes:
        encoded.append(len(data))
        return real(data, *args, **options)

    monkeypatch.setattr(pybase64, "b64encode", counting)
    server.reply({"name": "Jason"}).reply({"name": "Jason"}).reply(JASON)
    body = PNG + bytes(400_000)
    image, same, other = Image.from_bytes(body), Image.from_bytes(bytes(bytearray(body))), Image.from_bytes(PNG)
    inner = openai.AsyncOpenAI() if sdk else None
    client: Any = (
        instructor.from_openai(inner, model="gpt-4o-mini")
        if inner
        else instructor.from_provider("openai/gpt-4o-mini", async_client=True)
    )
    await client.create(User, ["Who?", image, same, other, image])
    await client.close()
    if inner:
        await inner.close()
    assert len(server.requests) == 3
    assert sorted(encoded) == [len(PNG), len(body)]
