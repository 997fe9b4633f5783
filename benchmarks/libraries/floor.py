"""What nobody can go below: bytes made beforehand, posted with httpx2, and the answer validated.

Files are read and encoded in chunks while they are sent, so they never sit in memory whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator

import httpx2
import pybase64
from pydantic import BaseModel

from benchmarks.work import KEY, MODEL, Files, Job, tool

CHUNK_BYTES = 3 * 64 * 1024
SLOT = "the-file-goes-here"


def _pieces(job: Job) -> list[bytes]:
    """The body, cut where files go."""
    words = {"type": "text", "text": job.messages[-1]["content"]}
    image = {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{SLOT}"}}
    messages = job.conversation()
    if job.pictures:
        messages[-1] = {"role": "user", "content": [words, *[image] * job.pictures]}
    wire = {"model": MODEL, "messages": messages, **tool(job.model)}
    return json.dumps(wire, ensure_ascii=False, separators=(",", ":")).encode().split(SLOT.encode())


def _body(pieces: list[bytes], files: Files) -> Iterator[bytes]:
    yield pieces[0]
    for path, piece in zip(files, pieces[1:], strict=True):
        with open(path, "rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield pybase64.b64encode(chunk)
        yield piece


def prepare(url: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once."""
    client = httpx2.Client(timeout=600)
    url = f"{url}/chat/completions"
    headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
    pieces = _pieces(job)

    def call(files: Files) -> BaseModel:
        if files:
            encoded = sum((os.path.getsize(path) + 2) // 3 * 4 for path in files)
            length = str(sum(map(len, pieces)) + encoded)
            response = client.post(url, content=_body(pieces, files), headers={**headers, "content-length": length})
        else:
            response = client.post(url, content=pieces[0], headers=headers)
        answer = json.loads(response.content)
        return job.model.model_validate_json(answer["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"])

    return call
