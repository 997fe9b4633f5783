"""Google Gemini: the Gemini API (`google/…`, `gemini/…`) and Vertex AI (`vertexai/…`).

codec     encode, decode, deltas, place       writing   messages → contents       failures   error bodies → exceptions
params    keywords → their places             media     the two media tables      sdk        the bridge to google-genai
"""

from __future__ import annotations

from collections.abc import Mapping

from ...adapter import Endpoint, Provider, Sdk
from .._files.gemini import FILES
from .codec import GEMINI_API, VERTEX_API, place, place_on_vertex, vertex_host
from .credentials import signed
from .sdk import GenAi


def _sdk(name: str) -> Sdk:
    return Sdk("google", "google", ("Client",), ("AsyncClient", "Client"), bridge=GenAi(name))


def _key(key: str) -> Mapping[str, str]:
    return {"x-goog-api-key": key}  # ai.google.dev/gemini-api/docs/api-key


gemini = Provider(
    GEMINI_API,
    Endpoint(
        "https://generativelanguage.googleapis.com",
        "",
        ("GOOGLE_API_KEY", "GEMINI_API_KEY"),  # in the order in which the SDK looks
        ("GOOGLE_GEMINI_BASE_URL",),
        _key,
        place,
    ),
    _sdk(GEMINI_API.name),
    files=FILES,
)
"""The Gemini API, also known as AI Studio's."""

vertex = Provider(
    VERTEX_API,
    Endpoint(
        "",
        "",
        ("GOOGLE_OAUTH_ACCESS_TOKEN",),
        ("GOOGLE_VERTEX_BASE_URL",),
        place=place_on_vertex,
        locate=vertex_host,
        key_needed=False,  # without one, the environment's credentials are looked for
        sign=signed,
    ),
    _sdk(VERTEX_API.name),
)
"""Vertex AI, now named Gemini Enterprise Agent Platform: the key is an OAuth access token."""
