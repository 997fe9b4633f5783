"""Ollama's own API: requests row by row, judged by the `ollama` package's types; replies; parameters; the address."""

from __future__ import annotations

from typing import Any

import pytest

from instructor import Audio, Document, Image, Mode
from instructor.adapter import choose, media_of
from instructor.errors import (
    BadRequest,
    ConfigurationError,
    ContextOverflow,
    MessageError,
    NotFound,
    ProtocolError,
    RequestError,
    ServerError,
    UnsupportedMedia,
)
from instructor.ir import (
    CallDelta,
    Counted,
    Reasoning,
    ReasoningDelta,
    Reply,
    Stopped,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)
from instructor.output import target
from instructor.providers.ollama import OllamaChat, _locate
from tests.wire.hosted import posted, refusal
from tests.wire.sending import JPEG, PNG, WAV, User, b64

MODEL, HEARING = "qwen3-vl", "gemma3n:e4b"
ADAPTER = OllamaChat()
LOOK = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


def sent(messages: Any, *, model: str = MODEL, **options: Any) -> Any:
    return posted("ollama", messages, model=model, **options)[1]


MESSAGES: list[tuple[Any, list[Any]]] = [
    ("hi", [{"role": "user", "content": "hi"}]),
    (["a", "b"], [{"role": "user", "content": "a\n\nb"}]),
    (["Who?", Image.from_bytes(PNG), Image.from_bytes(JPEG)],
     [{"role": "user", "content": "Who?", "images": [b64(PNG), b64(JPEG)]}]),
    ([Image.from_bytes(PNG)], [{"role": "user", "content": "", "images": [b64(PNG)]}]),
    (["Sum up.", Document.from_bytes(b"x\n", name="n.md")], [{"role": "user", "content": "Sum up.\n\nn.md:\n\nx\n"}]),
    ([{"role": "system", "content": "s"}, {"role": "user", "content": "u"}],
     [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]),
    ([{"role": "user", "content": "look"},
      {"role": "assistant", "content": None, "tool_calls": [
          {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"x": 1}'}}]},
      {"role": "tool", "tool_call_id": "c1", "content": "42"}],
     [{"role": "user", "content": "look"},
      {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "look", "arguments": {"x": 1}}}]},
      {"role": "tool", "content": "42", "tool_name": "look"}]),
    ([{"role": "user", "content": "a"}, {"role": "assistant", "content": [Reasoning("hm"), "b"]},
      {"role": "user", "content": "c"}],
     [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "thinking": "hm"},
      {"role": "user", "content": "c"}]),
    ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64(PNG)}"}}]}],
     [{"role": "user", "content": "", "images": [b64(PNG)]}]),
]  # fmt: skip


@pytest.mark.parametrize(("messages", "expected"), MESSAGES, ids=range(len(MESSAGES)))
def test_messages(messages: Any, expected: list[Any]) -> None:
    body = sent(messages)
    assert body == {"model": MODEL, "messages": expected, "stream": False}


def test_sound_goes_where_pictures_go_if_the_model_hears() -> None:
    (message,) = sent(["Listen.", Audio.from_bytes(WAV)], model=HEARING)["messages"]
    assert message["images"] == [b64(WAV)]
    assert Audio not in media_of(ADAPTER, MODEL)
    with pytest.raises(UnsupportedMedia, match="takes no Audio"):
        sent(["Listen.", Audio.from_bytes(WAV)])


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([{"role": "user", "content": ""}], "is empty"),
        ([{"role": "user", "content": "x", "name": "bob"}], "have no name"),
        ([{"role": "user", "content": [{"type": "brand_new"}]}], "no part of the type 'brand_new'"),
        (
            [{"role": "user", "content": "x"}, {"role": "assistant", "content": [Image.from_bytes(PNG)]}],
            "user messages",
        ),
    ],
)
def test_refused_messages(messages: Any, words: str) -> None:
    with pytest.raises(MessageError, match=words):
        sent(messages)


# ── asking ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("model", "mode"),
    [
        (MODEL, Mode.JSON_SCHEMA),
        (HEARING, Mode.JSON_SCHEMA),
        ("gpt-oss:120b-cloud", Mode.TOOLS),
        ("x:cloud", Mode.TOOLS),
    ],
)
def test_the_mode_by_model(model: str, mode: Mode) -> None:
    assert choose(ADAPTER, model, None, target(User))[0] is mode


def test_the_schema_is_the_format() -> None:
    schema = sent("hi", response_model=User)["format"]
    assert (schema["type"], schema["required"]) == ("object", ["name", "age"])


