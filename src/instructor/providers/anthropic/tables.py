"""What Anthropic's models take, and what its names mean: parameters, families, defaults, stop reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...adapter import Family
from ...errors import RequestError
from ...ir import Finish
from ...modes import Mode
from ...output import ANTHROPIC, PLAIN
from .._params import Parameters, listed, words
from .tools import own_choice

# ── parameters ───────────────────────────────────────────────────────────────────────────────────

SAMPLING = ("temperature", "top_p", "top_k")

SAMPLED = re.compile(r"claude-(2|3|instant)|(opus|sonnet|haiku)-4(-[0-6](-|$)|-\d{8}|$|@)")
"""Models that take sampling parameters: before 4.7 (models/opus-4-7/whats-new)."""

SAMPLING_VERSION = "2023-06-01"
"""The API version that still has them (api/migration-2026-10-21)."""

PARAMETERS = Parameters(
    # types/message_create_params.py
    words(
        "cache_control container diagnostics inference_geo max_tokens metadata output_config service_tier speed "
        "stop_sequences system thinking tools user_profile_id workspace_id temperature top_p top_k"
    ),
    renamed={
        "stop": ("stop_sequences", listed),
        "tool_choice": ("tool_choice", own_choice),
        "max_completion_tokens": "max_tokens",
        "max_output_tokens": "max_tokens",
        "parallel_tool_calls": "parallel_tool_calls",  # becomes a field of tool_choice
        "reasoning_effort": ("output_config", lambda effort: {"effort": effort}),
        "user": ("metadata", lambda user: {"user_id": user}),
    },
    refused={
        "seed": "the API has no such parameter",
        "n": "one answer is given to each request",
        "response_format": "the response_model says what the answer looks like",
        "frequency_penalty": "the API has no such parameter",
        "presence_penalty": "the API has no such parameter",
        "logprobs": "the API has no such parameter",
    },
)


def sampled(provider: str, model: str, params: dict[str, Any]) -> dict[str, Any]:
    """Sampling parameters go to the models that still have them, by the API version that still knows them."""
    sampling = {name: params[name] for name in SAMPLING if name in params}
    if not sampling:
        return params
    if not SAMPLED.search(model):
        raise RequestError(f"{provider}: {model} takes no {' or '.join(sampling)}: the model chooses by itself")
    others = {name: value for name, value in params.items() if name not in sampling}
    others["extra_headers"] = {"anthropic-version": SAMPLING_VERSION, **(params.get("extra_headers") or {})}
    others["extra_body"] = {**sampling, **(params.get("extra_body") or {})}
    return others


# ── models ───────────────────────────────────────────────────────────────────────────────────────

_WORDS = {Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}
_FIT = frozenset({Mode.JSON_SCHEMA})

UNFORCED = re.compile(r"(opus|sonnet|haiku)-5-5|(fable|mythos)-5-1")
"""models/*/whats-new: a forced tool_choice is refused."""

FAMILIES = (
    # before structured outputs
    Family(re.compile(r"claude-(2|3|instant|(opus|sonnet)-4-(0|20250514))"), {Mode.TOOLS: PLAIN, **_WORDS}),
    Family(UNFORCED, {Mode.JSON_SCHEMA: ANTHROPIC, **_WORDS}, _FIT),
    Family(re.compile(r""), {Mode.JSON_SCHEMA: ANTHROPIC, Mode.TOOLS: ANTHROPIC, **_WORDS}, _FIT),
)

MAX_TOKENS = (
    (re.compile(r"claude-(2|instant|3-(haiku|opus|sonnet))"), 4096),  # the most that these models write
    (re.compile(r"claude-3|opus-4-(0|1|20250514)"), 8192),
    (re.compile(r""), 16384),  # under the 21,333 above which the SDK wants a stream (_base_client.py)
)
"""Model → the `max_tokens` that is sent when the caller gives none."""


def max_tokens(model: str) -> int:
    """The `max_tokens` that is sent for a model when the caller gives none."""
    return next(count for pattern, count in MAX_TOKENS if pattern.search(model))


FINISH: Mapping[str | None, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tools",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}
