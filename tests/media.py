"""The smallest real media of each type: what every program opens. Made once, some on first use.

    PNG JPEG GIF WEBP TIFF HEIC · WAV MP3 FLAC OGG M4A · MP4 MKV WEBM · PAPER (one page) · TEXT

`recording`, `film`, `paper` and `picture` make others.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

TEXT = b"Widgets cost 42 euros.\n"


def png(colour: tuple[int, int, int] = (200, 30, 30), *, more: bytes = b"") -> bytes:
    """A PNG of one pixel; `more` goes into a private chunk, where readers skip it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    private = chunk(b"raNd", more) if more else b""
    pixels = zlib.compress(b"\0" + bytes(colour))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + private + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def wav(samples: int = 1600, rate: int = 16_000) -> bytes:
    """A WAV file of one channel with a quiet saw."""
    data = b"".join(struct.pack("<h", n % 40 * 50) for n in range(samples))
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def paper(*words: str, before: bytes = b"") -> bytes:
    """A PDF with a page for each of the words (one, where none are given)."""
    texts = words or ("Widgets cost 42 euros",)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(texts)))
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(texts)} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, text in enumerate(texts):
        drawing = f"BT /F1 24 Tf 20 60 Td ({text}) Tj ET"
        bodies += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 100] /Contents {5 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
        ]
    out, places = bytearray(before + b"%PDF-1.7\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out) - len(before))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out) - len(before)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}".encode()
    out += f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def picture(format: str, size: tuple[int, int] = (4, 3), mode: str = "RGB", **options: Any) -> bytes:
    """A picture of one colour, written by Pillow."""
    from PIL import Image

    if format == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    stream = io.BytesIO()
    Image.new(mode, size).save(stream, format, **options)
    return stream.getvalue()


def recording(container: str, codec: str, seconds: float = 0.1, rate: int = 16_000) -> bytes:
    """A recording of a quiet saw, written by PyAV."""
    import av
    import numpy as np

    stream = io.BytesIO()
    with av.open(stream, "w", format=container, options={"fflags": "+bitexact"}) as out:
        track = out.add_stream(codec, rate=rate, layout="mono")
        samples = (np.arange(int(rate * seconds)) % 40 * 50).astype(np.int16).reshape(1, -1)
        resampler = av.AudioResampler(format=track.format, layout="mono", rate=rate)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = rate
        fifo = av.AudioFifo()
        for made in (*resampler.resample(frame), *resampler.resample(None)):
            made.pts = None
            fifo.write(made)
        size, at = track.codec_context.frame_size or 1024, 0
        while piece := fifo.read(size, partial=True):
            piece.pts, piece.time_base = at, Fraction(1, rate)
            at += piece.samples
            out.mux(track.encode(piece))
        out.mux(track.encode(None))
    return stream.getvalue()


def film(container: str, codec: str = "mpeg4", frames: int = 3) -> bytes:
    """A film of so many pictures, written by PyAV."""
    import av
    import numpy as np

    stream = io.BytesIO()
    with av.open(stream, "w", format=container, options={"fflags": "+bitexact"}) as out:
        track = out.add_stream(codec, rate=10)
        track.width, track.height, track.pix_fmt, track.time_base = 32, 32, "yuv420p", Fraction(1, 10)
        for number in range(frames):
            shade = np.full((32, 32, 3), number * 40 % 256, np.uint8)
            out.mux(track.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
        out.mux(track.encode(None))
    return stream.getvalue()


PNG = png()
WAV = wav()
PAPER = paper()

LATER: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: picture("JPEG"),
    "GIF": lambda: picture("GIF"),
    "WEBP": lambda: picture("WEBP", lossless=True),
    "TIFF": lambda: picture("TIFF"),
    "BMP": lambda: picture("BMP"),
    "HEIC": lambda: picture("HEIF", (64, 64)),
    "MP3": lambda: recording("mp3", "libmp3lame"),
    "FLAC": lambda: recording("flac", "flac"),
    "OGG": lambda: recording("ogg", "libopus"),
    "M4A": lambda: recording("ipod", "aac"),
    "AIFF": lambda: recording("aiff", "pcm_s16be"),
    "MP4": lambda: film("mp4"),
    "MKV": lambda: film("matroska"),
    "WEBM": lambda: film("webm", "libvpx"),
}
"""What is made on first use, since that takes a library."""


@cache
def _made(name: str) -> bytes:
    return LATER[name]()


def __getattr__(name: str) -> bytes:
    if name in LATER:
        return _made(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
