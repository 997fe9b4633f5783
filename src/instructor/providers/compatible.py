"""Endpoints that speak OpenAI's Chat Completions with differences: one row each.

    row(name, base URL, key variables, …) ─▶ Provider: OpenAIChat with the differences, Endpoint, the SDKs that may send

A row states only what differs. Nothing else names it: the registry, the makers, the docs and the tests read `ROWS`.
Where no source is given, the figure or name is that of the provider's own SDK (its request types).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..adapter import Accepts, Endpoint, Family, Provider, Sdk, Whole, Wire, bearer
from ..errors import MessageError
from ..fit import Limits
from ..media import PDF, Audio, Document, FileId, Image, Inline, Media, SourceKind, Url, Video
from ..modes import Mode
from ..output import OPENAI_STRICT, PLAIN
from ._params import Parameters, words
from ._pieces import address, image_part
from .openai import MEDIA as OPENAI_MEDIA
from .openai import PARAMETERS as OPENAI_PARAMETERS
from .openai import OpenAIChat
from .openai import provider as openai

MB = 1024**2
Table = Mapping[type[Media], Accepts]

# ── media ────────────────────────────────────────────────────────────────────────────────────────

BYTES: frozenset[SourceKind] = frozenset({"bytes"})
URL_OR_BYTES: frozenset[SourceKind] = frozenset({"url", "bytes"})
DOCUMENT = OPENAI_MEDIA[Document]


def _at(key: str) -> Callable[[Media], Wire]:
    """`{"type": key, key: {"url": …}}`: what most of them do with most media."""
    return lambda medium: {"type": key, key: {"url": address(medium)}}


def images(
    types: str,
    sources: frozenset[SourceKind] = URL_OR_BYTES,
    *,
    most: int | None = None,
    detail: bool = False,
    crowd: tuple[int, int] | None = None,
    **limits: Any,
) -> Table:
    """A table of pictures and text. `crowd`: above so many pictures, so many pixels a side."""
    bounds = Limits(frozenset(f"image/{name}" for name in types.split()), **limits)
    encode = image_part if detail else _at("image_url")
    among = (crowd[0], replace(bounds, max_edge=crowd[1])) if crowd else None
    return {Image: Accepts(bounds, sources, encode, crowd=among, most=most), Document: DOCUMENT}


NOT_UPLOADED: Table = {kind: replace(row, upload_bytes=None) for kind, row in OPENAI_MEDIA.items()}
"""OpenAI's own, where media cannot be uploaded from here."""

COMMON = "png jpeg webp gif"

FILMS = Accepts(
    Limits(frozenset({"video/mp4", "video/webm", "video/quicktime", "video/mpeg"})), URL_OR_BYTES, _at("video_url")
)

SOUNDS = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/aiff": "aiff",
    "audio/aac": "aac",
}
"""OpenRouter's `input_audio.format` (openrouter 1.3, components/chatcontentaudio.py)."""


def _sound(audio: Media) -> Wire:
    return {"type": "input_audio", "input_audio": {"data": Inline(audio), "format": SOUNDS[audio.media_type or ""]}}


def sounds(*types: str) -> Accepts:
    """A row of recordings, as `input_audio`."""
    return Accepts(Limits(frozenset(types or SOUNDS)), BYTES, _sound)


def _file(pdf: Media) -> Wire:
    if isinstance(pdf.origin, FileId):
        return {"type": "file", "file": {"file_id": pdf.origin.id}}
    return {"type": "file", "file": {"filename": pdf.name or "document.pdf", "file_data": address(pdf)}}


def _perplexity_file(pdf: Media) -> Wire:
    # docs.perplexity.ai/guides/file-attachments: an address, or base64 without a prefix
    url = pdf.origin.url if isinstance(pdf.origin, Url) else Inline(pdf)
    return {"type": "file_url", "file_url": {"url": url}, **({"file_name": pdf.name} if pdf.name else {})}


def pdfs(encode: Callable[[Media], Wire], sources: frozenset[SourceKind] = URL_OR_BYTES, **limits: Any) -> Accepts:
    """A row of PDFs."""
    return Accepts(Limits(frozenset({"application/pdf"}), **limits), sources, encode)


# ── models ───────────────────────────────────────────────────────────────────────────────────────

_ANY = re.compile("")


def modes(*rows: str | tuple[str, str]) -> tuple[Family, ...]:
    """One family, or several as (pattern, modes): names of modes, best first; `!` marks a schema of the strict kind."""
    return tuple(
        Family(_ANY if isinstance(row, str) else re.compile(row[0]), _named(row if isinstance(row, str) else row[1]))
        for row in rows
    )


def _named(modes: str) -> dict[Mode, Any]:
    return {Mode[name.rstrip("!")]: OPENAI_STRICT if name.endswith("!") else PLAIN for name in modes.split()}


