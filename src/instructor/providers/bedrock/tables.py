"""What Bedrock's models take, and what its names mean: families, forced tools, stop reasons, parameters, errors."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...adapter import Family
from ...errors import AuthenticationError, ProviderError, RateLimited
from ...ir import Finish
from ...media import Audio, Video
from ...modes import Mode
from ...output import ANTHROPIC, PLAIN
from .._params import Parameters, listed, words

# ── models ───────────────────────────────────────────────────────────────────────────────────────

_WORDS = {Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}
_FIT = frozenset({Mode.JSON_SCHEMA})
_UNSEEN = frozenset({Audio, Video})

FAMILIES = (
    # userguide/structured-output: Claude from 4.5 on
    Family(
        re.compile(r"claude-(v2|instant|3|(opus|sonnet)-4-(20250|[01]))"),
        {Mode.TOOLS: PLAIN, **_WORDS},
        without=_UNSEEN,
    ),
    # platform.claude.com/docs/en/models/*/whats-new: a forced choice is refused
    Family(
        re.compile(r"claude-((opus|sonnet|haiku)-5-5|(fable|mythos)-5-1)"),
        {Mode.JSON_SCHEMA: ANTHROPIC, **_WORDS},
        _FIT,
        without=_UNSEEN,
    ),
    Family(
        re.compile(r"claude"), {Mode.JSON_SCHEMA: ANTHROPIC, Mode.TOOLS: ANTHROPIC, **_WORDS}, _FIT, without=_UNSEEN
    ),
    Family(re.compile(r"nova"), {Mode.TOOLS: PLAIN, **_WORDS}),
    # userguide/structured-output: models with open weights; the same subset of JSON Schema
    Family(
        re.compile(
            r"qwen\.|deepseek\.v|gpt-oss|google\.gemma|nvidia\.|minimax\.|moonshot|zai\."
            r"|mistral\.(magistral|ministral|voxtral|mistral-large-3|devstral)"
        ),
        {Mode.JSON_SCHEMA: ANTHROPIC, Mode.TOOLS: PLAIN, **_WORDS},
        _FIT,
        caches=False,
    ),
    # no tools (userguide/conversation-inference-supported-models-features)
    Family(
        re.compile(r"titan|llama[23]-(\d+b|2-[13]b)|deepseek\.r1|mistral-7b|mixtral|cohere\.command-(text|light)"),
        _WORDS,
        caches=False,
    ),
    # anything else, also what is named by an ARN alone: tools, not forced
    Family(re.compile(r""), {Mode.TOOLS: PLAIN, **_WORDS}, caches=False),
)

FORCES = (
    (re.compile(r"claude-((opus|sonnet|haiku)-5-5|(fable|mythos)-5-1)"), ""),
    (re.compile(r"claude|nova"), "tool"),
    (re.compile(r"mistral-large|pixtral"), "any"),
    (re.compile(r""), ""),
)
"""Model → how a tool can be forced: by name, any of them, or not at all. The service model says of `ToolChoice.tool`:
Claude and Nova; of the others, the page on tool use."""

FINISH: Mapping[str | None, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tools",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "filter",
    "content_filtered": "filter",
    # malformed_model_output and malformed_tool_use are "other": the answer is looked at, and asked for again
}
"""The shape `StopReason`."""

# ── parameters ───────────────────────────────────────────────────────────────────────────────────

INFERENCE = ("maxTokens", "temperature", "topP", "stopSequences")
FIELDS = (
    "system inferenceConfig toolConfig guardrailConfig additionalModelRequestFields promptVariables "
    "additionalModelResponseFieldPaths requestMetadata performanceConfig serviceTier outputConfig"
)


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


_ASIDE = 'pass additionalModelRequestFields={{"{}": …}}, if this model takes it'

PARAMETERS = Parameters(
    words(f"{FIELDS} effort tools tool_choice") | frozenset(INFERENCE),
    renamed={
        **{_snake(name): name for name in (*FIELDS.split(), *INFERENCE) if _snake(name) != name},
        "max_completion_tokens": "maxTokens",
        "max_output_tokens": "maxTokens",
        "stop": ("stopSequences", listed),
        "metadata": "requestMetadata",
        "reasoning_effort": "effort",
        "service_tier": ("serviceTier", lambda tier: {"type": tier} if isinstance(tier, str) else tier),
    },
    refused={
        **{name: _ASIDE.format(name) for name in "top_k seed thinking presence_penalty frequency_penalty".split()},
        "parallel_tool_calls": "Converse has no switch for it",
        "response_format": "pass a response model, or outputConfig",
        "modelId": "pass model=…",
    },
)
"""The shape `ConverseRequest`."""

# ── errors ───────────────────────────────────────────────────────────────────────────────────────

OVERFLOW = re.compile(r"input is too long|too many (input )?tokens|prompt is too long", re.IGNORECASE)

BY_CODE: Mapping[str, type[ProviderError]] = {
    "ExpiredTokenException": AuthenticationError,
    "InvalidSignatureException": AuthenticationError,
    "UnrecognizedClientException": AuthenticationError,
    "MissingAuthenticationTokenException": AuthenticationError,
    "IncompleteSignatureException": AuthenticationError,
    "ServiceQuotaExceededException": RateLimited,
}
"""AWS's names of errors that say more than their status. docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors"""

STATUS: Mapping[str, int] = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelStreamErrorException": 500,  # 424 in the model, but the request was good: the stream failed
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}
"""The shapes' own statuses, for errors that arrive inside a stream."""
