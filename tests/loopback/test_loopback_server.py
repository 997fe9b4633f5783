"""The loopback server, held against the real SDKs: what it says they can read, faults and all."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from pydantic import BaseModel

from instructor.testing import Loopback, Wire

from .wire import (
    CLAUDE,
    CLAUDE_FORCED,
    CLAUDE_FORM,
    CLAUDE_TOOL,
    FORCED,
    FORM,
    GPT,
    HELLO,
    JASON,
    PNG,
    TOOL,
    USER,
    ask_gpt,
    image,
    says,
)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def gpt(server: Loopback) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.openai_url, api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture
def claude(server: Loopback) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=server.anthropic_url, api_key="any", max_retries=0) as client:
        yield client


def extras(value: Any, path: str = "") -> list[str]:
    """Fields that an SDK object holds although its type does not know them."""
    if isinstance(value, BaseModel):
        found = [f"{path}.{name}" for name in value.model_extra or ()]
        return found + [line for name in type(value).model_fields for line in extras(getattr(value, name), name)]
    return [line for item in value for line in extras(item, path)] if isinstance(value, list) else []


def exact(value: BaseModel) -> None:
    """Parsed with nothing missing, nothing mistyped and nothing over."""
    type(value).model_validate(value.model_dump(exclude_unset=True, by_alias=True))
    assert extras(value) == []


# ---------------------------------------------------------------------------------------------------------- OpenAI


def test_openai_text_tools_and_schema(server: Loopback, gpt: openai.OpenAI) -> None:
    server.say("hi").reply(JASON).reply(JASON)
    plain = gpt.chat.completions.create(model=GPT, messages=HELLO)
    tools = gpt.chat.completions.create(model=GPT, messages=HELLO, tools=[TOOL], tool_choice=FORCED)
    schema = gpt.chat.completions.create(model=GPT, messages=HELLO, response_format=FORM)
    for completion in (plain, tools, schema):
        exact(completion)
        assert completion.usage
        assert completion.usage.total_tokens > 0
    assert plain.choices[0].message.content == "hi"
    assert plain.choices[0].finish_reason == "stop"
    (call,) = tools.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert json.loads(call.function.arguments) == JASON
    assert tools.choices[0].message.content is None
    assert json.loads(schema.choices[0].message.content or "") == JASON
    assert [request.path for request in server.requests] == ["/v1/chat/completions"] * 3
    assert server.requests[1].json["tools"] == [TOOL]
    assert server.requests[0].headers["authorization"] == "Bearer any"


def test_openai_samples_when_nothing_is_queued(gpt: openai.OpenAI) -> None:
    class User(BaseModel):
        name: str
        age: int

    parsed = gpt.chat.completions.parse(model=GPT, messages=HELLO, response_format=User)
    assert parsed.choices[0].message.parsed == User(name="example name", age=1)
    called = gpt.chat.completions.create(model=GPT, messages=HELLO, tools=[TOOL], tool_choice="required")
    assert (called.choices[0].message.tool_calls or [])[0].function.name == "User"  # type: ignore[union-attr]
    prompt: Any = [{"role": "user", "content": f"Answer in JSON by this schema: {json.dumps(USER)} Thanks."}]
    asked = gpt.chat.completions.create(model=GPT, messages=prompt, response_format={"type": "json_object"})
    assert json.loads(asked.choices[0].message.content or "") == {"name": "example name", "age": 1}
    said = gpt.chat.completions.create(model=GPT, messages=HELLO, n=2)
    assert [choice.message.content for choice in said.choices] == ["This is a sample answer."] * 2


def test_openai_refusal_truncation_and_calls(server: Loopback, gpt: openai.OpenAI) -> None:
    server.refuse("no").truncate('{"name": "Ja').call(("User", JASON), ("User", JASON), text="both")
    refused = gpt.chat.completions.create(model=GPT, messages=HELLO, response_format=FORM)
    assert (refused.choices[0].message.refusal, refused.choices[0].message.content) == ("no", None)
    cut = gpt.chat.completions.create(model=GPT, messages=HELLO, tools=[TOOL])
    assert cut.choices[0].finish_reason == "length"
    assert cut.choices[0].message.tool_calls[0].function.arguments == '{"name": "Ja'  # type: ignore[index,union-attr]
    both = gpt.chat.completions.create(model=GPT, messages=HELLO, tools=[TOOL])
    assert both.choices[0].finish_reason == "tool_calls"
    assert len({call.id for call in both.choices[0].message.tool_calls or ()}) == 2
    exact(both)


def test_a_value_goes_to_the_tool_that_it_fits(server: Loopback, gpt: openai.OpenAI) -> None:
    other = {"type": "function", "function": {"name": "Place", "parameters": {"type": "object", "properties": {}}}}
    tools: Any = [other, TOOL]
    server.reply(JASON).reply({"x": 1}, tool="Place")
    for expected in ("User", "Place"):
        found = gpt.chat.completions.create(model=GPT, messages=HELLO, tools=tools, tool_choice="required")
        assert found.choices[0].message.tool_calls[0].function.name == expected  # type: ignore[index,union-attr]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
def test_openai_errors(server: Loopback, gpt: openai.OpenAI, status: int, error: type[openai.APIStatusError]) -> None:
    server.fail(status, headers={"retry-after": "1"}, message="because")
    with pytest.raises(error, match="because") as caught:
        gpt.chat.completions.create(model=GPT, messages=HELLO)
    assert caught.value.type
    assert caught.value.response.headers["retry-after"] == "1"
    assert caught.value.request_id


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize("usage", [True, False])
def test_openai_streams(chunk: int, usage: bool) -> None:
    with (
        Loopback(chunk=chunk) as server,
        openai.OpenAI(base_url=server.openai_url, api_key="any", max_retries=0) as gpt,
    ):
        server.reply(JASON).reply(JASON).refuse("no way").truncate('{"na')
        options: Any = {"stream_options": {"include_usage": True}} if usage else {}

        def run(**asked: Any) -> Any:
            with gpt.chat.completions.stream(model=GPT, messages=HELLO, **options, **asked) as stream:
                for _ in stream:
                    pass
                return stream

        text = run().get_final_completion()
        assert json.loads(text.choices[0].message.content or "") == JASON
        tool = run(tools=[TOOL]).get_final_completion()
        assert json.loads(tool.choices[0].message.tool_calls[0].function.arguments) == JASON
        assert run().get_final_completion().choices[0].message.refusal == "no way"
        with pytest.raises(openai.LengthFinishReasonError):
            run(response_format=_user_model())
        for completion in (text, tool):
            assert (completion.usage is not None) == usage
        chunks = list(gpt.chat.completions.create(model=GPT, messages=HELLO, stream=True, **options))
        for piece in chunks:
            exact(piece)
        assert chunks[0].choices[0].delta.role == "assistant"
        assert (chunks[-1].choices == []) == usage
        assert all(("usage" in piece.model_fields_set) == usage for piece in chunks)


def _user_model() -> type[BaseModel]:
    class User(BaseModel):
        name: str

    return User


async def test_openai_async() -> None:
    async with (
        Loopback() as server,
        openai.AsyncOpenAI(base_url=server.openai_url, api_key="any", max_retries=0) as client,
    ):
        server.reply(JASON)
        found = await client.chat.completions.create(model=GPT, messages=HELLO, response_format=FORM)
        assert json.loads(found.choices[0].message.content or "") == JASON
        stream = await client.chat.completions.create(model=GPT, messages=HELLO, stream=True)
        said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        assert said == "This is a sample answer."


# ------------------------------------------------------------------------------------------------------- Anthropic


def ask(claude: anthropic.Anthropic, **more: Any) -> anthropic.types.Message:
    body = {"model": CLAUDE, "max_tokens": 100, "messages": HELLO, **more}
    message: anthropic.types.Message = claude.messages.create(**body)
    return message


def test_anthropic_text_tools_and_schema(server: Loopback, claude: anthropic.Anthropic) -> None:
    server.say("hi", thinking="hm").reply(JASON).reply(JASON)
    plain = ask(claude)
    tools = ask(claude, tools=[CLAUDE_TOOL], tool_choice=CLAUDE_FORCED)
    schema = ask(claude, output_config=CLAUDE_FORM)
    for message in (plain, tools, schema):
        exact(message)
    assert [block.type for block in plain.content] == ["thinking", "text"]
    assert tools.content[0].type == "tool_use"
    assert tools.content[0].input == JASON
    assert tools.stop_reason == "tool_use"
    assert schema.content[0].type == "text"
    assert json.loads(schema.content[0].text) == JASON
    assert schema.stop_reason == "end_turn"
    assert [request.path for request in server.requests] == ["/v1/messages"] * 3


def test_anthropic_refusal_truncation_and_sample(server: Loopback, claude: anthropic.Anthropic) -> None:
    server.refuse("no").truncate('{"name": "Ja')
    refused = ask(claude)
    assert refused.stop_reason == "refusal"
    assert refused.stop_details
    assert refused.stop_details.explanation == "no"
    cut = ask(claude, tools=[CLAUDE_TOOL])
    assert (cut.stop_reason, cut.content[0].type) == ("max_tokens", "tool_use")
    made = ask(claude, tools=[CLAUDE_TOOL], tool_choice={"type": "any"})
    assert made.content[0].type == "tool_use"
    assert made.content[0].input == {"name": "example name", "age": 1}
    for message in (refused, cut, made):
        exact(message)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (403, anthropic.PermissionDeniedError),
        (404, anthropic.NotFoundError),
        (413, anthropic.APIStatusError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (529, anthropic.APIStatusError),
    ],
)
def test_anthropic_errors(
    server: Loopback, claude: anthropic.Anthropic, status: int, error: type[anthropic.APIStatusError]
) -> None:
    server.fail(status, message="because")
    with pytest.raises(error, match="because") as caught:
        ask(claude)
    assert caught.value.status_code == status
    assert caught.value.request_id


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_anthropic_streams(chunk: int) -> None:
    with (
        Loopback(chunk=chunk) as server,
        anthropic.Anthropic(base_url=server.anthropic_url, api_key="any", max_retries=0) as claude,
    ):
        server.say("hello there", thinking="let me think").call(("User", JASON), ("User", {}), text="so")
        server.refuse("no").truncate('{"na')

        def run(**asked: Any) -> anthropic.types.Message:
            with claude.messages.stream(model=CLAUDE, max_tokens=9, messages=HELLO, **asked) as stream:
                kinds = [event.type for event in stream]
                assert kinds[0] == "message_start"
                assert kinds[-1] == "message_stop"
                return stream.get_final_message()

        text = run()
        assert text.content[0].type == "thinking"
        assert (text.content[0].thinking, text.content[0].signature) == ("let me think", "bG9vcGJhY2s=")
        assert text.content[1].type == "text"
        assert text.content[1].text == "hello there"
        tools = run(tools=[CLAUDE_TOOL])
        assert [block.type for block in tools.content] == ["text", "tool_use", "tool_use"]
        assert tools.content[1].input == JASON  # type: ignore[union-attr]
        assert run().stop_reason == "refusal"
        cut = run(tools=[CLAUDE_TOOL])
        assert cut.stop_reason == "max_tokens"
        for message in (text, tools):
            exact(message)
            assert message.usage.input_tokens > 0
        for event in claude.messages.create(model=CLAUDE, max_tokens=9, messages=HELLO, stream=True):
            exact(event)


async def test_anthropic_async() -> None:
    async with (
        Loopback() as server,
        anthropic.AsyncAnthropic(base_url=server.anthropic_url, api_key="any", max_retries=0) as client,
    ):
        server.reply(JASON)
        message = await client.messages.create(model=CLAUDE, max_tokens=9, messages=HELLO, tools=[CLAUDE_TOOL])
        assert message.content[0].type == "tool_use"
        async with client.messages.stream(model=CLAUDE, max_tokens=9, messages=HELLO) as stream:
            assert await stream.get_final_text() == "This is a sample answer."


def test_anthropic_prompt_cache(claude: anthropic.Anthropic) -> None:
    marked = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": PNG},
        "cache_control": {"type": "ephemeral"},
    }
    asked = [{"role": "user", "content": [marked, {"type": "text", "text": "what is it?"}]}]
    other = [{"role": "user", "content": [marked, {"type": "text", "text": "and where?"}]}]
    plain, first, second, third = (ask(claude, messages=messages).usage for messages in (HELLO, asked, asked, other))
    assert (plain.cache_creation_input_tokens, plain.cache_read_input_tokens) == (0, 0)
    written = first.cache_creation_input_tokens
    assert written
    assert first.cache_creation
    assert first.cache_creation.ephemeral_5m_input_tokens == written
    assert first.cache_read_input_tokens == 0
    for later in (second, third):
        assert (later.cache_creation_input_tokens, later.cache_read_input_tokens) == (0, written)
        assert later.input_tokens > 0


# --------------------------------------------------------------------------------------------------- HTTP and faults


def test_connections_are_kept(server: Loopback) -> None:
    with closing(socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))) as connection:
        reader = connection.makefile("rb")
        for _ in range(3):
            body = json.dumps({"model": GPT, "messages": HELLO, "stream": True}).encode()
            head = "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer k\r\n"
            connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            for piece in (body[:9], body[9:]):
                connection.sendall(b"%x;a=b\r\n%b\r\n" % (len(piece), piece))
            connection.sendall(b"0\r\nTrailer: a\r\n\r\n")
            assert b"200" in reader.readline()
            while line := reader.readline():
                if line == b"0\r\n":
                    reader.readline()
                    break
        reader.close()
    assert [request.json["model"] for request in server.requests] == [GPT] * 3


def test_large_bodies(server: Loopback) -> None:
    data = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(75_000_000)).decode()
    answer = ask_gpt(server, {"messages": says(image(f"data:image/png;base64,{data}"))})
    assert answer.status_code == 200
    assert len(server.requests[0].body) > 100_000_000


def test_html_cut_drip_and_delay(server: Loopback) -> None:
    server.raw(502, b"<html>bad gateway</html>", content_type="text/html")
    page = ask_gpt(server, {})
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html")
    server.cut(after_bytes=10).reply(JASON)
    with pytest.raises(httpx2.RemoteProtocolError):
        ask_gpt(server, {})
    server.cut(after_bytes=300)
    with pytest.raises(httpx2.RemoteProtocolError):
        ask_gpt(server, {"stream": True})
    server.cut()
    with pytest.raises(httpx2.RemoteProtocolError, match="without sending a response"):
        ask_gpt(server, {})
    server.drip(100, 0.01).delay(0.05).say("slow")
    start = time.perf_counter()
    assert ask_gpt(server, {}).json()["choices"][0]["message"]["content"] == "slow"
    assert time.perf_counter() - start > 0.08
    assert ask_gpt(server, {}).status_code == 200


def test_faults_as_the_sdks_see_them(server: Loopback, gpt: openai.OpenAI, claude: anthropic.Anthropic) -> None:
    server.cut()
    with pytest.raises(openai.APIConnectionError):
        gpt.chat.completions.create(model=GPT, messages=HELLO)
    server.delay(30)
    with pytest.raises(anthropic.APITimeoutError):
        ask(claude, timeout=0.1)
    server.fail(529, after_events=3)
    with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
        list(claude.messages.create(model=CLAUDE, max_tokens=9, messages=HELLO, stream=True))
    server.fail(500, after_events=2)
    chunks: list[Any] = []
    with pytest.raises(openai.APIError, match="server had an error"):
        chunks += gpt.chat.completions.create(model=GPT, messages=HELLO, stream=True)


def test_the_sdk_retries_after_a_limit(server: Loopback) -> None:
    server.fail(429, {"error": {"message": "slow down"}}, headers={"retry-after-ms": "1"}).say("now")
    with openai.OpenAI(base_url=server.openai_url, api_key="any", max_retries=1) as client:
        found = client.chat.completions.create(model=GPT, messages=HELLO)
    assert found.choices[0].message.content == "now"
    assert len(server.requests) == 2


def test_files(server: Loopback) -> None:
    url = server.files("/image.jpg", b"\xff\xd8\xff", "image/jpeg", headers={"etag": "1"})
    moved = server.files("/moved", redirect="/image.jpg")
    endless = server.files("/chunked", b"abc", chunked=True, wire=Wire(cut=2))
    missing = server.files("/gone", b"gone", "text/plain", status=410)
    found = httpx2.get(url)
    assert (found.content, found.headers["content-type"], found.headers["etag"]) == (b"\xff\xd8\xff", "image/jpeg", "1")
    assert httpx2.head(url).headers["content-length"] == "3"
    assert httpx2.get(moved).status_code == 302
    assert httpx2.get(moved, follow_redirects=True).content == b"\xff\xd8\xff"
    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(endless)
    assert httpx2.get(missing).status_code == 410
    assert httpx2.get(f"{server.url}/nothing").status_code == 404
    assert [request.method for request in server.requests][:2] == ["GET", "HEAD"]


async def test_fifty_at_once() -> None:
    async with Loopback() as server, httpx2.AsyncClient(timeout=60) as client:
        bodies = [{"model": f"m{number}", "messages": HELLO, "stream": number % 2 == 0} for number in range(50)]
        url, headers = f"{server.openai_url}/chat/completions", {"authorization": "Bearer k"}
        answers = await asyncio.gather(*(client.post(url, json=body, headers=headers) for body in bodies))
        assert [answer.status_code for answer in answers] == [200] * 50
        assert all(f'"m{number}"' in answer.text for number, answer in enumerate(answers))
        assert {request.json["model"] for request in server.requests} == {f"m{number}" for number in range(50)}


def test_nothing_is_left_behind() -> None:
    before = threading.active_count()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(5):
            with Loopback() as server, httpx2.Client() as client:
                server.delay(60)
                body = {"model": GPT, "messages": HELLO}
                url, headers = f"{server.openai_url}/chat/completions", {"authorization": "Bearer k"}
                with pytest.raises(httpx2.ReadTimeout):
                    client.post(url, json=body, headers=headers, timeout=0.05)
                assert client.post(url, json=body, headers=headers).status_code == 200
    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url


def test_importing_imports_no_sdk() -> None:
    code = "import sys, instructor.testing; print({'openai', 'anthropic'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
