"""A provider that costs next to nothing: answers are bytes made beforehand, requests are read and thrown away.

    python -m benchmarks.server     prints its port, serves until its standard input closes

    POST /<library>/<job>/v1/chat/completions    the answer of that job, or the events of that document
    POST /<library>/again-<n>/v1/…               n answers that do not validate, then one that does, and so on
    GET  /drip/<milliseconds>/<name>.png         a picture that comes bit by bit, for so long
    GET  /file/<bytes>/<name>.jpg                a picture of that size
    GET  /seen                                   {"<library>/<job>": [requests, bytes of all bodies]}, and forgets it

One thread for each connection, one buffer for each thread. Bodies may come with a length or in chunks. It checks nothing
on purpose: that requests are right is what `instructor.testing` and the wire tests are for.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import count

from . import documents, work

BUFFER_BYTES = 1 << 20
HEADERS_END = b"\r\n\r\n"
Seen = Counter[tuple[str, str]]


def _reply(body: bytes, status: str = "200 OK", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _dripping(seconds: float, steps: int = 20) -> Iterator[bytes]:
    picture = work.PICTURE + bytes(work.CROWD_BYTES - len(work.PICTURE))
    yield f"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: {len(picture)}\r\n\r\n".encode()
    size = -(-len(picture) // steps)
    for at in range(0, len(picture), size):
        time.sleep(seconds / steps)
        yield picture[at : at + size]


@lru_cache(4)
def _file(size: int) -> bytes:
    return _reply(work.jpeg(size), kind="image/jpeg")


ANSWERS: Mapping[str, bytes] = {name: _reply(work.response(job)) for name, job in work.JOBS.items()}
TURNS: Mapping[str, Iterator[int]] = defaultdict(count)
"""How often somebody was answered where several answers come in turn."""
WRONG = _reply(work.response(work.JOBS["image"], work.WRONG))
NOT_FOUND = _reply(b'{"error": {"message": "no such job", "type": "invalid_request_error"}}', "404 Not Found")


class Connection:
    """One client's connection, request after request."""

    def __init__(self, peer: socket.socket, requests: Seen, received: Seen) -> None:
        self._peer, self._requests, self._received = peer, requests, received
        self._buffer = bytearray(BUFFER_BYTES)
        self._rest = b""

    def serve(self) -> None:
        """Answer until the client goes."""
        with self._peer:
            self._peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                while head := self._head():
                    for piece in self._answer(head):
                        self._peer.sendall(piece)
            except ConnectionError:
                return

    def _answer(self, head: bytes) -> Iterable[bytes]:
        target = head.split(b" ", 2)[1].decode()
        size = self._body(head.lower())
        if target == "/seen":
            return [_reply(json.dumps(self._take_seen()).encode())]
        library, name = [*target.split("/"), "", ""][1:3]
        if library == "drip":
            return _dripping(int(name) / 1000)
        if library == "file":
            return [_file(int(name))]
        self._requests[library, name] += 1
        self._received[library, name] += size
        if document := documents.named(name):
            return documents.writes(document)
        again = name.removeprefix("again-")
        if again != name:
            return [WRONG if (next(TURNS[target]) + 1) % (int(again) + 1) else ANSWERS["image"]]
        return [ANSWERS.get(name, NOT_FOUND)]

    def _take_seen(self) -> dict[str, list[int]]:
        seen = {"/".join(key): [count, self._received[key]] for key, count in self._requests.items()}
        self._requests.clear()
        self._received.clear()
        return seen

    def _more(self) -> bytes:
        return self._peer.recv(65_536)

    def _head(self) -> bytes:
        data = self._rest
        while (end := data.find(HEADERS_END)) < 0:
            if not (piece := self._more()):
                return b""
            data += piece
        self._rest = data[end + len(HEADERS_END) :]
        return data[:end]

    def _body(self, head: bytes) -> int:
        if b"\ntransfer-encoding: chunked" in head:
            return self._chunks()
        _, found, after = head.partition(b"\ncontent-length:")
        length = int(after.split(b"\r\n", 1)[0]) if found else 0
        self._discard(length)
        return length

    def _discard(self, length: int) -> None:
        held = min(length, len(self._rest))
        self._rest = self._rest[held:]
        left = length - held
        while left:
            got = self._peer.recv_into(self._buffer, min(left, BUFFER_BYTES))
            if not got:
                raise ConnectionResetError
            left -= got

    def _line(self) -> bytes:
        while (end := self._rest.find(b"\r\n")) < 0:
            if not (piece := self._more()):
                raise ConnectionResetError
            self._rest += piece
        line, self._rest = self._rest[:end], self._rest[end + 2 :]
        return line

    def _chunks(self) -> int:
        total = 0
        while size := int(self._line().split(b";")[0], 16):
            self._discard(size)
            self._line()
            total += size
        while self._line():  # trailers
            pass
        return total


def serve(listener: socket.socket) -> None:
    """Accept for ever."""
    requests: Seen = Counter()
    received: Seen = Counter()
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=Connection(peer, requests, received).serve, daemon=True).start()


def main() -> None:
    """Serve on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
