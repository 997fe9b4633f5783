"""A GGUF model on this machine, run in this process by llama.cpp: `from_provider("llamacpp/path/to/model.gguf")`.

    path, mmproj=…, n_ctx=… ──host()──▶ Hosted: adapter (OpenAI's Chat dialect, with this model's media) + start()
                                        start(): llama.cpp's own server (`xllamacpp`), on a free loopback port

No key, no SDK, no network. The files are looked at when the client is made, the model is loaded with the first request, and
clients of the same model share it. The server wants a key that nobody outside this process has.

Sources: tools/server/README.md and tools/mtmd/clip-impl.h of ggml-org/llama.cpp, and trials with xllamacpp 2026.10.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..adapter import Accepts, Endpoint, Family, Hosted, Provider, Running, Whole, Wire
from ..errors import ConfigurationError, MissingExtra
from ..fit import Limits
from ..ir import Request
from ..media import Audio, Document, Image, Media
from ..modes import Mode
from ..output import PLAIN
from ..values import dataclass
from ._params import Parameters, words
from .openai import MEDIA as OPENAI_MEDIA
from .openai import OpenAIChat

# ── tables ───────────────────────────────────────────────────────────────────────────────────────

MEDIA: Mapping[type[Media], Accepts] = {
    # what stb_image reads of a picture, one frame; WebP and TIFF are answered with 400 (trial)
    Image: Accepts(
        Limits(frozenset({"image/png", "image/jpeg", "image/bmp", "image/gif"}), animated=False),
        frozenset({"bytes"}),
        OPENAI_MEDIA[Image].encode,
    ),
    # docs/multimodal.md: `input_audio`, experimental
    Audio: Accepts(Limits(frozenset({"audio/wav", "audio/mpeg"})), frozenset({"bytes"}), OPENAI_MEDIA[Audio].encode),
    Document: OPENAI_MEDIA[Document],
}

SENSES: Mapping[type[Media], bytes] = {Image: b"clip.has_vision_encoder", Audio: b"clip.has_audio_encoder"}
"""The key of a projector's file that says what it is for (tools/mtmd/clip-impl.h)."""

FAMILIES = (
    Family(re.compile(r""), {Mode.JSON_SCHEMA: PLAIN, Mode.TOOLS: PLAIN, Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}),
)
"""A grammar holds the model to the schema, whatever the model; calls depend on its chat template."""

PARAMETERS = Parameters(
    # tools/server/README.md, POST /completion and /v1/chat/completions
    words(
        "cache_prompt chat_template_kwargs dry_allowed_length dry_base dry_multiplier dry_penalty_last_n "
        "dry_sequence_breakers dynatemp_exponent dynatemp_range frequency_penalty grammar ignore_eos logit_bias logprobs "
        "lora max_tokens min_keep min_p mirostat mirostat_eta mirostat_tau n_keep n_probs parallel_tool_calls "
        "presence_penalty reasoning_format repeat_last_n repeat_penalty response_format samplers seed stop "
        "stream_options t_max_predict_ms temperature timings_per_token tool_choice tools top_k top_logprobs "
        "top_n_sigma top_p typical_p xtc_probability xtc_threshold"
    ),
    renamed={
        "max_completion_tokens": "max_tokens",
        "max_output_tokens": "max_tokens",
        "n_predict": "max_tokens",
        "stop_sequences": "stop",
    },
    refused={
        "metadata": "nothing is kept of a request",
        "store": "nothing is kept of a request",
        "user": "there is one user",
        "n": "it writes one answer; call create() again for another",
        "reasoning_effort": "models name it differently; pass what the chat template knows as chat_template_kwargs={…}",
        "thinking": 'pass what the chat template knows, for example chat_template_kwargs={"enable_thinking": True}',
        "system": "pass a system message",
    },
)


@dataclass(frozen=True, slots=True)
class Option:
    """One of the parameters that are for loading the model: where llama.cpp's own parameters have it, and its type."""

    place: str
    type: type


OPTIONS: Mapping[str, Option] = {
    "n_ctx": Option("n_ctx", int),
    "n_gpu_layers": Option("n_gpu_layers", int),
    "n_parallel": Option("n_parallel", int),
    "n_threads": Option("cpuparams.n_threads", int),
    "chat_template": Option("chat_template", str),
}
"""llama.cpp's names for them; each has llama.cpp's default."""

SILENT, TALKING = -1, 3
"""Verbosity: nothing at all, and what llama.cpp itself writes to standard error."""

HEADER = 1 << 20
"""Bytes of a projector's file in which its keys are looked for: it has no vocabulary, so they are all in front."""

