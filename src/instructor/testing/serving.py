"""HTTP/1.1 on 127.0.0.1, from the standard library: read a request whole, ask `answer`, send what it says.

    Server(answer)            start() … stop(); a thread a connection, all of them joined by stop()
    answer(Arrived) → Reply   is called from those threads

Keep-alive, `Content-Length` and chunked request bodies, `Expect: 100-continue`; answers with a length, or in chunks
where they are streamed. Who waits (a delay, a drip, a client that sends nothing) is woken by stop().
"""

from __future__ import annotations

import logging
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from http.server import BaseHTTPRequestHandler
from typing import Any

from ..values import dataclass
from .script import Wire

SLICE = 1 << 16
POLL_SECONDS = 0.02

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request as it came: header names in lower case, the body whole."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send. A `bytes` body goes with its length, any other in chunks."""

    status: int
    headers: Mapping[str, str]
    body: bytes | Iterable[bytes]
    wire: Wire = field(default_factory=Wire)


Answering = Callable[[Arrived], Reply]


class Server(socketserver.ThreadingTCPServer):
    """The listening socket, its connections and their threads."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.halted = threading.Event()
        self._open: set[socket.socket] = set()
        self._workers: list[threading.Thread] = []
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)
        self._acceptor = threading.Thread(target=self.serve_forever, args=(POLL_SECONDS,), daemon=True)

    @property
    def port(self) -> int:
        """The port that the system gave."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Accept connections."""
        self._acceptor.start()

    def stop(self) -> None:
        """Close everything and wait for every thread."""
        self.halted.set()
        self.shutdown()
        self._acceptor.join()
        self.server_close()
        with self._lock:
            connections, threads = list(self._open), list(self._workers)
        for connection in connections:
            _break(connection)
        for thread in threads:
            thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own, which stop() can find."""
        arguments = (request, client_address)
        thread = threading.Thread(target=self.process_request_thread, args=arguments, daemon=True)
        with self._lock:
            self._open.add(request)
            self._workers = [*(other for other in self._workers if other.is_alive()), thread]
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, and forget it."""
        super().shutdown_request(request)
        with self._lock:
            self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error; anything else is told to the log."""
        if not isinstance(sys.exception(), ConnectionError):
            _log.exception("the loopback server failed")


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    _lacking = False

    def _serve(self) -> None:
        try:
            body = b"".join(self._body())
        except ValueError:
            self.close_connection = True
            self.send_error(400, "Bad framing")
            return
        if self.close_connection and self._lacking:
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self._house.answer(Arrived(self.command, self.path, headers, body))
        if reply.wire.delay and self._house.halted.wait(reply.wire.delay):
            self.close_connection = True
        elif reply.wire.cut == -1:
            self._hang_up()
        else:
            self._send(reply)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """`do_GET`, `do_POST` …: any method is answered the same way."""
        if not name.startswith("do_"):
            raise AttributeError(name)
        return self._serve

    def _body(self) -> Iterator[bytes]:
        """The request's body in slices, however it is framed. A body that ends early closes the connection."""
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            while size := int(self.rfile.readline(SLICE).partition(b";")[0] or b"0", 16):
                yield from self._exactly(size)
                self.rfile.readline(SLICE)
            while self.rfile.readline(SLICE).strip():
                continue
        else:
            yield from self._exactly(int(self.headers.get("content-length") or 0))

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size:
            piece = self.rfile.read(min(size, SLICE))
            if not piece:
                self._lacking = self.close_connection = True
                return
            size -= len(piece)
            yield piece

    def _send(self, reply: Reply) -> None:
        """Headers and body, framed, misfortunes included."""
        sized = isinstance(reply.body, bytes)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if isinstance(reply.body, bytes):
            self.send_header("Content-Length", str(len(reply.body)))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        if self.command == "HEAD":
            return
        body = (reply.body,) if isinstance(reply.body, bytes) else reply.body
        for piece in reply.wire.shaped(body, self._house.halted):
            if piece:
                self.wfile.write(piece if sized else b"%x\r\n%b\r\n" % (len(piece), piece))
                self.wfile.flush()
        if reply.wire.cut is not None or self._house.halted.is_set():
            self._hang_up()
        elif not sized:
            self.wfile.write(b"0\r\n\r\n")

    @property
    def _house(self) -> Server:
        if not isinstance(self.server, Server):
            raise TypeError("a handler of this file serves a Server of this file")
        return self.server

    def _hang_up(self) -> None:
        self.close_connection = True
        _break(self.connection)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


def _break(connection: socket.socket) -> None:
    """End a connection in both directions; one that is over already stays so."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
