"""What callers get wrong, through all eight ways: a typed error that names the part and the remedy, and nothing is sent."""

from __future__ import annotations

import base64
import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from PIL import Image as Pillow
from pydantic import BaseModel

import instructor
from instructor import PDF, Audio, Document, Image, MediaPolicy, Mode, Video
from instructor.errors import (
    BlockedAddress,
    BlockedFile,
    ConfigurationError,
    InstructorError,
    MediaError,
    MediaNotFound,
    MediaTooLarge,
    MessageError,
    MissingKey,
    ModeError,
    NotFound,
    RequestError,
    ResponseModelError,
    UnknownProvider,
    UnreadableMedia,
    UnsupportedMedia,
    WrongClient,
)
from instructor.testing import Loopback

from .conftest import picture, recording
from .ways import KEYS, User, Way, every_own_way, every_sdk_way, every_way, settled


def user(*content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(content)}]


def noise() -> bytes:
    return bytes(range(128, 256)) * 20


BLOB = re.compile(r"[A-Za-z0-9+/]{60,}")


def decent(error: BaseException) -> bool:
    """Whether the message holds neither content nor a key."""
    return not BLOB.search(str(error)) and not any(key in str(error) for key in KEYS)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "noise.png").write_bytes(noise())
    (tmp_path / "page.png").write_text("<!DOCTYPE html><html><body>404</body></html>")
    (tmp_path / "sound.png").write_bytes(recording())
    (tmp_path / "cat.png").write_bytes(picture("PNG"))
    (tmp_path / "cat.tiff").write_bytes(picture("TIFF"))
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "cut.jpg").write_bytes(picture("JPEG", (300, 200))[:-60])
    (tmp_path / "cut.png").write_bytes(picture("PNG", (300, 200))[:-20])
    (tmp_path / "cut.wav").write_bytes(recording(1)[:-1000])
    (tmp_path / "silent.wav").write_bytes(recording(0))
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/cat.png").write_bytes(picture("PNG"))
    (tmp_path / "inner/out.png").symlink_to(tmp_path / "cat.png")
    os.mkfifo(tmp_path / "inner/pipe.png")
    (tmp_path / "large.pdf").write_bytes(b"%PDF-1.7\n")
    os.truncate(tmp_path / "large.pdf", 60 * 1024 * 1024)
    monkeypatch.chdir(tmp_path)


def opened(name: str) -> Image:
    with open(name, "rb") as stream:
        return Image.from_file(stream)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


# ── media that cannot be read ────────────────────────────────────────────────────────────────────

LONG = b64(noise())

READING: dict[str, tuple[Callable[[], Any], type[InstructorError], str]] = {
    "a missing file": (lambda: Image.from_path("none.png"), MediaNotFound, "none.png"),
    "an empty file": (lambda: Image.from_path("empty.png"), UnreadableMedia, "empty.png.*empty"),
    "a file of noise": (lambda: Image.from_path("noise.png"), UnreadableMedia, "noise.png.*not a picture.*binary data"),
    "a page": (lambda: Image.from_path("page.png"), UnreadableMedia, "page.png.*an HTML page"),
    "another kind": (lambda: Image.from_path("sound.png"), UnsupportedMedia, "sound.png holds audio/wav.*use Audio"),
    "a directory": (lambda: Image.from_path("folder.png"), MediaNotFound, "folder.png"),
    "no bytes": (lambda: Image.from_bytes(b""), UnreadableMedia, "empty"),
    "bytes of noise": (lambda: Image.from_bytes(noise()), UnreadableMedia, "not a picture"),
    "no bytes at all": (lambda: Image.from_bytes("text"), UnreadableMedia, "bytes, not str"),  # type: ignore[arg-type]
    "no base64": (lambda: Image.from_raw_base64("!" * 200), UnreadableMedia, "not valid base64"),
    "base64 of noise": (lambda: Image.from_raw_base64(LONG), UnreadableMedia, "not a picture"),
    "a data URI of noise": (lambda: Image.from_base64(f"data:image/png;base64,{LONG}"), UnreadableMedia, "not a picture"),
    "a data URI without data": (lambda: Image.from_base64("data:image/png;base64,"), UnreadableMedia, "empty|no data"),
    "no address": (lambda: Image.from_url("example.com/cat.png"), UnreadableMedia, "not an address"),
    "an address with a secret": (
        lambda: Image.from_url(f"file://user:{KEYS[0]}@example.com/cat.png?key={KEYS[0]}"), UnreadableMedia, "not an address",
    ),
    "a PDF that is a picture": (lambda: PDF.from_path("cat.png"), UnsupportedMedia, "image/png.*use Image"),
    "a recording that is a picture": (lambda: Audio.from_path("cat.png"), UnsupportedMedia, "use Image"),
    "binary text": (lambda: Document.from_path("cat.png"), UnsupportedMedia, "use Image"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "error", "words"), READING.values(), ids=READING)
