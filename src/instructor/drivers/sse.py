"""Server-sent events (WHATWG HTML, section 9.2) as a push parser: bytes in, in any pieces; events out.

Linear in the bytes: a line that arrives in many pieces is joined once. Comments, retry times and ids are passed over.
"""

from __future__ import annotations

from ..values import dataclass

_BOM = b"\xef\xbb\xbf"

_Block = tuple[bytes, bytes]
"""Data and name of an event."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `name` is empty where the server gave none."""

    data: str
    name: str = ""


class EventParser:
    """Fed with bytes, gives the events that they complete: `feed` and `close` whole, `data` and `rest` what is in them."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []  # of a line whose end has not come
        self._data: list[bytes] = []
        self._name = b""
        self._first = True

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that end in this chunk."""
        return list(map(_event, self._fed(chunk)))

    def close(self) -> list[Event]:
        """The event whose blank line never came, if its lines did: servers end their streams so."""
        return list(map(_event, self._closed()))

    def data(self, chunk: bytes) -> list[bytes]:
        """The data of the events that end in this chunk."""
        return [data for data, _ in self._fed(chunk)]

    def rest(self) -> list[bytes]:
        """The data of the event whose blank line never came."""
        return [data for data, _ in self._closed()]

    def _fed(self, chunk: bytes) -> list[_Block]:
        if not chunk:
            return []
        ends_open = not chunk.endswith(b"\n")
        if ends_open and b"\n" not in chunk and b"\r" not in chunk and not self._pending_return():
            self._pieces.append(chunk)
            return []
        lines = b"".join((*self._pieces, chunk)).splitlines(keepends=True)
        # a carriage return at the end may be the first half of a line end
        self._pieces = [lines.pop()] if ends_open else []
        return self._blocks(lines)

    def _closed(self) -> list[_Block]:
        lines = b"".join(self._pieces).splitlines()
        self._pieces = []
        return self._blocks([*lines, b""])

    def _pending_return(self) -> bool:
        return bool(self._pieces) and self._pieces[-1].endswith(b"\r")

    def _blocks(self, lines: list[bytes]) -> list[_Block]:
        blocks: list[_Block] = []
        for ended in lines:
            line = ended.rstrip(b"\r\n")
            if self._first:
                self._first = False
                line = line.removeprefix(_BOM)
            if line:
                self._field(line)
            elif self._data:
                blocks.append((b"\n".join(self._data), self._name))
                self._data, self._name = [], b""
            else:
                self._name = b""
        return blocks

    def _field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data.append(value[1:] if value[:1] == b" " else value)
        elif field == b"event":
            self._name = value[1:] if value[:1] == b" " else value


def _event(block: _Block) -> Event:
    data, name = block
    return Event(data.decode("utf-8", "replace"), name.decode("utf-8", "replace"))
