"""Newline-delimited JSON as a push parser: bytes in, in any pieces; one event out for each line.

Linear in the bytes: a line that arrives in many pieces is joined once. Blank lines are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..errors import ConnectionFailed, ProtocolError


class Lines:
    """Fed with the bytes of a reply, gives its events."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._pieces: list[bytes] = []  # of a line whose end has not come
        self.ended = False

    def feed(self, piece: bytes) -> list[Mapping[str, Any]]:
        """The events whose lines end in this piece."""
        end = piece.rfind(b"\n") + 1
        if not end:
            self._pieces.append(piece)
            return []
        lines = b"".join((*self._pieces, piece[:end])).split(b"\n")
        self._pieces = [piece[end:]]
        return [self._event(line) for line in lines if line.strip()]

    def rest(self) -> list[Mapping[str, Any]]:
        """The event of a last line without an end.

        Raises:
            ConnectionFailed: the line is not whole.
        """
        self.ended = True
        line = b"".join(self._pieces)
        self._pieces = []
        try:
            return [self._event(line)] if line.strip() else []
        except ProtocolError:
            raise ConnectionFailed("the stream ended inside a line", provider=self._provider) from None

    def _event(self, line: bytes) -> Mapping[str, Any]:
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            raise ProtocolError("a line of the stream is not a JSON object", provider=self._provider)
        return event
