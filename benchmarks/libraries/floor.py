"""What nobody can go below: bytes made beforehand, posted with httpx2, and the answer validated.

A stream is cut at the blank lines, each event read as JSON, and the pieces of its text joined.

Files are read and encoded in chunks while they are sent, so they never sit in memory whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import httpx2
import pybase64
from pydantic import BaseModel

from benchmarks.documents import Document
from benchmarks.work import KEY, MODEL, Files, Job, tool

CHUNK_BYTES = 3 * 64 * 1024
HEADER_BYTES = 4096
SLOT = "the-file-goes-here"
HEADERS = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}


def _pieces(job: Job) -> list[bytes]:
    """The body, cut where files go."""
    words = {"type": "text", "text": job.messages[-1]["content"]}
    image = {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{SLOT}"}}
    messages = job.conversation()
    if job.pictures:
        messages[-1] = {"role": "user", "content": [words, *[image] * job.pictures]}
    wire = {"model": MODEL, "messages": messages, **tool(job.model)}
    return json.dumps(wire, ensure_ascii=False, separators=(",", ":")).encode().split(SLOT.encode())


def _encoded(size: int) -> int:
    return (size + 2) // 3 * 4


def _of_path(path: str) -> tuple[int, Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        with open(path, "rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield pybase64.b64encode(chunk)

    return _encoded(os.path.getsize(path)), chunks()


def _of_bytes(data: bytes) -> tuple[int, Iterator[bytes]]:
    view = memoryview(data)
    return _encoded(len(data)), (
        pybase64.b64encode(view[at : at + CHUNK_BYTES]) for at in range(0, len(data), CHUNK_BYTES)
    )


def _of_text(text: str) -> tuple[int, Iterator[bytes]]:
    return len(text), (text[at : at + CHUNK_BYTES].encode("ascii") for at in range(0, len(text), CHUNK_BYTES))


def _of_url(client: httpx2.Client, url: str) -> tuple[int, Iterator[bytes]]:
    """The picture, encoded while it arrives."""

    def chunks() -> Iterator[bytes]:
        with client.stream("GET", url) as answer:
            yield answer.headers["content-length"].encode()
            rest = b""
            for piece in answer.iter_bytes(CHUNK_BYTES):
                held = rest + piece
                whole = len(held) // 3 * 3
                rest = held[whole:]
                yield pybase64.b64encode(held[:whole])
            yield pybase64.b64encode(rest)

    arriving = chunks()
    return _encoded(int(next(arriving))), arriving


OPEN: Mapping[str, Callable[[Any], tuple[int, Iterator[bytes]]]] = {
    "path": _of_path,
    "bytes": _of_bytes,
    "base64": _of_text,
}


def _body(pieces: list[bytes], contents: Sequence[Iterator[bytes]]) -> Iterator[bytes]:
    yield pieces[0]
    for content, piece in zip(contents, pieces[1:], strict=True):
        yield from content
        yield piece


def _read(job: Job, content: bytes) -> BaseModel:
    answer = json.loads(content)
    return job.model.model_validate_json(answer["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"])


def prepare(url: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once."""
    client = httpx2.Client(timeout=600)
    opened = OPEN.get(job.how, partial(_of_url, client))
    url = f"{url}/chat/completions"
    pieces = _pieces(job)

    def call(files: Files) -> BaseModel:
        if not files:
            return _read(job, client.post(url, content=pieces[0], headers=HEADERS).content)
        lengths, contents = zip(*map(opened, files), strict=True)
        length = str(sum(map(len, pieces)) + sum(lengths))
        body = _body(pieces, contents)
        return _read(job, client.post(url, content=body, headers={**HEADERS, "content-length": length}).content)

    return call


def aprepare(url: str, job: Job) -> Callable[[Files], Awaitable[BaseModel]]:
    """A coroutine function that does the job once."""
    client = httpx2.AsyncClient(timeout=600, limits=httpx2.Limits(max_connections=None))
    url = f"{url}/chat/completions"
    pieces = _pieces(job)

    async def call(files: Files) -> BaseModel:
        if not files:
            return _read(job, (await client.post(url, content=pieces[0], headers=HEADERS)).content)
        lengths, contents = zip(*map(_of_path, files), strict=True)
        length = str(sum(map(len, pieces)) + sum(lengths))

        async def body() -> AsyncIterator[bytes]:
            for piece in _body(pieces, contents):
                yield piece

        answer = await client.post(url, content=body(), headers={**HEADERS, "content-length": length})
        return _read(job, answer.content)

    return call


def alone(_: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that validates the answer's JSON, and nothing else."""
    arguments = json.dumps(job.answer)
    return lambda _: job.model.model_validate_json(arguments)


def encode(_: str, __: Job) -> Callable[[Files], object]:
    """A function that reads files and encodes them."""

    def call(files: Files) -> object:
        encoded = []
        for path in files:
            with open(path, "rb") as file:
                encoded.append(pybase64.b64encode_as_string(file.read()))
        return encoded

    return call


def sniff(_: str, __: Job) -> Callable[[Files], object]:
    """A function that reads the beginning of every file."""

    def call(files: Files) -> object:
        read = []
        for path in files:
            with open(path, "rb") as file:
                read.append(len(file.read(HEADER_BYTES)))
        return read

    return call


def stream(url: str, document: Document) -> Callable[[Files], str]:
    """A function that asks for the document once and joins the pieces of its text."""
    client = httpx2.Client(timeout=600)
    url = f"{url}/chat/completions"
    body = json.dumps({"model": MODEL, "messages": document.messages, **document.tool()}).encode()

    def call(_: Files) -> str:
        pieces: list[str] = []
        with client.stream("POST", url, content=body, headers=HEADERS) as response:
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
    before, after = _pieces(job)

    async def call(place: str) -> BaseModel:
        picture = await client.get(place)
        body = before + pybase64.b64encode(picture.content) + after
        response = await client.post(url, content=body, headers=HEADERS)
        return _read(job, response.content)

    return call
