"""Values said in sentences, and free text that tells what was read and measured."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from pydantic import BaseModel, create_model

from instructor.providers.embedded.reading import Code, Reading
from tests.unit.embedded_fill.layouts import filled, lines, printed, spoken


class User(BaseModel):
    name: str
    age: int


@pytest.mark.parametrize(
    ("text", "name", "age"),
    [
        ("Jason is 20 years old", "Jason", 20),
        ("my name is jason and i am twenty years old", "Jason", 20),
        ("Name: Jason\nAge: 20", "Jason", 20),
        ("hello this is mary jane and i am forty two years old", "Mary Jane", 42),
        ("I'm called Ann, I am 31.", "Ann", 31),
        ("My name is Ann Lee. My age is 31.", "Ann Lee", 31),
        ("Ann Lee is a 31-year-old plumber named Ann Lee.", "Ann Lee", 31),
    ],
)
def test_who_and_how_old(text: str, name: str, age: int) -> None:
    for reading in (spoken(text), lines(text)) if ":" not in text else (lines(text),):
        found = filled(User, reading)
        assert User.model_validate(found.value) == User(name=name, age=age)


@pytest.mark.parametrize(
    ("fields", "text", "expected"),
    [
        ({"amount": float, "quantity": int}, "i paid twelve dollars for two coffees", {"amount": 12.0, "quantity": 2}),
        ({"day": str, "time": str}, "the meeting is on monday at ten", {"day": "monday", "time": "ten"}),
        ({"day": str, "time": time}, "we meet on friday at half past nine", {"day": "friday", "time": "09:30:00"}),
        ({"city": str}, "i live in leeds and i like it", {"city": "Leeds"}),
        ({"company": str}, "she works for acme tools", {"company": "Acme Tools"}),
        ({"total": float}, "The total comes to $19.99.", {"total": 19.99}),
        ({"colour": str}, "the colour is red, and nothing else", {"colour": "red"}),
        ({"guests": int}, "a table for four guests", {"guests": 4}),
    ],
)
def test_what_is_said(fields: dict[str, Any], text: str, expected: dict[str, Any]) -> None:
    model = create_model("M", **{name: (kind, ...) for name, kind in fields.items()})
    found = filled(model, lines(text, "audio")).value
    assert {k: v.lower() if isinstance(v, str) else v for k, v in found.items()} == {
        k: v.lower() if isinstance(v, str) else v for k, v in expected.items()
    }


@pytest.mark.parametrize("text", ["what a day", "he is old", "this is a test", "is it 20?", ""])
def test_nobody_is_made_up(text: str) -> None:
    found = filled(User, spoken(text))
    assert found.value == {}
    assert found.missing == ("$.name", "$.age")


PAGE = printed([("Blueberry muffins", 40), ("3.50", 300)], codes=(Code("QRCode", "https://x.example"),))


def test_a_description_holds_only_facts_and_words() -> None:
    model = create_model("M", description=(str, ...))
    assert filled(model, PAGE).value == {
        "description": 'PNG image, 640 x 480 pixels, mainly white and blue; text: "Blueberry muffins 3.50"; '
        "QRCode: https://x.example."
    }
    blank = filled(model, Reading("image", "image/jpeg", 9, width=2, height=3)).value["description"]
    assert blank == "JPEG image, 2 x 3 pixels; no words read."
    two = filled(model, PAGE, spoken("good morning")).value["description"]
    assert two.endswith('WAV recording, 2.5 seconds; speech: "good morning".')
    assert two.startswith("PNG image")
    paper = filled(model, Reading("pdf", "application/pdf", 9, PAGE.rows, pages=2)).value["description"]
    assert paper == 'PDF document, 2 pages; text: "Blueberry muffins 3.50".'


def test_a_long_text_is_cut_in_the_description_but_not_in_the_words() -> None:
    text = "word " * 400
    model = create_model("M", summary=(str, ...), transcript=(str, ...))
    found = filled(model, spoken(text)).value
    assert len(found["summary"]) < 800
    assert found["transcript"] == text.strip()


def test_a_labelled_description_comes_first() -> None:
    model = create_model("M", description=(str, ...))
    assert filled(model, "Description: a red chair").value == {"description": "a red chair"}


def test_measured_facts() -> None:
    model = create_model(
        "M",
        width=(int, ...),
        height=(int, ...),
        format=(str, ...),
        media_type=(str, ...),
        colors=(list[str], ...),
        main_color=(str, ...),
        pages=(int | None, ...),
    )
    assert filled(model, PAGE).value == {
        "width": 640,
        "height": 480,
        "format": "PNG",
        "media_type": "image/png",
        "colors": ["white", "blue"],
        "main_color": "white",
        "pages": None,
    }
    assert filled(create_model("M", duration=(float, ...)), spoken("hi")).value == {"duration": 2.5}


def test_a_label_wins_over_a_fact_and_differing_facts_are_none() -> None:
    model = create_model("M", width=(int, ...))
    assert filled(model, printed([("Width: 12", 40)])).value == {"width": 12}
    other = printed(width=5)
    assert filled(model, PAGE, other).missing == ("$.width",)


def test_a_text_at_the_root() -> None:
    assert filled(str, PAGE).value.startswith("PNG image, 640 x 480")
    assert filled(str, spoken("good morning")).value == "good morning"
