"""Whole calls to Mistral and Cohere, through their SDKs' clients and our own sender, against the strict server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import cohere
import pytest
from mistralai.client import Mistral
from mistralai.client.models import ChatCompletionResponse
from pydantic import BaseModel, Field

import instructor
from instructor import PDF, Audio, Document, Image, Mode
from instructor.errors import (
    AuthenticationError,
    BadRequest,
    ConnectionFailed,
    ContextOverflow,
    IncompleteOutputException,
    InstructorRetryException,
    ModeError,
    NotFound,
    Overloaded,
    PermissionDenied,
    ProtocolError,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    RequestError,
    ServerError,
    UnsupportedMedia,
    WrongClient,
)
from instructor.providers import _registry
from instructor.testing import Loopback
from tests.loopback.conftest import picture, recording
from tests.loopback.mistral_cohere import (
    MODELS,
    WAYS,
    Way,
    collected,
    every_dialect,
    every_sdk_way,
    every_way,
)
from tests.loopback.ways import JASON, User, settled
from tests.wire.sending import PAPER

PNG, JPEG, WAV = picture("PNG"), picture("JPEG"), recording()
MODES = (Mode.JSON_SCHEMA, Mode.TOOLS, Mode.JSON, Mode.MD_JSON)
every_mode = pytest.mark.parametrize("mode", [None, *MODES])


@pytest.fixture(scope="module")
def running() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture
def server(running: Loopback) -> Loopback:
    return running.clear()


# ── the same JSON on the wire ────────────────────────────────────────────────────────────────────

URL = "https://example.com/cat.png"
CALL = {"id": "abcdefgh1", "type": "function", "function": {"name": "look", "arguments": '{"x": 1}'}}
LOOK = {
    "type": "function",
    "function": {
        "name": "look",
        "description": "Looks.",
        "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]},
    },
}
HISTORY = [
    {"role": "system", "content": "s"},
    {"role": "user", "content": "look"},
    {"role": "assistant", "content": "hm", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "abcdefgh1", "content": "42"},
]
SYSTEM = [{"role": "system", "content": "s"}, {"role": "system", "content": "t"}, {"role": "user", "content": "hi"}]
TURNS = [
    {"role": "user", "content": "a"},
    {"role": "assistant", "content": "b"},
    {"role": "user", "content": [{"type": "text", "text": "c"}, {"type": "text", "text": "d"}]},
]

MESSAGES: dict[str, Any] = {
    "text": 'é "quotes" \\ \n\t \u2028 \U0001f600',
    "system": SYSTEM,
    "turns": TURNS,
    "calls": HISTORY,
    "an address": ["Who?", Image.from_url(URL)],
    "bytes": ["Who?", Image.from_bytes(PNG), Image.from_bytes(JPEG, detail="low")],
    "a file": ["Who?", Path("cat.png")],
    "a document": ["Who?", Document.from_bytes("é\n".encode(), name="n.md")],
}
ONLY: dict[str, dict[str, Any]] = {
    "mistral": {
        "a PDF": ["Who?", PDF.from_bytes(PAPER, name='a "b".pdf')],
        "a PDF elsewhere": ["Who?", PDF.from_url("https://example.com/a.pdf")],
        "a PDF by its id": ["Who?", PDF.from_file_id("f-1")],
        "wav": ["Who?", Audio.from_bytes(WAV)],
        "a recording elsewhere": ["Who?", Audio.from_url("https://example.com/a.mp3")],
        "a picture from a tool": [
            *HISTORY[:3],
            {"role": "tool", "tool_call_id": "abcdefgh1", "content": [Image.from_bytes(PNG)], "name": "look"},
        ],
        "a prefix": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "{", "prefix": True}],
    },
    "cohere": {
        "a plan": [*HISTORY[:2], {**HISTORY[2], "tool_plan": "I look."}, HISTORY[3]],
    },
}
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "mistral": [
        {"max_tokens": 9, "temperature": 0.1, "top_p": 0.5, "stop": ["x"], "seed": 7, "metadata": {"a": "b"}},
        {"safe_prompt": True, "prompt_cache_key": "k", "reasoning_effort": "high", "n": 1, "stop": None},
        {"tools": [LOOK], "parallel_tool_calls": False},
        {"tools": [LOOK], "mode": Mode.TOOLS},
        {"extra_headers": {"x-team": "a"}},
    ],
    "cohere": [
        {"max_tokens": 9, "temperature": 0.1, "top_p": 0.5, "stop": "x", "seed": 7, "safety_mode": "STRICT"},
        {"thinking": {"type": "enabled", "token_budget": 10}, "top_k": 3, "priority": 1, "stop": None},
        {"reasoning_effort": "none", "citation_options": {"mode": "OFF"}},
        {"tools": [LOOK]},
        {"tools": [LOOK], "mode": Mode.TOOLS},
        {"documents": ["a", {"data": {"x": 1}, "id": "d"}], "mode": Mode.TOOLS},
        {"extra_headers": {"x-team": "a"}, "extra_query": {"y": "2"}},
    ],
}


def rows(dialect: str) -> list[tuple[str, Any, dict[str, Any]]]:
    found: list[tuple[str, Any, dict[str, Any]]] = [
        (f"{name}, {mode.name}", messages, {"mode": mode})
        for name, messages in {**MESSAGES, **ONLY[dialect]}.items()
        for mode in MODES
    ]
    found += [(name, messages, {"response_model": None}) for name, messages in MESSAGES.items()]
    return found + [(str(options), "hi", options) for options in OPTIONS[dialect]]


@every_dialect
async def test_the_same_json_arrives(
    dialect: str, server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cat.png").write_bytes(PNG)
    monkeypatch.chdir(tmp_path)
    arrived: dict[str, list[Any]] = {}
    for way in (way for way in WAYS if way.dialect == dialect):
        server.clear()
        async with way.open(server) as client:
            for name, messages, options in rows(dialect):
                given = {"response_model": User, **options}
                server.reply(JASON, tool="User" if "tools" in options else None)
                await settled(client.create(given.pop("response_model"), messages, **given))
                assert server.requests[-1].refused is None, name
        arrived[str(way)] = [(request.json, request.path, request.query) for request in server.requests]
        if any("x-team" in str(options) for options in OPTIONS[dialect]):
            assert server.requests[-1].headers["x-team"] == "a"
    first, *others = arrived.values()
    assert len(first) == len(rows(dialect))
    for other in others:
        for (name, *_), one, two in zip(rows(dialect), first, other, strict=True):
            assert one == two, name


async def test_extra_body_reaches_cohere_and_is_refused_where_mistrals_sdk_would_lose_it(running: Loopback) -> None:
    with Loopback(allow=("brand_new",)) as server:
        for way in WAYS:
            async with way.open(server) as client:
                server.clear().reply(JASON)
                if way.sdk and way.dialect == "mistral":
                    for name in ("extra_body", "extra_query"):
                        with pytest.raises(RequestError, match=f"no place for {name}"):
                            await settled(client.create(User, "hi", **{name: {"brand_new": 1}}))
                else:
                    await settled(client.create(User, "hi", extra_body={"brand_new": 1}))
                    assert server.requests[-1].json["brand_new"] == 1


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


@every_way
async def test_every_mode(way: Way, server: Loopback) -> None:
    own = {"mistral": ChatCompletionResponse, "cohere": cohere.V2ChatResponse}[way.dialect]
    async with way.open(server) as client:
        for mode in (None, *MODES):
            server.reply(JASON)
            user, raw = await settled(client.create_with_completion(User, ["Who?", Image.from_bytes(PNG)], mode=mode))
            assert user == User(**JASON)
            assert isinstance(raw, own) is way.sdk
            assert (raw.choices[0].message if way.dialect == "mistral" else raw.message).role == "assistant"


class Profile(BaseModel):
    """Somebody."""

    name: str = Field(min_length=2, max_length=20)
    age: int = Field(ge=0, le=150)
    nick: str | None = None
    kind: Literal["a", "b"] = "a"
    tags: list[str] = Field(default_factory=list, max_length=3)
    inner: Settings | None = None


class Settings(BaseModel):
    dark: bool = False
    size: float = Field(1.0, gt=0)


class Notes(BaseModel):
    """Free keys, which no strict schema takes."""

    notes: dict[str, int]


PROFILE: dict[str, Any] = {
    "name": "Jason",
    "age": 20,
    "nick": None,
    "kind": "b",
    "tags": ["x"],
    "inner": {"dark": True, "size": 2.0},
}


@every_dialect
@every_mode
def test_schemas_are_taken_and_what_they_lose_is_checked_on_return(
    dialect: str, mode: Mode | None, server: Loopback
) -> None:
    client = instructor.from_provider(f"{dialect}/{MODELS[dialect]}", base_url=server.url_of(dialect), api_key="k")
    server.reply(PROFILE)
    assert client.create(Profile, "who?", mode=mode) == Profile(**PROFILE)
    server.reply({**PROFILE, "age": 200, "tags": list("abcd")})
    with pytest.raises(InstructorRetryException) as failed:
        client.create(Profile, "who?", mode=mode, max_retries=0)
    assert {line.partition("@ ")[2] for line in failed.value.attempts[0].problems} == {"$.age", "$.tags"}
    client.close()


@every_dialect
def test_free_keys_find_a_mode(dialect: str, server: Loopback) -> None:
    client = instructor.from_provider(f"{dialect}/{MODELS[dialect]}", base_url=server.url_of(dialect), api_key="k")
    server.reply({"notes": {"a": 1}})
    assert client.create(Notes, "x").notes == {"a": 1}
    body = server.requests[-1].json
    if dialect == "cohere":  # which enforces a schema or refuses it
        assert "strict_tools" not in body
        assert "response_format" not in body
        with pytest.raises(ModeError, match="free keys"):
            client.create(Notes, "x", mode=Mode.JSON_SCHEMA)
    else:
        assert body["response_format"]["json_schema"]["strict"] is False
    client.close()


@every_way
async def test_a_failed_answer_is_asked_for_again(way: Way, server: Loopback) -> None:
    """The call and its result go back in a form that the provider takes."""
    for mode in (Mode.TOOLS, Mode.JSON_SCHEMA):
        server.clear().reply({"name": "Jason", "age": "unknown"}).reply(JASON)
        async with way.open(server) as client:
            assert await settled(client.create(User, "who?", mode=mode)) == User(**JASON)
        assert [request.refused for request in server.requests] == [None, None]
        last = server.requests[-1].json["messages"][-1]
        assert last["role"] == ("tool" if mode is Mode.TOOLS else "user")
        assert "$.age" in str(last["content"])


@every_way
async def test_tools_of_the_callers_own(way: Way, server: Loopback) -> None:
    """They stay beside ours; the mode that is chosen is one that has tools."""
    server.reply(JASON, tool="User")
    async with way.open(server) as client:
        assert await settled(client.create(User, "who?", tools=[LOOK])) == User(**JASON)
        body = server.requests[-1].json
        assert [tool["function"]["name"] for tool in body["tools"]] == ["look", "User"]
        assert body["tools"][0] == LOOK
        assert body["tool_choice"] == {"mistral": "any", "cohere": "REQUIRED"}[way.dialect]
        with pytest.raises(ModeError, match=r"beside tools: it takes Mode\.TOOLS, Mode\.MD_JSON"):
            await settled(client.create(User, "who?", tools=[LOOK], mode=Mode.JSON_SCHEMA))


@every_way
async def test_usage_and_thoughts(way: Way, server: Loopback) -> None:
    server.reply(JASON, thinking="Let me see.")
    async with way.open(server) as client:
        raw = await settled(client.create(None, "who?"))
    if way.dialect == "cohere":
        assert [part.type for part in raw.message.content] == ["thinking", "text"]
        assert raw.usage.tokens.input_tokens == raw.usage.billed_units.input_tokens > 0
    else:
        assert [part.type for part in raw.choices[0].message.content] == ["thinking", "text"]
        assert raw.usage.prompt_tokens > 0
    reply = _registry.find(way.dialect).adapter.decode(
        raw.model_dump(mode="json", by_alias=True, exclude_unset=True) if way.sdk else raw.model_dump()
    )
    assert [type(part).__name__ for part in reply.parts] == ["Reasoning", "Text"]
    assert reply.usage.input > 0
    assert reply.usage.output > 0


@every_way
async def test_a_truncated_answer(way: Way, server: Loopback) -> None:
    for mode in (Mode.TOOLS, Mode.JSON_SCHEMA):
        server.truncate('{"name": "Ja')
        async with way.open(server) as client:
            with pytest.raises(IncompleteOutputException):
                await settled(client.create(User, "who?", mode=mode))


# ── streams ──────────────────────────────────────────────────────────────────────────────────────


@every_way
async def test_streams(way: Way, server: Loopback) -> None:
    ann = {"name": "Ann", "age": 3}
    async with way.open(server) as client:
        for mode in (None, *MODES):
            server.reply(JASON)
            seen = await collected(client.create_partial(User, "who?", mode=mode))
            assert seen[-1] == User(**JASON)
            whole = way.dialect == "mistral" and mode is Mode.TOOLS  # whose API sends calls whole
            assert (len({one.name for one in seen}) > 1) is not whole
            server.reply({"content": [JASON, ann]})
            assert await collected(client.create_iterable(User, "who?", mode=mode)) == [User(**JASON), User(**ann)]
    assert all(request.json["stream"] is True for request in server.requests)


@every_way
async def test_a_stream_with_thoughts_and_one_that_is_cut_short(way: Way, server: Loopback) -> None:
    async with way.open(server) as client:
        server.reply(JASON, thinking="Let me see.")
        assert (await collected(client.create_partial(User, "who?")))[-1] == User(**JASON)
        server.truncate('{"name": "Ja')
        with pytest.raises(IncompleteOutputException):
            await collected(client.create_partial(User, "who?"))


@every_way
async def test_an_error_in_the_middle_of_a_stream(way: Way, server: Loopback) -> None:
    server.fail(500, message="the backend fell over", after_events=3)
    async with way.open(server) as client:
        with pytest.raises(ProviderError, match="the backend fell over"):
            await collected(client.create_partial(User, "who?"))


@every_way
async def test_a_stream_that_breaks_off(way: Way, server: Loopback) -> None:
    server.cut(after_bytes=500).reply({"name": "J" * 200, "age": 20})
    async with way.open(server) as client:
        with pytest.raises(ConnectionFailed):
            await collected(client.create_partial(User, "who?"))


@every_way
async def test_a_stream_that_is_left(way: Way, server: Loopback) -> None:
    server.reply({"name": "J" * 500, "age": 20})
    async with way.open(server) as client:
        stream = await settled(client.create_partial(User, "who?"))
        if way.asynchronous:
            async for _ in stream:
                break
            await stream.aclose()
        else:
            for _ in stream:
                break
            stream.close()
        server.reply(JASON)
        assert await settled(client.create(User, "again")) == User(**JASON)


# ── errors ───────────────────────────────────────────────────────────────────────────────────────

ERRORS = [
    (400, "no", BadRequest),
    (401, "Unauthorized", AuthenticationError),
    (403, "not yours", PermissionDenied),
    (404, "no such model", NotFound),
    (422, "temperature is wrong", BadRequest),
    (429, "slow down", RateLimited),
    (500, "oops", ServerError),
    (503, "busy", Overloaded),
]
OVERFLOWS = {
    "mistral": "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    "cohere": "too many tokens: size limit exceeded by 11326 tokens. Try using shorter or fewer inputs.",
}


async def asked(client: Any, streamed: bool) -> None:
    if streamed:
        await collected(client.create_partial(User, "who?"))
    else:
        await settled(client.create(User, "who?"))


@every_way
async def test_errors(way: Way, server: Loopback) -> None:
    async with way.open(server) as client:
        for status, words, kind in ERRORS:
            for streamed in (False, True):
                for _ in range(3):  # our own sender tries again
                    server.fail(status, message=words, headers={"retry-after": "0.01"})
                with pytest.raises(kind, match=words) as failed:
                    await asked(client, streamed)
                server.clear()
                error: Any = failed.value
                assert type(error) is kind
                assert (error.status, error.provider, error.retry_after) == (status, way.dialect, 0.01)
                assert error.request_id.startswith("req_loopback")
                assert (error.__cause__ is not None) is way.sdk
        server.fail(400, message=OVERFLOWS[way.dialect])
        with pytest.raises(ContextOverflow):
            await settled(client.create(User, "who?"))


@every_way
async def test_answers_of_another_format(way: Way, server: Loopback) -> None:
    async with way.open(server) as client:
        for streamed in (False, True):
            server.raw(200, "<html>Log in</html>", content_type="text/html")
            with pytest.raises(ProtocolError):
                await asked(client, streamed)
        server.raw(200, "{}")
        with pytest.raises(ProtocolError):
            await settled(client.create(User, "who?"))


@every_way
async def test_no_server_and_no_answer_in_time(way: Way, server: Loopback) -> None:
    from instructor.retry import Backoff

    async with way.open(server) as client:
        server.delay(1).reply(JASON)
        with pytest.raises(ProviderTimeout):
            await settled(client.create(User, "who?", timeout=0.2))
    async with way.open(server, base_url="http://127.0.0.1:1") as client:
        client._backoff = Backoff.NEVER
        with pytest.raises(ConnectionFailed):
            await settled(client.create(User, "who?"))


@every_sdk_way
async def test_the_sdks_own_refusal_is_a_request_error(way: Way, server: Loopback) -> None:
    if way.dialect == "mistral":  # Cohere's looks at nothing
        async with way.open(server) as client:
            with pytest.raises(RequestError, match="temperature"):
                await settled(client.create(User, "who?", temperature="hot"))
        assert not server.requests


# ── clients ──────────────────────────────────────────────────────────────────────────────────────


def test_wrong_clients() -> None:
    with pytest.raises(WrongClient, match=r"from_mistral\(\) takes a client of mistralai\.Mistral"):
        instructor.from_mistral(object())  # type: ignore[call-overload]
    with pytest.raises(WrongClient, match=r"from_cohere\(\) takes a client of cohere\.ClientV2"):
        instructor.from_cohere(cohere.Client("k"))  # type: ignore[call-overload]
    with pytest.raises(WrongClient):
        instructor.from_cohere(Mistral(api_key="k"))  # type: ignore[call-overload]


@every_dialect
def test_keys_come_from_the_environment(dialect: str, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MISTRAL_API_KEY", "CO_API_KEY", "COHERE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(instructor.errors.MissingKey, match="_API_KEY"):
        instructor.from_provider(f"{dialect}/{MODELS[dialect]}")
    monkeypatch.setenv({"mistral": "MISTRAL_API_KEY", "cohere": "COHERE_API_KEY"}[dialect], "k-1")
    monkeypatch.setenv({"mistral": "MISTRAL_BASE_URL", "cohere": "CO_API_URL"}[dialect], server.url_of(dialect))
    server.reply(JASON)
    with instructor.from_provider(f"{dialect}/{MODELS[dialect]}") as client:
        assert client.create(User, "who?") == User(**JASON)
    assert server.requests[-1].headers["authorization"] == "Bearer k-1"


@every_dialect
def test_media_that_are_not_taken(dialect: str, server: Loopback) -> None:
    with instructor.from_provider(f"{dialect}/m", base_url=server.url_of(dialect), api_key="k") as client:
        with pytest.raises(UnsupportedMedia):
            client.create(User, [instructor.Video.from_file_id("f")])
        if dialect == "cohere":
            with pytest.raises(UnsupportedMedia, match="takes no Audio"):
                client.create(User, [Audio.from_bytes(WAV)])
    assert not server.requests
