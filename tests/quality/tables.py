"""Tables: price list, timetable, inventory, standings, directory, results."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from pydantic import BaseModel, Field

from .document import Document, page
from .marks import GREY, MONO, NAVY, PALE, SANS, SERIF, WHITE, Column, Face, Text, grid, lines


class Price(BaseModel):
    product: str
    sku: str
    price: Decimal


class Departure(BaseModel):
    train: str
    destination: str
    departs: time
    platform: int


class Board(BaseModel):
    station: str
    departures: list[Departure]


class Stock(BaseModel):
    part_number: str
    description: str
    on_hand: int
    reorder_level: int
    unit_cost: Decimal


class Team(BaseModel):
    position: int
    team: str
    played: int
    won: int
    drawn: int
    lost: int
    points: int


class Person(BaseModel):
    name: str
    department: str
    extension: str
    email: str


class Result(BaseModel):
    student: str
    subject: str
    score: int
    grade: str
    passed: bool


class ResultSheet(BaseModel):
    school: str
    exam_date: date = Field(description="Date of the exam")
    results: list[Result]


class Forecast(BaseModel):
    day: str
    high: int
    low: int
    rain: str = Field(description="Chance of rain")


def _prices() -> Document:
    rows = [
        ["Olive oil 500 ml", "OL-500", "$14.50"],
        ["Balsamic vinegar", "BV-250", "$9.90"],
        ["Sea salt flakes", "SS-100", "$4.25"],
        ["Smoked paprika", "SP-075", "$5.60"],
        ["Dried oregano", "DO-050", "$3.15"],
    ]
    truth = [Price(product=p, sku=s, price=Decimal(v[1:])) for p, s, v in rows]
    columns = [Column("Product", 200), Column("SKU", 100), Column("Price", 90, "right")]
    sheet = page(
        450,
        250,
        [Text(30, 44, "Pantry price list", 18, "Times-Bold")],
        grid(30, 66, columns, rows, Face("Times-Roman", "Times-Bold", 12), row_height=24),
    )
    return Document("table-prices", "table", list[Price], truth, (sheet,), "png", 2.2)


def _departures() -> Document:
    rows = [
        ["IC 512", "Basel", "08:03", "4"],
        ["RE 2209", "Lucerne", "08:10", "7"],
        ["IR 36", "St. Gallen", "08:21", "12"],
        ["S 8", "Winterthur", "08:27", "31"],
        ["EC 151", "Milano", "08:33", "9"],
    ]
    truth = Board(
        station="Zug Central",
        departures=[
            Departure(train=t, destination=d, departs=time.fromisoformat(at), platform=int(p)) for t, d, at, p in rows
        ],
    )
    columns = [
        Column("Train", 90),
        Column("Destination", 150),
        Column("Departs", 90),
        Column("Platform", 80, "centre"),
    ]
    sheet = page(
        470,
        270,
        [Text(30, 44, "Zug Central", 22, "Helvetica-Bold"), Text(30, 62, "Departures", 12, colour=GREY)],
        grid(
            30,
            80,
            columns,
            rows,
            Face(size=12),
            row_height=26,
            head_fill=NAVY,
            head_colour=WHITE,
            ruled="rows",
        ),
    )
    return Document("table-departures", "table", Board, truth, (sheet,), "png", 2.0)


def _stock() -> Document:
    rows = [
        ["BR-6204", "Ball bearing 20x47", "118", "40", "3.75"],
        ["VB-A52", "V-belt A52", "23", "15", "8.20"],
        ["OS-3045", "Oil seal 30x45", "64", "25", "2.10"],
        ["CH-08B", "Roller chain 08B", "9", "10", "31.00"],
        ["FS-M8", "Flange screw M8", "1450", "500", "0.12"],
        ["GK-110", "Gasket kit 110", "12", "6", "17.45"],
    ]
    truth = [
        Stock(part_number=n, description=d, on_hand=int(h), reorder_level=int(r), unit_cost=Decimal(c))
        for n, d, h, r, c in rows
    ]
    columns = [
        Column("Part number", 90),
        Column("Description", 150),
        Column("On hand", 70, "right"),
        Column("Reorder level", 90, "right"),
        Column("Unit cost", 80, "right"),
    ]
    sheet = page(
        540,
        260,
        lines(30, 40, ["Warehouse B inventory"], Face(size=15), bold=True),
        grid(30, 60, columns, rows, SANS, row_height=23, ruled="all", head_fill=PALE),
    )
    return Document("table-stock", "table", list[Stock], truth, (sheet,), "png", 2.0)


def _league() -> Document:
    rows = [
        ["1", "Rovers", "18", "12", "4", "2", "40"],
        ["2", "Athletic", "18", "11", "3", "4", "36"],
        ["3", "Wanderers", "18", "9", "5", "4", "32"],
        ["4", "Harbour Town", "18", "8", "4", "6", "28"],
        ["5", "Vale United", "18", "5", "6", "7", "21"],
    ]
    truth = [
        Team(
            position=int(r[0]),
            team=r[1],
            played=int(r[2]),
            won=int(r[3]),
            drawn=int(r[4]),
            lost=int(r[5]),
            points=int(r[6]),
        )
        for r in rows
    ]
    headers = ["Position", "Team", "Played", "Won", "Drawn", "Lost", "Points"]
    columns = [Column(h, 120 if h == "Team" else 56, "left" if h == "Team" else "centre") for h in headers]
    sheet = page(
        520,
        250,
        [Text(260, 40, "Division Two, week 18", 16, "Times-Bold", "centre")],
        grid(30, 60, columns, rows, SERIF, row_height=26, ruled="rows"),
    )
    return Document("table-league-pdf", "table", list[Team], truth, (sheet,), "pdf", 2.0)


def _directory() -> Document:
    rows = [
        ["Amara Diallo", "Finance", "2041", "a.diallo@corvid.com"],
        ["Henrik Olsen", "Facilities", "2177", "h.olsen@corvid.com"],
        ["Mei Tanaka", "Research", "2305", "m.tanaka@corvid.com"],
        ["Ruth Feldman", "Legal", "2012", "r.feldman@corvid.com"],
    ]
    truth = [Person(name=n, department=d, extension=e, email=m) for n, d, e, m in rows]
    columns = [Column("Name", 120), Column("Department", 100), Column("Ext.", 60), Column("E-mail", 170)]
    sheet = page(
        510,
        210,
        lines(30, 40, ["STAFF DIRECTORY"], Face("Courier", "Courier-Bold", 14), bold=True),
        grid(30, 56, columns, rows, MONO, row_height=26, ruled="none"),
    )
    return Document("table-directory", "table", list[Person], truth, (sheet,), "jpeg", 2.2)


def _results() -> Document:
    rows = [
        ["Ben Carter", "Chemistry", "71", "B", "yes"],
        ["Zoe Lindqvist", "Chemistry", "88", "A", "yes"],
        ["Omar Farouk", "Chemistry", "39", "F", "no"],
        ["Lena Hoffmann", "Chemistry", "64", "C", "yes"],
    ]
    truth = ResultSheet(
        school="Eastfield Academy",
        exam_date=date(2024, 5, 17),
        results=[Result(student=n, subject=s, score=int(p), grade=g, passed=ok == "yes") for n, s, p, g, ok in rows],
    )
    columns = [
        Column("Student", 130),
        Column("Subject", 100),
        Column("Score", 60, "right"),
        Column("Grade", 60, "centre"),
        Column("Passed", 60, "centre"),
    ]
    sheet = page(
        480,
        260,
        [Text(30, 42, "Eastfield Academy", 17, "Helvetica-Bold")],
        lines(30, 62, ["Exam date: 17 May 2024"], SANS),
        grid(30, 84, columns, rows, Face(size=11), row_height=26, ruled="all"),
    )
    return Document("table-results-scan", "table", ResultSheet, truth, (sheet,), "scan", 2.08)


def _forecast() -> Document:
    rows = [
        ["Monday", "18", "9", "10%"],
        ["Tuesday", "21", "11", "0%"],
        ["Wednesday", "16", "10", "65%"],
        ["Thursday", "14", "8", "80%"],
        ["Friday", "17", "7", "20%"],
    ]
    truth = [Forecast(day=d, high=int(h), low=int(low), rain=r) for d, h, low, r in rows]
    columns = [
        Column("Day", 110),
        Column("High", 70, "right"),
        Column("Low", 70, "right"),
        Column("Rain", 80, "right"),
    ]
    sheet = page(
        400,
        240,
        [Text(30, 40, "Five-day forecast, Bergen", 15, "Helvetica-Bold")],
        grid(30, 58, columns, rows, Face(size=12), row_height=25, ruled="header"),
        paper=(240, 246, 252),
    )
    return Document("table-forecast", "table", list[Forecast], truth, (sheet,), "png", 2.2)


TABLES = (_prices(), _departures(), _stock(), _league(), _directory(), _results(), _forecast())
