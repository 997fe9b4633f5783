"""Lists of simple values, and pairs of label and value with names that no schema gives.

"Allergies: nuts, milk"        after the label, between commas, semicolons, bullets, "and"
"Skills"  ↓ • Python           below the label, a line for each
no label                       by form (e-mails, dates, amounts …), by mention (choices), codes, colours, else the rows
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .coerce import EMAIL, URL, coerce, mentions, tidy
from .dates import find_dates
from .describe import fact
from .labels import tokens, words
from .numbers import find_numbers
from .pairs import Page, block_below
from .shape import NUMERIC, Shape
from .slots import Slot, names_of, role_of

_SEPARATOR = re.compile(r"\s*[;•·|]\s*|\s*,\s+(?:and\s+)?|,(?=[^\d\s])|\s+and\s+|\s+&\s+")
_ROWS = frozenset("rows lines text texts content items sentences strings words".split())


def simple_list(page: Page, slot: Slot, number: int, alone: bool) -> list[Any] | None:
    """The values for an array of simple items; `alone`: nothing else is asked for, so that the rows themselves answer."""
    shape = slot.shape
    if shape.item is None and not shape.fields:
        return None
    items = shape.item or shape.fields[0]
    labelled = _labelled(page, number, items)
    if labelled:
        return _unique(shape, labelled)
    found = _measured(page, slot) or _by_form(page, slot, items, alone)
    if not found and _wants_rows(slot, items, alone):
        found = [line.text for line in page.layout.lines]
        found = [word for text in found for word in text.split()] if slot.name.lower() == "words" else found
    return _unique(shape, found) if found else None


def fixed(shape: Shape, values: list[Any], page: Page) -> list[Any] | None:
    """A tuple: one value for each of its places, or nothing."""
    texts = [str(value) for value in values]
    if len(texts) != len(shape.fields):
        return None
    read = [coerce(one, text, page.hints) for one, text in zip(shape.fields, texts, strict=True)]
    return [one.value for one in read if one is not None] if all(read) else None


def _unique(shape: Shape, values: list[Any]) -> list[Any]:
    if not shape.unique:
        return values
    return [value for i, value in enumerate(values) if value not in values[:i]]


def _labelled(page: Page, number: int, items: Shape) -> list[Any]:
    """The values after the best label of the list, else those below it."""
    hits = [
        (dict(hit.match.slots)[number] * hit.match.quality, hit)
        for hits in page.hits.values()
        for hit in hits
        if number in dict(hit.match.slots) and hit.cell.id not in page.taken
    ]
    for score, hit in sorted(hits, key=lambda one: -one[0]):
        if score < 0.5:
            break
        line = page.layout.lines[hit.cell.line]
        beside = [c.text for c in line.cells if c.id > hit.cell.id and not page.asked(c)]
        texts = [text for text in (hit.rest, *beside) if text]
        if not texts:
            texts = [cell.text for cell in block_below(page, hit.cell)]
        elif texts[-1].endswith(","):
            texts += [cell.text for cell in block_below(page, hit.cell)[:1]]
        values = [value for text in texts for value in split_values(page, items, text)]
        if values:
            return values
    return []


def split_values(page: Page, items: Shape, text: str) -> Iterator[Any]:
    """The values in a text where they stand between separators."""
    if items.kind in NUMERIC:
        yield from _numbers(page, items, text)
        return
    pieces = [text] if items.kind in ("date", "datetime") else _SEPARATOR.split(text)
    for piece in pieces:
        found = coerce(items, tidy(piece), page.hints) if piece.strip() else None
        if found is not None:
            yield found.value


def _numbers(page: Page, items: Shape, text: str) -> Iterator[Any]:
    for number in find_numbers(text, decimal_comma=page.hints.decimal_comma):
        found = coerce(items, text[number.start : number.end].strip(" ,;"), page.hints)
        if found is not None:
            yield found.value


def _measured(page: Page, slot: Slot) -> list[Any]:
    """Codes and colours, for a list that is named after them."""
    own = {word.rstrip("s") for word in words(slot.name).split()}
    if own & {"code", "barcode", "qr", "qrcode"} and slot.shape.item is not None:
        return [code.text for reading in page.layout.readings for code in reading.codes]
    measured = fact(slot.name, page.layout.readings) if slot.name else None
    return measured if isinstance(measured, list) else []


def _by_form(page: Page, slot: Slot, items: Shape, alone: bool) -> list[Any]:
    """Values recognised anywhere by their form: those of a type, or of a text whose name says what it is."""
    texts = [cell.text for cell in page.layout.cells if cell.id not in page.taken]
    role = role_of(Shape("text", slot.name.rstrip("s")), slot.concepts | _singular(slot))
    if items.kind == "choice":
        return mentions(items.values, "\n".join(texts))
    if items.kind == "email" or (items.kind == "text" and role == "email"):
        return [re.sub(r"\s", "", match[0]) for text in texts for match in EMAIL.finditer(text)]
    if items.kind == "url" or (items.kind == "text" and role == "url"):
        return [match[0].rstrip(".,;)") for text in texts for match in URL.finditer(EMAIL.sub(" ", text))]
    if items.kind == "date":
        return [moment.iso for text in texts for moment in find_dates(text, page.hints.order)]
    if items.kind in NUMERIC and (alone or tokens(slot.name) & {"amounts", "numbers", "prices", "values", "figures"}):
        return [value for text in texts for value in _numbers(page, items, text)]
    if items.kind == "text" and role == "phone":
        found = (coerce(items, text, page.hints, "phone") for text in texts)
        return [one.value for one in found if one is not None]
    return []


def _singular(slot: Slot) -> frozenset[str]:
    from .labels import concepts_of

    return frozenset[str]().union(*(concepts_of(label.text.removesuffix("s")) for label in names_of(slot.shape)))


def _wants_rows(slot: Slot, items: Shape, alone: bool) -> bool:
    if items.kind not in ("text", "any"):
        return False
    return alone or slot.name.lower() in _ROWS


def labelled_pairs(page: Page, items: Shape) -> dict[str, Any]:
    """Every "label: value" of the document, and every line of two cells, whose value fits `items`."""
    found: dict[str, Any] = {}
    for line in page.layout.lines:
        for cell in line.cells:
            label, mark, rest = cell.text.partition(":")
            after = [one for one in line.cells if one.id > cell.id]
            text = rest.strip() or (after[0].text if after else "")
            pairs = mark and not rest.startswith("//") and any(char.isalpha() for char in label)
            if not pairs and not (len(line.cells) == 2 and after and not line.cells[1].text.endswith(":")):
                continue
            read = coerce(items, text, page.hints) if text and len(label) <= 60 else None
            if read is not None:
                found.setdefault(label.strip(" .:"), read.value)
    return found
