"""What callers write as messages → OpenAI's JSON, row by row, each judged by the `openai` package's own types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionMessage

from instructor import PDF, Audio, CacheControl, Document, Image, Video
from instructor.errors import MessageError, UnsupportedMedia
from tests.wire.sending import GIF, JPEG, MP3, PAPER, PNG, WAV, WEBP, b64, wire_of

URL = "https://example.com/cat.png"


def user(*content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(content)}]


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def image(url: str, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{b64(content)}"


CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"x": 1}'}}
THINKING = {"type": "thinking", "thinking": "hm", "signature": "s"}
ANSWER = ChatCompletionMessage.model_validate(
    {"role": "assistant", "content": "Hi.", "annotations": [], "tool_calls": None}
)
CALLING = ChatCompletionMessage.model_validate({"role": "assistant", "content": None, "tool_calls": [CALL]})

MESSAGES: dict[str, tuple[Any, Any]] = {
    "a string": ("hi", [{"role": "user", "content": "hi"}]),
    "a medium": (Image.from_url(URL), user(image(URL))),
    "content of one message": (["a", Image.from_url(URL), "b"], user(text("a"), image(URL), text("b"))),
    "text": ([{"role": "user", "content": "hi"}], [{"role": "user", "content": "hi"}]),
    "one text part": (user("hi"), [{"role": "user", "content": "hi"}]),
    "text parts stay apart": (user("a", text("b")), user(text("a"), text("b"))),
    "system": (
        [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi"}],
        [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi"}],
    ),
    "developer": (
        [{"role": "developer", "content": "be brief"}, {"role": "user", "content": "hi"}],
        [{"role": "developer", "content": "be brief"}, {"role": "user", "content": "hi"}],
    ),
    "turns": (
        [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "ho"},
            {"role": "user", "content": "so?", "name": "ann"},
        ],
        [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "ho"},
            {"role": "user", "content": "so?", "name": "ann"},
        ],
    ),
    "calls in OpenAI's form": (
        [
            {"role": "user", "content": "look"},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": "42"},
        ],
        [
            {"role": "user", "content": "look"},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": "42"},
        ],
    ),
    "calls in Anthropic's form": (
        [
            {"role": "user", "content": "look"},
            {
                "role": "assistant",
                "content": [THINKING, text("I look."), {"type": "tool_use", "id": "c1", "name": "look", "input": {"x": 1}}],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "42"}, text("so?")]},
        ],
        [
            {"role": "user", "content": "look"},
            {"role": "assistant", "content": "I look.", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": "42"},
            {"role": "user", "content": "so?"},
        ],
    ),
    "several results": (
        [
            {"role": "assistant", "content": None, "tool_calls": [CALL, {**CALL, "id": "c2"}]},
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "c1", "content": [text("a"), text("b")]},
                    {"type": "tool_result", "tool_use_id": "c2", "content": "c", "is_error": True},
                ],
            },
        ],
        [
            {"role": "assistant", "content": None, "tool_calls": [CALL, {**CALL, "id": "c2"}]},
            {"role": "tool", "tool_call_id": "c1", "content": [text("a"), text("b")]},
            {"role": "tool", "tool_call_id": "c2", "content": "c"},
        ],
    ),
    "an SDK's message": (
        [{"role": "user", "content": "hi"}, ANSWER, {"role": "user", "content": "so?"}],
        [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "Hi."},
            {"role": "user", "content": "so?"},
        ],
    ),
    "an SDK's message that calls": (
        [{"role": "user", "content": "hi"}, CALLING, {"role": "tool", "tool_call_id": "c1", "content": "42"}],
        [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": "42"},
        ],
    ),
    "a refusal in the history": (
        [{"role": "user", "content": "hi"}, {"role": "assistant", "content": None, "refusal": "no"}, *user("why?")],
        [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": None, "refusal": "no"},
            {"role": "user", "content": "why?"},
        ],
    ),
    "an address": (user("a", Image.from_url(URL)), user(text("a"), image(URL))),
    "bytes": (user("a", Image.from_bytes(PNG)), user(text("a"), image(data("image/png", PNG)))),
    "raw bytes": (user("a", JPEG), user(text("a"), image(data("image/jpeg", JPEG)))),
    "base64": (user(Image.from_raw_base64(b64(GIF))), user(image(data("image/gif", GIF)))),
    "a data URI of the wrong type": (
        user(Image.from_base64(f"data:image/png;base64,{b64(WEBP)}")),
        user(image(data("image/webp", WEBP))),
    ),
    "detail": (user(Image.from_url(URL, detail="low")), user(image(URL, detail="low"))),
    "detail in a dict": (
        user({"type": "image", "source": PNG, "detail": "original"}),
        user(image(data("image/png", PNG), detail="original")),
    ),
    "its own part": (user(image(URL, detail="high")), user(image(URL, detail="high"))),
    "Anthropic's image by address": (
        user("a", {"type": "image", "source": {"type": "url", "url": URL}}),
        user(text("a"), image(URL)),
    ),
    "Anthropic's image": (
        user({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64(PNG)}}),
        user(image(data("image/png", PNG))),
    ),
    "Anthropic's document": (
        user({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": b64(PAPER)}}),
        user({"type": "file", "file": {"filename": "document.pdf", "file_data": data("application/pdf", PAPER)}}),
    ),
    "Anthropic's text document": (
        user({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "notes"}}),
        user(text("notes")),
    ),
    "wav": (
        user(Audio.from_bytes(WAV)),
        user({"type": "input_audio", "input_audio": {"data": b64(WAV), "format": "wav"}}),
    ),
    "mp3": (
        user({"type": "audio", "source": MP3}),
        user({"type": "input_audio", "input_audio": {"data": b64(MP3), "format": "mp3"}}),
    ),
    "a PDF": (
        user(PDF.from_bytes(PAPER, name="a.pdf")),
        user({"type": "file", "file": {"filename": "a.pdf", "file_data": data("application/pdf", PAPER)}}),
    ),
    "a PDF without a name": (
        user(PDF.from_bytes(PAPER)),
        user({"type": "file", "file": {"filename": "document.pdf", "file_data": data("application/pdf", PAPER)}}),
    ),
    "a PDF at the provider": (user(PDF.from_file_id("file-1")), user({"type": "file", "file": {"file_id": "file-1"}})),
    "a document": (
        user("a", Document.from_bytes(b"notes", name="n.md")),
        user(text("a"), text("n.md:\n\nnotes")),
    ),
    "a document without a name": (user(Document.from_bytes(b"notes")), user(text("notes"))),
    "cache marks are not sent": (
        [
            {"role": "system", "content": [{**text("s"), "cache_control": {"type": "ephemeral"}}]},
            {
                "role": "user",
                "content": [
                    {**text("a"), "cache_control": {"type": "ephemeral"}},
                    Image.from_url(URL, cache_control=True),
                    PDF.from_file_id("file-1", cache_control={"type": "ephemeral", "ttl": "1h"}),
                ],
            },
        ],
        [
            {"role": "system", "content": "s"},
            *user(text("a"), image(URL), {"type": "file", "file": {"file_id": "file-1"}}),
        ],
    ),
    "a cache mark of its own": (
        user({**text("a"), "prompt_cache_breakpoint": {"mode": "explicit"}}, "b"),
        user({**text("a"), "prompt_cache_breakpoint": {"mode": "explicit"}}, text("b")),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "wire"), MESSAGES.values(), ids=MESSAGES)
def test_messages(given: Any, wire: Any) -> None:
    assert wire_of("openai", given) == {"model": "gpt-4o-mini", "messages": wire}


@pytest.mark.parametrize(
    ("name", "content", "made", "part"),
    [
        ("cat.jpg", PNG, Image, image(data("image/png", PNG))),
        ("a.bin", WAV, Audio, {"type": "input_audio", "input_audio": {"data": b64(WAV), "format": "wav"}}),
        ("a.pdf", PAPER, PDF,
         {"type": "file", "file": {"filename": "a.pdf", "file_data": data("application/pdf", PAPER)}}),
        ("n.csv", b"a,b\n", Document, text("n.csv:\n\na,b\n")),
    ],
)  # fmt: skip
def test_local_files(name: str, content: bytes, made: Any, part: Any, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    by_value = wire_of("openai", user("a", made.from_path(tmp_path / name)))
    by_path = wire_of("openai", user("a", tmp_path / name))
    assert by_value["messages"] == by_path["messages"] == user(text("a"), part)


def test_an_answer_as_history() -> None:
    """The message of one answer goes back as it came, with what no request takes left out."""
    completion = ChatCompletion.model_validate(
        {
            "id": "x", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "finish_reason": "tool_calls", "logprobs": None, "message": {
                "role": "assistant", "content": None, "refusal": None, "annotations": [], "tool_calls": [CALL]}}],
        }
    )  # fmt: skip
    history = ["look", completion.choices[0].message]
    messages = [
        {"role": "user", "content": history[0]},
        history[1],
        {"role": "tool", "tool_call_id": "c1", "content": ""},
    ]
    assert wire_of("openai", messages)["messages"] == [
        {"role": "user", "content": "look"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": ""},
    ]


REFUSED = {
    "a film": (user("a", Video.from_bytes(b"\0\0\0\x18ftypisom" + bytes(16))), UnsupportedMedia, r"openai takes no Video"),
    "tiff": (user("a", Image.from_bytes(b"II*\0" + bytes(64))), UnsupportedMedia, r"no image/tiff.*image/png"),
    "flac": (user("a", Audio.from_bytes(b"fLaC" + bytes(64))), UnsupportedMedia, r"no audio/flac.*audio/mpeg"),
    "an image at a provider": (user("a", Image.from_file_id("f")), UnsupportedMedia, "no file ids for Image"),
    "a search result": (user("a", {"type": "search_result", "source": "s"}), MessageError, "'search_result' part of anthropic"),
    "a file at Anthropic": (
        user("a", {"type": "image", "source": {"type": "file", "file_id": "f"}}), MessageError, "'image' part of anthropic",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("messages", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_what_it_does_not_take(messages: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        wire_of("openai", messages, fit="strict")
    assert caught.value.where == "messages[0].content[1]"


@pytest.mark.parametrize("role", ["system", "assistant"])
def test_media_belong_to_users(role: str) -> None:
    with pytest.raises(MessageError, match=r"messages\[0\]: openai takes media in user messages only"):
        wire_of("openai", [{"role": role, "content": [Image.from_url(URL)]}])


def test_tool_results_hold_text_only() -> None:
    result = {"type": "tool_result", "tool_use_id": "c1", "content": [Image.from_url(URL)]}
    with pytest.raises(MessageError, match=r"messages\[0\]: openai takes text only in tool results"):
        wire_of("openai", [{"role": "user", "content": [result]}])


def test_cache_marks_go_to_the_families_that_take_them() -> None:
    said = [{"type": "text", "text": "a", "cache_control": True}, {"type": "text", "text": "b"}]
    message = {"role": "user", "content": [*said, Image.from_bytes(PNG, cache_control=CacheControl("12h"))]}
    marked = wire_of("openai", [message], model="gpt-5.6")["messages"][0]["content"]
    assert [part.get("prompt_cache_breakpoint") for part in marked] == [
        {"mode": "explicit"},
        None,
        {"mode": "explicit", "ttl": "12h"},
    ]
    plain = wire_of("openai", [message], model="gpt-5.2")["messages"][0]["content"]
    assert not any("prompt_cache_breakpoint" in part for part in plain)


def test_cache_marks_that_openai_refuses() -> None:
    part = {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    with pytest.raises(MessageError, match=r"keeps a cached prompt for '30m' or '12h', not '1h'"):
        wire_of("openai", [{"role": "user", "content": [part]}], model="gpt-6.1")
    many = [{"type": "text", "text": str(i), "cache_control": True} for i in range(5)]
    with pytest.raises(MessageError, match=r"5 parts carry cache_control, openai takes 4"):
        wire_of("openai", [{"role": "user", "content": many}], model="gpt-6.1")
