"""Files of every kind that is told apart, made by the libraries that write such files."""

from __future__ import annotations

import io
import wave
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import av
import numpy as np
import pillow_heif
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

# ── pictures ─────────────────────────────────────────────────────────────────────────────────────


def drawn(format: str, mode: str = "RGB", size: tuple[int, int] = (8, 6), **options: Any) -> Callable[[], bytes]:
    def make() -> bytes:
        stream = io.BytesIO()
        Pillow.new(mode, size).save(stream, format, **options)
        return stream.getvalue()

    return make


def animated(format: str) -> Callable[[], bytes]:
    def make() -> bytes:
        frames = [Pillow.new("RGB", (8, 6), colour) for colour in ("red", "green", "blue")]
        stream = io.BytesIO()
        frames[0].save(stream, format, save_all=True, append_images=frames[1:], duration=50, loop=0)
        return stream.getvalue()

    return make


def commented() -> bytes:
    """A PNG that begins with much text."""
    notes = PngInfo()
    notes.add_text("Comment", "<svg> %PDF-1.4 ID3 RIFF WAVE " * 400)
    return drawn("PNG", pnginfo=notes)()


def heif(kind: str, frames: int = 1) -> Callable[[], bytes]:
    def make() -> bytes:
        stream = io.BytesIO()
        file = pillow_heif.from_pillow(Pillow.new("RGB", (64, 64), "red"))
        for _ in range(frames - 1):
            file.add_from_pillow(Pillow.new("RGB", (64, 64), "blue"))
        file.save(stream, format=kind)
        return stream.getvalue()

    return make


# ── sound and pictures in motion ─────────────────────────────────────────────────────────────────

SOUND = {"rate": 16_000}


def recorded(format: str, codec: str, rate: int = 16_000, layout: str = "mono", **options: str) -> Callable[[], bytes]:
    return lambda: filmed(format, sound=codec, rate=rate, layout=layout, options=options)


def film(format: str, codec: str, sound: str | None = None, **options: str) -> Callable[[], bytes]:
    return lambda: filmed(format, codec, sound, options=options)


@cache
def _pixels() -> Any:
    return np.zeros((48, 64, 3), dtype=np.uint8)


def filmed(
    format: str,
    pictures: str | None = None,
    sound: str | None = None,
    rate: int = 16_000,
    layout: str = "mono",
    options: Mapping[str, str] = {},
) -> bytes:
    """A container with a few frames and a tenth of a second of silence."""
    stream = io.BytesIO()
    with av.open(stream, "w", format=format, options=dict(options)) as out:
        shown: Any = None
        heard: Any = None
        if pictures:
            shown = out.add_stream(pictures, rate=25)
            shown.width, shown.height = (176, 144) if pictures == "h263" else (64, 48)
            shown.pix_fmt = "yuv420p"
        if sound:
            heard = out.add_stream(sound, rate=rate)
            heard.layout = layout
            heard.bit_rate = 64_000
        if shown is not None:
            for _ in range(3):
                out.mux(shown.encode(av.VideoFrame.from_ndarray(_pixels(), format="rgb24").reformat(
                    shown.width, shown.height, "yuv420p")))  # fmt: skip
            out.mux(shown.encode(None))
        if heard is not None:
            resampler = av.AudioResampler(format=heard.format.name, layout=layout, rate=rate,
                                          frame_size=heard.codec_context.frame_size or None)  # fmt: skip
            channels = 2 if layout == "stereo" else 1
            silence = av.AudioFrame.from_ndarray(
                np.zeros((1, rate // 5 * channels), dtype=np.int16), format="s16", layout=layout)  # fmt: skip
            silence.sample_rate = rate
            for frame in [*resampler.resample(silence), *resampler.resample(None)]:
                out.mux(heard.encode(frame))
            out.mux(heard.encode(None))
    return stream.getvalue()


def wav(width: int = 2, channels: int = 1, seconds: float = 0.05) -> Callable[[], bytes]:
    def make() -> bytes:
        stream = io.BytesIO()
        with wave.open(stream, "wb") as out:
            out.setnchannels(channels)
            out.setsampwidth(width)
            out.setframerate(8000)
            out.writeframes(bytes(int(8000 * seconds) * width * channels))
        return stream.getvalue()

    return make


def tagged(make: Callable[[], bytes], size: int = 100) -> Callable[[], bytes]:
    """Content behind an ID3v2 tag of that many bytes."""

    def tag() -> bytes:
        length = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
        return b"ID3\x04\0\0" + length + bytes(size) + make()

    return tag


# ── documents ────────────────────────────────────────────────────────────────────────────────────


def paper(before: bytes = b"", pages: int = 1) -> Callable[[], bytes]:
    def make() -> bytes:
        import pypdfium2

        document = pypdfium2.PdfDocument.new()
        for _ in range(pages):
            document.new_page(200, 100)
        stream = io.BytesIO()
        document.save(stream)
        document.close()
        return before + stream.getvalue()

    return make


def archive(*entries: tuple[str, bytes], stored: str = "") -> Callable[[], bytes]:
    """A ZIP archive; the entry `stored` is not compressed."""

    def make() -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
            for name, data in entries:
                out.writestr(name, data, zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED)
        return stream.getvalue()

    return make


TYPES = ("[Content_Types].xml", b"<Types/>")
RELS = ("_rels/.rels", b"<Relationships/>")


def office(main: str, first: bytes = b"") -> Callable[[], bytes]:
    """A file of an office program, its main part behind so much else."""
    rest = (("docProps/thumbnail.jpeg", first),) if first else ()
    return archive(TYPES, RELS, *rest, (main, b"<x/>"), stored="docProps/thumbnail.jpeg")


def opened(media_type: str) -> Callable[[], bytes]:
    entries = (("mimetype", media_type.encode()), ("META-INF/manifest.xml", b"<m/>"), ("content.xml", b"<c/>"))
    return archive(*entries, stored="mimetype")
