"""Other clients that a call may go to: what the fallbacks of a client are made of.

Other      a fallback of one call: its client, and the call as it is asked that one
Reached    the clients that were made for names, kept, and closed with the client that asked for them
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any, TypeVar

from .drivers.view import shown
from .engine import Task
from .errors import ConfigurationError
from .fallback import Fallback, carried
from .values import dataclass

T = TypeVar("T")

Reach = Callable[[Any, str], tuple[Any, str]]
"""Of a client and a name: the client and the model that it stands for."""


@dataclass(frozen=True, slots=True)
class Other:
    """A fallback of one call. `given` are the parameters of the call, `uploads` what it says of uploads."""

    fallback: Fallback
    first: Any
    given: Mapping[str, Any]
    uploads: Any = None

    @property
    def name(self) -> str:
        """`provider/model`."""
        return f"{self.fallback.to.provider}/{self.fallback.model}"

    @property
    def sender(self) -> Any:
        """What sends there."""
        return self.fallback.to._sender

    def task(self, first: Task[T]) -> tuple[Task[T], tuple[str, ...]]:
        """The call as this one is asked it: with its own model, mode and defaults, and those of the first's parameters that
        it takes. Beside it the names of those that it does not."""
        client, adapter = self.fallback.to, self.fallback.to._provider.adapter
        model = self.fallback.model or first.model
        params, dropped = self._params(first, client, adapter, model)
        memory = first.memory
        if memory is not None:
            memory = replace(memory, place=client._place(), show=lambda wire, kind: shown(wire, kind, client.client))
        task = replace(
            first,
            adapter=adapter,
            model=model,
            mode=client.mode,
            params=params,
            backoff=client._backoff,
            memory=memory,
            uploading=client._uploading(self.uploads),
            pace=client.limits,
            others=(),
        )
        return task, dropped

    def _params(
        self, first: Task[Any], client: Any, adapter: Any, model: str
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The fallback's, over the call's, over its client's, over those of the first client."""
        own = self.fallback.params
        passed = {
            name: value
            for name, value in first.params.items()
            if name not in own and (name in self.given or name not in client._params)
        }
        address = client.provider, client._server()
        same = client is self.first or address == (self.first.provider, self.first._server())
        taken, dropped = carried(adapter, model, passed, same=same)
        params = {**client._params, **taken, **own}
        return {name: value for name, value in params.items() if value is not None or name not in own}, dropped


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
