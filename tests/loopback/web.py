"""A web server for downloads, of which tests see each connection, and which can be as slow and as rude as they like."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


@dataclass
class Asked:
    """One request: on which connection it came, its target, and its headers by lower-case name."""

    connection: int
    method: str
    target: str
    headers: Mapping[str, str]


Say = bytes | Iterable[bytes]
"""What goes out for a request, as it is. What is longer than its `content-length`, or has none, ends the connection."""


def ok(body: bytes = PNG, status: str = "200 OK", **headers: str) -> bytes:
    """A complete answer."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", f"content-length: {len(body)}", *lines])
    return f"{head}\r\n\r\n".encode("latin-1") + body


@dataclass
class Web:
    """Listens on 127.0.0.1; `say` is called in a thread for each connection. `with` starts and stops it."""

    say: Callable[[Asked], Say]
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Web:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(OSError):  # which wakes who is accepting
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Close every connection from this side."""
        for peer in self._open:
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
            peer.close()
        self._open.clear()

    def url(self, path: str = "/a.png", host: str = "127.0.0.1") -> str:
        return f"http{'s' if self.tls else ''}://{host}:{self.port}{path}"

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(peer)
            threading.Thread(target=self._serve, args=(peer, self.connections), daemon=True).start()

    def _serve(self, plain: socket.socket, number: int) -> None:
        try:
            peer = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
            if peer is not plain:
                self._open.append(peer)
            rest = b""
            while head := _head(peer, rest):
                said, _, rest = head.partition(b"\r\n\r\n")
                first, *lines = said.decode("latin-1").split("\r\n")
                method, target, _ = first.split(" ")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                asked = Asked(number, method, target, headers)
                self.asked.append(asked)
                say = self.say(asked)
                for piece in [say] if isinstance(say, bytes) else say:
                    peer.sendall(piece)
                if not isinstance(say, bytes):
                    peer.close()
                    return
        except OSError:
            return


def _head(peer: socket.socket, rest: bytes) -> bytes:
    data = rest
    while b"\r\n\r\n" not in data:
        if not (piece := peer.recv(65536)):
            return b""
        data += piece
    return data


def dripping(body: bytes, pieces: int, seconds: float) -> Iterable[bytes]:
    """An answer whose body comes bit by bit, for so many seconds in all."""
    yield f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    size = -(-len(body) // pieces)
    for start in range(0, len(body), size):
        time.sleep(seconds / pieces)
        yield body[start : start + size]


def endless(piece: bytes, head: bytes = b"HTTP/1.1 200 OK\r\n\r\n", pause: float = 0.0) -> Iterable[bytes]:
    """Never done."""
    yield head
    while True:
        time.sleep(pause)
        yield piece
