"""A text is the whole value that is printed; a number is not taken from a range; codes are no methods."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from pydantic import create_model

from instructor.providers.embedded.filling.labels import head, tokens
from tests.unit.embedded_fill.layouts import filled, printed

RANGES = ["3.9 - 5.6", "3.9–5.6", "10 x 20 cm", "4x40", "2 of 5", "2 to 4 weeks", "9:00 - 17:00", "100-240 V"]


def one(name: str, kind: Any, reading: Any) -> Any:
    return filled(create_model("One", **{name: (kind, ...)}), reading).value.get(name)


@pytest.mark.parametrize("text", [*RANGES, "2.4.1-rc1", "2.4.1 (build 88)"])
@pytest.mark.parametrize("name", ["reference_range", "size", "opening_hours", "code_version"])
def test_a_text_takes_the_whole_value(name: str, text: str) -> None:
    label = name.replace("_", " ").capitalize()
    assert one(name, str, f"{label}: {text}") == text
    assert one(name, str, printed([(label, 40), (text, 300)])) == text


@pytest.mark.parametrize("text", RANGES)
def test_a_column_of_texts_takes_the_whole_value(text: str) -> None:
    row = create_model("Row", test=(str, ...), result=(float, ...), reference_range=(str, ...))
    page = printed(
        [("Test", 40), ("Result", 200), ("Reference range", 320)],
        [("Glucose", 40), ("5.2", 200), (text, 320)],
        [("Sodium", 40), ("141", 200), (text, 320)],
    )
    assert [item["reference_range"] for item in filled(list[row], page).value] == [text, text]  # type: ignore[valid-type]


@pytest.mark.parametrize("text", ["3.9 - 5.6", "10 x 20 cm", "2 to 4", "£3 - £5", "20 m x 3 m", "2.4.1"])
@pytest.mark.parametrize("kind", [float, int])
def test_no_number_is_taken_from_a_range(kind: Any, text: str) -> None:
    assert one("size", kind, f"Size: {text}") is None


@pytest.mark.parametrize("text", ["3.9 - 5.6", "2 of 5"])
def test_an_identifier_is_not_cut_inside_a_range(text: str) -> None:
    assert one("batch_ref", str, f"Batch ref: {text}") == text


def test_a_value_in_two_cells_is_joined_where_it_breaks_off() -> None:
    for left, right, second in (("3.9 -", "5.6", 360), ("3.9", "- 5.6", 350), ("10 x", "20 cm", 350)):
        page = printed([("Range", 40), (left, 300), (right, second)])
        assert one("range", str, page) == f"{left} {right}"
        assert one("range", float, page) is None
    assert one("range", str, printed([("Range", 40), ("3.9", 300), ("mmol", 600)])) == "3.9"


def test_moments_without_a_label_keep_their_range_as_text() -> None:
    assert one("time", str, "Hall B, 9:00 - 17:00") == "9:00 - 17:00"
    assert one("date", str, "12 May 2025 - 14 May 2025") == "12 May 2025 - 14 May 2025"
    assert one("time", str, "Hall B, 9:00") == "9:00"
    assert one("time", time, "Hall B, 9:00") == "09:00:00"


# ── endings of labels ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["reported_at", "reported_on", "reported_date", "date_reported", "reportedAt"])
@pytest.mark.parametrize("label", ["Reported on:", "Reported at", "Reported:", "Date reported:", "Reported date"])
def test_on_at_and_date_ask_for_the_same(name: str, label: str) -> None:
    assert one(name, date, f"{label} 6 Nov 2024") == "2024-11-06"
    assert one(name, date, "Reported by: Ann Lee") is None


def test_by_asks_for_someone() -> None:
    model = create_model("Report", reported_by=(str, ...), reported_at=(date, ...))
    assert filled(model, "Reported on: 6 Nov 2024\nReported by: Ann Lee").value == {
        "reported_by": "Ann Lee",
        "reported_at": "2024-11-06",
    }
    assert one("reported_by", str, "Reported on: 6 Nov 2024") is None
    assert one("administered_by", str, "Administered at: City Clinic") is None
    assert one("administered_at", str, "Administered by: Ann Lee") is None
    assert tokens("Reported on") == tokens("reported_at") != tokens("reported_by")


def test_a_name_is_about_its_last_word() -> None:
    assert [head(name) for name in ("reference_range", "order_ref", "productCode", "sku_2", "")] == [
        "range",
        "reference",
        "code",
        "sku",
        "",
    ]


# ── methods, types, statuses ─────────────────────────────────────────────────────────────────────

IBAN = "DE89 3704 0044 0532 0130 00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Payment: IBAN {IBAN}", None),
        (f"Payment: {IBAN}", None),
        (f"Payment: {IBAN.replace(' ', '')}", None),
        ("Payment: 12.50", None),
        ("Payment: 12 May 2025", None),
        ("Payment: pay@shop.example", None),
        ("Payment method: Visa **** 1234", "Visa **** 1234"),
        ("Paid by: cash", "cash"),
        (f"Payment method\nBank transfer\nIBAN {IBAN}", "Bank transfer"),
    ],
)
def test_a_method_is_said_in_words(text: str, expected: str | None) -> None:
    assert one("payment_method", str, text) == expected


def test_types_and_statuses() -> None:
    assert one("status", str, "Status: 4471-0093-1") is None
    assert one("status", str, "Status: 2") == "2"
    assert one("ticket_type", str, "Ticket type: Adult return") == "Adult return"


# ── sums ─────────────────────────────────────────────────────────────────────────────────────────

SUMS = ["Net", "Net amount", "VAT 20%", "Gross", "Gross total", "Balance", "Rounding", "Cash", "Change", "Deposit"]
Sold = create_model("Sold", item=(str, ...), price=(float, ...))
Receipt = create_model("Receipt", items=(list[Sold], ...))  # type: ignore[valid-type]
GOODS = [[("Tea", 40), ("3.00", 400)], [("Fishing net", 40), ("7.50", 400)]]


@pytest.mark.parametrize("label", SUMS)
@pytest.mark.parametrize("header", [True, False])
def test_sums_are_no_items(label: str, header: bool) -> None:
    head = [[("Item", 40), ("Price", 400)]] if header else []
    page = printed(*head, *GOODS, [(label, 40), ("10.50", 400)], [("Thank you", 40)])
    assert [item["item"] for item in filled(Receipt, page).value["items"]] == ["Tea", "Fishing net"]


@pytest.mark.parametrize("label", SUMS)
def test_sums_set_under_the_amounts_are_no_items(label: str) -> None:
    row = create_model("Row", item=(str, ...), quantity=(int, ...), rate=(float, ...), total=(float, ...))
    page = printed(
        [("Item", 40), ("Qty", 300), ("Rate", 400), ("Total", 560)],
        [("Solar panel", 40), ("2", 300), ("40.00", 400), ("80.00", 560)],
        [(label, 400), ("80.00", 560)],
    )
    assert [item["item"] for item in filled(list[row], page).value] == ["Solar panel"]  # type: ignore[valid-type]


def test_a_net_among_the_goods_is_an_item() -> None:
    page = printed(
        *GOODS[:1], [("Net", 40), ("7.50", 400)], [("Rope", 40), ("2.00", 400)], [("Total", 40), ("12.50", 400)]
    )
    assert [item["item"] for item in filled(Receipt, page).value["items"]] == ["Tea", "Net", "Rope"]


# ── badges and cards ─────────────────────────────────────────────────────────────────────────────


def badge(*rows: tuple[str, float]) -> Any:
    return printed(*([(text, 100)] for text, _ in rows), sizes={i: size for i, (_, size) in enumerate(rows)})


@pytest.mark.parametrize("name", ["name", "member_name", "cardholder", "attendee", "delegate_name", "holder"])
def test_the_largest_name_is_the_cardholders(name: str) -> None:
    page = badge(("Harbour Rowing Club", 1.3), ("Ines Abellan", 1.8), ("Member since 2019", 1.0))
    assert one(name, str, page) == "Ines Abellan"


@pytest.mark.parametrize("name", ["city_name", "file_name", "event_name", "pet_name"])
def test_other_names_are_not_a_persons(name: str) -> None:
    assert one(name, str, badge(("Ines Abellan", 1.8), ("Harbour Row", 1.0), ("Member since 2019", 1.0))) is None


def test_of_two_names_as_large_neither_is_taken() -> None:
    assert one("member_name", str, badge(("Harbour Rowers", 1.6), ("Ines Abellan", 1.6), ("Since 2019", 1.0))) is None


def test_an_empty_label_is_not_filled_from_the_headline() -> None:
    page = printed([("Membership Form", 40)], [("Name:", 40)], [("Age:", 40), ("5", 300)], sizes={0: 2.0})
    assert one("name", str, page) is None


ALL = dict.fromkeys(("name", "role", "company", "event"), (str, None))


def test_the_event_is_what_is_left_of_the_headline() -> None:
    model = create_model("Badge", **ALL)  # type: ignore[call-overload]
    expected = {"name": "Ines Abellan", "role": "Surveyor, Lead", "company": "Tidewater Maps"}
    rows = (("Ines Abellan", 1.9), ("Surveyor, Lead", 1.1), ("Tidewater Maps", 1.2))
    assert filled(model, badge(("Open Coasts 2026", 1.5), *rows)).value == {**expected, "event": "Open Coasts 2026"}
    two = badge(("Open Coasts", 1.5), ("Lisbon Days", 1.5), *rows)
    assert filled(model, two).value == {**expected, "event": "Open Coasts Lisbon Days"}
    assert filled(model, badge(*rows)).value == expected


def test_a_headline_that_may_be_the_company_is_neither() -> None:
    model = create_model("Badge", **ALL)  # type: ignore[call-overload]
    found = filled(model, badge(("Open Coasts", 1.5), ("Ines Abellan", 1.9), ("SPEAKER", 1.2))).value
    assert found == {"name": "Ines Abellan", "role": "SPEAKER"}
