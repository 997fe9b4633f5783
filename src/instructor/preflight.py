"""What a request may not exceed as a whole, looked at before anything is sent.

    settled messages ─▶ survey ─▶ Item … ─┬▶ exceeded   every limit that is broken, one error each
                                          ├▶ share      bytes for each picture, where that lets all of them into one request
                                          └▶ room       pictures that may still come, for films that become frames
    request ─▶ encoded ─▶ its wire dict, whose JSON is not too large

The limits are an adapter's tables: `Accepts.most` and `Whole`, by the model's name. Nothing here changes anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from .adapter import Adapter, Sum, Wire
from .errors import MediaError, MediaTooLarge, MissingExtra
from .ir import Message, Native, Part, Request, Text, ToolCall, leaves
from .media import PDF, Audio, Document, Image, Inline, Media, Video
from .values import dataclass

INLINE: tuple[type[Media], ...] = (Image, PDF, Audio, Video, Document)

SLACK_BYTES = 64 * 1024
"""Left for what is not known before a request is encoded: its schema, parameters, names of keys."""

LEAST_BYTES = 16 * 1024
"""Of encoded content: pictures are not made smaller than this for the sake of others."""

NATIVE: Mapping[str, type[Media]] = {
    "image": Image,
    "image_url": Image,
    "input_image": Image,
    "document": PDF,
    "document_url": PDF,
    "file": PDF,
    "input_file": PDF,
    "input_audio": Audio,
    "video_url": Video,
    "video": Video,
}
"""The `type` of a part in a provider's own form, or the one key of it → what it counts as."""


@dataclass(frozen=True, slots=True)
class Item:
    """One medium where it stands. `medium` is None for a part in the provider's own form, which is only counted."""

    where: str
    kind: type[Media]
    turn: int
    medium: Media | None = None
    inline: bool = False
    """Whether its content stands in the body as base64."""

    @property
    def size(self) -> int:
        """Bytes of content that is at hand."""
        return (self.medium.size or 0) if self.medium else 0

    @property
    def weight(self) -> int:
        """Characters of base64 in the body."""
        return (self.size + 2) // 3 * 4 if self.inline else 0


def survey(messages: Sequence[Message], uploaded: Iterable[bool] = ()) -> list[Item]:
    """The media of a request. `uploaded` says of each `Media`, in order, whether it goes through a Files API."""
    ways = iter(uploaded)
    items: list[Item] = []
    turns = groupby(enumerate(messages), key=lambda row: row[1].role == "assistant")
    for turn, (_, rows) in enumerate(turns):
        for i, message in rows:
            for where, part in leaves(message.parts, f"messages[{i}]"):
                items += _item(where, part, turn, ways)
    return items


def _item(where: str, part: Part, turn: int, ways: Iterator[bool]) -> tuple[Item, ...]:
    if isinstance(part, Media):
        words = isinstance(part, Document) and part.is_text
        return (Item(where, type(part), turn, part, part.at_hand and not next(ways, False) and not words),)
    if not isinstance(part, Native):
        return ()
    said = str(part.payload.get("type") or next(iter(part.payload), ""))
    return (Item(where, NATIVE[said], turn),) if said in NATIVE else ()


# ── limits that are broken ───────────────────────────────────────────────────────────────────────


def _pages(item: Item) -> float | None:
    from .fit.pdf import page_count

    assert isinstance(item.medium, PDF)
    return page_count(item.medium)


def _pixels(item: Item) -> float | None:
    from .fit.dimensions import dimensions

    assert isinstance(item.medium, Image)
    width, height = dimensions(item.medium)
    return width * height


def _seconds(item: Item) -> float | None:
    from .fit.audio import duration

    assert isinstance(item.medium, Audio | Video)
    return duration(item.medium)


@dataclass(frozen=True, slots=True)
class Figure:
    """One field of `Sum`: how an item is measured, which kinds can be, in which unit, and the way out of too much."""

    field: str
    measure: Callable[[Item], float | None]
    unit: str
    way: str
    kinds: tuple[type[Media], ...] = INLINE
    looks: bool = False
    """Whether measuring reads content."""


FIGURES = (
    Figure(
        "most",
        lambda item: 1,
        "",
        "send fewer at a time; Fit(max_frames=…) and Fit(pages=…) make fewer of a film or PDF",
    ),
    Figure("max_bytes", lambda item: item.size, "bytes", "send fewer or smaller ones at a time"),
    Figure(
        "max_pages", _pages, "pages", "choose some with Fit(pages='1-20,35'), or send several requests", (PDF,), True
    ),
    Figure("max_pixels", _pixels, "pixels in all", "make them smaller with Fit(max_side=…)", (Image,), True),
    Figure("max_seconds", _seconds, "seconds", "choose a part with Fit(start=…, end=…)", (Audio, Video), True),
)
ENCODED = Figure(
    "max_bytes", lambda item: item.weight, "bytes once base64-encoded", "send fewer or smaller ones at a time"
)


