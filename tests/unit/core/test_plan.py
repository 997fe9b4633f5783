"""Plans: what would be sent, with nothing sent."""

from __future__ import annotations

import base64
import io
import re
import socket
from typing import Any

import pytest
from PIL import Image as Pillow
from pydantic import BaseModel

import instructor
from instructor import PDF, Audio, Document, Image, Mode, Video
from instructor.errors import MessageError, MissingExtra, ModeError
from instructor.plan import Plan
from instructor.uploads import UploadPolicy
from tests.unit.core.test_preflight import long_film
from tests.unit.media.samples import paper as blank
from tests.unit.media.samples import wav


class User(BaseModel):
    name: str
    age: int


def picture(format: str, size: tuple[int, int]) -> Image:
    stream = io.BytesIO()
    Pillow.new("RGB", size, "red").save(stream, format)
    return Image.from_bytes(stream.getvalue())


def paper() -> PDF:
    return PDF.from_bytes(blank()(), name="a.pdf")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a plan touched the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


async def planned(asynchronous: bool, model: str, *args: Any, **options: Any) -> Plan:
    if asynchronous:
        client = instructor.from_provider(model, async_client=True, api_key="sk-secret")
        return await client.plan(*args, **options)
    return instructor.from_provider(model, api_key="sk-secret").plan(*args, **options)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_the_request_the_changes_and_the_tokens(asynchronous: bool) -> None:
    given = ["Who is this?", picture("TIFF", (1000, 1000)), Image.from_url("https://example.com/a.png?key=secret")]
    plan = await planned(asynchronous, "anthropic/claude-haiku-4-5", User, given, max_tokens=99)
    assert (plan.provider, plan.model, plan.mode) == ("anthropic", "claude-haiku-4-5", "JSON_SCHEMA")
    assert plan.request is not None
    assert plan.request["max_tokens"] == 99
    _, sent, by_url = plan.request["messages"][0]["content"]
    assert sent["source"]["data"].startswith("<image/")
    assert by_url["source"]["url"].startswith("https://example.com/a.png")
    assert [part.where for part in plan.parts] == [f"messages[0].content[{i}]" for i in range(3)]
    # 1000 × 1000: 36 × 36 patches of 28 pixels
    assert plan.parts[1].tokens is not None
    assert plan.parts[1].tokens.tokens == 1296
    assert plan.parts[2].tokens is None
    assert plan.tokens == 1296 + 3
    assert str(plan.changes[0]).startswith("messages[0].content[1] re-encoded")
    text = str(plan)
    assert text.startswith("anthropic/claude-haiku-4-5, Mode.JSON_SCHEMA, about 1,299 tokens")
    assert "re-encoded" in text
    assert "sk-secret" not in text + plan._repr_html_() + repr(plan)
    assert "<td>messages[0].content[1]</td>" in plan._repr_html_()


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_what_must_be_fetched_is_named(asynchronous: bool) -> None:
    plan = await planned(asynchronous, "openai/gpt-4o-mini", User, [PDF.from_url("https://example.com/a.pdf")])
    assert plan.request is None
    assert plan.fetches == ("https://example.com/a.pdf",)
    assert "fetched first" in str(plan)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_everything_else_is_planned_beside_what_must_be_fetched(asynchronous: bool) -> None:
    given = [
        PDF.from_url("https://example.com/a.pdf"),
        picture("TIFF", (100, 100)),
        Video.from_url("https://example.com/b.mp4?key=secret"),
        Audio.from_url("s3://bucket/c.wav"),
        PDF.from_url("https://example.com/a.pdf"),
    ]
    plan = await planned(asynchronous, "openai/gpt-4o-mini", User, given)
    assert plan.fetches == ("https://example.com/a.pdf", "https://example.com/b.mp4?…", "s3://bucket/c.wav")
    assert plan.request is None
    assert [part.way for part in plan.parts] == ["fetched first", "inline", *["fetched first"] * 3]
    assert [change.where for change in plan.changes] == ["messages[0].content[1]"]
    assert plan.problems == ()
    assert "secret" not in str(plan) + plan._repr_html_()


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_all_that_stands_in_the_way_is_listed(asynchronous: bool) -> None:
    wav = Audio.from_bytes(b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32)
    pictures = [picture("PNG", (8 + i, 8)) for i in range(6)]
    plan = await planned(asynchronous, "groq/llama", User, ["x", *pictures, wav, PDF.from_file_id("f")])
    assert len(plan.problems) == 3
    assert "takes 5 Images in a request" in str(plan.problems[-1])
    assert str(plan).count("cannot be sent") == 3
    assert plan.problem is not None
    assert len(plan.problem.splitlines()) == 3
    assert len(plan.parts) == 9
    assert plan.request is None


