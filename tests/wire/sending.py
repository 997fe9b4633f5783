"""From the caller's arguments to the JSON on the wire, without a server; and the SDKs' own types as its judge."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from instructor.client import Instructor
from instructor.effects import Answer, Call
from instructor.media import materialised
from instructor.providers import _registry
from instructor.testing.anthropic_messages import DIALECT as ANTHROPIC
from instructor.testing.cohere_chat import DIALECT as COHERE
from instructor.testing.dialect import Asked
from instructor.testing.mistral_chat import DIALECT as MISTRAL
from instructor.testing.openai_chat import DIALECT as OPENAI
from instructor.testing.oracle import judge, types_known
from tests.media import GIF, JPEG, MP3, PAPER, PNG, WAV, WEBP

__all__ = ["GIF", "JPEG", "MP3", "PAPER", "PNG", "WAV", "WEBP"]

DIALECTS = {"openai": OPENAI, "anthropic": ANTHROPIC, "cohere": COHERE, "mistral": MISTRAL}
HEADERS = {"anthropic-version": "2026-10-21"}

GPT = "gpt-4o-mini"
CLAUDE = "claude-haiku-4-5"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class User(BaseModel):
    """A person."""

    name: str
    age: int


class Sent(BaseException):
    """Carries the wire dict past everything that would translate it."""

    def __init__(self, wire: Mapping[str, Any]) -> None:
        super().__init__()
        self.wire = wire


class Catcher:
    """A sender that sends nothing."""

    def send(self, call: Call) -> Answer:
        raise Sent(call.wire)

    def close(self) -> None:
        """Nothing is open."""


def judged(dialect: str, wire: Any, allow: tuple[str, ...] = ()) -> Any:
    """The wire value as the JSON that arrives; fails unless the provider's own SDK types and rules pass it."""
    body = json.loads(json.dumps(materialised(wire), allow_nan=False))
    row = DIALECTS[dialect]
    assert types_known(row), "the judge needs the provider's SDK"
    problem = judge(row, Asked(body, HEADERS), allow)
    assert problem is None, f"{row.path(problem.path)}: {problem.message}"
    return body


def wire_of(dialect: str, messages: Any, *, allow: tuple[str, ...] = (), **options: Any) -> Any:
    """The body that `create` would post, judged. `allow` names keys that no SDK knows."""
    client = Instructor(_registry.find(dialect), Catcher())
    model = options.pop("model", GPT if dialect == "openai" else CLAUDE)
    try:
        client.create(options.pop("response_model", None), messages, model=model, **options)
    except Sent as sent:
        return judged(dialect, {k: v for k, v in sent.wire.items() if not k.startswith("extra_")}, allow)
    raise AssertionError("nothing was sent")
