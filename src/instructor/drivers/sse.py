"""Server-sent events (WHATWG HTML, section 9.2) as a push parser: bytes in, in any pieces; events out.

Linear in the bytes: a line that arrives in many pieces is joined once. Comments, retry times and ids are passed over.
"""

from __future__ import annotations

from ..values import dataclass

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `name` is empty where the server gave none."""

    data: str
    name: str = ""


class EventParser:
    """Fed with bytes, gives the events that they complete."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []  # of a line whose end has not come
        self._data: list[bytes] = []
        self._name = b""
        self._first = True

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that end in this chunk."""
        if not chunk:
            return []
        ends_open = not chunk.endswith(b"\n")
        if ends_open and b"\n" not in chunk and b"\r" not in chunk and not self._pending_return():
            self._pieces.append(chunk)
            return []
        lines = b"".join((*self._pieces, chunk)).splitlines(keepends=True)
        # a carriage return at the end may be the first half of a line end
        self._pieces = [lines.pop()] if ends_open else []
        return self._events(lines)

    def close(self) -> list[Event]:
        """The event whose blank line never came, if its lines did: servers end their streams so."""
        lines = b"".join(self._pieces).splitlines()
        self._pieces = []
        return self._events([*lines, b""])

    def _pending_return(self) -> bool:
        return bool(self._pieces) and self._pieces[-1].endswith(b"\r")

    def _events(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for ended in lines:
            line = ended.rstrip(b"\r\n")
            if self._first:
                self._first = False
                line = line.removeprefix(_BOM)
            if line:
                self._field(line)
            elif self._data:
                events.append(
                    Event(b"\n".join(self._data).decode("utf-8", "replace"), self._name.decode("utf-8", "replace"))
                )
                self._data, self._name = [], b""
            else:
                self._name = b""
        return events

    def _field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data.append(value[1:] if value[:1] == b" " else value)
        elif field == b"event":
            self._name = value[1:] if value[:1] == b" " else value
