"""What is measured: one row for each library, one module beside this for each way of working.

    prepare(url, job)      makes a client once and returns a function that does the job with the files it is given: sends
                           them with the messages, and returns the validated object
    aprepare(url, job)     the same, asynchronous
    stream(url, document)  the same for an answer that is wanted while it arrives
    crowd(url, job)        a coroutine function that does the job with the picture at an address, fetched by the library
    alone(url, job)        as prepare, with the SDK's client replaced by a stub: what is left is the library
    encode(url, job)       the part of a message that a file becomes; nothing is sent
    sniff(url, job)        what every one of the files is, by its content

A module has those that its row names. All of them ask with a tool call. What a module does is what its library's
documentation tells a user to write; nothing is tuned that the others do not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.environments import OURS

CALLS = frozenset({"prepare", "aprepare"})
SOURCES = frozenset({"bytes", "base64", "url"})
"""Beside paths: how pictures may be given to `prepare`. Who is given an address has to fetch it."""
RETRIES = "retries"
EVERYTHING = CALLS | SOURCES | {RETRIES, "stream", "crowd", "alone", "encode", "sniff"}


@dataclass(frozen=True, slots=True)
class Library:
    """A row: the module `benchmarks.libraries.<module>`, run in an environment. `lacks` says of functions and sources that it
    does not have, and of "retries" where it does not ask again by itself, why: the page tells it where the library's row
    would be. A reason that is empty is not told: another row stands for the library's. `most`: bytes that it takes at most
    from a source, by a limit of its own."""

    name: str
    label: str
    module: str
    environment: str = OURS
    lacks: Mapping[str, str] = field(default_factory=dict, hash=False)
    most: Mapping[str, int] = field(default_factory=dict, hash=False)

    @property
    def does(self) -> frozenset[str]:
        """Its functions, the sources it takes, and "retries"."""
        return EVERYTHING - self.lacks.keys()


BY_SUFFIX = "no look into files for what they are"
HANDED_ON = "addresses are handed to the provider, unread"
BY_HAND = "base64 is the caller's to make, as in the row by hand"
NO_FEEDBACK = "nothing is asked again with what was wrong"
NO_STUB = "no place for the stub of a synchronous SDK client"

OURS_HTTP = Library("ours_http", "**ours**, own sender", "ours_http", lacks={"alone": "no SDK's client to replace"})
OURS_SDK = Library(
    "ours_sdk",
    "**ours**, through the SDK's client",
    "ours_sdk",
    lacks={"encode": "", "sniff": ""},
)
RAW_SDK = Library(
    "raw_sdk",
    "raw SDK",
    "raw_sdk",
    lacks={RETRIES: NO_FEEDBACK, "alone": "nothing left without its client", "sniff": BY_SUFFIX},
)
RAW_PINNED = Library(
    "raw_pinned",
    "raw SDK, at the existing library's version",
    "raw_sdk",
    "existing",
    dict.fromkeys(EVERYTHING - CALLS, ""),
)
EXISTING = Library(
    "existing",
    "existing library",
    "existing",
    "existing",
    {"sniff": "files are told apart by their suffix"},
    most={"url": 20 * 1024**2},
)
PYDANTIC_AI = Library(
    "pydantic_ai",
    "pydantic-ai",
    "pydantic_ai",
    "pydantic_ai",
    {"alone": NO_STUB, "encode": "files are encoded within a call, with the standard library", "sniff": BY_SUFFIX},
    most={"url": 50 * 1024**2},
)
LITELLM = Library(
    "litellm",
    "LiteLLM",
    "litellm",
    "litellm",
    {
        "url": HANDED_ON,
        "crowd": HANDED_ON,
        RETRIES: NO_FEEDBACK,
        "alone": NO_STUB,
        "encode": BY_HAND,
        "sniff": BY_SUFFIX,
    },
)
LANGCHAIN = Library("langchain", "LangChain", "langchain", "langchain", LITELLM.lacks)
FLOOR = Library("floor", "floor: bytes posted, answer validated", "floor", lacks={RETRIES: "asked once"})

LIBRARIES = (OURS_HTTP, OURS_SDK, RAW_SDK, RAW_PINNED, EXISTING, PYDANTIC_AI, LITELLM, LANGCHAIN, FLOOR)
