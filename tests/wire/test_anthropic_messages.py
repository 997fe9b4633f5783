"""What callers write as messages → Anthropic's JSON, row by row, each judged by the `anthropic` package's own types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from anthropic.types import Message
from openai.types.chat import ChatCompletionMessage

from instructor import PDF, Audio, CacheControl, Document, Image, Video
from instructor.errors import MessageError, UnsupportedMedia
from tests.wire.sending import GIF, JPEG, PAPER, PNG, WAV, WEBP, b64, wire_of

URL = "https://example.com/cat.png"
MARK: dict[str, Any] = {"cache_control": {"type": "ephemeral"}}
HOUR: dict[str, Any] = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}


def user(*content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(content)}]


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def inline(block: str, kind: str, content: bytes, **more: Any) -> dict[str, Any]:
    return {"type": block, "source": {"type": "base64", "media_type": kind, "data": b64(content)}, **more}


def at(block: str, url: str, **more: Any) -> dict[str, Any]:
    return {"type": block, "source": {"type": "url", "url": url}, **more}


def held(block: str, id: str, **more: Any) -> dict[str, Any]:
    return {"type": block, "source": {"type": "file", "file_id": id}, **more}


CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"x": 1}'}}
USE = {"type": "tool_use", "id": "c1", "name": "look", "input": {"x": 1}}
THINKING = {"type": "thinking", "thinking": "hm", "signature": "s"}
HIDDEN = {"type": "redacted_thinking", "data": "x"}
ANSWER = Message.model_validate(
    {
        "id": "m", "type": "message", "role": "assistant", "model": "c", "stop_reason": "tool_use", "stop_sequence": None,
        "content": [THINKING, {"type": "text", "text": "I look.", "citations": None}, USE],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
)  # fmt: skip


def result(*content: Any, id: str = "c1", **more: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": id, "content": list(content), **more}


def calling(*results: Any) -> list[dict[str, Any]]:
    """A history in which one call is made and answered."""
    return [{"role": "assistant", "content": [USE]}, {"role": "user", "content": list(results)}]


MESSAGES: dict[str, tuple[Any, Any]] = {
    "a string": ("hi", user(text("hi"))),
    "a medium": (Image.from_url(URL), user(at("image", URL))),
    "text parts": (user("a", text("b")), user(text("a"), text("b"))),
    "empty text is left out": (user("a", "", " \n"), user(text("a"))),
    "turns": (
        [*user("hi"), {"role": "assistant", "content": "ho"}, *user("so?")],
        [*user(text("hi")), {"role": "assistant", "content": [text("ho")]}, *user(text("so?"))],
    ),
    "neighbours become one": (
        [*user("a"), *user("b"), {"role": "assistant", "content": "c"}, *user("d")],
        [*user(text("a"), text("b")), {"role": "assistant", "content": [text("c")]}, *user(text("d"))],
    ),
    "calls in Anthropic's form": (
        [*user("look"), {"role": "assistant", "content": [THINKING, text("I look."), USE]}, *user(result("42"), "so?")],
        [
            *user(text("look")),
            {"role": "assistant", "content": [THINKING, text("I look."), USE]},
            *user(result(text("42")), text("so?")),
        ],
    ),
    "calls in OpenAI's form": (
        [
            *user("look"),
            {"role": "assistant", "content": "I look.", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": "42"},
            *user("so?"),
        ],
        [
            *user(text("look")),
            {"role": "assistant", "content": [text("I look."), USE]},
            *user(result(text("42")), text("so?")),
        ],
    ),
    "several results in OpenAI's form": (
        [
            {"role": "assistant", "content": None, "tool_calls": [CALL, {**CALL, "id": "c2"}]},
            {"role": "tool", "tool_call_id": "c1", "content": "a"},
            {"role": "tool", "tool_call_id": "c2", "content": "b"},
        ],
        [
            {"role": "assistant", "content": [USE, {**USE, "id": "c2"}]},
            *user(result(text("a")), result(text("b"), id="c2")),
        ],
    ),
    "arguments that are no object": (
        [
            {"role": "assistant", "content": None,
             "tool_calls": [{**CALL, "function": {"name": "look", "arguments": '{"x": '}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "a"},
        ],
        [
            {"role": "assistant", "content": [{**USE, "input": {"malformed": '{"x": '}}]},
            *user(result(text("a"))),
        ],
    ),
    "a call without arguments": (
        [
            {"role": "assistant", "content": None, "tool_calls": [{**CALL, "function": {"name": "look", "arguments": ""}}]},
            {"role": "tool", "tool_call_id": "c1", "content": ""},
        ],
        [{"role": "assistant", "content": [{**USE, "input": {}}]}, *user(result())],
    ),
    "results with media": (
        calling(
            result(
                "seen:", Image.from_bytes(PNG), at("image", URL), PDF.from_file_id("f"), inline("image", "image/gif", GIF)
            ),
            "so?",
        ),
        calling(
            result(
                text("seen:"), inline("image", "image/png", PNG), at("image", URL), held("document", "f"),
                inline("image", "image/gif", GIF),
            ),
            text("so?"),
        ),
    ),
    "a result without content": (
        calling({"type": "tool_result", "tool_use_id": "c1"}),
        calling({"type": "tool_result", "tool_use_id": "c1"}),
    ),
    "a failed result": (calling(result("no", is_error=True)), calling(result(text("no"), is_error=True))),
    "an SDK's message": (
        [*user("hi"), ANSWER, *user(result("42"))],
        [*user(text("hi")), {"role": "assistant", "content": [THINKING, text("I look."), USE]}, *user(result(text("42")))],
    ),
    "an SDK's content": (
        [*user("hi"), {"role": "assistant", "content": ANSWER.content}, *user(result("42"))],
        [*user(text("hi")), {"role": "assistant", "content": [THINKING, text("I look."), USE]}, *user(result(text("42")))],
    ),
    "a message of OpenAI's SDK": (
        [
            *user("hi"),
            ChatCompletionMessage.model_validate({"role": "assistant", "content": None, "tool_calls": [CALL]}),
            {"role": "tool", "tool_call_id": "c1", "content": "42"},
        ],
        [*user(text("hi")), {"role": "assistant", "content": [USE]}, *user(result(text("42")))],
    ),
    "hidden thoughts": (
        [*user("hi"), {"role": "assistant", "content": [HIDDEN, text("ho")]}, *user("so?")],
        [*user(text("hi")), {"role": "assistant", "content": [HIDDEN, text("ho")]}, *user(text("so?"))],
    ),
    "an address": (user("a", Image.from_url(URL)), user(text("a"), at("image", URL))),
    "bytes": (user("a", Image.from_bytes(PNG)), user(text("a"), inline("image", "image/png", PNG))),
    "raw bytes": (user("a", JPEG), user(text("a"), inline("image", "image/jpeg", JPEG))),
    "base64": (user(Image.from_raw_base64(b64(GIF))), user(inline("image", "image/gif", GIF))),
    "a data URI of the wrong type": (
        user(Image.from_base64(f"data:image/png;base64,{b64(WEBP)}")),
        user(inline("image", "image/webp", WEBP)),
    ),
    "an image at the provider": (user(Image.from_file_id("f")), user(held("image", "f"))),
    "detail is not sent": (user(Image.from_url(URL, detail="low")), user(at("image", URL))),
    "its own block": (user(inline("image", "image/png", PNG, **HOUR)), user(inline("image", "image/png", PNG, **HOUR))),
    "its own block at the provider": (user(held("image", "f")), user(held("image", "f"))),
    "OpenAI's image": (
        user({"type": "image_url", "image_url": {"url": URL, "detail": "low"}}), user(at("image", URL)),
    ),
    "OpenAI's image inline": (
        user({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64(PNG)}"}}),
        user(inline("image", "image/png", PNG)),
    ),
    "OpenAI's file": (
        user({"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{b64(PAPER)}"}}),
        user(inline("document", "application/pdf", PAPER)),
    ),
    "a PDF": (
        user(PDF.from_bytes(PAPER, name="a.pdf")), user(inline("document", "application/pdf", PAPER, title="a.pdf")),
    ),
    "a PDF by address": (
        user(PDF.from_url("https://example.com/a.pdf")), user(at("document", "https://example.com/a.pdf", title="a.pdf")),
    ),
    "a PDF at the provider": (user(PDF.from_file_id("f")), user(held("document", "f"))),
    "a document": (
        user(Document.from_bytes(b"a,b\n", "text/csv", name="n.csv")),
        user({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a,b\n"}, "title": "n.csv"}),
    ),
    "citations": (
        user({**inline("document", "application/pdf", PAPER), "citations": {"enabled": True}}),
        user({**inline("document", "application/pdf", PAPER), "citations": {"enabled": True}}),
    ),
    "a search result": (
        user({"type": "search_result", "source": "s", "title": "t", "content": [text("x")]}, "so?"),
        user({"type": "search_result", "source": "s", "title": "t", "content": [text("x")]}, text("so?")),
    ),
    "marks on text": (
        user({**text("a"), **HOUR}, {**text("b"), "cache_control": True}),
        user({**text("a"), **HOUR}, {**text("b"), **MARK}),
    ),
    "marks on images": (
        user({"type": "image", "source": PNG, **HOUR}, Image.from_url(URL, cache_control=True)),
        user(inline("image", "image/png", PNG, **HOUR), at("image", URL, **MARK)),
    ),
    "marks on documents": (
        user(PDF.from_bytes(PAPER, cache_control=CacheControl("1h")), {"type": "document", "source": PAPER, **MARK}),
        user(inline("document", "application/pdf", PAPER, **HOUR), inline("document", "application/pdf", PAPER, **MARK)),
    ),
    "a mark on a text document": (
        user(Document.from_bytes(b"x", cache_control=True)),
        user({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}, **MARK}),
    ),
    "a mark on a call": (
        [{"role": "assistant", "content": [{**USE, **MARK}]}, *user(result("42"))],
        [{"role": "assistant", "content": [{**USE, **MARK}]}, *user(result(text("42")))],
    ),
    "marks on and in a result": (
        calling(result({**text("a"), **MARK}, **HOUR)), calling(result({**text("a"), **MARK}, **HOUR)),
    ),
    "a mark on a message": (
        [{"role": "user", "content": ["a", Image.from_url(URL)], "cache_control": True}],
        user(text("a"), at("image", URL, **MARK)),
    ),
    "a mark on a message of its own blocks": (
        [{"role": "user", "content": ["a", at("image", URL)], **HOUR}],
        user(text("a"), at("image", URL, **HOUR)),
    ),
    "no mark": (
        user({**text("a"), "cache_control": None}, Image.from_url(URL, cache_control=False)),
        user(text("a"), at("image", URL)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "wire"), MESSAGES.values(), ids=MESSAGES)
def test_messages(given: Any, wire: Any) -> None:
    assert wire_of("anthropic", given) == {"model": "claude-haiku-4-5", "max_tokens": 16384, "messages": wire}


HI = {"role": "user", "content": "hi"}

SYSTEM: dict[str, tuple[Any, dict[str, Any], Any]] = {
    "a message": ([{"role": "system", "content": "s"}, HI], {}, [text("s")]),
    "developer": ([{"role": "developer", "content": "s"}, HI], {}, [text("s")]),
    "several, in order": (
        [{"role": "system", "content": "a"}, HI, {"role": "system", "content": ["b", "c"]}], {},
        [text("a"), text("b"), text("c")],
    ),
    "a mark": (
        [{"role": "system", "content": [{**text("s"), **HOUR}]}, HI], {}, [{**text("s"), **HOUR}],
    ),
    "a mark on the message": ([{"role": "system", "content": ["a", "b"], **MARK}, HI], {}, [text("a"), {**text("b"), **MARK}]),
    "a parameter": ([HI], {"system": "s"}, [text("s")]),
    "a parameter of blocks": ([HI], {"system": [{**text("s"), **MARK}]}, [{**text("s"), **MARK}]),
    "both": ([{"role": "system", "content": "b"}, HI], {"system": "a"}, [text("a"), text("b")]),
}  # fmt: skip


@pytest.mark.parametrize(("messages", "params", "system"), SYSTEM.values(), ids=SYSTEM)
def test_system(messages: Any, params: dict[str, Any], system: Any) -> None:
    body = wire_of("anthropic", messages, **params)
    assert body["system"] == system
    assert body["messages"] == user(text("hi"))


@pytest.mark.parametrize("system", [None, ""])
def test_no_system(system: Any) -> None:
    assert "system" not in wire_of("anthropic", "hi", system=system)


@pytest.mark.parametrize("system", [{"type": "text", "text": "s"}, 3, ["s"]])
def test_a_system_parameter_that_is_none(system: Any) -> None:
    with pytest.raises(MessageError, match="system: it is a string or a list of text blocks"):
        wire_of("anthropic", "hi", system=system)


def test_local_files(tmp_path: Path) -> None:
    for name, content in (("cat.jpg", PNG), ("a.pdf", PAPER), ("n.md", b"# hi")):
        (tmp_path / name).write_bytes(content)
    parts = [Image.from_path(tmp_path / "cat.jpg", cache_control=True), tmp_path / "a.pdf", tmp_path / "n.md"]
    assert wire_of("anthropic", user(*parts))["messages"] == user(
        inline("image", "image/png", PNG, **MARK),
        inline("document", "application/pdf", PAPER, title="a.pdf"),
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "# hi"}, "title": "n.md"},
    )


def test_a_fifth_mark_is_refused() -> None:
    marked = [{**text(word), **MARK} for word in "abcd"]
    assert wire_of("anthropic", user(*marked))["messages"] == user(*marked)
    counted: list[tuple[Any, dict[str, Any]]] = [
        (user(*marked, Image.from_url(URL, cache_control=True)), {}),
        ([{"role": "system", "content": [{**text("s"), **MARK}]}, *user(*marked)], {}),
        (user(*marked), {"cache_control": {"type": "ephemeral"}}),
        (user(*marked), {"tools": [{"name": "t", "input_schema": {"type": "object"}, **MARK}]}),
        ([{"role": "assistant", "content": [USE]}, *user(result({**text("x"), **MARK}), *marked)], {}),
    ]
    for messages, params in counted:
        with pytest.raises(MessageError, match="5 parts carry cache_control, Anthropic takes 4: mark fewer"):
            wire_of("anthropic", messages, **params)


REFUSED = {
    "a recording": (user("a", Audio.from_bytes(WAV)), UnsupportedMedia, "anthropic takes no Audio: it takes Image, PDF"),
    "a film": (user("a", Video.from_bytes(b"\0\0\0\x18ftypisom" + bytes(16))), UnsupportedMedia, "anthropic takes no Video"),
    "tiff": (user("a", Image.from_bytes(b"II*\0" + bytes(64))), UnsupportedMedia, r"no image/tiff.*image/png"),
    "OpenAI's recording": (
        user("a", {"type": "input_audio", "input_audio": {"data": b64(WAV), "format": "wav"}}),
        UnsupportedMedia, "anthropic takes no Audio",
    ),
    "a file at OpenAI": (
        user("a", {"type": "file", "file": {"file_id": "f"}}), MessageError, "'file' part of openai",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("messages", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_what_it_does_not_take(messages: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        wire_of("anthropic", messages, fit="strict")
    assert caught.value.where == "messages[0].content[1]"


PICTURE = Image.from_url(URL)

MALFORMED = {
    "media of the assistant": ([{"role": "assistant", "content": [PICTURE]}], r"messages\[0\]: .*in user messages"),
    "media of the system": ([{"role": "system", "content": [PICTURE]}, HI], r"messages\[0\]: .*in user messages"),
    "an empty message": ([{"role": "user", "content": ""}], r"messages\[0\]: the user message is empty"),
    "an empty assistant": ([HI, {"role": "assistant", "content": None}], r"messages\[1\]: the assistant message is empty"),
    "no user": ([{"role": "system", "content": "s"}], "no message beside the system's"),
    "a name": ([{**HI, "name": "ann"}], r"messages\[0\]: Anthropic's messages have no name"),
}  # fmt: skip


@pytest.mark.parametrize(("messages", "words"), MALFORMED.values(), ids=MALFORMED)
def test_malformed(messages: Any, words: str) -> None:
    with pytest.raises(MessageError, match=words):
        wire_of("anthropic", messages)


@pytest.mark.parametrize(
    ("marks", "problem"),
    [
        ([None, "1h"], "wants the longest first"),
        (["5m", "1h"], "wants the longest first"),
        (["1h", "7m"], "Anthropic caches for 1h or 5m, not for '7m'"),
    ],
)
def test_cache_marks_that_the_api_refuses(marks: list[str | None], problem: str) -> None:
    parts = [{**text(str(i)), "cache_control": CacheControl(ttl)} for i, ttl in enumerate(marks)]
    with pytest.raises(MessageError, match=problem):
        wire_of("anthropic", user(*parts))
