"""What Mistral's chat API refuses although the types allow it: a table of checks, each with its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from .contents import IMAGES, content_problems, data_uri_problems
from .dialect import Asked, Problem, Rule
from .openai_rules import calls_are_answered, chosen_tools_are_offered, json_mode_says_json, there_are_messages
from .strict import Path

_API = "mistralai: client/models/chatcompletionrequest.py, the fields' own descriptions"
_VISION = "https://docs.mistral.ai/capabilities/vision"
_DOCUMENTS = "https://docs.mistral.ai/capabilities/OCR/document_qna"
_AUDIO = "https://docs.mistral.ai/studio/audio; client/models/audiochunk.py"
_CODE_3051 = "the API's own error 3051: Cannot use json response type with tools"
_CODE_3230 = "the API's own error 3230: Unexpected role / Expected last role User or Tool"
_CODE_3280 = "the API's own error 3280: Tool call id … must be a-z, A-Z, 0-9, with a length of 9"

_CALL_ID = re.compile(r"[a-zA-Z0-9]{9}")


def json_goes_without_tools(asked: Asked) -> Iterator[Problem]:
    form = asked.body.get("response_format") or {}
    if asked.body.get("tools") and form.get("type") in ("json_object", "json_schema"):
        yield Problem(("response_format",), "Cannot use json response type with tools")


def a_schema_is_there(asked: Asked) -> Iterator[Problem]:
    form = asked.body.get("response_format") or {}
    if (form.get("type") == "json_schema") != bool(form.get("json_schema")):
        yield Problem(("response_format",), "json_schema goes with the type 'json_schema', and only with it")


def roles_follow_each_other(asked: Asked) -> Iterator[Problem]:
    messages = asked.body["messages"]
    for number, (one, next_one) in enumerate(pairwise(messages)):
        if one["role"] == "tool" and next_one["role"] == "user":
            yield Problem(("messages", number + 1), "Unexpected role 'user' after role 'tool'")
    last = messages[-1]
    if last["role"] not in ("user", "tool") and not last.get("prefix"):
        said = f"Expected last role User or Tool (or Assistant with prefix True) for serving but got {last['role']}"
        yield Problem(("messages", len(messages) - 1), said)


def call_ids_have_nine_characters(asked: Asked) -> Iterator[Problem]:
    for path, message in _messages(asked):
        ids = [message["tool_call_id"]] if message.get("tool_call_id") else []
        for id in (*ids, *(call.get("id", "null") for call in message.get("tool_calls") or ())):
            if not _CALL_ID.fullmatch(id):
                yield Problem(path, f"Tool call id was {id} but must be a-z, A-Z, 0-9, with a length of 9.")


def images_are_images(asked: Asked) -> Iterator[Problem]:
    found = list(_chunks(asked, "image_url"))
    if len(found) > 8:
        yield Problem((), f"{len(found)} images, at most 8 are taken")
    for path, chunk in found:
        place = chunk["image_url"]
        yield from _address_problems(place["url"] if isinstance(place, Mapping) else place, IMAGES, path)


def documents_are_documents(asked: Asked) -> Iterator[Problem]:
    for path, chunk in _chunks(asked, "document_url"):
        yield from _address_problems(chunk["document_url"], ("application/pdf",), path)


def audio_is_base64_or_an_address(asked: Asked) -> Iterator[Problem]:
    for path, chunk in _chunks(asked, "input_audio"):
        if not chunk["input_audio"].startswith(("http://", "https://")):
            yield from content_problems(chunk["input_audio"], "audio", (*path, "input_audio"))


def numbers_are_in_range(asked: Asked) -> Iterator[Problem]:
    for key, low, high in (("temperature", 0, 1.5), ("top_p", 0, 1), ("n", 1, 128), ("max_tokens", 0, 1e9)):
        value = asked.body.get(key)
        if value is not None and not low <= value <= high:
            yield Problem((key,), f"must be between {low} and {high}, not {value}")


RULES = (
    Rule(_API, there_are_messages),
    Rule(_API, json_mode_says_json),
    Rule(_API, a_schema_is_there),
    Rule(_API, chosen_tools_are_offered),
    Rule(_CODE_3051, json_goes_without_tools),
    Rule(_CODE_3230, roles_follow_each_other),
    Rule(_CODE_3230, calls_are_answered),
    Rule(_CODE_3280, call_ids_have_nine_characters),
    Rule(_VISION, images_are_images),
    Rule(_DOCUMENTS, documents_are_documents),
    Rule(_AUDIO, audio_is_base64_or_an_address),
    Rule(_API, numbers_are_in_range),
)


# ------------------------------------------------------------------------------------------------- readers of bodies


def _messages(asked: Asked) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for number, message in enumerate(asked.body["messages"]):
        yield ("messages", number), message


def _chunks(asked: Asked, kind: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for path, message in _messages(asked):
        content = message.get("content")
        for number, chunk in enumerate(content if isinstance(content, list) else ()):
            if chunk.get("type") == kind:
                yield (*path, "content", number), chunk


def _address_problems(url: str, mimes: tuple[str, ...], path: Path) -> Iterator[Problem]:
    if url.startswith("data:"):
        yield from data_uri_problems(url, mimes, path)
    elif not url.startswith(("http://", "https://")):
        yield Problem(path, "must be an http(s) URL or a data URI")
