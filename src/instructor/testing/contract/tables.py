"""Checks of a provider's tables: of the right types, complete, and consistent with each other.

protocol   names, tables and methods are there        endpoint   where requests go
families   every model has one, each can be reached   rows       one kind of media: types, sources, figures
whole      what bounds a request
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, get_args

from ...adapter import Accepts, Endpoint, Family, Provider, Whole
from ...fit import Limits
from ...media import Media, SourceKind
from ...modes import Mode
from ...output import Dialect as SchemaDialect
from .subject import Check, Subject, broken

ASKED = frozenset({Mode.TOOLS, Mode.JSON_SCHEMA, Mode.JSON, Mode.MD_JSON})
"""Modes that a family may have. Several tools at once follow from TOOLS."""

NAMES = ("", "x", "gpt-5", "Org/Model-1.5:latest", "модель")
"""Models that nobody has thought of."""

FIGURES = ("max_bytes", "max_edge", "max_pixels", "max_patches", "max_pages", "max_seconds")


def checks(subject: Subject) -> Iterator[Check]:
    """All checks of tables."""
    yield Check("tables: protocol", partial(protocol, subject))
    yield Check("tables: endpoint", partial(endpoint, subject))
    yield Check("tables: families", partial(families, subject))
    for kind, row in subject.adapter.media.items():
        yield Check(f"tables: {getattr(kind, '__name__', kind)}", partial(media_row, subject, kind, row))
    yield Check("tables: whole", partial(whole, subject))


TYPES: Mapping[str, type] = {
    "name": str,
    "dialect": str,
    "media": Mapping,
    "families": tuple,
    "caches": bool,
    "whole": Whole,
    "streaming": Mapping,
}


def protocol(subject: Subject) -> None:
    """The adapter has all that `instructor.adapter.Adapter` asks for."""
    adapter = subject.adapter
    if not isinstance(subject.provider, Provider):
        broken(subject, "this is no instructor.adapter.Provider", "make one: Provider(adapter, endpoint, sdk)")
    for name, kind in TYPES.items():
        value = getattr(adapter, name, None)
        if not isinstance(value, kind):
            broken(
                subject,
                f"adapter.{name} is {value!r:.60}, not a {kind.__name__}",
                f"give the adapter an attribute or property {name}: instructor.adapter.Adapter says what it is",
            )
    for name in ("encode", "decode", "deltas", "error"):
        if not callable(getattr(adapter, name, None)):
            broken(subject, f"the adapter has no method {name}", "write it: see instructor.adapter.Adapter")
    if not adapter.name or "/" in adapter.name or adapter.name != adapter.name.strip():
        broken(
            subject, f"{adapter.name!r} is no name", "models are named name/model: leave slashes and spaces out of it"
        )
    if not adapter.dialect:
        broken(subject, "adapter.dialect is empty", "name the wire format: parts of it pass untouched to this adapter")


def endpoint(subject: Subject) -> None:
    """There is a way to send, and what it is made of can be used."""
    provider = subject.provider
    there = provider.endpoint
    if there is None:
        if not (provider.sdk or provider.answer or provider.host):
            broken(subject, "nothing can send to it", "give the Provider an Endpoint, an Sdk, or an answer in process")
        return
    if not isinstance(there, Endpoint):
        broken(subject, f"provider.endpoint is a {type(there).__name__}", "make an instructor.adapter.Endpoint")
    if there.base_url and not there.base_url.startswith(("https://", "http://")):
        broken(subject, f"base_url {there.base_url!r} is no address", 'begin it with https://, or leave it ""')
    if not there.base_url and not there.base_names and there.locate is None:
        broken(
            subject,
            "there is no base_url, and no environment variable that may hold one",
            "name one in base_names: callers will be told of it",
        )
    if there.place is None and not there.path.startswith("/"):
        broken(subject, f"the path {there.path!r} does not begin with /", "it follows the base URL: write '/v1/…'")
    for name in (*there.key_names, *there.base_names):
        if not name.isidentifier():
            broken(
                subject,
                f"{name!r} cannot be an environment variable",
                "write key_names and base_names as tuples of names",
            )
    for name, value in there.headers("a-key").items():
        if name != name.lower() or not value.isascii():
            broken(subject, f"headers() gives {name!r}", "write header names in lower case, and values in ASCII")


def families(subject: Subject) -> None:
    """Every model has a family, every family some model, and modes that fit together."""
    rows = subject.adapter.families
    if not rows or not all(isinstance(row, Family) for row in rows):
        broken(subject, "adapter.families is not a tuple of Family", "make at least one: Family(re.compile(''), {…})")
    for name in NAMES:
        if not rows[-1].pattern.search(name):
            broken(
                subject,
                f"no family is sure to take the model {name!r}",
                "let the last row's pattern match every name, re.compile(''): new models come out every week",
            )
    for row in rows:
        _family(subject, row)


def _family(subject: Subject, row: Family) -> None:
    name = f"the family {row.pattern.pattern!r}"
    if not row.modes:
        broken(subject, f"{name} has no modes", "every model can do Mode.MD_JSON: {Mode.MD_JSON: PLAIN}")
    for mode, dialect in row.modes.items():
        if mode not in ASKED or not isinstance(dialect, SchemaDialect):
            broken(
                subject,
                f"{name} maps {mode} to {dialect!r:.40}",
                f"modes are {', '.join(sorted(each.name for each in ASKED))}; each has a schema dialect of instructor.output",
            )
    for field in ("must_fit", "alone"):
        if odd := getattr(row, field) - row.modes.keys():
            broken(subject, f"{name} has {odd} in {field} and not in its modes", f"take it out of {field}")
    if odd := row.without - subject.adapter.media.keys():
        broken(subject, f"{name} is without {odd}, for which the adapter has no row anyway", "take it out of without")
    if subject.name_for(row) is None:
        broken(
            subject,
            f"no model is known that is of {name}",
            "name one in models=…; or the row can never be reached, because one before it takes all its names",
        )


def media_row(subject: Subject, kind: Any, row: Accepts) -> None:
    """A row of the media table: a kind, types that it knows, sources, and figures that can be."""
    if not (isinstance(kind, type) and issubclass(kind, Media)) or not isinstance(row, Accepts):
        broken(subject, f"media maps {kind!r:.40} to {row!r:.40}", "map Image, Audio, PDF, Video, Document to Accepts")
    name = kind.__name__
    known = {each.media_type for each in kind.magic} | set(kind.suffixes.values())
    if odd := row.limits.mimes - known:
        broken(
            subject, f"{name} never is of the types {sorted(odd)}", f"use the names that are kept here: {sorted(known)}"
        )
    if not row.limits.mimes:
        broken(subject, f"the row of {name} takes no types", "name the media types that the API documents")
    if odd := row.sources - set(get_args(SourceKind)):
        broken(subject, f"{name} has sources {sorted(odd)}", f"sources are {', '.join(get_args(SourceKind))}")
    if "bytes" not in row.sources:
        broken(
            subject,
            f"{name} cannot be sent as bytes",
            "leave the row out if the API takes no content inline: what is fetched or read has to go somewhere",
        )
    for limits in (row.limits, *([row.crowd[1]] if row.crowd else ())):
        _limits(subject, name, limits)
    if row.crowd and (row.crowd[0] < 1 or not row.crowd[1].mimes <= row.limits.mimes):
        broken(
            subject, f"the crowd of {name} is {row.crowd[0]}", "it is a count from 1 on, with limits of the same types"
        )
    if row.most is not None and row.most < 1:
        broken(subject, f"at most {row.most} of {name}", "leave the row out, or name the family in without")
    if row.upload_bytes is not None and subject.provider.files is None:
        broken(
            subject,
            f"{name} may be uploaded, and there is no Files API",
            "give the Provider files=…, or no upload_bytes",
        )


def _limits(subject: Subject, name: str, limits: Limits) -> None:
    for figure in FIGURES:
        value = getattr(limits, figure)
        if value is not None and not value > 0:
            broken(subject, f"{figure} of {name} is {value}", "None means: no limit")
    if limits.max_bytes is not None and limits.max_bytes < 1024:
        broken(
            subject, f"max_bytes of {name} is {limits.max_bytes}", "it counts bytes, not megabytes: write 5 * 1024**2"
        )


def whole(subject: Subject) -> None:
    """What bounds a request names kinds that are taken, and each figure is one."""
    bounds = subject.adapter.whole
    for each in (bounds, *(named for _, named in bounds.models)):
        for figure in ("max_body", "max_media", "max_pages"):
            value = getattr(each, figure)
            if value is not None and not value > 0:
                broken(subject, f"whole.{figure} is {value}", "None means: nothing is known")
        for row in each.sums:
            if odd := set(row.kinds) - subject.adapter.media.keys():
                broken(subject, f"a sum counts {odd}, which the adapter does not take", "name kinds of the media table")
