"""What Gemini's `generateContent` refuses although the types allow it: a table of checks, each with its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .contents import content_problems, nodes
from .dialect import Asked, Problem, Rule
from .strict import Path

_API = "https://ai.google.dev/api/generate-content"
_FILES = "https://ai.google.dev/gemini-api/docs/generate-content/file-input-methods"
_IMAGES = "https://ai.google.dev/gemini-api/docs/generate-content/image-understanding"
_CALLS = "https://ai.google.dev/gemini-api/docs/function-calling"
_SCHEMA = "https://ai.google.dev/gemini-api/docs/structured-output"
_SIGNATURES = "https://ai.google.dev/gemini-api/docs/thought-signatures"
_RESOLUTION = "https://ai.google.dev/gemini-api/docs/media-resolution"
_CACHING = "https://ai.google.dev/api/caching"
_GEMMA = "https://ai.google.dev/gemma/docs/core/gemma_on_gemini_api"
_VERTEX = "https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/capabilities/image-understanding"

REQUEST_BYTES = 100 * 1024 * 1024

MODEL = re.compile(
    r"/v1(?:beta1?|alpha)?/(?P<vertex>projects/[^/]+/locations/[^/]+/)?(?:publishers/[^/]+/)?"
    r"(?:(?:models|tunedModels|endpoints)/)(?P<model>[^/:]+):(?:streamG|g)enerateContent$"
)
THIRD = re.compile(r"gemini-([3-9]|\d\d)|-latest$")

DATA = ("text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult")

INLINE = re.compile(
    r"image/(png|jpeg|webp|heic|heif)|audio/(wav|mp3|mpeg|aiff|aac|x-aac|ogg|flac|m4a|mp4|webm)|application/pdf"
    r"|video/(mp4|mpeg|mpg|mov|quicktime|avi|x-flv|webm|wmv|3gpp)|text/\w+"
)
_URLSAFE = str.maketrans("-_", "+/")
_NAME = re.compile(r"[A-Za-z_][\w.:-]{0,127}")


def model_of(asked: Asked) -> str:
    """The model that a request's path names."""
    found = MODEL.search(asked.path)
    return found["model"] if found else ""


def the_path_names_a_model(asked: Asked) -> Iterator[Problem]:
    if not model_of(asked):
        yield Problem((), f"The requested URL {asked.path} was not found on this server.", 404)


def the_request_is_not_too_large(asked: Asked) -> Iterator[Problem]:
    if asked.size > REQUEST_BYTES:
        yield Problem((), f"Request payload size exceeds the limit: {REQUEST_BYTES} bytes.")


def contents_are_not_empty(asked: Asked) -> Iterator[Problem]:
    if not asked.body["contents"]:
        yield Problem(("contents",), "contents is not specified")
    for path, content in _contents(asked):
        if not content.get("parts"):
            yield Problem((*path, "parts"), "must include at least one parts field")
        if content.get("role") not in ("user", "model"):
            yield Problem((*path, "role"), "Please use a valid role: user, model.")


def parts_hold_one_thing(asked: Asked) -> Iterator[Problem]:
    for path, part in _parts(asked):
        held = [key for key in DATA if key in part]
        if len(held) != 1:
            message = (
                f"oneof field 'data' is set {len(held)} times"
                if held
                else "required oneof field 'data' must have one initialized field"
            )
            yield Problem(path, message)
        if part.get("text") == "" and "thoughtSignature" not in part:
            yield Problem((*path, "text"), "must not be empty")


def media_are_what_they_say(asked: Asked) -> Iterator[Problem]:
    for path, part in _parts(asked, inside=True):
        blob = part.get("inlineData")
        if blob is None:
            continue
        mime, where = str(blob.get("mimeType", "")), (*path, "inlineData")
        if not INLINE.fullmatch(mime):
            yield Problem((*where, "mimeType"), f"Unsupported MIME type: {mime}")
        yield from content_problems(str(blob["data"]).translate(_URLSAFE), mime, (*where, "data"))


