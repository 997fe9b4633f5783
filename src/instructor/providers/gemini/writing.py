"""Messages as `contents`: turns of the user and of the model, each a list of parts.

    system messages ─▶ systemInstruction; where there is no such thing, before the user's first words
    neighbours of one role ─▶ one turn
    a call ─▶ functionCall, with the signature that came before it      a result ─▶ functionResponse, by the call's name
    media in a result ─▶ inside of it from Gemini 3 on, as far as it takes them there; else after it, in the same turn

A signature is a part of its own in a neutral message (`Reasoning` without words): here it joins the part that follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, assert_never

from ...adapter import Accepts, Wire
from ...errors import MessageError
from ...ir import Message, Native, Part, Reasoning, Text, ToolCall, ToolResult
from ...media import Image, Media
from .._pieces import as_object
from .media import DETAIL, IN_RESULTS
from .params import MODERN, plain

SIGNATURE = "thoughtSignature"

NUMBERED = "call-"
"""How ids begin that we gave to calls without one. They are not sent."""

UNSIGNED = "skip_thought_signature_validator"
"""What stands in for the signature of a call that Gemini 3 did not make, or that came over a stream
(ai.google.dev/gemini-api/docs/thought-signatures, FAQ)."""

GEMMA = re.compile(r"gemma-[123]")


def folds_system(model: str) -> bool:
    """Whether a model takes no system instruction."""
    return bool(GEMMA.search(model))


def contents(
    messages: Sequence[Message],
    media: Mapping[type[Media], Accepts],
    model: str,
    folded: bool,
    given: Any = None,
) -> tuple[list[Wire], Wire]:
    """The turns, and the system instruction as a field of the body. `given`: the caller's own instruction.

    Raises:
        MessageError: something cannot be said in this dialect.
    """
    writer = _Writer(media, bool(MODERN.search(model)))
    system = [*_instruction(given)]
    turns: list[Wire] = []
    for i, message in enumerate(messages):
        where = f"messages[{i}]"
        if message.role == "system":
            system += [_said(part, where) for part in message.parts if not _blank(part)]
            continue
        if message.native:
            raise MessageError(f"Gemini's messages have no {', '.join(sorted(message.native))}", where=where)
        role = "model" if message.role == "assistant" else "user"
        parts = writer.parts(message.parts, role, where)
        if not parts:
            raise MessageError(f"the {message.role} message is empty, which Gemini refuses", where=where)
        if turns and turns[-1]["role"] == role:
            turns[-1] = {"role": role, "parts": [*turns[-1]["parts"], *parts]}
        else:
            turns.append({"role": role, "parts": parts})
    if not turns:
        raise MessageError("there is no message beside the system's: Gemini needs one of the user")
    if not system or not folded:
        return turns, {"systemInstruction": {"parts": system}} if system else {}
    if turns[0]["role"] == "user":
        return [{"role": "user", "parts": [*system, *turns[0]["parts"]]}, *turns[1:]], {}
    return [{"role": "user", "parts": system}, *turns], {}


def _instruction(given: Any) -> Iterable[Wire]:
    """The caller's `system_instruction`: words, a part, a content, or a list of them."""
    match given:
        case None:
            return
        case str():
            yield {"text": given}
        case {"parts": [*parts]}:
            yield from parts
        case {"text": str()}:
            yield dict(given)
        case [*several]:
            for one in several:
                yield from _instruction(one)
        case _:
            raise MessageError("it is words, or a content with parts", where="system_instruction")


def _said(part: Part, where: str) -> Wire:
    if isinstance(part, Text):
        return {"text": part.text}
    raise MessageError("Gemini takes words only as system instruction", where=where)


def _blank(part: Part) -> bool:
    return isinstance(part, Text) and not part.text.strip()


class _Writer:
    """Writes parts. Remembers which call had which name, because a result has to bear it."""

    def __init__(self, media: Mapping[type[Media], Accepts], modern: bool) -> None:
        self._media, self._modern = media, modern
        self._names: dict[str, str] = {}

    def parts(self, parts: tuple[Part, ...], role: str, where: str) -> list[Wire]:
        out: list[Wire] = []
        later: list[Wire] = []
        signature: Any = None
        for part in parts:
            if _blank(part):
                continue
            if isinstance(part, Reasoning):
                if part.native is None or part.native[0] != "gemini":
                    continue  # another provider's thoughts
                payload = dict(part.native[1])
                if payload.keys() == {SIGNATURE}:
                    signature = payload[SIGNATURE]
                else:
                    out.append(payload)
                continue
            written, after = self._part(part, where)
            later += after
            out.append({**written, SIGNATURE: signature} if signature else written)
            signature = None
        if signature:
            out.append({"text": "", SIGNATURE: signature})
        return [*(self._signed(out) if role == "model" else out), *later]

    def _signed(self, parts: list[Wire]) -> list[Wire]:
        """The first call of a turn bears a signature from Gemini 3 on, whoever made it."""
        first = next((i for i, part in enumerate(parts) if "functionCall" in part), None)
        if first is None or not self._modern or SIGNATURE in parts[first]:
            return parts
        return [*parts[:first], {**parts[first], SIGNATURE: UNSIGNED}, *parts[first + 1 :]]

    def _part(self, part: Part, where: str) -> tuple[Wire, list[Wire]]:
        """A part, and what has to stand at the end of its turn."""
        match part:
            case Text(text):
                return {"text": text}, []
            case Native(_, payload):
                written = dict(plain(payload))
                if isinstance(call := written.get("functionCall"), Mapping):
                    self._names[str(call.get("id", ""))] = str(call.get("name", ""))
                return written, []
            case Media():
                return self._medium(part), []
            case ToolCall(id, name, arguments):
                self._names[id] = name
                return {"functionCall": {**_numbered(id), "name": name, "args": as_object(arguments)}}, []
            case ToolResult():
                return self._result(part, where)
            case Reasoning():
                raise MessageError("reasoning cannot stand in a tool's result", where=where)
            case _:
                assert_never(part)

    def _medium(self, medium: Media) -> Wire:
        written = self._media[type(medium)].encode(medium)
        level = DETAIL.get(medium.detail or "") if isinstance(medium, Image) else None
        return {**written, "mediaResolution": {"level": level}} if level and self._modern else written

    def _result(self, result: ToolResult, where: str) -> tuple[Wire, list[Wire]]:
        name = self._names.get(result.id)
        if name is None:
            raise MessageError(
                f"it answers the call {result.id!r}, which no message before it makes: Gemini wants its function's name",
                where=where,
            )
        words: list[str] = []
        inside: list[Wire] = []
        after: list[Wire] = []
        for part in result.parts:
            written, _ = self._part(part, where)
            if written.keys() == {"text"}:
                words.append(written["text"])
            elif self._modern and isinstance(part, Media) and part.media_type in IN_RESULTS:
                inside.append(written)
            else:
                after.append(written)
        key = "error" if result.is_error else "output"  # types.py, FunctionResponse.response
        response: Wire = {**_numbered(result.id), "name": name, "response": {key: "\n".join(words)}}
        return {"functionResponse": {**response, "parts": inside} if inside else response}, after


def _numbered(id: str) -> Wire:
    return {} if not id or id.startswith(NUMBERED) else {"id": id}