def bounds(adapter: Adapter, model: str) -> tuple[Sum, ...]:
    """Every sum that is bounded for a model."""
    whole = adapter.whole.of(model)
    return (
        *(Sum((kind,), most=row.most) for kind, row in adapter.media.items() if row.most is not None),
        Sum(INLINE, max_bytes=whole.max_media, encoded=True),
        Sum((PDF,), max_pages=whole.max_pages),
        *whole.sums,
    )


def looks(adapter: Adapter, model: str, items: Sequence[Item]) -> bool:
    """Whether `exceeded` would read content."""
    return any(
        figure.looks and getattr(row, figure.field) is not None and _candidates(adapter, row, figure, items)
        for row in bounds(adapter, model)
        for figure in FIGURES
    )


def _candidates(adapter: Adapter, row: Sum, figure: Figure, items: Iterable[Item]) -> list[Item]:
    """The items that count for a figure. One alone that its own row bounds as tightly has been looked at already."""
    found = [item for item in items if item.kind in row.kinds and (item.kind in figure.kinds)]
    if figure.looks:
        found = [item for item in found if item.medium is not None and item.medium.at_hand]
    if len(found) == 1 and (bound := adapter.media.get(found[0].kind)):
        own = getattr(bound.limits, figure.field, None)
        if own is not None and own <= getattr(row, figure.field) and bound.limits.encoded == row.encoded:
            return []
    return found


def exceeded(
    adapter: Adapter, model: str, messages: Sequence[Message], items: Sequence[Item]
) -> tuple[list[MediaError], list[str]]:
    """Every limit on the whole that is broken; and what could not be looked at. Reads content where it `looks`."""
    problems: list[MediaError] = []
    notes: list[str] = []
    for row in bounds(adapter, model):
        for figure in FIGURES:
            limit = getattr(row, figure.field)
            if limit is None:
                continue
            told = ENCODED if row.encoded and figure.field == "max_bytes" else figure
            counted = _candidates(adapter, row, told, items)
            groups = [[item for item in counted if item.turn == turn] for turn in {item.turn for item in counted}]
            for group in groups if row.each_turn else [counted]:
                total = _total(told, group, notes)
                if total > limit:
                    problems.append(_problem(adapter, model, row, told, limit, total, group))
    most = adapter.whole.of(model).max_body
    size = words(messages) + sum(item.weight for item in items)
    if most is not None and size > most and not any(_told(adapter, item, most) for item in items):
        problems.append(_body(adapter, model, most, size, items))
    return problems, notes


def _told(adapter: Adapter, item: Item, most: int) -> bool:
    """Whether an item is too much for a body by itself, and has been told so by its own row."""
    row = adapter.media.get(item.kind)
    room = row.limits.room if row else None
    return item.weight > most and room is not None and item.size > room


def _total(figure: Figure, items: Iterable[Item], notes: list[str]) -> float:
    total = 0.0
    for item in items:
        try:
            total += figure.measure(item) or 0
        except MissingExtra as error:
            notes.append(f"{item.where}: its {figure.unit} were not counted: {error.package} is not installed")
        except MediaError:
            continue  # what is wrong with it is told already
    return total


def _problem(
    adapter: Adapter, model: str, row: Sum, figure: Figure, limit: float, total: float, items: Sequence[Item]
) -> MediaTooLarge:
    kinds = [kind.__name__ for kind in row.kinds]
    named = "media" if row.kinds == INLINE else " and ".join(f"{kind}s" for kind in kinds)
    what = named if figure.field == "most" else f"{figure.unit} of {named}"
    where = "turn" if row.each_turn else "request"
    return MediaTooLarge(
        f"{adapter.name} ({model}) takes {limit:,.0f} {what} in a {where}, and this one has {total:,.0f} "
        f"({listed(items)}): {figure.way}",
        limit=limit,
        actual=total,
    )


def listed(items: Sequence[Item], most: int = 6) -> str:
    """Where items stand, in words."""
    runs: list[tuple[str, int, int]] = []
    for item in items:
        head, _, tail = item.where.removesuffix("]").rpartition("[")
        number = int(tail)
        if runs and runs[-1][0] == head and runs[-1][2] in (number, number - 1):
            runs[-1] = (head, runs[-1][1], number)
        else:
            runs.append((head, number, number))
    places = [f"{head}[{first}]" if first == last else f"{head}[{first}–{last}]" for head, first, last in runs]
    return ", ".join(places[:most]) + (f" and {len(places) - most} more places" if len(places) > most else "")


