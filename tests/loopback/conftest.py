"""A loopback server that both SDKs and our own sender are pointed to, and the files that the examples name."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from instructor.testing import Loopback


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    with Loopback() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.openai_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.anthropic_url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
        yield running


def picture(format: str = "JPEG", size: tuple[int, int] = (40, 30), colour: str = "red") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, format)
    return stream.getvalue()


def recording(seconds: float = 0.1) -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16000)
        out.writeframes(b"\0\0" * int(16000 * seconds))
    return stream.getvalue()


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the files that the examples name."""
    (tmp_path / "path/to").mkdir(parents=True)
    (tmp_path / "muffin.jpg").write_bytes(picture())
    (tmp_path / "path/to/image.jpg").write_bytes(picture("PNG"))  # the content decides, not the suffix
    (tmp_path / "output.wav").write_bytes(recording())
    monkeypatch.chdir(tmp_path)
    return tmp_path
