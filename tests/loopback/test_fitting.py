"""Media that a provider does not take as they are, made acceptable on the way: through all eight ways."""

from __future__ import annotations

import base64
import io
import math
import struct
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image as Pillow

import instructor
from instructor import Audio, Fit, Image, Video
from instructor.errors import MediaTooLarge, UnsupportedMedia
from instructor.fit import Fitted
from instructor.testing import Loopback

from .ways import JASON, User, Way, settled

WAYS = [Way(dialect, sdk, a) for dialect in ("openai", "anthropic") for sdk in (True, False) for a in (False, True)]
EACH_WAY = pytest.mark.parametrize("way", WAYS, ids=str)


def picture(format: str, size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    stream = io.BytesIO()
    Pillow.effect_noise(size, 60).convert("RGB").save(stream, format, **options)
    return stream.getvalue()


def film(path: Path) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt, stream.time_base = 64, 48, "yuv420p", Fraction(1, 10)
        for number in range(20):
            colour = (255, 0, 0) if number < 10 else (0, 0, 255)
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), colour, np.uint8), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def tone(path: Path) -> Path:
    samples = [int(9000 * math.sin(n / 5)) for n in range(8000)]
    with wave.open(str(path.with_suffix(".wav")), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(struct.pack("<8000h", *samples))
    with av.open(str(path.with_suffix(".wav"))) as source, av.open(str(path), "w") as out:
        target = out.add_stream("flac", rate=8000)
        for frame in source.decode(audio=0):
            frame.pts = None
            out.mux(target.encode(frame))
        out.mux(target.encode())
    return path


def pictures_of(way: Way, body: Any) -> list[tuple[str, Pillow.Image]]:
    """The pictures of the first message: their declared types and what they are."""
    found = []
    for part in body["messages"][0]["content"]:
        if part["type"] == "image_url":
            head, _, data = part["image_url"]["url"].partition(";base64,")
            found.append((head.removeprefix("data:"), Pillow.open(io.BytesIO(base64.b64decode(data)))))
        elif part["type"] == "image":
            source = part["source"]
            found.append((source["media_type"], Pillow.open(io.BytesIO(base64.b64decode(source["data"])))))
    return found


@EACH_WAY
async def test_a_type_that_is_not_taken_becomes_one_that_is(way: Way, server: Loopback) -> None:
    told: list[Any] = []
    server.reply(JASON)
    async with way.open() as client:
        client.on("media:fitted", lambda fitted, where: told.append((where, fitted)))
        await settled(client.create(User, ["Who?", Image.from_bytes(picture("TIFF"), cache_control=True)]))
    ((media_type, sent),) = pictures_of(way, server.requests[0].json)
    assert media_type in ("image/png", "image/jpeg", "image/webp")
    assert sent.size == (64, 48)
    ((where, fitted),) = told
    assert where == "messages[0].content[1]"
    assert isinstance(fitted, Fitted)
    assert fitted.changes[0].what == "re-encoded"


@EACH_WAY
async def test_a_film_becomes_its_frames(way: Way, server: Loopback, tmp_path: Path) -> None:
    server.reply(JASON)
    video = Video.from_path(film(tmp_path / "film.mp4"))
    async with way.open(fit=Fit(max_frames=2)) as client:
        await settled(client.create(User, ["Who?", video]))
    body = server.requests[0].json
    (_, first), (_, second) = pictures_of(way, body)
    assert first.convert("RGB").getpixel((30, 20))[0] > 200  # type: ignore[index]
    assert second.convert("RGB").getpixel((30, 20))[2] > 200  # type: ignore[index]
    words = [part["text"] for part in body["messages"][0]["content"] if part["type"] == "text"]
    assert words[0] == "Who?"
    assert words[1].startswith("frame at 00:00:00")
    assert words[2].startswith("frame at 00:00:01")


@pytest.mark.parametrize("way", [way for way in WAYS if way.dialect == "openai"], ids=str)
async def test_a_recording_is_transcoded(way: Way, server: Loopback, tmp_path: Path) -> None:
    server.reply(JASON)
    async with way.open() as client:
        audio = Audio.from_path(tone(tmp_path / "tone.flac"))
        await settled(client.create(User, ["Who?", audio], model="gpt-4o-audio-preview"))
    part = server.requests[0].json["messages"][0]["content"][1]
    assert part["input_audio"]["format"] == "wav"
    with wave.open(io.BytesIO(base64.b64decode(part["input_audio"]["data"]))) as sent:
        assert (sent.getframerate(), sent.getnframes()) == (8000, 8000)


async def test_twenty_one_pictures_for_anthropic_are_2000_pixels_at_most(server: Loopback) -> None:
    way = Way("anthropic", False, False)
    wide = Image.from_bytes(picture("JPEG", (2400, 40)))
    server.reply(JASON).reply(JASON)
    async with way.open() as client:
        client.create(User, ["Who?", *[wide] * 20])
        client.create(User, ["Who?", *[wide] * 21])
    few, many = ({one.size for _, one in pictures_of(way, request.json)} for request in server.requests)
    assert few == {(2400, 40)}
    assert {width for width, _ in many} == {2000}


@EACH_WAY
async def test_the_place_where_it_was_taken_stays_here(way: Way, server: Loopback) -> None:
    exif = Pillow.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    server.reply(JASON).reply(JASON)
    image = Image.from_bytes(picture("JPEG", exif=exif))
    async with way.open() as client:
        await settled(client.create(User, ["Who?", image]))
        await settled(client.create(User, ["Who?", image], fit=Fit(keep_metadata=True)))
    (_, bare), (_, whole) = (pictures_of(way, request.json)[0] for request in server.requests)
    assert not bare.getexif().get_ifd(0x8825)
    assert whole.getexif().get_ifd(0x8825)


@EACH_WAY
async def test_strict_changes_nothing(way: Way, server: Loopback) -> None:
    async with way.open(fit="strict") as client:
        with pytest.raises(UnsupportedMedia, match="takes no image/tiff"):
            await settled(client.create(User, ["Who?", Image.from_bytes(picture("TIFF"))]))
        if way.dialect == "anthropic":
            with pytest.raises(MediaTooLarge, match="9,000 pixels on its longer side, at most 8,000"):
                await settled(client.create(User, ["Who?", Image.from_bytes(picture("PNG", (9000, 2)))]))
    assert server.requests == []


def test_a_wrong_policy_is_refused() -> None:
    with pytest.raises(instructor.errors.ConfigurationError, match="fit= takes 'auto', 'strict' or a Fit"):
        instructor.from_provider("embedded", fit="loose")
