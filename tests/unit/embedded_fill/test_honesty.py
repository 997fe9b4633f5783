"""Whatever is read and asked: no exception, no value that was not read, every lack named."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from instructor.providers.embedded.filling import Filled, fill
from instructor.providers.embedded.reading import Code, Reading, Row, Word


class Method(StrEnum):
    VISA = "visa"
    CASH = "cash"


class Line(BaseModel):
    description: str
    quantity: int = 7777
    price: Decimal


class Party(BaseModel):
    name: str
    address: str | None = "zzzdefault"


class Everything(BaseModel):
    vendor: str
    customer: Party
    invoice_number: str = "zzzdefault"
    total: Decimal
    count: int = 8888
    note: str | None = Field(None, examples=["zzzexample"], description="e.g. zzzexample")
    issued: date | None = None
    paid: bool | None = None
    method: Method | None = None
    kind: Literal["invoice"] = "invoice"
    items: list[Line]
    tags: list[str] = ["zzzdefault"]
    scores: list[int] = []


SCHEMA = Everything.model_json_schema()
REQUIRED = {"$.vendor", "$.customer", "$.total", "$.items"}
PIECES = [
    "Total", "Total:", "Subtotal", "12.00", "$3.50", "Vendor:", "Acme Ltd", "Bill to", "Invoice", "No.", "INV-7", "Qty",
    "Description", "Price", "Amount", "Nails", "2", "twenty", "2 x Tea 4.00", "14/03/2026", "March 14, 2026", "yes", "PAID",
    "Visa", "Tags: a, b", "Scores: 1, 2", "Name: Jason Age: 20", "my name is ann", ":", "=", "[x]", "(", "%", "VAT 20%",
    "Note: see INV-9", "Count 5", "1.234,50 €", "12:30", "#", "Tel", "+39 055 555 0147", "a@b.co", "()", "----", "lO.OO",
]  # fmt: skip
WORDS = st.one_of(st.sampled_from(PIECES), st.text(max_size=12))
BOXES = st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(0, 300), st.integers(0, 40))


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    kind: Any = draw(st.sampled_from(["image", "pdf", "audio", "text"]))
    flat = draw(st.booleans())
    grid = draw(st.booleans())
    rows = []
    for line in range(draw(st.integers(0, 9))):
        words = []
        for column, text in enumerate(draw(st.lists(WORDS, max_size=4))):
            x, y, w, h = draw(BOXES)
            placed = (column * 200.0, line * 30.0, column * 200.0 + 90, line * 30.0 + 20)
            box = (0.0, 0.0, 0.0, 0.0) if flat else placed if grid else (float(x), float(y), float(x + w), float(y + h))
            words.append(Word(text, box))
        rows.append(Row(tuple(words), draw(st.integers(1, 2))))
    media_type = draw(st.sampled_from(["image/png", "text/csv", "text/plain", "application/pdf", ""]))
    codes = tuple(Code("QRCode", text) for text in draw(st.lists(st.text(max_size=9), max_size=2)))
    return Reading(kind, media_type, 1, tuple(rows), codes, width=9, height=7)


@settings(max_examples=80, deadline=None)
@given(st.lists(readings(), max_size=2), st.integers(0, 3))
def test_nothing_is_invented(given: list[Reading], round: int) -> None:
    found = fill(SCHEMA, given, round=round)
    text = "\n".join([reading.text for reading in given] + [code.text for r in given for code in r.codes])
    for path, leaf in leaves(found.value):
        assert traceable(leaf, text), (path, leaf, text)
    assert "zzz" not in str(found.value)
    absent = {path for path in REQUIRED if path.removeprefix("$.") not in found.value}
    assert absent == {path for path in found.missing if path in REQUIRED}
    assert typed(found)


def leaves(value: Any, path: str = "$") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, f"{path}.{key}")]
    if isinstance(value, list):
        return [leaf for i, inner in enumerate(value) for leaf in leaves(inner, f"{path}[{i}]")]
    return [(path, value)]


def traceable(leaf: Any, text: str) -> bool:
    """Whether the words, or the digits, of a value stand in the text."""
    if leaf is None or isinstance(leaf, bool):
        return True
    plain = squashed(text)
    if isinstance(leaf, int | float) or re.fullmatch(r"-?\d+(\.\d+)?", leaf):
        digits = re.sub(r"[.0]+$", "", f"{abs(Decimal(str(leaf))):f}").replace(".", "").lstrip("0")
        spoken = any(word in text.lower() for word in ("twenty", "dozen", "hundred", "thousand", "million", "k"))
        return digits in re.sub(r"\D", "", slips(text)) or spoken
    if re.fullmatch(r"\d{4}-\d\d-\d\d", leaf):
        return leaf[2:4] in text and str(int(leaf[8:])) in text
    return all(squashed(part) in plain for part in leaf.split()) or leaf.lower() in text.lower()


def squashed(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def slips(text: str) -> str:
    return text.translate(str.maketrans("OoQlI|SsB", "000111558"))


def typed(found: Filled) -> bool:
    value = found.value
    items = value.get("items", [])
    return (
        isinstance(value.get("count", 0), int)
        and all(isinstance(item.get("quantity", 0), int) for item in items)
        and all(isinstance(score, int) for score in value.get("scores", []))
        and value.get("method", "visa") in ("visa", "cash")
        and value.get("paid", True) in (True, False)
        and (found.missing != () or Everything.model_validate(value) is not None)
    )


JSON_SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(
        [
            {"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}, {}, True,
            {"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, {"enum": ["a", 1, None]},
            {"const": "Total"}, {"type": ["string", "null"]}, {"$ref": "#"}, {"$ref": "#/$defs/lost"}, {"type": "object"},
            {"type": "string", "pattern": "(broken"}, {"type": "string", "format": "uuid"}, False,
        ]
    ),
    lambda inner: st.one_of(
        st.builds(lambda one: {"type": "array", "items": one}, inner),
        st.builds(lambda some: {"anyOf": some}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda some: {"type": "array", "prefixItems": some}, st.lists(inner, max_size=2)),
        st.builds(
            lambda some: {"type": "object", "properties": some, "required": list(some)[:2]},
            st.dictionaries(st.sampled_from(["total", "name", "items", "date", "description", "a b", ""]), inner, max_size=3),
        ),
        st.builds(lambda one: {"type": "object", "additionalProperties": one}, inner),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(JSON_SCHEMAS.filter(lambda schema: isinstance(schema, dict)), readings())
def test_no_schema_breaks_it(schema: dict[str, Any], reading: Reading) -> None:
    found = fill(schema, [reading])
    assert all(path.startswith("$") for path in found.missing)
    assert fill(schema, [reading]) == found


def test_importing_brings_no_heavy_library() -> None:
    program = (
        "import sys\n"
        "import instructor.providers.embedded.filling\n"
        "heavy = {'rapidfuzz', 'numpy', 'PIL', 'onnxruntime'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or None)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
