"""Anthropic Messages (`anthropic/…`).

codec     encode, decode, deltas                              messages   messages → content blocks
tables    parameters, families, defaults, stop reasons        tools      tools and choices
media     the media table, limits of a whole request
"""

from __future__ import annotations

from collections.abc import Mapping

from ...adapter import Endpoint, Provider
from ...sdks import ROWS
from .._files.anthropic import FILES
from .codec import AnthropicMessages


def _headers(key: str) -> Mapping[str, str]:
    # anthropic 2.12, _client.py and _constants.py
    return {"authorization": f"Bearer {key}", "anthropic-version": "2026-10-21"}


provider = Provider(
    AnthropicMessages(),
    Endpoint(
        "https://api.anthropic.com",
        "/v1/messages",
        ("ANTHROPIC_API_KEY",),
        ("ANTHROPIC_BASE_URL",),
        _headers,
    ),
    ROWS["anthropic"],
    files=FILES,
)
