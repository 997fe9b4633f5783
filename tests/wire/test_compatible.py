"""Endpoints that are rows: each medium × mode is judged by the endpoint's own SDK types, or by OpenAI's."""

from __future__ import annotations

import inspect
import io
import json
import wave
from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path
from typing import Any

import PIL.Image
import pypdfium2
import pytest
from pydantic import BaseModel

import instructor
from instructor import PDF, Audio, Document, Image, Mode, Video
from instructor.client import Instructor
from instructor.errors import MessageError, RequestError
from instructor.media import Media, materialised
from instructor.providers import _registry
from instructor.providers.compatible import ROWS
from instructor.testing import compatible
from instructor.testing.dialect import Asked
from instructor.testing.oracle import judge, types_known
from tests.wire.sending import Catcher, Sent

OWN = {dialect.name: dialect for dialect in compatible.DIALECTS}


class User(BaseModel):
    """A person."""

    name: str
    age: int


def png() -> bytes:
    file = io.BytesIO()
    PIL.Image.new("RGB", (8, 8), "red").save(file, "png")
    return file.getvalue()


def wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return file.getvalue()


def pdf() -> bytes:
    paper, file = pypdfium2.PdfDocument.new(), io.BytesIO()
    paper.new_page(100, 100)
    paper.save(file)
    return file.getvalue()


SAMPLES: Mapping[type[Media], Media] = {
    Image: Image.from_bytes(png(), detail="low"),
    Audio: Audio.from_bytes(wav()),
    PDF: PDF.from_bytes(pdf(), name="a.pdf"),
    Video: Video.from_url("https://example.com/a.mp4"),
    Document: Document.from_bytes(b"some words", name="a.txt"),
}


def wire_of(name: str, messages: Any, response_model: Any = User, **options: Any) -> Any:
    client = Instructor(_registry.find(name), Catcher(), model="some-model")
    try:
        client.create(response_model, messages, **options)
    except Sent as sent:
        return sent.wire
    raise AssertionError("nothing was sent")


def judged(name: str, wire: Any) -> Any:
    body = json.loads(json.dumps(materialised(wire)))
    row = OWN[name]
    assert types_known(row)
    problem = judge(row, Asked(body))
    assert problem is None, f"{row.path(problem.path)}: {problem.message}"
    return body


CELLS = [(name, kind) for name, row in ROWS.items() for kind in row.adapter.media]


@pytest.mark.parametrize(("name", "kind"), CELLS, ids=[f"{name} {kind.__name__}" for name, kind in CELLS])
def test_every_medium_in_every_mode(name: str, kind: type[Media]) -> None:
    adapter = ROWS[name].adapter
    for mode in {mode for family in adapter.families for mode in family.modes}:
        if all(mode in family.modes for family in adapter.families):
            judged(name, wire_of(name, ["Who?", SAMPLES[kind]], mode=mode))


@pytest.mark.parametrize("name", ROWS)
def test_a_conversation_with_tools(name: str) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}
    messages = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "seen"},
        {"role": "user", "content": [{"type": "text", "text": "and?", "cache_control": True}]},
    ]
    function = {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}}
    tool = {"type": "function", "function": function}
    for options in ({}, {"tools": [tool], "tool_choice": "auto"}):
        body = judged(name, wire_of(name, messages, **options))
        assert [message["role"] for message in body["messages"]][-4:] == ["user", "assistant", "tool", "user"]
        assert "cache" not in json.dumps(body)


@pytest.mark.parametrize("name", compatible.TYPES)
def test_the_tables_of_parameters_are_the_sdks(name: str) -> None:
    sdk, adapter = ROWS[name].sdk, ROWS[name].adapter
    assert sdk is not None
    module = __import__(sdk.package + (".cloud.sdk" if name == "cerebras" else ""), fromlist=["x"])
    client = getattr(module, sdk.sync_classes[0])(api_key="any")
    ours = {"model", "messages", "stream", "extra_headers", "extra_query", "extra_body", "timeout"}
    theirs = set(inspect.signature(attrgetter(sdk.method)(client)).parameters) - ours
    assert adapter.parameters.takes - theirs <= {"stream_options"}, "what it does not take"
    hidden = {key for key in theirs if key.startswith("_")}
    if name not in ("perplexity", "cerebras"):  # theirs have many that are marked as internal
        assert theirs - hidden <= adapter.parameters.takes


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if not row.adapter.parameters.open])
def test_unknown_parameters_are_refused_where_the_table_is_closed(name: str) -> None:
    with pytest.raises(RequestError, match=rf"{name} knows no parameter 'brand_new'"):
        wire_of(name, "hi", brand_new=1)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.adapter.parameters.open])
def test_routers_and_servers_get_what_they_are_given(name: str) -> None:
    assert wire_of(name, "hi", brand_new=1)["brand_new"] == 1


@pytest.mark.parametrize(
    ("name", "choice"),
    [("groq", {"type": "function", "function": {"name": "User"}}), ("llama-server", "required"), ("deepseek", None)],
)
def test_how_a_tool_is_forced(name: str, choice: Any) -> None:
    assert wire_of(name, "hi", mode=Mode.TOOLS).get("tool_choice") == choice


def test_groq_takes_no_names() -> None:
    with pytest.raises(MessageError, match=r"messages\[0\]: this API's messages have no 'name'"):
        wire_of("groq", [{"role": "user", "name": "jo", "content": "hi"}])


def test_deepseek_gets_its_reasoning_back() -> None:
    said = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "ho"}]},
        {"role": "user", "content": "and?"},
    ]
    assert wire_of("deepseek", said)["messages"][-2] == {
        "role": "assistant", "content": "ho", "reasoning_content": "hm",
    }  # fmt: skip
    assert "reasoning_content" not in wire_of("vllm", said)["messages"][-2]


def test_perplexity_wants_plain_names() -> None:
    wire = wire_of("perplexity", "hi", list[User])
    assert wire["response_format"]["json_schema"]["name"].isalnum()


def test_an_endpoint_is_one_row() -> None:
    root = Path(instructor.__file__).parent
    for name in ("lmstudio", "huggingface", "github"):
        naming = [file.name for file in root.rglob("*.py") if f'"{name}"' in file.read_text("utf-8")]
        assert naming == ["compatible.py"]


def test_dialects_stay_short() -> None:
    """Those of providers elsewhere: the embedded reader is a program."""
    root = Path(instructor.__file__).parent / "providers"
    for file in root.rglob("*.py"):
        if "embedded" not in file.parts:
            lines = [line for line in file.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
            assert len(lines) <= 440, f"{file.relative_to(root)} wants to be two: {len(lines)}"
