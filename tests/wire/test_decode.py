"""The SDKs' own answer objects → neutral replies, row by row."""

from __future__ import annotations

from typing import Any

import pytest
from anthropic.types import Message
from openai.types.chat import ChatCompletion

from instructor.errors import ProtocolError
from instructor.ir import Native, Reasoning, Reply, Text, ToolCall, Usage
from instructor.providers.anthropic.codec import AnthropicMessages
from instructor.providers.openai import OpenAIChat


def completion(message: dict[str, Any], finish: str = "stop", **more: Any) -> dict[str, Any]:
    """A `ChatCompletion`, through the SDK's own type, as JSON."""
    choice = {"index": 0, "finish_reason": finish, "logprobs": None}
    base = {"id": "x", "object": "chat.completion", "created": 1, "model": "m"}
    wire = {**base, "choices": [{**choice, "message": {"role": "assistant", "content": None, **message}}], **more}
    dumped: dict[str, Any] = ChatCompletion.model_validate(wire).model_dump(
        mode="json", exclude_unset=True, warnings=False
    )
    return dumped


def claude(content: Any, stop: str | None = "end_turn", **more: Any) -> dict[str, Any]:
    """A `Message`, through the SDK's own type, as JSON."""
    base = {"id": "x", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
    wire = {**base, "content": content, "stop_reason": stop, "usage": {"input_tokens": 0, "output_tokens": 0}, **more}
    dumped: dict[str, Any] = Message.construct(**wire).model_dump(mode="json", exclude_unset=True, warnings=False)
    return dumped


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}

