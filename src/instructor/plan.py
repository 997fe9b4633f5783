"""What a `create()` would send, found out with its own steps, and sent to nobody.

    Task ─▶ prepare, rehearsed ─▶ choose, ask, encode ─▶ Plan: the wire request (media elided), what was done to media,
              │                                                tokens and their price, what is not sent or not enforced
              ├ addresses that must be fetched first ─▶ all of them in `fetches`, and no request
              └ media that cannot be sent ─▶ every reason in `problems`, and no request

Local files are looked at; the network is not touched, and no key is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from .effects import Emit, Flow, Together, Work
from .engine import Task, asking, prepare, understood
from .errors import InstructorError, MediaError, MissingExtra
from .events import MediaFitted
from .fallback import Choice
from .fit.report import Change, Facts
from .ir import Request
from .measure import PlannedPart, measure
from .preflight import encoded
from .settle import UNDONE, Rehearsal
from .sheet import Row, html, table, tag, tagged
from .spending.ledger import dollars
from .values import dataclass

TOUCHES_NOTHING = (Work, Together, Emit)
"""What a rehearsal may ask for."""


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One thing that was done to a medium: `str()` says it in a line."""

    where: str
    change: Change
    before: Facts = Facts()
    """Type, bytes, pixels, pages, seconds: what is known of the medium before all that was done to it."""
    after: Facts = Facts()
    """The same afterwards."""

    @property
    def what(self) -> str:
        """What was done, as in `fit.report`."""
        return self.change.what

    @property
    def why(self) -> str:
        """The limit and the figure, or the caller's wish."""
        return self.change.why

    def __str__(self) -> str:
        return f"{self.where} {self.change}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be sent. Prints as a table, in a notebook as HTML with small pictures.

    `request` is the wire request with media elided; it is None where `fetches` or `problems` say why. `parts` are the
    parts of all messages, with the tokens that they are estimated to take; `changes` the things that were done to media.
    `fetches` are the addresses whose content would be fetched first. `uploads` are the media that would be uploaded
    first: the request shows `<uploaded first>` where their ids will be. `fallbacks` are the plans for those who would be
    asked if this provider failed. `loose` says why the provider is not asked to
    enforce the schema. `problems` is all that stands in the way; `notes` what would not be sent, or was not looked at.
    """

    provider: str
    model: str
    mode: str | None
    request: Mapping[str, Any] | None = None
    parts: tuple[PlannedPart, ...] = ()
    changes: tuple[PlannedChange, ...] = ()
    fetches: tuple[str, ...] = ()
    uploads: tuple[str, ...] = ()
    fallbacks: tuple[Plan, ...] = ()
    loose: tuple[str, ...] = ()
    problems: tuple[InstructorError, ...] = ()
    notes: tuple[str, ...] = ()
    cost: float | None = None
    """USD for the estimated tokens of the request, without the answer's; None where the price is not known."""

    @property
    def problem(self) -> str | None:
        """All problems in words; None where there is none."""
        return "\n".join(map(str, self.problems)) or None

    @property
    def tokens(self) -> int | None:
        """The sum of the estimates, of ranges the lower ends; None where no part has one."""
        known = [part.tokens.tokens for part in self.parts if part.tokens and part.tokens.tokens is not None]
        return sum(known) if known else None

    def rows(self) -> list[Row]:
        """The parts, then everything else that there is to say."""
        said = (("changed", self.changes), ("fetched first", self.fetches), ("uploaded first", self.uploads))
        rows = [_row(part) for part in self.parts]
        for what, lines in (
            *said,
            ("not enforced", self.loose),
            ("note", self.notes),
            ("cannot be sent", self.problems),
        ):
            rows += [Row(what, str(line)) for line in lines]
        return rows + [row for plan in self.fallbacks for row in plan._as_fallback()]

    def _as_fallback(self) -> list[Row]:
        """What a plan says of one who may be asked instead."""
        said = [("note", note) for note in self.notes] + [("cannot be sent", str(problem)) for problem in self.problems]
        return [Row("falls back to", self._head), *(Row(f"  {what}", line) for what, line in said)]

    @property
    def _head(self) -> str:
        mode = f", Mode.{self.mode}" if self.mode else ""
        total = f", about {self.tokens:,} tokens of what is known" if self.tokens is not None else ""
        cost = f", {dollars(self.cost)} to send" if self.cost is not None else ""
        return f"{self.provider}/{self.model}{mode}{total}{cost}"

    def __str__(self) -> str:
        return table(self._head, self.rows())

    def _repr_html_(self) -> str:
        media = {part.where: part.medium for part in self.parts if part.medium is not None}
        return html(self._head, self.rows(), media, self.request)


def _row(part: PlannedPart) -> Row:
    return Row(part.where, part.what, part.way, str(part.tokens or ""), part.tokens.formula if part.tokens else "")


# ── the flow ─────────────────────────────────────────────────────────────────────────────────────


