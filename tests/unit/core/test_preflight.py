"""What a request may not exceed as a whole: found before anything is sent, all at once, and made to fit where it can be."""

from __future__ import annotations

import io
import random
import re
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image as Pillow
from pydantic import BaseModel

from instructor import PDF, Document, Image, Video
from instructor.adapter import Accepts, Provider, Sum, Whole
from instructor.client import AsyncInstructor, Instructor
from instructor.effects import Answer, Call
from instructor.errors import MediaError, MediaTooLarge
from instructor.fit import Fit
from instructor.fit.dimensions import dimensions
from instructor.hooks import Hooks
from instructor.ir import Message, Native, Text, ToolResult
from instructor.media import Media, materialised
from instructor.preflight import INLINE, bounds, length, listed, room, survey
from instructor.providers import _registry
from tests.unit.media.samples import film, paper


class User(BaseModel):
    """A person."""

    name: str
    age: int


def noise(side: int, seed: int = 0) -> Image:
    file = io.BytesIO()
    pixels = random.Random(seed).randbytes(side * side * 3)
    Pillow.frombytes("RGB", (side, side), pixels).save(file, "PNG", compress_level=1)
    return Image.from_bytes(file.getvalue())


def plain(width: int, height: int = 4) -> Image:
    file = io.BytesIO()
    Pillow.new("RGB", (width, height), "red").save(file, "PNG")
    return Image.from_bytes(file.getvalue())


class Sent(BaseException):
    def __init__(self, wire: Any) -> None:
        super().__init__()
        self.wire = wire


class Catcher:
    """Two senders that send nothing."""

    asynchronous = False

    def send(self, call: Call) -> Answer:
        raise Sent(call.wire)

    def close(self) -> None: ...


class AsyncCatcher:
    async def send(self, call: Call) -> Answer:
        raise Sent(call.wire)

    async def close(self) -> None: ...


@pytest.fixture(params=["sync", "async"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def sent(way: str, provider: str | Provider, model: str, messages: Any, **options: Any) -> Any:
    """The wire dict of a `create`, by both kinds of client."""
    found = _registry.find(provider) if isinstance(provider, str) else provider
    try:
        if way == "sync":
            Instructor(found, Catcher(), model=model).create(User, messages, **options)  # type: ignore[arg-type]
        else:
            await AsyncInstructor(found, AsyncCatcher(), model=model).create(User, messages, **options)  # type: ignore[arg-type]
    except Sent as caught:
        return caught.wire
    raise AssertionError("nothing was sent")


def images(wire: Any) -> list[Media]:
    found: list[Media] = []

    def look(value: Any) -> None:
        if hasattr(value, "media"):
            found.append(value.media)
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(item)

    look(wire)
    return found


# ── counts ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("provider", "model", "kind", "most"),
    [
        ("groq", "llama-4-scout", Image, 5),
        ("azure", "gpt-4o", Image, 10),
        ("mistral", "mistral-small-latest", Image, 8),
        ("cohere", "command-a-vision-07-2025", Image, 20),
        ("anthropic", "claude-haiku-4-5", Image, 100),
        ("anthropic", "claude-opus-5-5", Image, 600),
        ("openai", "gpt-4o-mini", Image, 1500),
        ("openai-responses", "gpt-4o-mini", Image, 1500),
        ("gemini", "gemini-3.8-flash", Image, 3600),
        ("gemini", "gemini-3.8-flash", Video, 10),
        ("vertexai", "gemini-2.5-pro", Image, 3000),
        ("vertexai", "gemini-3-pro-preview", Image, 900),
        ("bedrock", "amazon.nova-pro-v1:0", Image, 20),
        ("bedrock", "amazon.nova-pro-v1:0", PDF, 5),
        ("fireworks", "qwen", Image, 30),
        ("cerebras", "qwen-3.8-27b", Image, 10),
        ("deepseek", "deepseek-flash", Image, 600),
    ],
)
async def test_one_too_many(provider: str, model: str, kind: type[Media], most: int) -> None:
    medium = {Image: plain(8), PDF: PDF.from_bytes(paper()()), Video: Video.from_bytes(film("webm", "libvpx")())}[kind]
    assert await sent("sync", provider, model, ["x", *[medium] * most])
    with pytest.raises(MediaTooLarge) as caught:
        await sent("sync", provider, model, ["x", *[medium] * (most + 1)])
    error = caught.value
    assert (error.limit, error.actual, error.provider, error.model) == (most, most + 1, provider, model)
    assert f"{provider} ({model}) takes {most:,} " in str(error)
    assert f"messages[0].content[1–{most + 1}]" in str(error)
    assert "send fewer" in str(error)


async def test_media_in_tool_results_and_all_messages_count(way: str) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": [plain(8), plain(9), plain(10)]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": [plain(11), plain(12), plain(13)]},
    ]
    with pytest.raises(MediaTooLarge) as caught:
        await sent(way, "groq", "llama-4-scout", messages)
    assert caught.value.actual == 6
    assert "messages[0].content[0–2], messages[2].content[0].content[0–2]" in str(caught.value)


