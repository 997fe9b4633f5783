"""Invoices with line items: with text layer, scanned, and as pictures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field

from .document import Document, page
from .marks import (
    GREEN,
    GREY,
    NAVY,
    PALE,
    SANS,
    SERIF,
    WHITE,
    Box,
    Column,
    Face,
    Mark,
    Rule,
    Text,
    below,
    grid,
    lines,
    pairs,
)

A4 = (595.0, 842.0)


HALF = (595.0, 480.0)


BODY = Face(size=9.5)


class Item(BaseModel):
    description: str
    quantity: int
    unit_price: Decimal
    amount: Decimal


class Invoice(BaseModel):
    vendor: str
    invoice_number: str
    invoice_date: date
    due_date: date | None = None
    bill_to: str = Field(description="Name of the customer")
    items: list[Item]
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    purchase_order: str | None = None


def _items(*rows: tuple[str, int, str, str]) -> list[Item]:
    return [Item(description=d, quantity=q, unit_price=Decimal(p), amount=Decimal(a)) for d, q, p, a in rows]


def _studio() -> Document:
    rows = (
        ("Logo design", 1, "1200.00", "1200.00"),
        ("Business cards (box of 100)", 4, "35.00", "140.00"),
        ("Letterhead template", 1, "180.00", "180.00"),
    )
    truth = Invoice(
        vendor="Brightwater Studio",
        invoice_number="INV-2024-0117",
        invoice_date=date(2024, 4, 3),
        due_date=date(2024, 5, 3),
        bill_to="Oakridge Dental Group",
        items=_items(*rows),
        subtotal=Decimal("1520.00"),
        tax=Decimal("121.60"),
        total=Decimal("1641.60"),
    )
    columns = [
        Column("Description", 240),
        Column("Qty", 50, "right"),
        Column("Unit price", 100, "right"),
        Column("Amount", 105, "right"),
    ]
    cells = [
        ["Logo design", "1", "$1,200.00", "$1,200.00"],
        ["Business cards (box of 100)", "4", "$35.00", "$140.00"],
        ["Letterhead template", "1", "$180.00", "$180.00"],
    ]
    sheet = page(
        *A4,
        lines(50, 70, ["Brightwater Studio"], Face(size=20), bold=True, colour=NAVY),
        lines(50, 88, ["15 Canal Walk, Suite 4", "Milwaukee, WI 53202"], BODY, colour=GREY),
        [Text(545, 70, "INVOICE", 22, "Helvetica", "right", GREY)],
        pairs(
            370,
            110,
            [
                ("Invoice number", "INV-2024-0117"),
                ("Invoice date", "April 3, 2024"),
                ("Due date", "May 3, 2024"),
            ],
            BODY,
            value_x=545,
            align="right",
        ),
        lines(50, 150, ["Bill to:"], BODY, bold=True),
        lines(50, 165, ["Oakridge Dental Group", "2200 Forest Home Ave", "Milwaukee, WI 53215"], BODY),
        grid(50, 230, columns, cells, BODY, head_fill=NAVY, head_colour=WHITE, ruled="rows", row_height=22),
        pairs(
            370,
            350,
            [("Subtotal", "$1,520.00"), ("Tax (8%)", "$121.60")],
            BODY,
            value_x=541,
            align="right",
            gap=2,
        ),
        pairs(370, 392, [("Total", "$1,641.60")], Face(size=12), value_x=541, align="right", bold_value=True),
        lines(50, 780, ["Thank you for your business. Payment within 30 days."], Face(size=8), colour=GREY),
    )
    return Document("invoice-studio-pdf", "invoice", Invoice, truth, (sheet,), "pdf")


def _hardware() -> Document:
    truth = Invoice(
        vendor="Kessler Tools GmbH",
        invoice_number="40718",
        invoice_date=date(2024, 9, 12),
        due_date=date(2024, 10, 12),
        bill_to="Werft Nord AG",
        items=_items(
            ("Cordless drill 18V", 3, "129.90", "389.70"),
            ("Drill bit set", 10, "14.50", "145.00"),
            ("Safety goggles", 25, "6.20", "155.00"),
            ("Work gloves, size L", 40, "3.10", "124.00"),
        ),
        subtotal=Decimal("813.70"),
        tax=Decimal("154.60"),
        total=Decimal("968.30"),
        purchase_order="PO-5519",
    )
    columns = [
        Column("Pos", 35),
        Column("Description", 200),
        Column("Quantity", 70, "right"),
        Column("Unit price", 90, "right"),
        Column("Amount", 100, "right"),
    ]
    cells = [
        ["1", "Cordless drill 18V", "3", "129,90 €", "389,70 €"],
        ["2", "Drill bit set", "10", "14,50 €", "145,00 €"],
        ["3", "Safety goggles", "25", "6,20 €", "155,00 €"],
        ["4", "Work gloves, size L", "40", "3,10 €", "124,00 €"],
    ]
    sheet = page(
        595,
        520,
        lines(50, 60, ["Kessler Tools GmbH"], Face(size=17), bold=True),
        lines(50, 76, ["Industriestr. 9, 28199 Bremen, Germany"], Face(size=8.5), colour=GREY),
        [Rule(50, 86, 545, 86, 1.2)],
        lines(50, 112, ["Sold to"], Face(size=8.5), colour=GREY),
        lines(50, 127, ["Werft Nord AG", "Am Hafen 3, 18055 Rostock"], SANS),
        pairs(
            340,
            112,
            [
                ("Invoice No.", "40718"),
                ("Date", "12.09.2024"),
                ("Payment due", "12.10.2024"),
                ("Purchase order", "PO-5519"),
            ],
            SANS,
            value_x=440,
        ),
        grid(50, 195, columns, cells, SANS, ruled="all", row_height=21),
        pairs(
            360,
            330,
            [("Net amount", "813,70 €"), ("VAT 19%", "154,60 €")],
            SANS,
            value_x=541,
            align="right",
            gap=1.9,
        ),
        [Box(350, 356, 545, 382, PALE, None)],
        pairs(
            360,
            373,
            [("Total amount", "968,30 €")],
            Face(size=11),
            value_x=541,
            align="right",
            bold_label=True,
            bold_value=True,
        ),
        lines(50, 460, ["Bank: Sparkasse Bremen   IBAN DE02 2905 0101 0001 2345 67"], Face(size=8.5)),
    )
    return Document("invoice-hardware", "invoice", Invoice, truth, (sheet,), "png", 2.0)


def _garden() -> Document:
    truth = Invoice(
        vendor="Thistle & Fern Landscaping",
        invoice_number="TF/0932",
        invoice_date=date(2023, 8, 21),
        bill_to="Mrs. Eleanor Whitcombe",
        items=_items(
            ("Hedge trimming", 2, "85.00", "170.00"),
            ("Lawn treatment", 1, "60.00", "60.00"),
        ),
        subtotal=Decimal("230.00"),
        tax=Decimal("46.00"),
        total=Decimal("276.00"),
    )
    columns = [
        Column("Qty", 50),
        Column("Description", 245),
        Column("Price", 100, "right"),
        Column("Line total", 100, "right"),
    ]
    cells = [["2", "Hedge trimming", "85.00", "170.00"], ["1", "Lawn treatment", "60.00", "60.00"]]
    sheet = page(
        *HALF,
        [Text(297, 56, "Thistle & Fern Landscaping", 21, "Times-BoldItalic", "centre", GREEN)],
        lines(297, 74, ["The Old Nursery, Church Lane, Bath BA1 5RH"], SERIF, align="centre"),
        pairs(50, 118, [("To:", "Mrs. Eleanor Whitcombe")], SERIF, value_x=90),
        lines(90, 134, ["4 Lansdown Crescent, Bath"], SERIF),
        pairs(400, 118, [("Inv. No.", "TF/0932"), ("Date:", "21 August 2023")], SERIF, value_x=465),
        grid(50, 175, columns, cells, SERIF, row_height=24),
        pairs(
            365,
            275,
            [("Subtotal", "£230.00"), ("VAT @ 20%", "£46.00"), ("Amount due", "£276.00")],
            SERIF,
            value_x=541,
            align="right",
            gap=1.8,
        ),
        lines(50, 400, ["Please pay within 14 days. Sort code 20-05-57, account 43810276."], SERIF),
        paper=(252, 250, 244),
    )
    return Document("invoice-garden-scan", "invoice", Invoice, truth, (sheet,), "scan", 2.08)


def _office() -> Document:
    truth = Invoice(
        vendor="Paper Trail Supplies",
        invoice_number="PT-20391",
        invoice_date=date(2024, 11, 18),
        due_date=date(2024, 12, 2),
        bill_to="Fairmont Primary School",
        items=_items(
            ("A4 copy paper, 5 reams", 6, "24.95", "149.70"),
            ("Whiteboard markers", 12, "4.10", "49.20"),
            ("Ring binders", 30, "1.85", "55.50"),
            ("Toner cartridge TN-247", 2, "71.00", "142.00"),
            ("Glue sticks", 48, "0.60", "28.80"),
        ),
        subtotal=Decimal("425.20"),
        tax=Decimal("34.02"),
        total=Decimal("459.22"),
    )
    columns = [
        Column("Item description", 230),
        Column("Quantity", 70, "centre"),
        Column("Unit price", 90, "right"),
        Column("Amount", 105, "right"),
    ]
    cells = [[i.description, str(i.quantity), f"{i.unit_price:,.2f}", f"{i.amount:,.2f}"] for i in truth.items]
    box: list[Mark] = [Box(50, 110, 290, 190, stroke=GREY), Box(305, 110, 545, 190, stroke=GREY)]
    sheet = page(
        595,
        560,
        lines(50, 60, ["INVOICE"], Face(size=24), bold=True),
        lines(545, 52, ["Paper Trail Supplies", "PO Box 771, Denver CO"], BODY, align="right"),
        box,
        lines(60, 126, ["BILL TO"], Face(size=8), bold=True, colour=GREY),
        lines(60, 142, ["Fairmont Primary School", "61 Juniper Road", "Boulder CO 80302"], BODY),
        pairs(
            315,
            128,
            [("Invoice #", "PT-20391"), ("Invoice date", "Nov 18, 2024"), ("Due date", "Dec 2, 2024")],
            BODY,
            value_x=535,
            align="right",
            gap=2.1,
        ),
        grid(50, 215, columns, cells, BODY, head_fill=PALE, ruled="rows", row_height=22),
        pairs(
            390,
            375,
            [("Subtotal", "$425.20"), ("Sales tax 8%", "$34.02"), ("TOTAL", "$459.22")],
            SANS,
            value_x=541,
            align="right",
            gap=1.9,
            bold_value=True,
        ),
    )
    return Document("invoice-office", "invoice", Invoice, truth, (sheet,), "png", 2.0)


def _freight() -> Document:
    truth = Invoice(
        vendor="Atlas Freight Partners",
        invoice_number="AFP-7781-C",
        invoice_date=date(2024, 2, 27),
        due_date=date(2024, 3, 28),
        bill_to="Sunrise Ceramics",
        items=_items(
            ("Ocean freight, 20 ft container", 2, "1850.00", "3700.00"),
            ("Customs clearance", 1, "240.00", "240.00"),
            ("Inland haulage", 2, "415.50", "831.00"),
        ),
        subtotal=Decimal("4771.00"),
        tax=Decimal("0.00"),
        total=Decimal("4771.00"),
        purchase_order="SC-1182",
    )
    columns = [
        Column("Service description", 235),
        Column("Qty", 50, "right"),
        Column("Unit price", 100, "right"),
        Column("Amount USD", 110, "right"),
    ]
    cells = [[i.description, str(i.quantity), f"{i.unit_price:,.2f}", f"{i.amount:,.2f}"] for i in truth.items]
    facts = [
        [("Invoice number", "AFP-7781-C"), ("Invoice date", "27-Feb-2024"), ("Due date", "28-Mar-2024")],
        [("Bill to", "Sunrise Ceramics"), ("P.O. number", "SC-1182"), ("Vessel", "MV Orient Star")],
    ]
    sheet = page(
        *A4,
        lines(50, 64, ["Atlas Freight Partners"], Face(size=18), bold=True, colour=NAVY),
        lines(50, 82, ["Pier 9, 400 Terminal Way, Long Beach CA 90802"], Face(size=8.5), colour=GREY),
        below(50, 104, facts, Face(size=11), widths=(165, 165, 165), row_height=40, boxed=True, label_size=8),
        grid(50, 210, columns, cells, SANS, ruled="rows", row_height=24),
        pairs(
            360,
            340,
            [("Subtotal", "4,771.00"), ("Tax", "0.00"), ("Total USD", "4,771.00")],
            SANS,
            value_x=541,
            align="right",
            gap=1.9,
        ),
        lines(50, 790, ["Page 1 of 1"], Face(size=8), colour=GREY),
    )
    return Document("invoice-freight-pdf", "invoice", Invoice, truth, (sheet,), "pdf")


INVOICES = (_studio(), _hardware(), _garden(), _office(), _freight())
