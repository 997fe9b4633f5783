"""What nobody can go below: bytes made beforehand, posted with httpx2, and the answer validated.

A stream is cut at the blank lines, each event read as JSON, and the pieces of its text joined.

Files are read and encoded in chunks while they are sent, so they never sit in memory whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Iterator

import httpx2
import pybase64
from pydantic import BaseModel

from benchmarks.documents import Document
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


def stream(url: str, document: Document) -> Callable[[Files], str]:
    """A function that asks for the document once and joins the pieces of its text."""
    client = httpx2.Client(timeout=600)
    url = f"{url}/chat/completions"
    headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
    body = json.dumps({"model": MODEL, "messages": document.messages, **document.tool()}).encode()

    def call(_: Files) -> str:
        pieces: list[str] = []
        with client.stream("POST", url, content=body, headers=headers) as response:
            rest = b""
            for piece in response.iter_bytes():
                *whole, rest = (rest + piece).split(b"\n\n")
                for event in whole:
                    if event == b"data: [DONE]":
                        continue
                    choices = json.loads(event[6:])["choices"]
                    if choices and (calls := choices[0]["delta"].get("tool_calls")):
                        pieces.append(calls[0]["function"]["arguments"])
        return "".join(pieces)

    return call


def crowd(url: str, job: Job) -> Callable[[str], Awaitable[BaseModel]]:
    """A function that fetches a picture, encodes it, posts it and validates the answer."""
    client = httpx2.AsyncClient(timeout=600, limits=httpx2.Limits(max_connections=None))
    url = f"{url}/chat/completions"
    headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
    before, after = _pieces(job)

    async def call(place: str) -> BaseModel:
        picture = await client.get(place)
        body = before + pybase64.b64encode(picture.content) + after
        response = await client.post(url, content=body, headers=headers)
        answer = json.loads(response.content)
        return job.model.model_validate_json(answer["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"])

    return call
