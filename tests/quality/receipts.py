"""Receipts of shops and restaurants: items, taxes, totals."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, Field

from .document import Document, page
from .marks import GREY, MONO, Column, Face, Mark, Rule, Text, grid, lines, pairs

SMALL = Face("Courier", "Courier-Bold", 8.5)


THERMAL = (250, 249, 245)


class Payment(StrEnum):
    CASH = "cash"
    VISA = "visa"
    MASTERCARD = "mastercard"
    AMEX = "amex"
    DEBIT = "debit"


class Line(BaseModel):
    description: str
    quantity: int
    price: Decimal


class Receipt(BaseModel):
    store: str = Field(description="Name of the shop")
    date: date
    items: list[Line]
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    payment_method: Payment | None = None


class Ticket(BaseModel):
    merchant: str
    date: date
    time: time
    total: Decimal
    tip: Decimal | None = None
    payment_method: Payment


class Dish(BaseModel):
    name: str
    amount: Decimal


class Bill(BaseModel):
    restaurant: str
    table: int
    server: str
    guests: int
    dishes: list[Dish]
    service_charge: Decimal
    total: Decimal


def head(texts: list[str], y: float, width: float, size: float, font: str = "Courier-Bold") -> list[Mark]:
    first, *rest = texts
    out: list[Mark] = [Text(width / 2, y, first, size, font, "centre")]
    out += lines(width / 2, y + size * 1.3, rest, SMALL, align="centre")
    return out


def _grocery() -> Document:
    truth = Receipt(
        store="Harbor Street Market",
        date=date(2024, 3, 14),
        items=[
            Line(description="Whole Milk 1 gal", quantity=1, price=Decimal("3.89")),
            Line(description="Sourdough Bread", quantity=2, price=Decimal("9.00")),
            Line(description="Bananas", quantity=6, price=Decimal("1.74")),
            Line(description="Ground Coffee", quantity=1, price=Decimal("11.49")),
        ],
        subtotal=Decimal("26.12"),
        tax=Decimal("1.83"),
        total=Decimal("27.95"),
        payment_method=Payment.VISA,
    )
    columns = [Column("QTY", 30), Column("ITEM", 150), Column("AMOUNT", 60, "right")]
    rows = [
        ["1", "Whole Milk 1 gal", "3.89"],
        ["2", "Sourdough Bread", "9.00"],
        ["6", "Bananas", "1.74"],
        ["1", "Ground Coffee", "11.49"],
    ]
    marks = page(
        270,
        360,
        head(["HARBOR STREET MARKET", "218 Harbor St, Portland, ME 04101", "(207) 555-0148"], 34, 270, 14),
        lines(15, 92, ["03/14/2024  5:42 PM", "Register 03   Cashier: Dana"], MONO),
        grid(15, 126, columns, rows, MONO, row_height=17),
        pairs(
            95,
            232,
            [("SUBTOTAL", "$26.12"), ("SALES TAX", "$1.83"), ("TOTAL", "$27.95")],
            MONO,
            value_x=251,
            align="right",
            bold_label=True,
        ),
        lines(15, 298, ["PAID BY VISA **** 4421"], MONO),
        lines(135, 330, ["THANK YOU FOR SHOPPING LOCAL"], SMALL, align="centre"),
        paper=THERMAL,
    )
    return Document("receipt-grocery", "receipt", Receipt, truth, (marks,), scale=2.4)


def _electronics() -> Document:
    truth = Receipt(
        store="Voltline Electronics",
        date=date(2023, 11, 24),
        items=[
            Line(description="USB-C Cable 2m", quantity=3, price=Decimal("12.99")),
            Line(description="Wireless Mouse M330", quantity=1, price=Decimal("24.50")),
            Line(description="HDMI Adapter", quantity=2, price=Decimal("18.00")),
        ],
        subtotal=Decimal("99.47"),
        tax=Decimal("19.89"),
        total=Decimal("119.36"),
        payment_method=Payment.MASTERCARD,
    )
    columns = [
        Column("Description", 150),
        Column("Qty", 40, "right"),
        Column("Price", 60, "right"),
        Column("Total", 60, "right"),
    ]
    rows = [
        ["USB-C Cable 2m", "3", "12.99", "38.97"],
        ["Wireless Mouse M330", "1", "24.50", "24.50"],
        ["HDMI Adapter", "2", "18.00", "36.00"],
    ]
    sheet = page(
        350,
        330,
        lines(20, 36, ["Voltline Electronics"], Face(size=17), bold=True),
        lines(20, 54, ["41 Queen Street, Leeds LS1 2TW"], Face(size=8.5), colour=GREY),
        lines(330, 80, ["Date: 24 November 2023", "Receipt no. 88-10342"], Face(size=9), align="right"),
        grid(20, 108, columns, rows, Face(size=9.5), head_fill=(228, 231, 236)),
        pairs(
            210,
            204,
            [("Subtotal", "£99.47"), ("VAT 20%", "£19.89"), ("Total to pay", "£119.36")],
            Face(size=10),
            value_x=326,
            align="right",
            gap=1.7,
        ),
        lines(20, 270, ["Paid with Mastercard ending 0917", "Returns within 28 days"], Face(size=9)),
    )
    return Document("receipt-electronics", "receipt", Receipt, truth, (sheet,), scale=2.2)


def _bakery() -> Document:
    truth = Receipt(
        store="Bakkerij De Molen",
        date=date(2024, 5, 2),
        items=[
            Line(description="Croissant", quantity=4, price=Decimal("1.60")),
            Line(description="Spelt loaf", quantity=1, price=Decimal("4.25")),
            Line(description="Apple tart", quantity=2, price=Decimal("3.75")),
        ],
        subtotal=Decimal("16.65"),
        tax=Decimal("1.50"),
        total=Decimal("18.15"),
        payment_method=Payment.CASH,
    )
    columns = [Column("Qty", 35), Column("Item", 120), Column("Unit price", 70, "right")]
    rows = [["4", "Croissant", "1,60"], ["1", "Spelt loaf", "4,25"], ["2", "Apple tart", "3,75"]]
    sheet = page(
        260,
        330,
        head(["Bakkerij De Molen", "Prinsengracht 88", "1015 DZ Amsterdam"], 34, 260, 15, "Times-Bold"),
        lines(16, 92, ["02-05-2024 08:17"], SMALL),
        grid(16, 102, columns, rows, Face("Times-Roman", "Times-Bold", 11), ruled="none"),
        [Rule(16, 180, 244, 180)],
        pairs(
            16,
            200,
            [("Sub-total", "16,65 €"), ("VAT 9%", "1,50 €"), ("TOTAL EUR", "18,15 €")],
            Face("Times-Roman", "Times-Bold", 11),
            value_x=240,
            align="right",
        ),
        lines(16, 268, ["Cash  20,00", "Change  1,85"], SMALL),
        lines(130, 310, ["Thank you and see you soon!"], SMALL, align="centre"),
    )
    return Document("receipt-bakery", "receipt", Receipt, truth, (sheet,), scale=2.4)


def _coffee() -> Document:
    truth = Ticket(
        merchant="Blue Finch Coffee",
        date=date(2024, 2, 6),
        time=time(7, 55),
        total=Decimal("11.20"),
        tip=Decimal("2.00"),
        payment_method=Payment.AMEX,
    )
    sheet = page(
        240,
        280,
        [Text(120, 40, "Blue Finch Coffee", 18, "Times-BoldItalic", "centre")],
        lines(120, 58, ["1402 Pine Ave, Seattle"], Face(size=8), align="centre", colour=GREY),
        lines(18, 86, ["Tue Feb 6, 2024", "7:55 AM"], Face(size=9)),
        pairs(
            18,
            126,
            [("Flat white", "4.70"), ("Oat cortado", "4.50"), ("Tip", "2.00")],
            Face(size=10),
            value_x=222,
            align="right",
        ),
        [Rule(18, 168, 222, 168)],
        pairs(18, 188, [("Total", "$11.20")], Face(size=13), value_x=222, align="right", bold_label=True),
        lines(18, 220, ["Paid: AMEX 1005", "Order for Priya"], Face(size=9)),
    )
    return Document("receipt-coffee", "receipt", Ticket, truth, (sheet,), scale=2.6)


def _restaurant() -> Document:
    truth = Bill(
        restaurant="Trattoria Bellini",
        table=14,
        server="Giulia",
        guests=3,
        dishes=[
            Dish(name="Burrata", amount=Decimal("16.00")),
            Dish(name="Tagliatelle al ragu", amount=Decimal("22.50")),
            Dish(name="Branzino", amount=Decimal("31.00")),
            Dish(name="Tiramisu", amount=Decimal("11.00")),
        ],
        service_charge=Decimal("16.10"),
        total=Decimal("96.60"),
    )
    columns = [Column("Item", 170), Column("Amount", 70, "right")]
    rows = [
        ["Burrata", "16.00"],
        ["Tagliatelle al ragu", "22.50"],
        ["Branzino", "31.00"],
        ["Tiramisu", "11.00"],
    ]
    serif = Face("Times-Roman", "Times-Bold", 11)
    sheet = page(
        280,
        340,
        [Text(140, 40, "Trattoria Bellini", 20, "Times-Italic", "centre")],
        lines(140, 58, ["77 Mulberry Street, New York"], Face("Times-Roman", size=9), align="centre"),
        pairs(
            20,
            88,
            [("Table 14", "Guests: 3"), ("Server: Giulia", "21:06")],
            serif,
            value_x=260,
            align="right",
        ),
        grid(20, 116, columns, rows, serif, row_height=19),
        pairs(
            20,
            234,
            [("Subtotal", "80.50"), ("Service charge 20%", "16.10")],
            serif,
            value_x=256,
            align="right",
        ),
        [Rule(20, 262, 260, 262)],
        pairs(20, 284, [("Total", "$96.60")], Face("Times-Roman", "Times-Bold", 14), value_x=256, align="right"),
        lines(140, 316, ["Grazie mille!"], Face("Times-Italic", size=10), align="centre"),
    )
    return Document("receipt-restaurant", "receipt", Bill, truth, (sheet,), scale=2.4)


RECEIPTS = (_grocery(), _electronics(), _bakery(), _coffee(), _restaurant())
