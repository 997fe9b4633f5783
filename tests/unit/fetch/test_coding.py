"""Content codings: inflated, bounded, or refused."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from instructor.errors import FetchError, MediaTooLarge
from instructor.fetch.coding import decoded

BODY = b"\x89PNG" + bytes(1000)


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (BODY, ""),
        (BODY, "identity"),
        (BODY, " Identity "),
        (gzip.compress(BODY), "gzip"),
        (gzip.compress(BODY), "GZIP"),
        (gzip.compress(BODY), "x-gzip"),
        (zlib.compress(BODY), "deflate"),
        (raw_deflate(BODY), "deflate"),
    ],
)
def test_decoded(body: bytes, coding: str) -> None:
    assert decoded(body, coding, len(BODY)) == BODY


@pytest.mark.parametrize("size", [1000, 1001])
def test_the_limit_is_exact(size: int) -> None:
    body = gzip.compress(bytes(size))
    if size <= 1000:
        assert len(decoded(body, "gzip", 1000)) == size
    else:
        with pytest.raises(MediaTooLarge, match="1,000 bytes once decoded") as caught:
            decoded(body, "gzip", 1000)
        assert caught.value.limit == 1000


@pytest.mark.parametrize(
    ("body", "coding", "words"),
    [
        (BODY, "br", "'br' is not taken"),
        (BODY, "zstd", "is not taken"),
        (gzip.compress(gzip.compress(BODY)), "gzip, gzip", "is not taken"),
        (BODY, "gzip", "not valid gzip"),
        (BODY, "deflate", "not valid deflate"),
        (gzip.compress(BODY)[:-1], "gzip", "cut off"),
        (gzip.compress(BODY)[:12], "gzip", "cut off"),
        (gzip.compress(BODY) + b"more", "gzip", "followed by"),
        (gzip.compress(BODY) * 2, "gzip", "followed by"),
        (b"", "gzip", "cut off"),
    ],
)
def test_refused(body: bytes, coding: str, words: str) -> None:
    with pytest.raises(FetchError, match=words):
        decoded(body, coding, 1_000_000)


def test_a_bomb_takes_no_more_than_the_limit() -> None:
    bomb = gzip.compress(bytes(200_000_000), 9)
    tracemalloc.start()
    try:
        with pytest.raises(MediaTooLarge):
            decoded(bomb, "gzip", 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
