"""This library through the SDK's client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import openai
from pydantic import BaseModel

import instructor
from benchmarks import stub
from benchmarks.documents import Document
from benchmarks.libraries._ours import FETCHING, OPEN, of_call, of_client
from benchmarks.work import KEY, MODEL, Files, Job


def prepare(url: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once."""
    return _over(openai.OpenAI(api_key=KEY, base_url=url), job)


def alone(_: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once, without the SDK."""
    return _over(stub.client(job), job)


def _over(sdk: openai.OpenAI, job: Job) -> Callable[[Files], BaseModel]:
    client: Any = instructor.from_openai(sdk, mode=instructor.Mode.TOOLS, **of_client(job))
    opened, options = OPEN[job.how], of_call(job)

    def call(files: Files) -> BaseModel:
        messages = job.conversation(*map(opened, files))
        got: BaseModel = client.create(model=MODEL, response_model=job.model, messages=messages, **options)
        return got

    return call


def aprepare(url: str, job: Job) -> Callable[[Files], Awaitable[BaseModel]]:
    """A coroutine function that does the job once."""
    sdk = openai.AsyncOpenAI(api_key=KEY, base_url=url)
    client: Any = instructor.from_openai(sdk, mode=instructor.Mode.TOOLS, **of_client(job))
    opened, options = OPEN[job.how], of_call(job)

    async def call(files: Files) -> BaseModel:
        messages = job.conversation(*map(opened, files))
        got: BaseModel = await client.create(model=MODEL, response_model=job.model, messages=messages, **options)
        return got

    return call


def stream(url: str, document: Document) -> Callable[[Files], Any]:
    """A function that asks for the document once."""
    client = instructor.from_openai(openai.OpenAI(api_key=KEY, base_url=url), mode=instructor.Mode.TOOLS)
    return lambda _: document.ask(client, model=MODEL)


def crowd(url: str, job: Job) -> Callable[[str], Awaitable[BaseModel]]:
    """A function that does the job once, with a picture that is fetched."""
    sdk = openai.AsyncOpenAI(api_key=KEY, base_url=url)
    client = instructor.from_openai(sdk, mode=instructor.Mode.TOOLS, model=MODEL, policy=FETCHING)
    return lambda place: client.create(job.model, job.conversation(instructor.Image.from_url(place)))
