"""Later documents: passes, labels, cards."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from pydantic import BaseModel

from .document import Document, page
from .marks import GREY, NAVY, WHITE, Box, Code, Face, Rule, Text, lines, pairs


class Pass(BaseModel):
    full_name: str
    job_title: str
    organization: str
    badge_id: str
    access_level: str


class Asset(BaseModel):
    asset_tag: str
    serial_number: str
    model: str
    location: str
    purchased: date


class Ticket(BaseModel):
    event: str
    venue: str
    doors_open: time
    section: str
    order_id: str
    price: Decimal


ROMAN = Face("Times-Roman", "Times-Bold", 12)


class Parcel(BaseModel):
    carrier: str
    tracking_id: str
    recipient: str
    weight_kg: float
    fragile: bool


class Membership(BaseModel):
    member_name: str
    member_since: int
    membership_type: str
    member_id: str


def _pass() -> Document:
    truth = Pass(
        full_name="Oluwaseun Bello",
        job_title="Site Manager",
        organization="Crestline Builders",
        badge_id="CB-0093",
        access_level="Level 2",
    )
    sheet = page(
        260,
        360,
        [Box(0, 0, 260, 50, (200, 120, 20), None)],
        [Text(130, 33, "CRESTLINE BUILDERS", 16, "Helvetica-Bold", "centre", WHITE)],
        [Box(85, 66, 175, 166, (210, 210, 210), GREY)],
        [Text(130, 196, "Oluwaseun Bello", 19, "Helvetica-Bold", "centre")],
        [Text(130, 216, "Site Manager", 13, "Helvetica", "centre", GREY)],
        pairs(50, 252, [("Badge ID", "CB-0093"), ("Access level", "Level 2")], Face(size=11), value_x=140, gap=1.7),
        [Code(60, 296, 140, "Code128", "CB-0093", 40)],
    )
    return Document("second-pass", "badge", Pass, truth, (sheet,), "png", 2.4)


def _asset() -> Document:
    truth = Asset(
        asset_tag="000418",
        serial_number="5CG3170KXL",
        model="ProBook 450",
        location="Room 2.14",
        purchased=date(2023, 2, 8),
    )
    rows = [
        ("Asset tag", "000418"),
        ("Serial No.", "5CG3170KXL"),
        ("Model", "ProBook 450"),
        ("Location", "Room 2.14"),
        ("Purchased", "2023-02-08"),
    ]
    sheet = page(
        340,
        190,
        [Box(4, 4, 336, 186, width=1.5), Text(18, 30, "PROPERTY OF WEXFORD COLLEGE", 12, "Helvetica-Bold")],
        pairs(18, 60, rows, Face(size=11), value_x=95, gap=2.0),
        [Code(240, 70, 80, "DataMatrix", "000418")],
    )
    return Document("second-asset", "badge", Asset, truth, (sheet,), "png", 2.2)


def _concert() -> Document:
    truth = Ticket(
        event="Quartet in Blue",
        venue="St. Mark's Hall",
        doors_open=time(18, 30),
        section="Balcony B",
        order_id="88-2041-7",
        price=Decimal("34.50"),
    )
    sheet = page(
        440,
        190,
        [Box(0, 0, 12, 190, NAVY, None)],
        pairs(
            30,
            44,
            [
                ("Event", "Quartet in Blue"),
                ("Venue", "St. Mark's Hall"),
                ("Doors open", "6:30 PM"),
                ("Section", "Balcony B"),
                ("Order ID", "88-2041-7"),
                ("Price", "$34.50"),
            ],
            ROMAN,
            value_x=120,
            gap=1.9,
            bold_value=True,
        ),
        [Code(330, 50, 84, "QRCode", "TICKET:88-2041-7")],
    )
    return Document("second-concert", "badge", Ticket, truth, (sheet,), "jpeg", 2.2)


def _parcel() -> Document:
    truth = Parcel(
        carrier="SwiftPost", tracking_id="SP 7719 2240 18", recipient="Dr. Anouk Visser", weight_kg=3.25, fragile=True
    )
    sheet = page(
        340,
        250,
        lines(20, 40, ["Carrier: SwiftPost"], Face(size=15), bold=True),
        lines(20, 76, ["Recipient"], Face(size=9), colour=GREY),
        lines(20, 94, ["Dr. Anouk Visser", "Keizersgracht 210", "1016 DX Amsterdam"], Face(size=13)),
        [Rule(20, 142, 320, 142)],
        pairs(
            20,
            166,
            [("Tracking ID", "SP 7719 2240 18"), ("Weight", "3.25 kg"), ("Fragile", "yes")],
            Face(size=12),
            value_x=110,
            gap=1.8,
        ),
    )
    return Document("third-parcel", "badge", Parcel, truth, (sheet,), "jpeg", 2.2)


def _member() -> Document:
    truth = Membership(member_name="Graham Whitlock", member_since=2011, membership_type="Family", member_id="104-882")
    sheet = page(
        340,
        210,
        [Box(0, 0, 340, 60, NAVY, None), Text(20, 38, "Royal Garden Society", 18, "Times-Bold", colour=WHITE)],
        [Text(20, 100, "Graham Whitlock", 20, "Helvetica-Bold")],
        pairs(
            20,
            134,
            [("Member ID", "104-882"), ("Membership type", "Family"), ("Member since", "2011")],
            Face(size=11),
            value_x=130,
            gap=1.8,
        ),
    )
    return Document("third-member", "badge", Membership, truth, (sheet,), "png", 2.2)


LATER_BADGES = (
    _pass(),
    _asset(),
    _concert(),
    _parcel(),
    _member(),
)
