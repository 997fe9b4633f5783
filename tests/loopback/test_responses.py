"""OpenAI's Responses API: through its SDK and through our own sender, the same JSON and the same answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest
from pydantic import BaseModel

import instructor
from instructor import PDF, CacheControl, Document, Image, Mode, errors
from instructor.media.document import DOCX
from instructor.providers.responses import PARAMETERS, OpenAIResponses
from instructor.testing import Loopback
from tests.loopback.ways import settled
from tests.wire.test_compatible import pdf, png

MODEL = "gpt-5.6"
HOWS = ("sync sdk", "async sdk", "sync own", "async own")
JASON: dict[str, Any] = {"name": "Jason", "age": 20}


class User(BaseModel):
    """A person."""

    name: str
    age: int


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


@asynccontextmanager
async def opened(server: Loopback, how: str) -> AsyncIterator[Any]:
    server.requests.clear()
    asynchronous = how.startswith("async")
    if how.endswith("own"):
        client = instructor.from_provider(
            f"openai/{MODEL}",
            mode=Mode.RESPONSES_TOOLS,
            async_client=asynchronous,
            api_key="any",
            base_url=server.openai_url,
        )
    else:
        sdk = (openai.AsyncOpenAI if asynchronous else openai.OpenAI)(
            api_key="any", base_url=server.openai_url, max_retries=0
        )
        client = instructor.from_openai(sdk, mode=Mode.RESPONSES_TOOLS, model=MODEL)
    try:
        yield client
    finally:
        await settled(client.close())
        if client.client is not None:
            await settled(client.client.close())


async def all_of(stream: Any) -> list[Any]:
    return [thing async for thing in stream] if hasattr(stream, "__aiter__") else list(stream)


PICTURE = Image.from_bytes(png(), detail="high")
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}
HISTORY = [
    {"role": "system", "content": "s"},
    {"role": "user", "content": "u"},
    {"role": "assistant", "content": "well", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "seen"},
    {"role": "user", "content": "and?"},
]
HALF_A_DAY = {"type": "ephemeral", "ttl": "12h"}
AT = {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "auto"}
ASKED: dict[str, tuple[Any, dict[str, Any]]] = {
    "a picture": (["Who?", PICTURE], {}),
    "a picture by address": (["Who?", Image.from_url("https://example.com/a.png")], {}),
    "a picture by id": (["Who?", Image.from_file_id("file-1")], {}),
    "a PDF": (["Who?", PDF.from_bytes(pdf(), name="a.pdf")], {}),
    "a PDF by address": (["Who?", PDF.from_url("https://example.com/a.pdf")], {}),
    "a text": (["Who?", Document.from_bytes(b"a,b\n1,2\n", name="a.csv")], {}),
    "history": (HISTORY, {}),
    "a mark": ([{"role": "user", "content": [{"type": "text", "text": "a", "cache_control": HALF_A_DAY}]}], {}),
    "its own parts": ([{"role": "user", "content": [{"type": "input_text", "text": "a"}, AT]}], {}),
    "parameters": ("hi", {"max_tokens": 9, "temperature": 0.5, "reasoning_effort": "low", "verbosity": "low"}),
    "a schema": ("hi", {"mode": Mode.JSON_SCHEMA}),
    "a schema and words": ("hi", {"mode": Mode.JSON_SCHEMA, "verbosity": "low"}),
    "JSON": ("hi", {"mode": Mode.JSON}),
    "words": ("hi", {"mode": Mode.MD_JSON}),
    "tools of its own": ("hi", {"tools": [{"type": "web_search"}], "tool_choice": "auto"}),
    "a list": ("hi", {"response_model": list[User]}),
    "no model": ("hi", {"response_model": None}),
}  # fmt: skip


@pytest.mark.parametrize("asked", ASKED)
async def test_the_same_json_arrives(server: Loopback, asked: str) -> None:
    messages, options = ASKED[asked]
    arrived = {}
    for how in HOWS:
        async with opened(server, how) as client:
            given = {"response_model": User, **options}
            await settled(client.create(given.pop("response_model"), messages, **given))
        (request,) = server.requests
        assert request.path == "/v1/responses"
        arrived[how] = request.json
    assert all(arrived[how] == arrived["sync own"] for how in HOWS)


@pytest.mark.parametrize("how", HOWS)
async def test_answers_and_usage(server: Loopback, how: str) -> None:
    async with opened(server, how) as client:
        server.reply(JASON)
        value, raw = await settled(client.create_with_completion(User, ["Who?", PICTURE]))
        assert value == User(**JASON)
        assert raw.output[0].type == "function_call"
        assert server.requests[-1].json["tool_choice"] == {"type": "function", "name": "User"}
        server.reply(JASON)
        assert await settled(client.create(User, "Who?", mode=Mode.JSON_SCHEMA)) == value
        server.reply({"name": "Jason"}).reply(JASON)
        assert await settled(client.create(User, "Who?")) == value
        retried = server.requests[-1].json["input"]
        assert [item["type"] for item in retried] == [
            "message",
            "function_call",
            "function_call_output",
        ]
        assert "age" in retried[-1]["output"]


@pytest.mark.parametrize("how", HOWS)
async def test_streams(server: Loopback, how: str) -> None:
    async with opened(server, how) as client:
        for mode in (Mode.TOOLS, Mode.JSON_SCHEMA):
            server.reply(JASON, thinking="hm")
            snapshots = await all_of(client.create_partial(User, "Who?", mode=mode))
            assert snapshots[-1] == User(**JASON)
            assert len(snapshots) > 2
            server.reply([JASON, {"name": "Ann", "age": 2}])
            people = await all_of(client.create_iterable(User, "Who?", mode=mode))
            assert [person.name for person in people] == ["Jason", "Ann"]


@pytest.mark.parametrize("how", HOWS)
async def test_unfinished_answers(server: Loopback, how: str) -> None:
    async with opened(server, how) as client:
        server.truncate('{"name": "Ja')
        with pytest.raises(errors.IncompleteOutputException):
            await settled(client.create(User, "Who?"))
        server.refuse("no")
        with pytest.raises(errors.RefusalError, match="no"):
            await settled(client.create(User, "Who?", mode=Mode.JSON_SCHEMA))
        server.refuse("no")
        with pytest.raises(errors.RefusalError):
            await all_of(client.create_partial(User, "Who?", mode=Mode.JSON_SCHEMA))
        server.truncate('{"name": "Ja')
        with pytest.raises(errors.IncompleteOutputException):
            await all_of(client.create_partial(User, "Who?"))
        server.fail(500, after_events=6)
        with pytest.raises(errors.ProviderError):
            await all_of(client.create_partial(User, "Who?"))
        server.fail(401)
        with pytest.raises(errors.AuthenticationError):
            await settled(client.create(User, "Who?"))


def test_a_failed_response_is_an_error() -> None:
    failed = {"output": [], "status": "failed", "error": {"code": "server_error", "message": "broken"}}
    with pytest.raises(errors.ProviderError, match="broken"):
        OpenAIResponses().decode(failed)
    with pytest.raises(errors.ProviderError, match="broken"):
        list(OpenAIResponses().deltas({"type": "response.failed", "response": failed}))


async def test_what_it_does_not_take(server: Loopback) -> None:
    async with opened(server, "sync own") as client:
        for name in ("stop", "seed", "n", "response_format"):
            with pytest.raises(errors.RequestError, match=f"does not take '{name}'"):
                client.create(User, "hi", **{name: 1})
        with pytest.raises(errors.MessageError, match=r"keeps a cached prompt for '30m' or '12h'"):
            client.create(User, Image.from_bytes(png(), cache_control=CacheControl("5m")))
        with pytest.raises(errors.UnsupportedMedia):
            client.create(User, instructor.Audio.from_url("https://example.com/a.wav"))
        assert server.requests == []
    with pytest.raises(errors.ModeError, match="RESPONSES_TOOLS"):
        instructor.from_provider("openai/gpt-4o", api_key="any").create(User, "hi", mode=Mode.RESPONSES_TOOLS)


def test_the_table_names_what_the_sdks_type_names() -> None:
    from openai.types.responses.response_create_params import ResponseCreateParamsBase

    assert PARAMETERS.takes | {"tool_choice"} == set(ResponseCreateParamsBase.__annotations__) - {"model", "input"}


def test_office_documents_go_as_files() -> None:
    sheet = Document.from_file_id("file-2")
    row = OpenAIResponses().media[Document]
    assert row.encode(sheet) == {"type": "input_file", "file_id": "file-2"}
    assert DOCX in row.limits.mimes
