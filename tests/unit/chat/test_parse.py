"""Messages in every form that callers pass, and the errors for what is none."""

from __future__ import annotations

import base64
import copy
import io
from pathlib import Path
from typing import Any

import pytest
from anthropic.types import Message as AnthropicMessage
from openai.types.chat import ChatCompletionMessage
from PIL import Image as Pillow

from instructor.chat import may_read_files, neutral, parse
from instructor.errors import MediaError, MediaNotFound, MessageError, UnreadableMedia
from instructor.ir import Message, Native, Reasoning, Text, ToolCall, ToolResult
from instructor.media import PDF, Audio, CacheControl, Document, Image, autodetect


def picture() -> bytes:
    stream = io.BytesIO()
    Pillow.new("RGB", (8, 8)).save(stream, "PNG")
    return stream.getvalue()


PNG = picture()
B64 = base64.b64encode(PNG).decode()
IMAGE = Image.from_bytes(PNG)
WAV = b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cat.png").write_bytes(PNG)
    (tmp_path / "my cat.png").write_bytes(PNG)
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "fake.png").write_text("hello")
    monkeypatch.chdir(tmp_path)


USER = [
    ("hello", (Text("hello"),)),
    (["a", "b"], (Text("a"), Text("b"))),
    (IMAGE, (IMAGE,)),
    (["look:", IMAGE], (Text("look:"), IMAGE)),
    ((part for part in ["a", IMAGE]), (Text("a"), IMAGE)),
    (["x", PNG], (Text("x"), IMAGE)),
    ({"type": "text", "text": "hi"}, (Text("hi"),)),
    ([{"type": "text", "text": "hi", "cache_control": {"type": "ephemeral"}}], (Text("hi", CacheControl()),)),
    ([{"type": "image", "source": PNG, "detail": "low"}], (IMAGE.replace(detail="low"),)),
    ([{"type": "image", "source": B64}], (IMAGE,)),
    ([{"type": "image", "source": f"data:image/png;base64,{B64}", "cache_control": True}],
     (IMAGE.replace(cache_control=True),)),
    ([{"type": "pdf", "source": "https://x.org/a.pdf"}], (PDF.from_url("https://x.org/a.pdf"),)),
    ([{"type": "document", "source": "https://x.org/a.pdf"}], (PDF.from_url("https://x.org/a.pdf"),)),
    ([{"type": "audio", "source": WAV}], (Audio.from_bytes(WAV),)),
    ([{"type": "image_url", "image_url": {"url": "https://x.org/a"}}],
     (Native("openai", {"type": "image_url", "image_url": {"url": "https://x.org/a"}}),)),
    ([{"type": "image", "source": {"type": "url", "url": "https://x.org/a"}}],
     (Native("anthropic", {"type": "image", "source": {"type": "url", "url": "https://x.org/a"}}),)),
    ([{"type": "brand_new", "x": 1}], (Native("", {"type": "brand_new", "x": 1}),)),
]  # fmt: skip


@pytest.mark.parametrize(("content", "parts"), USER, ids=range(len(USER)))
def test_user_content(content: Any, parts: Any) -> None:
    assert parse([{"role": "user", "content": content}]) == (Message("user", parts),)


@pytest.mark.parametrize(
    ("messages", "parts"),
    [
        ("hello", (Text("hello"),)),
        (IMAGE, (IMAGE,)),
        (["look:", IMAGE], (Text("look:"), IMAGE)),
        (("a", "b"), (Text("a"), Text("b"))),
        (Path("cat.png"), (Image.from_bytes(PNG),)),
    ],
)
def test_a_single_user_message(messages: Any, parts: Any) -> None:
    (message,) = parse(messages)
    assert message.role == "user"
    assert [type(p) for p in message.parts] == [type(p) for p in parts]


def test_paths_are_told_apart_by_content() -> None:
    (message,) = parse([Path("cat.png"), Path("notes.txt"), Path("fake.png")])
    assert [type(part) for part in message.parts] == [Image, Document, Document]
    with pytest.raises(MediaNotFound, match=r"content\[0\]|messages\[0\]"):
        parse([{"role": "user", "content": [Path("missing.png")]}])


