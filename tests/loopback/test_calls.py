"""Whole calls through all eight ways: asking again, hooks, forms of answers, settings, history."""

from __future__ import annotations

import asyncio
import logging
from enum import Enum
from typing import Any, Literal

import anthropic
import httpx2
import openai
import pytest
from pydantic import BaseModel, ValidationInfo, field_validator

import instructor
from instructor import HookName, Hooks, Mode
from instructor.errors import ConfigurationError, InstructorRetryException, RateLimited
from instructor.testing import Loopback

from .ways import JASON, User, Way, every_own_way, every_sdk_way, every_way, settled

MODES = (Mode.TOOLS, Mode.JSON_SCHEMA, Mode.JSON, Mode.MD_JSON)
BAD = {"name": "Jason", "age": "twenty"}


# ── asking again ─────────────────────────────────────────────────────────────────────────────────


def openai_again(mode: Mode, answer: Any) -> tuple[Any, str]:
    """The failed answer in the second request, as the model gave it, and the feedback after it."""
    said, told = answer["messages"][-2:]
    if mode is Mode.TOOLS:
        (call,) = said["tool_calls"]
        assert (said["role"], told["role"], told["tool_call_id"]) == ("assistant", "tool", call["id"])
        assert call["function"]["name"] == "User"
        return call["function"]["arguments"], told["content"]
    assert (said["role"], told["role"]) == ("assistant", "user")
    return said["content"], told["content"]


def anthropic_again(mode: Mode, answer: Any) -> tuple[Any, str]:
    said, told = answer["messages"][-2:]
    assert (said["role"], told["role"]) == ("assistant", "user")
    (block,), (result,) = said["content"], told["content"]
    if mode is Mode.TOOLS:
        assert (block["type"], block["name"]) == ("tool_use", "User")
        assert (result["type"], result["tool_use_id"], result["is_error"]) == ("tool_result", block["id"], True)
        return block["input"], result["content"][0]["text"]
    return block["text"], result["text"]


@every_way
async def test_a_wrong_answer_is_asked_again(way: Way, server: Loopback) -> None:
    read = openai_again if way.dialect == "openai" else anthropic_again
    async with way.open() as client:
        for asked, mode in enumerate(MODES, 1):
            server.clear().reply(BAD).reply(JASON)
            user, completion = await settled(client.create_with_completion(User, "Jason is 20", mode=mode))
            assert user == User(name="Jason", age=20)
            first, second = (request.json for request in server.requests)
            assert completion.id.endswith(f"{2 * asked:06d}"), "of both answers the second"
            answer, feedback = read(mode, second)
            assert "twenty" in str(answer)
            assert "Input should be a valid integer" in feedback
            assert feedback.endswith("@ $.age")
            assert second["messages"][:-2] == first["messages"]
            assert {**second, "messages": 0} == {**first, "messages": 0}, "all else is as it was"


@every_way
async def test_failed_answers_do_not_pile_up(way: Way, server: Loopback) -> None:
    server.reply({"name": "Jason"}).reply(BAD).reply(JASON)
    assert await way.create(User, "Jason is 20") == User(name="Jason", age=20)
    first, second, third = (request.json for request in server.requests)
    assert len(first["messages"]) + 2 == len(second["messages"]) == len(third["messages"])
    assert "Field required @ $.age" in str(second)
    assert "Field required" not in str(third)


@every_way
async def test_no_json_is_asked_again_too(way: Way, server: Loopback) -> None:
    server.say("I think Jason is 20.").reply(JASON)
    assert await way.create(User, "Jason is 20", mode=Mode.MD_JSON) == User(name="Jason", age=20)
    assert "no JSON in the answer" in str(server.requests[1].json["messages"][-1])


@every_way
async def test_an_empty_answer_is_asked_again_too(way: Way, server: Loopback) -> None:
    server.say("").reply(JASON)
    assert await way.create(User, "Jason is 20") == User(name="Jason", age=20)
    assert len(server.requests) == 2


