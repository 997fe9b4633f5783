"""Local files as a boundary: which of them a message may name, and how they are opened.

    named(path, roots) ─▶ resolved ─▶ inside the roots? ─▶ opened without following links ─▶ still the same? ─▶ File

`roots` None confines nothing but /proc and /sys, which hold no media. A file that was named under roots is pinned: it
is the same file, by device and inode, whenever it is opened again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from ..errors import BlockedFile, MediaNotFound
from ._origin import File, file

PSEUDO = ("/proc", "/sys", "/dev")
"""Trees that hold no files: inside no root but one that lies in them itself, such as /dev/shm."""

Roots = Iterable[str | os.PathLike[str]] | None


def inside_roots(path: str | os.PathLike[str], roots: Roots) -> bool:
    """Whether a path, with `~`, `..` and symbolic links resolved, lies in one of the directories.

    `roots=None` confines nothing, an empty collection allows nothing. The file need not exist. A link that is
    changed between this answer and the opening of the file is not seen: `named` sees it.
    """
    if roots is None:
        return True
    try:
        real = _real(path)
        return any(_within(real, root) and not _pseudo(real, root) for root in map(_real, roots))
    except (OSError, ValueError):
        return False


def named(path: str | os.PathLike[str], roots: Roots = None) -> File:
    """A local file that a message names.

    Raises:
        BlockedFile: it lies outside of the roots, whether it exists or not.
        MediaNotFound: there is no such file, or it is not a regular file.
        UnreadableMedia: it is empty, or cannot be opened.
    """
    if roots is None:
        return file(path)
    _admit(path, path, roots)
    return confined(file(path), roots)


def confined(place: File, roots: Roots) -> File:
    """The file, found to lie inside of the roots, and pinned.

    Raises:
        BlockedFile: it does not.
        UnreadableMedia: it cannot be opened, or is not the file any more that was named.
    """
    if roots is None:
        return place
    real = _admit(place.path, place.path, roots)
    inner = File(real, place.size, place.mtime_ns)
    with inner.open(follow=False) as stream:
        status = os.fstat(stream.fileno())
    # A directory on the way may have been swapped for a link and back: what was opened has to be what is there now.
    try:
        now = os.stat(_admit(real, place.path, roots))
    except OSError as error:
        raise MediaNotFound(f"{place.path!r}: {error.strerror}") from error
    if (now.st_dev, now.st_ino) != (status.st_dev, status.st_ino):
        raise _refused(place.path)
    return File(real, place.size, place.mtime_ns, (status.st_dev, status.st_ino))


def _admit(path: str | os.PathLike[str], shown: str | os.PathLike[str], roots: Roots) -> str:
    """The resolved path, if it lies inside."""
    if not inside_roots(path, roots):
        raise _refused(shown)
    return os.path.realpath(os.path.expanduser(path))


def _refused(path: str | os.PathLike[str]) -> BlockedFile:
    return BlockedFile(f"{os.fspath(path)!r:.200} is not in the directories that MediaPolicy(local_roots=…) opens")


def _real(path: str | os.PathLike[str]) -> str:
    text = os.fspath(path)
    if not text:
        raise ValueError("an empty path")
    return os.path.normcase(os.path.realpath(os.path.expanduser(text)))


def _within(path: str, root: str) -> bool:
    try:
        return os.path.commonpath((path, root)) == root
    except ValueError:
        return False


def _pseudo(path: str, root: str) -> bool:
    return any(_within(path, tree) and not _within(root, tree) for tree in PSEUDO)
