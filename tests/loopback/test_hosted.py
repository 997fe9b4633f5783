"""Bedrock, Ollama and xAI: whole calls through their own SDKs and through our sender, against servers on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import ollama
import openai
import pytest
from botocore.config import Config
from pydantic import BaseModel, field_validator

import instructor
from instructor import PDF, Document, Image, Mode
from instructor.errors import (
    AuthenticationError,
    BadRequest,
    ConfigurationError,
    ConnectionFailed,
    IncompleteOutputException,
    MissingExtra,
    MissingKey,
    Overloaded,
    ProtocolError,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    RefusalError,
    RequestError,
    ServerError,
    WrongClient,
)
from instructor.testing import Loopback
from tests.loopback.ways import JASON, settled
from tests.wire.sending import JPEG, PAPER, PNG, b64

CLAUDE = "anthropic.claude-haiku-4-5-20251001-v1:0"
MODELS = {"bedrock": CLAUDE, "ollama": "qwen3-vl", "xai": "grok-4"}


class User(BaseModel):
    """A person."""

    name: str
    age: int


class Adult(User):
    """A grown-up."""

    @field_validator("age")
    @classmethod
    def grown(cls, age: int) -> int:
        if age < 18:
            raise ValueError("too young")
        return age


@dataclass(frozen=True)
class Way:
    """A dialect, through its SDK or our own sender, blocking or not."""

    dialect: str
    sdk: bool
    asynchronous: bool

    def __str__(self) -> str:
        return f"{self.dialect} {'async ' if self.asynchronous else ''}{'sdk' if self.sdk else 'own'}"

    def client(self, server: Loopback, **options: Any) -> Any:
        given = {"model": MODELS[self.dialect], **options}
        url = server.url_of(self.dialect) + ("/v1" if self.dialect == "xai" else "")
        if not self.sdk:
            name = f"{self.dialect}/{given.pop('model')}"
            key = {} if self.dialect == "ollama" else {"api_key": "key"}
            return instructor.from_provider(name, base_url=url, async_client=self.asynchronous, **key, **given)
        if self.dialect == "bedrock":
            return instructor.from_bedrock(amazon(url), async_client=self.asynchronous, **given)
        if self.dialect == "ollama":
            return instructor.from_ollama((ollama.AsyncClient if self.asynchronous else ollama.Client)(url), **given)
        made = openai.AsyncOpenAI if self.asynchronous else openai.OpenAI
        return instructor.from_xai(made(base_url=url, api_key="key", max_retries=0), **given)

    @asynccontextmanager
    async def open(self, server: Loopback, **options: Any) -> Any:
        client = self.client(server, **options)
        try:
            yield client
        finally:
            await settled(client.close())
            if client.client is not None:
                await settled(client.client.close())

    async def create(self, server: Loopback, kind: Any, messages: Any, **options: Any) -> Any:
        async with self.open(server) as client:
            return await settled(client.create(kind, messages, **options))

    async def stream(self, server: Loopback, method: str, kind: Any, messages: Any, **options: Any) -> list[Any]:
        async with self.open(server) as client:
            stream = getattr(client, method)(kind, messages, **options)
            return [item async for item in stream] if self.asynchronous else list(stream)


def amazon(url: str, **more: Any) -> Any:
    keys = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"}
    config = Config(retries={"total_max_attempts": 1}, read_timeout=5)
    return boto3.client("bedrock-runtime", "us-east-1", endpoint_url=url, config=config, **{**keys, **more})


WAYS = [Way(name, sdk, slow) for name in MODELS for sdk in (True, False) for slow in (False, True)]
every_way = pytest.mark.parametrize("way", WAYS, ids=str)


@pytest.fixture(scope="module")
def running() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture
def server(running: Loopback, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    for name in ("AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE", "OLLAMA_API_KEY", "OLLAMA_HOST"):
        monkeypatch.delenv(name, raising=False)
    return running.clear()


# ── calls ────────────────────────────────────────────────────────────────────────────────────────


@every_way
@pytest.mark.parametrize("mode", [None, Mode.TOOLS, Mode.JSON, Mode.MD_JSON], ids=str)
async def test_a_picture_in_an_object_out(way: Way, mode: Mode | None, server: Loopback) -> None:
    server.reply(JASON, thinking=None if way.dialect == "xai" else "hm")
    user = await way.create(server, User, ["Who?", Image.from_bytes(PNG)], mode=mode, max_tokens=99)
    assert user == User(**JASON)
    (request,) = server.requests
    assert request.refused is None
    assert b64(PNG).encode() in request.body


@every_way
@pytest.mark.parametrize("mode", [None, Mode.TOOLS], ids=str)
async def test_streams(way: Way, mode: Mode | None, server: Loopback) -> None:
    server.reply(JASON).reply({"content": [JASON, {"name": "Ada", "age": 36}]})
    grown = await way.stream(server, "create_partial", User, "Who?", mode=mode)
    assert grown[-1] == User(**JASON)
    if way.dialect != "ollama" or mode is not Mode.TOOLS:
        assert len(grown) > 2, "a call of Ollama's comes whole"
    people = await way.stream(server, "create_iterable", User, "Who?", mode=mode)
    assert people == [User(**JASON), User(name="Ada", age=36)]
    assert all(request.refused is None for request in server.requests)


@every_way
async def test_the_model_is_told_what_was_wrong(way: Way, server: Loopback) -> None:
    server.reply({"name": "Jason", "age": 9}).reply(JASON)
    assert await way.create(server, Adult, "Who?", mode=Mode.TOOLS) == Adult(**JASON)
    first, second = server.requests
    assert second.refused is None
    assert b"too young" in second.body
    assert b"too young" not in first.body


@every_way
async def test_the_answer_itself(way: Way, server: Loopback) -> None:
    server.say("hello").reply(JASON)
    async with way.open(server) as client:
        raw = await settled(client.create(None, "hi"))
        value, completion = await settled(client.create_with_completion(User, "Who?"))
    assert value == User(**JASON)
    if way.dialect == "bedrock":
        assert raw["output"]["message"]["content"][0]["text"] == "hello"
        assert completion["usage"]["inputTokens"] > 0
        assert ("ResponseMetadata" in raw) is way.sdk, "the SDK's own object"
    elif way.dialect == "ollama":
        assert raw.message.content == "hello"
        assert isinstance(raw, ollama.ChatResponse) is way.sdk
    else:
        assert raw.choices[0].message.content == "hello"


@every_way
async def test_cut_off_and_refused(way: Way, server: Loopback) -> None:
    server.truncate('{"name": "Ja').truncate('{"name": "Ja')
    with pytest.raises(IncompleteOutputException):
        await way.create(server, User, "Who?")
    with pytest.raises(IncompleteOutputException):
        await way.stream(server, "create_partial", User, "Who?")
    if way.dialect == "bedrock":
        server.refuse("no")
        with pytest.raises(RefusalError, match="filter"):
            await way.create(server, User, "Who?")


@every_way
async def test_usage(way: Way, server: Loopback) -> None:
    server.reply({"name": "Jason", "age": "x"})
    with pytest.raises(instructor.errors.InstructorRetryException) as caught:
        await way.create(server, User, "Who?", max_retries=0)
    assert caught.value.total_usage.input > 0
    assert caught.value.total_usage.output > 0


# ── failures ─────────────────────────────────────────────────────────────────────────────────────

STATUSES = [
    (400, BadRequest),
    (404, ProviderError),
    (429, RateLimited),
    (500, ServerError),
    (503, Overloaded),
]


@every_way
@pytest.mark.parametrize(("status", "kind"), STATUSES)
async def test_errors(way: Way, status: int, kind: type[Exception], server: Loopback, patient: None) -> None:
    for _ in range(6):
        server.fail(status, message="no luck")
    with pytest.raises(kind, match="no luck") as caught:
        await way.create(server, User, "Who?")
    assert caught.value.provider == way.dialect
    assert caught.value.status == status
    with pytest.raises(kind, match="no luck"):
        await way.stream(server, "create_partial", User, "Who?")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between attempts."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    async def now(seconds: float) -> None:
        return None

    monkeypatch.setattr("instructor.drivers.awaiting.asyncio.sleep", now)


@every_way
async def test_a_stream_that_fails_in_its_midst(way: Way, server: Loopback) -> None:
    server.fail(503, message="no luck", after_events=3)
    with pytest.raises(ProviderError, match="no luck"):
        await way.stream(server, "create_partial", User, "Who?")


@every_way
async def test_a_stream_that_is_cut(way: Way, server: Loopback) -> None:
    server.cut(700 if way.dialect != "bedrock" else 400).reply(JASON)
    with pytest.raises((ConnectionFailed, ProtocolError)):
        await way.stream(server, "create_partial", User, "Who?", mode=Mode.JSON)


@every_way
async def test_a_page_in_place_of_an_answer(way: Way, server: Loopback) -> None:
    server.raw(200, "<html>sign in</html>", content_type="text/html")
    with pytest.raises(ProviderError):
        await way.create(server, User, "Who?")


@every_way
async def test_no_answer_in_time(way: Way, server: Loopback) -> None:
    server.delay(1).reply(JASON)
    with pytest.raises(ProviderTimeout):
        await way.create(server, User, "Who?", timeout=0.3)


# ── the same JSON ────────────────────────────────────────────────────────────────────────────────

CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"x": 1}'}}
LOOK = {"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {
    "type": "object", "properties": {"x": {"anyOf": [{"$ref": "#/$defs/X"}, {"type": "null"}]}},
    "$defs": {"X": {"type": "integer", "minimum": 3}}}}}  # fmt: skip
HISTORY = [
    {"role": "system", "content": "s"}, {"role": "user", "content": "look"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": "c1", "content": "42"},
]  # fmt: skip
SAME: dict[str, tuple[Any, dict[str, Any]]] = {
    "text": ('é "q" \\ \n \u2028 \U0001f600', {}),
    "pictures": (["Who?", Image.from_bytes(PNG), Image.from_bytes(JPEG)], {}),
    "a document": (["Who?", Document.from_bytes("é\n".encode(), name="n.md")], {}),
    "history": (HISTORY, {"tools": [LOOK], "mode": Mode.TOOLS}),
    "tools": ("hi", {"mode": Mode.TOOLS}),
    "a schema": ("hi", {"mode": Mode.JSON_SCHEMA}),
    "words": ("hi", {"mode": Mode.MD_JSON}),
    "settings": ("hi", {"max_tokens": 9, "temperature": 0.25, "top_p": 0.5, "stop": ["x"]}),
    "no model": ("hi", {"response_model": None}),
}
ONLY: dict[str, dict[str, tuple[Any, dict[str, Any]]]] = {
    "bedrock": {
        "papers": (["Read.", PDF.from_bytes(PAPER, name="a.pdf"), PDF.from_url("s3://bucket/b.pdf")], {}),
        "marks": ([{"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}]}], {}),
        "thoughts": ([
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": [{"reasoningContent": {"redactedContent": b"xyz"}}, {"text": "b"}]},
            {"role": "user", "content": [{"text": "c"}, {"image": {"format": "png", "source": {"bytes": PNG}}}]},
        ], {}),
        "more": ("hi", {"additionalModelRequestFields": {"bytes": "eA==", "top_k": 3}, "requestMetadata": {"a": "b"}}),
        "a body of one's own": ("hi", {"extra_body": {"performanceConfig": {"latency": "optimized"}}}),
        "an ARN": ("hi", {"model": "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0"}),
    },
    "ollama": {
        "options": ("hi", {"seed": 7, "num_ctx": 8192, "keep_alive": "5m", "think": False}),
        "extras": ("hi", {"extra_body": {"truncate": False}, "extra_headers": {"x-team": "a"}, "extra_query": {"y": "2"}}),
    },
    "xai": {"an address": (["Who?", Image.from_url("https://example.com/cat.png", detail="low")], {})},
}  # fmt: skip


@pytest.mark.parametrize("dialect", MODELS)
async def test_the_same_json_arrives(dialect: str, server: Loopback) -> None:
    rows = {**SAME, **ONLY[dialect]}
    arrived: list[list[Any]] = []
    for way in (way for way in WAYS if way.dialect == dialect):
        server.clear()
        async with way.open(server) as client:
            for name, (messages, options) in rows.items():
                given = {"response_model": User, **options}
                server.reply(JASON, tool="User" if given.get("mode") is Mode.TOOLS else None)
                await settled(client.create(given.pop("response_model"), messages, **given))
                assert server.requests[-1].refused is None, name
        arrived.append([(request.json, request.path, request.query) for request in server.requests])
    first, *others = arrived
    for other in others:
        for name, one, two in zip(rows, first, other, strict=True):
            assert one == two, name


async def test_a_schema_is_not_thinned_out_by_the_ollama_package(server: Loopback) -> None:
    for way in (way for way in WAYS if way.dialect == "ollama"):
        server.clear().say("x")
        await way.create(server, None, "hi", tools=[LOOK])
        assert server.requests[0].json["tools"] == [LOOK]


# ── signatures and keys ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    from instructor.providers.bedrock import sdk

    sdk._session.cache_clear()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_requests_are_signed_as_boto3_signs_them(
    asynchronous: bool, server: Loopback, credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import botocore.auth

    moment = botocore.auth.get_current_datetime()
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_: moment)
    server.reply(JASON).reply(JASON)
    client = instructor.from_provider(f"bedrock/{CLAUDE}", base_url=server.url, async_client=asynchronous)
    await settled(client.create(User, "hi", extra_query={"a": "b c"}))
    await settled(client.close())
    ours = server.requests[0].headers
    assert ours["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/us-east-1/bedrock/aws4_request" in ours["authorization"]
    assert "SignedHeaders=content-type;host;x-amz-date" in ours["authorization"]
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = server.requests[0]
    again = AWSRequest(
        "POST", f"{server.url}{request.path}?{request.query}", {"content-type": "application/json"}, request.body
    )
    SigV4Auth(Credentials("AKIDEXAMPLE", "secret"), "bedrock", "us-east-1").add_auth(again)
    assert again.headers["Authorization"] == ours["authorization"], "what arrived is what was signed"
    assert "secret" not in str(request.headers)


def test_a_key_goes_out_as_it_is(server: Loopback, credentials: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "token")
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
    server.reply(JASON)
    with instructor.from_provider(f"bedrock/{CLAUDE}") as client:
        assert client.create(User, "hi") == User(**JASON)
    assert server.requests[0].headers["authorization"] == "Bearer token"
    assert "x-amz-date" not in server.requests[0].headers


def test_neither_key_nor_credentials(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    class Session:
        def get_credentials(self) -> None:
            return None

    monkeypatch.setattr("instructor.providers.bedrock.sdk._session", Session)
    client = instructor.from_provider(f"bedrock/{CLAUDE}", base_url=server.url)
    with client, pytest.raises(MissingKey, match="AWS_BEARER_TOKEN_BEDROCK"):
        client.create(User, "hi")
    monkeypatch.setitem(__import__("sys").modules, "botocore.auth", None)
    client = instructor.from_provider(f"bedrock/{CLAUDE}", base_url=server.url)
    with client, pytest.raises(MissingExtra, match=r"instructor-multimodal\[bedrock\]"):
        client.create(User, "hi")
    assert server.requests == []


def test_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="AWS_REGION"):
        instructor.from_provider(f"bedrock/{CLAUDE}", api_key="k")


def test_boto3_without_credentials(server: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    client = boto3.Session().client("bedrock-runtime", "us-east-1", endpoint_url=server.url)
    with pytest.raises(AuthenticationError, match="no credentials"):
        instructor.from_bedrock(client, model=CLAUDE).create(User, "hi")
    client.close()


def test_what_boto3_cannot_send(server: Loopback) -> None:
    client = amazon(server.url)
    ours = instructor.from_bedrock(client, model=CLAUDE)
    with pytest.raises(RequestError, match="no extra_headers"):
        ours.create(User, "hi", extra_headers={"x": "y"})
    with pytest.raises(RequestError, match="brand_new"):
        ours.create(User, "hi", extra_body={"brand_new": 1})
    assert server.requests == []
    client.close()


def test_an_error_of_amazons_by_its_name(server: Loopback) -> None:
    server.fail(403, {"message": "m"}, headers={"x-amzn-ErrorType": "ExpiredTokenException:http://x/"})
    server.fail(403, {"message": "m"}, headers={"x-amzn-ErrorType": "ExpiredTokenException"})
    client = amazon(server.url)
    for ours in (
        instructor.from_bedrock(client, model=CLAUDE),
        instructor.from_provider(f"bedrock/{CLAUDE}", base_url=server.url, api_key="k"),
    ):
        with pytest.raises(AuthenticationError) as caught:
            ours.create(User, "hi")
        assert caught.value.code == "ExpiredTokenException"
        assert (caught.value.request_id or "").startswith("req_loopback")
        ours.close()
    client.close()


# ── clients ──────────────────────────────────────────────────────────────────────────────────────


def test_clients_of_another_class(server: Loopback) -> None:
    bucket = boto3.client("s3", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    for make, client in (
        (instructor.from_bedrock, bucket),
        (instructor.from_bedrock, openai.OpenAI(api_key="k")),
        (instructor.from_ollama, openai.OpenAI(api_key="k")),
        (instructor.from_xai, ollama.Client()),
    ):
        with pytest.raises(WrongClient):
            make(client)
        client.close()


def test_ollama_needs_no_key_and_takes_one(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", server.url.removeprefix("http://"))
    server.reply(JASON).reply(JASON)
    with instructor.from_provider("ollama/qwen3") as client:
        client.create(User, "hi")
    monkeypatch.setenv("OLLAMA_API_KEY", "cloud")
    with instructor.from_provider("ollama/qwen3") as client:
        client.create(User, "hi")
    first, second = (request.headers.get("authorization") for request in server.requests)
    assert (first, second) == (None, "Bearer cloud")


def test_no_ollama_there() -> None:
    client = ollama.Client("http://127.0.0.1:9")
    with pytest.raises(ConnectionFailed):
        instructor.from_ollama(client, model="m").create(User, "hi")
    client.close()


async def test_prompt_caching_is_counted(server: Loopback) -> None:
    long = {"type": "text", "text": "word " * 50, "cache_control": {"type": "ephemeral"}}
    for way in (way for way in WAYS if way.dialect == "bedrock"):
        server.clear().reply({"name": "x", "age": "y"})
        with pytest.raises(instructor.errors.InstructorRetryException) as caught:
            await way.create(server, User, [{"role": "user", "content": [long, "Who?"]}], max_retries=0)
        usage = caught.value.total_usage
        assert usage.cache_read + usage.cache_write > 40
        assert usage.input > usage.cache_read + usage.cache_write


def test_a_hook_sees_no_bytes(server: Loopback) -> None:
    seen: list[Any] = []
    server.reply(JASON)
    with instructor.from_provider("ollama/qwen3", base_url=server.url) as client:
        client.on("completion:kwargs", lambda **wire: seen.append(wire))
        client.create(User, ["Who?", Image.from_bytes(PNG)])
    assert seen
    assert b64(PNG) not in repr(seen)