@every_way
async def test_another_tool_is_not_ours(way: Way, server: Loopback) -> None:
    server.call(("Other", {"x": 1}), ("User", JASON)).call(("Other", {"x": 1})).reply(JASON)
    async with way.open() as client:
        assert await settled(client.create(User, "hi", mode=Mode.TOOLS)) == User(name="Jason", age=20)
        assert await settled(client.create(User, "hi", mode=Mode.TOOLS)) == User(name="Jason", age=20)
    assert "called Other, not User" in str(server.requests[2].json)


@every_way
async def test_giving_up(way: Way, server: Loopback) -> None:
    server.reply(BAD).reply(BAD)
    with pytest.raises(InstructorRetryException, match=r"gave no valid User in 2 attempts") as caught:
        await way.create(User, "Jason is 20", max_retries=1)
    error = caught.value
    assert error.n_attempts == 2
    assert [attempt.number for attempt in error.attempts] == [1, 2]
    assert error.total_usage == error.attempts[0].reply.usage + error.attempts[1].reply.usage
    assert error.last_completion.model == way.model
    assert f"{way.dialect} ({way.model})" in str(error)
    assert "@ $.age" in str(error)
    server.clear().reply(BAD)
    with pytest.raises(InstructorRetryException, match="in 1 attempt:"):
        await way.create(User, "Jason is 20", max_retries=0)
    assert len(server.requests) == 1


@every_way
async def test_media_are_sent_again_as_they_were(way: Way, server: Loopback, files: Any) -> None:
    server.reply(BAD).reply(JASON)
    image = instructor.Image.from_path("muffin.jpg")
    await way.create(User, ["Who?", image])
    first, second = (request.json["messages"][0] for request in server.requests)
    assert first == second
    assert image.data is not None
    assert image.data in str(first)


# ── hooks ────────────────────────────────────────────────────────────────────────────────────────


EARLY = [HookName(name) for name in "completion:kwargs completion:response completion:error parse:error".split()]
EARLY += [HookName.COMPLETION_LAST_ATTEMPT, HookName.MEDIA_FITTED, HookName.CACHE_HIT, HookName.CACHE_ERROR]


