"""Remembering answers: what a request is called, what is kept of its answer, and the flow that looks there first.

    Request ─▶ key ─▶ [Load] ── an entry ─▶ Reply ─▶ read and validated anew ─▶ Outcome            (cache:hit)
                        └ none, or no longer valid ─▶ the model is asked ─▶ valid ─▶ pack ─▶ [Keep]

    key      the request's name: a digest of all that decides the answer
    entry    a reply as JSON, and back
    use      what `cache=` means, and the flow

A cache that fails breaks no call: hooks of `cache:error` are told, and it is logged. Where things are kept is for
`instructor.cache`; nothing here touches the disk or the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._later import homes, later

if TYPE_CHECKING:
    from .entry import pack, pieces, unpack
    from .key import SECRET_NAMES, key_of, named
    from .use import Flights, Memo, given, keep, kept, lasting, memory, place_of, through
else:
    __getattr__ = later(
        __name__,
        homes(
            entry="pack pieces unpack",
            key="SECRET_NAMES key_of named",
            use="Flights Memo given keep kept lasting memory place_of through",
        ),
    )

__all__ = [
    "SECRET_NAMES",
    "Flights",
    "Memo",
    "given",
    "keep",
    "kept",
    "key_of",
    "lasting",
    "memory",
    "named",
    "pack",
    "pieces",
    "place_of",
    "through",
    "unpack",
]
