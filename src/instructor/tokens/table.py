"""The tables as Markdown, for the documentation: `markdown()`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .families import FILMS, PAGES, PICTURES, SOUNDS, Row

TITLES: Mapping[str, str] = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "gemini": "Gemini",
    "mistral": "Mistral",
    "cohere": "Cohere",
    "together": "Together",
    "cerebras": "Cerebras",
    "deepseek": "DeepSeek",
}

Table = Mapping[str, Iterable[Row[Any]]]
PARTS: tuple[tuple[str, Table], ...] = (
    ("Pictures", PICTURES),
    ("Recordings", SOUNDS),
    ("Films", FILMS),
    ("PDF pages", PAGES),
)


def _linked(source: str) -> str:
    """A source with its address as a link."""
    address = re.search(r"https://(\S+)", source)
    if address is None:
        return source
    return source.replace(address[0], f"[{address[1].partition('/')[0]}]({address[0]})")


def _lines(title: str, table: Table) -> Iterable[str]:
    yield f"### {title}"
    yield ""
    yield "| provider | models | tokens | source |"
    yield "|---|---|---|---|"
    for provider, rows in table.items():
        for row in rows:
            rule = row.formula.rule + ("" if row.exact else " *")
            yield f"| {TITLES[provider]} | {row.models} | {rule} | {_linked(row.source)} |"
    yield ""


def markdown() -> str:
    """All tables. A star marks what is approximate, by the source's own words or because a part is not published."""
    return "\n".join(line for title, table in PARTS for line in _lines(title, table)).rstrip() + "\n"
