"""Later documents: receipts, some whose items stand without a header row."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from .document import Document, page
from .marks import SANS, WHITE, Box, Column, Face, Rule, Text, grid, lines, pairs


class PurchasedItem(BaseModel):
    name: str
    qty: int
    cost: Decimal


class ShopReceipt(BaseModel):
    merchant_name: str
    purchase_date: date
    line_items: list[PurchasedItem]
    sales_tax: Decimal
    grand_total: Decimal
    cashier: str | None = None


TYPE = Face("Courier", "Courier-Bold", 10)


class Cinema(BaseModel):
    film: str
    screen: int
    row: str
    seat: int
    showing: datetime
    price: Decimal


class Delivery(BaseModel):
    order_number: str
    customer: str
    delivery_fee: Decimal
    discount: Decimal
    grand_total: Decimal
    phone: str


class Phone(BaseModel):
    customer_id: str
    mobile_number: str
    data_used_gb: float
    monthly_fee: Decimal
    total_due: Decimal
    payment_due: date
    autopay: bool


class Sold(BaseModel):
    name: str
    quantity: int
    price: Decimal


class CafeReceipt(BaseModel):
    shop: str
    items: list[Sold]
    subtotal: Decimal
    tip: Decimal | None = None
    total: Decimal
    paid_with: Literal["cash", "card", "voucher"]


def _hardware_shop() -> Document:
    truth = ShopReceipt(
        merchant_name="Dobbs Hardware",
        purchase_date=date(2024, 8, 19),
        line_items=[
            PurchasedItem(name="Wood screws 4x40", qty=2, cost=Decimal("7.98")),
            PurchasedItem(name="Paint roller", qty=1, cost=Decimal("12.49")),
            PurchasedItem(name="Masking tape", qty=3, cost=Decimal("8.97")),
        ],
        sales_tax=Decimal("2.43"),
        grand_total=Decimal("31.87"),
        cashier="Lou",
    )
    columns = [Column("Item", 120), Column("Qty", 40, "right"), Column("Cost", 70, "right")]
    rows = [["Wood screws 4x40", "2", "7.98"], ["Paint roller", "1", "12.49"], ["Masking tape", "3", "8.97"]]
    sheet = page(
        270,
        330,
        [Text(135, 40, "Dobbs Hardware", 17, "Courier-Bold", "centre")],
        lines(135, 58, ["6 Mill Road, Dayton OH 45402"], Face("Courier", size=8), align="centre"),
        lines(20, 88, ["Aug 19, 2024 16:20", "Cashier: Lou"], TYPE),
        grid(20, 116, columns, rows, TYPE, row_height=18, ruled="none"),
        pairs(
            20,
            216,
            [("Sales tax", "2.43"), ("Grand total", "31.87"), ("Debit card", "31.87")],
            TYPE,
            value_x=246,
            align="right",
        ),
        lines(135, 296, ["Keep receipt for returns"], Face("Courier", size=8), align="centre"),
    )
    return Document("second-hardware", "receipt", ShopReceipt, truth, (sheet,), "png", 2.4)


def _cinema() -> Document:
    truth = Cinema(
        film="The Long Harbour",
        screen=5,
        row="H",
        seat=12,
        showing=datetime.fromisoformat("2024-10-04T19:45"),
        price=Decimal("12.00"),
    )
    sheet = page(
        330,
        200,
        [Box(0, 0, 330, 36, (60, 20, 70), None), Text(16, 25, "ORPHEUM CINEMA", 15, "Helvetica-Bold", colour=WHITE)],
        pairs(
            16,
            62,
            [
                ("Film", "The Long Harbour"),
                ("Showing", "04 Oct 2024 19:45"),
                ("Screen", "5"),
                ("Row", "H"),
                ("Seat", "12"),
                ("Price", "£12.00"),
            ],
            Face(size=11),
            value_x=90,
            gap=1.8,
            bold_value=True,
        ),
    )
    return Document("second-cinema", "receipt", Cinema, truth, (sheet,), "jpeg", 2.4)


def _delivery() -> Document:
    truth = Delivery(
        order_number="A-77120",
        customer="Noor Rahman",
        delivery_fee=Decimal("3.50"),
        discount=Decimal("5.00"),
        grand_total=Decimal("41.25"),
        phone="020 7946 0321",
    )
    sheet = page(
        290,
        330,
        [Text(145, 38, "Spice Route Kitchen", 18, "Times-BoldItalic", "centre")],
        lines(20, 70, ["Order no. A-77120", "Customer: Noor Rahman", "Phone: 020 7946 0321"], SANS),
        [Rule(20, 106, 270, 106)],
        pairs(
            20,
            126,
            [
                ("2 x Lamb biryani", "27.00"),
                ("1 x Garlic naan", "3.25"),
                ("1 x Mango lassi", "4.50"),
                ("1 x Chana masala", "8.00"),
                ("Delivery fee", "3.50"),
                ("Discount", "5.00"),
            ],
            SANS,
            value_x=270,
            align="right",
            gap=1.9,
        ),
        [Rule(20, 234, 270, 234)],
        pairs(20, 256, [("Grand total", "£41.25")], Face(size=13), value_x=270, align="right", bold_label=True),
    )
    return Document("second-delivery", "receipt", Delivery, truth, (sheet,), "png", 2.4)


def _cafe() -> Document:
    truth = CafeReceipt(
        shop="Kaffeine Corner",
        items=[
            Sold(name="Espresso", quantity=2, price=Decimal("5.60")),
            Sold(name="Banana bread", quantity=1, price=Decimal("4.20")),
            Sold(name="Iced tea", quantity=3, price=Decimal("11.70")),
        ],
        subtotal=Decimal("21.50"),
        total=Decimal("21.50"),
        paid_with="card",
    )
    face = Face("Courier", "Courier-Bold", 10)
    sheet = page(
        250,
        300,
        [Text(125, 40, "KAFFEINE CORNER", 16, "Courier-Bold", "centre")],
        lines(125, 56, ["Unit 4, Market Hall, Cardiff"], Face("Courier", size=8), align="centre"),
        pairs(
            16,
            96,
            [("2 x Espresso", "5.60"), ("1 x Banana bread", "4.20"), ("3 x Iced tea", "11.70")],
            face,
            value_x=234,
            align="right",
        ),
        [Rule(16, 142, 234, 142)],
        pairs(16, 162, [("Subtotal", "21.50"), ("TOTAL", "£21.50")], face, value_x=234, align="right"),
        lines(16, 214, ["Paid by card  ****7765", "12/09/2024 10:33"], face),
    )
    return Document("third-cafe", "receipt", CafeReceipt, truth, (sheet,), "jpeg", 2.5)


LATER_RECEIPTS = (
    _hardware_shop(),
    _cinema(),
    _delivery(),
    _cafe(),
)
