"""What the loopback server accepts and refuses: tables of bodies, each wrong one with the path of what is wrong."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from instructor.testing import Loopback

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
    JPEG,
    PDF,
    PNG,
    TOOL,
    USER,
    WAV,
    ask_claude,
    ask_gpt,
    image,
    post,
    says,
)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


# ------------------------------------------------------------------------------------------------ the judge: OpenAI


def function(**more: Any) -> Any:
    return {"type": "function", "function": {"name": "User", "parameters": USER, **more}}


def call(number: str) -> Any:
    return {"id": number, "type": "function", "function": {"name": "User", "arguments": "{}"}}


OPEN = {"type": "object", "properties": {"a": {"type": "string"}}, "required": []}
CLOSED = {"type": "object", "required": ["a"], "additionalProperties": False}
MIXED = {**CLOSED, "properties": {"a": {"allOf": [{"type": "string"}]}}}
BOUNDED = {**CLOSED, "properties": {"a": {"type": "integer", "minimum": 1}}}
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
    "strict schema of another subset": (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": MIXED}}},
        "response_format.json_schema.schema.properties.a.allOf",
    ),
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


def picture(data: Any = PNG, mime: Any = "image/png", **more: Any) -> Any:
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
    "schema with bounds": (
        {"output_config": {"format": {"type": "json_schema", "schema": BOUNDED}}},
        "output_config.format.schema.properties.a.minimum",
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
        for odd in ({"messages": None}, {"messages": [5]}, {"model": None, "tools": 7}):
            assert ask_gpt(server, odd).status_code == 200
            assert ask_claude(server, odd).status_code == 200


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


def test_the_sdks_replays_are_accepted(server: Loopback) -> None:
    """What a model said goes back as the SDK's own objects."""
    with openai.OpenAI(base_url=server.openai_url, api_key="any", max_retries=0) as gpt:
        said = gpt.chat.completions.create(model=GPT, messages=HELLO, tools=[TOOL]).choices[0].message
        answer = {"role": "tool", "tool_call_id": (said.tool_calls or [])[0].id, "content": "done"}
        messages: Any = [*HELLO, said, answer]
        gpt.chat.completions.create(model=GPT, messages=messages, tools=[TOOL])
    server.call(("User", JASON), text="so")
    with anthropic.Anthropic(base_url=server.anthropic_url, api_key="any", max_retries=0) as claude:
        more: Any = {"model": CLAUDE, "max_tokens": 9, "tools": [CLAUDE_TOOL]}
        content = claude.messages.create(messages=HELLO, **more).content
        result = {"type": "tool_result", "tool_use_id": content[1].id, "content": "done"}
        replay = [*HELLO, {"role": "assistant", "content": content}, {"role": "user", "content": [result]}]
        claude.messages.create(messages=replay, **more)
    assert [request.refused for request in server.requests] == [None] * 4
