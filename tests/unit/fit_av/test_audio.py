"""Recordings that fit pass as they are; others become what is taken, by content, length and pitch."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest

from instructor.errors import MediaError, MediaTooLarge, MissingExtra, UnreadableMedia, UnsupportedMedia
from instructor.fit import audio as fit_module
from instructor.fit._av import probe
from instructor.fit._sound import ENCODINGS
from instructor.fit.audio import duration, fit_audio, soundtrack
from instructor.fit.limits import Limits
from instructor.fit.policy import Fit
from instructor.media import Audio, Video
from tests.unit.fit_av.making import FILMS, SOUNDS, film, pitch, sound

OPENAI = Limits(frozenset({"audio/wav", "audio/mpeg"}), max_bytes=20_000_000, encoded=True)


def only(*mimes: str, **more: float) -> Limits:
    return Limits(frozenset(mimes), **more)  # type: ignore[arg-type]


def audios(media: object) -> list[Audio]:
    assert isinstance(media, tuple)
    assert all(isinstance(one, Audio) for one in media)
    return list(media)


@pytest.mark.parametrize("kind", SOUNDS)
def test_an_acceptable_recording_is_the_same_object(kind: str) -> None:
    recording = Audio.from_bytes(sound(kind))
    fitted = fit_audio(recording, only(SOUNDS[kind].mime))
    assert fitted.media == (recording,)
    assert fitted.media[0] is recording
    assert not fitted.changes


@pytest.mark.parametrize("kind", SOUNDS)
def test_probe_and_duration(kind: str) -> None:
    traits = probe(Audio.from_bytes(sound(kind)))
    assert traits.duration == pytest.approx(2.0, abs=0.1)
    assert duration(Audio.from_bytes(sound(kind))) == traits.duration
    assert (traits.channels, traits.sample_rate) == (2, SOUNDS[kind].rate)
    assert traits.has_audio
    assert not traits.has_video


@pytest.mark.parametrize("target", [row.mime for row in ENCODINGS])
@pytest.mark.parametrize("kind", ["wav24", "m4a", "opus"])
def test_every_type_becomes_every_type(kind: str, target: str) -> None:
    recording = Audio.from_bytes(sound(kind), name="talk.xyz")
    (made,) = audios(fit_audio(recording, only(target)).media)
    assert made.media_type == target
    assert probe(made).duration == pytest.approx(2.0, abs=0.12)
    assert pitch(made.read()) == pytest.approx(440, rel=0.05)


def test_the_result_is_the_same_every_time() -> None:
    for target in [row.mime for row in ENCODINGS]:
        once, again = (fit_audio(Audio.from_bytes(sound("m4a")), only(target)).media for _ in range(2))
        assert once == again or target == SOUNDS["m4a"].mime


def test_wav_for_the_short_and_mp3_for_the_long() -> None:
    short, long = Audio.from_bytes(sound("m4a")), Audio.from_bytes(sound("opus", 61.0, 1))
    assert fit_audio(short, OPENAI).media[0].media_type == "audio/wav"
    assert fit_audio(long, OPENAI).media[0].media_type == "audio/mpeg"
    assert fit_audio(long, only("audio/wav")).media[0].media_type == "audio/wav"


def test_size_demands_mono_and_16_khz() -> None:
    fitted = fit_audio(Audio.from_bytes(sound("wav", 4.0)), only("audio/wav", "audio/mpeg", max_bytes=30_000))
    (made,) = audios(fitted.media)
    traits = probe(made)
    assert made.media_type == "audio/mpeg"
    assert (traits.channels, traits.sample_rate) == (1, 16000)
    assert (made.size or 0) <= 30_000
    assert {change.what for change in fitted.changes} == {"transcoded", "mixed down", "resampled"}
    assert "30,000" in str(fitted)


def test_base64_counts() -> None:
    data = sound("wav")
    raw, encoded = only("audio/wav", max_bytes=len(data)), Limits(frozenset({"audio/wav"}), len(data), encoded=True)
    recording = Audio.from_bytes(data)
    assert fit_audio(recording, raw).media[0] is recording
    assert fit_audio(recording, encoded).media[0] is not recording


def test_asked_for_rate_and_channels() -> None:
    recording = Audio.from_bytes(sound("wav"))
    (made,) = audios(fit_audio(recording, OPENAI, Fit(sample_rate=8000, mono=True)).media)
    assert (probe(made).sample_rate, probe(made).channels) == (8000, 1)
    keep = fit_audio(recording, only("audio/mpeg", max_bytes=60_000), Fit(mono=False))
    assert probe(keep.media[0]).channels == 2


@pytest.mark.parametrize("kind", SOUNDS)
def test_trimming(kind: str) -> None:
    recording = Audio.from_bytes(sound(kind, 4.0))
    fitted = fit_audio(recording, OPENAI, Fit(start=1.25, end=3.0))
    assert probe(fitted.media[0]).duration == pytest.approx(1.75, abs=0.01 if kind not in ("adts", "mp3") else 0.06)
    assert "trimmed" in {change.what for change in fitted.changes}


def test_trimming_is_exact_and_after_the_end_an_error() -> None:
    recording = Audio.from_bytes(sound("wav"))
    (made,) = audios(fit_audio(recording, OPENAI, Fit(start=0.5, end=1.0)).media)
    assert probe(made).duration == 0.5
    assert fit_audio(recording, OPENAI, Fit(end=60)).media[0] is recording
    with pytest.raises(MediaError, match=r"2\.0 s long.*start=5"):
        fit_audio(recording, OPENAI, Fit(start=5))


@pytest.mark.parametrize("target", [row.mime for row in ENCODINGS])
def test_split_by_duration(target: str) -> None:
    recording = Audio.from_bytes(sound("wav", 10.0, 1), name="talk.wav")
    fitted = fit_audio(recording, only(target, max_seconds=4.0))
    parts = [probe(part).duration or 0 for part in fitted.media]
    assert len(parts) == 3
    assert max(parts) <= 4.0
    assert sum(parts) == pytest.approx(10.0, abs=0.35)
    assert [str(part.name)[:6] for part in audios(fitted.media)] == ["talk-1", "talk-2", "talk-3"]
    assert fitted.changes[-1].what == "split"


@pytest.mark.parametrize("target", ["audio/wav", "audio/mpeg", "audio/ogg", "audio/flac"])
def test_split_by_bytes(target: str) -> None:
    recording = Audio.from_bytes(sound("wav", 12.0))
    limits = Limits(frozenset({target}), max_bytes=24_000, encoded=True)
    fitted = fit_audio(recording, limits)
    assert len(fitted.media) > 1
    assert all(limits.takes_bytes(part.size or 0) for part in fitted.media)
    assert sum(probe(part).duration or 0 for part in fitted.media) == pytest.approx(12.0, abs=0.2)


def test_no_splitting_where_it_is_not_wanted() -> None:
    recording = Audio.from_bytes(sound("wav", 4.0))
    with pytest.raises(MediaTooLarge, match="allow split") as caught:
        fit_audio(recording, only("audio/wav", max_seconds=2.0), Fit(split=False))
    assert (caught.value.limit, caught.value.actual) == (2.0, 4.0)
    with pytest.raises(MediaTooLarge, match="give start and end"):
        fit_audio(recording, only("audio/wav", max_bytes=4_200))


@pytest.mark.parametrize(
    ("limits", "error", "words"),
    [
        (only("audio/ogg"), UnsupportedMedia, "audio/wav is not taken: it has to be audio/ogg"),
        (only("audio/wav", max_bytes=1000), MediaTooLarge, "at most 1,000 are taken: shorten it"),
        (only("audio/wav", max_seconds=1.0), MediaTooLarge, "2.0 s, and at most 1 s"),
    ],
)
def test_strict_changes_nothing(limits: Limits, error: type[MediaError], words: str) -> None:
    with pytest.raises(error, match=words):
        fit_audio(Audio.from_bytes(sound("wav")), limits, Fit.STRICT)


def test_strict_refuses_what_asks_for_a_change() -> None:
    with pytest.raises(MediaError, match="strict"):
        fit_audio(Audio.from_bytes(sound("wav")), OPENAI, Fit(mode="strict", end=1.0))


def test_nothing_can_be_written() -> None:
    with pytest.raises(UnsupportedMedia, match="what can be written is audio/mpeg"):
        fit_audio(Audio.from_bytes(sound("wav")), only("audio/amr"))


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_a_film_given_as_a_recording_gives_its_sound(kind: str) -> None:
    recording = Audio.from_bytes(film(kind))
    (made,) = audios(fit_audio(recording, only("audio/mp4", "audio/webm", "audio/wav")).media)
    assert made.media_type == "audio/wav"
    assert not probe(made).has_video
    assert probe(made).duration == pytest.approx(4.0, abs=0.1)
    with pytest.raises(UnsupportedMedia, match="it is a film"):
        fit_audio(recording, only("audio/mp4", "audio/webm"), Fit.STRICT)


@pytest.mark.parametrize("kind", [kind for kind, row in FILMS.items() if row.sound])
def test_the_sound_of_every_kind_of_film(kind: str) -> None:
    (made,) = audios(soundtrack(Video.from_bytes(film(kind)), OPENAI, Fit(start=1, end=3)).media)
    assert probe(made).duration == pytest.approx(2.0, abs=0.1)
    assert pitch(made.read()) == pytest.approx(440, rel=0.05)


def test_silent_films() -> None:
    silent = film("mp4", sounding=False)
    with pytest.raises(UnreadableMedia, match="no sound"):
        soundtrack(Video.from_bytes(silent), OPENAI)
    with pytest.raises(UnreadableMedia, match="use Video"):
        fit_audio(Audio.from_bytes(silent), OPENAI)


# ── bad input ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", SOUNDS)
def test_no_length(kind: str) -> None:
    try:
        empty = Audio.from_bytes(sound(kind, 0.0))
    except UnreadableMedia:
        return
    with pytest.raises(UnreadableMedia, match=r"Audio\("):
        fit_audio(empty, only(SOUNDS[kind].mime))


@pytest.mark.parametrize("kind", ["wav", "wav24", "m4a", "aiff", "mp3", "flac", "webm"])
def test_cut_off(kind: str) -> None:
    data = sound(kind, 8.0)
    cut = Audio.from_bytes(data[: len(data) // 2])
    with pytest.raises(UnreadableMedia, match=r"cut off|damaged"):
        fit_audio(cut, only("audio/ogg"))


@pytest.mark.parametrize("kind", ["wav", "m4a", "aiff"])
def test_cut_off_is_seen_even_where_nothing_is_decoded(kind: str) -> None:
    data = sound(kind, 8.0)
    with pytest.raises(UnreadableMedia, match=r"cut off|damaged"):
        fit_audio(Audio.from_bytes(data[: len(data) // 2]), only(SOUNDS[kind].mime))


@pytest.mark.parametrize("kind", SOUNDS)
def test_mutilated_recordings_raise_nothing_else(kind: str) -> None:
    rng, data = random.Random(kind), sound(kind, 1.0, 1)
    for _ in range(12):
        bad = bytearray(data)
        for _ in range(rng.choice((1, 8, 200))):
            bad[rng.randrange(4, len(bad))] = rng.randrange(256)
        if rng.random() < 0.3:
            del bad[rng.randrange(40, len(bad)) :]
        with suppress(MediaError):
            fit_audio(Audio.from_bytes(bytes(bad)), only("audio/wav", max_bytes=100_000), Fit(sample_rate=8000))


def test_a_size_that_nobody_knew_is_no_cut() -> None:
    data = sound("wav")
    at = data.index(b"data") + 4
    for size in (0xFFFFFFFF, 0x7FFFFFFF):
        piped = Audio.from_bytes(data[:at] + size.to_bytes(4, "little") + data[at + 4 :])
        assert fit_audio(piped, OPENAI).media[0] is piped


def test_a_play_list_opens_no_other_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(sound("wav"))
    lists = (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{secret}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile {secret}\n",
    )
    for text in lists:
        value = Audio.from_bytes(sound("wav")).replace()
        object.__setattr__(value, "origin", Audio.from_bytes(b"ID3" + text.encode()).origin)
        for media_type in ("audio/mpeg", "audio/unheard-of", None):
            object.__setattr__(value, "media_type", media_type)
            with pytest.raises(UnreadableMedia):
                probe(value)


def test_without_pyav_what_needs_none_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(audio: Audio) -> object:
        raise MissingExtra("av", "fit", "change recordings and films")

    monkeypatch.setattr(fit_module, "probe", absent)
    recording = Audio.from_bytes(sound("wav"))
    assert fit_audio(recording, OPENAI).media[0] is recording
    fitted = fit_audio(recording, only("audio/wav", max_seconds=9.0))
    assert fitted.media[0] is recording
    assert not fitted.changed
    assert str(fitted.changes[0]).startswith("not checked (whether it has 9 s at most: av is not installed")
    for limits, fit in [(only("audio/ogg"), Fit.AUTO), (OPENAI, Fit(mono=True))]:
        with pytest.raises(MissingExtra, match="av"):
            fit_audio(recording, limits, fit)


def test_content_elsewhere_passes() -> None:
    there = Audio.from_url("https://example.org/talk.ogg")
    assert fit_audio(there, OPENAI).media[0] is there
