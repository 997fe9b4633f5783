"""The samples in `examples/`: drawn the same every time, and read into their models without an error."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import BaseModel, TypeAdapter

from examples import make_samples
from examples.models import Badge, Invoice, InvoiceItem, Receipt, ReceiptItem
from instructor.providers.embedded.filling import fill
from instructor.providers.embedded.read import read

from .score import compare

EXAMPLES = Path(make_samples.__file__).parent


def _goods(*rows: tuple[int, str, str]) -> list[ReceiptItem]:
    return [ReceiptItem(quantity=q, description=d, amount=Decimal(a)) for q, d, a in rows]


def _works(*rows: tuple[str, int, str, str]) -> list[InvoiceItem]:
    return [InvoiceItem(description=d, quantity=q, unit_price=Decimal(p), amount=Decimal(a)) for d, q, p, a in rows]


TRUTHS: dict[str, tuple[str, BaseModel]] = {
    "receipt.png": (
        "image/png",
        Receipt(
            store="Maple & Rye",
            date=date(2025, 5, 9),
            items=_goods(
                (2, "Cappuccino", "9.00"),
                (1, "Rye loaf, sliced", "7.50"),
                (3, "Almond croissant", "13.50"),
                (1, "Orange juice", "4.25"),
            ),
            subtotal=Decimal("34.25"),
            tax=Decimal("2.06"),
            total=Decimal("36.31"),
            payment_method="Visa",
        ),
    ),
    "invoice.pdf": (
        "application/pdf",
        Invoice(
            vendor="Lakeside Print Works",
            invoice_number="LPW-2025-0384",
            issue_date=date(2025, 5, 12),
            due_date=date(2025, 6, 11),
            bill_to="Northwind Bookshop Ltd",
            items=_works(
                ("Softcover book, 160 pages", 120, "6.40", "768.00"),
                ("Bookmarks, laminated", 500, "0.18", "90.00"),
                ("Poster A2, matte", 25, "7.20", "180.00"),
                ("Layout and proofing", 2, "48.50", "97.00"),
                ("Delivery", 1, "36.00", "36.00"),
            ),
            subtotal=Decimal("1171.00"),
            vat=Decimal("269.33"),
            total_due=Decimal("1440.33"),
        ),
    ),
    "badge.png": (
        "image/png",
        Badge(
            name="Amina Castellan",
            role="Research Engineer",
            company="Tidewater Maps",
            event="Open Data Summit 2025",
            profile_url="https://opendata.example/p/amina-castellan",
        ),
    ),
}


def _pixels(data: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.float32)


def test_same_bytes_every_time(tmp_path: Path) -> None:
    make_samples.main(tmp_path / "one")
    make_samples.main(tmp_path / "two")
    for name in TRUTHS:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("name", TRUTHS)
def test_what_is_kept_is_what_is_drawn(name: str) -> None:
    """The PDF is written by hand, hence equal; pixels may differ a little between versions of the rasteriser."""
    kept, drawn = (EXAMPLES / name).read_bytes(), dict(make_samples.samples())[name]
    assert len(kept) < 150_000
    if name.endswith(".pdf"):
        assert kept == drawn
    else:
        assert np.abs(_pixels(kept) - _pixels(drawn)).mean() < 2


@pytest.mark.parametrize("name", TRUTHS)
def test_read_without_an_error(name: str) -> None:
    media_type, truth = TRUTHS[name]
    filled = fill(type(truth).model_json_schema(), [read((EXAMPLES / name).read_bytes(), media_type)])
    wrong = [leaf for leaf in compare(truth, filled.value) if leaf.verdict != "right"]
    assert wrong == []
    TypeAdapter(type(truth)).validate_python(filled.value)
