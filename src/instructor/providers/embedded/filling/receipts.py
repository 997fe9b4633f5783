"""Lists of objects from lines without a header, as on a till receipt.

2 x Coffee            7.00        quantity · name · amount
Coffee      2 @ 3.50  7.00        name · quantity · unit price · amount
Croissant             3.50        name · amount
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .coerce import Hints, coerce
from .layout import Line
from .pairs import Page
from .slots import Slot
from .tables import Table, is_sum, next_line

_PRICE = (
    r"(?P<sign>-?)[$€£¥₹]?\s?(?P<price>-?\d{1,3}(?:[,.' ]\d{3})*[.,]\s?\d{2}|-?\d+[.,]\d{2})"
    r"\s?(?:[$€£]|EUR|USD|GBP|[A-Z])?"
)
_ITEM = re.compile(
    rf"^(?:(?P<before>\d{{1,4}})\s*(?:[xX×*]\s*|\s))?(?P<name>.*?[^\W\d_].*?)"
    rf"(?:\s+(?P<after>\d{{1,4}})\s*[xX×*@]\s*(?:[$€£]?\s?(?P<unit>\d+[.,]\d{{2}}))?)?[\s.]+{_PRICE}$"
)
_MORE = re.compile(r"^(?P<after>\d{1,4})\s*[xX×*@]\s*(?:[$€£]?\s?(?P<unit>\d+[.,]\d{2}))(?:\s*ea(?:ch)?\.?)?$")


def priced_lines(page: Page, leaves: Sequence[Slot], hints: Hints) -> Table | None:
    """The run of lines that end in a price, from the first one to the first sum."""
    roles = _roles(leaves)
    if "name" not in roles or not {"amount", "unit"} & roles.keys():
        return None
    rows: list[dict[str, str]] = []
    cells: set[int] = set()
    for line in page.layout.lines:
        if is_sum(line, next_line(page.layout, line)) or _labelled(page, line):
            if rows:
                break
            continue
        match = _ITEM.match(line.text)
        more = _MORE.match(line.text)
        if match is not None and len(match["name"]) <= 60 and not line.text.rstrip().endswith("%"):
            rows.append({key: value for key, value in match.groupdict().items() if value})
        elif more is not None and rows:
            rows[-1] |= {key: value for key, value in more.groupdict().items() if value}
        elif rows:
            # A line without a price between priced ones belongs to none of them.
            continue
        if match is not None or more is not None:
            cells.update(cell.id for cell in line.cells)
    values = [_values(row, roles, leaves, hints) for row in rows]
    kept = tuple(row for row in values if row)
    return Table(kept, frozenset(cells), 0, 0.5) if kept else None


def _labelled(page: Page, line: Line) -> bool:
    """Whether a line is the label and value of some other property that is asked for."""
    return any(page.asked(cell) for cell in line.cells)


def _roles(leaves: Sequence[Slot]) -> dict[str, int]:
    """Which leaf is the name, the quantity, the unit price and the amount of a line."""
    wanted = {"item": "name", "quantity": "quantity", "line_total": "amount", "unit_price": "unit"}
    roles: dict[str, int] = {}
    for number, leaf in enumerate(leaves):
        numeric = leaf.shape.kind in ("integer", "number", "decimal")
        for concept, role in wanted.items():
            if (
                concept in leaf.concepts
                and numeric == (role != "name")
                and role not in roles
                and number not in roles.values()
            ):
                roles[role] = number
    if "name" not in roles:
        texts = [n for n, leaf in enumerate(leaves) if leaf.shape.kind == "text" and not leaf.role]
        roles |= {"name": texts[0]} if texts else {}
    if "amount" not in roles and "unit" in roles:
        # The only price asked for is the one printed at the end of the line.
        roles["amount"] = roles.pop("unit")
    return roles


def _values(row: Mapping[str, str], roles: Mapping[str, int], leaves: Sequence[Slot], hints: Hints) -> dict[int, Any]:
    texts = {
        "name": row.get("name", "").strip(" .:-"),
        "quantity": row.get("before") or row.get("after") or "",
        "unit": row.get("unit", ""),
        "amount": row.get("sign", "") + row.get("price", ""),
    }
    values: dict[int, Any] = {}
    for role, number in roles.items():
        found = coerce(leaves[number].shape, texts[role], hints, leaves[number].role) if texts[role] else None
        if found is not None:
            values[number] = found.value
    return values
