"""The embedded provider's wire form, the smallest there is: neutral parts as plain dicts.

    request   {"model", "messages": [{"role", "parts": [{"text"} | {"medium"}]}], "schema" | None, "round"}
    answer    {"text", "missing": [path …], "unread": [sentence …]}

`medium` holds the media value itself: nothing is copied or encoded, because nothing leaves the process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from ...adapter import NOTHING_KNOWN, Accepts, Family, Wire
from ...errors import BadRequest, MessageError, ProviderError
from ...fit import Limits
from ...ir import (
    Delta,
    JsonObject,
    Message,
    Native,
    OutputSchema,
    Part,
    Reasoning,
    Reply,
    Request,
    Stopped,
    Text,
    TextDelta,
    ToolCall,
    ToolResult,
)
from ...media import PDF, Audio, Document, Image, Media, SourceKind
from ...modes import Mode
from ...output import PLAIN

_CONTENT: frozenset[SourceKind] = frozenset({"bytes"})


def _medium(medium: Media) -> Wire:
    return {"medium": medium}


class Embedded:
    """The adapter."""

    name = "embedded"
    dialect = "embedded"
    caches = False
    whole = NOTHING_KNOWN
    streaming: Mapping[str, Any] = {}
    media = {
        Image: Accepts(
            Limits(frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff"})),
            _CONTENT,
            _medium,
        ),
        PDF: Accepts(Limits(frozenset({"application/pdf"})), _CONTENT, _medium),
        Audio: Accepts(Limits(frozenset({"audio/wav"})), _CONTENT, _medium),
        Document: Accepts(Limits(Document.textual), _CONTENT, _medium),
    }
    families = (Family(re.compile(r""), {Mode.JSON_SCHEMA: PLAIN}),)

    def encode(self, request: Request) -> Wire:
        """The request as described above. Parameters that steer a language model have no meaning here."""
        if request.tools or isinstance(request.output, JsonObject):
            raise MessageError("the embedded reader calls no tools")
        messages = [
            {"role": message.role, "parts": [_part(part, f"messages[{i}]") for part in message.parts]}
            for i, message in enumerate(request.messages)
        ]
        schema = request.output.schema if isinstance(request.output, OutputSchema) else None
        return {"model": request.model, "messages": messages, "schema": schema, "round": _round(request.messages)}

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        """The reply, whose notes say what was not found or could not be read."""
        missing = wire.get("missing", ())
        notes = [f"not found in the media: {', '.join(missing)}"] if missing else []
        return Reply((Text(str(wire["text"])),), notes=(*notes, *wire.get("unread", ())))

    def deltas(self, event: Mapping[str, Any]) -> Iterable[Delta]:
        """The whole answer at once."""
        reply = self.decode(event)
        return (TextDelta(reply.text), Stopped(reply.finish))

    def error(self, status: int, body: Any) -> ProviderError:
        """Never asked for: there is no exchange that could fail."""
        return BadRequest(str(body), provider=self.name)


def _part(part: Part, where: str) -> Wire:
    match part:
        case Text(text):
            return {"text": text}
        case Media():
            return Embedded.media[type(part)].encode(part)
        case Native() | Reasoning() | ToolCall() | ToolResult():
            raise MessageError(f"the embedded reader takes no {type(part).__name__}", where=where)
        case _:
            assert_never(part)


def _round(messages: tuple[Message, ...]) -> int:
    """Whether this is asked again: the last message but one is then the failed answer."""
    return int(len(messages) > 2 and messages[-2].role == "assistant")
