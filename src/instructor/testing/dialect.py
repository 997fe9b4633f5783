"""What a provider's wire format is to the loopback server: one frozen value per dialect, made of small functions.

::

    Asked     a request that arrived and could be read
    Bill      tokens, for the `usage` of an answer
    Problem   what is wrong with a request, and where
    Rule      a check that types cannot make, with the source of its knowledge
    Dialect   the row that a dialect module exports
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from ..values import dataclass
from .caching import Block
from .strict import Path
from .turns import Json, Turn, Wants


@dataclass(frozen=True, slots=True)
class Asked:
    """A request body with its headers (lower-case names), its size in bytes, its number and its path."""

    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)
    size: int = 0
    number: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """Tokens. `input` leaves out what was read from or written to the prompt cache."""

    input: int
    output: int
    read: int = 0
    written: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a request, and at which path of its body."""

    path: Path
    message: str
    status: int = 400


@dataclass(frozen=True, slots=True)
class Rule:
    """A check that types cannot make; `source` says who states it. `about` is a key whose allowance turns it off."""

    source: str
    check: Callable[[Asked], Iterable[Problem]]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A provider's wire format.

    `suffixes` are the ways in which paths of this dialect end; where those of two dialects end alike, a path that
    begins with `/name/` says which is meant. `keys` are the headers that may hold a key; none: no key is asked for.
    `package` is the SDK that judges: by its request `types` (plain, streaming) as `module:name`, or, where an SDK has
    its knowledge in another form, by `shape`, which gives the problems of a request (told which top-level keys are
    let through). `streams` says whether a request wants a stream, whose content type is `stream_type`. `loosened`
    gives body keys that the API takes although the SDK's types do not have them; `tolerated` are paths (`None`: any
    index) of fields in the API's own answers that it takes back in a replay. `error_headers` are those of an error's
    answer, by status.
    """

    name: str
    suffixes: tuple[str, ...]
    keys: tuple[str, ...]
    package: str
    rules: Sequence[Rule]
    wants: Callable[[Json], Wants]
    complete: Callable[[Turn, Asked, Bill], dict[str, Any]]
    events: Callable[[Turn, Asked, Bill, int], Iterator[bytes]]
    error: Callable[[int, str, Path | None, int], dict[str, Any]]
    error_event: Callable[[int, Any], bytes]
    blocks: Callable[[Json], list[Block]]
    path: Callable[[Path], str]
    request_id: str
    types: tuple[str, str] | None = None
    shape: Callable[[Asked, frozenset[str]], Iterator[Problem]] | None = None
    streams: Callable[[Asked], bool] = lambda asked: bool(asked.body.get("stream"))
    stream_type: str = "text/event-stream; charset=utf-8"
    error_headers: Callable[[int], Mapping[str, str]] = lambda status: {}
    tolerated: Sequence[tuple[str | None, ...]] = ()
    loosened: Callable[[Mapping[str, str]], frozenset[str]] = lambda headers: frozenset()
