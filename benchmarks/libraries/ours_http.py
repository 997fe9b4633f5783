"""This library through its own sender: no SDK."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel

import instructor
from benchmarks.documents import Document
from benchmarks.work import KEY, MODEL, Files, Job

FETCHING = instructor.MediaPolicy(allow_private_hosts={"127.0.0.1"}, download=True)


def prepare(url: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once."""
    client = instructor.from_provider(f"openai/{MODEL}", api_key=KEY, base_url=url, mode=instructor.Mode.TOOLS)

    def call(files: Files) -> BaseModel:
        images = map(instructor.Image.from_path, files)
        return client.create(response_model=job.model, messages=job.conversation(*images))

    return call


def stream(url: str, document: Document) -> Callable[[Files], Any]:
    """A function that asks for the document once."""
    client = instructor.from_provider(f"openai/{MODEL}", api_key=KEY, base_url=url, mode=instructor.Mode.TOOLS)
    return lambda _: document.ask(client)


def crowd(url: str, job: Job) -> Callable[[str], Awaitable[BaseModel]]:
    """A function that does the job once, with a picture that is fetched."""
    client = instructor.from_provider(
        f"openai/{MODEL}", async_client=True, api_key=KEY, base_url=url, mode=instructor.Mode.TOOLS, policy=FETCHING
    )
    return lambda place: client.create(job.model, job.conversation(instructor.Image.from_url(place)))