def test_history_with_tools_in_openai_form() -> None:
    messages = [
        {"role": "developer", "content": "be brief"},
        {"role": "assistant", "content": None,
         "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "42"},
        {"role": "user", "content": "so?", "name": "ann"},
    ]  # fmt: skip
    assert parse(messages) == (
        Message("system", (Text("be brief"),), {"role": "developer"}),
        Message("assistant", (ToolCall("c1", "f", '{"x":1}'),)),
        Message("tool", (ToolResult("c1", (Text("42"),)),)),
        Message("user", (Text("so?"),), {"name": "ann"}),
    )


def test_history_with_tools_in_anthropic_form() -> None:
    thinking = {"type": "thinking", "thinking": "hm", "signature": "s"}
    messages = [
        {"role": "assistant", "content": [thinking, {"type": "tool_use", "id": "c1", "name": "f", "input": {"x": 1}}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "c1", "content": "42", "is_error": True,
             "cache_control": {"type": "ephemeral"}},
            {"type": "tool_result", "tool_use_id": "c2", "content": [{"type": "text", "text": "a"}, IMAGE]},
        ]},
    ]  # fmt: skip
    assert parse(messages) == (
        Message("assistant", (Reasoning("hm", ("anthropic", thinking)), ToolCall("c1", "f", '{"x": 1}'))),
        Message(
            "user",
            (
                ToolResult("c1", (Text("42"),), True, CacheControl()),
                ToolResult("c2", (Text("a"), IMAGE)),
            ),
        ),
    )


