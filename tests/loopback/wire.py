"""What the tests of the loopback server send, and how without an SDK."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx2

from instructor.testing import Loopback
from tests import media

PNG, JPEG, PDF, WAV = (base64.b64encode(data).decode() for data in (media.PNG, media.JPEG, media.PAPER, media.WAV))

USER = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
JASON: dict[str, Any] = {"name": "Jason", "age": 20}
HELLO: Any = [{"role": "user", "content": "hello"}]
TOOL: Any = {"type": "function", "function": {"name": "User", "parameters": USER, "strict": True}}
FORCED: Any = {"type": "function", "function": {"name": "User"}}
FORM: Any = {"type": "json_schema", "json_schema": {"name": "User", "schema": USER, "strict": True}}
CLAUDE_TOOL: Any = {"name": "User", "input_schema": USER}
CLAUDE_FORCED: Any = {"type": "tool", "name": "User"}
CLAUDE_FORM: Any = {"format": {"type": "json_schema", "schema": USER}}
GPT, CLAUDE = "gpt-4o-mini", "claude-haiku-4-5"


def says(*parts: Any, role: str = "user") -> Any:
    return [{"role": role, "content": list(parts)}]


def image(url: str, **more: Any) -> Any:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def post(server: Loopback, body: Any, path: str = "/v1/chat/completions", **headers: str) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx2.post(server.url + path, content=content, headers={"authorization": "Bearer any", **headers})


def ask_gpt(server: Loopback, more: dict[str, Any]) -> httpx2.Response:
    body = {"model": GPT, "messages": HELLO, **more}
    return post(server, {key: value for key, value in body.items() if value is not None})


def ask_claude(server: Loopback, more: dict[str, Any], version: str = "2026-10-21") -> httpx2.Response:
    body = {"model": CLAUDE, "max_tokens": 100, "messages": HELLO, **more}
    content = {key: value for key, value in body.items() if value is not None}
    return post(server, content, "/v1/messages", **{"anthropic-version": version})
