"""Lists of objects, wherever they stand: in tables, in priced lines, in repeated blocks, one to a medium, one to a sentence.

    tables ──none──▶ priced lines ──none──▶ blocks that begin with the same label ──none──▶ one object for each medium
                                                                 ──none──▶ one for each sentence ──none──▶ a single object

The last three only where the list is all that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .headers import column_leaves
from .layout import Cell, Layout, Line
from .pairs import Page
from .parts import ABSENT, Fill, Part, Source
from .receipts import priced_lines
from .shape import Shape
from .slots import Slot, slots_of
from .tables import Table, find_tables

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+|,\s+(?:and\s+)?(?=[A-Z])|\s+and\s+(?=[A-Z][a-z]+\s+(?:is|was)\b)")


def is_records(shape: Shape) -> bool:
    """Whether an array holds objects (or a choice of them)."""
    return shape.kind == "array" and shape.item is not None and shape.item.kind in ("object", "union")


def find_records(
    shape: Shape, page: Page, source: Source, path: str, alone: bool, fill_object: Fill
) -> tuple[Part, frozenset[int]]:
    """The objects of an array and the cells they were read from; `alone`: nothing else is asked for."""
    branches = _branches(shape.item)
    best: tuple[tuple[float, ...], list[Part], frozenset[int]] | None = None
    for item in branches:
        leaves = column_leaves(slots_of(item))
        parts, cells = _tabular(item, leaves, page, source, path)
        if not parts and alone:
            parts, cells = _scattered(item, source, path, fill_object), frozenset()
        rank = (float(-sum(len(part.missing) for part in parts)), float(sum(part.found for part in parts)))
        if parts and (best is None or rank > best[0]):
            best = (rank, parts, cells)
    if best is None:
        return Part(ABSENT), frozenset()
    _, parts, cells = best
    missing = tuple(name for part in parts for name in part.missing)
    return Part([part.value for part in parts], missing, len(parts)), cells


def _branches(item: Shape | None) -> list[Shape]:
    if item is None:
        return []
    return [item] if item.kind == "object" else [branch for branch in item.fields if branch.kind == "object"]


def _tabular(
    item: Shape, leaves: Sequence[Slot], page: Page, source: Source, path: str
) -> tuple[list[Part], frozenset[int]]:
    """The rows of the tables whose header fits best, else the priced lines."""
    tables = [
        table
        for table in find_tables(source.layout, leaves, source.hints, source.round)
        if not table.cells & page.taken and _enough(table, leaves)
    ]
    if tables:
        best = max(table.score for table in tables)
        tables = [table for table in tables if table.score >= 0.9 * best]
    else:
        priced = priced_lines(page, leaves, source.hints)
        tables = [priced] if priced is not None else []
    rows = [row for table in tables for row in table.rows]
    parts = [_row_part(item, leaves, row, f"{path}[{i}]") for i, row in enumerate(rows)]
    return parts, frozenset[int]().union(*(table.cells for table in tables))


def _enough(table: Table, leaves: Sequence[Slot]) -> bool:
    """Whether the columns of a table answer at least half of what an item requires."""
    required = [number for number, leaf in enumerate(leaves) if leaf.shape.required and not leaf.shape.nullable]
    seen = frozenset[int]().union(*(row.keys() for row in table.rows))
    return len(seen.intersection(required)) >= len(required) / 2


def _row_part(item: Shape, leaves: Sequence[Slot], row: Mapping[int, Any], path: str) -> Part:
    values = {leaves[number].path: value for number, value in row.items()}
    value, missing = _nested(item, values, (), path)
    return Part(value, tuple(missing), len(values))


def _nested(
    shape: Shape, values: Mapping[tuple[str, ...], Any], where: tuple[str, ...], path: str
) -> tuple[dict[str, Any], list[str]]:
    built: dict[str, Any] = {}
    missing: list[str] = []
    for child in shape.fields:
        here = (*where, child.name)
        if child.kind == "object":
            inner, lacking = _nested(child, values, here, path)
            if any(value is not None for value in inner.values()) and (child.required or not lacking):
                built[child.name] = inner
                missing += lacking
                continue
        elif here in values:
            built[child.name] = values[here]
            continue
        if child.required and child.nullable:
            built[child.name] = None
        elif child.required:
            missing.append(".".join((path, *here)))
    return built, missing


def _scattered(item: Shape, source: Source, path: str, fill_object: Fill) -> list[Part]:
    """Objects from blocks, media, sentences, or the whole, whichever first gives complete ones."""
    for layouts in (_blocks(item, source), _media(source.layout), _sentences(source.layout)):
        parts = [fill_object(item, replace(source, layout=layout), f"{path}[{i}]") for i, layout in enumerate(layouts)]
        kept = [part for part in parts if part.found and not part.missing]
        if kept and (len(kept) > 1 or len(kept) == len(parts)):
            return kept
    whole = fill_object(item, source, f"{path}[0]")
    return [whole] if whole.found and not whole.missing else []


def _blocks(item: Shape, source: Source) -> list[Layout]:
    """The lines between repetitions of the label that comes first and comes more than once."""
    page = source.page(slots_of(item))
    starts: dict[int, list[int]] = {}
    for hits in page.hits.values():
        if hits[0].start == 0 and not hits[0].match.partial:
            for slot, weight in hits[0].match.slots:
                if weight >= 0.85:
                    starts.setdefault(slot, []).append(hits[0].cell.line)
    repeated = [sorted(set(lines)) for lines in starts.values() if len(set(lines)) > 1]
    if not repeated:
        return []
    first = min(repeated, key=lambda lines: lines[0])
    ends = [*first[1:], len(source.layout.lines)]
    return [source.layout.part(source.layout.lines[a:b]) for a, b in zip(first, ends, strict=True)]


def _media(layout: Layout) -> list[Layout]:
    """One layout for each medium, if there are several."""
    if len(layout.readings) < 2:
        return []
    parts: list[Layout] = []
    for number, reading in enumerate(layout.readings):
        lines = [line for line in layout.lines if line.page[0] == number]
        parts.append(replace(layout.part(lines), readings=(reading,)))
    return parts


def _sentences(layout: Layout) -> list[Layout]:
    """One layout for each sentence of running text."""
    flat = [line for line in layout.lines if line.flat]
    pieces = [(line, piece) for line in flat for piece in _SENTENCE.split(line.text) if piece.strip()]
    return [layout.part([_sentence(line, piece.strip())]) for line, piece in pieces] if len(pieces) > 1 else []


def _sentence(line: Line, text: str) -> Line:
    cell = line.cells[0]
    return replace(line, cells=(Cell(cell.id, 0, text, cell.box, ()),))
