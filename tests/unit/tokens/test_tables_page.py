"""The page's tables are the code's."""

from __future__ import annotations

from pathlib import Path

from instructor.tokens.families import FILMS, PAGES, PICTURES, SOUNDS
from instructor.tokens.table import TITLES, markdown

PAGE = Path(__file__).resolve().parents[3] / "docs" / "tokens.md"


def test_the_page_shows_the_tables() -> None:
    _, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- tables:begin -->\n\n")
    shown, found, _ = rest.partition("\n<!-- tables:end -->")
    assert found
    assert shown == markdown(), "write instructor.tokens.table.markdown() between the marks of docs/tokens.md"


def test_every_provider_has_a_title() -> None:
    assert {*PICTURES, *SOUNDS, *FILMS, *PAGES} == set(TITLES)


def test_tables_are_well_formed() -> None:
    for line in markdown().splitlines():
        if line.startswith("|"):
            assert line.count("|") == 5
