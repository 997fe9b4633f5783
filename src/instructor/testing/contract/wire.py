"""Checks of `encode`: every medium × source × mode × conversation is a request that the dialect's judge accepts.

media     each type and source is in the JSON: inline, or by reference
requests  the whole table, by model and kind of medium; encoding is pure
words     common parameters, the caller's tools, what is unknown
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import partial
from typing import Any

from ...adapter import Accepts, family, media_of
from ...errors import InstructorError, ModeError, RequestError
from ...ir import Part, Request, Text
from ...media import Media, materialised
from ...modes import Mode
from ..oracle import judge, types_known
from .cells import FUNCTION, SHAPES, Shape, arrived, cell, marks_of, medium, taken
from .subject import Check, Subject, broken

COMMON: Mapping[str, Any] = {
    "max_tokens": 123,
    "temperature": 0.25,
    "top_p": 0.75,
    "stop": ["###"],
    "seed": 7,
    "tool_choice": "none",
    "reasoning_effort": "low",
    "metadata": {"user_id": "u1"},
    "parallel_tool_calls": False,
}
"""Parameters that every adapter passes, translates or refuses."""

UNKNOWN = "brand_new_parameter"


def checks(subject: Subject) -> Iterator[Check]:
    """All checks of `encode`."""
    for kind, row in subject.adapter.media.items():
        yield Check(f"encode: every {kind.__name__}", partial(media, subject, kind, row))
    for model in subject.named:
        yield Check(f"encode: text for {model}", partial(requests, subject, model, None))
        for kind in media_of(subject.adapter, model):
            yield Check(f"encode: {kind.__name__} for {model}", partial(requests, subject, model, kind))
    yield Check("parameters: common", partial(common, subject))
    yield Check("parameters: unknown", partial(unknown, subject))
    yield Check("parameters: the caller's tools", partial(own_tools, subject))


def media(subject: Subject, kind: type[Media], row: Accepts) -> None:
    """Each type from each source becomes JSON in which it is, inline or by reference."""
    for media_type in sorted(row.limits.mimes):
        for source in sorted(row.sources):
            value = medium(kind, media_type, source, id=subject.file_id)
            if value is None or not taken(row, value):
                continue
            what = f"{kind.__name__} ({media_type}, {source})"
            try:
                part = row.encode(value)
                text = json.dumps(materialised(part), ensure_ascii=False)
            except Exception as error:
                broken(
                    subject,
                    f"encode of {what} fails: {type(error).__name__}: {error}",
                    "give JSON, with Inline(medium) in the place of content; leave the type or source out of the row if "
                    "the API does not take it",
                    error,
                )
            marks = (json.dumps(mark, ensure_ascii=False)[1:-1] for mark in marks_of(value))
            if not text.startswith("{") or not any(mark in text for mark in marks):
                broken(
                    subject,
                    f"{what} is not in what its encode gives: {text:.200}",
                    "put Inline(medium) where the content goes, medium.origin.url or medium.origin.id where a reference goes",
                )


def requests(subject: Subject, model: str, kind: type[Media] | None) -> None:
    """Every cell of a model and a kind of medium: encoded, twice alike, judged."""
    row, tables = family(subject.adapter, model), _state(subject)
    for source, parts in _parts(subject, model, kind):
        for name, shaped in SHAPES.items():
            shape = shaped(*parts)
            if shape.tools and Mode.TOOLS not in row.modes:
                continue  # models without tools
            for mode in (None, *(row.offers if kind is None else row.modes)):
                what = f"{source or 'text'} {name}, asked in {f'Mode.{mode.name}' if mode else 'no mode'}"
                try:
                    request = cell(subject, model, mode, shape)
                except ModeError as error:
                    if mode in row.alone and shape.tools:
                        continue
                    broken(
                        subject, f"{model}: {what}: {error}", "name the modes in must_fit and alone that are so", error
                    )
                _one(subject, request, f"{model}: {what}", streaming=name == "plain")
    if _state(subject) != tables:
        broken(subject, f"encode changes the adapter for {model}", "an adapter is a frozen value: keep nothing on it")


def _state(subject: Subject) -> str:
    """What the adapter holds, in words."""
    return (
        repr(getattr(subject.adapter, "__dict__", None)) + repr(subject.adapter.families) + repr(subject.adapter.media)
    )


def _parts(subject: Subject, model: str, kind: type[Media] | None) -> Iterator[tuple[str, tuple[Part, ...]]]:
    if kind is None:
        yield "", (Text("Who is this?"),)
        return
    row = media_of(subject.adapter, model)[kind]
    for source in sorted(row.sources):
        values = (medium(kind, media_type, source, id=subject.file_id) for media_type in sorted(row.limits.mimes))
        value = next((value for value in values if value is not None and taken(row, value)), None)
        if value is not None:
            yield f"{kind.__name__} by {source}", (Text("Who is this?"), value)


def _one(subject: Subject, request: Request, what: str, *, streaming: bool) -> None:
    wire = encoded(subject, request, what)
    accepted(subject, wire, what)
    if streaming:
        accepted(subject, wire, what, streaming=True)


def encoded(subject: Subject, request: Request, what: str) -> dict[str, Any]:
    """The wire dict, made twice; the request is as it was."""
    before = deepcopy(dict(request.params)), deepcopy([tool.parameters for tool in request.tools]), request.messages
    try:
        wire, again = subject.adapter.encode(request), subject.adapter.encode(request)
    except Exception as error:
        broken(
            subject,
            f"encode fails for {what}: {type(error).__name__}: {error}",
            "encode it; or take out of the tables (media, families, modes, alone) what the API does not take, so that the "
            "library chooses another way",
            error,
        )
    if wire != again:
        broken(subject, f"encode gives another answer the second time for {what}", "keep nothing between two calls")
    after = dict(request.params), [tool.parameters for tool in request.tools], request.messages
    if after != before:
        broken(subject, f"encode writes into the request for {what}", "copy what is changed: {**params, …}")
    if wire.get("model") != request.model:
        broken(subject, f"the wire dict has no 'model' for {what}", "put it at the top; take it out in Endpoint.place")
    return wire


def accepted(subject: Subject, wire: Mapping[str, Any], what: str, *, streaming: bool = False) -> None:
    """The judge finds nothing wrong with a request."""
    if not types_known(subject.dialect):
        broken(
            subject, f"the package {subject.dialect.package!r} is not installed", "install it: its types are the judge"
        )
    try:
        asked = arrived(subject, wire, streaming=streaming)
    except InstructorError as error:
        broken(subject, f"what encode gives for {what} cannot be sent: {error}", "look at Endpoint.place", error)
    if not asked.path.endswith(subject.dialect.suffixes):
        broken(
            subject,
            f"requests go to {asked.path}, and the dialect is spoken at paths that end in {subject.dialect.suffixes}",
            "look at Endpoint.path and place, at the dialect's suffixes, or pass prefix=",
        )
    problem = judge(subject.dialect, asked)
    if problem is not None:
        broken(
            subject,
            f"the judge refuses {what}{' as a stream' if streaming else ''}: {subject.dialect.path(problem.path)}: "
            f"{problem.message}\n  {json.dumps(asked.body, ensure_ascii=False):.600}",
            "encode what the API takes; or, if the API does take it, correct the dialect",
        )


# ── parameters ───────────────────────────────────────────────────────────────────────────────────

HELLO: Shape = SHAPES["plain"](Text("Hello."))


def common(subject: Subject) -> None:
    """Each common parameter is on the wire in some form, or refused with a RequestError: never dropped."""
    model = subject.model
    tools = {"tools": [FUNCTION]}
    for name, value in COMMON.items():
        beside = tools if name in ("tool_choice", "parallel_tool_calls") else {}
        try:
            without = subject.adapter.encode(cell(subject, model, None, HELLO, **beside))
            wire = subject.adapter.encode(cell(subject, model, None, HELLO, **beside, **{name: value}))
        except RequestError:
            continue
        except Exception as error:
            broken(
                subject,
                f"{name}={value!r} fails with {type(error).__name__}: {error}",
                "translate it, or raise RequestError saying what to use instead (instructor.providers.translated)",
                error,
            )
        if wire == without:
            broken(
                subject,
                f"{name}={value!r} is dropped without a word",
                "send it under the API's name, or raise RequestError: callers must not believe that it holds",
            )
        accepted(subject, wire, f"{name}={value!r}")


def unknown(subject: Subject) -> None:
    """A parameter that the API does not have is refused by name; an open API gets it as it is."""
    request = cell(subject, subject.model, None, HELLO, **{UNKNOWN: 1})
    try:
        wire = subject.adapter.encode(request)
    except RequestError as error:
        if UNKNOWN not in str(error):
            broken(subject, f"an unknown parameter is refused without its name: {error}", "name it in the RequestError")
        return
    if not subject.open:
        sent = "sent as it is" if UNKNOWN in wire else "dropped"
        broken(
            subject,
            f"the unknown parameter {UNKNOWN!r} is {sent}",
            "raise RequestError for it; or, for a server that takes anything, give the adapter parameters=Parameters(…, "
            "open=True)",
        )
    if wire.get(UNKNOWN) != 1:
        broken(subject, f"the adapter is open, and {UNKNOWN!r} is not sent", "pass on what is not known")


def own_tools(subject: Subject) -> None:
    """Function tools that a caller wrote stand beside ours, and the caller's list is left alone."""
    row, given = family(subject.adapter, subject.model), [FUNCTION]
    for mode in (None, *row.modes):
        if mode in row.alone or (mode is None and Mode.TOOLS not in row.modes):
            continue
        before = deepcopy(given)
        try:
            wire = encoded(subject, cell(subject, subject.model, mode, HELLO, tools=given), f"tools= in {mode}")
        except ModeError as error:
            broken(
                subject, f"tools= beside {mode}: {error}", "name modes that take no tools beside them in alone", error
            )
        if given != before:
            broken(subject, "encode writes into the caller's tools", "make a new list: [*given, *ours]")
        if '"look"' not in json.dumps(materialised(wire)):
            broken(subject, f"the caller's tools are not on the wire in {mode}", "put them beside request.tools")
        accepted(subject, wire, f"the caller's tools in {mode}")
