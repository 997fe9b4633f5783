"""Plans: what would be sent, with nothing sent."""

from __future__ import annotations

import io
import socket
from typing import Any

import pytest
from PIL import Image as Pillow
from pydantic import BaseModel

import instructor
from instructor import PDF, Audio, Image, Mode
from instructor.errors import MessageError, ModeError
from instructor.plan import Plan


class User(BaseModel):
    name: str
    age: int


def picture(format: str, size: tuple[int, int]) -> Image:
    stream = io.BytesIO()
    Pillow.new("RGB", size, "red").save(stream, format)
    return Image.from_bytes(stream.getvalue())


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
    assert plan.changes[0].startswith("messages[0].content[1] re-encoded")
    text = str(plan)
    assert text.startswith("anthropic/claude-haiku-4-5, Mode.JSON_SCHEMA, about 1,299 tokens")
    assert "re-encoded" in text
    assert "sk-secret" not in text + plan._repr_html_() + repr(plan)
    assert "<td>messages[0].content[1]</td>" in plan._repr_html_()


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_what_must_be_fetched_is_named(asynchronous: bool) -> None:
    plan = await planned(asynchronous, "openai/gpt-4o-mini", User, [PDF.from_url("https://example.com/a.pdf")])
    assert plan.request is None
    assert plan.fetches == ("example.com",)
    assert "fetched first" in str(plan)


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
