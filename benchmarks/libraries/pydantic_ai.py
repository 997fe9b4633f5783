"""pydantic-ai: an agent whose output is a tool call; the history as its own messages, made once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, ImageUrl, ToolOutput
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from benchmarks.documents import KINDS, Document
from benchmarks.work import KEY, MODEL, Files, Job

OPEN: Mapping[str, Callable[[Any], Any]] = {
    "path": lambda path: BinaryContent(Path(path).read_bytes(), media_type="image/jpeg"),
    "bytes": lambda data: BinaryContent(data, media_type="image/jpeg"),
    "base64": lambda text: BinaryContent.from_data_uri(f"data:image/jpeg;base64,{text}"),
    "url": lambda url: ImageUrl(url, force_download="allow-local"),
}


def _agent(url: str, model: type[BaseModel], retries: int = 0) -> Agent[Any, Any]:
    chat = OpenAIChatModel(MODEL, provider=OpenAIProvider(base_url=url, api_key=KEY))
    return Agent(chat, output_type=ToolOutput(model, name=model.__name__), retries=retries or 1)


def _history(messages: Sequence[Mapping[str, Any]]) -> list[ModelMessage]:
    return [
        ModelRequest(parts=[UserPromptPart(each["content"])])
        if each["role"] == "user"
        else ModelResponse(parts=[TextPart(each["content"])])
        for each in messages
    ]


def _asked(job: Job) -> Callable[[Files], dict[str, Any]]:
    *before, last = job.messages
    history, opened = _history(before), OPEN[job.how]

    def asked(files: Files) -> dict[str, Any]:
        words = last["content"]
        return {"user_prompt": [words, *map(opened, files)] if files else words, "message_history": history}

    return asked


def prepare(url: str, job: Job) -> Callable[[Files], BaseModel]:
    """A function that does the job once."""
    agent, asked = _agent(url, job.model, job.retries), _asked(job)

    def call(files: Files) -> BaseModel:
        got: BaseModel = agent.run_sync(**asked(files)).output
        return got

    return call


def aprepare(url: str, job: Job) -> Callable[[Files], Awaitable[BaseModel]]:
    """A coroutine function that does the job once."""
    agent, asked = _agent(url, job.model, job.retries), _asked(job)

    async def call(files: Files) -> BaseModel:
        got: BaseModel = (await agent.run(**asked(files))).output
        return got

    return call


def stream(url: str, document: Document) -> Callable[[Files], Any]:
    """A function that asks for the document once and takes every growing object."""
    kind = KINDS[document.kind]
    agent = _agent(url, kind.whole)
    prompt = document.messages[0]["content"]

    def call(_: Files) -> Any:
        last: Any = None
        for last in agent.run_stream_sync(prompt).stream_output(debounce_by=None):
            document.look(last)
        return last if kind.element is None else last.content

    return call


def crowd(url: str, job: Job) -> Callable[[str], Awaitable[BaseModel]]:
    """A coroutine function that does the job once, with a picture that is fetched."""
    agent, asked = _agent(url, job.model), _asked(replace(job, how="url"))

    async def call(place: str) -> BaseModel:
        got: BaseModel = (await agent.run(**asked((place,)))).output
        return got

    return call
