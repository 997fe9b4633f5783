"""Sending to a provider that is in this process: a function from the wire dict to the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..effects import Answer, Call, Open
from .streams import AsyncLocalStream, LocalStream
from .view import View

Respond = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class LocalSender:
    """Calls the function."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def send(self, call: Call) -> Answer:
        wire = self._respond(call.wire)
        return Answer(wire, View(wire))

    def open(self, call: Open) -> LocalStream:
        return LocalStream(partial(self._respond, call.wire))

    def close(self) -> None:
        """Nothing is open."""


class AsyncLocalSender:
    """Calls the function in a thread, off the loop."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    async def send(self, call: Call) -> Answer:
        import asyncio

        wire = await asyncio.to_thread(self._respond, call.wire)
        return Answer(wire, View(wire))

    async def open(self, call: Open) -> AsyncLocalStream:
        return AsyncLocalStream(partial(self._respond, call.wire))

    async def close(self) -> None:
        """Nothing is open."""
