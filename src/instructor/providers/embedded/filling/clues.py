"""Values that no label names: known by their form, their size on the page, or because the file itself says so.

    form        e-mail, URL, phone, the one date, a pattern or an example of the schema, a mentioned choice
    size        the largest letters: a title (headlines.py: who and what a badge names)
    codes       QR and bar codes
    facts       width, height, format, colours, pages, seconds

Every clue scores less than a label that matches well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .coerce import EMAIL, URL, coerce, mentions
from .concepts import WEAK
from .dates import Moment, find_dates, find_time
from .describe import fact
from .labels import tokens, words
from .layout import Cell
from .pairs import Candidate, Page
from .parties import largest
from .shape import TEMPORAL
from .slots import Slot

FACT = -2
"""Cell id that stands for the medium itself in spans."""

_TITLES = frozenset({"title", "heading", "headline", "document title", "product", "product name"})
_STAMPS = frozenset("paid approved void cancelled canceled signed delivered urgent confidential draft shipped".split())
_RATE = re.compile(r"\b(?:vat|tax|gst|mwst)\b[^\d%]{0,12}(\d{1,2}(?:[.,]\d{1,3})?)\s?%", re.IGNORECASE)
_EXAMPLE = re.compile(r"e\.?\s?g\.?,?\s*[\"'“]?([A-Z]{1,6}[-/]?)[\d#…x.]", re.IGNORECASE)
_UNTIL, _FROM = re.compile(r"\s*(?:[-–—&]|to\b|until\b)\s*\w"), re.compile(r"\w\s*(?:[-–—&]|\bto|\buntil)\s*$")
_MOST_LINES = 40
"""A sheet with more lines is no badge, card or label."""
_CODE_NAMES = frozenset("barcode qr qrcode code ean upc gtin isbn".split())

Clue = Callable[[Page, Slot], Iterator[tuple[Any, float, tuple[int, int, int]]]]


def clues(page: Page, slots: Sequence[Slot]) -> Iterator[Candidate]:
    """Candidates for `slots` from everything that is not a label."""
    for number, slot in enumerate(slots):
        for clue in _CLUES:
            for value, score, span in clue(page, slot):
                yield Candidate(number, value, score, (span,))


def _free(page: Page) -> Iterator[Cell]:
    """Cells outside tables, in reading order."""
    return (cell for cell in page.layout.cells if cell.id not in page.taken)


def _typed(page: Page, slot: Slot, text: str) -> tuple[Any, float] | None:
    found = coerce(slot.shape, text, page.hints, slot.role)
    return None if found is None else (found.value, found.fit)


def _by_form(page: Page, slot: Slot) -> Iterator[tuple[Any, float, tuple[int, int, int]]]:
    """E-mail addresses, URLs and phone numbers, the first ones first."""
    role = slot.role if slot.role in ("email", "url", "phone") else slot.shape.kind
    count = 0
    for cell in _free(page):
        if role not in ("email", "url", "phone") or (role == "phone" and page.label(cell) is not None):
            continue
        if (role == "email" and not EMAIL.search(cell.text)) or (role == "url" and not _is_url(cell.text)):
            continue
        before = [c for c in page.layout.lines[cell.line].cells if c.id < cell.id]
        if role == "phone" and (not before or page.label(before[-1]) is None) and not _phonelike(cell.text):
            continue
        if role == "phone" and before and page.asked(before[-1]):
            continue
        found = coerce(slot.shape, cell.text, page.hints, slot.role)
        if found is not None:
            yield found.value, 0.62 - 0.01 * min(count, 8), (cell.id, found.start, found.end)
            count += 1


def _is_url(text: str) -> bool:
    return bool(URL.search(EMAIL.sub(" ", text)))


def _phonelike(text: str) -> bool:
    """A whole cell in the usual writing of a phone number."""
    return bool(
        re.fullmatch(
            r"(?:\+\d[\d\s().-]{7,16}|\(\d{2,5}\)[\d\s-]{5,12}|\d{3}[-. ]\d{3}[-. ]\d{4}|0\d[\d\s]{7,12})",
            text,
        )
    )


def _by_date(page: Page, slot: Slot) -> Iterator[tuple[Any, float, tuple[int, int, int]]]:
    """Dates and times without a label, for the property that is simply the date (or time)."""
    timed = slot.shape.kind == "time" or (slot.shape.kind == "text" and slot.concepts == {"time"})
    if "time" not in slot.concepts if timed else "date" not in slot.concepts:
        return
    for cell in _free(page):
        line = page.layout.lines[cell.line]
        if any(page.asked(one) for one in line.cells if one.id <= cell.id):
            continue
        labelled = any(page.label(one) is not None for one in line.cells if one.id <= cell.id)
        moments = [m for m in (find_time(cell.text),) if m] if timed else find_dates(cell.text, page.hints.order)
        for moment in moments:
            text = line.text if slot.shape.kind == "datetime" else _moment(slot, cell.text, moment)
            found = coerce(slot.shape, text, page.hints)
            if found is not None:
                yield found.value, 0.52 if labelled else 0.58, (cell.id, moment.start, moment.end)


def _moment(slot: Slot, text: str, moment: Moment) -> str:
    """The words of a moment; for a text with what it ranges to or from ("9:00 - 17:00")."""
    until, since = _UNTIL.match(text[moment.end :]), _FROM.search(text[: moment.start])
    if slot.shape.kind != "text" or not (until or since):
        return text[moment.start : moment.end]
    return text if since else text[moment.start :]


def _by_pattern(page: Page, slot: Slot) -> Iterator[tuple[Any, float, tuple[int, int, int]]]:
    """Words that fit the schema's pattern, or that begin as its examples do ("INV-")."""
    shape = slot.shape
    if shape.kind != "text":
        return
    source = shape.pattern.removeprefix("^").removesuffix("$").replace(r"\z", "")
    told = _EXAMPLE.search(shape.description)
    heads = [told[1]] if told else [m[0] for m in (re.match(r"[A-Z]{2,6}[-/]", e) for e in shape.examples) if m]
    if heads:
        source = rf"\b(?:{'|'.join(map(re.escape, heads))})[\w/-]*\d[\w/-]*"
    elif not shape.pattern or not re.search(r"\\d|[A-Z0-9]-[A-Z0-9]|0-9", source):
        return
    try:
        pattern = re.compile(rf"(?<![\w])(?:{source})(?![\w])")
    except re.error:
        return
    for cell in _free(page):
        for match in pattern.finditer(cell.text):
            found = _typed(page, slot, match[0]) if match[0] else None
            if found is not None:
                yield found[0], 0.7 * found[1], (cell.id, match.start(), match.end())


