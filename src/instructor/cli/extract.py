"""`instructor extract`: many files, several at a time, results in the order of the arguments.

sources ─▶ a task for each, `concurrency` of them at work ─▶ Done | Failed, in order ─▶ Report
--plan:    sources ─▶ plan, one after the other           ─▶ Done | Failed           ─▶ Report
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Any

from ..client import AsyncInstructor
from ..connect import from_provider
from ..errors import InstructorError
from ..fetch import MediaPolicy
from ..values import dataclass
from .plan import content, plan
from .report import Done, Failed, Outcome, Report
from .sources import Source, load
from .terminal import USAGE


@dataclass(frozen=True, slots=True)
class Job:
    """What is wanted from every file."""

    into: Any
    model: str
    prompt: str | None = None
    max_retries: int = 2
    timeout: float | None = None
    concurrency: int = 4
    policy: MediaPolicy = MediaPolicy()


def client_for(job: Job) -> AsyncInstructor:
    """The client that reads the files.

    Raises:
        ConfigurationError: there is no such provider, or it has no key.
    """
    return from_provider(job.model, async_client=True, timeout=job.timeout, policy=job.policy)


async def extract(
    job: Job, client: AsyncInstructor, sources: Sequence[Source], report: Report, tick: Callable[[], None]
) -> None:
    """Read all files and report what they came to. `tick` is called whenever one is through."""
    async with client, aclosing(outcomes(job, client, sources, tick)) as results:
        async for outcome in results:
            report.add(outcome)


async def outcomes(
    job: Job, client: AsyncInstructor, sources: Sequence[Source], tick: Callable[[], None]
) -> AsyncGenerator[Outcome]:
    """What the files came to, in their order, each as soon as it and those before it are there."""
    gate = asyncio.Semaphore(job.concurrency)

    async def one(source: Source) -> Outcome:
        async with gate:
            try:
                found = await load(source, job.policy)
                value = await client.create(job.into, content(job.prompt, found), max_retries=job.max_retries)
                return Done(source.label, value)
            except Exception as error:
                return Failed(source.label, error)
            finally:
                tick()

    tasks = [asyncio.create_task(one(source)) for source in sources]
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def plans(job: Job, sources: Sequence[Source]) -> Iterator[Outcome]:
    """What would be sent for each file.

    Raises:
        ConfigurationError: there is no such provider, or it needs a model's name.
    """
    for source in sources:
        try:
            yield Done(source.label, plan(source, job.model, job.into, job.prompt, job.policy).shown())
        except USAGE:
            raise
        except InstructorError as error:
            yield Failed(source.label, error)
