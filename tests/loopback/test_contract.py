"""The contract of providers, held against every dialect and every compatible endpoint of the registry."""

from __future__ import annotations

import importlib
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import anthropic
import boto3
import cohere
import httpx2
import ollama
import openai
import pytest
from botocore.config import Config
from google import genai
from google.genai import types
from mistralai.client import Mistral

from instructor.providers import _registry
from instructor.providers.compatible import ROWS
from instructor.testing import DIALECTS, Loopback, contract
from instructor.testing.compatible import TYPES
from instructor.testing.gemini_types import canonical
from tests.loopback.gemini import Token
from tests.loopback.ways import settled

BY_NAME = {dialect.name: dialect for dialect in DIALECTS}
KEY = "contract-key"


@pytest.fixture(autouse=True, scope="module")
def certificates() -> Iterator[None]:
    """Clients load the certificates that they trust once for all: nothing here is encrypted, and it takes its time."""
    once = ssl.create_default_context()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", lambda *args, **kwargs: once)
        yield


# ── the SDKs' own clients, which repeat nothing ──────────────────────────────────────────────────


def from_openai(name: str, base: str = "/v1") -> Callable[[Loopback, bool], Any]:
    def make(server: Loopback, asynchronous: bool) -> Any:
        made = openai.AsyncOpenAI if asynchronous else openai.OpenAI
        return made(base_url=server.url_of(name) + base, api_key=KEY, max_retries=0)

    return make


def from_anthropic(server: Loopback, asynchronous: bool) -> Any:
    made = anthropic.AsyncAnthropic if asynchronous else anthropic.Anthropic
    return made(base_url=server.url_of("anthropic"), api_key=KEY, max_retries=0)


def from_mistral(server: Loopback, asynchronous: bool) -> Any:
    return Mistral(api_key=KEY, server_url=server.url_of("mistral"))


def from_cohere(server: Loopback, asynchronous: bool) -> Any:
    made: Any = cohere.AsyncClientV2 if asynchronous else cohere.ClientV2
    return made(KEY, base_url=server.url_of("cohere"), max_retries=0)


@asynccontextmanager
async def from_ollama(server: Loopback, asynchronous: bool) -> AsyncIterator[Any]:
    made = (ollama.AsyncClient if asynchronous else ollama.Client)(server.url_of("ollama"))
    yield made
    await settled(made._client.aclose() if asynchronous else made._client.close())


def from_boto3(server: Loopback, asynchronous: bool) -> Any:
    return boto3.client(
        "bedrock-runtime",
        "us-east-1",
        endpoint_url=server.url_of("bedrock"),
        config=Config(retries={"total_max_attempts": 1}, read_timeout=5),
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
    )


def from_genai(vertex: bool) -> Callable[[Loopback, bool], Any]:
    @asynccontextmanager
    async def make(server: Loopback, asynchronous: bool) -> AsyncIterator[Any]:
        plain = {"verify": False}
        given = types.HttpOptions(
            base_url=server.url_of("gemini"),
            api_version="v1",
            client_args=plain,
            httpx_async_client=httpx2.AsyncClient(),  # over aiohttp, what broke off would be sent again
        )
        place: Any = {"api_key": KEY}
        if vertex:
            place = {"enterprise": True, "project": "p", "location": "us-central1", "credentials": Token()}
        made = genai.Client(http_options=given, **place)
        yield made.aio if asynchronous else made
        made.close()
        await given.httpx_async_client.aclose()

    return make


MODULES = {"cerebras": "cerebras.cloud.sdk"}
BASES = {"together": "/v1", "cerebras": "/v1", "writer": "/v1", "groq": "/openai/v1", "fireworks": "/v1"}
"""What follows the SDK's own base URL in the path that it posts to."""


