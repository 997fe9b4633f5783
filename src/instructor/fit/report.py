"""What was done to a medium, and why: values that print as one line each.

Fitted    media …, changes …          the same object, and no change, where nothing had to be done
Change    what, why, before → after
Facts     type, bytes, pixels, pages, seconds: what is known of them
"""

from __future__ import annotations

from typing import Literal

from ..errors import MediaError
from ..media import Media
from ..values import dataclass

What = Literal[
    "type by content",
    "not checked",
    "left as it is",
    "orientation applied",
    "metadata dropped",
    "colours converted",
    "transparency flattened",
    "first frame",
    "resized",
    "re-encoded",
    "decrypted",
    "pages selected",
    "split",
    "rasterised",
    "text extracted",
    "converted to text",
    "transcoded",
    "mixed down",
    "resampled",
    "trimmed",
    "sampled to frames",
    "sound dropped",
]
"""What can be done, and `NOTES`."""

NOTES: frozenset[str] = frozenset({"type by content", "not checked", "left as it is"})
"""What is only said: the content is the caller's."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a medium, or of all parts that it became.

    `bytes` is content before any encoding, `pixels` width and height, `count` the number of parts.
    """

    media_type: str | None = None
    bytes: int | None = None
    pixels: tuple[int, int] | None = None
    pages: int | None = None
    seconds: float | None = None
    count: int | None = None

    @classmethod
    def of(
        cls,
        *media: Media,
        pixels: tuple[int, int] | None = None,
        pages: int | None = None,
        seconds: float | None = None,
    ) -> Facts:
        """The facts of one medium, or the sum of several."""
        sizes = [one.size for one in media]
        known = [size for size in sizes if size is not None]
        return cls(
            media_type=media[0].media_type if media else None,
            bytes=sum(known) if len(known) == len(sizes) else None,
            pixels=pixels,
            pages=pages,
            seconds=seconds,
            count=len(media) if len(media) != 1 else None,
        )

    def words(self) -> dict[str, str]:
        """Each known fact, in words."""
        made: dict[str, str] = {}
        if self.count is not None:
            made["count"] = f"{self.count}×"
        if self.media_type is not None:
            made["media_type"] = self.media_type
        if self.pixels is not None:
            made["pixels"] = f"{self.pixels[0]:,}×{self.pixels[1]:,} px"
        if self.pages is not None:
            made["pages"] = f"{self.pages:,} page{'s' if self.pages != 1 else ''}"
        if self.seconds is not None:
            made["seconds"] = f"{self.seconds:,.1f} s"
        if self.bytes is not None:
            made["bytes"] = amount(self.bytes)
        return made

    def __str__(self) -> str:
        return ", ".join(self.words().values()) or "unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was done. `why` names the limit and the figure, or the caller's wish, in words."""

    what: What
    why: str
    before: Facts = Facts()
    after: Facts = Facts()

    def __str__(self) -> str:
        moved = self.difference()
        return f"{self.what}: {moved} ({self.why})" if moved else f"{self.what} ({self.why})"

    def difference(self) -> str:
        """The facts that changed, as `2,000×1,000 px, 3.1 MB → 1,568×784 px, 412 kB`."""
        old, new = self.before.words(), self.after.words()
        names = [name for name in new if old.get(name) != new[name]]
        left = ", ".join(old[name] for name in names if name in old)
        right = ", ".join(new[name] for name in names)
        return f"{left} → {right}" if left and right else right


@dataclass(frozen=True, slots=True)
class Fitted:
    """Media that fit, in order, and all that was done to make them so."""

    media: tuple[Media, ...]
    changes: tuple[Change, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the content is another than the caller's."""
        return any(change.what not in NOTES for change in self.changes)

    @property
    def medium(self) -> Media:
        """The one medium that there is.

        Raises:
            MediaError: it became several: they are in `media`.
        """
        if len(self.media) != 1:
            raise MediaError(f"it became {len(self.media)} media: {', '.join(map(repr, self.media[:3]))}, …")
        return self.media[0]

    def __str__(self) -> str:
        head = ", ".join(map(repr, self.media))
        return "\n".join([head, *(f"  {change}" for change in self.changes)])


def type_by_content(medium: Media) -> tuple[Change, ...]:
    """The note that name, header or caller called the medium what its content is not; or nothing."""
    why = medium.mismatch
    return (Change("type by content", why, after=Facts.of(medium)),) if why else ()


def not_checked(what: str, package: str) -> Change:
    """The note that something was not looked at for want of a library."""
    return Change("not checked", f'{what}: {package} is not installed (pip install "instructor-multimodal[fit]")')


def amount(size: int) -> str:
    """Bytes, as people write them: `812 kB`, `3.1 MB`."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size / 1000:.0f} kB" if size >= 10_000 else f"{size:,} bytes"
