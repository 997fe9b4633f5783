"""The judge of requests: the official SDK's own request types, then rules that types cannot state.

    judge(dialect, asked, allow)   the first problem, or `None`
    types_known(dialect)           whether the SDK is installed, so that its types can be asked
    warm(dialect)                  build the types ahead, if the SDK is imported anyway

Types come first: rules may then take shapes for granted. Where the SDK is missing, only the rules judge, and a body that
is not even of a shape that they can read counts as malformed.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from pydantic import TypeAdapter, ValidationError

from .declared import declared
from .dialect import Asked, Dialect, Problem
from .strict import DISCRIMINATORS, Path, adapter, readable

WORDS = {
    "missing": "Field required",
    "extra_forbidden": "Extra inputs are not permitted",
}

MEANT = [(field,) for field in DISCRIMINATORS]
"""An object of the wrong type is told before what it then lacks."""

_building = threading.Lock()


def judge(dialect: Dialect, asked: Asked, allow: Collection[str] = ()) -> Problem | None:
    """The first problem with a request. Top-level keys in `allow` are let through unseen."""
    problems = _by_types(dialect, asked, allow) if types_known(dialect) else iter(())
    found = next(problems, None)
    return found or next(_by_rules(dialect, asked, allow), None)


def types_known(dialect: Dialect) -> bool:
    """Whether the SDK whose types judge this dialect is installed."""
    try:
        return importlib.util.find_spec(dialect.package) is not None
    except ModuleNotFoundError:  # not even the package that it is part of
        return False


def warm(dialect: Dialect) -> None:
    """Build the validators now if the SDK is already imported: a first request should not wait for them."""
    if dialect.package in sys.modules:
        for name in dialect.types or ():
            _validator(name)


def _by_types(dialect: Dialect, asked: Asked, allow: Collection[str]) -> Iterator[Problem]:
    open_keys = frozenset({*allow, *dialect.loosened(asked.headers)})
    if dialect.shape is not None:
        yield from dialect.shape(asked, open_keys)
    if dialect.types is None:
        return
    plain, streaming = dialect.types
    body = {key: value for key, value in asked.body.items() if key not in open_keys}
    try:
        _validator(streaming if dialect.streams(asked) else plain).validate_python(body)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False, include_context=False)
        for error in sorted(errors, key=lambda error: error["loc"][-1:] not in MEANT):
            path = readable(error["loc"], body)
            if error["type"] == "extra_forbidden" and any(_alike(path, row) for row in dialect.tolerated):
                continue
            yield Problem(path, WORDS.get(error["type"], error["msg"]))


def _alike(path: Path, pattern: Sequence[str | None]) -> bool:
    """Whether a path is one of a pattern, where `None` is any index."""
    return len(path) == len(pattern) and all(
        step == wanted or (wanted is None and isinstance(step, int)) for step, wanted in zip(path, pattern, strict=True)
    )


def _by_rules(dialect: Dialect, asked: Asked, allow: Collection[str]) -> Iterator[Problem]:
    for rule in dialect.rules:
        if rule.about in allow:
            continue
        try:
            yield from rule.check(asked)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            yield Problem((), f"malformed request body ({type(error).__name__}: {error})")


def _validator(name: str) -> TypeAdapter[Any]:
    with _building:
        return _built(name)


@cache
def _built(name: str) -> TypeAdapter[Any]:
    module, _, attribute = name.partition(":")
    return adapter(declared(attrgetter(attribute)(importlib.import_module(module))))
