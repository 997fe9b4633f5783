"""LiteLLM: one function for all providers; the schema made once and the answer validated by hand, as with an SDK."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import litellm
from pydantic import BaseModel

from benchmarks.documents import Document
from benchmarks.work import KEY, MODEL, Files, Job, tool

ENCODED: Mapping[str, Callable[[Any], str]] = {
    "path": lambda path: base64.b64encode(Path(path).read_bytes()).decode("ascii"),
    "bytes": lambda data: base64.b64encode(data).decode("ascii"),
    "base64": lambda text: text,
}


def _image(data: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}


def _asked(url: str, job: Job) -> Callable[[Files], dict[str, Any]]:
    common = {"model": f"openai/{MODEL}", "base_url": url, "api_key": KEY, **tool(job.model)}
    encoded = ENCODED[job.how]

    def asked(files: Files) -> dict[str, Any]:
        messages = job.conversation()
        if files:
            words = {"type": "text", "text": messages[-1]["content"]}
            messages[-1] = {"role": "user", "content": [words, *map(_image, map(encoded, files))]}
        return {**common, "messages": messages}

    return asked


def _read(job: Job, answer: Any) -> BaseModel:
    return job.model.model_validate_json(answer.choices[0].message.tool_calls[0].function.arguments)


def prepare(url: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once."""
    asked = _asked(url, job)
    return lambda files: _read(job, litellm.completion(**asked(files)))


def aprepare(url: str, job: Job) -> Callable[[Files], Awaitable[BaseModel]]:
    """A coroutine function that does the job once."""
    asked = _asked(url, job)

    async def call(files: Files) -> BaseModel:
        return _read(job, await litellm.acompletion(**asked(files)))

    return call


def stream(url: str, document: Document) -> Callable[[Files], str]:
    """A function that asks for the document once and joins the pieces of its text: nothing is parsed."""
    common: Any = {"model": f"openai/{MODEL}", "base_url": url, "api_key": KEY, **document.tool()}

    def call(_: Files) -> str:
        chunks: Any = litellm.completion(messages=document.messages, **common)
        return "".join(
            calls[0].function.arguments or ""
            for chunk in chunks
            if chunk.choices and (calls := chunk.choices[0].delta.tool_calls)
        )

    return call
