"""An answer on its way in which each call is an object: what is handed over, and when."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from instructor import ir
from instructor.answers import Asked
from instructor.arriving import ArrivingCalls, Elements, Gathered, Growing, arriving
from instructor.errors import ParseError, ToolCalled
from instructor.ir import (
    CallDelta,
    Complete,
    Delta,
    Native,
    Reasoning,
    ReasoningDelta,
    Request,
    Signed,
    Text,
    TextDelta,
)
from instructor.modes import Mode
from instructor.output import PLAIN, render, render_each, target
from instructor.tools import EMPTY, NOWHERE, Room, Toolbox, ToolCall, offered, parted


class Cat(BaseModel):
    name: str


class Dog(BaseModel):
    name: str = "Rex"
    tricks: list[str] = []


def look_up(name: str) -> str:
    """Look somebody up."""
    return name


@dataclass(frozen=True)
class Terms:
    context: None = None
    strict: None = None
    tools: Toolbox = EMPTY
    room: Room = NOWHERE


def begun(form: Any = list[Cat | Dog], terms: Terms | None = None, **params: Any) -> ArrivingCalls:
    wanted = target(form)
    asked = Asked(wanted, Mode.PARALLEL_TOOLS, render_each(wanted, PLAIN), Request("m", (), params=params))
    now = arriving(terms or Terms(), asked, Elements)
    assert isinstance(now, ArrivingCalls)
    return now


def done(flow: Any) -> Any:
    """What a flow comes to that asks for nothing."""
    with pytest.raises(StopIteration) as end:
        next(flow)
    return end.value.value


def step(now: Any, delta: Delta) -> list[Any]:
    text = now.gathered.add(delta)
    return done(now.read(text)) if text and now.failure is None else []


def run(now: Any, *deltas: Delta) -> list[list[Any]]:
    """What each piece hands over, and at last the end."""
    return [*(step(now, delta) for delta in deltas), done(now.close())]


def test_an_object_is_handed_over_with_its_closing_bracket() -> None:
    steps = run(
        begun(),
        CallDelta(0, "a", "Cat"),
        CallDelta(0, arguments='{"name": "}'),
        CallDelta(0, arguments='"'),
        CallDelta(0, arguments="}"),
        CallDelta(1, "b", "Dog", '{"tricks": ["si'),
        CallDelta(1, arguments='t"]} '),
    )
    assert steps == [[], [], [], [Cat(name="}")], [], [Dog(tricks=["sit"])], []]


def test_calls_may_be_mixed_and_may_have_no_arguments() -> None:
    steps = run(
        begun(),
        CallDelta(0, "a", "Cat"),
        CallDelta(1, "b", "Dog"),
        CallDelta(2, "c", "Dog"),
        CallDelta(1, arguments='{"name": '),
        CallDelta(0, arguments='{"name": "Tom"}'),
        CallDelta(1, arguments='"Bo"}'),
    )
    assert steps == [[], [], [], [], [Cat(name="Tom")], [Dog(name="Bo")], [Dog()]]


def test_whole_calls_under_one_number_are_several() -> None:
    call = CallDelta(0, "call_0", "Cat", '{"name": "Tom"}')
    assert run(begun(), call, call, call) == [[Cat(name="Tom")]] * 3 + [[]]


@pytest.mark.parametrize(
    ("deltas", "handed", "words"),
    [
        ([CallDelta(0, "a", "Cat", '{"name": 3}')], [], r"Cat: Input should be a valid string"),
        ([CallDelta(0, "a", "Cat", '{"name": "T')], [Dog()], r"Cat: Invalid JSON"),  # calls may be mixed
        ([CallDelta(0, "a", "Cat", '{"name": "T"}'), CallDelta(1, "b", "Cow", "{}")], [Cat(name="T")], "no such tool"),
        ([CallDelta(0, "a", "Cat", '{"name": "T"}'), CallDelta(0, arguments=" x")], [Cat(name="T")], "behind the arg"),
        ([CallDelta(0, "a", "Cat", '{"name": "T"} x')], [], "Cat: Invalid JSON"),
    ],
)
def test_what_is_wrong_is_told_and_stops_it(deltas: list[Delta], handed: list[Any], words: str) -> None:
    now = begun()
    assert list(itertools.chain(*run(now, *deltas, CallDelta(9, "z", "Dog", "{}")))) == handed
    assert isinstance(now.failure, ValidationError | ParseError)
    assert now.handed == len(handed)
    with pytest.raises(type(now.failure), match=words):
        raise now.failure


def test_an_answer_without_calls() -> None:
    assert run(begun(list[Cat]), TextDelta('Well: [{"name": "Tom"}]')) == [[], [Cat(name="Tom")]]
    assert run(begun(tool_choice="auto"), TextDelta("None.")) == [[], []]
    assert run(begun(tool_choice={"type": "auto"}), TextDelta("None.")) == [[], []]
    now = begun(tool_choice="required")
    run(now, TextDelta("None."))
    assert isinstance(now.failure, ParseError)


def test_the_callers_calls() -> None:
    _, box = offered({"tools": [look_up]})
    deltas = (CallDelta(0, "a", "Cat", '{"name": "Tom"}'), CallDelta(1, "b", "look_up", '{"name": "Ann"}'))
    form, room = parted(list[Cat | ToolCall])
    tom, (call,), rest = run(begun(form, Terms(tools=box, room=room)), *deltas)
    assert (tom, call.run(), rest) == ([Cat(name="Tom")], "Ann", [])
    now = begun(list[Cat], Terms(tools=box))
    assert run(now, *deltas) == [tom, [], []]
    assert isinstance(now.failure, ToolCalled)
    assert (now.failure.calls[0].name, now.handed) == ("look_up", 1)


def test_beside_an_object_that_grows() -> None:
    _, box = offered({"tools": [look_up]})
    asked = Asked(target(Cat), Mode.TOOLS, render(target(Cat), PLAIN), Request("m", ()))
    now = arriving(Terms(tools=box), asked, Growing)
    run(now, CallDelta(0, "a", "look_up", '{"name": 3}'))
    assert isinstance(now.failure, ValidationError)
    assert now.text == '[{"name": 3}]'


things = st.lists(
    st.builds(Cat, name=st.text()) | st.builds(Dog, name=st.text(), tricks=st.lists(st.text())), max_size=5
)


@given(things, st.data())
def test_any_chunking_gives_the_same(animals: list[Cat | Dog], data: st.DataObject) -> None:
    now = begun(tool_choice="auto")
    handed: list[Any] = []
    for index, animal in enumerate(animals):
        text = json.dumps(animal.model_dump(), ensure_ascii=data.draw(st.booleans()))
        cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
        step(now, CallDelta(index, str(index), type(animal).__name__))
        for start, end in itertools.pairwise([0, *cuts, len(text)]):
            handed += step(now, CallDelta(index, arguments=text[start:end]))
        assert len(handed) == index + 1
    assert [*handed, *done(now.close())] == animals


def test_reasoning_keeps_its_signature_and_marks_stand_before_their_calls() -> None:
    gathered = Gathered("User", Mode.TOOLS)
    mark = Reasoning("", ("gemini", {"thoughtSignature": "s"}))
    for delta in (
        ReasoningDelta("h"),
        ReasoningDelta("m"),
        Signed(("anthropic", {"type": "thinking", "signature": "x"})),
        TextDelta("so"),
        Complete(mark),
        CallDelta(0, "c0", "User", "{}"),
        Complete(Native("anthropic", {"type": "search"})),
        CallDelta(1, "c1", "User", "{}"),
    ):
        gathered.add(delta)
    assert gathered.reply().parts == (
        Reasoning("hm", ("anthropic", {"type": "thinking", "signature": "x"})),
        Text("so"),
        mark,
        ir.ToolCall("c0", "User", "{}"),
        Native("anthropic", {"type": "search"}),
        ir.ToolCall("c1", "User", "{}"),
    )
