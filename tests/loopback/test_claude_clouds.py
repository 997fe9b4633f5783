"""Claude through the clients of Anthropic's SDK for clouds: their limits hold, and what arrives is what they take."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic.lib.bedrock import AnthropicBedrock
from anthropic.lib.vertex import AnthropicVertex
from pydantic import BaseModel

import instructor
from instructor import Image, errors
from instructor.fit import Limits
from instructor.providers import _registry
from instructor.testing import Loopback
from tests.wire.test_compatible import png

CLOUDS = ("anthropic-bedrock", "anthropic-vertex", "anthropic-google-cloud", "anthropic-bedrock-mantle")
JASON: dict[str, Any] = {"name": "Jason", "age": 20}


class User(BaseModel):
    """A person."""

    name: str
    age: int


class Answering(httpx2.BaseTransport):
    """Answers as the clouds do: the model and the stream are in the path, not in the body."""

    def __init__(self) -> None:
        self.arrived: list[tuple[str, Any]] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.arrived.append((request.url.path, json.loads(request.read())))
        content = [{"type": "text", "text": json.dumps(JASON)}]
        usage = {"input_tokens": 1, "output_tokens": 1}
        body = {"id": "m", "type": "message", "role": "assistant", "model": "c", "content": content, "usage": usage}
        return httpx2.Response(200, json={**body, "stop_reason": "end_turn", "stop_sequence": None})


@pytest.fixture
def world() -> Answering:
    return Answering()


def clients(world: Answering) -> list[Any]:
    one, other = httpx2.Client(transport=world), httpx2.Client(transport=world)
    bedrock = AnthropicBedrock(aws_access_key="a", aws_secret_key="b", aws_region="us-east-1", http_client=one)
    vertex = AnthropicVertex(project_id="p", region="global", access_token="t", http_client=other)
    return [bedrock, vertex]


def test_a_picture_by_address_is_fetched_and_inlined(world: Answering) -> None:
    with Loopback() as web:
        web.files("/a.png", png(), "image/png")
        policy = instructor.MediaPolicy(allow_private_hosts=True)
        for sdk in clients(world):
            with instructor.from_anthropic(sdk, model="claude-opus-5", policy=policy) as client:
                assert client.create(User, ["Who?", Image.from_url(f"{web.url}/a.png")]) == User(**JASON)
            _, body = world.arrived[-1]
            assert body["messages"][0]["content"][1]["source"]["type"] == "base64"
            sdk.close()


@pytest.mark.parametrize("name", CLOUDS)
def test_the_limits_of_clouds(name: str) -> None:
    rows = _registry.find(name).adapter.media
    assert all(row.sources <= {"bytes"} for row in rows.values())
    limits: Limits = rows[Image].limits
    assert (limits.max_bytes, limits.encoded, limits.max_edge) == (5 * 1024**2, True, 8000)


def test_foundry_is_as_anthropics_own() -> None:
    sdk = anthropic.AnthropicFoundry(api_key="a", resource="r")
    assert instructor.from_anthropic(sdk).provider == "anthropic"
    sdk.close()


def test_a_cloud_has_no_address_of_its_own() -> None:
    with pytest.raises(errors.ConfigurationError, match="anthropic-bedrock has no HTTP endpoint: use its SDK's client"):
        instructor.from_provider("anthropic-bedrock/claude-opus-5", api_key="any")
