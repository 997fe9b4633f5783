"""Whole calls to Gemini and Vertex: answers, asking again, streams, tools, failures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.genai import types

import instructor
from instructor import Mode
from instructor.errors import (
    AuthenticationError,
    BadRequest,
    ConfigurationError,
    ContextOverflow,
    IncompleteOutputException,
    MissingKey,
    NotFound,
    Overloaded,
    PermissionDenied,
    ProtocolError,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    RefusalError,
    RequestError,
    RequestTooLarge,
    ServerError,
    WrongClient,
)
from instructor.testing import Loopback

from .gemini import FLASH, THIRD, Road, body, every_own_road, every_road, every_sdk_road
from .ways import JASON, User, settled

MODES = (Mode.JSON_SCHEMA, Mode.TOOLS, Mode.JSON, Mode.MD_JSON)
BAD = {"name": "Jason", "age": "twenty"}


@pytest.fixture(scope="module")
def running() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


@pytest.fixture
def server(running: Loopback) -> Loopback:
    return running.clear()


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


@every_road
async def test_every_mode(road: Road, server: Loopback) -> None:
    async with road.open(server) as client:
        for mode in (None, *MODES):
            server.reply(JASON)
            assert await settled(client.create(User, "Jason is 20", mode=mode)) == User(**JASON), mode
            assert body(server)


@every_road
async def test_the_answer_of_the_provider(road: Road, server: Loopback) -> None:
    """Through the SDK it is the SDK's own object; else a view of the JSON."""
    async with road.open(server) as client:
        server.reply(JASON)
        user, completion = await settled(client.create_with_completion(User, "Jason is 20"))
    assert user == User(**JASON)
    if road.sdk:
        assert isinstance(completion, types.GenerateContentResponse)
        assert completion.usage_metadata.prompt_token_count > 0
        assert completion.model_version == FLASH
    else:
        assert completion.usageMetadata.promptTokenCount > 0
        assert completion.modelVersion == FLASH


@every_road
async def test_where_it_is_sent(road: Road, server: Loopback) -> None:
    server.reply(JASON)
    await road.create(server, User, "Jason is 20")
    (request,) = server.requests
    place = "projects/p/locations/us-central1/publishers/google/" if road.vertex else ""
    assert request.path == f"/v1/{place}models/{FLASH}:generateContent"
    assert "model" not in request.json
    key = "authorization" if road.vertex else "x-goog-api-key"
    assert request.headers[key].removeprefix("Bearer ") in ("k", "ya29.test")


@every_road
async def test_a_wrong_answer_is_asked_again(road: Road, server: Loopback) -> None:
    async with road.open(server) as client:
        for mode in MODES:
            server.clear().reply(BAD).reply(JASON)
            assert await settled(client.create(User, "Jason is 20", mode=mode)) == User(**JASON)
            first, second = body(server, 0), body(server, 1)
            assert second["contents"][:-2] == first["contents"]
            said, told = second["contents"][-2:]
            assert (said["role"], told["role"]) == ("model", "user")
            assert "twenty" in str(said)
            assert "@ $.age" in str(told)
            if mode is Mode.TOOLS:
                (call,) = (part["functionCall"] for part in said["parts"])
                (result,) = (part["functionResponse"] for part in told["parts"])
                assert (result["name"], result["id"]) == ("User", call["id"])
                assert list(result["response"]) == ["error"]


@every_road
async def test_signatures_go_back(road: Road, server: Loopback) -> None:
    """Gemini 3 refuses a call in history that has lost its signature (the server's rule says so, too)."""
    async with road.open(server, model=THIRD) as client:
        server.reply(BAD).reply(JASON)
        await settled(client.create(User, "Jason is 20", mode=Mode.TOOLS))
        assert body(server)["contents"][-2]["parts"][0]["thoughtSignature"] == "bG9vcGJhY2s="
        server.clear().reply({"content": [BAD]}).reply({"content": [JASON]})
        users = await all_of(road, client.create_iterable(User, "Jason is 20", mode=Mode.TOOLS))
        assert users == [User(**JASON)]
        assert body(server)["contents"][-2]["parts"][0]["thoughtSignature"] == "bG9vcGJhY2s="


