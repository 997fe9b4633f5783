"""JSON in answers as models write them."""

from __future__ import annotations

import contextlib
import importlib
import json

import pytest

from instructor.errors import ParseError, ResponseError
from instructor.output import json_in

reader = importlib.import_module("instructor.output.text")

OBJECT = '{"a": 1}'
TICKS = '{"code": "```json\\n{}\\n``` and ~~~ and `x`"}'


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        # the whole answer
        (OBJECT, OBJECT),
        (f"\n  {OBJECT}\n", OBJECT),
        (f"\ufeff{OBJECT}", OBJECT),
        ("[1, 2]", "[1, 2]"),
        ("{}", "{}"),
        ('"a word"', '"a word"'),
        ("42", "42"),
        ("null", "null"),
        ('{"text": "<think>{}</think>"}', '{"text": "<think>{}</think>"}'),
        # prose around it
        (f"Here you are: {OBJECT} Anything else?", OBJECT),
        (f"{OBJECT}\nI hope this helps!", OBJECT),
        ("The list: [1, 2, 3].", "[1, 2, 3]"),
        ('Quotes " and \' before {"a": "}\\"{"} and after "', '{"a": "}\\"{"}'),
        ('{"a": {"b": [1, {"c": "]"}]}} done', '{"a": {"b": [1, {"c": "]"}]}}'),
        # brackets in the prose
        (f"As {{name}} said [1], see [the guide](x): {OBJECT}", OBJECT),
        (f"x in [0, 1) and f(x) = {{x | x > 0}}, so {OBJECT}", OBJECT),
        (f"The format is {{}}: {OBJECT}", OBJECT),
        (f"A wiki [[Link]] and [note], then {OBJECT}", OBJECT),
        ("Sources [1] and [2]: [[1, 2], [3]]", "[[1, 2], [3]]"),
        (f'Open with [" and then: {OBJECT}', OBJECT),
        ('So: [1, {"a": [2]}, null].', '[1, {"a": [2]}, null]'),
        ('So: [null, "0"].', '[null, "0"]'),
        # fences
        (f"```json\n{OBJECT}\n```", OBJECT),
        (f"```\n{OBJECT}\n```", OBJECT),
        (f"```json {OBJECT}```", OBJECT),
        (f"~~~json\n{OBJECT}\n~~~", OBJECT),
        (f"````JSON5\n{OBJECT}\n````", OBJECT),
        (f"Sure!\n\n```json\n{OBJECT}\n```\n\nHope it helps.", OBJECT),
        (f"```json\n{OBJECT}", OBJECT),
        (f"```json\n{TICKS}\n```", TICKS),
        (f"Text {TICKS} text", TICKS),
        (f'Not {{"b": 2}} but\n```json\n{OBJECT}\n```', OBJECT),
        (f'```json\n{OBJECT}\n```\nor\n```json\n{{"b": 2}}\n```', OBJECT),
        ("```json\n[]\n```\n```json\n[1]\n```", "[]"),
        (f"```json\n// the answer\n{OBJECT}\n```", OBJECT),
        # several
        (f'{OBJECT} {{"b": 2}}', OBJECT),
        (f'[1] {{}} [{{"x": 1}}] {OBJECT}', OBJECT),
        ('[1] {} [{"x": 1}]', '[{"x": 1}]'),
        ("[1] {} x", "{}"),
        # thoughts
        (f'<think>Maybe {{"b": 2}}?</think>{OBJECT}', OBJECT),
        (f'<think>\nMaybe\n```json\n{{"b": 2}}\n```\n</think>\n\nSo:\n{OBJECT}', OBJECT),
        (f"<thinking>[1]</thinking> {OBJECT}", OBJECT),
        (f"<think>one {{</think> and <think>two [</think> {OBJECT}", OBJECT),
        (f'Maybe {{"b": 2}}.\n</think>\n{OBJECT}', OBJECT),
        (f'Maybe {{"b": 2}}.</think>{OBJECT}', OBJECT),
        ('Here: {"a": "</think>"}.', '{"a": "</think>"}'),
        ('Here: {"a": "<think>"}.', '{"a": "<think>"}'),
    ],
)
def test_found(answer: str, found: str) -> None:
    assert json_in(answer) == found
    json.loads(found)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("", "the answer is empty"),
        (" \n", "the answer is empty"),
        ("I cannot see a picture.", 'no JSON in the answer, which begins "I cannot see a picture."'),
        ("See [note] and {name}.", "no JSON in the answer"),
        ('{"a": 1, "b": [1, 2', "cut off: its JSON, of 19 characters, ends with "),
        ('{"a": "text', "cut off"),
        ('{"a": "text\\', "cut off"),
        ('{"a', "cut off"),
        ("{", "cut off"),
        ("[1, 2", "cut off"),
        ('[{"a": 1}, {"a": 2}, {"a"', "cut off"),
        ('Here: {"items": [{"a": 1}, {"a": 2}', "cut off"),
        ('```json\n{"items": [{"a": 1}]\n```', "cut off"),
        ('For example {"a": 1}.\n```json\n{"a": 2, "b"', "cut off"),
        ('["a", "b', "cut off"),
        ('So: [[{"a": 1}, {"a"', "cut off"),
        ('So: ["a", "b', "cut off"),
        ("<think>Let me see: {}", "still thinking"),
        ('{"a": 1,}', "not valid: trailing comma at line 1 column 9"),
        ("{\"a\": 'b'}", "not valid: expected value"),
        ('{"items": [{"a": 1}, oops]}', "not valid"),
        ('Like {"a": 1}:\n```json\n{"a": 2,}\n```', "not valid"),
        ("{" + '"a": {' * 300 + "}" * 301, "recursion limit"),
    ],
)
def test_refused(answer: str, says: str) -> None:
    with pytest.raises(ParseError, match=says) as caught:
        json_in(answer)
    assert isinstance(caught.value, ResponseError)
    assert caught.value.reply is None


def test_quotes_little_of_the_answer() -> None:
    with pytest.raises(ParseError) as caught:
        json_in("word " * 1000)
    assert len(str(caught.value)) < 80 + 50
    with pytest.raises(ParseError) as caught:
        json_in('{"a": "' + "x" * 10_000)
    assert len(str(caught.value)) < 80 + 60


N = 20_000


@pytest.mark.parametrize(
    "answer",
    [
        "{" * N,
        "[" * N,
        "x" + "[" * N,
        '{"' * N,
        "x" + '["' * N,
        '{"a":' * N,
        "x" + '[{"a":' * N,
        'x ["a", ' * N,
        "`" * N,
        "`` " * N,
        "``` " * N,
        "```json " * N,
        "~" * N,
        "<think>" * N,
        "</think>" * N,
        "<think></think>" * N,
        " " * N + "x",
        "{ " * N,
        "[ " * N,
        '"' * N,
        '{"\\' * N,
        '\\"' * N,
        "[1 " * N,
        "{}" * N,
        "x" + "[]" * N,
        "[x]" * N,
        '{"a":1,}' * N,
    ],
    ids=lambda answer: answer[:12],
)
def test_work_is_linear(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The characters that the passes look at stay under a fixed multiple of the text's length."""
    seen = 0
    close = reader._close

    def counted(text: str, start: int) -> int | None:
        nonlocal seen
        end = close(text, start)
        seen += (len(text) if end is None else end) - start
        return end

    monkeypatch.setattr(reader, "_close", counted)
    with contextlib.suppress(ParseError):
        json_in(answer)
    assert seen <= (reader._BACKTRACKS + 2) * len(answer)
