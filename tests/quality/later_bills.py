"""Later documents: quotation, bills and an invoice with nested parties."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from .document import Document, page
from .marks import GREY, NAVY, PALE, SANS, SERIF, Column, Face, Text, below, grid, lines, pairs


class BillLine(BaseModel):
    item: str
    qty: float
    rate: Decimal
    total: Decimal


class Quote(BaseModel):
    quote_number: str
    issued_on: date
    valid_until: date
    customer: str
    lines: list[BillLine]
    net: Decimal
    vat: Decimal
    gross: Decimal


class Phone(BaseModel):
    customer_id: str
    mobile_number: str
    data_used_gb: float
    monthly_fee: Decimal
    total_due: Decimal
    payment_due: date
    autopay: bool


class Water(BaseModel):
    supplier: str
    bill_number: str
    previous_reading: int
    current_reading: int
    consumption: int
    amount_payable: Decimal


ROMAN = Face("Times-Roman", "Times-Bold", 12)


class Address(BaseModel):
    street: str
    city: str
    postal_code: str


class Company(BaseModel):
    name: str
    address: Address


class Position(BaseModel):
    description: str
    qty: int
    unit_price: Decimal
    total: Decimal


class NestedInvoice(BaseModel):
    number: str
    issued: date
    due: date
    seller: Company
    buyer: Company
    positions: list[Position]
    total_amount: Decimal


def _quote() -> Document:
    rows = [
        ["Solar panel 410 W", "12", "145.00", "1,740.00"],
        ["Inverter 5 kW", "1", "980.00", "980.00"],
        ["Installation", "16", "55.00", "880.00"],
    ]
    truth = Quote(
        quote_number="Q-3307",
        issued_on=date(2024, 3, 5),
        valid_until=date(2024, 4, 5),
        customer="Hillside Farm",
        lines=[
            BillLine(item=i, qty=float(q), rate=Decimal(r), total=Decimal(t.replace(",", ""))) for i, q, r, t in rows
        ],
        net=Decimal("3600.00"),
        vat=Decimal("720.00"),
        gross=Decimal("4320.00"),
    )
    columns = [Column("Item", 230), Column("Qty", 60, "right"), Column("Rate", 90, "right")]
    columns.append(Column("Total", 115, "right"))
    sheet = page(
        595,
        480,
        lines(50, 60, ["Helio Installers"], Face(size=18), bold=True, colour=NAVY),
        [Text(545, 60, "QUOTATION", 16, "Helvetica", "right")],
        pairs(50, 100, [("Quote number", "Q-3307"), ("Customer", "Hillside Farm")], SANS, value_x=140, bold_label=True),
        pairs(
            340,
            100,
            [("Issued on", "5 March 2024"), ("Valid until", "5 April 2024")],
            SANS,
            value_x=430,
            bold_label=True,
        ),
        grid(50, 150, columns, rows, SANS, ruled="all", row_height=22, head_fill=PALE),
        pairs(
            380,
            268,
            [("Net", "£3,600.00"), ("VAT 20%", "£720.00"), ("Gross", "£4,320.00")],
            Face(size=11),
            value_x=541,
            align="right",
            gap=1.8,
        ),
    )
    return Document("second-quote", "invoice", Quote, truth, (sheet,), "png", 2.0)


def _phone() -> Document:
    truth = Phone(
        customer_id="TM-558204",
        mobile_number="+44 7700 900461",
        data_used_gb=18.4,
        monthly_fee=Decimal("22.00"),
        total_due=Decimal("26.35"),
        payment_due=date(2024, 7, 14),
        autopay=True,
    )
    cells = [
        [("Customer ID", "TM-558204"), ("Mobile number", "+44 7700 900461")],
        [("Data used", "18.4 GB"), ("Monthly fee", "£22.00")],
        [("Total due", "£26.35"), ("Payment due", "14 July 2024")],
        [("Autopay", "On"), ("Extras", "£4.35")],
    ]
    sheet = page(
        480,
        330,
        [Text(30, 44, "Tern Mobile", 22, "Helvetica-Bold", colour=(120, 20, 110))],
        lines(30, 62, ["Your monthly statement"], SANS, colour=GREY),
        below(26, 84, cells, Face(size=13), widths=(210, 210), row_height=50, label_size=8.5),
    )
    return Document("second-phone", "invoice", Phone, truth, (sheet,), "png", 2.0)


def _water() -> Document:
    truth = Water(
        supplier="Severnside Water",
        bill_number="9040-118",
        previous_reading=2214,
        current_reading=2259,
        consumption=45,
        amount_payable=Decimal("132.70"),
    )
    sheet = page(
        595,
        420,
        lines(50, 60, ["Severnside Water"], Face("Times-Roman", "Times-Bold", 20), bold=True),
        pairs(
            50,
            120,
            [
                ("Bill number", "9040-118"),
                ("Previous reading", "2214 m3"),
                ("Current reading", "2259 m3"),
                ("Consumption", "45 m3"),
                ("Amount payable", "£132.70"),
            ],
            ROMAN,
            value_x=420,
            align="right",
            gap=2.0,
        ),
        lines(50, 340, ["Pay online, by phone or at any post office."], SERIF),
    )
    return Document("second-water-pdf", "invoice", Water, truth, (sheet,), "pdf")


def _nested() -> Document:
    truth = NestedInvoice(
        number="2291",
        issued=date(2024, 6, 3),
        due=date(2024, 7, 3),
        seller=Company(
            name="Quarry Lane Joinery",
            address=Address(street="8 Quarry Lane", city="Exeter", postal_code="EX4 6PL"),
        ),
        buyer=Company(
            name="The Copper Kettle",
            address=Address(street="31 High Street", city="Totnes", postal_code="TQ9 5NP"),
        ),
        positions=[
            Position(description="Oak shelf", qty=4, unit_price=Decimal("62.00"), total=Decimal("248.00")),
            Position(description="Counter top", qty=1, unit_price=Decimal("540.00"), total=Decimal("540.00")),
        ],
        total_amount=Decimal("788.00"),
    )
    columns = [Column("Description", 230), Column("Qty", 60, "right"), Column("Unit price", 100, "right")]
    columns.append(Column("Total", 105, "right"))
    rows = [["Oak shelf", "4", "62.00", "248.00"], ["Counter top", "1", "540.00", "540.00"]]
    sheet = page(
        595,
        470,
        [Text(50, 60, "INVOICE", 22, "Times-Bold")],
        pairs(400, 50, [("Number", "2291"), ("Issued", "3 June 2024"), ("Due", "3 July 2024")], SANS, value_x=470),
        lines(50, 110, ["Seller"], SANS, bold=True),
        lines(50, 126, ["Quarry Lane Joinery", "8 Quarry Lane", "Exeter EX4 6PL"], SANS),
        lines(310, 110, ["Buyer"], SANS, bold=True),
        lines(310, 126, ["The Copper Kettle", "31 High Street", "Totnes TQ9 5NP"], SANS),
        grid(50, 190, columns, rows, SANS, ruled="rows", row_height=22),
        pairs(360, 285, [("Total amount", "£788.00")], Face(size=12), value_x=541, align="right", bold_label=True),
    )
    return Document("third-nested", "invoice", NestedInvoice, truth, (sheet,), "png", 2.0)


LATER_BILLS = (
    _quote(),
    _phone(),
    _water(),
    _nested(),
)
