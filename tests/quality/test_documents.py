"""The measured set itself: large and varied enough, consistent, and drawn the same every time."""

from __future__ import annotations

from collections import Counter

import pytest
from pydantic import TypeAdapter

from . import distort, render
from .document import Document, Kind
from .documents import DOCUMENTS, FRESH, LATER, VARIANTS, media
from .score import compare, total

LEAST: dict[Kind, int] = {"receipt": 8, "invoice": 8, "form": 6, "table": 5, "badge": 5}


def test_set_is_large_and_varied() -> None:
    kinds = Counter(document.kind for document in DOCUMENTS)
    assert len(DOCUMENTS) >= 36
    assert all(kinds[kind] >= least for kind, least in LEAST.items())
    assert len({document.name for document in DOCUMENTS}) == len(DOCUMENTS)
    assert {document.medium for document in DOCUMENTS} == {"png", "jpeg", "pdf", "scan"}
    assert all(len(variant.documents) >= 10 for variant in VARIANTS)


@pytest.mark.parametrize("document", [*DOCUMENTS, *LATER, *FRESH], ids=repr)
def test_truth_fits_its_type(document: Document) -> None:
    adapter = TypeAdapter(document.target)
    dumped = adapter.dump_python(document.truth, mode="json", by_alias=True)
    assert adapter.validate_python(dumped) == document.truth
    score = total(compare(document.truth, dumped))
    assert (score.accuracy, score.precision) == (1.0, 1.0)
    assert score.leaves >= 3


def test_drawn_the_same_every_time() -> None:
    document = DOCUMENTS[0]
    picture = render.picture(document.pages[0], document.scale)
    assert picture.tobytes() == render.picture(document.pages[0], document.scale).tobytes()
    for variant in (one for one in VARIANTS if document in one.drawn):
        assert media(document, variant) == media(document, variant)
    assert distort.noisy(picture, "a").tobytes() != distort.noisy(picture, "b").tobytes()


def test_score_counts_what_was_not_there() -> None:
    document = next(d for d in DOCUMENTS if d.name == "receipt-fuel")
    dumped = TypeAdapter(document.target).dump_python(document.truth, mode="json")
    assert total(compare(document.truth, {**dumped, "pump": None})).missing == 1
    assert total(compare(document.truth, {**dumped, "pump": 8})).wrong == 1
    assert total(compare(None, "B+")).invented == 1
    assert total(compare([1], [1, 2])).precision == 0.5