OPENAI: dict[str, tuple[dict[str, Any], Reply]] = {
    "text": (completion({"content": "hi"}), Reply((Text("hi"),), "stop", model="m", id="x")),
    "nothing": (completion({"content": ""}), Reply((), "stop", model="m", id="x")),
    "a call": (
        completion({"tool_calls": [CALL]}, "tool_calls"),
        Reply((ToolCall("c1", "f", '{"x": 1}'),), "tools", model="m", id="x"),
    ),
    "text and calls": (
        completion({"content": "so", "tool_calls": [CALL, {**CALL, "id": "c2"}]}, "tool_calls"),
        Reply((Text("so"), ToolCall("c1", "f", '{"x": 1}'), ToolCall("c2", "f", '{"x": 1}')), "tools", model="m", id="x"),
    ),
    "a forced call": (
        completion({"tool_calls": [CALL]}, "stop"),
        Reply((ToolCall("c1", "f", '{"x": 1}'),), "stop", model="m", id="x"),
    ),
    "a custom call is no function": (
        completion({"tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "f", "input": "x"}}]}, "tool_calls"),
        Reply((), "tools", model="m", id="x"),
    ),
    "cut off": (completion({"content": "h"}, "length"), Reply((Text("h"),), "length", model="m", id="x")),
    "filtered": (completion({"content": None}, "content_filter"), Reply((), "filter", model="m", id="x")),
    "refused": (completion({"refusal": "no"}), Reply((), "refusal", model="m", id="x", refusal="no")),
    "usage": (
        completion(
            {"content": "hi"},
            usage={
                "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
                "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 5, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 8},
            },
        ),
        Reply((Text("hi"),), "stop", Usage(100, 20, 60, 5, 8), model="m", id="x"),
    ),
    "bare usage": (
        completion({"content": "hi"}, usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}),
        Reply((Text("hi"),), "stop", Usage(1, 2), model="m", id="x"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("wire", "reply"), OPENAI.values(), ids=OPENAI)
def test_openai(wire: dict[str, Any], reply: Reply) -> None:
    assert OpenAIChat().decode(wire) == reply


def test_unknown_reasons_are_other() -> None:
    wire = completion({"content": "hi"})
    for reason in ("abort", None):
        wire["choices"][0]["finish_reason"] = reason
        assert OpenAIChat().decode(wire).finish == "other"
    assert AnthropicMessages().decode(claude([], "pause_turn")).finish == "other"
    assert AnthropicMessages().decode(claude([], None)).finish == "other"


THINKING = {"type": "thinking", "thinking": "hm", "signature": "s"}
HIDDEN = {"type": "redacted_thinking", "data": "x"}
ODD = {"type": "brand_new", "x": {"y": 1}}

ANTHROPIC: dict[str, tuple[dict[str, Any], Reply]] = {
    "text": (claude([{"type": "text", "text": "hi"}]), Reply((Text("hi"),), "stop", model="m", id="x")),
    "several texts": (
        claude([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]),
        Reply((Text("a"), Text("b")), "stop", model="m", id="x"),
    ),
    "nothing": (claude([]), Reply((), "stop", model="m", id="x")),
    "a call": (
        claude([{"type": "tool_use", "id": "c1", "name": "f", "input": {"x": "é"}}], "tool_use"),
        Reply((ToolCall("c1", "f", '{"x": "é"}'),), "tools", model="m", id="x"),
    ),
    "a call without input": (
        claude([{"type": "tool_use", "id": "c1", "name": "f", "input": {}}], "tool_use"),
        Reply((ToolCall("c1", "f", "{}"),), "tools", model="m", id="x"),
    ),
    "thoughts": (
        claude([THINKING, {"type": "text", "text": "hi"}]),
        Reply((Reasoning("hm", ("anthropic", THINKING)), Text("hi")), "stop", model="m", id="x"),
    ),
    "hidden thoughts": (
        claude([HIDDEN, {"type": "text", "text": "hi"}]),
        Reply((Native("anthropic", HIDDEN), Text("hi")), "stop", model="m", id="x"),
    ),
    "an unknown block": (claude([ODD]), Reply((Native("anthropic", ODD),), "stop", model="m", id="x")),
    "a stop sequence": (claude([], "stop_sequence"), Reply((), "stop", model="m", id="x")),
    "cut off": (claude([], "max_tokens"), Reply((), "length", model="m", id="x")),
    "out of context": (claude([], "model_context_window_exceeded"), Reply((), "length", model="m", id="x")),
    "refused": (
        claude([], "refusal", stop_details={"type": "refusal", "category": "cyber", "explanation": "no"}),
        Reply((), "refusal", model="m", id="x", refusal="no"),
    ),
    "refused without a word": (claude([], "refusal", stop_details=None), Reply((), "refusal", model="m", id="x")),
    "usage": (
        claude(
            [{"type": "text", "text": "hi"}],
            usage={
                "input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 5,
                "output_tokens_details": {"thinking_tokens": 8},
            },
        ),
        Reply((Text("hi"),), "stop", Usage(75, 20, 60, 5, 8), model="m", id="x"),
    ),
    "bare usage": (
        claude([{"type": "text", "text": "hi"}], usage={"input_tokens": 1, "output_tokens": 2}),
        Reply((Text("hi"),), "stop", Usage(1, 2), model="m", id="x"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("wire", "reply"), ANTHROPIC.values(), ids=ANTHROPIC)
def test_anthropic(wire: dict[str, Any], reply: Reply) -> None:
    assert AnthropicMessages().decode(wire) == reply


@pytest.mark.parametrize(
    "wire",
    [{}, {"choices": []}, {"choices": None}, {"choices": [{}]}, {"choices": [{"message": None}]}, {"choices": "x"},
     {"choices": [{"message": "hi"}]}],
)  # fmt: skip
def test_what_is_no_completion(wire: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="the answer has no choices") as caught:
        OpenAIChat().decode(wire)
    assert caught.value.body == wire


@pytest.mark.parametrize("wire", [{}, {"content": None}, {"content": "hi"}, {"content": {}}, {"content": ["hi"]}])
def test_what_is_no_message(wire: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="the answer has no content") as caught:
        AnthropicMessages().decode(wire)
    assert caught.value.body == wire


def test_odd_fields_do_no_harm() -> None:
    """Compatible servers send less, or other types, than the SDK's."""
    wire = {
        "choices": [{"message": {"content": "hi", "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}]}}]
    }
    assert OpenAIChat().decode(wire).parts == (Text("hi"), ToolCall("", "f", '{"x": 1}'))
    wire = {"choices": [{"message": {"content": "hi", "tool_calls": [None]}, "finish_reason": "stop"}], "usage": "x"}
    assert OpenAIChat().decode(wire).parts == (Text("hi"),)
    assert AnthropicMessages().decode({"content": [{"type": "text", "text": "hi"}], "usage": None}).usage == Usage()
