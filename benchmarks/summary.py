"""The page in short: a few lines of it, side by side, and the same in the README.

Both stand between the same two marks, and a run that writes the page writes both, so that they cannot disagree.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .libraries import EXISTING, FLOOR, LANGCHAIN, LITELLM, OURS_HTTP, OURS_SDK, PYDANTIC_AI, RAW_SDK, Library
from .table import NOTHING, Row, Table, number, ratios

BEGIN, END = "<!-- benchmarks: written by `make bench` -->", "<!-- end of benchmarks -->"
SHORT = "## In short"
COLUMNS: Mapping[Library, str] = {
    OURS_HTTP: "**ours**, own sender",
    OURS_SDK: "**ours**, SDK's client",
    RAW_SDK: "raw SDK",
    EXISTING: "instructor 1.17",
    PYDANTIC_AI: "pydantic-ai",
    LITELLM: "LiteLLM",
    LANGCHAIN: "LangChain",
    FLOOR: "floor",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A metric of a table, as times the raw SDK's, or, if `absolute`, as it is, `scale` times as large as it was measured.
    `start` is what stands before a library's name in the keys of rows; words may hold the table's `{title}`."""

    words: str
    table: str
    metric: str
    absolute: bool = False
    scale: float = 1.0
    start: str = ""


LINES = (
    Line("import, client and first call: ms of CPU", "import", "cpu", True, 1e3, "first:"),
    Line("one call, 1 message", "percall/text", "cpu"),
    Line("one call, 50 messages", "percall/history", "cpu"),
    Line("one call, 40 fields to fill", "percall/large", "cpu"),
    Line("{title}, from its path to the wire", "media/wire", "cpu"),
    Line("the same: memory, MB per MB", "media/wire", "memory", True),
    Line("growing object, 100,000 characters", "streaming/table", "cpu 100000"),
    Line("{title}: calls per CPU second (more is better)", "crowd/files", "rate"),
    Line("the same: memory, MB per call", "crowd/files", "memory", True, 1e-6),
)
SAID = (
    "Times the CPU of the raw OpenAI SDK, where no unit is said; medians of one run of `make bench`; less is better. The floor "
    "posts bytes made beforehand and validates the answer."
)


def summary(tables: Sequence[Table]) -> str:
    """The lines of which anything was measured, between the marks; nothing where there are none."""
    titles = {table.key: table.title for table in tables}
    by_key: dict[str, dict[str, Row]] = {}
    for table in tables:
        key = table.key.partition("/")[0] if table.key.startswith("import/") else table.key  # of all environments
        by_key.setdefault(key, {}).update({row.key: row for row in table.rows})
    lines = [_cells(line, titles.get(line.table, ""), by_key.get(line.table, {})) for line in LINES]
    lines = [cells for cells in lines if {*cells[1:]} != {NOTHING}]
    if not lines:
        return ""
    drawn = [["", *COLUMNS.values()], ["---", *["---:"] * len(COLUMNS)], *lines]
    return "\n\n".join([BEGIN, SAID, "\n".join(f"| {' | '.join(cells)} |" for cells in drawn), END])


def _cells(line: Line, title: str, rows: Mapping[str, Row]) -> list[str]:
    return [line.words.format(title=title), *(_cell(line, library, rows) for library in COLUMNS)]


def _cell(line: Line, library: Library, rows: Mapping[str, Row]) -> str:
    row, raw = rows.get(line.start + library.name), rows.get(line.start + RAW_SDK.name)
    if row is None or not row.samples.get(line.metric):
        return NOTHING
    if line.absolute:
        return number(statistics.median(row.samples[line.metric]) * line.scale)
    found = ratios(row, raw, line.metric) if raw else []
    return f"{number(statistics.median(found))}×" if found else NOTHING


def block(text: str) -> str | None:
    """What stands between the marks, with them."""
    found = re.search(f"{re.escape(BEGIN)}.*?{re.escape(END)}", text, re.DOTALL)
    return found[0] if found else None


def put(page: Path, short: str) -> None:
    """Write it where an older one stands."""
    text = page.read_text(encoding="utf-8")
    if old := block(text):
        page.write_text(text.replace(old, short), encoding="utf-8")
