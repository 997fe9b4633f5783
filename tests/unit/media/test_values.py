"""Media values: where they come from, what they are by content, and that they stay as they are."""

from __future__ import annotations

import base64
import io
import os
import pickle
import random
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as Pillow
from pydantic import BaseModel, TypeAdapter, ValidationError

from instructor import PDF, Audio, Document, Image, Media, Video
from instructor.errors import MediaError, MediaNotFound, MessageError, UnreadableMedia, UnsupportedMedia
from instructor.media import CacheControl, Inline


def picture(format: str = "PNG", mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    Pillow.new(mode, (8, 8)).save(stream, format)
    return stream.getvalue()


def box(brand: bytes, *compatible: bytes) -> bytes:
    body = b"ftyp" + brand + b"\0\0\0\0" + b"".join(compatible)
    return (len(body) + 4).to_bytes(4, "big") + body + b"\0" * 64


CONTENT: list[tuple[type[Media], str, bytes]] = [
    (Image, "image/png", picture("PNG")),
    (Image, "image/jpeg", picture("JPEG")),
    (Image, "image/gif", picture("GIF")),
    (Image, "image/webp", picture("WEBP")),
    (Image, "image/bmp", picture("BMP")),
    (Image, "image/tiff", picture("TIFF")),
    (Image, "image/x-icon", picture("ICO")),
    (Image, "image/avif", box(b"avif", b"mif1")),
    (Image, "image/heic", box(b"heic", b"mif1")),
    (Image, "image/heif", box(b"mif1", b"heic")),
    (Image, "image/svg+xml", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
    (Audio, "audio/wav", b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32),
    (Audio, "audio/mpeg", b"ID3\x04\0\0\0\0\0\0" + b"\0" * 32),
    (Audio, "audio/mpeg", b"\xff\xfb\x90\x64" + b"\0" * 32),
    (Audio, "audio/aac", b"\xff\xf1\x50\x80" + b"\0" * 32),
    (Audio, "audio/flac", b"fLaC\0\0\0\x22" + b"\0" * 32),
    (Audio, "audio/ogg", b"OggS\0\x02" + b"\0" * 22 + b"OpusHead" + b"\0" * 16),
    (Audio, "audio/ogg", b"OggS\0\x02" + b"\0" * 22 + b"\x01vorbis" + b"\0" * 16),
    (Audio, "audio/mp4", box(b"M4A ", b"isom")),
    (Audio, "audio/aiff", b"FORM\0\0\0\0AIFFCOMM" + b"\0" * 32),
    (Audio, "audio/amr", b"#!AMR\n" + b"\0" * 32),
    (Video, "video/mp4", box(b"isom", b"mp41")),
    (Video, "video/quicktime", box(b"qt  ")),
    (Video, "video/3gpp", box(b"3gp5")),
    (Video, "video/webm", b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + b"\0" * 64),
    (Video, "video/x-matroska", b"\x1aE\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska" + b"\0" * 64),
    (Video, "video/x-msvideo", b"RIFF\x24\0\0\0AVI LIST" + b"\0" * 32),
    (Video, "video/mpeg", b"\0\0\1\xba" + b"\0" * 32),
    (Video, "video/x-flv", b"FLV\x01\x05" + b"\0" * 32),
    (PDF, "application/pdf", b"%PDF-1.7\n%%EOF"),
    (PDF, "application/pdf", b"junk before\n%PDF-1.7\n%%EOF"),
    (Document, "text/plain", "Grüße aus Köln".encode()),
    (Document, "text/plain", "Grüße".encode("utf-16")),
]
IDS = [f"{i}-{media_type}" for i, (_, media_type, _) in enumerate(CONTENT)]


@pytest.mark.parametrize(("kind", "media_type", "content"), CONTENT, ids=IDS)
class TestContent:
    def test_decides_over_suffix_and_declared_type(
        self, kind: type[Media], media_type: str, content: bytes, tmp_path: Path
    ) -> None:
        lying = tmp_path / "lying.xyz"
        lying.write_bytes(content)
        encoded = base64.b64encode(content).decode()
        made = [
            kind.from_bytes(content),
            kind.from_path(lying),
            kind.from_path(str(lying)),
            kind.from_raw_base64(encoded),
            kind.from_base64(f"DATA:application/x-wrong;charset=x;BASE64,{encoded}"),
            kind(source=lying),
            kind(data=content, media_type="application/x-wrong"),
        ]
        assert {one.media_type for one in made} == {media_type}
        assert all(one.read() == content for one in made)
        assert all(one.data == encoded for one in made)
        assert all(one.size == len(content) for one in made)

    def test_of_another_kind_is_refused_with_its_name(self, kind: type[Media], media_type: str, content: bytes) -> None:
        for other in (Image, Audio, Video, PDF):
            loosely = other is Audio and media_type in ("video/webm", "video/mp4")
            if other is not kind and not loosely:
                with pytest.raises(MediaError) as caught:
                    other.from_bytes(content)
                if kind is not Document:
                    assert kind.__name__ in str(caught.value)
                    assert isinstance(caught.value, UnsupportedMedia)

    def test_values_survive_copies(self, kind: type[Media], media_type: str, content: bytes) -> None:
        value = kind.from_bytes(content, name="n", cache_control=True)
        same = kind.from_base64(f"data:{media_type};base64,{value.data}", name="m", cache_control={"type": "ephemeral"})
        assert value == same
        assert hash(value) == hash(same)
        assert value != kind.from_bytes(content)
        again = pickle.loads(pickle.dumps(value))
        assert (again, again.media_type, again.name) == (value, media_type, "n")
        adapter: TypeAdapter[Media] = TypeAdapter(kind)
        assert adapter.validate_json(adapter.dump_json(value)) == value


def test_loose_rows_count_only_when_the_kind_is_asked_for() -> None:
    film = box(b"isom")
    assert Audio.from_bytes(film).media_type == "audio/mp4"
    assert Media.autodetect is not None
    assert Video.sniff(film, strict=True) == "video/mp4"
    assert Audio.sniff(film, strict=True) is None


def test_detail_is_checked_and_kept() -> None:
    image = Image.from_bytes(picture(), detail="low")
    assert image.detail == "low"
    assert image.replace(detail="high").detail == "high"
    assert image.replace(cache_control=True).cache_control == CacheControl()
    with pytest.raises(MessageError, match="detail is one of"):
        Image.from_bytes(picture(), detail="tiny")
    with pytest.raises(TypeError, match="colour"):
        Image.from_bytes(picture(), colour="red")


def test_frozen() -> None:
    image = Image.from_bytes(picture())
    for name in ("media_type", "origin", "data", "anything"):
        with pytest.raises(AttributeError):
            setattr(image, name, "x")
    with pytest.raises(AttributeError):
        del image.media_type
    assert image.media_type == "image/png"


def test_addresses_are_never_opened() -> None:
    image = Image.from_url("https://user:secret@example.com/a/cat.JPG?token=secret#x")
    assert (image.media_type, image.data, image.size, image.source_kind) == ("image/jpeg", None, None, "url")
    assert "secret" not in repr(image)
    assert "example.com/a/cat.JPG" in repr(image)
    assert Image.from_url("gs://bucket/cat").media_type is None
    with pytest.raises(UnreadableMedia, match="elsewhere"):
        image.read()


def test_repr_holds_no_content() -> None:
    image = Image.from_bytes(picture())
    assert image.data is not None
    assert image.data[:20] not in repr(image)
    assert image.data[:20] not in repr(Inline(image))
    assert image.data[:20] not in repr(image.origin)


BAD: list[tuple[str, object, type[Exception], str]] = [
    ("missing", "no/such/file.png", MediaNotFound, "No such file"),
    ("directory", "folder", MediaNotFound, "is a directory"),
    ("empty", "empty.png", UnreadableMedia, "is empty"),
    ("html", "page.png", UnreadableMedia, "HTML"),
    ("json", "data.png", UnreadableMedia, "JSON"),
    ("text", "words.png", UnreadableMedia, "plain text"),
    ("garbage", "garbage.png", UnreadableMedia, "starts with the bytes de ad be ef"),
    ("a PDF", "paper.png", UnsupportedMedia, "use PDF"),
    ("nul in the path", "a\0b.png", MediaNotFound, "null"),
]


@pytest.mark.parametrize(("path", "error", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_files(path: str, error: type[Exception], words: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "page.png").write_bytes(b"<!DOCTYPE html><title>404</title>")
    (tmp_path / "data.png").write_bytes(b'{"error": "not found"}')
    (tmp_path / "words.png").write_bytes(b"hello")
    (tmp_path / "garbage.png").write_bytes(bytes.fromhex("deadbeef") * 20)
    (tmp_path / "paper.png").write_bytes(b"%PDF-1.4")
    with pytest.raises(error, match=words):
        Image.from_path(os.path.join(tmp_path, path))


def test_a_pipe_is_refused_without_being_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    with pytest.raises(MediaNotFound, match="not a regular file"):
        Image.from_path(pipe)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("data:image/png;base64,!!!!", "not valid base64"),
        ("data:image/png;base64,", "empty"),
        ("data:image/png;base64", "no comma"),
        ("data:image/png,", "no data"),
        ("iVBORw0KGgo", "not valid base64"),
        ("", "empty"),
    ],
)
def test_bad_encodings(text: str, words: str) -> None:
    with pytest.raises(UnreadableMedia, match=words):
        Image.from_base64(text)


def test_percent_encoded_data_uri_and_line_breaks() -> None:
    svg = Image.from_base64("data:image/svg+xml,%3Csvg%20xmlns='x'/%3E")
    assert svg.read() == b"<svg xmlns='x'/>"
    wrapped = base64.encodebytes(picture()).decode()
    assert "\n" in wrapped
    assert Image.from_raw_base64(wrapped).read() == picture()


@pytest.mark.parametrize("bad", [3, None, ["a.png"], object()])
def test_wrong_types_are_refused(bad: object) -> None:
    with pytest.raises(MediaError):
        Image.autodetect(bad)


def test_autodetect(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(picture())
    encoded = base64.b64encode(picture()).decode()
    for source in (str(path), path, picture(), encoded, f"data:image/png;base64,{encoded}"):
        assert Image.autodetect(source).read() == picture()
    assert Image.autodetect("https://example.com/x").source == "https://example.com/x"
    assert Image.autodetect_safely("just words") == "just words"
    assert Image.autodetect_safely(str(path)) == Image.from_path(path)
    with pytest.raises(MediaNotFound):
        Image.autodetect("just words")


def test_a_file_that_changed_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(picture())
    image = Image.from_path(path)
    path.write_bytes(picture() + b"more")
    with pytest.raises(UnreadableMedia, match="changed"):
        image.read()
    path.unlink()
    with pytest.raises(MediaNotFound):
        image.read()


def test_encoded_once() -> None:
    image = Image.from_bytes(picture())
    assert image.encoded is None
    first = image.data
    assert image.data is first
    assert image.encoded is first
    assert image.replace(detail="low").encoded is first


@pytest.mark.parametrize("size", [1, 2, 3, 191, 196_607, 196_608, 196_609, 500_000])
def test_inline_streams_what_text_gives(size: int, tmp_path: Path) -> None:
    content = (picture() + random.Random(1).randbytes(size))[: max(size, 70)]
    path = tmp_path / "p.png"
    path.write_bytes(content)
    from_file = Inline(Image.from_path(path), "data:image/png;base64,")
    streamed = b"".join(from_file.chunks()).decode()
    assert from_file.media.encoded is None
    assert streamed == from_file.text() == "data:image/png;base64," + base64.b64encode(content).decode()
    assert len(streamed) == from_file.length
    assert b"".join(from_file.chunks()).decode() == streamed


class Album(BaseModel):
    cover: Image
    pages: list[PDF] = []


def test_in_users_models(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(picture())
    album = Album(cover=Image.from_path(path), pages=[PDF.from_url("https://example.com/a.pdf")])
    written = album.model_dump_json()
    path.unlink()
    again = Album.model_validate_json(written)
    assert again.cover.read() == picture()
    assert again.pages[0].source == "https://example.com/a.pdf"
    assert Album.model_json_schema()["$defs" if "$defs" in Album.model_json_schema() else "properties"]
    assert Album(cover={"source": "https://example.com/a.png"}).cover == Image.from_url("https://example.com/a.png")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "cover",
    ["/etc/passwd", {"source": "/etc/passwd"}, {"source": "p.png"}, {"data": "!!"}, {}, 3, {"data": "aGk=", "x": 1}],
)
def test_json_never_opens_local_files(cover: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.png").write_bytes(picture())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValidationError):
        Album.model_validate({"cover": cover})


@pytest.mark.parametrize("mark", ["yes", {"type": "persistent"}, {"type": "ephemeral", "x": 1}, {"ttl": "1h"}, 1.5])
def test_bad_cache_marks(mark: object) -> None:
    with pytest.raises(MessageError, match="cache_control takes"):
        Image.from_bytes(picture(), cache_control=mark)


def test_cache_marks() -> None:
    assert CacheControl.parse(True) == CacheControl.parse({"type": "ephemeral"}) == CacheControl()
    assert CacheControl.parse({"type": "ephemeral", "ttl": "1h"}) == CacheControl("1h")
    assert CacheControl.parse(False) is CacheControl.parse(None) is None
    assert CacheControl("1h").wire() == {"type": "ephemeral", "ttl": "1h"}


def test_documents_keep_their_flavour(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("a,b\n1,2\n")
    assert Document.from_path(path).media_type == "text/csv"
    assert Document.from_path(path).text() == "a,b\n1,2\n"
    with pytest.raises(UnreadableMedia):
        Document.from_bytes(b"\0\1\2")


def test_importing_media_imports_nothing_heavy() -> None:
    code = "import sys, instructor; instructor.Image; print(sorted({'pydantic', 'PIL', 'httpx2', 'openai'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
