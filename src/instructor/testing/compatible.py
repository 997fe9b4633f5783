"""Endpoints that speak OpenAI's Chat Completions, each judged by its own SDK's types, or else by OpenAI's.

A dialect here is OpenAI's with another judge: answers, streams and errors are the same, OpenAI's own rules do not hold.
There is one for each row of `providers.compatible`. A path that begins with the name is meant: `server.url_of("groq")`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..adapter import Provider
from ..providers.compatible import ROWS
from ..providers.openai import PARAMETERS
from . import openai_chat
from .dialect import Asked, Dialect, Problem
from .oracle import judge

BOTH = "completion_create_params:CompletionCreateParams"
TYPES: Mapping[str, tuple[str, str, str]] = {
    "cerebras": ("cerebras", f"cerebras.cloud.sdk.types.chat.{BOTH}", f"cerebras.cloud.sdk.types.chat.{BOTH}"),
    "fireworks": (
        "fireworks",
        f"fireworks.types.chat.{BOTH}NonStreaming",
        f"fireworks.types.chat.{BOTH}Streaming",
    ),
    "groq": ("groq", f"groq.types.chat.{BOTH}", f"groq.types.chat.{BOTH}"),
    "perplexity": (
        "perplexity",
        f"perplexity.types.chat.{BOTH}NonStreaming",
        f"perplexity.types.chat.{BOTH}Streaming",
    ),
    "together": (
        "together",
        f"together.types.chat.{BOTH}NonStreaming",
        f"together.types.chat.{BOTH}Streaming",
    ),
    "writer": (
        "writerai",
        "writerai.types.chat_chat_params:ChatChatParamsNonStreaming",
        "writerai.types.chat_chat_params:ChatChatParamsStreaming",
    ),
}
"""Endpoint → its SDK, and the request types that judge (plain, streaming)."""

# ── where there is no SDK of its own ─────────────────────────────────────────────────────────────

OPENAI = replace(openai_chat.DIALECT, rules=(), tolerated=())
BEYOND = frozenset({"video_url"})
"""Parts that OpenAI's types do not have, and these endpoints document."""


def _by_openai(provider: Provider) -> Callable[[Asked, frozenset[str]], Iterator[Problem]]:
    """Judges by OpenAI's types all that OpenAI has."""
    adapter: Any = provider.adapter
    known: frozenset[str] = adapter.parameters.takes - PARAMETERS.takes
    own = frozenset({adapter.reasoning}) if adapter.reasoning else frozenset()

    def shape(asked: Asked, allowed: frozenset[str]) -> Iterator[Problem]:
        messages = asked.body.get("messages")
        body = dict(asked.body)
        if isinstance(messages, list):
            body["messages"] = [_plain(message, own) for message in messages]
        problem = judge(OPENAI, replace(asked, body=body), allowed | known)
        if problem is not None:
            yield problem

    return shape


def _plain(message: Any, own: frozenset[str]) -> Any:
    """A message with words in the place of parts that OpenAI does not have, without keys that are the endpoint's."""
    if not isinstance(message, Mapping):
        return message
    plain = {key: value for key, value in message.items() if key not in own}
    if isinstance(plain.get("content"), list):
        plain["content"] = [{"type": "text", "text": ""} if _beyond(part) else part for part in plain["content"]]
    return plain


def _beyond(part: Any) -> bool:
    match part:
        case {"type": "input_audio", "input_audio": {"data": str(), "format": str(format), **rest}}:
            return not rest and format not in ("wav", "mp3")
        case {"type": str(kind)}:
            return kind in BEYOND and isinstance(part.get(kind), Mapping) and isinstance(part[kind].get("url"), str)
        case _:
            return False


def dialect_of(provider: Provider) -> Dialect:
    """The dialect of an endpoint that speaks OpenAI's Chat Completions."""
    name = provider.adapter.name
    if name not in TYPES:
        return replace(OPENAI, name=name, types=None, shape=_by_openai(provider))
    package, plain, streaming = TYPES[name]
    suffixes = ("/v1/chat",) if name == "writer" else OPENAI.suffixes
    return replace(OPENAI, name=name, package=package, types=(plain, streaming), suffixes=suffixes)


DIALECTS: tuple[Dialect, ...] = tuple(map(dialect_of, ROWS.values()))
