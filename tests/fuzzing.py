"""Media with something wrong in them, by the thousand, through sniffing and fitting.

    python -m tests.fuzzing <group> <count>      prints what came of it as JSON; a crash of a native library ends it

Deterministic: the same seeds, the same mutations. Nothing but our own errors about media may come out, in bounded time and
memory. It runs in a process of its own, so that a crash is a failed test and not the end of all tests.
"""

from __future__ import annotations

import faulthandler
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from instructor import PDF, Audio, Document, Fit, Image, Media, Video
from instructor.errors import MediaError
from instructor.media import of_any_kind

from . import media, office


def _later(name: str) -> Callable[[], bytes]:
    return lambda: getattr(media, name)


GROUPS: Mapping[str, Mapping[str, Callable[[], bytes]]] = {
    "pictures": {
        "png": lambda: media.picture("PNG", (24, 18)),
        "jpeg": lambda: media.picture(
            "JPEG", (24, 18), exif=b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"
        ),
        "gif": lambda: media.picture("GIF", (24, 18)),
        "webp": lambda: media.picture("WEBP", (24, 18), "RGBA"),
        "tiff": lambda: media.picture("TIFF", (24, 18)),
        "bmp": lambda: media.picture("BMP", (24, 18)),
        "heic": _later("HEIC"),
        "avif": lambda: media.picture("AVIF", (24, 18)),
        "ico": lambda: media.picture("ICO", (32, 32)),
        "svg": lambda: (
            b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="9" height="9"/></svg>'
        ),
    },
    "papers": {"pdf": lambda: media.paper("one", "two")},
    "sounds": {
        "wav": lambda: media.wav(400),
        "mp3": _later("MP3"),
        "flac": _later("FLAC"),
        "ogg": _later("OGG"),
        "m4a": _later("M4A"),
        "aiff": _later("AIFF"),
        "adts": lambda: media.recording("adts", "aac"),
    },
    "films": {"mp4": _later("MP4"), "mkv": _later("MKV"), "webm": _later("WEBM"), "avi": lambda: media.film("avi")},
    "documents": {
        **office.MAKERS,
        "csv": lambda: b"a,b,c\n1,2,3\n4,5,6\n",
        "json": lambda: b'{"a": [1, 2, {"b": null}]}',
    },
}
"""Group → name → a small file of that type."""

TAKERS: Mapping[type[Media], tuple[str, ...]] = {
    Image: ("openai/gpt-6", "anthropic/claude-haiku-4-5"),
    PDF: ("openai/gpt-6", "cohere/command-a-03-2025"),
    Audio: ("gemini/gemini-3", "openai/gpt-audio"),
    Video: ("gemini/gemini-3", "anthropic/claude-haiku-4-5"),
    Document: ("anthropic/claude-haiku-4-5", "bedrock/amazon.nova-pro-v1:0"),
}
"""Kind → one that takes it, mostly, and one that wants it changed, mostly."""

WISHES = (
    Fit.AUTO,
    Fit(max_side=8, max_frames=2),
    Fit(start=0.02),
    Fit(pages="1", keep_metadata=True, mono=True),
    Fit.STRICT,
)


class Untyped(Exception):
    """Something other than an error about media came out."""


def mutated(seed: bytes, other: bytes, chance: random.Random) -> bytes:
    """The file with something wrong in it: bits, bytes, lengths, pieces that are gone, doubled, moved, or another's."""
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 4, 12))):
        size = len(data)
        if not size:
            break
        at = chance.randrange(min(size, 256)) if chance.random() < 0.5 else chance.randrange(size)
        end = min(size, at + chance.randrange(1, 64))
        match chance.randrange(8):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
            case 2:
                width = chance.choice((2, 4, 8))
                value = chance.choice((b"\0", b"\xff", b"\x7f")) * width
                data[at : at + width] = value
            case 3:
                del data[at:end]
            case 4:
                data[at:at] = data[at:end] * chance.choice((1, 2, 50))
            case 5:
                del data[max(at, 12) :]
            case 6:
                start = chance.randrange(len(other))
                data[at:end] = other[start : start + 200]
            case _:
                data += chance.randbytes(chance.randrange(1, 300))
    return bytes(data)


def cases(group: str, count: int) -> Iterator[tuple[str, bytes, random.Random]]:
    """So many mutated files of a group, in turn."""
    seeds = {name: make() for name, make in GROUPS[group].items()}
    names = list(seeds)
    for number in range(count):
        name = names[number % len(names)]
        chance = random.Random(f"{group} {number}")
        yield name, mutated(seeds[name], seeds[chance.choice(names)], chance), chance


def outcome(content: bytes, chance: random.Random) -> str:
    """What became of one file: the class of error, or that it could be sent."""
    try:
        medium = of_any_kind(content)
        model, wish = chance.choice(TAKERS[type(medium)]), chance.choice(WISHES)
        for made in medium.fit(model, wish).media:
            assert made.size
    except MediaError as error:
        if len(str(error)) > 4000:
            raise Untyped("an error that quotes its content") from error
        return type(error).__name__
    return "sent"


def run(group: str, count: int) -> dict[str, Any]:
    """What came of all of them, the slowest and how much memory it took."""
    came: Counter[str] = Counter()
    slowest, which, before = 0.0, "", 0
    for number, (name, content, chance) in enumerate(cases(group, count)):
        start = time.perf_counter()
        try:
            came[outcome(content, chance)] += 1
        except Exception as error:
            raise Untyped(f"{group} {number} ({name}): {type(error).__name__}: {error}") from error
        took = time.perf_counter() - start
        if number >= len(GROUPS[group]) * 5 and took > slowest:  # by then everything is loaded
            slowest, which = took, f"{number} ({name})"
        if number == len(GROUPS[group]) * 5:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scale = 1 if sys.platform == "darwin" else 1024
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * scale
    return {"came": dict(came), "slowest": slowest, "which": which, "grown": grown}


if __name__ == "__main__":
    faulthandler.enable()
    print(json.dumps(run(sys.argv[1], int(sys.argv[2]))))
