"""The loopback server, held against the real SDKs: what it says they can read, and what it refuses is wrong."""

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
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import anthropic
import httpx2
import openai
import pytest
from pydantic import AnyUrl, BaseModel, Field

from instructor.testing import Loopback, Wire, sample

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(64)).decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(64)).decode()
PDF = base64.b64encode(b"%PDF-1.7\n" + bytes(64)).decode()
WAV = base64.b64encode(b"RIFF\x24\0\0\0WAVEfmt " + bytes(64)).decode()

USER = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
JASON = {"name": "Jason", "age": 20}
HELLO: Any = [{"role": "user", "content": "hello"}]
TOOL: Any = {"type": "function", "function": {"name": "User", "parameters": USER, "strict": True}}
FORCED: Any = {"type": "function", "function": {"name": "User"}}
FORM: Any = {"type": "json_schema", "json_schema": {"name": "User", "schema": USER, "strict": True}}
CLAUDE_TOOL: Any = {"name": "User", "input_schema": USER}
CLAUDE_FORCED: Any = {"type": "tool", "name": "User"}
CLAUDE_FORM: Any = {"format": {"type": "json_schema", "schema": USER}}
GPT, CLAUDE = "gpt-4o-mini", "claude-haiku-4-5"


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


# ------------------------------------------------------------------------------------------------ the judge: OpenAI


def says(*parts: Any, role: str = "user") -> Any:
    return [{"role": role, "content": list(parts)}]


def image(url: str, **more: Any) -> Any:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def function(**more: Any) -> Any:
    return {"type": "function", "function": {"name": "User", "parameters": USER, **more}}


def call(number: str) -> Any:
    return {"id": number, "type": "function", "function": {"name": "User", "arguments": "{}"}}


OPEN = {"type": "object", "properties": {"a": {"type": "string"}}, "required": []}
ASSISTANT: Any = {"role": "assistant", "content": None, "tool_calls": [call("c1")]}

GOOD_OPENAI: dict[str, dict[str, Any]] = {
    "text": {},
    "strings of parts": {"messages": says({"type": "text", "text": "a"})},
    "image URL": {"messages": says(image("https://example.com/a.jpg", detail="low"))},
    "image data": {"messages": says(image(f"data:image/png;base64,{PNG}"), image(f"data:image/jpeg;base64,{JPEG}"))},
    "audio": {
        "messages": says({"type": "input_audio", "input_audio": {"data": WAV, "format": "wav"}}),
        "modalities": ["text"],
        "audio": {"voice": "alloy", "format": "wav"},
    },
    "pdf": {
        "messages": says(
            {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}}
        )
    },
    "file id": {"messages": says({"type": "file", "file": {"file_id": "file-1"}})},
    "forced tool": {"tools": [TOOL], "tool_choice": FORCED},
    "schema": {"response_format": FORM},
    "json": {"response_format": {"type": "json_object"}, "messages": [{"role": "user", "content": "in JSON"}]},
    "tool history": {
        "messages": [*HELLO, ASSISTANT, {"role": "tool", "tool_call_id": "c1", "content": "no"}, *HELLO],
        "tools": [TOOL],
    },
    "developer": {"messages": [{"role": "developer", "content": "be brief"}, *HELLO], "reasoning_effort": "low"},
    "stream": {"stream": True, "stream_options": {"include_usage": True}},
    "cache": {
        "messages": says({"type": "text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"}})
    },
    "loose tool": {"tools": [function(parameters=OPEN)], "parallel_tool_calls": False},
}

