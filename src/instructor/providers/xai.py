"""xAI: OpenAI's Chat Completions with xAI's own tables, by REST, `openai`'s client, or over gRPC with `xai_sdk`'s.

Sources: docs.x.ai/developers (structured outputs, image understanding, function calling, chat completions); the
`xai-sdk` package, 1.21, `chat.py`.

What is chosen here:
    - pictures are JPEG or PNG, of 10 MiB: the SDK's figure, where the documentation says 20
    - a PDF becomes its pages: a file on this API would switch on a search tool that is billed by the call
    - `completion_tokens` do not count reasoning: output is what is left of `total_tokens`
    - schemas are enforced whether or not `strict` is said; one that refers to itself is asked for in words
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..adapter import Accepts, Endpoint, Family, Provider, Sdk, Whole
from ..fit import Limits
from ..ir import Counted, Delta, Reply, Usage
from ..media import Document, Image, Media
from ..modes import Mode
from ..output import PLAIN, XAI
from ._params import Parameters, words
from .openai import MEDIA as OPENAI_MEDIA
from .openai import OpenAIChat
from .openai import provider as openai
from .xai_sdk import Grpc

MEDIA: Mapping[type[Media], Accepts] = {
    Image: Accepts(
        Limits(frozenset({"image/jpeg", "image/png"}), max_bytes=10 * 1024**2),
        frozenset({"url", "bytes"}),
        OPENAI_MEDIA[Image].encode,
    ),
    Document: OPENAI_MEDIA[Document],
}

_ENFORCED = frozenset({Mode.JSON_SCHEMA, Mode.TOOLS})

FAMILIES = (
    Family(
        re.compile(r""),
        {Mode.JSON_SCHEMA: XAI, Mode.TOOLS: XAI, Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN},
        _ENFORCED,
        caches=False,
    ),
)

PARAMETERS = Parameters(
    # docs.x.ai/developers/rest-api-reference/inference/chat; xai_sdk/chat.py
    words(
        "deferred frequency_penalty logit_bias logprobs max_completion_tokens max_tokens n parallel_tool_calls "
        "presence_penalty prompt_cache_key reasoning_effort response_format safety_identifier search_parameters seed "
        "service_tier stop stream_options temperature tool_choice tools top_logprobs top_p user web_search_options"
    ),
    renamed={"stop_sequences": "stop", "max_output_tokens": "max_tokens"},
    refused={
        "metadata": "xAI keeps nothing about a request; use user",
        "top_k": "Chat Completions has no such sampling parameter; use top_p",
        "thinking": "use reasoning_effort",
        "system": "pass a system message",
    },
)


class XaiChat(OpenAIChat):
    """OpenAI's dialect, but for the counts: `completion_tokens` leave out what the model thought."""

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        """The reply in a `chat.completion` object."""
        reply = super().decode(wire)
        return replace(reply, usage=_whole(reply.usage, wire))

    def deltas(self, event: Mapping[str, Any]) -> Iterable[Delta]:
        """The pieces in a `chat.completion.chunk`."""
        for delta in super().deltas(event):
            yield Counted(_whole(delta.usage, event)) if isinstance(delta, Counted) else delta


def _whole(usage: Usage, wire: Mapping[str, Any]) -> Usage:
    total = (wire.get("usage") or {}).get("total_tokens") or 0
    return replace(usage, output=max(usage.output, total - usage.input))


provider = Provider(
    XaiChat(
        "xai",
        media=MEDIA,
        families=FAMILIES,
        parameters=PARAMETERS,
        max_tokens_of_reasoning=None,
        caches=False,
        whole=Whole(),
    ),
    Endpoint("https://api.x.ai/v1", "/chat/completions", ("XAI_API_KEY",), ("XAI_BASE_URL",)),
    openai.sdk,
    also=(Sdk("xai_sdk", "xai", ("sync.client.Client",), ("aio.client.Client",), bridge=Grpc()),),
)
