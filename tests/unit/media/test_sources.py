"""Every source a medium may come from: what it becomes, what is read when, and that the value stays a value."""

from __future__ import annotations

import base64
import io
import os
import pickle
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from pydantic import BaseModel

from instructor import PDF, Audio, Document, Image, Media, Video
from instructor.errors import MediaError, MediaNotFound, UnreadableMedia
from instructor.media import File, autodetect, from_file

from .samples import drawn, paper, wav

PNG = drawn("PNG")()
B64 = base64.b64encode(PNG).decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "cat.png").write_bytes(PNG)
    return tmp_path / "cat.png"


def pil() -> Pillow.Image:
    return Pillow.open(io.BytesIO(PNG))


SOURCES: dict[str, Callable[[Path], Media]] = {
    "path": Image.from_path,
    "text path": lambda path: Image.from_path(str(path)),
    "bytes": lambda path: Image.from_bytes(PNG),
    "bytearray": lambda path: Image.from_bytes(bytearray(PNG)),
    "base64": lambda path: Image.from_base64(f"data:image/png;base64,{B64}"),
    "base64, any case, with parameters": lambda path: Image.from_base64(
        f"DATA:Image/PNG;charset=x;name=a.png;BASE64,{B64}"
    ),
    "base64, percent-encoded": lambda path: Image.from_base64(
        "data:image/png;base64," + B64.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    ),
    "raw base64": lambda path: Image.from_raw_base64(B64),
    "open file": lambda path: Image.from_file(io.BytesIO(PNG)),
    "open file of the disk": lambda path: opened(path),
    "anything with read()": lambda path: Image.from_file(Reader(PNG)),
    "the constructor": lambda path: Image(path),
    "the constructor, from a file": lambda path: Image(io.BytesIO(PNG)),
    "autodetect, from a file": lambda path: Image.autodetect(io.BytesIO(PNG)),
    "address": lambda path: Image.from_url("https://example.com/cat.png?x=1"),
    "data URI as an address": lambda path: Image.from_url(f"data:image/png;base64,{B64}"),
    "s3": lambda path: Image.from_url("s3://bucket/cat.png"),
    "gs": lambda path: Image.from_url("gs://bucket/cat.png"),
    "az": lambda path: Image.from_url("az://container/cat.png"),
    "sftp": lambda path: Image.from_url("sftp://host/cat.png"),
    "file id": lambda path: Image.from_file_id("file-abc"),
    "pil": lambda path: Image.from_pil(pil()),
    "array": lambda path: Image.from_array(np.zeros((4, 5, 3), np.uint8)),
    "sound": lambda path: Audio.from_array(np.zeros(800, np.int16), 8000),
    "paper": lambda path: PDF.from_bytes(PAPER),
    "text": lambda path: Document.from_bytes(b"hello", name="a.md"),
    "film": lambda path: Video.from_url("https://example.com/a.mp4"),
}


PAPER = paper()()


def opened(path: Path) -> Image:
    with path.open("rb") as stream:
        return Image.from_file(stream)