def test_json_mode_and_words() -> None:
    assert sent("hi", response_model=User, mode=Mode.JSON)["format"] == "json"
    assert "format" not in sent("hi", response_model=User, mode=Mode.MD_JSON)


def test_tools_are_offered_not_forced() -> None:
    body = sent("hi", response_model=User, mode=Mode.TOOLS, tools=[LOOK])
    assert [tool["function"]["name"] for tool in body["tools"]] == ["look", "User"]
    assert "tool_choice" not in body


PARAMS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "seed": 7, "stop": "x"},
     {"options": {"num_predict": 9, "temperature": 0.5, "top_p": 0.9, "seed": 7, "stop": ["x"]}}),
    ({"stop_sequences": ["a"]}, {"options": {"stop": ["a"]}}),
    ({"options": {"num_ctx": 8192}, "top_k": 3}, {"options": {"num_ctx": 8192, "top_k": 3}}),
    ({"num_ctx": 8192}, {"options": {"num_ctx": 8192}}),
    ({"keep_alive": "5m"}, {"keep_alive": "5m"}), ({"keep_alive": 0}, {"keep_alive": 0}),
    ({"think": False}, {"think": False}), ({"reasoning_effort": "low"}, {"think": "low"}),
    ({"reasoning_effort": "none"}, {"think": False}),
    ({"truncate": False, "shift": False}, {"truncate": False, "shift": False}),
    ({"logprobs": True, "top_logprobs": 2}, {"logprobs": True, "top_logprobs": 2}),
    ({"format": "json"}, {"format": "json"}), ({"tools": [LOOK]}, {"tools": [LOOK]}), ({"seed": None}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), PARAMS, ids=range(len(PARAMS)))
def test_parameters(given: dict[str, Any], expected: dict[str, Any]) -> None:
    body = sent("hi", **given)
    assert {key: value for key, value in body.items() if key not in ("model", "messages", "stream")} == expected


def test_every_option_of_the_package_is_known() -> None:
    from ollama._types import ChatRequest, Options

    from instructor.providers.ollama import OPTIONS, PARAMETERS

    gone = {
        "f16_kv",
        "logits_all",
        "vocab_only",
        "embedding_only",
        "tfs_z",
        "mirostat_tau",
        "mirostat_eta",
        "penalize_newline",
    }
    assert set(Options.model_fields) - OPTIONS <= gone
    assert set(ChatRequest.model_fields) - PARAMETERS.takes == {"model", "messages", "stream"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"tool_choice": "required"}, "cannot force"), ({"parallel_tool_calls": True}, "no switch"), ({"n": 2}, "one answer"),
        ({"metadata": {}}, "keeps nothing"), ({"brand_new": 1}, "knows no parameter"), ({"tools": ["x"]}, "a tool is"),
        ({"options": {"seed": 1}, "seed": 2}, "given twice"), ({"response_format": {}}, "pass a response model"),
    ],
)  # fmt: skip
def test_refused_parameters(given: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        sent("hi", **given)


# ── replies ──────────────────────────────────────────────────────────────────────────────────────


def answer(done: str = "stop", **message: Any) -> Any:
    """A `ChatResponse`, through the package's own type, as JSON."""
    from ollama import ChatResponse

    wire = {"model": "m", "message": {"role": "assistant", "content": "", **message}, "done": True, "done_reason": done}
    return ChatResponse(**wire).model_dump(exclude_none=True)


CALL = {"function": {"name": "f", "arguments": {"x": "é"}}}
REPLIES: list[tuple[Any, Reply]] = [
    (answer(content="hi"), Reply((Text("hi"),), model="m")),
    (answer(thinking="hm", content="hi"), Reply((Reasoning("hm"), Text("hi")), model="m")),
    (answer(tool_calls=[CALL, CALL]),
     Reply((ToolCall("call_0", "f", '{"x": "é"}'), ToolCall("call_1", "f", '{"x": "é"}')), "tools", model="m")),
    (answer("length", content="h"), Reply((Text("h"),), "length", model="m")),
    (answer("load"), Reply((), "other", model="m")),
    (answer(content="x") | {"prompt_eval_count": 5, "eval_count": 7}, Reply((Text("x"),), usage=Usage(5, 7), model="m")),
    ({"message": {"tool_calls": [{"id": "c", **CALL}]}, "done_reason": "stop"},
     Reply((ToolCall("c", "f", '{"x": "é"}'),), "tools")),
]  # fmt: skip


@pytest.mark.parametrize(("wire", "reply"), REPLIES, ids=range(len(REPLIES)))
def test_replies(wire: Any, reply: Reply) -> None:
    assert ADAPTER.decode(wire) == reply


def test_no_reply() -> None:
    with pytest.raises(ProtocolError):
        ADAPTER.decode({"done": True})


DELTAS: list[tuple[Any, list[Any]]] = [
    ({"message": {"content": "a"}, "done": False}, [TextDelta("a")]),
    ({"message": {"content": "", "thinking": "h"}}, [ReasoningDelta("h")]),
    ({"message": {"tool_calls": [{"function": {"index": 1, "name": "f", "arguments": {}}}]}},
     [CallDelta(1, "call_1", "f", "{}")]),
    ({"message": {"tool_calls": [CALL, CALL]}},
     [CallDelta(0, "call_0", "f", '{"x": "é"}'), CallDelta(1, "call_1", "f", '{"x": "é"}')]),
    ({"message": {"content": ""}, "done": True, "done_reason": "length", "prompt_eval_count": 3, "eval_count": 4},
     [Counted(Usage(3, 4)), Stopped("length")]),
]  # fmt: skip


@pytest.mark.parametrize(("event", "deltas"), DELTAS, ids=range(len(DELTAS)))
def test_deltas(event: Any, deltas: list[Any]) -> None:
    assert list(ADAPTER.deltas(event)) == deltas


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {"error": "model 'x' not found"}, NotFound), (400, {"error": '"x" does not support tools'}, BadRequest),
        (500, {"error": "out of memory"}, ServerError),
        (500, {"error": "request exceeds the available context size"}, ContextOverflow),
        (400, {"error": "the input length exceeds the context length"}, ContextOverflow),
    ],
)  # fmt: skip
def test_errors(status: int, body: Any, kind: type[Exception]) -> None:
    assert type(ADAPTER.error(status, body)) is kind


