"""Cohere: neutral requests and replies ⇄ its JSON, judged by the SDK's own types and the API's known refusals."""

from __future__ import annotations

import inspect
import io
import random
from typing import Any, Literal

import pytest
from cohere.v2.raw_client import RawV2Client
from PIL import Image as Pillow
from pydantic import BaseModel, Field

from instructor import PDF, Audio, Image, Mode
from instructor.errors import (
    AuthenticationError,
    BadRequest,
    ContextOverflow,
    MediaTooLarge,
    MessageError,
    ModeError,
    ProtocolError,
    ProviderError,
    RateLimited,
    RequestError,
    ServerError,
    UnsupportedMedia,
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
from instructor.output import COHERE, COHERE_TOOLS, render, target
from instructor.providers.cohere import PARAMETERS, provider
from instructor.testing.cohere_chat import DIALECT
from instructor.testing.dialect import Asked
from instructor.testing.oracle import judge
from tests.wire.sending import PNG, WAV, User, b64, judged, wire_of

MODEL = "command-a-plus-05-2026"
ADAPTER = provider.adapter
LOOK: dict[str, Any] = {
    "type": "function",
    "function": {"name": "look", "parameters": {"type": "object", "properties": {"x": {"type": "string"}}}},
}


def body_of(messages: Any, **options: Any) -> Any:
    return wire_of("cohere", messages, **{"model": MODEL, **options})


def noise(seed: int) -> Image:
    """A picture of 11.5 MB."""
    pixels = random.Random(seed).randbytes(1960 * 1960 * 3)
    file = io.BytesIO()
    Pillow.frombytes("RGB", (1960, 1960), pixels).save(file, "PNG", compress_level=0)
    return Image.from_bytes(file.getvalue())


def encoded(*messages: Message, **params: Any) -> Any:
    return judged("cohere", ADAPTER.encode(Request(MODEL, messages, params=params)))


def rest_of(**options: Any) -> Any:
    body = body_of("hi", **options)
    return {key: value for key, value in body.items() if key not in ("messages", "model", "stream")}


# ── parameters ───────────────────────────────────────────────────────────────────────────────────


def test_the_parameters_are_those_of_the_sdk() -> None:
    for method in (RawV2Client.chat, RawV2Client.chat_stream):
        arguments = set(inspect.signature(method).parameters) - {"self", "model", "messages", "request_options"}
        assert arguments == PARAMETERS.takes | {"stop_sequences", "tool_choice"}


def test_parameters_are_renamed() -> None:
    assert rest_of(max_completion_tokens=9, stop="x", top_p=0.5, top_k=3, seed=7, temperature=None) == {
        "max_tokens": 9, "stop_sequences": ["x"], "p": 0.5, "k": 3, "seed": 7,
    }  # fmt: skip
    assert rest_of(reasoning_effort="none") == {"thinking": {"type": "disabled"}}


@pytest.mark.parametrize(
    ("choice", "sent"), [("auto", None), ("required", "REQUIRED"), ("any", "REQUIRED"), ("NONE", "NONE"), (None, None)]
)
def test_the_choice_of_tools(choice: Any, sent: Any) -> None:
    assert rest_of(tools=[LOOK], tool_choice=choice).get("tool_choice") == sent


@pytest.mark.parametrize(
    "option",
    [
        {"metadata": {}},
        {"parallel_tool_calls": False},
        {"reasoning_effort": "high"},
        {"tool_choice": {"type": "function", "function": {"name": "look"}}},
        {"tool_choice": "perhaps"},
        {"n": 2},
        {"brand_new": 1},
        {"stop": "x", "stop_sequences": ["y"]},
    ],
)
def test_what_the_api_does_not_have_is_refused(option: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="ohere"):
        body_of("hi", **option)


# ── modes ────────────────────────────────────────────────────────────────────────────────────────


def test_a_schema_is_enforced_and_json_is_asked_for_in_words() -> None:
    body = body_of("hi", response_model=User)
    assert body["response_format"]["json_schema"]["required"] == ["name", "age"]
    assert body["messages"][0] == {"role": "system", "content": "Generate a JSON object."}


def test_a_tool_cannot_be_named() -> None:
    rest = rest_of(response_model=User, mode=Mode.TOOLS)
    assert (rest["tool_choice"], rest["strict_tools"]) == ("REQUIRED", True)
    assert "strict" not in rest["tools"][0]["function"]


def test_tools_are_strict_together() -> None:
    strict = {**LOOK, "function": {**LOOK["function"], "strict": True}}
    strict["function"]["parameters"] = {**LOOK["function"]["parameters"], "required": ["x"]}
    assert "strict_tools" not in rest_of(response_model=User, tools=[LOOK])
    rest = rest_of(response_model=User, tools=[strict])
    assert rest["strict_tools"] is True
    assert [tool["function"]["name"] for tool in rest["tools"]] == ["look", "User"]
    assert "strict" not in rest["tools"][0]["function"]
    assert strict["function"]["strict"] is True, "what the caller passed stays as it is"
    assert rest_of(tools=[LOOK], strict_tools=False)["strict_tools"] is False


@pytest.mark.parametrize("name", ["documents", "response_format"])
def test_a_response_format_goes_alone(name: str) -> None:
    mode = Mode.TOOLS if name == "response_format" else None
    value = {"type": "json_object"} if name == "response_format" else ["a"]
    with pytest.raises(RequestError, match="no response_format beside"):
        body_of("hi", response_model=User, mode=mode, **{name: value})


@pytest.mark.parametrize(
    ("model", "mode"),
    [
        ("command-a-vision-07-2025", Mode.MD_JSON),
        ("c4ai-aya-vision-32b", Mode.MD_JSON),
        ("command-r-08-2024", Mode.JSON_SCHEMA),
        ("command-r7b-12-2024", Mode.JSON_SCHEMA),
        ("command-a-03-2025", Mode.JSON_SCHEMA),
    ],
)
def test_modes_by_model(model: str, mode: Mode) -> None:
    body = body_of("hi", model=model, response_model=User)
    assert ("response_format" in body) is (mode is Mode.JSON_SCHEMA)
    if model in ("command-r-08-2024", "command-a-vision-07-2025"):  # before tools could be demanded
        with pytest.raises(ModeError):
            body_of("hi", model=model, response_model=User, mode=Mode.TOOLS)
        assert "tool_choice" not in body_of("hi", model=model, response_model=User, tools=[LOOK])


# ── schemas ──────────────────────────────────────────────────────────────────────────────────────


class Inner(BaseModel):
    dark: bool = False
    size: float | None = Field(None, gt=0)


class Everything(BaseModel):
    """All that a schema can say."""

    code: str = Field(pattern="^[A-Z]{3}$", min_length=3)
    sku: str = Field(pattern="[A-Z]{3}[0-9]{7}")
    day: str = Field(json_schema_extra={"format": "date"})
    mail: str = Field(json_schema_extra={"format": "email"})
    age: int = Field(ge=0, le=150)
    tags: list[str] = Field(max_length=3, json_schema_extra={"uniqueItems": True})
    kind: Literal["a", "b"]
    pair: tuple[int, int]
    either: int | str
    inner: Inner


def test_what_the_api_does_not_take_goes_into_words() -> None:
    rendered = render(target(Everything), COHERE)
    assert rendered.strict
    assert rendered.null_is_absent
    rows = rendered.schema["properties"]
    assert "pattern" not in rows["code"]
    assert "^[A-Z]{3}$" in rows["code"]["description"]
    assert "at least 3 characters" in rows["code"]["description"]
    assert rows["sku"]["pattern"] == "[A-Z]{3}[0-9]{7}"
    assert rows["day"]["format"] == "date"
    assert "in the format email" in rows["mail"]["description"]
    assert "at least 0, at most 150" in rows["age"]["description"]
    assert "at most 3 items, no item twice" in rows["tags"]["description"]
    assert rows["pair"]["items"] == {"type": "integer"}
    assert rows["either"]["anyOf"] == [{"type": "integer"}, {"type": "string"}]
    inner = rendered.schema["$defs"]["Inner"]
    assert inner["required"] == ["dark", "size"], "an object that requires nothing requires all"
    assert {"type": "null"} in inner["properties"]["dark"]["anyOf"]
    for mode in (Mode.JSON_SCHEMA, Mode.TOOLS):
        body_of("hi", response_model=Everything, mode=mode)


def test_null_stands_for_absence_where_everything_is_demanded() -> None:
    rendered = render(target(Inner), COHERE)
    assert target(Inner).read('{"dark": null, "size": null}', rendered=rendered) == Inner()


class Nothing(BaseModel):
    """No fields."""


class Tree(BaseModel):
    name: str
    twigs: list[Tree] = []


@pytest.mark.parametrize(
    ("form", "note"), [(dict[str, int], "free keys"), (Nothing, "without properties"), (Tree, "contains itself")]
)
def test_what_cannot_be_expressed_is_asked_for_otherwise(form: Any, note: str) -> None:
    rendered = render(target(form), COHERE)
    assert not rendered.strict
    assert note in "; ".join(rendered.notes)
    rest = rest_of(response_model=form)
    assert "strict_tools" not in rest
    assert rest["tool_choice"] == "REQUIRED"
    with pytest.raises(ModeError, match=note):
        rest_of(response_model=form, mode=Mode.JSON_SCHEMA)


def test_strict_tools_have_two_hundred_fields_at_most() -> None:
    fields: dict[str, Any] = {f"f{i}": (int, ...) for i in range(201)}
    from pydantic import create_model

    wide = create_model("Wide", **fields)
    assert render(target(wide), COHERE).strict
    assert not render(target(wide), COHERE_TOOLS).strict
    assert "strict_tools" not in rest_of(response_model=wide, mode=Mode.TOOLS)


# ── messages ─────────────────────────────────────────────────────────────────────────────────────


def test_media() -> None:
    image = Image.from_url("https://e.org/a.png", detail="high")
    parts = body_of([image, Image.from_bytes(PNG)])["messages"][0]["content"]
    assert parts == [
        {"type": "image_url", "image_url": {"url": "https://e.org/a.png", "detail": "high"}},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64(PNG)}"}},
    ]
    with pytest.raises(UnsupportedMedia, match="Audio"):
        body_of([Audio.from_bytes(WAV)])
    with pytest.raises(UnsupportedMedia, match="PDF"):
        body_of([PDF.from_file_id("f")])


