"""What a `create()` would send, found out with its own steps, and sent to nobody.

    Task ─▶ prepare ─▶ choose, ask, encode ─▶ Plan: the wire request (media elided), what was done to media, tokens
              ├ an address that must be fetched first ─▶ named in `fetches`, and no request
              └ media that cannot be sent ─▶ `problem`, and no request

Local files are looked at; the network is not touched, and no key is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from . import modes
from .adapter import choose
from .effects import Emit, Flow, Get, Resolve, Work
from .engine import Task, prepare
from .errors import MediaError, UnreadableMedia
from .fit.dimensions import dimensions
from .ir import Part, Request, Text, ToolResult
from .media import Image, Inline, Media
from .tokens import Estimate, Picture, Words, estimate


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """One part of a message as it would be sent. `tokens` is None where nothing is known of its cost."""

    where: str
    what: str
    tokens: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be sent. Prints as a table, in a notebook as HTML.

    `request` is the wire request with media elided; it is None where `fetches` or `problem` say why. `changes` are
    the things that were done to media, one line each.
    """

    provider: str
    model: str
    mode: str | None
    request: Mapping[str, Any] | None = None
    parts: tuple[PlannedPart, ...] = ()
    changes: tuple[str, ...] = ()
    fetches: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def tokens(self) -> int | None:
        """The sum of the estimates, of ranges the lower ends; None where no part has one."""
        known = [part.tokens.tokens for part in self.parts if part.tokens and part.tokens.tokens is not None]
        return sum(known) if known else None

    def rows(self) -> list[tuple[str, str, str]]:
        """The parts as (where, what, tokens), then everything else that there is to say."""
        rows = [(part.where, part.what, str(part.tokens or "")) for part in self.parts]
        rows += [("changed", line, "") for line in self.changes]
        rows += [("fetched first", line, "") for line in self.fetches]
        return [*rows, ("cannot be sent", self.problem, "")] if self.problem else rows

    def __str__(self) -> str:
        mode = f", Mode.{self.mode}" if self.mode else ""
        total = f", about {self.tokens:,} tokens of what is known" if self.tokens is not None else ""
        rows = self.rows()
        widths = [max((len(row[i]) for row in rows), default=0) for i in (0, 1)]
        lines = [f"{a:{widths[0]}}  {b:{widths[1]}}  {c}".rstrip() for a, b, c in rows]
        return "\n".join([f"{self.provider}/{self.model}{mode}{total}", *lines])

    def _repr_html_(self) -> str:
        cells = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.rows())
        head, _, _ = str(self).partition("\n")
        return f"<table><caption>{escape(head)}</caption>{cells}</table>"


def planning(task: Task[Any]) -> Flow[Plan]:
    """The plan of one `create()`.

    Raises:
        RequestError: the messages are malformed, whatever the media.
        ModeError: the model does not take the mode.
    """
    adapter, target = task.adapter, task.target
    chosen = choose(adapter, task.model, task.mode, target) if target else None
    mode = chosen[0].name if chosen else None
    changes: list[str] = []
    fetches: list[str] = []
    try:
        request = yield from _dry(prepare(task), changes, fetches)
    except MediaError as error:
        return Plan(adapter.name, task.model, mode, changes=tuple(changes), problem=str(error))
    if request is None:
        return Plan(adapter.name, task.model, mode, changes=tuple(changes), fetches=tuple(fetches))
    parts: tuple[PlannedPart, ...] = yield Work(lambda: tuple(_parts(request, adapter.name)))
    asked = modes.ask(chosen[0], request, target, chosen[1]) if chosen and target else request
    return Plan(adapter.name, task.model, mode, elided(adapter.encode(asked)), parts, tuple(changes))


def _dry(flow: Flow[Request], changes: list[str], fetches: list[str]) -> Flow[Request | None]:
    """Drive a flow as far as this machine's disk. None where it wants the network; `fetches` then says what for."""
    answer: Any = None
    failure: BaseException | None = None
    while True:
        try:
            effect = flow.throw(failure) if failure else flow.send(answer)
        except StopIteration as end:
            request: Request = end.value
            return request
        answer = failure = None
        if isinstance(effect, Resolve | Get):
            flow.close()
            fetches.append(effect.host if isinstance(effect, Resolve) else effect.url)
            return None
        if isinstance(effect, Emit):
            changes += [f"{effect.kwargs['where']} {change}" for fitted in effect.args for change in fitted.changes]
            continue
        try:
            answer = yield effect
        except Exception as error:
            failure = error


def elided(value: Any) -> Any:
    """A copy of a wire value in which media are named instead of spelled out."""
    if isinstance(value, Inline):
        return f"{value.prefix}{value!r}"
    if isinstance(value, Media):
        return repr(value)
    if isinstance(value, Mapping):
        return {key: elided(item) for key, item in value.items()}
    return [elided(item) for item in value] if isinstance(value, list | tuple) else value


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────


def _parts(request: Request, provider: str) -> Iterator[PlannedPart]:
    for i, message in enumerate(request.messages):
        yield from _of(message.parts, f"messages[{i}]", request.model, provider)


def _of(parts: tuple[Part, ...], where: str, model: str, provider: str) -> Iterator[PlannedPart]:
    for j, part in enumerate(parts):
        place = f"{where}.content[{j}]"
        if isinstance(part, Text):
            shown = part.text if len(part.text) <= 40 else part.text[:39] + "…"
            yield PlannedPart(place, repr(shown), estimate(provider, model, Words.of(part.text)))
        elif isinstance(part, Image):
            yield PlannedPart(place, repr(part), _picture(part, provider, model))
        elif isinstance(part, ToolResult):
            yield from _of(part.parts, place, model, provider)
        else:
            yield PlannedPart(place, repr(part) if isinstance(part, Media) else type(part).__name__)


def _picture(image: Image, provider: str, model: str) -> Estimate | None:
    try:
        width, height = dimensions(image)
    except UnreadableMedia:
        return None
    detail = image.detail if provider == "openai" else None
    return estimate(provider, model, Picture(width, height, detail))
