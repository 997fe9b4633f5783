"""Scalars by their labels: beside, below, before; slips of OCR; what must not be taken."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from instructor.providers.embedded.reading import Code
from tests.unit.embedded_fill.layouts import filled, lines, printed


class Method(StrEnum):
    VISA = "visa"
    CASH = "cash"


class Person(BaseModel):
    name: str
    age: int


class Invoice(BaseModel):
    vendor: str
    invoice_number: str
    invoice_date: date
    due_date: date
    total: Decimal
    subtotal: Decimal | None = None
    tax: Decimal | None = None


INVOICE = printed(
    [("Kessler Tools GmbH", 40)],
    [("9 High Street, Leeds", 40)],
    [],
    [("Invoice No.", 340), ("40718", 500)],
    [("Date", 340), ("12.09.2024", 500)],
    [("Payment due", 340), ("12.10.2024", 500)],
    [],
    [("Net amount", 300), ("813,70 €", 500)],
    [("VAT 19%", 300), ("154,60 €", 500)],
    [("Total amount", 300), ("968,30 €", 500)],
    sizes={0: 1.6},
)


def one(kind: Any, reading: Any, name: str = "total", **field: Any) -> Any:
    """The value found for a model with a single property."""
    model = create_model("One", **{name: (kind, Field(**field) if field else ...)})
    return filled(model, reading).value.get(name)


def test_an_invoice_validates() -> None:
    found = filled(Invoice, INVOICE)
    assert found.missing == ()
    assert Invoice.model_validate(found.value) == Invoice(
        vendor="Kessler Tools GmbH",
        invoice_number="40718",
        invoice_date=date(2024, 9, 12),
        due_date=date(2024, 10, 12),
        subtotal=Decimal("813.7"),
        tax=Decimal("154.6"),
        total=Decimal("968.3"),
    )


@pytest.mark.parametrize(
    ("name", "kind", "text", "expected"),
    [
        ("total", float, "Total: 12.00", 12.0),
        ("total", float, "TotalDue:$12.00", 12.0),
        ("total", float, "Total $12.00", 12.0),
        ("total", float, "TOTAL12.00", 12.0),
        ("total", float, "Tota1: 12.00", 12.0),
        ("total", float, "GRAND TOTAL ........ 12.00", 12.0),
        ("total", float, "Total (USD): 12.00", 12.0),
        ("total", float, "Amount due   12.00", 12.0),
        ("total", float, "Subtotal: 10.00\nTotal: 12.00", 12.0),
        ("total", float, "Total items: 5\nTotal: 12.00", 12.0),
        ("total", float, "Total: 10.00\nTotal: 12.00", 12.0),
        ("total", float, "Balance due: (12.00)", -12.0),
        ("invoice_number", str, "lnvoice No. INV-77", "INV-77"),
        ("invoice_number", str, "Invoice #1234", "1234"),
        ("invoice_number", str, "INVOICE NUMBER: A/7", "A/7"),
        ("invoiceNumber", str, "Inv. No.: 12-9", "12-9"),
        ("date_of_birth", date, "DOB: 14/03/1990", "1990-03-14"),
        ("birth_date", date, "Date of birth: 14/03/1990", "1990-03-14"),
        ("date", date, "Issued on 14 March 2026", "2026-03-14"),
        ("date", date, "March14,2026", "2026-03-14"),
        ("due_date", date, "Date: 01/02/2026\nDue by: 14/03/2026", "2026-03-14"),
        ("phone", str, "Tel 0207 946 0999", "0207 946 0999"),
        ("email", str, "write to jane@x.org", "jane@x.org"),
        ("website", str, "visit www.x.org", "www.x.org"),
        ("tax", float, "VAT 20%   4.00", 4.0),
        ("tax_rate", float, "VAT 20%   4.00", 20.0),
        ("name", str, "Name: Jane Doe  Age: 20", "Jane Doe"),
        ("age", int, "Name: Jane Doe Age: 20", 20),
        ("age", int, "Age (years)\n20", 20),
        ("passport_no", str, "Passport number: X123", "X123"),
        ("postcode", str, "Post code: LS1 2TW", "LS1 2TW"),
        ("address", str, "Address: 12 High Street,\nLeeds", "12 High Street, Leeds"),
        ("departure", datetime, "Departure: 14/03/2026 09:12", "2026-03-14T09:12:00"),
        ("opens", time, "Opens: 9 am", "09:00:00"),
        ("payment_method", Method, "Paid by VISA **** 1234", "visa"),
        ("smoker", bool, "Smoker: no", False),
        ("newsletter", bool, "[x] Newsletter", True),
        ("newsletter", bool, "[ ] Newsletter", False),
        ("paid", bool, "Total: 3.00\n\n\n\nPAID", True),
        ("paid", bool, "Total: 3.00\n\n\n\nUNPAID", False),
        ("color", str, "Colour: red", "red"),
        ("weight", float, "Weight: 2.4 kg", 2.4),
        ("sender", str, "From (sender): Petra", "Petra"),
    ],
)
def test_one_label(name: str, kind: Any, text: str, expected: Any) -> None:
    assert one(kind, text, name) == expected


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("name", str, "Name:\nAge: 20"),
        ("name", str, "Name: ______  Age: 20"),
        ("age", int, "Name: Jane"),
        ("age", int, "Age: unknown"),
        ("total", float, "Subtotal: 10.00"),
        ("total", float, "Total items: 5"),
        ("total", float, "Total"),
        ("due_date", date, "Invoice date: 14/03/2026"),
        ("date", date, "14 March"),
        ("invoice_number", str, "Order number: 12"),
        ("first_name", str, "Last name: Doe"),
        ("paid", bool, "Paid: "),
        ("color", Literal["red", "green"], "red or green"),
        ("flag", bool, "a flag"),
        ("email", str, "Email: none"),
        ("answer", str, "Some other words"),
    ],
)
def test_what_is_not_there_is_missing(name: str, kind: Any, text: str) -> None:
    found = filled(create_model("One", **{name: (kind, ...)}), text)
    assert found.value == {}
    assert found.missing == (f"$.{name}",)


def test_a_word_that_labels_something_else_is_no_value() -> None:
    model = create_model("M", vendor=(str, ...), customer=(str, ...))
    assert filled(model, printed([("Vendor", 40), ("Customer", 300)])).value == {}


def test_values_below_their_labels() -> None:
    page = printed(
        [("Full name", 40), ("Age", 300), ("Smoker", 420)],
        [("Harold Jennings", 40), ("64", 300), ("No", 420)],
        [],
        [("Invoice date", 40), ("Due date", 300)],
        [("27-Feb-2024", 40), ("28-Mar-2024", 300)],
    )
    model = create_model(
        "M", full_name=(str, ...), age=(int, ...), smoker=(bool, ...), invoice_date=(date, ...), due_date=(date, ...)
    )
    assert filled(model, page).value == {
        "full_name": "Harold Jennings",
        "age": 64,
        "smoker": False,
        "invoice_date": "2024-02-27",
        "due_date": "2024-03-28",
    }


def test_two_properties_do_not_take_one_cell() -> None:
    model = create_model("M", total=(float, ...), amount_due=(float, ...))
    assert filled(model, "Total: 12.00\nAmount due: 2.00").value == {"total": 12.0, "amount_due": 2.0}
    one_of_two = filled(model, "Amount due: 2.00")
    assert one_of_two.value == {"amount_due": 2.0}
    assert one_of_two.missing == ("$.total",)


def test_words_of_title_description_and_aliases_are_labels() -> None:
    assert one(str, "Reg. mark: KX19", "plate", title="Reg mark") == "KX19"
    assert one(float, "Annual salary: $78,500", "pay", description="The annual salary, in dollars") == 78500.0
    assert one(str, "Rx #: 77", "prescription", description="Rx number") == "77"
    assert one(str, "Kennzeichen: B-MW 1", "plate", json_schema_extra={"x-aliases": ["Kennzeichen"]}) == "B-MW 1"
    assert one(str, "ref INV-2024-7 of May", "code", description="The code, e.g. INV-2023-1") == "INV-2024-7"
    assert one(str, "ref INV-2024-7 of May", "code", examples=["INV-1"]) == "INV-2024-7"
    assert one(str, "ticket AB12 and 77", "code", pattern=r"^[A-Z]{2}\d{2}$") == "AB12"


def test_the_alias_is_the_key() -> None:
    model = create_model("M", origin=(str, Field(alias="from")))
    found = filled(model, "From: Leeds")
    assert found.value == {"from": "Leeds"}
    assert model.model_validate(found.value).origin == "Leeds"


def test_defaults_stay_out_and_null_only_where_it_must_be() -> None:
    model = create_model("M", a=(int | None, ...), b=(str | None, None), c=(str, "default"), d=(int, ...))
    found = filled(model, "nothing here")
    assert found.value == {"a": None}
    assert found.missing == ("$.d",)


def test_a_later_round_matches_more_loosely() -> None:
    model = create_model("M", destination=(str, ...))
    page = "Destnaton: Leeds"
    assert filled(model, "Dstnatn: Leeds").value == {}
    assert filled(model, page).value == {"destination": "Leeds"}
    assert filled(model, "Dstnatn: Leeds", round=2).value == {"destination": "Leeds"}


def test_the_prompt_gives_no_values() -> None:
    found = filled(Person, "nothing here", prompt="Name: Jane\nAge: 20")
    assert found.value == {}
    assert found.missing == ("$.name", "$.age")


def test_the_head_of_a_document_is_its_vendor_but_its_heading_is_not() -> None:
    page = printed([("INVOICE", 40)], [("Acme Ltd", 40)], [("12 High Street", 40)], [], [("Total", 40), ("3.00", 300)])
    assert one(str, page, "vendor") == "Acme Ltd"
    assert one(str, page, "store_name") == "Acme Ltd"
    assert one(str, page, "restaurant") == "Acme Ltd"


def test_parties_and_their_addresses() -> None:
    class Address(BaseModel):
        street: str
        city: str
        zip_code: str

    class Party(BaseModel):
        name: str
        address: Address | None = None
        email: str | None = None

    class Deal(BaseModel):
        seller: Party
        buyer: Party

    text = (
        "Acme Ltd\n12 High Street\nLeeds LS1 2TW\n\nBill to:\nJane Doe\n5 Main Road\nSpringfield, IL 62701\njane@x.com\n\n"
        "Total: 3.00"
    )
    assert filled(Deal, text).value == {
        "seller": {"name": "Acme Ltd", "address": {"street": "12 High Street", "city": "Leeds", "zip_code": "LS1 2TW"}},
        "buyer": {
            "name": "Jane Doe",
            "address": {"street": "5 Main Road", "city": "Springfield", "zip_code": "62701"},
            "email": "jane@x.com",
        },
    }
    flat = create_model("Flat", customer_name=(str, ...), customer_address=(str, ...), vendor_address=(str, ...))
    assert filled(flat, text).value == {
        "customer_name": "Jane Doe",
        "customer_address": "5 Main Road, Springfield, IL 62701",
        "vendor_address": "12 High Street, Leeds LS1 2TW",
    }


def test_nested_objects_by_labels_and_what_they_lack() -> None:
    class Size(BaseModel):
        length: float
        width: float

    class Box(BaseModel):
        label: str
        outer: Size
        spare: Size | None = None

    found = filled(Box, "Label: A7\nLength: 3.5")
    assert found.value == {"label": "A7", "outer": {"length": 3.5}}
    assert found.missing == ("$.outer.width",)
    nothing = filled(Box, "Label: A7")
    assert nothing.value == {"label": "A7"}
    assert nothing.missing == ("$.outer",)


def test_a_badge() -> None:
    page = printed(
        [("EdgeConf 2024", 100)],
        [],
        [("Nadia Kowalski", 80)],
        [("Lumen Robotics", 120)],
        [],
        [("SPEAKER", 100)],
        codes=(Code("QRCode", "https://edge.example/u/4471"),),
        sizes={0: 1.5, 2: 2.0, 5: 1.8},
    )
    model = create_model(
        "Badge", name=(str, ...), role=(str, ...), company=(str, ...), event=(str, ...), url=(str, ...)
    )
    assert filled(model, page).value == {
        "name": "Nadia Kowalski",
        "role": "SPEAKER",
        "company": "Lumen Robotics",
        "event": "EdgeConf 2024",
        "url": "https://edge.example/u/4471",
    }


def test_codes() -> None:
    page = printed([("Honey", 40)], codes=(Code("EAN13", "4006381333931"), Code("QRCode", "https://x.example/1")))
    model = create_model("M", ean=(str, ...), qr_code=(str, ...))
    assert filled(model, page).value == {"ean": "4006381333931", "qr_code": "https://x.example/1"}


def test_a_union_takes_the_branch_that_is_found() -> None:
    class Cat(BaseModel):
        kind: Literal["cat"]
        name: str
        meow: str

    class Dog(BaseModel):
        kind: Literal["dog"]
        name: str
        breed: str

    class Owner(BaseModel):
        pet: Cat | Dog

    assert filled(Cat | Dog, "Name: Rex\nBreed: poodle").value == {"kind": "dog", "name": "Rex", "breed": "poodle"}
    assert filled(Owner, "Name: Tom\nMeow: loud").value == {"pet": {"kind": "cat", "name": "Tom", "meow": "loud"}}
    lost = filled(Owner, "nothing")
    assert lost.value == {}
    assert lost.missing == ("$.pet",)


def test_a_constant_alone_is_not_claimed() -> None:
    model = create_model("M", kind=(Literal["invoice"], ...))
    assert filled(model, "some words").missing == ("$.kind",)
    assert filled(model, "INVOICE 12").value == {"kind": "invoice"}


def test_unread_is_passed_on() -> None:
    found = filled(Person, printed([("Name: Jane", 40)], unread=("handwriting at the bottom",)))
    assert found.unread == ("handwriting at the bottom",)


def test_a_schema_that_refers_to_itself_ends() -> None:
    class Node(BaseModel):
        label: str
        next: Node | None = None

    Node.model_rebuild(_types_namespace={"Node": Node})
    found = filled(Node, "Label: A")
    assert found.value["label"] == "A"
    assert Node.model_validate(found.value).label == "A"


def test_two_hundred_rows_and_fifteen_fields_are_quick() -> None:
    from time import process_time

    rows = [[(f"Entry {n} of the log", 40.0), (f"value {n * 37}", 300.0), (f"{n}.50", 500.0)] for n in range(200)]
    fields: dict[str, Any] = {f"field_{name}": (str, ...) for name in "abcdefghijklm"}
    model = create_model("Wide", total=(float, ...), date=(date, ...), **fields)
    page = printed(*rows, [("Total", 40), ("77.00", 300)])
    filled(model, page)
    start = process_time()
    found = filled(model, page)
    assert found.value["total"] == 77.0
    assert process_time() - start < 0.5


def test_text_lines_of_a_pdf_without_boxes() -> None:
    assert one(float, lines("Total: 12.00", "pdf")) == 12.0
