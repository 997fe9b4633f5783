"""Small recordings and films, made on the spot with PyAV: tones, and colours that change."""

from __future__ import annotations

import array
import io
import math
import random
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import av
from PIL import Image as Pillow

Colour = tuple[int, int, int]

RED, GREEN, BLUE, YELLOW = (220, 20, 20), (20, 200, 20), (20, 20, 220), (230, 220, 20)
COLOURS: tuple[Colour, ...] = (RED, GREEN, BLUE, YELLOW)


class Sound(NamedTuple):
    """A container, its codec and rate, and the type that it is sniffed as."""

    mime: str
    container: str
    codec: str
    rate: int = 44100


class Film(NamedTuple):
    mime: str
    container: str
    codec: str
    sound: str | None = None


SOUNDS = {
    "wav": Sound("audio/wav", "wav", "pcm_s16le"),
    "wav24": Sound("audio/wav", "wav", "pcm_s24le", 48000),
    "mp3": Sound("audio/mpeg", "mp3", "libmp3lame"),
    "flac": Sound("audio/flac", "flac", "flac"),
    "opus": Sound("audio/ogg", "ogg", "libopus", 48000),
    "m4a": Sound("audio/mp4", "ipod", "aac"),
    "adts": Sound("audio/aac", "adts", "aac"),
    "webm": Sound("audio/webm", "webm", "libopus", 48000),
    "aiff": Sound("audio/aiff", "aiff", "pcm_s16be"),
}

FILMS = {
    "mp4": Film("video/mp4", "mp4", "libx264", "aac"),
    "mov": Film("video/quicktime", "mov", "mpeg4", "aac"),
    "webm": Film("video/webm", "webm", "libvpx", "libopus"),
    "mkv": Film("video/x-matroska", "matroska", "libx264", "libopus"),
    "avi": Film("video/x-msvideo", "avi", "mpeg4", "libmp3lame"),
    "mpeg": Film("video/mpeg", "mpeg", "mpeg1video", "mp2"),
    "elementary": Film("video/mpeg", "mpeg2video", "mpeg2video"),
    "flv": Film("video/x-flv", "flv", "flv", "libmp3lame"),
    "wmv": Film("video/x-ms-wmv", "asf", "wmv2", "wmav2"),
    "3gp": Film("video/3gpp", "3gp", "mpeg4", "aac"),
}


def samples(seconds: float, rate: int, channels: int, pitch: float) -> av.AudioFrame:
    """A tone."""
    count = round(seconds * rate)
    second = array.array("h", [round(9000 * math.sin(2 * math.pi * pitch * i / rate)) for i in range(rate)])
    wave = (second * math.ceil(seconds))[:count]
    data = wave if channels == 1 else array.array("h", [value for value in wave for _ in range(channels)])
    frame = av.AudioFrame("s16", "mono" if channels == 1 else "stereo", count)
    frame.planes[0].update(data.tobytes())
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    return frame


def put_sound(out: Any, stream: Any, seconds: float, rate: int, channels: int, pitch: float) -> None:
    resampler = av.AudioResampler(stream.format, stream.layout, rate)
    tone = samples(seconds, rate, channels, pitch) if seconds else None
    for frame in [*(resampler.resample(tone) if tone else []), *(resampler.resample(None) if tone else [])]:
        out.mux(stream.encode(frame))
    if tone:
        out.mux(stream.encode(None))


@cache
def sound(kind: str, seconds: float = 2.0, channels: int = 2, pitch: float = 440.0) -> bytes:
    """A recording of a tone."""
    row, sink = SOUNDS[kind], io.BytesIO()
    with av.open(sink, "w", format=row.container) as out:
        stream = out.add_stream(row.codec, rate=row.rate, layout="mono" if channels == 1 else "stereo")
        put_sound(out, stream, seconds, row.rate, channels, pitch)
    return sink.getvalue()


@cache
def noise(size: tuple[int, int] = (320, 240), count: int = 40, speed: int = 2_000_000) -> bytes:
    """A film that is as large as can be: 10 frames a second of noise."""
    rng, sink = random.Random(7), io.BytesIO()
    with av.open(sink, "w", format="mp4") as out:
        picture: Any = out.add_stream("libx264", rate=10)
        picture.width, picture.height, picture.pix_fmt, picture.bit_rate = *size, "yuv420p", speed
        for number in range(count):
            image = Pillow.frombytes("L", size, rng.randbytes(size[0] * size[1]))
            frame = av.VideoFrame.from_image(image.convert("RGB")).reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            out.mux(picture.encode(frame))
        out.mux(picture.encode(None))
    return sink.getvalue()


@cache
def film(
    kind: str,
    colours: Sequence[Colour] = COLOURS,
    each: float = 1.0,
    size: tuple[int, int] = (160, 120),
    fps: int = 10,
    sounding: bool = True,
    gop: int = 12,
) -> bytes:
    """Colours, each for as many seconds, and a tone."""
    row, sink = FILMS[kind], io.BytesIO()
    fps = 25 if row.container in ("mpeg", "mpeg2video") else fps
    with av.open(sink, "w", format=row.container) as out:
        picture: Any = out.add_stream(row.codec, rate=fps)
        picture.width, picture.height, picture.pix_fmt, picture.bit_rate = *size, "yuv420p", 300_000
        picture.codec_context.gop_size = gop
        heard: Any = None
        if sounding and row.sound:
            heard = out.add_stream(row.sound, rate=48000, layout="mono", bit_rate=64_000)
        total = round(len(colours) * each * fps)
        plain = [av.VideoFrame.from_image(Pillow.new("RGB", size, one)).reformat(format="yuv420p") for one in colours]
        for number in range(total):
            frame = plain[min(int(number / fps / each), len(colours) - 1)]
            frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, fps), 0
            out.mux(picture.encode(frame))
        out.mux(picture.encode(None))
        if heard is not None:
            put_sound(out, heard, len(colours) * each, 48000, 1, 440.0)
    return sink.getvalue()


def colour(jpeg: bytes) -> Colour:
    """Which of the colours the middle of a picture is."""
    red, green, blue = Pillow.open(io.BytesIO(jpeg)).convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    return min(COLOURS, key=lambda known: sum((a - b) ** 2 for a, b in zip(known, (red, green, blue), strict=True)))


def pitch(data: bytes) -> float:
    """The pitch of a recording, by its zero crossings."""
    with av.open(io.BytesIO(data)) as container:
        resampler = av.AudioResampler("s16", "mono", 16000)
        heard = array.array("h")
        for frame in container.decode(audio=0):
            frame.pts = None
            for made in resampler.resample(frame):
                heard.frombytes(bytes(made.planes[0])[: made.samples * 2])
    crossings = sum(1 for a, b in pairwise(heard) if a < 0 <= b)
    return crossings * 16000 / max(1, len(heard))