async def test_a_change_says_from_what_to_what_and_why() -> None:
    plan = await planned(False, "anthropic/claude-haiku-4-5", User, ["x", picture("TIFF", (9000, 30))])
    resized = next(change for change in plan.changes if change.what == "resized")
    assert (resized.where, resized.before.pixels) == ("messages[0].content[1]", (9000, 30))
    assert resized.after.pixels is not None
    assert max(resized.after.pixels) <= 8000
    assert resized.before.bytes
    assert resized.after.bytes
    assert "at most 8,000" in resized.why
    assert "→" in str(resized)


async def test_a_medium_is_named_in_the_request() -> None:
    plan = await planned(False, "openai/gpt-4o-mini", User, ["x", picture("PNG", (1568, 1176)), paper()])
    assert plan.request is not None
    _, shown, document = plan.request["messages"][0]["content"]
    named = r"data:image/png;base64,<image/png [\d.,]+ (bytes|kB) 1568×1176 sha256:[0-9a-f]{12}…>"
    assert re.fullmatch(named, shown["image_url"]["url"])
    assert re.search(r"<application/pdf \d+ bytes 1 page sha256:[0-9a-f]{12}…>", document["file"]["file_data"])
    assert plan.parts[1].what == shown["image_url"]["url"].partition(",")[2]


