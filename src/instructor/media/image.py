"""Pictures."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal, get_args

from ..errors import MessageError
from ._base import Media
from ._sniff import Magic, at, ftyp, riff

Detail = Literal["auto", "low", "high", "original"]


class Image(Media):
    """A picture.

    Besides what `Media` takes, `detail` (`"auto"`, `"low"`, `"high"`, `"original"`) asks the provider for a
    resolution, where it has such a choice (OpenAI and compatible ones); it is not sent elsewhere.
    """

    __slots__ = ("detail",)

    detail: Detail | None
    noun = "a picture"
    options = ("cache_control", "detail")
    magic = (
        Magic("image/png", at(0, b"\x89PNG\r\n\x1a\n")),
        Magic("image/jpeg", at(0, b"\xff\xd8\xff")),
        Magic("image/gif", at(0, b"GIF87a", b"GIF89a")),
        Magic("image/webp", riff(b"WEBP")),
        Magic("image/avif", ftyp(b"avif", b"avis")),
        Magic("image/heic", ftyp(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")),
        Magic("image/heif", ftyp(b"mif1", b"msf1")),
        Magic("image/tiff", at(0, b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
        Magic("image/bmp", lambda head: head[:2] == b"BM" and head[6:10] == b"\0\0\0\0"),
        Magic("image/x-icon", lambda head: head[:4] == b"\0\0\1\0" and 0 < head[4] < 64 and not head[5]),
        Magic("image/svg+xml", lambda head: b"<svg" in head[:1024] and head.lstrip()[:1] == b"<"),
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
    aliases = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}

    def __init__(
        self,
        source: str | os.PathLike[str] | bytes | None = None,
        media_type: str | None = None,
        data: str | bytes | None = None,
        *,
        detail: Detail | None = None,
        name: str | None = None,
        cache_control: object = None,
    ) -> None:
        super().__init__(source, media_type, data, name=name, cache_control=cache_control)
        self._set_options({"detail": detail})

    def _set_options(self, options: Mapping[str, Any]) -> None:
        rest = dict(options)
        detail = rest.pop("detail", None)
        if detail is not None and detail not in get_args(Detail):
            raise MessageError(f"detail is one of {', '.join(get_args(Detail))}, not {detail!r}")
        object.__setattr__(self, "detail", detail)
        super()._set_options(rest)
