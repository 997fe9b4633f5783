"""Functions and types as tools; calls as values; room for calls in a response model."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Iterable
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from instructor import Image, ToolCall, ToolCalls
from instructor.errors import RequestError, ResponseModelError
from instructor.ir import Message, Text, ToolResult
from instructor.output import OPENAI_STRICT, PLAIN, by_call, placed, problems, target
from instructor.tools import NOWHERE, Room, Toolbox, offered, parted


class User(BaseModel):
    """A person."""

    name: str


class Cat(BaseModel):
    name: str


def weather(
    city: Annotated[str, Field(description="its name")],
    days: int = 3,
    *,
    units: Literal["metric", "imperial"] = "metric",
    places: list[str] = [],  # noqa: B006
) -> str:
    """What the weather will be."""
    return f"{city} {days} {units} {places}"


async def search(query: str, who: User) -> str:
    return query + who.name


class Machine:
    """Does things."""

    def act(self, what: str) -> str:
        """Act."""
        return what

    def __call__(self, what) -> str:  # type: ignore[no-untyped-def]
        return str(what)


def box_of(*tools: Any) -> Toolbox:
    rest, box = offered({"tools": list(tools), "temperature": 0})
    assert rest["temperature"] == 0
    return box


def test_a_function_is_a_tool_by_its_signature() -> None:
    (tool,) = box_of(weather).written(PLAIN)
    assert (tool.name, tool.description) == ("weather", "What the weather will be.")
    assert tool.parameters == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "its name"},
            "days": {"type": "integer", "default": 3},
            "units": {"type": "string", "enum": ["metric", "imperial"], "default": "metric"},
            "places": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["city"],
        "additionalProperties": False,
    }
    assert box_of(weather).written(OPENAI_STRICT)[0].strict


@pytest.mark.parametrize(
    ("tool", "name", "text", "result"),
    [
        (weather, "weather", '{"city": "Oslo"}', "Oslo 3 metric []"),
        (weather, "weather", '{"city": "Oslo", "days": 1, "units": "imperial"}', "Oslo 1 imperial []"),
        (Machine().act, "act", '{"what": "go"}', "go"),
        (Machine(), "Machine", '{"what": [1]}', "[1]"),
        (functools.partial(weather, days=9), "weather", '{"city": "Rome"}', "Rome 9 metric []"),
        (lambda: "done", "lambda", "{}", "done"),
    ],
)
def test_functions_of_all_kinds(tool: Any, name: str, text: str, result: str) -> None:
    (own,) = box_of(tool).own
    assert own.name == name
    assert own.function(**own.target.read(text)) == result  # type: ignore[misc]


def test_arguments_are_validated() -> None:
    own = box_of(weather).own[0]
    for wrong in ("{}", '{"city": "a", "dayz": 1}', '{"city": "a", "units": "x"}'):
        with pytest.raises(ValidationError):
            own.target.read(wrong)
    (found,) = box_of(search).own
    assert found.target.read('{"query": "q", "who": {"name": "Ann"}}')["who"] == User(name="Ann")


def test_types_of_where_a_function_was_made() -> None:
    class Local(BaseModel):
        x: int

    def use(it: Local) -> int:
        return it.x

    assert box_of(use).own[0].target.read('{"it": {"x": 1}}')["it"] == Local(x=1)


def test_types_are_tools_too() -> None:
    box = box_of(User, {"name": "native", "input_schema": {}}, {"type": "web_search"})
    assert (box.names, box.open) == ({"User", "native"}, False)
    assert box.has("native")
    assert not box.has("other")
    assert offered({"tools": [User]})[0] == {}
    assert offered({"temperature": 1}) == ({"temperature": 1}, Toolbox())


@pytest.mark.parametrize(
    ("params", "names", "open_"),
    [
        ({"tools": [{"type": "function", "function": {"name": "a"}}]}, {"a"}, False),
        ({"tools": [{"toolSpec": {"name": "a"}}]}, {"a"}, False),
        ({"tools": {"functionDeclarations": [{"name": "a"}, {"name": "b"}]}}, {"a", "b"}, False),
        ({"tools": [object()]}, set(), True),
        ({"toolConfig": {"tools": [{}]}}, set(), True),
        ({"config": {"temperature": 1}}, set(), False),
    ],
)
def test_names_of_tools_in_a_providers_form(params: Any, names: set[str], open_: bool) -> None:
    _, box = offered(params)
    assert (box.names, box.open, bool(box)) == (names, open_, bool(names) or open_)


def anything(*words: str) -> None: ...
def unknown(x: Nothing) -> None: ...  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("tools", "words"),
    [
        ([anything], r"tools\[0\]: anything: a tool's parameters are given by name, which \*words"),
        ([User, unknown], r"tools\[1\]: unknown: name 'Nothing' is not defined"),
        ([User, {"name": "User"}], "two tools have the name User"),
    ],
)
def test_what_is_no_tool(tools: list[Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        offered({"tools": tools})


ROOMS: dict[str, tuple[Any, Any, Room]] = {
    "none": (User, User, NOWHERE),
    "one": (User | ToolCall, User, Room(one=True)),
    "every": (User | ToolCalls, User, Room(every=True)),
    "of several": (User | Cat | ToolCalls, User | Cat, Room(every=True)),
    "optional": (User | None | ToolCall, User | None, Room(one=True)),
    "in a list": (list[User | ToolCall], list[User], Room(one=True, inside=True)),
    "in an iterable": (Iterable[User | ToolCalls], list[User], Room(every=True, inside=True)),
}


@pytest.mark.parametrize(("form", "left", "room"), ROOMS.values(), ids=ROOMS)
def test_room_for_calls(form: Any, left: Any, room: Room) -> None:
    assert parted(form) == (left, room)


@pytest.mark.parametrize("form", [ToolCall, ToolCalls, list[ToolCall], ToolCall | ToolCalls])
def test_calls_alone_are_no_response_model(form: Any) -> None:
    with pytest.raises(ResponseModelError, match="calls stand beside what else may come"):
        parted(form)


CALL = ToolCall("c1", "weather", {"city": "Oslo"}, {"city": "Oslo"}, weather)


def test_a_result_is_a_message() -> None:
    image = Image.from_bytes(b"\x89PNG\r\n\x1a\n")

    def parts(content: Any) -> Any:
        message = CALL.result(content)
        assert message.role == "tool"
        (result,) = message.parts
        assert isinstance(result, ToolResult)
        assert (result.id, result.is_error) == ("c1", False)
        return result.parts

    assert parts(CALL.run()) == (Text("Oslo 3 metric []"),)
    assert parts({"a": User(name="Ann")}) == (Text('{"a":{"name":"Ann"}}'),)
    assert parts(None) == (Text("null"),)
    assert parts([1, 2]) == (Text("[1,2]"),)
    assert parts(image) == (image,)
    assert parts(["seen", image]) == (Text("seen"), image)
    assert CALL.result("no", is_error=True).parts[0].is_error  # type: ignore[union-attr]


def test_calls_are_values() -> None:
    calls = ToolCalls([CALL], [Message("user", (Text("hi"),))])
    assert calls == (CALL,)
    assert repr(calls) == f"ToolCalls({CALL!r})"
    again = pickle.loads(pickle.dumps(calls))
    assert (again, again.messages, again[0].function) == (calls, calls.messages, weather)


def test_what_a_list_may_hold() -> None:
    def names(form: Any) -> list[str]:
        return [member.name for member in target(form).members]

    other = type("Cat", (BaseModel,), {"__annotations__": {"age": int}})
    assert names(list[User | Cat]) == ["User", "Cat"]
    assert names(Iterable[User]) == ["User"]
    assert names(list[Annotated[User | Cat, Field(description="x")] | None]) == ["User", "Cat"]
    assert names(list[Cat | other]) == ["Cat", "Cat_2"]  # type: ignore[valid-type]
    assert names(User) == []


def test_problems_of_a_call_name_it() -> None:
    with pytest.raises(ValidationError) as caught:
        User.model_validate_json('{"nam": "{call}"}')
    error = ValidationError.from_exception_data("x", placed(caught.value, 1, "User"), input_type="json")
    answer = '[{}, {"nam": "{call}"}]'
    assert problems(error, answer=answer) == ("User: Field required @ $[1].name",)
    assert by_call(error, answer=answer) == {1: ("User: Field required @ $[1].name",)}
    assert by_call(caught.value) == {}