def test_images_are_few_and_small_together() -> None:
    many = [Image.from_url(f"https://e.org/{i}.png") for i in range(21)]
    assert len(body_of(many[:20])["messages"][0]["content"]) == 20
    with pytest.raises(MediaTooLarge, match="takes 20 Images in a request, and this one has 21"):
        body_of(many)
    large = [noise(seed) for seed in range(2)]
    with pytest.raises(MediaTooLarge, match="takes 20,000,000 bytes of Images in a request"):
        body_of(large, fit="strict")


def test_images_stand_with_the_user() -> None:
    for role in ("system", "assistant"):
        with pytest.raises(MessageError, match="user messages only"):
            body_of([{"role": role, "content": [Image.from_bytes(PNG)]}, {"role": "user", "content": "x"}])
    result = ToolResult("c", (Image.from_bytes(PNG),))
    with pytest.raises(MessageError, match="user messages only"):
        encoded(Message("user", (Text("x"),)), Message("tool", (result,)))


def test_plans_and_thoughts_go_back_as_they_came() -> None:
    wire = {
        "role": "assistant",
        "tool_plan": "I look.",
        "tool_calls": [{"id": "look_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}],
    }
    reply = ADAPTER.decode({"message": wire, "finish_reason": "TOOL_CALL"})
    assert reply.parts == (Reasoning("I look.", ("cohere", {"tool_plan": "I look."})), ToolCall("look_1", "look", "{}"))
    body = encoded(
        Message("user", (Text("x"),)),
        Message("assistant", reply.parts),
        Message("tool", (ToolResult("look_1", (Text("1"), Text("2"))),)),
    )
    assert body["messages"][1] == wire
    assert body["messages"][2]["content"] == [{"type": "text", "text": "1"}, {"type": "text", "text": "2"}]
    thought, other = {"type": "thinking", "thinking": "hm"}, Reasoning("no", ("anthropic", {}))
    spoken = {"role": "assistant", "content": [thought, {"type": "text", "text": "a"}]}
    history = [{"role": "user", "content": "x"}, spoken, {"role": "user", "content": "y"}]
    assert body_of(history)["messages"] == history
    assert encoded(Message("assistant", (other, Text("a"))))["messages"] == [{"role": "assistant", "content": "a"}]


def test_keys_that_messages_do_not_have_are_refused() -> None:
    with pytest.raises(MessageError, match="user messages have no name"):
        body_of([{"role": "user", "content": "x", "name": "n"}])


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def test_an_answer() -> None:
    thought, newer = {"type": "thinking", "thinking": "hm"}, {"type": "hologram"}
    content = [thought, {"type": "text", "text": "a"}, newer]
    usage = {
        "billed_units": {"input_tokens": 5.0, "output_tokens": 2.0},
        "tokens": {"input_tokens": 90.0, "output_tokens": 3.0},
        "cached_tokens": 64.0,
    }
    wire = {"id": "i", "message": {"content": content}, "finish_reason": "COMPLETE", "usage": usage}
    reply = ADAPTER.decode(wire)
    assert reply.parts == (Reasoning("hm", ("cohere", thought)), Text("a"), Native("cohere", newer))
    assert (reply.finish, reply.usage, reply.id) == (
        "stop",
        Usage(90, 3, cache_read=64, free_input=85, free_output=1),
        "i",
    )
    del usage["tokens"]
    assert ADAPTER.decode(wire).usage == Usage(5, 2, cache_read=64)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("COMPLETE", "stop"),
        ("STOP_SEQUENCE", "stop"),
        ("MAX_TOKENS", "length"),
        ("TOOL_CALL", "tools"),
        ("NEW", "other"),
    ],
)
def test_reasons_to_stop(reason: str, finish: str) -> None:
    assert ADAPTER.decode({"message": {}, "finish_reason": reason}).finish == finish


