"""The key of a request: the same for equal requests, another one for whatever a model could tell apart."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from instructor import PDF, Document, Image, memo
from instructor.effects import Flow, Work
from instructor.errors import RequestError, UnreadableMedia
from instructor.fit import Fit
from instructor.ir import (
    Message,
    Native,
    OutputSchema,
    Reasoning,
    Request,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from instructor.media import CacheControl
from instructor.output import target


class User(BaseModel):
    name: str
    age: int


def pixels(shade: int = 0) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes([shade]) * 64


HELLO = Request("m", (Message("user", (Text("hello"),)),))


def key(request: Request = HELLO, form: Any = User, **given: Any) -> str:
    rest = {"provider": "openai", "mode": "TOOLS", **given}
    return memo.key_of(request, None if form is None else target(form), **rest)


def with_parts(*parts: Any, **params: Any) -> Request:
    return Request("m", (Message("user", parts),), params=params)


# ── what makes another key ───────────────────────────────────────────────────────────────────────


class Older(BaseModel):
    name: str
    age: int = Field(ge=18)


class Backwards(BaseModel):
    age: int
    name: str


DIFFERENT: dict[str, str] = {
    "plain": key(),
    "provider": key(provider="anthropic"),
    "mode": key(mode="JSON"),
    "place": key(place="http://localhost:11434/v1"),
    "model": key(replace(HELLO, model="n")),
    "no type": key(form=None),
    "constraint": key(form=Older),
    "order of fields": key(form=Backwards),
    "list": key(form=list[User]),
    "literal": key(form=Literal["a", "b"]),
    "text": key(with_parts(Text("hello!"))),
    "role": key(Request("m", (Message("system", (Text("hello"),)),))),
    "two parts": key(with_parts(Text("hel"), Text("lo"))),
    "two messages": key(Request("m", (Message("user", (Text("hel"),)), Message("user", (Text("lo"),))))),
    "native": key(with_parts(Native("openai", {"type": "text", "text": "hello"}))),
    "reasoning": key(with_parts(Reasoning("hello"))),
    "message's own": key(Request("m", (Message("user", (Text("hello"),), {"name": "Ann"}),))),
    "call": key(with_parts(ToolCall("1", "f", "{}"))),
    "result": key(with_parts(ToolResult("1", (Text("hello"),)))),
    "failed result": key(with_parts(ToolResult("1", (Text("hello"),), is_error=True))),
    "tool": key(replace(HELLO, tools=(Tool("f", "", {}),))),
    "strict tool": key(replace(HELLO, tools=(Tool("f", "", {}, strict=True),))),
    "choice": key(replace(HELLO, choice=ToolChoice("f"))),
    "output": key(replace(HELLO, output=OutputSchema("f", {}))),
    "temperature": key(with_parts(Text("hello"), temperature=0)),
    "another temperature": key(with_parts(Text("hello"), temperature=0.5)),
    "flag": key(with_parts(Text("hello"), temperature=True)),
    "nothing": key(with_parts(Text("hello"), temperature=None)),
    "header": key(with_parts(Text("hello"), extra_headers={"anthropic-beta": "x"})),
    "image": key(with_parts(Image.from_bytes(pixels()))),
    "another image": key(with_parts(Image.from_bytes(pixels(1)))),
    "detail": key(with_parts(Image.from_bytes(pixels(), detail="low"))),
    "in a result": key(with_parts(ToolResult("1", (Image.from_bytes(pixels()),)))),
    "fit": key(with_parts(Image.from_bytes(pixels())), fit=Fit(max_side=100)),
    "address": key(with_parts(Image.from_url("https://example.com/a.png"))),
    "another address": key(with_parts(Image.from_url("https://example.com/a.png?size=2"))),
    "file id": key(with_parts(Image.from_file_id("file-1"))),
    "name of a document": key(with_parts(PDF.from_bytes(b"%PDF-1.7\n", name="a.pdf"))),
    "another name": key(with_parts(PDF.from_bytes(b"%PDF-1.7\n", name="b.pdf"))),
    "text document": key(with_parts(Document.from_bytes(b"hello"))),
}


def test_whatever_a_model_could_tell_apart_has_another_key() -> None:
    by_key: dict[str, list[str]] = {}
    for what, made in DIFFERENT.items():
        by_key.setdefault(made, []).append(what)
    assert [same for same in by_key.values() if len(same) > 1] == []
    assert all(len(made) == 64 for made in by_key)


# ── what does not ────────────────────────────────────────────────────────────────────────────────

SAME: list[tuple[str, Request, Request]] = [
    ("order of parameters", with_parts(Text("x"), a=1, b=2), with_parts(Text("x"), b=2, a=1)),
    ("0 and 0.0", with_parts(Text("x"), temperature=0), with_parts(Text("x"), temperature=0.0)),
    ("tuple and list", with_parts(Text("x"), stop=("a",)), with_parts(Text("x"), stop=["a"])),
    ("mark of the prompt cache", with_parts(Text("x")), with_parts(Text("x", CacheControl("1h")))),
    (
        "marked image",
        with_parts(Image.from_bytes(pixels())),
        with_parts(Image.from_bytes(pixels(), cache_control=True)),
    ),
    ("name of an image", with_parts(Image.from_bytes(pixels())), with_parts(Image.from_bytes(pixels(), name="a.png"))),
    (
        "who asks",
        with_parts(Text("x"), extra_headers={"Authorization": "Bearer a", "x-beta": "1"}, extra_query={"key": "a"}),
        with_parts(Text("x"), extra_headers={"x-beta": "1", "traceparent": "2"}, extra_query={}),
    ),
]


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_the_same_to_a_model(one: Request, other: Request) -> None:
    assert key(one) == key(other)


def test_content_counts_and_not_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(pixels())
    (tmp_path / "b.png").write_bytes(pixels())
    media = [Image.from_path(tmp_path / "a.png"), Image.from_path(tmp_path / "b.png"), Image.from_bytes(pixels())]
    assert len({key(with_parts(medium)) for medium in media}) == 1


def test_fitting_counts_only_where_there_are_media() -> None:
    assert key(fit=Fit(max_side=100)) == key()
    hidden = with_parts(PDF.from_bytes(b"%PDF-1.7\n"))
    assert key(hidden, fit=Fit(password="a")) == key(hidden, fit=Fit(password="b"))


def test_the_key_is_the_same_in_another_process() -> None:
    code = (
        "from instructor import memo; from instructor.ir import *; "
        "r = Request('m', (Message('user', (Text('hello'),)),), params={'stop': ['a'], 'seed': 3}); "
        "print(memo.key_of(r, None, provider='openai', mode=None))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert out == key(with_parts(Text("hello"), seed=3, stop=["a"]), form=None, mode=None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
PARTS = st.lists(st.builds(Text, st.text()) | st.builds(Reasoning, st.text()), max_size=3).map(tuple)
REQUESTS = st.builds(
    Request,
    model=st.sampled_from(["m", "n"]),
    messages=st.lists(st.builds(Message, st.sampled_from(["user", "assistant"]), PARTS), max_size=2).map(tuple),
    params=st.dictionaries(st.sampled_from(["a", "b", "stop"]), JSON, max_size=3),
)


def told_apart(value: Any) -> Any:
    """A value under which 1, 1.0 and True differ, as they do in JSON, but for a parameter that is 1.0."""
    if isinstance(value, dict):
        return {name: told_apart(item) for name, item in value.items()}
    return (
        [told_apart(item) for item in value] if isinstance(value, list | tuple) else (type(value).__name__, repr(value))
    )


@settings(max_examples=60)
@given(REQUESTS, REQUESTS)
def test_equal_requests_have_equal_keys_and_others_not(one: Request, other: Request) -> None:
    copy = replace(one, params=dict(reversed(one.params.items())))
    assert key(copy) == key(one)

    def shown(request: Request) -> Any:
        whole = {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in request.params.items()}
        return request.model, repr(request.messages), told_apart(dict(sorted(whole.items())))

    if shown(one) != shown(other):
        assert key(one) != key(other)


# ── what cannot be named, and what takes time ────────────────────────────────────────────────────


def test_a_parameter_without_a_lasting_form_is_refused() -> None:
    with pytest.raises(RequestError, match="a object among the parameters has no lasting form"):
        key(with_parts(Text("x"), metadata={"a": object()}))


def test_a_file_that_has_changed_is_not_taken_for_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(pixels())
    image = Image.from_path(path)
    path.write_bytes(pixels(1) * 2)
    with pytest.raises(UnreadableMedia, match="changed"):
        key(with_parts(image))


@pytest.mark.parametrize(
    ("request_", "off_the_loop"),
    [
        (HELLO, False),
        (with_parts(Image.from_url("https://example.com/a.png")), False),
        (with_parts(Image.from_bytes(pixels())), True),
        (with_parts(ToolResult("1", (Image.from_bytes(pixels()),))), True),
    ],
    ids=["text", "address", "content", "content in a result"],
)
def test_content_is_read_off_the_loop(request_: Request, off_the_loop: bool) -> None:
    flow: Flow[str] = memo.named(request_, None, provider="p", mode=None)
    works: list[Work] = []
    made: list[str] = []
    try:
        effect: Any = next(flow)
        while True:
            works.append(effect)
            effect = flow.send(effect.run())
    except StopIteration as end:
        made.append(end.value)
    assert made == [key(request_, form=None, provider="p", mode=None)]
    assert bool(works) == off_the_loop


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://api.openai.com/v1/", ""),
        ("", ""),
        (None, ""),
        ("http://user:secret@localhost:8000/v1?key=secret", "http://localhost:8000/v1"),
    ],
)
def test_the_place_is_the_address_without_secrets(url: str | None, place: str) -> None:
    assert memo.place_of(url, "https://api.openai.com/v1") == place
