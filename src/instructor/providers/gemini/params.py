"""The caller's keywords, put where `generateContent` has them.

    create(temperature=…, max_tokens=…, thinking_config=…)  ─▶ generationConfig
    create(safety_settings=…, cached_content=…, labels=…)   ─▶ the body
    create(config=… or generation_config=…)                 ─▶ both, as the SDK's `GenerateContentConfig` holds them

Gemini's own names are taken in the SDK's spelling and in the API's. Source: google-genai 3.4, `types.py`
(GenerateContentConfig, GenerationConfig) and the converters in `models.py`, which say what each API takes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import RequestError
from .._params import Parameters, Renamed, listed, translated, words

MODERN = re.compile(r"gemini-([3-9]|\d\d)|-latest$")
"""Gemini 3 and later: thinking levels, a resolution for each part, media in function responses, functions beside a
schema, and thought signatures that have to come back (ai.google.dev/gemini-api/docs/gemini-3)."""

GENERATION = words(
    """candidateCount maxOutputTokens temperature topP topK stopSequences seed presencePenalty frequencyPenalty
    responseLogprobs logprobs responseModalities mediaResolution speechConfig thinkingConfig imageConfig
    audioTranscriptionConfig responseMimeType responseSchema responseJsonSchema"""
)
"""Fields of `generationConfig` in both APIs."""

BODY = words("systemInstruction safetySettings tools toolConfig cachedContent labels serviceTier")
"""Fields beside it in both APIs."""

ONLY_GEMINI = words("enableEnhancedCivicAnswers store")
ONLY_VERTEX = words("audioTimestamp routingConfig modelSelectionConfig modelArmorConfig")
ASIDE = words("apiVersion")
"""What `place` and the bridge take out of the wire dict."""

VERTEX_ASIDE = words("project location")

OUTSIDE = BODY | ASIDE | VERTEX_ASIDE | words("store modelArmorConfig extra_body extra_headers extra_query")

OPAQUE = words("responseJsonSchema responseSchema labels parametersJsonSchema parameters inputSchema args response")
"""Fields whose keys are the caller's own."""

SAFETY = ("category", "threshold")


def camel(name: str) -> str:
    """`top_p` → `topP`."""
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


def plain(value: Any, opaque: bool = False) -> Any:
    """A value as the API's JSON: objects of the SDK as dicts, enums as their values, keys in the API's spelling."""
    if callable(dump := getattr(value, "model_dump", None)) and not isinstance(value, type):
        value = dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, Mapping):
        return {
            (key if opaque else camel(str(key))): plain(item, opaque or camel(str(key)) in OPAQUE)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(item, opaque) for item in value]
    return getattr(value, "value", value)


def _spelt(names: frozenset[str]) -> dict[str, Renamed]:
    """The SDK's spelling of each name → the API's."""
    return {re.sub(r"(?<=[a-z])([A-Z])", lambda found: f"_{found[0].lower()}", name): name for name in names}


def _labels(value: Any) -> Any:
    if isinstance(value, Mapping) and all(isinstance(item, str) for row in value.items() for item in row):
        return dict(value)
    raise RequestError("'metadata' goes to Gemini as labels: it is a dict of strings to strings")


def _parameters(own: frozenset[str], refused: Mapping[str, str]) -> Parameters:
    takes = GENERATION | BODY | ASIDE | own
    renamed: dict[str, Renamed] = {
        **_spelt(takes),
        "max_tokens": "maxOutputTokens",
        "max_completion_tokens": "maxOutputTokens",
        "stop": ("stopSequences", listed),
        "n": "candidateCount",
        "metadata": ("labels", _labels),
        "tool_choice": "toolChoice",
        "reasoning_effort": "reasoningEffort",
        "parallel_tool_calls": "parallelToolCalls",
    }
    return Parameters(takes | {"toolChoice", "reasoningEffort", "parallelToolCalls"}, renamed, refused)


_NOT_HERE = "only the {} API has it"
_CLIENT = "it is a setting of the SDK's client, not of a request: pass timeout=, extra_headers= or extra_body="

GEMINI = _parameters(
    ONLY_GEMINI,
    {"http_options": _CLIENT, "project": _NOT_HERE.format("Vertex"), "location": _NOT_HERE.format("Vertex")}
    | dict.fromkeys((*ONLY_VERTEX, *_spelt(ONLY_VERTEX)), _NOT_HERE.format("Vertex")),
)
VERTEX = _parameters(
    ONLY_VERTEX | VERTEX_ASIDE,
    {"http_options": _CLIENT} | dict.fromkeys((*ONLY_GEMINI, *_spelt(ONLY_GEMINI)), _NOT_HERE.format("Gemini")),
)


