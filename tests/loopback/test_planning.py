"""Plans, against a server that would see it if anything were sent: every provider, every way to it."""

from __future__ import annotations

import io
from typing import Any

import boto3
import cohere
import mistralai.client
import ollama
import pytest
from google import genai
from PIL import Image as Pillow

import instructor
from instructor import PDF, Document, Image, MediaPolicy
from instructor.providers import _registry
from instructor.sheet import tag
from instructor.testing import Loopback
from instructor.uploads import UploadPolicy
from tests.loopback.ways import JASON, User, Way, every_way, settled
from tests.unit.media.samples import paper

MODELS = {"anthropic": "claude-haiku-4-5", "vertexai": "gemini-2.5-flash", "embedded": "reader"}


def tiff() -> Image:
    stream = io.BytesIO()
    Pillow.new("RGB", (40, 30), "red").save(stream, "TIFF")
    return Image.from_bytes(stream.getvalue())


def named(value: Any, tags: dict[str, str]) -> Any:
    """What arrived, with the names of media in the place of their base64."""
    if isinstance(value, str):
        for data, name in tags.items():
            value = value.replace(data, name)
        return value
    if isinstance(value, dict):
        return {key: named(item, tags) for key, item in value.items()}
    return [named(item, tags) for item in value] if isinstance(value, list) else value


@every_way
async def test_a_plan_is_what_create_then_sends(server: Loopback, way: Way) -> None:
    given = [
        "Who?",
        tiff(),
        PDF.from_bytes(paper(pages=2)(), name="a.pdf"),
        Document.from_bytes(b"words", name="a.txt"),
    ]
    async with way.open() as client:
        fitted: list[Any] = []
        client.on("media:fitted", lambda one, **_: fitted.append(one.media[0]))
        plan = await settled(client.plan(User, given, max_tokens=99))
        assert server.requests == []
        assert fitted == [], "hooks are not told of a plan"
        server.reply(JASON)
        await settled(client.create(User, given, max_tokens=99))
    tags = {medium.data: tag(medium) for medium in (*fitted, given[2])}
    assert named(server.requests[-1].json, tags) == plan.request
    assert [part.way for part in plan.parts[1:]] == ["inline", "inline", "as text"]
    assert all(part.tokens for part in plan.parts)


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(
    "name", [name for name in _registry.names() if _registry.find(name).endpoint and _registry.find(name).host is None]
)
async def test_no_provider_is_asked(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, name: str, asynchronous: bool
) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "project")
    client = instructor.from_provider(
        f"{name}/{MODELS.get(name, 'some-model')}",
        base_url=server.url,
        api_key="any",
        async_client=asynchronous,
        policy=MediaPolicy(allow_private_hosts={"127.0.0.1"}),
        uploads=UploadPolicy("always", directory=str(tmp_path)) if _registry.find(name).files else None,
    )
    given = [tiff(), Document.from_bytes(b"words")]
    plan = await settled(client.plan(User, ["Who?", *given]))
    assert plan.request is not None
    assert plan.problems == ()
    assert plan.provider in str(plan)
    assert "<table>" in plan._repr_html_()
    plan = await settled(
        client.plan(User, [PDF.from_url(f"{server.url}/a.pdf", media_type="application/pdf", name="a.pdf")])
    )
    assert (plan.request is None) is bool(plan.fetches or plan.problems)
    assert server.requests == []
    await settled(client.close())


def clients(server: Loopback) -> list[Any]:
    """A client of ours over a client of each SDK that is driven in its own way."""
    http = genai.types.HttpOptions(base_url=server.url)
    boto = boto3.client(
        "bedrock-runtime", "us-east-1", endpoint_url=server.url, aws_access_key_id="a", aws_secret_access_key="b"
    )
    google = genai.Client(api_key="any", http_options=http)
    mistral = mistralai.client.Mistral(api_key="any", server_url=server.url)
    return [
        instructor.from_genai(google, model="gemini-2.5-flash"),
        instructor.from_genai(google, model="gemini-2.5-flash", use_async=True),
        instructor.from_mistral(mistral, model="mistral-small-latest"),
        instructor.from_mistral(mistral, model="mistral-small-latest", use_async=True),
        instructor.from_cohere(cohere.ClientV2("any", base_url=server.url), model="command-a-03-2025"),
        instructor.from_cohere(cohere.AsyncClientV2("any", base_url=server.url), model="command-a-03-2025"),
        instructor.from_ollama(ollama.Client(server.url), model="qwen3-vl"),
        instructor.from_ollama(ollama.AsyncClient(server.url), model="qwen3-vl"),
        instructor.from_bedrock(boto, model="amazon.nova-pro-v1:0"),
        instructor.from_bedrock(boto, model="amazon.nova-pro-v1:0", async_client=True),
    ]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_no_sdk_is_asked(server: Loopback) -> None:
    for client in clients(server):
        plan = await settled(client.plan(User, ["Who?", tiff()]))
        assert plan.request is not None, plan
        assert "<image/" in str(plan.request)
        assert plan.changes
        await settled(client.close())
    assert server.requests == []


async def test_the_embedded_reader_is_planned_too() -> None:
    client = instructor.from_provider("embedded")
    plan = client.plan(User, [tiff()])
    assert plan.request is not None
    assert plan.problems == ()
    assert "<image/tiff" in str(plan.request)
