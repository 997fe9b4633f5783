"""`Maybe[T]`: a result or the reason why there is none; and `IterableModel`."""

from __future__ import annotations

import copy

import pytest
from pydantic import BaseModel, ValidationError

import instructor
from instructor import IterableModel, Maybe
from instructor.testing import Loopback


class User(BaseModel):
    name: str


def test_it_is_true_if_there_is_a_result() -> None:
    assert Maybe[User](result=User(name="Ann"))
    assert not Maybe[User](error=True, message="nobody is named")
    assert not Maybe[User].model_validate({})
    assert Maybe[int](result=0), "a result that is itself false is a result"


def test_calling_it_with_a_type_is_the_same() -> None:
    former: object = Maybe
    assert callable(former)
    assert former(User) is Maybe[User]
    with pytest.raises(ValidationError):
        former(User)(result=3)


def test_it_is_a_model_like_others() -> None:
    maybe = Maybe[User](result=User(name="Ann"))
    assert copy.deepcopy(maybe) == maybe == Maybe[User].model_validate_json(maybe.model_dump_json())


@pytest.mark.parametrize(
    "answer",
    [
        {"result": {"name": "Ann"}, "error": False, "message": None},
        {"result": None, "error": True, "message": "nobody is named"},
    ],
)
def test_as_a_response_model(answer: dict[str, object]) -> None:
    with Loopback() as server:
        for url, model in (
            (server.openai_url, "openai/gpt-4o-mini"),
            (server.anthropic_url, "anthropic/claude-haiku-4-5"),
        ):
            with instructor.from_provider(model, base_url=url, api_key="any") as client:
                server.reply(answer)
                maybe = client.create(Maybe[User], "Who is it?")
                assert maybe.model_dump() == answer
                assert bool(maybe) is (answer["result"] is not None)
                server.reply(answer)
                assert list(client.create_partial(Maybe[User], "Who is it?"))[-1] == maybe


def test_iterable_model_is_a_list() -> None:
    assert IterableModel(User) == IterableModel[User] == list[User]
    assert repr(IterableModel) == "IterableModel"
    with (
        Loopback() as server,
        instructor.from_provider("openai/gpt-4o-mini", base_url=server.openai_url, api_key="any") as client,
    ):
        server.reply({"content": [{"name": "Ann"}]}).reply({"content": [{"name": "Ann"}]})
        assert client.create(IterableModel(User), "Who?") == [User(name="Ann")]
        assert list(client.create(IterableModel(User), "Who?", stream=True)) == [User(name="Ann")]
