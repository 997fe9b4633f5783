"""What `create` and its siblings return, as type checkers see it."""

from __future__ import annotations

import os
from typing import Any, assert_type

from anthropic import Anthropic, AsyncAnthropic
from cohere import AsyncClientV2, ClientV2
from mistralai.client import Mistral
from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI
from pydantic import BaseModel

import instructor
from instructor import AsyncInstructor, Image, Instructor, Mode


class User(BaseModel):
    name: str


def clients() -> None:
    assert_type(instructor.from_openai(OpenAI()), Instructor)
    assert_type(instructor.from_openai(AsyncOpenAI(), mode=Mode.TOOLS), AsyncInstructor)
    assert_type(instructor.from_openai(AzureOpenAI()), Instructor)
    assert_type(instructor.from_openai(AsyncAzureOpenAI()), AsyncInstructor)
    assert_type(instructor.from_anthropic(Anthropic(), enable_prompt_caching=True), Instructor)
    assert_type(instructor.from_anthropic(AsyncAnthropic()), AsyncInstructor)
    assert_type(instructor.from_cohere(ClientV2()), Instructor)
    assert_type(instructor.from_cohere(AsyncClientV2(), mode=Mode.TOOLS), AsyncInstructor)
    assert_type(instructor.from_mistral(Mistral()), Instructor)
    assert_type(instructor.from_mistral(Mistral(), use_async=True), AsyncInstructor)
    assert_type(instructor.from_provider("embedded"), Instructor)
    assert_type(instructor.from_provider("openai/gpt-4o", async_client=False, temperature=0), Instructor)
    assert_type(instructor.from_provider("openai/gpt-4o", async_client=True), AsyncInstructor)
    as_told = instructor.from_provider("openai/gpt-4o", async_client=bool(os.environ.get("ASYNC")))
    assert_type(as_told, Instructor | AsyncInstructor)
    instructor.from_provider("openai/gpt-4o", mode="tools")  # type: ignore[call-overload]


def sync(client: Instructor) -> None:
    assert_type(client.create(User, "x"), User)
    assert_type(client.create(response_model=User, messages=[], model="m", max_retries=1), User)
    assert_type(client.chat.completions.create(model="m", response_model=User, messages=[]), User)
    assert_type(client.messages.create(model="m", response_model=User, messages=[]), User)
    assert_type(client.create(list[User], "x"), list[User])
    assert_type(client.create(int, "x"), int)
    assert_type(client.create(messages="x"), Any)
    assert_type(client.create(None, "x"), Any)
    assert_type(client.create_with_completion(User, "x"), tuple[User, Any])


async def asynchronous(client: AsyncInstructor) -> None:
    assert_type(await client.create(User, "x"), User)
    assert_type(await client.chat.completions.create(model="m", response_model=User, messages=[]), User)
    assert_type(await client.messages.create(model="m", response_model=list[User], messages=[]), list[User])
    assert_type(await client.create_with_completion(User, "x"), tuple[User, Any])
    assert_type(await client.create(None, "x"), Any)


def media(image: Image) -> None:
    assert_type(Image.from_path("x"), Image)
    assert_type(image.replace(detail="low"), Image)
    assert_type(image.media_type, str | None)
    assert_type(image.to_openai(Mode.TOOLS), dict[str, Any])
