"""The SDK alone: the tool's schema made once, files as base64 by the standard library, the answer validated by hand."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
from pydantic import BaseModel

from benchmarks.documents import Document
from benchmarks.work import KEY, MODEL, Files, Job, tool


def image(path: str) -> dict[str, Any]:
    """A file as an image part."""
    data = base64.b64encode(Path(path).read_bytes()).decode("ascii")
    return {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}


def prepare(url: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once."""
    client = openai.OpenAI(api_key=KEY, base_url=url)
    asked = tool(job.model)

    def call(files: Files) -> BaseModel:
        messages = job.conversation()
        if files:
            words = {"type": "text", "text": messages[-1]["content"]}
            messages[-1] = {"role": "user", "content": [words, *map(image, files)]}
        answer: Any = client.chat.completions.create(model=MODEL, messages=messages, **asked)
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
