"""Pieces of JSON that several dialects write and read alike. What is a dialect's own stands in its module."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..adapter import Wire
from ..errors import MessageError
from ..fit import Limits
from ..ir import CallDelta, OutputSchema, Part, Reasoning, Text, Tool, ToolCall
from ..media import CacheControl, Document, Image, Inline, Media, Url

# ── media ────────────────────────────────────────────────────────────────────────────────────────


def data_uri(medium: Media) -> Inline:
    """The content as `data:type;base64,…`."""
    return Inline(medium, f"data:{medium.media_type};base64,")


def address(medium: Media) -> str | Inline:
    """Where the medium is, or its content as `data:type;base64,…`."""
    return medium.origin.url if isinstance(medium.origin, Url) else data_uri(medium)


def image_part(image: Media) -> Wire:
    """A picture, with the detail that is wanted of it."""
    place: Wire = {"url": address(image)}
    if isinstance(image, Image) and image.detail:
        place["detail"] = image.detail
    return {"type": "image_url", "image_url": place}


def headed(document: Media) -> str:
    """A document's text, headed by its name."""
    assert isinstance(document, Document)
    return f"{document.name}:\n\n{document.text()}" if document.name else document.text()


def text_part(document: Media) -> Wire:
    """A document as a part of text, headed by its name."""
    return {"type": "text", "text": headed(document)}


# ── tools and schemas, as OpenAI's Chat has them ─────────────────────────────────────────────────


def function_tool(tool: Tool) -> Wire:
    """A tool that the model may call."""
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": {**function, "strict": True} if tool.strict else function}


def function_call(call: ToolCall) -> Wire:
    """A call that the model made, in history."""
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def schema_format(output: OutputSchema) -> Wire:
    """The schema of an answer, with what is said of it."""
    wire: Wire = {"name": output.name, "schema": output.schema, "strict": output.strict}
    return {**wire, "description": output.description} if output.description else wire


def called(call: Mapping[str, Any]) -> ToolCall:
    """A call in an answer."""
    function = fields(call, "function")
    return ToolCall(str(call.get("id") or ""), str(function.get("name") or ""), _arguments(function))


def call_delta(place: int, call: Mapping[str, Any]) -> CallDelta:
    """More of a call, in a stream: of the one at this place, unless it says of which."""
    function, index = call.get("function") or {}, call.get("index")
    return CallDelta(
        place if index is None else int(index),
        call.get("id") or "",
        function.get("name") or "",
        _arguments(function),
    )


def _arguments(function: Mapping[str, Any]) -> str:
    """JSON text; some servers give the object itself."""
    arguments = function.get("arguments") or ""
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


# ── arguments, fields, parts ─────────────────────────────────────────────────────────────────────


def as_object(arguments: str) -> Any:
    """Arguments as the object that an API wants; a model's malformed JSON is kept as text inside one."""
    try:
        value = json.loads(arguments or "{}")
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"malformed": arguments}


def fields(wire: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object inside another; empty where there is none, or something else."""
    found = wire.get(key)
    return found if isinstance(found, dict | Mapping) else {}


def kept(parts: tuple[Part, ...], dialect: str) -> Iterator[Part]:
    """The parts without empty texts, which some APIs refuse, and without reasoning of other dialects."""
    for part in parts:
        foreign = isinstance(part, Reasoning) and (part.native is None or part.native[0] != dialect)
        blank = isinstance(part, Text) and not part.text.strip()
        if not blank and not foreign:
            yield part


# ── OpenAI's two dialects ────────────────────────────────────────────────────────────────────────

PICTURES = Limits(
    # guides/images-vision: PNG, JPEG, WEBP, non-animated GIF; 512 MB of payload in all; over 30,000 patches of 32 pixels
    # an image is refused
    frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"}),
    max_bytes=512 * 1024**2,
    encoded=True,
    max_patches=30_000,
    animated=False,
)

CACHE_TTLS = ("30m", "12h")


def cache_marked(wire: Wire, cache: CacheControl | None, provider: str, where: str) -> Wire:
    """The part with a cache breakpoint of the caller's."""
    if cache is None:
        return wire
    if cache.ttl is not None and cache.ttl not in CACHE_TTLS:
        known = " or ".join(map(repr, CACHE_TTLS))
        raise MessageError(f"{provider} keeps a cached prompt for {known}, not {cache.ttl!r}", where=where)
    return {**wire, "prompt_cache_breakpoint": {"mode": "explicit", **({"ttl": cache.ttl} if cache.ttl else {})}}
