"""Badges, cards and labels: few words, large type, codes."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from pydantic import BaseModel, Field

from .document import Document, page
from .marks import GREEN, GREY, MONO, NAVY, RED, SANS, WHITE, Box, Code, Face, Rule, Text, below, lines, pairs


class Badge(BaseModel):
    name: str
    role: str
    company: str
    event: str | None = None
    url: str = Field(description="Link in the QR code")


class IdCard(BaseModel):
    name: str
    employee_id: str
    department: str
    valid_until: date
    blood_type: str | None = None


class Visitor(BaseModel):
    visitor: str
    host: str
    date: date
    time_in: time
    escort_required: bool


class Parcel(BaseModel):
    tracking_number: str
    ship_to: str
    weight: str
    service: str
    barcode: str


class Product(BaseModel):
    product: str
    net_weight: str
    price: Decimal
    best_before: date
    ean: str = Field(description="EAN bar code number")


class Contact(BaseModel):
    name: str
    title: str
    company: str
    phone: str
    email: str
    website: str


class BoardingPass(BaseModel):
    passenger: str
    flight: str
    origin: str = Field(alias="from")
    destination: str = Field(alias="to")
    seat: str
    gate: str
    boarding_time: time


class LibraryCard(BaseModel):
    member: str
    card_number: str
    expires: date


def _conference() -> Document:
    truth = Badge(
        name="Nadia Kowalski",
        role="Speaker",
        company="Lumen Robotics",
        event="EdgeConf 2024",
        url="https://edgeconf.example/u/4471",
    )
    sheet = page(
        300,
        400,
        [
            Box(0, 0, 300, 70, NAVY, None),
            Text(150, 44, "EdgeConf 2024", 22, "Helvetica-Bold", "centre", WHITE),
        ],
        [Text(150, 130, "Nadia Kowalski", 28, "Helvetica-Bold", "centre")],
        [Text(150, 160, "Lumen Robotics", 17, "Helvetica", "centre", GREY)],
        [Code(100, 186, 100, "QRCode", "https://edgeconf.example/u/4471")],
        [Box(0, 330, 300, 400, RED, None), Text(150, 374, "SPEAKER", 26, "Helvetica-Bold", "centre", WHITE)],
    )
    return Document("badge-conference", "badge", Badge, truth, (sheet,), "png", 2.0)


def _summit() -> Document:
    truth = Badge(
        name="Joaquin Reyes",
        role="Data Engineer",
        company="Solara Energy",
        url="https://solara.example/jr",
    )
    sheet = page(
        380,
        240,
        [Box(6, 6, 374, 234, stroke=GREEN, width=3)],
        lines(24, 60, ["Name: Joaquin Reyes"], Face(size=18), bold=True),
        lines(24, 94, ["Role: Data Engineer"], Face(size=14)),
        lines(24, 120, ["Company: Solara Energy"], Face(size=14)),
        [Code(270, 130, 84, "QRCode", "https://solara.example/jr")],
    )
    return Document("badge-summit", "badge", Badge, truth, (sheet,), "png", 2.2)


def _employee() -> Document:
    truth = IdCard(
        name="Gareth Lloyd",
        employee_id="E-20418",
        department="Quality Assurance",
        valid_until=date(2026, 12, 31),
    )
    rows = [
        ("Name", "Gareth Lloyd"),
        ("Employee ID", "E-20418"),
        ("Department", "Quality Assurance"),
        ("Valid until", "31.12.2026"),
    ]
    sheet = page(
        380,
        240,
        [Box(0, 0, 380, 44, GREEN, None), Text(20, 30, "SEVERN FOUNDRY", 17, "Helvetica-Bold", colour=WHITE)],
        [Box(24, 64, 114, 180, (200, 206, 214), GREY)],
        [Box(52, 88, 86, 126, (160, 168, 180), None), Box(38, 132, 100, 180, (160, 168, 180), None)],
        pairs(132, 84, rows, Face(size=11), value_x=212, gap=2.1),
        [Code(132, 186, 180, "Code128", "E-20418", 34)],
    )
    return Document("badge-employee", "badge", IdCard, truth, (sheet,), "png", 2.2)


def _visitor() -> Document:
    truth = Visitor(
        visitor="Claire Fontaine",
        host="Dr. Samir Patel",
        date=date(2024, 10, 22),
        time_in=time(10, 35),
        escort_required=True,
    )
    rows = [
        ("Visitor:", "Claire Fontaine"),
        ("Host:", "Dr. Samir Patel"),
        ("Date:", "22 Oct 2024"),
        ("Time in:", "10:35"),
        ("Escort required:", "YES"),
    ]
    sheet = page(
        340,
        250,
        [Text(170, 50, "VISITOR", 32, "Helvetica-Bold", "centre", RED), Rule(20, 64, 320, 64, 2, RED)],
        pairs(28, 100, rows, Face(size=13), value_x=140, gap=2.1, bold_value=True),
    )
    return Document("badge-visitor", "badge", Visitor, truth, (sheet,), "jpeg", 2.2)


def _parcel() -> Document:
    truth = Parcel(
        tracking_number="JX482910037US",
        ship_to="Marta Lindgren",
        weight="1.8 kg",
        service="Express",
        barcode="JX482910037US",
    )
    sheet = page(
        360,
        420,
        [Box(8, 8, 352, 412, width=2)],
        lines(22, 48, ["EXPRESS"], Face(size=26), bold=True),
        pairs(220, 40, [("Service:", "Express"), ("Weight:", "1.8 kg")], SANS, value_x=270),
        [Rule(8, 70, 352, 70, 2)],
        lines(22, 92, ["From: Norrland Outdoor AB"], SANS),
        lines(22, 122, ["Ship to:"], SANS, bold=True),
        lines(22, 142, ["Marta Lindgren", "Storgatan 14", "903 26 Umea, Sweden"], Face(size=14)),
        [Rule(8, 210, 352, 210, 2)],
        pairs(22, 236, [("Tracking number", "JX482910037US")], Face(size=12), value_x=150, bold_value=True),
        [Code(50, 262, 260, "Code128", "JX482910037US", 80)],
    )
    return Document("badge-parcel", "badge", Parcel, truth, (sheet,), "png", 2.0)


def _product() -> Document:
    truth = Product(
        product="Wildflower Honey",
        net_weight="340 g",
        price=Decimal("7.95"),
        best_before=date(2026, 3, 1),
        ean="4006381333931",
    )
    sheet = page(
        300,
        260,
        [Text(150, 44, "Wildflower Honey", 22, "Times-Bold", "centre")],
        lines(150, 64, ["Raw and unfiltered"], Face("Times-Italic", size=12), align="centre"),
        pairs(
            30,
            104,
            [("Net weight", "340 g"), ("Best before", "01 Mar 2026"), ("Price", "$7.95")],
            Face("Times-Roman", "Times-Bold", 13),
            value_x=270,
            align="right",
            gap=1.7,
        ),
        [Code(80, 170, 140, "EAN13", "4006381333931", 50)],
        lines(150, 236, ["4 006381 333931"], MONO, align="centre"),
        paper=(255, 247, 226),
    )
    return Document("badge-product", "badge", Product, truth, (sheet,), "png", 2.4)


def _contact() -> Document:
    truth = Contact(
        name="Elena Marchetti",
        title="Senior Architect",
        company="Ponte Nuovo Associates",
        phone="+39 055 555 0147",
        email="elena@pontenuovo.it",
        website="www.pontenuovo.it",
    )
    sheet = page(
        360,
        210,
        [Text(28, 56, "Elena Marchetti", 21, "Times-Bold")],
        [Text(28, 76, "Senior Architect", 12, "Times-Italic", colour=GREY)],
        [Text(28, 112, "Ponte Nuovo Associates", 13, "Times-Roman")],
        [Rule(28, 124, 332, 124, 0.6, GREY)],
        lines(28, 146, ["T: +39 055 555 0147", "elena@pontenuovo.it", "www.pontenuovo.it"], Face(size=10.5)),
        paper=(250, 248, 243),
    )
    return Document("badge-contact", "badge", Contact, truth, (sheet,), "jpeg", 2.4)


def _boarding() -> Document:
    truth = BoardingPass.model_validate(
        {
            "passenger": "SVENSSON/ERIK",
            "flight": "NK 0817",
            "from": "Stockholm",
            "to": "Lisbon",
            "seat": "14C",
            "gate": "B22",
            "boarding_time": time(11, 40),
        }
    )
    cells = [
        [("PASSENGER", "SVENSSON/ERIK"), ("FLIGHT", "NK 0817")],
        [("FROM", "Stockholm"), ("TO", "Lisbon")],
        [("SEAT", "14C"), ("GATE", "B22")],
        [("BOARDING TIME", "11:40"), ("CLASS", "Economy")],
    ]
    sheet = page(
        520,
        260,
        [Box(0, 0, 520, 40, NAVY, None), Text(20, 27, "BOARDING PASS", 16, "Helvetica-Bold", colour=WHITE)],
        below(20, 50, cells, Face(size=15), widths=(180, 150), row_height=48, label_size=8, bold_value=True),
        [Code(390, 90, 100, "Aztec", "M1SVENSSON/ERIK  NK0817 14C")],
    )
    return Document("badge-boarding", "badge", BoardingPass, truth, (sheet,), "png", 2.0)


def _library() -> Document:
    truth = LibraryCard(member="Theodora Banks", card_number="2900417735", expires=date(2027, 5, 31))
    sheet = page(
        340,
        210,
        [Text(24, 40, "Millbrook Public Library", 17, "Times-Bold", colour=GREEN)],
        below(
            20,
            56,
            [[("Member", "Theodora Banks")], [("Card number", "2900417735"), ("Expires", "05/31/2027")]],
            Face(size=13),
            widths=(160, 140),
            row_height=42,
            label_size=8,
        ),
        [Code(40, 154, 260, "Code39", "2900417735", 36)],
    )
    return Document("badge-library", "badge", LibraryCard, truth, (sheet,), "png", 2.4)


BADGES = (
    _conference(),
    _summit(),
    _employee(),
    _visitor(),
    _parcel(),
    _product(),
    _contact(),
    _boarding(),
    _library(),
)