def _alone(families: tuple[Family, ...]) -> tuple[Family, ...]:
    """These with no JSON output beside tools of the caller's own."""
    return tuple(replace(one, alone=frozenset({Mode.JSON_SCHEMA, Mode.JSON}) & one.modes.keys()) for one in families)


SCHEMA = modes("JSON_SCHEMA TOOLS JSON MD_JSON")
STRICT = modes("JSON_SCHEMA! TOOLS! JSON MD_JSON")

# ── parameters ───────────────────────────────────────────────────────────────────────────────────

OPEN = replace(OPENAI_PARAMETERS, refused={}, open=True)
"""Servers of the caller's own, and routers, pass on what they are given."""

_COMMON = words("max_tokens temperature top_p stop stream_options tools tool_choice response_format")
_RENAMED = {"max_completion_tokens": "max_tokens", "max_output_tokens": "max_tokens", "stop_sequences": "stop"}


def takes(names: str) -> Parameters:
    """A closed table: what all take, and these. What is not in it is an error."""
    takes = _COMMON | words(names)
    return Parameters(takes, {name: own for name, own in _RENAMED.items() if name not in takes})


# ── quirks ───────────────────────────────────────────────────────────────────────────────────────
# A quirk makes a new body of a body; what is in it may be the caller's.


def required(wire: Wire) -> Wire:
    """A tool is forced by a word, not by its name."""
    named = isinstance(wire.get("tool_choice"), Mapping)
    return {**wire, "tool_choice": "required"} if named else wire


def unforced(wire: Wire) -> Wire:
    """No tool is forced: the library asks for its own in words of the schema alone."""
    named = isinstance(wire.get("tool_choice"), Mapping) or wire.get("tool_choice") == "required"
    return {key: value for key, value in wire.items() if key != "tool_choice"} if named else wire


def chosen_by_value(wire: Wire) -> Wire:
    """`tool_choice` is an object around the word (writerai/types/shared_params/tool_choice_string.py)."""
    choice = wire.get("tool_choice")
    return {**wire, "tool_choice": {"value": choice}} if isinstance(choice, str) else wire


def numbered(wire: Wire) -> Wire:
    """Calls in history carry their index."""
    return {**wire, "messages": [_numbered(message) for message in wire["messages"]]}


def _numbered(message: Wire) -> Wire:
    calls = message.get("tool_calls")
    return {**message, "tool_calls": [{**call, "index": i} for i, call in enumerate(calls)]} if calls else message


def plainly_said(wire: Wire) -> Wire:
    """Content is a list in user messages alone (together/types/chat/completion_create_params.py)."""
    return {**wire, "messages": [_plainly_said(message) for message in wire["messages"]]}


def _plainly_said(message: Wire) -> Wire:
    content = message.get("content")
    if (
        message["role"] == "user"
        or not isinstance(content, list)
        or any(part.get("type") != "text" for part in content)
    ):
        return message
    return {**message, "content": "".join(part["text"] for part in content)}


def unnamed(wire: Wire) -> Wire:
    """Messages have no `name` (console.groq.com/docs/openai)."""
    at = next((i for i, message in enumerate(wire["messages"]) if "name" in message), None)
    if at is not None:
        raise MessageError("this API's messages have no 'name'", where=f"messages[{at}]")
    return wire


def plainly_named(wire: Wire) -> Wire:
    """Names of schemas are letters and digits (docs.perplexity.ai/guides/structured-outputs)."""
    format = wire.get("response_format")
    if not isinstance(format, Mapping) or "json_schema" not in format:
        return wire
    schema = format["json_schema"]
    plain = {**schema, "name": re.sub(r"[^A-Za-z0-9]", "", schema["name"])[:64]}
    return {**wire, "response_format": {**format, "json_schema": plain}}


# ── SDKs ─────────────────────────────────────────────────────────────────────────────────────────


def _sdk(package: str, name: str, method: str = "chat.completions.create") -> Sdk:
    return Sdk(package, package, (name,), (f"Async{name}",), method)


def row(
    name: str,
    base_url: str,
    keys: str,
    *,
    base_names: str = "",
    path: str = "/chat/completions",
    headers: Callable[[str], Mapping[str, str]] = bearer,
    sdk: Sdk | None = None,
    **differences: Any,
) -> Provider:
    """The provider of an endpoint. `keys` and `base_names` are environment variables, separated by white space;
    `differences` are fields of `OpenAIChat`. OpenAI's own client, pointed at the address, may send to each."""
    chat: dict[str, Any] = {
        "families": SCHEMA,
        "parameters": OPEN,
        "max_tokens_of_reasoning": None,
        "caches": False,
        "whole": Whole(),
        **differences,
    }
    endpoint = Endpoint(base_url, path, tuple(keys.split()), tuple(base_names.split()), headers)
    sdks = (sdk, openai.sdk) if sdk else (openai.sdk,)
    return Provider(OpenAIChat(name, **chat), endpoint, sdks[0], also=tuple(each for each in sdks[1:] if each))