def files_are_where_they_are_read(asked: Asked) -> Iterator[Problem]:
    vertex = bool((MODEL.search(asked.path) or {"vertex": None})["vertex"])
    for path, part in _parts(asked, inside=True):
        file = part.get("fileData")
        if file is None:
            continue
        uri, where = str(file.get("fileUri", "")), (*path, "fileData")
        if not uri.startswith(("https://", "http://", "gs://") if vertex else ("https://", "http://")):
            yield Problem((*where, "fileUri"), f"Unsupported file URI type: {uri[:60]}")
        if vertex and not file.get("mimeType"):
            yield Problem((*where, "mimeType"), "Unable to submit request because it must have a mimeType parameter.")


def calls_are_answered(asked: Asked) -> Iterator[Problem]:
    waiting: list[str] = []
    for path, content in _contents(asked):
        parts = content.get("parts") or []
        answered = [part["functionResponse"].get("name") for part in parts if "functionResponse" in part]
        if sorted(map(str, answered)) != sorted(waiting):
            yield Problem(
                path,
                "Please ensure that the number of function response parts is equal to the number of function call parts "
                "of the function call turn.",
            )
        waiting = [str(part["functionCall"].get("name")) for part in parts if "functionCall" in part]
        if waiting and content.get("role") != "model":
            yield Problem(path, "function call parts come from the model")


def calls_are_signed(asked: Asked) -> Iterator[Problem]:
    if not THIRD.search(model_of(asked)):
        return
    for path, content in _contents(asked):
        calls = [i for i, part in enumerate(content.get("parts") or ()) if "functionCall" in part]
        if calls and "thoughtSignature" not in content["parts"][calls[0]]:
            yield Problem(
                (*path, "parts", calls[0]), "Function call is missing a thought_signature in functionCall parts."
            )


