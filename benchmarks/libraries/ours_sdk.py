"""This library through the SDK's client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
from pydantic import BaseModel

import instructor
from benchmarks.documents import Document
from benchmarks.work import KEY, MODEL, Files, Job


def prepare(url: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once."""
    client = instructor.from_openai(openai.OpenAI(api_key=KEY, base_url=url), mode=instructor.Mode.TOOLS)

    def call(files: Files) -> BaseModel:
        images = map(instructor.Image.from_path, files)
        return client.create(model=MODEL, response_model=job.model, messages=job.conversation(*images))

    return call


def stream(url: str, document: Document) -> Callable[[Files], Any]:
    """A function that asks for the document once."""
    client = instructor.from_openai(openai.OpenAI(api_key=KEY, base_url=url), mode=instructor.Mode.TOOLS)
    return lambda _: document.ask(client, model=MODEL)
