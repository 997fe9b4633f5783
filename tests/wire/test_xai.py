"""xAI: its own tables over OpenAI's dialect, judged; and the same request as gRPC's message."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from instructor import PDF, Audio, Document, Image, Mode
from instructor.adapter import choose
from instructor.errors import RequestError, UnsupportedMedia
from instructor.ir import Counted, Usage
from instructor.output import XAI, render, target
from instructor.providers.xai import provider
from instructor.providers.xai_sdk import _settings
from tests.wire.hosted import judged, posted, refusal
from tests.wire.sending import GIF, PAPER, PNG, WAV, User, b64

PATH = "/xai/v1/chat/completions"
GROK = "grok-4"
ADAPTER = provider.adapter


def sent(messages: Any, **options: Any) -> Any:
    return posted("xai", messages, model=GROK, **options)[1]


def test_a_picture() -> None:
    (message,) = sent(["Who?", Image.from_bytes(PNG, detail="low"), Image.from_url("https://x.com/a.png")])["messages"]
    assert message["content"][1] == {
        "type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64(PNG)}", "detail": "low"},
    }  # fmt: skip
    assert message["content"][2]["image_url"] == {"url": "https://x.com/a.png"}


def test_a_document_is_text() -> None:
    (message,) = sent(["Sum up.", Document.from_bytes(b"x", name="n.md")])["messages"]
    assert message["content"][1]["text"] == "n.md:\n\nx"


def test_no_sound() -> None:
    with pytest.raises(UnsupportedMedia, match="xai takes no Audio"):
        sent(["x", Audio.from_bytes(WAV)])
    assert PDF not in ADAPTER.media


class Node(BaseModel):
    """It may hold itself."""

    name: str
    next: Node | None = None


class Rich(BaseModel):
    """Much of what xAI enforces."""

    count: int = Field(ge=1, lt=9)
    code: str = Field(pattern="^[a-z]+$", max_length=9)
    odd: str = Field(pattern=r"\ba")
    tags: dict[str, int]
    kind: Literal["a", "b"]
    note: str | None = None


@pytest.mark.parametrize(
    ("kind", "mode"),
    [(User, Mode.JSON_SCHEMA), (Rich, Mode.JSON_SCHEMA), (Node, Mode.JSON), (list[User], Mode.JSON_SCHEMA)],
)
def test_the_mode(kind: Any, mode: Mode) -> None:
    assert choose(ADAPTER, GROK, None, target(kind))[0] is mode


def test_the_schema_keeps_what_is_enforced() -> None:
    schema = render(target(Rich), XAI).schema
    places = schema["properties"]
    assert places["count"] == {"type": "integer", "minimum": 1, "exclusiveMaximum": 9}
    assert (places["code"]["pattern"], places["code"]["maxLength"]) == ("^[a-z]+$", 9)
    assert "pattern" not in places["odd"]
    assert "\\ba" in places["odd"]["description"]
    assert places["tags"]["additionalProperties"] == {"type": "integer"}
    assert "note" not in schema["required"]


@pytest.mark.parametrize("mode", list(Mode)[:4])
def test_every_mode_passes_the_judge(mode: Mode) -> None:
    assert sent("hi", response_model=User, mode=mode)


PASSED = {"temperature": 0.5, "seed": 7, "stop": ["x"], "max_tokens": 9, "reasoning_effort": "low", "user": "u"}


def test_parameters() -> None:
    body = sent("hi", **PASSED, deferred=True)
    assert {key: body[key] for key in PASSED} == PASSED
    assert body["deferred"] is True


@pytest.mark.parametrize(("given", "words"), [
    ({"metadata": {"a": "b"}}, "keeps nothing"), ({"top_k": 3}, "top_p"), ({"verbosity": "low"}, "knows no parameter"),
])  # fmt: skip
def test_refused(given: Any, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        sent("hi", **given)


def test_output_is_all_that_is_not_input() -> None:
    usage = {
        "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 35,
        "completion_tokens_details": {"reasoning_tokens": 20}, "prompt_tokens_details": {"cached_tokens": 4},
    }  # fmt: skip
    expected = Usage(10, 25, 4, 0, 20)
    choice = {"message": {"content": "x"}, "finish_reason": "stop"}
    assert ADAPTER.decode({"choices": [choice], "usage": usage}).usage == expected
    assert list(ADAPTER.deltas({"choices": [], "usage": usage})) == [Counted(expected)]


# ── gRPC ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_request_as_a_message() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"x": 1}'}}
    messages = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": ["look", Image.from_bytes(PNG, detail="high")]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "42"},
    ]
    look = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
    settings = _settings(sent(messages, response_model=User, mode=Mode.TOOLS, tools=[look], **PASSED))
    system, user, assistant, tool = settings["messages"]
    assert system.content[0].text == "s"
    assert user.content[1].image_url.image_url == f"data:image/png;base64,{b64(PNG)}"
    assert user.content[1].image_url.detail == 3
    assert (assistant.tool_calls[0].id, assistant.tool_calls[0].function.arguments) == ("c1", '{"x": 1}')
    assert (tool.tool_call_id, tool.content[0].text) == ("c1", "42")
    assert [each.function.name for each in settings["tools"]] == ["look", "User"]
    assert settings["tools"][1].function.strict
    assert json.loads(settings["tools"][1].function.parameters)["required"] == ["name", "age"]
    assert settings["tool_choice"] == "required"
    assert {key: settings[key] for key in PASSED} == PASSED


def test_forms_and_choices() -> None:
    settings = _settings(sent("hi", response_model=User))
    assert json.loads(settings["response_format"].schema)["required"] == ["name", "age"]
    assert _settings(sent("hi", response_model=User, mode=Mode.JSON))["response_format"] == "json_object"
    assert _settings(sent("hi", response_model=User, mode=Mode.TOOLS))["tool_choice"].function_name == "User"


@pytest.mark.parametrize("given", [{"deferred": True}, {"n": 2}, {"logit_bias": {"1": 2}}])
def test_what_grpc_does_not_have(given: Any) -> None:
    with pytest.raises(RequestError, match="use from_provider"):
        _settings(sent("hi", **given))


# ── the judge ────────────────────────────────────────────────────────────────────────────────────

NODE = {"$ref": "#/$defs/N", "$defs": {"N": {"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}}}}


def form(schema: Any) -> Any:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}}


@pytest.mark.parametrize(("more", "words"), [
    (form(NODE), "lead back to itself"), (form({"type": "object", "properties": {"a": {"enum": []}}}), "must not be empty"),
    (form({"type": "object", "properties": {"a": {"minContains": 1}}}), "not supported"),
    ({"metadata": {"a": "b"}}, "not a parameter"), ({"brand_new": 1}, "brand_new"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {
        "url": f"data:image/gif;base64,{b64(GIF)}"}}]}]}, "image/gif"),
    ({"messages": [{"role": "user", "content": [{"type": "file", "file": {
        "file_data": f"data:application/pdf;base64,{b64(PAPER)}"}}]}]}, "not a part"),
])  # fmt: skip
def test_the_judge_refuses(more: Any, words: str) -> None:
    body = {"model": GROK, "messages": [{"role": "user", "content": "hi"}], **more}
    assert words in (refusal("xai", PATH, body) or "nothing")


def test_the_judge_lets_good_requests_pass() -> None:
    assert judged("xai", PATH, {"model": GROK, "messages": [{"role": "user", "content": "hi"}]})
