"""The pages of docs/providers say what the tables say, and the site shows all of them."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from instructor.adapter import Sum, Whole
from instructor.media import Image
from instructor.providers import _registry

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "providers"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("provider_pages", ROOT / "scripts" / "provider_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_what_the_tables_say(script: ModuleType) -> None:
    pages = script.pages()
    wrong = [path.name for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
    assert not wrong, f"run scripts/provider_pages.py: {', '.join(wrong)}"
    found = {path.name for path in PAGES.glob("*.md")} - {"adding.md"}
    assert found == {path.name for path in pages}, "a page of nobody"


def test_every_provider_has_a_row_and_a_page(script: ModuleType) -> None:
    index = (PAGES / "index.md").read_text("utf-8")
    adapters = {id(_registry.find(name).adapter) for name in _registry.names()}
    listed = re.findall(r"^\| \[([\w-]+)\]\(([\w-]+)\.md\)", index, re.MULTILINE)
    assert {id(_registry.find(name).adapter) for name, _ in listed} == adapters
    assert all(name == page for name, page in listed)


def test_a_page_changes_with_its_table(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = _registry.find("groq").adapter
    before = script.facts("groq")
    object.__setattr__(adapter, "whole", Whole(max_body=10, sums=(Sum((Image,), most=3, each_turn=True),)))
    try:
        assert script.facts("groq") != before
        assert "3 of `Image` in a turn" in script.facts("groq")
    finally:
        monkeypatch.undo()
        object.__setattr__(adapter, "whole", Whole(max_body=4 * 1024**2))
    assert script.facts("groq") == before


def test_the_navigation_has_every_page() -> None:
    named: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, str):
            named.add(value)
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(item)

    look(tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"])
    docs = ROOT / "docs"
    assert {path.relative_to(docs).as_posix() for path in PAGES.glob("*.md")} <= named
    assert all((docs / name).exists() for name in named)
