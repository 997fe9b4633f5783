"""Mistral: neutral requests and replies ⇄ its JSON, judged by the SDK's own types and the API's known refusals."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from mistralai.client.chat import Chat
from mistralai.client.models import ChatCompletionRequest

from instructor import PDF, Audio, Image, Mode
from instructor.errors import (
    AuthenticationError,
    BadRequest,
    ContextOverflow,
    MediaTooLarge,
    MessageError,
    ModeError,
    PermissionDenied,
    ProtocolError,
    ProviderError,
    RequestError,
    ServerError,
)
from instructor.ir import (
    CallDelta,
    Counted,
    Message,
    Native,
    Reasoning,
    ReasoningDelta,
    Request,
    Stopped,
    Text,
    TextDelta,
    ToolCall,
    ToolResult,
    Usage,
)
from instructor.providers.mistral import PARAMETERS, provider
from instructor.testing.dialect import Asked
from instructor.testing.mistral_chat import DIALECT
from instructor.testing.oracle import judge
from tests.wire.sending import PAPER, PNG, User, b64, judged, wire_of

MODEL = "mistral-small-latest"
ADAPTER = provider.adapter


def body_of(messages: Any, **options: Any) -> Any:
    return wire_of("mistral", messages, **{"model": MODEL, **options})


def encoded(*messages: Message, **params: Any) -> Any:
    return judged("mistral", ADAPTER.encode(Request(MODEL, messages, params=params)))


# ── parameters ───────────────────────────────────────────────────────────────────────────────────


def test_the_parameters_are_those_of_the_sdk() -> None:
    fields = set(ChatCompletionRequest.model_fields) - {"model", "messages", "stream"}
    assert fields == PARAMETERS.takes
    arguments = set(inspect.signature(Chat.complete).parameters) - {"self", "model", "messages", "stream"}
    assert arguments - fields == {"retries", "server_url", "timeout_ms", "http_headers"}


def test_parameters_are_renamed() -> None:
    body = body_of("hi", max_completion_tokens=9, seed=7, stop_sequences=["x"], top_p=0.5, temperature=None)
    del body["messages"], body["model"], body["stream"]
    assert body == {"max_tokens": 9, "random_seed": 7, "stop": ["x"], "top_p": 0.5}


@pytest.mark.parametrize("name", ["logit_bias", "thinking", "system", "user", "brand_new", "stream_options"])
def test_what_the_api_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(RequestError, match=name):
        body_of("hi", **{name: 1})


def test_two_names_of_one_parameter_are_refused() -> None:
    with pytest.raises(RequestError, match="random_seed"):
        body_of("hi", seed=1, random_seed=2)


# ── modes ────────────────────────────────────────────────────────────────────────────────────────


def test_a_schema_is_enforced() -> None:
    body = body_of("hi", response_model=User)
    form = body["response_format"]["json_schema"]
    assert (form["name"], form["strict"], form["description"]) == ("User", True, "A person.")
    assert form["schema"]["additionalProperties"] is False
    assert "tools" not in body


def test_a_tool_is_forced_by_its_name_alone_and_one_of_several_beside_others() -> None:
    body = body_of("hi", response_model=User, mode=Mode.TOOLS)
    assert body["tool_choice"] == {"type": "function", "function": {"name": "User"}}
    assert body["tools"][0]["function"]["strict"] is True
    look = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
    body = body_of("hi", response_model=User, tools=[look], tool_choice="auto")
    assert body["tool_choice"] == "any"
    assert "response_format" not in body


def test_a_response_format_is_not_sent_beside_our_tool() -> None:
    with pytest.raises(RequestError, match="no response_format beside tools"):
        body_of("hi", response_model=User, mode=Mode.TOOLS, response_format={"type": "text"})


def test_mamba_takes_words_only() -> None:
    body = body_of("hi", response_model=User, model="codestral-mamba-latest")
    assert "response_format" not in body
    assert "```json" in body["messages"][0]["content"]
    with pytest.raises(ModeError, match="MD_JSON"):
        body_of("hi", response_model=User, model="codestral-mamba-latest", mode=Mode.TOOLS)


# ── messages ─────────────────────────────────────────────────────────────────────────────────────


def test_media() -> None:
    parts = body_of(
        [
            {
                "role": "user",
                "content": [
                    Image.from_url("https://e.org/a.png", detail="high"),
                    Image.from_bytes(PNG),
                    PDF.from_bytes(PAPER, name="a.pdf"),
                    PDF.from_file_id("f-1"),
                    Audio.from_url("https://e.org/a.mp3"),
                ],
            }
        ]
    )["messages"][0]["content"]
    assert parts == [
        {"type": "image_url", "image_url": {"url": "https://e.org/a.png", "detail": "high"}},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64(PNG)}"}},
        {"type": "document_url", "document_url": f"data:application/pdf;base64,{b64(PAPER)}", "document_name": "a.pdf"},
        {"type": "file", "file_id": "f-1"},
        {"type": "input_audio", "input_audio": "https://e.org/a.mp3"},
    ]


def test_parts_in_the_apis_own_form_pass_as_they_are() -> None:
    own = [
        {"type": "document_url", "document_url": "https://e.org/a.pdf"},
        {"type": "file", "file_id": "f-1"},
        {"type": "input_audio", "input_audio": "https://e.org/a.mp3"},
        {"type": "image_url", "image_url": "https://e.org/a.png"},
    ]
    parts = body_of([{"role": "user", "content": own}])["messages"][0]["content"]
    assert parts[:3] == own[:3]
    assert parts[3] == {"type": "image_url", "image_url": {"url": "https://e.org/a.png"}}


def test_nine_images_are_too_many() -> None:
    nine = [Image.from_url(f"https://e.org/{i}.png") for i in range(9)]
    assert len(body_of(nine[:8])["messages"][0]["content"]) == 8
    with pytest.raises(
        MediaTooLarge, match=r"mistral \(.*\) takes 8 Images in a request, and this one has 9 "
    ) as failed:
        body_of(nine)
    assert (failed.value.limit, failed.value.actual) == (8, 9)


def test_media_stand_with_the_user_and_in_tool_results() -> None:
    for role in ("system", "assistant"):
        with pytest.raises(MessageError, match="user messages and tool results only"):
            body_of([{"role": role, "content": [Image.from_bytes(PNG)]}, {"role": "user", "content": "x"}])


def test_ids_of_other_providers_calls_are_replaced_the_same_everywhere() -> None:
    call = ToolCall("call_PTLP8xhu3uwZk4l3nlnrrJha", "look", "{}")
    body = encoded(
        Message("user", (Text("x"),)),
        Message("assistant", (call, ToolCall("abcDEF123", "look", "{}"))),
        Message("tool", (ToolResult(call.id, (Text("1"),)), ToolResult("abcDEF123", (Text("2"),)))),
    )
    _, assistant, one, two = body["messages"]
    ids = [call["id"] for call in assistant["tool_calls"]]
    assert [one["tool_call_id"], two["tool_call_id"]] == ids
    assert ids[1] == "abcDEF123"
    assert re.fullmatch("[a-z0-9]{9}", ids[0])


def test_thoughts_go_back_as_they_came_and_others_stay_away() -> None:
    chunk = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}], "signature": "s"}
    mine, other = Reasoning("hm", ("mistral", chunk)), Reasoning("hm", ("anthropic", {"type": "thinking"}))
    body = encoded(
        Message("user", (Text("x"),)), Message("assistant", (mine, other, Text("a"))), Message("user", (Text("y"),))
    )
    assert body["messages"][1]["content"] == [chunk, {"type": "text", "text": "a"}]
    again = body_of([{"role": "user", "content": "x"}, body["messages"][1], {"role": "user", "content": "y"}])
    assert again["messages"][1] == body["messages"][1]


def test_keys_that_messages_do_not_have_are_refused() -> None:
    with pytest.raises(MessageError, match="user messages have no name"):
        body_of([{"role": "user", "content": "x", "name": "n"}])
    assert body_of([{"role": "developer", "content": "x"}, {"role": "user", "content": "y"}])["messages"][0] == {
        "role": "system",
        "content": "x",
    }


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def answer(message: dict[str, Any], finish: str = "stop", **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", **message}}
    return {"id": "i", "object": "chat.completion", "model": MODEL, "created": 1, "choices": [choice], **more}


def test_an_answer() -> None:
    usage = {
        "prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12, "prompt_tokens_details": {"cached_tokens": 4},
    }  # fmt: skip
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "h"}, {"type": "text", "text": "m"}]}
    newer = {"type": "hologram", "x": 1}
    reply = ADAPTER.decode(
        answer(
            {
                "content": [thought, {"type": "text", "text": "a"}, newer, {"type": "UNKNOWN", "raw": newer}],
                "tool_calls": [
                    {"id": "abcdefghi", "function": {"name": "f", "arguments": {"x": "é"}}},
                    {"id": "abcdefghj", "function": {"name": "g", "arguments": '{"y": 1}'}},
                ],
            },
            "tool_calls",
            usage=usage,
        )
    )
    assert reply.parts == (
        Reasoning("hm", ("mistral", thought)),
        Text("a"),
        Native("mistral", newer),
        Native("mistral", newer),
        ToolCall("abcdefghi", "f", '{"x": "é"}'),
        ToolCall("abcdefghj", "g", '{"y": 1}'),
    )
    assert (reply.finish, reply.usage, reply.model, reply.id) == ("tools", Usage(9, 3, cache_read=4), MODEL, "i")


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("stop", "stop"), ("length", "length"), ("model_length", "length"), ("tool_calls", "tools"), ("new", "other")],
)
def test_reasons_to_stop(reason: str, finish: str) -> None:
    assert ADAPTER.decode(answer({"content": "x"}, reason)).finish == finish


def test_an_answer_that_failed() -> None:
    with pytest.raises(ServerError, match="broke off"):
        ADAPTER.decode(answer({"content": "x"}, "error"))
    for wire in ({}, {"choices": []}, {"choices": [{}]}, {"choices": ["x"]}):
        with pytest.raises(ProtocolError):
            ADAPTER.decode(wire)
    with pytest.raises(ProviderError, match="fell over"):
        ADAPTER.decode({"object": "error", "message": "fell over"})


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": "i", "model": MODEL, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def test_deltas() -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "h"}]}
    calls = [
        {"id": "a", "function": {"name": "f", "arguments": ""}, "index": 0},
        {"id": "b", "function": {"name": "g", "arguments": {"x": 1}}},
    ]
    events = [
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": [thought, {"type": "text", "text": "a"}]}),
        chunk({"content": "b"}),
        chunk({"tool_calls": calls}),
        chunk({"tool_calls": [{"function": {"name": "", "arguments": "{}"}, "index": 0}]}),
        chunk({"content": ""}, "tool_calls", usage={"prompt_tokens": 1, "completion_tokens": 2}),
        {"choices": []},
    ]
    assert [delta for event in events for delta in ADAPTER.deltas(event)] == [
        ReasoningDelta("h"),
        TextDelta("a"),
        TextDelta("b"),
        CallDelta(0, "a", "f", ""),
        CallDelta(1, "b", "g", '{"x": 1}'),
        CallDelta(0, "", "", "{}"),
        Counted(Usage(1, 2)),
        Stopped("tools"),
    ]
    with pytest.raises(ProviderError, match="fell over"):
        list(ADAPTER.deltas({"object": "error", "message": "fell over"}))


# ── errors ───────────────────────────────────────────────────────────────────────────────────────

DETAIL = [{"type": "missing", "loc": ["body", "model"], "msg": "Field required", "input": {}}]


@pytest.mark.parametrize(
    ("status", "body", "kind", "words", "code"),
    [
        (401, {"detail": "Unauthorized"}, AuthenticationError, "Unauthorized", None),
        (
            403,
            {"object": "error", "message": "blocked", "type": "moderation"},
            PermissionDenied,
            "blocked",
            "moderation",
        ),
        (400, {"object": "error", "message": "no", "type": "t", "code": "3280"}, BadRequest, "no", "3280"),
        (422, {"detail": DETAIL}, BadRequest, "body.model: Field required", None),
        (422, {"object": "error", "message": {"detail": DETAIL}}, BadRequest, "body.model: Field required", None),
        (400, {"message": "too large for model with 32768 maximum context length"}, ContextOverflow, "32768", None),
        (500, "oops", ServerError, "oops", None),
        (502, "<html>x</html>", ServerError, "HTML", None),
        (500, {}, ServerError, "no message", None),
    ],
)
def test_error_bodies(status: int, body: Any, kind: type[ProviderError], words: str, code: str | None) -> None:
    error = ADAPTER.error(status, body)
    assert type(error) is kind
    assert words in error.message
    assert (error.status, error.code, error.provider, error.body) == (status, code, "mistral", body)


# ── the judge ────────────────────────────────────────────────────────────────────────────────────

GOOD: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "json"}]}
CALLS = {
    "role": "assistant",
    "tool_calls": [{"id": "abcdefghi", "function": {"name": "f", "arguments": "{}"}}],
}
TOOL = {"role": "tool", "tool_call_id": "abcdefghi", "content": "1"}


@pytest.mark.parametrize(
    "bad",
    [
        {"seed": 1},
        {"tool_choice": "never"},
        {"temperature": 3.0},
        {"messages": []},
        {"messages": [{"role": "user", "content": [{"type": "audio"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "x"}}]}]},
        {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": "data:audio/wav;base64,"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "cat.png"}}]}]},
        {"messages": [{"role": "user", "content": [{"type": "document_url", "document_url": "data:text/plain,x"}]}]},
        {"messages": [{"role": "user", "content": "x", "name": "n"}]},
        {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]},
        {"messages": [{"role": "user", "content": "x"}, CALLS]},
        {"messages": [{"role": "user", "content": "x"}, CALLS, TOOL, {"role": "user", "content": "y"}]},
        {"messages": [{"role": "user", "content": "x"}, CALLS, {**TOOL, "tool_call_id": "call_1"}]},
        {"response_format": {"type": "json_schema"}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema_definition": {}}}},
        {"response_format": {"type": "json_object"}, "messages": [{"role": "user", "content": "x"}]},
        {
            "response_format": {"type": "json_object"},
            "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
        },
        {"tool_choice": {"type": "function", "function": {"name": "f"}}},
        {"stream": "yes"},
    ],
)
def test_the_judge_refuses(bad: dict[str, Any]) -> None:
    assert judge(DIALECT, Asked(GOOD)) is None
    assert judge(DIALECT, Asked({**GOOD, **bad})) is not None
