"""`instructor inspect`: what a file is, by its content, and which providers take it as it is.

Source ─▶ medium ─┬ kind, type, size          (media)
                  ├ pixels, pages, seconds    (measure)
                  ├ model → tokens            (tokens)
                  └ provider → yes | why not  (the adapters' media tables)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..adapter import Adapter, check
from ..errors import MediaError
from ..fetch import MediaPolicy
from ..media import Media
from ..providers import _registry
from ..tokens import Estimate, Pages, Picture, Sound, Thing, estimate
from ..values import dataclass
from . import terminal
from .measure import Measures, measure
from .report import Done
from .sources import Source, load, said


@dataclass(frozen=True, slots=True)
class Findings:
    """What one file is. `declared` is what its name says, where the content says otherwise."""

    kind: str
    media_type: str | None
    declared: str | None
    size: int
    measures: Measures
    providers: Mapping[str, str | None]
    """Name → None, or why it does not take the file."""
    tokens: Mapping[str, Estimate]
    """Model → what it costs there, for models of which that is published."""

    def shown(self) -> dict[str, Any]:
        """As JSON values, without what is not known."""
        known = {
            "kind": self.kind,
            "media_type": self.media_type,
            "declared": self.declared,
            "bytes": self.size,
            "width": self.measures.width,
            "height": self.measures.height,
            "pages": self.measures.pages,
            "seconds": self.measures.seconds,
            "note": self.measures.note,
        }
        providers = {
            name: {"takes": True} if problem is None else {"takes": False, "why": problem}
            for name, problem in self.providers.items()
        }
        tokens = {model: estimate.tokens for model, estimate in self.tokens.items()}
        rest = {"tokens": tokens, "providers": providers} if tokens else {"providers": providers}
        return {name: value for name, value in known.items() if value is not None} | rest


async def inspect(source: Source, policy: MediaPolicy) -> Findings:
    """What a source is.

    Raises:
        MediaError: there is no such file or page, or its content is unknown.
    """
    medium = await load(source, policy, content=True)
    promised = said(source)
    measures = measure(medium)
    return Findings(
        kind=type(medium).__name__,
        media_type=medium.media_type,
        declared=promised if promised != medium.media_type else None,
        size=medium.size or 0,
        measures=measures,
        providers={name: _problem(name, medium) for name in _registry.names()},
        tokens=_estimates(measures),
    )


MODELS = (
    ("openai", "gpt-4o-mini"),
    ("openai", "gpt-5.6-sol"),
    ("anthropic", "claude-haiku-4-5"),
    ("anthropic", "claude-opus-5-5"),
    ("gemini", "gemini-3-flash"),
)
"""Models of the families that count in different ways."""


def _estimates(measures: Measures) -> dict[str, Estimate]:
    thing: Thing | None = None
    if measures.width and measures.height:
        thing = Picture(measures.width, measures.height)
    elif measures.pages:
        thing = Pages(measures.pages)
    elif measures.seconds:
        thing = Sound(measures.seconds)
    if thing is None:
        return {}
    found = ((f"{provider}/{model}", estimate(provider, model, thing)) for provider, model in MODELS)
    return {name: one for name, one in found if one.tokens is not None}


def _problem(name: str, medium: Media) -> str | None:
    """Why a provider does not take it, or None. A plug-in is anybody's code: of one that fails, that is the answer."""
    try:
        return problem(_registry.find(name).adapter, medium)
    except Exception as error:
        return f"it cannot be loaded: {type(error).__name__}: {error}"


def problem(adapter: Adapter, medium: Media) -> str | None:
    """Why an adapter does not take a medium whose content is at hand, or None."""
    row = adapter.media.get(type(medium))
    if row is None:
        return f"takes no {type(medium).__name__}, only {', '.join(kind.__name__ for kind in adapter.media)}"
    try:
        check(adapter, row, medium, None)
    except MediaError as error:
        return error.problem
    return None


# ── for people ───────────────────────────────────────────────────────────────────────────────────


def show(done: Done, console: Console) -> None:
    """One file's findings."""
    found: Findings = done.value
    table = Table.grid(padding=(0, 2))
    table.add_row(Text("is", "dim"), f"{found.kind}, {found.media_type}")
    if found.declared:
        table.add_row(Text("but", "yellow"), f"its name says {found.declared}")
    table.add_row(Text("size", "dim"), f"{found.size:,} bytes{_measured(found.measures)}")
    if found.measures.note:
        table.add_row(Text("note", "yellow"), Text(terminal.printable(found.measures.note)))
    for model, one in found.tokens.items():
        most = f" to {one.at_most:,}" if one.at_most and one.at_most != one.tokens else ""
        table.add_row(Text("tokens", "dim"), f"{one.tokens:,}{most} {model}")
    takers = ", ".join(name for name, why in found.providers.items() if why is None)
    table.add_row(Text("taken by", "dim"), Text(takers or "nobody, as it is", "green" if takers else "red"))
    for why, names in _refusals(found.providers).items():
        table.add_row(Text("not by", "dim"), Text.assemble((", ".join(names), "red"), f": {terminal.printable(why)}"))
    console.print(Text(terminal.printable(done.label), "bold"))
    console.print(table)
    console.print()


def _refusals(providers: Mapping[str, str | None]) -> dict[str, list[str]]:
    """Why a file is not taken → by whom not."""
    found: dict[str, list[str]] = {}
    for name, why in providers.items():
        if why is not None:
            found.setdefault(why.removeprefix(f"{name} "), []).append(name)
    return found


def _measured(measures: Measures) -> str:
    words = (
        f"{measures.width} × {measures.height} pixels" if measures.width else "",
        f"{measures.pages} page{'s' * (measures.pages != 1)}" if measures.pages is not None else "",
        f"{measures.seconds:g} s" if measures.seconds is not None else "",
    )
    return "".join(f", {word}" for word in words if word)
