"""Objects of other libraries that hold media: open files, Pillow's pictures, NumPy's arrays.

taken(source)            an open file → Blob or File
is_object(source)        whether a value is one of them, without importing their libraries
png(picture), pixels(array)    a picture → PNG        wav(samples, rate)    samples → WAV

Pillow and NumPy are imported on use; a caller who holds such an object has them.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from typing import Any

from ..errors import MissingExtra, UnreadableMedia
from ._content import Content
from ._origin import Blob, File

MAX_CHANNELS = 8
"""More of them in an array of samples are held to be time."""

NO_WHOLE_FRAMES = 1.01
"""Samples may pass full scale by as much as rounding brings about."""


def is_file(source: object) -> bool:
    """Whether it is an open file, or something that is read like one."""
    return callable(getattr(source, "read", None)) and not isinstance(source, type | os.PathLike | Content)


def is_picture(source: object) -> bool:
    """Whether it is a picture of Pillow's."""
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(source, pillow.Image)


def is_array(source: object) -> bool:
    """Whether it is an array of NumPy's."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(source, numpy.ndarray)


def is_object(source: object) -> bool:
    """Whether it is any of these."""
    return is_picture(source) or is_array(source) or is_file(source)


# ── open files ───────────────────────────────────────────────────────────────────────────────────


def taken(file: Any) -> tuple[Blob | File, str | None]:
    """What an open file holds from where it stands, and its name.

    A file of the disk that is open for reading only and stands at its start is not read: its path stands for it.
    Others are read to their end, and not closed.

    Raises:
        UnreadableMedia: it is open as text, holds nothing more, or cannot be read.
    """
    name = getattr(file, "name", None)
    name = os.fspath(name) if isinstance(name, str | os.PathLike) else None
    label = os.path.basename(name) if isinstance(name, str) and not name.startswith("<") else None
    if place := _of_disk(file, name):
        return place, label
    try:
        data = file.read()
    except (OSError, ValueError) as error:
        raise UnreadableMedia(f"the open file cannot be read: {error}") from error
    if isinstance(data, str):
        raise UnreadableMedia("the file is open as text: open it with mode 'rb'")
    if hasattr(data, "__await__"):
        getattr(data, "close", lambda: None)()
        raise UnreadableMedia("the file is read asynchronously: pass what `await file.read()` gives")
    if not isinstance(data, bytes | bytearray | memoryview):
        raise UnreadableMedia(f"the file gives {type(data).__name__}, not bytes")
    if not data:
        raise UnreadableMedia("the open file is empty, or has been read to its end: file.seek(0) takes it back")
    return Blob(bytes(data)), label


def _of_disk(file: object, name: object) -> File | None:
    """The file on the disk that stands for an open one, if it does."""
    if not (isinstance(file, io.BufferedReader) and isinstance(file.raw, io.FileIO) and isinstance(name, str)):
        return None
    try:
        status, there = os.fstat(file.fileno()), os.stat(name)
        start = file.tell() == 0
    except (OSError, ValueError):
        return None
    same = (status.st_dev, status.st_ino) == (there.st_dev, there.st_ino)
    if not (same and start and stat.S_ISREG(status.st_mode) and status.st_size):
        return None
    return File(os.path.abspath(name), status.st_size, status.st_mtime_ns)


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────


def _need(module: str, purpose: str) -> Any:
    from importlib import import_module

    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = {"PIL": "pillow"}.get(module.partition(".")[0], module)
        raise MissingExtra(package, "fit", purpose) from error


_PNG_MODES = frozenset({"1", "L", "LA", "I;16", "P", "RGB", "RGBA"})


def png(picture: Any, **options: Any) -> bytes:
    """A picture of Pillow's as PNG, the way up that its EXIF data say; of an animation, the frame it stands at."""
    ops = _need("PIL.ImageOps", "encode pictures")
    if not is_picture(picture):
        raise UnreadableMedia(f"from_pil takes a picture of Pillow's, not {type(picture).__name__}")
    if 0 in picture.size:
        raise UnreadableMedia("the picture has no pixels")
    stream = io.BytesIO()
    try:
        upright = ops.exif_transpose(picture)
        if upright.mode == "F":
            raise UnreadableMedia("a picture of floating-point values has no scale: convert it to mode 'L' or 'RGB'")
        if upright.mode not in _PNG_MODES:
            wider = {"I": "I;16", "La": "LA", "PA": "RGBA", "RGBa": "RGBA", "I;16B": "I;16", "I;16L": "I;16"}
            upright = upright.convert(wider.get(upright.mode, "RGB"))
            upright.info.pop("icc_profile", None)  # it spoke of the colours as they were
        upright.save(stream, "PNG", exif=b"", **options)
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, UnreadableMedia):
            raise
        raise UnreadableMedia(f"the picture cannot be encoded: {error}") from error
    return stream.getvalue()