class Ear:
    """Handlers that remember."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []

    def hooks(self, asynchronous: bool = False) -> Hooks:
        return Hooks({name: self.handler(name, asynchronous) for name in EARLY})

    def handler(self, name: HookName, asynchronous: bool = False) -> Any:
        def note(*args: Any, **kwargs: Any) -> None:
            self.heard.append((name.value, kwargs or args[0]))

        async def note_later(*args: Any, **kwargs: Any) -> None:
            await asyncio.sleep(0)
            note(*args, **kwargs)

        return note_later if asynchronous else note

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.heard]


ROUND = ["completion:kwargs", "completion:response"]


@every_way
@pytest.mark.parametrize("later", [False, True], ids=["plain", "async"])
async def test_hooks(way: Way, later: bool, server: Loopback) -> None:
    if later and not way.asynchronous:
        return
    ear = Ear()
    server.reply(BAD).reply(JASON)
    async with way.open(hooks=ear.hooks(later)) as client:
        await settled(client.create(User, "Jason is 20"))
        assert ear.names == [*ROUND, "parse:error", *ROUND]
        sent, response, error = (heard for _, heard in ear.heard[:3])
        assert sent["model"] == way.model
        assert sent["messages"][0]["role"] == "user"
        assert response.model == way.model
        assert [row["loc"] for row in error.errors()] == [("age",)]
        ear.heard.clear()
        server.reply(BAD)
        with pytest.raises(InstructorRetryException) as caught:
            await settled(client.create(User, "Jason is 20", max_retries=0))
        assert ear.names == [*ROUND, "parse:error", "completion:last_attempt"]
        assert ear.heard[-1][1] is caught.value.__cause__
        ear.heard.clear()
        server.fail(429, headers={"retry-after": "100"})
        with pytest.raises(RateLimited) as limited:
            await settled(client.create(User, "Jason is 20"))
        assert ear.names == ["completion:kwargs", "completion:error"]
        assert ear.heard[-1][1] is limited.value


@every_way
async def test_hooks_of_a_call_join_those_of_the_client(way: Way, server: Loopback) -> None:
    always, once = Ear(), Ear()
    server.reply(JASON).reply(JASON).reply(JASON)
    async with way.open() as client:
        handler = always.handler(HookName.COMPLETION_RESPONSE)
        client.on("completion:response", handler)
        await settled(client.create(User, "hi", hooks=once.hooks()))
        assert (always.names, once.names) == (["completion:response"], ROUND)
        await settled(client.create(User, "hi"))
        assert (len(always.names), len(once.names)) == (2, 2)
        client.off(HookName.COMPLETION_RESPONSE, handler)
        await settled(client.create(User, "hi"))
        assert len(always.names) == 2
        with pytest.raises(ConfigurationError, match="there is no event 'parse'"):
            client.on("parse", print)
        client.on("parse:error", handler)
        client.clear()
        assert not client.hooks


@every_way
async def test_hooks_that_are_filled_later_are_heard(way: Way, server: Loopback) -> None:
    ear, hooks = Ear(), Hooks()
    server.reply(JASON)
    async with way.open(hooks=hooks) as client:
        hooks.on("completion:response", ear.handler(HookName.COMPLETION_RESPONSE))
        await settled(client.create(User, "hi"))
    assert ear.names == ["completion:response"]


@every_way
async def test_a_failing_handler_breaks_nothing(way: Way, server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("what the secret is")

    async def later(*_: Any, **__: Any) -> None:
        raise RuntimeError("what the secret is")

    hooks = Hooks(dict.fromkeys(HookName, (fail, later)))
    server.reply(BAD).reply(JASON)
    with caplog.at_level(logging.DEBUG, "instructor"):
        assert await way.create(User, "hi", hooks=hooks) == User(name="Jason", age=20)
    assert "the hook handler" in caplog.text
    assert "fail" in caplog.text
    assert "secret" not in caplog.text


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


FORMS: list[tuple[Any, Any, Any]] = [
    (User, JASON, User(name="Jason", age=20)),
    (list[User], {"content": [JASON, {**JASON, "age": 21}]}, [User(name="Jason", age=20), User(name="Jason", age=21)]),
    (list[User], {"content": []}, []),
    (Cat | Dog, {"content": {"kind": "dog", "name": "Rex"}}, Dog(kind="dog", name="Rex")),
    (Literal["yes", "no"], {"content": "no"}, "no"),
    (int, {"content": 7}, 7),
    (float, {"content": 7.5}, 7.5),
    (bool, {"content": True}, True),
    (str, {"content": "seven"}, "seven"),
    (list[int], {"content": [1, 2]}, [1, 2]),
    (Colour, {"content": "blue"}, Colour.BLUE),
    (dict[str, int], {"a": 1, "b": 2}, {"a": 1, "b": 2}),
    (User | None, {"content": None}, None),
]


@every_way
async def test_forms(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        for form, answer, value in FORMS:
            for mode in (None, Mode.MD_JSON):
                server.reply(answer)
                assert await settled(client.create(form, "hi", mode=mode)) == value, form


@every_way
async def test_the_answer_itself(way: Way, server: Loopback) -> None:
    server.say("hello").reply(JASON)
    async with way.open() as client:
        answer = await settled(client.create(None, "hi"))
        user, raw = await settled(client.create_with_completion(User, "hi"))
    assert user == User(name="Jason", age=20)
    if way.sdk:
        kind: Any = openai.types.chat.ChatCompletion if way.dialect == "openai" else anthropic.types.Message
        assert type(answer) is type(raw) is kind
        assert raw._request_id.startswith("req_loopback")
    else:
        assert type(answer).__name__ == type(raw).__name__ == "View"
    words = answer.choices[0].message.content if way.dialect == "openai" else answer.content[0].text
    assert words == "hello"
    assert raw.model == way.model
    assert raw.model_dump()["model"] == way.model


class Bounded(BaseModel):
    """Asks its context."""

    age: int

    @field_validator("age")
    @classmethod
    def old_enough(cls, age: int, info: ValidationInfo) -> int:
        least = (info.context or {}).get("least", 0)
        if age < least:
            raise ValueError(f"must be at least {least}")
        return age


@every_way
async def test_context_reaches_validators(way: Way, server: Loopback) -> None:
    server.reply({"age": 5}).reply({"age": 5}).reply({"age": 30})
    async with way.open() as client:
        assert await settled(client.create(Bounded, "hi")) == Bounded(age=5)
        assert await settled(client.create(Bounded, "hi", context={"least": 18})) == Bounded(age=30)
    assert "must be at least 18" in str(server.requests[-1].json["messages"][-1])


@every_way
async def test_strictness(way: Way, server: Loopback) -> None:
    server.reply({"name": "Jason", "age": "20"}).reply({"name": "Jason", "age": "20"}).reply(JASON)
    async with way.open() as client:
        assert await settled(client.create(User, "hi")) == User(name="Jason", age=20)
        assert await settled(client.create(User, "hi", strict=True)) == User(name="Jason", age=20)
    assert len(server.requests) == 3


@every_way
async def test_thoughts_before_the_answer(way: Way, server: Loopback) -> None:
    server.reply(BAD, thinking="Let me see: {20}").reply(JASON, thinking="Now then.")
    assert await way.create(User, "hi") == User(name="Jason", age=20)
    if way.dialect == "anthropic":
        thought = server.requests[1].json["messages"][1]["content"][0]
        assert (thought["type"], thought["thinking"]) == ("thinking", "Let me see: {20}")
        assert thought["signature"], "what the provider signed goes back as it came"


# ── settings ─────────────────────────────────────────────────────────────────────────────────────


@every_way
async def test_defaults_of_a_client(way: Way, server: Loopback) -> None:
    name = "seed" if way.dialect == "openai" else "max_tokens"
    server.reply(JASON).reply(JASON).reply(JASON)
    async with way.open(**{name: 7}, mode=Mode.TOOLS) as client:
        await settled(client.create(User, "hi"))
        await settled(client.create(User, "hi", **{name: 8}))
        await settled(client.create(User, "hi", mode=Mode.MD_JSON))
    first, second, third = (request.json for request in server.requests)
    assert (first[name], second[name], third[name]) == (7, 8, 7)
    assert ("tools" in first, "tools" in second, "tools" in third) == (True, True, False)


@every_own_way
async def test_keys_and_addresses(way: Way, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    address = server.openai_url if way.dialect == "openai" else server.anthropic_url
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for given in (address, address + "/"):
        server.reply(JASON)
        await way.create(User, "hi", made={"api_key": "sk-mine", "base_url": given})
    for request in server.requests:
        assert request.path == ("/v1/chat/completions" if way.dialect == "openai" else "/v1/messages")
        assert request.headers["authorization"] == "Bearer sk-mine"
        assert request.headers["content-type"] == "application/json"
        assert int(request.headers["content-length"]) == len(request.body)


@every_own_way
async def test_a_client_of_the_callers(way: Way, server: Loopback) -> None:
    http: Any = (httpx2.AsyncClient if way.asynchronous else httpx2.Client)(headers={"x-team": "a"})
    server.reply(JASON).reply(JASON)
    await way.create(User, "hi", made={"http_client": http})
    await way.create(User, "hi", made={"http_client": http})
    assert not http.is_closed, "who made it closes it"
    await settled(http.aclose() if way.asynchronous else http.close())
    assert [request.headers["x-team"] for request in server.requests] == ["a", "a"]


@every_way
async def test_extras(way: Way, server: Loopback) -> None:
    server.reply(JASON)
    extras: dict[str, Any] = {
        "extra_headers": {"X-Team": "a"},
        "extra_query": {"trace": "1"},
        "extra_body": {
            "user" if way.dialect == "openai" else "metadata": "u" if way.dialect == "openai" else {"user_id": "u"}
        },
    }
    await way.create(User, "hi", **extras)
    (request,) = server.requests
    assert request.headers["x-team"] == "a"
    assert request.query == "trace=1"
    assert not [key for key in request.json if key.startswith("extra")]
    assert "u" in (request.json.get("user"), (request.json.get("metadata") or {}).get("user_id"))


@every_sdk_way
async def test_settings_of_an_sdks_client_hold(way: Way, server: Loopback) -> None:
    server.reply(JASON)
    made = {"sdk": {"api_key": "sk-mine", "default_headers": {"x-team": "a"}, "default_query": {"trace": "1"}}}
    await way.create(User, "hi", made=made)
    (request,) = server.requests
    assert (request.headers["x-team"], request.query) == ("a", "trace=1")
    assert "sk-mine" in (request.headers.get("x-api-key", ""), request.headers.get("authorization", "")[7:])


@every_way
async def test_one_client_serves_many_at_once(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        if way.asynchronous:
            await asyncio.gather(*(client.create(User, f"number {i}") for i in range(10)))
        else:
            await asyncio.gather(*(asyncio.to_thread(client.create, User, f"number {i}") for i in range(10)))
    assert len({request.body for request in server.requests}) == 10
    assert not any(request.refused for request in server.requests)


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
async def test_as_a_context(dialect: str, asynchronous: bool, server: Loopback) -> None:
    way = Way(dialect, False, asynchronous)
    server.reply(JASON)
    if asynchronous:
        async with way.client() as client:
            assert await client.create(User, "hi") == User(name="Jason", age=20)
    else:
        with way.client() as client:
            assert client.create(User, "hi") == User(name="Jason", age=20)
    await settled(client.close())


# ── history ──────────────────────────────────────────────────────────────────────────────────────

OPENAI_TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
CLAUDE_TOOL = {"name": "look", "input_schema": {"type": "object", "properties": {}}}


@pytest.mark.parametrize("giver", [Way("openai", True, False), Way("anthropic", True, False)], ids=str)
@every_way
async def test_answers_of_sdks_go_on_as_history_anywhere(way: Way, giver: Way, server: Loopback) -> None:
    tool = OPENAI_TOOL if giver.dialect == "openai" else CLAUDE_TOOL
    server.call(("look", {"x": 1}), text="I look.").reply(JASON)
    completion = await giver.create(None, "Who is it?", tools=[tool])
    if giver.dialect == "openai":
        message = completion.choices[0].message
        result: Any = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "Jason, 20"}
    else:
        message = completion
        block = {"type": "tool_result", "tool_use_id": message.content[-1].id, "content": "Jason, 20"}
        result = {"role": "user", "content": [block]}
    before = message.model_dump_json()
    history = [{"role": "user", "content": "Who is it?"}, message, result]
    assert await way.create(User, history) == User(name="Jason", age=20)
    assert message.model_dump_json() == before
    assert not server.requests[-1].refused
    said = server.requests[-1].json["messages"][1]
    assert said["role"] == "assistant"
    assert "I look." in str(said["content"])
    assert "Jason, 20" in str(server.requests[-1].json["messages"][2])


@every_way
async def test_parts_of_the_other_dialect(way: Way, server: Loopback) -> None:
    url = "https://example.com/cat.png"
    parts: list[Any] = [
        {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
        {"type": "image", "source": {"type": "url", "url": url}},
    ]
    server.reply(JASON)
    await way.create(User, [{"role": "user", "content": ["Who?", *parts]}])
    _, first, second = server.requests[0].json["messages"][0]["content"]
    if way.dialect == "openai":
        assert first == parts[0]
        assert second == {"type": "image_url", "image_url": {"url": url}}
    else:
        assert first == second == parts[1]
