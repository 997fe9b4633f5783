"""Another provider is asked when one fails: two dialects on one server, synchronous and not, through SDKs and our own
sender."""

from __future__ import annotations

import base64
import logging
import pickle
import time
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import openai
import pybase64
import pytest
from PIL import Image as Pillow

import instructor
from instructor import Audio, Fallback, Image, MediaPolicy
from instructor.cache import MemoryCache
from instructor.errors import (
    AuthenticationError,
    BadRequest,
    CacheMiss,
    ConfigurationError,
    ConnectionFailed,
    ContextOverflow,
    InstructorError,
    InstructorRetryException,
    MissingKey,
    NotFound,
    Overloaded,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    RequestError,
    ServerError,
    TokenBudgetExceeded,
    UnsupportedMedia,
)
from instructor.events import Completed, Event, FellBack, Started
from instructor.testing import Loopback

from .conftest import picture, recording
from .ways import JASON, WAYS, User, Way, settled

OPENAI, ANTHROPIC = "/v1/chat/completions", "/v1/messages"

FIRST = [way for way in WAYS if way.dialect == "openai"]
"""Who is asked first; the second is its mirror in the other dialect."""

every_pair = pytest.mark.parametrize("way", FIRST, ids=str)
OWN = [way for way in FIRST if not way.sdk]
own_pair = pytest.mark.parametrize("way", OWN, ids=str)


