"""What callers write → Gemini's JSON and back, row by row, each body judged by google-genai's own types and by rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, Optional

import pytest
from google.genai import types
from pydantic import BaseModel, Field

from instructor import PDF, Audio, Document, Image, Mode, Video
from instructor.adapter import choose, family
from instructor.client import Instructor
from instructor.errors import ConfigurationError, MessageError, ModeError, ProtocolError, RequestError, UnsupportedMedia
from instructor.ir import Native, Reasoning, Stopped, Text, ToolCall, Usage
from instructor.media import materialised
from instructor.output import GEMINI, render, target
from instructor.providers import _registry
from instructor.providers.gemini import gemini, vertex
from instructor.testing.dialect import Asked
from instructor.testing.gemini_generate import DIALECT
from instructor.testing.oracle import judge, types_known
from tests.media import MP4

from .sending import JPEG, MP3, PAPER, PNG, WAV, Catcher, Sent, User, b64

FLASH, THIRD = "gemini-2.5-flash", "gemini-3-flash"
WEB = "https://example.com/cat.png"
FILES = "https://generativelanguage.googleapis.com/v1beta/files/abc"
TUBE = "https://www.youtube.com/watch?v=9hE5-98ZeCg"


def sent(messages: Any, *, provider: str = "gemini", model: str = FLASH, **options: Any) -> Any:
    """The body that `create` would post, judged."""
    client = Instructor(_registry.find(provider), Catcher())
    place = {"project": "p", "location": "global"} if provider == "vertexai" else {}
    try:
        client.create(options.pop("response_model", None), messages, model=model, **place, **options)
    except Sent as caught:
        return judged(caught.wire, provider)
    raise AssertionError("nothing was sent")


def judged(wire: Mapping[str, Any], provider: str = "gemini") -> Any:
    endpoint = _registry.find(provider).endpoint
    assert endpoint is not None
    assert endpoint.place is not None
    path, placed = endpoint.place(dict(wire), False)
    body = json.loads(json.dumps(materialised(placed), allow_nan=False))
    assert types_known(DIALECT), "the judge needs the provider's SDK"
    problem = judge(DIALECT, Asked(body, path=path))
    assert problem is None, f"{DIALECT.path(problem.path)}: {problem.message}"
    return body


def user(*parts: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "parts": list(parts)}]


def inline(mime: str, content: bytes) -> dict[str, Any]:
    return {"inlineData": {"mimeType": mime, "data": b64(content)}}


def at(uri: str, mime: str | None = None) -> dict[str, Any]:
    return {"fileData": {**({"mimeType": mime} if mime else {}), "fileUri": uri}}


# ── messages ─────────────────────────────────────────────────────────────────────────────────────

CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"x": 1}'}}
TOLD = {"role": "tool", "tool_call_id": "c1", "content": "42"}


def called(result: Any, **more: Any) -> list[dict[str, Any]]:
    """A turn with a call, and the one that answers it."""
    return [
        {"role": "model", "parts": [{"functionCall": {"id": "c1", "name": "look", "args": {"x": 1}}, **more}]},
        {"role": "user", "parts": [{"functionResponse": {"id": "c1", "name": "look", "response": result}}]},
    ]


USE = [
    {"role": "user", "content": "look"},
    {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "look", "input": {"x": 1}}]},
]


def results(*content: Any, **more: Any) -> list[dict[str, Any]]:
    block = {"type": "tool_result", "tool_use_id": "c1", "content": list(content), **more}
    return [*USE, {"role": "user", "content": [block]}]


MESSAGES: dict[str, tuple[Any, Any]] = {
    "a string": ("hi", user({"text": "hi"})),
    "text parts": (["a", "b"], user({"text": "a"}, {"text": "b"})),
    "empty text is left out": ([{"role": "user", "content": ["a", "", " \n"]}], user({"text": "a"})),
    "neighbours become one": (
        [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}, {"role": "assistant", "content": "c"}],
        [*user({"text": "a"}, {"text": "b"}), {"role": "model", "parts": [{"text": "c"}]}],
    ),
    "calls in OpenAI's form": (
        [{"role": "user", "content": "look"}, {"role": "assistant", "content": None, "tool_calls": [CALL]}, TOLD],
        [*user({"text": "look"}), *called({"output": "42"})],
    ),
    "calls in Anthropic's form": (results("42"), [*user({"text": "look"}), *called({"output": "42"})]),
    "a failed result": (results("no", is_error=True), [*user({"text": "look"}), *called({"error": "no"})]),
    "a result without content": (results(), [*user({"text": "look"}), *called({"output": ""})]),
    "malformed arguments": (
        [
            {"role": "user", "content": "look"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{**CALL, "function": {"name": "look", "arguments": '{"x": '}}],
            },
            TOLD,
        ],
        [
            *user({"text": "look"}),
            {
                "role": "model",
                "parts": [{"functionCall": {"id": "c1", "name": "look", "args": {"malformed": '{"x": '}}}],
            },
            called({"output": "42"})[1],
        ],
    ),
    "others' thoughts are left out": (
        [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": "s"}, "b"]},
            {"role": "user", "content": "c"},
        ],
        [*user({"text": "a"}), {"role": "model", "parts": [{"text": "b"}]}, *user({"text": "c"})],
    ),
    "its own thoughts and signatures go back": (
        [
            {"role": "user", "content": "a"},
            {
                "role": "assistant",
                "content": [
                    Reasoning("hm", ("gemini", {"text": "hm", "thought": True})),
                    Reasoning("", ("gemini", {"thoughtSignature": "c2ln"})),
                    Text("b"),
                    Reasoning("", ("gemini", {"thoughtSignature": "bGFzdA=="})),
                ],
            },
            {"role": "user", "content": "c"},
        ],
        [
            *user({"text": "a"}),
            {
                "role": "model",
                "parts": [
                    {"text": "hm", "thought": True},
                    {"text": "b", "thoughtSignature": "c2ln"},
                    {"text": "", "thoughtSignature": "bGFzdA=="},
                ],
            },
            *user({"text": "c"}),
        ],
    ),
    "parts of OpenAI's": (
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": WEB}}]}],
        user(at(WEB, "image/png")),
    ),
    "its own form": ([{"role": "user", "content": [Native("gemini", {"text": "a"})]}], user({"text": "a"})),
}


def test_the_sdks_contents_go_back_as_they_came() -> None:
    answer = types.Content.model_validate(
        {
            "role": "model",
            "parts": [
                {"text": "hm", "thought": True},
                {"text": "I look."},
                {"functionCall": {"id": "c1", "name": "look", "args": {"snake_case": 1}}, "thoughtSignature": "c2ln"},
            ],
        }
    )
    asked = types.UserContent(parts=[types.Part.from_bytes(data=PNG, mime_type="image/png"), types.Part(text="look")])
    response = types.Part.from_function_response(name="look", response={"snake_case": 1})
    body = sent([asked, answer, types.UserContent(parts=[response])], model=THIRD)
    assert body["contents"] == [
        *user(inline("image/png", PNG), {"text": "look"}),
        {
            "role": "model",
            "parts": [
                {"text": "hm", "thought": True},
                {"text": "I look."},
                {"functionCall": {"id": "c1", "name": "look", "args": {"snake_case": 1}}, "thoughtSignature": "c2ln"},
            ],
        },
        *user({"functionResponse": {"name": "look", "response": {"snake_case": 1}}}),
    ]
    mixed = sent([asked, answer, TOLD], model=THIRD)  # a result in OpenAI's form answers a call in Google's
    assert mixed["contents"][2] == called({"output": "42"})[1]
    plain = sent([{"role": "user", "parts": ["a", {"text": "b"}]}])
    assert plain["contents"] == user({"text": "a"}, {"text": "b"})
    for wrong in ("a", [1], [{}]):
        with pytest.raises(MessageError, match=r"messages\[0\]\.parts"):
            sent([{"role": "user", "parts": wrong}])


@pytest.mark.parametrize("name", MESSAGES)
def test_messages(name: str) -> None:
    messages, expected = MESSAGES[name]
    assert sent(messages)["contents"] == expected


def test_the_third_has_media_inside_of_results_and_signed_calls() -> None:
    messages = results("seen:", Image.from_bytes(PNG), Image.from_url(WEB), Audio.from_bytes(WAV))
    body = sent(messages, model=THIRD)
    signed = body["contents"][1]["parts"][0]
    assert signed["thoughtSignature"] == "skip_thought_signature_validator"
    response, *after = body["contents"][2]["parts"]
    assert response["functionResponse"]["response"] == {"output": "seen:"}
    assert response["functionResponse"]["parts"] == [inline("image/png", PNG), at(WEB, "image/png")]
    assert after == [inline("audio/wav", WAV)]
    response, *after = sent(messages)["contents"][2]["parts"]
    assert "parts" not in response["functionResponse"]
    assert after == [inline("image/png", PNG), at(WEB, "image/png"), inline("audio/wav", WAV)]


def test_system_messages() -> None:
    messages = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "a"},
        {"role": "developer", "content": "t"},
    ]
    body = sent(messages, system_instruction="u")
    assert body["systemInstruction"] == {"parts": [{"text": "u"}, {"text": "s"}, {"text": "t"}]}
    assert body["contents"] == user({"text": "a"})
    folded = sent(messages, model="gemma-3-27b-it", response_model=User)
    assert folded["contents"][0]["parts"][0] == {"text": "s"}
    assert "systemInstruction" not in folded
    cached = sent(messages, cached_content="abc")
    assert cached["cachedContent"] == "cachedContents/abc"
    assert cached["contents"] == user({"text": "s"}, {"text": "t"}, {"text": "a"})


REFUSED: dict[str, tuple[Any, dict[str, Any], type[Exception], str]] = {
    "no message": ([{"role": "system", "content": "s"}], {}, MessageError, "needs one of the user"),
    "empty": ([{"role": "user", "content": " "}], {}, MessageError, "the user message is empty"),
    "a name": ([{"role": "user", "content": "a", "name": "b"}], {}, MessageError, "have no name"),
    "a picture for the system": (
        [{"role": "system", "content": [Image.from_url(WEB)]}, {"role": "user", "content": "a"}],
        {},
        MessageError,
        "words only",
    ),
    "a result of nothing": ([{"role": "user", "content": "a"}, TOLD], {}, MessageError, "no message before it makes"),
    "a cache and tools": (
        "hi",
        {"cached_content": "abc", "response_model": User, "mode": Mode.TOOLS},
        RequestError,
        "takes no tools or toolConfig beside cached_content",
    ),
    "an unknown parameter": ("hi", {"temprature": 1}, RequestError, "did you mean 'temperature'"),
    "one twice": ("hi", {"max_tokens": 1, "max_output_tokens": 2}, RequestError, "pass one of them"),
    "one twice in a config": ("hi", {"temperature": 1, "config": {"temperature": 2}}, RequestError, "twice"),
    "no parallel calls": ("hi", {"parallel_tool_calls": False}, RequestError, "no such switch"),
    "no effort": ("hi", {"reasoning_effort": "huge"}, RequestError, "none, minimal, low, medium, high"),
    "no choice": ("hi", {"tool_choice": 3}, RequestError, "tool_choice is"),
    "a function that wants no names": (
        "hi",
        {"tools": [len]},
        RequestError,
        "len: a tool's parameters are given by name",
    ),
    "metadata": ("hi", {"metadata": {"a": 1}}, RequestError, "strings to strings"),
    "settings of the client": ("hi", {"http_options": {}}, RequestError, "setting of the SDK's client"),
    "what only Vertex has": ("hi", {"audio_timestamp": True}, RequestError, "only the Vertex API"),
    "two schemas": (
        "hi",
        {"response_model": User, "generation_config": {"response_mime_type": "text/plain"}},
        RequestError,
        "say the same",
    ),
    "search beside a schema, before the third": (
        "hi",
        {"response_model": User, "tools": [{"google_search": {}}]},
        RequestError,
        "takes no googleSearch beside what gemini-2.5-flash answers in: use Mode.MD_JSON",
    ),
    "a schema beside tools, before the third": (
        "hi",
        {"response_model": User, "mode": Mode.JSON_SCHEMA, "tools": [{"google_search": {}}]},
        ModeError,
        "beside tools",
    ),
    "a mode that Gemma lacks": (
        "hi",
        {"response_model": User, "mode": Mode.TOOLS, "model": "gemma-3-4b-it"},
        ModeError,
        "it takes Mode.MD_JSON",
    ),
    "an odd model": ("hi", {"model": "a b"}, RequestError, "no name of a model"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    messages, options, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        sent(messages, **options)


# ── parameters ───────────────────────────────────────────────────────────────────────────────────

PARAMETERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "limits": ({"max_tokens": 5}, {"generationConfig": {"maxOutputTokens": 5}}),
    "the SDK's spelling": (
        {"max_output_tokens": 5, "top_p": 0.5},
        {"generationConfig": {"maxOutputTokens": 5, "topP": 0.5}},
    ),
    "the API's spelling": ({"maxOutputTokens": 5, "topK": 3}, {"generationConfig": {"maxOutputTokens": 5, "topK": 3}}),
    "stop": ({"stop": "x"}, {"generationConfig": {"stopSequences": ["x"]}}),
    "nothing": ({"stop": None, "temperature": None}, {}),
    "zero": ({"temperature": 0}, {"generationConfig": {"temperature": 0}}),
    "effort": ({"reasoning_effort": "medium"}, {"generationConfig": {"thinkingConfig": {"thinkingBudget": 8192}}}),
    "effort of the third": (
        {"reasoning_effort": "minimal", "model": THIRD},
        {"generationConfig": {"thinkingConfig": {"thinkingLevel": "MINIMAL"}}},
    ),
    "thinking": (
        {"thinking_config": {"include_thoughts": True}},
        {"generationConfig": {"thinkingConfig": {"includeThoughts": True}}},
    ),
    "safety": (
        {"safety_settings": {"HARM_CATEGORY_HARASSMENT": "BLOCK_NONE"}},
        {"safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]},
    ),
    "labels": ({"metadata": {"team_a": "b_c"}}, {"labels": {"team_a": "b_c"}}),
    "a config": (
        {"config": {"temperature": 1, "cached_content": "abc"}},
        {"generationConfig": {"temperature": 1}, "cachedContent": "cachedContents/abc"},
    ),
    "a choice": ({"tool_choice": "none"}, {"toolConfig": {"functionCallingConfig": {"mode": "NONE"}}}),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name: str) -> None:
    given, expected = PARAMETERS[name]
    body = sent("hi", **given)
    body.pop("contents")
    assert body == expected


SCHEMA = {"type": "object", "properties": {"snake_case": {"type": "string"}}}
TOOLS: dict[str, Any] = {
    "OpenAI's": {
        "type": "function",
        "function": {"name": "f", "description": "d", "parameters": SCHEMA, "strict": True},
    },
    "that of Responses": {"type": "function", "name": "f", "description": "d", "parameters": SCHEMA},
    "Anthropic's": {"name": "f", "description": "d", "input_schema": SCHEMA},
    "its own": {"functionDeclarations": [{"name": "f", "description": "d", "parametersJsonSchema": SCHEMA}]},
    "a declaration": {"name": "f", "description": "d", "parameters_json_schema": SCHEMA},
}


@pytest.mark.parametrize("name", TOOLS)
def test_tools_in_every_form(name: str) -> None:
    body = sent("hi", tools=[TOOLS[name]], tool_choice={"type": "function", "function": {"name": "f"}})
    declared = {"name": "f", "description": "d", "parametersJsonSchema": SCHEMA}
    assert body["tools"] == [{"functionDeclarations": [declared]}]
    assert body["toolConfig"] == {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}}


def test_the_callers_arguments_stay_as_they_are() -> None:
    given = {
        "config": {"thinking_config": {"thinking_budget": 1}},
        "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT"}],
    }
    before = json.dumps(given)
    sent("hi", **given)
    assert json.dumps(given) == before


# ── media ────────────────────────────────────────────────────────────────────────────────────────

MEDIA: dict[str, tuple[Any, Any]] = {
    "png": (Image.from_bytes(PNG), inline("image/png", PNG)),
    "wav": (Audio.from_bytes(WAV), inline("audio/wav", WAV)),
    "mp3": (Audio.from_bytes(MP3), inline("audio/mpeg", MP3)),
    "mp4": (Video.from_bytes(MP4), inline("video/mp4", MP4)),
    "pdf": (PDF.from_bytes(PAPER), inline("application/pdf", PAPER)),
    "text": (Document.from_bytes(b"a", name="n.txt"), {"text": "n.txt:\n\na"}),
    "an address": (Image.from_url(WEB), at(WEB, "image/png")),
    "a PDF's": (PDF.from_url("https://example.com/a.pdf"), at("https://example.com/a.pdf", "application/pdf")),
    "YouTube": (Video.from_url(TUBE), at(TUBE)),
    "a file's name": (PDF.from_file_id("files/abc", "application/pdf"), at(FILES, "application/pdf")),
    "a file's address": (Audio.from_url(FILES), at(FILES)),
    "a film of Microsoft's": (Video.from_file_id(FILES, "video/x-ms-wmv"), at(FILES, "video/wmv")),
}


@pytest.mark.parametrize("name", MEDIA)
def test_media(name: str) -> None:
    medium, expected = MEDIA[name]
    assert sent([medium])["contents"] == user(expected)


def test_a_part_by_hand() -> None:
    for medium, expected in MEDIA.values():
        part = medium.to_genai()
        assert part == expected
        types.Part.model_validate(part)
    with pytest.raises(UnsupportedMedia, match="takes no Image by gs"):
        Image.from_url("gs://a/b.png").to_genai()


ON_VERTEX: dict[str, tuple[Any, Any]] = {
    "a bucket": (Image.from_url("gs://a/b.png"), at("gs://a/b.png", "image/png")),
    "what it says it is": (Video.from_url("gs://a/b", "video/mp4"), at("gs://a/b", "video/mp4")),
    "YouTube": (Video.from_url(TUBE), at(TUBE, "video/mp4")),
    "an address": (Image.from_url(WEB), at(WEB, "image/png")),
    "a recording's": (Audio.from_url("https://example.com/a.mp3"), at("https://example.com/a.mp3", "audio/mpeg")),
    "bytes": (Image.from_bytes(JPEG), inline("image/jpeg", JPEG)),
}


@pytest.mark.parametrize("name", ON_VERTEX)
def test_media_on_vertex(name: str) -> None:
    medium, expected = ON_VERTEX[name]
    assert sent([medium], provider="vertexai")["contents"] == user(expected)


def test_media_that_are_refused() -> None:
    with pytest.raises(UnsupportedMedia, match="media_type="):
        sent([Image.from_url("gs://a/b")], provider="vertexai")
    with pytest.raises(UnsupportedMedia, match="vertexai takes no file ids"):
        sent([PDF.from_file_id("files/abc")], provider="vertexai")


def test_what_is_read_where() -> None:
    """Whatever the API does not read by itself is fetched before, or refused: never sent in vain."""
    rows, other = gemini.adapter.media, vertex.adapter.media
    elsewhere = [
        Image.from_url("gs://a/b.png"),
        Image.from_url("http://example.com/a.png"),
        Image.from_url("https://e.com/a"),
    ]
    assert not any(rows[Image].passes_on(medium) for medium in elsewhere)
    assert [other[Image].passes_on(medium) for medium in elsewhere] == [True, False, False]
    assert rows[Image].passes_on(Image.from_url(FILES))
    assert not rows[Audio].passes_on(Audio.from_url("https://example.com/a.mp3"))
    assert not rows[Image].passes_on(Image.from_url("https://example.com/a.heic"))


def test_detail_is_for_the_third() -> None:
    for detail, level in (("low", "LOW"), ("high", "HIGH"), ("original", "ULTRA_HIGH")):
        parts = [Image.from_bytes(PNG, detail=detail)]
        said = {"mediaResolution": {"level": f"MEDIA_RESOLUTION_{level}"}}
        assert sent(parts, model=THIRD)["contents"] == user({**inline("image/png", PNG), **said})
        assert sent(parts)["contents"] == user(inline("image/png", PNG))
    assert sent([Image.from_bytes(PNG, detail="auto")], model=THIRD)["contents"] == user(inline("image/png", PNG))


# ── modes and schemas ────────────────────────────────────────────────────────────────────────────


class Node(BaseModel):
    value: int
    children: list[Node] = []


class Ring(BaseModel):
    value: int
    next: Optional[Ring]  # noqa: UP045


class Rich(BaseModel):
    """Everything that a schema may hold."""

    kind: Literal["rich"]
    sure: Literal[True]
    grade: Literal["a", 1, None]
    count: int = Field(ge=1, lt=9)
    name: str = Field(min_length=2, pattern="^a", examples=["ab"])
    when: str = Field(json_schema_extra={"format": "date-time"})
    mail: str = Field(json_schema_extra={"format": "email"})
    many: dict[str, int]
    pair: tuple[int, str]
    tree: Node = Field(description="A tree")
    twice: list[str] = Field(max_length=3, json_schema_extra={"uniqueItems": True})


def test_no_constraint_is_lost() -> None:
    rendered = render(target(Rich), GEMINI)
    assert rendered.strict
    rows = rendered.schema["properties"]
    assert rows["kind"] == {"type": "string", "enum": ["rich"]}
    assert rows["sure"] == {"type": "boolean", "description": "Constraint: true."}
    assert rows["grade"] == {
        "anyOf": [{"type": "string", "enum": ["a"]}, {"type": "integer", "enum": [1]}, {"type": "null"}]
    }
    assert rows["count"] == {"type": "integer", "minimum": 1, "description": "Constraint: less than 9."}
    assert "at least 2 characters, matching the regular expression ^a" in rows["name"]["description"]
    assert rows["when"]["format"] == "date-time"
    assert "in the format email" in rows["mail"]["description"]
    assert rows["many"] == {"type": "object", "additionalProperties": {"type": "integer"}}
    assert [item["type"] for item in rows["pair"]["prefixItems"]] == ["integer", "string"]
    assert rows["tree"] == {"anyOf": [{"$ref": "#/$defs/Node"}], "description": "A tree"}
    assert rows["twice"]["maxItems"] == 3
    assert "no item twice" in rows["twice"]["description"]
    sent("hi", response_model=Rich)
    sent("hi", response_model=Rich, mode=Mode.TOOLS)


def test_modes_by_model() -> None:
    adapter = gemini.adapter
    for model, kind, expected in (
        (FLASH, User, Mode.JSON_SCHEMA),
        (FLASH, Node, Mode.JSON_SCHEMA),
        (FLASH, Ring, Mode.JSON),  # it may contain itself only where it may be left out
        (FLASH, list[Any], Mode.JSON),
        ("gemma-3-27b-it", User, Mode.MD_JSON),
    ):
        assert choose(adapter, model, None, target(kind))[0] is expected, (model, kind)
    assert choose(adapter, FLASH, None, target(User), tools=True)[0] is Mode.TOOLS
    assert choose(adapter, THIRD, None, target(User), tools=True)[0] is Mode.JSON_SCHEMA
    assert Mode.JSON_SCHEMA in family(adapter, "gemma-4-31b-it").modes
    with pytest.raises(ModeError, match="Ring contains itself in a property that may not be left out"):
        choose(adapter, FLASH, Mode.JSON_SCHEMA, target(Ring))


def test_each_mode_asks_in_its_way() -> None:
    schema = {
        "description": "A person.",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"],
        "type": "object",
    }
    body = sent("hi", response_model=User)
    assert body["generationConfig"] == {"responseMimeType": "application/json", "responseJsonSchema": schema}
    body = sent("hi", response_model=User, mode=Mode.TOOLS)
    (declared,) = body["tools"][0]["functionDeclarations"]
    assert declared == {"name": "User", "description": "A person.", "parametersJsonSchema": schema}
    assert body["toolConfig"]["functionCallingConfig"] == {"mode": "ANY", "allowedFunctionNames": ["User"]}
    body = sent("hi", response_model=User, mode=Mode.JSON)
    assert body["generationConfig"] == {"responseMimeType": "application/json"}
    assert '"required"' in body["systemInstruction"]["parts"][0]["text"]
    body = sent("hi", response_model=User, mode=Mode.MD_JSON)
    assert "generationConfig" not in body
    assert "```json" in body["systemInstruction"]["parts"][0]["text"]


# ── places ───────────────────────────────────────────────────────────────────────────────────────


def test_addresses_of_vertex(monkeypatch: pytest.MonkeyPatch) -> None:
    assert vertex.endpoint is not None
    locate, place = vertex.endpoint.locate, vertex.endpoint.place
    assert locate is not None
    assert place is not None
    assert locate(None, {}) == "https://aiplatform.googleapis.com"
    assert locate(None, {"location": "europe-west4"}) == "https://europe-west4-aiplatform.googleapis.com"
    assert locate(None, {"GOOGLE_CLOUD_LOCATION": "us-east5"}) == "https://us-east5-aiplatform.googleapis.com"
    assert locate("https://proxy.example", {"location": "x"}) == "https://proxy.example"
    for name in ("GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="pass project="):
        place({"model": FLASH, "contents": []}, False)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "from-env")
    path, body = place({"model": FLASH, "contents": []}, True)
    assert path == (
        f"/v1/projects/from-env/locations/global/publishers/google/models/{FLASH}:streamGenerateContent?alt=sse"
    )
    assert body == {"contents": []}


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def answered(*parts: Any, finish: str = "STOP", **more: Any) -> Any:
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, "finishReason": finish, **more}]}


def test_an_answer_whole() -> None:
    blob = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    reply = gemini.adapter.decode(
        {
            **answered(
                {"text": "hm", "thought": True},
                {"text": "a", "thoughtSignature": "c2ln"},
                {"functionCall": {"name": "f", "args": {"é": None}}, "thoughtSignature": "Zg=="},
                {"functionCall": {"name": "g", "id": "x"}},
                blob,
            ),
            "usageMetadata": {
                "promptTokenCount": 10,
                "cachedContentTokenCount": 4,
                "toolUsePromptTokenCount": 2,
                "candidatesTokenCount": 5,
                "thoughtsTokenCount": 3,
            },
            "modelVersion": "m",
            "responseId": "r",
        }
    )
    assert reply.parts == (
        Reasoning("hm", ("gemini", {"text": "hm", "thought": True})),
        Reasoning("", ("gemini", {"thoughtSignature": "c2ln"})),
        Text("a"),
        Reasoning("", ("gemini", {"thoughtSignature": "Zg=="})),
        ToolCall("call-2", "f", '{"é": null}'),
        ToolCall("x", "g", "{}"),
        Native("gemini", blob),
    )
    assert reply.finish == "tools"
    assert reply.usage == Usage(input=12, output=8, cache_read=4, reasoning=3)
    assert (reply.model, reply.id, reply.notes) == ("m", "r", ())


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("CONTINUATION", "length"),
        ("SAFETY", "filter"),
        ("RECITATION", "filter"),
        ("MODEL_ARMOR", "filter"),
        ("MALFORMED_FUNCTION_CALL", "other"),
        ("SOMETHING_NEW", "other"),
    ],
)
def test_finish_reasons(reason: str, finish: str) -> None:
    reply = gemini.adapter.decode(answered({"text": "a"}, finish=reason))
    assert reply.finish == finish
    assert list(gemini.adapter.deltas(answered(finish=reason))) == [Stopped(finish)]
    assert bool(reply.notes) == (finish in ("filter", "other"))


def test_every_finish_reason_of_the_sdk_is_known() -> None:
    mishaps = {
        *("FINISH_REASON_UNSPECIFIED", "OTHER", "LANGUAGE", "MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE"),
        *("UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE", "NO_IMAGE", "IMAGE_OTHER"),
        *("ESCALATION", "PUP_LIMITED_DISABLED"),
    }
    from instructor.providers.gemini.reading import FINISH

    assert {reason.value for reason in types.FinishReason} == mishaps | set(FINISH)


def test_notes() -> None:
    reply = gemini.adapter.decode(
        answered(
            {"text": "a"},
            finish="SAFETY",
            finishMessage="words",
            safetyRatings=[{"category": "HARM_CATEGORY_HARASSMENT", "blocked": True}, {"category": "X"}],
            urlContextMetadata={
                "urlMetadata": [
                    {"retrievedUrl": WEB, "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_UNSAFE"},
                    {"retrievedUrl": WEB, "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS"},
                ]
            },
            citationMetadata={"citationSources": [{"uri": "https://example.com/book"}]},
        )
    )
    assert reply.notes == (
        "finishReason SAFETY",
        "words",
        "blocked: HARM_CATEGORY_HARASSMENT",
        f"an address was not read: URL_RETRIEVAL_STATUS_UNSAFE {WEB}",
        "cites https://example.com/book",
    )


def test_two_calls_in_two_events_are_two() -> None:
    def event(place: int) -> Any:
        return {
            **answered({"functionCall": {"name": "f", "args": {"x": 1}}}),
            "usageMetadata": {"totalTokenCount": place},
        }

    indices = [delta.index for i in range(2) for delta in gemini.adapter.deltas(event(i)) if hasattr(delta, "index")]
    assert len(set(indices)) == 2


@pytest.mark.parametrize("wire", [{}, {"candidates": []}, {"candidates": "x"}, {"candidates": [1]}])
def test_answers_that_are_none(wire: Any) -> None:
    with pytest.raises(ProtocolError, match="no candidates"):
        gemini.adapter.decode(wire)


# ── the judge ────────────────────────────────────────────────────────────────────────────────────

HELLO = user({"text": "hi"})
GOOGLE = {"functionDeclarations": [{"name": "f"}]}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "contents"),
    "no contents": ({"contents": []}, "contents"),
    "an unknown key": ({"contents": HELLO, "stream": True}, "stream"),
    "an unknown key of a part": ({"contents": user({"text": "a", "type": "text"})}, "contents[0].parts[0].type"),
    "an unknown setting": ({"contents": HELLO, "generationConfig": {"max_tokens": 1}}, "generationConfig.max_tokens"),
    "a number as text": ({"contents": HELLO, "generationConfig": {"temperature": "1"}}, "generationConfig.temperature"),
    "an unknown word": (
        {"contents": HELLO, "generationConfig": {"mediaResolution": "HUGE"}},
        "generationConfig.mediaResolution",
    ),
    "a role": ({"contents": [{"role": "assistant", "parts": [{"text": "a"}]}]}, "contents[0].role"),
    "no parts": ({"contents": [{"role": "user", "parts": []}]}, "contents[0].parts"),
    "an empty part": ({"contents": user({})}, "contents[0].parts[0]"),
    "two things": ({"contents": user({"text": "a", "fileData": {"fileUri": WEB}})}, "contents[0].parts[0]"),
    "empty text": ({"contents": user({"text": ""})}, "contents[0].parts[0].text"),
    "a wrong type": ({"contents": user(inline("image/gif", PNG))}, "contents[0].parts[0].inlineData.mimeType"),
    "wrong content": ({"contents": user(inline("image/jpeg", PNG))}, "contents[0].parts[0].inlineData.data"),
    "a bucket": ({"contents": user(at("gs://a/b.png", "image/png"))}, "contents[0].parts[0].fileData.fileUri"),
    "an unanswered call": (
        {"contents": [*HELLO, called({})[0], *HELLO]},
        "contents[2]",
    ),
    "a choice of nothing": (
        {
            "contents": HELLO,
            "tools": [GOOGLE],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["g"]}},
        },
        "toolConfig.functionCallingConfig.allowedFunctionNames",
    ),
    "two of a name": ({"contents": HELLO, "tools": [GOOGLE, GOOGLE]}, "tools[1].functionDeclarations[0].name"),
    "a schema without JSON": (
        {"contents": HELLO, "generationConfig": {"responseJsonSchema": {}}},
        "generationConfig.responseJsonSchema",
    ),
    "JSON beside tools": (
        {"contents": HELLO, "tools": [GOOGLE], "generationConfig": {"responseMimeType": "application/json"}},
        "",
    ),
    "words beside a reference": (
        {
            "contents": HELLO,
            "generationConfig": {
                "responseMimeType": "application/json",
                "responseJsonSchema": {"properties": {"a": {"$ref": "#/$defs/A", "description": "b"}}},
            },
        },
        "generationConfig.responseJsonSchema.properties.a",
    ),
    "a resolution": (
        {"contents": user({**inline("image/png", PNG), "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"}})},
        "contents[0].parts[0].mediaResolution",
    ),
    "a cache and a system": (
        {"contents": HELLO, "cachedContent": "cachedContents/a", "systemInstruction": {"parts": [{"text": "s"}]}},
        "cachedContent",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_judge_refuses(name: str) -> None:
    body, where = WRONG[name]
    problem = judge(DIALECT, Asked(body, path=f"/v1/models/{FLASH}:generateContent"))
    assert problem is not None
    assert DIALECT.path(problem.path) == where


def test_the_judge_knows_the_third() -> None:
    body = {"contents": [*HELLO, *called({"output": "a"})]}
    third = Asked(body, path=f"/v1/models/{THIRD}:generateContent")
    problem = judge(DIALECT, third)
    assert problem is not None
    assert "missing a thought_signature" in problem.message
    assert judge(DIALECT, Asked(body, path=f"/v1/models/{FLASH}:generateContent")) is None
