"""The ways to Gemini and to Vertex: through google-genai's client or our own sender, synchronous or not.

Vertex differs in its address, its key and its media only, so two of the eight go there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import google.auth.credentials
import pytest
from google import genai
from google.genai import types

import instructor
from instructor.testing import Loopback
from instructor.testing.gemini_types import canonical

from .ways import settled

FLASH, THIRD = "gemini-2.5-flash", "gemini-3-flash"


class Token(google.auth.credentials.Credentials):
    """Credentials that are always valid."""

    def __init__(self) -> None:
        super().__init__()
        self.token = "ya29.test"

    def refresh(self, request: Any) -> None:
        """Nothing expires."""


@dataclass(frozen=True)
class Road:
    """One of the six."""

    vertex: bool
    sdk: bool
    asynchronous: bool

    def __str__(self) -> str:
        kind = "vertex" if self.vertex else "gemini"
        return f"{kind} {'async ' if self.asynchronous else ''}{'sdk' if self.sdk else 'own'}"

    @property
    def name(self) -> str:
        return "vertexai" if self.vertex else "gemini"

    def genai(self, server: Loopback, **options: Any) -> genai.Client:
        """The SDK's own client."""
        plain = {"verify": False}  # no certificates to load for a server without TLS
        given = types.HttpOptions(
            base_url=server.url, api_version="v1", client_args=plain, async_client_args=plain, **options
        )
        if self.vertex:
            return genai.Client(
                enterprise=True, project="p", location="us-central1", credentials=Token(), http_options=given
            )
        return genai.Client(api_key="k", http_options=given)

    @asynccontextmanager
    async def open(self, server: Loopback, *, model: str = FLASH, **options: Any) -> AsyncIterator[Any]:
        """A client, closed at the end with everything below it."""
        if not self.sdk:
            place = {"project": "p", "location": "us-central1"} if self.vertex else {}
            client: Any = instructor.from_provider(
                f"{self.name}/{model}",
                async_client=self.asynchronous,
                base_url=server.url,
                api_key="k",
                **place,
                **options,
            )
            try:
                yield client
            finally:
                await settled(client.close())
            return
        made = self.genai(server)
        maker = instructor.from_vertexai if self.vertex else instructor.from_genai
        try:
            yield maker(made, use_async=self.asynchronous, model=model, **options)
        finally:
            made.close()
            await made.aio.aclose()

    async def create(self, server: Loopback, response_model: Any, messages: Any, **options: Any) -> Any:
        """One call with a client of its own."""
        async with self.open(server) as client:
            return await settled(client.create(response_model, messages, **options))


ROADS = [
    *(Road(False, sdk, slow) for sdk in (True, False) for slow in (False, True)),
    Road(True, sdk=True, asynchronous=True),
    Road(True, sdk=False, asynchronous=False),
]

every_road = pytest.mark.parametrize("road", ROADS, ids=str)
every_sdk_road = pytest.mark.parametrize("road", [road for road in ROADS if road.sdk], ids=str)
every_own_road = pytest.mark.parametrize("road", [road for road in ROADS if not road.sdk], ids=str)


def body(server: Loopback, place: int = -1) -> Any:
    """A request's body, in one spelling, once it has been found well."""
    request = server.requests[place]
    assert request.refused is None, request.refused
    return canonical(request.json)
