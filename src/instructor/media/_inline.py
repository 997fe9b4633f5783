"""Media inside a wire request: a leaf that becomes base64 text only on its way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import pybase64

from ..errors import UnreadableMedia
from ..values import dataclass
from ._base import Media
from ._origin import read_cached

CHUNK_BYTES = 3 * 64 * 1024
"""Content read at a time when it streams; a multiple of 3, so that the pieces of base64 join."""


PAUSE = b""
"""An empty piece: the next step may have to be waited for. Whoever must not wait takes it in a thread."""

KEPT_BYTES = 16 * 1024 * 1024
"""Content in memory up to this size is encoded once and kept; what is larger, or a file, as it goes out, each time."""


@dataclass(frozen=True, slots=True)
class Inline:
    """`prefix` (`data:image/png;base64,` or nothing), followed by the medium's content as base64."""

    media: Media
    prefix: str = ""

    @property
    def length(self) -> int:
        """Characters of the whole text, all ASCII."""
        size = self.media.size
        if size is None:
            raise UnreadableMedia(f"{self.media!r} holds no content to send inline")
        return len(self.prefix) + (size + 2) // 3 * 4

    def text(self) -> str:
        """The whole text. The encoding is made once and kept with the medium."""
        data = self.media.data
        if data is None:
            raise UnreadableMedia(f"{self.media!r} holds no content to send inline")
        return self.prefix + data

    def chunks(self) -> Iterator[bytes]:
        """The text in pieces, and pauses. A file, and what is large, is read and encoded as they are wanted, and never held
        whole; what the system has in memory of a file comes without a pause."""
        if self.prefix:
            yield self.prefix.encode("ascii")
        if self.media.source_kind == "bytes" and (self.media.size or 0) <= KEPT_BYTES:
            self.text()  # encoded once, however often it is sent
        if self.media.encoded is not None:
            encoded = self.media.encoded
            yield from (encoded[at : at + CHUNK_BYTES].encode("ascii") for at in range(0, len(encoded), CHUNK_BYTES))
            return
        yield PAUSE
        with self.media.open() as stream:
            yield PAUSE  # that was the opening: the rest can be tried without waiting
            yield from self._read(stream, self.media.size or 0)

    def _read(self, stream: BinaryIO, size: int) -> Iterator[bytes]:
        buffer = memoryview(bytearray(min(CHUNK_BYTES, size + 1)))
        sent, count = 0, len(buffer)
        while sent <= size and count == len(buffer):  # less is the end of the file
            count = read_cached(stream, sent, buffer)
            if count < min(len(buffer), size - sent):
                yield PAUSE
                stream.seek(sent)
                count = stream.readinto(buffer)  # type: ignore[attr-defined]
            sent += count
            if count and sent <= size:
                yield pybase64.b64encode(buffer[:count])
        if sent != size:
            raise UnreadableMedia(f"{self.media!r} changed while it was being sent")

    def __repr__(self) -> str:
        return f"<{self.media.media_type}, {self.media.size or 0:,} bytes>"


def materialised(value: Any, raw: bool = False) -> Any:
    """A wire value in which every `Inline` leaf is its text, or the content itself where `raw` bytes are wanted.

    What holds none of them is not copied.
    """
    if isinstance(value, Inline):
        return value.media.read() if raw else value.text()
    if isinstance(value, dict):
        items = {key: materialised(item, raw) for key, item in value.items() if isinstance(item, _NESTED)}
        return value if all(value[key] is item for key, item in items.items()) else {**value, **items}
    if isinstance(value, list | tuple):
        parts = [materialised(item, raw) for item in value]
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else parts
    return value


_NESTED = (dict, list, tuple, Inline)


def reads_files(value: Any) -> bool:
    """Whether `materialised` would read local files."""
    if isinstance(value, Inline):
        return value.media.source_kind == "file" and value.media.encoded is None
    if isinstance(value, dict):
        return any(map(reads_files, value.values()))
    return isinstance(value, list | tuple) and any(map(reads_files, value))