# ── the adapter ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class LlamaCpp(OpenAIChat):
    """OpenAI's Chat dialect, for the one model that was loaded."""

    file: str = ""

    def encode(self, request: Request) -> Wire:
        """The body of `POST /v1/chat/completions`."""
        if self.file and request.model != self.file:
            raise ConfigurationError(
                f"this client runs {self.file}: for {request.model!r:.200} make another one with from_provider()"
            )
        wire = super().encode(request)
        return {**wire, "tool_choice": "required"} if request.choice else wire  # it is a word there, never a name


def _adapter(file: str = "", media: Mapping[type[Media], Accepts] = MEDIA) -> LlamaCpp:
    return LlamaCpp(
        "llamacpp",
        media=media,
        families=FAMILIES,
        parameters=PARAMETERS,
        whole=Whole(),
        max_tokens_of_reasoning=None,
        caches=False,
        file=file,
    )


# ── the model ────────────────────────────────────────────────────────────────────────────────────


def host(model: str, params: dict[str, Any]) -> Hosted:
    """The model at this path. Takes the parameters that are for loading it out of `params`.

    Raises:
        ConfigurationError: there is no such file, or it is not what it should be, or an option is not.
        MissingExtra: xllamacpp is not installed.
    """
    if find_spec("xllamacpp") is None:
        raise MissingExtra("xllamacpp", "local", "run a model in this process")
    file, mmproj = _gguf(model, "model"), params.pop("mmproj", None)
    projector = None if mmproj is None else _gguf(mmproj, "mmproj")
    verbose = bool(params.pop("verbose", False))
    chosen = {name: _checked(name, params.pop(name)) for name in OPTIONS if name in params}
    senses = _senses(projector) if projector else frozenset()
    media = {kind: row for kind, row in MEDIA.items() if kind in senses or kind is Document}
    identity = (file.resolve(), projector and projector.resolve(), verbose, *sorted(chosen.items()))
    return Hosted(_adapter(model, media), identity, partial(_start, file, projector, chosen, verbose))


def _gguf(given: object, what: str) -> Path:
    """The file, if it is one of GGUF."""
    if not isinstance(given, str | Path):
        raise ConfigurationError(f"{what} is the path of a GGUF file, not a {type(given).__name__}")
    path = Path(given).expanduser()
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
    except OSError as error:
        raise ConfigurationError(f"{what}: {path} cannot be opened: {error.strerror}") from error
    if magic != b"GGUF":
        raise ConfigurationError(f"{what}: {path} is not a GGUF file: models for llama.cpp are")
    return path


def _checked(name: str, value: Any) -> Any:
    wanted = OPTIONS[name].type
    if isinstance(value, wanted) and not isinstance(value, bool):
        return value
    raise ConfigurationError(f"{name} is of type {wanted.__name__}, not {value!r:.60}")


def _senses(projector: Path) -> frozenset[type[Media]]:
    """What a projector lets the model see or hear."""
    with projector.open("rb") as stream:
        header = stream.read(HEADER)
    true = (7).to_bytes(4, "little") + b"\x01"  # a GGUF value: its type, which is bool, and the value
    found = frozenset(kind for kind, key in SENSES.items() if key + true in header)
    if not found:
        raise ConfigurationError(
            f"mmproj: {projector} is not a multimodal projector: it has no encoder of pictures or sound"
        )
    return found


def _start(file: Path, projector: Path | None, chosen: Mapping[str, Any], verbose: bool) -> Running:
    xllamacpp: Any = import_module("xllamacpp")  # compiled, and without type information
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    if projector is not None:
        params.mmproj.path = str(projector)
    params.verbosity = TALKING if verbose else SILENT
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.ui = params.endpoint_slots = False
    key = secrets.token_urlsafe(24)
    params.api_keys = [key]
    for name, value in chosen.items():
        *inner, last = OPTIONS[name].place.split(".")
        setattr(getattr(params, inner[0]) if inner else params, last, value)
    try:
        server = [xllamacpp.Server(params)]
    except RuntimeError as error:
        raise ConfigurationError(
            f"llama.cpp cannot load {file}{f' with {projector}' if projector else ''}: the two do not belong together, the "
            "kind of model is newer than the installed xllamacpp, or memory is short. verbose=True shows what it says"
        ) from error
    stop: Callable[[], None] = server.clear  # a server ends when nothing refers to it
    return Running(f"{server[0].listening_address}/v1", key, stop)


provider = Provider(_adapter(), Endpoint("", "/chat/completions", ()), host=host)