def other(way: Way) -> Way:
    return Way("anthropic" if way.dialect == "openai" else "openai", way.sdk, way.asynchronous)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between attempts are drawn short."""
    monkeypatch.setattr("random.uniform", lambda low, high: 0.01)


class Pair:
    """A client of the first dialect that falls back to one of the second."""

    def __init__(self, way: Way, second: dict[str, Any] | None = None, **options: Any) -> None:
        self.way, self.second_options, self.options = way, second or {}, options
        self.on = options.pop("on", None)
        self.after = options.pop("after", None)
        self.params = options.pop("params", {})

    async def __aenter__(self) -> Any:
        self.second = other(self.way).client(**self.second_options)
        entry: Any = self.second
        if self.on or self.after or self.params:
            given = {"on": self.on} if self.on else {}
            entry = Fallback(self.second, **given, after=self.after, params=self.params)
        self.first = self.way.client(fallback=[entry], **self.options)
        return self.first

    async def __aexit__(self, *exception: object) -> None:
        for client in (self.first, self.second):
            await settled(client.close())
            if client.client is not None:
                await settled(client.client.close())


def paths(server: Loopback) -> list[str]:
    return [request.path for request in server.requests if request.path in (OPENAI, ANTHROPIC)]


def failing(server: Loopback, status: int, times: int, **options: Any) -> Loopback:
    for _ in range(times):
        server.fail(status, **options)
    return server


async def all_of(stream: Any, got: list[Any] | None = None) -> list[Any]:
    """What comes of a stream; in `got` also what came before it failed."""
    got = [] if got is None else got
    while True:
        thing = await anext(stream, None) if isinstance(stream, AsyncIterator) else next(stream, None)
        if thing is None:
            return got
        got.append(thing)


# ── on which errors ──────────────────────────────────────────────────────────────────────────────


@every_pair
@pytest.mark.parametrize("status", [429, 500, 529])
async def test_a_failing_provider_is_replaced(way: Way, status: int, server: Loopback) -> None:
    failing(server, status, 1 if way.sdk else 3).reply(JASON)
    async with Pair(way) as client:
        value, completion = await settled(client.create_with_completion(User, "Jason is 20"))
    assert value == User(**JASON)
    assert paths(server)[-1] == ANTHROPIC
    assert set(paths(server)[:-1]) == {OPENAI}
    assert completion.stop_reason in ("end_turn", "tool_use"), "the answer object is of whoever answered"
    assert all(request.refused is None for request in server.requests)


@every_pair
@pytest.mark.parametrize(("status", "error"), [(400, BadRequest), (401, AuthenticationError), (404, NotFound)])
async def test_what_the_caller_has_to_mend_is_not_hidden(
    way: Way, status: int, error: type[ProviderError], server: Loopback
) -> None:
    server.fail(status).reply(JASON)
    async with Pair(way) as client:
        with pytest.raises(error) as caught:
            await settled(client.create(User, "Jason is 20"))
    assert type(caught.value) is error
    assert caught.value.failures == ()
    assert paths(server) == [OPENAI]


@every_pair
async def test_errors_of_ones_own_choice(way: Way, server: Loopback) -> None:
    server.fail(404).reply(JASON)
    async with Pair(way, on=(NotFound,)) as client:
        assert await settled(client.create(User, "Jason is 20")) == User(**JASON)
        server.clear()
        failing(server, 500, 3)
        with pytest.raises(ServerError):
            await settled(client.create(User, "Jason is 20"))
    assert set(paths(server)) == {OPENAI}


@every_pair
async def test_connections_that_break(way: Way, server: Loopback) -> None:
    for _ in range(1 if way.sdk else 3):
        server.cut(20).reply(JASON)
    server.reply(JASON)
    async with Pair(way) as client:
        assert await settled(client.create(User, "Jason is 20")) == User(**JASON)
    assert paths(server)[-1] == ANTHROPIC


@every_pair
async def test_an_answer_that_is_none(way: Way, server: Loopback) -> None:
    server.raw(200, "<html>Sign in</html>", content_type="text/html").reply(JASON)
    async with Pair(way) as client:
        assert await settled(client.create(User, "Jason is 20")) == User(**JASON)
    assert paths(server) == [OPENAI, ANTHROPIC]


@every_pair
async def test_answers_that_are_not_valid_only_where_that_is_asked_for(way: Way, server: Loopback) -> None:
    wrong = {"name": "Jason", "age": "twenty"}
    server.reply(wrong).reply(wrong)
    async with Pair(way) as client:
        with pytest.raises(InstructorRetryException) as caught:
            await settled(client.create(User, "Jason is 20", max_retries=1))
    assert caught.value.failures == ()
    assert paths(server) == [OPENAI, OPENAI]
    server.clear().reply(wrong).reply(wrong).reply(JASON)
    async with Pair(way, on=(InstructorRetryException,)) as client:
        assert await settled(client.create(User, "Jason is 20", max_retries=1)) == User(**JASON)
    assert paths(server) == [OPENAI, OPENAI, ANTHROPIC]
    told = server.requests[-1].json["messages"]
    assert len(told) == 1, "the other one is asked as if for the first time"


@own_pair
async def test_a_wait_that_is_long_is_not_waited_where_there_is_somebody_else(way: Way, server: Loopback) -> None:
    server.fail(429, headers={"retry-after": "30"}).reply(JASON)
    began = time.monotonic()
    async with Pair(way) as client:
        assert await settled(client.create(User, "Jason is 20")) == User(**JASON)
    assert time.monotonic() - began < 5
    assert paths(server) == [OPENAI, ANTHROPIC]


# ── none of them ─────────────────────────────────────────────────────────────────────────────────


@every_pair
async def test_when_all_fail_the_last_one_speaks_and_has_the_others(way: Way, server: Loopback) -> None:
    failing(server, 429, 1 if way.sdk else 3, message="too many").fail(529, message="too busy")
    if not way.sdk:
        failing(server, 529, 2, message="too busy")
    async with Pair(way) as client:
        with pytest.raises(Overloaded, match="too busy") as caught:
            await settled(client.create(User, "Jason is 20"))
    last = caught.value
    assert [(type(one), getattr(one, "provider", "")) for one in last.failures] == [
        (RateLimited, "openai"),
        (Overloaded, "anthropic"),
    ]
    assert last.failures[-1] is last
    assert any("too many" in note for note in last.__notes__)
    again = pickle.loads(pickle.dumps(last)) if not way.sdk else last
    assert [type(one) for one in again.failures] == [RateLimited, Overloaded]


@own_pair
async def test_one_after_the_other(way: Way, server: Loopback) -> None:
    third = Way("openai", False, way.asynchronous).client(model="gpt-4.1-mini")
    second = other(way).client()
    first = way.client(fallback=[second, Fallback(third, on=(ContextOverflow,)), Fallback(third, model="gpt-4o")])
    failing(server, 500, 3)
    server.fail(401).reply(JASON)
    assert await settled(first.create(User, "Jason is 20")) == User(**JASON)
    models = [request.json["model"] for request in server.requests]
    assert models == [way.model] * 3 + ["claude-haiku-4-5", "gpt-4o"], "a key that is wrong there is no reason to stop"
    for client in (first, second, third):
        await settled(client.close())


# ── what the other one is asked ──────────────────────────────────────────────────────────────────


@every_pair
async def test_parameters_are_translated_or_left_out_visibly(
    way: Way, server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[FellBack] = []
    failing(server, 500, 1 if way.sdk else 3).reply(JASON)
    with caplog.at_level(logging.WARNING, "instructor"):
        async with Pair(way) as client:
            client.on(FellBack, seen.append)
            given = {
                "max_tokens": 77,
                "stop": ["END"],
                "seed": 7,
                "extra_headers": {"x-mine": "1"},
                "service_tier": "flex",
            }
            await settled(client.create(User, "Jason is 20", **given))
    sent = server.requests[-1]
    assert sent.json["max_tokens"] == 77
    assert sent.json["stop_sequences"] == ["END"]
    assert "seed" not in sent.json
    assert "service_tier" not in sent.json
    assert "x-mine" not in sent.headers, "what is meant for one provider does not go to another"
    assert set(seen[0].dropped) == {"seed", "extra_headers", "service_tier"}
    assert "seed" in caplog.text
    assert (seen[0].provider, seen[0].to_provider, seen[0].to_model) == ("openai", "anthropic", "claude-haiku-4-5")


@own_pair
async def test_parameters_of_its_own(way: Way, server: Loopback) -> None:
    failing(server, 500, 3).reply(JASON)
    pair = Pair(way, second={"max_tokens": 500, "top_k": 4}, params={"top_k": 9, "temperature": None}, temperature=0.5)
    async with pair as client:
        await settled(client.create(User, "Jason is 20", max_tokens=66))
    sent = server.requests[-1].json
    assert (sent["max_tokens"], sent["top_k"]) == (66, 9)
    assert "temperature" not in sent


@own_pair
async def test_a_parameter_that_a_fallback_never_takes_is_an_error_at_once(way: Way, server: Loopback) -> None:
    second = other(way).client()
    with pytest.raises(RequestError, match="seed"):
        way.client(fallback=Fallback(second, params={"seed": 1}))
    await settled(second.close())


@every_pair
async def test_the_mode_is_chosen_anew(way: Way, server: Loopback) -> None:
    failing(server, 500, 1 if way.sdk else 3).reply(JASON)
    async with Pair(way) as client:
        assert await settled(client.create(User, "Jason is 20", mode=instructor.Mode.JSON_SCHEMA)) == User(**JASON)


# ── media ────────────────────────────────────────────────────────────────────────────────────────


@every_pair
async def test_media_are_settled_anew_and_fetched_and_encoded_once(
    way: Way, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = picture("PNG", (2200, 1900))
    url = server.files("/large.png", large, "image/png")
    encoded: list[bytes] = []
    real = pybase64.b64encode

    def counting(data: Any, *args: Any) -> bytes:
        encoded.append(bytes(data))
        return real(data, *args)

    monkeypatch.setattr(pybase64, "b64encode", counting)
    failing(server, 500, 1 if way.sdk else 3).reply(JASON)
    small = Image.from_bytes(picture("PNG", (30, 20)))
    policy = MediaPolicy(allow_private_hosts=True, download=True)
    async with Pair(way, policy=policy) as client:
        await settled(client.create(User, ["Who?", small, Image.from_url(url), small]))
    fetched = [request.path for request in server.requests if request.path == "/large.png"]
    assert len(fetched) == 1
    assert encoded
    assert len(encoded) == len(set(encoded)), "each content once, whoever is asked"
    blocks = server.requests[-1].json["messages"][0]["content"]
    assert [block["type"] for block in blocks].count("image") == 3


@every_pair
async def test_a_picture_beyond_the_limits_of_the_other_is_made_to_fit(way: Way, server: Loopback) -> None:
    failing(server, 500, 1 if way.sdk else 3).reply(JASON)
    wide = Image.from_bytes(picture("PNG", (9000, 60)))  # Anthropic takes 8,000 pixels an edge
    async with Pair(way) as client:
        await settled(client.create(User, ["Who?", wide]))
    first, last = server.requests[0].json, server.requests[-1].json
    sent = first["messages"][0]["content"][1]["image_url"]["url"].partition(",")[2]
    fitted = last["messages"][0]["content"][1]["source"]["data"]
    assert base64.b64decode(sent) == wide.read()
    with Pillow.open(BytesIO(base64.b64decode(fitted))) as opened:
        assert max(opened.size) <= 8000


@every_pair
async def test_media_that_the_other_does_not_take_are_its_failure(way: Way, server: Loopback) -> None:
    failing(server, 500, 1 if way.sdk else 3, message="down")
    sound = Audio.from_bytes(recording())
    async with Pair(way, model="gpt-audio") as client:
        with pytest.raises(ServerError, match="down") as caught:
            await settled(client.create(None, ["What?", sound]))
        plan = await settled(client.plan(None, ["What?", sound]))
    assert [type(one) for one in caught.value.failures] == [ServerError, UnsupportedMedia]
    assert caught.value.failures[0] is caught.value
    assert set(paths(server)) == {OPENAI}
    assert plan.problem is None
    assert "takes no Audio" in str(plan.fallbacks[0].problem)
    assert "falls back to" in str(plan)


@every_pair
async def test_a_medium_that_the_first_does_not_take_may_be_the_others(way: Way, server: Loopback) -> None:
    server.say("a beep")
    options = {"second": {"model": "gpt-audio"}, "on": (UnsupportedMedia,)}
    async with Pair(other(way), **options) as client:
        completion = await settled(client.create(None, ["What?", Audio.from_bytes(recording())]))
    assert completion.choices[0].message.content == "a beep"
    assert paths(server) == [OPENAI]


# ── time ─────────────────────────────────────────────────────────────────────────────────────────


@every_pair
async def test_one_that_takes_too_long_is_given_up(way: Way, server: Loopback) -> None:
    server.delay(3).reply(JASON).reply(JASON)
    began = time.monotonic()
    async with Pair(way, after=0.25) as client:
        assert await settled(client.create(User, "Jason is 20", timeout=30)) == User(**JASON)
    assert time.monotonic() - began < 2
    assert paths(server) == [OPENAI, ANTHROPIC]


@every_pair
async def test_the_time_of_the_call_is_for_all_of_them(way: Way, server: Loopback) -> None:
    server.delay(3).reply(JASON).reply(JASON)
    began = time.monotonic()
    async with Pair(way) as client:
        with pytest.raises(ProviderTimeout):
            await settled(client.create(User, "Jason is 20", timeout=0.3))
    assert time.monotonic() - began < 2
    assert paths(server) == [OPENAI], "there is no time left for another"


@every_pair
async def test_what_is_left_of_the_time_is_the_others(way: Way, server: Loopback) -> None:
    server.delay(3).reply(JASON).delay(3).reply(JASON)
    began = time.monotonic()
    async with Pair(way, after=0.2) as client:
        with pytest.raises(ProviderTimeout) as caught:
            await settled(client.create(User, "Jason is 20", timeout=0.5))
    assert 0.4 < time.monotonic() - began < 2
    assert [type(one) for one in caught.value.failures] == [ProviderTimeout, ProviderTimeout]


# ── streams ──────────────────────────────────────────────────────────────────────────────────────


@every_pair
@pytest.mark.parametrize("kind", ["partial", "iterable"])
async def test_a_stream_falls_back_before_anything_is_handed_over(way: Way, kind: str, server: Loopback) -> None:
    failing(server, 503, 1 if way.sdk else 3).reply([JASON] if kind == "iterable" else JASON)
    async with Pair(way) as client:
        stream = client.create_iterable(User, "x") if kind == "iterable" else client.create_partial(User, "x")
        things = await all_of(stream)
    assert things[-1] == User(**JASON)
    assert paths(server)[-1] == ANTHROPIC


@every_pair
async def test_a_stream_does_not_fall_back_afterwards(way: Way, server: Loopback) -> None:
    server.cut(700).reply({"name": "J" * 400, "age": 20}).reply(JASON)
    got: list[Any] = []
    async with Pair(way) as client:
        with pytest.raises(ConnectionFailed) as caught:
            await all_of(client.create_partial(User, "x"), got)
    assert got
    assert caught.value.failures == ()
    assert paths(server) == [OPENAI]


@every_pair
async def test_a_stream_that_is_closed_early_closes_its_connection(way: Way, server: Loopback) -> None:
    failing(server, 503, 1 if way.sdk else 3).drip(300, 0.01).reply({"name": "J" * 200, "age": 20})
    async with Pair(way) as client:
        stream = client.create_partial(User, "x")
        first = await anext(stream) if way.asynchronous else next(stream)
        assert first is not None
        await stream.aclose() if way.asynchronous else stream.close()


# ── the client that is called ────────────────────────────────────────────────────────────────────


@own_pair
async def test_the_events_name_whoever_is_asked(way: Way, server: Loopback) -> None:
    seen: list[Event] = []
    failing(server, 500, 3).reply(JASON)
    async with Pair(way) as client:
        client.on(Event, seen.append)
        await settled(client.create(User, "Jason is 20"))
        spent = client.usage.snapshot()
    assert isinstance(seen[0], Started)
    assert isinstance(seen[-1], Completed)
    assert len({event.call for event in seen}) == 1
    at = next(i for i, event in enumerate(seen) if isinstance(event, FellBack))
    assert {event.provider for event in seen[:at]} == {"openai"}
    assert {event.provider for event in seen[at + 1 :]} == {"anthropic"}
    assert spent.calls == 1
    assert spent.models["anthropic/claude-haiku-4-5"].answers == 1
    assert spent.models["openai/gpt-4o-mini"].attempts == 3


@own_pair
async def test_answers_are_kept_under_whoever_gave_them(way: Way, server: Loopback) -> None:
    failing(server, 500, 3).reply(JASON)
    async with Pair(way, cache=MemoryCache()) as client:
        await settled(client.create(User, "Jason is 20"))
        server.clear()
        assert await settled(client.create(User, "Jason is 20", cache="only")) == User(**JASON)
        assert server.requests == []
        failing(server, 500, 3)
        assert await settled(client.create(User, "Jason is 20")) == User(**JASON)
        assert paths(server) == [OPENAI] * 3, "the first is asked again, and the other's answer is known"
        with pytest.raises(CacheMiss):
            await settled(client.create(User, "Jane is 30", cache="only"))


@own_pair
async def test_a_budget_of_tokens_is_for_all_of_them(way: Way, server: Loopback) -> None:
    wrong = {"name": "Jason", "age": "twenty"}
    server.reply(wrong).reply(JASON)
    async with Pair(way, on=(InstructorError,)) as client:
        with pytest.raises(TokenBudgetExceeded):
            await settled(client.create(User, "Jason is 20", token_budget=1))
    assert paths(server) == [OPENAI]


@own_pair
async def test_names_and_per_call(way: Way, server: Loopback) -> None:
    client = way.client()
    failing(server, 500, 3).reply(JASON)
    try:
        assert await settled(client.create(User, "x", fallback="anthropic/claude-haiku-4-5")) == User(**JASON)
        assert server.requests[-1].json["model"] == "claude-haiku-4-5"
        server.clear()
        failing(server, 500, 3).reply(JASON)
        await settled(client.create(User, "x", fallback=["openai/gpt-4.1-mini"]))
        assert server.requests[-1].json["model"] == "gpt-4.1-mini"
        assert server.requests[-1].headers["authorization"] == "Bearer sk-test"
        server.clear()
        failing(server, 500, 3)
        with pytest.raises(ServerError):
            await settled(client.create(User, "x"))
    finally:
        await settled(client.close())


@own_pair
async def test_false_is_nobody(way: Way, server: Loopback) -> None:
    failing(server, 500, 3).reply(JASON)
    async with Pair(way) as client:
        with pytest.raises(ServerError):
            await settled(client.create(User, "x", fallback=False))


@own_pair
async def test_the_same_provider_is_the_same_client(
    way: Way, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL")
    client = way.client(api_key="sk-own", base_url=server.openai_url, fallback="openai/gpt-4.1-mini")
    failing(server, 500, 3).reply(JASON)
    await settled(client.create(User, "x", extra_headers={"x-mine": "1"}))
    assert server.requests[-1].headers["authorization"] == "Bearer sk-own"
    assert server.requests[-1].headers["x-mine"] == "1"
    await settled(client.close())


async def test_what_is_no_fallback(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "openai/gpt-4o-mini"
    later = instructor.from_provider(name, async_client=True)
    with pytest.raises(ConfigurationError, match="a synchronous client"):
        instructor.from_provider(name, fallback=[later])
    await later.close()
    with pytest.raises(ConfigurationError, match="not int"):
        instructor.from_provider(name, fallback=[3])
    with pytest.raises(ConfigurationError, match="classes of errors"):
        Fallback("openai/gpt-4o", on=("RateLimited",))  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="after="):
        Fallback("openai/gpt-4o", after=0)
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises(MissingKey, match="ANTHROPIC_API_KEY"):
        instructor.from_provider(name, fallback="anthropic/claude-haiku-4-5")
    nameless = instructor.from_openai(openai.OpenAI())
    with pytest.raises(ConfigurationError, match="no model"):
        instructor.from_provider(name, fallback=nameless)


async def test_a_fallback_in_this_process(server: Loopback) -> None:
    failing(server, 500, 3)
    with instructor.from_provider("openai/gpt-4o-mini", fallback="embedded", temperature=0) as client:
        assert client.create(User, "name: Jason\nage: 20") == User(**JASON)
