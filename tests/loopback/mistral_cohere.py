"""The eight ways to Mistral and Cohere: the SDK's client or our own sender, synchronous or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import cohere
import pytest
from mistralai.client import Mistral

import instructor
from instructor.testing import Loopback
from tests.loopback.ways import settled

MODELS = {"mistral": "mistral-small-latest", "cohere": "command-a-plus-05-2026"}
KEY = "test-key"


@dataclass(frozen=True)
class Way:
    """One of the eight."""

    dialect: str
    sdk: bool
    asynchronous: bool

    def __str__(self) -> str:
        return f"{self.dialect} {'async ' if self.asynchronous else ''}{'sdk' if self.sdk else 'own'}"

    @asynccontextmanager
    async def open(self, server: Loopback, *, base_url: str = "", **options: Any) -> AsyncIterator[Any]:
        """A client with a model, closed at the end with everything below it."""
        url, model = base_url or server.url_of(self.dialect), options.pop("model", MODELS[self.dialect])
        if not self.sdk:
            client: Any = instructor.from_provider(
                f"{self.dialect}/{model}", async_client=self.asynchronous, base_url=url, api_key=KEY, **options
            )
            yield client
            await settled(client.close())
            return
        made: Any
        if self.dialect == "mistral":
            made = Mistral(api_key=KEY, server_url=url)
            client = instructor.from_mistral(made, use_async=self.asynchronous, model=model, **options)
        else:
            kind: Any = cohere.AsyncClientV2 if self.asynchronous else cohere.ClientV2
            made = kind(KEY, base_url=url, max_retries=0)
            client = instructor.from_cohere(made, model=model, **options)
        if self.asynchronous:
            async with made:
                yield client
        else:
            with made:
                yield client


async def collected(stream: Any) -> list[Any]:
    """Everything that a stream gives, asynchronous or not."""
    stream = await settled(stream)
    return [item async for item in stream] if hasattr(stream, "__aiter__") else list(stream)


WAYS = [Way(dialect, sdk, slow) for dialect in ("mistral", "cohere") for sdk in (True, False) for slow in (False, True)]
every_way = pytest.mark.parametrize("way", WAYS, ids=str)
every_sdk_way = pytest.mark.parametrize("way", [way for way in WAYS if way.sdk], ids=str)
every_dialect = pytest.mark.parametrize("dialect", ["mistral", "cohere"])