async def test_turns_are_counted_each_where_the_limit_is_one_of_turns() -> None:
    picture = plain(8)
    full = {"role": "user", "content": [picture] * 20}
    assert await sent("sync", "bedrock", "amazon.nova-pro-v1:0", [full, {"role": "assistant", "content": "a"}, full])
    with pytest.raises(MediaTooLarge, match="in a turn"):
        await sent("sync", "bedrock", "amazon.nova-pro-v1:0", [full, {"role": "user", "content": [picture]}])


# ── pages, bytes, seconds ────────────────────────────────────────────────────────────────────────


async def test_pages_by_the_models_context(way: str) -> None:
    papers = [PDF.from_bytes(paper(pages=60)(), name=f"{n}.pdf") for n in "ab"]
    assert await sent(way, "anthropic", "claude-opus-5-5", ["x", *papers])
    with pytest.raises(MediaTooLarge, match=r"claude-haiku-4-5\) takes 100 pages of PDFs") as caught:
        await sent(way, "anthropic", "claude-haiku-4-5", ["x", *papers])
    assert (caught.value.limit, caught.value.actual) == (100, 120)
    assert "Fit(pages=" in str(caught.value)
    one = PDF.from_bytes(paper(pages=140)())
    with pytest.raises(MediaTooLarge, match="takes 100 pages"):
        await sent(way, "anthropic", "claude-haiku-4-5", [one])
    assert await sent(way, "anthropic", "claude-haiku-4-5", [one], fit=Fit(pages="1-100"))


def given(limit: Whole, **rows: Accepts) -> Provider:
    """OpenAI's dialect with another limit of the whole."""
    found = _registry.find("openai-compatible")
    kinds = {kind: rows.get(kind.__name__, row) for kind, row in found.adapter.media.items()}
    return replace(found, adapter=replace(found.adapter, whole=limit, media=kinds))  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Whole(sums=(Sum((Image,), max_pixels=5000),)), "takes 5,000 pixels in all of Images in a request"),
        (Whole(max_media=1000), "takes 1,000 bytes once base64-encoded of media in a request"),
        (Whole(max_body=2000), "takes 2,000 bytes of request"),
    ],
)
async def test_other_figures(way: str, limit: Whole, words: str) -> None:
    with pytest.raises(MediaTooLarge, match=re.escape(words)):
        await sent(way, given(limit), "m", ["x", noise(64), noise(64, 1)], fit="strict")


async def test_text_counts_in_the_body(way: str) -> None:
    with pytest.raises(MediaTooLarge, match="bytes of request"):
        await sent(way, given(Whole(max_body=5000)), "m", ["x" * 6000, plain(8)])
    # without a medium it is found out with the body itself
    with pytest.raises(MediaTooLarge, match="takes 5,000 bytes of request, and this one has"):
        await sent(way, given(Whole(max_body=5000)), "m", "ü" * 3000)
    assert await sent(way, given(Whole(max_body=5000)), "m", "x" * 3000)


async def test_the_body_is_measured_as_it_goes_out() -> None:
    wire = await sent("sync", "openai", "gpt-4o-mini", ["schräg", noise(20)])
    import json

    assert length(wire) == len(json.dumps(materialised(wire), ensure_ascii=False, separators=(",", ":")).encode())
    assert length({"a": object()}) == 0


# ── everything at once ───────────────────────────────────────────────────────────────────────────


async def test_every_problem_is_listed_at_once(way: str) -> None:
    broken = Image.from_bytes(plain(30, 30).read()[:40])
    media = [*[plain(8 + i) for i in range(6)], broken, Video.from_file_id("f"), Document.from_bytes(b"x" * 5_000_000)]
    with pytest.raises(MediaError) as caught:
        await sent(way, "groq", "llama-4-scout", ["x", *media])
    error = caught.value
    assert error.provider == "groq"
    assert len(error.problems) == 4
    assert [type(one).__name__ for one in error.problems[2:]] == ["MediaTooLarge", "MediaTooLarge"]
    lines = str(error).splitlines()
    assert lines[0] == "4 media cannot be sent:"
    assert [line[:25] for line in lines[1:3]] == ["- messages[0].content[7]:", "- messages[0].content[8]:"]
    assert "takes 5 Images" in lines[3]
    assert "bytes of request" in lines[4]


# ── made to fit ──────────────────────────────────────────────────────────────────────────────────


