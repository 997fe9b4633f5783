"""The guard of conftest.py stands: a test cannot leave this machine, and can reach itself."""

from __future__ import annotations

import asyncio
import socket

import pytest

FORBIDDEN = "tests may only reach this machine"


def test_name_lookup_is_refused() -> None:
    with pytest.raises(RuntimeError, match=FORBIDDEN):
        socket.create_connection(("example.com", 443), timeout=1)


@pytest.mark.parametrize("call", ["connect", "connect_ex"])
@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")], ids=["v4", "v6"]
)
def test_connecting_by_number_is_refused(call: str, family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family) as remote, pytest.raises(RuntimeError, match=FORBIDDEN):
        getattr(remote, call)((host, 443))


async def test_event_loops_are_refused_too() -> None:
    with pytest.raises(RuntimeError, match=FORBIDDEN):
        await asyncio.open_connection("192.0.2.1", 443)


def test_http_clients_are_refused_too() -> None:
    import httpx2

    with httpx2.Client(trust_env=False) as client, pytest.raises(RuntimeError, match=FORBIDDEN):
        client.get("http://example.com/")


def test_this_machine_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        for host in ("127.0.0.1", "localhost"):
            with socket.create_connection((host, server.getsockname()[1]), timeout=5):
                pass
