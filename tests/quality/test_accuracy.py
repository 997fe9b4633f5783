"""Measured: how much of what a document says reaches the response model."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import BaseModel

from instructor.providers.embedded.filling import fill

from . import report
from .document import Document
from .documents import DOCUMENTS, VARIANTS, Variant
from .measure import measure, reading, summed

pytestmark = pytest.mark.quality

CLEAN = VARIANTS[0]
PRECISION = 0.95


class Stranger(BaseModel):
    """Nothing of this is on a shop's receipt."""

    passport_number: str
    blood_type: str
    mothers_maiden_name: str
    flight_departure: date
    shoe_size: int
    vaccinated: bool
    children: list[str]


@pytest.mark.parametrize(
    ("variant", "document"),
    [pytest.param(v, d, id=f"{v.name}-{d.name}") for v in VARIANTS for d in v.documents],
)
def test_is_read(variant: Variant, document: Document) -> None:
    """One test per reading, so that a slow machine shows progress; the figures below use the same readings."""
    assert reading(document, variant).rows


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_field_accuracy(variant: Variant, figures: list[str]) -> None:
    results = measure(variant)
    header, line = report.table([(variant, results)])
    figures.extend([line] if figures else [header, line])
    score = summed(results)
    listing = "\n".join(report.failures(results))
    assert score.accuracy >= variant.floor, listing
    assert score.precision >= PRECISION, listing


@pytest.mark.parametrize("name", ["receipt-grocery", "receipt-coffee", "receipt-electronics"])
def test_never_invents(name: str) -> None:
    document = next(d for d in DOCUMENTS if d.name == name)
    filled = fill(Stranger.model_json_schema(), [reading(document, CLEAN)])
    value = filled.value or {}
    assert {key: got for key, got in value.items() if got not in (None, [])} == {}
    required = {"passport_number", "blood_type", "mothers_maiden_name", "shoe_size", "vaccinated"}
    assert all(any(key in path for path in filled.missing) for key in required)