@pytest.mark.parametrize(
    ("model", "kind", "tokens", "formula"),
    [
        ("gemini/gemini-3.8-flash", "audio", 25 * 4, "per second"),
        ("gemini/gemini-2.5-flash", "audio", 32 * 4, "per second"),
        ("gemini/gemini-3.8-flash", "video", 70 * 3, "per frame and second"),
        ("gemini/gemini-3.8-flash", "pdf", 560, "per page"),
        ("anthropic/claude-haiku-4-5", "pdf", 1500, "text and a picture of each page"),
        ("bedrock/us.anthropic.claude-opus-4-8-v1:0", "image", 225, "patches of 28 px"),
        ("openai-responses/gpt-4.1-mini", "image", 274, "patches of 32 px"),
        ("mistral/mistral-medium-latest", "image", 205, "by area"),
        ("cohere/command-a-vision-07-2025", "image", 256, "tiles of 512 px and a preview"),
        ("xai/grok-4", "image", None, "unknown"),
        ("openai/gpt-4o-mini", "text", 3, "rough: characters"),
    ],
)
async def test_every_kind_of_part_is_estimated(
    monkeypatch: pytest.MonkeyPatch, model: str, kind: str, tokens: int | None, formula: str
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    media = {
        "audio": lambda: Audio.from_bytes(wav(seconds=4)()),
        "video": lambda: Video.from_bytes(long_film(3)),
        "pdf": paper,
        "image": lambda: picture("PNG", (400, 400)),
        "text": lambda: Document.from_bytes(b"twelve chars"),
    }
    plan = await planned(False, model, User, [media[kind]()])
    found = plan.parts[0].tokens
    assert found is not None
    assert (found.tokens, found.formula) == (tokens, formula)
    assert formula in str(plan)


async def test_notes_say_what_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    marked = {"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}]}
    plan = await planned(False, "mistral/mistral-medium-latest", User, [marked])
    assert plan.notes == ("messages[0]: cache_control is not sent: mistral caches by itself or not at all",)
    assert "cache_control is not sent" in str(plan)

    def missing(name: str) -> Any:
        raise MissingExtra(name, "fit", "look")

    monkeypatch.setattr("instructor.fit.pdf.need", missing)
    plan = await planned(False, "openai/gpt-4o-mini", User, ["x", paper()])
    assert plan.request is not None
    assert any("not checked" in note for note in plan.notes)
    assert plan.changes == ()


async def test_what_would_be_uploaded(tmp_path: Any) -> None:
    plan = await planned(
        False, "gemini/gemini-3.8-flash", User, [paper()], uploads=UploadPolicy("always", directory=str(tmp_path))
    )
    assert [part.way for part in plan.parts] == ["uploaded"]
    assert plan.parts[0].tokens is not None
    assert plan.parts[0].tokens.tokens == 560
    assert len(plan.uploads) == 1
    assert plan.request is not None
    assert "<uploaded first>" in str(plan.request)


async def test_a_notebook_shows_small_pictures() -> None:
    given = ["x <b>", picture("PNG", (3000, 2000)), paper(), Audio.from_bytes(wav(seconds=1)()), picture("PNG", (8, 8))]
    plan = await planned(False, "gemini/gemini-3.8-flash", User, [*given, Video.from_bytes(long_film(3))])
    html = plan._repr_html_()
    pictures = re.findall(r'<img src="data:image/jpeg;base64,([^"]+)"', html)
    assert len(pictures) == 4
    for data in pictures:
        shown = Pillow.open(io.BytesIO(base64.b64decode(data)))
        assert max(shown.size) <= 96
        assert len(data) < 8000
    assert "x &lt;b&gt;" in html
    assert "<details><summary>request</summary>" in html
    assert "<td>inline</td>" in html


async def test_small_pictures_are_few_and_each_is_drawn_once() -> None:
    same = picture("PNG", (20, 20))
    plan = await planned(
        False, "openai/gpt-4o-mini", User, [same] * 10 + [picture("PNG", (30 + i, 20)) for i in range(40)]
    )
    html = plan._repr_html_()
    assert html.count("<img") == 10 + 23
    assert len(html) < 200_000


async def test_without_pillow_there_are_no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise MissingExtra("pillow", "fit", "look")

    plan = await planned(False, "openai/gpt-4o-mini", User, ["x", picture("PNG", (20, 20))])
    monkeypatch.setattr("instructor.fit.preview.need", missing)
    assert "<img" not in plan._repr_html_()


async def test_an_async_plan_does_not_block_the_loop() -> None:
    import asyncio
    import time

    client = instructor.from_provider("anthropic/claude-haiku-4-5", async_client=True, api_key="sk")
    big = picture("TIFF", (6000, 6000))
    gaps: list[float] = []

    async def tick() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    ticking = asyncio.ensure_future(tick())
    started = time.perf_counter()
    plan = await client.plan(User, ["x", big])
    took = time.perf_counter() - started
    ticking.cancel()
    assert plan.request is not None
    assert max(gaps) < took / 2


async def test_what_cannot_be_sent_is_said() -> None:
    wav = Audio.from_bytes(b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32)
    plan = await planned(False, "anthropic/claude-haiku-4-5", User, ["x", wav])
    assert plan.request is None
    assert plan.problem == "messages[0].content[1]: anthropic takes no Audio: it takes Image, PDF, Document"
    assert "cannot be sent" in str(plan)


async def test_other_mistakes_are_errors() -> None:
    with pytest.raises(MessageError):
        await planned(False, "openai/gpt-4o-mini", User, [])
    with pytest.raises(ModeError):
        await planned(False, "openai/gpt-6", User, "x", mode=Mode.TOOLS)


async def test_without_a_response_model() -> None:
    plan = await planned(False, "openai/gpt-4o-mini", None, "hello")
    assert plan.mode is None
    assert plan.request == {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}
