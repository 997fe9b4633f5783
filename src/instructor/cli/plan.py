"""`--plan`: what would be sent for one file, and sent to nobody.

Source ─▶ medium ─▶ Task ─▶ planning ─▶ the wire request, media elided
          └ an address that must be fetched to be known ─▶ a note in the request's place
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..adapter import choose
from ..drivers import Deadline, World, run
from ..drivers.local import LocalSender
from ..engine import Task
from ..errors import MediaError
from ..fetch import MediaPolicy
from ..hooks import Hooks
from ..media import Media
from ..output import target
from ..plan import planning
from ..providers import _registry
from ..values import dataclass
from .sources import Source, medium

FETCHED = "its content is fetched first, which a plan does not do"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one file would lead to. Without a `request`, `note` says why."""

    provider: str
    model: str
    mode: str
    medium: str
    request: Any = None
    changes: tuple[str, ...] | None = None
    tokens: int | None = None
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
    provider, chosen = _registry.split(model)
    wanted = target(into)
    name, mode = provider.adapter.name, choose(provider.adapter, chosen, None, wanted)[0].name
    found = medium(source)
    if found is None:
        return Plan(name, chosen, mode, source.label, note=FETCHED)
    task = Task(provider.adapter, chosen, content(prompt, found), wanted, policy=policy)
    drawn = run(planning(task), World(LocalSender(dict), Hooks(), Deadline.after(None)))
    if drawn.problem:
        raise MediaError(drawn.problem)
    note = FETCHED if drawn.fetches else None
    return Plan(
        name, chosen, mode, repr(found), drawn.request, tuple(map(str, drawn.changes)) or None, drawn.tokens, note
    )


def content(prompt: str | None, found: Media) -> list[str | Media]:
    """The one user message about a file."""
    return [prompt, found] if prompt else [found]
