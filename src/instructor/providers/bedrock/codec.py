"""Amazon Bedrock Converse: neutral requests and replies ⇄ its JSON.

Sources: the service model in botocore 1.44, `data/bedrock-runtime/2023-09-30/service-2.json`, with its documentation;
the pages on structured outputs, tool use and prompt caching at docs.aws.amazon.com/bedrock/latest/userguide.

What is chosen here where the dialects differ:
    - system messages become the `system` blocks, in order; neighbours of one role become one message
    - a document needs a text beside it, and a name of few characters that no other one has: both are given
    - `cache_control` becomes a `cachePoint` block after the part
    - media by `s3://` address are left where they are; the service takes no other address
    - sampling parameters go into `inferenceConfig`; what one model alone takes, into `additionalModelRequestFields`,
      by that name
    - reasoning of other providers is left out of history; Bedrock's own goes back as it came
    - empty texts are left out, because the API refuses them
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from ...adapter import Wire, family
from ...errors import ConfigurationError, ContextOverflow, ProtocolError, ProviderError, RequestError
from ...ir import (
    CallDelta,
    Complete,
    Counted,
    Delta,
    Native,
    OutputSchema,
    Part,
    Reasoning,
    ReasoningDelta,
    Reply,
    Request,
    Signed,
    Stopped,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)
from .._errors import from_status
from .._params import translated
from .._pieces import fields
from .media import MEDIA, WHOLE
from .messages import check_marks, given_system, system_blocks, written
from .tables import BY_CODE, FAMILIES, FINISH, INFERENCE, OVERFLOW, PARAMETERS, STATUS
from .tools import forced, own_choice, own_tool, text_format, tool


class BedrockConverse:
    """The adapter."""

    name = "bedrock"
    dialect = "bedrock"
    media = MEDIA
    families = FAMILIES
    caches = True
    whole = WHOLE
    streaming: Mapping[str, Any] = {}

    def encode(self, request: Request) -> Wire:
        """The body of `POST /model/{model}/converse`, and the model's name."""
        given = {key: value for key, value in request.params.items() if value is not None}
        params = translated(self.name, given, PARAMETERS)
        marked = family(self, request.model).caches
        system = [*given_system(params.pop("system", ())), *system_blocks(request.messages, marked)]
        tools = [*map(own_tool, params.pop("tools", ())), *map(tool, request.tools)]
        choice = params.pop("tool_choice", None)
        wire: Wire = {"model": request.model, "messages": written(request.messages, marked)}
        wire |= {"system": system} if system else {}
        inference = {key: params.pop(key) for key in INFERENCE if key in params}
        wire |= _joined("inferenceConfig", params.pop("inferenceConfig", None), inference)
        config = dict(params.pop("toolConfig", None) or {})
        own = bool(config.get("tools")) or len(tools) > len(request.tools)
        if tools:
            config["tools"] = [*config.get("tools", ()), *tools]
        if request.choice:
            config.pop("toolChoice", None)
            config |= forced(request, params, own)
        elif choice is not None:
            config["toolChoice"] = own_choice(choice)
        wire |= {"toolConfig": config} if config else {}
        output = {"effort": params.pop("effort")} if "effort" in params else {}
        if isinstance(request.output, OutputSchema):
            output["textFormat"] = text_format(request.output)
        wire |= _joined("outputConfig", params.pop("outputConfig", None), output, "textFormat")
        wire |= params
        check_marks(wire)
        return wire

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        """The reply in a `ConverseResponse`."""
        try:
            content = wire["output"]["message"]["content"]
            parts = tuple(map(_read, content))
        except (KeyError, TypeError, AttributeError):
            raise ProtocolError("the answer has no output", provider=self.name, body=dict(wire)) from None
        why = fields(fields(wire, "trace"), "guardrail").get("actionReason")
        return Reply(
            parts,
            FINISH.get(wire.get("stopReason"), "other"),
            _usage(fields(wire, "usage")),
            notes=(str(why),) if why else (),
        )

    def deltas(self, event: Mapping[str, Any]) -> Iterable[Delta]:
        """The pieces in one event of a stream. Unknown events are passed over."""
        match event:
            case {"contentBlockStart": {"start": {"toolUse": call}, "contentBlockIndex": index}}:
                yield CallDelta(index, str(call.get("toolUseId", "")), str(call.get("name", "")))
            case {"contentBlockDelta": {"delta": {"text": text}}}:
                yield TextDelta(text)
            case {"contentBlockDelta": {"delta": {"toolUse": {"input": text}}, "contentBlockIndex": index}}:
                yield CallDelta(index, arguments=text)
            case {"contentBlockDelta": {"delta": {"reasoningContent": {"text": text}}}}:
                yield ReasoningDelta(text)
            case {"contentBlockDelta": {"delta": {"reasoningContent": {"signature": signature}}}}:
                yield Signed(("bedrock", {"reasoningContent": {"reasoningText": {"signature": signature}}}))
            case {"contentBlockDelta": {"delta": {"reasoningContent": {"redactedContent": _} as hidden}}}:
                yield Complete(Reasoning("", ("bedrock", {"reasoningContent": hidden})))
            case {"messageStop": {"stopReason": reason}}:
                yield Stopped(FINISH.get(reason, "other"))
            case {"metadata": {"usage": usage}}:
                yield Counted(_usage(usage))
            case _:
                for kind, body in event.items():
                    if kind.endswith(("Exception", "Error")) or kind == "error":
                        raise self.error(0, {**(body if isinstance(body, Mapping) else {}), "__type": kind})

    def error(self, status: int, body: Any) -> ProviderError:
        """The error in a failed exchange. `__type` in the body is AWS's name for it."""
        fields = body if isinstance(body, Mapping) else {}
        code = str(fields.get("__type") or "").partition(":")[0].rpartition("#")[2]
        known = f"{code[:1].upper()}{code[1:]}"
        message = fields.get("message") or fields.get("Message")
        error = from_status(
            self.name, status or STATUS.get(known, 500), {**fields, "message": message} if message else body
        )
        error.code = error.code or known or None
        meant = BY_CODE.get(known) or (ContextOverflow if OVERFLOW.search(str(message)) else None)
        if meant is None or isinstance(error, meant):
            return error
        return meant(error.message, provider=self.name, status=error.status, code=error.code, body=body)


