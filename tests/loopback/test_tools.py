"""Several tools at once, and tools of the caller's own, on every way to every dialect that has tools."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, field_validator

import instructor
from instructor import Mode, ToolCall, ToolCalls
from instructor.cache import MemoryCache
from instructor.errors import InstructorRetryException, ModeError, RequestError, ToolCalled
from instructor.testing import DIALECTS, Loopback, compatible

from . import gemini, mistral_cohere, test_compatible, test_hosted, test_responses, ways
from .ways import settled


class Weather(BaseModel):
    """What the weather is like."""

    city: str
    units: Literal["metric", "imperial"] = "metric"


class Search(BaseModel):
    """Search the web."""

    query: str

    @field_validator("query")
    @classmethod
    def specific(cls, query: str) -> str:
        if query == "things":
            raise ValueError("too vague")
        return query


class User(BaseModel):
    """A person."""

    name: str
    age: int


def look_up(name: Annotated[str, Field(description="of a person")], limit: int = 3) -> str:
    """Look a person up."""
    return f"{name}: {limit} found"


class Place(BaseModel):
    """A place on a map."""

    street: str


@pytest.fixture(scope="module")
def running() -> Iterator[Loopback]:
    with Loopback(dialects=(*DIALECTS, *compatible.DIALECTS)) as server:
        yield server


@pytest.fixture
def server(running: Loopback, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    running.clear()
    monkeypatch.setenv("OPENAI_BASE_URL", running.openai_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", running.anthropic_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    return running


Open = Callable[[Loopback], AbstractAsyncContextManager[Any]]


def _plain(way: ways.Way) -> Open:
    return lambda server: way.open()


def _responses(how: str) -> Open:
    return lambda server: test_responses.opened(server, how)


def _row(name: str, how: str) -> Open:
    @asynccontextmanager
    async def opened(server: Loopback) -> AsyncIterator[Any]:
        async with test_compatible.closing(test_compatible.made(server, name, how)) as client:
            yield client

    return opened


ROUTES: dict[str, Open] = {
    **{str(way): _plain(way) for way in ways.WAYS},
    **{f"responses {how}": _responses(how) for how in test_responses.HOWS},
    **{str(way): way.open for way in mistral_cohere.WAYS},
    **{str(way): way.open for way in test_hosted.WAYS},
    **{str(road): road.open for road in gemini.ROADS},
    **{
        f"{name} {how}": _row(name, how)
        for name, how in (
            ("cerebras", "async sdk"),
            ("fireworks", "sync sdk"),
            ("groq", "sync own"),
            ("together", "async own"),
            ("writer", "async sdk"),
        )
    },
}
every_route = pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)


async def collected(stream: Any) -> list[Any]:
    stream = await settled(stream)
    return [item async for item in stream] if hasattr(stream, "__aiter__") else list(stream)


def well(server: Loopback) -> list[Any]:
    """The bodies of what was sent, all of which the provider's own types accept."""
    assert [request.refused for request in server.requests] == [None] * len(server.requests)
    return [request.json for request in server.requests]


OSLO, FJORDS, ROME = Weather(city="Oslo"), Search(query="fjords"), Weather(city="Rome", units="imperial")
ALL: list[Weather | Search] = [OSLO, FJORDS, ROME]
CALLS = tuple((type(thing).__name__, thing) for thing in ALL)


@every_route
async def test_each_call_is_an_object(server: Loopback, route: Open) -> None:
    async with route(server) as client:
        server.call(*CALLS).call(*CALLS, text="I look.").call(CALLS[1])
        options: Any = {"mode": Mode.PARALLEL_TOOLS}
        assert await settled(client.create(Iterable[Weather | Search], "hi", **options)) == ALL
        assert await collected(client.create_iterable(Weather | Search, "hi", **options)) == ALL
        assert await settled(client.create(list[Search], "hi", **options)) == [FJORDS]
    assert len(well(server)) == 3


