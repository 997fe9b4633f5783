"""The caller's other keywords → the wire: passed through, renamed, given a default, or joined with what a mode adds."""

from __future__ import annotations

from typing import Any

import pytest

from instructor import Mode
from instructor.client import Instructor
from instructor.errors import RequestError
from instructor.providers import _registry, openai
from instructor.providers.anthropic import tables as anthropic
from tests.wire.sending import CLAUDE, GPT, Catcher, Sent, User, wire_of

GPT_TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
CLAUDE_TOOL = {"name": "look", "input_schema": {"type": "object", "properties": {}}}

# dialect, model, what is passed → what of it is in the body
PASSED: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("openai", GPT, {"temperature": 0.5, "seed": 7, "user": "u"}, {"temperature": 0.5, "seed": 7, "user": "u"}),
    ("openai", GPT, {"max_tokens": 9}, {"max_tokens": 9}),
    ("openai", "gpt-4o", {"max_completion_tokens": 9}, {"max_completion_tokens": 9}),
    ("openai", "o3", {"max_tokens": 9}, {"max_completion_tokens": 9}),
    ("openai", "o1-mini", {"max_tokens": 9}, {"max_completion_tokens": 9}),
    ("openai", "gpt-5", {"max_tokens": 9, "reasoning_effort": "low"},
     {"max_completion_tokens": 9, "reasoning_effort": "low"}),
    ("openai", "gpt-6", {"max_tokens": 9}, {"max_completion_tokens": 9}),
    ("openai", "gpt-4o-audio-preview", {"modalities": ["text"], "audio": {"voice": "alloy", "format": "wav"}},
     {"modalities": ["text"], "audio": {"voice": "alloy", "format": "wav"}}),
    ("openai", GPT, {"tools": [GPT_TOOL], "tool_choice": "auto", "parallel_tool_calls": False},
     {"tools": [GPT_TOOL], "tool_choice": "auto", "parallel_tool_calls": False}),
    ("openai", GPT, {"response_format": {"type": "text"}}, {"response_format": {"type": "text"}}),
    ("anthropic", CLAUDE, {}, {"max_tokens": 16384}),
    ("anthropic", CLAUDE, {"max_tokens": 9}, {"max_tokens": 9}),
    ("anthropic", "claude-3-haiku-20240307", {}, {"max_tokens": 4096}),
    ("anthropic", "claude-3-5-sonnet-20241022", {}, {"max_tokens": 8192}),
    ("anthropic", "claude-3-7-sonnet-20250219", {}, {"max_tokens": 8192}),
    ("anthropic", "claude-opus-4-20250514", {}, {"max_tokens": 8192}),
    ("anthropic", "claude-opus-4-1-20250805", {}, {"max_tokens": 8192}),
    ("anthropic", "claude-sonnet-4-20250514", {}, {"max_tokens": 16384}),
    ("anthropic", "claude-opus-5-5", {}, {"max_tokens": 16384}),
    ("anthropic", CLAUDE, {"stop_sequences": ["x"], "metadata": {"user_id": "u"}},
     {"stop_sequences": ["x"], "metadata": {"user_id": "u"}}),
    ("anthropic", CLAUDE, {"thinking": {"type": "enabled", "budget_tokens": 2000}},
     {"thinking": {"type": "enabled", "budget_tokens": 2000}, "max_tokens": 16384}),
    ("anthropic", CLAUDE, {"tools": [CLAUDE_TOOL], "tool_choice": {"type": "auto"}},
     {"tools": [CLAUDE_TOOL], "tool_choice": {"type": "auto"}}),
    ("anthropic", CLAUDE, {"stop": "x", "user": "u", "reasoning_effort": "low"},
     {"stop_sequences": ["x"], "metadata": {"user_id": "u"}, "output_config": {"effort": "low"}}),
    ("anthropic", CLAUDE, {"output_config": {"effort": "low"}}, {"output_config": {"effort": "low"}}),
    ("anthropic", CLAUDE, {"cache_control": {"type": "ephemeral"}}, {"cache_control": {"type": "ephemeral"}}),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "model", "given", "expected"), PASSED, ids=range(len(PASSED)))
def test_passed(dialect: str, model: str, given: dict[str, Any], expected: dict[str, Any]) -> None:
    body = wire_of(dialect, "hi", model=model, **given)
    del body["messages"], body["model"]
    assert body == ({"max_tokens": 16384} if dialect == "anthropic" else {}) | expected


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_unknown_params_are_refused_with_the_nearest_name(dialect: str) -> None:
    with pytest.raises(RequestError, match=r"brand_new.*extra_body"):
        wire_of(dialect, "hi", brand_new=1)
    with pytest.raises(RequestError, match=r"did you mean 'max_tokens'"):
        wire_of(dialect, "hi", max_token=1)
    with pytest.raises(RequestError, match=r"takes 'max_output_tokens' as 'max_tokens'"):
        wire_of(dialect, "hi", max_tokens=1, max_output_tokens=2)


@pytest.mark.parametrize(("dialect", "name"), [("openai", "top_k"), ("openai", "system"), ("anthropic", "seed")])
def test_a_parameter_of_other_providers_is_refused_with_the_reason(dialect: str, name: str) -> None:
    with pytest.raises(RequestError, match=rf"{dialect} does not take '{name}': .+"):
        wire_of(dialect, "hi", **{name: 1})


