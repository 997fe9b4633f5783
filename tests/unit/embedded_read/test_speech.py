"""Speech: sentences spoken by a synthesiser (see tests/data/speech/make.sh), and every kind of WAV."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from instructor.providers.embedded import speech
from instructor.providers.embedded.read import Unreadable, read, supported
from instructor.providers.embedded.reading import Reading
from tests.unit.embedded_read import paint

pytest.importorskip("pocketsphinx", reason="it has no wheel for this Python yet, and the extra leaves it out")

SPOKEN = Path(__file__).parents[2] / "data" / "speech"
COFFEES = "i paid twelve dollars for two coffees"


def heard(data: bytes) -> Reading:
    return read(data, "audio/wav")


def samples(name: str) -> np.ndarray:
    wave = speech._parse((SPOKEN / f"{name}.wav").read_bytes())
    return np.frombuffer(wave.frames, dtype="<i2").astype("float64") / 32768


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("name-age", "my name is jason and i am twenty years old"),
        ("meeting", "the meeting is on monday at ten"),
        ("coffees", COFFEES),
        ("phone", "her phone number is five five five zero one two three"),
        ("total", "the total is forty two dollars and fifty cents"),
        ("three-sentences", "my name is peter\ni am thirty four years old\ni live in london"),
    ],
)
def test_sentences_word_for_word(name: str, sentence: str) -> None:
    data = (SPOKEN / f"{name}.wav").read_bytes()
    reading = heard(data)
    assert reading.text == sentence
    assert (reading.kind, reading.bytes) == ("audio", len(data))
    assert reading.seconds == pytest.approx((len(data) - 44) / 32_000, abs=0.01)
    assert all(len(row.words) == len(row.text.split()) for row in reading.rows)
    assert all(0 < word.confidence <= 1 for row in reading.rows for word in row.words)


def test_a_name_outside_the_dictionary_spoils_no_other_word() -> None:
    text = heard((SPOKEN / "maria.wav").read_bytes()).text
    assert text.startswith("the customer is called ")
    assert text.endswith(" and she lives in london")


def test_uncertain_words_are_named() -> None:
    reading = heard((SPOKEN / "meeting.wav").read_bytes())
    poor = [word.text for row in reading.rows for word in row.words if word.confidence < speech.POOR]
    assert poor
    assert reading.unread == (f"{len(poor)} of 7 spoken words are uncertain: {', '.join(poor)}",)


def test_a_pause_parts_two_rows() -> None:
    both = np.concatenate([samples("coffees"), np.zeros(16_000), samples("coffees")])
    assert heard(paint.wav((both * 32767).astype("<i2").tobytes())).text == f"{COFFEES}\n{COFFEES}"


def as_type(sound: np.ndarray, bits: int, form: int) -> bytes:
    if form == 3:
        return sound.astype("<f4").tobytes()
    if bits == 8:
        return (sound * 127 + 128).round().astype("u1").tobytes()
    whole = (sound * (2 ** (bits - 1) - 1)).astype("<i4")
    if bits == 24:
        return whole.view("u1").reshape(-1, 4)[:, :3].tobytes()
    return whole.astype({16: "<i2", 32: "<i4"}[bits]).tobytes()


@pytest.mark.parametrize(
    ("bits", "form", "rate", "channels"),
    [
        (8, 1, 16_000, 1),
        (24, 0xFFFE, 16_000, 1),
        (32, 1, 16_000, 1),
        (32, 3, 16_000, 1),
        (16, 1, 16_000, 2),
        (16, 1, 44_100, 1),
        (24, 1, 48_000, 2),
    ],
)
def test_every_kind_of_wav_says_the_same(bits: int, form: int, rate: int, channels: int) -> None:
    sound = samples("coffees") * 0.8
    at = np.arange(0, sound.size - 1, 16_000 / rate)
    sound = np.repeat(np.interp(at, np.arange(sound.size), sound), channels)
    reading = heard(paint.wav(as_type(sound, bits, form), rate=rate, channels=channels, bits=bits, format=form))
    assert reading.text == COFFEES
    assert reading.seconds == pytest.approx(2.87, abs=0.02)


def test_a_quiet_recording_reads_as_a_loud_one() -> None:
    assert heard(paint.wav((samples("coffees") * 600).astype("<i2").tobytes())).text == COFFEES


def test_nothing_above_the_new_limit_folds_into_speech() -> None:
    high = np.sin(2 * np.pi * 15_000 * np.arange(48_000) / 48_000)
    assert np.abs(speech._resample(high, 48_000)[200:-200]).max() < 0.02


def test_the_length_in_the_header_may_be_open() -> None:
    data = (SPOKEN / "coffees.wav").read_bytes()
    at = data.index(b"data") + 4
    assert heard(data[:at] + struct.pack("<I", 0xFFFFFFFF) + data[at + 4 :]).text == COFFEES


@pytest.mark.parametrize("frames", [bytes(32_000), paint.tone(2.0)], ids=["silence", "tone"])
def test_what_is_not_speech_gives_no_words_and_says_so(frames: bytes) -> None:
    reading = heard(paint.wav(frames))
    assert reading.rows == ()
    assert reading.unread == ("no English speech was understood in the recording",)


@pytest.mark.parametrize(
    ("data", "kind", "sentence"),
    [
        (b"", "audio/wav", "empty"),
        (paint.wav(b""), "audio/wav", "holds no samples"),
        (b"ID3\x04mp3 bytes", "audio/mpeg", "WAV only; convert"),
        (b"OggS" + bytes(40), "audio/ogg", "WAV only; convert"),
        (b"RIFF\x04\x00\x00\x00WAVE", "audio/wav", "lacks its format or its samples"),
        (paint.wav(bytes(64), format=7, bits=8), "audio/wav", "format 7 with 8 bits"),
        (paint.wav(bytes(64), channels=0), "audio/wav", "format 1 with 16 bits"),
    ],
)
def test_unreadable_recordings(data: bytes, kind: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read(data, kind)


@pytest.mark.parametrize("kind", sorted(kind for kind in supported if kind.startswith("audio/")))
def test_every_sound_type_that_is_named_is_taken(kind: str) -> None:
    assert read(paint.wav(bytes(3200)), kind).seconds == pytest.approx(0.1)
