"""Later documents: forms and records, some with nested models and lists of words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel

from .document import Document, page
from .marks import GREEN, GREY, NAVY, WHITE, Box, Column, Face, Rule, Text, below, grid, lines, pairs


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Incident(BaseModel):
    report_id: str
    reported_by: str
    reported_at: date
    severity: Severity
    injuries: bool
    location: str
    witnesses: int


class Passport(BaseModel):
    surname: str
    given_names: str
    nationality: str
    date_of_birth: date
    place_of_birth: str
    sex: str
    passport_number: str
    expiry: date


class Rental(BaseModel):
    tenant: str
    landlord: str
    monthly_rent: Decimal
    security_deposit: Decimal
    lease_start: date
    lease_end: date
    pets_allowed: bool
    bedrooms: int


ROMAN = Face("Times-Roman", "Times-Bold", 12)


class Guest(BaseModel):
    name: str
    email: str


class Booking(BaseModel):
    confirmation_code: str
    guest: Guest
    check_in: date
    check_out: date
    guests: int
    price_per_night: Decimal
    breakfast_included: bool


class Vehicle(BaseModel):
    make: str
    model: str
    year: int
    vin: str
    colour: str
    odometer: int


class Sale(BaseModel):
    seller: str
    buyer: str
    sale_date: date
    vehicle: Vehicle
    price: Decimal


class Job(BaseModel):
    title: str
    company: str
    location: str
    salary: str
    skills: list[str]
    remote: bool


class Address(BaseModel):
    street: str
    city: str
    postal_code: str


class Company(BaseModel):
    name: str
    address: Address


def _incident() -> Document:
    truth = Incident(
        report_id="IR-0215",
        reported_by="Yusuf Demir",
        reported_at=date(2024, 11, 6),
        severity=Severity.MEDIUM,
        injuries=False,
        location="Loading dock 3",
        witnesses=1,
    )
    rows = [
        ("Report ID:", "IR-0215"),
        ("Reported by:", "Yusuf Demir"),
        ("Reported on:", "6 Nov 2024"),
        ("Severity:", "Medium"),
        ("Injuries:", "None"),
        ("Location:", "Loading dock 3"),
        ("Witnesses:", "1"),
    ]
    sheet = page(
        460,
        320,
        [Text(40, 50, "INCIDENT REPORT", 18, "Helvetica-Bold"), Rule(40, 60, 420, 60, 2)],
        pairs(40, 96, rows, Face(size=12), value_x=150, gap=2.1, bold_label=True),
    )
    return Document("second-incident", "form", Incident, truth, (sheet,), "png", 2.0)


def _passport() -> Document:
    truth = Passport(
        surname="Hallgren",
        given_names="Astrid Maria",
        nationality="Swedish",
        date_of_birth=date(1993, 4, 18),
        place_of_birth="Uppsala",
        sex="F",
        passport_number="K4471903",
        expiry=date(2031, 2, 9),
    )
    cells = [
        [("Surname", "HALLGREN"), ("Passport No.", "K4471903")],
        [("Given names", "ASTRID MARIA"), ("Nationality", "SWEDISH")],
        [("Date of birth", "18 APR 1993"), ("Sex", "F")],
        [("Place of birth", "UPPSALA"), ("Date of expiry", "09 FEB 2031")],
    ]
    sheet = page(
        480,
        290,
        lines(150, 34, ["PASSPORT"], Face(size=14), bold=True),
        [Box(20, 50, 130, 190, (205, 200, 195), GREY), Box(50, 80, 100, 130, (150, 145, 140), None)],
        below(150, 46, cells, Face(size=12), widths=(170, 140), row_height=46, label_size=8),
        paper=(246, 240, 232),
    )
    return Document("second-passport", "form", Passport, truth, (sheet,), "jpeg", 2.2)


def _rental() -> Document:
    truth = Rental(
        tenant="Lucia Ferrara",
        landlord="Hartmann Immobilien",
        monthly_rent=Decimal("1150"),
        security_deposit=Decimal("3450"),
        lease_start=date(2024, 11, 1),
        lease_end=date(2026, 10, 31),
        pets_allowed=False,
        bedrooms=2,
    )
    rows = [
        ("Tenant", "Lucia Ferrara"),
        ("Landlord", "Hartmann Immobilien"),
        ("Bedrooms", "2"),
        ("Monthly rent", "EUR 1,150"),
        ("Security deposit", "EUR 3,450"),
        ("Lease start", "2024-11-01"),
        ("Lease end", "2026-10-31"),
        ("Pets allowed", "No"),
    ]
    sheet = page(
        595,
        500,
        [Text(297, 70, "Residential Lease Summary", 19, "Times-Bold", "centre")],
        grid(80, 100, [Column("Term", 200), Column("Details", 235)], rows, ROMAN, ruled="all", row_height=30),
    )
    return Document("second-rental-scan", "form", Rental, truth, (sheet,), "scan", 2.08)


def _booking() -> Document:
    truth = Booking(
        confirmation_code="ZX81QP",
        guest=Guest(name="Hana Suzuki", email="hana.s@example.org"),
        check_in=date(2025, 3, 14),
        check_out=date(2025, 3, 17),
        guests=2,
        price_per_night=Decimal("148.00"),
        breakfast_included=True,
    )
    cells = [
        [("CHECK-IN", "Fri, 14 Mar 2025"), ("CHECK-OUT", "Mon, 17 Mar 2025")],
        [("GUESTS", "2"), ("PRICE PER NIGHT", "€148.00")],
        [("BREAKFAST INCLUDED", "Yes"), ("CONFIRMATION CODE", "ZX81QP")],
    ]
    sheet = page(
        440,
        320,
        [Box(0, 0, 440, 54, GREEN, None), Text(24, 36, "Booking confirmed", 20, "Helvetica-Bold", colour=WHITE)],
        lines(24, 82, ["Guest: Hana Suzuki", "Email: hana.s@example.org"], Face(size=11)),
        below(20, 124, cells, Face(size=13), widths=(200, 200), row_height=52, label_size=8),
    )
    return Document("third-booking", "form", Booking, truth, (sheet,), "png", 2.2)


def _sale() -> Document:
    truth = Sale(
        seller="Margaret Doyle",
        buyer="Ivan Petrov",
        sale_date=date(2024, 4, 20),
        vehicle=Vehicle(
            make="Toyota", model="Corolla", year=2017, vin="JTDBR32E720054321", colour="Silver", odometer=84310
        ),
        price=Decimal("9200"),
    )
    rows = [
        ("Make:", "Toyota"),
        ("Model:", "Corolla"),
        ("Year:", "2017"),
        ("VIN:", "JTDBR32E720054321"),
        ("Colour:", "Silver"),
        ("Odometer:", "84,310"),
    ]
    face = Face("Times-Roman", "Times-Bold", 12)
    sheet = page(
        480,
        400,
        [Text(240, 50, "Bill of Sale", 22, "Times-Bold", "centre")],
        pairs(50, 96, [("Seller:", "Margaret Doyle"), ("Buyer:", "Ivan Petrov")], face, value_x=140),
        lines(50, 150, ["Vehicle"], face, bold=True),
        pairs(50, 174, rows, face, value_x=140, gap=1.7),
        pairs(50, 316, [("Sale date:", "April 20, 2024"), ("Price:", "$9,200")], face, value_x=140, gap=1.7),
    )
    return Document("third-sale", "form", Sale, truth, (sheet,), "png", 2.0)


def _job() -> Document:
    truth = Job(
        title="Backend Developer",
        company="Fjordbyte",
        location="Bergen, Norway",
        salary="NOK 780,000",
        skills=["Python", "PostgreSQL", "Docker"],
        remote=True,
    )
    rows = [
        ("Title", "Backend Developer"),
        ("Company", "Fjordbyte"),
        ("Location", "Bergen, Norway"),
        ("Salary", "NOK 780,000"),
        ("Skills", "Python, PostgreSQL, Docker"),
        ("Remote", "Yes"),
    ]
    sheet = page(
        440,
        280,
        [Text(30, 46, "We are hiring", 20, "Helvetica-Bold", colour=NAVY)],
        pairs(30, 90, rows, Face(size=12), value_x=120, gap=2.1, bold_label=True),
    )
    return Document("third-job", "form", Job, truth, (sheet,), "jpeg", 2.0)


LATER_FORMS = (
    _incident(),
    _passport(),
    _rental(),
    _booking(),
    _sale(),
    _job(),
)
