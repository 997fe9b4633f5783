"""Bounds: memory, threads, open files, and what is said on the way (nothing)."""

from __future__ import annotations

import gc
import io
import logging
import os
import resource
import sys
import tracemalloc
import wave
from contextlib import suppress
from pathlib import Path

import pytest

from instructor.errors import ConfigurationError, MediaError
from instructor.fit import _moments, _sound
from instructor.fit._clock import seconds, stamp
from instructor.fit.audio import fit_audio
from instructor.fit.limits import Limits
from instructor.fit.policy import Fit
from instructor.fit.video import fit_video, frames
from instructor.media import Audio, Video
from tests.unit.fit_av.making import film, sound

LIMITS = Limits(frozenset({"audio/mpeg", "audio/ogg"}), max_bytes=20_000_000)
JPEG = Limits(frozenset({"image/jpeg"}))

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A WAV file of 60 MB."""
    path = tmp_path / "large.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(48000)
        for _ in range(60):
            out.writeframes(bytes(1_000_000))
    return path


def test_a_large_recording_is_not_held_in_memory(large: Path) -> None:
    recording = Audio.from_path(large)
    fit_audio(Audio.from_bytes(sound("wav")), LIMITS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    fitted = fit_audio(recording, LIMITS, Fit(mono=True, sample_rate=16000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * (1 if sys.platform == "darwin" else 1024)
    made = sum(one.size or 0 for one in fitted.media)
    assert peak < 4 * made + 5_000_000
    assert grown < 40_000_000


def test_a_large_recording_that_fits_is_not_read(large: Path) -> None:
    recording = Audio.from_path(large)
    tracemalloc.start()
    assert fit_audio(recording, Limits(frozenset({"audio/wav"}))).media[0] is recording
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000


@linux
def test_threads_and_files_are_closed() -> None:
    def work() -> None:
        video = Video.from_bytes(film("mp4", size=(320, 240)))
        frames(video, Fit(max_frames=4), JPEG, LIMITS)
        fit_video(video, Limits(frozenset({"video/webm"})))
        for bad in (film("mp4")[:-2000], sound("m4a")[:9000]):
            with suppress(MediaError):
                frames(Video.from_bytes(bad.replace(b"M4A ", b"isom", 1)), Fit.AUTO, JPEG)

    work()
    gc.collect()
    tasks, files = len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))
    for _ in range(2):
        work()
    gc.collect()
    assert len(os.listdir("/proc/self/task")) <= tasks
    assert len(os.listdir("/proc/self/fd")) <= files


def test_nothing_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    spoilt = bytearray(film("mp4"))
    for at in range(600, 4000, 37):
        spoilt[at] ^= 0x55
    for work in (
        lambda: fit_audio(Audio.from_bytes(sound("mp3")[:9000]), LIMITS, Fit(mono=True)),
        lambda: frames(Video.from_bytes(bytes(spoilt)), Fit.AUTO, JPEG, LIMITS),
        lambda: fit_video(Video.from_bytes(film("mp4")), Limits(frozenset({"video/webm"}))),
    ):
        with suppress(MediaError):
            work()
    assert capfd.readouterr() == ("", "")
    assert (logging.getLogger().handlers, logging.getLogger().level) == (handlers, level)


def test_bounds_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_moments, "MAX_DECODED", 10)
    with pytest.raises(MediaError, match="more than 10 decoded frames"):
        frames(Video.from_bytes(film("mp4")), Fit.AUTO, JPEG)
    monkeypatch.setattr(_sound, "MAX_SECONDS", 1.0)
    with pytest.raises(MediaError, match="hours that are worked on"):
        fit_audio(Audio.from_bytes(sound("wav")), LIMITS)
    monkeypatch.setattr(_sound, "MAX_SECONDS", 100.0)
    monkeypatch.setattr(_sound, "MAX_MADE", 1000)
    with pytest.raises(MediaError, match="more than 1,000 bytes"):
        fit_audio(Audio.from_bytes(sound("wav")), LIMITS)


def test_a_recording_of_days_is_refused_before_it_is_decoded() -> None:
    sink = io.BytesIO()
    with wave.open(sink, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(1)
        out.writeframes(bytes(100_000))
    with pytest.raises(MediaError, match="100,000 s long, and at most 43,200 s"):
        fit_audio(Audio.from_bytes(sink.getvalue()), LIMITS)


@pytest.mark.parametrize(
    ("written", "read"),
    [(90, 90), (1.5, 1.5), ("90", 90), ("90s", 90), ("1:30", 90), ("1:02:03.5", 3723.5), (" 0:05 ", 5), ("0.25", 0.25)],
)
def test_times_as_written(written: float | str, read: float) -> None:
    assert seconds(written) == read


@pytest.mark.parametrize("written", ["", "soon", "-1", "1:2:3:4", "1e3", "٣", True, -1, float("nan"), "9" * 400])
def test_times_that_are_none(written: float | str) -> None:
    with pytest.raises(ConfigurationError, match="a time is"):
        seconds(written)


def test_stamps() -> None:
    assert [stamp(time) for time in (0, 83.44, 59.96, 3661.0, 360_000)] == [
        "00:00:00.0",
        "00:01:23.4",
        "00:01:00.0",
        "01:01:01.0",
        "100:00:00.0",
    ]
