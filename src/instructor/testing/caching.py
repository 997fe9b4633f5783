"""A prompt cache, simulated: what was marked is written, and read when the same prefix comes again.

A prompt is a list of blocks in the order in which the provider reads them. A marked block ends a prefix; its digest is
kept with the model's name. A request reads the longest prefix that is known, and writes from there up to its last mark.
There is no minimum length and no expiry here, which real caches have.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from math import ceil
from typing import Any

from pydantic_core import to_json

from ..values import dataclass
from .turns import Json

MEDIA_KEYS = ("data", "url", "file_data", "file_id", "document_url", "input_audio", "bytes", "images")
MEDIA_TOKENS = 256
MARKS = ("cache_control", "prompt_cache_breakpoint")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a prompt: what is in it, its tokens, and for how long it is to be cached, if at all."""

    digest: bytes
    tokens: int
    ttl: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How a prompt's tokens are billed: neither, read from the cache, written to it (by time to live)."""

    rest: int
    read: int
    written: Mapping[str, int]


def block(content: Any, ttl: str | None = None) -> Block:
    """A block with `content`, hashed without its marks."""
    return Block(hashlib.sha256(to_json(_unmarked(content))).digest(), tokens(content), ttl)


def tokens(content: Any) -> int:
    """An estimate: four characters a token, a fixed number for a medium."""
    return sum(MEDIA_TOKENS if key in MEDIA_KEYS else ceil(len(text) / 4) for key, text in _strings(content))


def _strings(content: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(content, str):
        yield key, content
    elif isinstance(content, Mapping):
        for name, value in content.items():
            yield from _strings(value, name)
    elif isinstance(content, list):
        for value in content:
            yield from _strings(value, key)


def _unmarked(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {key: _unmarked(value) for key, value in content.items() if key not in MARKS}
    return [_unmarked(value) for value in content] if isinstance(content, list) else content


@dataclass(slots=True)
class PromptCache:
    """What earlier requests wrote."""

    known: set[bytes] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def share(self, body: Json, blocks: Sequence[Block]) -> Share:
        """Bill a prompt, and remember its marked prefixes."""
        prefixes = _prefixes(str(body.get("model")), blocks)
        marked = [number for number, block in enumerate(blocks) if block.ttl]
        with self.lock:
            known = [number for number in range(max(marked, default=-1) + 1) if prefixes[number] in self.known]
            self.known.update(prefixes[number] for number in marked)
        start = known[-1] + 1 if known else 0
        written: dict[str, int] = {}
        done = start
        for number in marked:
            if number >= start:
                ttl = str(blocks[number].ttl)
                count = sum(block.tokens for block in blocks[done : number + 1])
                written[ttl] = written.get(ttl, 0) + count
                done = number + 1
        return Share(_count(blocks[done:]), _count(blocks[:start]), written)


def _prefixes(model: str, blocks: Sequence[Block]) -> list[bytes]:
    """The digest of the prompt up to each block."""
    running = hashlib.sha256(model.encode())
    prefixes = []
    for block in blocks:
        running.update(block.digest)
        prefixes.append(running.digest())
    return prefixes


def _count(blocks: Sequence[Block]) -> int:
    return sum(block.tokens for block in blocks)
