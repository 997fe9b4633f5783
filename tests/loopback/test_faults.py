"""What goes wrong on the way, through all eight ways: the same typed errors, with what the next step needs."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from typing import Any

import anthropic
import openai
import pytest

from instructor import Mode
from instructor.errors import (
    AuthenticationError,
    BadRequest,
    ConnectionFailed,
    ContextOverflow,
    IncompleteOutputException,
    InstructorError,
    NotFound,
    Overloaded,
    PermissionDenied,
    ProtocolError,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    RefusalError,
    RequestTooLarge,
    ServerError,
)
from instructor.testing import Loopback

from .ways import JASON, KEYS, WAYS, User, Way, every_own_way, every_sdk_way, every_way, settled


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between attempts are drawn short."""
    monkeypatch.setattr("random.uniform", lambda low, high: 0.01)


STATUSES: list[tuple[int, type[ProviderError], bool]] = [
    (400, BadRequest, False),
    (401, AuthenticationError, False),
    (403, PermissionDenied, False),
    (404, NotFound, False),
    (408, ServerError, True),
    (409, ServerError, True),
    (413, RequestTooLarge, False),
    (422, BadRequest, False),
    (429, RateLimited, True),
    (500, ServerError, True),
    (502, ServerError, True),
    (503, Overloaded, True),
    (529, Overloaded, True),
]


def repeat(server: Loopback, status: int, **options: Any) -> None:
    """As often as any way may ask."""
    for _ in range(4):
        server.fail(status, **options)


