"""Text to typed values: a table for each type, and what must not become a value."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instructor.providers.embedded.filling.coerce import Hints, coerce, mentions, tidy
from instructor.providers.embedded.filling.dates import date_order
from instructor.providers.embedded.filling.numbers import find_number, find_numbers, repair
from instructor.providers.embedded.filling.shape import Kind, Shape

MONEY = [
    ("$1,234.50", 1234.5), ("1.234,50 €", 1234.5), ("EUR 12", 12.0), ("(12.00)", -12.0), ("-5.00", -5.0),
    ("$-3.20", -3.2), ("12.00-", -12.0), ("1 234,50", 1234.5), ("1'234.50", 1234.5), ("12 .00", 12.0),
    ("CHF 1,284.00", 1284.0), ("12,-", 12.0), ("£1.459", 1.459), ("$ 78,500", 78500.0), ("0,125", 0.125),
    ("S12.00", 12.0), ("1,2O0.00", 1200.0), ("l2.50", 12.5), ("2 million", 2_000_000.0), ("1.2k", 1200.0),
    ("twelve dollars", 12.0), ("twelve dollars and fifty cents", 12.5), ("fifty cents", 0.5), ("$.99", 0.99),
    ("USD 1,000,000.01", 1_000_000.01), ("kr 45", 45.0), ("£ 7.5", 7.5), ("+12.00", 12.0),
]  # fmt: skip
INTEGERS = [
    ("20", 20), ("1,450", 1450), ("61 240", 61240), ("2.00", 2), ("-3", -3), ("twenty", 20), ("twenty-one", 21),
    ("one hundred and five", 105), ("two dozen", 24), ("three thousand two hundred", 3200), ("nineteen", 19),
    ("20 years old", 20), ("12 pcs", 12), ("2O", 20), ("1O0", 100), ("seven hundred and ninety nine", 799),
    ("1.234.567", 1234567),
]  # fmt: skip
BOOLEANS = [
    ("Yes", True), ("no", False), ("TRUE", True), ("false", False), ("x", True), ("☑", True), ("✓", True), ("checked", True),
    ("[x]", True), ("[ ]", False), ("☐", False), ("( )", False), ("paid", True), ("Unpaid", False), ("Yes, please", True),
    ("No (none)", False), ("N", False),
]  # fmt: skip
DATES = [
    "2026-03-14", "14/03/2026", "03/14/2026", "March 14, 2026", "14 Mar 2026", "14.03.26", "March14,2026", "14-Mar-2026",
    "the 14th of March 2026", "Sat 14 March '26", "20260314", "Mar. 14 2026", "2026/3/14", "14/03/2O26", "14 - 3 - 2026",
    "march fourteenth twenty twenty six", "March the fourteenth, two thousand twenty six",
]  # fmt: skip
TIMES = [
    ("12:30", "12:30:00"), ("9:05 pm", "21:05:00"), ("12:00 AM", "00:00:00"), ("7 pm", "19:00:00"), ("at ten", "10:00:00"),
    ("noon", "12:00:00"), ("10h30", "10:30:00"), ("08:03:10", "08:03:10"), ("ten thirty", "10:30:00"),
    ("half past nine", "09:30:00"), ("quarter to ten", "09:45:00"), ("at seven in the evening", "19:00:00"),
    ("09:12Z", "09:12:00Z"),
]  # fmt: skip
NOT_VALUES: list[tuple[Kind, str]] = [
    ("integer", "7.5"), ("integer", "abc"), ("integer", "Refills 3"), ("number", "12/03/2026"), ("number", "items: 5"),
    ("number", ""), ("boolean", "maybe"), ("boolean", "Newsletter"), ("date", "31/02/2026"), ("date", "14 March"),
    ("date", "12:30"), ("time", "25:00"), ("time", "home"), ("time", "2026"), ("datetime", "12:30"), ("duration", "soon"),
    ("email", "jane at home"), ("url", "not a link"), ("uuid", "1234"), ("text", " -- "), ("choice", "blue"),
]  # fmt: skip


def value(kind: Kind, text: str, role: str = "", hints: Hints | None = None, **more: Any) -> Any:
    found = coerce(Shape(kind, **more), text, hints or Hints(), role)
    return None if found is None else found.value


@pytest.mark.parametrize(("text", "expected"), MONEY)
def test_money(text: str, expected: float) -> None:
    digits = value("decimal", text, "money")
    assert isinstance(digits, str)
    assert float(digits) == expected
    assert value("number", text, "money") == expected


@pytest.mark.parametrize(("text", "digits"), [("$9.00", "9.00"), ("1.234,50 €", "1234.50"), ("EUR 12", "12")])
def test_decimals_keep_the_digits_that_are_printed(text: str, digits: str) -> None:
    assert value("decimal", text, "money") == digits


@pytest.mark.parametrize(("text", "expected"), INTEGERS)
def test_integers(text: str, expected: int) -> None:
    found = value("integer", text)
    assert found == expected
    assert type(found) is int


@pytest.mark.parametrize(("text", "expected"), BOOLEANS)
def test_booleans(text: str, expected: bool) -> None:
    assert value("boolean", text) is expected


@pytest.mark.parametrize("text", DATES)
def test_dates(text: str) -> None:
    assert value("date", text) == "2026-03-14"


@pytest.mark.parametrize(("text", "expected"), TIMES)
def test_times(text: str, expected: str) -> None:
    assert value("time", text) == expected


@pytest.mark.parametrize(("kind", "text"), NOT_VALUES)
def test_what_is_no_value_stays_none(kind: Kind, text: str) -> None:
    assert value(kind, text, values=("red", "green") if kind == "choice" else ()) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-14T12:30:00Z", "2026-03-14T12:30:00Z"),
        ("14/03/2026 09:12", "2026-03-14T09:12:00"),
        ("9:12 pm, March 14, 2026", "2026-03-14T21:12:00"),
        ("2026-03-14", "2026-03-14"),
    ],
)
def test_moments_have_a_time_only_if_it_is_printed(text: str, expected: str) -> None:
    assert value("datetime", text) == expected


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("email", "mail: jane.doe@mail.example.com!", "jane.doe@mail.example.com"),
        ("email", "jane @ mail.com", "jane@mail.com"),
        ("url", "see https://x.org/y?z=1.", "https://x.org/y?z=1"),
        ("duration", "5 h 36 min", "PT5H36M"),
        ("duration", "90 minutes", "PT90M"),
        ("uuid", "id 123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"),
        ("any", "42", 42),
        ("any", "forty", "forty"),
    ],
)
def test_forms(kind: Kind, text: str, expected: Any) -> None:
    assert value(kind, text) == expected


@pytest.mark.parametrize(
    ("role", "text", "expected"),
    [
        ("phone", "Tel. (207) 555-0148", "(207) 555-0148"),
        ("phone", "+39 055 555 0147", "+39 055 555 0147"),
        ("phone", "12", None),
        ("phone", "14/03/2026", None),
        ("identifier", "INV-1234", "INV-1234"),
        ("identifier", "#1234", "1234"),
        ("identifier", "GB 284 1193 07", "GB 284 1193 07"),
        ("identifier", "INV-12 due at once", "INV-12"),
        ("currency", "EUR 12", "EUR"),
        ("currency", "£3", "GBP"),
        ("currency", "$3", "$"),
        ("person", "12:30", None),
        ("url", "www.x.com", "www.x.com"),
    ],
)
def test_roles_of_text(role: str, text: str, expected: str | None) -> None:
    assert value("text", text, role) == expected


def test_choices_by_mention() -> None:
    values = ("credit_card", "cash", "two")
    assert value("choice", "Credit card", values=values) == "credit_card"
    assert value("choice", "paid by CASH today", values=values) == "cash"
    assert value("choice", "credit cord", values=values) == "credit_card"
    assert value("choice", "cash or credit card", values=values) is None
    assert mentions(values, "a two_fold cashier") == []
    assert mentions(("USD", "EUR"), "$ 12") == ["USD"]
    assert mentions(("USD", "CAD"), "$ 12") == []
    assert mentions(("M", "L"), "m") == []


def test_limits_lower_the_fit_and_patterns_rule_out() -> None:
    inside, outside = (coerce(Shape("integer", low=0, high=120), text, Hints()) for text in ("20", "200"))
    assert inside is not None
    assert outside is not None
    assert outside.fit < inside.fit
    assert value("text", "INV-12", pattern=r"^INV-\d+$") == "INV-12"
    assert value("text", "ORD-12", pattern=r"^INV-\d+$") is None
    assert value("text", "abc", longest=2) is None
    assert value("text", "abc", pattern="(?<broken") == "abc"


def test_percent_is_a_share_only_where_the_limit_says_so() -> None:
    assert value("number", "20%") == 20.0
    assert value("number", "20%", high=1) == 0.2


def test_other_types_of_a_union_are_tried_in_turn() -> None:
    shape = Shape("integer", also=(Shape("text"),))
    assert [f.value for t in ("7", "seven-up?") if (f := coerce(shape, t, Hints())) is not None] == [7, "seven-up?"]


def test_decimal_comma_decides_between_thousands_and_decimals() -> None:
    assert value("number", "1.234", hints=Hints(decimal_comma=True)) == 1234.0
    assert value("number", "1.234") == 1.234


def test_a_long_decimal_keeps_its_digits() -> None:
    assert value("decimal", "12345678901234567.89") == "12345678901234567.89"


@pytest.mark.parametrize(
    ("texts", "prompt", "expected"),
    [
        (["25/12/2025", "03/04/2026"], "", "dmy"),
        (["12/25/2025", "03/04/2026"], "", "mdy"),
        (["03/04/2026", "$12"], "", "mdy"),
        (["03/04/2026", "$12", "€3"], "", "dmy"),
        (["03/04/2026"], "", "dmy"),
        (["03/04/2026"], "dates are MM/DD/YYYY", "mdy"),
        (["12/25/2025"], "day first, please", "dmy"),
    ],
)
def test_the_order_of_day_and_month_is_the_documents(texts: list[str], prompt: str, expected: str) -> None:
    order = date_order(texts, prompt)
    assert order == expected
    assert value("date", "03/04/2026", hints=Hints(order)) == ("2026-04-03" if expected == "dmy" else "2026-03-04")


def test_repair_keeps_words_and_length() -> None:
    for text, fixed in [
        ("SOLO", "SOLO"),
        ("2O26", "2026"),
        ("1S", "1S"),
        ("Bill 5O1", "Bill 501"),
        ("l1l1l1", "l1l1l1"),
    ]:
        assert repair(text) == fixed


def test_tidy() -> None:
    assert tidy("• Milk,") == "Milk"
    assert tidy('"quoted"') == "quoted"


def test_every_number_of_a_text() -> None:
    assert [float(n.value) for n in find_numbers("2 x 3,50 and ten, (4.00)")] == [2.0, 3.5, 10.0, -4.0]


@given(st.integers(0, 999_999))
def test_written_numbers_are_read_back(number: int) -> None:
    plain, marked = find_number(str(number)), find_number(f"{number:,}.00")
    assert plain is not None
    assert marked is not None
    assert plain.value == number
    assert marked.value == number


@given(st.integers(0, 999))
def test_number_words_are_read_back(number: int) -> None:
    found = find_number(_spelled(number))
    assert found is not None
    assert found.value == number
    assert found.end == len(_spelled(number))


def _spelled(number: int) -> str:
    units = (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen"
    ).split()
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    if number < 20:
        return units[number]
    if number < 100:
        return tens[number // 10 - 2] + (f"-{units[number % 10]}" if number % 10 else "")
    rest = f" and {_spelled(number % 100)}" if number % 100 else ""
    return f"{units[number // 100]} hundred{rest}"


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2069, 12, 31)))
def test_dates_are_read_back_in_every_writing(day: Any) -> None:
    for form in ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y"):
        assert value("date", day.strftime(form)) == day.isoformat(), form
    assert value("date", day.strftime("%m/%d/%Y"), hints=Hints("mdy")) == day.isoformat()


@given(st.text(max_size=60))
def test_no_text_breaks_a_reader(text: str) -> None:
    for kind in (
        "integer",
        "number",
        "decimal",
        "boolean",
        "date",
        "datetime",
        "time",
        "duration",
        "text",
        "choice",
        "any",
    ):
        for role in ("", "money", "phone", "identifier", "person", "currency"):
            found = coerce(Shape(kind, values=("red", 3, None)), text, Hints(), role)
            assert found is None or 0 <= found.fit <= 1
