"""The migration page is true: it names every public name of 1.17 once, and each row holds.

`names_1_17.txt` lists the names: what the modules of 1.17 export, and the public members of the classes that callers use.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import instructor
from instructor.modes import FORMER, Mode

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
NAMES = (Path(__file__).parent / "names_1_17.txt").read_text(encoding="utf-8").split()

HEADING = re.compile(r"^## `(?P<old>[\w.]+)`(?: → `(?P<new>[\w.]+)`)?$")
ROW = re.compile(r"^\| (?P<names>`.*?) \| (?P<word>same|renamed|planned|gone) \| (?P<here>.*?) ?\|$")
CODE = re.compile(r"`([^`]+)`")

CLIENTS = {
    "instructor.Instructor": instructor.from_provider("embedded"),
    "instructor.AsyncInstructor": instructor.from_provider("embedded", async_client=True),
}
"""Some of their names are set when one is made."""


class Row(NamedTuple):
    old: str
    new: str
    name: str
    word: str
    here: str


def rows(page: str) -> Iterator[Row]:
    """One for each name in a table under a heading that names a module or class."""
    old = new = None
    for line in page.splitlines():
        if line.startswith("## "):
            heading = HEADING.match(line)
            old, new = (heading["old"], heading["new"] or heading["old"]) if heading else (None, None)
        elif old and new and (row := ROW.match(line)):
            for name in CODE.findall(row["names"]):
                yield Row(old, new, name, row["word"], row["here"])


ROWS = list(rows(PAGE))


def found(path: str) -> Any:
    """What a dotted path leads to.

    Raises:
        LookupError: nothing.
    """
    owner, _, name = path.rpartition(".")
    if owner in CLIENTS and hasattr(CLIENTS[owner], name):
        return getattr(CLIENTS[owner], name)
    try:
        return import_module(path)
    except ImportError:
        if not owner:
            raise LookupError(path) from None
    try:
        return getattr(found(owner), name)
    except AttributeError:
        raise LookupError(path) from None


def is_there(path: str) -> bool:
    try:
        found(path)
    except LookupError:
        return False
    return True


def test_every_name_has_one_row() -> None:
    written = Counter(f"{row.old}.{row.name}" for row in ROWS)
    assert sorted(set(NAMES) - written.keys()) == []
    assert sorted(written.keys() - set(NAMES)) == []
    assert [name for name, times in written.items() if times > 1] == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.word == "same"], ids=lambda row: f"{row.old}.{row.name}")
def test_what_is_the_same_is_there(row: Row) -> None:
    assert is_there(f"{row.new}.{row.name}")


@pytest.mark.parametrize(
    "here", sorted({row.here for row in ROWS if row.word == "renamed"}), ids=lambda here: CODE.findall(here)[0]
)
def test_a_renamed_name_leads_to_one_that_is_there(here: str) -> None:
    paths = [path for path in CODE.findall(here) if path.startswith("instructor.")]
    assert paths, f"no new name in {here!r}"
    assert [path for path in paths if not is_there(path)] == []


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.word in ("planned", "gone")], ids=lambda row: f"{row.old}.{row.name}"
)
def test_what_is_planned_or_gone_is_not_there(row: Row) -> None:
    for path in {f"{row.old}.{row.name}", f"{row.new}.{row.name}"}:
        assert not is_there(path), f"{path} is there now: say so in docs/migration.md"


def test_the_page_and_the_errors_name_the_same_modes() -> None:
    renamed = {
        row.name: match[1]
        for row in ROWS
        if row.old == "instructor.Mode" and (match := re.search(r"Mode\.(\w+)`", row.here)) is not None
    }
    assert renamed == FORMER


@pytest.mark.parametrize(("former", "now"), FORMER.items())
def test_a_former_mode_names_its_replacement(former: str, now: str) -> None:
    with pytest.raises(AttributeError, match=rf"Mode\.{former} is now Mode\.{now}\b"):
        getattr(Mode, former)
    assert not hasattr(Mode, former)


def test_an_unknown_mode_names_the_modes() -> None:
    name = "TOLLS"
    with pytest.raises(AttributeError, match=r"there is no Mode\.TOLLS: the modes are TOOLS, "):
        getattr(Mode, name)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("| `A`, `B` | gone | words |", [("x.A", "gone"), ("x.B", "gone")]),
        ("| `A` | same | |", [("x.A", "same")]),
        ("| `A` | maybe | |", []),
    ],
)
def test_the_reader_of_the_page(line: str, expected: list[tuple[str, str]]) -> None:
    read = rows(f"## `x` → `y`\n\n{line}\n\n## Other\n\n| `C` | gone | |")
    assert [(f"{row.old}.{row.name}", row.word) for row in read] == expected