def test_an_error_line_is_raised() -> None:
    with pytest.raises(ServerError, match="out of memory"):
        list(ADAPTER.deltas({"error": "out of memory"}))


# ── the address ──────────────────────────────────────────────────────────────────────────────────

HOSTS = ["", "1.2.3.4", ":56789", "1.2.3.4:56789", "http://1.2.3.4", "https://1.2.3.4", "https://1.2.3.4:56789/path/",
         "example.com", "example.com:56789/path", "https://example.com", "[0001:002:003:0004::1]:56789",
         "http://[0001:002:003:0004::1]", "localhost"]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_the_address_is_read_as_the_package_reads_it(host: str) -> None:
    from ollama._client import _parse_host

    assert _locate(host, {}) == _parse_host(host)


def test_where_a_server_listens_is_not_where_it_is() -> None:
    assert _locate("0.0.0.0:80", {}) == "http://127.0.0.1:80"
    assert _locate(None, {}) == "http://127.0.0.1:11434"
    with pytest.raises(ConfigurationError, match="host:port"):
        _locate("host:port", {})


# ── the judge ────────────────────────────────────────────────────────────────────────────────────

HELLO: Any = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
MALFORMED: list[tuple[Any, str]] = [
    ({**HELLO, "max_tokens": 1}, "max_tokens"), ({**HELLO, "options": {"max_tokens": 1}}, "options.max_tokens"),
    ({**HELLO, "options": {"num_predict": "9"}}, "num_predict"), ({**HELLO, "tool_choice": "auto"}, "tool_choice"),
    ({**HELLO, "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}, "content"),
    ({**HELLO, "messages": [{"role": "developer", "content": "x"}]}, "role"), ({**HELLO, "model": ""}, "at least 1"),
    ({**HELLO, "messages": [{"role": "user", "content": "x", "images": ["%"]}]}, "base64"),
    ({**HELLO, "messages": [{"role": "user", "content": "x", "images": [b64(b"BM" + bytes(90))]}]}, "Failed to load"),
    ({**HELLO, "messages": [{"role": "user", "content": "x", "images": ["data:image/png;base64," + b64(PNG)]}]}, "base64"),
    ({**HELLO, "format": "xml"}, "format"), ({**HELLO, "think": "very"}, "think"),
    ({**HELLO, "messages": []}, "nothing is asked"),
    ({**HELLO, "messages": [{"role": "assistant", "content": "", "tool_calls": [
        {"function": {"name": "f", "arguments": "{}"}}]}]}, "arguments"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "words"), MALFORMED, ids=range(len(MALFORMED)))
def test_the_judge_refuses(body: Any, words: str) -> None:
    assert words in (refusal("ollama", "/api/chat", body) or "nothing")