def pixels(array: Any, order: str = "rgb") -> bytes:
    """An array of pixels as PNG: height × width, or height × width × 1, 3 or 4; 8 or 16 bits, bool, or 0 to 1."""
    numpy = _need("numpy", "read arrays")
    pillow = _need("PIL.Image", "encode pictures")
    if order not in ("rgb", "bgr"):
        raise UnreadableMedia(f"order is 'rgb' or 'bgr', not {order!r:.40}")
    values = numpy.asarray(array)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    if values.size == 0 or values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (3, 4)):
        turned = ": move the channels last" if values.ndim == 3 and values.shape[0] in (1, 3, 4) else ""
        raise UnreadableMedia(
            f"an array of pixels is height × width, or height × width × 1, 3 or 4, not {_shape(values)}{turned}"
        )
    values = _eight_bits(numpy, values)
    if order == "bgr" and values.ndim == 3:
        values = values[:, :, [2, 1, 0, *range(3, values.shape[2])]]
    stream = io.BytesIO()
    pillow.fromarray(numpy.ascontiguousarray(values)).save(stream, "PNG")
    return stream.getvalue()


def _eight_bits(numpy: Any, values: Any) -> Any:
    """Pixels as PNG can hold them: 8 bits, or 16 of a single channel."""
    kind = values.dtype.kind
    if kind == "b":
        return values.astype(numpy.uint8) * 255
    if kind == "f":
        if not numpy.isfinite(values).all() or values.min() < 0 or values.max() > 1:
            raise UnreadableMedia(
                "pixels as floating-point numbers go from 0 to 1; these do not: scale them, or pass uint8"
            )
        return numpy.rint(values * 255).astype(numpy.uint8)
    if values.dtype == numpy.uint8:
        return values
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        return values.astype("<u2") if values.ndim == 2 else (values >> 8).astype(numpy.uint8)
    if kind in "iu" and values.min() >= 0 and values.max() <= 255:
        return values.astype(numpy.uint8)
    raise UnreadableMedia(f"pixels are uint8, uint16, bool, or floating-point from 0 to 1, not {values.dtype}")


def _shape(values: Any) -> str:
    return " × ".join(str(length) for length in values.shape) or "a single value"


# ── sound ────────────────────────────────────────────────────────────────────────────────────────


def wav(samples: Any, rate: int) -> bytes:
    """Samples as WAV (PCM): one channel, samples × channels, or channels × samples; integers, or −1 to 1."""
    numpy = _need("numpy", "read arrays")
    if type(rate) is not int or not 0 < rate < 1_000_000:
        raise UnreadableMedia(f"sample_rate is a whole number of samples for each second, not {rate!r:.40}")
    values = numpy.asarray(samples)
    if values.ndim == 2 and values.shape[1] > MAX_CHANNELS >= values.shape[0]:
        values = values.T
    if values.ndim not in (1, 2) or (values.ndim == 2 and not 0 < values.shape[1] <= MAX_CHANNELS):
        raise UnreadableMedia(
            f"samples are one channel, or samples × channels (at most {MAX_CHANNELS}), not {_shape(values)}"
        )
    if values.size == 0:
        raise UnreadableMedia("the recording has no samples")
    values = _pcm(numpy, values)
    channels, width = (values.shape[1] if values.ndim == 2 else 1), values.dtype.itemsize
    body: bytes = numpy.ascontiguousarray(values).tobytes()
    form = b"".join(
        number.to_bytes(length, "little")
        for number, length in (
            (1, 2), (channels, 2), (rate, 4), (rate * channels * width, 4), (channels * width, 2), (width * 8, 2),
        )
    )  # fmt: skip
    padded = body + b"\0" * (len(body) % 2)
    rest = b"WAVEfmt " + (16).to_bytes(4, "little") + form + b"data" + len(body).to_bytes(4, "little") + padded
    return b"RIFF" + len(rest).to_bytes(4, "little") + rest


def _pcm(numpy: Any, values: Any) -> Any:
    kind, width = values.dtype.kind, values.dtype.itemsize
    if kind == "f":
        if not numpy.isfinite(values).all():
            raise UnreadableMedia("the samples hold values that are not numbers")
        if (peak := float(numpy.abs(values).max())) > NO_WHOLE_FRAMES:
            raise UnreadableMedia(f"samples as floating-point numbers go from -1 to 1; the largest here is {peak:g}")
        return numpy.rint(numpy.clip(values, -1, 1) * 32767).astype("<i2")
    if (kind == "i" and width in (2, 4)) or (kind == "u" and width == 1):
        return values.astype(values.dtype.newbyteorder("<"))
    raise UnreadableMedia(f"samples are int16, int32, uint8, or floating-point from -1 to 1, not {values.dtype}")
