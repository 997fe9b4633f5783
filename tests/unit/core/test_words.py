"""Messages that are words alone are read in one go, and come to what they come to when they are read with all care."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instructor import Image, chat
from instructor.errors import MessageError
from instructor.hooks import Hooks
from instructor.ir import Message
from instructor.spending import Progress

ROLES = st.sampled_from([*chat.ROLES, "nobody", 1, None, ["user"]])
CONTENT = st.one_of(
    st.text(max_size=5), st.none(), st.just([]), st.just(["a"]), st.just([{"type": "text", "text": "a"}])
)
DICTS = st.one_of(
    st.fixed_dictionaries({"role": ROLES, "content": CONTENT}),
    st.fixed_dictionaries({"role": ROLES, "content": st.text(max_size=5), "name": st.text(max_size=3)}),
    st.fixed_dictionaries({"role": ROLES, "tool_call_id": st.text(max_size=3)}),
    st.just({}),
    st.text(max_size=3),
)


def parsed(messages: Any) -> tuple[Message, ...] | None:
    try:
        return chat.parse(messages)
    except MessageError:
        return None


@given(st.one_of(st.text(), st.lists(DICTS, max_size=4)))
def test_words_are_what_they_are_parsed_to(messages: Any) -> None:
    read = chat.words(messages)
    assert read is None or read == parsed(messages)


@pytest.mark.parametrize(
    "messages",
    [
        "Who is this?",
        [{"role": "user", "content": "Who is this?"}],
        [{"role": role, "content": "a"} for role in ("system", "user", "assistant", "model")],
    ],
)
def test_most_messages_are_words_alone(messages: Any) -> None:
    assert chat.words(messages) == chat.parse(messages)


@pytest.mark.parametrize(
    "messages",
    [
        [],
        ["a", "b"],
        [{"role": "developer", "content": "a"}],
        [{"role": "user", "content": "a", "cache_control": {"type": "ephemeral"}}],
        [{"role": "user", "content": ["a", Image.from_url("https://example.com/a.png")]}],
        ({"role": "user", "content": "a"},),
        iter([{"role": "user", "content": "a"}]),
    ],
)
def test_what_may_be_more_than_words_is_left_to_the_parser(messages: Any) -> None:
    assert chat.words(messages) is None


def test_an_event_is_made_where_somebody_listens() -> None:
    hooks = Hooks()
    progress = Progress(audience=hooks.audience)
    assert progress.begin() is None
    hooks.on("completion:end", print)
    assert progress.complete() is not None
    hooks.off("completion:end", print)
    assert progress.complete() is None
    hooks.on("completion:end", print)
    hooks.clear()
    assert progress.complete() is None
