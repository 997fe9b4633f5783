"""The eight ways to a provider: two dialects, through the SDK's client or our own sender, synchronous or not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anthropic
import openai
import pytest
from pydantic import BaseModel

import instructor

KEYS = ("sk-test", "sk-ant-test")
"""What the server's fixture puts into the environment."""


class User(BaseModel):
    """A person."""

    name: str
    age: int


JASON: dict[str, Any] = {"name": "Jason", "age": 20}


@dataclass(frozen=True)
class Way:
    """One of the eight."""

    dialect: str
    sdk: bool
    asynchronous: bool

    def __str__(self) -> str:
        return f"{self.dialect} {'async ' if self.asynchronous else ''}{'sdk' if self.sdk else 'own'}"

    @property
    def model(self) -> str:
        return "gpt-4o-mini" if self.dialect == "openai" else "claude-haiku-4-5"

    def client(self, *, sdk: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """A client with a model; `sdk` goes to the SDK's constructor, where there is one."""
        if not self.sdk:
            name = f"{self.dialect}/{options.pop('model', self.model)}"
            return instructor.from_provider(name, async_client=self.asynchronous, **options)
        package = openai if self.dialect == "openai" else anthropic
        class_name = ("Async" if self.asynchronous else "") + ("OpenAI" if self.dialect == "openai" else "Anthropic")
        made = getattr(package, class_name)(**{"max_retries": 0, **(sdk or {})})
        make = instructor.from_openai if self.dialect == "openai" else instructor.from_anthropic
        return make(made, **{"model": self.model, **options})

    @asynccontextmanager
    async def open(self, **options: Any) -> AsyncIterator[Any]:
        """A client, closed at the end with everything below it."""
        client = self.client(**options)
        try:
            yield client
        finally:
            await settled(client.close())
            if client.client is not None:
                await settled(client.client.close())

    async def create(
        self, response_model: Any, messages: Any, *, made: Mapping[str, Any] | None = None, **options: Any
    ) -> Any:
        """One call with a client of its own, made with `made`."""
        async with self.open(**(made or {})) as client:
            return await settled(client.create(response_model, messages, **options))


async def settled(value: Any) -> Any:
    """What a coroutine comes to; anything else as it is."""
    return await value if hasattr(value, "__await__") else value


WAYS = [
    Way(dialect, sdk, slow) for dialect in ("openai", "anthropic") for sdk in (True, False) for slow in (False, True)
]
OWN = [way for way in WAYS if not way.sdk]
SDK = [way for way in WAYS if way.sdk]

every_way = pytest.mark.parametrize("way", WAYS, ids=str)
every_own_way = pytest.mark.parametrize("way", OWN, ids=str)
every_sdk_way = pytest.mark.parametrize("way", SDK, ids=str)
