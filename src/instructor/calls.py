"""What a client does when it is called. Loaded by the first call: a client that only stands there has no use for it.

client.create(…) ─▶ asking.task ─▶ Task ─▶ extract | partial | iterable, with fallbacks, watched ─▶ run | arun | pump | apump
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from threading import Lock
from typing import TYPE_CHECKING, Any

from . import asking
from .drivers import Deadline, World, pump, run
from .drivers.download import AsyncDownloads, Downloads
from .engine import Outcome, Task, extract
from .fallback import tried
from .hooks import Hooks
from .settings import Settings
from .watched import watched

if TYPE_CHECKING:
    from .plan import Plan


def outcome(client: Settings, response_model: Any, messages: Any, options: dict[str, Any]) -> Outcome[Any]:
    """What a call comes to."""
    hooks = client._hooks_with(options.pop("hooks", None))
    task = asking.task(client, response_model, messages, **options)
    world = World(client._sender, hooks, Deadline.after(task.timeout), downloads(client), task.progress)
    return run(watched(task, tried(task, extract)), world)


async def aoutcome(client: Settings, response_model: Any, messages: Any, options: dict[str, Any]) -> Outcome[Any]:
    """As `outcome`."""
    from .drivers.awaiting import AsyncWorld, arun
    from .drivers.turnstile import passed

    await passed()  # a crowd of calls that begin together
    hooks = client._hooks_with(options.pop("hooks", None))
    task = asking.task(client, response_model, messages, **options)
    deadline = Deadline.after(task.timeout)
    world = AsyncWorld(client._sender, hooks, deadline, adownloads(client), task.progress)
    return await arun(watched(task, tried(task, extract)), world, deadline)


def partial(client: Settings, response_model: Any, messages: Any, options: dict[str, Any]) -> Iterator[Any]:
    """The object while it grows."""
    from .output import whole
    from .streaming import partial as flow

    hooks, task = _streamed(client, whole(response_model), messages, options, "partial")
    world = World(client._sender, hooks, Deadline.after(task.timeout), downloads(client), task.progress)
    return pump(watched(task, tried(task, flow)), world)


def iterable(client: Settings, response_model: Any, messages: Any, options: dict[str, Any]) -> Iterator[Any]:
    """The elements of a list as they close."""
    from .streaming import iterable as flow

    hooks, task = _streamed(client, _many(response_model), messages, options, "iterable")
    world = World(client._sender, hooks, Deadline.after(task.timeout), downloads(client), task.progress)
    return pump(watched(task, tried(task, flow)), world)


def apartial(client: Settings, response_model: Any, messages: Any, options: dict[str, Any]) -> AsyncIterator[Any]:
    """As `partial`."""
    from .output import whole
    from .streaming import partial as flow

    return _apumped(client, flow, *_streamed(client, whole(response_model), messages, options, "partial"))


def aiterable(client: Settings, response_model: Any, messages: Any, options: dict[str, Any]) -> AsyncIterator[Any]:
    """As `iterable`."""
    from .streaming import iterable as flow

    return _apumped(client, flow, *_streamed(client, _many(response_model), messages, options, "iterable"))


def _streamed(
    client: Any, response_model: Any, messages: Any, options: dict[str, Any], kind: Any
) -> tuple[Hooks, Task[Any]]:
    hooks = client._hooks_with(options.pop("hooks", None))
    options.pop("stream", None)
    task = asking.task(client, response_model, messages, **options)
    task.progress.kind = kind
    return hooks, task


def _apumped(client: Settings, flow: Any, hooks: Hooks, task: Task[Any]) -> AsyncIterator[Any]:
    from .drivers.awaiting import AsyncWorld, apump

    deadline = Deadline.after(task.timeout)
    world = AsyncWorld(client._sender, hooks, deadline, adownloads(client), task.progress)
    return apump(watched(task, tried(task, flow)), world, deadline)


def is_many(response_model: Any) -> bool:
    """Whether `stream=True` means its elements."""
    from .output import is_list

    return is_list(response_model)


def _many(response_model: Any) -> Any:
    return response_model if is_many(response_model) else list[response_model]


def plan(client: Settings, response_model: Any, messages: Any, options: dict[str, Any]) -> Plan:
    """What a call would send."""
    from .plan import planning

    task = _planned(client, response_model, messages, options)
    return run(planning(task), World(client._sender, Hooks(), Deadline.after(task.timeout)))


async def aplan(client: Settings, response_model: Any, messages: Any, options: dict[str, Any]) -> Plan:
    """As `plan`."""
    from .drivers.awaiting import AsyncWorld, arun
    from .plan import planning

    task = _planned(client, response_model, messages, options)
    deadline = Deadline.after(task.timeout)
    return await arun(planning(task), AsyncWorld(client._sender, Hooks(), deadline), deadline)


def _planned(client: Any, response_model: Any, messages: Any, options: dict[str, Any]) -> Task[Any]:
    for unheard in ("hooks", "stream"):
        options.pop(unheard, None)
    return asking.task(client, response_model, messages, **options)


def downloads(client: Settings) -> Downloads:
    """The client's own, made once."""
    found: Downloads = client._downloads or _kept(client, Downloads)
    return found


def adownloads(client: Settings) -> AsyncDownloads:
    """As `downloads`."""
    found: AsyncDownloads = client._downloads or _kept(client, AsyncDownloads)
    return found


def _kept(client: Settings, kind: Callable[[int], Any]) -> Any:
    with _making:
        if client._downloads is None:
            client._downloads = kind(client._policy.cache_bytes)
    return client._downloads


_making = Lock()
