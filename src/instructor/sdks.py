"""Providers' own SDKs: how the caller's client of one sends, and whose client something is.

    kind_of(rows, client) ─▶ the row, and whether the client is a synchronous or an asynchronous one
    ROWS                     the rows of OpenAI's and Anthropic's SDKs, by provider

A row stands where its provider does. The two here are known without their dialects, which are loaded with the first call: these
SDKs are imported so soon that it would show beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from .errors import InstructorError, WrongClient
from .values import dataclass, replace


class Bridge(Protocol):
    """How an SDK's client is driven that is not of the kind that OpenAI's and Anthropic's are.

    What the client gives may be awaitable or an asynchronous iterable: the driver asks for one or the other.
    """

    @property
    def raw_bytes(self) -> bool:
        """Whether media go to the client as bytes, not as base64 text."""
        ...

    def call(
        self, client: Any, wire: dict[str, Any], *, streaming: bool, asynchronous: bool, timeout: float | None
    ) -> Any:
        """Start a request: the SDK's answer, or its events as they arrive, or an awaitable of either."""
        ...

    # A bridge whose client blocks says `blocks = True`: driven asynchronously, it is called in threads.

    def json(self, raw: Any) -> Mapping[str, Any]:
        """The SDK's answer or event as the JSON that the HTTP API has for it."""
        ...

    def error(self, error: Exception) -> tuple[int, Any, Mapping[str, str]] | InstructorError | None:
        """What an exception means: (status, body, headers), one of our errors, or None if it is not the SDK's."""
        ...


@dataclass(frozen=True, slots=True)
class Post:
    """What an SDK's `method` comes to: a POST to `path`, answered with an object of the class `kind` (`"module:name"`).

    True of clients whose class bears one of the names of `classes`; others make more of the request than its JSON.
    """

    path: str
    kind: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sdk:
    """How an SDK's own client sends: the name of its package and our extra, and its classes.

    `method` is the client's method that takes the wire dict's entries as keyword arguments, where the SDK is made by
    the generator that OpenAI's and Anthropic's are made by; another one has a `bridge`. A class that is among both
    `sync_classes` and `async_classes` is either, as the caller says. With a `post`, prepared bodies are posted where that
    is the same for the client.
    """

    package: str
    extra: str
    sync_classes: tuple[str, ...]
    async_classes: tuple[str, ...]
    method: str = ""
    bridge: Bridge | None = None
    post: Post | None = None


OPENAI = Sdk(
    "openai",
    "openai",
    ("OpenAI", "AzureOpenAI"),
    ("AsyncOpenAI", "AsyncAzureOpenAI"),
    "chat.completions.create",
    post=Post("/chat/completions", "openai.types.chat:ChatCompletion", ("OpenAI", "AsyncOpenAI")),
)
RESPONSES = replace(
    OPENAI,
    method="responses.create",
    post=Post("/responses", "openai.types.responses:Response", ("OpenAI", "AsyncOpenAI")),
)


def _anthropic(*classes: str) -> Sdk:
    return Sdk("anthropic", "anthropic", classes, tuple(f"Async{name}" for name in classes), "messages.create")


CLOUDS: Mapping[str, str] = {
    "AnthropicBedrock": "anthropic-bedrock",
    "AnthropicBedrockMantle": "anthropic-bedrock-mantle",
    "AnthropicGoogleCloud": "anthropic-google-cloud",
    "AnthropicVertex": "anthropic-vertex",
}
"""Classes of Anthropic's SDK for clouds with limits of their own, and the provider that each is."""

ROWS: Mapping[str, Sdk] = {
    "openai": OPENAI,
    "openai-responses": RESPONSES,
    "anthropic": _anthropic(*sorted(("Anthropic", "AnthropicAWS", "AnthropicFoundry", *CLOUDS))),
    **{name: _anthropic(cls) for cls, name in CLOUDS.items()},
}


def kind_of(
    sdks: Sequence[Sdk], client: Any, maker: str, asynchronous: bool | None = None
) -> tuple[Sdk, Literal["sync", "async"]]:
    """Whose client this is, and which of its kinds: by class names, so that nothing is imported.

    `asynchronous` is the caller's word for a class that can be both.

    Raises:
        WrongClient: it is none of them, or not what the caller says.
    """
    for sdk in sdks:
        classes = [cls for cls in type(client).__mro__ if cls.__module__.partition(".")[0] == sdk.package]
        names = {cls.__name__ for cls in classes}
        names |= {f"{cls.__module__}.{cls.__name__}".partition(".")[2] for cls in classes}  # where a name is had twice
        if not names & {*sdk.sync_classes, *sdk.async_classes}:
            continue
        wanted = asynchronous if asynchronous is not None else not names & set(sdk.sync_classes)
        if names & set(sdk.async_classes if wanted else sdk.sync_classes):
            return sdk, "async" if wanted else "sync"
        other = "an asynchronous" if wanted else "a synchronous"
        raise WrongClient(f"{maker}: {described(client)} is not {other} client")
    known = dict.fromkeys(f"{sdk.package}.{name}" for sdk in sdks for name in (*sdk.sync_classes, *sdk.async_classes))
    raise WrongClient(f"{maker} takes a client of {', '.join(known)}; it was given {described(client)}")


def described(client: object) -> str:
    """A wrong client in words: by its class, because its repr may hold secrets."""
    if isinstance(client, type):
        return f"{client.__module__.partition('.')[0]}.{client.__name__} itself, not an instance"
    return f"{type(client).__module__.partition('.')[0]}.{type(client).__name__}"
