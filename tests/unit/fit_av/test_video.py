"""Films pass, are copied, or written anew; where films are not taken they become frames at the right times, and sound."""

from __future__ import annotations

import random
import struct
from contextlib import suppress

import pytest

from instructor.errors import MediaError, MediaTooLarge, MissingExtra, UnreadableMedia, UnsupportedMedia
from instructor.fit import _av
from instructor.fit import video as fit_module
from instructor.fit._av import probe
from instructor.fit.limits import Limits
from instructor.fit.policy import Fit
from instructor.fit.video import fit_video, frames
from instructor.media import Audio, Image, Media, Video
from tests.unit.fit_av.making import (
    BLUE,
    COLOURS,
    FILMS,
    GREEN,
    RED,
    SOUNDS,
    YELLOW,
    Colour,
    colour,
    film,
    noise,
    pitch,
    sound,
)

JPEG = Limits(frozenset({"image/jpeg", "image/png"}))
WAV = Limits(frozenset({"audio/wav"}))


def only(*mimes: str, **more: float) -> Limits:
    return Limits(frozenset(mimes), **more)  # type: ignore[arg-type]


def shown(media: tuple[Media, ...]) -> list[tuple[float, Colour]]:
    """The time in the name of each picture, and its colour."""
    found = []
    for one in media:
        if isinstance(one, Image):
            hours, minutes, seconds = str(one.name).removeprefix("frame at ").split(":")
            found.append((int(hours) * 3600 + int(minutes) * 60 + float(seconds), colour(one.read())))
    return found


def turned(data: bytes, matrix: tuple[int, ...]) -> bytes:
    """An MP4 film that says how it is to be turned."""
    at = data.index(b"tkhd") + 4 + 4 + (32 if data[data.index(b"tkhd") + 4] else 20) + 16
    return data[:at] + struct.pack(">9i", *matrix) + data[at + 36 :]


ONE = 1 << 16
QUARTER = (0, ONE, 0, -ONE, 0, 0, 0, 0, 1 << 30)


# ── films as films ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", FILMS)
def test_an_acceptable_film_is_the_same_object(kind: str) -> None:
    video = Video.from_bytes(film(kind))
    assert video.media_type == FILMS[kind].mime
    fitted = fit_video(video, only(FILMS[kind].mime, max_bytes=10_000_000, max_seconds=60))
    assert fitted.media[0] is video
    assert not fitted.changes


@pytest.mark.parametrize("kind", FILMS)
def test_probe(kind: str) -> None:
    traits = probe(Video.from_bytes(film(kind)))
    assert traits.pixels == (160, 120)
    assert traits.has_video
    assert traits.has_audio == bool(FILMS[kind].sound)
    assert traits.duration == (None if kind == "elementary" else pytest.approx(4.0, abs=0.5))


@pytest.mark.parametrize("target", ["video/mp4", "video/webm", "video/x-matroska"])
@pytest.mark.parametrize("kind", FILMS)
def test_every_type_becomes_every_type_that_is_written(kind: str, target: str) -> None:
    fitted = fit_video(Video.from_bytes(film(kind), name="walk.xyz"), only(target))
    (made,) = fitted.media
    assert made.media_type == target
    traits = probe(made)
    assert traits.duration == pytest.approx(4.0, abs=0.2)
    assert traits.has_audio == bool(FILMS[kind].sound)
    seen = shown(frames(Video.from_bytes(made.read()), Fit(fps=1, start=0.5), JPEG).media)
    assert [one for _, one in seen] == list(COLOURS)


@pytest.mark.parametrize("kind", ["mp4", "webm", "mov", "mkv", "avi", "mpeg"])
def test_trimming(kind: str) -> None:
    fitted = fit_video(Video.from_bytes(film(kind)), only(FILMS[kind].mime, "video/mp4"), Fit(start=2.2, end=3.7))
    (made,) = fitted.media
    lasting = probe(made).duration or 0
    assert 1.4 <= lasting <= 3.2
    note = next(change for change in fitted.changes if change.what == "trimmed")
    assert lasting <= 1.8 or "early, at a key frame" in note.why
    seen = shown(frames(Video.from_bytes(made.read()), Fit(fps=5), JPEG).media)
    assert {one for at, one in seen if at > lasting - 1.4} <= {BLUE, YELLOW}
    assert seen[-1][1] == YELLOW


def test_trimming_to_a_limit_is_exact() -> None:
    fitted = fit_video(Video.from_bytes(film("mp4")), only("video/mp4", max_seconds=1.5), Fit(start=2.2, end=3.7))
    assert probe(fitted.media[0]).duration == pytest.approx(1.5, abs=0.06)
    with pytest.raises(MediaTooLarge, match=r"4\.0 s, and at most 1\.5 s are taken: shorten it"):
        fit_video(Video.from_bytes(film("mp4")), only("video/mp4", max_seconds=1.5))


