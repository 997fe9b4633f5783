"""Whether a recording or film can be played at all, as far as its container tells: pure Python, a few reads, no sample.

    refuse_silent(medium) ─▶ the row of its type ─▶ nothing, or UnreadableMedia

Each row looks for what no player does without: a description of the sound, and content behind it. Where a file ends too
early `media.whole` has said so before. Oddities that players take (chunks out of step, junk before the first frame, tags
of any size, lengths that were never filled in) pass; what these rows cannot tell is left to the decoder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from ..errors import UnreadableMedia
from ..media import Media

Look = Callable[[BinaryIO, int], str | None]
"""(stream, size) → what is wrong, or None."""

SEARCHED = 1 << 20
"""Bytes behind tags in which the first frame has to be: players give up sooner."""

MAX_STEPS = 100_000

SILENT = "it holds no sound"


def refuse_silent(medium: Media) -> None:
    """Raise for a recording or film that no player would play.

    Raises:
        UnreadableMedia: it lacks its description, or anything behind it.
    """
    look, size = LOOKS.get(medium.media_type or ""), medium.size
    if look is None or size is None:
        return
    with medium.open() as stream:
        problem = look(stream, size)
    if problem:
        raise UnreadableMedia(f"{medium!r} is damaged: {problem}")


def _read(stream: BinaryIO, at: int, count: int) -> bytes:
    stream.seek(at)
    return stream.read(count)


# ── chunks: WAV, AIFF, AVI ───────────────────────────────────────────────────────────────────────


def _chunks(stream: BinaryIO, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and length of each chunk. A chunk that stands a byte too early, for want of padding, is found."""
    at = 12
    for _ in range(MAX_STEPS):
        head = _read(stream, at, 8)
        if len(head) < 8:
            return
        if head[:1] == b"\0" and head[1:5].isascii() and head[1:5].strip().isalnum():
            at, head = at + 1, _read(stream, at + 1, 8)
        length = int.from_bytes(head[4:], "little" if order == "<" else "big")
        yield head[:4], at + 8, length
        after = at + 8 + length
        odd = length % 2
        if odd and _read(stream, after, 4).strip().isalnum() and not _read(stream, after + 1, 4).strip().isalnum():
            odd = 0
        at = after + odd


def _wav(stream: BinaryIO, size: int) -> str | None:
    described = False
    for name, at, length in _chunks(stream, "<"):
        if name == b"fmt ":
            form = _read(stream, at, 16)
            channels, rate = int.from_bytes(form[2:4], "little"), int.from_bytes(form[4:8], "little")
            if length < 14 or not channels or not rate:
                return f"its format says {channels} channels at {rate:,} Hz"
            described = True
        elif name == b"data":
            return None if described else "nothing says how its samples are to be read"
    return SILENT if described else "nothing says how its samples are to be read"


def _aiff(stream: BinaryIO, size: int) -> str | None:
    described = sounding = False
    for name, at, length in _chunks(stream, ">"):
        if name == b"COMM":
            form = _read(stream, at, 8)
            described = bool(int.from_bytes(form[:2], "big")) and len(form) == 8
            if described and not int.from_bytes(form[2:6], "big"):
                return SILENT
        sounding = sounding or (name == b"SSND" and size - at > 8 and length != 8)
    return None if described and sounding else SILENT if described else "nothing says how its samples are to be read"


def _avi(stream: BinaryIO, size: int) -> str | None:
    for name, at, _ in _chunks(stream, "<"):
        if name == b"LIST" and _read(stream, at, 4) == b"movi":
            return None if size - at > 12 else "it holds no frame"
    return "it holds no frame"


# ── frames: FLAC, MP3, AAC, AMR ──────────────────────────────────────────────────────────────────


def _behind_tags(stream: BinaryIO) -> int:
    """Where ID3 tags (id3.org, id3v2.4.0-structure §3.1) end; some files begin with several."""
    at = 0
    for _ in range(16):
        head = _read(stream, at, 10)
        if head[:3] != b"ID3" or len(head) < 10:
            return at
        at += 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]) + (10 if head[5] & 0x10 else 0)
    return at


def _flac(stream: BinaryIO, size: int) -> str | None:
    at = _behind_tags(stream)
    described = False
    if _read(stream, at, 4) == b"fLaC":
        at += 4
        for _ in range(1000):
            head = _read(stream, at, 4)
            if len(head) < 4:
                return SILENT
            if head[0] & 0x7F == 0:  # RFC 9639 §8.2: the rate in 20 bits behind 10 bytes of sizes
                rate = int.from_bytes(_read(stream, at + 14, 3), "big") >> 4
                described = rate > 0
            at += 4 + int.from_bytes(head[1:], "big")
            if head[0] & 0x80:
                break
    if not described:
        return "nothing says how its samples are to be read"
    frames = _read(stream, at, SEARCHED)
    return None if b"\xff\xf8" in frames or b"\xff\xf9" in frames else SILENT


