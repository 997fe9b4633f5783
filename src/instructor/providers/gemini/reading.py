"""What `generateContent` gives back, piece by piece: parts, usage, why it stopped, and what is said beside it.

An answer may be of any shape: what is not as it should be is passed over, and never more than that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

from ...ir import Finish, Native, Part, Reasoning, Text, ToolCall, Usage
from . import writing

FINISH: Mapping[str, Finish] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",
    **dict.fromkeys(
        (
            *("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"),
            *("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"),
        ),
        "filter",
    ),
}
"""`finishReason` (types.py, FinishReason); all others are mishaps of the model, worth another attempt."""


def candidate(wire: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The first candidate, of which there is one unless more were asked for."""
    return next(iter(_rows(wire.get("candidates"))), None)


def parts(candidate: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The parts of its content."""
    return _rows(_fields(_fields(candidate).get("content")).get("parts"))


def read(place: int, part: Mapping[str, Any]) -> Iterable[Part]:
    """A part, after its signature, if it has one: what the API wants back travels as a part of its own."""
    signature = part.get("thoughtSignature")
    if part.get("thought") and isinstance(part.get("text"), str):
        yield Reasoning(part["text"], ("gemini", part))
        return
    if signature and (part.get("text") is not None or "functionCall" in part):
        yield Reasoning("", ("gemini", {writing.SIGNATURE: signature}))
    match part:
        case {"text": str(text)}:
            if text:
                yield Text(text)
        case {"functionCall": {"name": str(name), **call}}:
            arguments = json.dumps(call.get("args") or {}, ensure_ascii=False)
            yield ToolCall(str(call.get("id") or f"{writing.NUMBERED}{place}"), name, arguments)
        case _:
            yield Native("gemini", part)


def index(event: Mapping[str, Any], place: int) -> int:
    """A number for a call. A stream numbers none, and each event is read by itself: two events differ in something."""
    return crc32(json.dumps(event, sort_keys=True, default=str).encode()) + place


def finish(candidate: Mapping[str, Any], parts: Iterable[Part]) -> Finish:
    """Why the model stopped."""
    said = FINISH.get(str(candidate.get("finishReason")), "other")
    return "tools" if said == "stop" and any(isinstance(part, ToolCall) for part in parts) else said


def blocked(wire: Mapping[str, Any]) -> str | None:
    """Why a prompt was not let through, in words."""
    feedback = _fields(wire.get("promptFeedback"))
    reason, words = feedback.get("blockReason"), feedback.get("blockReasonMessage")
    return f"the prompt was blocked: {reason}" + (f" ({words})" if words else "") if reason else None


def notes(candidate: Mapping[str, Any]) -> tuple[str, ...]:
    """What is said about the answer: why it stopped, what was blocked, which address could not be read, sources."""
    reason, message = str(candidate.get("finishReason")), candidate.get("finishMessage")
    addresses = _rows(_fields(candidate.get("urlContextMetadata")).get("urlMetadata"))
    cited = _fields(candidate.get("citationMetadata"))
    return (
        *([f"finishReason {reason}"] if FINISH.get(reason) not in ("stop", "length") else []),
        *([str(message)] if message else []),
        *(f"blocked: {row.get('category')}" for row in _rows(candidate.get("safetyRatings")) if row.get("blocked")),
        *(
            f"an address was not read: {row.get('urlRetrievalStatus')} {row.get('retrievedUrl', '')}".rstrip()
            for row in addresses
            if not str(row.get("urlRetrievalStatus")).endswith("SUCCESS")
        ),
        *(
            f"cites {row.get('uri') or row.get('title') or 'a source without a name'}"
            for row in _rows(cited.get("citationSources") or cited.get("citations"))
        ),
    )


def usage(wire: Mapping[str, Any]) -> Usage:
    """Tokens. What tools gave the model counts as input; thoughts are not among the candidates' tokens."""
    told = _fields(wire.get("usageMetadata"))

    def count(name: str) -> int:
        value = told.get(name)
        return value if isinstance(value, int) else 0

    return Usage(
        input=count("promptTokenCount") + count("toolUsePromptTokenCount"),
        output=count("candidatesTokenCount") + count("thoughtsTokenCount"),
        cache_read=count("cachedContentTokenCount"),
        reasoning=count("thoughtsTokenCount"),
        audio=sum(
            row["tokenCount"]
            for row in _rows(told.get("promptTokensDetails"))
            if row.get("modality") == "AUDIO" and isinstance(row.get("tokenCount"), int)
        ),
    )


def _fields(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
