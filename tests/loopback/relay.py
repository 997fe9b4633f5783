"""A relay between a client and a server, both on this machine, that keeps what went through: the bytes of each request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit


class Relay(ThreadingHTTPServer):
    """Listens, hands on, keeps."""

    daemon_threads = True

    def __init__(self, to: str) -> None:
        super().__init__(("127.0.0.1", 0), _Hand)
        self.to, self.requests, self.answers = urlsplit(to), list[bytes](), list[int]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def last(self) -> Any:
        """The last request's JSON."""
        return json.loads(self.requests[-1])


class _Hand(BaseHTTPRequestHandler):
    server: Relay

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.requests.append(body)
        line = HTTPConnection(self.server.to.hostname or "", self.server.to.port)
        kept = {key: value for key, value in self.headers.items() if key.lower() in ("content-type", "authorization")}
        line.request("POST", self.path, body, kept)
        answer = line.getresponse()
        self.server.answers.append(answer.status)
        self.send_response(answer.status)
        self.send_header("content-type", answer.getheader("content-type", ""))
        self.send_header("connection", "close")
        self.end_headers()
        while piece := answer.read1(65536):
            self.wfile.write(piece)
            self.wfile.flush()
        line.close()

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@contextmanager
def relay(to: str) -> Iterator[Relay]:
    """A running relay."""
    with Relay(to) as running:
        Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield running
        finally:
            running.shutdown()