def test_media_by_value(make: Callable[[], Any], error: type[InstructorError], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        make()
    assert decent(caught.value)


def test_a_file_without_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:  # in the place of chmod, because root reads everything
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(UnreadableMedia, match=r"cat\.png.*cannot be read"):
        Image.from_path("cat.png")


IN_MESSAGES: dict[str, tuple[Any, type[InstructorError], str]] = {
    "a missing file": (user("a", Path("none.png")), MediaNotFound, "none.png"),
    "a missing file by name": (user("a", "none.png"), MediaNotFound, "looks like the path of a medium"),
    "a missing file in a dict": (user("a", {"type": "image", "source": "none.png"}), MediaNotFound, "none.png"),
    "an empty file": (user("a", {"type": "image", "source": "empty.png"}), UnreadableMedia, "empty"),
    "a file of noise": (user("a", Path("noise.png")), UnreadableMedia, "noise.png"),
    "a page as an image": (user("a", {"type": "image", "source": "page.png"}), UnreadableMedia, "an HTML page"),
    "another kind": (user("a", {"type": "image", "source": "sound.png"}), UnsupportedMedia, "use Audio"),
    "a directory": (user("a", Path("folder.png")), MediaNotFound, "folder.png"),
    "no base64": (user("a", {"type": "image", "source": "data:image/png;base64,!!!"}), UnreadableMedia, "not valid base64"),
    "a damaged data URI": (user("a", f"data:image/png;base64,{LONG}"), UnreadableMedia, "not a picture"),
    "a film": (user("a", Video.from_bytes(b"\0\0\0\x18ftypisom" + bytes(16))), UnsupportedMedia, "takes no Video: it"),
    "tiff": (user("a", {"type": "image", "source": "cat.tiff"}), UnsupportedMedia, "no image/tiff.*it takes image/gif"),
    "a bucket": (user("a", PDF.from_url("gs://bucket/a.pdf")), BlockedAddress, "gs://bucket/a.pdf.*MediaPolicy"),
    "bytes of noise": (user("a", noise()), UnreadableMedia, "not a picture"),
    "a page by name": (user("a", "page.png"), UnreadableMedia, "a file that holds no media: it is an HTML page"),
    "a directory by name": (user("a", "folder.png"), MediaNotFound, "is a directory"),
    "an empty file by name": (user("a", "empty.png"), UnreadableMedia, "empty"),
    "a pipe": (user("a", Path("inner/pipe.png")), MediaNotFound, "not a regular file"),
    "a pipe by name": (user("a", "inner/pipe.png"), MediaNotFound, "not a regular file"),
    "what the system calls a file": (user("a", Path("/proc/self/environ")), MediaNotFound, "not a regular file"),
    "an open file of text": (user("a", io.StringIO("x")), UnreadableMedia, "open as text"),
    "an open file at its end": (user("a", io.BytesIO()), UnreadableMedia, "empty, or has been read to its end"),
}  # fmt: skip

ROOTED: dict[str, tuple[Any, type[InstructorError], str]] = {
    "a file outside": (user("a", Path("cat.png")), BlockedFile, "cat.png.*local_roots"),
    "a value outside": (lambda: user("a", Image.from_path("cat.png")), BlockedFile, "cat.png.*local_roots"),
    "a dict outside": (user("a", {"type": "image", "source": "cat.png"}), BlockedFile, "cat.png.*local_roots"),
    "a name outside": (user("a", "cat.png"), BlockedFile, "cat.png.*local_roots"),
    "a name outside that is nothing": (user("a", "../none.png"), BlockedFile, "none.png.*local_roots"),
    "a link that leads out": (user("a", "inner/out.png"), BlockedFile, "out.png.*local_roots"),
    "a way out": (user("a", "inner/../cat.png"), BlockedFile, "cat.png.*local_roots"),
    "an open file": (lambda: user("a", opened("cat.png")), BlockedFile, "cat.png.*local_roots"),
    "a result of a tool": (
        lambda: user({"type": "tool_result", "tool_use_id": "t", "content": [Path("cat.png")]}), BlockedFile, "local_roots",
    ),
    "a pipe": (user("a", "inner/pipe.png"), MediaNotFound, "not a regular file"),
}  # fmt: skip


@every_way
async def test_media_in_messages(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        for name, (messages, error, words) in IN_MESSAGES.items():
            with pytest.raises(error, match=words) as caught:
                await settled(client.create(User, messages, autodetect_images=True, fit="strict"))
            assert caught.value.where == "messages[0].content[1]", name
            assert str(caught.value).startswith("messages[0].content[1]: "), name
            assert decent(caught.value), name
    assert server.requests == []


@every_way
async def test_local_roots(way: Way, server: Loopback) -> None:
    async with way.open(policy=MediaPolicy(local_roots=["inner"])) as client:
        for name, (messages, error, words) in ROOTED.items():
            given = messages() if callable(messages) else messages
            with pytest.raises(error, match=words) as caught:
                await settled(client.create(User, given, autodetect_images=True))
            assert caught.value.where is not None, name
            assert caught.value.where.startswith("messages[0].content"), name
    assert server.requests == []


CUT: dict[str, tuple[str, str]] = {
    "cut.jpg": ("image", "cut.jpg.*it is cut off: its end mark is missing"),
    "cut.png": ("image", "cut.png.*it is cut off"),
    "cut.wav": ("audio", "cut.wav.*it is cut off: 31,044 of at least 32,044 bytes"),
    "silent.wav": ("audio", "silent.wav.*holds no sound"),
}


@every_way
async def test_what_is_cut_off_or_silent(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        for name, (kind, words) in CUT.items():
            if kind == "audio" and way.dialect == "anthropic":
                continue  # which takes no recordings at all
            for source in (
                name,
                Path(name),
                Image.from_path(name).read() if kind == "image" else Audio.from_path(name).read(),
            ):
                expected = words.partition(".*")[2] if isinstance(source, bytes) else words
                part = {"type": kind, "source": source}
                with pytest.raises(UnreadableMedia, match=expected) as caught:
                    await settled(client.create(User, user("a", part), autodetect_images=True))
                assert caught.value.where == "messages[0].content[1]", name
    assert server.requests == []


@every_way
async def test_what_a_provider_does_not_take(way: Way, server: Loopback) -> None:
    flac = Audio.from_bytes(b"fLaC" + bytes(64))
    refused = {
        "openai": [
            (flac, "openai takes no audio/flac.*it takes audio/mpeg, audio/wav"),
            (Image.from_file_id("f"), "openai takes no file ids for Image"),
        ],
        "anthropic": [
            (Audio.from_bytes(recording()), "anthropic takes no Audio: it takes Image, PDF, Document"),
            (flac, "anthropic takes no Audio"),
        ],
    }
    async with way.open() as client:
        for medium, words in refused[way.dialect]:
            with pytest.raises(UnsupportedMedia, match=words) as caught:
                await settled(client.create(User, user("a", medium), fit="strict"))
            assert caught.value.where == "messages[0].content[1]"
    assert server.requests == []


@every_way
async def test_media_too_large(way: Way, server: Loopback) -> None:
    with pytest.raises(MediaTooLarge, match=r"large\.pdf.*takes [\d,]+: make it smaller") as caught:
        await way.create(User, user("a", PDF.from_path("large.pdf")), fit="strict", uploads="never")
    assert caught.value.where == "messages[0].content[1]"
    assert caught.value.actual > caught.value.limit
    assert server.requests == []


@every_way
async def test_all_problems_at_once(way: Way, server: Loopback) -> None:
    film = Video.from_bytes(b"\0\0\0\x18ftypisom" + bytes(16))
    with pytest.raises(MediaError, match="2 media cannot be sent") as caught:
        await way.create(User, user(film, "a", Image.from_path("cat.tiff")), fit="strict")
    assert "- messages[0].content[0]: " in str(caught.value)
    assert "- messages[0].content[2]: " in str(caught.value)
    assert server.requests == []


@every_way
async def test_a_file_that_changed(way: Way, server: Loopback) -> None:
    image = Image.from_path("cat.png")
    os.truncate("cat.png", 50)
    with pytest.raises(UnreadableMedia, match=r"cat\.png has changed since it was named: make the value anew"):
        await way.create(User, user("a", image))
    assert [request for request in server.requests if request.json is not None] == []


@every_way
async def test_parts_of_another_dialect_that_are_damaged(way: Way, server: Loopback) -> None:
    foreign: dict[str, Any] = {
        "openai": {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": LONG}},
        "anthropic": {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{LONG}"}},
    }
    with pytest.raises(UnreadableMedia, match="not a picture") as caught:
        await way.create(User, user("a", foreign[way.dialect]))
    assert caught.value.where == "messages[0].content[1]"
    assert decent(caught.value)
    assert server.requests == []


@every_way
async def test_addresses_that_may_not_be_fetched(way: Way, server: Loopback) -> None:
    document = Document.from_url(server.files("/n.txt", b"notes", "text/plain"))  # which no provider fetches itself
    with pytest.raises(BlockedAddress, match=r"127\.0\.0\.1") as caught:
        await way.create(User, user("a", document))
    assert caught.value.where == "messages[0].content[1]"
    assert server.requests == []
    for address in ("/none.txt", "/page.txt"):
        server.files("/page.txt", picture("PNG"), "text/plain")
        document = Document.from_url(f"{server.url}{address}")
        with pytest.raises(MediaError) as failed:
            await way.create(User, user("a", document), made={"policy": MediaPolicy(allow_private_hosts=True)})
        assert failed.value.where == "messages[0].content[1]"
    assert not any(request.method == "POST" for request in server.requests)


@every_way
async def test_base64_that_is_no_medium_is_not_quoted(way: Way, server: Loopback) -> None:
    with pytest.raises(MediaError) as caught:
        await way.create(User, user("a", {"type": "image", "source": LONG}), autodetect_images=True)
    assert caught.value.where == "messages[0].content[1]"
    assert server.requests == []
    assert decent(caught.value)


# ── names, keys, clients ─────────────────────────────────────────────────────────────────────────

PROVIDERS: list[tuple[Any, type[InstructorError], str]] = [
    ("opnai/gpt-4o", UnknownProvider, r"no provider 'opnai'\. Did you mean 'openai'\?.*There are:.*anthropic.*openai"),
    ("OpenAI/gpt-4o", UnknownProvider, r"Did you mean 'openai'"),
    ("antropic/claude", UnknownProvider, r"Did you mean 'anthropic'"),
    ("gpt-4o-mini", UnknownProvider, r"no provider 'gpt-4o-mini'.*There are:"),
    ("", UnknownProvider, "no provider ''.*There are:"),
    ("openai", ConfigurationError, r"names no model: write .openai/<model>"),
    ("anthropic/", ConfigurationError, r"names no model: write .anthropic/<model>"),
    (None, ConfigurationError, "provider/model"),
]


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(("name", "error", "words"), PROVIDERS, ids=range(len(PROVIDERS)))
def test_names(name: Any, error: type[InstructorError], words: str, asynchronous: bool) -> None:
    with pytest.raises(error, match=words):
        instructor.from_provider(name, async_client=asynchronous)  # type: ignore[call-overload]


@every_way
async def test_an_unknown_model(way: Way, server: Loopback) -> None:
    server.fail(404, message="The model `gtp-9` does not exist")
    with pytest.raises(NotFound, match="`gtp-9` does not exist") as caught:
        await way.create(User, "hi", model="gtp-9")
    assert (caught.value.status, caught.value.model) == (404, "gtp-9")
    assert len(server.requests) == 1


@every_sdk_way
async def test_no_model(way: Way, server: Loopback) -> None:
    for model in (None, "", 7):
        with pytest.raises(ConfigurationError, match=r"no model: pass model=… to create\(\)"):
            await way.create(User, "hi", made={"model": None}, model=model)
    assert server.requests == []


@every_own_way
async def test_no_key(way: Way, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    name = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}[way.dialect]
    for present in (None, ""):
        if present is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, present)
        with pytest.raises(MissingKey, match=f"{way.dialect} needs a key: set {name}, or pass api_key=…"):
            way.client()
    assert server.requests == []


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_no_key_in_the_sdks_client(
    asynchronous: bool, server: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Anthropic's client can be made without one; OpenAI's refuses by itself."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(MissingKey, match="the SDK's client has no key"):
        await Way("anthropic", True, asynchronous).create(User, "hi")
    assert server.requests == []


class Unrelated:
    """Nothing of an SDK's."""


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "None": (lambda: None, r"builtins\.NoneType"),
    "a string": (lambda: "sk-test", r"builtins\.str"),
    "another object": (Unrelated, r"tests\.Unrelated"),
    "an HTTP client": (httpx2.Client, r"httpx2\.Client"),
    "OpenAI's class": (lambda: openai.OpenAI, r"openai\.OpenAI itself, not an instance"),
    "OpenAI's module": (lambda: openai, r"builtins\.module"),
    "Anthropic's class": (lambda: anthropic.AsyncAnthropic, r"anthropic\.AsyncAnthropic itself, not an instance"),
    "a completions resource": (lambda: openai.OpenAI().chat.completions, r"openai\.Completions"),
    "our own client": (lambda: instructor.from_openai(openai.OpenAI()), r"instructor\.Instructor"),
}


@pytest.mark.parametrize("maker", [instructor.from_openai, instructor.from_anthropic], ids=["openai", "anthropic"])
@pytest.mark.parametrize(("make", "words"), WRONG.values(), ids=WRONG)
def test_wrong_clients(maker: Any, make: Callable[[], Any], words: str, server: Loopback) -> None:
    wanted = "openai.OpenAI" if maker is instructor.from_openai else "anthropic.Anthropic"
    with pytest.raises(WrongClient, match=rf"{maker.__name__}\(\) takes a client of {wanted}.*given {words}") as caught:
        maker(make())
    assert isinstance(caught.value, TypeError)
    assert decent(caught.value)


def test_the_other_sdks_client(server: Loopback) -> None:
    with pytest.raises(WrongClient, match=r"it was given anthropic\.Anthropic"):
        instructor.from_openai(anthropic.Anthropic())  # type: ignore[call-overload]
    with pytest.raises(WrongClient, match=r"it was given openai\.AsyncOpenAI"):
        instructor.from_anthropic(openai.AsyncOpenAI())  # type: ignore[call-overload]


class Legacy:
    """Stands for a client of the library before httpx2."""


Legacy.__module__, Legacy.__name__ = "httpx._client", "Client"

HTTP_CLIENTS: list[tuple[Any, bool, str]] = [
    (Legacy(), False, r"an httpx2\.Client here, not httpx\.Client"),
    (Legacy(), True, r"an httpx2\.AsyncClient here, not httpx\.Client"),
    (httpx2.Client, False, r"httpx2\.Client itself, not an instance"),
    ("http://proxy", False, r"not builtins\.str"),
]


@pytest.mark.parametrize(("client", "asynchronous", "words"), HTTP_CLIENTS, ids=range(len(HTTP_CLIENTS)))
def test_wrong_http_clients(client: Any, asynchronous: bool, words: str, server: Loopback) -> None:
    with pytest.raises(WrongClient, match=words):
        instructor.from_provider("openai/gpt-4o", async_client=asynchronous, http_client=client)  # type: ignore[call-overload]


def test_http_clients_of_the_other_kind(server: Loopback) -> None:
    with httpx2.Client() as client, pytest.raises(WrongClient, match=r"httpx2\.AsyncClient here, not httpx2\.Client"):
        instructor.from_provider("openai/gpt-4o", async_client=True, http_client=client)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "url", ["localhost:8000/v1", "not an address", "ftp://x", "http://", "http://[::1", "http://h:x"]
)
def test_wrong_base_urls(url: str, server: Loopback) -> None:
    with pytest.raises(ConfigurationError, match="base_url is an address such as"):
        instructor.from_provider("openai/gpt-4o", base_url=url)


# ── options ──────────────────────────────────────────────────────────────────────────────────────

OPTIONS: dict[str, tuple[dict[str, Any], type[InstructorError], str]] = {
    "fewer retries than none": (
        {"max_retries": -1},
        ConfigurationError,
        "max_retries is the number of repetitions.*not -1",
    ),
    "retries in words": ({"max_retries": "3"}, ConfigurationError, "max_retries.*not '3'"),
    "retries by truth": ({"max_retries": True}, ConfigurationError, "max_retries.*not True"),
    "half a retry": ({"max_retries": 1.5}, ConfigurationError, "max_retries.*not 1.5"),
    "a mode by name": ({"mode": "TOOLS"}, ModeError, "mode is one of Mode.TOOLS.*not 'TOOLS'"),
    "no time": ({"timeout": 0}, ConfigurationError, "timeout is a positive number of seconds.*not 0"),
    "time in words": ({"timeout": "3"}, ConfigurationError, "timeout is a positive number.*not '3'"),
    "less than no time": ({"timeout": -1}, ConfigurationError, "timeout.*not -1"),
    "hooks that are none": (
        {"hooks": {"parse:error": print}},
        ConfigurationError,
        "hooks are an instructor.Hooks, not dict",
    ),
    "a nan": ({"temperature": float("nan")}, MessageError, "temperature: nan"),
    "an infinite number": ({"metadata": {"x": [1, float("inf")]}}, MessageError, r"metadata\.x\[1\]: inf"),
    "an object": ({"metadata": {"x": Unrelated()}}, RequestError, "metadata.x: a Unrelated is not JSON"),
    "a lone surrogate": ({"user": "\ud800"}, MessageError, r"user\w*: .*lone surrogate"),
}


@every_way
async def test_options(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        for name, (options, error, words) in OPTIONS.items():
            with pytest.raises(error, match=words) as caught:
                await settled(client.create(User, "hi", **options))
            assert decent(caught.value), name
    assert server.requests == []


@every_way
async def test_lone_surrogates_in_messages(way: Way, server: Loopback) -> None:
    with pytest.raises(MessageError, match=r"messages\[0\]\.content.*lone surrogate"):
        await way.create(User, "a \udc00")
    assert server.requests == []


@every_way
async def test_a_stream_by_default(way: Way, server: Loopback) -> None:
    with pytest.raises(ConfigurationError, match="stream=True is said in each call"):
        await way.create(User, "hi", made={"stream": True})
    assert server.requests == []


@every_way
async def test_an_unsupported_mode(way: Way, server: Loopback) -> None:
    model = "gpt-6" if way.dialect == "openai" else "claude-opus-5-5"
    with pytest.raises(ModeError, match=rf"does not take Mode.TOOLS for {model}: it takes Mode.JSON_SCHEMA, Mode.JSON"):
        await way.create(User, "hi", mode=Mode.TOOLS, model=model)
    assert server.requests == []


MAKERS: list[dict[str, Any]] = [{"mode": "TOOLS"}, {"timeout": -1}, {"hooks": {}}]


@every_way
def test_options_of_clients(way: Way, server: Loopback) -> None:
    for options in MAKERS:
        with pytest.raises(ConfigurationError, match=next(iter(options))):
            way.client(**options)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_what_an_sdk_refuses_by_itself(asynchronous: bool, server: Loopback) -> None:
    """Anthropic's package wants a stream for long answers, unless it is told how long it may wait."""
    way = Way("anthropic", True, asynchronous)
    with pytest.raises(RequestError, match="the anthropic package refuses the request: Streaming is required"):
        await way.create(User, "hi", max_tokens=100_000)
    assert server.requests == []
    await way.create(User, "hi", max_tokens=100_000, timeout=30)
    assert len(server.requests) == 1


# ── messages ─────────────────────────────────────────────────────────────────────────────────────

MALFORMED: dict[str, tuple[Any, str]] = {
    "none": ([], "there are no messages"),
    "no list": ({"role": "user", "content": "x"}, "messages are a list, a string or a medium, not dict"),
    "a number": (3, "not int"),
    "no message": ([3], r"messages\[0\]: a message is a dict"),
    "no role": ([{"content": "x"}], r"messages\[0\]: role is one of system.*not None"),
    "another role": ([{"role": "boss", "content": "x"}], r"messages\[0\]: role is one of.*not 'boss'"),
    "a role of bytes": ([{"role": LONG, "content": "x"}], r"messages\[0\]: role is one of"),
    "no content": ([{"role": "user"}], r"messages\[0\]: the user message has no content"),
    "empty content": ([*user("a"), {"role": "user", "content": []}], r"messages\[1\]: the user message has no content"),
    "a number as a part": (user("a", 3), r"messages\[0\]\.content\[1\]: a part of content is .*not int"),
    "None as a part": (user("a", None), r"messages\[0\]\.content\[1\]: .*not NoneType"),
    "a part without a type": (user({"words": "x"}), r"messages\[0\]\.content\[0\]: .*a dict with the keys 'words'"),
    "text without text": (user({"type": "text"}), r"content\[0\]: a text part needs its 'text'"),
    "an image without source": (user({"type": "image"}), r"content\[0\]: 'source' of an image part"),
    "an image with odd keys": (user({"type": "image", "source": b"x", "size": 1}), r"content\[0\]: unknown keys.*size"),
    "detail of a recording": (
        user({"type": "audio", "source": recording(), "detail": "low"}), r"content\[0\]: unknown keys in the audio.*: detail",
    ),
    "an odd detail": (user({"type": "image", "source": picture(), "detail": "most"}), r"content\[0\]: detail is one of"),
    "a path without detection": (user({"type": "image", "source": "cat.png"}), r"content\[0\]: .*autodetect_images=True"),
    "an odd mark": (user("a", {"type": "text", "text": "x", "cache_control": "yes"}), r"content\[1\]: cache_control takes"),
    "an odd mark of a message": ([{"role": "user", "content": "x", "cache_control": 3}], r"messages\[0\]: cache_control takes"),
    "an answer without its call": ([*user("a"), {"role": "tool", "content": "x"}], r"messages\[1\]: .*tool_call_id"),
    "a call without a name": (
        [{"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]}], r"messages\[0\]\.tool_calls\[0\]: .*'id' and",
    ),
}  # fmt: skip


@every_way
async def test_messages(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        for name, (messages, words) in MALFORMED.items():
            with pytest.raises(MessageError, match=words) as caught:
                await settled(client.create(User, messages))
            assert decent(caught.value), name
    assert server.requests == []


# ── response models ──────────────────────────────────────────────────────────────────────────────


class Odd(BaseModel):
    """A field that has no JSON schema."""

    model_config = {"arbitrary_types_allowed": True}
    field: Unrelated


MODELS: dict[str, tuple[Any, str]] = {
    "an instance": (User(name="a", age=1), "response_model is a value of the type User; pass the type itself: User"),
    "a string": ("User", "response_model is the string 'User'; pass the type itself"),
    "a number": (3, "pass the type itself: int"),
    "a list of models": ([User], r"response_model is a list; write list\[Model\]"),
    "a schema": ({"type": "object"}, "response_model is a mapping; pass a type"),
    "a function": (print, "response_model is 'print'"),
    "no pydantic type": (Unrelated, "Unrelated cannot be a response_model"),
    "an odd field": (Odd, "Odd cannot be a response_model"),
}


@every_way
async def test_response_models(way: Way, server: Loopback) -> None:
    async with way.open() as client:
        for name, (model, words) in MODELS.items():
            with pytest.raises(ResponseModelError, match=words) as caught:
                await settled(client.create(model, "hi"))
            assert isinstance(caught.value, TypeError), name
    assert server.requests == []


def test_pictures_in_odd_colours_are_no_bad_input(server: Loopback) -> None:
    """What is unusual is not refused."""
    stream = io.BytesIO()
    Pillow.new("CMYK", (4, 4)).save(stream, "JPEG")
    assert Image.from_bytes(stream.getvalue()).media_type == "image/jpeg"