def test_bytes_are_kept() -> None:
    video = Video.from_bytes(noise())
    limits = Limits(frozenset({"video/mp4"}), max_bytes=150_000, encoded=True)
    assert not limits.takes_bytes(video.size or 0)
    fitted = fit_video(video, limits)
    assert limits.takes_bytes(fitted.media[0].size or 0)
    assert probe(fitted.media[0]).duration == pytest.approx(4.0, abs=0.1)
    assert {change.what for change in fitted.changes} >= {"transcoded", "resized"}
    with pytest.raises(MediaTooLarge, match="give start and end, or send frames"):
        fit_video(video, only("video/mp4", max_bytes=5000))


def test_turned_films_stay_upright() -> None:
    video = Video.from_bytes(turned(film("mp4"), QUARTER))
    copied = fit_video(video, only("video/quicktime")).media[0]
    written = fit_video(video, only("video/webm")).media[0]
    for one in (video, copied, written):
        picture = frames(Video.from_bytes(one.read()), Fit(max_frames=1), JPEG).media[0]
        width, height = jpeg_size(picture.read())
        assert width < height


def jpeg_size(data: bytes) -> tuple[int, int]:
    import io

    from PIL import Image as Pillow

    return Pillow.open(io.BytesIO(data)).size


@pytest.mark.parametrize(
    ("limits", "error", "words"),
    [
        (only("video/webm"), UnsupportedMedia, "video/mp4 is not taken: it has to be video/webm"),
        (only("video/mp4", max_bytes=1000), MediaTooLarge, "at most 1,000 are taken"),
        (only("video/mp4", max_seconds=1.0), MediaTooLarge, "4.0 s, and at most 1 s"),
    ],
)
def test_strict_changes_nothing(limits: Limits, error: type[MediaError], words: str) -> None:
    with pytest.raises(error, match=words):
        fit_video(Video.from_bytes(film("mp4")), limits, Fit.STRICT)


def test_strict_refuses_what_asks_for_a_change() -> None:
    video = Video.from_bytes(film("mp4"))
    with pytest.raises(MediaError, match="strict"):
        fit_video(video, only("video/mp4"), Fit(mode="strict", start=1))
    with pytest.raises(UnsupportedMedia, match="strict"):
        frames(video, Fit.STRICT, JPEG)


def test_nothing_can_be_written() -> None:
    with pytest.raises(UnsupportedMedia, match="what can be written is video/mp4"):
        fit_video(Video.from_bytes(film("mp4")), only("video/x-flv"))


def test_without_pyav_what_needs_none_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(video: Video) -> object:
        raise MissingExtra("av", "fit", "change recordings and films")

    monkeypatch.setattr(fit_module, "probe", absent)
    video = Video.from_bytes(film("mp4"))
    assert fit_video(video, only("video/mp4")).media[0] is video
    with pytest.raises(MissingExtra):
        fit_video(video, only("video/webm"))


# ── films as frames ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", FILMS)
def test_frames_at_the_right_times(kind: str) -> None:
    fitted = frames(Video.from_bytes(film(kind)), Fit(fps=2, start=0.25), JPEG)
    seen = shown(fitted.media)
    assert [at for at, _ in seen] == pytest.approx([0.25 + i / 2 for i in range(len(seen))], abs=0.1)
    assert len(seen) in (7, 8)
    assert all(one == COLOURS[int(at + 1e-6)] for at, one in seen)
    assert fitted.changes[0].what == "sampled to frames"


@pytest.mark.parametrize("kind", FILMS)
def test_frames_then_sound(kind: str) -> None:
    *pictures, heard = frames(Video.from_bytes(film(kind, sounding=True)), Fit(max_frames=3), JPEG, WAV).media
    if FILMS[kind].sound is None:
        assert isinstance(heard, Image)
        return
    assert [type(one) for one in pictures] == [Image] * 3
    assert isinstance(heard, Audio)
    assert probe(heard).duration == pytest.approx(4.0, abs=0.15)
    assert pitch(heard.read()) == pytest.approx(440, rel=0.05)


def test_dropped_sound_is_said() -> None:
    fitted = frames(Video.from_bytes(film("mp4")), Fit.AUTO, JPEG)
    assert [change.what for change in fitted.changes] == ["sampled to frames", "sound dropped"]
    assert all(isinstance(one, Image) for one in fitted.media)


def test_a_span_of_frames() -> None:
    fitted = frames(Video.from_bytes(film("mp4")), Fit(start=1.0, end=3.0), JPEG, WAV)
    *pictures, heard = fitted.media
    assert {one for _, one in shown(tuple(pictures))} == {GREEN, BLUE}
    assert probe(heard).duration == pytest.approx(2.0, abs=0.05)
    assert "trimmed" in {change.what for change in fitted.changes}


def test_no_more_frames_than_are_wanted() -> None:
    fitted = frames(Video.from_bytes(film("mp4")), Fit(fps=10, max_frames=4), JPEG)
    assert [one for _, one in shown(fitted.media)] == list(COLOURS)
    assert "would be 40, and at most 4 are wanted" in fitted.changes[0].why