def planning(task: Task[Any]) -> Flow[Plan]:
    """The plan of one `create()`, and of each of its fallbacks.

    Raises:
        RequestError: the messages are malformed, whatever the media.
        ModeError: the model does not take the mode.
    """
    if not task.others:
        return (yield from _planned(task))
    task = yield from understood(task)
    plan = yield from _planned(task)
    plans: list[Plan] = []
    for choice in task.others:
        plans += [(yield from _of_fallback(choice, task))]
    return replace(plan, fallbacks=tuple(plans))


def _of_fallback(choice: Choice, first: Task[Any]) -> Flow[Plan]:
    """What a fallback would be sent. What stands in the way of it stands in its plan."""
    provider, _, model = choice.name.partition("/")
    try:
        task, dropped = choice.task(first)
        plan = yield from _planned(task)
    except InstructorError as error:
        return Plan(provider, model, None, problems=(error,))
    left_out = (f"not sent, because {provider} does not take them: {', '.join(dropped)}",) if dropped else ()
    kinds = ", ".join(kind.__name__ for kind in choice.fallback.on)
    return replace(plan, cost=None, notes=(f"on {kinds}", *left_out, *plan.notes))


def _planned(task: Task[Any]) -> Flow[Plan]:
    adapter, target = task.adapter, task.target
    uploading = task.uploading.rehearsed() if task.uploading else None
    planned = asking(task, target, Request(task.model, ())) if target else None
    plan = Plan(adapter.name, task.model, planned.mode.name if planned else None)
    plan = replace(plan, loose=planned.loose(task.tools) if planned else ())
    rehearsal, changes = Rehearsal(), list[PlannedChange]()
    try:
        request = yield from _dry(prepare(replace(task, uploading=uploading), rehearsal), changes)
    except (MediaError, MissingExtra) as error:
        return replace(plan, problems=(error,), changes=tuple(changes))
    settled = replace(request, messages=rehearsal.messages)
    parts: tuple[PlannedPart, ...] = yield Work(lambda: tuple(_parts(settled, adapter.name, rehearsal)))
    plan = replace(
        plan,
        parts=parts,
        changes=tuple(change for change in changes if change.what not in UNDONE),
        fetches=tuple(dict.fromkeys(url.safe for _, url in rehearsal.fetches)),
        uploads=tuple(uploading.planned or ()) if uploading else (),
        problems=tuple(rehearsal.problems),
        notes=(*rehearsal.notes, *(str(change) for change in changes if change.what in UNDONE)),
    )
    plan = replace(plan, cost=task.progress.estimate(plan.tokens))
    if plan.fetches or plan.problems:
        return plan
    asked = replace(planned, request=request).sent(task.tools) if planned else request
    try:
        wire = encoded(adapter, asked)
    except MediaError as error:
        return replace(plan, problems=(error,))
    shown: Mapping[str, Any] = yield Work(lambda: tagged(wire))
    return replace(plan, request=shown)


def _parts(request: Request, provider: str, rehearsal: Rehearsal) -> Iterator[PlannedPart]:
    """The parts, media by their tags, and how each goes out."""
    fetched = {where for where, _ in rehearsal.fetches}
    for part in measure(request, provider):
        if part.medium is None:
            yield part
            continue
        way = "fetched first" if part.where in fetched else "uploaded" if part.where in rehearsal.uploaded else part.way
        yield replace(part, what=tag(part.medium), way=way)


def _dry(flow: Flow[Any], changes: list[PlannedChange]) -> Flow[Any]:
    """Drive a flow that stays on this machine, and note what is done to media."""
    answer: Any = None
    failure: BaseException | None = None
    while True:
        try:
            effect = flow.throw(failure) if failure else flow.send(answer)
        except StopIteration as end:
            return end.value
        answer = failure = None
        if not isinstance(effect, TOUCHES_NOTHING):
            raise AssertionError(f"a plan would do {type(effect).__name__}")
        if isinstance(effect, Emit):
            if isinstance(effect.event, MediaFitted):
                changes += _done(effect.event)
            continue
        try:
            answer = (yield from _one_by_one(effect, changes)) if isinstance(effect, Together) else (yield effect)
        except Exception as error:
            failure = error


def _done(event: MediaFitted) -> list[PlannedChange]:
    before, after = (_known([getattr(change, side) for change in event.changes]) for side in ("before", "after"))
    return [PlannedChange(event.where, change, before, after) for change in event.changes]


def _known(facts: list[Facts]) -> Facts:
    """What several changes of one medium know of it together."""
    told = {f.name: [value for one in facts if (value := getattr(one, f.name)) is not None] for f in fields(Facts)}
    return Facts(**{name: values[-1] for name, values in told.items() if values})


def _one_by_one(effect: Together, changes: list[PlannedChange]) -> Flow[tuple[Any, ...]]:
    done: list[Any] = []
    for flow in effect.flows:
        done += [(yield from _dry(flow, changes))]
    return tuple(done)
