"""A wire dict as the bytes of a JSON body, with media spliced in.

    Body(wire) ─ segments: bytes | Inline … ─ length ─ iteration

The JSON encoder never sees media: each `Inline` leaf is written as a mark, the text is cut at the marks, and the
leaf's base64 takes the mark's place while the body is sent. A local file is read and encoded as it goes out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any

from ..errors import MessageError
from ..media import PAUSE, Inline

WHOLE_BYTES = 256 * 1024
"""A body up to this size is sent in one piece."""

JOINED_BYTES = 64 * 1024
"""Pieces of a longer one are joined up to this size: each one is a system call, and a packet of its own."""


def joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer pieces, with the same pauses. None that is large is held back while the next one is made."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        if piece == PAUSE:
            yield PAUSE
            continue
        held.append(piece)
        size += len(piece)
        del piece
        if size >= JOINED_BYTES:
            whole, held, size = b"".join(held), [], 0
            yield whole
            del whole
    if held:
        yield b"".join(held)


class Body:
    """The bytes of one request, in pieces, and pauses. Iterating it twice sends the same bytes twice."""

    __slots__ = ("length", "segments", "streams")

    segments: tuple[bytes | Inline, ...]
    length: int
    """Bytes of the whole body."""
    streams: bool
    """Whether a part is read from disk while the body is sent."""

    def __init__(self, wire: Mapping[str, Any]) -> None:
        """Raises MessageError where a value is not JSON (a NaN, an object, a lone surrogate)."""
        leaves: list[Inline] = []
        nonce = os.urandom(12).hex()

        def mark(value: object) -> Any:
            if isinstance(value, Inline):
                leaves.append(value)  # in the order in which they are written
                return nonce
            if isinstance(value, Mapping):
                return dict(value)
            raise TypeError(f"a {type(value).__name__} is not JSON")

        try:
            text = json.dumps(wire, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=mark)
            pieces = [piece.encode() for piece in text.split(nonce)] if leaves else [text.encode()]
        except (TypeError, ValueError, RecursionError) as error:
            where, problem = offence(wire) or (None, f"the request cannot be written as JSON: {error}")
            raise MessageError(problem, where=where) from None
        segments: list[bytes | Inline] = [pieces[0]]
        for leaf, piece in zip(leaves, pieces[1:], strict=True):
            segments += [leaf, piece]
        self.segments = tuple(segments)
        self.length = sum(part.length if isinstance(part, Inline) else len(part) for part in segments)
        self.streams = any(leaf.media.source_kind == "file" and leaf.media.encoded is None for leaf in leaves)

    def __iter__(self) -> Iterator[bytes]:
        for part in self.segments:
            if isinstance(part, Inline):
                yield from part.chunks()
            else:
                yield part


def offence(value: Any, path: str = "") -> tuple[str, str] | None:
    """Where in a wire value something is that JSON cannot express, and what; None if there is nothing of the kind."""
    if isinstance(value, Mapping):
        odd = next((key for key in value if not isinstance(key, str | int | float | None)), None)
        if odd is not None:
            return path or "the request", f"a key of the type {type(odd).__name__} is not JSON"
        return _first((f"{path}.{key}" if path else str(key), item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return _first((f"{path}[{i}]", item) for i, item in enumerate(value))
    if isinstance(value, float) and not isfinite(value):
        return path, f"{value} cannot be written as JSON"
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return path, "the text cannot be written as JSON: it holds a lone surrogate, which UTF-8 cannot express"
        return None
    known = value is None or isinstance(value, int | float | Inline)
    return None if known else (path, f"a {type(value).__name__} is not JSON")


def _first(rows: Iterable[tuple[str, Any]]) -> tuple[str, str] | None:
    return next((found for where, item in rows if (found := offence(item, where))), None)
