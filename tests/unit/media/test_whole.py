"""Content that is all there passes; what is cut off, or holds no sound, is told apart without decoding it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from instructor import Audio, Image, Media, Video
from instructor.errors import UnreadableMedia
from instructor.media import whole

from .samples import animated, drawn, film, heif, recorded, tagged, wav
from .test_sniff_table import KNOWN

CUT: list[tuple[str, type[Media], Callable[[], bytes]]] = [
    ("png", Image, drawn("PNG", size=(200, 200))),
    ("jpeg", Image, drawn("JPEG", size=(200, 200))),
    ("jpeg, progressive", Image, drawn("JPEG", size=(200, 200), progressive=True)),
    ("gif", Image, drawn("GIF", size=(200, 200))),
    ("gif, animated", Image, animated("GIF")),
    ("webp", Image, drawn("WEBP", size=(200, 200))),
    ("bmp", Image, drawn("BMP", size=(20, 20))),
    ("heic", Image, heif("HEIF")),
    ("avif", Image, drawn("AVIF")),
    ("wav", Audio, wav(seconds=1)),
    ("m4a", Audio, recorded("ipod", "aac")),
    ("mp4", Video, film("mp4", "libx264", "aac")),
    ("mov", Video, film("mov", "mpeg4")),
    ("avi", Video, film("avi", "mpeg4")),
]


@pytest.mark.parametrize(("kind", "make"), [row[1:] for row in CUT], ids=[row[0] for row in CUT])
def test_what_is_cut_off_is_seen(kind: type[Media], make: Callable[[], bytes], tmp_path: Path) -> None:
    content = make()
    whole(kind.from_bytes(content))
    for part in (0.4, 0.6, 0.9):
        cut = content[: int(len(content) * part)]
        with pytest.raises(UnreadableMedia, match="cut off"):
            whole(kind.from_bytes(cut))
    (tmp_path / "cut").write_bytes(cut)
    with pytest.raises(UnreadableMedia, match=r"cut.*cut off"):
        whole(kind.from_path(tmp_path / "cut"))


@pytest.mark.parametrize(
    ("name", "kind", "make"), [(row[0], row[1], row[3]) for row in KNOWN], ids=[r[0] for r in KNOWN]
)
def test_what_is_whole_passes(name: str, kind: type[Media], make: Callable[[], bytes]) -> None:
    medium = kind.from_bytes(make())
    if name == "wav, empty":
        with pytest.raises(UnreadableMedia, match="holds no sound"):
            whole(medium)
    else:
        whole(medium)


def test_recordings_without_sound() -> None:
    flac = b"fLaC" + b"\x80\0\0\x22" + bytes(34)
    for content in (wav(seconds=0)(), wav(seconds=0)()[:-8], flac, tagged(lambda: b"")()):
        with pytest.raises(UnreadableMedia, match="holds no sound"):
            whole(Audio.from_bytes(content))


def test_a_preview_within_a_picture_does_not_count_as_its_end() -> None:
    preview = drawn("JPEG")()
    block = b"\xff\xe1" + (len(preview) + 8).to_bytes(2, "big") + b"Exif\0\0" + preview
    content = drawn("JPEG", size=(300, 300))()
    content = content[:2] + block + content[2:]
    whole(Image.from_bytes(content))
    with pytest.raises(UnreadableMedia, match="end mark is missing"):
        whole(Image.from_bytes(content[:-40]))


def test_what_follows_a_picture_does_not_matter() -> None:
    for format in ("PNG", "JPEG", "GIF", "WEBP", "BMP"):
        whole(Image.from_bytes(drawn(format)() + b"more" * 50_000))


def test_streamed_recordings_of_unknown_length_pass() -> None:
    content = wav(seconds=0.1)()
    at = content.index(b"data") + 4
    for length in (0, 0xFFFFFFFF, 0x7FFFFFFF):
        whole(Audio.from_bytes(content[:at] + length.to_bytes(4, "little") + content[at + 4 :]))


@pytest.mark.parametrize("medium", [Image.from_url("https://example.com/a.png"), Image.from_file_id("f", "image/png")])
def test_what_is_elsewhere_is_not_looked_at(medium: Media) -> None:
    whole(medium)


def test_nonsense_is_left_to_others() -> None:
    for kind, content in (
        (Image, b"\x89PNG\r\n\x1a\n" + b"\xff" * 90),
        (Image, b"\xff\xd8\xff" + bytes(90)),
        (Audio, b"RIFF\x24\0\0\0WAVEfmt " + bytes(32)),
        (Audio, b"fLaC" + bytes(64)),
        (Video, b"\0\0\0\x18ftypisom" + bytes(16)),
    ):
        whole(kind.from_bytes(content))
