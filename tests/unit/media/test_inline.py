"""Media on their way out: pieces that make up the whole, and a pause before each that may have to be waited for."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from instructor import Image
from instructor.errors import UnreadableMedia
from instructor.media import PAUSE, Inline, _inline
from instructor.media._content import AT_ONCE
from instructor.media._inline import CHUNK_BYTES
from instructor.media._origin import read_cached
from tests.media import PNG

Reader = Callable[[BinaryIO, int, memoryview], int]


def in_memory(stream: BinaryIO, at: int, buffer: memoryview) -> int:
    """A system that has the whole file in memory."""
    stream.seek(at)
    count: int = stream.readinto(buffer)  # type: ignore[attr-defined]
    return count


def in_part(stream: BinaryIO, at: int, buffer: memoryview) -> int:
    """One that has the beginning of each piece."""
    return in_memory(stream, at, buffer[:100])


def unknown(*_: object) -> int:
    """One that does not tell."""
    return -1


SYSTEMS: dict[str, Reader] = {"this": read_cached, "memory": in_memory, "part": in_part, "unknown": unknown}
SIZES = [100, 191, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 500_000, 3 * CHUNK_BYTES]


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(_inline, "read_cached", SYSTEMS[request.param])
    name: str = request.param
    return name


def file(tmp_path: Path, size: int) -> Inline:
    path = tmp_path / "p.png"
    path.write_bytes((PNG + os.urandom(size))[:size])
    return Inline(Image.from_path(path))


@pytest.mark.parametrize("size", SIZES)
def test_the_pieces_make_up_the_whole(size: int, system: str, tmp_path: Path) -> None:
    leaf = file(tmp_path, size)
    assert b"".join(leaf.chunks()) == base64.b64encode((tmp_path / "p.png").read_bytes())


@pytest.mark.parametrize("change", [-1, 1, CHUNK_BYTES])
@pytest.mark.parametrize("size", [size for size in SIZES if size > AT_ONCE])
def test_a_file_that_changes_on_the_way(size: int, change: int, system: str, tmp_path: Path) -> None:
    pieces = (leaf := file(tmp_path, size)).chunks()
    assert [next(pieces), next(pieces)] == [PAUSE, PAUSE]  # it is open
    os.truncate(tmp_path / "p.png", size + change)
    with pytest.raises(UnreadableMedia, match="changed while it was being sent"):
        list(pieces)
    assert leaf.length == (size + 2) // 3 * 4


def test_what_is_in_memory_comes_without_a_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leaf = file(tmp_path, 3 * CHUNK_BYTES - 1)
    monkeypatch.setattr(_inline, "read_cached", in_memory)
    assert [piece == PAUSE for piece in leaf.chunks()] == [True, True, False, False, False]
    monkeypatch.setattr(_inline, "read_cached", unknown)
    assert [piece == PAUSE for piece in leaf.chunks()] == [True, True] + [True, False] * 3


def test_a_small_file_is_read_while_it_is_opened(tmp_path: Path) -> None:
    leaf = file(tmp_path, AT_ONCE)
    assert [piece == PAUSE for piece in leaf.chunks()] == [True, True, False, False]


def test_nothing_pauses_for_what_is_no_file() -> None:
    assert PAUSE not in list(Inline(Image.from_bytes(PNG), "data:image/png;base64,").chunks())


def test_what_the_system_has_in_memory(tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(b"0123456789")
    with (tmp_path / "p").open("rb") as stream:
        buffer = bytearray(4)
        assert (read_cached(stream, 3, memoryview(buffer)), bytes(buffer)) in [(4, b"3456"), (-1, bytes(4))]
    with pytest.raises(ValueError, match="closed"):
        read_cached(stream, 3, memoryview(buffer))
