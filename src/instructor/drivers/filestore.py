"""What has been uploaded where, noted on the disk of this machine: one small JSON file for each upload.

    <directory>/<api>-<account>/<key>.json      id, reference, type, size, until when: no content, no name, no secret
                               /<key>.lock      held while somebody uploads it; let go of by the system if they die

A note appears whole or not at all (it is renamed into its place), so that processes need no lock to read. Where the
directory cannot be written to, notes last as long as this object.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from ..filing import ProviderFile
from ..hooks import logger

MARGIN_SECONDS = 300.0
"""A file that the provider deletes within this time is not used any more: a call may last."""

KEPT = ("id", "reference", "media_type", "size", "expires_at")


def cache_directory() -> Path:
    """Where programs keep what they could find out again: the XDG base directories, or what the system has for it."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "instructor" / "uploads"


class FileStore:
    """See `uploads.Store`. Safe to share between threads, clients and processes."""

    def __init__(self, directory: str | os.PathLike[str] | None = None, clock: Callable[[], float] = time.time) -> None:
        self.directory = Path(directory).expanduser() if directory is not None else cache_directory()
        self._clock = clock
        self._memory: dict[str, ProviderFile] = {}
        self._busy: set[str] = set()
        self._guard = threading.Lock()

    def find(self, key: str) -> ProviderFile | None:
        """What is noted under the key, unless its time has passed or is about to."""
        file = _read(self._note(key)) or self._memory.get(key)
        return None if file is None or self._late(file) else file

    def keep(self, key: str, file: ProviderFile) -> None:
        """Note it."""
        file = replace(file, name=None)
        facts = {name: value for name, value in asdict(file).items() if name in KEPT}
        try:
            _write(self._note(key), json.dumps(facts).encode())
        except OSError as error:
            logger.warning("uploads are noted in memory only: %s: %s", self.directory, error.strerror)
            self._memory[key] = file

    def forget(self, key: str, id: str) -> None:
        """Note it no longer; nothing where by now another file is noted there."""
        kept = self._memory.get(key)
        if kept is not None and kept.id == id:
            del self._memory[key]
        note = self._note(key)
        found = _read(note)
        if found is not None and found.id == id:
            with contextlib.suppress(OSError):
                note.unlink()

    def all(self, account: str) -> list[tuple[str, ProviderFile]]:
        """Everything that is noted of an account, what is about to expire among it."""
        found = {key: file for key, file in self._memory.items() if key.startswith(f"{account}/")}
        for note in sorted((self.directory / account).glob("*.json")):
            file = _read(note)
            if file is not None:
                found[f"{account}/{note.stem}"] = file
        return list(found.items())

    def _late(self, file: ProviderFile) -> bool:
        return file.expires_at is not None and file.expires_at - MARGIN_SECONDS <= self._clock()

    def _note(self, key: str) -> Path:
        return self.directory / f"{key}.json"

    # ── one at a time ────────────────────────────────────────────────────────────────────────────

    def lock(self, key: str) -> Callable[[], None] | None:
        """How to let go of the key; None while somebody else has it."""
        path = self.directory / f"{key}.lock"
        try:
            _make(path.parent)
            number = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError:
            return self._lock_here(key)
        if _locked(number) and _still(path, number):
            return _Lock(path, number)
        os.close(number)
        return None

    def _lock_here(self, key: str) -> Callable[[], None] | None:
        with self._guard:
            if key in self._busy:
                return None
            self._busy.add(key)
        return partial(self._busy.discard, key)


class _Lock:
    """A lock that is held; calling it lets go. Whoever forgets to, because a call was cancelled, lets go as well."""

    __slots__ = ("_number", "_path")

    def __init__(self, path: Path, number: int) -> None:
        self._path, self._number = path, number

    def __call__(self) -> None:
        number, self._number = self._number, -1
        if number >= 0:
            _unlock(self._path, number)

    def __del__(self) -> None:
        try:
            self()
        except Exception:  # at the interpreter's end half of what is needed may be gone
            return


def _read(note: Path) -> ProviderFile | None:
    try:
        facts = json.loads(note.read_bytes())
        return ProviderFile(**{name: facts[name] for name in KEPT})
    except (OSError, ValueError, KeyError, TypeError):  # there is none, or somebody has damaged it
        return None


def _make(folder: Path) -> None:
    """A folder and the one that it is in, for their owner alone."""
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)


def _write(note: Path, content: bytes) -> None:
    _make(note.parent)
    number, draft = tempfile.mkstemp(dir=note.parent)  # for its owner alone
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(content)
        os.replace(draft, note)
    except BaseException:
        os.unlink(draft)
        raise


if sys.platform == "win32":
    import msvcrt

    def _locked(number: int) -> bool:
        try:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(path: Path, number: int) -> None:
        os.close(number)
        with contextlib.suppress(OSError):
            path.unlink()

else:
    import fcntl

    def _locked(number: int) -> bool:
        """Whether the lock was free. Two of one process exclude each other, too: it belongs to the opening of the file."""
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(path: Path, number: int) -> None:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(number)


def _still(path: Path, number: int) -> bool:
    """Whether the locked file is the one at the path: who held it before has taken it away with the lock."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(number))
    except OSError:
        return False
