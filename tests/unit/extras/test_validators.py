"""Validators that ask a model or the moderation endpoint."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Annotated, Any

import httpx2
import openai
import pytest
from pydantic import AfterValidator, BaseModel

import instructor
from instructor import Instructor, async_field_validator, llm_validator, openai_moderation
from instructor.errors import (
    AuthenticationError,
    ConfigurationError,
    InstructorError,
    InstructorRetryException,
    ModeError,
    WrongClient,
)
from instructor.testing import Loopback

RULE = "is polite"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def client(server: Loopback) -> Iterator[Instructor]:
    with instructor.from_provider("openai/gpt-4o-mini", base_url=server.openai_url, api_key="any") as made:
        yield made


def test_a_text_that_keeps_the_rule(server: Loopback, client: Instructor) -> None:
    server.reply({"is_valid": True, "reason": None})
    assert llm_validator(RULE, client)("Please go") == "Please go"
    system, user = server.requests[0].json["messages"]
    assert json.loads(user["content"]) == {"rule": RULE, "text": "Please go"}
    assert RULE not in system["content"]


@pytest.mark.parametrize(
    ("reason", "said"), [("it commands", "it commands"), (None, "the text does not keep the rule: is polite")]
)
def test_a_text_that_does_not(server: Loopback, client: Instructor, reason: str | None, said: str) -> None:
    server.reply({"is_valid": False, "reason": reason})
    with pytest.raises(ValueError, match=f"^{said}$"):
        llm_validator(RULE, client)("Go!")


def test_a_correction_takes_its_place(server: Loopback, client: Instructor) -> None:
    judge = llm_validator(RULE, client, allow_override=True)
    server.reply({"is_valid": False, "reason": "it commands", "fixed_value": "Please go"})
    assert judge("Go!") == "Please go"
    server.reply({"is_valid": False, "reason": "it commands", "fixed_value": None})
    with pytest.raises(ValueError, match="it commands"):
        judge("Go!")


def test_options_are_those_of_create(server: Loopback, client: Instructor) -> None:
    server.reply({"is_valid": True, "reason": None})
    llm_validator(RULE, client, model="gpt-4o", temperature=0.5)("Please go")
    sent = server.requests[0].json
    assert (sent["model"], sent["temperature"]) == ("gpt-4o", 0.5)


def test_the_model_that_gave_the_text_is_told(
    server: Loopback, client: Instructor, caplog: pytest.LogCaptureFixture
) -> None:
    class Letter(BaseModel):
        text: Annotated[str, AfterValidator(llm_validator(RULE, client))]

    caplog.set_level(logging.DEBUG, "instructor")
    server.reply({"text": "Go!"}).reply({"is_valid": False, "reason": "it commands"})
    server.reply({"text": "Please go"}).reply({"is_valid": True, "reason": None})
    assert client.create(Letter, "Write").text == "Please go"
    assert "it commands" in server.requests[2].json["messages"][-1]["content"]
    assert caplog.text == ""


def test_other_failures_end_the_call(server: Loopback, client: Instructor) -> None:
    class Letter(BaseModel):
        text: Annotated[str, AfterValidator(llm_validator(RULE, client, max_retries=0))]

    server.fail(401)
    with pytest.raises(AuthenticationError):
        Letter(text="Go!")
    server.reply({"nonsense": 1})
    with pytest.raises(InstructorRetryException):
        Letter(text="Go!")


def test_a_wrong_call_is_not_taken_for_a_wrong_text(client: Instructor) -> None:
    class Letter(BaseModel):
        text: Annotated[str, AfterValidator(llm_validator(RULE, client, mode="tools"))]

    with pytest.raises(InstructorError, match="llm_validator could not ask: mode is one of") as caught:
        Letter(text="Go!")
    assert isinstance(caught.value.__cause__, ModeError)
    assert not isinstance(caught.value, ValueError)


def test_only_text_is_judged(client: Instructor) -> None:
    class Count(BaseModel):
        number: Annotated[int, AfterValidator(llm_validator(RULE, client))]

    with pytest.raises(TypeError, match="judges text, not int"):
        Count(number=3)


def test_only_clients_are_taken() -> None:
    with pytest.raises(WrongClient, match="takes an Instructor or AsyncInstructor, not str"):
        llm_validator(RULE, "client")  # type: ignore[call-overload]


async def test_an_asynchronous_client_is_awaited(server: Loopback) -> None:
    async with instructor.from_provider(
        "openai/gpt-4o-mini", api_key="any", base_url=server.openai_url, async_client=True
    ) as client:
        keeps = llm_validator(RULE, client)
        server.reply({"is_valid": True})
        assert await keeps("Hello.") == "Hello."
        server.reply({"is_valid": False, "reason": "It is rude."})
        with pytest.raises(ValueError, match=r"It is rude\."):
            await keeps("Go away.")
        server.reply({"is_valid": False, "fixed_value": "Please go."})
        assert await llm_validator(RULE, client, allow_override=True)("Go away.") == "Please go."
        with pytest.raises(TypeError, match="judges text, not int"):
            await keeps(3)  # type: ignore[arg-type]
        with pytest.raises(InstructorError, match="llm_validator could not ask"):
            await llm_validator(RULE, client, no_such_parameter=1)("Hello.")

        class Letter(BaseModel):
            text: str

            @async_field_validator("text")
            @classmethod
            async def polite(cls, text: str) -> str:
                return await keeps(text)

        server.reply({"text": "Go!"}).reply({"is_valid": False, "reason": "It is rude."})
        server.reply({"text": "Please go."}).reply({"is_valid": True})
        assert (await client.create(Letter, "Write.")).text == "Please go."


def test_a_model_must_be_named(server: Loopback) -> None:
    client = instructor.from_openai(openai.OpenAI(base_url=server.openai_url, api_key="any"))
    with pytest.raises(ConfigurationError, match="no model"):
        llm_validator(RULE, client)
    server.reply({"is_valid": True, "reason": None})
    assert llm_validator(RULE, client, model="gpt-4o-mini")("Please go") == "Please go"


# ── moderation ───────────────────────────────────────────────────────────────────────────────────

CATEGORIES = (
    "harassment harassment/threatening hate hate/threatening illicit illicit/violent self-harm self-harm/instructions "
    "self-harm/intent sexual sexual/minors violence violence/graphic"
).split()


def moderated(*found: str, asked: list[Any] | None = None) -> openai.OpenAI:
    """A client whose endpoint finds these categories."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if asked is not None:
            asked.append((request.url.path, json.loads(request.content)))
        result = {
            "flagged": bool(found),
            "categories": {name: name in found for name in CATEGORIES},
            "category_scores": dict.fromkeys(CATEGORIES, 0.5),
            "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
        }
        return httpx2.Response(200, json={"id": "m", "model": "omni-moderation-latest", "results": [result]})

    return openai.OpenAI(api_key="any", http_client=httpx2.Client(transport=httpx2.MockTransport(answer)))


def test_moderation_lets_a_text_through() -> None:
    asked: list[Any] = []
    with moderated(asked=asked) as client:
        assert openai_moderation(client)("Good morning") == "Good morning"
        assert openai_moderation(client, model="omni-moderation-latest")("Hello") == "Hello"
    assert asked == [
        ("/v1/moderations", {"input": "Good morning"}),
        ("/v1/moderations", {"input": "Hello", "model": "omni-moderation-latest"}),
    ]


def test_moderation_names_the_categories_and_not_the_text() -> None:
    with moderated("violence", "hate/threatening") as client, pytest.raises(ValueError, match="flagged") as caught:
        openai_moderation(client)("secret words")
    assert str(caught.value) == "flagged for hate/threatening, violence"


async def test_moderation_takes_a_synchronous_sdk_client() -> None:
    async with openai.AsyncOpenAI(api_key="any") as client:
        with pytest.raises(WrongClient, match=r"synchronous openai\.OpenAI client, not AsyncOpenAI"):
            openai_moderation(client)
    with pytest.raises(WrongClient, match="not str"):
        openai_moderation("client")  # type: ignore[arg-type]