# ── streams ──────────────────────────────────────────────────────────────────────────────────────


async def all_of(road: Road, stream: Any) -> list[Any]:
    return [item async for item in stream] if road.asynchronous else list(stream)


@every_road
async def test_streams(road: Road, server: Loopback) -> None:
    async with road.open(server) as client:
        for mode in MODES:
            server.reply(JASON)
            seen = await all_of(road, client.create_partial(User, "Jason is 20", mode=mode))
            assert seen[-1] == User(**JASON)
            assert mode is Mode.TOOLS or len(seen) > 1
            assert server.requests[-1].path.endswith(":streamGenerateContent")
            assert server.requests[-1].query == "alt=sse"
            server.reply({"content": [JASON, {"name": "Ann", "age": 31}]})
            users = await all_of(road, client.create_iterable(User, "Jason is 20, Ann 31", mode=mode))
            assert [user.name for user in users] == ["Jason", "Ann"]


@every_road
async def test_a_stream_that_is_cut_or_fails(road: Road, server: Loopback) -> None:
    async with road.open(server) as client:
        server.reply(JASON).cut(after_bytes=300).reply(JASON)
        await all_of(road, client.create_partial(User, "Jason is 20"))
        with pytest.raises(ProviderError):
            await all_of(road, client.create_partial(User, "Jason is 20"))
        server.clear().truncate('{"name": "Ja')
        with pytest.raises(IncompleteOutputException):
            await all_of(road, client.create_partial(User, "Jason is 20"))
        server.clear().fail(503, after_events=1)
        with pytest.raises(ProviderError):
            await all_of(road, client.create_partial(User, "Jason is 20"))


# ── tools of the caller's ────────────────────────────────────────────────────────────────────────

PARAMETERS = {"type": "object", "properties": {"x_y": {"type": "integer"}}, "required": ["x_y"]}
OPENAI_TOOL = {"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": PARAMETERS}}
OWN_TOOL = {"function_declarations": [{"name": "look", "description": "Looks.", "parameters_json_schema": PARAMETERS}]}
SDK_TOOL = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(name="look", description="Looks.", parameters_json_schema=PARAMETERS)
    ]
)
DECLARED = {"name": "look", "description": "Looks.", "parametersJsonSchema": PARAMETERS}


@every_road
async def test_tools_beside_the_response_model(road: Road, server: Loopback) -> None:
    async with road.open(server) as client:
        for tool in (OPENAI_TOOL, OWN_TOOL, SDK_TOOL):
            server.clear().reply(JASON, tool="User")
            assert await settled(client.create(User, "Jason is 20", tools=[tool])) == User(**JASON)
            sent = body(server)
            assert [row["name"] for row in sent["tools"][0]["functionDeclarations"]] == ["look", "User"]
            assert sent["tools"][0]["functionDeclarations"][0] == DECLARED
            assert sent["toolConfig"]["functionCallingConfig"] == {
                "mode": "ANY",
                "allowedFunctionNames": ["look", "User"],
            }


@every_road
async def test_from_the_third_on_a_schema_goes_with_tools(road: Road, server: Loopback) -> None:
    async with road.open(server, model=THIRD) as client:
        server.reply(JASON)
        await settled(client.create(User, "Jason is 20", tools=[OPENAI_TOOL, {"googleSearch": {}}]))
    sent = body(server)
    assert sent["generationConfig"]["responseJsonSchema"]["required"] == ["name", "age"]
    assert sent["tools"] == [{"googleSearch": {}}, {"functionDeclarations": [DECLARED]}]


