"""New media from old: the content changes; name, options and marks stay."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

from ..media import Media

M = TypeVar("M", bound=Media)

SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "video/mp4": ".mp4",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
"""Media type → the suffix that files of it are given."""


def made(kind: type[M], old: Media, data: bytes, media_type: str, *, tag: str = "") -> M:
    """Content `data` as a medium of `kind`, with the options that it shares with `old`.

    `tag` is put between the name and its suffix, which becomes that of `media_type`.
    """
    options = {option: getattr(old, option) for option in kind.options if option in old.options}
    return kind.from_bytes(data, media_type, name=renamed(old.name, media_type, tag), **options)


def renamed(name: str | None, media_type: str, tag: str = "") -> str | None:
    """`name` with `tag`, and with the suffix of `media_type` in place of its own."""
    if name is None:
        return None
    stem, suffix = os.path.splitext(name)
    return f"{stem}{tag}{SUFFIXES.get(media_type, suffix)}"


def marked_last(media: Sequence[M]) -> tuple[M, ...]:
    """Parts of one medium, in order, with its cache mark on the last one only: providers allow few marks."""
    bare = [one.replace(cache_control=None) if one.cache_control else one for one in media[:-1]]
    return (*bare, *media[-1:])
