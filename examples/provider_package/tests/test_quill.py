"""Quill keeps the contract of every provider; and is found by its name."""

from instructor_quill import provider
from instructor_quill.testing import DIALECT
from pydantic import BaseModel

import instructor
from instructor.testing import Loopback, contract

test_contract = contract.suite(provider, DIALECT)


class Person(BaseModel):
    name: str
    age: int


def test_it_is_found_by_its_name() -> None:
    with Loopback(dialects=[DIALECT]) as server:
        server.reply({"name": "Jason", "age": 20})
        with instructor.from_provider("quill/feather-2", base_url=server.url, api_key="any") as client:
            assert client.create(Person, "Jason is 20", max_tokens=50) == Person(name="Jason", age=20)
    assert server.requests[0].json["limit"] == 50