async def test_pictures_share_what_a_request_may_have(way: str) -> None:
    told: list[Any] = []
    hooks = Hooks()
    hooks.on("media:fitted", lambda fitted, **_: told.append(fitted))
    small, large = plain(40, 40), [noise(900, seed) for seed in (1, 2, 3)]
    wire = await sent(way, "groq", "llama-4-scout", ["x", small, *large], hooks=hooks)
    assert length(wire) <= 4 * 1024**2
    kept, *narrowed = images(wire)
    assert kept is small
    assert len({one.size // 20_000 for one in narrowed if one.size}) <= 3, "evenly"
    assert all(dimensions(one)[0] >= 300 for one in narrowed if isinstance(one, Image))
    assert len(told) == 3
    assert all("its share of the 4,194,304 bytes that groq takes in all" in str(fitted) for fitted in told)
    # a picture that stands in two places is made smaller once
    wire = await sent(way, "groq", "llama-4-scout", ["x", large[0], large[0], large[0]])
    assert length(wire) <= 4 * 1024**2
    assert len({id(one) for one in images(wire)}) == 1


async def test_strict_changes_nothing(way: str) -> None:
    with pytest.raises(MediaTooLarge, match="takes 4,194,304 bytes of request") as caught:
        await sent(way, "groq", "llama-4-scout", ["x", *[noise(900, seed) for seed in (1, 2, 3)]], fit="strict")
    assert "messages[0].content[1–3]" in str(caught.value)


async def test_frames_of_films_leave_room_for_the_pictures() -> None:
    scene = Video.from_bytes(long_film())
    wire = await sent("sync", "mistral", "mistral-small-latest", ["x", plain(8), plain(9), scene])
    shown = [one for one in images(wire) if isinstance(one, Image)]
    assert 2 < len(shown) <= 8
    wire = await sent("sync", "openai", "gpt-4o-mini", ["x", scene])
    assert len(images(wire)) > 8


def long_film(seconds: int = 10) -> bytes:
    import av
    import numpy as np

    sink = io.BytesIO()
    with av.open(sink, "w", format="webm") as out:
        stream: Any = out.add_stream("libvpx", rate=4)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for n in range(seconds * 4):
            pixels = np.full((48, 64, 3), n * 6 % 256, dtype=np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode(None))
    return sink.getvalue()


async def test_frames_count_among_many() -> None:
    # 21 pictures and more: 2,000 pixels a side; a picture of 2,400 alone would pass
    wire = await sent("sync", "anthropic", "claude-opus-5-5", ["x", plain(2400), Video.from_bytes(long_film(12))])
    found = [one for one in images(wire) if isinstance(one, Image)]
    assert len(found) > 20
    assert max(max(dimensions(one)) for one in found) <= 2000


# ── parts ────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_surveyed() -> None:
    picture, text = plain(8), Document.from_bytes(b"words")
    own = Native("openai", {"type": "image_url", "image_url": {"url": "https://e.org/a.png"}})
    messages = (
        Message("user", (Text("x"), picture, text, own)),
        Message("assistant", (Text("y"),)),
        Message("tool", (ToolResult("c", (picture,)),)),
        Message("user", (Image.from_url("https://e.org/b.png"),)),
    )
    items = survey(messages, [True, False, False, False])
    assert [(item.where, item.kind, item.turn) for item in items] == [
        ("messages[0].content[1]", Image, 0),
        ("messages[0].content[2]", Document, 0),
        ("messages[0].content[3]", Image, 0),
        ("messages[2].content[0].content[0]", Image, 2),
        ("messages[3].content[0]", Image, 2),
    ]
    assert [item.inline for item in items] == [False, False, False, True, False]
    assert listed(items[:3]) == "messages[0].content[1–3]"


def test_room() -> None:
    mistral = _registry.find("mistral").adapter
    assert room(mistral, "m", Image, 3) == 5
    assert room(mistral, "m", Image, 30) == 0
    assert room(_registry.find("xai").adapter, "grok", Image, 3) is None


def test_models_have_their_own_limits() -> None:
    whole = _registry.find("anthropic").adapter.whole
    short = (
        "claude-haiku-4-5 claude-haiku-4-5-20251001 claude-opus-4-1 claude-sonnet-4-20250514 claude-sonnet-4-5 claude-2.1 "
        "claude-3-7-sonnet-latest claude-opus-4-5@20251101 claude-sonnet-4"
    ).split()
    long = (
        "claude-opus-4-6 claude-opus-4-7 claude-opus-4-8 claude-sonnet-4-6 claude-sonnet-5 claude-opus-5-5 claude-haiku-5-5 "
        "claude-fable-5-1"
    ).split()
    assert {whole.of(model).max_pages for model in short} == {100}
    assert {whole.of(model).max_pages for model in long} == {600}


def test_every_adapter_says_what_bounds_the_whole() -> None:
    for name in _registry.names():
        adapter = _registry.find(name).adapter
        assert isinstance(adapter.whole, Whole)
        for row in bounds(adapter, "some-model"):
            assert set(row.kinds) <= set(INLINE)
