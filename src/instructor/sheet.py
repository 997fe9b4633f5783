"""How a plan is shown: media named in the place of their content, a table for terminals, one with pictures for notebooks.

tag(medium)      <image/jpeg 812 kB 1568×1176 sha256:ab12cd34ef56…>
tagged(wire)     a wire value with tags in the place of media
table · html     the rows of a plan
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from .errors import MediaError, MissingExtra
from .events import elided
from .fit.preview import SIDE, preview
from .fit.report import amount
from .media import PDF, Audio, Image, Inline, Media, Video

DIGITS = 12
"""Of a digest: enough to tell files apart."""

MOST_PREVIEWS = 24
"""Pictures in one table: about 100 kB of HTML."""


class Row(NamedTuple):
    """One line: where or what, the thing itself, how it goes out, its tokens, and by which rule they were counted."""

    where: str
    what: str
    way: str = ""
    tokens: str = ""
    rule: str = ""


# ── media by name ────────────────────────────────────────────────────────────────────────────────


def tag(medium: Media) -> str:
    """A medium in a few words: type, bytes, measure, digest of its content. Reads it. What is elsewhere is told by `repr`."""
    if not medium.at_hand:
        return f"<{medium!r}>"
    words = [medium.media_type or "unknown type", amount(medium.size or 0), *_measure(medium)]
    return f"<{' '.join(words)} sha256:{(medium.digest or '')[:DIGITS]}…>"


def _measure(medium: Media) -> tuple[str, ...]:
    from .fit.audio import duration
    from .fit.dimensions import dimensions
    from .fit.pdf import page_count

    try:
        match medium:
            case Image():
                width, height = dimensions(medium)
                return (f"{width}×{height}",)
            case PDF():
                count = page_count(medium)
                return (f"{count} page{'s' if count != 1 else ''}",)
            case Audio() | Video():
                seconds = duration(medium)
                return () if seconds is None else (f"{seconds:.1f} s",)
            case _:
                return ()
    except (MediaError, MissingExtra):
        return ()


def tagged(value: Any) -> Any:
    """A copy of a wire value in which media are named. Reads them."""
    if isinstance(value, Inline):
        return f"{value.prefix}{tag(value.media)}"
    if isinstance(value, Media):
        return tag(value)
    if isinstance(value, Mapping):
        return {key: tagged(item) for key, item in value.items()}
    return [tagged(item) for item in value] if isinstance(value, list | tuple) else elided(value)


# ── tables ───────────────────────────────────────────────────────────────────────────────────────


def table(head: str, rows: Sequence[Row]) -> str:
    """Columns of text."""
    widths = [max((len(row[i]) for row in rows if any(row[2:])), default=0) for i in range(5)]
    first = max((len(row.where) for row in rows), default=0)
    lines = []
    for where, what, *rest in rows:
        cells = [what.ljust(widths[1]), *(cell.ljust(width) for cell, width in zip(rest, widths[2:], strict=True))]
        lines.append("  ".join([where.ljust(first), *(cells if any(rest) else [what])]).rstrip())
    return "\n".join([head, *lines])


def html(head: str, rows: Sequence[Row], media: Mapping[str, Media], request: Any) -> str:
    """A table with small pictures of the media that stand at the rows' places, and the request folded under it."""
    shown = _previews(rows, media)
    lines = (
        f"<tr><td>{shown.get(row.where, '')}</td>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
        for row in rows
    )
    folded = ""
    if request is not None:
        text = escape(json.dumps(request, indent=2, ensure_ascii=False, default=str))
        folded = f"<details><summary>request</summary><pre>{text}</pre></details>"
    return f"<table><caption>{escape(head)}</caption>{''.join(lines)}</table>{folded}"


def _previews(rows: Iterable[Row], media: Mapping[str, Media]) -> dict[str, str]:
    """Where → an `img` element. The same medium is drawn once; after MOST_PREVIEWS there are no more."""
    drawn: dict[int, str] = {}
    shown: dict[str, str] = {}
    for row in rows:
        medium = media.get(row.where)
        if medium is None or not row.way or row.where in shown:
            continue
        if id(medium) not in drawn:
            if len(drawn) >= MOST_PREVIEWS:
                continue
            data = preview(medium)
            uri = f"data:image/jpeg;base64,{b64encode(data).decode()}" if data else ""
            drawn[id(medium)] = f'<img src="{uri}" style="max-width:{SIDE}px" alt="">' if uri else ""
        shown[row.where] = drawn[id(medium)]
    return shown
