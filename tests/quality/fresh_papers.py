"""Fresh documents: receipts, bills and forms, drawn before the reader had seen any of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel

from .document import Document, page
from .marks import (
    GREEN,
    GREY,
    MONO,
    NAVY,
    PALE,
    RED,
    SANS,
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
    tick,
)


class Sold(BaseModel):
    product: str
    price: Decimal


class PharmacyReceipt(BaseModel):
    pharmacy: str
    receipt_number: str
    sold_at: datetime
    items: list[Sold]
    net: Decimal
    vat: Decimal
    total: Decimal
    cash: Decimal
    change: Decimal


class Parking(BaseModel):
    car_park: str
    ticket_number: str
    license_plate: str
    entered_at: datetime
    left_at: datetime
    fee: Decimal
    payment_method: str


class Work(BaseModel):
    service: str
    hours: float
    rate: Decimal
    amount: Decimal


class FreelanceInvoice(BaseModel):
    invoice_number: str
    invoice_date: date
    due_date: date
    client: str
    services: list[Work]
    net_amount: Decimal
    vat: Decimal
    gross: Decimal
    iban: str
    payment_method: str | None = None


class GasBill(BaseModel):
    customer: str
    account_number: str
    billing_period: str
    previous_balance: Decimal
    charges: Decimal
    amount_due: Decimal
    pay_by: date


class Claim(BaseModel):
    claim_number: str
    customer_name: str
    product: str
    serial_number: str
    purchased_on: date
    under_warranty: bool
    repair_requested: bool
    refund_requested: bool


class Vaccination(BaseModel):
    patient_name: str
    birth_date: date
    vaccine: str
    dose: str
    batch_number: str
    administered_on: date
    administered_by: str


class Priority(StrEnum):
    ROUTINE = "routine"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class WorkOrder(BaseModel):
    order_number: str
    requested_by: str
    requested_at: date
    site: str
    access_hours: str
    panel_size: str
    firmware_version: str
    priority: Priority


SLIM = Face("Courier", "Courier-Bold", 9)


def _pharmacy() -> Document:
    rows = [("Ibuprofen 400mg", "4.95"), ("Sun lotion SPF 50", "12.80"), ("Plasters assorted", "3.25")]
    truth = PharmacyReceipt(
        pharmacy="Linden Pharmacy",
        receipt_number="004417",
        sold_at=datetime.fromisoformat("2025-07-22T17:48"),
        items=[Sold(product=p, price=Decimal(a)) for p, a in rows],
        net=Decimal("17.50"),
        vat=Decimal("3.50"),
        total=Decimal("21.00"),
        cash=Decimal("25.00"),
        change=Decimal("4.00"),
    )
    sums = [("Net", "17.50"), ("VAT 20%", "3.50"), ("TOTAL", "21.00"), ("Cash", "25.00"), ("Change", "4.00")]
    sheet = page(
        240,
        330,
        [Text(120, 36, "Linden Pharmacy", 15, "Courier-Bold", "centre")],
        lines(120, 52, ["18 Abbey Walk, Norwich", "01603 496 020"], Face("Courier", size=8), align="centre"),
        lines(16, 86, ["Receipt no. 004417", "22/07/2025 17:48"], SLIM),
        [Rule(16, 106, 224, 106)],
        pairs(16, 124, rows, SLIM, value_x=224, align="right"),
        [Rule(16, 164, 224, 164)],
        pairs(16, 182, sums, SLIM, value_x=224, align="right"),
        lines(120, 282, ["Get well soon!"], Face("Courier", size=8), align="centre"),
    )
    return Document("fresh-pharmacy", "receipt", PharmacyReceipt, truth, (sheet,), "png", 2.5)


def _parking() -> Document:
    truth = Parking(
        car_park="Quayside Car Park",
        ticket_number="P2-88123",
        license_plate="LK71 XVD",
        entered_at=datetime.fromisoformat("2025-03-08T09:14"),
        left_at=datetime.fromisoformat("2025-03-08T12:52"),
        fee=Decimal("8.40"),
        payment_method="Contactless",
    )
    rows = [
        ("Ticket number", "P2-88123"),
        ("License plate", "LK71 XVD"),
        ("Entered", "08.03.2025 09:14"),
        ("Left", "08.03.2025 12:52"),
        ("Duration", "3 h 38 min"),
        ("Fee", "£8.40"),
        ("Payment method", "Contactless"),
    ]
    sheet = page(
        260,
        270,
        [Box(100, 14, 160, 54, NAVY, None), Text(130, 44, "P", 28, "Helvetica-Bold", "centre", WHITE)],
        [Text(130, 76, "Quayside Car Park", 15, "Helvetica-Bold", "centre")],
        pairs(24, 106, rows, Face(size=10), value_x=130, gap=1.9),
    )
    return Document("fresh-parking", "receipt", Parking, truth, (sheet,), "jpeg", 2.4)


def _freelance() -> Document:
    rows = [
        ["Logo design", "12", "65.00", "780.00"],
        ["Style guide", "7.5", "65.00", "487.50"],
        ["Print supervision", "3", "50.00", "150.00"],
    ]
    truth = FreelanceInvoice(
        invoice_number="2025-019",
        invoice_date=date(2025, 9, 30),
        due_date=date(2025, 10, 14),
        client="Brookfield Cycles Ltd",
        services=[Work(service=s, hours=float(h), rate=Decimal(r), amount=Decimal(a)) for s, h, r, a in rows],
        net_amount=Decimal("1417.50"),
        vat=Decimal("283.50"),
        gross=Decimal("1701.00"),
        iban="GB33 BUKB 2020 1555 5555 55",
    )
    columns = [Column("Service", 220), Column("Hours", 70, "right"), Column("Rate", 90, "right")]
    columns.append(Column("Amount", 105, "right"))
    sheet = page(
        595,
        560,
        lines(50, 60, ["Isla Renwick"], Face("Times-Roman", "Times-Bold", 20), bold=True),
        lines(50, 80, ["Graphic design", "4 Tanners Yard, York YO1 7EN"], SANS, colour=GREY),
        lines(50, 130, ["Invoice to", "Brookfield Cycles Ltd", "Unit 9, Foss Islands, York YO31 7UL"], SANS),
        pairs(
            370,
            130,
            [("Invoice no.", "2025-019"), ("Date", "30 September 2025"), ("Due", "14 October 2025")],
            SANS,
            value_x=445,
        ),
        grid(50, 210, columns, rows, SANS, row_height=22, head_fill=PALE),
        pairs(
            360,
            320,
            [("Net amount", "£1,417.50"), ("VAT 20%", "£283.50"), ("Gross", "£1,701.00")],
            Face(size=11),
            value_x=531,
            align="right",
            gap=1.8,
        ),
        lines(50, 430, ["Payment within 14 days to", "IBAN GB33 BUKB 2020 1555 5555 55"], SANS, gap=1.6),
        lines(50, 480, ["Thank you for your business."], SANS, colour=GREY),
    )
    return Document("fresh-freelance-pdf", "invoice", FreelanceInvoice, truth, (sheet,), "pdf")


def _gas() -> Document:
    truth = GasBill(
        customer="Priya Raman",
        account_number="7720 4415 09",
        billing_period="1 Apr 2025 - 30 Jun 2025",
        previous_balance=Decimal("0.00"),
        charges=Decimal("148.36"),
        amount_due=Decimal("148.36"),
        pay_by=date(2025, 7, 21),
    )
    left = [("Customer", "Priya Raman"), ("Account number", "7720 4415 09")]
    right = [("Billing period", "1 Apr 2025 - 30 Jun 2025"), ("Pay by", "21 Jul 2025")]
    sums = [("Previous balance", "£0.00"), ("Charges", "£148.36"), ("Amount due", "£148.36")]
    sheet = page(
        595,
        400,
        [Box(0, 0, 595, 64, GREEN, None), Text(40, 42, "Caldera Gas", 24, "Helvetica-Bold", colour=WHITE)],
        pairs(40, 104, left, SANS, value_x=135, bold_label=True),
        pairs(320, 104, right, SANS, value_x=405, bold_label=True),
        [Box(40, 160, 555, 250, PALE, None)],
        pairs(60, 188, sums, Face(size=12), value_x=535, align="right", gap=1.9),
        lines(40, 300, ["If you have trouble paying, please call us before the due date."], SANS, colour=GREY),
    )
    return Document("fresh-gas", "invoice", GasBill, truth, (sheet,), "png", 2.0)


def _claim() -> Document:
    truth = Claim(
        claim_number="WC-30518",
        customer_name="Tobias Lindgren",
        product="Cordless drill CD-18",
        serial_number="7F02-99164",
        purchased_on=date(2024, 12, 19),
        under_warranty=True,
        repair_requested=True,
        refund_requested=False,
    )
    rows = [
        ("Claim number:", "WC-30518"),
        ("Customer name:", "Tobias Lindgren"),
        ("Product:", "Cordless drill CD-18"),
        ("Serial number:", "7F02-99164"),
        ("Purchased on:", "19 December 2024"),
    ]
    face = Face(size=11)
    sheet = page(
        460,
        340,
        [Text(30, 46, "Warranty claim", 20, "Helvetica-Bold", colour=RED)],
        pairs(30, 84, rows, face, value_x=140, gap=1.9),
        tick(30, 210, 11, "Under warranty", True, face),
        tick(30, 234, 11, "Repair requested", True, face),
        tick(30, 258, 11, "Refund requested", False, face),
        [Rule(30, 310, 200, 310), Text(30, 322, "Signature", 8, colour=GREY)],
    )
    return Document("fresh-claim", "form", Claim, truth, (sheet,), "png", 2.1)


def _vaccination() -> Document:
    truth = Vaccination(
        patient_name="Leonor Matias",
        birth_date=date(1988, 2, 3),
        vaccine="Tetanus-diphtheria",
        dose="2 of 3",
        batch_number="TD4481B",
        administered_on=date(2025, 5, 27),
        administered_by="Dr. K. Holloway",
    )
    cells = [
        [("Patient name", "Leonor Matias"), ("Birth date", "03 Feb 1988")],
        [("Vaccine", "Tetanus-diphtheria"), ("Dose", "2 of 3")],
        [("Batch number", "TD4481B"), ("Administered on", "27 May 2025")],
        [("Administered by", "Dr. K. Holloway"), ("Next dose", "after 6 months")],
    ]
    sheet = page(
        460,
        280,
        [Text(230, 40, "VACCINATION RECORD", 16, "Times-Bold", "centre")],
        below(30, 60, cells, Face(size=12), widths=(200, 200), row_height=46, boxed=True, label_size=8),
    )
    return Document("fresh-vaccination", "form", Vaccination, truth, (sheet,), "jpeg", 2.2)


def _work_order() -> Document:
    truth = WorkOrder(
        order_number="WO-2291",
        requested_by="Facilities",
        requested_at=date(2025, 11, 3),
        site="Depot 4, Gate B",
        access_hours="7:30 - 16:00",
        panel_size="60 x 120 cm",
        firmware_version="3.12.0-rc2",
        priority=Priority.URGENT,
    )
    rows = [
        ["Order number", "WO-2291"],
        ["Requested by", "Facilities"],
        ["Requested on", "2025-11-03"],
        ["Site", "Depot 4, Gate B"],
        ["Access hours", "7:30 - 16:00"],
        ["Panel size", "60 x 120 cm"],
        ["Firmware version", "3.12.0-rc2"],
        ["Priority", "Urgent"],
    ]
    sheet = page(
        440,
        330,
        lines(30, 44, ["WORK ORDER"], Face("Courier", "Courier-Bold", 18), bold=True),
        grid(30, 60, [Column("Field", 150), Column("Entry", 220)], rows, MONO, row_height=26, ruled="all"),
    )
    return Document("fresh-work-order", "form", WorkOrder, truth, (sheet,), "png", 2.0)


FRESH_PAPERS = (
    _pharmacy(),
    _parking(),
    _freelance(),
    _gas(),
    _claim(),
    _vaccination(),
    _work_order(),
)