def _joined(key: str, given: Any, more: Wire, ours: str = "") -> Wire:
    """One object of the wire, of what the caller gave whole and by its parts. `ours` wins over what was given."""
    if given is not None and not isinstance(given, Mapping):
        raise RequestError(f"it is a dict, not {type(given).__name__}", where=key)
    twice = sorted(set(given or ()) & set(more) - {ours})
    if twice:
        raise RequestError(f"{', '.join(twice)} is given twice: in {key} and beside it")
    whole = {**(given or {}), **more}
    return {key: whole} if whole else {}


# ── a reply ──────────────────────────────────────────────────────────────────────────────────────


def _read(block: Mapping[str, Any]) -> Part:
    match block:
        case {"text": str(text)}:
            return Text(text)
        case {"toolUse": {"toolUseId": str(id), "name": str(name), **rest}} if not rest.get("type"):
            return ToolCall(id, name, json.dumps(rest.get("input") or {}, ensure_ascii=False))
        case {"reasoningContent": {"reasoningText": {"text": str(text)}}}:
            return Reasoning(text, ("bedrock", block))
        case {"reasoningContent": _}:
            return Reasoning("", ("bedrock", block))
        case {"citationsContent": {"content": [*pieces]}}:
            return Text("".join(piece.get("text", "") for piece in pieces))
        case _:
            return Native("bedrock", block)


def _usage(usage: Mapping[str, Any]) -> Usage:
    # userguide/prompt-caching: inputTokens leaves out what was read from, and written to, the cache
    read, written = usage.get("cacheReadInputTokens") or 0, usage.get("cacheWriteInputTokens") or 0
    return Usage(
        input=(usage.get("inputTokens") or 0) + read + written,
        output=usage.get("outputTokens") or 0,
        cache_read=read,
        cache_write=written,
    )


# ── the way to it ────────────────────────────────────────────────────────────────────────────────


def place(wire: Wire, streaming: bool) -> tuple[str, Wire]:
    body = {key: value for key, value in wire.items() if key != "model"}
    return f"/model/{quote(str(wire['model']), safe='-._~')}/converse{'-stream' if streaming else ''}", body


def locate(given: str | None, environment: Mapping[str, str]) -> str:
    """The address of the region."""
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if not given and not region:
        raise ConfigurationError("bedrock's address depends on the region: set AWS_REGION, or pass base_url=…")
    return given or f"https://bedrock-runtime.{region}.amazonaws.com"