def _api_key(key: str) -> Mapping[str, str]:
    return {"api-key": key}


_ROWS = (
    # learn.microsoft.com, "GPT-4 Turbo with Vision": at most 10 pictures, 20 MB each
    row(
        "azure", "", "AZURE_OPENAI_API_KEY", base_names="AZURE_OPENAI_BASE_URL", headers=_api_key,
        media={**NOT_UPLOADED, **images(COMMON, most=10, detail=True, max_bytes=20 * MB, animated=False)},
        families=openai.adapter.families, parameters=OPENAI_PARAMETERS,
    ),
    # console.groq.com/docs/vision: 5 pictures, 33 MP each, 4 MB for a request with base64
    row(
        "groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", sdk=_sdk("groq", "Groq"), quirks=(unnamed,),
        media=images(COMMON, most=5, detail=True, max_bytes=4 * MB - 65_536, encoded=True, max_pixels=33_177_600),
        whole=Whole(max_body=4 * MB),
        families=modes(("gpt-oss", "JSON_SCHEMA! TOOLS! JSON MD_JSON"), "TOOLS JSON_SCHEMA JSON MD_JSON"),
        streaming={"stream": True},
        parameters=takes(
            "citation_options compound_custom disable_tool_validation documents exclude_domains frequency_penalty "
            "function_call functions include_domains include_reasoning logit_bias logprobs max_completion_tokens "
            "metadata n parallel_tool_calls presence_penalty reasoning_effort reasoning_format search_settings seed "
            "service_tier store top_logprobs user"
        ),
    ),
    row(
        "together", "https://api.together.ai/v1", "TOGETHER_API_KEY", sdk=_sdk("together", "Together"),
        quirks=(required, numbered, plainly_said),
        media={**images(COMMON), Video: FILMS, Audio: sounds("audio/wav")},
        streaming={"stream": True},
        parameters=takes(
            "chat_template_kwargs compliance context_length_exceeded_behavior echo frequency_penalty function_call "
            "logit_bias logprobs min_p n presence_penalty reasoning reasoning_effort repetition_penalty safety_model "
            "seed top_k"
        ),
    ),
    # docs.fireworks.ai, "Vision models": 30 pictures, less than 10 MB of base64 in all
    row(
        "fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY", sdk=_sdk("fireworks", "Fireworks"),
        media={**images(f"{COMMON} bmp tiff", BYTES, most=30, detail=True, max_bytes=10 * MB, encoded=True),
               Video: FILMS},
        whole=Whole(max_media=10 * MB),
        streaming={"stream": True},
        parameters=takes(
            "context_length_exceeded_behavior echo echo_last frequency_penalty function_call functions ignore_eos "
            "logit_bias logprobs max_completion_tokens metadata min_p mirostat_lr mirostat_target n "
            "parallel_tool_calls perf_metrics_in_response prediction presence_penalty prompt_cache_isolation_key "
            "prompt_cache_key prompt_truncate_len raw_output reasoning_effort reasoning_history repetition_penalty "
            "return_token_ids safe_tokenization seed service_tier speculation thinking top_k top_logprobs typical_p "
            "user"
        ),
    ),
    row(
        "openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", families=STRICT,
        media={**images(COMMON, detail=True), Audio: sounds(), PDF: pdfs(_file, frozenset({"url", "bytes", "id"})),
               Video: FILMS},
    ),
    # api-docs.deepseek.com/guides/vision: 600 pictures, 32 MiB each, 64 MiB of them, 8,192 px a side, 4,096 from 15 on;
    # 48 MiB of body.
    # A forced tool is refused while the model thinks, which it does by default.
    row(
        "deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY", quirks=(unforced,), reasoning="reasoning_content",
        media=images(COMMON, most=600, detail=True, max_bytes=32 * MB, max_edge=8192, crowd=(14, 4096)),
        whole=Whole(max_body=48 * MB, max_media=64 * MB),
        families=modes("JSON TOOLS MD_JSON"),
        parameters=takes(
            "frequency_penalty logprobs presence_penalty reasoning_effort thinking top_logprobs user_id"
        ),
    ),
    # inference-docs.cerebras.ai/capabilities/image-inputs, 2026-10-01: data URIs, 10 MiB a request, 15,000 px, 10 pictures;
    # tools beside a response_format are answered with 400
    row(
        "cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY", sdk=_sdk("cerebras", "Cerebras"),
        families=_alone(STRICT),
        media=images("png jpeg", BYTES, most=10, max_bytes=10 * MB - 65_536, encoded=True, max_edge=15_000),
        whole=Whole(max_body=10 * MB),
        parameters=takes(
            "clear_thinking disable_reasoning frequency_penalty logit_bias logprobs max_completion_tokens "
            "min_completion_tokens min_tokens model_parameters n parallel_tool_calls prediction presence_penalty "
            "prompt_cache_key reasoning_effort reasoning_format seed service_tier top_logprobs user"
        ),
    ),
    # docs.perplexity.ai/guides/{structured-outputs,file-attachments}: schemas only, named in letters and digits; 50 MB
    row(
        "perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY PPLX_API_KEY",
        sdk=_sdk("perplexity", "Perplexity"), families=modes("JSON_SCHEMA MD_JSON"), quirks=(plainly_named,),
        media={**images(COMMON), PDF: pdfs(_perplexity_file, max_bytes=50 * MB)},
        streaming={"stream": True},
        parameters=takes(
            "best_of country disable_search enable_search_classifier frequency_penalty image_domain_filter "
            "image_format_filter language_preference last_updated_after_filter last_updated_before_filter latitude "
            "logprobs longitude n num_images num_search_results parallel_tool_calls presence_penalty reasoning_effort "
            "response_formatting_locale return_images return_related_questions safe_search search_after_date_filter "
            "search_before_date_filter search_domain_filter search_language_filter search_mode search_recency_filter "
            "stream_mode top_k top_logprobs web_search_options"
        ),
    ),
    row(
        "writer", "https://api.writer.com/v1", "WRITER_API_KEY", path="/chat",
        sdk=_sdk("writerai", "Writer", "chat.chat"), media=images(COMMON), quirks=(required, numbered, chosen_by_value),
        families=modes("JSON_SCHEMA TOOLS MD_JSON"),
        parameters=takes("logprobs n"),
    ),
    row("databricks", "", "DATABRICKS_TOKEN", base_names="DATABRICKS_BASE_URL", media=images(COMMON, detail=True)),
    row("huggingface", "https://router.huggingface.co/v1", "HF_TOKEN", media=images(COMMON)),
    row(
        "github", "https://models.github.ai/inference", "GITHUB_TOKEN", families=STRICT,
        media={**images(COMMON, detail=True), Audio: sounds("audio/wav", "audio/mpeg")},
    ),
    row(
        "azure_ai", "", "AZURE_INFERENCE_CREDENTIAL", base_names="AZURE_INFERENCE_ENDPOINT", headers=_api_key,
        media={**images(COMMON, detail=True), Audio: sounds("audio/wav", "audio/mpeg")},
    ),
    # vllm-project/vllm docs/features/multimodal_inputs.md
    row(
        "vllm", "http://localhost:8000/v1", "", base_names="VLLM_BASE_URL",
        media={**images(COMMON), Audio: sounds("audio/wav", "audio/mpeg", "audio/flac", "audio/ogg"), Video: FILMS},
    ),
    # ggml-org/llama.cpp docs/multimodal.md; tool_choice is a word there
    row(
        "llama-server", "http://localhost:8080/v1", "", base_names="LLAMA_SERVER_BASE_URL", quirks=(required,),
        media={**images("png jpeg gif bmp", BYTES), Audio: sounds("audio/wav", "audio/mpeg")},
    ),
    # lmstudio-ai/docs, 2026-04-29: JPEG, PNG, WebP as data URIs; no forced tool is documented
    row(
        "lmstudio", "http://localhost:1234/v1", "", base_names="LMSTUDIO_BASE_URL", quirks=(unforced,),
        media=images("png jpeg webp", BYTES), families=modes("JSON_SCHEMA MD_JSON"),
    ),
    # ollama/ollama openai/openai.go: data URIs only; tool_choice is not read
    row(
        "ollama-v1", "http://localhost:11434/v1", "", base_names="OLLAMA_OPENAI_BASE_URL", quirks=(unforced,),
        media={**images("png jpeg webp", BYTES), Audio: sounds("audio/wav", "audio/mpeg")},
        families=_alone(modes("JSON_SCHEMA JSON TOOLS MD_JSON")),  # github.com/ollama/ollama/issues/13750
    ),
    row(
        "litellm", "http://localhost:4000/v1", "", base_names="LITELLM_BASE_URL LITELLM_PROXY_API_BASE",
        families=STRICT,
        media={**images(COMMON, detail=True), Audio: sounds("audio/wav", "audio/mpeg"), PDF: pdfs(_file, BYTES)},
    ),
    row("openai-compatible", "", "", base_names="OPENAI_COMPATIBLE_BASE_URL", media=images(COMMON, detail=True)),
)  # fmt: skip

ROWS: Mapping[str, Provider] = {provider.adapter.name: provider for provider in _ROWS}
"""Name → provider."""