def functions_are_declared_well(asked: Asked) -> Iterator[Problem]:
    names: list[str] = []
    for path, function in _functions(asked):
        name = str(function.get("name", ""))
        if not _NAME.fullmatch(name):
            yield Problem((*path, "name"), f"Invalid function name: {name!r}")
        if name in names:
            yield Problem((*path, "name"), f"Duplicate function declaration found: {name}")
        names.append(name)
        if "parameters" in function and "parametersJsonSchema" in function:
            yield Problem(path, "parameters and parametersJsonSchema exclude each other")
    config = (asked.body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    allowed, where = config.get("allowedFunctionNames"), ("toolConfig", "functionCallingConfig")
    if allowed and config.get("mode") not in ("ANY", "VALIDATED"):
        yield Problem(where, "allowedFunctionNames should only be set when mode is ANY.")
    for name in allowed or ():
        if name not in names:
            yield Problem((*where, "allowedFunctionNames"), f"{name!r} is not among the declared functions")


def schemas_are_of_the_subset(asked: Asked) -> Iterator[Problem]:
    for path, schema in _schemas(asked):
        for where, node in nodes(schema, path):
            beside = [key for key in node if "$ref" in node and not key.startswith("$")]
            if beside:
                yield Problem(where, f"$ref may not have {', '.join(beside)} beside it")
            if any(
                not isinstance(value, str | int | float) or isinstance(value, bool) for value in node.get("enum", ())
            ):
                yield Problem((*where, "enum"), "only strings and numbers are supported")


def schemas_go_with_json(asked: Asked) -> Iterator[Problem]:
    config = asked.body.get("generationConfig") or {}
    json = config.get("responseMimeType") == "application/json"
    given = [key for key in ("responseSchema", "responseJsonSchema") if key in config]
    if given and not json:
        yield Problem(("generationConfig", given[0]), "is only allowed when responseMimeType is application/json")
    if len(given) > 1:
        yield Problem(("generationConfig",), "responseSchema and responseJsonSchema exclude each other")
    model = model_of(asked)
    if json and asked.body.get("tools") and not THIRD.search(model):
        yield Problem((), "Function calling with a response mime type: 'application/json' is unsupported")


def resolutions_are_for_models_that_take_them(asked: Asked) -> Iterator[Problem]:
    for path, part in _parts(asked, inside=True):
        if "mediaResolution" in part and not THIRD.search(model_of(asked)):
            yield Problem((*path, "mediaResolution"), "per-part media resolution is not supported for this model")


def caches_hold_their_own(asked: Asked) -> Iterator[Problem]:
    if "cachedContent" in asked.body and {"systemInstruction", "tools", "toolConfig"} & set(asked.body):
        message = "CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config."
        yield Problem(("cachedContent",), message)


def gemma_is_plain(asked: Asked) -> Iterator[Problem]:
    if not re.search(r"gemma-[123]", model_of(asked)):
        return
    if "systemInstruction" in asked.body:
        yield Problem((), f"Developer instruction is not enabled for models/{model_of(asked)}")
    if (asked.body.get("generationConfig") or {}).get("responseMimeType") == "application/json":
        yield Problem((), f"JSON mode is not enabled for models/{model_of(asked)}")
    if asked.body.get("tools"):
        yield Problem((), f"Function calling is not enabled for models/{model_of(asked)}")


RULES = (
    Rule(_API, the_path_names_a_model),
    Rule(_FILES, the_request_is_not_too_large),
    Rule(_API, contents_are_not_empty),
    Rule(_API, parts_hold_one_thing),
    Rule(_IMAGES, media_are_what_they_say),
    Rule(f"{_FILES} {_VERTEX}", files_are_where_they_are_read),
    Rule(_CALLS, calls_are_answered),
    Rule(_SIGNATURES, calls_are_signed),
    Rule(_CALLS, functions_are_declared_well),
    Rule(_SCHEMA, schemas_are_of_the_subset),
    Rule(_SCHEMA, schemas_go_with_json),
    Rule(_RESOLUTION, resolutions_are_for_models_that_take_them),
    Rule(_CACHING, caches_hold_their_own),
    Rule(_GEMMA, gemma_is_plain),
)


# ------------------------------------------------------------------------------------------------- readers of bodies


def spelt(value: Any) -> Any:
    """A body with the names of its fields in camel case, but for those of the caller's own."""
    from .gemini_types import OPAQUE

    if isinstance(value, Mapping):
        return {(name := _camel(key)): inner if name in OPAQUE else spelt(inner) for key, inner in value.items()}
    return [spelt(inner) for inner in value] if isinstance(value, list) else value


def _camel(key: str) -> str:
    head, *rest = key.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _contents(asked: Asked) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for number, content in enumerate(asked.body["contents"]):
        yield ("contents", number), spelt(content)


def _parts(asked: Asked, inside: bool = False) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every part; with `inside`, those of function responses too."""
    system = asked.body.get("systemInstruction")
    told = [(("systemInstruction",), spelt(system))] if system else []
    for path, content in (*told, *_contents(asked)):
        for number, part in enumerate(content.get("parts") or ()):
            where = (*path, "parts", number)
            yield where, part
            if inside and "functionResponse" in part:
                for index, inner in enumerate(part["functionResponse"].get("parts") or ()):
                    yield (*where, "functionResponse", "parts", index), inner


def _functions(asked: Asked) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for number, tool in enumerate(spelt(asked.body.get("tools") or [])):
        for index, function in enumerate(tool.get("functionDeclarations") or ()):
            yield ("tools", number, "functionDeclarations", index), function


def _schemas(asked: Asked) -> Iterator[tuple[Path, Any]]:
    config = asked.body.get("generationConfig") or {}
    if "responseJsonSchema" in config:
        yield ("generationConfig", "responseJsonSchema"), config["responseJsonSchema"]
    for path, function in _functions(asked):
        if "parametersJsonSchema" in function:
            yield (*path, "parametersJsonSchema"), function["parametersJsonSchema"]
