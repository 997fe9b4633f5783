"""Answers in a folder, shared by threads and processes of one machine.

SQLite does the work: its locks hold between processes, a write is there whole or not at all, and a damaged file is an
error. In WAL mode (https://www.sqlite.org/wal.html) readers do not wait for a writer; the folder must not be on a
network file system, where that does not hold.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from ..memo import lasting
from .memory import count

FILE = "answers.sqlite3"

BUSY_SECONDS = 10.0
"""How long a process waits for another one's write."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, value BLOB NOT NULL, size INTEGER NOT NULL, written REAL NOT NULL, ends REAL
);
CREATE INDEX IF NOT EXISTS answers_size ON answers (size);
CREATE INDEX IF NOT EXISTS answers_written ON answers (written);
CREATE INDEX IF NOT EXISTS answers_ends ON answers (ends) WHERE ends IS NOT NULL;
"""


class DiskCache:
    """Keeps answers in a folder until their time has passed, or the oldest have to make room.

    Safe to share between threads, clients and processes, also across `fork`. The folder is made with the first use, for
    its owner alone, because answers may be private.

    Args:
        directory: the folder.
        ttl: seconds for which an answer is kept; None for no end.
        max_bytes: the most bytes of all answers together.
        clock: tells the time in seconds since the epoch.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str] = ".instructor_cache",
        *,
        ttl: float | None = None,
        max_bytes: int = 1024 * 1024 * 1024,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.directory = Path(directory).expanduser()
        self._ttl, self._max_bytes, self._clock = lasting(ttl), count(max_bytes, "max_bytes"), clock
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._owner, self._inherited = 0, list[sqlite3.Connection]()

    def get(self, key: str) -> bytes | None:
        """What is kept under the key."""
        with self._open() as connection:
            row = connection.execute(
                "SELECT value FROM answers WHERE key = ? AND (ends IS NULL OR ends > ?)", (key, self._clock())
            ).fetchone()
        return None if row is None else bytes(row[0])

    def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        """Keep it, for `ttl` seconds or the cache's own.

        Raises:
            ValueError: it is larger than the whole cache may be.
            sqlite3.Error, OSError: the folder cannot be written to.
        """
        if len(value) > self._max_bytes:
            raise ValueError(
                f"an answer of {len(value):,} bytes is larger than the cache's max_bytes, {self._max_bytes:,}"
            )
        now, left = self._clock(), lasting(ttl) or self._ttl
        row = (key, value, len(value), now, None if left is None else now + left)
        with self._open() as connection, _transaction(connection):
            connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", row)
            connection.execute("DELETE FROM answers WHERE ends <= ?", (now,))
            self._make_room(connection)

    def _make_room(self, connection: sqlite3.Connection) -> None:
        over = connection.execute("SELECT TOTAL(size) FROM answers").fetchone()[0] - self._max_bytes
        if over <= 0:
            return
        for rowid, size in connection.execute("SELECT rowid, size FROM answers ORDER BY written, rowid").fetchall():
            connection.execute("DELETE FROM answers WHERE rowid = ?", (rowid,))
            over -= size
            if over <= 0:
                return

    def clear(self) -> None:
        """Forget everything."""
        with self._open() as connection:
            connection.execute("DELETE FROM answers")

    def close(self) -> None:
        """Close the file. The next use opens it again."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None and self._owner == os.getpid():
                connection.close()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time. After a fork a new one: SQLite's must not be carried across."""
        with self._lock:
            if self._connection is not None and self._owner != os.getpid():
                self._inherited.append(self._connection)  # closing it here would release the parent's locks
                self._connection = None
            if self._connection is None:
                self._connection, self._owner = _connect(self.directory), os.getpid()
            yield self._connection

    def __len__(self) -> int:
        with self._open() as connection:
            found: int = connection.execute("SELECT COUNT(*) FROM answers").fetchone()[0]
        return found

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> DiskCache:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        try:
            self.close()
        except Exception:  # at the interpreter's end half of what is needed may be gone
            return

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (str(self.directory), self._ttl, self._max_bytes)

    def __repr__(self) -> str:
        return f"DiskCache({str(self.directory)!r})"


def _rebuild(directory: str, ttl: float | None, max_bytes: int) -> DiskCache:
    return DiskCache(directory, ttl=ttl, max_bytes=max_bytes)


def _connect(directory: Path) -> sqlite3.Connection:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = sqlite3.connect(directory / FILE, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose the last answers, never the file
        connection.executescript(SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk ends it: a second end would be an error in the place of the first
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