def from_its_own(name: str) -> Callable[[Loopback, bool], Any]:
    def make(server: Loopback, asynchronous: bool) -> Any:
        sdk = ROWS[name].sdk
        assert sdk is not None
        made = (sdk.async_classes if asynchronous else sdk.sync_classes)[0]
        options = {"warm_tcp_connection": False} if name == "cerebras" else {}
        module = importlib.import_module(MODULES.get(name, sdk.package))
        return getattr(module, made)(api_key=KEY, base_url=server.url_of(name), max_retries=0, **options)

    return make


# ── dialects ─────────────────────────────────────────────────────────────────────────────────────

test_openai = contract.suite(
    _registry.find("openai"), BY_NAME["openai"], prefix="/v1", clients={"openai": from_openai("openai")}
)
test_responses = contract.suite(
    _registry.find("openai-responses"),
    BY_NAME["openai-responses"],
    prefix="/v1",
    clients={"openai": from_openai("openai-responses")},
)
test_anthropic = contract.suite(
    _registry.find("anthropic"), BY_NAME["anthropic"], clients={"anthropic": from_anthropic}
)
GEMINI_FILE = "https://generativelanguage.googleapis.com/v1beta/files/contract"
test_gemini = contract.suite(
    _registry.find("gemini"),
    BY_NAME["gemini"],
    clients={"google": from_genai(False)},
    canonical=canonical,
    file_id=GEMINI_FILE,
)
test_vertex = contract.suite(
    _registry.find("vertexai"),
    BY_NAME["gemini"],
    clients={"google": from_genai(True)},
    canonical=canonical,
    params={"project": "p", "location": "us-central1"},
)
test_mistral = contract.suite(_registry.find("mistral"), BY_NAME["mistral"], clients={"mistralai": from_mistral})
test_cohere = contract.suite(_registry.find("cohere"), BY_NAME["cohere"], clients={"cohere": from_cohere})
test_bedrock = contract.suite(_registry.find("bedrock"), BY_NAME["bedrock"], clients={"boto3": from_boto3})
test_ollama = contract.suite(_registry.find("ollama"), BY_NAME["ollama"], clients={"ollama": from_ollama})
test_xai = contract.suite(_registry.find("xai"), BY_NAME["xai"], prefix="/v1", clients={"openai": from_openai("xai")})

CLOUDS = ("anthropic-bedrock", "anthropic-bedrock-mantle", "anthropic-google-cloud", "anthropic-vertex")
"""Claude through clients of Anthropic's SDK: here with Anthropic's own address, which differs in nothing else."""

ANTHROPICS = _registry.find("anthropic").endpoint
CLOUD_CHECKS = [
    (name, check)
    for name in CLOUDS
    for check in contract.checks(replace(_registry.find(name), endpoint=ANTHROPICS), BY_NAME["anthropic"])
    if not check.name.startswith(("calls", "faults"))
]


@pytest.mark.parametrize("check", [pytest.param(check, id=f"{name} {check.name}") for name, check in CLOUD_CHECKS])
def test_clouds(check: contract.Check) -> None:
    check()


# ── compatible endpoints ─────────────────────────────────────────────────────────────────────────


def checks_of(name: str) -> list[contract.Check]:
    clients = {"its own": from_its_own(name)} if name in TYPES else {}
    return contract.checks(ROWS[name], BY_NAME[name], prefix=BASES.get(name, "/v1"), clients=clients)


ENDPOINTS = [(name, check) for name in ROWS for check in checks_of(name)]


@pytest.mark.parametrize("check", [pytest.param(check, id=f"{name} {check.name}") for name, check in ENDPOINTS])
def test_compatible(check: contract.Check) -> None:
    check()


def test_every_provider_is_held_to_it() -> None:
    """But for those that are reached in this process alone."""
    here = {name for name in globals() if name.startswith("test_")}
    dialects = {"openai-responses": "responses", "vertexai": "vertex", "google": "gemini"}
    for name in _registry.names():
        provider = _registry.find(name)
        if provider.answer is None and provider.host is None and name not in (*CLOUDS, *ROWS):
            assert f"test_{dialects.get(name, name)}" in here, name
