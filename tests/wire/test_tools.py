"""What several tools, and tools of the caller's own, look like on the wire of each dialect: choices, `strict`, notes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from instructor import Mode, ToolCalls
from instructor.adapter import family
from instructor.client import Instructor
from instructor.errors import ModeError
from instructor.providers import _registry
from instructor.providers.compatible import ROWS
from tests.wire.sending import Catcher, Sent


class Weather(BaseModel):
    """What the weather is like."""

    city: str


class Search(BaseModel):
    """Search the web."""

    query: str


class Loose(BaseModel):
    """Free keys, which no strict schema of OpenAI's kind can say."""

    found: dict[str, int]


def look_up(name: str) -> str:
    """Look a person up."""
    return name


MODELS = {
    "openai": "gpt-4o-mini",
    "openai-responses": "gpt-4o-mini",
    "anthropic": "claude-haiku-4-5",
    "gemini": "gemini-2.5-flash",
    "mistral": "mistral-small-latest",
    "cohere": "command-a-plus-05-2026",
    "bedrock": "anthropic.claude-haiku-4-5-20251001-v1:0",
    "ollama": "qwen3-vl",
    "xai": "grok-4",
    "groq": "openai/gpt-oss-120b",
    "llama-server": "m",
    "deepseek": "deepseek-chat",
    "writer": "palmyra-x5",
}


def sent(name: str, form: Any, **options: Any) -> Mapping[str, Any]:
    client = Instructor(_registry.find(name), Catcher(), model=MODELS[name], mode=options.pop("mode", None))
    with pytest.raises(Sent) as caught:
        client.create(form, "hi", **options)
    return caught.value.wire


def choice_of(wire: Mapping[str, Any]) -> Any:
    config = wire.get("toolConfig") or {}
    return wire.get("tool_choice") or config.get("toolChoice") or config.get("functionCallingConfig")


ANY = {
    "openai": "required",
    "openai-responses": "required",
    "anthropic": {"type": "any"},
    "gemini": {"mode": "ANY", "allowedFunctionNames": ["Weather", "Search"]},
    "mistral": "any",
    "cohere": "REQUIRED",
    "bedrock": {"any": {}},
    "ollama": None,
    "xai": "required",
    "groq": "required",
    "llama-server": "required",
    "deepseek": None,
    "writer": {"value": "required"},
}


@pytest.mark.parametrize("name", ANY)
def test_any_of_several_tools_must_be_called(name: str) -> None:
    options: Any = {"mode": Mode.PARALLEL_TOOLS}
    assert choice_of(sent(name, list[Weather | Search], **options)) == ANY[name]
    assert choice_of(sent(name, list[Weather | Search], tool_choice="auto", **options)) is None


@pytest.mark.parametrize("name", ANY)
def test_the_callers_tools_and_ours_may_both_be_called(name: str) -> None:
    wire = sent(name, Weather | ToolCalls, mode=Mode.TOOLS, tools=[look_up, Search])
    assert list(named(wire)) == ["look_up", "Search", "Weather"]
    one_of_them = {"mode": "ANY", "allowedFunctionNames": ["look_up", "Search", "Weather"]}
    assert choice_of(wire) == (one_of_them if name == "gemini" else ANY[name])


def named(wire: Mapping[str, Any]) -> dict[str, Any]:
    """The tools by their names, in their order."""
    rows = [*wire.get("tools", ()), *(wire.get("toolConfig") or {}).get("tools", ())]
    flat = [row for tool in rows for row in tool.get("functionDeclarations", (tool,))]
    inner = [row.get("toolSpec") or row.get("function") or row for row in flat]
    return {row["name"]: row for row in inner}


STRICT = {
    "openai": True,
    "openai-responses": True,
    "anthropic": True,
    "mistral": True,
    "bedrock": True,
    "groq": True,
    "xai": True,
}
"""Where each tool says it. Cohere says it once for all; Gemini enforces forced functions without a word; the others none."""


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("mode", [Mode.TOOLS, Mode.PARALLEL_TOOLS])
def test_strict_is_said_where_it_can_be(name: str, mode: Mode) -> None:
    form = list[Weather | Search] if mode is Mode.PARALLEL_TOOLS else Weather
    wire = sent(name, form, mode=mode, tools=[look_up])
    assert {bool(tool.get("strict")) for tool in named(wire).values()} == {STRICT.get(name, False)}
    assert wire.get("strict_tools") is (True if name == "cohere" else None)


@pytest.mark.parametrize("name", sorted({*STRICT, "cohere"} - {"xai"}))  # xAI takes free keys
def test_a_schema_that_cannot_be_strict_is_not_and_is_seen(name: str, caplog: pytest.LogCaptureFixture) -> None:
    class Free(BaseModel):
        """Another one for each test: what is rendered once is logged once."""

        found: dict[str, int]

    with caplog.at_level(logging.INFO, logger="instructor"):
        wire = sent(name, list[Weather | Free], mode=Mode.PARALLEL_TOOLS)
    tools = named(wire)
    assert not tools["Free"].get("strict")
    assert bool(tools["Weather"].get("strict")) is STRICT.get(name, False)
    assert "strict_tools" not in wire
    assert [record.message for record in caplog.records if "is not asked to enforce Free" in record.message]
    client = Instructor(_registry.find(name), Catcher(), model=MODELS[name])
    plan = client.plan(list[Weather | Free], "hi", mode=Mode.PARALLEL_TOOLS)
    assert plan.loose
    assert all(line.startswith("Free: ") for line in plan.loose)
    assert client.plan(Weather, "hi", mode=Mode.TOOLS, tools=[Free]).loose == plan.loose
    assert "not enforced" in str(plan)


SCHEMAS = {
    "openai": ("response_format", "json_schema", "strict"),
    "openai-responses": ("text", "format", "strict"),
    "mistral": ("response_format", "json_schema", "strict"),
    "groq": ("response_format", "json_schema", "strict"),
}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize(("form", "strict"), [(Weather, True), (Loose, False)])
def test_strict_schemas(name: str, form: Any, strict: bool) -> None:
    value: Any = sent(name, form, mode=Mode.JSON_SCHEMA)
    for key in SCHEMAS[name]:
        value = value[key]
    assert value is strict


@pytest.mark.parametrize("name", sorted(ROWS))
def test_several_tools_are_there_where_one_is(name: str) -> None:
    row = family(ROWS[name].adapter, "some-model")
    assert (Mode.PARALLEL_TOOLS in row.offers) is (Mode.TOOLS in row.modes)
    client = Instructor(ROWS[name], Catcher(), model="some-model")
    with pytest.raises(Sent if Mode.TOOLS in row.modes else ModeError) as caught:
        client.create(list[Weather | Search], "hi", mode=Mode.PARALLEL_TOOLS)
    if Mode.TOOLS not in row.modes:
        assert ", ".join(f"Mode.{mode.name}" for mode in row.modes) in str(caught.value)


@pytest.mark.parametrize("name", ["ollama", "cerebras", "ollama-v1", "mistral", "cohere", "gemini"])
def test_where_a_schema_forbids_tools_the_answer_is_a_tool_too(name: str) -> None:
    client = Instructor(_registry.find(name), Catcher(), model=MODELS.get(name, "m"))
    with pytest.raises(Sent) as caught:
        client.create(Weather, "hi", tools=[look_up])
    assert list(named(caught.value.wire)) == ["look_up", "Weather"]
    with pytest.raises(ModeError, match=r"does not take Mode\.JSON_SCHEMA for .* beside tools"):
        client.create(Weather, "hi", tools=[look_up], mode=Mode.JSON_SCHEMA)
