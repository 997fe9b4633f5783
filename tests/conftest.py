"""What holds for every test: no network but this machine's own.

The guard stands where every client has to pass: name look-up and connect, of sockets made by sync code and by event
loops alike. Anything but loopback addresses and Unix sockets raises `NetworkForbidden`, naming the address. Processes
that a test starts are not covered; such tests give them nothing to connect to.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

# Where a run must be repeatable, hypothesis draws the same examples each time; elsewhere new ones.
settings.register_profile("repeatable", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("repeatable")


class NetworkForbidden(RuntimeError):
    """A test tried to leave this machine. Not an `OSError`, so that no retry or fallback swallows it."""


def is_local(host: object) -> bool:
    """Whether a host is this machine: `localhost`, 127.0.0.0/8, ::1, or nothing (what a server binds to)."""
    if host is None:
        return True
    name = host.decode() if isinstance(host, (bytes, bytearray)) else str(host)
    if name in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_remote(address: object) -> None:
    """Raise for an address that is not on this machine. Unix socket addresses are not tuples."""
    if isinstance(address, tuple) and not is_local(address[0]):
        raise NetworkForbidden(
            f"tests may only reach this machine, not {address[0]}:{address[1]}: answer with a loopback server"
        )


@pytest.fixture(autouse=True, scope="session")
def network_guard() -> Iterator[None]:
    """Close the network for the whole run."""
    real_lookup, real = socket.getaddrinfo, socket.socket

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_remote((host, port))
        return real_lookup(host, port, *args, **kwargs)

    def guarded(name: str) -> Any:
        method = getattr(real, name)

        def call(self: socket.socket, address: Any) -> Any:
            refuse_remote(address)
            return method(self, address)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        for name in ("connect", "connect_ex"):
            patch.setattr(real, name, guarded(name))
        yield
