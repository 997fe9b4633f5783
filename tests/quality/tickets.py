"""Receipts for services: fuel, parking, taxi, pharmacy, hotel."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from pydantic import BaseModel, Field

from .document import Document, page
from .marks import GREY, MONO, SANS, Box, Column, Face, Rule, Text, grid, lines, pairs
from .receipts import SMALL, THERMAL, head


class Fuel(BaseModel):
    station: str
    pump: int
    fuel_grade: str
    litres: Decimal
    price_per_litre: Decimal
    total: Decimal
    vat_number: str
    date: date


class Parking(BaseModel):
    location: str
    ticket_number: str
    entry_time: time
    exit_time: time
    amount_paid: Decimal = Field(description="Amount paid, in euro")
    licence_plate: str


class Ride(BaseModel):
    driver: str
    fare: Decimal
    tolls: Decimal
    tip: Decimal
    total: Decimal
    distance_miles: float
    date: date


class Prescription(BaseModel):
    pharmacy: str
    prescription_number: str = Field(description="Rx number")
    patient: str
    medication: str
    refills: int
    copay: Decimal
    insured: bool


class Stay(BaseModel):
    hotel: str
    guest_name: str
    room: str
    arrival: date
    departure: date
    nights: int
    balance: Decimal = Field(description="Balance due")
    email: str | None = None


def _fuel() -> Document:
    truth = Fuel(
        station="Northgate Services",
        pump=7,
        fuel_grade="Unleaded E10",
        litres=Decimal("38.42"),
        price_per_litre=Decimal("1.459"),
        total=Decimal("56.05"),
        vat_number="GB 284 1193 07",
        date=date(2024, 1, 9),
    )
    sheet = page(
        250,
        300,
        head(["NORTHGATE SERVICES", "A19 Northbound, DL6 3QB", "VAT No: GB 284 1193 07"], 32, 250, 13),
        pairs(
            18,
            96,
            [
                ("Date", "09/01/2024"),
                ("Pump", "7"),
                ("Grade", "Unleaded E10"),
                ("Litres", "38.42"),
                ("Price/litre", "£1.459"),
            ],
            MONO,
            value_x=232,
            align="right",
            gap=1.8,
        ),
        [Rule(18, 184, 232, 184, 1)],
        pairs(18, 208, [("TOTAL", "£56.05")], Face("Courier", "Courier-Bold", 14), value_x=232, align="right"),
        lines(125, 250, ["CARD PAYMENT CONTACTLESS", "PLEASE KEEP THIS RECEIPT"], SMALL, align="centre"),
        paper=THERMAL,
    )
    return Document("receipt-fuel", "receipt", Fuel, truth, (sheet,), "jpeg", scale=2.4)


def _parking() -> Document:
    truth = Parking(
        location="Gare du Midi P2",
        ticket_number="0047713",
        entry_time=time(9, 12),
        exit_time=time(14, 48),
        amount_paid=Decimal("13.50"),
        licence_plate="1-KPT-204",
    )
    sheet = page(
        230,
        270,
        [Box(12, 12, 218, 46, (30, 70, 140), None)],
        [Text(115, 35, "PARKING RECEIPT", 15, "Helvetica-Bold", "centre", (255, 255, 255))],
        pairs(
            18,
            74,
            [
                ("Location:", "Gare du Midi P2"),
                ("Ticket No:", "0047713"),
                ("Plate:", "1-KPT-204"),
                ("Entry:", "18/04/2024 09:12"),
                ("Exit:", "18/04/2024 14:48"),
                ("Duration:", "5 h 36 min"),
            ],
            Face(size=10),
            value_x=90,
        ),
        [Rule(18, 178, 212, 178)],
        pairs(
            18,
            202,
            [("Amount paid", "EUR 13.50")],
            Face(size=13),
            value_x=212,
            align="right",
            bold_value=True,
        ),
        lines(115, 244, ["Valid 15 minutes after payment"], Face(size=8), align="centre"),
    )
    return Document("receipt-parking", "receipt", Parking, truth, (sheet,), scale=2.6)


def _taxi() -> Document:
    truth = Ride(
        driver="M. Okafor",
        fare=Decimal("31.50"),
        tolls=Decimal("6.94"),
        tip=Decimal("7.00"),
        total=Decimal("45.44"),
        distance_miles=9.7,
        date=date(2024, 6, 30),
    )
    sheet = page(
        260,
        290,
        [Text(130, 34, "CITY CAB CO-OP", 15, "Courier-Bold", "centre")],
        lines(16, 64, ["Driver: M. Okafor", "Medallion: 4K21", "Date: 2024-06-30", "Distance: 9.7 mi"], MONO),
        pairs(
            16,
            140,
            [("Fare", "$31.50"), ("Tolls", "$6.94"), ("Tip", "$7.00"), ("TOTAL", "$45.44")],
            MONO,
            value_x=244,
            align="right",
            gap=1.9,
            leader=True,
        ),
        lines(130, 250, ["Lost property: dial 311"], SMALL, align="centre"),
        paper=THERMAL,
    )
    return Document("receipt-taxi", "receipt", Ride, truth, (sheet,), "jpeg", scale=2.3)


def _pharmacy() -> Document:
    truth = Prescription(
        pharmacy="Linden Pharmacy",
        prescription_number="7730418",
        patient="Rosa Delgado",
        medication="Amoxicillin 500 mg",
        refills=2,
        copay=Decimal("15.00"),
        insured=True,
    )
    sheet = page(
        300,
        220,
        lines(20, 36, ["Linden Pharmacy"], Face(size=16), bold=True, colour=(20, 105, 70)),
        lines(20, 52, ["900 Linden Blvd, Austin TX    512-555-0199"], Face(size=8), colour=GREY),
        pairs(
            20,
            82,
            [
                ("Rx #", "7730418"),
                ("Patient", "Rosa Delgado"),
                ("Medication", "Amoxicillin 500 mg"),
                ("Refills left", "2"),
                ("Insured", "Yes"),
            ],
            SANS,
            value_x=110,
            bold_label=True,
            gap=1.7,
        ),
        [Rule(20, 166, 280, 166)],
        pairs(20, 186, [("Your copay", "$15.00")], Face(size=12), value_x=280, align="right", bold_value=True),
    )
    return Document("receipt-pharmacy", "receipt", Prescription, truth, (sheet,), scale=2.4)


def _hotel() -> Document:
    truth = Stay(
        hotel="Hotel Alpenrose",
        guest_name="Ingrid Sandberg",
        room="312",
        arrival=date(2024, 2, 16),
        departure=date(2024, 2, 19),
        nights=3,
        balance=Decimal("1284.00"),
    )
    serif = Face("Times-Roman", "Times-Bold", 11)
    sheet = page(
        400,
        360,
        [Text(200, 44, "HOTEL ALPENROSE", 20, "Times-Bold", "centre")],
        lines(200, 62, ["Dorfstrasse 12, 3818 Grindelwald"], Face("Times-Roman", size=9), align="centre"),
        pairs(30, 100, [("Guest name", "Ingrid Sandberg"), ("Room", "312"), ("Nights", "3")], serif, value_x=100),
        pairs(230, 100, [("Arrival", "16 Feb 2024"), ("Departure", "19 Feb 2024")], serif, value_x=290),
        grid(
            30,
            160,
            [Column("Charge", 240), Column("CHF", 100, "right")],
            [["Double room, 3 nights", "1,080.00"], ["Half board", "186.00"], ["City tax", "18.00"]],
            serif,
        ),
        [Rule(30, 244, 370, 244, 1)],
        pairs(
            30,
            266,
            [("Balance due", "CHF 1,284.00")],
            Face("Times-Roman", "Times-Bold", 13),
            value_x=366,
            align="right",
            bold_value=True,
        ),
        lines(30, 310, ["We hope to welcome you again."], Face("Times-Italic", size=10)),
    )
    return Document("receipt-hotel", "receipt", Stay, truth, (sheet,), scale=2.1)


TICKETS = (_fuel(), _parking(), _taxi(), _pharmacy(), _hotel())
