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

from dataclasses import dataclass

from benchmarks.environments import OURS

CALLS = frozenset({"prepare", "aprepare"})
SOURCES = frozenset({"bytes", "base64", "url"})
"""Beside paths: how pictures may be given to `prepare`. Who is given an address has to fetch it."""


@dataclass(frozen=True, slots=True)
class Library:
    """A row: the module `benchmarks.libraries.<module>`, run in an environment; `does` names its functions, beside them
    the sources it takes, and "retries" where it asks again by itself."""

    name: str
    label: str
    module: str
    environment: str = OURS
    does: frozenset[str] = CALLS


OURS_HTTP = Library(
    "ours_http",
    "**ours**, own sender",
    "ours_http",
    does=CALLS | SOURCES | {"stream", "crowd", "retries", "encode", "sniff"},
)
OURS_SDK = Library(
    "ours_sdk",
    "**ours**, through the SDK's client",
    "ours_sdk",
    does=CALLS | SOURCES | {"stream", "crowd", "retries", "alone"},
)
RAW_SDK = Library("raw_sdk", "raw SDK", "raw_sdk", does=CALLS | SOURCES | {"stream", "encode"})
RAW_PINNED = Library("raw_pinned", "raw SDK, at the existing library's version", "raw_sdk", "existing")
EXISTING = Library(
    "existing",
    "existing library",
    "existing",
    "existing",
    CALLS | {"bytes", "base64", "stream", "retries", "alone", "encode"},
)
PYDANTIC_AI = Library(
    "pydantic_ai", "pydantic-ai", "pydantic_ai", "pydantic_ai", CALLS | {"bytes", "url", "stream", "retries"}
)
LITELLM = Library("litellm", "LiteLLM", "litellm", "litellm", CALLS | {"stream"})
LANGCHAIN = Library("langchain", "LangChain", "langchain", "langchain", CALLS | {"stream"})
FLOOR = Library(
    "floor",
    "floor: bytes posted, answer validated",
    "floor",
    does=CALLS | SOURCES | {"stream", "crowd", "alone", "encode", "sniff"},
)

LIBRARIES = (OURS_HTTP, OURS_SDK, RAW_SDK, RAW_PINNED, EXISTING, PYDANTIC_AI, LITELLM, LANGCHAIN, FLOOR)
