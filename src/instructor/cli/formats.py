"""Results → text for programs.

    json     one file: its result.   several: [{"file": …, "result": …}, …]
    jsonl    {"file": …, "result": …}, one line a file
    csv      one header; "file" first; nested fields dotted; one row for each object of a list

In CSV the plain fields around a list of objects are repeated in each of its rows; two lists of objects in one result
follow each other, each with its own columns. A list of plain values is JSON in its cell, a missing value is empty.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from pydantic_core import to_json

Row = tuple[str, Any]
"""A file's label and its result, as JSON values."""


class Format(StrEnum):
    """How results are written. PRETTY is for people."""

    PRETTY = "pretty"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


BY_SUFFIX: Mapping[str, Format] = {".json": Format.JSON, ".csv": Format.CSV}
"""What an output file's name asks for; any other name: JSON lines."""


def of_name(name: PurePath) -> Format:
    """The format of an output file."""
    return BY_SUFFIX.get(name.suffix.lower(), Format.JSONL)


def plain(value: Any) -> Any:
    """A result as the JSON values that pydantic writes, under the names of its fields; infinities are null."""
    return json.loads(to_json(value, by_alias=False, bytes_mode="base64", inf_nan_mode="null"))


def text(format: Format, rows: Sequence[Row], *, single: bool) -> str:
    """All results in one of the formats for programs. `single`: only one file was asked for."""
    return _WRITERS[format](rows, single)


def _json(rows: Sequence[Row], single: bool) -> str:
    if single:
        return "".join(_dumped(result, indent=2) + "\n" for _, result in rows)
    return _dumped([_entry(row) for row in rows], indent=2) + "\n"


def _jsonl(rows: Sequence[Row], single: bool) -> str:
    return "".join(_dumped(_entry(row)) + "\n" for row in rows)


def _entry(row: Row) -> dict[str, Any]:
    return {"file": row[0], "result": row[1]}


def _dumped(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────

Cells = dict[str, Any]


def _csv(rows: Sequence[Row], single: bool) -> str:
    table = [_labelled(label, cells) for label, result in rows for cells in _lines(result)]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _columns(table), restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in line.items() if value is not None} for line in table)
    return stream.getvalue()


def _labelled(label: str, cells: Cells) -> Cells:
    """The file's name first; a field of the same name steps aside."""
    return {"file": label} | {("result.file" if name == "file" else name): value for name, value in cells.items()}


def _lines(result: Any) -> list[Cells]:
    """The rows of one result: one for an object, one for each element of a list."""
    if isinstance(result, list):
        return [cells for item in result for cells in _lines(item)]
    return _flat(result, "") if isinstance(result, dict) else [{"result": result}]


def _flat(fields: Mapping[str, Any], prefix: str) -> list[Cells]:
    """An object's rows: its plain fields, in each row of each list of objects within."""
    around: Cells = {}
    lists: list[list[Cells]] = []
    for name, value in fields.items():
        column = f"{prefix}{name}"
        if isinstance(value, dict) and value:
            inner = _flat(value, f"{column}.")
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            inner = [cells for item in value for cells in _item(item, column)]
            lists.append(inner)
            continue
        else:
            inner = [{column: value if value != {} else None}]
        if len(inner) == 1:
            around |= inner[0]
        else:
            lists.append(inner)
    return [around | cells for inner in lists for cells in inner] or [around]


def _item(item: Any, column: str) -> list[Cells]:
    return _flat(item, f"{column}.") if isinstance(item, dict) else [{column: item}]


def _columns(table: Iterable[Cells]) -> list[str]:
    """The names in the order of their first appearance, without those that are always empty where others, more
    precise, are not: `address` where there is an `address.city`."""
    filled = {"file": True}
    for line in table:
        for name, value in line.items():
            filled[name] = filled.get(name, False) or (value is not None and value != [])
    return [name for name, used in filled.items() if used or not any(other.startswith(f"{name}.") for other in filled)]


def _cell(value: Any) -> Any:
    return _dumped(value) if isinstance(value, list | dict | bool) else value


_WRITERS: Mapping[Format, Callable[[Sequence[Row], bool], str]] = {
    Format.JSON: _json,
    Format.JSONL: _jsonl,
    Format.CSV: _csv,
}
