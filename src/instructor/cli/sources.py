"""FILE arguments → media.

"-"            what standard input holds
an address     of the kind its suffix tells; without such a suffix it is fetched, and its content tells
anything else  a path, or a pattern (`*`, `?`, `[…]`, `**`) that no file is named like
"""

from __future__ import annotations

import asyncio
import glob
import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from ..drivers import AsyncWorld, Deadline, arun
from ..drivers.download import AsyncDownloads
from ..drivers.streams import AsyncStream
from ..effects import Answer, Call, Open
from ..errors import ConfigurationError, MediaNotFound
from ..fetch import MediaPolicy, fetch
from ..hooks import Hooks
from ..media import KINDS, Document, Media, detect, from_file, is_url, sample
from ..values import dataclass

STDIN = "-"

BY_SUFFIX: Mapping[str, type[Media]] = {suffix: kind for kind in reversed(KINDS) for suffix in kind.suffixes}


@dataclass(frozen=True, slots=True)
class Source:
    """One medium to come: `label` is what messages and results call it, `place` a path, an address, or content."""

    label: str
    place: str | bytes

    @property
    def is_address(self) -> bool:
        """Whether it is on the web."""
        return isinstance(self.place, str) and is_url(self.place)


def expand(arguments: Iterable[str]) -> tuple[Source, ...]:
    """The sources that the arguments name, in order. A pattern that matches nothing stays, and fails when loaded.

    Raises:
        ConfigurationError: standard input is named twice.
    """
    given = tuple(arguments)
    if given.count(STDIN) > 1:
        raise ConfigurationError("- is standard input, which can be read once only")
    return tuple(source for argument in given for source in _expand(argument))


def _expand(argument: str) -> Iterator[Source]:
    if argument == STDIN:
        yield Source(STDIN, sys.stdin.buffer.read())
    elif is_url(argument):
        yield Source(argument, argument)
    else:
        path = os.path.expanduser(argument)
        matches = [] if os.path.exists(path) or not glob.has_magic(path) else glob.glob(path, recursive=True)
        files = sorted(match for match in matches if os.path.isfile(match))
        yield from (Source(_label(file), file) for file in files or [argument])


def _label(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


def medium(source: Source) -> Media | None:
    """The medium, without the network; None for an address that does not tell what it holds.

    Raises:
        MediaError: there is no such file, or its content is unknown.
    """
    if isinstance(source.place, bytes):
        return of_content(source.place)
    if source.is_address:
        kind = BY_SUFFIX.get(_suffix(source.place))
        return kind.from_url(source.place) if kind else None
    if glob.has_magic(source.place) and not os.path.exists(source.place):
        raise MediaNotFound("no file is named like this")
    return from_file(source.place)


async def load(source: Source, policy: MediaPolicy, *, content: bool = False) -> Media:
    """The medium, fetched where its address does not tell what it holds, or where the content is wanted.

    Raises:
        MediaError: there is no such file or page, or its content is unknown.
    """
    found = None if content and source.is_address else await asyncio.to_thread(medium, source)
    return await fetched(str(source.place), policy) if found is None else found


async def fetched(url: str, policy: MediaPolicy) -> Media:
    """What an address holds."""
    deadline = Deadline.after(None)
    downloads = AsyncDownloads()
    try:
        got = await arun(fetch(url, policy), AsyncWorld(_Nobody(), Hooks(), deadline, downloads), deadline)
    finally:
        await downloads.close()
    name = os.path.basename(urlsplit(got.url).path) or None
    return of_content(got.data, got.media_type, name)


def of_content(data: bytes, declared: str | None = None, name: str | None = None) -> Media:
    """Content as the kind of medium that it is; what no other kind knows is held to be text.

    Raises:
        UnreadableMedia: it is empty, or neither media nor text.
    """
    found = detect(sample(io.BytesIO(data), len(data)))
    kind: type[Media] = found[0] if found else Document
    return kind.from_bytes(data, declared, name=name)


def said(source: Source) -> str | None:
    """The media type that the name of the source promises."""
    if isinstance(source.place, bytes):
        return None
    suffix = _suffix(source.place) if source.is_address else os.path.splitext(source.place)[1].lower()
    kind = BY_SUFFIX.get(suffix)
    return kind.suffixes[suffix] if kind else None


def _suffix(url: object) -> str:
    return os.path.splitext(urlsplit(str(url)).path)[1].lower()


class _Nobody:
    """The sender of a world in which no provider is called."""

    async def send(self, call: Call) -> Answer:
        raise ConfigurationError("fetching calls no provider")

    async def open(self, call: Open) -> AsyncStream:
        raise ConfigurationError("fetching calls no provider")

    async def close(self) -> None:
        """Nothing is open."""
