"""The interface as it is documented, run as it stands: through both SDKs' clients and through our own sender."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from pydantic import BaseModel

import instructor
from instructor.multimodal import Audio
from instructor.testing import Loopback
from tests.media import PAPER

from .conftest import picture, recording

pytestmark = pytest.mark.usefixtures("files")

URL = "https://static01.nyt.com/images/2017/04/14/dining/14COOKING-RITZ-MUFFINS/14COOKING-RITZ-MUFFINS-jumbo.jpg"
WORDS = "What is in this two images?"


class ImageAnalyzer(BaseModel):
    description: str


class User(BaseModel):
    name: str
    age: int


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def settled(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


async def closed(client: Any) -> None:
    await settled(client.close())
    if client.client is not None:
        await settled(client.client.close())


OPENAI = {
    "sdk": lambda: instructor.from_openai(openai.OpenAI()),
    "async sdk": lambda: instructor.from_openai(openai.AsyncOpenAI()),
    "own": lambda: instructor.from_provider("openai/gpt-4o-mini"),
    "async own": lambda: instructor.from_provider("openai/gpt-4o-mini", async_client=True),
}

ANTHROPIC = {
    "sdk": lambda: instructor.from_anthropic(anthropic.Anthropic(), enable_prompt_caching=True),
    "async sdk": lambda: instructor.from_anthropic(anthropic.AsyncAnthropic(), enable_prompt_caching=True),
    "own": lambda: instructor.from_provider("anthropic/claude-3-haiku-20240307"),
    "async own": lambda: instructor.from_provider("anthropic/claude-3-haiku-20240307", async_client=True),
}


@pytest.mark.parametrize("make", OPENAI.values(), ids=OPENAI)
async def test_images_by_value(make: Any, server: Loopback) -> None:
    image1 = instructor.Image.from_url(URL)
    image2 = instructor.Image.from_path("muffin.jpg")
    server.reply({"description": "muffins"})
    client = make()
    response = await settled(
        client.chat.completions.create(
            model="gpt-4o-mini",
            response_model=ImageAnalyzer,
            messages=[{"role": "user", "content": [WORDS, image1, image2]}],
        )
    )
    await closed(client)
    assert response == ImageAnalyzer(description="muffins")
    assert response.model_dump_json() == '{"description":"muffins"}'
    assert server.requests[0].json["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": WORDS},
                {"type": "image_url", "image_url": {"url": URL}},
                {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{b64(picture())}"}},
            ],
        }
    ]


@pytest.mark.parametrize("make", OPENAI.values(), ids=OPENAI)
async def test_images_autodetected(make: Any, server: Loopback) -> None:
    server.reply({"description": "two"})
    client = make()
    response = await settled(
        client.chat.completions.create(
            model="gpt-4o-mini",
            response_model=ImageAnalyzer,
            messages=[{"role": "user", "content": [WORDS, "https://example.com/image.jpg", "path/to/image.jpg"]}],
            autodetect_images=True,
        )
    )
    await closed(client)
    assert response == ImageAnalyzer(description="two")
    content = server.requests[0].json["messages"][0]["content"]
    assert [part["type"] for part in content] == ["text", "image_url", "image_url"]
    assert content[1]["image_url"]["url"] == "https://example.com/image.jpg"
    assert content[2]["image_url"]["url"] == f"data:image/png;base64,{b64(picture('PNG'))}"


def without_detection_strings_stay_text(content: list[dict[str, str]]) -> bool:
    return all(part["type"] == "text" for part in content)


def test_strings_stay_text_without_detection(server: Loopback) -> None:
    server.reply({"description": "-"})
    instructor.from_openai(openai.OpenAI()).create(
        ImageAnalyzer,
        [{"role": "user", "content": [WORDS, "https://example.com/image.jpg", "path/to/image.jpg"]}],
        model="gpt-4o-mini",
    )
    assert without_detection_strings_stay_text(server.requests[0].json["messages"][0]["content"])


@pytest.mark.parametrize("cache_control", [{"type": "ephemeral"}, True])
@pytest.mark.parametrize("make", ANTHROPIC.values(), ids=ANTHROPIC)
async def test_prompt_caching(make: Any, cache_control: Any, server: Loopback) -> None:
    server.reply({"description": "cached"})
    client = make()
    response = await settled(
        client.chat.completions.create(
            model="claude-3-haiku-20240307",
            response_model=ImageAnalyzer,
            messages=[
                {
                    "role": "user",
                    "content": [
                        WORDS,
                        {"type": "image", "source": "https://example.com/image.jpg", "cache_control": cache_control},
                        {"type": "image", "source": "path/to/image.jpg", "cache_control": cache_control},
                    ],
                }
            ],
            autodetect_images=True,
        )
    )
    await closed(client)
    assert response == ImageAnalyzer(description="cached")
    body = server.requests[0].json
    mark = {"cache_control": {"type": "ephemeral"}}
    source = {"type": "base64", "media_type": "image/png", "data": b64(picture("PNG"))}
    assert body["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": WORDS},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/image.jpg"}, **mark},
                {"type": "image", "source": source, **mark},
            ],
        }
    ]
    assert body["max_tokens"] == 4096


@pytest.mark.parametrize("make", ANTHROPIC.values(), ids=ANTHROPIC)
async def test_no_response_model_gives_the_message_with_its_cache_usage(make: Any, server: Loopback) -> None:
    server.say("a muffin")
    client = make()
    image = instructor.Image.from_path("path/to/image.jpg", cache_control=True)
    message = await settled(
        client.chat.completions.create(
            model="claude-3-haiku-20240307",
            response_model=None,
            messages=[{"role": "user", "content": [WORDS, image]}],
        )
    )
    await closed(client)
    assert message.content[0].text == "a muffin"
    assert message.usage.cache_creation_input_tokens > 0
    assert message.usage.cache_read_input_tokens == 0
    blocks = server.requests[0].json["messages"][0]["content"]
    assert blocks[1]["cache_control"] == {"type": "ephemeral"}
    assert "cache_control" not in blocks[0]


SOURCES = {
    "path": lambda: "path/to/image.jpg",
    "address": lambda: "https://example.com/image.jpg",
    "data URI": lambda: f"data:image/png;base64,{b64(picture('PNG'))}",
    "raw base64": lambda: b64(picture("PNG")),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_sources_of_image_dicts(source: Any, server: Loopback) -> None:
    server.reply({"description": "-"})
    client = instructor.from_anthropic(anthropic.Anthropic())
    client.chat.completions.create(
        model="claude-3-haiku-20240307",
        response_model=ImageAnalyzer,
        messages=[{"role": "user", "content": [WORDS, {"type": "image", "source": source()}]}],
        autodetect_images=True,
    )
    block = server.requests[0].json["messages"][0]["content"][1]
    by_url = {"type": "url", "url": "https://example.com/image.jpg"}
    inline = {"type": "base64", "media_type": "image/png", "data": b64(picture("PNG"))}
    assert block == {"type": "image", "source": by_url if source().startswith("https") else inline}


def test_native_anthropic_block_passes_untouched(server: Loopback) -> None:
    block = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": b64(picture("PNG"))},
        "cache_control": {"type": "ephemeral", "ttl": "1h"},
    }
    before = repr(block)
    server.reply({"description": "-"})
    client = instructor.from_anthropic(anthropic.Anthropic(), enable_prompt_caching=True)
    client.chat.completions.create(
        model="claude-3-haiku-20240307",
        response_model=ImageAnalyzer,
        messages=[{"role": "user", "content": [WORDS, block]}],
        autodetect_images=True,
    )
    assert server.requests[0].json["messages"][0]["content"][1] == block
    assert repr(block) == before


@pytest.mark.parametrize("make", OPENAI.values(), ids=OPENAI)
async def test_audio(make: Any, server: Loopback, capsys: pytest.CaptureFixture[str]) -> None:
    server.reply({"name": "Jason", "age": 20})
    client = make()
    resp = await settled(
        client.chat.completions.create(
            model="gpt-4o-audio-preview",
            response_model=User,
            modalities=["text"],
            audio={"voice": "alloy", "format": "wav"},
            messages=[
                {
                    "role": "user",
                    "content": ["Extract the following information from the audio:", Audio.from_path("./output.wav")],
                }
            ],
        )
    )
    await closed(client)
    print(resp)
    assert capsys.readouterr().out == "name='Jason' age=20\n"
    body = server.requests[0].json
    assert body["modalities"] == ["text"]
    assert body["audio"] == {"voice": "alloy", "format": "wav"}
    assert body["messages"][0]["content"] == [
        {"type": "text", "text": "Extract the following information from the audio:"},
        {"type": "input_audio", "input_audio": {"data": b64(recording()), "format": "wav"}},
    ]


def test_pdf_in_both_dialects(server: Loopback, files: Path) -> None:
    data = PAPER
    (files / "paper.pdf").write_bytes(data)
    pdf = instructor.PDF.from_path("paper.pdf")
    server.reply({"description": "-"}).reply({"description": "-"})
    instructor.from_openai(openai.OpenAI()).create(ImageAnalyzer, ["Read.", pdf], model="gpt-4o-mini")
    instructor.from_anthropic(anthropic.Anthropic()).create(
        ImageAnalyzer, ["Read.", pdf], model="claude-3-haiku-20240307"
    )
    first, second = (request.json["messages"][0]["content"][1] for request in server.requests)
    assert first == {
        "type": "file",
        "file": {"filename": "paper.pdf", "file_data": f"data:application/pdf;base64,{b64(data)}"},
    }
    assert second == {
        "type": "document",
        "title": "paper.pdf",
        "source": {"type": "base64", "media_type": "application/pdf", "data": b64(data)},
    }


@pytest.mark.parametrize("call", ["create", "messages", "chat", "with_completion"])
@pytest.mark.parametrize("make", [*OPENAI.values(), *ANTHROPIC.values()])
async def test_ways_to_call(make: Any, call: str, server: Loopback) -> None:
    client = make()
    methods = {
        "create": client.create,
        "messages": client.messages.create,
        "chat": client.chat.completions.create,
        "with_completion": client.create_with_completion,
    }
    anthropic_client = client.provider == "anthropic"
    model = "claude-3-haiku-20240307" if anthropic_client else "gpt-4o-mini"
    server.reply({"name": "Jason", "age": 20})
    result = await settled(
        methods[call](response_model=User, messages=[{"role": "user", "content": "Jason is 20"}], model=model)
    )
    await closed(client)
    if call == "with_completion":
        result, completion = result
        assert completion.model == model
        tokens = completion.usage.output_tokens if anthropic_client else completion.usage.completion_tokens
        assert tokens > 0
    assert result == User(name="Jason", age=20)


def test_conversion_by_hand() -> None:
    image = instructor.Image.from_path("muffin.jpg")
    data = b64(picture())
    assert image.to_openai(instructor.Mode.TOOLS) == {
        "type": "image_url",
        "image_url": {"url": f"data:image/jpeg;base64,{data}"},
    }
    assert image.to_anthropic() == {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/jpeg", "data": data},
    }
    with pytest.raises(instructor.errors.UnsupportedMedia, match="anthropic takes no Audio"):
        Audio.from_path("output.wav").to_anthropic()
    with pytest.raises(instructor.errors.UnsupportedMedia, match="by url"):
        Audio.from_url("https://example.com/a.wav").to_openai()


def test_values_expose_and_accept_their_parts() -> None:
    path = Path("muffin.jpg")
    image = instructor.Image.from_path(path)
    assert (image.source, image.media_type, image.data) == (path, "image/jpeg", b64(picture()))
    again = instructor.Image(source=image.source, media_type=image.media_type, data=image.data)
    assert again.data == image.data
    assert instructor.Image.from_url(URL).source == URL
    assert instructor.Image.from_url(URL).data is None