@every_route
async def test_a_wrong_call_is_made_again(server: Loopback, route: Open) -> None:
    wrong = (CALLS[0], ("Search", {"query": "things"}), ("Wether", {"city": "Rome"}))
    async with route(server) as client:
        server.call(*wrong).call(*CALLS).call(CALLS[0], CALLS[1]).call(("Search", {})).call(CALLS[1])
        options: Any = {"mode": Mode.PARALLEL_TOOLS}
        assert await settled(client.create(list[Weather | Search], "hi", **options)) == ALL
        assert await settled(client.create(list[Weather | Search], "hi", **options)) == [OSLO, FJORDS]
        assert await collected(client.create_iterable(Search, "hi", **options)) == [FJORDS]
    first, again, _, _, last = well(server)
    assert "Search: too vague" in str(again)
    assert "$[1].query" in str(again)
    assert "Wether: there is no such tool: the tools are Weather, Search" in str(again)
    assert "Nothing is wrong with this call" in str(again)
    assert "Search: Field required @ $[0].query" in str(last)
    assert "Nothing is wrong" not in str((first, last))


LOOK: Any = ("look_up", {"name": "Ann"})
MAP: Any = ("Place", {"street": "Elm"})


def is_theirs(calls: Any) -> bool:
    look, place = calls
    assert (look.name, look.arguments, look.value) == ("look_up", {"name": "Ann"}, {"name": "Ann"})
    assert look.run() == "Ann: 3 found"
    assert (place.name, place.arguments, place.value) == ("Place", {"street": "Elm"}, Place(street="Elm"))
    return isinstance(look, ToolCall) and isinstance(place, ToolCall)


@every_route
async def test_calls_of_the_callers_tools_come_back(server: Loopback, route: Open) -> None:
    async with route(server) as client:
        options: Any = {"tools": [look_up, Place], "max_retries": 0}
        server.call(LOOK, MAP)
        calls = await settled(client.create(User | ToolCalls, "Who is Ann?", **options))
        assert isinstance(calls, ToolCalls)
        assert is_theirs(calls)
        server.reply({"name": "Ann", "age": 30}, tool="User")
        messages = [*calls.messages, calls[0].result(calls[0].run()), calls[1].result({"at": [1, 2]})]
        assert await settled(client.create(User | ToolCalls, messages, **options)) == User(name="Ann", age=30)
        server.call(LOOK, MAP)
        with pytest.raises(ToolCalled, match="the model called look_up, Place") as caught:
            await settled(client.create(User, "Who is Ann?", **options))
        assert is_theirs(caught.value.calls)
        assert caught.value.messages == caught.value.calls.messages
        assert caught.value.total_usage.output > 0
    _, second, _ = well(server)
    assert "Ann: 3 found" in str(second)
    assert '{"at":[1,2]}' in str(second)


@every_route
async def test_they_come_back_from_a_stream(server: Loopback, route: Open) -> None:
    async with route(server) as client:
        options: Any = {"tools": [look_up, Place], "max_retries": 0}
        server.call(LOOK, MAP)
        assert is_theirs(await collected(client.create_iterable(User | ToolCall, "hi", **options)))
        server.call(LOOK, MAP)
        *_, calls = await collected(client.create_partial(User | ToolCalls, "hi", **options))
        assert is_theirs(calls)
        server.call(LOOK, MAP)
        with pytest.raises(ToolCalled) as caught:
            await collected(client.create_partial(User, "hi", **options))
        assert is_theirs(caught.value.calls)
        server.reply({"name": "Ann", "age": 30}, tool="User")
        (*_, user) = await collected(
            client.create_partial(User, [*calls.messages, *(c.result("ok") for c in calls)], **options)
        )
        assert user == User(name="Ann", age=30)
    assert len(well(server)) == 4


every_plain_way = pytest.mark.parametrize("route", [_plain(way) for way in ways.WAYS], ids=map(str, ways.WAYS))