def body(provider: str, model: str, given: Mapping[str, Any], table: Parameters) -> dict[str, Any]:
    """The fields of the body, `generationConfig` among them, under the API's names.

    Raises:
        RequestError: the API does not take one of the parameters.
    """
    flat = {name: value for name, value in _flattened(provider, given).items() if value is not None}
    params = translated(provider, flat, table)
    if not params.pop("parallelToolCalls", True):
        raise RequestError(f"{provider} does not take parallel_tool_calls=False: it has no such switch")
    if effort := params.pop("reasoningEffort", None):
        if "thinkingConfig" in params:
            raise RequestError("reasoning_effort and thinking_config say the same: pass one of them")
        params["thinkingConfig"] = thinking(model, effort)
    if choice := params.pop("toolChoice", None):
        if "toolConfig" in params:
            raise RequestError("tool_choice and tool_config say the same: pass one of them")
        params["toolConfig"] = {"functionCallingConfig": chosen(choice)}
    if isinstance(cached := params.get("cachedContent"), str) and "/" not in cached:
        params["cachedContent"] = f"cachedContents/{cached}"
    if isinstance(safety := params.get("safetySettings"), Mapping):  # category → threshold
        params["safetySettings"] = [dict(zip(SAFETY, row, strict=True)) for row in plain(list(safety.items()))]
    out = {key: value if key.startswith("extra_") else plain(value, key in OPAQUE) for key, value in params.items()}
    config = {key: out.pop(key) for key in tuple(out) if key not in OUTSIDE}
    return {**out, **({"generationConfig": config} if config else {})}


def _flattened(provider: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with those inside `config` and `generation_config` beside the others."""
    flat = dict(given)
    for name in ("config", "generation_config", "generationConfig"):
        inner = flat.pop(name, None)
        if inner is None:
            continue
        fields = _fields(inner)
        if fields is None:
            raise RequestError(f"{name!r} is a dict or the SDK's object, not {type(inner).__name__}")
        if twice := flat.keys() & fields.keys():
            raise RequestError(f"{provider} is given {', '.join(sorted(twice))} twice: once in {name!r}")
        flat |= fields
    return flat


def _fields(value: Any) -> dict[str, Any] | None:
    """The fields that are set, each as it is: tools may be of any kind."""
    if isinstance(value, Mapping):
        return dict(value)
    names = getattr(type(value), "model_fields", None)
    return {name: inner for name in names if (inner := getattr(value, name)) is not None} if names else None


# ── thinking, tools ──────────────────────────────────────────────────────────────────────────────

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
BUDGETS = {"none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576}
"""ai.google.dev/gemini-api/docs/openai, "Thinking": efforts of OpenAI as budgets of Gemini 2.5."""


def thinking(model: str, effort: Any) -> dict[str, Any]:
    """`reasoning_effort` as a `thinkingConfig`: a level from Gemini 3 on, a budget before."""
    if MODERN.search(model):
        if effort in EFFORTS[1:]:
            return {"thinkingLevel": effort.upper()}
        raise RequestError(f"reasoning_effort is one of {', '.join(EFFORTS[1:])} for {model}, not {effort!r}")
    if effort in BUDGETS:
        return {"thinkingBudget": BUDGETS[effort]}
    raise RequestError(f"reasoning_effort is one of {', '.join(BUDGETS)} for {model}, not {effort!r}")


def chosen(choice: Any) -> dict[str, Any]:
    """`tool_choice`, as OpenAI or Anthropic write it, as a `functionCallingConfig`."""
    kind = choice.get("type") if isinstance(choice, Mapping) else choice
    if kind in CHOICES:
        return {"mode": CHOICES[kind]}
    if isinstance(choice, Mapping):
        name = choice.get("name") or (choice.get("function") or {}).get("name")
        if isinstance(name, str):
            return {"mode": "ANY", "allowedFunctionNames": [name]}
    raise RequestError(f"tool_choice is 'auto', 'none', 'required' or names a function, not {choice!r:.100}")


CHOICES = {"auto": "AUTO", "none": "NONE", "required": "ANY", "any": "ANY"}


def offered(tools: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The caller's own tools: what is built in, and declarations of functions, OpenAI's and Anthropic's among them.

    Raises:
        RequestError: one is not a tool.
    """
    built_in: list[dict[str, Any]] = []
    functions: list[dict[str, Any]] = []
    for tool in listed(tools) if tools else ():
        fields: dict[str, Any] = plain(tool) if isinstance(tool, Mapping) or hasattr(tool, "model_dump") else {}
        function = fields.get("function") if fields.get("type") == "function" else None
        if isinstance(function, Mapping):
            fields = dict(function)
        if isinstance(function, Mapping) or "inputSchema" in fields or fields.get("type") == "function":
            functions.append(_declared(fields))
        elif "functionDeclarations" in fields:
            functions += fields.pop("functionDeclarations")
            built_in += [fields] if fields else []
        elif "name" in fields:
            functions.append(fields)
        elif fields and "type" not in fields:
            built_in.append(fields)
        else:
            raise RequestError(
                "tools are dicts: a function as OpenAI or Anthropic write it, or a tool of Gemini's "
                f"({{'functionDeclarations': […]}}, {{'googleSearch': {{}}}}), not {type(tool).__name__}"
            )
    return built_in, functions


def _declared(fields: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(fields.get("name"), str):
        raise RequestError("a function among the tools has no name")
    schema = fields.get("parameters") or fields.get("inputSchema")
    out = {"name": fields["name"], "description": fields.get("description") or ""}
    return {**out, "parametersJsonSchema": schema} if schema else out
