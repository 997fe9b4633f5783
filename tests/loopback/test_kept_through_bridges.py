"""Caches and tapes with SDKs that are driven through a bridge: what comes back is the SDK's own object there too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from instructor.cache import MemoryCache
from instructor.testing import Loopback, record

from .gemini import Road
from .mistral_cohere import Way, collected
from .ways import JASON, User, settled

ROADS: list[Any] = [Road(False, sdk, later) for sdk in (True, False) for later in (False, True)]
ROADS += [Way(name, sdk, later) for name in ("mistral", "cohere") for sdk in (True, False) for later in (False, True)]


@pytest.mark.parametrize("road", ROADS, ids=str)
async def test_answers_are_kept_and_replayed(road: Any, server: Loopback, tmp_path: Path) -> None:
    path = tmp_path / "tape.json"
    async with road.open(server, cache=MemoryCache()) as client:
        server.reply(JASON).reply(JASON)
        user, raw = await settled(client.create_with_completion(User, "x"))
        again, kept = await settled(client.create_with_completion(User, "x"))
        assert user == again == User(**JASON)
        assert type(raw) is type(kept)
        assert (await collected(client.create_partial(User, "x")))[-1] == user
        assert (await collected(client.create_partial(User, "y")))[-1] == user
        assert await settled(client.create(User, "y")) == user
        assert len(server.requests) == 2

    for _ in range(2):
        async with road.open(server) as client:
            with record(path) as tape:
                taped = tape.attach(client)
                if tape.records:
                    server.reply(JASON).reply(JASON)
                found, replayed = await settled(taped.create_with_completion(User, "x"))
                assert (found, type(replayed)) == (user, type(raw))
                assert (await collected(taped.create_partial(User, "x")))[-1] == user
    assert len(server.requests) == 4
