"""This library through its own sender: no SDK."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel

import instructor
from benchmarks.documents import Document
from benchmarks.libraries._ours import FETCHING, OPEN, of_call, of_client
from benchmarks.work import KEY, MODEL, Files, Job


def _client(url: str, **options: Any) -> Any:
    return instructor.from_provider(f"openai/{MODEL}", api_key=KEY, base_url=url, mode=instructor.Mode.TOOLS, **options)


def prepare(url: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once."""
    client, opened, options = _client(url, **of_client(job)), OPEN[job.how], of_call(job)

    def call(files: Files) -> BaseModel:
        messages = job.conversation(*map(opened, files))
        got: BaseModel = client.create(response_model=job.model, messages=messages, **options)
        return got

    return call


def aprepare(url: str, job: Job) -> Callable[[Files], Awaitable[BaseModel]]:
    """A coroutine function that does the job once."""
    client, opened, options = _client(url, async_client=True, **of_client(job)), OPEN[job.how], of_call(job)

    async def call(files: Files) -> BaseModel:
        messages = job.conversation(*map(opened, files))
        got: BaseModel = await client.create(response_model=job.model, messages=messages, **options)
        return got

    return call


def stream(url: str, document: Document) -> Callable[[Files], Any]:
    """A function that asks for the document once."""
    client = _client(url)
    return lambda _: document.ask(client)


def crowd(url: str, job: Job) -> Callable[[str], Awaitable[BaseModel]]:
    """A function that does the job once, with a picture that is fetched."""
    client = _client(url, async_client=True, policy=FETCHING)
    return lambda place: client.create(job.model, job.conversation(instructor.Image.from_url(place)))


def encode(_: str, job: Job) -> Callable[[Files], Any]:
    """A function that makes the parts of a message."""
    opened = OPEN[job.how]
    return lambda files: [opened(file).to_openai() for file in files]


def sniff(_: str, __: Job) -> Callable[[Files], Any]:
    """A function that tells what files are."""
    from instructor.media import autodetect

    return lambda files: [found.media_type for file in files if (found := autodetect(file))]
