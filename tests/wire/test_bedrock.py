"""Bedrock Converse: requests row by row, judged by botocore's service model; replies; parameters; errors; the address."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from instructor import PDF, Audio, Document, Image, Mode, Video
from instructor.adapter import choose, media_of
from instructor.errors import (
    AuthenticationError,
    BadRequest,
    ConfigurationError,
    ContextOverflow,
    MediaTooLarge,
    MessageError,
    Overloaded,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    RequestError,
    ServerError,
    UnsupportedMedia,
)
from instructor.ir import (
    CallDelta,
    Counted,
    Native,
    Reasoning,
    ReasoningDelta,
    Reply,
    Signed,
    Stopped,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)
from instructor.output import target
from instructor.providers.bedrock import BedrockConverse, provider
from instructor.providers.bedrock.codec import locate
from instructor.providers.bedrock.media import document_name
from tests.media import MKV, MP4
from tests.wire.hosted import judged, posted, refusal
from tests.wire.sending import GIF, JPEG, MP3, PAPER, PNG, WAV, WEBP, User, b64

CLAUDE = "anthropic.claude-haiku-4-5-20251001-v1:0"
OLD = "anthropic.claude-3-haiku-20240307-v1:0"
LATEST = "us.anthropic.claude-opus-5-5"
NOVA = "us.amazon.nova-pro-v1:0"
LLAMA = "us.meta.llama4-maverick-17b-instruct-v1:0"
QWEN = "qwen.qwen3-32b-v1:0"
MISTRAL = "mistral.mistral-large-2407-v1:0"
ADAPTER = BedrockConverse()

LOOK = {"toolSpec": {"name": "look", "inputSchema": {"json": {"type": "object", "properties": {}}}}}
CALL = {"role": "assistant", "content": None, "tool_calls": [
    {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"x": 1}'}}]}  # fmt: skip


def sent(messages: Any, *, model: str = CLAUDE, **options: Any) -> Any:
    return posted("bedrock", messages, model=model, **options)[1]


def content(*parts: Any, **options: Any) -> Any:
    return sent([{"role": "user", "content": list(parts)}], **options)["messages"][0]["content"]


# ── messages ─────────────────────────────────────────────────────────────────────────────────────


def image(data: bytes, format: str) -> Any:
    return {"image": {"format": format, "source": {"bytes": b64(data)}}}


PARTS: list[tuple[Any, list[Any]]] = [
    ("hi", [{"text": "hi"}]),
    (Image.from_bytes(PNG), [image(PNG, "png")]),
    (Image.from_bytes(JPEG), [image(JPEG, "jpeg")]),
    (Image.from_bytes(GIF), [image(GIF, "gif")]),
    (Image.from_bytes(WEBP), [image(WEBP, "webp")]),
    (Image.from_bytes(PNG, cache_control=True), [image(PNG, "png"), {"cachePoint": {"type": "default"}}]),
    (
        Image.from_bytes(PNG, cache_control={"type": "ephemeral", "ttl": "1h"}),
        [image(PNG, "png"), {"cachePoint": {"type": "default", "ttl": "1h"}}],
    ),
    (
        Image.from_url("s3://bucket/cat.png"),
        [{"image": {"format": "png", "source": {"s3Location": {"uri": "s3://bucket/cat.png"}}}}],
    ),
    (
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64(PNG)}"}},
        [image(PNG, "png")],
    ),
    (
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64(PNG)}},
        [image(PNG, "png")],
    ),
    ({"image": {"format": "png", "source": {"bytes": PNG}}}, [image(PNG, "png")]),
    ({"text": "bare"}, [{"text": "bare"}]),
    ({"guardContent": {"text": {"text": "g"}}}, [{"guardContent": {"text": {"text": "g"}}}]),
]  # fmt: skip


@pytest.mark.parametrize(("part", "blocks"), PARTS, ids=range(len(PARTS)))
def test_parts(part: Any, blocks: list[Any]) -> None:
    assert content("Look.", part) == [{"text": "Look."}, *blocks]


DOCUMENTS: list[tuple[Any, dict[str, Any]]] = [
    (PDF.from_bytes(PAPER), {"name": "document", "format": "pdf", "source": {"bytes": b64(PAPER)}}),
    (PDF.from_bytes(PAPER, name="a.b_c (1) [x]-y.pdf"), {"name": "a b c (1) [x]-y", "format": "pdf",
                                                       "source": {"bytes": b64(PAPER)}}),
    (PDF.from_url("s3://bucket/x/bill.pdf"), {"name": "bill", "format": "pdf",
                                              "source": {"s3Location": {"uri": "s3://bucket/x/bill.pdf"}}}),
    (Document.from_bytes(b"a,b\n", name="t.csv"), {"name": "t", "format": "csv", "source": {"bytes": b64(b"a,b\n")}}),
    (Document.from_bytes(b"# x\n", name="n.md"), {"name": "n", "format": "md", "source": {"bytes": b64(b"# x\n")}}),
    (Document.from_bytes(b"<p>x", name="p.html"), {"name": "p", "format": "html", "source": {"bytes": b64(b"<p>x")}}),
    (Document.from_bytes(b"{}", name="x.json"), {"name": "x", "format": "txt", "source": {"bytes": b64(b"{}")}}),
    (Document.from_bytes("é".encode("utf-16")), {"name": "document", "format": "txt",
                                                "source": {"bytes": b64("é".encode())}}),
]  # fmt: skip


@pytest.mark.parametrize(("document", "block"), DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_documents(document: Any, block: Any) -> None:
    assert content("Look.", document) == [{"text": "Look."}, {"document": block}]


FILMS_AND_SOUND: list[tuple[Any, Any]] = [
    (Video.from_bytes(MP4), {"video": {"format": "mp4", "source": {"bytes": b64(MP4)}}}),
    (Video.from_bytes(MKV), {"video": {"format": "mkv", "source": {"bytes": b64(MKV)}}}),
    (
        Video.from_url("s3://bucket/film.mov"),
        {"video": {"format": "mov", "source": {"s3Location": {"uri": "s3://bucket/film.mov"}}}},
    ),
    (Audio.from_bytes(WAV), {"audio": {"format": "wav", "source": {"bytes": b64(WAV)}}}),
    (Audio.from_bytes(MP3), {"audio": {"format": "mp3", "source": {"bytes": b64(MP3)}}}),
]


@pytest.mark.parametrize(("medium", "block"), FILMS_AND_SOUND, ids=range(len(FILMS_AND_SOUND)))
def test_films_and_sound(medium: Any, block: Any) -> None:
    assert content("Look.", medium, model=NOVA) == [{"text": "Look."}, block]


def test_claude_takes_no_films_and_no_sound() -> None:
    assert Video not in media_of(ADAPTER, CLAUDE)
    assert Video in media_of(ADAPTER, NOVA)
    with pytest.raises(UnsupportedMedia, match="takes no Audio"):
        content("Listen.", Audio.from_bytes(WAV))


def test_a_bucket_whose_file_says_no_type() -> None:
    with pytest.raises(UnsupportedMedia, match="media_type="):
        content("Look.", Image.from_url("s3://bucket/cat"))
    (_, block) = content("Look.", Image.from_url("s3://bucket/cat", "image/webp"))
    assert block["image"]["format"] == "webp"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, "document"), ("", "document"), ("é.pdf", "document"), ("a\nb.pdf", "a b"), ("x" * 300, "x" * 200),
        ("a.tar.gz", "a tar"),
    ],
)  # fmt: skip
def test_names(name: str | None, expected: str) -> None:
    assert document_name(name) == expected


def test_documents_get_a_text_and_names_that_differ() -> None:
    blocks = content(*(PDF.from_bytes(PAPER, name="a.pdf") for _ in range(3)))
    assert [block["document"]["name"] for block in blocks if "document" in block] == ["a", "a 2", "a 3"]
    assert blocks[-1] == {"text": "See the document."}


def test_names_differ_over_all_messages() -> None:
    paper = PDF.from_bytes(PAPER, name="a.pdf")
    messages = [
        {"role": "user", "content": ["one", paper]},
        {"role": "assistant", "content": "ok"},
        {"role": "user", "content": ["two", paper]},
    ]
    found = [
        block["document"]["name"]
        for item in sent(messages)["messages"]
        for block in item["content"]
        if "document" in block
    ]
    assert found == ["a", "a 2"]


@pytest.mark.parametrize(("medium", "most"), [(Image.from_bytes(PNG), 20), (PDF.from_bytes(PAPER), 5)])
def test_counts(medium: Any, most: int) -> None:
    content("x", *[medium] * most)
    with pytest.raises(MediaTooLarge, match=f"bedrock .* takes {most} .*, and this one has {most + 1} "):
        content("x", *[medium] * (most + 1))
    own = content(medium)[0]
    with pytest.raises(MediaTooLarge, match=f"bedrock .* takes {most} .*, and this one has {most + 1} "):
        content("x", own, *[medium] * most)


def test_roles_and_order() -> None:
    body = sent([
        {"role": "system", "content": ["s1", {"type": "text", "text": "s2", "cache_control": {"type": "ephemeral"}}]},
        {"role": "user", "content": "a"},
        {"role": "user", "content": "  "} | {"content": ["b", "  "]},
        {"role": "assistant", "content": "c"},
        {"role": "user", "content": "d"},
    ])  # fmt: skip
    assert body["system"] == [{"text": "s1"}, {"text": "s2"}, {"cachePoint": {"type": "default"}}]
    assert body["messages"] == [
        {"role": "user", "content": [{"text": "a"}, {"text": "b"}]},
        {"role": "assistant", "content": [{"text": "c"}]},
        {"role": "user", "content": [{"text": "d"}]},
    ]


def test_calls_and_results() -> None:
    result = {"role": "tool", "tool_call_id": "c1", "content": ["42", Image.from_bytes(PNG), PDF.from_bytes(PAPER)]}
    body = sent([{"role": "user", "content": "look"}, CALL, result], tools=[LOOK])
    assert body["messages"][1]["content"] == [{"toolUse": {"toolUseId": "c1", "name": "look", "input": {"x": 1}}}]
    assert body["messages"][2] == {"role": "user", "content": [{"toolResult": {"toolUseId": "c1", "content": [
        {"text": "42"}, image(PNG, "png"),
        {"document": {"name": "document", "format": "pdf", "source": {"bytes": b64(PAPER)}}},
    ]}}, ]}  # fmt: skip


def test_converse_messages_of_the_callers_own() -> None:
    messages = [
        {"role": "user", "content": [{"text": "look"}]},
        {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}},
            {"toolUse": {"toolUseId": "c1", "name": "look", "input": {"x": 1}}},
        ]},
        {"role": "user", "content": [
            {"toolResult": {"toolUseId": "c1", "content": [{"json": {"a": 1}}], "status": "error"}}, {"text": "so?"}
        ]},
    ]  # fmt: skip
    assert sent(messages, tools=[LOOK])["messages"] == messages


def test_what_another_provider_thought_is_left_out() -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "x"}
    messages = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [thought, {"type": "text", "text": "b"}]},
        {"role": "user", "content": "c"},
    ]
    assert sent(messages)["messages"][1]["content"] == [{"text": "b"}]


MARK = {"cache_control": {"type": "ephemeral"}}
LONG = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}


def test_cache_points_are_few_and_the_longer_come_first() -> None:
    marked = [{"type": "text", "text": "x", **MARK}] * 4
    content(*marked)
    with pytest.raises(MessageError, match="5 parts carry cache_control"):
        content(*marked, *marked[:1])
    content({"type": "text", "text": "a", **LONG}, {"type": "text", "text": "b", **MARK})
    with pytest.raises(MessageError, match="longer first"):
        content({"type": "text", "text": "a", **MARK}, {"type": "text", "text": "b", **LONG})
    with pytest.raises(MessageError, match="'5m' or '1h'"):
        content({"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "2h"}})


def test_cache_points_only_where_models_take_them() -> None:
    assert content("a", {"type": "text", "text": "b", **MARK}, model=LLAMA) == [{"text": "a"}, {"text": "b"}]


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([{"role": "system", "content": "s"}], "needs one of the user"),
        ([{"role": "user", "content": " "}], "is empty"),
        ([{"role": "user", "content": "x", "name": "bob"}], "have no name"),
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


class Node(BaseModel):
    """It may hold itself."""

    name: str
    next: Node | None = None


ASKED = [
    (CLAUDE, User, Mode.JSON_SCHEMA), (OLD, User, Mode.TOOLS), (LATEST, User, Mode.JSON_SCHEMA),
    ("global.anthropic.claude-sonnet-4-20250514-v1:0", User, Mode.TOOLS), (NOVA, User, Mode.TOOLS),
    ("anthropic.claude-opus-4-1-20250805-v1:0", User, Mode.TOOLS), ("us.anthropic.claude-opus-4-6-v1", User, Mode.JSON_SCHEMA),
    (QWEN, User, Mode.JSON_SCHEMA), (LLAMA, User, Mode.TOOLS), ("meta.llama3-8b-instruct-v1:0", User, Mode.JSON),
    ("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc", User, Mode.TOOLS),
    (CLAUDE, Node, Mode.TOOLS), (LATEST, Node, Mode.JSON),
]  # fmt: skip


@pytest.mark.parametrize(("model", "kind", "mode"), ASKED)
def test_the_mode_by_model(model: str, kind: Any, mode: Mode) -> None:
    assert choose(ADAPTER, model, None, target(kind))[0] is mode


@pytest.mark.parametrize(
    ("model", "own", "choice"),
    [
        (CLAUDE, False, {"tool": {"name": "User"}}), (CLAUDE, True, {"any": {}}), (NOVA, False, {"tool": {"name": "User"}}),
        (MISTRAL, False, {"any": {}}), (LLAMA, False, None), (LLAMA, True, None),
    ],
)  # fmt: skip
def test_the_forced_tool(model: str, own: bool, choice: Any) -> None:
    body = sent("hi", model=model, response_model=User, mode=Mode.TOOLS, **({"tools": [LOOK]} if own else {}))
    names = [tool["toolSpec"]["name"] for tool in body["toolConfig"]["tools"]]
    assert (names, body["toolConfig"].get("toolChoice")) == (["look", "User"] if own else ["User"], choice)


def test_a_strict_tool() -> None:
    (spec,) = sent("hi", response_model=User, mode=Mode.TOOLS)["toolConfig"]["tools"]
    assert spec["toolSpec"]["strict"] is True
    assert spec["toolSpec"]["inputSchema"]["json"]["additionalProperties"] is False
    (spec,) = sent("hi", model=NOVA, response_model=User)["toolConfig"]["tools"]
    assert "strict" not in spec["toolSpec"]


def test_a_schema_is_a_string() -> None:
    definition = sent("hi", response_model=User)["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
    assert (definition["name"], definition["description"]) == ("User", "A person.")
    assert set(json.loads(definition["schema"])["properties"]) == {"name", "age"}


def test_no_tool_is_forced_on_a_model_that_thinks() -> None:
    thinking = {"thinking": {"type": "enabled", "budget_tokens": 2000}}
    body = sent("hi", model=OLD, response_model=User, additionalModelRequestFields=thinking)
    assert "toolChoice" not in body["toolConfig"]
    assert body["additionalModelRequestFields"] == thinking


@pytest.mark.parametrize("mode", [Mode.JSON, Mode.MD_JSON])
def test_words(mode: Mode) -> None:
    body = sent("hi", response_model=User, mode=mode)
    assert '"age"' in body["system"][0]["text"]
    assert not {"toolConfig", "outputConfig"} & set(body)


# ── parameters ───────────────────────────────────────────────────────────────────────────────────

OPENAI_LOOK = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
CLAUDE_LOOK = {"name": "look", "input_schema": {"type": "object", "properties": {}}}

PARAMS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "stop": "x"},
     {"inferenceConfig": {"maxTokens": 9, "temperature": 0.5, "topP": 0.9, "stopSequences": ["x"]}}),
    ({"stop_sequences": ["a", "b"]}, {"inferenceConfig": {"stopSequences": ["a", "b"]}}),
    ({"inferenceConfig": {"maxTokens": 9}, "temperature": 0}, {"inferenceConfig": {"maxTokens": 9, "temperature": 0}}),
    ({"inference_config": {"maxTokens": 9}}, {"inferenceConfig": {"maxTokens": 9}}),
    ({"metadata": {"a": "b"}}, {"requestMetadata": {"a": "b"}}),
    ({"reasoning_effort": "low"}, {"outputConfig": {"effort": "low"}}),
    ({"service_tier": "flex"}, {"serviceTier": {"type": "flex"}}),
    ({"performance_config": {"latency": "optimized"}}, {"performanceConfig": {"latency": "optimized"}}),
    ({"system": "s"}, {"system": [{"text": "s"}]}),
    ({"system": [{"text": "s"}, {"cachePoint": {"type": "default"}}]},
     {"system": [{"text": "s"}, {"cachePoint": {"type": "default"}}]}),
    ({"additional_model_request_fields": {"top_k": 5}}, {"additionalModelRequestFields": {"top_k": 5}}),
    ({"guardrailConfig": {"guardrailIdentifier": "abc", "guardrailVersion": "1"}},
     {"guardrailConfig": {"guardrailIdentifier": "abc", "guardrailVersion": "1"}}),
    ({"tools": [LOOK]}, {"toolConfig": {"tools": [LOOK]}}),
    ({"tools": [OPENAI_LOOK]}, {"toolConfig": {"tools": [LOOK]}}),
    ({"tools": [CLAUDE_LOOK]}, {"toolConfig": {"tools": [LOOK]}}),
    ({"toolConfig": {"tools": [LOOK], "toolChoice": {"any": {}}}},
     {"toolConfig": {"tools": [LOOK], "toolChoice": {"any": {}}}}),
    ({"tools": [LOOK], "tool_choice": "auto"}, {"toolConfig": {"tools": [LOOK], "toolChoice": {"auto": {}}}}),
    ({"tools": [LOOK], "tool_choice": "required"}, {"toolConfig": {"tools": [LOOK], "toolChoice": {"any": {}}}}),
    ({"tools": [LOOK], "tool_choice": {"type": "function", "function": {"name": "look"}}},
     {"toolConfig": {"tools": [LOOK], "toolChoice": {"tool": {"name": "look"}}}}),
    ({"stop": None, "temperature": None}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), PARAMS, ids=range(len(PARAMS)))
def test_parameters(given: dict[str, Any], expected: dict[str, Any]) -> None:
    before = repr(given)
    body = sent("hi", **given)
    del body["messages"]
    assert body == expected
    assert repr(given) == before


def test_every_member_of_the_shape_is_known() -> None:
    from botocore.loaders import Loader

    model = Loader().load_service_model("bedrock-runtime", "service-2")
    members = {*model["shapes"]["ConverseRequest"]["members"], *model["shapes"]["ConverseStreamRequest"]["members"]}
    from instructor.providers.bedrock.tables import PARAMETERS

    assert members - PARAMETERS.takes - set(PARAMETERS.refused) == {"messages"}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"seed": 1}, "additionalModelRequestFields=.*seed"), ({"top_k": 1}, "additionalModelRequestFields=.*top_k"),
    ({"thinking": {}}, "additionalModelRequestFields"), ({"parallel_tool_calls": False}, "no switch"),
    ({"brand_new": 1}, "knows no parameter 'brand_new'"), ({"n": 2}, "knows no parameter 'n'"),
    ({"temperatur": 1}, "did you mean 'temperature'"), ({"tool_choice": "none", "tools": [LOOK]}, "not 'none'"),
    ({"tools": ["look"]}, "toolSpec"), ({"inferenceConfig": {"maxTokens": 1}, "max_tokens": 2}, "given twice"),
    ({"inferenceConfig": "x"}, "it is a dict"), ({"system": 3}, "string or a list"), ({"modelId": "x"}, "model="),
]  # fmt: skip


@pytest.mark.parametrize(("given", "words"), REFUSED, ids=range(len(REFUSED)))
def test_refused_parameters(given: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        sent("hi", **given)


def test_the_path() -> None:
    path, body = posted("bedrock", "hi", model=CLAUDE)
    assert path == "/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse"
    assert "model" not in body
    assert posted("bedrock", "hi", model=CLAUDE, streaming=True)[0].endswith("/converse-stream")
    arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0"
    assert posted("bedrock", "hi", model=arn)[0].count("/") == 3


def test_the_address() -> None:
    assert locate(None, {"AWS_REGION": "eu-west-1"}) == "https://bedrock-runtime.eu-west-1.amazonaws.com"
    assert locate(None, {"AWS_DEFAULT_REGION": "x"}) == "https://bedrock-runtime.x.amazonaws.com"
    assert locate("http://h", {"AWS_REGION": "x"}) == "http://h"
    with pytest.raises(ConfigurationError, match="AWS_REGION"):
        locate(None, {})


# ── replies ──────────────────────────────────────────────────────────────────────────────────────


def answer(*blocks: Any, stop: str = "end_turn", **usage: int) -> Any:
    counts = {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0, **usage}
    message = {"role": "assistant", "content": list(blocks)}
    return {"output": {"message": message}, "stopReason": stop, "usage": counts, "metrics": {"latencyMs": 1}}


THOUGHT = {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}}
HIDDEN = {"reasoningContent": {"redactedContent": "eA=="}}
CITED = {"citationsContent": {"content": [{"text": "a"}, {"text": "b"}], "citations": []}}
USE = {"toolUse": {"toolUseId": "c", "name": "f", "input": {"x": "é"}}}

REPLIES: list[tuple[Any, Reply]] = [
    (answer({"text": "hi"}), Reply((Text("hi"),))),
    (answer(USE, stop="tool_use"), Reply((ToolCall("c", "f", '{"x": "é"}'),), "tools")),
    (answer(THOUGHT, {"text": "a"}), Reply((Reasoning("hm", ("bedrock", THOUGHT)), Text("a")))),
    (answer(HIDDEN), Reply((Reasoning("", ("bedrock", HIDDEN)),))),
    (answer(CITED), Reply((Text("ab"),))),
    (answer({"image": {"format": "png"}}), Reply((Native("bedrock", {"image": {"format": "png"}}),))),
    (answer({"text": "h"}, stop="max_tokens"), Reply((Text("h"),), "length")),
    (answer({"text": "h"}, stop="model_context_window_exceeded"), Reply((Text("h"),), "length")),
    (answer({"text": "h"}, stop="stop_sequence"), Reply((Text("h"),), "stop")),
    (answer({"text": "h"}, stop="guardrail_intervened"), Reply((Text("h"),), "filter")),
    (answer({"text": "h"}, stop="content_filtered"), Reply((Text("h"),), "filter")),
    (answer({"text": "h"}, stop="malformed_tool_use"), Reply((Text("h"),), "other")),
    (
        answer(inputTokens=5, outputTokens=7, cacheReadInputTokens=3, cacheWriteInputTokens=2),
        Reply((), "stop", Usage(input=10, output=7, cache_read=3, cache_write=2)),
    ),
    (
        answer({"text": "no"}, stop="guardrail_intervened") | {"trace": {"guardrail": {"actionReason": "a word"}}},
        Reply((Text("no"),), "filter", notes=("a word",)),
    ),
]


@pytest.mark.parametrize(("wire", "reply"), REPLIES, ids=range(len(REPLIES)))
def test_replies(wire: Any, reply: Reply) -> None:
    assert ADAPTER.decode(wire) == reply


@pytest.mark.parametrize("wire", [{}, {"output": {}}, {"output": {"message": None}}, {"output": {"message": {}}}])
def test_no_reply(wire: Any) -> None:
    with pytest.raises(ProtocolError):
        ADAPTER.decode(wire)


def test_every_stop_reason_has_a_meaning() -> None:
    from botocore.loaders import Loader

    from instructor.providers.bedrock.tables import FINISH

    shapes = Loader().load_service_model("bedrock-runtime", "service-2")["shapes"]
    assert set(shapes["StopReason"]["enum"]) - set(FINISH) == {"malformed_model_output", "malformed_tool_use"}


def test_reasoning_goes_back_as_it_came() -> None:
    reply = ADAPTER.decode(answer(THOUGHT, HIDDEN, {"text": "a"}))
    history = [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": list(reply.parts)},
        {"role": "user", "content": "x"},
    ]
    assert sent(history)["messages"][1]["content"] == [THOUGHT, HIDDEN, {"text": "a"}]


DELTAS: list[tuple[Any, list[Any]]] = [
    ({"messageStart": {"role": "assistant"}}, []),
    ({"contentBlockStart": {"start": {"toolUse": {"toolUseId": "c", "name": "f"}}, "contentBlockIndex": 1}},
     [CallDelta(1, "c", "f")]),
    ({"contentBlockDelta": {"delta": {"text": "a"}, "contentBlockIndex": 0}}, [TextDelta("a")]),
    ({"contentBlockDelta": {"delta": {"toolUse": {"input": "{"}}, "contentBlockIndex": 1}}, [CallDelta(1, arguments="{")]),
    ({"contentBlockDelta": {"delta": {"reasoningContent": {"text": "h"}}, "contentBlockIndex": 0}}, [ReasoningDelta("h")]),
    ({"contentBlockDelta": {"delta": {"reasoningContent": {"signature": "h"}}, "contentBlockIndex": 0}},
     [Signed(("bedrock", {"reasoningContent": {"reasoningText": {"signature": "h"}}}))]),
    ({"contentBlockStop": {"contentBlockIndex": 0}}, []),
    ({"messageStop": {"stopReason": "max_tokens"}}, [Stopped("length")]),
    ({"metadata": {"usage": {"inputTokens": 1, "outputTokens": 2, "cacheReadInputTokens": 3}, "metrics": {}}},
     [Counted(Usage(4, 2, 3))]),
    ({"brandNew": {}}, []),
]  # fmt: skip


@pytest.mark.parametrize(("event", "deltas"), DELTAS, ids=range(len(DELTAS)))
def test_deltas(event: Any, deltas: list[Any]) -> None:
    assert list(ADAPTER.deltas(event)) == deltas


ERRORS: list[tuple[int, Any, type[Exception]]] = [
    (403, {"message": "m", "__type": "AccessDeniedException"}, PermissionDenied),
    (403, {"message": "m", "__type": "ExpiredTokenException:http://internal"}, AuthenticationError),
    (403, {"message": "m", "__type": "com.amazon#InvalidSignatureException"}, AuthenticationError),
    (429, {"message": "m", "__type": "ThrottlingException"}, RateLimited),
    (400, {"message": "m", "__type": "ServiceQuotaExceededException"}, RateLimited),
    (400, {"message": "Input is too long for requested model."}, ContextOverflow),
    (400, {"Message": "bad"}, BadRequest),
    (503, {"message": "m"}, Overloaded),
    (500, "text", ServerError),
    (0, {"message": "m", "__type": "throttlingException"}, RateLimited),
    (0, {"message": "m", "__type": "modelStreamErrorException"}, ServerError),
    (0, {"message": "m", "__type": "validationException"}, BadRequest),
    (0, {"message": "m", "__type": "unheardOfException"}, ServerError),
]


@pytest.mark.parametrize(("status", "body", "kind"), ERRORS, ids=range(len(ERRORS)))
def test_errors(status: int, body: Any, kind: type[Exception]) -> None:
    error = ADAPTER.error(status, body)
    assert type(error) is kind
    assert error.provider == "bedrock"


def test_exceptions_in_a_stream_are_raised() -> None:
    with pytest.raises(RateLimited, match="slow down"):
        list(ADAPTER.deltas({"throttlingException": {"message": "slow down"}}))


# ── the judge ────────────────────────────────────────────────────────────────────────────────────

PATH = f"/model/{CLAUDE}/converse"
HELLO = {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}


def says(*blocks: Any, **more: Any) -> Any:
    return {"messages": [{"role": "user", "content": list(blocks)}], **more}


def form(schema: str) -> Any:
    return {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": schema}}}}


MALFORMED: list[tuple[Any, str]] = [
    ({**HELLO, "max_tokens": 1}, "max_tokens: unknown member"),
    (says({"type": "text", "text": "x"}), "unknown member"),
    (says({"text": "x", "image": {}}), "exactly one member"),
    (says({"text": 3}), "must be of the type string"),
    (says({"image": {"source": {"bytes": b64(PNG)}}}), "format: is required"),
    (says({"image": {"format": "bmp", "source": {"bytes": b64(PNG)}}}), "must be one of png"),
    (says({"image": {"format": "png", "source": {"bytes": "%%"}}}), "not valid base64"),
    (says({"image": {"format": "png", "source": {"bytes": b64(JPEG)}}}), "said to be image/png"),
    (says({"image": {"format": "png", "source": {"s3Location": {"uri": "https://x"}}}}), "must match"),
    (says({"audio": {"type": "audio", "data": ""}}), "unknown member"),
    (says({"document": {"name": "a.pdf", "format": "pdf", "source": {"bytes": b64(PAPER)}}}, {"text": "x"}), "not allowed"),
    (says({"document": {"name": "a", "format": "pdf", "source": {"bytes": b64(PAPER)}}}), "text block is required"),
    (says({"text": " "}), "blank"),
    (says(), "empty"),
    ({**HELLO, "inferenceConfig": {"temperature": 2}}, "at most 1"),
    ({**HELLO, "toolConfig": {"tools": []}}, "at least 1"),
    ({**HELLO, "toolConfig": {"tools": [LOOK], "toolChoice": {"tool": {"name": "other"}}}}, "not among the tools"),
    ({**HELLO, "outputConfig": form('{"type": "object"}')}, "additionalProperties"),
    ({**HELLO, "outputConfig": form("{")}, "is not JSON"),
    ({"messages": [{"role": "assistant", "content": [{"text": "x"}]}]}, "start with a user message"),
    ({"messages": [*HELLO["messages"], *HELLO["messages"]]}, "alternate"),
    (says({"toolResult": {"toolUseId": "c", "content": []}}), "toolConfig"),
    (says({"toolResult": {"toolUseId": "c", "content": []}}, toolConfig={"tools": [LOOK]}), "exceed"),
    (says(*[{"text": "x"}, {"cachePoint": {"type": "default"}}] * 5), "at most 4 cache points"),
    (says({"text": "x"}, {"cachePoint": {"type": "default"}}, {"cachePoint": {"type": "default", "ttl": "1h"}}), "1h"),
    (says({"cachePoint": {"type": "ephemeral"}}), "must be one of default"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "words"), MALFORMED, ids=range(len(MALFORMED)))
def test_the_judge_refuses(body: Any, words: str) -> None:
    assert words in (refusal("bedrock", PATH, body) or "nothing")


def test_the_judge_knows_models() -> None:
    assert "modelId" in (refusal("bedrock", "/model/a b/converse", HELLO) or "")
    body = {**HELLO, "toolConfig": {"tools": [LOOK], "toolChoice": {"any": {}}}}
    assert "toolChoice" in (refusal("bedrock", f"/model/{LLAMA}/converse", body) or "")
    assert judged("bedrock", PATH, body)


def test_the_provider_needs_no_key() -> None:
    assert provider.endpoint is not None
    assert not provider.endpoint.key_needed