@pytest.mark.parametrize("reason", ["ERROR", "TIMEOUT"])
def test_an_answer_that_failed(reason: str) -> None:
    with pytest.raises(ServerError, match="broke off"):
        ADAPTER.decode({"message": {}, "finish_reason": reason})
    with pytest.raises(ProtocolError):
        ADAPTER.decode({"text": "x"})


def test_deltas() -> None:
    def of(kind: str, index: int, key: str, value: Any) -> dict[str, Any]:
        return {"type": kind, "index": index, "delta": {"message": {key: value}}}

    events = [
        {"type": "message-start", "id": "i", "delta": {"message": {"role": "assistant"}}},
        of("content-start", 0, "content", {"type": "thinking", "thinking": ""}),
        of("content-delta", 0, "content", {"thinking": "h"}),
        of("content-start", 1, "content", {"type": "text", "text": "a"}),
        of("content-delta", 1, "content", {"text": "b"}),
        {"type": "content-end", "index": 1},
        {"type": "citation-start", "index": 0, "delta": {"message": {"citations": {"start": 0}}}},
        {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "p"}}},
        of("tool-call-start", 0, "tool_calls", {"id": "c", "function": {"name": "f", "arguments": ""}}),
        of("tool-call-delta", 0, "tool_calls", {"function": {"arguments": "{}"}}),
        {"type": "tool-call-end", "index": 0},
        {"type": "hologram"},
        {"type": "message-end", "delta": {"finish_reason": "TOOL_CALL", "usage": {"tokens": {"output_tokens": 2.0}}}},
    ]
    assert [delta for event in events for delta in ADAPTER.deltas(event)] == [
        ReasoningDelta("h"),
        TextDelta("a"),
        TextDelta("b"),
        ReasoningDelta("p"),
        CallDelta(0, "c", "f", ""),
        CallDelta(0, "", "", "{}"),
        Counted(Usage(0, 2)),
        Stopped("tools"),
    ]
    with pytest.raises(ServerError, match="fell over"):
        list(ADAPTER.deltas({"type": "message-end", "delta": {"finish_reason": "ERROR", "error": "fell over"}}))
    with pytest.raises(ProviderError, match="fell over"):
        list(ADAPTER.deltas({"message": "fell over"}))


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, {"id": "1", "message": "invalid api token"}, AuthenticationError, "invalid api token"),
        (498, {"message": "invalid token"}, AuthenticationError, "invalid token"),
        (400, {"message": "too many tokens: size limit exceeded by 3 tokens"}, ContextOverflow, "size limit"),
        (422, {"data": None, "message": "No valid tool call or response generated"}, BadRequest, "No valid tool call"),
        (429, {"message": "too many tokens a minute"}, RateLimited, "a minute"),
        (500, "oops", ServerError, "oops"),
        (504, {}, ServerError, "no message"),
    ],
)
def test_error_bodies(status: int, body: Any, kind: type[ProviderError], words: str) -> None:
    error = ADAPTER.error(status, body)
    assert type(error) is kind
    assert words in error.message
    assert str(error).count("cohere") == 1
    assert (error.status, error.provider, error.body) == (status, "cohere", body)