def _by_mention(page: Page, slot: Slot) -> Iterator[tuple[Any, float, tuple[int, int, int]]]:
    """The choice that the document mentions, if it mentions only one."""
    shape = slot.shape
    if shape.kind == "choice":
        named = [
            value for value in shape.values if not isinstance(value, str) or len(value) > 2 or slot.role == "currency"
        ]
        found = mentions(tuple(named), "\n".join(line.text for line in page.layout.lines))
        if len(found) == 1:
            yield found[0], 0.56, (FACT, 0, 0)
    if slot.role == "currency" and shape.kind == "text":
        text = "\n".join(line.text for line in page.layout.lines)
        read = coerce(shape, text, page.hints, slot.role) if text else None
        if read is not None and read.fit >= 0.8:
            yield read.value, 0.55, (FACT, 0, 0)


def _by_stamp(page: Page, slot: Slot) -> Iterator[tuple[Any, float, tuple[int, int, int]]]:
    """PAID, UNPAID, NOT APPROVED: a word that stands alone for yes or no."""
    own = tokens(slot.shape.name) & _STAMPS
    if slot.shape.kind != "boolean" or len(own) != 1:
        return
    word = next(iter(own))
    for cell in _free(page):
        said = cell.text.lower().strip(" .!*")
        beside = len(page.layout.lines[cell.line].cells) > 1
        if said == word and not beside and not page.layout.below(cell):
            yield True, 0.55, (cell.id, 0, len(cell.text))
        elif said in (f"un{word}", f"not {word}"):
            yield False, 0.7, (cell.id, 0, len(cell.text))


def _by_rate(page: Page, slot: Slot) -> Iterator[tuple[Any, float, tuple[int, int, int]]]:
    if "tax_rate" in slot.concepts:
        for cell in page.layout.cells:
            match = _RATE.search(cell.text)
            found = _typed(page, slot, f"{match[1]}%") if match else None
            if match is not None and found is not None:
                yield found[0], 0.6, (cell.id, match.start(1), match.end(1))


def _by_size(page: Page, slot: Slot) -> Iterator[tuple[Any, float, tuple[int, int, int]]]:
    """The largest words, for a title."""
    plain = slot.shape.kind == "text" and not slot.party and len(slot.path) <= 1
    if not plain or len(page.layout.lines) > _MOST_LINES or words(slot.shape.name) not in _TITLES:
        return
    cell = largest(page)
    if cell is not None and not page.layout.lines[cell.line].flat:
        yield cell.text, 0.5, (cell.id, 0, len(cell.text))


def _by_code(page: Page, slot: Slot) -> Iterator[tuple[Any, float, tuple[int, int, int]]]:
    """The text of a QR or bar code."""
    own = tokens(slot.shape.name) | (tokens(slot.shape.description) & _CODE_NAMES)
    named = bool(own & _CODE_NAMES)
    if not named and slot.role != "url" and slot.shape.kind != "url":
        return
    codes = [code for reading in page.layout.readings for code in reading.codes]
    for number, code in enumerate(codes):
        found = _typed(page, slot, code.text)
        if found is not None and (found[1] >= 0.95 or named):
            value = code.text if slot.shape.kind == "text" and named else found[0]
            share = _told(own, code.format.lower()) if named else 0.66
            yield value, share - 0.01 * min(number, 9), (FACT, number + 1, number + 2)


def _told(own: frozenset[str], format: str) -> float:
    """How surely a name means a code of this kind: "ean" an EAN13, "barcode" any code but a QR code."""
    square = format.startswith(("qr", "microqr", "datamatrix", "aztec"))
    if own & {"qr", "qrcode"}:
        return 0.97 if square else 0.0
    if own & {"barcode", "ean", "upc", "gtin", "isbn"}:
        return 0.0 if square else 0.97 if any(format.startswith(word) for word in own) else 0.9
    return 0.66


def _by_fact(page: Page, slot: Slot) -> Iterator[tuple[Any, float, tuple[int, int, int]]]:
    """What was measured of the file itself."""
    value = fact(slot.shape.name, page.layout.readings) if len(slot.path) <= 1 else None
    if value is None:
        return
    text = ", ".join(value) if isinstance(value, list) else str(value)
    found = _typed(page, slot, text) if slot.shape.kind not in TEMPORAL else None
    if found is not None and not (tokens(slot.shape.name) <= WEAK):
        yield found[0], 0.53, (FACT, 0, 0)


_CLUES: tuple[Clue, ...] = (
    _by_form, _by_date, _by_pattern, _by_mention, _by_stamp, _by_rate, _by_size, _by_code, _by_fact,
)  # fmt: skip
