"""Values by where they stand from their label: after it in the cell, to the right, below.

Hit ──▶ Place … (text, spans, share) ──coerce for each slot of the label──▶ Candidate(slot, value, score)

score = how surely the label is the slot's × how well it matched × share of the place × how well the text fits the type
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from ....values import dataclass
from .coerce import Found, Hints, coerce
from .hits import Hit
from .labels import LabelIndex, Match
from .layout import Cell, Layout
from .shape import NUMERIC, TEMPORAL
from .slots import Slot

Span = tuple[int, int, int]
"""Cell id, start, end: what a value was read from."""

_ASIDE_ONLY = re.compile(r"[(\[][^)\]]*[)\]]|@?\s*\d{1,2}(?:[.,]\d+)?\s?%|[A-Z]{3}|[$€£]|in full|no\.?", re.IGNORECASE)
_MARKED_LABEL = re.compile(r"(?P<mark>[\[(]\s?[xXvV✓✔*]?\s?[\])]|[☑☒✓✔☐□])\s*(?P<label>[^\[\]()☑☒✓✔☐□]{2,50})")
_ALSO_VALUES = frozenset({"no", "to", "at", "from", "t", "m", "p", "team", "student", "speaker", "cash", "paid"})
_OPEN, _GOES_ON = re.compile(r"[\w.]\s*[-–—×]$|\b(?:to|of|x)$"), re.compile(r"^(?:[-–—×]|to\b|of\b|x\b)(?:\s|$)")
_REACH = 3
_BLOCK = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that `slots[slot]` may take."""

    slot: int
    value: Any
    score: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A text that may be the value of a label. `share` is how usual this place is."""

    text: str
    spans: tuple[Span, ...]
    share: float
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A laid-out document with its labels found: what every search works on."""

    layout: Layout
    hits: Mapping[int, Sequence[Hit]]
    hints: Hints
    index: LabelIndex
    taken: frozenset[int] = frozenset()
    """Ids of the cells of tables already read."""

    def label(self, cell: Cell) -> Hit | None:
        """The label that the whole cell is, or begins with; guesses do not count, nor do words that are also values."""
        hits = self.hits.get(cell.id)
        hit = hits[0] if hits and hits[0].start == 0 else None
        if hit is None or hit.colon:
            return hit
        sure = hit.match.quality >= 0.9 and not hit.match.partial
        known = hit.whole and hit.match.key not in _ALSO_VALUES
        return hit if sure and (hit.match.slots or known) else None

    def asked(self, cell: Cell) -> bool:
        """Whether the cell is a label of something asked for, or has a label's colon."""
        hit = self.label(cell)
        return hit is not None and (bool(hit.match.slots) or hit.colon)


def pair(page: Page, slots: Sequence[Slot], round: int = 0) -> Iterator[Candidate]:
    """Every value that stands where a label says, for every slot the label names."""
    count = max(len(page.layout.lines), 1)
    for hits in page.hits.values():
        for number, hit in enumerate(hits):
            if hit.cell.id in page.taken or not hit.match.slots:
                continue
            places = list(_places(page, hit, number + 1 < len(hits), round))
            for slot, weight in (one for one in hit.match.slots if one[0] < len(slots)):
                # Of two printed totals the later one is meant, of anything else the first.
                late = hit.cell.line / count * (0.02 if "total" in slots[slot].concepts else -0.02)
                for place in places:
                    if slots[slot].party == "vendor" and not (hit.colon or hit.whole):
                        continue
                    yield from _candidate(page, slots, slot, place, weight * hit.match.quality + late)


def _candidate(page: Page, slots: Sequence[Slot], number: int, place: Place, labelled: float) -> Iterator[Candidate]:
    slot = slots[number]
    found = read(page, slot, place)
    if found is None:
        return
    spans = place.spans
    if len(spans) == 1 and (found.end - found.start) < len(place.text):
        cell, start, _ = spans[0]
        spans = ((cell, start + found.start, start + found.end),)
    yield Candidate(number, found.value, labelled * place.share * found.fit, spans)


def read(page: Page, slot: Slot, place: Place) -> Found | None:
    """The value in a place; a text takes in the lines that continue it, an address the lines below."""
    if slot.shape.kind in ("text", "any") and place.cell is not None and page.asked(place.cell):
        return None
    return coerce(slot.shape, place.text, page.hints, slot.role)


def _places(page: Page, hit: Hit, followed: bool, round: int) -> Iterator[Place]:
    """Where the value of `hit` may be. `followed`: another label comes after it in the same cell."""
    text = hit.cell.text[hit.end : hit.stop]
    rest = text.strip(" :.=")
    if rest:
        start = hit.end + len(text) - len(text.lstrip(" :.="))
        kept = text.lstrip(" :.=").rstrip(" :=")
        yield Place(kept, ((hit.cell.id, start, start + len(kept)),), 1.0 if hit.colon else 0.9)
        yield from _continued(page, hit, kept)
    if followed or (rest and not _ASIDE_ONLY.fullmatch(rest)):
        return
    right = list(_right(page, hit, round))
    yield from right
    if not hit.match.partial or hit.colon or round:
        yield from _below(page, hit, bool(right))
    if round and not right:
        yield from _left(page, hit)


def _continued(page: Page, hit: Hit, first: str) -> Iterator[Place]:
    """The value of the cell with the line below it, when the line breaks off at a comma or a hyphen."""
    if not first.endswith((",", "-", "&")):
        return
    under = page.layout.below(hit.cell)
    if under and page.label(under[0]) is None:
        text = f"{first} {under[0].text}"
        yield Place(text, ((hit.cell.id, hit.end, hit.stop), _whole(under[0])), 1.02)


