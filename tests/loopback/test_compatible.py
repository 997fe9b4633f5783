"""Compatible endpoints through their own SDKs, through OpenAI's, and through our sender: the same JSON, the same answers."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest
from pydantic import BaseModel

import instructor
from instructor import Image, errors
from instructor.adapter import Sdk
from instructor.providers.compatible import ROWS
from instructor.testing import DIALECTS, Loopback, compatible
from tests.loopback.ways import settled
from tests.wire.test_compatible import SAMPLES

MODULES = {"cerebras": "cerebras.cloud.sdk"}
URLS = {"together": "/v1", "cerebras": "/v1", "writer": "/v1", "groq": "/openai/v1", "fireworks": "/v1"}
"""What follows the SDK's own base URL in the path that it posts to."""

NAMES = tuple(compatible.TYPES)


class User(BaseModel):
    """A person."""

    name: str
    age: int


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    with Loopback(dialects=(*DIALECTS, *compatible.DIALECTS)) as running:
        yield running


def sdk_of(name: str) -> Sdk:
    sdk = ROWS[name].sdk
    assert sdk is not None
    return sdk


def sdk_client(server: Loopback, name: str, asynchronous: bool) -> Any:
    sdk = sdk_of(name)
    cls = (sdk.async_classes if asynchronous else sdk.sync_classes)[0]
    made = getattr(importlib.import_module(MODULES.get(name, sdk.package)), cls)
    options = {"warm_tcp_connection": False} if name == "cerebras" else {}
    return made(api_key="any", base_url=server.url_of(name), max_retries=0, **options)


def made(server: Loopback, name: str, how: str) -> Any:
    """A client of ours: `sdk` or `own`, `sync` or `async`."""
    asynchronous = how.startswith("async")
    if how.endswith("own"):
        return instructor.from_provider(
            f"{name}/some-model",
            async_client=asynchronous,
            api_key="any",
            base_url=server.url_of(name) + URLS.get(name, ""),
        )
    return getattr(instructor, f"from_{name}")(sdk_client(server, name, asynchronous), model="some-model")


HOWS = ("sync sdk", "async sdk", "sync own", "async own")


async def run(client: Any, method: str, *args: Any, **options: Any) -> Any:
    """What a call gives; of a stream, all that it gives."""
    result = getattr(client, method)(*args, **options)
    if hasattr(result, "__aiter__"):
        return [thing async for thing in result]
    return list(result) if method in ("create_partial", "create_iterable") else await settled(result)


@asynccontextmanager
async def closing(client: Any) -> AsyncIterator[Any]:
    try:
        yield client
    finally:
        await settled(client.close())
        if hasattr(client.client, "close"):
            await settled(client.client.close())


@pytest.mark.parametrize("name", NAMES)
async def test_the_same_json_and_the_same_answers(server: Loopback, name: str) -> None:
    image = Image.from_bytes(SAMPLES[Image].read())
    arrived: dict[str, list[Any]] = {}
    for how in HOWS:
        server.requests.clear()
        async with closing(made(server, name, how)) as client:
            server.reply({"name": "Jason", "age": 20})
            value, raw = await run(client, "create_with_completion", User, ["Who?", image], max_tokens=100)
            assert value == User(name="Jason", age=20)
            assert raw.choices[0].finish_reason in ("stop", "tool_calls")
            if how.endswith("sdk"):
                assert type(raw).__module__.startswith(sdk_of(name).package)
            server.reply({"name": "Jason", "age": 20})
            assert (await run(client, "create_partial", User, "Who?"))[-1] == value
            server.reply([{"name": "Jason", "age": 20}])
            assert await run(client, "create_iterable", User, "Who?") == [value]
        arrived[how] = [request.json for request in server.requests]
        assert not any(request.refused for request in server.requests)
    for how in HOWS:
        assert arrived[how] == arrived["sync own"], how


@pytest.mark.parametrize("how", ["sync sdk", "async sdk"])
@pytest.mark.parametrize("name", NAMES)
async def test_errors_and_timeouts(server: Loopback, name: str, how: str) -> None:
    async with closing(made(server, name, how)) as client:
        server.fail(429, headers={"retry-after": "7"})
        with pytest.raises(errors.RateLimited) as limited:
            await run(client, "create", User, "Who?")
        assert (limited.value.provider, limited.value.retry_after) == (name, 7.0)
        assert type(limited.value.__cause__).__module__.startswith(sdk_of(name).package)
    with Loopback(dialects=server.dialects, validate=False) as slow:
        slow.delay(1).reply({"name": "Jason", "age": 20})
        async with closing(made(slow, name, how)) as client:
            with pytest.raises(errors.ProviderTimeout):
                await run(client, "create", User, "Who?", timeout=0.2)


@pytest.mark.parametrize("name", ["openrouter", "deepseek", "azure", "databricks", "perplexity"])
def test_openais_client_pointed_at_an_endpoint(server: Loopback, name: str) -> None:
    with openai.OpenAI(base_url=server.openai_url, api_key="any", max_retries=0) as sdk:
        server.reply({"name": "Jason", "age": 20})
        client = getattr(instructor, f"from_{name}")(sdk, model="some-model")
        assert client.create(User, "Who?") == User(name="Jason", age=20)
        assert client.provider == name


@pytest.mark.parametrize("name", NAMES)
def test_a_client_of_another_class_is_refused(name: str) -> None:
    with pytest.raises(errors.WrongClient, match=rf"from_{name}\(\) takes a client of {sdk_of(name).package}\."):
        getattr(instructor, f"from_{name}")(object())


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if not row.endpoint.base_url])
def test_where_there_is_no_address(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ROWS[name].endpoint.base_names:
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(errors.ConfigurationError, match=rf"{name} has no address of its own: pass base_url="):
        instructor.from_provider(f"{name}/some-model", api_key="any")


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.endpoint.key_names])
def test_where_a_key_is_missing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ROWS[name].endpoint.key_names:
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(errors.MissingKey, match=rf"{name} needs a key: set {ROWS[name].endpoint.key_names[0]}"):
        instructor.from_provider(f"{name}/some-model", base_url="http://localhost:1")


async def test_a_function_in_the_place_of_a_client(server: Loopback) -> None:
    sync = openai.OpenAI(base_url=server.openai_url, api_key="any", max_retries=0)
    slow = openai.AsyncOpenAI(base_url=server.openai_url, api_key="any", max_retries=0)

    def completion(**arguments: Any) -> Any:
        return sync.chat.completions.create(**arguments)

    async def acompletion(**arguments: Any) -> Any:
        return await slow.chat.completions.create(**arguments)

    for function in (completion, acompletion):
        client = instructor.from_litellm(function, model="gpt-4o-mini")
        server.reply({"name": "Jason", "age": 20})
        assert await run(client, "create", User, "Who?") == User(name="Jason", age=20)
        server.reply({"name": "Jason", "age": 20})
        assert (await run(client, "create_partial", User, "Who?"))[-1] == User(name="Jason", age=20)
        server.fail(401)
        with pytest.raises(errors.AuthenticationError):
            await run(client, "create", User, "Who?")
    sync.close()
    await slow.close()
    with pytest.raises(errors.WrongClient, match=r"litellm\.completion"):
        instructor.from_litellm(object())


def test_parts_by_hand() -> None:
    data = SAMPLES[Image].read()
    image = Image.from_bytes(data)
    assert image.to_bedrock() == {"image": {"format": "png", "source": {"bytes": data}}}
    assert image.to_mistral()["type"] == "image_url"
    assert set(image.to_genai()) == {"inlineData"}
