"""Who is named in a block of lines: the party under "Bill to", and the one whose name heads the document.

Bill to               label of the party        ACME TOOLS LTD          first line of the head: name
Jane Doe              name                      12 High Street          address …
12 High Street        street  ┐                 Leeds LS1 2TW
Springfield, IL 62701 city …  ┴ address         Tel 0113 496 0000       a label ends it
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .coerce import EMAIL, URL, coerce
from .dates import find_date, find_time
from .layout import Cell, Line
from .pairs import Candidate, Page, Span, block_below
from .slots import Slot

_CITY_STATE_ZIP = re.compile(r"^(?P<city>[^\d,]+?),?\s+(?P<state>[A-Z]{2})\.?\s+(?P<zip>\d{5}(?:-\d{4})?)\b")
_CITY_POSTCODE = re.compile(r"^(?P<city>[^\d,]+?),?\s+(?P<zip>[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})\b")
_ZIP_CITY = re.compile(r"^(?:[A-Z]{1,2}-)?(?P<zip>\d{4,5}(?:\s?[A-Z]{2})?)\s+(?P<city>[^\d,]+)")
_STREET = re.compile(
    r"^\d+[\w/-]*,?\s+[A-Z]\w+|\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|square|"
    r"suite|floor|p\.?\s?o\.?\s?box|terrace|crescent|highway|hwy|[a-z]+stra(?:ss|ß)e|[a-z]+str|rue|via|calle)\b\.?",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"^(?:tax |sales |pro ?forma |commercial )?(?:invoice|receipt|bill|statement|quotation|quote|order|credit note|"
    r"purchase order|delivery note|packing slip|estimate|page \d.*|welcome|thank you.*|copy|original|customer copy|"
    r"invoice\s*#.*|hello|badge|visitor|form)\W*$",
    re.IGNORECASE,
)
_PIECE = re.compile(r"\s*[,•·|]\s*|\s+[-–]\s+")
_HEAD_LINES = 8


def party_blocks(page: Page, slots: Sequence[Slot]) -> Iterator[Candidate]:
    """Values of the properties of each party, from the block of lines under its label or at the head."""
    wanted = {slot.party for slot in slots if slot.party}
    for party in sorted(wanted):
        for block, share in _blocks(page, slots, party):
            yield from _from_block(page, slots, party, block, share)
    head = head_block(page)
    if head:
        if "vendor" in wanted:
            yield from _from_block(page, slots, "vendor", head, 0.62)
        yield from _from_block(page, slots, "", head, 0.56)


def _blocks(page: Page, slots: Sequence[Slot], party: str) -> Iterator[tuple[list[Cell], float]]:
    from .concepts import CONCEPTS
    from .labels import key_of

    keys = {key_of(name) for name in CONCEPTS[party].split(",")} - {"name"}
    own = {key_of(word) for slot in slots if slot.party == party for word in (*slot.path[:-1], slot.name)}
    for hits in page.hits.values():
        hit = hits[0]
        named = hit.colon or hit.whole or party != "vendor"
        if hit.match.key not in keys | own or hit.cell.id in page.taken or not named:
            continue
        line = page.layout.lines[hit.cell.line]
        beside = [c for c in line.cells if c.id > hit.cell.id and page.label(c) is None][:1]
        block = block_below(page, beside[0]) if beside and not hit.rest else block_below(page, hit.cell)
        if hit.rest:
            first = [Cell(hit.cell.id, hit.cell.line, hit.rest, hit.cell.box, ())]
            yield first + block, 0.9
        else:
            yield beside + block, 0.88


def head_block(page: Page) -> list[Cell]:
    """The name that heads the document and the lines that follow it in its column."""
    first = _head(page)
    if first is None:
        return []
    block = [first]
    for cell in page.layout.below(first, _HEAD_LINES):
        if page.asked(cell) or _dated(page, cell) or len(block) > 4:
            break
        block.append(cell)
    return block


def _head(page: Page) -> Cell | None:
    """The tallest of the first lines that is no heading ("INVOICE"), label, date or number; of equals the first."""
    lines = [line for line in page.layout.lines if line.page == page.layout.lines[0].page][:_HEAD_LINES]
    cells = [cell for line in lines for cell in line.cells if _names_something(page, cell, line)]
    if not cells:
        return None
    tallest = max(cell.height for cell in cells)
    return next(cell for cell in cells if cell.height >= 0.75 * tallest)


def _names_something(page: Page, cell: Cell, line: Line) -> bool:
    letters = sum(char.isalpha() for char in cell.text)
    plain = letters >= 3 and letters > 0.5 * len(cell.text.replace(" ", "")) and len(cell.text) <= 60
    hit = page.label(cell)
    label = hit is not None and (hit.colon or hit.whole or any(char.isdigit() for char in hit.rest))
    if not plain or _HEADING.match(cell.text) or label or cell.id in page.taken:
        return False
    labelled = any(page.asked(one) for one in line.cells if one.id < cell.id)
    contact = EMAIL.search(cell.text) or URL.search(cell.text) or _STREET.match(cell.text)
    return not labelled and not contact and not _dated(page, cell)


def _dated(page: Page, cell: Cell) -> bool:
    return find_date(cell.text, page.hints.order) is not None or find_time(cell.text) is not None


def _from_block(
    page: Page, slots: Sequence[Slot], party: str, block: Sequence[Cell], share: float
) -> Iterator[Candidate]:
    """What each slot of `party` finds among the lines of `block`."""
    if not block:
        return
    for number, slot in enumerate(slots):
        if slot.party != party or slot.shape.kind not in ("text", "email", "any", "url"):
            continue
        for text, spans in _parts(slot, block, headed=bool(party)):
            found = coerce(slot.shape, text, page.hints, slot.role)
            if found is not None:
                yield Candidate(number, found.value, share * found.fit, spans)
                break


def _parts(slot: Slot, block: Sequence[Cell], headed: bool) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """The texts of the block that may be this leaf, best first."""
    first, rest = block[0], block[1:]
    if slot.leaf in ("name", "company") and headed:
        yield _PIECE.split(first.text)[0] if not rest else first.text, ((first.id, 0, len(first.text)),)
    elif slot.leaf in ("phone", "email", "website", "fax"):
        for cell in block:
            if slot.leaf != "phone" or re.search(r"\d{3}", cell.text):
                yield cell.text, ((cell.id, 0, len(cell.text)),)
    elif slot.leaf == "address":
        lines = [cell for cell in rest if _is_address(cell.text)]
        if lines and (headed or _STREET.search(lines[0].text)):
            yield _joined(lines), tuple((cell.id, 0, len(cell.text)) for cell in lines)
    elif slot.leaf in ("street", "city", "zip", "state"):
        yield from _address_part(slot.leaf, rest)


def _is_address(text: str) -> bool:
    return not (EMAIL.search(text) or URL.search(text) or re.search(r"\b(?:tel|phone|fax|vat|tax)\b", text, re.IGNORECASE)
                or re.fullmatch(r"[+\d\s().-]{7,}", text))  # fmt: skip


def _joined(lines: Sequence[Cell]) -> str:
    text = lines[0].text
    for cell in lines[1:]:
        text += f" {cell.text}" if text.endswith(",") else f", {cell.text}"
    return text


def _address_part(leaf: str, cells: Sequence[Cell]) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """Street, city, state or postal code, from the pieces between commas."""
    for cell in cells:
        if leaf == "street" and _STREET.search(cell.text):
            yield cell.text.split(",")[0], ((cell.id, 0, len(cell.text.split(",")[0])),)
            return
        for start in [0, *(match.end() for match in re.finditer(r",\s*", cell.text))]:
            for pattern in (_CITY_STATE_ZIP, _CITY_POSTCODE, _ZIP_CITY):
                match = pattern.match(cell.text[start:])
                if match and leaf in match.groupdict():
                    yield (
                        match[leaf].strip(),
                        ((cell.id, start + match.start(leaf), start + match.end(leaf)),),
                    )
                    return


def names(page: Page) -> list[Cell]:
    """Every cell that names something: no label, heading, date, number or address."""
    return [cell for line in page.layout.lines for cell in line.cells if _names_something(page, cell, line)]


def largest(page: Page) -> Cell | None:
    """The cell in the largest letters that names something, if it stands out: a title."""
    cells = names(page)
    best = max(cells, key=lambda cell: (round(cell.height, 1), -cell.id), default=None)
    if best is None:
        return None
    others = [cell.height for cell in cells if cell is not best]
    return best if not others or best.height > 1.15 * max(others) else None
