"""Bills and statements that are not the usual invoice: hours, power, subscription, clinic."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field

from .document import Document, page
from .marks import (
    GREY,
    SANS,
    SERIF,
    WHITE,
    Box,
    Column,
    Face,
    Rule,
    Text,
    below,
    grid,
    lines,
    pairs,
)

A4 = (595.0, 842.0)


BODY = Face(size=9.5)


class Hours(BaseModel):
    task: str
    hours: float
    rate: Decimal


class Timesheet(BaseModel):
    invoice_no: str
    date_of_issue: date
    client: str
    work: list[Hours]
    total_due: Decimal
    iban: str


class Utility(BaseModel):
    account_number: str
    customer_name: str
    service_address: str
    meter_reading: int
    usage_kwh: int
    amount_due: Decimal
    due_date: date


class Subscription(BaseModel):
    invoice_id: str
    billing_email: str
    plan: str
    seats: int
    period_start: date
    period_end: date
    total: Decimal = Field(description="Amount charged")
    currency: str
    paid: bool


class Treatment(BaseModel):
    service: str
    code: str
    charge: Decimal


class Clinic(BaseModel):
    patient_name: str
    date_of_birth: date
    statement_date: date
    treatments: list[Treatment]
    insurance_paid: Decimal
    patient_balance: Decimal


def _freelance() -> Document:
    truth = Timesheet(
        invoice_no="2024-31",
        date_of_issue=date(2024, 7, 31),
        client="Polar Analytics Ltd",
        work=[
            Hours(task="API integration", hours=18.5, rate=Decimal("95.00")),
            Hours(task="Code review", hours=6.0, rate=Decimal("80.00")),
            Hours(task="Documentation", hours=4.25, rate=Decimal("70.00")),
        ],
        total_due=Decimal("2535.00"),
        iban="GB29 NWBK 6016 1331 9268 19",
    )
    columns = [
        Column("Task", 240),
        Column("Hours", 70, "right"),
        Column("Rate", 80, "right"),
        Column("Sum", 105, "right"),
    ]
    cells = [
        ["API integration", "18.5", "95.00", "1,757.50"],
        ["Code review", "6.0", "80.00", "480.00"],
        ["Documentation", "4.25", "70.00", "297.50"],
    ]
    sheet = page(
        *A4,
        lines(60, 80, ["Tomasz Zielinski"], Face("Times-Roman", "Times-Bold", 18), bold=True),
        lines(60, 98, ["Freelance software developer"], Face("Times-Italic", size=11)),
        pairs(
            60,
            140,
            [
                ("Invoice no.:", "2024-31"),
                ("Date of issue:", "31/07/2024"),
                ("Client:", "Polar Analytics Ltd"),
            ],
            SERIF,
            value_x=150,
            bold_label=True,
        ),
        grid(60, 220, columns, cells, SERIF, row_height=24, ruled="rows"),
        pairs(
            370,
            350,
            [("Total due", "GBP 2,535.00")],
            Face("Times-Roman", "Times-Bold", 13),
            value_x=551,
            align="right",
            bold_label=True,
        ),
        pairs(60, 420, [("IBAN:", "GB29 NWBK 6016 1331 9268 19"), ("BIC:", "NWBKGB2L")], SERIF, value_x=110),
    )
    return Document("invoice-freelance-pdf", "invoice", Timesheet, truth, (sheet,), "pdf")


def _power() -> Document:
    truth = Utility(
        account_number="4410 8827 15",
        customer_name="Daniel Abara",
        service_address="19 Willow Court, Albany NY",
        meter_reading=48213,
        usage_kwh=612,
        amount_due=Decimal("104.88"),
        due_date=date(2024, 12, 5),
    )
    cells = [
        [("Account number", "4410 8827 15"), ("Customer name", "Daniel Abara")],
        [("Service address", "19 Willow Court, Albany NY"), ("Meter reading", "48213")],
        [("Usage (kWh)", "612"), ("Billing period", "Oct 8 - Nov 7, 2024")],
    ]
    sheet = page(
        520,
        360,
        [Box(0, 0, 520, 60, (240, 160, 30), None)],
        [Text(28, 38, "Hudson Power & Light", 19, "Helvetica-Bold", colour=WHITE)],
        below(28, 84, cells, Face(size=12), widths=(250, 214), row_height=44, label_size=8),
        [Box(28, 240, 492, 310, (250, 243, 228), None)],
        [Text(44, 264, "Amount due", 9), Text(44, 294, "$104.88", 22, "Helvetica-Bold")],
        [Text(300, 264, "Due date", 9), Text(300, 290, "Dec 5, 2024", 14)],
    )
    return Document("invoice-power", "invoice", Utility, truth, (sheet,), "png", 2.0)


def _hosting() -> Document:
    truth = Subscription(
        invoice_id="in_88F2K1",
        billing_email="accounts@meridianlabs.io",
        plan="Team Annual",
        seats=12,
        period_start=date(2024, 1, 1),
        period_end=date(2024, 12, 31),
        total=Decimal("2880.00"),
        currency="USD",
        paid=True,
    )
    rows = [
        ("Invoice ID", "in_88F2K1"),
        ("Billing email", "accounts@meridianlabs.io"),
        ("Plan", "Team Annual"),
        ("Seats", "12"),
        ("Period start", "2024-01-01"),
        ("Period end", "2024-12-31"),
        ("Currency", "USD"),
        ("Amount charged", "2,880.00"),
        ("Paid", "yes"),
    ]
    sheet = page(
        595,
        420,
        [Text(60, 70, "Receipt for your subscription", 18, "Helvetica-Bold")],
        lines(60, 92, ["Cloudpeak Hosting Inc."], BODY, colour=GREY),
        pairs(60, 140, rows, Face(size=11), value_x=220, gap=2.0),
    )
    return Document("invoice-hosting-pdf", "invoice", Subscription, truth, (sheet,), "pdf")


def _clinic() -> Document:
    truth = Clinic(
        patient_name="Samuel Ortiz",
        date_of_birth=date(1986, 2, 11),
        statement_date=date(2024, 10, 1),
        treatments=[
            Treatment(service="Office visit", code="99213", charge=Decimal("145.00")),
            Treatment(service="Blood panel", code="80053", charge=Decimal("68.00")),
            Treatment(service="Flu vaccine", code="90686", charge=Decimal("42.00")),
        ],
        insurance_paid=Decimal("180.00"),
        patient_balance=Decimal("75.00"),
    )
    columns = [Column("Service", 220), Column("Code", 100), Column("Charge", 120, "right")]
    cells = [
        ["Office visit", "99213", "$145.00"],
        ["Blood panel", "80053", "$68.00"],
        ["Flu vaccine", "90686", "$42.00"],
    ]
    sheet = page(
        540,
        430,
        lines(50, 50, ["Cedar Valley Clinic"], Face(size=16), bold=True),
        lines(490, 50, ["PATIENT STATEMENT"], Face(size=11), align="right"),
        pairs(
            50,
            90,
            [
                ("Patient name:", "Samuel Ortiz"),
                ("Date of birth:", "02/11/1986"),
                ("Statement date:", "10/01/2024"),
            ],
            SANS,
            value_x=140,
        ),
        grid(50, 150, columns, cells, SANS, ruled="header", row_height=22),
        [Rule(50, 244, 490, 244)],
        pairs(
            280,
            266,
            [("Insurance paid", "$180.00"), ("Patient balance", "$75.00")],
            SANS,
            value_x=486,
            align="right",
            gap=1.9,
        ),
        lines(50, 380, ["Questions? Call (319) 555-0122 between 9 and 5."], Face(size=8.5), colour=GREY),
    )
    return Document("invoice-clinic", "invoice", Clinic, truth, (sheet,), "jpeg", 2.0)


BILLS = (_freelance(), _power(), _hosting(), _clinic())