def _right(page: Page, hit: Hit, round: int) -> Iterator[Place]:
    """The next cells of the line, up to the next label."""
    line = page.layout.lines[hit.cell.line]
    after = [cell for cell in line.cells if cell.box[0] >= hit.cell.box[0] and cell.id > hit.cell.id]
    kept: list[Cell] = []
    for cell in after[: _REACH + round]:
        stop = page.asked(cell) if hit.colon else page.label(cell) is not None
        if stop or cell.id in page.taken:
            break
        kept.append(cell)
    joined = _joined(kept)
    if len(joined) > 1:
        yield Place(" ".join(cell.text for cell in joined), tuple(_whole(cell) for cell in joined), 1.0, joined[0])
        return
    for i, cell in enumerate(kept):
        yield Place(cell.text, (_whole(cell),), 1.0 - 0.08 * i, cell)
    if len(kept) > 1:
        yield Place(" ".join(cell.text for cell in kept), tuple(_whole(cell) for cell in kept), 0.9, kept[0])


def _joined(cells: Sequence[Cell]) -> Sequence[Cell]:
    """The first cell with those that go on where it breaks off: "3.9 -" │ "5.6"."""
    for i, (left, right) in enumerate(pairwise(cells)):
        near = right.box[0] - left.box[2] <= 2.0 * max(left.height, right.height)
        open_ = _OPEN.search(left.text) or _GOES_ON.search(right.text) or (i and _GOES_ON.fullmatch(left.text))
        if not (near and open_):
            return cells[: i + 1]
    return cells


def _below(page: Page, hit: Hit, beside: bool) -> Iterator[Place]:
    """The cell under the label, and the block of lines that it begins."""
    block = block_below(page, hit.cell)
    if not block:
        return
    first = block[0]
    gap = first.box[1] - hit.cell.box[3]
    near = gap <= 1.5 * max(hit.cell.height, 1.0)
    share = (0.93 if near else 0.8) * (0.7 if beside else 1.0)
    yield Place(first.text, (_whole(first),), share, first)


def block_below(page: Page, cell: Cell) -> list[Cell]:
    """The lines under a label that belong together: up to the next label or a wider gap."""
    block: list[Cell] = []
    gap = 0.0
    above = cell
    for one in page.layout.below(cell, _BLOCK):
        step = one.box[1] - above.box[3]
        wider = len(block) >= 2 and step > gap + 0.8 * max(one.height, 1.0)
        if one.id in page.taken or page.label(one) is not None or wider:
            break
        gap = max(gap, step) if block else 0.0
        block.append(one)
        above = one
    return block


def _left(page: Page, hit: Hit) -> Iterator[Place]:
    """The cell before the label: "12.00 Total"; only when asked again."""
    line = page.layout.lines[hit.cell.line]
    before = [cell for cell in line.cells if cell.id < hit.cell.id]
    if before and page.label(before[-1]) is None and before[-1].id not in page.taken:
        yield Place(before[-1].text, (_whole(before[-1]),), 0.6, before[-1])


def _whole(cell: Cell) -> Span:
    return (cell.id, 0, len(cell.text))


def check_marks(page: Page, slots: Sequence[Slot]) -> Iterator[Candidate]:
    """`[x] Newsletter`: a mark before the label of a yes/no property, in its cell or in the one before."""
    yes_no = {number for number, slot in enumerate(slots) if slot.shape.kind == "boolean"}
    if not yes_no:
        return
    for cell in page.layout.cells:
        for mark in _MARKED_LABEL.finditer(cell.text):
            match = page.index.find(mark["label"].strip(" .:"))
            span = (cell.id, mark.start(), mark.end())
            yield from _marked(page, slots, yes_no, match, mark["mark"], span)
    for hits in page.hits.values():
        before = [cell for cell in page.layout.lines[hits[0].cell.line].cells if cell.id < hits[0].cell.id]
        if before and len(before[-1].text) <= 4 and hits[0].start == 0:
            yield from _marked(page, slots, yes_no, hits[0].match, before[-1].text, _whole(before[-1]))


def _marked(
    page: Page, slots: Sequence[Slot], yes_no: set[int], match: Match | None, mark: str, span: Span
) -> Iterator[Candidate]:
    for number, weight in match.slots if match else ():
        found = coerce(slots[number].shape, mark, page.hints) if number in yes_no else None
        if match is not None and found is not None:
            yield Candidate(number, found.value, weight * match.quality * 0.95, (span,))


def assign(candidates: Sequence[Candidate], threshold: float) -> dict[int, Candidate]:
    """For each slot its best candidate, best pairs first, no part of a cell given twice."""
    chosen: dict[int, Candidate] = {}
    used: dict[int, list[tuple[int, int]]] = {}
    for one in sorted(candidates, key=lambda c: -c.score):
        if one.score < threshold or one.slot in chosen:
            continue
        if any(start < e and s < end for cell, start, end in one.spans for s, e in used.get(cell, ())):
            continue
        chosen[one.slot] = one
        for cell, start, end in one.spans:
            used.setdefault(cell, []).append((start, end))
    return chosen


def typed(slot: Slot) -> bool:
    """Whether values of the slot are recognised by their form alone."""
    return slot.shape.kind in NUMERIC | TEMPORAL or slot.role in ("phone", "email", "url")