_RATES = (44_100, 48_000, 32_000)
_KBITS = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""(version, layer) → kbit/s of the indices 1 to 14 (ISO/IEC 11172-3 §2.4.2.3, 13818-3 §2.4.2.3)."""


def _mpeg_frame(head: bytes) -> int | None:
    """The length of an MPEG audio frame by its four header bytes; 0 for a free bit rate, None for no frame."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = {3: 1, 2: 2, 0: 4}.get(head[1] >> 3 & 3), 4 - (head[1] >> 1 & 3)
    speed, rate = head[2] >> 4, head[2] >> 2 & 3
    if version is None or layer == 4 or speed == 15 or rate == 3:
        return None
    if not speed:
        return 0
    kbits = _KBITS[min(version, 2), min(layer, 2) if version > 1 else layer][speed - 1]
    hertz, padding = _RATES[rate] // version, head[2] >> 1 & 1
    if layer == 1:
        return (12_000 * kbits // hertz + padding) * 4
    return (72_000 if layer == 3 and version > 1 else 144_000) * kbits // hertz + padding


def _adts_frame(head: bytes) -> int | None:
    """The length of an ADTS frame by its seven header bytes (ISO/IEC 14496-3 §1.A.2.2), None for no frame."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or (head[2] >> 2 & 15) > 12:
        return None
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else None


def _frames(stream: BinaryIO, size: int, frame: Callable[[bytes], int | None]) -> str | None:
    """A frame that is followed by another one, or by the end, or by a tag; before it, only so much else."""
    start = _behind_tags(stream)
    if start >= size:
        return SILENT
    found = _read(stream, start, SEARCHED)
    at = found.find(b"\xff")
    while at >= 0:
        length = frame(found[at : at + 7])
        if length == 0:
            return None
        if length is not None:
            follows = found[at + length : at + length + 7]
            ended = start + at + length >= size or follows[:3] in (b"TAG", b"APE", b"ID3", b"LYR")
            if ended or frame(follows) is not None or (len(follows) < 7 and len(found) == SEARCHED):
                return None
        at = found.find(b"\xff", at + 1)
    return "no frame of sound is found in it"


def _mp3(stream: BinaryIO, size: int) -> str | None:
    return _frames(stream, size, _mpeg_frame)


def _aac(stream: BinaryIO, size: int) -> str | None:
    return None if _read(stream, 0, 4) == b"ADIF" else _frames(stream, size, _adts_frame)


def _amr(stream: BinaryIO, size: int) -> str | None:
    head = _read(stream, 0, 18)
    start = head.find(b"\n") + 1  # RFC 4867 §5: the mark ends with a line feed, frames follow
    return None if size > start else SILENT


# ── containers: Ogg, MP4, Matroska, Flash ────────────────────────────────────────────────────────

OGG_TAIL = 1 << 17
"""Holds at least one whole page: they have 65,307 bytes at most (RFC 3533 §6)."""


def _ogg(stream: BinaryIO, size: int) -> str | None:
    start = max(0, size - OGG_TAIL)
    tail = _read(stream, start, OGG_TAIL)
    at = tail.rfind(b"OggS")
    while at >= 0:
        granule = int.from_bytes(tail[at + 6 : at + 14], "little", signed=True)
        if granule > 0:
            return None
        at = tail.rfind(b"OggS", 0, at)
    return SILENT


def _boxes(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and length of each box at the top (ISO/IEC 14496-12 §4.2)."""
    at = 0
    for _ in range(MAX_STEPS):
        head = _read(stream, at, 16)
        if len(head) < 8:
            return
        length, lead = int.from_bytes(head[:4], "big"), 8
        if length == 1 and len(head) == 16:
            length, lead = int.from_bytes(head[8:], "big"), 16
        length = length or size - at
        if length < lead:
            return
        yield head[4:8], at + lead, length - lead
        at += length


def _mp4(stream: BinaryIO, size: int) -> str | None:
    names = {name for name, _, length in _boxes(stream, size) if length}
    if b"moov" not in names:
        return "its description is missing (no moov box): was the recording finished?"
    return (
        None
        if names & {b"mdat", b"moof", b"free", b"skip", b"wide", b"idat"}
        else "it holds a description and no content"
    )


def _matroska(stream: BinaryIO, size: int) -> str | None:
    found = _read(stream, 0, SEARCHED)
    if len(found) == SEARCHED and size > SEARCHED:
        return None
    return None if b"\x1f\x43\xb6\x75" in found else "it holds a description and no content"  # Cluster, RFC 9559 §5.1.3


def _flash(stream: BinaryIO, size: int) -> str | None:
    return None if size > int.from_bytes(_read(stream, 5, 4), "big") + 4 + 11 else "it holds no frame"


LOOKS: Mapping[str, Look] = {
    "audio/wav": _wav,
    "audio/aiff": _aiff,
    "audio/flac": _flac,
    "audio/mpeg": _mp3,
    "audio/aac": _aac,
    "audio/amr": _amr,
    "audio/ogg": _ogg,
    "audio/mp4": _mp4,
    "audio/webm": _matroska,
    "video/mp4": _mp4,
    "video/quicktime": _mp4,
    "video/3gpp": _mp4,
    "video/webm": _matroska,
    "video/x-matroska": _matroska,
    "video/x-msvideo": _avi,
    "video/x-flv": _flash,
}
"""Media type → what is looked for. Ogg films are not among them: the sound of theirs may begin after their pictures."""
