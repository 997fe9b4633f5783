"""Page ranges as people write them: `"1-3,7,10-"`."""

from __future__ import annotations

from ..errors import MediaError


def selected(ranges: str | None, count: int, name: str) -> tuple[int, ...]:
    """The pages of `count` that the ranges name, from 0, in the order named and each once; all for `None`.

    A range that runs past the last page ends there. `"-3"` is the first three.

    Raises:
        MediaError: a range names no page there is, or runs backwards.
    """
    if ranges is None:
        return tuple(range(count))
    chosen: dict[int, None] = {}
    for piece in ranges.split(","):
        left, dash, right = (word.strip() for word in piece.partition("-"))
        first = int(left) if left else 1
        last = (int(right) if right else count) if dash else first
        if first < 1 or first > count or last < first:
            pages = f"{count} page{'s' if count != 1 else ''}"
            raise MediaError(
                f"pages={ranges!r} asks for {piece.strip()!r}, and {name} has {pages}: count from 1 to {count}"
            )
        chosen |= dict.fromkeys(range(first - 1, min(last, count)))
    return tuple(chosen)
