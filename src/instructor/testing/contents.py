"""Checks of media in request bodies, shared by the dialects' rules: is it base64, and is it what it says?

Kept apart from the library's own tables of magic numbers on purpose: a judge does not borrow from the judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pybase64

from .dialect import Problem
from .strict import Path

SLICE = 1 << 20
"""Base64 is decoded in slices of this many characters, so that a large medium is never copied whole."""

_DATA_URI = re.compile(r"data:(?P<mime>[^;,]*)(?P<parameters>(?:;[^;,]*)*),")

LOOKS: Mapping[str, Callable[[bytes], bool]] = {
    "image/png": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": lambda head: head.startswith(b"\xff\xd8\xff"),
    "image/gif": lambda head: head[:6] in (b"GIF87a", b"GIF89a"),
    "image/webp": lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP",
    "application/pdf": lambda head: b"%PDF-" in head[:1024],
    "audio/wav": lambda head: head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE",
    "audio/mp3": lambda head: head[:3] == b"ID3" or (head[:1] == b"\xff" and head[1:2] >= b"\xe0"),
}
"""How content of a media type starts."""

IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def content_problems(data: str, mime: str, path: Path) -> Iterator[Problem]:
    """What is wrong with base64 `data` said to be of type `mime`."""
    try:
        for start in range(0, len(data), SLICE):
            pybase64.b64decode(data[start : start + SLICE], validate=True)
    except ValueError:
        yield Problem(path, "is not valid base64")
        return
    head = pybase64.b64decode(data[:2048])
    if not head:
        yield Problem(path, "is empty")
    elif mime in LOOKS and not LOOKS[mime](head):
        seen = next((name for name, looks in LOOKS.items() if looks(head)), "unknown")
        yield Problem(path, f"is said to be {mime} but its content is {seen}")


def data_uri_problems(uri: str, allowed: tuple[str, ...], path: Path) -> Iterator[Problem]:
    """What is wrong with a data URI of one of the `allowed` types."""
    parts = _DATA_URI.match(uri)
    if parts is None:
        yield Problem(path, "is not a data URI: data:<media type>;base64,<data>")
    elif parts["mime"] not in allowed:
        yield Problem(path, f"has media type {parts['mime'] or 'none'!r}; must be one of {', '.join(allowed)}")
    elif not parts["parameters"].endswith(";base64"):
        yield Problem(path, "must be base64")
    else:
        yield from content_problems(uri[parts.end() :], parts["mime"], path)


def open_objects(schema: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of objects in a JSON Schema that do not forbid other properties."""
    for where, node in object_nodes(schema, path):
        if node.get("additionalProperties") is not False:
            yield where


def object_nodes(schema: Any, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The schemas of objects in a JSON Schema, with their paths."""
    for where, node in nodes(schema, path):
        if node.get("type") == "object" or "properties" in node:
            yield where, node


def nodes(schema: Any, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every schema in a JSON Schema, with its path."""
    if not isinstance(schema, Mapping):
        return
    yield path, schema
    for keyword in ("properties", "$defs", "definitions"):
        members = schema.get(keyword)
        for name, member in members.items() if isinstance(members, Mapping) else ():
            yield from nodes(member, (*path, keyword, name))
    for keyword in ("items", "additionalProperties"):
        yield from nodes(schema.get(keyword), (*path, keyword))
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        members = schema.get(keyword)
        for number, member in enumerate(members if isinstance(members, list) else ()):
            yield from nodes(member, (*path, keyword, number))
