"""The SDK alone: the tool's schema made once, files as base64 by the standard library, the answer validated by hand."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import openai
from pydantic import BaseModel

from benchmarks.documents import Document
from benchmarks.work import KEY, MODEL, Files, Job, tool

Read = Callable[[Any], bytes | str]


def part(read: Read, given: Any) -> dict[str, Any]:
    """A picture as a part of a message."""
    content = read(given)
    data = content if isinstance(content, str) else base64.b64encode(content).decode("ascii")
    return {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}


def _reading(job: Job) -> Callable[[Any], dict[str, Any]]:
    read: Mapping[str, Callable[[], Read]] = {
        "path": lambda: lambda path: Path(path).read_bytes(),
        "bytes": lambda: lambda data: data,
        "base64": lambda: lambda text: text,
        "url": lambda: _fetching(httpx2.Client()),
    }
    return partial(part, read[job.how]())


def _fetching(client: httpx2.Client) -> Read:
    return lambda url: client.get(url).content


def messages(job: Job, files: Files, image: Callable[[Any], dict[str, Any]]) -> list[Any]:
    """The conversation as the provider's dialect has it."""
    written = job.conversation()
    if files:
        words = {"type": "text", "text": written[-1]["content"]}
        written[-1] = {"role": "user", "content": [words, *map(image, files)]}
    return written


def prepare(url: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once."""
    client = openai.OpenAI(api_key=KEY, base_url=url)
    asked, image = tool(job.model), _reading(job)

    def call(files: Files) -> BaseModel:
        answer: Any = client.chat.completions.create(model=MODEL, messages=messages(job, files, image), **asked)
        return job.model.model_validate_json(answer.choices[0].message.tool_calls[0].function.arguments)

    return call


def aprepare(url: str, job: Job) -> Callable[[Files], Awaitable[BaseModel]]:
    """A coroutine function that does the job once."""
    client: Any = openai.AsyncOpenAI(api_key=KEY, base_url=url)
    asked, image = tool(job.model), _reading(job)

    async def call(files: Files) -> BaseModel:
        answer = await client.chat.completions.create(model=MODEL, messages=messages(job, files, image), **asked)
        return job.model.model_validate_json(answer.choices[0].message.tool_calls[0].function.arguments)

    return call


def stream(url: str, document: Document) -> Callable[[Files], str]:
    """A function that asks for the document once and joins the pieces of its text: nothing is parsed."""
    client = openai.OpenAI(api_key=KEY, base_url=url)
    asked: Any = document.tool()

    def call(_: Files) -> str:
        chunks: Any = client.chat.completions.create(model=MODEL, messages=document.messages, **asked)
        return "".join(
            calls[0].function.arguments or ""
            for chunk in chunks
            if chunk.choices and (calls := chunk.choices[0].delta.tool_calls)
        )

    return call


def encode(_: str, job: Job) -> Callable[[Files], Any]:
    """A function that makes the parts of a message."""
    image = _reading(job)
    return lambda files: [image(file) for file in files]


def crowd(url: str, job: Job) -> Callable[[str], Awaitable[BaseModel]]:
    """A coroutine function that does the job once, with a picture that is fetched."""
    pictures, call = httpx2.AsyncClient(timeout=600), aprepare(url, replace(job, how="bytes"))

    async def begin(place: str) -> BaseModel:
        return await call(((await pictures.get(place)).content,))

    return begin
