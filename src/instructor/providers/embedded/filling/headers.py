"""The line that heads a table: which of its cells announce which property of the items.

"Qty  Description  Price  Total"  ──▶  Column(box, slot 1) · Column(box, slot 0) · Column(box, slot 2) · Column(box, none)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ....values import dataclass
from ..reading import Box
from .concepts import COLUMNS, SUMMARY
from .hits import variants
from .labels import Label, LabelIndex, Match, index_labels, key_of
from .layout import Cell, Line
from .slots import Slot, concepts_for, labels_for, role_of

_LEAST = 0.55
_Piece = tuple[Box, Match | None]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the box of its header, and the leaf it fills (none: not asked for)."""

    box: Box
    slot: int | None
    score: float = 0.0


def columns_of(leaves: Sequence[Slot], round: int = 0) -> LabelIndex:
    """The index of the labels that the leaves of an item may have as column headers."""
    return index_labels((_labels(leaf) for leaf in leaves), round, COLUMNS)


def _labels(leaf: Slot) -> list[Label]:
    """Labels as a column, and as a property anywhere, the latter worth a little less unless its own name."""
    best: dict[str, Label] = {}
    loose = [replace(label, weight=label.weight * 0.9) for label in leaf.labels if label.weight < 0.96]
    for label in (
        *labels_for(leaf.shape, COLUMNS),
        *loose,
        *(one for one in leaf.labels if one.weight >= 0.96),
    ):
        key = key_of(label.text)
        if key not in best or best[key].weight < label.weight:
            best[key] = label
    return list(best.values())


def column_leaves(leaves: Sequence[Slot]) -> list[Slot]:
    """The leaves of an item, with the role their column gives them."""
    return [_as_column(leaf) for leaf in leaves]


def _as_column(leaf: Slot) -> Slot:
    columns = concepts_for(leaf.shape, COLUMNS)
    priced = columns & {"line_total", "unit_price"} and not columns & {"quantity"}
    concepts = (columns - SUMMARY) | ({"total"} if priced else frozenset[str]())
    role = role_of(leaf.shape, concepts)
    return replace(leaf, concepts=columns, role="" if role in ("person", "worded") else role)


def header(line: Line, leaves: Sequence[Slot], index: LabelIndex) -> list[Column] | None:
    """The columns that `line` announces, when enough of its cells name leaves."""
    pieces = [piece for cell in line.cells for piece in _pieces(cell, index)]
    chosen = _assigned(pieces)
    known = sum(match is not None and not match.partial for _, match in pieces)
    announced = len(chosen) >= 2 or (len(chosen) == 1 and (known >= 2 or len(leaves) == len(pieces) == 1))
    if not announced or len(chosen) + known < len(pieces) / 2:
        return None
    columns = [Column(box, *chosen.get(i, (None, 0.0))) for i, (box, _) in enumerate(pieces)]
    return sorted(columns, key=lambda column: column.box[0])


def _assigned(pieces: Sequence[_Piece]) -> dict[int, tuple[int, float]]:
    """For each piece of the header the leaf it fits best, best pairs first."""
    found = [
        (weight * match.quality, i, slot)
        for i, (_, match) in enumerate(pieces)
        if match is not None
        for slot, weight in match.slots
    ]
    chosen: dict[int, tuple[int, float]] = {}
    taken: set[int] = set()
    for score, piece, slot in sorted(found, key=lambda one: -one[0]):
        if score >= _LEAST and piece not in chosen and slot not in taken:
            chosen[piece] = (slot, score)
            taken.add(slot)
    return chosen


def _pieces(cell: Cell, index: LabelIndex) -> list[_Piece]:
    """A header cell with its label; one that holds two headers ("Qty Price") is split between them."""
    text = cell.text.strip(" :.*")
    surely = [(named, factor) for one, factor in variants(text) if (named := index.sure(one)) is not None]
    best = max(surely, key=lambda one: bool(one[0].slots), default=None)
    match = index.guess(text) if best is None else replace(best[0], quality=best[0].quality * best[1])
    words = cell.text.split()
    if (match is not None and match.quality >= 0.95 and not match.partial) or not 2 <= len(words) <= 8:
        return [(cell.box, match)]
    split = _split(cell, words, index)
    return split if len(split) > 1 else [(cell.box, match)]


def _split(cell: Cell, words: list[str], index: LabelIndex) -> list[_Piece]:
    """Boxes of the labels a cell is made of, or nothing unless it is made of labels entirely."""
    found: list[_Piece] = []
    at = 0
    while at < len(words):
        for size in range(min(3, len(words) - at), 0, -1):
            text = " ".join(words[at : at + size])
            match = index.find(text.strip(":."))
            if match is not None and match.quality >= 0.9 and not match.partial:
                start = len(" ".join(words[:at])) + (1 if at else 0)
                found.append((share_of(cell, start, start + len(text)), match))
                at += size
                break
        else:
            return []
    return found


def share_of(cell: Cell, start: int, end: int) -> Box:
    """The box of some characters of a cell, as if all were equally wide."""
    left, top, right, bottom = cell.box
    width = (right - left) / max(len(cell.text), 1)
    return (left + start * width, top, left + end * width, bottom)