def test_sdk_objects() -> None:
    openai_message = ChatCompletionMessage.model_validate(
        {"role": "assistant", "content": "hi", "annotations": [],
         "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}
    )  # fmt: skip
    anthropic_message = AnthropicMessage.model_validate(
        {"id": "m", "type": "message", "role": "assistant", "model": "c", "stop_reason": "end_turn",
         "content": [{"type": "text", "text": "ho"}], "usage": {"input_tokens": 1, "output_tokens": 1}}
    )  # fmt: skip
    assert parse([openai_message, anthropic_message]) == (
        Message("assistant", (Text("hi"), ToolCall("c1", "f", "{}"))),
        Message("assistant", (Text("ho"),)),
    )
    assert parse([{"role": "user", "content": anthropic_message.content}]) == (Message("user", (Text("ho"),)),)


def test_message_level_cache_mark_falls_on_the_last_part() -> None:
    (message,) = parse([{"role": "user", "content": ["a", IMAGE], "cache_control": True}])
    assert message.parts == (Text("a"), IMAGE.replace(cache_control=True))


def test_callers_objects_are_never_written_to() -> None:
    messages = [
        {"role": "user", "content": ["cat.png", {"type": "image", "source": "cat.png", "cache_control": True}]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": {}}}]},
    ]
    before = copy.deepcopy(messages)
    parse(messages, autodetect_media=True)
    assert messages == before


BAD: list[tuple[Any, str]] = [
    ([], "there are no messages"),
    ({"role": "user", "content": "x"}, "not dict"),
    (None, "not NoneType"),
    (42, "not int"),
    (b"x", "not bytes"),
    ([42], r"messages\[0\]: a message is a dict"),
    ([{"content": "x"}], r"messages\[0\]: role is one of"),
    ([{"role": "boss", "content": "x"}], r"messages\[0\]: role is one of .* not 'boss'"),
    ([{"role": "user", "content": "x"}, {"role": "user"}], r"messages\[1\]: the user message has no content"),
    ([{"role": "user", "content": None}], "has no content"),
    ([{"role": "user", "content": []}], "has no content"),
    ([{"role": "user", "content": 3}], r"messages\[0\].content: a part"),
    ([{"role": "user", "content": ["a", 3]}], r"messages\[0\].content\[1\]: a part"),
    ([{"role": "user", "content": [{"words": "x"}]}], "a dict with the keys 'words'"),
    ([{"role": "user", "content": [{"text": "x", "size": 1}]}], "a dict with the keys 'text', 'size'"),
    ([{"role": "user", "content": [{"type": "text"}]}], "needs its 'text'"),
    ([{"role": "user", "content": [{"type": "image"}]}], "'source' of an image part"),
    ([{"role": "user", "content": [{"type": "image", "source": PNG, "size": 3}]}], "unknown keys .* size"),
    ([{"role": "user", "content": [{"type": "image", "source": "cat.png"}]}], "autodetect_images=True"),
    ([{"role": "tool", "content": "x"}], "needs the tool_call_id"),
    ([{"role": "assistant", "content": None, "tool_calls": [{"id": "x"}]}], r"tool_calls\[0\]: a tool call needs"),
    ([{"role": "assistant", "content": [{"type": "tool_use", "name": "f"}]}], "needs 'id' and 'name'"),
    ([{"role": "user", "content": [{"type": "tool_result"}]}], "needs its 'tool_use_id'"),
    ([{"role": "user", "content": [{"type": "text", "text": "x", "cache_control": "yes"}]}], "cache_control takes"),
]


@pytest.mark.parametrize(("messages", "words"), BAD, ids=range(len(BAD)))
def test_malformed(messages: Any, words: str) -> None:
    with pytest.raises(MessageError, match=words):
        parse(messages)


DETECTED: list[tuple[str, object]] = [
    ("cat.png", Image),
    ("my cat.png", Image),
    (f"data:image/png;base64,{B64}", Image),
    (f"data:text/plain;base64,{base64.b64encode(b'hello').decode()}", Document),
    (B64, Image),
    ("https://x.org/a", Image),
    ("https://x.org/a.pdf?x=1", PDF),
    ("https://x.org/a.mp3", Audio),
    ("gs://bucket/a.wav", Audio),
    ("hello", None),
    ("", None),
    ("   ", None),
    ("data: the quick, brown fox", None),
    ("https://x.org/a is a picture", None),
    ("see https://x.org/a.png", None),
    ("see cat.png", None),
    ("cat.png\n", None),
    ("notes.txt", None),
    ("A" * 64, None),
    ("AAAA" * 1000, None),
    ("word " * 5000, None),
    ("/" * 5000 + ".png", None),
]


@pytest.mark.parametrize(("text", "kind"), DETECTED, ids=range(len(DETECTED)))
def test_autodetection(text: str, kind: Any) -> None:
    found = autodetect(text)
    assert type(found) is (kind or type(None))


def test_autodetection_of_what_cannot_be() -> None:
    with pytest.raises(MediaNotFound, match="looks like the path of a medium"):
        autodetect("missing/cat.png")
    with pytest.raises(UnreadableMedia):
        autodetect("data:image/png;base64,AAAA")
    with pytest.raises(MediaError, match=r"messages\[0\].content\[1\]: 'cat.jpeg'") as caught:
        parse([{"role": "user", "content": ["x", "cat.jpeg"]}], autodetect_media=True)
    assert caught.value.where == "messages[0].content[1]"


def test_detection_considers_user_messages_only() -> None:
    roles = ("system", "assistant", "user")
    messages = parse([{"role": role, "content": ["cat.png"]} for role in roles], autodetect_media=True)
    assert [type(message.parts[0]) for message in messages] == [Text, Text, Image]
    with pytest.raises(MessageError, match="only in user messages"):
        parse([{"role": "system", "content": [{"type": "image", "source": "cat.png"}]}], autodetect_media=True)


@pytest.mark.parametrize(
    ("payload", "meaning"),
    [
        ({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{B64}"}}, IMAGE),
        ({"type": "image_url", "image_url": {"url": "https://x.org/a"}}, Image.from_url("https://x.org/a")),
        ({"type": "input_audio", "input_audio": {"data": base64.b64encode(WAV).decode(), "format": "wav"}},
         Audio.from_bytes(WAV)),
        ({"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0xLjQ="}},
         PDF.from_bytes(b"%PDF-1.4")),
        ({"type": "file", "file": {"file_id": "f"}}, None),
        ({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": B64}}, IMAGE),
        ({"type": "document", "source": {"type": "url", "url": "https://x.org/a"}}, PDF.from_url("https://x.org/a")),
        ({"type": "document", "source": {"type": "text", "data": "hi"}}, Document.from_bytes(b"hi")),
        ({"type": "text", "text": "x", "citations": []}, Text("x")),
        ({"type": "search_result"}, None),
    ],
)  # fmt: skip
def test_meaning_between_dialects(payload: Any, meaning: Any) -> None:
    assert neutral(Native("x", payload)) == meaning


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ("hello", False),
        ([{"role": "user", "content": "cat.png"}], False),
        ([{"role": "user", "content": ["a", IMAGE]}], False),
        (Path("cat.png"), True),
        ([Path("cat.png")], True),
        ([{"role": "user", "content": Path("cat.png")}], True),
        ([{"role": "user", "content": [{"type": "image", "source": Path("cat.png")}]}], True),
    ],
)
def test_whether_files_may_be_read(messages: Any, expected: bool) -> None:
    assert may_read_files(messages, False) is expected
    assert may_read_files(messages, True) is True
