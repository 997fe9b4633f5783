"""xAI through its own SDK: a real client, a real gRPC server on this machine, sync and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
import xai_sdk
from pydantic import BaseModel

import instructor
from instructor import Image, Mode
from instructor.errors import (
    AuthenticationError,
    BadRequest,
    IncompleteOutputException,
    InstructorRetryException,
    Overloaded,
    ProviderTimeout,
    RateLimited,
    RequestError,
    ServerError,
)
from tests.loopback.grok import STOP, Grok, sample_pb2, serving
from tests.loopback.ways import JASON, User, settled
from tests.wire.sending import PNG, b64

TEXT = '{"name": "Jason", "age": 20}'
both = pytest.mark.parametrize("slow", [False, True], ids=["sync", "async"])


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Grok, str]]:
    with serving() as running:
        yield running


@pytest.fixture
def grok(service: tuple[Grok, str]) -> Grok:
    service[0].reset()
    return service[0]


@asynccontextmanager
async def client(service: tuple[Grok, str], slow: bool) -> AsyncIterator[Any]:
    made = (xai_sdk.AsyncClient if slow else xai_sdk.Client)(
        api_key="key", api_host=service[1], use_insecure_channel=True, channel_options=[("grpc.enable_retries", 0)]
    )
    ours = instructor.from_xai(made, model="grok-4")
    assert isinstance(ours, instructor.AsyncInstructor if slow else instructor.Instructor)
    try:
        yield ours
    finally:
        await settled(made.close())


async def streamed(stream: Any, slow: bool) -> list[Any]:
    return [item async for item in stream] if slow else list(stream)


@both
async def test_a_picture_in_an_object_out(service: tuple[Grok, str], grok: Grok, slow: bool) -> None:
    grok.say, grok.thought = TEXT, "hm hm"
    async with client(service, slow) as ours:
        value, raw = await settled(
            ours.create_with_completion(
                User, ["Who?", Image.from_bytes(PNG)], max_tokens=9, stop="x", reasoning_effort="low"
            )
        )
        grown = await streamed(ours.create_partial(User, "Who?"), slow)
    assert value == grown[-1] == User(**JASON)
    assert len(grown) > 2
    assert (raw.content, raw.reasoning_content) == (TEXT, "hm hm")
    request = grok.requests[0]
    assert request.messages[0].content[1].image_url.image_url == f"data:image/png;base64,{b64(PNG)}"
    assert (request.max_tokens, list(request.stop), request.model) == (9, ["x"], "grok-4")
    assert grok.metadata[0]["authorization"] == "Bearer key"


@both
async def test_calls(service: tuple[Grok, str], grok: Grok, slow: bool) -> None:
    grok.calls = (("look", '{"x": 1}'), ("User", TEXT))
    async with client(service, slow) as ours:
        assert await settled(ours.create(User, "Who?", mode=Mode.TOOLS)) == User(**JASON)
        assert (await streamed(ours.create_partial(User, "Who?", mode=Mode.TOOLS), slow))[-1] == User(**JASON)
    assert grok.requests[0].tool_choice.function_name == "User"


@both
async def test_the_model_is_told_what_was_wrong(service: tuple[Grok, str], grok: Grok, slow: bool) -> None:
    grok.calls = (("User", '{"name": "Jason", "age": "x"}'),)
    async with client(service, slow) as ours:
        with pytest.raises(InstructorRetryException) as caught:
            await settled(ours.create(User, "Who?", mode=Mode.TOOLS, max_retries=1))
    usage = caught.value.total_usage
    assert (usage.input, usage.output, usage.reasoning, usage.cache_read) == (22, 18, 4, 6)
    _, assistant, tool = grok.requests[1].messages
    assert assistant.tool_calls[0].id == tool.tool_call_id == "call_0"
    assert "age" in tool.content[0].text


CODES = [
    (grpc.StatusCode.UNAUTHENTICATED, AuthenticationError), (grpc.StatusCode.INVALID_ARGUMENT, BadRequest),
    (grpc.StatusCode.RESOURCE_EXHAUSTED, RateLimited), (grpc.StatusCode.UNAVAILABLE, Overloaded),
    (grpc.StatusCode.INTERNAL, ServerError), (grpc.StatusCode.DEADLINE_EXCEEDED, ProviderTimeout),
]  # fmt: skip


@both
@pytest.mark.parametrize(("code", "kind"), CODES, ids=lambda row: getattr(row, "name", ""))
async def test_errors(code: Any, kind: type[Exception], service: tuple[Grok, str], grok: Grok, slow: bool) -> None:
    grok.fails = (code, "no luck")
    async with client(service, slow) as ours:
        with pytest.raises(kind) as caught:
            await settled(ours.create(User, "Who?"))
        with pytest.raises(kind):
            await streamed(ours.create_partial(User, "Who?"), slow)
    assert isinstance(caught.value.__cause__, grpc.RpcError)
    assert "key" not in str(caught.value)


@both
async def test_cut_off(service: tuple[Grok, str], grok: Grok, slow: bool) -> None:
    grok.say, grok.finish = '{"name": "Ja', sample_pb2.REASON_MAX_LEN
    async with client(service, slow) as ours:
        with pytest.raises(IncompleteOutputException):
            await settled(ours.create(User, "Who?"))


async def test_what_grpc_does_not_have(service: tuple[Grok, str], grok: Grok) -> None:
    async with client(service, False) as ours:
        with pytest.raises(RequestError, match="use from_provider"):
            ours.create(User, "Who?", deferred=True)
    assert grok.requests == []
    assert grok.finish == STOP


@both
async def test_several_calls_each_an_object(service: tuple[Grok, str], grok: Grok, slow: bool) -> None:
    grok.calls = (("User", TEXT), ("Pet", '{"kind": "cat"}'), ("User", TEXT))
    async with client(service, slow) as ours:
        expected = [User(**JASON), Pet(kind="cat"), User(**JASON)]
        assert await settled(ours.create(list[User | Pet], "Who?", mode=Mode.PARALLEL_TOOLS)) == expected
        assert await streamed(ours.create_iterable(User | Pet, "Who?", mode=Mode.PARALLEL_TOOLS), slow) == expected
    assert [tool.function.name for tool in grok.requests[0].tools] == ["User", "Pet"]


class Pet(BaseModel):
    """An animal."""

    kind: str