@every_plain_way
@pytest.mark.parametrize("mode", [Mode.TOOLS, Mode.JSON_SCHEMA, Mode.JSON, Mode.MD_JSON])
async def test_they_come_back_in_every_mode(server: Loopback, route: Open, mode: Mode) -> None:
    async with route(server) as client:
        server.call(LOOK, MAP, text="Let me see {…}")
        messages = "Answer in JSON."
        assert is_theirs(await settled(client.create(User | ToolCalls, messages, tools=[look_up, Place], mode=mode)))


@every_plain_way
async def test_calls_beside_objects_are_elements_in_their_order(server: Loopback, route: Open) -> None:
    async with route(server) as client:
        options: Any = {"tools": [look_up], "mode": Mode.PARALLEL_TOOLS, "max_retries": 0}
        for ask in (client.create, lambda *args, **rest: collected(client.create_iterable(*args, **rest))):
            server.call(CALLS[0], LOOK, CALLS[1])
            oslo, look, fjords = await settled(ask(list[Weather | Search | ToolCall], "hi", **options))
            assert (oslo, look.value, fjords) == (OSLO, {"name": "Ann"}, FJORDS)
            server.call(CALLS[0], LOOK, CALLS[1])
            oslo, fjords, calls = await settled(ask(list[Weather | Search | ToolCalls], "hi", **options))
            assert (oslo, fjords, calls[0].value) == (OSLO, FJORDS, {"name": "Ann"})
            server.call(CALLS[0], LOOK)
            with pytest.raises(ToolCalled):
                await settled(ask(list[Weather | Search], "hi", **options))
    well(server)


@every_plain_way
async def test_a_call_with_wrong_arguments_is_made_again(server: Loopback, route: Open) -> None:
    async with route(server) as client:
        options: Any = {"tools": [look_up], "max_retries": 1, "mode": Mode.TOOLS}
        for ask in (client.create, lambda *args, **rest: collected(client.create_partial(*args, **rest))):
            server.clear().call(("look_up", {"nme": "Ann"})).call(LOOK)
            calls = await settled(ask(User | ToolCalls, "hi", **options))
            assert isinstance(calls[0], ToolCall | ToolCalls)
            assert "look_up: Field required @ $[0].name" in str(well(server)[1])
            server.call(("look_up", {})).call(("look_up", {"name": []}))
            with pytest.raises(
                InstructorRetryException, match=r"look_up: Input should be a valid string .*\$\[0\].name"
            ):
                await settled(ask(User, "hi", **options))


@every_plain_way
async def test_no_call_is_an_answer_where_the_caller_says_so(server: Loopback, route: Open) -> None:
    async with route(server) as client:
        options: Any = {"mode": Mode.PARALLEL_TOOLS, "max_retries": 0}
        for ask in (client.create, lambda *args, **rest: collected(client.create_iterable(*args, **rest))):
            server.clear().say("Nothing of the kind.")
            with pytest.raises(
                InstructorRetryException, match="the model called no tool: it was to call Weather or Search"
            ):
                await settled(ask(list[Weather | Search], "hi", **options))
            server.say("Nothing of the kind.")
            assert await settled(ask(list[Weather | Search], "hi", tool_choice="auto", **options)) == []
            server.say('[{"query": "fjords"}]')
            assert await settled(ask(list[Search], "hi", **options)) == [FJORDS]
            forced, free, _ = well(server)
            assert forced["tool_choice"] in ("required", {"type": "any"})
            assert "tool_choice" not in free


@every_plain_way
async def test_one_call_at_a_time(server: Loopback, route: Open) -> None:
    async with route(server) as client:
        server.call(CALLS[1])
        options: Any = {"mode": Mode.PARALLEL_TOOLS, "parallel_tool_calls": False}
        assert await settled(client.create(list[Search], "hi", **options)) == [FJORDS]
        (body,) = well(server)
        said = {"openai": body.get("parallel_tool_calls"), "anthropic": body["tool_choice"]}[client.provider]
        assert said in (False, {"type": "any", "disable_parallel_tool_use": True})


NATIVE: dict[str, Any] = {
    "openai": {"type": "function", "function": {"name": "native", "parameters": {"type": "object", "properties": {}}}},
    "anthropic": {"name": "native", "input_schema": {"type": "object", "properties": {}}},
}


