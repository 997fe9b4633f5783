"""Pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self, get_args

from ..errors import MessageError
from . import _objects
from ._base import Media
from ._origin import Blob, Origin
from ._sniff import Magic, at, ftyp, is_text, riff, root

Detail = Literal["auto", "low", "high", "original"]

_DIB_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
"""Lengths of the headers that follow a bitmap's own, from OS/2 1.x to Windows 5."""


def _bmp(head: bytes) -> bool:
    return head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and int.from_bytes(head[14:18], "little") in _DIB_HEADERS


def _icon(head: bytes) -> bool:
    """A directory of at least one picture, whose reserved byte is 0 and whose data lie behind the directory."""
    count = int.from_bytes(head[4:6], "little")
    place = int.from_bytes(head[18:22], "little")
    return head[:4] == b"\0\0\1\0" and 0 < count < 256 and not any(head[9:10]) and place >= 6 + 16 * count


def _avif(head: bytes) -> bool:
    """Of brand `avif`, or a HEIF container that says so: encoders differ in which of them they put first."""
    return ftyp(b"avif", b"avis")(head) or (
        ftyp(b"mif1", b"msf1", b"miaf")(head) and ftyp(compatible=(b"avif", b"avis"))(head)
    )


class Image(Media):
    """A picture.

    Besides what `Media` takes, `detail` (`"auto"`, `"low"`, `"high"`, `"original"`) asks the provider for a
    resolution, where it has such a choice (OpenAI and compatible ones); it is not sent elsewhere.
    """

    __slots__ = ("detail",)

    detail: Detail | None
    noun = "a picture"
    options = (*Media.options, "detail")
    magic = (
        Magic("image/png", at(0, b"\x89PNG\r\n\x1a\n")),
        Magic("image/jpeg", at(0, b"\xff\xd8\xff")),
        Magic("image/gif", at(0, b"GIF87a", b"GIF89a")),
        Magic("image/webp", riff(b"WEBP")),
        Magic("image/avif", _avif),
        Magic("image/heic", ftyp(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")),
        Magic("image/heif", ftyp(b"mif1", b"msf1", b"mif2")),
        Magic("image/tiff", at(0, b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
        Magic("image/bmp", _bmp),
        Magic("image/x-icon", _icon),
        Magic("image/svg+xml", lambda head: root(head) == "svg" and is_text(head)),
    )
    suffixes = {
        ".png": "image/png",
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".jpe": "image/jpeg",
        ".gif": "image/gif",
        ".webp": "image/webp",
        ".avif": "image/avif",
        ".heic": "image/heic",
        ".heif": "image/heif",
        ".tif": "image/tiff",
        ".tiff": "image/tiff",
        ".bmp": "image/bmp",
        ".ico": "image/x-icon",
        ".svg": "image/svg+xml",
    }
    aliases = {
        "image/jpg": "image/jpeg",
        "image/pjpeg": "image/jpeg",
        "image/x-png": "image/png",
        "image/apng": "image/png",
        "image/x-ms-bmp": "image/bmp",
        "image/x-bmp": "image/bmp",
        "image/vnd.microsoft.icon": "image/x-icon",
        "image/ico": "image/x-icon",
        "image/heic-sequence": "image/heic",
        "image/heif-sequence": "image/heif",
        "image/tif": "image/tiff",
        "image/svg": "image/svg+xml",
    }

    def __init__(
        self,
        source: Any = None,
        media_type: str | None = None,
        data: str | bytes | None = None,
        *,
        detail: Detail | None = None,
        name: str | None = None,
        cache_control: object = None,
        fitting: Any = None,
    ) -> None:
        super().__init__(source, media_type, data, name=name, cache_control=cache_control, fitting=fitting)
        self._set_options({"detail": detail})

    @classmethod
    def from_pil(cls, picture: Any, **options: Any) -> Self:
        """A picture of Pillow's, kept losslessly (as PNG), the way up that its EXIF data say.

        Of an animation it is the frame that the picture stands at. Metadata are left out.

        Raises:
            UnreadableMedia: it is no picture of Pillow's, has no pixels, or cannot be decoded.
            MissingExtra: Pillow is not installed.
        """
        return cls._make(Blob(_objects.png(picture)), "image/png", options)

    @classmethod
    def from_array(cls, array: Any, *, order: Literal["rgb", "bgr"] = "rgb", **options: Any) -> Self:
        """An array of pixels: height × width, or height × width × 1, 3 or 4 (with alpha), kept losslessly as PNG.

        uint8, uint16 (colours keep their upper 8 bits), bool, or floating-point from 0 to 1. OpenCV's arrays are of
        `order="bgr"`.

        Raises:
            UnreadableMedia: its shape, type or values are others.
            MissingExtra: NumPy or Pillow is not installed.
        """
        return cls._make(Blob(_objects.pixels(array, order)), "image/png", options)

    @classmethod
    def _located(cls, source: Any) -> tuple[Origin, str | None, str | None]:
        if _objects.is_picture(source):
            return Blob(_objects.png(source)), "image/png", None
        if _objects.is_array(source):
            return Blob(_objects.pixels(source)), "image/png", None
        return super()._located(source)

    def _set_options(self, options: Mapping[str, Any]) -> None:
        rest = dict(options)
        detail = rest.pop("detail", None)
        if detail is not None and detail not in get_args(Detail):
            raise MessageError(f"detail is one of {', '.join(get_args(Detail))}, not {detail!r}")
        object.__setattr__(self, "detail", detail)
        super()._set_options(rest)
