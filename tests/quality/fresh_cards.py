"""Fresh documents: tables, badges, cards and plates, drawn before the reader had seen any of them."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from .document import Document, page
from .marks import GREY, NAVY, PALE, SANS, WHITE, Box, Code, Column, Face, Rule, Text, grid, lines, pairs


class Course(BaseModel):
    course: str
    day: str
    time: str
    room: str
    instructor: str


class Stock(BaseModel):
    sku: str
    item: str
    in_stock: int
    reorder_level: int
    shelf: str


class Inventory(BaseModel):
    warehouse: str
    counted_on: date
    stock: list[Stock]


class Attendee(BaseModel):
    attendee: str
    role: str
    company: str
    event: str


class Gym(BaseModel):
    member_name: str
    member_number: str
    plan: str
    valid_until: date


class RatingPlate(BaseModel):
    model: str
    serial_number: str
    input: str
    output: str
    manufactured: str


def _courses() -> Document:
    rows = [
        ["Pottery I", "Monday", "9:00 - 10:30", "A2", "J. Osei"],
        ["Life drawing", "Tuesday", "18:30 - 20:30", "B1", "M. Varga"],
        ["Bookbinding", "Thursday", "14:00 - 16:00", "A4", "R. Keane"],
        ["Screen printing", "Saturday", "10:00 - 13:00", "C3", "L. Brandt"],
    ]
    truth = [Course(course=c, day=d, time=t, room=r, instructor=i) for c, d, t, r, i in rows]
    columns = [Column("Course", 120), Column("Day", 80), Column("Time", 100), Column("Room", 60)]
    columns.append(Column("Instructor", 90))
    sheet = page(
        510,
        220,
        [Text(30, 42, "Autumn programme", 17, "Times-Bold")],
        grid(30, 62, columns, rows, Face("Times-Roman", "Times-Bold", 11.5), row_height=25, ruled="rows"),
    )
    return Document("fresh-courses", "table", list[Course], truth, (sheet,), "png", 2.1)


def _inventory() -> Document:
    rows = [
        ["BK-104", "Brake pads", "38", "20", "C-07"],
        ["CH-220", "Chain 11-speed", "12", "15", "C-09"],
        ["TY-700", "Tyre 700 x 28C", "64", "40", "D-01"],
        ["TB-700", "Inner tube", "120", "60", "D-02"],
    ]
    truth = Inventory(
        warehouse="Harlow North",
        counted_on=date(2025, 1, 31),
        stock=[Stock(sku=s, item=i, in_stock=int(n), reorder_level=int(m), shelf=h) for s, i, n, m, h in rows],
    )
    columns = [Column("SKU", 75), Column("Item", 140), Column("In stock", 75, "right")]
    columns += [Column("Reorder level", 100, "right"), Column("Shelf", 70, "centre")]
    sheet = page(
        520,
        250,
        lines(30, 42, ["Stock count"], Face(size=17), bold=True),
        pairs(30, 70, [("Warehouse:", "Harlow North"), ("Counted on:", "31/01/2025")], SANS, value_x=110),
        grid(30, 106, columns, rows, SANS, row_height=24, ruled="all", head_fill=PALE),
    )
    return Document("fresh-inventory-scan", "table", Inventory, truth, (sheet,), "scan", 2.1)


def _delegate() -> Document:
    truth = Attendee(
        attendee="Catarina Moreau", role="Policy Analyst", company="Halden Institute", event="Northern Ports Days 2025"
    )
    sheet = page(
        280,
        380,
        [Box(0, 0, 280, 64, (10, 90, 120), None)],
        [Text(140, 40, "Northern Ports Days 2025", 17, "Helvetica-Bold", "centre", WHITE)],
        [Text(140, 150, "Catarina Moreau", 25, "Helvetica-Bold", "centre")],
        [Text(140, 180, "Policy Analyst", 14, "Helvetica", "centre", GREY)],
        [Text(140, 206, "Halden Institute", 16, "Helvetica-Bold", "centre")],
        [Rule(40, 226, 240, 226, 1.0, GREY)],
        [Code(95, 246, 90, "QRCode", "NPD25-00713")],
    )
    return Document("fresh-delegate", "badge", Attendee, truth, (sheet,), "png", 2.2)


def _gym() -> Document:
    truth = Gym(member_name="Deshawn Pryor", member_number="GX-55027", plan="Off-peak", valid_until=date(2026, 8, 31))
    rows = [("Member number", "GX-55027"), ("Plan", "Off-peak"), ("Valid until", "31 Aug 2026")]
    sheet = page(
        340,
        210,
        [Box(0, 0, 340, 46, (30, 30, 34), None), Text(20, 31, "IRONWORKS GYM", 17, "Helvetica-Bold", colour=WHITE)],
        [Text(20, 88, "Deshawn Pryor", 19, "Helvetica-Bold")],
        pairs(20, 120, rows, Face(size=11), value_x=120, gap=1.8),
        [Code(220, 150, 100, "Code128", "GX-55027", 34)],
    )
    return Document("fresh-gym", "badge", Gym, truth, (sheet,), "jpeg", 2.4)


def _plate() -> Document:
    truth = RatingPlate(
        model="AD-6519",
        serial_number="2418 00397",
        input="100-240 V, 50/60 Hz, 1.6 A",
        output="19.5 V, 3.34 A",
        manufactured="04/2024",
    )
    rows = [
        ("Model:", "AD-6519"),
        ("Serial No.:", "2418 00397"),
        ("Input:", "100-240 V, 50/60 Hz, 1.6 A"),
        ("Output:", "19.5 V, 3.34 A"),
        ("Manufactured:", "04/2024"),
    ]
    sheet = page(
        330,
        190,
        [Box(6, 6, 324, 184, None, NAVY, 1.4), Text(20, 38, "Voltare", 18, "Helvetica-BoldOblique")],
        [Text(110, 38, "AC/DC power adapter", 11)],
        pairs(20, 66, rows, Face(size=11), value_x=105, gap=1.9),
    )
    return Document("fresh-plate", "badge", RatingPlate, truth, (sheet,), "png", 2.3)


FRESH_CARDS = (
    _courses(),
    _inventory(),
    _delegate(),
    _gym(),
    _plate(),
)
