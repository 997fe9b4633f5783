"""One codec, two senders: google-genai's client and our own sender put the same JSON on the wire.

The SDK spells some names in snake case and base64 in its URL-safe alphabet, which the API takes for the same thing:
`canonical` brings both into one form, through the SDK's own types.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.genai import types

from instructor import PDF, Audio, Document, Image, Mode, Video
from instructor.testing import Loopback
from instructor.testing.gemini_types import canonical
from tests.media import HEIC, MP4
from tests.wire.sending import JPEG, MP3, PAPER, PNG, WAV, WEBP, User

from .gemini import THIRD, Road
from .ways import JASON, settled

WEB = "https://example.com/cat.png"
TUBE = "https://www.youtube.com/watch?v=9hE5-98ZeCg"
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"x_y": 1}'}}
HISTORY: list[dict[str, Any]] = [
    {"role": "user", "content": "look"},
    {"role": "assistant", "content": "I look.", "tool_calls": [CALL, {**CALL, "id": "c2"}]},
    {"role": "tool", "tool_call_id": "c1", "content": "42"},
    {"role": "tool", "tool_call_id": "c2", "content": ["43", Image.from_bytes(PNG), Audio.from_bytes(MP3)]},
    {"role": "user", "content": "so?"},
]
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


class Odd(User):
    """Names and values that a translation might touch."""

    first_name: str | None = None
    snake_case_words: dict[str, int] = {}


CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "text": ("Jason is 20", {}),
    "odd characters": ('é "quotes" \\ \n\t \u2028 \U0001f600 \x7f </script>', {}),
    "system": ([{"role": "system", "content": "s"}, {"role": "user", "content": "hi"}], {}),
    "turns": (
        [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}],
        {},
    ),
    "calls": (HISTORY, {}),
    "calls for the third": (HISTORY, {"model": THIRD}),
    "pictures": (["Who?", *map(Image.from_bytes, (PNG, JPEG, WEBP, HEIC))], {}),
    "the same value twice": (["Who?", Image.from_bytes(PNG), Image.from_bytes(PNG)], {}),
    "detail": (["Who?", Image.from_bytes(PNG, detail="low"), Image.from_url(WEB, detail="high")], {"model": THIRD}),
    "sound": (["Who?", Audio.from_bytes(WAV), Audio.from_bytes(MP3)], {}),
    "a film": (["Who?", Video.from_bytes(MP4)], {}),
    "a PDF": (["Who?", PDF.from_bytes(PAPER, name='a "b".pdf')], {}),
    "a document": (["Who?", Document.from_bytes("é\n".encode(), name="n.md")], {}),
    "an address": (["Who?", Image.from_url(WEB)], {}),
    "YouTube": (["Who?", Video.from_url(TUBE)], {}),
    "a file": (["Who?", Path("cat.png")], {}),
    "a large file": (["Who?", Path("large.png"), "and", Path("cat.png")], {}),
    "tools": ("hi", {"mode": Mode.TOOLS}),
    "a schema": ("hi", {"mode": Mode.JSON_SCHEMA, "response_model": Odd}),
    "a schema of a tool": ("hi", {"mode": Mode.TOOLS, "response_model": Odd}),
    "JSON": ("hi", {"mode": Mode.JSON}),
    "words": ("hi", {"mode": Mode.MD_JSON}),
    "no model": ("hi", {"response_model": None}),
    "a list": ("hi", {"response_model": list[User]}),
    "tools of its own": ("hi", {"mode": Mode.TOOLS, "tools": [TOOL]}),
    "a choice of a tool": ("hi", {"response_model": None, "tools": [TOOL], "tool_choice": "none"}),
    "settings": (
        "hi",
        {
            "max_tokens": 100,
            "temperature": 0.5,
            "top_p": 0.5,
            "top_k": 40,
            "seed": 7,
            "stop": ["x"],
            "presence_penalty": 0.5,
            "frequency_penalty": 0.5,
            "media_resolution": "MEDIA_RESOLUTION_LOW",
            "thinking_config": {"include_thoughts": True, "thinking_budget": 100},
            "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
            "metadata": {"team_name": "a"},
        },
    ),
    "the SDK's own settings": (
        "hi",
        {
            "config": types.GenerateContentConfig(
                temperature=0.5, system_instruction="be brief", thinking_config=types.ThinkingConfig(thinking_budget=0)
            ),
        },
    ),
    "effort": ("hi", {"model": THIRD, "reasoning_effort": "low"}),
    "a cache": ("hi", {"cached_content": "cachedContents/abc"}),
    "extras": ("hi", {"extra_body": {"brand_new": 1}, "extra_headers": {"x-team": "a"}}),
}

ONLY: dict[bool, dict[str, tuple[Any, dict[str, Any]]]] = {
    False: {
        "an uploaded file": (["Who?", PDF.from_file_id("files/abc", "application/pdf")], {}),
        "its address": (
            [Video.from_url("https://generativelanguage.googleapis.com/v1beta/files/abc", "video/mp4"), "Who?"],
            {},
        ),
    },
    True: {
        "a bucket": (["Who?", Image.from_url("gs://a/b.png"), Video.from_url("gs://a/c", "video/mp4")], {}),
        "a cache of a project": ("hi", {"cached_content": "projects/p/locations/us-central1/cachedContents/abc"}),
    },
}


@pytest.fixture(scope="module")
def server() -> Any:
    with Loopback(allow=("brand_new",)) as running:
        yield running


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cat.png").write_bytes(PNG)
    (tmp_path / "large.png").write_bytes(PNG + bytes(range(256)) * 3000)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("vertex", [False, True], ids=["gemini", "vertex"])
async def test_the_same_json_arrives(vertex: bool, server: Loopback) -> None:
    cases = {**CASES, **ONLY[vertex]}
    arrived: dict[str, list[Any]] = {}
    for road in (Road(vertex, sdk, slow) for sdk in (True, False) for slow in (False, True)):
        server.clear()
        async with road.open(server) as client:
            for name, (messages, options) in cases.items():
                given = {"response_model": User, **options}
                model = given.pop("response_model")
                if name != "no model":
                    server.reply({"content": [JASON]} if model == list[User] else JASON)
                await settled(client.create(model, messages, **given))
                assert server.requests[-1].refused is None, (name, server.requests[-1].refused)
        arrived[str(road)] = [
            (_body(server, place), request.path, request.query, request.headers.get("x-team"))
            for place, request in enumerate(server.requests)
        ]
        assert len(server.requests) == len(cases)
    first, *others = arrived.values()
    for other in others:
        for name, one, two in zip(cases, first, other, strict=True):
            assert one == two, name


@pytest.mark.parametrize("vertex", [False, True], ids=["gemini", "vertex"])
async def test_the_same_stream_is_asked_for(vertex: bool, server: Loopback) -> None:
    arrived = []
    for road in (Road(vertex, sdk, slow) for sdk in (True, False) for slow in (False, True)):
        server.clear()
        async with road.open(server) as client:
            seen = []
            for name in ("text", "calls", "pictures", "tools", "settings"):
                messages, options = CASES[name]
                server.reply(JASON, thinking="hm")
                stream = client.create_partial(User, messages, **options)
                seen.append([item async for item in stream] if road.asynchronous else list(stream))
        arrived.append((seen, [(_body(server, place), request.path) for place, request in enumerate(server.requests)]))
    assert all(one == arrived[0] for one in arrived[1:])


def _body(server: Loopback, place: int) -> Any:
    given = server.requests[place].json
    new = given.pop("brand_new", None)
    assert server.requests[place].refused is None

    return canonical(given), new
