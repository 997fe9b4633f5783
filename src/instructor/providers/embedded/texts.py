"""Plain text, Markdown, CSV and JSON as rows of cells.

    plain, markdown   a row per line; cells are parted by tabs, two spaces, or a table's bars
    csv, tsv          a row per record, a cell per field
    json              an object as rows of key and value; a list of objects as a table with its keys as header

Positions are made up, so that code for tables works: x counts characters and y counts lines. Cells of one column
of a table start at the same x.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from io import StringIO

from .reading import Reading, Row, Word
from .unreadable import Unreadable

RULE = re.compile(r"[\s|:=+-]*")
ENCODINGS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
DELIMITERS = ",;\t|"
COLUMN = 2
"""Characters between two columns."""

Cells = Sequence[str]


def read_text(data: bytes, media_type: str) -> Reading:
    """The rows of a text."""
    text = _decode(data)
    if not text.strip():
        raise Unreadable("the text is empty")
    layout = {"text/csv": _csv, "text/tab-separated-values": _csv, "application/json": _json}.get(media_type, _lines)
    return Reading(kind="text", media_type=media_type, bytes=len(data), rows=tuple(layout(text)))


def _decode(data: bytes) -> str:
    named = next((name for mark, name in ENCODINGS if data.startswith(mark)), None)
    try:
        text = data.decode(named or "utf-8")
    except UnicodeDecodeError as error:
        if named:
            raise Unreadable(f"the text is not {named} as its first bytes say") from error
        text = data.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise Unreadable("the bytes are not text")
    return text


def _lines(text: str) -> Iterator[Row]:
    """Each line at the columns where it was written."""
    for y, line in enumerate(text.splitlines()):
        flat = line.replace("\t", " \t ").expandtabs()
        ruled = flat.strip().startswith("|") and flat.strip().endswith("|")
        if ruled and RULE.fullmatch(flat):
            continue
        cells = re.finditer(r"[^|]+", flat) if ruled else re.finditer(r"\S+(?: \S+)*", flat)
        words = tuple(_at(cell.group(), cell.start(), y) for cell in cells if cell.group().strip())
        if words:
            yield Row(words)


def _at(cell: str, x: int, y: int) -> Word:
    start = x + len(cell) - len(cell.lstrip())
    text = cell.strip()
    return Word(text, (float(start), float(y), float(start + len(text)), float(y + 1)))


def _csv(text: str) -> Iterator[Row]:
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:4096], DELIMITERS)
    except csv.Error:
        dialect = csv.excel
    try:
        yield from _table([[cell.strip() for cell in record] for record in csv.reader(StringIO(text), dialect)])
    except csv.Error as error:
        raise Unreadable(f"the CSV cannot be parsed: {error}") from error


def _json(text: str) -> Iterator[Row]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the JSON cannot be parsed: {error}") from error
    yield from _table(list(_flat(value)))


def _flat(value: object, path: str = "") -> Iterator[Cells]:
    """Rows of key and value; `address: {city: …}` becomes the row `address city`, …."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{path} {key}".strip())
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        keys = list(dict.fromkeys(key for item in value for key in item))
        if path:
            yield [path]
        yield keys
        yield from ([_scalar(item.get(key)) for key in keys] for item in value)
    else:
        shown = ", ".join(map(_scalar, value)) if isinstance(value, list) else _scalar(value)
        yield [path, shown] if path else [shown]


def _scalar(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _table(records: Sequence[Cells]) -> Iterator[Row]:
    """Records with their cells set in columns."""
    widths: list[int] = []
    for record in records:
        widths += [0] * (len(record) - len(widths))
        widths = [max(w, len(record[i]) if i < len(record) else 0) for i, w in enumerate(widths)]
    starts = [sum(widths[:i]) + COLUMN * i for i in range(len(widths))]
    for y, record in enumerate(records):
        words = tuple(_at(cell, starts[i], y) for i, cell in enumerate(record) if cell)
        if words:
            yield Row(words)
