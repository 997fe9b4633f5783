"""The response models of the samples in this folder."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field


class ReceiptItem(BaseModel):
    quantity: int
    description: str
    amount: Decimal


class Receipt(BaseModel):
    """`examples/receipt.png`"""

    store: str = Field(description="Name of the shop")
    date: date
    items: list[ReceiptItem]
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    payment_method: str


class InvoiceItem(BaseModel):
    description: str
    quantity: int
    unit_price: Decimal
    amount: Decimal


class Invoice(BaseModel):
    """`examples/invoice.pdf`"""

    vendor: str
    invoice_number: str
    issue_date: date
    due_date: date
    bill_to: str = Field(description="Name of the customer")
    items: list[InvoiceItem]
    subtotal: Decimal
    vat: Decimal
    total_due: Decimal


class Badge(BaseModel):
    """`examples/badge.png`"""

    name: str
    role: str
    company: str
    event: str
    profile_url: str = Field(description="Link in the QR code")
