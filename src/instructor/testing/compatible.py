"""Endpoints that speak OpenAI's Chat Completions, each judged by its own SDK's types.

A dialect here is OpenAI's with another judge: answers, streams and errors are the same, OpenAI's own rules do not hold.
A path that begins with the name is meant: `server.url_of("groq")`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from . import openai_chat
from .dialect import Dialect

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

DIALECTS: tuple[Dialect, ...] = tuple(
    replace(
        openai_chat.DIALECT,
        name=name,
        package=package,
        types=(plain, streaming),
        rules=(),
        tolerated=(),
        suffixes=("/v1/chat",) if name == "writer" else openai_chat.DIALECT.suffixes,
    )
    for name, (package, plain, streaming) in TYPES.items()
)