@every_road
async def test_without_a_response_model(road: Road, server: Loopback) -> None:
    async with road.open(server) as client:
        server.call(("look", {"x_y": 1}), text="I look.")
        completion = await settled(client.create(None, "look", tools=[OPENAI_TOOL]))
    if road.sdk:
        assert completion.function_calls[0].args == {"x_y": 1}
    else:
        assert completion.candidates[0].content.parts[1].functionCall.args.x_y == 1


# ── failures ─────────────────────────────────────────────────────────────────────────────────────


def google(code: int, status: str, message: str, *details: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"code": code, "status": status, "message": message, "details": list(details)}}


def info(reason: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}


RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.01s"}
LONG = "The input token count (1091639) exceeds the maximum number of tokens allowed (1048576)."

FAILURES: dict[str, tuple[int, Any, type[ProviderError]]] = {
    "a wrong key": (
        400,
        google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", info("API_KEY_INVALID")),
        AuthenticationError,
    ),
    "no key": (401, google(401, "UNAUTHENTICATED", "Request had invalid credentials."), AuthenticationError),
    "not allowed": (403, google(403, "PERMISSION_DENIED", "No."), PermissionDenied),
    "no such model": (404, google(404, "NOT_FOUND", "models/x is not found"), NotFound),
    "a bad request": (400, google(400, "INVALID_ARGUMENT", "Unknown name"), BadRequest),
    "too long": (400, google(400, "INVALID_ARGUMENT", LONG), ContextOverflow),
    "too large": (
        400,
        google(400, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 20971520 bytes."),
        RequestTooLarge,
    ),
    "too often": (429, google(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", RETRY), RateLimited),
    "overloaded": (503, google(503, "UNAVAILABLE", "The model is overloaded."), Overloaded),
    "broken": (500, google(500, "INTERNAL", "An internal error has occurred."), ServerError),
    "in a list": (500, [google(500, "INTERNAL", "An internal error has occurred.")], ServerError),
}


@every_road
async def test_failures(road: Road, server: Loopback) -> None:
    async with road.open(server) as client:
        for name, (status, answer, expected) in FAILURES.items():
            server.clear()
            for _ in range(4):
                server.fail(status, answer, headers={"retry-after": "0"} if expected is not RateLimited else {})
            with pytest.raises(expected) as caught:
                await settled(client.create(User, "Jason is 20", timeout=5))
            assert type(caught.value) is expected, name
            assert caught.value.status == status, name
            if expected is RateLimited:
                assert caught.value.retry_after == 0.01
                assert caught.value.code == "RESOURCE_EXHAUSTED"
            assert road.name in str(caught.value)
            assert not road.sdk or caught.value.__cause__ is not None


@every_road
async def test_a_page_of_a_proxy(road: Road, server: Loopback) -> None:
    async with road.open(server) as client:
        for _ in range(4):
            server.raw(502, b"<html>bad gateway</html>", content_type="text/html", headers={"retry-after": "0"})
        with pytest.raises(ServerError, match="an HTML page instead of an answer"):
            await settled(client.create(User, "Jason is 20"))


@every_road
async def test_answers_that_are_none(road: Road, server: Loopback) -> None:
    async with road.open(server) as client:
        for answer in (b"<html>hello</html>", b"{}", b'{"candidates": []}'):
            server.raw(200, answer)
            with pytest.raises(ProtocolError):
                await settled(client.create(User, "Jason is 20"))


@every_road
async def test_stopped_answers(road: Road, server: Loopback) -> None:
    async with road.open(server) as client:
        server.refuse("harassment")
        with pytest.raises(RefusalError) as caught:
            await settled(client.create(User, "Jason is 20"))
        assert caught.value.reply.finish == "filter"
        assert "finishReason SAFETY" in caught.value.reply.notes
        server.raw(
            200, '{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 9}}'
        )
        with pytest.raises(RefusalError) as caught:
            await settled(client.create(User, "Jason is 20"))
        assert caught.value.reply.refusal == "the prompt was blocked: PROHIBITED_CONTENT"
        assert caught.value.reply.usage.input == 9
        for mode in (Mode.JSON_SCHEMA, Mode.TOOLS):
            server.truncate('{"name": "Ja')
            with pytest.raises(IncompleteOutputException):
                await settled(client.create(User, "Jason is 20", mode=mode))
    assert len(server.requests) == 4, "nothing of this is asked again"


@every_road
async def test_timeouts(road: Road, server: Loopback) -> None:
    server.delay(1).reply(JASON)
    with pytest.raises(ProviderTimeout):
        await road.create(server, User, "Jason is 20", timeout=0.2)


# ── clients ──────────────────────────────────────────────────────────────────────────────────────


@every_sdk_road
async def test_the_kinds_of_clients(road: Road, server: Loopback) -> None:
    made = road.genai(server)
    maker = instructor.from_vertexai if road.vertex else instructor.from_genai
    assert isinstance(maker(made), instructor.Instructor)
    assert isinstance(maker(made, use_async=True), instructor.AsyncInstructor)
    client = maker(made.aio, model=FLASH)
    assert isinstance(client, instructor.AsyncInstructor)
    server.reply(JASON)
    assert await client.create(User, "Jason is 20") == User(**JASON)
    await made.aio.aclose()
    made.close()


def test_wrong_clients(server: Loopback) -> None:
    with pytest.raises(WrongClient, match=r"from_genai\(\) takes a client of google\.Client"):
        instructor.from_genai(object())  # type: ignore[call-overload]
    made = Road(vertex=False, sdk=True, asynchronous=False).genai(server)
    with pytest.raises(WrongClient, match="use from_genai"):
        instructor.from_vertexai(made)
    made.close()


@every_sdk_road
async def test_what_the_sdk_would_refuse(road: Road, server: Loopback) -> None:
    async with road.open(server) as client:
        with pytest.raises(RequestError, match="extra_query"):
            await settled(client.create(User, "hi", extra_query={"a": "b"}))
        with pytest.raises(RequestError, match=r"thinkingConfig|thinking_config"):
            await settled(client.create(User, "hi", thinking_config={"thinking_lvel": "LOW"}))
    assert not server.requests


def test_keys(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MissingKey, match="GOOGLE_API_KEY or GEMINI_API_KEY"):
        instructor.from_provider(f"google/{FLASH}")
    monkeypatch.setenv("GEMINI_API_KEY", "from the environment")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
    server.reply(JASON)
    with pytest.raises(ConfigurationError, match="white space"):
        instructor.from_provider(f"google/{FLASH}", api_key="a ")
    with instructor.from_provider(f"google/{FLASH}", api_key="k") as client:
        assert client.create(User, "Jason is 20") == User(**JASON)


@every_own_road
async def test_names_and_versions(road: Road, server: Loopback) -> None:
    names = {
        "gemini-flash-latest": "/v1beta/models/gemini-flash-latest",
        "models/gemini-3-pro": "/v1/models/gemini-3-pro",
        "tunedModels/mine": "/v1/tunedModels/mine",
    }
    below = "/v1/projects/p/locations/us-central1"
    on_vertex = {
        "publishers/google/models/gemini-3-pro": f"{below}/publishers/google/models/gemini-3-pro",
        "endpoints/123": f"{below}/endpoints/123",
        "projects/q/locations/global/publishers/google/models/gemini-3-pro": (
            "/v1/projects/q/locations/global/publishers/google/models/gemini-3-pro"
        ),
    }
    async with road.open(server) as client:
        for name, path in (on_vertex if road.vertex else names).items():
            server.reply(JASON)
            await settled(client.create(User, "Jason is 20", model=name))
            assert server.requests[-1].path == f"{path}:generateContent"
        server.reply(JASON)
        await settled(client.create(User, "Jason is 20", api_version="v1alpha"))
        assert server.requests[-1].path.startswith("/v1alpha/")
        with pytest.raises(RequestError, match="no name of a model"):
            await settled(client.create(User, "hi", model="../x?y"))
