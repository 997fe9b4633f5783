"""What is measured: one row for each library, one module beside this for each way of working.

A module has `prepare(url, job)`, which makes a client once and returns a function that does the job with the files it is
given: reads them, sends, and returns the validated object; and `stream(url, document)`, which does the same for an answer
that is wanted while it arrives. Some have `crowd(url, job)`, which returns a coroutine function that does the job with the
picture at an address, fetched by the library. All of them ask with a tool call. What a module does is what its library's
documentation tells a user to write; nothing is tuned that the others do not have.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.environments import OURS


@dataclass(frozen=True, slots=True)
class Library:
    """A row: the module `benchmarks.libraries.<module>`, run in an environment."""

    name: str
    label: str
    module: str
    environment: str = OURS


OURS_HTTP = Library("ours_http", "**ours**, own sender", "ours_http")
OURS_SDK = Library("ours_sdk", "**ours**, through the SDK's client", "ours_sdk")
RAW_SDK = Library("raw_sdk", "raw SDK", "raw_sdk")
RAW_PINNED = Library("raw_pinned", "raw SDK, at the existing library's version", "raw_sdk", "existing")
EXISTING = Library("existing", "existing library", "existing", "existing")
FLOOR = Library("floor", "floor: bytes posted, answer validated", "floor")

LIBRARIES = (OURS_HTTP, OURS_SDK, RAW_SDK, RAW_PINNED, EXISTING, FLOOR)
