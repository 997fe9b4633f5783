"""Finding the JSON in a growing answer, one row for each way that models put it."""

from __future__ import annotations

import pytest

from instructor.output import json_in
from instructor.output.push import JsonText

FOUND = [
    ('{"a": 1}', '{"a": 1}'),
    (' \n [{"a": 1}] ', '[{"a": 1}]'),
    ("[]", "[]"),
    ("[1, 2]", "[1, 2]"),
    ('Sure: {"a": "}"} ok', '{"a": "}"}'),
    ('Use {name}, as in {"name": "x"}', '{"name": "x"}'),
    ('[see below] {"a": 1}', '{"a": 1}'),
    ('[1] says {"a": 1}', '{"a": 1}'),
    ('{} then {"a": 1}', '{"a": 1}'),
    ('{"a": 1} or {"a": 2}', '{"a": 1}'),
    ('["x"] or [{"a": 1}]', '[{"a": 1}]'),
    ('[{"a": }] or [{"a": 1}]', '[{"a": 1}]'),
    ('```json\n{"a": "```"}\n```', '{"a": "```"}'),
    ('{"a": 1}\n```\n{"a": 2}\n```\n{"a": 3}', '{"a": 2}'),
    ('~~~ json5\n{"a": 1}\n~~~', '{"a": 1}'),
    ('``````json  \n\n{"a": 1}', '{"a": 1}'),
    ('{"a": 1} `` `json {"a": 2}', '{"a": 1}'),
    ('{"a": 1} ```x y {"a": 2}', '{"a": 1}'),
    ('<think>{"a": 0}</think>{"a": 1}', '{"a": 1}'),
    ('<thinking>```json\n{"a": 0}</think></thinking>\n{"a": 1}', '{"a": 1}'),
    ('so {"a": 0}\n</think>  \n{"a": 1}', '{"a": 1}'),
    ('{"a": 1} </think> as said', '{"a": 1}'),
    ('a < b <thin {"a": 1}', '{"a": 1}'),
    ('{"a\\"": "\\\\"}', '{"a\\"": "\\\\"}'),
    ('{  "a"  \n :1}', '{  "a"  \n :1}'),
    ('{"a" no {"b": 1}', '{"b": 1}'),
    ("[ true , 1]", "[ true , 1]"),
    ('[tr ue, {"b": 1}', '{"b": 1}'),
    ('[12 apples] {"b": 1}', '{"b": 1}'),
]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 100])
@pytest.mark.parametrize(("text", "found"), FOUND)
def test_found(text: str, found: str, size: int) -> None:
    parser, pieces = JsonText(), []
    for at in range(0, len(text), size):
        pieces += parser.feed(text[at : at + size])
    fresh = max(at for at, piece in enumerate(pieces) if piece.fresh)
    assert "".join(piece.text for piece in pieces[fresh:]) == found
    assert parser.close() == json_in(text) == found
    assert parser.text == text


@pytest.mark.parametrize("text", ["", "none", "{", '{"a"', "[1", "<think>[1]", "```json", "</think", "{x}", '"a [b]"'])
def test_nothing_found(text: str) -> None:
    parser = JsonText()
    assert [piece for char in text for piece in parser.feed(char)] == []


def test_the_first_piece_comes_as_soon_as_it_is_sure() -> None:
    parser = JsonText()
    assert parser.feed('Here: {"a"') == []
    assert parser.feed(":") == [('{"a":', True)]
    assert parser.feed(' "x') == [(' "x', False)]


@pytest.mark.parametrize(
    "piece", ["{x[", "[", "`", "~~", "<think", '{"', "\\", "1", " ", "{} [1] ", '{"a" ', "</think> ", "[1 "]
)
def test_what_is_kept_back_stays_short(piece: str) -> None:
    """What makes every text cost its length: no character is looked at again and again."""
    parser = JsonText()
    parser.feed(piece)
    for _ in range(2_000):
        parser.feed(piece)
        assert len(parser._held) + len(parser._stand_in) < 40
