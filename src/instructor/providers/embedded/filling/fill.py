"""From a schema and what was read to the properties found, and the names of those that were not.

    fill(schema, readings) ──▶ shape, layout, hints ──▶ by kind of shape
        object ──▶ lists of objects first (records), their cells taken
               ──▶ scalars: labels + marks + parties + sentences + clues + headlines ──▶ assign (best pair first)
               ──▶ lists of simple values, free text ──▶ build: missing properties named, none made up
        array │ map │ union │ scalar at the root ──▶ the same pieces alone

Nothing is returned that was not read or measured: no default, no example, no value of a schema; the one exception is the
tag of a union (a constant), once other properties have decided for its branch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ....values import dataclass
from ..reading import Reading
from .clues import clues
from .coerce import Hints, coerce, mentions
from .concepts import WORDS_OF
from .dates import date_order, find_dates
from .describe import describe, transcript
from .headlines import headlines
from .labels import words
from .layout import lay_out
from .lists import fixed, labelled_pairs, simple_list
from .numbers import find_numbers
from .pairs import Candidate, Page, assign, check_marks, pair
from .parties import party_blocks
from .parts import ABSENT, Part, Source
from .records import find_records, is_records
from .sentences import said
from .shape import NESTED, NUMERIC, Shape, read_shape
from .slots import Slot, is_long_text, labels_for, slots_of

_THRESHOLDS = (0.5, 0.42, 0.36)
_MOST_PROSE = 20_000
_YES_NO = re.compile(r"\b(?:yes|no|true|false)\b", re.IGNORECASE)
_VERBS = re.compile(r"\b(?:is|are|am|i'm|was|were|my|paid|costs?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Filled:
    """What was found. `missing` names required properties that were not (`"$.items[0].price"`)."""

    value: Any
    missing: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def fill(schema: Mapping[str, Any], readings: Sequence[Reading], *, prompt: str = "", round: int = 0) -> Filled:
    """The value of `schema` as far as `readings` hold it.

    `prompt` is an instruction: it may tell the order of day and month, but gives no value. `round` counts how often
    validation has asked again; the later, the more loosely labels are matched.
    """
    layout = lay_out(readings)
    texts = [line.text for line in layout.lines]
    hints = Hints(date_order(texts, prompt), _decimal_comma(texts))
    part = fill_shape(read_shape(schema), Source(layout, hints, round), "$")
    unread = tuple(dict.fromkeys(sentence for reading in readings for sentence in reading.unread))
    return Filled(None if part.value is ABSENT else part.value, part.missing, unread)


def _decimal_comma(texts: Sequence[str]) -> bool:
    """Whether amounts are written 1,50 rather than 1.50, by the majority."""
    joined = "\n".join(texts)
    commas = len(re.findall(r"\d,\d\d(?!\d)", joined))
    points = len(re.findall(r"\d\.\d\d(?![\d.])", joined))
    return commas > points


def fill_shape(shape: Shape, source: Source, path: str) -> Part:
    """The part for any shape, as if it were the root."""
    if shape.kind == "object":
        return fill_object(shape, source, path)
    if shape.kind == "union":
        return _choose(shape, source, path)
    if shape.kind == "array":
        return _root_array(shape, source, path)
    if shape.kind == "map":
        page = source.page([])
        pairs = labelled_pairs(page, shape.item or Shape("any"))
        return Part(pairs, (), len(pairs)) if pairs else _absent(shape, path)
    if shape.kind == "never":
        return _absent(shape, path)
    return _root_scalar(shape, source, path)


def _absent(shape: Shape, path: str) -> Part:
    if shape.kind in ("object", "map", "union"):
        return Part({}, (path,))
    return Part(None if shape.nullable else ABSENT, () if shape.nullable else (path,))


def fill_object(shape: Shape, source: Source, path: str, tagged: bool = False) -> Part:
    """The properties of an object and of the objects within it."""
    simple = slots_of(shape)
    arrays = _arrays(shape, ())
    slots = [*simple, *(_array_slot(where, one) for where, one in arrays)]
    page = source.page(slots)
    values: dict[tuple[str, ...], Any] = {}
    missing: dict[tuple[str, ...], tuple[str, ...]] = {}
    whole = len(simple) == 0 and len(arrays) == 1
    for where, array in (one for one in arrays if is_records(one[1])):
        part, cells = find_records(array, page, source, _name(path, where), whole, fill_object)
        if part.value is not ABSENT:
            values[where], missing[where] = part.value, part.missing
            page = Page(page.layout, page.hits, page.hints, page.index, page.taken | cells)
    values |= _scalars(simple, page, source)
    for number, (where, array) in enumerate(arrays, start=len(simple)):
        if not is_records(array):
            listed = simple_list(page, slots[number], number, whole)
            if listed is not None and array.fields:
                listed = fixed(array, listed, page)
            if listed is not None:
                values[where] = listed
    others = {where: fill_shape(one, source, _name(path, where)) for where, one in _others(shape, ())}
    values |= {where: part.value for where, part in others.items() if part.found}
    missing |= {where: part.missing for where, part in others.items() if part.found}
    return _build(shape, path, (), values, missing, tagged)


def _array_slot(path: tuple[str, ...], shape: Shape) -> Slot:
    return Slot(path, shape, tuple(labels_for(shape)), frozenset())


def _name(path: str, where: tuple[str, ...]) -> str:
    return ".".join((path, *where))


def _arrays(shape: Shape, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Shape]]:
    """Arrays under an object, those of nested objects too."""
    if shape.kind == "array":
        return [(path, shape)]
    if shape.kind != "object":
        return []
    return [found for child in shape.fields for found in _arrays(child, (*path, child.name))]


def _others(shape: Shape, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Shape]]:
    """Unions of objects and maps under an object."""
    if shape.kind in ("union", "map"):
        return [(path, shape)]
    if shape.kind != "object":
        return []
    return [found for child in shape.fields for found in _others(child, (*path, child.name))]


def _scalars(slots: Sequence[Slot], page: Page, source: Source) -> dict[tuple[str, ...], Any]:
    """The value of each scalar by its path, all of them assigned at once."""
    threshold = _THRESHOLDS[min(source.round, len(_THRESHOLDS) - 1)]
    long = {number for number, slot in enumerate(slots) if is_long_text(slot.shape) and len(slot.path) == 1}
    candidates: list[Candidate] = [
        *pair(page, slots, source.round),
        *check_marks(page, slots),
        *party_blocks(page, slots),
        *said(_prose(page), slots, page.hints),
        *clues(page, slots),
        *headlines(page, slots),
    ]
    chosen = assign([one for one in candidates if one.slot not in long or _firmly(page, one)], threshold)
    values = {slots[number].path: one.value for number, one in chosen.items()}
    for number in long - chosen.keys():
        text = _free_text(slots[number], source.layout.readings)
        if text:
            values[slots[number].path] = text
    return values


def _firmly(page: Page, one: Candidate) -> bool:
    """Whether a free text stands after a label of its own in the same cell ("Description: …")."""
    spans = [span for span in one.spans if span[0] >= 0 and span[1] > 0]
    return bool(spans) and one.score >= 0.9 and any(hit.colon for hit in page.hits.get(spans[0][0], ()))


def _free_text(slot: Slot, readings: Sequence[Reading]) -> str:
    """The words, or the description, of the media."""
    if re.sub(r"[\s-]", "_", words(slot.shape.name)) in WORDS_OF:
        return transcript(readings)
    return describe(readings)


def _prose(page: Page) -> str:
    """Running text: lines without geometry, and printed lines with a verb."""
    lines = [
        line.text
        for line in page.layout.lines
        if (line.flat or (len(line.text.split()) >= 4 and _VERBS.search(line.text)))
        and not any(cell.id in page.taken for cell in line.cells)
    ]
    return "\n".join(lines)[:_MOST_PROSE]


def _build(
    shape: Shape,
    path: str,
    where: tuple[str, ...],
    values: Mapping[tuple[str, ...], Any],
    lacks: Mapping[tuple[str, ...], tuple[str, ...]],
    tagged: bool,
) -> Part:
    """The object of the values found, with null for a nullable property that must be there, and the missing named."""
    built: dict[str, Any] = {}
    missing: list[str] = []
    found = 0
    for child in shape.fields:
        here = (*where, child.name)
        part = _build(child, path, here, values, lacks, tagged) if child.kind == "object" else None
        if part is not None and part.found and (child.required or not part.missing):
            built[child.name] = part.value
            missing += part.missing
            found += part.found
        elif here in values:
            built[child.name] = values[here]
            missing += lacks.get(here, ())
            found += 1
        elif child.required and child.nullable:
            built[child.name] = None
        elif child.required and part is not None and not part.missing:
            built[child.name] = part.value
        elif child.required and not (child.const and tagged):
            missing.append(_name(path, here))
    if tagged and found:
        built |= {
            one.name: one.values[0] for one in shape.fields if one.const and one.required and one.name not in built
        }
    return Part(built, tuple(missing), found)


def _choose(shape: Shape, source: Source, path: str) -> Part:
    """The branch of a union that lacks least of what it requires; of equals the one with most found."""
    parts = [
        fill_object(branch, source, path, tagged=True) if branch.kind == "object" else fill_shape(branch, source, path)
        for branch in shape.fields
    ]

    def rank(number: int) -> tuple[bool, float, int]:
        required = sum(field.required for field in shape.fields[number].fields) or 1
        return (parts[number].found > 0, -len(parts[number].missing) / required, parts[number].found)

    best = parts[max(range(len(parts)), key=rank)]
    return best if best.found else _absent(shape, path)


def _root_array(shape: Shape, source: Source, path: str) -> Part:
    """A list at the root: of objects, or of simple values."""
    slot = _array_slot(("items",) if not shape.name else (shape.name,), shape)
    page = source.page([slot])
    if is_records(shape):
        part, _ = find_records(shape, source.page([]), source, path, True, fill_object)
        return part if part.value is not ABSENT else _absent(shape, path)
    listed = simple_list(page, slot, 0, True)
    if listed is not None and shape.fields:
        listed = fixed(shape, listed, page)
    return Part(listed, (), len(listed)) if listed else _absent(shape, path)


def _root_scalar(shape: Shape, source: Source, path: str) -> Part:
    """A simple type alone: all words (or the description) for a text, else the one value the media hold."""
    layout = source.layout
    texts = [cell.text for cell in layout.cells]
    if shape.kind in ("text", "any") and not shape.pattern:
        said_or_shown = transcript(layout.readings)
        if any(reading.kind == "image" for reading in layout.readings) or not said_or_shown:
            said_or_shown = describe(layout.readings)
        return Part(said_or_shown, (), 1) if said_or_shown else _absent(shape, path)
    if shape.kind == "choice":
        values: list[Any] = mentions(shape.values, "\n".join(texts))
    elif shape.kind in NUMERIC:
        numbers = [text[n.start : n.end] for text in texts for n in find_numbers(text)]
        values = _read_all(shape, numbers, source.hints)
    elif shape.kind in ("date", "datetime"):
        values = [d.iso for text in texts for d in find_dates(text, source.hints.order)]
        values = _read_all(shape, texts, source.hints) if shape.kind == "datetime" else values
    elif shape.kind == "boolean":
        values = [word.lower() in ("yes", "true") for word in _YES_NO.findall("\n".join(texts))]
        values = values or _read_all(shape, texts, source.hints)
    elif shape.kind not in NESTED:
        values = _read_all(shape, [*texts, *(line.text for line in layout.lines)], source.hints)
    else:
        values = []
    distinct = [value for i, value in enumerate(values) if value not in values[:i]]
    return Part(distinct[0], (), 1) if len(distinct) == 1 else _absent(shape, path)


def _read_all(shape: Shape, texts: Sequence[str], hints: Hints) -> list[Any]:
    found = (coerce(shape, text, hints) for text in texts)
    return [one.value for one in found if one is not None]