BAD_OPENAI: dict[str, tuple[dict[str, Any], str]] = {
    "no model": ({"model": None}, "model"),
    "no messages": ({"messages": []}, "messages"),
    "unknown key": ({"max_token": 5}, "max_token"),
    "number as text": ({"temperature": "0.5"}, "temperature"),
    "number out of range": ({"temperature": 3}, "temperature"),
    "unknown role": ({"messages": [{"role": "human", "content": "a"}]}, "messages[0]"),
    "content is a number": ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
    "unknown part": (
        {"messages": says({"type": "image", "image_url": {"url": "https://a"}})},
        "messages[0].content[0]",
    ),
    "foreign audio": ({"messages": says({"type": "audio", "audio": "x"})}, "messages[0].content[0]"),
    "image as a string": (
        {"messages": says({"type": "image_url", "image_url": "https://example.com/a.jpg"})},
        "messages[0].content[0].image_url",
    ),
    "extra key in a part": (
        {"messages": says({"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}})},
        "messages[0].content[0].cache_control",
    ),
    "unknown detail": (
        {"messages": says(image("https://a", detail="huge"))},
        "messages[0].content[0].image_url.detail",
    ),
    "image in a system message": ({"messages": says(image("https://a"), role="system")}, "messages[0].content[0].type"),
    "image is a path": ({"messages": says(image("muffin.jpg"))}, "messages[0].content[0].image_url.url"),
    "image type not taken": (
        {"messages": says(image(f"data:image/tiff;base64,{PNG}"))},
        "messages[0].content[0].image_url.url",
    ),
    "image mislabelled": (
        {"messages": says(image(f"data:image/jpeg;base64,{PNG}"))},
        "messages[0].content[0].image_url.url",
    ),
    "image not base64": (
        {"messages": says(image("data:image/png;base64,@@@"))},
        "messages[0].content[0].image_url.url",
    ),
    "audio format": (
        {"messages": says({"type": "input_audio", "input_audio": {"data": WAV, "format": "ogg"}})},
        "messages[0].content[0].input_audio.format",
    ),
    "audio mislabelled": (
        {"messages": says({"type": "input_audio", "input_audio": {"data": WAV, "format": "mp3"}})},
        "messages[0].content[0].input_audio.data",
    ),
    "file without a data URI": (
        {"messages": says({"type": "file", "file": {"file_data": PDF}})},
        "messages[0].content[0].file.file_data",
    ),
    "file of nothing": ({"messages": says({"type": "file", "file": {}})}, "messages[0].content[0].file"),
    "schema without its name": (
        {"response_format": {"type": "json_schema", "json_schema": {"schema": USER}}},
        "response_format.json_schema.name",
    ),
    "schema name": (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "list[User]", "schema": USER}}},
        "response_format.json_schema.name",
    ),
    "strict schema is open": (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": OPEN, "strict": True}}},
        "response_format.json_schema.schema",
    ),
    "flat schema": ({"response_format": {"type": "json_schema", "schema": USER}}, "response_format.json_schema"),
    "json mode unsaid": ({"response_format": {"type": "json_object"}}, "messages"),
    "strict tool is open": (
        {"tools": [function(parameters=OPEN, strict=True)]},
        "tools[0].function.parameters",
    ),
    "flat tool": ({"tools": [{"type": "function", "name": "User", "parameters": USER}]}, "tools[0].function"),
    "claude's tool": ({"tools": [CLAUDE_TOOL]}, "tools[0]"),
    "no tools in tools": ({"tools": []}, "tools"),
    "tool not offered": (
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "Users"}}},
        "tool_choice.function.name",
    ),
    "choice without tools": ({"tool_choice": "required"}, "tool_choice"),
    "claude's choice": ({"tools": [TOOL], "tool_choice": {"type": "tool", "name": "User"}}, "tool_choice"),
    "call not answered": ({"messages": [*HELLO, ASSISTANT, *HELLO], "tools": [TOOL]}, "messages[2]"),
    "answer to nothing": (
        {"messages": [*HELLO, {"role": "tool", "tool_call_id": "c1", "content": "a"}]},
        "messages[1].tool_call_id",
    ),
    "both limits": ({"max_tokens": 5, "max_completion_tokens": 5}, "max_tokens"),
    "stream options alone": ({"stream_options": {"include_usage": True}}, "stream_options"),
}


def post(server: Loopback, body: Any, path: str = "/v1/chat/completions", **headers: str) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx2.post(server.url + path, content=content, headers={"authorization": "Bearer any", **headers})


def ask_gpt(server: Loopback, more: dict[str, Any]) -> httpx2.Response:
    body = {"model": GPT, "messages": HELLO, **more}
    return post(server, {key: value for key, value in body.items() if value is not None})


@pytest.mark.parametrize("name", GOOD_OPENAI)
def test_openai_accepts(server: Loopback, name: str) -> None:
    answer = ask_gpt(server, GOOD_OPENAI[name])
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", BAD_OPENAI)
def test_openai_refuses(server: Loopback, name: str) -> None:
    more, path = BAD_OPENAI[name]
    server.say("still waiting")
    answer = ask_gpt(server, more)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, path), answer.text
    assert server.requests[0].refused
    assert server.pending == 1


