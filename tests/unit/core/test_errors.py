"""The tree of exceptions: as drawn, picklable, and with messages that say where."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest

from instructor import ToolCall, ToolCalls, errors

CLASSES = {
    name: cls for name, cls in vars(errors).items() if inspect.isclass(cls) and issubclass(cls, errors.InstructorError)
}


def drawn() -> dict[str, tuple[str | None, str | None]]:
    """Class → (parent by indentation, the built-in base in parentheses), read from the module's docstring."""
    found: dict[str, tuple[str | None, str | None]] = {}
    stack: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^( {4}[│ ├└─]*)([A-Z]\w+)(?: \((\w+)\))?", line)
        if not match:
            continue
        depth = len(match[1])
        while stack and stack[-1][0] >= depth:
            stack.pop()
        found[match[2]] = (stack[-1][1] if stack else None, match[3])
        stack.append((depth, match[2]))
    return found


def test_the_drawing_is_the_tree() -> None:
    tree = drawn()
    assert set(tree) == set(CLASSES)
    for name, (parent, builtin) in tree.items():
        bases = {base.__name__ for base in CLASSES[name].__bases__}
        expected = {parent or "Exception"} | ({builtin} if builtin else set())
        assert bases == expected, name


def test_where_stands_in_front() -> None:
    error = errors.MediaError("too dark", where="messages[0].content[1]")
    assert str(error) == "messages[0].content[1]: too dark"
    assert (error.where, error.problem) == ("messages[0].content[1]", "too dark")


def test_provider_errors_name_provider_model_and_status() -> None:
    error = errors.RateLimited("slow down", provider="openai", model="gpt-4o", status=429, retry_after=2.0)
    assert str(error) == "openai (gpt-4o) [429]: slow down"
    assert error.retryable
    assert not errors.BadRequest("x").retryable


SAMPLES = [
    errors.MissingExtra("PIL", "embedded", "read pictures"),
    errors.MediaError("x", where="messages[0]"),
    errors.MediaTooLarge("x", limit=1, actual=2, where="messages[0]"),
    errors.RateLimited("x", provider="openai", status=429, retry_after=1.5),
    errors.UploadFailed("x", where="messages[0]", provider="openai", status=403),
    errors.InstructorRetryException("x", attempts=[]),
    errors.ParseError("x"),
    errors.ToolCalled(ToolCalls([ToolCall("c", "look", {"a": 1}, {"a": 1})])),
    errors.CacheMiss("x", key="abc"),
    errors.ReplayError("x", request={"a": 1}, nearest={"a": 2}, difference="-1\n+2"),
    errors.MediaNotFound("x"),
]


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_errors_can_be_pickled(error: errors.InstructorError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_missing_extra_says_how_to_install_it() -> None:
    error = errors.MissingExtra("PIL", "embedded", "read pictures")
    assert str(error) == (
        "the package 'PIL' is needed to read pictures and is not installed: "
        'pip install "instructor-multimodal[embedded]"'
    )
    assert isinstance(error, ImportError)