class Reader:
    """Read like a file, and no file."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, count: int = -1) -> bytes:
        data, self._data = self._data, b""
        return data


class Folder(BaseModel):
    image: Image | None = None
    audio: Audio | None = None
    pdf: PDF | None = None
    document: Document | None = None
    video: Video | None = None


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES)
def test_a_value_whatever_its_source(make: Callable[[Path], Media], path: Path) -> None:
    first, second = make(path), make(path)
    assert first == second
    assert hash(first) == hash(second)
    assert len({first, second}) == 1
    again = pickle.loads(pickle.dumps(first))
    assert (again, again.media_type, again.name, again.declared) == (
        first, first.media_type, first.name, first.declared,
    )  # fmt: skip
    assert first != make(path).replace(cache_control=True)
    field = type(first).__name__.lower()
    folder = Folder(**{field: first})
    restored = Folder.model_validate_json(folder.model_dump_json())
    assert getattr(restored, field) == first
    assert getattr(restored, field).media_type == first.media_type
    assert Folder.model_validate(folder.model_dump()) == folder
    if first.at_hand:
        with first.open() as stream:
            assert stream.read() == second.read()


def test_content_decides_what_is_equal(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.png"
    copy.write_bytes(PNG)
    same = [Image.from_path(path), Image.from_path(copy), Image.from_bytes(PNG), Image.from_raw_base64(B64)]
    assert len(set(same)) == 1
    assert all(one == other for one in same for other in same)
    assert {one.digest for one in same} == {same[0].digest}
    assert Image.from_bytes(PNG) != Image.from_bytes(PNG[:-1] + b"\0")
    gone = Image.from_path(copy)
    copy.write_bytes(PNG[:-1] + b"\0")
    assert gone != Image.from_bytes(PNG)


def test_nothing_is_read_but_the_first_bytes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with path.open("ab") as stream:
        stream.truncate(3_000_000_000)  # sparse: whoever reads it whole needs long
    assert Image.from_path(path).size == 3_000_000_000
    with path.open("rb") as stream:
        assert isinstance(Image.from_file(stream).origin, File)


def test_home_is_expanded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(path.parent))
    assert Image.from_path("~/cat.png") == Image.from_path(path)
    assert Image.autodetect("~/cat.png") == Image.from_path(path)


# ── open files ───────────────────────────────────────────────────────────────────────────────────


def test_open_files_keep_their_name_and_stay_open(path: Path) -> None:
    with path.open("rb") as stream:
        image = Image.from_file(stream)
        assert (image.name, image.source_kind, stream.closed) == ("cat.png", "file", False)
    assert image.read() == PNG


def test_what_may_vanish_is_read_at_once(path: Path) -> None:
    with tempfile.NamedTemporaryFile(suffix=".png") as stream:
        stream.write(PNG)
        stream.seek(0)
        image = Image.from_file(stream)
    assert (image.source_kind, image.read()) == ("bytes", PNG)
    with path.open("rb") as later:
        later.seek(len(PNG))
        with pytest.raises(UnreadableMedia, match="read to its end"):
            Image.from_file(later)
    with path.open("rb") as unlinked:
        path.unlink()
        assert Image.from_file(unlinked).source_kind == "bytes"


def test_a_file_stands_where_it_stands(path: Path) -> None:
    path.write_bytes(b"junk" + PNG)
    with path.open("rb") as stream:
        stream.seek(4)
        assert Image.from_file(stream).read() == PNG


class Late:
    async def read(self) -> bytes:
        return PNG


class Broken:
    def read(self) -> bytes:
        raise OSError("gone")


BAD_FILES: list[tuple[Any, str]] = [
    (io.StringIO("hello"), "open as text"),
    (io.BytesIO(b""), "empty"),
    (io.BytesIO(b"words"), "not a picture"),
    (Late(), "asynchronously"),
    (Broken(), "cannot be read: gone"),
    ("a.png", "takes an open binary file, not str"),
    (PNG, "takes an open binary file, not bytes"),
    (None, "takes an open binary file, not NoneType"),
]


@pytest.mark.parametrize(("file", "words"), BAD_FILES, ids=range(len(BAD_FILES)))
def test_bad_files(file: Any, words: str) -> None:
    with pytest.raises(UnreadableMedia, match=words):
        Image.from_file(file)


def test_closed_files_are_refused() -> None:
    file = io.BytesIO(PNG)
    file.close()
    with pytest.raises(UnreadableMedia, match="cannot be read"):
        Image.from_file(file)


# ── pictures and arrays ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "I", "I;16", "La", "RGBa"]
)
def test_pictures_of_every_mode(mode: str) -> None:
    picture = Pillow.new(mode, (6, 4))
    image = Image.from_pil(picture)
    assert image.media_type == "image/png"
    with Pillow.open(io.BytesIO(image.read())) as again:
        assert again.size == (6, 4)
    assert Image(picture) == Image.autodetect(picture) == image


def test_a_pictures_pixels_are_kept() -> None:
    noise = Pillow.frombytes("RGB", (8, 8), random.Random(1).randbytes(192))
    with Pillow.open(io.BytesIO(Image.from_pil(noise).read())) as again:
        assert again.tobytes() == noise.tobytes()


def test_a_picture_is_upright_and_tells_nothing_else() -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "a camera's maker"
    stream = io.BytesIO()
    Pillow.new("RGB", (8, 2), "red").save(stream, "JPEG", exif=exif)
    with Pillow.open(stream) as picture:
        image = Image.from_pil(picture, detail="low", name="a.png")
    assert (image.detail, image.name) == ("low", "a.png")
    assert b"maker" not in image.read()
    with Pillow.open(io.BytesIO(image.read())) as again:
        assert again.size == (2, 8)


ARRAYS: list[tuple[Any, tuple[str, Any]]] = [
    (np.full((2, 3), 7, np.uint8), ("L", 7)),
    (np.full((2, 3, 1), 7, np.uint8), ("L", 7)),
    (np.full((2, 3, 3), 7, np.uint8), ("RGB", (7, 7, 7))),
    (np.full((2, 3, 4), 7, np.uint8), ("RGBA", (7, 7, 7, 7))),
    (np.full((2, 3), True), ("L", 255)),
    (np.full((2, 3, 3), 0.5), ("RGB", (128, 128, 128))),
    (np.full((2, 3), 1.0, np.float32), ("L", 255)),
    (np.full((2, 3), 40_000, np.uint16), ("I;16", 40_000)),
    (np.full((2, 3, 3), 0x8042, np.uint16), ("RGB", (128, 128, 128))),
    (np.full((2, 3), 200, np.int64), ("L", 200)),
    (np.full((4, 6), 9, np.uint8)[::2, ::2], ("L", 9)),
]


@pytest.mark.parametrize(("array", "pixel"), ARRAYS, ids=range(len(ARRAYS)))
def test_arrays(array: Any, pixel: tuple[str, Any]) -> None:
    image = Image.from_array(array)
    with Pillow.open(io.BytesIO(image.read())) as again:
        assert (again.size, again.mode, again.getpixel((2, 1))) == ((3, 2), *pixel)
    assert Image(array) == Image.autodetect(array) == image


def test_opencvs_order() -> None:
    array = np.zeros((1, 1, 3), np.uint8)
    array[0, 0] = (1, 2, 3)
    with Pillow.open(io.BytesIO(Image.from_array(array, order="bgr").read())) as again:
        assert again.getpixel((0, 0)) == (3, 2, 1)


BAD_ARRAYS: list[tuple[Any, str]] = [
    (np.zeros((3, 8, 8), np.uint8), "3 × 8 × 8: move the channels last"),
    (np.zeros((8, 8, 2), np.uint8), "8 × 8 × 2"),
    (np.zeros((0, 8), np.uint8), "0 × 8"),
    (np.zeros(8, np.uint8), "not 8"),
    (np.zeros((1, 8, 8, 3), np.uint8), "1 × 8 × 8 × 3"),
    (np.full((2, 2), 255.0), "from 0 to 1"),
    (np.full((2, 2), np.nan), "from 0 to 1"),
    (np.full((2, 2), -1), "not int64"),
    (np.full((2, 2), 1j), "not complex128"),
    (np.array([["a"]]), "not <U1"),
]


@pytest.mark.parametrize(("array", "words"), BAD_ARRAYS, ids=range(len(BAD_ARRAYS)))
def test_bad_arrays(array: Any, words: str) -> None:
    with pytest.raises(UnreadableMedia, match=words):
        Image.from_array(array)


def test_bad_pictures() -> None:
    with pytest.raises(UnreadableMedia, match="takes a picture of Pillow's, not bytes"):
        Image.from_pil(PNG)
    with pytest.raises(UnreadableMedia, match="no pixels"):
        Image.from_pil(Pillow.new("RGB", (0, 4)))
    with pytest.raises(UnreadableMedia, match="no scale"):
        Image.from_pil(Pillow.new("F", (4, 4)))
    big = drawn("JPEG", size=(200, 200))()
    with Pillow.open(io.BytesIO(big[:-100])) as cut, pytest.raises(UnreadableMedia, match="cannot be encoded"):
        Image.from_pil(cut)


# ── samples ──────────────────────────────────────────────────────────────────────────────────────


def heard(audio: Audio) -> tuple[int, int, int, int]:
    import wave

    with wave.open(io.BytesIO(audio.read())) as sound:
        return sound.getnchannels(), sound.getsampwidth(), sound.getframerate(), sound.getnframes()


SAMPLES: list[tuple[Any, tuple[int, int, int, int]]] = [
    (np.zeros(80, np.int16), (1, 2, 8000, 80)),
    (np.zeros((80, 2), np.int16), (2, 2, 8000, 80)),
    (np.zeros((2, 80), np.float32), (2, 2, 8000, 80)),
    (np.zeros(80, np.int32), (1, 4, 8000, 80)),
    (np.full(81, 128, np.uint8), (1, 1, 8000, 81)),
    (np.zeros(80, ">i2"), (1, 2, 8000, 80)),
    ([0.0, 0.5, -1.0], (1, 2, 8000, 3)),
]


@pytest.mark.parametrize(("samples", "form"), SAMPLES, ids=range(len(SAMPLES)))
def test_samples(samples: Any, form: tuple[int, int, int, int]) -> None:
    audio = Audio.from_array(samples, 8000)
    assert audio.media_type == "audio/wav"
    assert heard(audio) == form


def test_the_values_of_samples() -> None:
    audio = Audio.from_array(np.array([0.0, 1.0, -1.0, 1.005]), 8000)
    assert np.frombuffer(audio.read()[44:], "<i2").tolist() == [0, 32767, -32767, 32767]
    both = Audio.from_array(np.array([[1, 2], [3, 4]], ">i2"), 8000)
    assert np.frombuffer(both.read()[44:], "<i2").tolist() == [1, 2, 3, 4]


BAD_SAMPLES: list[tuple[Any, Any, str]] = [
    (np.zeros(0), 8000, "no samples"),
    (np.zeros((20, 20)), 8000, "20 × 20"),
    (np.zeros((2, 2, 2)), 8000, "2 × 2 × 2"),
    (np.full(9, 3.0), 8000, "the largest here is 3"),
    (np.full(9, np.nan), 8000, "not numbers"),
    (np.zeros(9, np.int64), 8000, "not int64"),
    (np.zeros(9), 0, "sample_rate is .*not 0"),
    (np.zeros(9), 44.1, "sample_rate is .*not 44.1"),
]


@pytest.mark.parametrize(("samples", "rate", "words"), BAD_SAMPLES, ids=range(len(BAD_SAMPLES)))
def test_bad_samples(samples: Any, rate: Any, words: str) -> None:
    with pytest.raises(UnreadableMedia, match=words):
        Audio.from_array(samples, rate)


def test_samples_without_a_rate() -> None:
    with pytest.raises(UnreadableMedia, match=r"Audio.from_array\(samples, sample_rate\)"):
        Audio(np.zeros(9))


# ── addresses ────────────────────────────────────────────────────────────────────────────────────

ADDRESSES: list[tuple[str, str, str | None]] = [
    ("https://example.com/a.png", "url", "image/png"),
    ("HTTP://Example.com", "url", None),
    ("s3://bucket/folder/a b.jpeg", "", None),
    ("s3://bucket/folder/a%20b.jpeg", "s3", "image/jpeg"),
    ("S3://bucket/a.webp", "s3", "image/webp"),
    ("gs://bucket/a.heic", "gs", "image/heic"),
    ("az://container/a.gif", "az", "image/gif"),
    ("abfs://container@account.dfs.core.windows.net/a.gif", "storage", "image/gif"),
    ("sftp://host/a.png", "storage", "image/png"),
    ("memory://a.png", "storage", None),
    ("file:///etc/passwd", "", None),
    ("FILE:///etc/passwd", "", None),
    ("local:///etc/passwd", "", None),
    ("simplecache::s3://bucket/a", "", None),
    ("s3:bucket/a", "", None),
    ("s3://", "", None),
    ("://a", "", None),
    ("https://", "", None),
    ("https://[::1", "", None),
    ("https://a/\n", "", None),
    ("https://a/" + "x" * 20_000, "", None),
    ("words", "", None),
]


@pytest.mark.parametrize(("url", "kind", "media_type"), ADDRESSES, ids=[row[0][:40] for row in ADDRESSES])
def test_addresses(url: str, kind: str, media_type: str | None) -> None:
    if not kind:
        with pytest.raises(UnreadableMedia, match="not an address"):
            Image.from_url(url)
        return
    image = Image.from_url(url)
    assert (image.source_kind, image.source, image.media_type) == (kind, url, media_type)
    assert (image.at_hand, image.data, image.size, image.digest, image.mismatch) == (False, None, None, None, None)


def test_a_file_that_became_another_is_not_read(path: Path) -> None:
    image = Image.from_path(path)
    path.unlink()
    with pytest.raises(MediaNotFound):
        image.read()
    os.mkfifo(path)
    with pytest.raises(MediaError):  # and it does not wait for a writer
        image.read()


def test_wav_is_what_others_read() -> None:
    assert heard(Audio.from_bytes(wav()())) == (1, 2, 8000, 400)


FILMS = {
    "video/mp4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\0\0\0\x08mdat",
    "video/webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + bytes(40),
}


@pytest.mark.parametrize("name", ["film", "film.dat", "film.txt"])
@pytest.mark.parametrize("media_type", FILMS)
def test_a_file_that_may_be_a_film_or_a_recording(media_type: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILMS[media_type])
    assert from_file(tmp_path / name) == autodetect(str(tmp_path / name)) == Video.from_path(tmp_path / name)
    assert from_file(tmp_path / name).media_type == media_type
    (tmp_path / "sound.weba").write_bytes(FILMS["video/webm"])
    assert isinstance(from_file(tmp_path / "sound.weba"), Audio)