@pytest.mark.parametrize("kind", ["mp4", "webm", "avi", "wmv"])
def test_scenes_are_preferred_to_the_middle(kind: str) -> None:
    # two slots of 5 s; the middle of the second is red still, its last second is blue
    colours = (RED,) * 8 + (BLUE,) * 2
    seen = shown(frames(Video.from_bytes(film(kind, colours)), Fit(max_frames=2), JPEG).media)
    assert [one for _, one in seen] == [RED, BLUE]
    assert 8.0 <= seen[1][0] <= 9.5


def test_long_films_are_entered_at_key_frames() -> None:
    colours = (RED, GREEN, BLUE, YELLOW) * 15
    video = Video.from_bytes(film("mp4", colours, each=10.0, fps=5, gop=25, sounding=False))
    seen = shown(frames(video, Fit(max_frames=10), JPEG).media)
    assert len(seen) == 10
    assert all(one == colours[int(at / 10 + 1e-6)] for at, one in seen)
    assert all(at // 60 == slot for slot, (at, _) in enumerate(seen))


def test_long_films_without_key_frames_are_read_through() -> None:
    colours = (RED, GREEN) * 10
    video = Video.from_bytes(film("avi", colours, each=10.0, fps=5, gop=100_000, sounding=False))
    seen = shown(frames(video, Fit(max_frames=4), JPEG).media)
    assert len(seen) == 4
    assert all(one == colours[int(at / 10 + 1e-6)] for at, one in seen)


def test_frames_keep_the_limits() -> None:
    video = Video.from_bytes(film("mp4", size=(1920, 1080), each=0.2))
    assert jpeg_size(frames(video, Fit(max_frames=1), JPEG).media[0].read()) == (1280, 720)
    small = only("image/jpeg", max_edge=300, max_bytes=20_000)
    assert max(jpeg_size(frames(video, Fit(max_frames=1), small).media[0].read())) == 300
    assert max(jpeg_size(frames(video, Fit(max_frames=1, max_side=1600), JPEG).media[0].read())) == 1600
    other = frames(video, Fit(max_frames=1), only("image/png")).media[0]
    assert (other.media_type, str(other.name)[:9]) == ("image/png", "frame at ")


# ── bad input ────────────────────────────────────────────────────────────────────────────────────


def test_only_sound() -> None:
    recording = Video.from_bytes(sound("m4a").replace(b"ftypM4A ", b"ftypisom", 1))
    with pytest.raises(UnreadableMedia, match="use Audio"):
        frames(recording, Fit.AUTO, JPEG)
    assert SOUNDS


@pytest.mark.parametrize("kind", ["mp4", "mov", "mkv", "avi", "webm"])
def test_cut_off(kind: str) -> None:
    data = film(kind)
    video = Video.from_bytes(data[: len(data) // 2])
    if kind in ("mkv", "webm", "avi"):  # these hold their content in pieces, of which the whole ones can be shown
        assert 1 <= len(frames(video, Fit(fps=1), JPEG).media) <= 4
        return
    with pytest.raises(UnreadableMedia, match=r"cut off|damaged"):
        frames(video, Fit(fps=1), JPEG)


def test_huge_frames_are_refused_by_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    video = Video.from_bytes(film("mp4"))
    with pytest.raises(MediaTooLarge, match="19,200 pixels, and at most 10,000"):
        frames(video, Fit(max_decoded_pixels=10_000), JPEG)
    monkeypatch.setattr(_av, "MAX_FRAME_PIXELS", 15_000)
    for kind in FILMS:
        with pytest.raises((MediaTooLarge, UnreadableMedia)):
            frames(Video.from_bytes(film(kind)), Fit.AUTO, JPEG)


def test_frames_that_grow_midway_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    joined = Video.from_bytes(film("elementary") + film("elementary", size=(640, 480)))
    assert len(frames(joined, Fit(fps=1), JPEG).media) >= 7
    monkeypatch.setattr(_av, "MAX_FRAME_PIXELS", 20_000)
    with pytest.raises(UnreadableMedia, match="damaged"):
        frames(joined, Fit(fps=1), JPEG)


def test_what_is_missing_is_said() -> None:
    data = film("mkv", COLOURS * 3)
    video = Video.from_bytes(data[: len(data) // 2])
    assert "no picture comes after 00:00:0" in frames(video, Fit(fps=1), JPEG).changes[0].why


@pytest.mark.parametrize("kind", FILMS)
def test_mutilated_films_raise_nothing_else(kind: str) -> None:
    rng, data = random.Random(kind), film(kind)
    for _ in range(6):
        bad = bytearray(data)
        for _ in range(rng.choice((1, 8, 200))):
            bad[rng.randrange(4, len(bad))] = rng.randrange(256)
        with suppress(MediaError):
            frames(Video.from_bytes(bytes(bad)), Fit(max_frames=3), JPEG, WAV)
        with suppress(MediaError):
            fit_video(Video.from_bytes(bytes(bad)), only("video/quicktime"), Fit(start=1))


def test_after_the_end() -> None:
    with pytest.raises(MediaError, match=r"4\.0 s long"):
        frames(Video.from_bytes(film("mp4")), Fit(start=9), JPEG)
    there = Video.from_url("https://example.org/walk.mp4")
    assert fit_video(there, only("video/mp4")).media[0] is there
