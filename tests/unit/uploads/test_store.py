"""Notes of what was uploaded: kept, forgotten, locked, and never in the way."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from instructor.drivers import filestore
from instructor.drivers.filestore import FileStore, cache_directory
from instructor.filing import ProviderFile

KEY = "openai-account/abc"
FILE = ProviderFile("file-1", "file-1", media_type="application/pdf", size=10)


def test_what_is_kept_is_found_by_others(tmp_path: Path) -> None:
    FileStore(tmp_path).keep(KEY, ProviderFile("file-1", "file-1", "private name.pdf", "application/pdf", 10))
    assert FileStore(tmp_path).find(KEY) == FILE
    assert FileStore(tmp_path).find("openai-account/other") is None
    assert FileStore(tmp_path).all("openai-account") == [(KEY, FILE)]
    assert FileStore(tmp_path).all("openai-other") == []
    (note,) = tmp_path.rglob("*.json")
    assert "private" not in note.read_text()


def test_time_passes(tmp_path: Path) -> None:
    now = 1000.0
    store = FileStore(tmp_path, clock=lambda: now)
    store.keep(KEY, ProviderFile("file-1", "file-1", expires_at=2000.0))
    assert store.find(KEY) is not None
    now = 2000.0 - filestore.MARGIN_SECONDS
    assert store.find(KEY) is None
    assert len(store.all("openai-account")) == 1, "it can still be deleted there"


def test_only_what_is_meant_is_forgotten(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.keep(KEY, FILE)
    store.forget(KEY, "file-0")
    assert store.find(KEY) == FILE
    store.forget(KEY, "file-1")
    store.forget(KEY, "file-1")
    assert store.find(KEY) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b'{"id": 1}', b"\xff\xfe"])
def test_damaged_notes_are_none(content: bytes, tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.keep(KEY, FILE)
    next(tmp_path.rglob("*.json")).write_bytes(content)
    assert store.find(KEY) is None
    assert store.all("openai-account") == []
    store.keep(KEY, FILE)
    assert store.find(KEY) == FILE


def test_a_place_that_cannot_be_written_to_is_no_obstacle(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = FileStore(tmp_path / "file" / "notes")
    with caplog.at_level(logging.WARNING, "instructor"):
        store.keep(KEY, FILE)
    assert "memory only" in caplog.text
    assert store.find(KEY) == FILE
    assert store.all("openai-account") == [(KEY, FILE)]
    release = store.lock(KEY)
    assert release is not None
    assert store.lock(KEY) is None
    release()
    assert store.lock(KEY) is not None
    store.forget(KEY, "file-1")
    assert store.find(KEY) is None


def test_one_at_a_time(tmp_path: Path) -> None:
    one, two = FileStore(tmp_path), FileStore(tmp_path)
    release = one.lock(KEY)
    assert release is not None
    assert two.lock(KEY) is None
    assert two.lock("openai-account/other") is not None
    release()
    again = two.lock(KEY)
    assert again is not None
    again()
    assert not (tmp_path / f"{KEY}.lock").exists()


def test_who_forgets_lets_go(tmp_path: Path) -> None:
    release = FileStore(tmp_path).lock(KEY)
    assert FileStore(tmp_path).lock(KEY) is None
    del release
    again = FileStore(tmp_path).lock(KEY)
    assert again is not None
    again()
    again()


HOLDING = """
import sys
from instructor.drivers.filestore import FileStore
held = FileStore(sys.argv[1]).lock(sys.argv[2])
print("held" if held else "taken", flush=True)
sys.stdin.readline()
"""


def test_who_dies_lets_go(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path), KEY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "held\n"
    assert FileStore(tmp_path).lock(KEY) is None
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    assert FileStore(tmp_path).lock(KEY) is not None


@pytest.mark.skipif(os.name == "nt", reason="there are no such modes")
def test_notes_are_their_owners_alone(tmp_path: Path) -> None:
    FileStore(tmp_path / "notes").keep(KEY, FILE)
    for path in (tmp_path / "notes", *(tmp_path / "notes").rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    facts = json.loads(next(tmp_path.rglob("*.json")).read_text())
    assert set(facts) == {"id", "reference", "media_type", "size", "expires_at"}


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there it is elsewhere")
def test_the_usual_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directory() == tmp_path / "instructor/uploads"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_directory() == tmp_path / "home/.cache/instructor/uploads"