# ── the judge ────────────────────────────────────────────────────────────────────────────────────

GOOD: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "json"}]}


def form(**schema: Any) -> dict[str, Any]:
    whole = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"], **schema}
    return {"response_format": {"type": "json_object", "json_schema": whole}}


@pytest.mark.parametrize(
    "bad",
    [
        {"stop": ["x"]},
        {"top_p": 0.5},
        {"p": 1.0},
        {"messages": []},
        {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": "x"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "cat.png"}}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "https://e.org/a.png"}]}]},
        {"messages": [{"role": "user", "content": "x", "name": "n"}]},
        {"messages": [{"role": "tool", "tool_call_id": "c", "content": "x"}]},
        {"tool_choice": "auto"},
        {"tool_choice": "REQUIRED"},
        {"strict_tools": True},
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}, "strict": True}}]},
        {"response_format": {"type": "json_schema", "json_schema": {}}},
        {"response_format": {"type": "json_object", "schema": {}}},
        {"response_format": {"type": "json_object"}, "messages": [{"role": "user", "content": "x"}]},
        {**form(), "tools": [LOOK]},
        {**form(), "documents": ["x"]},
        form(required=[]),
        form(type="array"),
        form(properties={"x": {"type": "integer", "minimum": 1}}),
        form(properties={"x": {"type": "string", "pattern": "^a$"}}),
        form(properties={"x": {"type": "string", "format": "email"}}),
        {"stop_sequences": list("abcdef")},
    ],
)
def test_the_judge_refuses(bad: dict[str, Any]) -> None:
    assert judge(DIALECT, Asked(GOOD)) is None
    assert judge(DIALECT, Asked({**GOOD, **form()})) is None
    assert judge(DIALECT, Asked({**GOOD, **bad})) is not None
