"""What a provider takes of one kind of media, as one frozen row.

    mimes        types
    max_bytes    content                               room · counted(size) · takes_bytes(size)
    max_edge · max_pixels · max_patches · animated     pictures: takes_size(w, h)
    max_pages                                          documents
    max_seconds                                        recordings, films

`None` means: no such limit. A row bounds one medium; what bounds a whole request is not its matter, except that
whoever makes the row may lower a figure for the request at hand (Anthropic: 2,000 px a side above 20 pictures).
"""

from __future__ import annotations

from ..values import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one medium.

    Args:
        mimes: the media types that are taken.
        max_bytes: the greatest size, counted as `encoded` says.
        encoded: `max_bytes` counts characters of base64, not bytes of content.
        max_edge: pixels of the longer side of a picture or frame.
        max_pixels: width times height of a picture or frame, in pixels.
        max_patches: squares of `patch` pixels a side that cover a picture, cut ones counted as whole.
        patch: pixels a side of such a square.
        max_pages: pages of one document.
        max_seconds: duration of one recording or film, in seconds.
        animated: pictures with more than one frame are taken.
    """

    mimes: frozenset[str]
    max_bytes: int | None = None
    encoded: bool = False
    max_edge: int | None = None
    max_pixels: int | None = None
    max_patches: int | None = None
    patch: int = 32
    max_pages: int | None = None
    max_seconds: float | None = None
    animated: bool = True

    @property
    def room(self) -> int | None:
        """Bytes of content that `max_bytes` leaves room for."""
        if self.max_bytes is None or not self.encoded:
            return self.max_bytes
        return self.max_bytes // 4 * 3

    @property
    def unit(self) -> str:
        """What `max_bytes` counts, in words."""
        return "bytes once base64-encoded" if self.encoded else "bytes"

    def counted(self, size: int) -> int:
        """`size` bytes of content, as `max_bytes` counts them."""
        return (size + 2) // 3 * 4 if self.encoded else size

    def takes_bytes(self, size: int) -> bool:
        """Whether `size` bytes of content are within `max_bytes`."""
        return self.max_bytes is None or self.counted(size) <= self.max_bytes

    def takes_size(self, width: int, height: int) -> bool:
        """Whether a picture of so many pixels is within `max_edge`, `max_pixels` and `max_patches`."""
        return (
            (self.max_edge is None or max(width, height) <= self.max_edge)
            and (self.max_pixels is None or width * height <= self.max_pixels)
            and (self.max_patches is None or self.patches(width, height) <= self.max_patches)
        )

    def patches(self, width: int, height: int) -> int:
        """How many squares of `patch` pixels cover the picture."""
        return -(-width // self.patch) * -(-height // self.patch)
