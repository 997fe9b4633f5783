"""Small files of many kinds, without suffix: what each begins with, then noise."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from .work import PICTURE, SMALL_JPEG

BYTES = 6_000


def _box(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0" + brand + b"mp42"


def _riff(form: bytes, rest: bytes = b"") -> bytes:
    return b"RIFF" + (BYTES - 8).to_bytes(4, "little") + form + rest


WAVE = b"fmt \x10\0\0\0\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0data" + (BYTES - 44).to_bytes(4, "little")
BEGINNINGS: Mapping[str, bytes] = {
    "jpeg": SMALL_JPEG,
    "png": PICTURE,
    "gif": b"GIF89a\1\0\1\0\0\0\0",
    "webp": _riff(b"WEBP", b"VP8 \x10\0\0\0\x30\1\0\x9d\1\x2a\1\0\1\0"),
    "bmp": b"BM" + BYTES.to_bytes(4, "little") + bytes(8) + b"\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0" + bytes(24),
    "tiff": b"II*\0\x08\0\0\0",
    "heic": _box(b"heic"),
    "avif": _box(b"avif"),
    "pdf": b"%PDF-1.7\n",
    "wav": _riff(b"WAVE", WAVE),
    "mp3": b"ID3\4\0\0\0\0\0\0\xff\xfb\x90\x64",
    "flac": b"fLaC\0\0\0\x22",
    "ogg": b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead\1\1",
    "m4a": _box(b"M4A "),
    "mp4": _box(b"isom"),
    "mov": _box(b"qt  "),
    "webm": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\xf7\x81\1\x42\xf2\x81\4\x42\xf3\x81\x08\x42\x82\x84webm",
    "avi": _riff(b"AVI ", b"LIST"),
}


def files(folder: Path, count: int) -> Sequence[str]:
    """So many files, of all kinds in turn."""
    home, noise = folder / f"kinds-{count}", random.Random(0)
    home.mkdir(exist_ok=True)
    contents = list(BEGINNINGS.values())
    places = [home / str(number) for number in range(count)]
    for number, place in enumerate(places):
        beginning = contents[number % len(contents)]
        place.write_bytes(beginning + noise.randbytes(BYTES - len(beginning)))
    return list(map(str, places))