# --------------------------------------------------------------------------------------------- the judge: Anthropic


def picture(data: str = PNG, mime: str = "image/png", **more: Any) -> Any:
    return {"type": "image", "source": {"type": "base64", "media_type": mime, "data": data}, **more}


def document(**source: Any) -> Any:
    return {"type": "document", "source": source}


USE: Any = {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "User", "input": {}}]}
RESULT: Any = says({"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "no"}]})
MARK = {"cache_control": {"type": "ephemeral"}}

GOOD_ANTHROPIC: dict[str, dict[str, Any]] = {
    "text": {},
    "system": {"system": [{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]},
    "pictures": {"messages": says(picture(), picture(JPEG, "image/jpeg", **MARK), {"type": "text", "text": "a"})},
    "picture by URL": {"messages": says({"type": "image", "source": {"type": "url", "url": "https://a/b.png"}})},
    "pdf": {"messages": says(document(type="base64", media_type="application/pdf", data=PDF))},
    "text document": {"messages": says(document(type="text", media_type="text/plain", data="a"))},
    "forced tool": {"tools": [CLAUDE_TOOL], "tool_choice": CLAUDE_FORCED},
    "automatic on 5.5": {"tools": [CLAUDE_TOOL], "tool_choice": {"type": "auto"}, "model": "claude-sonnet-5-5"},
    "schema": {"output_config": CLAUDE_FORM},
    "tool history": {"messages": [*HELLO, USE, *RESULT], "tools": [CLAUDE_TOOL]},
    "system message": {"messages": [*HELLO, {"role": "system", "content": "be brief"}]},
    "two users": {"messages": [*HELLO, *HELLO]},
    "thinking": {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2000},
    "server tool": {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
    "stream": {"stream": True},
}

BAD_ANTHROPIC: dict[str, tuple[dict[str, Any], str]] = {
    "no limit": ({"max_tokens": None}, "max_tokens"),
    "limit as text": ({"max_tokens": "100"}, "max_tokens"),
    "no messages": ({"messages": []}, "messages"),
    "temperature": ({"temperature": 1.0}, "temperature"),
    "unknown key": ({"response_format": {"type": "json_object"}}, "response_format"),
    "unknown role": ({"messages": [{"role": "tool", "content": "a"}]}, "messages.0"),
    "empty message": ({"messages": [{"role": "user", "content": ""}]}, "messages.0.content"),
    "empty text": ({"messages": says({"type": "text", "text": ""})}, "messages.0.content.0.text"),
    "audio": ({"messages": says({"type": "audio", "source": "x"})}, "messages.0.content.0"),
    "openai's image": ({"messages": says(image("https://a"))}, "messages.0.content.0"),
    "source is a string": ({"messages": says({"type": "image", "source": "https://a"})}, "messages.0.content.0.source"),
    "image type not taken": ({"messages": says(picture(mime="image/tiff"))}, "messages.0.content.0.source.media_type"),
    "image mislabelled": ({"messages": says(picture(mime="image/jpeg"))}, "messages.0.content.0.source.data"),
    "image not base64": ({"messages": says(picture("@@"))}, "messages.0.content.0.source.data"),
    "image as a data URI": (
        {"messages": says(picture(f"data:image/png;base64,{PNG}"))},
        "messages.0.content.0.source.data",
    ),
    "image inside a result": (
        {
            "messages": [
                *HELLO,
                USE,
                *says({"type": "tool_result", "tool_use_id": "t1", "content": [picture(JPEG)]}),
            ],
            "tools": [CLAUDE_TOOL],
        },
        "messages.2.content.0.content.0.source.data",
    ),
    "pdf is a picture": (
        {"messages": says(document(type="base64", media_type="application/pdf", data=PNG))},
        "messages.0.content.0.source.data",
    ),
    "document of html": (
        {"messages": says(document(type="text", media_type="text/html", data="a"))},
        "messages.0.content.0.source.media_type",
    ),
    "mark is true": ({"messages": says(picture(cache_control=True))}, "messages.0.content.0.cache_control"),
    "mark of another time": (
        {"messages": says(picture(cache_control={"type": "ephemeral", "ttl": "2h"}))},
        "messages.0.content.0.cache_control.ttl",
    ),
    "five marks": (
        {"system": [{"type": "text", "text": "a", **MARK}], "messages": says(*[picture(**MARK)] * 4)},
        "messages.0.content.3.cache_control",
    ),
    "tool without a schema": ({"tools": [{"name": "User"}]}, "tools.0.input_schema"),
    "openai's tool": ({"tools": [TOOL]}, "tools.0"),
    "tool of a list": ({"tools": [{"name": "U", "input_schema": {"type": "array"}}]}, "tools.0.input_schema.type"),
    "tool name": ({"tools": [{"name": "list[User]", "input_schema": USER}]}, "tools.0.name"),
    "twin tools": ({"tools": [CLAUDE_TOOL, CLAUDE_TOOL]}, "tools.1.name"),
    "strict tool is open": ({"tools": [{"name": "U", "input_schema": OPEN, "strict": True}]}, "tools.0.input_schema"),
    "choice without tools": ({"tool_choice": {"type": "any"}}, "tool_choice"),
    "tool not offered": ({"tools": [CLAUDE_TOOL], "tool_choice": {"type": "tool", "name": "U"}}, "tool_choice.name"),
    "openai's choice": ({"tools": [CLAUDE_TOOL], "tool_choice": "required"}, "tool_choice"),
    "forced on 5.5": (
        {"tools": [CLAUDE_TOOL], "tool_choice": CLAUDE_FORCED, "model": "claude-opus-5-5"},
        "tool_choice",
    ),
    "open schema": (
        {"output_config": {"format": {"type": "json_schema", "schema": OPEN}}},
        "output_config.format.schema",
    ),
    "named schema": (
        {"output_config": {"format": {"type": "json_schema", "schema": USER, "name": "User"}}},
        "output_config.format.name",
    ),
    "use not answered": ({"messages": [*HELLO, USE, *HELLO], "tools": [CLAUDE_TOOL]}, "messages.2"),
    "result of nothing": ({"messages": RESULT}, "messages.0.content.0.tool_use_id"),
    "document from the assistant": (
        {
            "messages": [
                *HELLO,
                *says(document(type="text", media_type="text/plain", data="a"), role="assistant"),
                *HELLO,
            ]
        },
        "messages.1.content.0",
    ),
    "little to think": (
        {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 1024},
        "thinking.budget_tokens",
    ),
}


def ask_claude(server: Loopback, more: dict[str, Any], version: str = "2026-10-21") -> httpx2.Response:
    body = {"model": CLAUDE, "max_tokens": 100, "messages": HELLO, **more}
    content = {key: value for key, value in body.items() if value is not None}
    return post(server, content, "/v1/messages", **{"anthropic-version": version})


@pytest.mark.parametrize("name", GOOD_ANTHROPIC)
def test_anthropic_accepts(server: Loopback, name: str) -> None:
    answer = ask_claude(server, GOOD_ANTHROPIC[name])
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", BAD_ANTHROPIC)
def test_anthropic_refuses(server: Loopback, name: str) -> None:
    more, path = BAD_ANTHROPIC[name]
    answer = ask_claude(server, more)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"].startswith(f"{path}: "), answer.text
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert (server.requests[0].refused or "").startswith(f"{path}: ")


def test_anthropic_versions(server: Loopback) -> None:
    assert ask_claude(server, {"temperature": 0.5}, version="2023-06-01").status_code == 200
    assert "anthropic-version" in ask_claude(server, {}, version="").json()["error"]["message"]
    assert ask_claude(server, {}, version="2020-01-01").status_code == 400
    large = says(picture(base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(26_000_000)).decode()))
    assert ask_claude(server, {"messages": large}).status_code == 413


def test_tables_are_as_long_as_they_should_be() -> None:
    assert min(len(BAD_OPENAI), len(BAD_ANTHROPIC)) >= 17
    assert min(len(GOOD_OPENAI), len(GOOD_ANTHROPIC)) >= 9


def test_validation_can_be_loosened_and_switched_off() -> None:
    with Loopback(allow={"top_k", "temperature"}) as server:
        assert server.validates
        assert ask_gpt(server, {"top_k": 5}).status_code == 200
        assert ask_gpt(server, {"top_j": 5}).status_code == 400
        assert ask_claude(server, {"top_k": 5, "temperature": 1}).status_code == 200
    with Loopback(validate=False) as server:
        assert not server.validates
        assert ask_gpt(server, {"top_j": 5}).status_code == 200


def test_without_the_sdk_the_rules_still_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with Loopback() as server:
        assert not server.validates
        assert ask_gpt(server, {"max_token": 5}).status_code == 200
        assert ask_gpt(server, {"messages": []}).json()["error"]["param"] == "messages"
        assert "malformed" in ask_gpt(server, {"messages": [5]}).json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/v1/chat/completions", {"authorization": ""}, {}, 401),
        ("/v1/chat/completions", {"authorization": "Bearer"}, {}, 401),
        ("/v1/messages", {"authorization": "", "x-api-key": ""}, {}, 401),
        ("/v1/messages", {"authorization": "", "x-api-key": "k"}, {}, 400),
        ("/v1/completions", {}, {}, 404),
        ("/v1/messages/count", {}, {}, 404),
        ("/v1/chat/completions", {}, b"{", 400),
        ("/v1/chat/completions", {}, b"[]", 400),
    ],
)
def test_refused_at_the_door(server: Loopback, path: str, headers: Any, body: Any, status: int) -> None:
    answer = post(server, body, path, **headers)
    assert answer.status_code == status
    assert ("type" in answer.json()) == path.startswith("/v1/messages")
    assert server.requests[0].refused == server.requests[-1].refused is not None


def test_a_key_is_not_asked_for_where_there_is_none() -> None:
    with Loopback(keyless=True) as server:
        answer = httpx2.post(f"{server.openai_url}/chat/completions", json={"model": "m", "messages": HELLO})
        assert answer.status_code == 200


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
    chunks = []
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


# ----------------------------------------------------------------------------------------------------------- samples

NODE: Any = {
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
            },
            "required": ["name", "next"],
        }
    },
    "$ref": "#/$defs/Node",
}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"enum": ["a", "b"]}, "a"),
        ({"const": 5}, 5),
        ({"type": "string", "format": "date"}, "2024-01-31"),
        ({"type": "string", "minLength": 10}, "example ex"),
        ({"type": "string", "maxLength": 3}, "exa"),
        ({"type": "string", "pattern": r"^[A-Z]{3}-\d+$"}, "AAA-0"),
        ({"type": "integer", "minimum": 18}, 18),
        ({"type": "integer", "maximum": -5}, -5),
        ({"type": "integer", "exclusiveMinimum": 0, "multipleOf": 5}, 5),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"type": "number", "minimum": 0, "maximum": 1}, 0),
        ({"type": "boolean"}, True),
        ({"type": ["null", "integer"]}, 1),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True}, [1, 2, 3]),
        ({"type": "array", "items": {"type": "integer"}, "maxItems": 0}, []),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}, ["example", 1]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"key 1": 1}),
        ({"allOf": [{"type": "object", "properties": {"a": {"type": "null"}}}]}, {"a": None}),
        ({}, "example"),
    ],
)
def test_samples(schema: Any, value: Any) -> None:
    assert sample(schema) == value


class Kind(Enum):
    A = "a"
    B = "b"


class Line(BaseModel):
    what: str = Field(min_length=3, max_length=5)
    price: Decimal = Field(gt=0, le=100)
    tags: set[str] = Field(min_length=2)


class Order(BaseModel):
    number: str = Field(pattern=r"^[A-Z]{2}\d{4}$")
    day: date
    at: datetime | None
    lasts: timedelta
    ident: UUID
    link: AnyUrl
    kind: Kind
    word: Literal["x", "y"]
    lines: list[Line] = Field(min_length=2, max_length=3)
    pair: tuple[int, str]
    notes: dict[str, int]
    either: Line | int
    again: Order | None = None


def test_samples_of_models_are_valid() -> None:

    Order.model_validate(sample(Order.model_json_schema()))


def test_recursive_samples_end() -> None:
    value = sample(NODE)
    assert value["children"][0]["name"] == "example name"
    assert "null" in json.dumps(value)
    assert sample({"$ref": "#/$defs/A", "$defs": {"A": {"type": "object", "properties": {}}}}) == {}
