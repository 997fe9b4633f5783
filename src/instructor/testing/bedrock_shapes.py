"""Requests of Amazon Bedrock held against botocore's service model, strictly.

    problems(asked, allowed) ─▶ Problem …      unknown members, types, what is required, enumerations, unions, bounds,
                                               patterns, base64

The model is the one that boto3 makes its clients from. boto3 itself checks less: neither enumerations nor patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import unquote

import pybase64

from .dialect import Asked, Problem
from .strict import Path

Shape = Mapping[str, Any]

OPERATIONS = {"converse": "Converse", "converse-stream": "ConverseStream"}

KINDS: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
}


def problems(asked: Asked, allowed: frozenset[str]) -> Iterator[Problem]:
    """What is wrong with the shape of a request. Top-level keys in `allowed` are let through."""
    model, operation = asked.path.rpartition("/")[0], OPERATIONS[asked.path.rpartition("/")[2]]
    shapes = _model()["shapes"]
    whole = shapes[_model()["operations"][operation]["input"]["shape"]]
    body = {key: value for key, value in asked.body.items() if key not in allowed}
    members = {key: row for key, row in whole["members"].items() if row.get("location") != "uri"}
    name = shapes[whole["members"]["modelId"]["shape"]]
    yield from _string(name, unquote(model.rpartition("/model/")[2]), ("modelId",))
    yield from _structure({**whole, "members": members, "required": []}, body, ())


def dotted(path: Path) -> str:
    """A path as AWS writes it: `messages.1.member.content`, without its oddities: `messages[0].content`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


@cache
def _model() -> Any:
    return import_module("botocore.loaders").Loader().load_service_model("bedrock-runtime", "service-2")


def _check(name: str, given: Any, path: Path) -> Iterator[Problem]:
    shape = _model()["shapes"][name]
    if shape.get("document"):
        return
    kind = shape["type"]
    if not isinstance(given, KINDS[kind]) or (isinstance(given, bool) and kind != "boolean"):
        yield Problem(path, f"must be of the type {kind}")
        return
    value: Any = given
    match kind:
        case "structure":
            yield from _structure(shape, value, path)
        case "list":
            yield from _bounds(shape, len(value), "items", path)
            for number, item in enumerate(value):
                yield from _check(shape["member"]["shape"], item, (*path, number))
        case "map":
            yield from _bounds(shape, len(value), "entries", path)
            for key, item in value.items():
                yield from _check(shape["key"]["shape"], key, path)
                yield from _check(shape["value"]["shape"], item, (*path, key))
        case "string":
            yield from _string(shape, value, path)
        case "blob":
            yield from _blob(shape, value, path)
        case "integer" | "long" | "float" | "double":
            yield from _bounds(shape, value, "", path)


def _structure(shape: Shape, value: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    for key in value:
        if key not in shape["members"]:
            yield Problem((*path, key), f"unknown member; there are: {', '.join(shape['members'])}")
    for key in shape.get("required", ()):
        if key not in value:
            yield Problem((*path, key), "is required")
    if shape.get("union") and len(value) != 1:
        yield Problem(path, f"exactly one member must be set; there are: {', '.join(value) or 'none'}")
    for key, item in value.items():
        if key in shape["members"]:
            yield from _check(shape["members"][key]["shape"], item, (*path, key))


def _string(shape: Shape, value: str, path: Path) -> Iterator[Problem]:
    yield from _bounds(shape, len(value), "characters", path)
    if "enum" in shape and value not in shape["enum"]:
        yield Problem(path, f"must be one of {', '.join(shape['enum'])}")
    if "pattern" in shape and not re.fullmatch(shape["pattern"], value):
        yield Problem(path, f"must match {shape['pattern'][:80]}")


def _blob(shape: Shape, value: str, path: Path) -> Iterator[Problem]:
    try:
        size = len(pybase64.b64decode(value, validate=True))
    except ValueError:
        yield Problem(path, "is not valid base64")
        return
    yield from _bounds(shape, size, "bytes", path)


def _bounds(shape: Shape, value: float, unit: str, path: Path) -> Iterator[Problem]:
    low, high = shape.get("min"), shape.get("max")
    if low is not None and value < low:
        yield Problem(path, f"must be at least {low} {unit}".rstrip())
    if high is not None and value > high:
        yield Problem(path, f"must be at most {high} {unit}".rstrip())
