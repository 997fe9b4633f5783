"""LangChain: a chat model with structured output by a tool call."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from benchmarks.documents import KINDS, Document
from benchmarks.work import KEY, MODEL, Files, Job


def _model(url: str, model: type[BaseModel]) -> Any:
    chat = ChatOpenAI(model=MODEL, base_url=url, api_key=KEY)
    return chat.with_structured_output(model, method="function_calling")


ENCODED: Mapping[str, Callable[[Any], str]] = {
    "path": lambda path: base64.b64encode(Path(path).read_bytes()).decode("ascii"),
    "bytes": lambda data: base64.b64encode(data).decode("ascii"),
    "base64": lambda text: text,
}


def _image(data: str) -> dict[str, Any]:
    return {"type": "image", "base64": data, "mime_type": "image/jpeg"}


def _messages(job: Job, files: Files) -> list[Any]:
    messages = job.conversation()
    if files:
        words = {"type": "text", "text": messages[-1]["content"]}
        messages[-1] = {"role": "user", "content": [words, *map(_image, map(ENCODED[job.how], files))]}
    return messages


def prepare(url: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once."""
    model = _model(url, job.model)
    return lambda files: model.invoke(_messages(job, files))


def aprepare(url: str, job: Job) -> Callable[[Files], Awaitable[BaseModel]]:
    """A function that begins the job once."""
    model = _model(url, job.model)
    return lambda files: model.ainvoke(_messages(job, files))


def stream(url: str, document: Document) -> Callable[[Files], Any]:
    """A function that asks for the document once and takes every growing object."""
    kind = KINDS[document.kind]
    model = _model(url, kind.whole)

    def call(_: Files) -> Any:
        last: Any = None
        for last in model.stream(document.messages):
            document.look(last)
        return last if kind.element is None else last.content

    return call
