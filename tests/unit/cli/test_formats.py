"""Results as text."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any

import pytest
from pydantic import BaseModel, Field

from instructor.cli.formats import Format, of_name, plain, text


class Colour(Enum):
    RED = "red"


class Part(BaseModel):
    name: str
    price: Decimal


class Whole(BaseModel):
    day: date
    colour: Colour
    parts: list[Part] = Field(alias="pieces")
    ratio: float = float("inf")


WHOLE = Whole(day=date(2025, 5, 9), colour=Colour.RED, pieces=[Part(name="ä", price=Decimal("1.50"))])


def test_values_become_json_under_their_field_names() -> None:
    assert plain(WHOLE) == {
        "day": "2025-05-09",
        "colour": "red",
        "parts": [{"name": "ä", "price": "1.50"}],
        "ratio": None,
    }
    assert plain([WHOLE.parts[0]]) == [{"name": "ä", "price": "1.50"}]
    assert plain(date(2025, 5, 9)) == "2025-05-09"


def test_json_of_one_and_of_several() -> None:
    assert text(Format.JSON, [("a", {"x": "ü"})], single=True) == '{\n  "x": "ü"\n}\n'
    assert text(Format.JSON, [], single=True) == ""
    assert text(Format.JSON, [], single=False) == "[]\n"
    assert text(Format.JSON, [("a", 1)], single=False) == '[\n  {\n    "file": "a",\n    "result": 1\n  }\n]\n'


def test_jsonl_has_one_form() -> None:
    line = '{"file": "a", "result": {"x": [1, "ü"]}}\n'
    for single in (True, False):
        assert text(Format.JSONL, [("a", {"x": [1, "ü"]})], single=single) == line


@pytest.mark.parametrize(
    ("results", "lines"),
    [
        pytest.param([{"a": 1, "b": "x"}], ["file,a,b", "f0,1,x"], id="flat"),
        pytest.param([{"a": {"b": {"c": 1}}, "d": None}], ["file,a.b.c,d", "f0,1,"], id="nested"),
        pytest.param(
            [{"a": True, "b": [1, "x"], "c": []}], ["file,a,b,c", 'f0,true,"[1, ""x""]",[]'], id="plain-lists"
        ),
        pytest.param([[{"a": 1}, {"a": 2}]], ["file,a", "f0,1", "f0,2"], id="a-row-an-item"),
        pytest.param(
            [{"id": 7, "lines": [{"w": "x"}, {"w": "y"}]}],
            ["file,id,lines.w", "f0,7,x", "f0,7,y"],
            id="list-in-object",
        ),
        pytest.param(
            [{"id": 7, "a": [{"x": 1}, {"x": 2}], "b": [{"y": 3}]}],
            ["file,id,a.x,b.y", "f0,7,1,", "f0,7,2,", "f0,7,,3"],
            id="two-lists-follow-each-other",
        ),
        pytest.param(
            [{"o": {"id": 1, "l": [{"w": {"v": 1}}, {"w": {"v": 2}}]}}],
            ["file,o.id,o.l.w.v", "f0,1,1", "f0,1,2"],
            id="list-deep-down",
        ),
        pytest.param(
            [{"l": [{"m": [{"n": 1}, {"n": 2}], "k": "a"}, {"m": [], "k": "b"}]}],
            ["file,l.k,l.m.n", "f0,a,1", "f0,a,2", "f0,b,"],
            id="list-in-list",
        ),
        pytest.param(
            [{"a": None}, {"a": {"city": "x"}}], ["file,a.city", "f0,", "f1,x"], id="the-more-precise-column-stays"
        ),
        pytest.param([{"a": []}, {"a": [{"x": 1}]}], ["file,a.x", "f0,", "f1,1"], id="an-empty-list-of-objects"),
        pytest.param([{"l": [{"x": 1}, 2]}], ["file,l.x,l", "f0,1,", "f0,,2"], id="objects-and-values"),
        pytest.param(
            [5, "x", None, [1, 2]], ["file,result", "f0,5", "f1,x", "f2,", "f3,1", "f3,2"], id="simple-values"
        ),
        pytest.param([{"file": "own", "a": 1}], ["file,result.file,a", "f0,own,1"], id="a-field-named-file"),
        pytest.param([{"a": 1}, {"b": 2}], ["file,a,b", "f0,1,", "f1,,2"], id="different-columns"),
        pytest.param([{"a": {}}], ["file,a", "f0,"], id="empty-object"),
        pytest.param([{}], ["file", "f0"], id="nothing"),
        pytest.param([[]], ["file"], id="empty-list"),
        pytest.param([], ["file"], id="no-results"),
    ],
)
def test_csv(results: list[Any], lines: list[str]) -> None:
    rows = [(f"f{i}", result) for i, result in enumerate(results)]
    assert text(Format.CSV, rows, single=len(rows) == 1) == "".join(f"{line}\n" for line in lines)


def test_csv_can_be_read_again() -> None:
    nasty = 'a "quoted",\nbroken; line'
    written = text(Format.CSV, [("f", {"x": nasty})], single=True)
    assert list(csv.DictReader(io.StringIO(written))) == [{"file": "f", "x": nasty}]


@pytest.mark.parametrize(
    ("name", "format"), [("a.json", Format.JSON), ("a.CSV", Format.CSV), ("a.jsonl", Format.JSONL), ("a", Format.JSONL)]
)
def test_an_output_files_name_chooses(name: str, format: Format) -> None:
    assert of_name(PurePath(name)) is format
