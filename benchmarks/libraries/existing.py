"""The existing library of our import name, through the SDK's client, as its documentation shows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

import openai
from pydantic import BaseModel

import instructor
from benchmarks import stub
from benchmarks.documents import Document
from benchmarks.work import KEY, MODEL, Files, Job

vars(import_module("instructor.v2.core.remote"))["_validate_public_address"] = lambda address: None
"""It fetches from public addresses alone; the server here has none."""


def _fetched(url: str) -> Any:
    """What it does itself where a provider takes no addresses (Anthropic, Gemini); OpenAI is handed them."""
    image = instructor.Image.from_url(url)
    return instructor.Image(source="fetched", media_type=image.media_type, data=image.url_to_base64(url))


OPEN: Mapping[str, Callable[[Any], Any]] = {
    "path": instructor.Image.from_path,
    "bytes": instructor.Image.autodetect,
    "base64": instructor.Image.from_raw_base64,
    "url": _fetched,
}


def _options(job: Job) -> dict[str, Any]:
    options: dict[str, Any] = {"max_retries": job.retries + 1} if job.retries else {}
    return {**options, "autodetect_images": True} if job.autodetect else options


def _over(sdk: Any, job: Job) -> Callable[[Files], Any]:
    client: Any = instructor.from_openai(sdk, mode=instructor.Mode.TOOLS)
    opened, options = OPEN[job.how], _options(job)

    def call(files: Files) -> Any:
        messages = job.conversation(*map(opened, files))
        return client.create(model=MODEL, response_model=job.model, messages=messages, **options)

    return call


def prepare(url: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once."""
    return _over(openai.OpenAI(api_key=KEY, base_url=url), job)


def aprepare(url: str, job: Job) -> Callable[[Files], Awaitable[BaseModel]]:
    """A function that begins the job once."""
    return _over(openai.AsyncOpenAI(api_key=KEY, base_url=url), job)


def alone(_: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once, without the SDK."""
    return _over(stub.client(job), job)


def stream(url: str, document: Document) -> Callable[[Files], Any]:
    """A function that asks for the document once."""
    client: Any = instructor.from_openai(openai.OpenAI(api_key=KEY, base_url=url), mode=instructor.Mode.TOOLS)
    return lambda _: document.ask(client, model=MODEL)


def crowd(url: str, job: Job) -> Callable[[str], Awaitable[BaseModel]]:
    """A coroutine function that does the job once, with a picture that is fetched: blocking, as its fetching is."""
    call = _over(openai.AsyncOpenAI(api_key=KEY, base_url=url), replace(job, how="url"))

    async def begin(place: str) -> BaseModel:
        got: BaseModel = await call((place,))
        return got

    return begin


def encode(_: str, job: Job) -> Callable[[Files], Any]:
    """A function that makes the parts of a message."""
    opened, mode = OPEN[job.how], instructor.Mode.TOOLS
    return lambda files: [opened(file).to_openai(mode) for file in files]
