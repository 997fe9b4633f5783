"""What every reader of headers gives, and the one thing it raises."""

from __future__ import annotations

from ...values import dataclass

MAX_PIECES = 200_000
"""Segments, chunks or blocks of a file that are looked at: more than any honest picture has."""

CMYK, DEEP = "CMYK colours", "samples of more than 8 bits"
"""What `Header.unusual` says."""


class Malformed(ValueError):
    """The header is not of its format; the message completes "is damaged: …"."""


@dataclass(frozen=True, slots=True)
class Header:
    """A picture, as its header bytes describe it.

    `orientation` is EXIF's (1 to 8, ITU-T T.832 and CIPA DC-008, 4.6.5.1.6): how the stored pixels have to be
    turned. `unusual` names colours that are often read wrong (CMYK, 16 bits). `whole` is False where the end of
    the file does not look like the end of a picture.
    """

    width: int
    height: int
    orientation: int = 1
    animated: bool = False
    unusual: str | None = None
    metadata: tuple[str, ...] = ()
    located: bool = False
    """The metadata tell where the picture was taken."""
    whole: bool = True
    pages: int = 1

    @property
    def stored(self) -> tuple[int, int]:
        """Width and height of the stored pixels."""
        return self.width, self.height

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height as the picture is meant to be seen."""
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)


def unique(names: list[str]) -> tuple[str, ...]:
    """The names once each, in order."""
    return tuple(dict.fromkeys(names))