def _body(adapter: Adapter, model: str, most: int, size: int, items: Sequence[Item]) -> MediaTooLarge:
    heavy = sorted((item for item in items if item.weight), key=lambda item: -item.weight)
    where = f" (the largest: {listed(heavy[:3])})" if heavy else ""
    return MediaTooLarge(
        f"{adapter.name} ({model}) takes {most:,} bytes of request, and this one has {size:,}{where}: "
        "send fewer or smaller media, or less text, at a time",
        limit=most,
        actual=size,
    )


def words(messages: Sequence[Message]) -> int:
    """Bytes of what is text in a request, without its quotes and keys."""
    total = 0
    for message in messages:
        for _, part in leaves(message.parts, ""):
            if isinstance(part, Text):
                total += len(part.text.encode("utf-8", "replace"))
            elif isinstance(part, ToolCall):
                total += len(part.arguments)
            elif isinstance(part, Document) and part.is_text:
                total += part.size or 0
    return total


def joined(problems: Sequence[MediaError], adapter: Adapter, model: str) -> MediaError:
    """One error for all problems of a request."""
    for problem in problems:
        problem.provider, problem.model = adapter.name, model
    if len(problems) == 1:
        return problems[0]
    lines = "\n".join(f"- {problem}" for problem in problems)
    error = MediaError(f"{len(problems)} media cannot be sent:\n{lines}")
    error.provider, error.model, error.problems = adapter.name, model, tuple(problems)
    return error


# ── room ─────────────────────────────────────────────────────────────────────────────────────────


def room(adapter: Adapter, model: str, kind: type[Media], taken: int) -> int | None:
    """How many more of a kind a request may hold; None where nothing bounds them."""
    counts = [row.most for row in bounds(adapter, model) if kind in row.kinds and row.most is not None]
    return max(0, min(counts) - taken) if counts else None


@dataclass(frozen=True, slots=True)
class Share:
    """What each picture may have, in bytes of content, so that a limit of the whole is kept."""

    room: int
    why: str


def share(adapter: Adapter, model: str, messages: Sequence[Message], items: Sequence[Item]) -> Share | None:
    """The share of each picture that is sent inline; None where no limit is broken, or pictures alone cannot help."""
    whole = adapter.whole.of(model)
    pictures = [item for item in items if item.kind is Image and item.inline]
    others = sum(item.weight for item in items if item.kind is not Image)
    found: list[Share | None] = []
    for limit, besides in ((whole.max_body, others + words(messages) + SLACK_BYTES), (whole.max_media, others)):
        if limit is not None:
            level = _level([item.weight for item in pictures], limit - besides)
            found.append(_share(adapter, limit, level, encoded=True))
    for row in whole.sums:
        if row.max_bytes is not None and Image in row.kinds:
            level = _level([item.size for item in pictures], row.max_bytes)
            found.append(_share(adapter, row.max_bytes, level, encoded=False))
    return min((one for one in found if one is not None), key=lambda one: one.room, default=None)


def _share(adapter: Adapter, limit: int, level: int | None, *, encoded: bool) -> Share | None:
    if level is None or level < LEAST_BYTES:
        return None
    return Share(
        level // 4 * 3 if encoded else level, f"its share of the {limit:,} bytes that {adapter.name} takes in all"
    )


def _level(weights: Sequence[int], room: int) -> int | None:
    """The weight that none may be above, so that all together are within the room; lighter ones stay. None: they are."""
    if sum(weights) <= room:
        return None
    left = sorted(weights)
    while left and left[0] <= room // len(left):
        room -= left.pop(0)
    return max(0, room // len(left)) if left else None


# ── the body ─────────────────────────────────────────────────────────────────────────────────────


def encoded(adapter: Adapter, request: Request, *, words: bool = False) -> Wire:
    """The wire dict of a request. One of `words` alone is weighed only where they are many.

    Raises:
        MediaTooLarge: its JSON is larger than the provider takes.
    """
    wire = adapter.encode(request)
    most = adapter.whole.of(request.model).max_body
    if most is None or (words and _characters(request) < most // WIDEST):
        return wire
    if (size := length(wire)) > most:
        error = _body(adapter, request.model, most, size, survey(request.messages))
        raise joined([error], adapter, request.model)
    return wire


WIDEST = 12
"""Bytes that a character of words takes in JSON at most, a control character 6 of them; as much again for all else."""


def _characters(request: Request) -> int:
    return sum([len(part.text) for message in request.messages for part in message.parts if type(part) is Text])


def length(wire: Wire) -> int:
    """The bytes of a wire dict as JSON; of what cannot be written as such, which is found out where it is, none."""
    content = 0

    def nothing(value: object) -> Any:
        nonlocal content
        if isinstance(value, Inline):
            content += value.length
            return ""
        if isinstance(value, Mapping):
            return dict(value)
        raise TypeError

    try:
        text = json.dumps(wire, ensure_ascii=False, separators=(",", ":"), default=nothing)
        return len(text.encode()) + content
    except (TypeError, ValueError, RecursionError):
        return 0
