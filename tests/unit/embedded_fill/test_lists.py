"""Lists: tables by header, receipt lines, repeated blocks, simple values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, Field, create_model

from instructor.providers.embedded.reading import Code, Reading, Row, Word
from tests.unit.embedded_fill.layouts import filled, lines, printed


class Item(BaseModel):
    description: str
    quantity: int
    unit_price: Decimal
    amount: Decimal


class Order(BaseModel):
    vendor: str
    items: list[Item]
    subtotal: Decimal
    total: Decimal


class Sold(BaseModel):
    name: str
    quantity: int = 1
    price: float


class User(BaseModel):
    name: str
    age: int


ORDER = printed(
    [("Acme Tools", 40)],
    [],
    [("Qty", 40), ("Description", 100), ("Price", 400), ("Line total", 520)],
    [("2", 45), ("Hedge trimming", 100), ("85.00", 400), ("170.00", 550)],
    [("front and back", 100)],
    [("1", 45), ("Lawn treatment with long words", 100), ("60.00", 400), ("60.00", 560)],
    [],
    [("Subtotal", 400), ("£230.00", 540)],
    [("Total", 400), ("£276.00", 540)],
    sizes={0: 1.5},
)


def rows(found: Any) -> list[dict[str, Any]]:
    return found.value["items"] if isinstance(found.value, dict) else found.value


def test_a_table_with_continued_lines_ends_at_the_sums() -> None:
    found = filled(Order, ORDER)
    assert found.missing == ()
    order = Order.model_validate(found.value)
    assert [item.description for item in order.items] == [
        "Hedge trimming front and back",
        "Lawn treatment with long words",
    ]
    assert [(i.quantity, i.unit_price, i.amount) for i in order.items] == [(2, 85, 170), (1, 60, 60)]
    assert (order.subtotal, order.total, order.vendor) == (230, 276, "Acme Tools")


def test_a_cell_that_was_not_read_is_named() -> None:
    page = printed(
        [("Description", 40), ("Qty", 300), ("Unit price", 400), ("Amount", 560)],
        [("Nails", 40), ("2", 300), ("1.00", 400), ("2.00", 560)],
        [("Screws", 40), ("3", 300), ("smudge", 400), ("6.00", 560)],
    )
    found = filled(list[Item], page)
    assert found.value[1] == {"description": "Screws", "quantity": 3, "amount": "6.00"}
    assert found.missing == ("$[1].unit_price",)


def test_header_words_run_together_and_values_too() -> None:
    page = printed(
        [("Item", 40), ("Qty Price", 300), ("Amount USD", 560)],
        [("Nails", 40), ("2", 305), ("1.00", 345), ("2.00", 560)],
        [("Screws", 40), ("3    2.00", 305), ("6.00", 560)],
    )
    assert filled(list[Item], page).value == [
        {"description": "Nails", "quantity": 2, "unit_price": "1.00", "amount": "2.00"},
        {"description": "Screws", "quantity": 3, "unit_price": "2.00", "amount": "6.00"},
    ]


def test_columns_that_are_not_asked_for_are_passed_over() -> None:
    page = printed(
        [("Pos", 40), ("Product", 100), ("Weight", 300), ("Price", 420)],
        [("1", 40), ("Pear", 100), ("2 kg", 300), ("$3.00", 420)],
        [("2", 40), ("Plum", 100), ("1 kg", 300), ("$4.00", 420)],
    )
    assert filled(list[Sold], page).value == [{"name": "Pear", "price": 3.0}, {"name": "Plum", "price": 4.0}]


def test_a_table_of_texts_only() -> None:
    class Contact(BaseModel):
        name: str
        department: str
        extension: str

    page = printed(
        [("Name", 40), ("Department", 200), ("Ext.", 400)],
        [("Amara Diallo", 40), ("Finance", 200), ("2041", 400)],
        [("Mei Tanaka", 40), ("Research", 200), ("2305", 400)],
    )
    assert filled(list[Contact], page).value == [
        {"name": "Amara Diallo", "department": "Finance", "extension": "2041"},
        {"name": "Mei Tanaka", "department": "Research", "extension": "2305"},
    ]


def test_a_table_goes_on_on_the_next_page() -> None:
    def page(number: int, *texts: tuple[str, str]) -> tuple[Row, ...]:
        made = []
        for line, (left, right) in enumerate((("Name", "Age"), *texts)):
            y = 40.0 + 32 * line
            words = (Word(left, (40, y, 140, y + 20)), Word(right, (300, y, 330, y + 20)))
            made.append(Row(words, number))
        return tuple(made)

    reading = Reading("pdf", "application/pdf", 9, page(1, ("Ann", "31")) + page(2, ("Bob", "44")), pages=2)
    assert filled(list[User], reading).value == [{"name": "Ann", "age": 31}, {"name": "Bob", "age": 44}]


@pytest.mark.parametrize(
    "text",
    [
        "| Name | Age |\n|---|---|\n| Ann | 31 |\n| Bob | 44 |",
        "Name\tAge\nAnn\t31\nBob\t44",
        "Name    Age\nAnn    31\nBob    44",
        "Name: Ann\nAge: 31\n\nName: Bob\nAge: 44",
        "Name: Ann  Age: 31\nName: Bob  Age: 44",
        "Ann is 31 years old. Bob is 44 years old.",
        "Ann is 31, and Bob is 44.",
    ],
)
def test_users_in_many_writings(text: str) -> None:
    found = filled(list[User], text)
    assert found.value == [{"name": "Ann", "age": 31}, {"name": "Bob", "age": 44}]
    assert found.missing == ()


def test_csv() -> None:
    made = tuple(Row((Word(line),)) for line in ("name,age", '"Doe, Ann",31', "Bob,44"))
    assert filled(list[User], Reading("text", "text/csv", 9, made)).value == [
        {"name": "Doe, Ann", "age": 31},
        {"name": "Bob", "age": 44},
    ]


def test_one_object_from_each_medium_and_one_alone() -> None:
    class Users(BaseModel):
        content: list[User]

    assert filled(list[User], "Name: Ann\nAge: 31", "Name: Bob\nAge: 44").value == [
        {"name": "Ann", "age": 31},
        {"name": "Bob", "age": 44},
    ]
    assert filled(Users, "Jason is 20 years old").value == {"content": [{"name": "Jason", "age": 20}]}


def test_receipt_lines_without_a_header() -> None:
    class Receipt(BaseModel):
        merchant: str
        items: list[Sold]
        subtotal: float
        total: float
        date: date

    page = printed(
        [("COFFEE HOUSE", 120)],
        [("03/14/2026", 40), ("10:12", 300)],
        [],
        [("2 x Latte", 40), ("7.00", 300)],
        [("Croissant", 40), ("3.50", 300)],
        [("Beans 250g", 40), ("11.00 A", 300)],
        [("2 @ 5.50", 60)],
        [("Discount card", 40), ("-1.50", 300)],
        [("Subtotal", 40), ("21.50", 300)],
        [("TOTAL", 40), ("$22.84", 300)],
        [("VISA", 40), ("22.84", 300)],
        sizes={0: 1.4},
    )
    found = filled(Receipt, page)
    assert found.missing == ()
    assert found.value["merchant"] == "COFFEE HOUSE"
    assert (found.value["total"], found.value["subtotal"], found.value["date"]) == (22.84, 21.5, "2026-03-14")
    assert found.value["items"][:3] == [
        {"name": "Latte", "quantity": 2, "price": 7.0},
        {"name": "Croissant", "price": 3.5},
        {"name": "Beans 250g", "quantity": 2, "price": 11.0},
    ]


def test_items_are_missing_where_nothing_is_sold() -> None:
    found = filled(Order, "Total: 3.00\nSubtotal: 2.00")
    assert found.value == {"total": "3.00", "subtotal": "2.00"}
    assert found.missing == ("$.vendor", "$.items")


@pytest.mark.parametrize(
    ("name", "kind", "text", "expected"),
    [
        ("tags", list[str], "Tags: a, b and c", ["a", "b", "c"]),
        ("skills", list[str], "Skills\n• Python\n• Welding\n\n\n\nAge: 3", ["Python", "Welding"]),
        ("emails", list[str], "x@y.com or z@q.org", ["x@y.com", "z@q.org"]),
        ("dates", list[date], "from 14/03/2026 to 2026-03-15", ["2026-03-14", "2026-03-15"]),
        ("amounts", list[float], "3.50 and 1,000.25", [3.5, 1000.25]),
        ("scores", list[int], "Scores: 3, 5, 8", [3, 5, 8]),
        ("lines", list[str], "one\ntwo words", ["one", "two words"]),
        ("words", list[str], "one\ntwo words", ["one", "two", "words"]),
        ("scores", set[int], "Scores: 3, 5, 3", [3, 5]),
        ("size", tuple[int, int], "Size: 3, 5", [3, 5]),
        ("tags", list[str] | None, "nothing", None),
    ],
)
def test_simple_lists(name: str, kind: Any, text: str, expected: Any) -> None:
    default = None if expected is None else ...
    model = create_model("M", **{name: (kind, default), "other": (str | None, None)})
    assert filled(model, text).value.get(name) == expected


def test_lists_of_choices_codes_and_colours() -> None:
    from typing import Literal

    page = printed([("red shoes, Green hat", 40)], codes=(Code("QRCode", "A"), Code("EAN13", "B")))
    model = create_model(
        "M", shades=(list[Literal["red", "green", "blue"]], ...), codes=(list[str], ...), colours=(list[str], ...)
    )
    assert filled(model, page).value == {
        "shades": ["red", "green"],
        "codes": ["A", "B"],
        "colours": ["white", "blue"],
    }


def test_roots_that_are_simple() -> None:
    assert filled(int, "twenty-one").value == 21
    assert filled(float, "Total: $1,234.50").value == 1234.5
    assert filled(bool, "the answer is yes").value is True
    assert filled(date, "on 14 March 2026").value == "2026-03-14"
    assert filled(list[int], "3 and 5").value == [3, 5]
    assert filled(list[str], "a\nb").value == ["a", "b"]
    assert filled(str, "a\nb").value == "a\nb"
    ambiguous = filled(int, "3 or 4")
    assert ambiguous.value is None
    assert ambiguous.missing == ("$",)
    assert filled(list[User], "nothing").missing == ("$",)


def test_free_keys() -> None:
    assert filled(dict[str, int], "apples: 3\npears: 4\nnote: none").value == {"apples": 3, "pears": 4}
    model = create_model("M", name=(str, ...), extra=(dict[str, str], Field(default_factory=dict)))
    found = filled(model, lines("Name: Ann\nShoe size: 38"))
    assert found.value["extra"]["Shoe size"] == "38"
