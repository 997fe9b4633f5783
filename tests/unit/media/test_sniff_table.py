"""What files are, by their content: real ones of every kind, ones under false names, and hostile ones."""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from instructor import PDF, Audio, Document, Image, Media, Video
from instructor.errors import MediaError, UnreadableMedia, UnsupportedMedia
from instructor.media import KINDS, detect, sample
from instructor.media.document import DOCX, EPUB, ODP, ODS, ODT, PPTX, RTF, XLSX

from .samples import animated, archive, commented, drawn, film, heif, office, opened, paper, recorded, tagged, wav

Make = Callable[[], bytes]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


def text(content: str, encoding: str = "utf-8") -> Make:
    return lambda: content.encode(encoding)


def raw(content: bytes) -> Make:
    return lambda: content


KNOWN: list[tuple[str, type[Media], str, Make]] = [
    # pictures
    *((f"png {mode}", Image, "image/png", drawn("PNG", mode)) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    ("png, one pixel", Image, "image/png", drawn("PNG", size=(1, 1))),
    ("png, animated", Image, "image/png", animated("PNG")),
    ("png with a comment about other formats", Image, "image/png", commented),
    *((f"jpeg {mode}", Image, "image/jpeg", drawn("JPEG", mode)) for mode in ("L", "RGB", "CMYK")),
    ("jpeg, progressive", Image, "image/jpeg", drawn("JPEG", progressive=True)),
    ("jpeg with EXIF", Image, "image/jpeg", drawn("JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")),
    ("jpeg, high quality", Image, "image/jpeg", drawn("JPEG", quality=100)),
    ("jpeg of several pictures", Image, "image/jpeg", animated("MPO")),
    *((f"gif {mode}", Image, "image/gif", drawn("GIF", mode)) for mode in ("1", "L", "P", "RGB")),
    ("gif, animated", Image, "image/gif", animated("GIF")),
    ("webp", Image, "image/webp", drawn("WEBP")),
    ("webp, lossless", Image, "image/webp", drawn("WEBP", lossless=True)),
    ("webp with alpha", Image, "image/webp", drawn("WEBP", "RGBA")),
    ("webp, animated", Image, "image/webp", animated("WEBP")),
    *((f"bmp {mode}", Image, "image/bmp", drawn("BMP", mode)) for mode in ("1", "L", "P", "RGB", "RGBA")),
    *((f"tiff {mode}", Image, "image/tiff", drawn("TIFF", mode)) for mode in ("1", "L", "RGB", "RGBA", "CMYK", "I;16")),
    ("tiff, compressed", Image, "image/tiff", drawn("TIFF", compression="tiff_lzw")),
    ("tiff, big", Image, "image/tiff", drawn("TIFF", big_tiff=True)),
    ("tiff of several pages", Image, "image/tiff", animated("TIFF")),
    ("tiff, big-endian", Image, "image/tiff", drawn("TIFF", "I;16B")),
    ("ico", Image, "image/x-icon", drawn("ICO", size=(32, 32))),
    ("ico of several sizes", Image, "image/x-icon", drawn("ICO", size=(64, 64), sizes=[(16, 16), (32, 32), (64, 64)])),
    ("ico of bitmaps", Image, "image/x-icon", drawn("ICO", size=(32, 32), bitmap_format="bmp")),
    ("avif", Image, "image/avif", drawn("AVIF")),
    ("avif, animated", Image, "image/avif", animated("AVIF")),
    ("heic", Image, "image/heic", heif("HEIF")),
    ("heic of several pictures", Image, "image/heic", heif("HEIF", 2)),
    ("heif by its general brand", Image, "image/heif", raw(b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf" + bytes(40))),
    ("avif by its general brand", Image, "image/avif", raw(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf" + bytes(40))),
    ("heic sequence", Image, "image/heic", raw(b"\0\0\0\x18ftyphevc\0\0\0\0msf1hevc" + bytes(40))),
    ("svg", Image, "image/svg+xml", raw(SVG)),
    ("svg with a declaration", Image, "image/svg+xml", raw(b'<?xml version="1.0" encoding="UTF-8"?>\n' + SVG)),
    ("svg with a byte-order mark", Image, "image/svg+xml", raw(b"\xef\xbb\xbf" + SVG)),
    ("svg behind a comment", Image, "image/svg+xml", raw(b"<!-- made by hand -->\n" + SVG)),
    ("svg with a doctype", Image, "image/svg+xml", raw(
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">' + SVG)),
    ("svg with a prefix", Image, "image/svg+xml", raw(b'<s:svg xmlns:s="http://www.w3.org/2000/svg"/>')),
    ("svg in UTF-16", Image, "image/svg+xml", text(SVG.decode(), "utf-16")),
    # sound
    *((f"wav, {8 * width} bits", Audio, "audio/wav", wav(width)) for width in (1, 2, 3, 4)),
    ("wav, stereo", Audio, "audio/wav", wav(channels=2)),
    ("wav, empty", Audio, "audio/wav", wav(seconds=0)),
    ("wav of floats", Audio, "audio/wav", recorded("wav", "pcm_f32le")),
    ("wav, µ-law", Audio, "audio/wav", recorded("wav", "pcm_mulaw", 8000)),
    ("wav of 64 bits of length", Audio, "audio/wav", recorded("wav", "pcm_s16le", rf64="always")),
    ("mp3 with ID3", Audio, "audio/mpeg", recorded("mp3", "libmp3lame")),
    ("mp3 without ID3", Audio, "audio/mpeg", recorded("mp3", "libmp3lame", id3v2_version="0", write_xing="0")),
    ("mp3, 44.1 kHz stereo", Audio, "audio/mpeg", recorded("mp3", "libmp3lame", 44_100, "stereo", id3v2_version="0")),
    ("mp3, 8 kHz", Audio, "audio/mpeg", recorded("mp3", "libmp3lame", 8000, id3v2_version="0")),
    ("mp3 with a long ID3 tag", Audio, "audio/mpeg", tagged(recorded("mp3", "libmp3lame", id3v2_version="0"), 9000)),
    ("mp2", Audio, "audio/mpeg", recorded("mp2", "mp2")),
    ("aac, adts", Audio, "audio/aac", recorded("adts", "aac")),
    ("aac, adts, stereo", Audio, "audio/aac", recorded("adts", "aac", 44_100, "stereo")),
    ("aac behind ID3", Audio, "audio/aac", tagged(recorded("adts", "aac"))),
    ("m4a", Audio, "audio/mp4", recorded("ipod", "aac")),
    ("m4a, lossless", Audio, "audio/mp4", recorded("ipod", "alac")),
    ("flac", Audio, "audio/flac", recorded("flac", "flac")),
    ("flac, stereo", Audio, "audio/flac", recorded("flac", "flac", 48_000, "stereo")),
    ("flac behind ID3", Audio, "audio/flac", tagged(recorded("flac", "flac"))),
    ("ogg vorbis", Audio, "audio/ogg", raw(b"OggS\0\x02" + bytes(20) + b"\x01\x1e\x01vorbis" + bytes(60))),
    ("ogg opus", Audio, "audio/ogg", recorded("ogg", "libopus", 48_000)),
    ("ogg flac", Audio, "audio/ogg", raw(b"OggS\0\x02" + bytes(20) + b"\x01\x33\x7fFLAC\x01" + bytes(60))),
    ("ogg speex", Audio, "audio/ogg", raw(b"OggS\0\x02" + bytes(20) + b"\x01\x50Speex   1.2" + bytes(60))),
    ("webm, opus only", Audio, "audio/webm", recorded("webm", "libopus", 48_000)),
    ("webm, opus only, stereo", Audio, "audio/webm", recorded("webm", "libopus", 48_000, "stereo")),
    ("mka", Audio, "audio/x-matroska", recorded("matroska", "libopus", 48_000)),
    ("aiff", Audio, "audio/aiff", recorded("aiff", "pcm_s16be")),
    ("aifc", Audio, "audio/aiff", recorded("aiff", "pcm_mulaw", 8000)),
    ("amr", Audio, "audio/amr", raw(b"#!AMR\n" + (b"\x3c" + bytes(31)) * 5)),
    ("amr, wide band", Audio, "audio/amr", raw(b"#!AMR-WB\n" + (b"\x04" + bytes(17)) * 5)),
    ("wma", Audio, "audio/x-ms-wma", recorded("asf", "wmav2", 44_100, "stereo")),
    # films
    ("mp4, h264", Video, "video/mp4", film("mp4", "libx264", "aac")),
    ("mp4, mpeg-4", Video, "video/mp4", film("mp4", "mpeg4")),
    ("mp4, in pieces", Video, "video/mp4", film("mp4", "mpeg4", movflags="frag_keyframe+default_base_moof")),
    ("mp4, fragmented", Video, "video/mp4", film("mp4", "libx264", movflags="frag_keyframe+empty_moov")),
    ("mp4, av1's brand", Video, "video/mp4", raw(b"\0\0\0\x18ftypav01\0\0\0\0av01iso6" + bytes(40))),
    ("m4v", Video, "video/mp4", film("ipod", "libx264", brand="M4V ")),
    ("mov", Video, "video/quicktime", film("mov", "mpeg4", "pcm_s16le")),
    ("mov without a brand", Video, "video/quicktime", raw(b"\0\0\0\x08wide\0\0\0\x10mdat" + bytes(40))),
    ("3gp", Video, "video/3gpp", film("3gp", "h263")),
    ("3g2", Video, "video/3gpp", film("3g2", "mpeg4", "aac")),
    ("webm, vp8", Video, "video/webm", film("webm", "libvpx")),
    ("webm, vp9 with sound", Video, "video/webm", film("webm", "libvpx-vp9", "libopus")),
    ("mkv", Video, "video/x-matroska", film("matroska", "mpeg4")),
    ("mkv with sound", Video, "video/x-matroska", film("matroska", "libx264", "aac")),
    ("avi", Video, "video/x-msvideo", film("avi", "mpeg4")),
    ("avi with sound", Video, "video/x-msvideo", film("avi", "msmpeg4", "pcm_s16le")),
    ("mpeg, program stream", Video, "video/mpeg", film("mpeg", "mpeg1video")),
    ("mpeg-2, program stream", Video, "video/mpeg", film("vob", "mpeg2video")),
    ("mpeg, elementary stream", Video, "video/mpeg", film("mpeg1video", "mpeg1video")),
    ("mpeg, transport stream", Video, "video/mp2t", film("mpegts", "mpeg2video")),
    ("flv", Video, "video/x-flv", film("flv", "flv1")),
    ("wmv", Video, "video/x-ms-wmv", film("asf", "wmv2")),
    ("wmv with sound", Video, "video/x-ms-wmv", film("asf", "wmv1", "mp2")),
    ("ogv", Video, "video/ogg", raw(b"OggS\0\x02" + bytes(20) + b"\x01\x2a\x80theora" + bytes(60))),
    ("ogv, its sound first", Video, "video/ogg", raw(
        b"OggS\0\x02" + bytes(20) + b"\x01\x1e\x01vorbis" + bytes(23)
        + b"OggS\0\x02" + bytes(20) + b"\x01\x2a\x80theora" + bytes(60))),
    # PDF
    ("pdf", PDF, "application/pdf", paper()),
    ("pdf of pages", PDF, "application/pdf", paper(pages=3)),
    ("pdf behind a byte-order mark", PDF, "application/pdf", paper(b"\xef\xbb\xbf")),
    ("pdf behind line breaks", PDF, "application/pdf", paper(b"\r\n\r\n")),
    ("pdf behind HTTP headers", PDF, "application/pdf", paper(b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n")),
    ("pdf behind binary junk", PDF, "application/pdf", paper(bytes(range(200)) * 4)),
    ("pdf behind a warning", PDF, "application/pdf", paper(b"Warning: something in line 3\n")),
    # office programs
    ("docx", Document, DOCX, office("word/document.xml")),
    ("docx behind a large picture", Document, DOCX, office("word/document.xml", random.Random(1).randbytes(200_000))),
    ("xlsx", Document, XLSX, office("xl/workbook.xml")),
    ("xlsx behind a large picture", Document, XLSX, office("xl/workbook.xml", random.Random(1).randbytes(9000))),
    ("pptx", Document, PPTX, office("ppt/presentation.xml")),
    ("pptx behind a large picture", Document, PPTX, office("ppt/presentation.xml", random.Random(1).randbytes(70_000))),
    ("odt", Document, ODT, opened(ODT)),
    ("ods", Document, ODS, opened(ODS)),
    ("odp", Document, ODP, opened(ODP)),
    ("epub", Document, EPUB, opened(EPUB)),
    ("rtf", Document, RTF, raw(rb"{\rtf1\ansi{\fonttbl\f0 Arial;}\f0 hello}")),
    # text
    ("text", Document, "text/plain", text("Grüße aus Köln, auch an alle anderen.")),
    ("text with a byte-order mark", Document, "text/plain", text("Grüße", "utf-8-sig")),
    ("text in UTF-16", Document, "text/plain", text("Grüße", "utf-16")),
    ("text cut within a character", Document, "text/plain", text("a" + "ü" * 4000)),
    ("long text", Document, "text/plain", text("word " * 5000)),
    ("prose with commas", Document, "text/plain", text("Hello, you\nGood day, sir\nGoodbye, all\n")),
    ("html", Document, "text/html", text("<!DOCTYPE html>\n<html><body>hi</body></html>")),
    ("html without a doctype", Document, "text/html", text("  <html lang='de'><head></head></html>")),
    ("html with a drawing in it", Document, "text/html", text(f"<html><body>{SVG.decode()}</body></html>")),
    ("xhtml", Document, "text/html", text('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>')),
    ("xml", Document, "text/xml", text('<?xml version="1.0"?><note><to>you</to></note>')),
    ("json", Document, "application/json", text('{"a": [1, 2.5, null]}')),
    ("json, long", Document, "application/json", text('[{"a": 1}' + ', {"a": 1}' * 2000 + "]")),
    ("csv", Document, "text/csv", text("name,age\nann,3\nbob,4\n")),
    ("csv with quotes", Document, "text/csv", text('name,said\nann,"a, b"\nbob,"c"\n')),
    ("csv, semicolons", Document, "text/csv", text("name;age;city\nann;3;Köln\n")),
    ("tsv", Document, "text/tab-separated-values", text("name\tage\nann\t3\nbob\t4\n")),
    ("brackets that are no json", Document, "text/plain", text("[see above] and {below}")),
    ("text that mentions a pdf", Document, "text/plain", text("A PDF begins with the mark %PDF-1.7 in its first line.\n" * 3)),
    ("text that mentions svg", Document, "text/plain", text("use <svg> for that")),
    ("markup that mentions svg", Document, "text/xml", text('<?xml version="1.0"?><notes>draw an <svg/> here</notes>')),
]  # fmt: skip

UNKNOWN: list[tuple[str, Make, str]] = [
    ("zeros", raw(bytes(5000)), "nothing but zero bytes"),
    ("noise", raw(b"\x9c\x01\xde\xad\xbe\xef\x02\x03\x04"), "starts with the bytes 9c 01 de ad be ef 02 03"),
    ("one byte", raw(b"\x80"), "starts with the bytes 80"),
    ("a zip", archive(("a.txt", b"x")), "a ZIP archive"),
    ("a zip that stores words of a docx", archive(("a.txt", b"word/document.xml" * 9), stored="a.txt"), "a ZIP archive"),
    ("an empty zip", archive(), "an empty ZIP archive"),
    ("gzip", raw(b"\x1f\x8b\x08\0" + bytes(20)), "gzip"),
    ("7z", raw(b"7z\xbc\xaf\x27\x1c" + bytes(20)), "a 7-Zip archive"),
    ("an old Word file", raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), "before 2007"),
    ("a program", raw(b"\x7fELF\x02\x01\x01" + bytes(60)), "a program"),
    ("a database", raw(b"SQLite format 3\0" + bytes(60)), "an SQLite database"),
    ("photoshop", raw(b"8BPS\0\x01" + bytes(60)), "a Photoshop picture"),
    ("jpeg xl", raw(b"\xff\x0a\xfa\x1f" + bytes(60)), "a JPEG XL picture"),
    ("jpeg 2000", raw(b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60)), "a JPEG 2000 picture"),
    ("half a png mark", raw(b"\x89PNG\r\n"), "starts with the bytes 89 50 4e 47 0d 0a"),
    ("half a jpeg mark", raw(b"\xff\xd8"), "starts with the bytes ff d8"),
    ("RIFF of nothing", raw(b"RIFF\x10\0\0\0XXXX" + bytes(20)), "starts with the bytes 52 49 46 46"),
    ("RIFF cut off", raw(b"RIFF\x10\0"), "starts with the bytes"),
    ("ftyp of nothing", raw(b"\0\0\0\x10ftypzzzz\0\0\0\0" + bytes(40)), "starts with the bytes"),
    ("ftyp that lies about its length", raw(b"\xff\xff\xff\xffftypzzzz" + b"\xff" * 40), "starts with the bytes"),
    ("a bitmap's two letters", raw(b"BMW\x80 is a car"), "binary data|plain text"),
    ("ebml of another document", raw(b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x83foo" + bytes(60)), "bytes 1a 45 df a3"),
    ("ogg of nothing known", raw(b"OggS\0\x02" + bytes(22) + b"unheard" + bytes(60)), "starts with the bytes 4f 67 67 53"),
    ("an MPEG sync and no frame", raw(b"\xff\xfb\x90\x64" + bytes(2000)), "starts with the bytes ff fb 90 64"),
    ("icons without any", raw(b"\0\0\1\0\0\0" + bytes(60)), "starts with the bytes"),
    ("UTF-16 of half a pair", raw(b"\xff\xfe\0\xd8\0\xd8" + bytes(60)), "starts with the bytes ff fe"),
    ("latin-1", raw("Grüße aus Köln".encode("latin-1")), "starts with the bytes"),
    ("text with a zero byte", raw(b"hello\0world"), "starts with the bytes"),
]  # fmt: skip


@pytest.fixture(scope="session")
def made() -> dict[str, bytes]:
    return {name: make() for name, _, _, make in KNOWN} | {name: make() for name, make, _ in UNKNOWN}


NAMES = [row[0] for row in KNOWN]


def test_the_table_is_large_and_its_names_are_its_own() -> None:
    names = [*NAMES, *(row[0] for row in UNKNOWN)]
    assert len(names) == len(set(names))
    assert len(KNOWN) >= 120


@pytest.mark.parametrize(("name", "kind", "media_type"), [row[:3] for row in KNOWN], ids=NAMES)
def test_content_tells(name: str, kind: type[Media], media_type: str, made: dict[str, bytes], tmp_path: Path) -> None:
    content = made[name]
    assert kind.from_bytes(content).media_type == media_type
    lying = tmp_path / "lying.xyz"
    lying.write_bytes(content)
    assert kind.from_path(lying).media_type == media_type
    with lying.open("rb") as stream:
        assert kind.from_file(stream).media_type == media_type


@pytest.mark.parametrize(("name", "kind", "media_type"), [row[:3] for row in KNOWN], ids=NAMES)
def test_only_one_kind_claims_it_unasked(name: str, kind: type[Media], media_type: str, made: dict[str, bytes]) -> None:
    head = sample(io.BytesIO(made[name]), len(made[name]))
    claims = [other for other in KINDS if other.sniff(head, strict=True, weak=False)]
    if media_type.startswith("text/") or media_type == "application/json":
        assert (claims, detect(head)) == ([], None)
    else:
        assert claims in ([kind], [])
        assert detect(head) == (kind, media_type)


@pytest.mark.parametrize(("name", "kind", "media_type"), [row[:3] for row in KNOWN], ids=NAMES)
def test_what_was_said_does_not_decide(name: str, kind: type[Media], media_type: str, made: dict[str, bytes]) -> None:
    said = "image/png" if media_type == "image/jpeg" else "image/jpeg"
    medium = kind.from_bytes(made[name], said, name="holiday.gif" if media_type != "image/gif" else "holiday.bmp")
    assert medium.media_type == media_type
    assert medium.mismatch is not None
    assert f"it was said to be {said}" in medium.mismatch
    assert "its name says image/" in medium.mismatch
    assert medium.mismatch.endswith(f"the content is {media_type}")
    assert kind.from_bytes(made[name], media_type).mismatch is None
    assert kind.from_bytes(made[name], "application/octet-stream").mismatch is None


@pytest.mark.parametrize(("name", "words"), [(row[0], row[2]) for row in UNKNOWN], ids=[row[0] for row in UNKNOWN])
def test_the_unknown_is_described(name: str, words: str, made: dict[str, bytes]) -> None:
    content = made[name]
    for kind in (Image, Audio, Video, PDF, Document):
        with pytest.raises(UnreadableMedia, match=words):
            kind.from_bytes(content)
    assert detect(content[:4096]) is None
    encoded = base64.b64encode(content).decode()
    with pytest.raises(MediaError) as caught:
        Image.from_base64(f"data:image/png;base64,{encoded}")
    assert len(encoded) < 40 or encoded[:40] not in str(caught.value)


def test_another_kind_is_named(made: dict[str, bytes]) -> None:
    for name, kind, media_type, _ in KNOWN:
        if media_type.startswith("text/") or media_type == "application/json":
            continue
        for other in (Image, PDF):
            if other is not kind:
                with pytest.raises(
                    UnsupportedMedia, match=f"holds {media_type.replace('+', '.')}.*use {kind.__name__}"
                ):
                    other.from_bytes(made[name])


def test_flavours_that_content_cannot_tell_apart() -> None:
    plain = b"just words"
    assert Document.from_bytes(plain, "text/markdown").media_type == "text/markdown"
    assert Document.from_bytes(plain, name="notes.md").media_type == "text/markdown"
    assert Document.from_bytes(b"a,b\n1,2\n", name="t.csv").media_type == "text/csv"
    assert Document.from_bytes(b"name,age\nann,3\nbob,4\n", "text/plain").media_type == "text/plain"
    assert Document.from_bytes(plain, "application/json").mismatch == (
        "it was said to be application/json, the content is text/plain"
    )


@pytest.mark.parametrize(
    ("name", "kind", "label", "media_type"),
    [
        ("webm, vp8", Audio, "talk.webm", "audio/webm"),
        ("mp4, h264", Audio, "talk.mp4", "audio/mp4"),
        ("m4a", Audio, "talk.mp4", "audio/mp4"),
        ("heic", Image, "photo.heif", "image/heic"),
    ],
)
def test_no_mismatch_between_names_of_one_container(
    name: str, kind: type[Media], label: str, media_type: str, made: dict[str, bytes]
) -> None:
    medium = kind.from_bytes(made[name], name=label)
    assert (medium.media_type, medium.mismatch) == (media_type, None)
