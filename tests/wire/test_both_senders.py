"""One codec, two senders: the SDKs' clients and our own sender put the same JSON on the wire, blocking or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from instructor import PDF, Audio, Document, Image, Mode
from instructor.testing import Loopback
from tests.loopback.ways import JASON, Way, settled
from tests.wire.sending import JPEG, MP3, PAPER, PNG, WAV, User

URL = "https://example.com/cat.png"
MARK = {"cache_control": {"type": "ephemeral"}}
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"x": 1}'}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
CLAUDE_TOOL = {"name": "look", "input_schema": {"type": "object", "properties": {}}}

BOTH: dict[str, tuple[Any, dict[str, Any]]] = {
    "text": ("Jason is 20", {}),
    "odd characters": ('é "quotes" \\ \n\t \u2028 \U0001f600 \x7f </script>', {}),
    "system": ([{"role": "system", "content": "s"}, {"role": "user", "content": "hi"}], {}),
    "turns": ([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}], {}),
    "calls": (
        [
            {"role": "user", "content": "look"},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": "42"},
        ],
        {},
    ),
    "an address": (["Who?", Image.from_url(URL)], {}),
    "bytes": (["Who?", Image.from_bytes(PNG), Image.from_bytes(JPEG)], {}),
    "the same value twice": (["Who?", Image.from_bytes(PNG), Image.from_bytes(PNG)], {}),
    "a file": (["Who?", Path("cat.png")], {}),
    "a large file": (["Who?", Path("large.png"), "and", Path("cat.png")], {}),
    "a PDF": (["Who?", PDF.from_bytes(PAPER, name='a "b".pdf')], {}),
    "a document": (["Who?", Document.from_bytes("é\n".encode(), name="n.md")], {}),
    "marks": (
        [{"role": "user", "content": [Image.from_url(URL, cache_control=True), {"type": "text", "text": "x", **MARK}]}],
        {},
    ),
    "tools": ("hi", {"mode": Mode.TOOLS}),
    "a schema": ("hi", {"mode": Mode.JSON_SCHEMA}),
    "JSON": ("hi", {"mode": Mode.JSON}),
    "words": ("hi", {"mode": Mode.MD_JSON}),
    "no model": ("hi", {"response_model": None}),
    "a list": ("hi", {"response_model": list[User]}),
    "a newer parameter": ("hi", {"extra_body": {"brand_new": {"x": [1, None, "é"]}}}),
    "extras": ("hi", {"extra_body": {"brand_new": 1}, "extra_headers": {"x-team": "a"}, "extra_query": {"y": "2"}}),
}  # fmt: skip

ONLY: dict[str, dict[str, tuple[Any, dict[str, Any]]]] = {
    "openai": {
        "wav": (["Who?", Audio.from_bytes(WAV)], {"model": "gpt-4o-audio-preview", "modalities": ["text"]}),
        "mp3": (["Who?", Audio.from_bytes(MP3)], {"model": "gpt-4o-audio-preview"}),
        "a reasoning model": ("hi", {"model": "o3", "max_tokens": 100, "reasoning_effort": "low"}),
        "tools of its own": ("hi", {"mode": Mode.TOOLS, "tools": [TOOL]}),
        "settings": ("hi", {"temperature": 0.1, "seed": 7, "stop": ["x"], "stream": False, "metadata": {"a": "b"}}),
        "a null": ("hi", {"stop": None}),
    },
    "anthropic": {
        "a system parameter": ("hi", {"system": [{"type": "text", "text": "s", **MARK}]}),
        "a limit": ("hi", {"max_tokens": 100}),
        "thoughts": ("hi", {"thinking": {"type": "enabled", "budget_tokens": 2000}}),
        "tools of its own": ("hi", {"mode": Mode.TOOLS, "tools": [CLAUDE_TOOL]}),
        "settings": ("hi", {"stop_sequences": ["x"], "metadata": {"user_id": "u"}, "output_config": {"effort": "low"}}),
        "a sampling parameter": ("hi", {"temperature": 0.1, "model": "claude-3-haiku-20240307"}),
    },
}

ROWS = [
    (dialect, name, messages, options)
    for dialect in ("openai", "anthropic")
    for name, (messages, options) in {**BOTH, **ONLY[dialect]}.items()
]


@pytest.fixture(scope="module")
def server() -> Any:
    with Loopback(allow=("brand_new", "temperature")) as running:
        yield running


@pytest.fixture
def folder(server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cat.png").write_bytes(PNG)
    (tmp_path / "large.png").write_bytes(PNG + bytes(range(256)) * 3000)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_BASE_URL", server.openai_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.anthropic_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    return tmp_path


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
async def test_the_same_json_arrives(dialect: str, server: Loopback, folder: Path) -> None:
    arrived: dict[str, list[Any]] = {}
    ways = [Way(dialect, sdk, asynchronous) for sdk in (True, False) for asynchronous in (False, True)]
    rows = [row for row in ROWS if row[0] == dialect]
    for way in ways:
        server.clear()
        async with way.open() as client:
            for _, name, messages, options in rows:
                given = {"response_model": User, **options}
                model = given.pop("response_model")
                if model == list[User]:
                    server.reply({"content": [JASON]})
                else:
                    server.reply(JASON)
                await settled(client.create(model, messages, **given))
                assert server.requests[-1].refused is None, name
        assert len(server.requests) == len(rows)
        arrived[str(way)] = [(request.json, request.path, request.query) for request in server.requests]
    first, *others = arrived.values()
    for other in others:
        for (_, name, *_), one, two in zip(rows, first, other, strict=True):
            assert one == two, name


HEADERS = {"openai": ("authorization",), "anthropic": ("anthropic-version",)}


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
async def test_the_same_headers_arrive(dialect: str, server: Loopback, folder: Path) -> None:
    """Those that say what is asked for; not those in which a library tells about itself."""
    server.clear()
    for sdk in (True, False):
        server.reply(JASON)
        await Way(dialect, sdk, False).create(User, "hi", extra_headers={"X-Team": "a"})
    first, second = (request.headers for request in server.requests)
    for name in (*HEADERS[dialect], "x-team", "content-type"):
        assert first[name] == second[name], name
