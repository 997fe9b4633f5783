"""The ways to a Files API: five dialects, through the SDK's client or our own sender, synchronous or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anthropic
import openai
import pytest
from google import genai
from google.genai import types
from mistralai.client import Mistral
from pydantic import BaseModel

import instructor
from instructor.testing import Loopback

from .ways import settled

MODELS = {
    "openai": "gpt-4o-mini",
    "openai-responses": "gpt-4o-mini",
    "anthropic": "claude-haiku-4-5",
    "gemini": "gemini-2.5-flash",
    "mistral": "mistral-small-latest",
}
KEY = "sk-test"


class Note(BaseModel):
    """What a document says."""

    title: str


@dataclass(frozen=True)
class Road:
    """One of the twenty."""

    name: str
    sdk: bool
    asynchronous: bool

    def __str__(self) -> str:
        return f"{self.name} {'async ' if self.asynchronous else ''}{'sdk' if self.sdk else 'own'}"

    @property
    def api(self) -> str:
        return self.name.partition("-")[0]

    def url(self, server: Loopback) -> str:
        return {
            "openai": server.openai_url,
            "anthropic": server.anthropic_url,
            "gemini": server.url,
            "mistral": server.url_of("mistral"),
        }[self.api]

    @asynccontextmanager
    async def open(self, server: Loopback, *, key: str = KEY, **options: Any) -> AsyncIterator[Any]:
        """A client, closed at the end with everything below it."""
        url, model, slow = self.url(server), MODELS[self.name], self.asynchronous
        if not self.sdk:
            client: Any = instructor.from_provider(
                f"{self.name}/{model}", async_client=slow, base_url=url, api_key=key, **options
            )
            yield client
            await settled(client.close())
            return
        made: Any
        options["model"] = model
        if self.api == "openai":
            made = (openai.AsyncOpenAI if slow else openai.OpenAI)(base_url=url, api_key=key, max_retries=0)
            mode = instructor.Mode.RESPONSES_TOOLS if self.name == "openai-responses" else None
            client = instructor.from_openai(made, mode, **options)
        elif self.api == "anthropic":
            made = (anthropic.AsyncAnthropic if slow else anthropic.Anthropic)(base_url=url, api_key=key, max_retries=0)
            client = instructor.from_anthropic(made, **options)
        elif self.api == "gemini":
            plain = {"verify": False}
            given = types.HttpOptions(base_url=url, client_args=plain, async_client_args=plain)
            made = genai.Client(api_key=key, http_options=given)
            client = instructor.from_genai(made, use_async=slow, **options)
        else:
            made = Mistral(api_key=key, server_url=url)
            client = instructor.from_mistral(made, use_async=slow, **options)
        yield client
        if self.api == "mistral":
            await made.__aexit__(None, None, None)
            made.__exit__(None, None, None)
            return
        if self.api == "gemini":
            await made.aio.aclose()
        await settled(made.close())


ROADS = [Road(name, sdk, slow) for name in MODELS for sdk in (False, True) for slow in (False, True)]
OWN = [road for road in ROADS if not road.sdk]

every_road = pytest.mark.parametrize("road", ROADS, ids=str)
every_own_road = pytest.mark.parametrize("road", OWN, ids=str)
