"""`--plan`: what would be sent, found out with the engine's own steps, and sent to nobody.

    Source ─▶ medium ─▶ Task ─▶ prepare ─▶ settle ─▶ choose ─▶ ask ─▶ encode ─▶ the wire request, media elided
              └ an address that must be fetched first ─▶ a note in the request's place

Files are looked at, the network is not touched, no key is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from .. import modes
from ..adapter import choose
from ..effects import Emit, Flow, Work
from ..engine import Task, prepare
from ..errors import ConfigurationError, FetchError
from ..fetch import MediaPolicy
from ..media import Inline, Media
from ..output import target
from ..providers import _registry
from .sources import Source, medium

T = TypeVar("T")

FETCHED = "its content is fetched first, which a plan does not do"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one file would lead to. Without a `request`, `note` says why."""

    provider: str
    model: str
    mode: str
    medium: str
    request: Mapping[str, Any] | None
    note: str | None = None

    def shown(self) -> dict[str, Any]:
        """As JSON values, without what is not there."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def plan(source: Source, model: str, into: Any, prompt: str | None, policy: MediaPolicy) -> Plan:
    """The plan for one file.

    Raises:
        ConfigurationError: there is no such provider, or it needs a model's name.
        RequestError: the medium cannot be sent.
    """
    name, _, rest = model.partition("/")
    provider = _registry.find(name)
    chosen = rest or provider.default_model
    if not chosen:
        raise ConfigurationError(f'{model!r} names no model: write "{name}/<model>"')
    wanted = target(into)
    mode, rendered = choose(provider.adapter, chosen, None, wanted)
    found = medium(source)
    if found is None:
        return Plan(name, chosen, mode.name, source.label, None, FETCHED)
    task = Task(provider.adapter, chosen, content(prompt, found), wanted, policy=policy)
    try:
        request = _dry(prepare(task))
    except FetchError as error:
        return Plan(name, chosen, mode.name, repr(found), None, error.problem)
    wire = provider.adapter.encode(modes.ask(mode, request, wanted, rendered))
    return Plan(name, chosen, mode.name, repr(found), elided(wire))


def content(prompt: str | None, found: Media) -> list[str | Media]:
    """The one user message about a file."""
    return [prompt, found] if prompt else [found]


def elided(value: Any) -> Any:
    """A copy of a wire value in which media are named instead of spelled out."""
    if isinstance(value, Inline):
        return f"{value.prefix}{value!r}"
    if isinstance(value, Media):
        return repr(value)
    if isinstance(value, Mapping):
        return {key: elided(item) for key, item in value.items()}
    return [elided(item) for item in value] if isinstance(value, list | tuple) else value


def _dry(flow: Flow[T]) -> T:
    """Drive a flow as far as this machine's disk.

    Raises:
        FetchError: it wants the network.
    """
    answer: Any = None
    while True:
        try:
            effect = flow.send(answer)
        except StopIteration as end:
            result: T = end.value
            return result
        if not isinstance(effect, Work | Emit):
            flow.close()
            raise FetchError(FETCHED)
        answer = effect.run() if isinstance(effect, Work) else None