@every_plain_way
async def test_tools_in_the_providers_form_pass_as_they_are(server: Loopback, route: Open) -> None:
    async with route(server) as client:
        given = NATIVE[client.provider]
        server.call(("native", {"a": [1]}))
        (call,) = await settled(client.create(User | ToolCalls, "hi", tools=[given, look_up], mode=Mode.TOOLS))
        assert (call.arguments, call.value) == ({"a": [1]}, {"a": [1]})
        with pytest.raises(RequestError, match="native is no function"):
            call.run()
        assert well(server)[0]["tools"][0] == given
        server.call(("other", {})).reply({"name": "Ann", "age": 30}, tool="User")
        assert await settled(client.create(User, "hi", tools=[given], mode=Mode.TOOLS)) == User(name="Ann", age=30)


async def test_an_answer_beside_a_call_waits_for_its_result(server: Loopback) -> None:
    client = instructor.from_provider("openai/gpt-4o-mini")
    server.call(("User", {"name": "Ann", "age": 3}), LOOK)
    calls = client.create(User | ToolCalls, "hi", tools=[look_up], mode=Mode.TOOLS)
    assert isinstance(calls, ToolCalls)
    assert [call.name for call in calls] == ["look_up"]
    server.reply({"name": "Ann", "age": 30}, tool="User")
    messages = [*calls.messages, *(call.result(call.run()) for call in calls)]
    assert client.create(User | ToolCalls, messages, tools=[look_up], mode=Mode.TOOLS) == User(name="Ann", age=30)
    assert "answer anew when you know their results" in str(well(server)[1])


async def test_one_call_where_there_is_room_for_one(server: Loopback) -> None:
    client = instructor.from_provider("openai/gpt-4o-mini")
    server.call(LOOK).call(LOOK, LOOK)
    one = client.create(User | ToolCall, "hi", tools=[look_up])
    assert isinstance(one, ToolCall)
    with pytest.raises(ToolCalled) as caught:
        client.create(User | ToolCall, "hi", tools=[look_up])
    assert len(caught.value.calls) == 2


def test_names_must_differ(server: Loopback) -> None:
    client = instructor.from_provider("openai/gpt-4o-mini")
    with pytest.raises(RequestError, match="a tool has the name of the response model, User"):
        client.create(User, "hi", tools=[User])
    with pytest.raises(RequestError, match="two tools have the name look_up"):
        client.create(User, "hi", tools=[look_up, look_up])
    assert server.requests == []


def test_where_there_are_no_tools(server: Loopback) -> None:
    client = instructor.from_provider("anthropic/claude-opus-5-5")
    with pytest.raises(
        ModeError, match=r"does not take Mode.PARALLEL_TOOLS for claude-opus-5-5: it takes Mode.JSON_SCHEMA"
    ):
        client.create(list[User], "hi", mode=Mode.PARALLEL_TOOLS)
    client = instructor.from_provider("openai/gpt-4o-mini", mode=Mode.PARALLEL_TOOLS)
    with pytest.raises(ModeError, match=r"write list\[User\], not User"):
        client.create(User, "hi")
    with pytest.raises(ModeError, match="use create_iterable"):
        list(client.create_partial(list[User], "hi"))


def test_calls_are_kept_in_the_cache(server: Loopback) -> None:
    client = instructor.from_provider("openai/gpt-4o-mini", cache=MemoryCache())
    server.call(LOOK).call(*CALLS).call(*CALLS)
    for _ in range(2):
        calls = client.create(User | ToolCalls, "hi", tools=[look_up])
        assert isinstance(calls, ToolCalls)
        assert calls[0].run() == "Ann: 3 found"
        assert client.create(list[Weather | Search], "hi", mode=Mode.PARALLEL_TOOLS) == ALL
        assert list(client.create_iterable(Weather | Search, "hello", mode=Mode.PARALLEL_TOOLS)) == ALL
    assert len(well(server)) == 3