@every_way
async def test_statuses(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        for status, error, repeated in STATUSES:
            server.clear()
            repeat(server, status, message="because of this")
            with pytest.raises(ProviderError) as caught:
                await settled(client.create(User, "Jason is 20"))
            failure = caught.value
            assert type(failure) is error
            assert (failure.status, failure.provider, failure.model) == (status, way.dialect, way.model)
            assert f"[{status}]: because of this" in str(failure)
            assert "because of this" in repr(failure.body)
            assert str(failure.request_id).startswith("req_loopback")
            assert failure.retry_after is None
            assert failure.code
            if way.sdk:
                package = openai if way.dialect == "openai" else anthropic
                assert isinstance(failure.__cause__, package.APIStatusError)
            assert len(server.requests) == (1 if way.sdk or not repeated else 3)


WISHES: list[tuple[dict[str, str], float | None]] = [
    ({"retry-after": "120"}, 120.0),
    ({"retry-after-ms": "90000"}, 90.0),
    ({"retry-after": "soon"}, None),
    ({"retry-after": "Wed, 21 Oct 99999999999 07:28:00 GMT"}, None),
]


@every_way
async def test_a_wish_to_wait(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        for headers, seconds in WISHES:
            server.clear()
            repeat(server, 429, headers=headers)
            with pytest.raises(RateLimited) as caught:
                await settled(client.create(User, "Jason is 20"))
            assert caught.value.retry_after == seconds
            if seconds is not None:
                assert len(server.requests) == 1, "a wait as long as this is the caller's to decide"


@every_way
async def test_a_date_to_wait_for(way: Way, server: Loopback) -> None:
    from email.utils import formatdate

    repeat(server, 429, headers={"retry-after": formatdate(time.time() + 200, usegmt=True)})
    with pytest.raises(RateLimited) as caught:
        await way.create(User, "Jason is 20")
    assert caught.value.retry_after == pytest.approx(200, abs=5)


@every_own_way
async def test_our_sender_sends_again(way: Way, server: Loopback) -> None:
    server.fail(429, headers={"retry-after-ms": "20"}).fail(503).reply(JASON)
    assert await way.create(User, "Jason is 20") == User(name="Jason", age=20)
    bodies = [request.body for request in server.requests]
    assert len(bodies) == 3
    assert len(set(bodies)) == 1


@every_sdk_way
async def test_an_sdk_sends_again_itself_and_nobody_else_does(way: Way, server: Loopback) -> None:
    server.fail(429, headers={"retry-after-ms": "20"}).reply(JASON)
    assert await way.create(User, "Jason is 20", made={"sdk": {"max_retries": 1}}) == User(name="Jason", age=20)
    assert len(server.requests) == 2
    server.clear()
    repeat(server, 429, headers={"retry-after-ms": "20"})
    with pytest.raises(RateLimited):
        await way.create(User, "Jason is 20", made={"sdk": {"max_retries": 1}})
    assert len(server.requests) == 2


@every_way
async def test_a_prompt_too_long(way: Way, server: Loopback) -> None:
    server.fail(400, message="prompt is too long: 300000 tokens > 200000 maximum context length")
    with pytest.raises(ContextOverflow, match="prompt is too long"):
        await way.create(User, "Jason is 20")


# ── answers of another format ────────────────────────────────────────────────────────────────────

PAGE = "<!DOCTYPE html><html><body>Sign in</body></html>"


@every_way
async def test_a_page_under_200(way: Way, server: Loopback) -> None:
    server.raw(200, PAGE, content_type="text/html")
    with pytest.raises(ProtocolError, match="is the base URL right") as caught:
        await way.create(User, "Jason is 20")
    assert "<" not in str(caught.value)
    assert (caught.value.provider, caught.value.model) == (way.dialect, way.model)


@every_way
async def test_a_page_under_502(way: Way, server: Loopback) -> None:
    for _ in range(3):
        server.raw(502, PAGE, content_type="text/html")
    with pytest.raises(ServerError, match="an HTML page instead of an answer") as caught:
        await way.create(User, "Jason is 20")
    assert caught.value.status == 502
    assert "<" not in str(caught.value)


EMPTY = {
    "openai": '{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[]}',
    "anthropic": '{"id":"x","type":"message","role":"assistant","model":"m","content":null,"stop_reason":"end_turn",'
    '"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}',
}

BROKEN = {
    "empty choices": None,
    "an empty object": "{}",
    "a list": "[1, 2]",
    "a word": '"hi"',
    "null": "null",
    "no JSON": "not json",
    "cut JSON": '{"choices": [{"mess',
    "nothing": "",
    "not text": b"\xff\xfe\x00",
}


@every_way
async def test_answers_of_another_format(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        for name, body in BROKEN.items():
            server.clear().raw(200, EMPTY[way.dialect] if body is None else body)
            with pytest.raises(ProtocolError) as caught:
                await settled(client.create(User, "Jason is 20"))
            assert (caught.value.provider, caught.value.model) == (way.dialect, way.model), name
            assert len(server.requests) == 1, name


@every_way
async def test_an_error_under_200(way: Way, server: Loopback) -> None:
    server.raw(200, '{"error": {"message": "upstream is down", "type": "server_error", "code": "down"}}')
    with pytest.raises(ProviderError, match="upstream is down") as caught:
        await way.create(User, "Jason is 20")
    assert caught.value.code == "down"
    assert (caught.value.provider, caught.value.model) == (way.dialect, way.model)


@every_way
async def test_an_error_that_is_a_word_under_200(way: Way, server: Loopback) -> None:
    server.raw(200, '{"error": "upstream is down"}')
    with pytest.raises(ProviderError, match="upstream is down"):
        await way.create(User, "Jason is 20")


# ── connections ──────────────────────────────────────────────────────────────────────────────────


@every_way
async def test_a_cut_connection(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        for after in (None, 0, 30):
            server.clear()
            for _ in range(3):
                server.cut(after).reply(JASON)
            with pytest.raises(ConnectionFailed) as caught:
                await settled(client.create(User, "Jason is 20"))
            assert caught.value.__cause__ is not None
            assert (caught.value.provider, caught.value.model) == (way.dialect, way.model)


@every_own_way
async def test_after_a_cut_connection_the_request_is_sent_again(way: Way, server: Loopback) -> None:
    server.cut(30).reply(JASON).reply(JASON)
    assert await way.create(User, "Jason is 20") == User(name="Jason", age=20)
    assert len(server.requests) == 2


@every_way
async def test_a_refused_connection(way: Way, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    with pytest.raises(ConnectionFailed) as caught:
        await way.create(User, "Jason is 20")
    assert not any(key in str(caught.value) for key in KEYS)


# ── time ─────────────────────────────────────────────────────────────────────────────────────────


@every_way
@pytest.mark.parametrize("place", ["of the call", "of the client"])
async def test_a_slow_answer(way: Way, place: str, server: Loopback) -> None:
    seen: list[Exception] = []
    for _ in range(4):
        server.delay(3).reply(JASON)
    made = {"timeout": 0.25} if place == "of the client" else {}
    given = {"timeout": 0.25} if place == "of the call" else {}
    began = time.monotonic()
    async with way.open(sdk={"max_retries": 2}, **made) as client:
        client.on("completion:error", seen.append)
        with pytest.raises(ProviderTimeout, match=r"0\.2\d* s") as caught:  # what was left of it when it was sent
            await settled(client.create(User, "Jason is 20", **given))
    assert time.monotonic() - began < 2.5
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.model == way.model
    assert seen == [caught.value]
    assert len(server.requests) == 1


@every_way
async def test_a_body_that_drips_without_end(way: Way, server: Loopback) -> None:
    server.drip(1, 0.02).reply(JASON)  # for four seconds and more
    began = time.monotonic()
    with pytest.raises(ProviderTimeout):
        await way.create(User, "Jason is 20", timeout=0.25)
    assert time.monotonic() - began < 3


@every_way
async def test_the_time_holds_for_all_attempts_together(way: Way, server: Loopback) -> None:
    for _ in range(40):
        server.delay(0.1).say("no JSON at all")
    began = time.monotonic()
    with pytest.raises(ProviderTimeout):
        await way.create(User, "Jason is 20", timeout=0.6, max_retries=39)
    assert time.monotonic() - began < 3
    assert 2 <= len(server.requests) <= 6


@every_own_way
async def test_no_wait_beyond_the_time(way: Way, server: Loopback) -> None:
    server.fail(429, headers={"retry-after": "5"}).reply(JASON)
    began = time.monotonic()
    with pytest.raises(ProviderError):
        await way.create(User, "Jason is 20", timeout=4)
    assert time.monotonic() - began < 2
    assert len(server.requests) == 1


@every_way
async def test_in_time_is_in_time(way: Way, server: Loopback) -> None:
    server.delay(0.1).reply(JASON)
    assert await way.create(User, "Jason is 20", timeout=5) == User(name="Jason", age=20)


@pytest.mark.parametrize("sdk", [True, False])
async def test_a_cancelled_call_is_cancelled(sdk: bool, server: Loopback) -> None:
    server.delay(3).reply(JASON)
    began = time.monotonic()
    task = asyncio.create_task(Way("openai", sdk, True).create(User, "Jason is 20"))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 2


# ── answers that are none ────────────────────────────────────────────────────────────────────────


@every_way
async def test_a_refusal(way: Way, server: Loopback) -> None:
    server.refuse("I will not look at this.")
    with pytest.raises(RefusalError, match="I will not look at this") as caught:
        await way.create(User, "Jason is 20")
    assert caught.value.reply.refusal == "I will not look at this."
    assert caught.value.last_completion.model == way.model
    assert len(server.requests) == 1, "a refusal is not asked again"


@every_way
async def test_a_truncated_answer(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        for mode in (Mode.TOOLS, Mode.JSON_SCHEMA, Mode.MD_JSON):
            server.clear().truncate('{"name": "Jas')
            with pytest.raises(IncompleteOutputException, match="raise max_tokens") as caught:
                await settled(client.create(User, "Jason is 20", mode=mode))
            assert caught.value.reply.finish == "length"
            assert caught.value.last_completion.usage
            assert len(server.requests) == 1


@pytest.mark.parametrize("way", [way for way in WAYS if way.dialect == "openai"], ids=str)
async def test_a_filtered_answer(way: Way, server: Loopback) -> None:
    body = EMPTY["openai"].replace(
        '"choices":[]',
        '"choices":[{"index":0,"finish_reason":"content_filter","logprobs":null,'
        '"message":{"role":"assistant","content":null}}]',
    )
    server.raw(200, body)
    with pytest.raises(RefusalError, match="content filter"):
        await way.create(User, "Jason is 20")


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────

ODD_KEYS = ("sk-secret-1\n", " sk-secret-1", "sk-secret-1é")


@every_way
async def test_a_key_that_cannot_be_sent_is_not_told(
    way: Way, server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "instructor")
    for key in ODD_KEYS[:1] if way.sdk else ODD_KEYS:  # what else an SDK sends is its own affair
        with pytest.raises(InstructorError) as caught:
            await way.create(User, "Jason is 20", made={"sdk": {"api_key": key}} if way.sdk else {"api_key": key})
        assert "secret" not in str(caught.value)
    assert "secret" not in caplog.text
    assert server.requests == []
