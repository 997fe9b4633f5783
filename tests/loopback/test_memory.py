"""What a large file costs on its way to the wire: a fresh process, and the kernel's own record of its peak."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

MEGABYTE = 1024 * 1024
SIZE = 64 * MEGABYTE
ALLOWED = 12 * MEGABYTE

SENDING = """
import asyncio, sys
from instructor.drivers.http import HttpSender, AsyncHttpSender; from instructor.drivers.exchange import Exchange
from instructor.effects import Call
from instructor.media import Inline, Video
from instructor.providers.openai import provider

url, asynchronous, *paths = sys.argv[1:]
exchange = Exchange(provider.adapter, provider.endpoint, "sk-test", url)

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))

def call(path):
    return Call({"model": "m", "messages": [Inline(Video.from_path(path), "data:video/mp4;base64,")]})

async def slowly():
    sender = AsyncHttpSender(exchange, None)
    for path in paths:
        peaks.append(peak())
        await sender.send(call(path))
    await sender.close()

peaks = []
if asynchronous == "True":
    asyncio.run(slowly())
else:
    sender = HttpSender(exchange, None)
    for path in paths:
        peaks.append(peak())
        sender.send(call(path))
    sender.close()
print(peak() - peaks[-1])
"""

ANSWER = b'{"choices": [{"message": {"role": "assistant", "content": "x"}}]}'


class Sink:
    """Takes requests and throws their bodies away, counting."""

    def __init__(self) -> None:
        self.bytes = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/v1"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            with peer, peer.makefile("rb") as stream:
                while self._answer(peer, stream):
                    pass

    def _answer(self, peer: socket.socket, stream: object) -> bool:
        length = 0
        while (line := stream.readline()) not in (b"\r\n", b""):  # type: ignore[attr-defined]
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        if not length:
            return False
        while length:
            length -= (got := len(stream.read(min(length, MEGABYTE))))  # type: ignore[attr-defined]
            self.bytes += got
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(ANSWER)}\r\n\r\n"
        peer.sendall(head.encode() + ANSWER)
        return True

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)  # which wakes who is accepting
        self._listening.close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    one = Sink()
    yield one
    one.close()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read as Linux tells it")
@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
async def test_a_large_file_never_sits_in_memory(asynchronous: bool, sink: Sink, tmp_path: Path) -> None:
    small, large = tmp_path / "small.mp4", tmp_path / "large.mp4"
    for path, size in ((small, MEGABYTE), (large, SIZE)):
        path.write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
        os.truncate(path, size)
    command = [sys.executable, "-c", SENDING, sink.url, str(asynchronous), str(small), str(large)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert sink.bytes > (SIZE + MEGABYTE) * 4 // 3
    assert int(done.stdout) < ALLOWED
