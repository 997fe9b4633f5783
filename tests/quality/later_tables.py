"""Later documents: tables with times, units, ranges and statuses."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

from .document import Document, page
from .marks import MONO, PALE, SANS, Column, Face, Text, grid, lines, pairs


class Nutrient(BaseModel):
    nutrient: str
    per_100g: str
    per_serving: str


class Player(BaseModel):
    no: int
    player: str
    goals: int
    assists: int


ROMAN = Face("Times-Roman", "Times-Bold", 12)


class Shift(BaseModel):
    employee: str
    day: str
    start: time
    end: time
    hours: float


class Flight(BaseModel):
    flight_no: str
    origin: str
    destination: str
    departure: time
    arrival: time
    status: Literal["on time", "delayed", "cancelled"]


class Expense(BaseModel):
    when: date = Field(description="Date")
    category: str
    amount: Decimal


class Expenses(BaseModel):
    employee: str
    period: str
    expenses: list[Expense]
    total: Decimal


class Lab(BaseModel):
    test: str
    result: float
    unit: str
    reference_range: str


class LabReport(BaseModel):
    patient: str
    collected: date
    results: list[Lab]


def _nutrition() -> Document:
    rows = [
        ["Energy", "1480 kJ", "444 kJ"],
        ["Fat", "7.2 g", "2.2 g"],
        ["Carbohydrate", "58 g", "17 g"],
        ["Fibre", "9.5 g", "2.9 g"],
        ["Protein", "11 g", "3.3 g"],
        ["Salt", "0.02 g", "0.01 g"],
    ]
    truth = [Nutrient(nutrient=n, per_100g=a, per_serving=b) for n, a, b in rows]
    columns = [Column("Nutrient", 130), Column("Per 100g", 90, "right"), Column("Per serving", 100, "right")]
    sheet = page(
        380,
        250,
        [Text(30, 40, "Nutrition information", 15, "Helvetica-Bold")],
        grid(30, 56, columns, rows, Face(size=11), row_height=24, ruled="rows"),
    )
    return Document("second-nutrition", "table", list[Nutrient], truth, (sheet,), "png", 2.2)


def _players() -> Document:
    rows = [
        ["9", "Ortega", "14", "6"],
        ["10", "Van Dijk", "11", "12"],
        ["7", "Mbeki", "9", "3"],
        ["4", "Ivanov", "2", "5"],
    ]
    truth = [Player(no=int(n), player=p, goals=int(g), assists=int(a)) for n, p, g, a in rows]
    columns = [Column("No", 50), Column("Player", 140), Column("Goals", 70, "centre"), Column("Assists", 80, "centre")]
    sheet = page(
        400,
        210,
        [Text(30, 38, "Top scorers", 16, "Times-Bold")],
        grid(30, 54, columns, rows, ROMAN, row_height=26),
    )
    return Document("second-players", "table", list[Player], truth, (sheet,), "jpeg", 2.2)


def _shifts() -> Document:
    rows = [
        ["Ana", "Monday", "08:00", "16:30", "8.5"],
        ["Boris", "Monday", "12:00", "20:00", "8"],
        ["Chloe", "Tuesday", "06:30", "14:30", "8"],
        ["Ana", "Wednesday", "08:00", "13:00", "5"],
    ]
    truth = [
        Shift(employee=e, day=d, start=time.fromisoformat(s), end=time.fromisoformat(t), hours=float(h))
        for e, d, s, t, h in rows
    ]
    columns = [Column(n, 90) for n in ("Employee", "Day", "Start", "End")] + [Column("Hours", 60, "right")]
    sheet = page(
        480,
        220,
        lines(30, 40, ["Roster week 22"], Face("Courier", "Courier-Bold", 14), bold=True),
        grid(30, 56, columns, rows, MONO, row_height=24, ruled="all"),
    )
    return Document("second-shifts", "table", list[Shift], truth, (sheet,), "png", 2.2)


def _flights() -> Document:
    rows = [
        ["LX 1842", "Zurich", "Porto", "09:15", "11:05", "On time"],
        ["TP 0921", "Lisbon", "Geneva", "10:40", "14:20", "Delayed"],
        ["BA 0337", "Nice", "London", "12:55", "14:00", "Cancelled"],
    ]
    truth = [
        Flight(
            flight_no=r[0],
            origin=r[1],
            destination=r[2],
            departure=time.fromisoformat(r[3]),
            arrival=time.fromisoformat(r[4]),
            status=r[5].lower(),  # type: ignore[arg-type]
        )
        for r in rows
    ]
    names = ["Flight no", "Origin", "Destination", "Departure", "Arrival", "Status"]
    columns = [Column(n, 85) for n in names]
    sheet = page(
        570,
        180,
        lines(30, 40, ["Flights today"], Face(size=16), bold=True),
        grid(30, 58, columns, rows, SANS, row_height=26, head_fill=PALE),
    )
    return Document("third-flights", "table", list[Flight], truth, (sheet,), "png", 2.0)


def _expenses() -> Document:
    rows = [
        ["2024-05-02", "Train", "64.20"],
        ["2024-05-03", "Hotel", "189.00"],
        ["2024-05-03", "Meals", "41.75"],
        ["2024-05-04", "Taxi", "23.10"],
    ]
    truth = Expenses(
        employee="Sofia Almeida",
        period="May 2024",
        expenses=[Expense(when=date.fromisoformat(w), category=c, amount=Decimal(a)) for w, c, a in rows],
        total=Decimal("318.05"),
    )
    columns = [Column("Date", 120), Column("Category", 160), Column("Amount", 100, "right")]
    sheet = page(
        450,
        300,
        [Text(30, 44, "Expense report", 18, "Times-Bold")],
        pairs(30, 74, [("Employee:", "Sofia Almeida"), ("Period:", "May 2024")], SANS, value_x=100),
        grid(30, 106, columns, rows, Face("Times-Roman", "Times-Bold", 12), row_height=24, ruled="all"),
        pairs(270, 254, [("Total", "318.05")], Face(size=12), value_x=406, align="right", bold_label=True),
    )
    return Document("third-expenses", "table", Expenses, truth, (sheet,), "png", 2.2)


def _lab() -> Document:
    rows = [
        ["Glucose", "5.2", "mmol/L", "3.9 - 5.6"],
        ["Sodium", "141", "mmol/L", "135 - 145"],
        ["Ferritin", "88", "ug/L", "30 - 300"],
    ]
    truth = LabReport(
        patient="Viktor Hansen",
        collected=date(2024, 9, 11),
        results=[Lab(test=t, result=float(r), unit=u, reference_range=x) for t, r, u, x in rows],
    )
    columns = [Column("Test", 130), Column("Result", 80, "right"), Column("Unit", 90), Column("Reference range", 130)]
    sheet = page(
        500,
        240,
        lines(30, 40, ["LABORATORY REPORT"], Face(size=15), bold=True),
        pairs(30, 70, [("Patient", "Viktor Hansen"), ("Collected", "11 Sep 2024")], SANS, value_x=110, bold_label=True),
        grid(30, 110, columns, rows, SANS, row_height=24, ruled="rows"),
    )
    return Document("third-lab-pdf", "table", LabReport, truth, (sheet,), "pdf", 2.0)


LATER_TABLES = (
    _nutrition(),
    _players(),
    _shifts(),
    _flights(),
    _expenses(),
    _lab(),
)