def test_the_tables_name_what_the_sdks_types_name() -> None:
    from anthropic.types.message_create_params import MessageCreateParamsBase
    from openai.types.chat.completion_create_params import CompletionCreateParamsBase

    ours = {"model", "messages"}
    assert openai.PARAMETERS.takes == set(CompletionCreateParamsBase.__annotations__) - ours
    theirs = set(MessageCreateParamsBase.__annotations__) - ours
    assert anthropic.PARAMETERS.takes | {"tool_choice"} == theirs | set(anthropic.SAMPLING)


@pytest.mark.parametrize("model", ["claude-3-haiku-20240307", "claude-sonnet-4-20250514", "claude-opus-4-6"])
def test_older_models_are_asked_by_the_version_that_samples(model: str) -> None:
    client = Instructor(_registry.find("anthropic"), Catcher(), model=model)
    wire = caught(client, temperature=0.5, top_k=3, extra_headers={"x": "y"})
    assert wire["extra_body"] == {"temperature": 0.5, "top_k": 3}
    assert wire["extra_headers"] == {"anthropic-version": "2023-06-01", "x": "y"}
    assert "temperature" not in wire


@pytest.mark.parametrize("model", ["claude-opus-4-7", "claude-sonnet-5-5", "claude-haiku-5"])
def test_newer_models_take_no_sampling_parameters(model: str) -> None:
    with pytest.raises(RequestError, match=rf"{model} takes no temperature"):
        wire_of("anthropic", "hi", model=model, temperature=0.5)


# ── beside a response model ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("choice", ["auto", "required", {"type": "function", "function": {"name": "look"}}])
def test_the_callers_tools_stay_beside_ours_at_openai(choice: Any) -> None:
    body = wire_of("openai", "hi", response_model=User, mode=Mode.TOOLS, tools=[GPT_TOOL], tool_choice=choice)
    assert [tool["function"]["name"] for tool in body["tools"]] == ["look", "User"]
    assert body["tools"][0] == GPT_TOOL
    assert body["tool_choice"] == "required", "one of them must be called"


def test_the_callers_tools_stay_beside_a_schema_at_openai() -> None:
    body = wire_of("openai", "hi", response_model=User, tools=[GPT_TOOL], tool_choice="auto")
    assert (body["tools"], body["tool_choice"]) == ([GPT_TOOL], "auto")
    assert body["response_format"]["type"] == "json_schema"


def test_the_response_model_wins_over_a_response_format() -> None:
    body = wire_of("openai", "hi", response_model=User, response_format={"type": "json_object"})
    assert body["response_format"]["json_schema"]["name"] == "User"


@pytest.mark.parametrize("choice", [{"type": "auto"}, {"type": "tool", "name": "look"}])
def test_the_callers_tools_stay_beside_ours_at_anthropic(choice: Any) -> None:
    body = wire_of("anthropic", "hi", response_model=User, mode=Mode.TOOLS, tools=[CLAUDE_TOOL], tool_choice=choice)
    assert [tool["name"] for tool in body["tools"]] == ["look", "User"]
    assert body["tool_choice"] == {"type": "any"}


def test_a_tool_is_not_forced_on_a_model_that_thinks() -> None:
    thinking = {"type": "enabled", "budget_tokens": 2000}
    body = wire_of("anthropic", "hi", model="claude-sonnet-4-20250514", response_model=User, thinking=thinking)
    assert body["tool_choice"] == {"type": "auto"}
    assert [tool["name"] for tool in body["tools"]] == ["User"]


def test_other_parts_of_the_output_config_stay() -> None:
    config = {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}}
    before = repr(config)
    body = wire_of("anthropic", "hi", response_model=User, output_config=config)
    assert body["output_config"]["effort"] == "low"
    assert set(body["output_config"]["format"]["schema"]["properties"]) == {"name", "age"}
    assert repr(config) == before


# ── defaults of a client ─────────────────────────────────────────────────────────────────────────


def caught(client: Instructor, **options: Any) -> Any:
    try:
        client.create(None, "hi", **options)
    except Sent as sent:
        return sent.wire
    raise AssertionError("nothing was sent")


def test_defaults_and_what_overrides_them() -> None:
    client = Instructor(
        _registry.find("openai"), Catcher(), model=GPT, params={"temperature": 0.1, "seed": 1}, mode=Mode.TOOLS
    )
    assert caught(client) == {
        "model": GPT, "messages": [{"role": "user", "content": "hi"}], "temperature": 0.1, "seed": 1,
    }  # fmt: skip
    wire = caught(client, model="gpt-4o", temperature=0.9, top_p=0.5)
    assert (wire["model"], wire["temperature"], wire["seed"], wire["top_p"]) == ("gpt-4o", 0.9, 1, 0.5)
    assert caught(client)["temperature"] == 0.1, "a call changes no default"


def test_the_mode_of_a_client_and_of_a_call() -> None:
    client = Instructor(_registry.find("openai"), Catcher(), model=GPT, mode=Mode.TOOLS)
    for given, key in (({}, "tools"), ({"mode": Mode.JSON_SCHEMA}, "response_format")):
        with pytest.raises(Sent) as sent:
            client.create(User, "hi", **given)
        assert key in sent.value.wire
