"""Content codings of HTTP bodies, bounded.

    identity   as it is          gzip · x-gzip · deflate   inflated, never past the limit          others   refused

Requests ask for `identity`; some stores send what they keep regardless. A body is one stream: what follows its end is
refused, so that time and memory stay in proportion to the limit.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from ..errors import FetchError, MediaTooLarge

# `wbits` of zlib. "deflate" is the zlib format (RFC 9110 §8.4.1.2); some servers send the bare stream.
_WBITS: Mapping[str, tuple[int, ...]] = {
    "gzip": (16 + zlib.MAX_WBITS,),
    "x-gzip": (16 + zlib.MAX_WBITS,),
    "deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS),
}


def is_identity(coding: str) -> bool:
    """Whether a `Content-Encoding` header leaves the body as it is."""
    return coding.strip().lower() in ("", "identity")


def decoded(body: bytes, coding: str, max_bytes: int) -> bytes:
    """The body without its content coding.

    Raises:
        MediaTooLarge: it is larger than `max_bytes`.
        FetchError: the coding is unknown, or the body damaged or cut off.
    """
    if is_identity(coding):
        return body
    layouts = _WBITS.get(coding.strip().lower())
    if layouts is None:
        raise FetchError(f"the content coding {coding!r:.40} is not taken")
    for wbits in layouts:
        stream = zlib.decompressobj(wbits)
        try:
            data = stream.decompress(body, max_bytes + 1)
        except zlib.error:
            continue
        if len(data) > max_bytes:
            raise MediaTooLarge(f"over {max_bytes:,} bytes once decoded (MediaPolicy.max_bytes)", limit=max_bytes)
        if stream.eof and not stream.unused_data:
            return data
        raise FetchError(f"the {coding.strip()} body is cut off or followed by other data")
    raise FetchError(f"the body is not valid {coding.strip()}")
