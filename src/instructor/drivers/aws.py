"""Amazon's binary event stream as a push parser: bytes in, in any pieces; events out.

    frame   total length (4 bytes) · length of headers (4) · CRC-32 of these 8 (4)
            headers · payload · CRC-32 of all before (4)            all numbers big-endian
    header  length of name (1) · name · type of value (1) · value

    Frames.feed(bytes) ─▶ {event type: payload} …      an exception in the stream is {its name: payload} as well

Sources: smithy.io/2.0/aws/amazon-eventstream.html; the limits are botocore's (`eventstream.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from struct import Struct
from typing import Any
from zlib import crc32

from ..errors import ConnectionFailed, ProtocolError

PRELUDE = Struct(">III")
NUMBER = Struct(">I")
MAX_FRAME_BYTES = 24 * 1024**2 + 128 * 1024 + PRELUDE.size + NUMBER.size

SIZES: Mapping[int, int] = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Type of a header's value → its bytes: true, false, byte, short, integer, long, timestamp, UUID."""

SIZED = frozenset({6, 7})
"""Types whose value begins with its own length in two bytes: bytes, string."""

STRING = 7


class Frames:
    """Fed with the bytes of a reply, gives its events."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._buffer = bytearray()
        self.ended = False

    def feed(self, piece: bytes) -> list[Mapping[str, Any]]:
        """The events whose frames end in this piece.

        Raises:
            ProtocolError: a frame is damaged, or not of this format.
        """
        self._buffer += piece
        events: list[Mapping[str, Any]] = []
        start = 0
        while len(self._buffer) - start >= PRELUDE.size:
            length = self._length(start)
            if len(self._buffer) - start < length:
                break
            events.append(self._event(bytes(self._buffer[start : start + length])))
            start += length
        del self._buffer[:start]
        return events

    def rest(self) -> list[Mapping[str, Any]]:
        """Nothing more.

        Raises:
            ConnectionFailed: the bytes ended inside a frame.
        """
        self.ended = True
        if self._buffer:
            raise ConnectionFailed("the stream ended inside a frame", provider=self._provider)
        return []

    def _length(self, start: int) -> int:
        length, headers, check = PRELUDE.unpack_from(self._buffer, start)
        if crc32(self._buffer[start : start + PRELUDE.size - NUMBER.size]) != check:
            raise self._damaged("its first bytes do not match their checksum")
        if not PRELUDE.size + headers + NUMBER.size <= length <= MAX_FRAME_BYTES:
            raise self._damaged(f"a length of {length:,} bytes with {headers:,} of headers")
        return int(length)

    def _event(self, frame: bytes) -> Mapping[str, Any]:
        if crc32(frame[: -NUMBER.size]) != NUMBER.unpack(frame[-NUMBER.size :])[0]:
            raise self._damaged("its content does not match its checksum")
        size = NUMBER.unpack_from(frame, NUMBER.size)[0]
        headers = self._headers(frame[PRELUDE.size : PRELUDE.size + size])
        if headers.get(":message-type") == "error":
            code, message = headers.get(":error-code", "error"), headers.get(":error-message", "")
            return {code: {"message": message}}
        try:
            payload = json.loads(frame[PRELUDE.size + size : -NUMBER.size] or b"{}")
        except ValueError:
            raise ProtocolError("an event of the stream is not JSON", provider=self._provider) from None
        kind = headers.get(":event-type") or headers.get(":exception-type")
        if not kind:
            raise self._damaged("it names no type")
        return {kind: payload}

    def _headers(self, data: bytes) -> Mapping[str, str]:
        """The headers that are strings. The others say nothing of interest, and are stepped over."""
        headers: dict[str, str] = {}
        at = 0
        try:
            while at < len(data):
                end = at + 1 + data[at]
                name, kind, at = data[at + 1 : end].decode(), data[end], end + 1
                if kind in SIZED:
                    size = int.from_bytes(data[at : at + 2])
                    at += 2
                else:
                    size = SIZES[kind]
                if at + size > len(data):
                    raise IndexError
                if kind == STRING:
                    headers[name] = data[at : at + size].decode()
                at += size
        except (IndexError, KeyError, UnicodeDecodeError):
            raise self._damaged("its headers cannot be read") from None
        return headers

    def _damaged(self, why: str) -> ProtocolError:
        return ProtocolError(
            f"a frame of the stream is damaged, or not of Amazon's format: {why}", provider=self._provider
        )
