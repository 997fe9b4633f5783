"""Other clients that a call may go to: what the fallbacks of a client are made of.

Other      a fallback of one call: its client, and the call as it is asked that one
resolved   an entry of `fallback=`, with the client that it stands for
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from .drivers.view import shown
from .engine import Task
from .errors import ConfigurationError
from .fallback import Fallback, carried, check
from .values import dataclass

T = TypeVar("T")


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


def resolved(client: Any, fallback: Fallback, kind: Any) -> Fallback:
    """The entry of a client's fallbacks with a client, of this `kind`, in the place of a name, and known to have a model.

    Raises:
        ConfigurationError: it names no client that can be asked in the place of the first, or has no model.
    """
    to: Any = fallback.to
    if isinstance(to, str):
        to, model = client._reached.client(client, to, client._reach)
        fallback = replace(fallback, to=to, model=fallback.model or model)
    if not isinstance(to, kind) or to.asynchronous != client.asynchronous:
        wanted = "an asynchronous" if client.asynchronous else "a synchronous"
        raise ConfigurationError(
            f"a fallback is {wanted} client of instructor, as the one that it is for, or 'provider/model', "
            f"not {type(to).__name__}"
        )
    name = fallback.model or to.model
    if not name:
        who = f"the {to.provider} client"
        raise ConfigurationError(f"no model: write Fallback(client, model=…), or make {who} with one")
    own = {key: value for key, value in fallback.params.items() if value is not None}
    check(to._provider.adapter, name, own)
    return replace(fallback, model=name)
