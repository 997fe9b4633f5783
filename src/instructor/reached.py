"""The clients that were made for the names of fallbacks, kept, and closed with the client that asked for them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from .errors import ConfigurationError

Reach = Callable[[Any, str], tuple[Any, str]]
"""Of a client and a name: the client and the model that it stands for."""


class Reached:
    """Clients that were made for the names of fallbacks: one for each name."""

    def __init__(self) -> None:
        self._lock, self._clients = Lock(), dict[str, tuple[Any, str]]()

    def client(self, first: Any, name: str, reach: Reach | None) -> tuple[Any, str]:
        """The client for a name, and its model.

        Raises:
            ConfigurationError: there is none, or it lacks something.
        """
        if reach is None:
            raise ConfigurationError(f"this client cannot make another one for {name!r}: pass a client as its fallback")
        with self._lock:
            if name not in self._clients:
                self._clients[name] = reach(first, name)
            return self._clients[name]

    def made(self, first: Any) -> list[Any]:
        """Those that were made, to be closed; none of them is the first itself. They are forgotten."""
        with self._lock:
            made = [client for client, _ in self._clients.values() if client is not first]
            self._clients.clear()
            return made
